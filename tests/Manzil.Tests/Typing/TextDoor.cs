using Dapper;
using Manzil.Receipts;
using Manzil.Tests.Notices;
using Manzil.Tests.Registrations.Desk;
using Manzil.Typing;
using Record = Manzil.Receipts.Record;

namespace Manzil.Tests.Typing;

/// <summary>A text field at one of its doors: how it is typed there, and where that which was recorded of it is found again.</summary>
/// <param name="Setting">What the door stands in, and is closed with it.</param>
sealed record TextDoor(TextKind Kind, TestService Service, IAsyncDisposable Setting) : IAsyncDisposable
{
    /// <summary>Types it and sends it, to the end. What was recorded is known by what this returns; null where the text was named as wrong.</summary>
    public required Func<string, Task<string?>> Type { get; init; }

    /// <summary>How many there are: of what is named as wrong nothing is written.</summary>
    public required string Count { get; init; }

    /// <summary>What the database has of it, wherever it has it.</summary>
    public required Func<string, Task<IReadOnlyList<string?>>> Recorded { get; init; }

    /// <summary>The pages on which it is read, without what HTML encodes.</summary>
    public required Func<string, Task<IReadOnlyList<string>>> Shown { get; init; }

    /// <summary>What the receipt has of it that Manzil.Receipts verified offline; null where no receipt has it.</summary>
    public Func<string, Task<IReadOnlyList<string?>>>? Verified { get; init; }

    /// <summary>The sample as it is typed there: long enough, and to be told from others of its page.</summary>
    public Func<string, int, string> Whole { get; init; } = (typed, n) => $"{typed} no. {n}";

    /// <summary>What this field has against a text that the door has nothing against.</summary>
    public Predicate<string> Takes { get; init; } = _ => true;

    public ValueTask DisposeAsync() => Setting.DisposeAsync();

    public async Task<T> AskAsync<T>(string sql, object? values = null) => await AskAsync<T>(Service, sql, values);

    public static async Task<T> AskAsync<T>(TestService service, string sql, object? values = null)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return (await connection.ExecuteScalarAsync<T>(sql, values))!;
    }

    /// <summary>The number of the newest act of a worker's, or of anybody's.</summary>
    public static Task<string> NewestAsync(TestService service, long? worker = null) =>
        AskAsync<string>(service, $"select number from act {(worker is null ? "" : "where worker_id = @worker")} order by log desc, leaf desc limit 1", new { worker });

    public static async Task<Record> RecordAsync(TestService service, string number) => Record.Decode(await AskAsync<byte[]>(service, "select record from act where number = @number", new { number }));

    public static async Task<Record> VerifiedAsync(TestService service, string number, IdentityDocument? document = null)
    {
        var (record, report) = await Offline.VerifiedAsync(service, number, document ?? Receipts.Sample.Document);
        Assert.Equal(document is null ? DocumentFinding.ConcernsNobody : DocumentFinding.Matches, report.Document);
        return record;
    }

    /// <summary>The pages, opened in turn.</summary>
    public static async Task<IReadOnlyList<string>> PagesAsync(Visitor web, params string[] paths)
    {
        var pages = new List<string>();
        foreach (var path in paths) pages.Add(Decoded(await web.GetAsync(path)));
        return pages;
    }

    public static string Decoded(Visitor web)
    {
        Assert.True((int)web.Status == 200, $"{web.Path}: {(int)web.Status}");
        return System.Net.WebUtility.HtmlDecode(web.Html);
    }

    /// <summary>The number at the end of the path to which a form led; null where it was shown again with an error beside a field.</summary>
    public static string? NumberAt(Visitor web, string done)
    {
        if (web.Path.StartsWith(done, StringComparison.Ordinal)) return web.Path[done.Length..].Split('?')[0];
        Assert.True(IsNamed(web), $"{web.Path}: {(int)web.Status} {web.Text}");
        return null;
    }

    public static bool IsNamed(Visitor web) => web.Html.Contains("-error\"", StringComparison.Ordinal);

    /// <summary>A form with a page to check: null where something is named, true where it was sent.</summary>
    public static async Task<bool> CheckAndSendAsync(Visitor web, string path, string last, params (string Name, string Value)[] fields)
    {
        await web.GetAsync(path);
        await web.PostAsync([.. fields, ("Go", "check")]);
        if (IsNamed(web)) return false;
        await web.PostAsync(("Go", last));
        return true;
    }
}
