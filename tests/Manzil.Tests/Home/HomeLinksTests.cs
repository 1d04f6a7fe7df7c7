using System.Net;
using Manzil.Layout;
using Manzil.Tests.Layout;
using Manzil.Tests.Notices;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Home;

/// <summary>Below what is going on stands every other page of a worker's, where people find it, with a line that says what for (found.md 30).</summary>
public class HomeLinksTests
{
    static readonly (string Path, string Title, string Hint)[] Links =
    [
        ("/notices", "notices.title", "home.hint-notices"),
        ("/messages", "messages.title", "home.hint-messages"),
        ("/case", "case.title", "home.hint-case"),
        ("/looks", "looks.title", "home.hint-looks"),
        ("/helpers", "helping.title", "home.hint-helpers"),
        ("/account", "account.title", "home.hint-account"),
        ("/account/recovery-codes", "recovery.title", "home.hint-recovery"),
        ("/account/export", "export.link", "home.hint-export"),
        ("/departure", "departure.title", "home.hint-departure"),
        ("/help", "help.title", "home.hint-help"),
    ];

    [Theory, InlineData("en"), InlineData("ru"), InlineData("kk")]
    public async Task Home_SignedIn_ListsEachPageWithALineOfHint(string lang)
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var worker = await SignedInWorker.NewAsync(service);
        await worker.GiveAsync("""{"kind":"registration"}""");
        var (t, visitor) = (Texts.For(lang), await Visitor.SignInAsync(service, worker.Worker, lang));
        await visitor.GetAsync("/");

        var list = Assert.Single(Element.Parse(visitor.Html).All, e => e.Name == "ul" && (e["class"] ?? "").Split(' ').Contains("manzil-links"));
        Assert.Equal(Links.Select(l => $"{l.Path}: {t[l.Title]} | {t[l.Hint]}"), list.Children.Select(Said));
        // Each leads somewhere, if by way of a code that is asked for.
        foreach (var (path, _, _) in Links) Assert.Equal((path, HttpStatusCode.OK), (path, (await visitor.GetAsync(path)).Status));
    }

    /// <summary>Where a line leads, the link's words, and the words beside it.</summary>
    static string Said(Element line)
    {
        var link = Assert.Single(line.All, e => e.Name == "a");
        var hint = Assert.Single(link.Parent!.Children, e => e.Name == "span");
        return $"{link["href"]}: {link.Words} | {hint.Words}";
    }
}
