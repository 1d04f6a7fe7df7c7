using System.Reflection;
using Manzil.Layout;
using Manzil.Tests.Layout;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Visitor = Manzil.Tests.Notices.Visitor;

namespace Manzil.Tests.Privacy.Pages;

/// <summary>In each form that the walk finds something is typed, and then the language is changed, or there is too much of it.</summary>
public sealed partial class EveryPage
{
    /// <summary>What became of words that should have stayed, or was not said of one that was too long.</summary>
    public List<string> WordsLost { get; } = [];

    /// <summary>Which fields of which page were tried.</summary>
    public HashSet<string> FieldsTried { get; } = [];

    /// <summary>Fields that were sent with too much in them.</summary>
    public HashSet<string> TooLongTried { get; } = [];

    sealed partial class Walk
    {
        // A code is in no page that comes back (docs/decisions/0054-what-was-typed-outlives-the-page.md).
        static readonly string[] Codes = ["Code", "ActivationCode"];

        readonly HashSet<string> _tried = [];

        /// <summary>Once for each page and kind of reader.</summary>
        async Task TryWordsAsync(Visitor web, Seen page)
        {
            var form = page.Tags.FirstOrDefault(t => t.Name == "form" && t["id"] == "page-form");
            if (form is null || page.IsPlanted) return;
            var inputs = form.All.Where(t => t["name"] is not null && t.Name is "input" or "textarea").ToList();
            var fields = new Dictionary<string, string>();
            var typed = new List<string>();
            foreach (var input in inputs)
            {
                var name = input["name"]!;
                if (input["type"] is "radio" or "checkbox" or "file") continue;
                var isTyped = input.Name == "textarea" || input["type"] is null or "text";
                fields[name] = isTyped ? name.EndsWith(".Year", StringComparison.Ordinal) ? "2026" : "7" : input["value"] ?? "";
                if (isTyped) typed.Add(name);
            }

            if (typed.Count == 0 || !_tried.Add($"{page.Pattern} {page.Who} {string.Join(' ', typed)}")) return;
            var action = form["action"] ?? page.Path.Split('?')[0];
            var other = page.Lang == "kk" ? "ru" : "kk";
            var button = page.Tags.Single(t => t.Name == "button" && t["form"] == "page-form" && t["lang"] == other);
            await web.PostAsync(button["formaction"]!, fields);
            var shown = Element.Parse(web.Html).All.ToList();
            if (shown.FirstOrDefault(t => t.Name == "html")?["lang"] != other) into.WordsLost.Add($"{page}: not in {other} but {(int)web.Status} {web.Path}");
            foreach (var name in typed)
            {
                into.FieldsTried.Add($"{page.Pattern} {name}");
                var expected = Codes.Contains(name) ? "" : fields[name];
                var field = shown.FirstOrDefault(t => t["name"] == name && t.Name is "input" or "textarea" && t["type"] is not "hidden");
                if ((field is null ? null : field.Name == "textarea" ? field.Words : field["value"] ?? "") is var has && has != expected) into.WordsLost.Add($"{page}: {name} is '{has}' in {other}");
            }

            await web.GetAsync((page.Path.Contains('?', StringComparison.Ordinal) ? page.Path + "&" : page.Path + "?") + "lang=" + page.Lang);
            foreach (var name in typed.Where(n => MostOf(page, n) > 0)) await TooLongAsync(web, page, action, fields, name, MostOf(page, name));
        }

        async Task TooLongAsync(Visitor web, Seen page, string action, Dictionary<string, string> fields, string name, int most)
        {
            var text = new string('7', most + 1);
            var sent = new Dictionary<string, string>(fields) { [name] = text };
            if (page.Tags.FirstOrDefault(t => t["data-enter"] is not null) is { } first && first["name"] is { } go) sent[go] = first["value"] ?? "";
            await web.PostAsync(action, sent);
            into.TooLongTried.Add($"{page.Pattern} {name}");
            var shown = Element.Parse(web.Html).All.ToList();
            var said = shown.FirstOrDefault(t => t["id"] == name.ToLowerInvariant() + "-error")?.Words ?? "nothing";
            if (!new[] { most + 1, most }.All(n => said.Contains(Numbers.InWords(n, page.Lang), StringComparison.Ordinal))) into.WordsLost.Add($"{page}: {name} with {most + 1} characters is answered '{said}' {(int)web.Status} {web.Path}");
            var field = shown.FirstOrDefault(t => t["name"] == name && t["type"] is not "hidden");
            if (!Codes.Contains(name) && (field?.Name == "textarea" ? field.Words : field?["value"]) != text) into.WordsLost.Add($"{page}: {name} came back as '{field?["value"]?.Length ?? field?.Words.Length}' of {text.Length} characters");
        }

        int MostOf(Seen page, string field)
        {
            var view = _routes.First(r => r.Pattern == page.Pattern).Endpoint.Metadata.GetMetadata<PageActionDescriptor>()!.ViewEnginePath.Split('/')[^1];
            return typeof(Program).Assembly.GetTypes().Where(t => t.Name == view && typeof(PageModel).IsAssignableFrom(t))
                .Select(t => t.GetProperty(field)?.GetCustomAttribute<TypedAttribute>()?.Max ?? 0).DefaultIfEmpty().Max();
        }
    }
}
