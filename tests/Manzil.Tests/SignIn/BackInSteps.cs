using System.Net;
using System.Text.RegularExpressions;
using Dapper;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.SignIn;
using Record = Manzil.Receipts.Record;

namespace Manzil.Tests.SignIn;

/// <summary>What somebody does who gets back in, on the pages and with what was sent to them.</summary>
static partial class BackInSteps
{
    public const string CodePath = "/sign-in/document/code";

    /// <summary>A phone that the worker had, and that was removed so many days ago.</summary>
    public static async Task AddRemovedChannelAsync(this TestService service, TestWorker worker, string address, int daysAgo)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        var at = service.Clock.GetCurrentInstant().ToUnixTimeMilliseconds();
        await connection.ExecuteAsync(
            "insert into channel (worker_id, kind, address, confirmed_at, removed_at) values (@Id, 'sms', @address, 0, @removed)",
            new { worker.Id, address, removed = at - (daysAgo * 86_400_000L) });
    }

    public static Task<HttpResponseMessage> AskAsync(this WebReader reader, IdentityDocument document) =>
        reader.SendAsync("/sign-in/document", new Dictionary<string, string>(DateOf(document.BirthDate)) { ["State"] = document.State, ["Number"] = document.Number });

    public static Task<HttpResponseMessage> EnterAsync(this WebReader reader, string code, bool endOthers = false, bool remember = false) =>
        reader.SendAsync(CodePath, Chosen(new Dictionary<string, string> { ["Code"] = code }, endOthers, remember));

    public static Task<HttpResponseMessage> RecoverAsync(this WebReader reader, string number, BirthDate birthDate, string code, bool endOthers = false) =>
        reader.SendAsync("/sign-in/recovery", Chosen(new Dictionary<string, string>(DateOf(birthDate)) { ["Number"] = number, ["Code"] = code }, endOthers, remember: false));

    /// <summary>Asks, and waits until what there is to send was sent; the code, null where none was.</summary>
    public static async Task<string?> AskForCodeAsync(this TestService service, WebReader reader, IdentityDocument document)
    {
        var before = await NewestIdAsync(service);
        using var asked = await reader.AskAsync(document);
        Assert.Equal(CodePath, asked.Headers.Location?.OriginalString);
        await service.SettleAsync();
        return (await Outbox.NewestAsync(service.Core.Database, 50)).Where(m => m.Id > before).Select(m => EightDigits().Match(m.Body)).FirstOrDefault(m => m.Success)?.Value;
    }

    public static Task SettleAsync(this TestService service) => Part<BackIn>(service).Settled;

    public static T Part<T>(TestService service)
        where T : notnull => (T)service.Services.GetService(typeof(T))!;

    public static async Task<IReadOnlyList<string>> MakeRecoveryCodesAsync(this WebReader reader)
    {
        var before = Before().Match(await reader.ReadAsync("/account/recovery-codes")).Groups[1].Value;
        using var answer = await reader.SendAsync("/account/recovery-codes", new Dictionary<string, string> { ["Before"] = before });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return [.. RecoveryCode().Matches(await answer.Content.ReadAsStringAsync()).Select(m => m.Value)];
    }

    public static async Task<IReadOnlyList<Message>> MessagesOfAsync(this TestService service, string act) =>
        [.. (await Outbox.NewestAsync(service.Core.Database, 100)).Where(m => m.ActNumber == act)];

    public static async Task<IReadOnlyList<Record>> RestoredAsync(this TestService service, TestWorker worker)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return [.. (await connection.QueryAsync<byte[]>("select record from act where worker_id = @Id and kind = 49 order by leaf", new { worker.Id })).Select(r => Record.Decode(r))];
    }

    /// <summary>The receipt of an act on a signed-in worker's pages, verified with the published keys; its record.</summary>
    public static async Task<Record> VerifiedAsync(this TestService service, WebReader reader, TestWorker worker, string number)
    {
        Assert.Contains($"/notices/{number}", await reader.ReadAsync("/notices"), StringComparison.Ordinal);
        using var answer = await reader.OpenAsync($"/notices/{number}/receipt.zip");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var file = ReceiptFile.Read(await answer.Content.ReadAsByteArrayAsync());
        using var keys = await service.Client.GetAsync("/.well-known/manzil/keys.json");
        var report = ReceiptVerifier.Verify(
            file.Statement, file.Record, file.Proof, worker.Document, KeySet.Parse(await keys.Content.ReadAsByteArrayAsync()), service.Clock.GetCurrentInstant());
        Assert.Empty(report.Problems);
        Assert.Equal((ProofFinding.Holds, DocumentFinding.Matches), (report.Proof, report.Document));
        Assert.Equal(StatementKind.AccessRestored, report.Statement!.Kind);
        return report.Record!;
    }

    public static string NumberIn(HttpResponseMessage entered)
    {
        Assert.Equal(HttpStatusCode.Redirect, entered.StatusCode);
        return ReceiptNumber().Match(WebUtility.UrlDecode(entered.Headers.Location!.OriginalString)).Groups[1].Value;
    }

    public static string Text(Record record) => string.Join(", ", record.Particulars.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}"));

    /// <summary>An answer as whoever guesses sees it: status, headers and body, without what differs between any two.</summary>
    public static async Task<string> SeenAsync(HttpResponseMessage answer, params string[] typed)
    {
        answer.Headers.Date = null;
        var text = $"{answer.StatusCode}\n{answer.Headers}{answer.Content.Headers}\n{await WebReader.TextAsync(answer)}";
        text = Secrets().Replace(text, "$1=…");
        return typed.Aggregate(text, (t, part) => t.Replace($"value=\"{part}\"", "value=\"…\"", StringComparison.Ordinal));
    }

    static Dictionary<string, string> DateOf(BirthDate date) => new()
    {
        ["BirthDate.Day"] = $"{date.Day}",
        ["BirthDate.Month"] = $"{date.Month}",
        ["BirthDate.Year"] = date.Year is { } year ? $"{year}" : "0000",
    };

    static Dictionary<string, string> Chosen(Dictionary<string, string> fields, bool endOthers, bool remember)
    {
        if (endOthers) fields["EndOthers"] = "yes";
        if (remember) fields["Remember"] = "yes";
        return fields;
    }

    static async Task<long> NewestIdAsync(TestService service) => (await Outbox.NewestAsync(service.Core.Database, 1)).Select(m => m.Id).FirstOrDefault();

    [GeneratedRegex(@"(?<!\d)\d{8}(?!\d)", RegexOptions.None, 5000)]
    private static partial Regex EightDigits();

    [GeneratedRegex(@"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}(?=</code>)", RegexOptions.None, 5000)]
    private static partial Regex RecoveryCode();

    [GeneratedRegex("name=\"Before\" value=\"(\\d+)\"", RegexOptions.None, 5000)]
    private static partial Regex Before();

    [GeneratedRegex("/notices/([0-9A-Z]{4}-[0-9A-Z]{5}-[0-9A-Z]{5})", RegexOptions.None, 5000)]
    private static partial Regex ReceiptNumber();

    [GeneratedRegex("(back-in|form)=[^;\n]+", RegexOptions.None, 5000)]
    private static partial Regex Secrets();
}
