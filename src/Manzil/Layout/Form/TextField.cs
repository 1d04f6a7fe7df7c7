using System.Reflection;
using Manzil.Typing;
using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Manzil.Layout.Form;

/// <summary>
/// One line of text, or several with <c>rows</c>. Other attributes (autocomplete, inputmode) go to the input. Never maxlength, by which a
/// browser cuts what is pasted without a word: how much may be written stands with the page's property (<see cref="TypedAttribute.Max"/>).
/// <c>&lt;text-field name="Street" label="@T["address.street"]" value="@Model.Street" /&gt;</c>
/// </summary>
public sealed class TextField : Field
{
    public string? Value { get; set; }

    public string Type { get; set; } = "text";

    /// <summary>How many letters it shows room for: 2, 3, 4, 5, 10, 20 or 30; the whole width where not given.</summary>
    public int? Width { get; set; }

    public int? Rows { get; set; }

    int? Most => (ViewContext.ActionDescriptor as CompiledPageActionDescriptor)?.ModelTypeInfo?.GetProperty(Name)?.GetCustomAttribute<TypedAttribute>()?.Max;

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        var attributes = output.Attributes.ToList();
        Begin(output);
        if (Rows is not null && Most is > 0 and var most && Numbers.InWords(most, T.Lang) is var limit && Hint?.Contains(limit, StringComparison.Ordinal) != true)
            Hint = string.Join(' ', new[] { Hint, T["field.at-most", ("most", most)] }.Where(h => !string.IsNullOrEmpty(h)));
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
