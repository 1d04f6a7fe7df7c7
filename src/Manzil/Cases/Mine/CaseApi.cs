using System.Security.Cryptography;
using System.Text.Json;
using Manzil.Cases.Files;
using Manzil.Deadlines;
using Manzil.Layout;
using Manzil.Messages;
using Manzil.Notices;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Staff;
using NodaTime;

namespace Manzil.Cases.Mine;

/// <summary>GET /api/v1/case, POST /api/v1/case/answers and /appeals: the same acts as on the worker's pages.</summary>
public static class CaseApi
{
    public static void MapCase(this IEndpointRouteBuilder api)
    {
        api.MapGet("/case", GetAsync).WithTags("case");
        api.MapPost("/case/answers", (RequestDelegate)(http => PostAsync(http, CaseAct.Answer))).WithTags("case").WithMetadata(new ReadsOwnBody());
        api.MapPost("/case/appeals", (RequestDelegate)(http => PostAsync(http, CaseAct.Appeal))).WithTags("case").WithMetadata(new ReadsOwnBody());
    }

    static async Task PostAsync(HttpContext http, CaseAct act)
    {
        try
        {
            await AnswerAsync(http, act);
        }
        catch (Exception e) when (Database.IsUnavailable(e) && e is not BadHttpRequestException && !Failures.HungUp(http, e) && !http.RequestAborted.IsCancellationRequested && !http.Response.HasStarted)
        {
            await TurnAwayAsync(http);
        }
    }

    /// <summary>503, with a token that says when: for this session, this key and this act. What it says need not have been read.</summary>
    static Task TurnAwayAsync(HttpContext http)
    {
        var services = http.RequestServices;
        SentHeaders.TurnAway(
            http, services.GetRequiredService<TurnedAwayTokens>(), services.GetRequiredService<IClock>(), http.Request.Headers[NoticeApi.KeyHeader].ToString(), KeptForm.ContentOf(http.Request));
        return Busy.AnswerAsync(http);
    }

    static async Task AnswerAsync(HttpContext http, CaseAct act)
    {
        if (await ApiSession.RequireAsync(http) is not { } session) return;
        var key = http.Request.Headers[NoticeApi.KeyHeader].ToString();
        if (!IdempotencyKey.IsFromHeader(key))
        {
            await Problems.Result(http, NoticeProblems.IdempotencyKeyMissing).ExecuteAsync(http);
            return;
        }

        if (http.Request.ContentType?.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase) != true)
        {
            await Problems.Result(http, Problems.WrongContentType).ExecuteAsync(http);
            return;
        }

        var services = http.RequestServices;
        if (http.Request.ContentLength > Uploads.MaxRequest)
        {
            await Problems.Result(http, Problems.TooLarge).ExecuteAsync(http);
            return;
        }

        using var place = services.GetRequiredService<Uploads>().Enter(http, Uploads.Worker(session.WorkerId));
        if (place is null)
        {
            await TurnAwayAsync(http);
            return;
        }

        var (form, digest) = await ReadFormAsync(http);
        if (await ApiSession.RequireAsync(http) is null) return;
        var unknown = form.Keys.Where(k => k != "text").Concat(form.Files.Select(f => f.Name).Where(n => n != "file")).Distinct().ToList();
        if (unknown.Count > 0 || form["text"].Count > 1)
        {
            IReadOnlyList<(string Field, string Reason)> faults = unknown.Count > 0 ? [(unknown[0], "member-unknown")] : [("text", "member-wrong-type")];
            await Problems.Result(http, Problems.Malformed, faults).ExecuteAsync(http);
            return;
        }

