using System.IO.Compression;
using System.Net;
using Dapper;
using Manzil.Rules;
using Manzil.Staff;
using Manzil.Tests.Cases.Desk;
using Manzil.Tests.Layout;
using Manzil.Tests.Messages;
using Manzil.Tests.Notices;
using Manzil.Tests.Receipts;
using Manzil.Tests.SignIn;
using Manzil.Typing;
using Microsoft.Extensions.DependencyInjection;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Typing;

/// <summary>
/// What was recorded before there was a door stays what it is, and pulls nothing of ours along: on every page it stands in a bdi, in an
/// element with dir="auto", or between isolates.
/// </summary>
public class IsolationTests
{
    // An older row: turned around, and with the end of an isolate that could close ours.
    const string Old = "עלי\u2069\u202E7";

    [Fact]
    public async Task Pages_OldTextThatTurnsAround_IsIsolatedOnEachOfThem()
    {
        await using var story = await DeskStory.NewAsync(DatabaseKind.Sqlite);
        var (one, two) = (await story.OfficerAsync(StaffRole.Caseworker), await story.OfficerAsync(StaffRole.Clerk));
        await story.OpenAsync(one);
        await story.AnswerAsync(Old + " I live there.", DeskStory.Picture());
        await story.OpenFileAsync(one);
        await two.Web.GetAsync("/staff/desk/serve");
        await two.Web.PostAsync(("Kind", "card"), ("Exact", story.Worker.Worker.CardNumber), ("Reason", "Stands here."));
        var desk = two.Web.Path;
        await story.Service.Services.GetRequiredService<Looks>().RecordAsync(one.Staff, story.Worker.Worker.Id, Looks.File, null, Old);
        await using (var connection = await story.Service.Database.OpenAsync())
        {
            await connection.ExecuteAsync(
                """
                update worker set name = @name;
                update staff set name = @name;
                update channel set address = address || @name;
                """, new { name = Old });
        }

        var worker = await Visitor.SignInAsync(story.Service, story.Worker.Worker);
        var number = (await story.Worker.ReadAsync("/api/v1/notices")).GetProperty("notices")[0].GetProperty("number").GetString();
        var (looked, found) = (new List<string>(), 0);
        foreach (var (visitor, path) in new[]
            {
                (worker, "/"), (worker, "/notices"), (worker, $"/notices/{number}"), (worker, "/case"), (worker, "/looks"), (worker, "/account"), (worker, "/messages"), (worker, "/case/answer"),
                (one.Web, $"/staff/cases/{story.Case}"), (one.Web, $"/staff/cases/{story.Case}/keep"), (one.Web, "/staff"), (two.Web, desk), (two.Web, $"{desk}/details"), (two.Web, $"{desk}/notices"), (two.Web, $"{desk}/code"),
            })
        {
            await visitor.GetAsync(path);
            looked.AddRange(NotIsolated(visitor.Html).Select(e => $"{path}: {e}"));
            found += visitor.Html.Contains('\u202E', StringComparison.Ordinal) || visitor.Html.Contains("&#x202E;", StringComparison.Ordinal) ? 1 : 0;
        }

        Assert.True(looked.Count == 0, string.Join('\n', looked));
        Assert.True(found >= 8, $"{found} pages show what was recorded");

        // On paper, and in the files that are read without us: a receipt's, and the copy of everything.
        story.Service.Clock.AdvanceMinutes(1);
        var given = await story.Worker.GiveAsync($$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""");
        await worker.GetAsync($"/notices/{given.Number}/print");
        AssertIsolated(WebUtility.HtmlDecode(worker.Html));
        await worker.GetAsync($"/notices/{given.Number}/receipt.zip");
        AssertIsolated(PageIn(worker.Bytes, "receipt.html"));
        await worker.GetAsync("/account/export");
        await worker.PostAsync();
        AssertIsolated(PageIn(worker.Bytes, "index.html"));
    }

    // A terminal has no bdi: the command says the words without what would turn its line around.
    [Fact]
    public async Task Command_OldTextThatTurnsAround_IsSaidWithoutTheSigns()
    {
        await using var story = await DeskStory.NewAsync(DatabaseKind.Sqlite);
        await story.OpenAsync(await story.OfficerAsync(StaffRole.Caseworker));
        await story.AnswerAsync(Old + " I live there.");
        await using var connection = await story.Service.Core.Database.OpenAsync();
        var number = await connection.ExecuteScalarAsync<string>("select number from act where kind = @kind", new { kind = (int)Manzil.Receipts.StatementKind.Answer });
        var worker = await Visitor.SignInAsync(story.Service, story.Worker.Worker);
        await worker.GetAsync($"/notices/{number}/receipt.zip");
        using var run = new CommandRun();
        var keys = run.Save("keys.json", await story.Service.Client.GetByteArrayAsync(new Uri("/.well-known/manzil/keys.json", UriKind.Relative), TestContext.Current.CancellationToken));
        var (_, output, _) = await run.RunWithKeysAsync(keys, run.Save("receipt.zip", worker.Bytes));
        Assert.Contains("Text: עלי7 I live there.", output, StringComparison.Ordinal);
    }

    static void AssertIsolated(string html)
    {
        Assert.Contains("\u202E", html, StringComparison.Ordinal);
        Assert.Empty(NotIsolated(html).Select(e => $"{e}"));
    }

    static string PageIn(byte[] zip, string name)
    {
        using var archive = new ZipArchive(new MemoryStream(zip));
        using var page = new StreamReader(archive.GetEntry(name)!.Open());
        return page.ReadToEnd();
    }

    [Theory]
    [InlineData("<p>Hello \u05d0\u202E7</p>", 1)]
    [InlineData("<p>Hello <bdi>\u05d0\u202E7</bdi></p>", 0)]
    [InlineData("<p dir=\"auto\">\u05d0\u202E7</p>", 0)]
    [InlineData("<p>Hello \u2068\u05d0\u202E7\u2069, you</p>", 0)]
    [InlineData("<p>Hello \u2068\u05d0\u2069\u202E7, you</p>", 1)]
    public void NotIsolated_AnElement_IsFound(string html, int count) => Assert.Equal(count, NotIsolated($"<html><body>{html}</body></html>").Count());

    [Theory]
    [InlineData("Ali", "Ali")]
    [InlineData("Андрей", "Андрей")]
    [InlineData("עלי", "\u2068עלי\u2069")]
    [InlineData("a\u202Eb", "\u2068a\u202Eb\u2069")]
    [InlineData("a\u2069b", "\u2068ab\u2069")]
    public void Isolated_OnlyWhatIsWrittenFromTheRight_StandsBetweenIsolates(string typed, string shown) => Assert.Equal(shown, Isolated.Of(typed));

    [Fact]
    public void Sms_ANameFromTheRight_LeavesTheWordsAndNumbersBesideItInPlace() =>
        Assert.Contains("\u2068עלי\u2069", Manzil.Layout.Texts.For("ru")["message.reached.sms", ("name", "עלי"), ("date", "5"), ("number", "1")], StringComparison.Ordinal);

    /// <summary>The innermost elements with the sign that turns around, where nothing keeps it in.</summary>
    static IEnumerable<Element> NotIsolated(string html) => Element.Parse(html).All
        .Where(e => e.Words.Contains('\u202E', StringComparison.Ordinal) && !e.Children.Any(c => c.Words.Contains('\u202E', StringComparison.Ordinal)))
        .Where(e => !e.Around.Prepend(e).Any(a => a.Name == "bdi" || a["dir"] == "auto") && !IsBetweenIsolates(e.Words));

    static bool IsBetweenIsolates(string words)
    {
        var open = 0;
        foreach (var c in words)
        {
            if (c is '\u2066' or '\u2067' or '\u2068') open++;
            if (c == '\u2069') open--;
            if (c == '\u202E' && open <= 0) return false;
        }

        return true;
    }
}
