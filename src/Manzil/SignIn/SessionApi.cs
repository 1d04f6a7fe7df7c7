using System.Text.Json;
using Manzil.Cases.Mine;
using Manzil.Deadlines;
using Manzil.Layout;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Typing;
using NodaTime;

namespace Manzil.SignIn;

/// <summary>POST /api/v1/sessions and what belongs to it, and GET /api/v1/me (design §5).</summary>
public static class SessionApi
{
    const int MaxBytes = 2048;
    static readonly JsonDocumentOptions Strict = new() { MaxDepth = 2, AllowDuplicateProperties = false };

    static readonly TypedMembers Members = new(
        ("cardNumber", TextKind.Number), ("birthDate", TextKind.Digits), ("activationCode", TextKind.Number), ("code", TextKind.Number), ("try", TextKind.Made));

    public static void MapSessions(this IEndpointRouteBuilder api)
    {
        api.MapPost("/sessions", (RequestDelegate)StartAsync);
        api.MapPost("/sessions/sent-code", (RequestDelegate)AskForCodeAsync);
        api.MapPost("/sessions/by-sent-code", (RequestDelegate)StartBySentCodeAsync);
        api.MapPost("/sessions/renew", (RequestDelegate)RenewAsync);
        api.MapPost("/sessions/code", (RequestDelegate)SendCodeAsync);
        api.MapPost("/sessions/fresh", (RequestDelegate)FreshAsync);
        api.MapPost("/sessions/key", (RequestDelegate)SessionKeys.RecordAsync);
        api.MapDelete("/sessions", (RequestDelegate)EndAsync);
        api.MapGet("/me", (RequestDelegate)MeAsync);
    }

    static async Task StartAsync(HttpContext http)
    {
        if (await ReadAsync(http, "cardNumber", "birthDate", "activationCode") is not { } said) return;
        if (await ReadBirthDateAsync(http, said) is not { } birthDate) return;
        var result = await http.RequestServices.GetRequiredService<SignInByCard>().TryAsync(
            said["cardNumber"], birthDate, said["activationCode"], Session.Api, http.Connection.RemoteIpAddress);
        switch (result)
        {
            case SignInResult.SignedIn signedIn:
                await AnswerAsync(http, signedIn.Token, signedIn.Session);
                break;
            case SignInResult.Wait wait:
                await WaitAsync(http, wait);
                break;
            case SignInResult.Unavailable:
                await Busy.AnswerAsync(http);
                break;
            default:
                await Problems.Result(http, SignInProblems.Failed).ExecuteAsync(http);
                break;
        }
    }

    /// <summary>Answered before it is looked up, as on the page: the same for whatever is typed.</summary>
    static async Task AskForCodeAsync(HttpContext http)
    {
        if (await ReadAsync(http, "cardNumber", "birthDate") is not { } said || await ReadBirthDateAsync(http, said) is not { } birthDate) return;
        var services = http.RequestServices;
        var claim = new CodeClaim.ByCard(CardNumber.Read(said["cardNumber"]) ?? "", birthDate);
        switch (await services.GetRequiredService<BackIn>().AskAsync(claim, http.Connection.RemoteIpAddress))
        {
            case BackIn.Asking.Begun begun:
                var expiresAt = services.GetRequiredService<IClock>().GetCurrentInstant() + BackIn.Lifetime;
                await Results.Json(new { @try = begun.Token, expiresAt = expiresAt.ToString() }, statusCode: StatusCodes.Status202Accepted).ExecuteAsync(http);
                break;
            case BackIn.Asking.Wait wait:
                await WaitAsync(http, wait.For);
                break;
            default:
                await Busy.AnswerAsync(http);
                break;
        }
    }

    static async Task StartBySentCodeAsync(HttpContext http)
    {
        if (await ReadAsync(http, "try", "code") is not { } said) return;
        if (await http.RequestServices.GetRequiredService<BackIn>().EnterByCardAsync(said["try"], said["code"], Session.Api, http.Connection.RemoteIpAddress) is SignInResult.SignedIn signedIn)
            await AnswerAsync(http, signedIn.Token, signedIn.Session);
        else
            await Problems.Result(http, SignInProblems.CodeWrong).ExecuteAsync(http);
    }

    static async Task<BirthDate?> ReadBirthDateAsync(HttpContext http, Dictionary<string, string> said)
    {
        if (BirthDate.TryParse(said["birthDate"], out var birthDate)) return birthDate;
        await Problems.Result(http, Problems.Malformed, [("birthDate", "date-malformed")]).ExecuteAsync(http);
        return null;
    }

    static Task WaitAsync(HttpContext http, SignInResult.Wait wait)
    {
        http.Response.Headers.RetryAfter = wait.Seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Problems.Result(http, SignInProblems.Of(wait), ("count", wait.Minutes)).ExecuteAsync(http);
    }

    static async Task RenewAsync(HttpContext http)
    {
        if (await ApiSession.RequireAsync(http) is not { } session) return;
        if (await http.RequestServices.GetRequiredService<Sessions>().RenewAsync(session) is { } renewed)
            await AnswerAsync(http, http.Request.Headers.Authorization.ToString()["Bearer ".Length..], renewed);
        else
            await Problems.Result(http, Problems.SignInNeeded).ExecuteAsync(http);
    }