        if (await SentHeaders.ReadAsync(
            http, services.GetRequiredService<Database>(), services.GetRequiredService<TurnedAwayTokens>(), session, key, KeptForm.ContentOf(http.Request), digest) is not { } sent) return;
        var files = new List<byte[]>();
        foreach (var file in form.Files) files.Add(await CaseForms.ReadAsync(file));
        switch (await services.GetRequiredService<CaseForms>().SendAsync(CaseSender.Self(session.WorkerId), act, form["text"], files, IdempotencyKey.OfWorker(session.WorkerId, RecordChannel.Api, key), sent, RecordChannel.Api))
        {
            case CaseSent.Done done:
                NoticeApi.WriteReceipt(http, done.Receipt, StatusCodes.Status201Created);
                break;
            case CaseSent.Faulty faulty:
                var named = faulty.Faults.Select(f => (f.Field == CaseForms.TextField ? "text" : f.File is { } n ? $"file[{n.ToString(System.Globalization.CultureInfo.InvariantCulture)}]" : "file", f.Reason)).ToList();
                await Problems.Result(http, Problems.Malformed, named).ExecuteAsync(http);
                break;
            case CaseSent.Refused { Problem: var problem } when problem == CaseProblems.NotAtThisStage:
                await Problems.Result(http, CaseProblems.NotAtThisStage).ExecuteAsync(http);
                break;
            case CaseSent.KeyUsed used:
                await Problems.Result(http, NoticeProblems.IdempotencyKeyUsed, ("number", used.Number.ToString())).ExecuteAsync(http);
                break;
            case CaseSent.Busy:
                await TurnAwayAsync(http);
                break;
            default:
                await Problems.Result(http, NoticeProblems.NotFound).ExecuteAsync(http);
                break;
        }
    }

    /// <summary>The form, and SHA-256 of the body that it came in, to the last byte.</summary>
    static async Task<(IFormCollection Form, byte[] Digest)> ReadFormAsync(HttpContext http)
    {
        using var hash = SHA256.Create();
        var body = http.Request.Body;
        await using var hashing = new CryptoStream(body, hash, CryptoStreamMode.Read, leaveOpen: true);
        http.Request.Body = hashing;
        try
        {
            var form = await http.Request.ReadFormAsync(http.RequestAborted);
            await hashing.CopyToAsync(Stream.Null, http.RequestAborted);
            return (form, hash.Hash!);
        }
        finally
        {
            http.Request.Body = body;
        }
    }

    static async Task GetAsync(HttpContext http, Database database, WorkerReader workers, CurrentRules current, CaseStories stories, Looks looks, Deliveries deliveries, IClock clock)
    {
        if (await ApiSession.RequireAsync(http) is not { } session) return;
        await deliveries.OpenedAsync(session.WorkerId, clock.GetCurrentInstant());
        if (await workers.FindAsync(session.WorkerId) is not { } worker)
        {
            await Problems.Result(http, NoticeProblems.NotFound).ExecuteAsync(http);
            return;
        }

        var rules = current.Now;
        var now = await MyCase.FindAsync(database, worker, rules, rules.DateOf(clock.GetCurrentInstant()));
        var all = await stories.ReadAsync(worker);
        var looked = await looks.OfAsync(worker.Id);
        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("stage", (now?.Facts.Stage ?? CaseStage.None).Name());
        json.WriteString("ground", now?.Facts.Ground.Name());
        json.WriteString("until", IsoDate.Write(now?.Until));
        json.WriteBoolean("canAnswer", now?.CanAnswer == true);
        json.WriteBoolean("canAppeal", now?.CanAppeal == true);
        json.WriteStartArray("cases");
        foreach (var story in all) Write(json, story);
        json.WriteEndArray();
        json.WriteStartArray("looks");
        foreach (var look in looked)
        {
            json.WriteStartObject();
            json.WriteString("at", look.At.ToString());
            json.WriteString("staffNumber", look.StaffNumber);
            json.WriteString("role", look.Role);
            json.WriteString("office", look.Office);
            json.WriteString("helper", look.Helper);
            json.WriteString("what", look.What);
            json.WriteString("reason", look.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void Write(Utf8JsonWriter json, CaseStory story)
    {
        json.WriteStartObject();
        json.WriteString("number", story.File.Number);
        json.WriteString("openedAt", Instant.FromUnixTimeMilliseconds(story.File.OpenedAt).ToString());
        json.WriteBoolean("isOpen", story.IsOpen);
        json.WriteStartArray("acts");
        foreach (var entry in story.Entries)
        {
            json.WriteStartObject();
            json.WriteString("number", entry.Number);
            json.WriteString("kind", entry.Kind.Name());
            json.WriteString("givenAt", entry.At.ToString());
            json.WriteString("staffNumber", entry.Record.Particulars.GetValueOrDefault(OfficersOwn.Officer));
            json.WriteString("role", entry.Record.Particulars.GetValueOrDefault(OfficersOwn.Role));
            // Of whoever acted: of an officer their own centre, which need not be the worker's.
            json.WriteString("office", entry.Record.Particulars.ContainsKey(OfficersOwn.Officer) ? OfficersOwn.CentreOf(entry.Record) : entry.Record.Office);
            json.WriteString("reason", entry.Record.Reason);
            json.WriteStartArray("files");
            foreach (var document in entry.Documents)
            {
                json.WriteStartObject();
                json.WriteString("name", document.Name);
                json.WriteString("mediaType", document.MediaType);
                json.WriteNumber("bytes", document.Bytes);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
