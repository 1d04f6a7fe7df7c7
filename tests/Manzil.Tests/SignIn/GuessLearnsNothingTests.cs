using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Dapper;
using Manzil.Receipts;
using Manzil.SignIn;
using Manzil.Tests.Databases;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Visitor = Manzil.Tests.Notices.Visitor;

namespace Manzil.Tests.SignIn;

/// <summary>
/// privacy.md 21, at every door where somebody says who they are: five tries each with whatever can be wrong. The answers, their sizes, what
/// they cost in slow hashes and in statements, and what is written are the same, whether or not the person exists and whatever of it was right.
/// </summary>
public partial class GuessLearnsNothingTests
{
    const string Wrong = "AAAAA-AAAAA";

    /// <summary>One way of being wrong: its name, and how to try it.</summary>
    sealed record Way(string Name, Func<Task<(Visitor Web, string[] Typed)>> TryAsync);

    [Theory, EachDatabase]
    public async Task Doors_WhateverIsWrong_AnswerAndWorkTheSame(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind, trustedProxy: "127.0.0.1");
        await using var connection = await service.Core.Database.OpenAsync();
        using var sql = kind == DatabaseKind.Postgres ? new ExecutedSql(service.Database) : null;
        var hashes = BackInSteps.Part<SlowHashes>(service);
        var made = await PeopleAsync(service, connection);
        var (compared, from) = (0, 0);
        foreach (var (door, ways) in Doors(service, made))
        {
            (string Name, IReadOnlyList<string> Told)? first = null;
            foreach (var way in ways)
            {
                // From an address of its own: what is counted there is another matter (AttemptsTests).
                service.Client.DefaultRequestHeaders.Remove("X-Forwarded-For");
                service.Client.DefaultRequestHeaders.Add("X-Forwarded-For", $"203.0.113.{++from}");
                var told = new List<string>();
                for (var i = 0; i < 5; i++)
                {
                    await service.SettleAsync();
                    var rows = await RowsAsync(connection);
                    sql?.Take();
                    var before = hashes.Made;
                    var (web, typed) = await way.TryAsync();
                    // What was asked for is looked up behind the answer, when it may.
                    var statements = door is "document" or "card, to be sent" or "card, to be sent, program" || (door.StartsWith("code to a phone", StringComparison.Ordinal) && i == 0) ? [] : sql?.Take() ?? [];
                    await service.SettleAsync();
                    told.Add($"{hashes.Made - before} slow hashes; {await RowsAsync(connection) - rows} rows; {Said(web, typed)}\n{string.Join('\n', statements)}");
                    if (sql is not null && door == "card" && i == 0) Assert.NotEmpty(statements);
                }

                first ??= (way.Name, told);
                for (var i = 0; i < told.Count; i++)
                {
                    Assert.True(first.Value.Told[i] == told[i], $"{door}, try {i + 1}: '{way.Name}' is not answered as '{first.Value.Name}':\n{told[i]}\n--- and ---\n{first.Value.Told[i]}");
                    compared++;
                }

                // They were tried at all.
                var expected = door switch
                {
                    "document" => $"rows; 200 {BackInSteps.CodePath}",
                    "card, to be sent" => $"rows; 200 {SentCodeSteps.CodePath}",
                    "card, to be sent, program" => "rows; 202 ",
                    "helper" => "rows; 400 /helper",
                    "code to a phone" => $"401 {BackInSteps.CodePath}",
                    "code to a phone, by card" => $"401 {SentCodeSteps.CodePath}",
                    "code to a phone, by card, program" => "401 ",
                    _ => "rows; 401 ",
                };
                Assert.Contains(expected, told[0], StringComparison.Ordinal);
                Assert.DoesNotContain("Aziz", told[0], StringComparison.Ordinal);
            }
        }

