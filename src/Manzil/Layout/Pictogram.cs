using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Manzil.Layout;

/// <summary>
/// <c>&lt;pictogram name="house" /&gt;</c>: a small drawing beside words, for people with little of the language. It says nothing that the
/// words do not say, so it is hidden from who listens to the page; and it is part of the page, so that nothing is fetched for it.
/// </summary>
public sealed class Pictogram : TagHelper
{
    // Drawn with one pen in a field of 24 by 24.
    static readonly Dictionary<string, string> Drawings = new(StringComparer.Ordinal)
    {
        ["answer"] = "M4 4h16v12h-9l-5 4v-4H4z M8 9h8 M8 12.5h5",
        ["appeal"] = "M12 3v17 M7 20h10 M5 6h14 M5 6l-3 7a3.2 3.2 0 0 0 6 0z M19 6l-3 7a3.2 3.2 0 0 0 6 0z",
        ["back"] = "M9 4 4 9l5 5 M4 9h10a5.5 5.5 0 0 1 0 11h-4",
        ["card"] = "M2 5h20v14H2z M2 10h20 M6 15h6",
        ["case"] = "M3 20V5h7l2 3h9v12z M8 12h8 M8 16h5",
        ["clock"] = "M12 3a9 9 0 1 1 0 18a9 9 0 0 1 0-18z M12 7v5.5l4 2",
        ["decision"] = "M8 2.5h8L21.5 8v8L16 21.5H8L2.5 16V8z M12 7v6 M12 16v1",
        ["door"] = "M4 3h9v18H4z M16 12h6 M19 9l3 3-3 3 M10 12v1",
        ["eye"] = "M2 12c5-8 15-8 20 0c-5 8-15 8-20 0z M12 9a3 3 0 1 1 0 6a3 3 0 0 1 0-6z",
        ["hourglass"] = "M6 3h12 M6 21h12 M7 3v3l5 6l-5 6v3 M17 3v3l-5 6l5 6v3",
        ["house"] = "M3 11l9-8l9 8v10H3z M10 21v-6h4v6",
        ["house-barred"] = "M3 11l9-8l9 8v10H3z M3 3l18 18",
        ["house-ticked"] = "M3 11l9-8l9 8v10H3z M8 14l3 3l5-6",
        ["key"] = "M7 8a4 4 0 1 1 0 8a4 4 0 0 1 0-8z M11 12h11v4 M18 12v3",
        ["letter"] = "M2 5h20v14H2z M2 6l10 7l10-7",
        ["people"] = "M8 4a3 3 0 1 1 0 6a3 3 0 0 1 0-6z M2 20c0-9 12-9 12 0z M16 4a3 3 0 1 1 0 6 M17 13.5c3 .5 5 2.5 5 6.5h-4",
        ["phone"] = "M7 2h10v20H7z M11 18.5h2",
        ["question"] = "M12 3a9 9 0 1 1 0 18a9 9 0 0 1 0-18z M9 10a3 3 0 1 1 3 3v1 M12 16.5v1",
        ["receipt"] = "M5 2h14v20l-3.5-2.5L12 22l-3.5-2.5L5 22z M9 8h6 M9 12h6",
        ["save"] = "M12 3v12 M7 10l5 5l5-5 M4 20h16",
        ["tick"] = "M4 13l5 5L20 6",
    };

    public static IReadOnlyCollection<string> Names => Drawings.Keys;

    public string Name { get; set; } = "";

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "svg";
        output.TagMode = TagMode.StartTagAndEndTag;
        foreach (var (name, value) in ((string, string)[])[("class", "manzil-pictogram"), ("width", "24"), ("height", "24"), ("viewBox", "0 0 24 24"), ("aria-hidden", "true"), ("focusable", "false")])
            output.Attributes.SetAttribute(name, value);
        output.Content.SetHtmlContent($"<path d=\"{Drawings[Name]}\" />");
    }
}
