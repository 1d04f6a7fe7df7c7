using Manzil.Register;
using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Razor.TagHelpers;
using NodaTime;

namespace Manzil.Layout.Form;

/// <summary>
/// Day, month and year, for a property of type <see cref="DateEntry"/>; the month as a number or a word. With <c>today</c> one tick says
/// that it is today, with no script and no typing.
/// <c>&lt;date-field name="From" label="@T["residence.from"]" value="@Model.From" today="true" /&gt;</c>
/// </summary>
public sealed class DateField : Field
{
    static readonly string[] Parts = ["Day", "Month", "Year"];

    public DateEntry? Value { get; set; }

    /// <summary>True where the browser may fill in the reader's birth date.</summary>
    public bool Birthday { get; set; }

    /// <summary>True where it is often today.</summary>
    public bool Today { get; set; }

    /// <summary>True where a document's birth date is asked for, and one tick says that the document does not show all of it.</summary>
    public bool NotShown { get; set; }

    protected override string? Error => base.Error ?? Parts.Select(part => ErrorOf($"{Name}.{part}")).FirstOrDefault(error => error is not null);

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        Begin(output);
        foreach (var part in Parts[1..]) Draw($"{Name}.{part}");
        var html = output.Content;
        html.AppendHtml("<fieldset class=\"govuk-fieldset\" role=\"group\"");
        AppendDescription(html, invalid: false);
        html.AppendHtml(">");
        AppendLegend(html);
        AppendHintAndError(html);
        html.AppendHtml("<div class=\"govuk-date-input\">");
        Append(html, "Day", T["field.day"], Value?.Day, "2", "numeric");
        Append(html, "Month", T["field.month"], Value?.Month, "5", "text");
        Append(html, "Year", T["field.year"], Value?.Year, "4", "numeric");
        html.AppendHtml("</div>");
        if (Today) AppendToday(html);
        if (NotShown) AppendNotShown(html);
        html.AppendHtml("</fieldset>");
    }

    void Append(IHtmlContentBuilder html, string part, string label, string? value, string width, string mode)
    {
        var name = $"{Name}.{part}";
        // An error of the whole is an error of each part; one of a part is its own.
        var isWrong = base.Error is not null || ErrorOf(name) is not null;
        html.AppendFormat(
            "<div class=\"govuk-date-input__item\"><div class=\"govuk-form-group\"><label class=\"govuk-label govuk-date-input__label\" for=\"{0}\">{1}</label>"
            + "<input class=\"govuk-input govuk-date-input__input govuk-input--width-{2}{3}\" id=\"{0}\" name=\"{4}\" type=\"text\" inputmode=\"{5}\" value=\"{6}\"",
            IdOf(name), label, width, isWrong ? " govuk-input--error" : "", name, mode, Typed(name, value) ?? "");
        if (Birthday)
        {
            html.AppendFormat(" autocomplete=\"bday-{0}\"", part.ToLowerInvariant());
        }
        if (isWrong)
        {
            html.AppendHtml(" aria-invalid=\"true\"");
        }
        html.AppendHtml("></div></div>");
    }

    void AppendToday(IHtmlContentBuilder html)
    {
        var today = DateFields.TodayOf(ViewContext.HttpContext);
        var (name, ticked) = ($"{Name}.Today", Typed($"{Name}.Today", Value?.Today));
        // What was ticked before midnight stays that day, and says so.
        var day = IsoDate.Read(ticked) ?? today;
        AppendTick(html, name, IsoDate.Write((LocalDate?)day)!, ticked is not null, day == today ? T["field.today", ("date", day)] : Dates.InWords(day, T.Lang));
    }

    void AppendNotShown(IHtmlContentBuilder html)
    {
        var name = $"{Name}.NotShown";
        AppendTick(html, name, "yes", !string.IsNullOrEmpty(Typed(name, Value?.NotShown)), T["date.birth-not-shown"]);
    }

    void AppendTick(IHtmlContentBuilder html, string name, string value, bool isTicked, string label)
    {
        html.AppendFormat(
            "<div class=\"govuk-checkboxes govuk-checkboxes--small\"><div class=\"govuk-checkboxes__item\"><input class=\"govuk-checkboxes__input\" id=\"{0}\" name=\"{1}\" type=\"checkbox\" value=\"{2}\"",
            IdOf(name), name, value);
        html.AppendHtml(isTicked ? " checked>" : ">");
        html.AppendFormat("<label class=\"govuk-label govuk-checkboxes__label\" for=\"{0}\">{1}</label></div></div>", IdOf(name), label);
    }
}
