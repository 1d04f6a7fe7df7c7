using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Manzil.Layout.Form;

/// <summary><c>&lt;summary-list&gt;&lt;summary-row label="…" change="/residence/address"&gt;…&lt;/summary-row&gt;&lt;/summary-list&gt;</c></summary>
public sealed class SummaryList : TagHelper
{
    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "dl";
        output.Attributes.SetAttribute("class", "govuk-summary-list");
    }
}

[HtmlTargetElement("summary-row", ParentTag = "summary-list")]
public sealed class SummaryRow(Texts texts) : TagHelper
{
    public string Label { get; set; } = "";

    /// <summary>Where this answer can be changed.</summary>
    public string? Change { get; set; }

    /// <summary>The same inside a form, where what was typed travels along: the value that its button sends as <c>Go</c>.</summary>
    public string? ChangeBySending { get; set; }

    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        var value = await output.GetChildContentAsync();
        output.TagName = "div";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", Change is null && ChangeBySending is null ? "govuk-summary-list__row govuk-summary-list__row--no-actions" : "govuk-summary-list__row");
        var html = output.Content;
        html.AppendFormat("<dt class=\"govuk-summary-list__key\">{0}</dt><dd class=\"govuk-summary-list__value\" dir=\"auto\">", Label).AppendHtml(value).AppendHtml("</dd>");
        if (Change is not null)
        {
            html.AppendFormat(
                "<dd class=\"govuk-summary-list__actions\"><a class=\"govuk-link\" href=\"{0}\">{1}<span class=\"govuk-visually-hidden\"> ({2})</span></a></dd>",
                Change, texts["field.change"], Label);
        }
        if (ChangeBySending is not null)
        {
            html.AppendFormat(
                "<dd class=\"govuk-summary-list__actions\"><button class=\"manzil-link-button\" name=\"Go\" value=\"{0}\">{1}<span class=\"govuk-visually-hidden\"> ({2})</span></button></dd>",
                ChangeBySending, texts["field.change"], Label);
        }
    }
}
