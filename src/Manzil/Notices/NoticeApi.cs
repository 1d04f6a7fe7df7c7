using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Manzil.Layout;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.SignIn;
using NodaTime;

namespace Manzil.Notices;

/// <summary>POST and GET /api/v1/notices (design §5).</summary>
public static class NoticeApi
{
    public const string KeyHeader = "Idempotency-Key";

    static readonly JsonEncodedText Number = JsonEncodedText.Encode("number"), Statement = JsonEncodedText.Encode("statement"),
        Qr = JsonEncodedText.Encode("qr"), Proof = JsonEncodedText.Encode("proof"), RecordName = JsonEncodedText.Encode("record"),
        NextDeadline = JsonEncodedText.Encode("nextDeadline");

    /// <summary>What the write path needs, looked up once: in each request's own scope that would be a cost.</summary>
    sealed record Parts(BatchWriter Writer, NoticeBook Book, Sessions Sessions, TurnedAwayTokens Tokens, Database Database, IClock Clock);

    public static void MapNotices(this IEndpointRouteBuilder api)
    {
        T Find<T>() where T : notnull => api.ServiceProvider.GetRequiredService<T>();
        var parts = new Parts(Find<BatchWriter>(), Find<NoticeBook>(), Find<Sessions>(), Find<TurnedAwayTokens>(), Find<Database>(), Find<IClock>());
        api.MapPost("/notices", (RequestDelegate)(http => PostAsync(http, parts))).WithTags("notices").ShortCircuit();
        api.MapGet("/notices", ListAsync).WithTags("notices");
        api.MapGet("/notices/{number}", GetAsync).WithTags("notices");
        api.MapGet("/notices/{number}/receipt.zip", ZipAsync).WithTags("notices");
    }

    static async Task PostAsync(HttpContext http, Parts parts)
    {
        byte[]? body = null;
        try
        {
            if (await BeginAsync(http, parts) is not var (session, key)) return;
            var reading = JsonBody.ReadAsync(http, NoticeJson.MaxBytes);
            var cameLater = !reading.IsCompleted;
            if (await reading is not { } read) return;
            if (cameLater && await ApiSession.RequireRememberedAsync(http, parts.Sessions) is null) return;
            body = read;
            // A place is for a body that has come: who sends slowly keeps none from others.
            if (!parts.Writer.TryReserve())
            {
                await TurnAwayAsync(http, parts, body);
                return;
            }

            try
            {
                await AnswerAsync(http, parts, session, key, body);
            }
            finally
            {
                parts.Writer.Release();
            }
        }
        catch (Exception e) when (Database.IsUnavailable(e) && e is not BadHttpRequestException && !Failures.HungUp(http, e) && !http.RequestAborted.IsCancellationRequested && !http.Response.HasStarted)
        {
            await TurnAwayAsync(http, parts, body);
        }
    }

    /// <summary>503, with a token that says when: for this session, this key and this content.</summary>
    /// <param name="body">Null where it has not been read yet.</param>
    static async Task TurnAwayAsync(HttpContext http, Parts parts, byte[]? body)
    {
        var key = http.Request.Headers[KeyHeader].ToString();
        if (IdempotencyKey.IsFromHeader(key) && Sessions.HashOf(ApiSession.TokenOf(http).Span) is not null)
        {
            body ??= await JsonBody.ReadAsync(http, NoticeJson.MaxBytes);
            if (body is null) return;
            SentHeaders.TurnAway(http, parts.Tokens, parts.Clock, key, SHA256.HashData(body));
        }

        await Busy.AnswerAsync(http);
    }

    /// <summary>Who sends, and under which key. Where the queue is full, nothing is looked up for the request.</summary>
    /// <returns>Null where that has been answered.</returns>
    static async ValueTask<(Session Session, string Key)?> BeginAsync(HttpContext http, Parts parts)
    {
        if (!parts.Writer.TryReserve())
        {
            await TurnAwayAsync(http, parts, null);
            return null;
        }

        Session? session;
        try
        {
            session = await ApiSession.RequireRememberedAsync(http, parts.Sessions);
        }
        finally
        {
            parts.Writer.Release();
        }

        if (session is null) return null;
        var key = http.Request.Headers[KeyHeader].ToString();
        if (IdempotencyKey.IsFromHeader(key)) return (session, key);
        await Problems.Result(http, NoticeProblems.IdempotencyKeyMissing).ExecuteAsync(http);
        return null;
    }