        Assert.True(compared > 100, $"{compared} answers");
    }

    sealed record People(TestWorker[] Known, IReadOnlyList<string> Recovery);

    static async Task<People> PeopleAsync(TestService service, System.Data.Common.DbConnection connection)
    {
        var known = new List<TestWorker>();
        for (var i = 0; i < 32; i++) known.Add(await service.EnrolAsync(phone: i == 15 ? null : $"+7000000{i:D4}"));
        await connection.ExecuteAsync("update activation_code set used_at = 1 where worker_id = @Id", new { known[2].Id });
        await connection.ExecuteAsync("update activation_code set expires_at = 1 where worker_id = @Id", new { known[3].Id });
        await connection.ExecuteAsync("update worker set card_lost_at = 1 where id = @Id", new { known[4].Id });
        await connection.ExecuteAsync("delete from activation_code where worker_id = @Id", new { known[5].Id });
        using var reader = new WebReader(service);
        await reader.SignInAsync(known[6]);
        var recovery = await reader.MakeRecoveryCodesAsync();
        await connection.ExecuteAsync("update recovery_code set used_at = 1 where number = 1");
        return new People([.. known], recovery);
    }

    static IEnumerable<(string Door, Way[] Ways)> Doors(TestService service, People made)
    {
        var k = made.Known;
        Way Card(string name, string card, BirthDate born, string code) => new(name, async () =>
        {
            var web = await new Visitor(service, "nobody", "en").GetAsync("/sign-in");
            await SendAsync(web, "/sign-in", ("Card", card), ("BirthDate.Day", $"{born.Day}"), ("BirthDate.Month", $"{born.Month}"), ("BirthDate.Year", $"{born.Year}"), ("Code", code));
            return (web, [card, code, $"{born.Year}"]);
        });
        Way Program(string name, string cardNumber, BirthDate born, string activationCode) => new(name, async () =>
        {
            var web = new Visitor(service, "nobody", "en");
            await web.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/api/v1/sessions") { Content = JsonContent.Create(new { cardNumber, birthDate = born.ToString(), activationCode }) });
            return (web, []);
        });
        IEnumerable<Way> Wrongs(Func<string, string, BirthDate, string, Way> make, int own) =>
        [
            make("nobody has the card", "FC9999999", k[0].Document.BirthDate, Wrong),
            make("the code is wrong", k[own].CardNumber, k[own].Document.BirthDate, Wrong),
            make("the birth date is wrong", k[own + 1].CardNumber, k[own + 1].Document.BirthDate.Whole!.Value.PlusYears(1), k[own + 1].ActivationCode),
            make("the code was used", k[2].CardNumber, k[2].Document.BirthDate, k[2].ActivationCode),
            make("the code is over", k[3].CardNumber, k[3].Document.BirthDate, k[3].ActivationCode),
            make("the card is lost", k[4].CardNumber, k[4].Document.BirthDate, k[4].ActivationCode),
            make("there is no code", k[5].CardNumber, k[5].Document.BirthDate, k[5].ActivationCode),
        ];
        yield return ("card", [.. Wrongs(Card, 8)]);
        // The same people by another door: what was counted at the first is forgotten.
        service.Clock.Advance(Duration.FromHours(2));
        yield return ("program", [.. Wrongs(Program, 10)]);

        Way Recovery(string name, string number, BirthDate born, string code) => new(name, async () =>
        {
            var web = await new Visitor(service, "nobody", "en").GetAsync("/sign-in/recovery");
            await SendAsync(web, "/sign-in/recovery", ("Number", number), ("BirthDate.Day", $"{born.Day}"), ("BirthDate.Month", $"{born.Month}"), ("BirthDate.Year", $"{born.Year}"), ("Code", code));
            return (web, [number, code, $"{born.Year}"]);
        });
        var owner = k[6];
        service.Clock.Advance(Duration.FromHours(2));
        yield return ("recovery", [
            Recovery("nobody has the number", "FC9999999", owner.Document.BirthDate, "AAAA-AAAA-AAAA"),
            Recovery("there are no codes", k[12].CardNumber, k[12].Document.BirthDate, "AAAA-AAAA-AAAA"),
            Recovery("the code is wrong", owner.CardNumber, owner.Document.BirthDate, "AAAA-AAAA-AAAA"),
            Recovery("the birth date is wrong", owner.Document.Number, owner.Document.BirthDate.Whole!.Value.PlusYears(1), made.Recovery[3]),
        ]);
        service.Clock.Advance(Duration.FromHours(2));
        yield return ("recovery, used", [
            Recovery("nobody has the number", "FC9999998", owner.Document.BirthDate, made.Recovery[0]),
            Recovery("the code was used", owner.CardNumber, owner.Document.BirthDate, made.Recovery[0]),
        ]);

        Way Ask(string name, IdentityDocument document) => new(name, async () =>
        {
            var web = await new Visitor(service, "nobody", "en").GetAsync("/sign-in/document");
            var born = document.BirthDate;
            await SendAsync(web, "/sign-in/document", ("State", document.State), ("Number", document.Number), ("BirthDate.Day", $"{born.Day}"), ("BirthDate.Month", $"{born.Month}"), ("BirthDate.Year", $"{born.Year}"));
            return (web, [document.Number, document.State, $"{born.Year}"]);
        });
        // Also the right one is told nothing: what there is to say goes to the phone.
        yield return ("document", [
            Ask("nobody has the document", new IdentityDocument("UZB", "ZZ0000001", k[14].Document.BirthDate)),
            Ask("all of it is right, and there is no phone", k[15].Document),
            Ask("the birth date is wrong", new IdentityDocument("UZB", k[16].Document.Number, k[16].Document.BirthDate.Whole!.Value.PlusYears(1))),
            Ask("the state is wrong", new IdentityDocument("KGZ", k[17].Document.Number, k[17].Document.BirthDate)),
        ]);

        Way Code(string name, IdentityDocument document)
        {
            Visitor? asked = null;
            return new(name, async () =>
            {
                asked ??= (await Ask("", document).TryAsync()).Web;
                await asked.GetAsync(BackInSteps.CodePath);
                await SendAsync(asked, BackInSteps.CodePath, ("Code", "00000000"));
                return (asked, ["00000000"]);
            });
        }

        yield return ("code to a phone", [Code("nobody has the document", new IdentityDocument("UZB", "ZZ0000002", k[18].Document.BirthDate)), Code("a code came, and another is typed", k[19].Document), Code("there is no phone", new IdentityDocument("UZB", "ZZ0000003", k[15].Document.BirthDate))]);

        Way Send(string name, string card, BirthDate born) => new(name, async () =>
        {
            var web = await new Visitor(service, "nobody", "en").GetAsync("/sign-in");
            await SendAsync(web, "/sign-in?handler=Send", ("Card", card), ("BirthDate.Day", $"{born.Day}"), ("BirthDate.Month", $"{born.Month}"), ("BirthDate.Year", $"{born.Year}"));
            return (web, [card, $"{born.Year}"]);
        });
        Way SendProgram(string name, string cardNumber, BirthDate born) => new(name, async () =>
        {
            var web = new Visitor(service, "nobody", "en");
            await web.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/api/v1/sessions/sent-code") { Content = JsonContent.Create(new { cardNumber, birthDate = born.ToString() }) });
            return (web, []);
        });
        IEnumerable<Way> Sends(Func<string, string, BirthDate, Way> make, int own) =>
        [
            make("nobody has the card", "FC9999997", k[0].Document.BirthDate),
            make("all of it is right", k[own].CardNumber, k[own].Document.BirthDate),
            make("all of it is right, and there is no phone", k[15].CardNumber, k[15].Document.BirthDate),
            make("the birth date is wrong", k[own + 1].CardNumber, k[own + 1].Document.BirthDate.Whole!.Value.PlusYears(1)),
            make("the card is lost", k[4].CardNumber, k[4].Document.BirthDate),
        ];
        yield return ("card, to be sent", [.. Sends(Send, 20)]);
        yield return ("card, to be sent, program", [.. Sends(SendProgram, 22)]);

        Way TypeSent(string name, string card, BirthDate born)
        {
            Visitor? asked = null;
            return new(name, async () =>
            {
                asked ??= (await Send("", card, born).TryAsync()).Web;
                await asked.GetAsync(SentCodeSteps.CodePath);
                await SendAsync(asked, SentCodeSteps.CodePath, ("Code", "00000000"));
                return (asked, ["00000000"]);
            });
        }

        Way TypeSentProgram(string name, string card, BirthDate born)
        {
            string? asked = null;
            return new(name, async () =>
            {
                asked ??= System.Text.Json.JsonDocument.Parse((await SendProgram("", card, born).TryAsync()).Web.Html).RootElement.GetProperty("try").GetString();
                var web = new Visitor(service, "nobody", "en");
                await web.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/api/v1/sessions/by-sent-code") { Content = JsonContent.Create(new { @try = asked, code = "00000000" }) });
                return (web, []);
            });
        }

        IEnumerable<Way> Types(Func<string, string, BirthDate, Way> make, int own) =>
        [
            make("nobody has the card", "FC9999996", k[0].Document.BirthDate),
            make("a code came, and another is typed", k[own].CardNumber, k[own].Document.BirthDate),
            make("there is no phone", k[15].CardNumber, k[15].Document.BirthDate),
            make("the birth date was wrong", k[own + 1].CardNumber, k[own + 1].Document.BirthDate.Whole!.Value.PlusYears(1)),
            make("the card is lost", k[4].CardNumber, k[4].Document.BirthDate),
        ];
        yield return ("code to a phone, by card", [.. Types(TypeSent, 24)]);
        yield return ("code to a phone, by card, program", [.. Types(TypeSentProgram, 26)]);

        Way Helper(string name, string code) => new(name, async () =>
        {
            var web = await new Visitor(service, "nobody", "en").GetAsync("/helper");
            await SendAsync(web, "/helper", ("Code", code));
            return (web, [code]);
        });
        yield return ("helper", [Helper("no code at all", "AAAA-AAAA-AAAA-AAAA"), Helper("a part of one", "AAAA-AAAA"), Helper("letters that no code has", "????-????")]);
    }

    // A page may have several forms; a passkey's is the first.
    static Task SendAsync(Visitor web, string path, params (string Name, string Value)[] fields) =>
        web.PostAsync(path, new(fields.ToDictionary(f => f.Name, f => f.Value)) { ["__RequestVerificationToken"] = Fresh().Match(web.Html).Value });

    static async Task<long> RowsAsync(System.Data.Common.DbConnection connection)
    {
        long rows = 0;
        foreach (var table in Manzil.Privacy.Inventory.Tables.Where(t => t.Name is not ("heartbeat" or "message" or "message_code" or "code_count"))) rows += await connection.ExecuteScalarAsync<long>($"select count(*) from {table.Name}");
        return rows;
    }

    // What is typed stands in the form again; cookies and the form's token are new each time, and of one length.
    static string Said(Visitor web, string[] typed)
    {
        var body = Try().Replace(Fresh().Replace(web.Html, ""), m => $"{m.Length} of it");
        foreach (var one in typed) body = body.Replace($"value=\"{System.Net.WebUtility.HtmlEncode(one)}\"", "value=\"\"", StringComparison.Ordinal);
        var headers = web.Answer.Headers.Concat(web.Answer.Content.Headers).Where(h => h.Key is not ("Date" or "Content-Length"))
            .SelectMany(h => h.Value.Select(v => $"{h.Key}: {(h.Key == "Set-Cookie" ? Cookie().Replace(v, m => $"={m.Length}") : v)}"));
        return $"{(int)web.Status} {web.Path}\n{string.Join('\n', headers)}\n{body.Length} characters\n{body}";
    }

    [GeneratedRegex("(?<=name=\"__RequestVerificationToken\" type=\"hidden\" value=\")[^\"]+", RegexOptions.None, 5000)]
    private static partial Regex Fresh();

    [GeneratedRegex("(?<=\"try\":\")[^\"]+", RegexOptions.None, 5000)]
    private static partial Regex Try();

    [GeneratedRegex("=[^;]+", RegexOptions.None, 5000)]
    private static partial Regex Cookie();
}
