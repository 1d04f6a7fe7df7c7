using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Manzil.Layout.Form;

/// <summary>
/// One line of text, or several with <c>rows</c>. Other attributes (autocomplete, inputmode, maxlength) go to the input.
/// <c>&lt;text-field name="Street" label="@T["address.street"]" value="@Model.Street" maxlength="100" /&gt;</c>
/// </summary>
public sealed class TextField : Field
{
    public string? Value { get; set; }

    public string Type { get; set; } = "text";

    /// <summary>How many letters it shows room for: 2, 3, 4, 5, 10, 20 or 30; the whole width where not given.</summary>
    public int? Width { get; set; }

    public int? Rows { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        var attributes = output.Attributes.ToList();
        Begin(output);
        var html = output.Content;
        AppendLabel(html);
        AppendHintAndError(html);
        var element = Rows is null ? "input" : "textarea";
        // Whoever types from right to left sees it so, and nothing that is typed turns the rest of the page around.
        html.AppendFormat("<{0} id=\"{1}\" name=\"{2}\" dir=\"auto\" class=\"govuk-{0}{3}{4}\"", element, Id, Name,
            Width is null ? "" : $" govuk-input--width-{Width}", Error is null ? "" : $" govuk-{element}--error");
        AppendDescription(html, invalid: true);
        foreach (var attribute in attributes)
        {
            html.AppendHtml(" ").AppendHtml(attribute);
        }
        var typed = Typed(Name, Value);
        if (Rows is null)
        {
            html.AppendFormat(" type=\"{0}\" value=\"{1}\">", Type, typed ?? "");
        }
        else
        {
            // A browser drops the first line break inside a textarea.
            html.AppendFormat(" rows=\"{0}\">\n{1}</textarea>", Rows, typed ?? "");
        }
    }
}
