using System.Text.RegularExpressions;
using Manzil.Layout;
using Manzil.Tests.Cases.Desk;
using Manzil.Tests.Layout;

namespace Manzil.Tests.Privacy.Pages;

/// <summary>What every page is made of, read without a browser (privacy.md 3, 4, 22, 24 and 25).</summary>
[Collection(nameof(EveryPage))]
public sealed partial class PageMarkupTests(EveryPage pages)
{
    static readonly string[] Fetching = ["src", "href", "srcset", "imagesrcset", "action", "formaction", "poster", "data", "ping", "cite", "background", "manifest", "xlink:href", "longdesc", "archive", "codebase", "classid", "content"];

    static void None(IEnumerable<string> found)
    {
        var all = found.Distinct().Order(StringComparer.Ordinal).Take(60).ToList();
        Assert.True(all.Count == 0, string.Join('\n', all));
    }

    // Nothing that a browser would fetch or follow stands elsewhere, however it is asked for.
    [Fact]
    public void Address_OfEveryPage_IsOurOwnOrigin()
    {
        None(pages.All.SelectMany(page => page.Tags.SelectMany(tag => tag.Attributes
            .Where(a => Fetching.Contains(a.Key, StringComparer.OrdinalIgnoreCase) && !(tag.Name == "meta" && tag["http-equiv"] is null && !a.Value.Contains("//", StringComparison.Ordinal)))
            .SelectMany(a => a.Value.Split(',').Select(v => v.Trim()).Where(v => !IsOurs(tag, v)).Select(v => $"{page.Pattern}: {tag.Name} {a.Key}={v}")))));
        None(pages.All.SelectMany(page => page.Tags.Where(t => t["style"] is not null || t["srcdoc"] is not null || t.Attributes.Keys.Any(k => k.StartsWith("on", StringComparison.OrdinalIgnoreCase))
            || t.Name is "style" or "iframe" or "object" or "embed" or "base" or "portal" || (t.Name == "meta" && t["http-equiv"] is not null)).Select(t => $"{page.Pattern}: {t.Name}")));
        None(pages.All.SelectMany(page => page.Tags.Where(t => t.Name == "link" && t["rel"] is not ("icon" or "stylesheet")).Select(t => $"{page.Pattern}: link {t["rel"]}")));
    }

    // A word like "tel:" leads to the phone's own dialler, and fetches nothing.
    static bool IsOurs(Element tag, string value) =>
        value.Length == 0 || value[0] is '#' or '?' || (value[0] == '/' && !(value.Length > 1 && value[1] is '/' or '\\'))
        || (tag.Name == "a" && (value.StartsWith("tel:", StringComparison.Ordinal) || value.StartsWith("sms:", StringComparison.Ordinal)));

    // A page that needs more than this is named here, with what it needs.
    [Fact]
    public void Headers_OfEveryPage_AreExactlyThese() =>
        None(pages.All.Where(p => p.Csp != "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
            || p.Permissions != "geolocation=(), camera=(), accelerometer=(), autoplay=(), bluetooth=(), display-capture=(), encrypted-media=(), fullscreen=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=(), xr-spatial-tracking=()")
            .Select(p => $"{p.Pattern}: {p.Csp} | {p.Permissions}"));

    [Fact]
    public void Script_OfEveryPage_IsOnTheList() =>
        None(pages.All.SelectMany(page => page.Tags.Where(t => t.Name == "script" && (t["src"] is not { } source || !PhoneTests.Scripts.ContainsKey(Version().Replace(source.Split('?')[0].TrimStart('/'), ".js")) || t.Words.Length > 0)).Select(t => $"{page.Pattern}: {t["src"]}")));

    // A field that a page shows is one that inputs.txt names.
    [Fact]
    public void Field_OfEveryPage_IsOnTheListOfInputs()
    {
        var words = Repository.Read("tests/Manzil.Tests/Privacy/Pages/inputs.txt").Split([' ', '\n', '(', ')', ':'], StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.OrdinalIgnoreCase);
        words.Add("__RequestVerificationToken");
        None(pages.All.SelectMany(page => page.Tags.Where(t => t.Name is "input" or "textarea" or "select" or "button" && t["name"] is { } name && !words.Contains(name)).Select(t => $"{page.Pattern}: {t["name"]}")));
    }

    // Without scripts a form is sent by its button, and every field says in words what goes in.
    [Fact]
    public void Form_OfEveryPage_HasAButtonAndANameForEachField()
    {
        None(pages.All.SelectMany(page => page.Tags.Where(t => t.Name == "form").Where(form =>
        {
            var inside = form.All.ToList();
            var isPasskey = form["data-passkey"] is not null;
            return form["hidden"] is not null != isPasskey || !inside.Any(t => (t.Name == "button" && (t["type"] ?? "submit") == "submit" && t["hidden"] is null && t["disabled"] is null) || (t.Name == "input" && t["type"] is "submit" or "image"));
        }).Select(f => $"{page.Pattern}: form {f["action"]} cannot be sent without scripts")));
        None(pages.All.SelectMany(page => page.Tags.Where(t => (t.Name is "textarea" or "select" || (t.Name == "input" && t["type"] is not ("hidden" or "submit" or "button" or "image")))
            && (t["aria-label"] ?? "").Length == 0 && !page.Tags.Any(l => l.Name == "label" && l["for"] is { } of && of == t["id"] && l.Words.Length > 0)).Select(t => $"{page.Pattern}: {t.Name} {t["name"]} has no label")));
    }

