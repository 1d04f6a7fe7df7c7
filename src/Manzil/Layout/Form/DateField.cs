using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Manzil.Layout.Form;

/// <summary>
/// Day, month and year, for a property of type <see cref="DateEntry"/>; the month as a number or a word.
/// <c>&lt;date-field name="From" label="@T["residence.from"]" value="@Model.From" /&gt;</c>
/// </summary>
public sealed class DateField : Field
{
    public DateEntry? Value { get; set; }

    /// <summary>True where the browser may fill in the reader's birth date.</summary>
    public bool Birthday { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        Begin(output);
        var html = output.Content;
        html.AppendHtml("<fieldset class=\"govuk-fieldset\" role=\"group\"");
        AppendDescription(html, invalid: false);
        html.AppendHtml(">");
        AppendLegend(html);
        AppendHintAndError(html);
        html.AppendHtml("<div class=\"govuk-date-input\">");
        Append(html, Id, "Day", T["field.day"], Value?.Day, "2", 2, "numeric");
        Append(html, Id + "-month", "Month", T["field.month"], Value?.Month, "5", 20, "text");
        Append(html, Id + "-year", "Year", T["field.year"], Value?.Year, "4", 4, "numeric");
        html.AppendHtml("</div></fieldset>");
    }

    void Append(IHtmlContentBuilder html, string id, string part, string label, string? value, string width, int maxLength, string mode)
    {
        html.AppendFormat(
            "<div class=\"govuk-date-input__item\"><div class=\"govuk-form-group\"><label class=\"govuk-label govuk-date-input__label\" for=\"{0}\">{1}</label>"
            + "<input class=\"govuk-input govuk-date-input__input govuk-input--width-{2}{3}\" id=\"{0}\" name=\"{4}\" type=\"text\" inputmode=\"{5}\" maxlength=\"{6}\" value=\"{7}\"",
            id, label, width, Error is null ? "" : " govuk-input--error", Name + "." + part, mode, maxLength, Typed(Name + "." + part, value) ?? "");
        if (Birthday)
        {
            html.AppendFormat(" autocomplete=\"bday-{0}\"", part.ToLowerInvariant());
        }
        if (Error is not null)
        {
            html.AppendHtml(" aria-invalid=\"true\"");
        }
        html.AppendHtml("></div></div>");
    }
}
