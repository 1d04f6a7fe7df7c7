using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Manzil.Layout.Form;

/// <summary>What every question has: a name, a label or legend, a hint, and the error that the page found.</summary>
public abstract class Field : TagHelper
{
    [ViewContext, HtmlAttributeNotBound]
    public ViewContext ViewContext { get; set; } = null!;

    /// <summary>The bound property's name, as errors are added under it.</summary>
    public string Name { get; set; } = "";

    public string Label { get; set; } = "";

    public string? Hint { get; set; }

    /// <summary>True on a page of one question: the label is then the page's h1.</summary>
    public bool Heading { get; set; }

    protected string Id => IdOf(Name);

    protected Texts T => ViewContext.HttpContext.RequestServices.GetRequiredService<Texts>();

    protected virtual string? Error => ErrorOf(Name);

    protected string? ErrorOf(string name) => ViewContext.ModelState.TryGetValue(name, out var entry) && entry.Errors.Count > 0 ? entry.Errors[0].ErrorMessage : null;

    /// <summary>The element that the error summary links to: a field's only input, or its first, as the day is of a date.</summary>
    internal static string IdOf(string name) => (name.EndsWith(".Day", StringComparison.Ordinal) ? name[..^4] : name).Replace('.', '-').Replace('[', '-').Replace(']', '-').ToLowerInvariant();

    /// <summary>What was typed, also where it could not be understood; else what the page proposes.</summary>
    protected string? Typed(string name, string? proposed) =>
        ViewContext.ModelState.TryGetValue(name, out var entry) && entry.AttemptedValue is { } typed ? typed : proposed;

    /// <summary>The fields of this page in the order they were drawn, which is the error summary's order.</summary>
    internal static List<string> DrawnOn(HttpContext context)
    {
        if (context.Items[typeof(Field)] is not List<string> drawn)
        {
            context.Items[typeof(Field)] = drawn = [];
        }
        return drawn;
    }

    protected void Draw(string name)
    {
        DrawnOn(ViewContext.HttpContext).Add(IdOf(name));
        PageForms.Of(ViewContext.HttpContext).Drawn++;
    }

    protected void Begin(TagHelperOutput output)
    {
        Draw(Name);
        output.TagName = "div";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.Clear();
        output.Attributes.SetAttribute("class", Error is null ? "govuk-form-group" : "govuk-form-group govuk-form-group--error");
    }

    protected void AppendLabel(IHtmlContentBuilder html)
    {
        var label = new HtmlContentBuilder().AppendFormat("<label class=\"govuk-label{0}\" for=\"{1}\">{2}</label>", Heading ? " govuk-label--l" : "", Id, Label);
        AppendHeading(html, "govuk-label-wrapper", label);
    }

    protected void AppendLegend(IHtmlContentBuilder html)
    {
        html.AppendFormat("<legend class=\"govuk-fieldset__legend govuk-fieldset__legend--{0}\">", Heading ? "l" : "s");
        AppendHeading(html, "govuk-fieldset__heading", new HtmlContentBuilder().Append(Label));
        html.AppendHtml("</legend>");
    }

    protected void AppendHintAndError(IHtmlContentBuilder html)
    {
        if (Hint is not null)
        {
            html.AppendFormat("<div id=\"{0}-hint\" class=\"govuk-hint\">{1}</div>", Id, Hint);
        }
        if (Error is not null)
        {
            html.AppendFormat("<p id=\"{0}-error\" class=\"govuk-error-message\"><span class=\"govuk-visually-hidden\">{1}</span> {2}</p>", Id, T["field.error"], Error);
        }
    }

    /// <summary>aria-describedby, and aria-invalid on a single input.</summary>
    protected void AppendDescription(IHtmlContentBuilder html, bool invalid)
    {
        var ids = string.Join(' ', new[] { Hint is null ? null : Id + "-hint", Error is null ? null : Id + "-error" }.OfType<string>());
        if (ids.Length > 0)
        {
            html.AppendFormat(" aria-describedby=\"{0}\"", ids);
        }
        if (invalid && Error is not null)
        {
            html.AppendHtml(" aria-invalid=\"true\"");
        }
    }

    void AppendHeading(IHtmlContentBuilder html, string wrapper, IHtmlContent content)
    {
        if (Heading)
        {
            html.AppendFormat("<h1 class=\"{0}\">", wrapper).AppendHtml(content).AppendHtml("</h1>");
        }
        else
        {
            html.AppendHtml(content);
        }
    }
}
