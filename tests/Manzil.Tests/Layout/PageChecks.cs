using Manzil.Layout;

namespace Manzil.Tests.Layout;

/// <summary>
/// privacy.md 22 and 24 for every page that any test of the suite is shown (<see cref="Notices.Visitor"/> and <see cref="SignIn.WebReader"/>
/// ask here): whatever can be done on it is done without scripts, and whoever hears or magnifies it is told the same as who sees it.
/// </summary>
static class PageChecks
{
    /// <summary>What may be hidden until a script shows it: the one thing that no browser does without. Beside it stands another way.</summary>
    static bool IsPasskey(Element element) => element["data-passkey"] is not null || element.Around.Any(e => e["data-passkey"] is not null);

    /// <summary>What Enter presses in a form whose languages stand before it: its own first button once more, which nobody has to see.</summary>
    static bool IsEnter(Element element) => element.Name == "button" && element["data-enter"] is not null && element["form"] is { Length: > 0 };

    static readonly string[] pointing = ["for", "aria-describedby", "aria-labelledby", "aria-controls", "aria-owns", "aria-details", "aria-errormessage", "aria-activedescendant", "aria-flowto", "headers", "list", "form", "popovertarget"];

    /// <summary>For what a browser can fill in itself.</summary>
    static readonly string[] fills =
        ["off", "one-time-code", "name", "bday-day", "bday-month", "bday-year", "tel", "email", "username", "postal-code", "street-address", "address-line1", "address-line2", "address-line3", "address-level1", "address-level2", "country", "country-name", "username webauthn"];

    /// <returns>What is wrong with a page; nothing where it is as it has to be.</returns>
    /// <param name="isOfficers">Officers type what is somebody else's: no browser fills that in.</param>
    public static IReadOnlyList<string> Wrongs(string html, bool isOfficers = false)
    {
        var page = Element.Parse(html);
        var all = page.All.ToList();
        return [.. Scriptless(all), .. Frame(all), .. Pointers(all), .. Fields(all, isOfficers), .. Pictures(all), .. Lists(all)];
    }

    public static void AssertNone(string path, string html)
    {
        var wrongs = Wrongs(html, path.StartsWith("/staff", StringComparison.Ordinal));
        Assert.True(wrongs.Count == 0, $"{path}:\n{string.Join('\n', wrongs.Distinct())}");
    }

    static IEnumerable<string> Scriptless(List<Element> all)
    {
        foreach (var element in all)
        {
            if (element["hidden"] is not null && !IsPasskey(element) && !IsEnter(element)) yield return $"hidden until something shows it: {element}";
            if (element["inert"] is not null || element["disabled"] is not null || element["contenteditable"] is not null || element["style"] is not null) yield return $"not to be used without scripts: {element}";
            if (element.Name is "template" or "dialog" or "slot" or "canvas" or "marquee" || element.Name.Contains('-', StringComparison.Ordinal)) yield return $"nothing without scripts: {element}";
            if (element.Attributes.Keys.FirstOrDefault(k => k.StartsWith("on", StringComparison.OrdinalIgnoreCase)) is { } on) yield return $"a script in {on}: {element}";
            if (!(element.Name == "a" && element["role"] == "button") && element["role"] is "button" or "link" or "menuitem" or "tab" or "checkbox" or "radio" or "switch" or "textbox" or "combobox" or "listbox" or "dialog") yield return $"what looks like a control and is none: {element}";
            if (element.Name == "a" && (element["href"] is not { Length: > 0 } href || href == "#" || href.StartsWith("javascript:", StringComparison.OrdinalIgnoreCase))) yield return $"a link that leads nowhere: {element}";
            if (element.Name == "button" && !IsPasskey(element) && (element["type"] is not (null or "submit") || (element["form"] is null && !element.Around.Any(e => e.Name == "form")))) yield return $"a button that sends nothing: {element}";
            if (element.Name != "form") continue;
            var controls = all.Where(e => e.Around.Contains(element) || (e["form"] is { } of && of == element["id"])).ToList();
            if (!IsPasskey(element) && !controls.Any(IsSending)) yield return $"a form that nothing sends: {element}";
            if (element["method"] is not (null or "get" or "post") || element["action"] is "#" or "javascript:void(0)") yield return $"a form that leads nowhere: {element}";
        }
    }

