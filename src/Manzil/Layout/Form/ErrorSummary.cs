using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Manzil.Layout.Form;

/// <summary>On top of a page with errors, each linked to its field; the layout has it on every page.</summary>
public sealed class ErrorSummary(Texts texts) : TagHelper
{
    [ViewContext, HtmlAttributeNotBound]
    public ViewContext ViewContext { get; set; } = null!;

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        var drawn = Field.DrawnOn(ViewContext.HttpContext);
        var errors = ViewContext.ModelState
            .SelectMany(entry => entry.Value!.Errors.Take(1).Select(error => (entry.Key, error.ErrorMessage)))
            .OrderBy(error => drawn.IndexOf(Field.IdOf(error.Key))).ToList();
        if (errors.Count == 0)
        {
            output.SuppressOutput();
            return;
        }
        output.TagName = "div";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "govuk-error-summary");
        // Whoever cannot see that something is wrong hears it first, and Tab goes on from here.
        output.Attributes.SetAttribute("tabindex", "-1");
        output.Attributes.SetAttribute(new TagHelperAttribute("autofocus"));
        var html = output.Content;
        html.AppendFormat(
            "<div role=\"alert\"><h2 class=\"govuk-error-summary__title\">{0}</h2><div class=\"govuk-error-summary__body\"><ul class=\"govuk-list govuk-error-summary__list\">",
            texts["error-summary.title"]);
        foreach (var (key, message) in errors)
        {
            html.AppendFormat(key.Length == 0 ? "<li>{1}</li>" : "<li><a href=\"#{0}\">{1}</a></li>", Field.IdOf(key), message);
        }
        html.AppendHtml("</ul></div></div>");
    }
}
