using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Manzil.Layout.Form;

/// <summary>
/// Radios, or checkboxes with <c>many="true"</c>.
/// <c>&lt;choice-group name="Kind" label="…" value="@Model.Kind"&gt;&lt;choice value="a" label="…" /&gt;&lt;/choice-group&gt;</c>
/// </summary>
public sealed class ChoiceGroup : Field
{
    /// <summary>The chosen value; with <see cref="Many"/> several, separated by commas.</summary>
    public string? Value { get; set; }

    public bool Many { get; set; }

    int Count { get; set; }

    public override void Init(TagHelperContext context) => context.Items[typeof(ChoiceGroup)] = this;

    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        var choices = await output.GetChildContentAsync();
        Begin(output);
        var html = output.Content;
        html.AppendHtml("<fieldset class=\"govuk-fieldset\"");
        AppendDescription(html, invalid: false);
        html.AppendHtml(">");
        AppendLegend(html);
        AppendHintAndError(html);
        html.AppendFormat("<div class=\"govuk-{0}\">", Many ? "checkboxes" : "radios").AppendHtml(choices).AppendHtml("</div></fieldset>");
    }

    internal void Append(IHtmlContentBuilder html, Choice choice)
    {
        // The first choice has the group's own id, for the error summary to link to.
        var id = Count++ == 0 ? Id : $"{Id}-{Count}";
        var chosen = (Typed(Name, Value) ?? "").Split(',').Contains(choice.Value);
        html.AppendFormat("<input class=\"govuk-{0}__input\" id=\"{1}\" name=\"{2}\" type=\"{3}\" value=\"{4}\"",
            Many ? "checkboxes" : "radios", id, Name, Many ? "checkbox" : "radio", choice.Value);
        if (choice.Hint is not null)
        {
            html.AppendFormat(" aria-describedby=\"{0}-choice-hint\"", id);
        }
        html.AppendHtml(chosen ? " checked>" : ">");
        html.AppendFormat("<label class=\"govuk-label govuk-{0}__label\" for=\"{1}\"", Many ? "checkboxes" : "radios", id);
        if (choice.Lang is not null)
        {
            html.AppendFormat(" lang=\"{0}\"", choice.Lang);
        }
        html.AppendFormat(">{0}</label>", choice.Label);
        if (choice.Hint is not null)
        {
            html.AppendFormat("<div id=\"{0}-choice-hint\" class=\"govuk-hint govuk-{1}__hint\">{2}</div>", id, Many ? "checkboxes" : "radios", choice.Hint);
        }
    }
}

[HtmlTargetElement("choice", ParentTag = "choice-group", TagStructure = TagStructure.WithoutEndTag)]
public sealed class Choice : TagHelper
{
    public string Value { get; set; } = "";

    public string Label { get; set; } = "";

    public string? Hint { get; set; }

    /// <summary>The label's language, where it is not the page's.</summary>
    public string? Lang { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        var group = (ChoiceGroup)context.Items[typeof(ChoiceGroup)];
        output.TagName = "div";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", group.Many ? "govuk-checkboxes__item" : "govuk-radios__item");
        group.Append(output.Content, this);
    }
}