    static bool IsSending(Element e) => (e.Name == "button" && e["type"] is null or "submit" && e["formaction"] != "#") || (e.Name == "input" && e["type"] is "submit" or "image");

    static IEnumerable<string> Frame(List<Element> all)
    {
        // A picture has a title of its own.
        Element? One(string name) => all.Where(e => e.Name == name && !e.Around.Any(a => a.Name == "svg")).Take(2).ToList() is [var one] ? one : null;
        if (One("html") is not { } root || root["lang"] is not { } lang || !Language.All.ContainsKey(lang) || root["dir"] is null) yield return "the page does not say its language";
        foreach (var part in all.Where(e => e["lang"] is { } other && !Language.All.ContainsKey(other))) yield return $"no language of ours: {part}";
        if (One("title") is not { Words.Length: > 0 }) yield return "no title";
        // What is printed has no header to be led past.
        var isPaper = !all.Any(e => e.Name == "footer");
        if (One("main") is not { } main || (!isPaper && (main["id"] != "main" || main["tabindex"] != "-1"))) yield return "not one main part that can be come to";
        else if (!main.All.Any(e => e is { Name: "h1", Words.Length: > 0 })) yield return "no heading in the main part";
        var level = 0;
        foreach (var heading in all.Where(e => e.Name is ['h', >= '1' and <= '6'] && e.Around.Any(a => a.Name == "main") && !e.Around.Any(a => a["role"] is "alert" or "region")))
        {
            var depth = heading.Name[1] - '0';
            if (depth > level + 1) yield return $"a level of headings is left out before {heading} {heading.Words}";
            if (heading.Words.Length == 0) yield return $"an empty heading: {heading}";
            level = depth;
        }

        if (all.Count(e => e.Name == "h1") != 1) yield return $"{all.Count(e => e.Name == "h1")} h1";
        var links = all.Where(e => e.Name == "a").ToList();
        if (!isPaper && links.FirstOrDefault()?["href"] != "#main") yield return "the first link does not lead past the header";
        // Help in the same place, on every page.
        var footer = all.FirstOrDefault(e => e.Name == "footer")?.All.Where(e => e.Name == "a").Select(e => e["href"]!.StartsWith("tel:", StringComparison.Ordinal) ? "tel:" : e["href"]).ToList();
        if (footer is not null && !footer.SequenceEqual(["tel:", "/help", "/verify", "/status", "/privacy", "/language"])) yield return $"help is elsewhere: {string.Join(' ', footer)}";
        if (all.FirstOrDefault(e => e.Name == "meta" && e["name"] == "viewport")?["content"] != "width=device-width, initial-scale=1") yield return "the page cannot be made larger";
        if (all.Any(e => e.Name == "meta" && e["http-equiv"] is not null)) yield return "the page goes on by itself";
        foreach (var odd in all.Where(e => (int.TryParse(e["tabindex"], out var order) && order > 0) || e["accesskey"] is not null || (e["autofocus"] is not null && e["class"] != "govuk-error-summary") || e.Name is "blink" or "video" or "audio" or "iframe" or "object" or "embed")) yield return $"what moves the reader: {odd}";
    }

