using System.Net;
using System.Text.RegularExpressions;
using Manzil.Receipts;
using Manzil.Tests.Databases;
using Manzil.Tests.SignIn;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Registrations.Desk;

/// <summary>Somebody who lost card, phone or code is let in again at the desk.</summary>
public partial class CodePageTests
{
    const string Phone = "+70000000001", Email = "aziz@example.com";

    [Theory, EachDatabase]
    public async Task Code_NewCardAndSessionsEnded_OnlyTheSlipSignsInAndEveryChannelIsTold(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        var worker = await desk.Service.EnrolAsync(phone: Phone, email: Email);
        using var thief = new WebReader(desk.Service);
        await thief.SignInAsync(worker, remember: true);
        Assert.True(await thief.IsSignedInAsync());
        var root = await desk.ServeAsync(worker);

        await desk.Web.GetAsync(root + "/code");
        await desk.Web.PostAsync(("Seen", "yes"), ("NewCard", "fc 999 9999"), ("EndSessions", "yes"));
        Assert.Equal(HttpStatusCode.OK, desk.Web.Status);
        var code = Code().Match(desk.Web.Html).Value;
        Assert.Contains("FC9999999", desk.Web.Text);

        // At once, on this node too.
        Assert.False(await thief.IsSignedInAsync());
        using var reader = new WebReader(desk.Service);
        using var oldCode = await reader.TrySignInAsync("FC9999999", worker.Document.BirthDate, worker.ActivationCode);
        Assert.Equal(HttpStatusCode.Unauthorized, oldCode.StatusCode);
        using var oldCard = await reader.TrySignInAsync(worker.CardNumber, worker.Document.BirthDate, code);
        Assert.Equal(HttpStatusCode.Unauthorized, oldCard.StatusCode);
        await reader.SignInAsync(worker with { CardNumber = "FC9999999", ActivationCode = code });
        var number = (await desk.ActsAsync(worker.Id))[^1];
        var record = await desk.Service.VerifiedAsync(reader, worker, number);
        Assert.Equal($"card=FC9999999, card-before={worker.CardNumber}, centre={desk.Clerk.Staff.Office}, how=centre, officer={desk.Clerk.Staff.Number}, role=clerk, sessions=ended", BackInSteps.Text(record));
        Assert.Equal((RecordChannel.Desk, desk.Clerk.Staff.Office), (record.Channel, record.Office));
        Assert.Equal([Phone, Email], (await desk.Service.MessagesOfAsync(number)).Select(m => m.Address).Order(StringComparer.Ordinal));
        Assert.Contains(desk.ClerkInWords, await reader.ReadAsync($"/notices/{number}"), StringComparison.Ordinal);
        await desk.Web.GetAsync($"{root}/notices/{number}");
        Assert.Equal(HttpStatusCode.OK, desk.Web.Status);
        Assert.Equal([desk.Look], await desk.LooksAsync(worker.Id));
    }

    [Theory, EachDatabase]
    public async Task Code_SessionsKept_TheWorkerStaysSignedIn(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        var worker = await desk.Service.EnrolAsync();
        using var phone = new WebReader(desk.Service);
        await phone.SignInAsync(worker, remember: true);
        var root = await desk.ServeAsync(worker);
        await desk.Web.GetAsync(root + "/code");
        await desk.Web.PostAsync(("Seen", "yes"), ("EndSessions", "no"));
        Assert.True(await phone.IsSignedInAsync());
        using var reader = new WebReader(desk.Service);
        await reader.SignInAsync(worker with { ActivationCode = Code().Match(desk.Web.Html).Value });
    }

    [Theory, EachDatabase]
    public async Task Code_DocumentNotSeenOrNothingChosen_IsNotGivenOut(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        var (worker, other) = (await desk.Service.EnrolAsync(), await desk.Service.EnrolAsync());
        var root = await desk.ServeAsync(worker);
        ((string, string)[] Typed, HttpStatusCode Status, string Words)[] wrong =
        [
            ([("Seen", ""), ("EndSessions", "no")], HttpStatusCode.BadRequest, "See the identity document first"),
            ([("Seen", "yes"), ("EndSessions", "")], HttpStatusCode.BadRequest, "Ask the worker, and choose"),
            ([("Seen", "yes"), ("EndSessions", "no"), ("NewCard", "ФЦ1")], HttpStatusCode.BadRequest, "Use only digits and Latin letters"),
            ([("Seen", "yes"), ("EndSessions", "no"), ("NewCard", other.CardNumber)], HttpStatusCode.Conflict, "This card belongs to somebody else"),
        ];
        foreach (var (typed, status, words) in wrong)
        {
            await desk.Web.GetAsync(root + "/code");
            Assert.DoesNotContain("checked", desk.Web.Html);
            await desk.Web.PostAsync(typed);
            Assert.Equal(status, desk.Web.Status);
            Assert.Contains(words, desk.Web.Text);
            Assert.DoesNotContain(other.Document.Number, desk.Web.Html);
        }

        Assert.Single(await desk.ActsAsync(worker.Id));
        Assert.Empty(await desk.LooksAsync(other.Id));
        using var reader = new WebReader(desk.Service);
        await reader.SignInAsync(worker);
    }

    [Theory, EachDatabase]
    public async Task Code_SentTwice_IsOneCodeShownOnce(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        var worker = await desk.Service.EnrolAsync();
        var root = await desk.ServeAsync(worker);
        await desk.Web.GetAsync(root + "/code");
        var form = desk.Web.Form();
        (form["Seen"], form["EndSessions"]) = ("yes", "no");
        await desk.Web.PostAsync(root + "/code", form);
        var code = Code().Match(desk.Web.Html).Value;
        Assert.NotEqual("", code);
        await desk.Web.PostAsync(root + "/code", form);
        Assert.Equal(HttpStatusCode.OK, desk.Web.Status);
        Assert.Contains("The slip was shown once.", desk.Web.Text);
        Assert.DoesNotContain(code, desk.Web.Html);
        form["EndSessions"] = "yes";
        await desk.Web.PostAsync(root + "/code", form);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, desk.Web.Status);
        Assert.Equal(2, (await desk.ActsAsync(worker.Id)).Count);
        using var reader = new WebReader(desk.Service);
        await reader.SignInAsync(worker with { ActivationCode = code });
    }

    [GeneratedRegex("(?<=manzil-slip__code\" translate=\"no\">)[0-9A-Z]{5}-[0-9A-Z]{5}", RegexOptions.None, 5000)]
    private static partial Regex Code();
}