    static async Task SendCodeAsync(HttpContext http)
    {
        if (await ApiSession.RequireAsync(http) is not { } session) return;
        var sent = await http.RequestServices.GetRequiredService<FreshCodes>().SendAsync(session.WorkerId);
        await (sent switch
        {
            CodeSending.NoChannel => Problems.Result(http, SignInProblems.NoChannel),
            CodeSending.TooMany => Problems.Result(http, SignInProblems.CodesToday),
            _ => Results.StatusCode(StatusCodes.Status202Accepted),
        }).ExecuteAsync(http);
    }

    static async Task FreshAsync(HttpContext http)
    {
        if (await ApiSession.RequireAsync(http) is not { } session) return;
        if (await ReadAsync(http, "code") is not { } said || await ApiSession.RequireAsync(http) is null) return;
        if (await http.RequestServices.GetRequiredService<FreshCodes>().TryAsync(session, said["code"]))
            http.Response.StatusCode = StatusCodes.Status204NoContent;
        else
            await Problems.Result(http, SignInProblems.CodeWrong).ExecuteAsync(http);
    }

    static async Task EndAsync(HttpContext http)
    {
        if (await ApiSession.RequireAsync(http) is not { } session) return;
        await http.RequestServices.GetRequiredService<Sessions>().EndAsync(session);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    static async Task MeAsync(HttpContext http)
    {
        if (await ApiSession.RequireAsync(http) is not { } session) return;
        var services = http.RequestServices;
        var now = services.GetRequiredService<IClock>().GetCurrentInstant();
        await services.GetRequiredService<Deliveries>().OpenedAsync(session.WorkerId, now);
        var rules = services.GetRequiredService<CurrentRules>().Now;
        var today = rules.DateOf(now);
        if (await services.GetRequiredService<WorkerReader>().FindAsync(session.WorkerId) is not { } worker)
        {
            await Problems.Result(http, Problems.SignInNeeded).ExecuteAsync(http);
            return;
        }

        var entry = worker.Entry;
        var database = services.GetRequiredService<Database>();
        await services.GetRequiredService<MoveDeadlines>().ShowAsync(worker, now);
        var open = await MyCase.FindAsync(database, worker, rules, today);
        await Results.Json(new
        {
            worker.Name,
            worker.CardNumber,
            worker.Language,
            Office = entry.Office ?? worker.Office,
            Standing = entry.StandingOn(today, rules.WorkersCalendar, rules.Intervals).Name(),
            RegisteredOn = IsoDate.Write(entry.RegisteredOn),
            ResidenceFrom = IsoDate.Write(entry.ResidenceFrom),
            entry.ResidenceNumber,
            NextDeadline = IsoDate.Write(entry.Due(rules.WorkersCalendar, rules.Intervals)),
            SilenceEnds = IsoDate.Write((await MySilence.FindAsync(database, worker, rules, today))?.Period?.Ends),
            AnswerUntil = IsoDate.Write(open?.Facts.Stage is CaseStage.Open or CaseStage.AwaitingAgreement ? open.Until : null),
            AppealUntil = IsoDate.Write(open?.Facts.Stage == CaseStage.RemovalPending ? open.Until : null),
            DepartureOn = IsoDate.Write(entry.DepartureOn),
            entry.DepartureNumber,
            EndsOn = IsoDate.Write(entry.EndsOn(entry.DepartureTold, rules.WorkersCalendar, rules.Intervals)),
            Document = worker.Document is { } d ? new { d.State, d.Number, BirthDate = d.BirthDate.ToString() } : null,
        }).ExecuteAsync(http);
    }

    static Task AnswerAsync(HttpContext http, string token, Session session) =>
        Results.Json(new { token, expiresAt = session.ExpiresAt.ToString() }, statusCode: StatusCodes.Status201Created).ExecuteAsync(http);

    /// <summary>An object of exactly these text members; null where it is not, and then the fault has been answered.</summary>
    static async Task<Dictionary<string, string>?> ReadAsync(HttpContext http, params string[] names)
    {
        if (await JsonBody.ReadAsync(http, MaxBytes) is not { } body) return null;
        var faults = new List<(string Field, string Reason)>();
        var said = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            using var document = JsonDocument.Parse(body, Strict);
            Read(document.RootElement, names, said, faults);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            faults.Add(("", "malformed-json"));
        }

        if (faults.Count == 0) return said;
        await Problems.Result(http, Problems.Malformed, faults).ExecuteAsync(http);
        return null;
    }

    static void Read(JsonElement root, string[] names, Dictionary<string, string> said, List<(string Field, string Reason)> faults)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            faults.Add(("", "malformed-json"));
            return;
        }

        foreach (var member in root.EnumerateObject())
        {
            if (!names.Contains(member.Name)) faults.Add((member.Name.Length > 60 ? member.Name[..60] : member.Name, "member-unknown"));
            else if (member.Value.TextOf(Members, member.Name, faults) is not { } text) continue;
            else if (text.Length > 200) faults.Add((member.Name, TypedText.TooLong));
            else if (CardNumber.HasOtherLetters(text)) faults.Add((member.Name, "letters-not-latin"));
            else said[member.Name] = text;
        }

        foreach (var name in names)
        {
            if (!said.ContainsKey(name) && !faults.Exists(f => f.Field == name)) faults.Add((name, "member-missing"));
        }
    }
}