    static async Task AnswerAsync(HttpContext http, Parts parts, Session session, string key, byte[] body)
    {
        var faults = new List<(string Field, string Reason)>();
        if (NoticeJson.Parse(body, faults) is not { } notice)
        {
            await Problems.Result(http, Problems.Malformed, faults).ExecuteAsync(http);
            return;
        }

        // A correction can bring a departure forward: it needs what the departure itself needs.
        if (notice is Notice.Departure or Notice.Correction { On: not null } && !parts.Sessions.IsFresh(session))
        {
            await Problems.Result(http, SignInProblems.FreshSignInNeeded).ExecuteAsync(http);
            return;
        }

        var digest = SHA256.HashData(body);
        if (await SentHeaders.ReadAsync(http, parts.Database, parts.Tokens, session, key, digest, digest) is not { } sent) return;
        var worker = await parts.Writer.FindWorkerAsync(session.WorkerId);
        var result = worker is null ? null : await parts.Book.GiveAsync(worker, notice, RecordChannel.Api, IdempotencyKey.OfWorker(worker.Id, RecordChannel.Api, key), sent);
        switch (result)
        {
            case ActResult.Accepted accepted:
                WriteReceipt(http, accepted, StatusCodes.Status201Created);
                break;
            case ActResult.Refused refused:
                await Problems.Result(http, NoticeProblems.Of(refused.Reason)).ExecuteAsync(http);
                break;
            case ActResult.KeyUsed used:
                await Problems.Result(http, NoticeProblems.IdempotencyKeyUsed, ("number", used.Number.ToString())).ExecuteAsync(http);
                break;
            case ActResult.Unavailable:
                await TurnAwayAsync(http, parts, body);
                break;
            default:
                await Problems.Result(http, NoticeProblems.NotFound).ExecuteAsync(http);
                break;
        }
    }

    static async Task GetAsync(HttpContext http, string number, NoticeBook book)
    {
        if (await ApiSession.RequireAsync(http) is not { } session) return;
        if (!ReceiptNumber.TryParse(number, null, out var parsed) || await book.FindAsync(session.WorkerId, parsed) is not { } act)
            await Problems.Result(http, NoticeProblems.NotFound).ExecuteAsync(http);
        else
            WriteReceipt(http, await book.ReceiptAsync(act), StatusCodes.Status200OK);
    }

    static async Task ZipAsync(HttpContext http, string number, NoticeBook book, ReceiptFiles files)
    {
        if (await ApiSession.RequireAsync(http) is not { } session) return;
        if (!ReceiptNumber.TryParse(number, null, out var parsed) || await book.FindAsync(session.WorkerId, parsed) is not { } act)
        {
            await Problems.Result(http, NoticeProblems.NotFound).ExecuteAsync(http);
            return;
        }

        await files.SendAsync(http, await book.ReceiptAsync(act));
    }

    static async Task ListAsync(HttpContext http, NoticeBook book, Deliveries deliveries, NodaTime.IClock clock)
    {
        if (await ApiSession.RequireAsync(http) is not { } session) return;
        await deliveries.OpenedAsync(session.WorkerId, clock.GetCurrentInstant());
        var acts = await book.ListAsync(session.WorkerId);
        var replacedBy = acts.Where(a => a.Replaces is not null).ToDictionary(a => a.Replaces!, a => a.Number);
        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteStartArray("notices");
        foreach (var act in acts)
        {
            json.WriteStartObject();
            json.WriteString("number", act.Number);
            json.WriteString("kind", ((StatementKind)act.Kind).Name());
            json.WriteString("givenAt", Instant.FromUnixTimeMilliseconds(act.GivenAt).ToString());
            json.WriteString("effectiveFrom", act.EffectiveFrom);
            json.WriteString("nextDeadline", act.NextDeadline);
            json.WriteString("replaces", act.Replaces);
            json.WriteString("replacedBy", replacedBy.GetValueOrDefault(act.Number));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void WriteReceipt(HttpContext http, ActResult.Accepted receipt, int status)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        if (status == StatusCodes.Status201Created) http.Response.Headers.Location = $"/api/v1/notices/{receipt.Number}";
        var body = ReceiptJson(receipt);
        http.Response.ContentLength = body.Length;
        http.Response.BodyWriter.Write(body);
    }

    [ThreadStatic] static ArrayBufferWriter<byte>? _body;
    [ThreadStatic] static Utf8JsonWriter? _json;

    /// <summary>A receipt as the API answers with it (design §5).</summary>
    /// <returns>Its bytes, until the thread's next receipt: each thread keeps one buffer, which a receipt of its own each time would not.</returns>
    public static ReadOnlySpan<byte> ReceiptJson(ActResult.Accepted receipt)
    {
        var body = _body ??= new ArrayBufferWriter<byte>(8192);
        var json = _json ??= new Utf8JsonWriter(body, new JsonWriterOptions { SkipValidation = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        body.ResetWrittenCount();
        json.Reset();
        json.WriteStartObject();
        json.WriteString(Number, receipt.Number.ToString());
        WriteBase64Url(json, Statement, receipt.Statement);
        json.WriteString(Qr, QrText.FormatStatement(receipt.Statement));
        json.WriteString(Proof, receipt.Proof);
        WriteBase64Url(json, RecordName, receipt.Record);
        json.WriteString(NextDeadline, IsoDate.Write(receipt.NextDeadline));
        json.WriteEndObject();
        json.Flush();
        return body.WrittenSpan;
    }

    static void WriteBase64Url(Utf8JsonWriter json, JsonEncodedText name, byte[] bytes)
    {
        const int usual = 1024;
        var length = Base64Url.GetEncodedLength(bytes.Length);
        var text = length <= usual ? stackalloc byte[usual] : new byte[length];
        json.WriteString(name, text[..Base64Url.EncodeToUtf8(bytes, text)]);
    }
}
