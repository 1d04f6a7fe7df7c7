using System.Text.RegularExpressions;
using Manzil.Tests.Layout;
using Manzil.Tests.Notices;
using Manzil.Tests.Registrations.Desk;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Privacy.Pages;

/// <summary>
/// privacy.md 12: no rubber stamp. Whatever an officer says, they say themselves: each field for it is empty and nothing is chosen when it
/// is first shown, at every stage of a case, to every role, whatever stands in the address; and leaving it so does nothing.
/// </summary>
[Collection(nameof(EveryPage))]
public sealed partial class OfficersWordsTests(EveryPage pages)
{
    // What is no officer's word: what the service itself has to have back. Its value has no blank and is no sentence.
    static readonly HashSet<string> Carried = ["__RequestVerificationToken", "Key", "Seen", "Shown", "Change", "Item", "Return", "id"];

    // What the register knows already is not asked for again (WCAG 3.3.7): the worker's own data on the worker's own forms, at the desk.
    static readonly HashSet<string> Known =
    [
        .. from field in new[] { "On.Day", "On.Month", "On.Year" } select $"/staff/desk/{{look:long}}/departure/{{replaces?}} text {field}: has a value",
        .. from field in new[] { "Name", "State", "Number", "BirthDate.Day", "BirthDate.Month", "BirthDate.Year" } select $"/staff/desk/{{look:long}}/details text {field}: has a value",
        .. from field in new[] { "Answered", "From.Day", "From.Month", "From.Year", "Locality", "Street", "Building" } select $"/staff/desk/{{look:long}}/residence/{{replaces?}} hidden {field}: has a value",
        "/staff/desk/{look:long}/departure/undo hidden Number: has a value",
    ];

    // Buttons say what is to be done, never why.
    static readonly HashSet<string> Buttons = ["Go=check", "Go=do", "Go=change", "Go=from", "Go=address", "Go=change-address", "Go=give"];

    [Fact]
    public void Field_OfEveryStaffPage_IsEmptyWhenFirstShown()
    {
        var found = pages.Staff.SelectMany(page => Filled(page).Select(f => $"{page.Pattern} {f}   e.g. {page}")).GroupBy(f => f.Split("   ")[0]).Select(g => g.First()).Where(f => !Known.Contains(f.Split("   ")[0])).ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
        Assert.True(pages.Staff.Count(p => p.Tags.Any(t => t.Name == "textarea")) > 30, "Too few pages with fields for words were found.");
    }

    [Fact]
    public void Walk_OfPages_MissesNone()
    {
        // What is shown where something failed, ways in and out, and the receipt of what one clerk did: none has a field for words. To the
        // page that asks a reason anew a form leads alone, below.
        Assert.Empty(pages.Missed.Except(["/staff/desk/{look:long}/again", "/error", "/sign-out", "/staff/sign-out", "/staff/demo/{token}", "/staff/invitation/{token}", "/staff/desk/receipts/{number}"]));
    }

    // Where a sitting ended while something was typed: the rest is kept, and the reason is asked as if for the first time.
    [Fact]
    public async Task Reason_AskedAnewAtTheDesk_IsEmpty()
    {
        await using var desk = await ClerkDesk.NewAsync(DatabaseKind.Sqlite);
        var worker = await SignedInWorker.NewAsync(desk.Service);
        var root = await desk.ServeAsync(worker.Worker);
        desk.Service.Clock.Advance(Manzil.Cases.Desk.Sitting.Length);
        await desk.Clerk.SignInAgainAsync();
        await desk.Web.GetAsync("/staff/desk/serve");
        await desk.Web.PostAsync(root + "/registration", new Dictionary<string, string> { ["__RequestVerificationToken"] = desk.Web.Form()["__RequestVerificationToken"], ["Key"] = Guid.NewGuid().ToString("N") });
        var reason = Assert.Single(Element.Parse(desk.Web.Html).All, t => t["name"] == "LookReason");
        Assert.True(reason.Name == "textarea" ? reason.Words.Length == 0 : reason["value"] is null or "", desk.Web.Text);
    }

    [Fact]
    public void Form_SentAsFirstShown_DoesNothing()
    {
        Assert.True(pages.DoneWithoutWords.Count == 0, string.Join('\n', pages.DoneWithoutWords));
        Assert.True(pages.SentWithoutWords > 15, $"{pages.SentWithoutWords} forms");
    }

    static IEnumerable<string> Filled(Seen page)
    {
        foreach (var tag in page.Tags)
        {
            var (name, type, value) = (tag["name"] ?? "", (tag["type"] ?? "text").ToLowerInvariant(), tag["value"] ?? "");
            if (tag["placeholder"] is { Length: > 0 } || tag["list"] is not null || tag["contenteditable"] is not null || tag.Name == "datalist") yield return $"{tag.Name} {name}: suggests words";
            switch (tag.Name)
            {
                case "textarea" when tag.Words.Length > 0:
                    yield return $"textarea {name}: has words";
                    break;
                case "input" when type is "radio" or "checkbox":
                    if (tag["checked"] is not null) yield return $"{type} {name}: chosen";
                    break;
                case "input" when type == "hidden":
                    if (value.Length > 0 && !(Carried.Contains(name) && Mark().IsMatch(value))) yield return $"hidden {name}: has a value";
                    break;
                case "input" when value.Length > 0:
                    yield return $"{type} {name}: has a value";
                    break;
                case "select":
                    var options = tag.All.Where(t => t.Name == "option").ToList();
                    if ((options.FirstOrDefault(o => o["selected"] is not null) ?? options.FirstOrDefault()) is { } chosen && chosen["value"] is not "") yield return $"select {name}: chosen";
                    break;
                case "button" when name.Length > 0 && !Buttons.Contains($"{name}={value}"):
                    yield return $"button {name}={value}";
                    break;
                case "a" or "form" or "button" when (tag["href"] ?? tag["action"] ?? tag["formaction"]) is { } link && link.Contains('?', StringComparison.Ordinal) && !page.IsPlanted:
                    foreach (var key in link.Split('?', 2)[1].Split('#')[0].Split('&').Select(p => p.Split('=')[0]).Where(k => k is not ("lang" or "page" or "handler" or "return" or "done" or "at")))
                        yield return $"{tag.Name} that carries {key}";
                    break;
            }
        }
    }

    [GeneratedRegex("^[A-Za-z0-9_/.:+=?&%-]+$", RegexOptions.None, 5000)]
    private static partial Regex Mark();
}