    [Fact]
    public void Frame_OfEveryPage_IsComplete() => None(pages.All.SelectMany(page => Missing(page).Select(m => $"{page.Pattern}: {m}")));

    static IEnumerable<string> Missing(Seen page)
    {
        if (page.Tags.FirstOrDefault(t => t.Name == "html")?["lang"] != page.Lang) yield return $"html lang is not {page.Lang}";
        if (page.Tags.Count(t => t.Name == "h1") != 1) yield return "not one h1";
        if (page.Tags.Count(t => t.Name == "main") != 1) yield return "not one main";
        if (!page.Html.Contains("<title>", StringComparison.Ordinal)) yield return "no title";
        if (page.Tags.Any(t => t.Name == "img" && t["alt"] is null)) yield return "a picture without words";
        var ids = page.Tags.Select(t => t["id"]).OfType<string>().ToList();
        if (ids.Count != ids.Distinct().Count()) yield return "one id twice";
        if (page.Pattern.EndsWith("/print", StringComparison.Ordinal)) yield break;
        if (page.Tags.FirstOrDefault(t => t.Name == "a")?["href"] != "#main") yield return "no skip link first";
        if (page.Tags.FirstOrDefault(t => t.Name == "main")?["id"] != "main") yield return "the skip link leads nowhere";
        foreach (var other in Language.All.Keys.Where(l => l != page.Lang && l is "en" or "ru" or "kk" && l != page.Lang))
        {
            // Where there are words to lose, it is a button of their form.
            if (!page.Tags.Any(t => t["lang"] == other && ((t.Name == "a" && t["hreflang"] == other) || (t.Name == "button" && t["form"] == "page-form")) && (t["href"] ?? t["formaction"])?.Contains("lang=" + other, StringComparison.Ordinal) == true)) yield return $"no way to {other}";
        }

        if (!page.Tags.Any(t => t.Name == "a" && t["href"]?.StartsWith("tel:", StringComparison.Ordinal) == true)) yield return "no number to call";
    }

    // Words of another language on a page, other than names, marks and what somebody typed.
    [Fact]
    public void Words_OfEveryPage_AreOfItsLanguage() =>
        None(pages.All.SelectMany(page =>
        {
            // Digests and names of files are no words.
            var shown = Element.Text(Foreign().Replace(page.Html, " ")) + " " + string.Join(" . ", page.Tags.SelectMany(t => new[] { t["aria-label"], t["title"], t["alt"], t["placeholder"] }).OfType<string>());
            foreach (var typed in Typed) shown = shown.Replace(typed, " ", StringComparison.Ordinal);
            var words = Vocabulary.Foreign(Mark().Replace(shown, " "), page.Lang, Names).ToList();
            return words.Select(w => (Said: $"{page.Lang}: {w}", page.Pattern));
        }).GroupBy(w => w.Said).Select(w => $"{w.Key}   on {w.First().Pattern}"));

    static readonly string[] Names = ["Aziz Rahimov", "Manzil", "Officer S", "Legal aid", "Tverskoy, Long Street", "NRV"];

    // What people of the walk wrote, shown as it was written.
    static readonly string[] Typed = [DeskStory.Why, DeskStory.Facts, DeskStory.Change, .. EveryPage.Typed, "I work on this case."];

    [GeneratedRegex(@"\.[a-z0-9]{6,}\.js$", RegexOptions.None, 5000)]
    private static partial Regex Version();

    [GeneratedRegex("""<(?<n>\w+)[^>]* (?:lang="(?:en|ru|kk)"|translate="no")[^>]*>(?<!<html[^>]*>).*?</\k<n>>|<svg.*?</svg>|<code.*?</code>""", RegexOptions.Singleline, 5000)]
    private static partial Regex Foreign();

    // Numbers of receipts and cards, and addresses of machines.
    [GeneratedRegex(@"[\w.+-]*@[\w.-]+|(?<!\w)[0-9a-f]{16,}(?!\w)|[\w-]*\.(?:jpg|pdf|png|zip|json|html|cbor|cose)\b|(?<![\p{L}])[A-Z0-9]*\d[A-Z0-9]*(?:-[A-Z0-9]+)*|\b[A-Z0-9]{4}-[A-Z0-9]{5}-[A-Z0-9]{5}\b|(?:https?://)?localhost\S*|/[a-z][\w./-]+", RegexOptions.None, 5000)]
    private static partial Regex Mark();
}
