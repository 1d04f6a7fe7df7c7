using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Manzil.Layout.Form;

/// <summary>Something beside the matter that a reader should still see.</summary>
public sealed class InsetText : TagHelper
{
    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "div";
        output.Attributes.SetAttribute("class", "govuk-inset-text");
    }
}

/// <summary>Something that has consequences.</summary>
public sealed class WarningText(Texts texts) : TagHelper
{
    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        var content = await output.GetChildContentAsync();
        output.TagName = "div";
        output.Attributes.SetAttribute("class", "govuk-warning-text");
        output.Content.AppendHtml("<span class=\"govuk-warning-text__icon\" aria-hidden=\"true\">!</span>")
            .AppendFormat("<strong class=\"govuk-warning-text__text\"><span class=\"govuk-visually-hidden\">{0}</span> ", texts["page.warning"])
            .AppendHtml(content).AppendHtml("</strong>");
    }
}

/// <summary>News about the reader's own affairs; <c>success="true"</c> after something was done.</summary>
public sealed class NotificationBanner : TagHelper
{
    public string Heading { get; set; } = "";

    public bool Success { get; set; }

    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        var content = await output.GetChildContentAsync();
        // A page can have one of each.
        var title = Success ? "done-title" : "notification-title";
        output.TagName = "div";
        output.Attributes.SetAttribute("class", Success ? "govuk-notification-banner govuk-notification-banner--success" : "govuk-notification-banner");
        output.Attributes.SetAttribute("role", Success ? "alert" : "region");
        output.Attributes.SetAttribute("aria-labelledby", title);
        output.Content.AppendFormat(
                "<div class=\"govuk-notification-banner__header\"><h2 class=\"govuk-notification-banner__title\" id=\"{0}\">{1}</h2></div>", title, Heading)
            .AppendHtml("<div class=\"govuk-notification-banner__content\">").AppendHtml(content).AppendHtml("</div>");
    }
}

/// <summary>On top of the page after an act: what was done, as the page's h1.</summary>
public sealed class ConfirmationPanel : TagHelper
{
    public string Heading { get; set; } = "";

    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        var content = await output.GetChildContentAsync();
        output.TagName = "div";
        output.Attributes.SetAttribute("class", "govuk-panel govuk-panel--confirmation");
        output.Content.AppendFormat("<h1 class=\"govuk-panel__title\">{0}</h1><div class=\"govuk-panel__body\">", Heading)
            .AppendHtml(content).AppendHtml("</div>");
    }
}
