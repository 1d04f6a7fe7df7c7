using System.Net;
using System.Text;
using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Staff;
using NodaTime;

namespace Manzil.Cases.Mine;

/// <summary>The first page of the copy that a worker takes away: plain HTML, no service behind it, links into the same folder.</summary>
public static class CaseIndex
{
    /// <summary>Where a file of a case lies in the copy.</summary>
    public static string PathOf(CaseDocument document) => $"files/{document.ActNumber}-{document.Name}";

    /// <param name="acts">Number and facts, as they stand on the receipt, of all acts about the worker, newest first.</param>
    public static string Html(
        string name, LocalDate today, IReadOnlyList<CaseStory> stories, IReadOnlyList<(string Number, IReadOnlyList<(string Label, string Value)> Facts)> acts, IReadOnlyList<Look> looks, CaseWording wording, Texts t)
    {
        var html = new StringBuilder();
        var title = E(t["export.index-title"]);
        html.Append($$"""
            <!doctype html>
            <html lang="{{t.Lang}}">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{{title}}</title>
            <style>
            body { font: 16px/1.5 system-ui, sans-serif; color: #000; background: #fff; max-width: 45em; margin: 0 auto; padding: 15px; overflow-wrap: anywhere }
            li { margin-bottom: 12px } .lines { white-space: pre-wrap }
            </style>
            </head>
            <body>
            <main>
            <h1>{{title}}</h1>
            <p><bdi>{{E(name)}}</bdi><br>{{E(t["export.index-what", ("date", today)])}}</p>

            """);
        html.Append($"<h2>{E(t["export.index-cases"])}</h2>\n");
        if (stories.Count == 0) html.Append($"<p>{E(t["case.never"])}</p>\n");
        foreach (var story in stories)
        {
            var opened = wording.When(Instant.FromUnixTimeMilliseconds(story.File.OpenedAt), t);
            html.Append($"<h3>{E(t["case.heading", ("number", story.File.Number)])}</h3>\n<p>{E(story.IsOpen ? t["case.is-open", ("date", opened)] : t["case.is-closed", ("date", opened)])}</p>\n<ol>\n");
            foreach (var entry in story.Entries) Append(html, entry, wording, t);
            html.Append("</ol>\n");
        }

        html.Append($"<h2>{E(t["looks.title"])}</h2>\n");
        if (looks.Count == 0) html.Append($"<p>{E(t["looks.none"])}</p>\n");
        else html.Append("<ol>\n");
        foreach (var look in looks)
            html.Append($"<li>{E(t[$"looks.what-{look.What}"])}<br>{E(wording.When(look.At, t))}<br>{E(wording.LookedBy(look, t))}{(look.Helper is null ? "<br>" + E(t["looks.reason", ("reason", look.Reason)]) : "")}</li>\n");
        if (looks.Count > 0) html.Append("</ol>\n");

        html.Append($"<h2>{E(t["export.index-receipts"])}</h2>\n<ul>\n");
        foreach (var (number, facts) in acts)
        {
            // What it is, by its first fact; whom all of them are about stands at the top.
            html.Append($"<li><a href=\"receipts/{number}.zip\"><bdi>{E(facts[0].Value)}</bdi> {number}</a>");
            foreach (var (label, value) in facts.Skip(1).Where(f => f.Value != number && f.Label != t["receipt.name"])) html.Append($"<br><strong>{E(label)}:</strong> <span class=\"lines\" dir=\"auto\">{E(value)}</span>");
            html.Append("</li>\n");
        }

        html.Append($"</ul>\n<p><a href=\"everything.json\">{E(t["export.index-rows"])}</a></p>\n</main>\n</body>\n</html>\n");
        return html.ToString();
    }

    static void Append(StringBuilder html, CaseEntry entry, CaseWording wording, Texts t)
    {
        html.Append($"<li><strong>{E(t[$"kind.{entry.Kind.Name()}"])}</strong><br>{E(wording.When(entry.At, t))}<br>{E(wording.Who(entry.Record, t, forHelper: false))}\n");
        foreach (var (label, value) in wording.Facts(entry.Record, t)) html.Append($"<br><strong>{E(label)}:</strong> <span class=\"lines\" dir=\"auto\">{E(value)}</span>\n");
        foreach (var document in entry.Documents) html.Append($"<br><a href=\"{PathOf(document)}\"><bdi>{E(document.Name)}</bdi></a>\n");
        foreach (var message in entry.Messages) html.Append($"<br>{E(wording.Told(message, t))}\n");
        html.Append($"<br><a href=\"receipts/{entry.Number}.zip\">{E(t["account.receipt", ("number", entry.Number)])}</a></li>\n");
    }

    static string E(string text) => WebUtility.HtmlEncode(text);
}
