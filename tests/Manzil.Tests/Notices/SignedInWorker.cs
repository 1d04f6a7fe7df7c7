using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.SignIn;
using NodaTime;

namespace Manzil.Tests.Notices;

/// <summary>The answer to an accepted notice, as a program on the other side has it.</summary>
sealed record NoticeAnswer(string Number, byte[] Statement, string Qr, string Proof, byte[] Record, string? NextDeadline, byte[] Body)
{
    public static async Task<NoticeAnswer> ReadAsync(HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadAsByteArrayAsync();
        var json = JsonSerializer.Deserialize<JsonElement>(body);
        Assert.Equal(
            ["number", "statement", "qr", "proof", "record", "nextDeadline"], json.EnumerateObject().Select(member => member.Name));
        string Text(string name) => json.GetProperty(name).GetString()!;
        return new(
            Text("number"), Base64Url.DecodeFromChars(Text("statement")), Text("qr"), Text("proof"), Base64Url.DecodeFromChars(Text("record")),
            Text("nextDeadline"), body);
    }

    public VerificationReport Verify(KeySet keys, IdentityDocument document, Instant now) =>
        ReceiptVerifier.Verify(Statement, Record, Proof, document, keys, now);
}

/// <summary>A failure as the API tells it (RFC 9457).</summary>
sealed record ProblemAnswer(int Status, string Type, IReadOnlyList<(string Field, string Reason)> Faults)
{
    const string Prefix = "urn:manzil:problem:";

    public static async Task<ProblemAnswer> ReadAsync(HttpResponseMessage answer)
    {
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((int)answer.StatusCode, json.GetProperty("status").GetInt32());
        Assert.NotEqual("", json.GetProperty("title").GetString());
        Assert.NotEqual("", json.GetProperty("detail").GetString());
        var type = json.GetProperty("type").GetString()!;
        Assert.StartsWith(Prefix, type, StringComparison.Ordinal);
        var faults = json.TryGetProperty("errors", out var errors)
            ? errors.EnumerateArray().Select(e => (e.GetProperty("field").GetString()!, e.GetProperty("reason").GetString()!)).ToList()
            : [];
        return new((int)answer.StatusCode, type[Prefix.Length..], faults);
    }

    public override string ToString() => $"{Status} {Type}";
}

/// <summary>A worker with a session, sending notices over HTTP.</summary>
sealed partial class SignedInWorker(TestService service, TestWorker worker, string token)
{
    public const string HomeAddress = """{"locality":"Tverskoy","street":"Long Street","building":"5"}""";

    readonly List<NoticeAnswer> _given = [];

    public TestWorker Worker => worker;

    public string Token { get; private set; } = token;

    public static async Task<SignedInWorker> NewAsync(TestService service, LocalDate? born = null)
    {
        var worker = await service.EnrolAsync(born: born);
        return new(service, worker, await service.SignInAsync(worker));
    }

    /// <summary>In a text, &lt;2&gt; stands for the number of the worker's second notice and &lt;today+3&gt; for a date.</summary>
    public async Task<HttpResponseMessage> PostAsync(string json, string? key = null) => await service.PostNoticeAsync(Token, Fill(json), key);

    public async Task<NoticeAnswer> GiveAsync(string json, string? key = null)
    {
        using var answer = await PostAsync(json, key);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, $"{json}: {await answer.Content.ReadAsStringAsync()}");
        var given = await NoticeAnswer.ReadAsync(answer);
        Assert.Equal($"/api/v1/notices/{given.Number}", answer.Headers.Location?.ToString());
        lock (_given) _given.Add(given);
        return given;
    }

    public async Task<ProblemAnswer> RefusedAsync(string json, string? key = null)
    {
        using var answer = await PostAsync(json, key);
        return await ProblemAnswer.ReadAsync(answer);
    }

    public async Task<JsonElement> ReadAsync(string path)
    {
        using var answer = await service.GetAsync(Token, path);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {(int)answer.StatusCode}");
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    public async Task<string> StandingAsync() => (await ReadAsync("/api/v1/me")).GetProperty("standing").GetString()!;

    /// <summary>Lets days go by, and signs in again with a new code of the centre: sessions do not live so long.</summary>
    public async Task PassDaysAsync(int days)
    {
        service.Clock.AdvanceDays(days);
        await SignInAgainAsync();
    }

    public async Task SignInAgainAsync()
    {
        await using var connection = await service.Core.Database.OpenAsync();
        var code = await ActivationCodes.IssueAsync(connection, null, worker.Id, service.Clock.GetCurrentInstant() + Duration.FromDays(1));
        Token = await service.SignInAsync(worker with { ActivationCode = code });
    }

    /// <summary>Goes on in another session of theirs.</summary>
    public void Use(string token) => Token = token;

    string Fill(string json) => Place().Replace(json, match => match.Groups["number"].Success
        ? _given[int.Parse(match.Groups["number"].Value) - 1].Number
        : IsoDate.Write(Today(service).PlusDays(match.Groups["days"].Success ? int.Parse(match.Groups["days"].Value, NumberStyles.AllowLeadingSign) : 0))!);

    public static LocalDate Today(TestService service) => service.Core.Rules.DateOf(service.Clock.GetCurrentInstant());

    [GeneratedRegex("<(?:(?<number>[0-9]+)|today(?<days>[+-][0-9]+)?)>", RegexOptions.None, 5000)]
    private static partial Regex Place();
}