    static IEnumerable<string> Pointers(List<Element> all)
    {
        var ids = all.Where(e => e["id"] is not null).GroupBy(e => e["id"]!, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.ToList(), StringComparer.Ordinal);
        foreach (var twice in ids.Where(i => i.Value.Count > 1 || i.Key.Length == 0)) yield return $"one id twice: {twice.Key}";
        foreach (var (element, attribute, id) in all.SelectMany(e => pointing.Where(a => e[a] is not null).SelectMany(a => e[a]!.Split(' ').Select(id => (e, a, id)))))
        {
            if (!ids.ContainsKey(id)) yield return $"{attribute} points to nothing: {element}";
        }

        foreach (var link in all.Where(e => e.Name == "a" && e["href"] is ['#', ..]))
        {
            if (!ids.TryGetValue(link["href"]![1..], out var to)) yield return $"leads to nothing: {link}";
            else if (link.Around.Any(e => e["role"] == "alert") && to[0].Name is not ("input" or "textarea" or "select") && to[0]["tabindex"] is null) yield return $"an error leads to what takes no focus: {link}";
        }

        // Whoever hears the page is taken to the errors, and told of each beside its field.
        foreach (var summary in all.Where(e => e["class"]?.Split(' ').Contains("govuk-error-summary") == true))
        {
            if (!summary.All.Prepend(summary).Any(e => e["role"] == "alert") || !summary.All.Any(e => e.Name is "h2" && e.Words.Length > 0)) yield return $"errors that nobody is told of: {summary}";
        }

        foreach (var message in all.Where(e => e["class"]?.Split(' ').Contains("govuk-error-message") == true && e["role"] != "alert"))
        {
            if (message["id"] is not { } id || !all.Any(e => e["aria-describedby"]?.Split(' ').Contains(id) == true)) yield return $"an error that belongs to no field: {message} {message.Words}";
        }
    }

    static IEnumerable<string> Fields(List<Element> all, bool isOfficers)
    {
        var labels = all.Where(e => e.Name == "label" && e["for"] is not null).ToLookup(e => e["for"]!, StringComparer.Ordinal);
        foreach (var field in all.Where(e => e.Name is "textarea" or "select" || (e.Name == "input" && e["type"] is not ("hidden" or "submit" or "image"))))
        {
            var named = field["aria-label"] is { Length: > 0 } || field.Around.Any(e => e.Name == "label" && e.Words.Length > 0) || (field["id"] is { } id && labels[id].Any(l => l.Words.Length > 0))
                || (field["aria-labelledby"] is { } by && by.Split(' ').Any(b => all.Any(e => e["id"] == b && e.Words.Length > 0)));
            if (!named) yield return $"a field without a label: {field}";
            if (field["placeholder"] is not null) yield return $"words that go away when one types: {field}";
            if (field["name"] is not { Length: > 0 }) yield return $"a field that is not sent: {field}";
            if (field["autocomplete"] is { } fill && !fills.Contains(fill)) yield return $"no browser knows what goes in: {field}";
            if (!isOfficers && field["type"] is "tel" or "email" && field["autocomplete"] is null) yield return $"a field that does not say what goes in: {field}";
        }

        foreach (var group in all.Where(e => e.Name == "input" && e["type"] is "radio" or "checkbox").GroupBy(e => e["name"]).Where(g => g.Count() > 1))
        {
            if (!group.First().Around.Any(e => e.Name == "fieldset")) yield return $"choices without a question: {group.First()}";
        }

        foreach (var set in all.Where(e => e.Name == "fieldset" && e.Children is not [{ Name: "legend", Words.Length: > 0 }, ..])) yield return $"a group without its question: {set}";
        foreach (var control in all.Where(e => e.Name is "a" or "button" or "summary" or "legend" or "option" or "th" or "caption" && e.Words.Length == 0 && !IsEnter(e) && !(e.Name == "option" && e["value"] == ""))) yield return $"nothing to read in {control}";
    }

    static IEnumerable<string> Pictures(List<Element> all) =>
        all.Where(e => (e.Name == "img" && e["alt"] is null) || (e.Name == "svg" && e["aria-hidden"] != "true" && !(e["role"] == "img" && e.Words.Length > 0) && !e.Around.Any(a => a["aria-hidden"] == "true"))
            || (e["aria-hidden"] == "true" && (e["href"] is not null || e.All.Any(i => i.Name is "a" or "button" or "input" or "select" or "textarea")))).Select(e => $"a picture that says nothing, or a control that is not heard: {e}");

    static IEnumerable<string> Lists(List<Element> all) =>
        all.Where(e => (e.Name == "li" && e.Parent?.Name is not ("ul" or "ol")) || (e.Name is "dt" or "dd" && !e.Around.Any(a => a.Name == "dl")) || (e.Name == "table" && !e.All.Any(i => i.Name == "th"))
            || (e.Name == "th" && e["scope"] is null) || (e.Name == "nav" && e["aria-label"] is null && e["aria-labelledby"] is null)).Select(e => $"what belongs to nothing, or has no name: {e}");
}
