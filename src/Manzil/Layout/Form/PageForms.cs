using System.Net;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Manzil.Layout.Form;

/// <summary>What the layout, which is drawn last, needs to know of the page: which form has the reader's words, and whether it leads back.</summary>
public sealed class PageForms
{
    /// <summary>How many fields were drawn so far.</summary>
    public int Drawn { get; set; }

    /// <summary>The form whose words another language must not cost: its id; null where the page has none.</summary>
    public string? Id { get; set; }

    /// <summary>What its own first button sends: Enter must press that one, and none that the layout draws before it.</summary>
    public SentByButton FirstButton { get; set; } = new(null, null, null);

    public bool LeadsBack { get; set; }

    public static PageForms Of(HttpContext context)
    {
        if (context.Items[typeof(PageForms)] is not PageForms forms) context.Items[typeof(PageForms)] = forms = new PageForms();
        return forms;
    }
}

/// <summary>What a button of a form sends along, and where to; null where it says nothing of it.</summary>
public sealed record SentByButton(string? Name, string? Value, string? Action);

/// <summary>Notices each form that is sent, and gives the one with the reader's words an id, so that the language can be changed by sending it.</summary>
[HtmlTargetElement("form", Attributes = "method")]
public sealed partial class NoticedForm : TagHelper
{
    const string TheId = "page-form";

    [ViewContext, HtmlAttributeNotBound]
    public ViewContext ViewContext { get; set; } = null!;

    int _before;

    // Another helper of the same form draws what stands in it, before this one is asked.
    public override void Init(TagHelperContext context) => _before = PageForms.Of(ViewContext.HttpContext).Drawn;

    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        var forms = PageForms.Of(ViewContext.HttpContext);
        var content = (await output.GetChildContentAsync()).GetContent(HtmlEncoder.Default);
        var hasFields = forms.Drawn > _before;
        // The first with something to fill in; else the first that carries what was filled in before.
        if (forms.Id is not null || !(hasFields || content.Contains("name=\"Go\"", StringComparison.Ordinal))) return;
        forms.Id = TheId;
        output.Attributes.SetAttribute("id", TheId);
        var button = FirstButton().Match(content).Groups[1].Value;
        var sent = Sent().Matches(button).ToDictionary(m => m.Groups[1].Value, m => WebUtility.HtmlDecode(m.Groups[2].Value));
        forms.FirstButton = new(sent.GetValueOrDefault("name"), sent.GetValueOrDefault("value"), sent.GetValueOrDefault("formaction"));
    }

    [GeneratedRegex("<button([^>]*)>", RegexOptions.None, 1000)]
    private static partial Regex FirstButton();

    [GeneratedRegex(" (name|value|formaction)=\"([^\"]*)\"", RegexOptions.None, 1000)]
    private static partial Regex Sent();
}

/// <summary>Notices that a page leads back by itself.</summary>
[HtmlTargetElement("a", Attributes = "[class=govuk-back-link]")]
public sealed class NoticedBackLink : TagHelper
{
    [ViewContext, HtmlAttributeNotBound]
    public ViewContext ViewContext { get; set; } = null!;

    public override void Process(TagHelperContext context, TagHelperOutput output) => PageForms.Of(ViewContext.HttpContext).LeadsBack = true;
}
