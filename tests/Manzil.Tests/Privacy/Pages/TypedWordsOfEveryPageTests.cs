namespace Manzil.Tests.Privacy.Pages;

/// <summary>found.md 14 and 17 for every form that a walk through the service finds: a new one is looked at without being named here.</summary>
[Collection(nameof(EveryPage))]
public sealed class TypedWordsOfEveryPageTests(EveryPage pages)
{
    [Fact]
    public void Form_InAnotherLanguageOrTooLong_KeepsEveryWordAndSaysWhy()
    {
        Assert.True(pages.WordsLost.Count == 0, string.Join('\n', pages.WordsLost));
        Assert.True(pages.FieldsTried.Count > 60 && pages.TooLongTried.Count > 35, $"{pages.FieldsTried.Count} fields, {pages.TooLongTried.Count} too long");
        // Doors of each kind are among them.
        foreach (var one in new[] { "/case/answer Text", "/helper/answer Text", "/staff/desk/{look:long}/case/answer Text", "/staff/desk/enrol Name", "/sign-in Card", "/departure/{replaces?} On.Day", "/staff/search Reason" })
            Assert.Contains(one, pages.FieldsTried);
    }

    [Fact]
    public void Form_OfEveryPage_LeadsBack()
    {
        var asks = pages.All.Where(p => p.Tags.Any(t => t.Name == "form" && t["id"] == "page-form")).ToList();
        var without = asks.Where(p => !p.Tags.Any(t => t.Name == "a" && t["class"] == "govuk-back-link" && t["href"] is ['/', ..])).Select(p => p.ToString()).ToList();
        Assert.True(without.Count == 0, string.Join('\n', without));
        Assert.True(asks.Count > 80, $"{asks.Count} pages");
        Assert.DoesNotContain(pages.All, p => p.Tags.Any(t => t["maxlength"] is not null));
    }

    // Whatever a page lets somebody type stands in the form that the languages send.
    [Fact]
    public void Field_OfEveryPage_StandsInTheFormThatIsKept()
    {
        // A code may be used up by now, and is kept nowhere.
        static bool IsCode(Manzil.Tests.Layout.Element t) => t["name"] is "Code" or "ActivationCode";
        static bool IsTyped(Manzil.Tests.Layout.Element t) => t.Name == "textarea" || (t.Name == "input" && t["type"] is null or "text");
        var without = pages.All.SelectMany(p =>
        {
            var kept = p.Tags.Where(t => t.Name == "form" && t["id"] == "page-form").SelectMany(f => f.All).Where(IsTyped).ToHashSet();
            return p.Tags.Where(t => IsTyped(t) && !kept.Contains(t) && !IsCode(t)).Select(t => $"{p}: {t["name"]}");
        }).ToList();
        Assert.True(without.Count == 0, string.Join('\n', without));
    }
}
