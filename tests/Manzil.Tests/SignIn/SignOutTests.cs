using System.Net;
using Dapper;
using Manzil.Messages;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Tests.Databases;
using Manzil.Tests.Helping;
using Manzil.Tests.Notices;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.SignIn;

/// <summary>Nobody is locked out by a tap, or by twelve hours, without having been told (found.md, 1).</summary>
public class SignOutTests
{
    const string OnlyACentre = "only a centre can let you in again";

    // The code of the slip is used, and there is nothing else: the tap is a question, on which a way back can be made.
    [Theory, EachDatabase]
    public async Task SignOut_NoWayBack_IsAskedFirstAndCanStill(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync(phone: null);
        using var reader = new WebReader(service);
        await reader.SignInAsync(worker);
        using var asked = await reader.SendAsync("/account", action: "/sign-out");
        Assert.Equal("/sign-out", asked.Headers.Location?.OriginalString);
        Assert.True(await reader.IsSignedInAsync());
        var question = await reader.ReadAsync("/sign-out");
        Assert.Contains("Do you want to sign out?", question, StringComparison.Ordinal);
        Assert.Contains(OnlyACentre, question, StringComparison.Ordinal);
        foreach (var way in new[] { "/sign-out?handler=Remember", "/sign-in/passkey-offer", "/account/recovery-codes", "/account/channel" }) Assert.Contains($"=\"{way}", question, StringComparison.Ordinal);

        using var left = await reader.SendAsync("/sign-out", new Dictionary<string, string> { ["Anyway"] = "yes" });
        Assert.Equal("/sign-out", left.Headers.Location?.OriginalString);
        Assert.False(await reader.IsSignedInAsync());
        var done = await reader.ReadAsync("/sign-out");
        Assert.Contains("You are signed out", done, StringComparison.Ordinal);
        Assert.DoesNotContain("Aziz", done, StringComparison.Ordinal);
    }

    // Each way back by itself is enough for one tap, and the page afterwards names it, and nobody.
    [Theory, EachDatabase("phone on file"), EachDatabase("e-mail on file"), EachDatabase("card lost"), EachDatabase("recovery codes"), EachDatabase("remembered phone"), EachDatabase("new slip"), EachDatabase("passkey")]
    public async Task SignOut_WithAWayBack_IsOneTapAndNamesIt(DatabaseKind kind, string has)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync(phone: has is "phone on file" or "card lost" ? "+70000000001" : null, email: has == "e-mail on file" ? "aziz@example.com" : null);
        using var reader = new WebReader(service);
        await reader.SignInAsync(worker);
        var sessions = BackInSteps.Part<Sessions>(service);
        await using var connection = await service.Core.Database.OpenAsync();
        if (has == "recovery codes") await reader.MakeRecoveryCodesAsync();
        if (has == "remembered phone") await sessions.StartAsync(worker.Id, Session.Phone);
        if (has == "new slip") await ActivationCodes.IssueAsync(connection, null, worker.Id, service.Clock.GetCurrentInstant() + NodaTime.Duration.FromDays(30));
        if (has == "card lost") await connection.ExecuteAsync("update worker set card_lost_at = 1 where id = @Id", new { worker.Id });
        if (has == "passkey") await AddPasskeyAsync(connection, worker);

        using var left = await reader.SendAsync("/account", action: "/sign-out");
        var way = has switch
        {
            "card lost" => "document",
            "recovery codes" => "recovery",
            "remembered phone" => "phone",
            "new slip" => "slip",
            "passkey" => "passkey",
            _ => "sent-code",
        };
        Assert.Equal("/sign-out?ways=" + way, left.Headers.Location?.OriginalString);
        Assert.False(await reader.IsSignedInAsync());
        var done = await reader.ReadAsync(left.Headers.Location!.OriginalString);
        Assert.Contains("You are signed out", done, StringComparison.Ordinal);
        Assert.Contains(Manzil.Layout.Texts.For("en")[$"out.way-{way}"], done, StringComparison.Ordinal);
        Assert.DoesNotContain("Aziz", done, StringComparison.Ordinal);
        Assert.DoesNotContain("000001", done, StringComparison.Ordinal);
    }

    // What does not work is no way back: a phone from which messages come back, a code that waits for its channel, codes that were used,
    // a session that is over, and this very phone, which forgets with the tap.
    [Theory, EachDatabase]
    public async Task SignOut_WaysThatDoNotWork_AreNone(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind, demo: false);
        var worker = await service.EnrolAsync(phone: "+70000000001");
        using var reader = new WebReader(service);
        await reader.SignInAsync(worker, remember: true);
        await reader.MakeRecoveryCodesAsync();
        await BackInSteps.Part<Sessions>(service).StartAsync(worker.Id, Session.Api);
        await using var connection = await service.Core.Database.OpenAsync();
        await connection.ExecuteAsync("update recovery_code set used_at = 1");
        await connection.ExecuteAsync("update message set attempts = 1, bounced_at = @now, status_at = @now", new { now = service.Clock.GetCurrentInstant().ToUnixTimeMilliseconds() });
        await connection.ExecuteAsync("insert into channel (worker_id, kind, address) values (@Id, 'sms', '+70000000007')", new { worker.Id });
        using var asked = await reader.SendAsync("/account", action: "/sign-out");
        Assert.Equal("/sign-out", asked.Headers.Location?.OriginalString);
        Assert.True(await reader.IsSignedInAsync());

        // It works again, so it is one.
        await connection.ExecuteAsync("update message set bounced_at = null, arrived_at = @now", new { now = service.Clock.GetCurrentInstant().ToUnixTimeMilliseconds() });
        using var left = await reader.SendAsync("/account", action: "/sign-out");
        Assert.Equal("/sign-out?ways=sent-code", left.Headers.Location?.OriginalString);
    }

    [Theory, EachDatabase]
    public async Task Remember_OnTheQuestion_KeepsThisPhoneAlsoLongAfterSigningIn(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var reader = new WebReader(service);
        await reader.SignInAsync(await service.EnrolAsync(phone: null));
        // There is no code to show again that could be sent: this must work all the same.
        service.Clock.AdvanceHours(11);
        using var kept = await reader.SendAsync("/sign-out", action: "/sign-out?handler=Remember");
        Assert.Equal("/account", kept.Headers.Location?.OriginalString);
        Assert.Contains(kept.Headers.GetValues("Set-Cookie"), c => c.StartsWith("manzil=", StringComparison.Ordinal) && c.Contains("max-age=", StringComparison.Ordinal));
        service.Clock.AdvanceDays(89);
        Assert.True(await reader.IsSignedInAsync());
        Assert.Contains("Remembered phone", await reader.ReadAsync("/account"), StringComparison.Ordinal);

        // Whoever can be sent a code shows it first: a phone that somebody left open is not theirs for 90 days.
        using var other = new WebReader(service);
        await other.SignInAsync(await service.EnrolAsync());
        service.Clock.AdvanceHours(1);
        using var fresh = await other.SendAsync("/sign-out", action: "/sign-out?handler=Remember");
        Assert.Equal("/sign-in/fresh?return=%2Fsign-out", fresh.Headers.Location?.OriginalString);
        service.Clock.AdvanceHours(11);
        Assert.False(await other.IsSignedInAsync());
    }

    // Twelve hours end a visit as a tap does: it is said where whoever has no way back is, and to nobody else.
    [Theory, EachDatabase]
    public async Task Visit_EndsByTheClockWithNoWayBack_IsToldOnHomeAccountAndOffer(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var reader = new WebReader(service);
        var worker = await service.EnrolAsync(phone: null);
        await reader.SignInAsync(worker);
        var until = Manzil.Layout.Dates.InWords(service.Clock.GetCurrentInstant() + Sessions.ApiLifetime, service.Core.Rules.Zone, "en");
        foreach (var page in new[] { "/", "/account", "/sign-in/passkey-offer" })
        {
            var html = await reader.ReadAsync(page);
            Assert.Contains($"This visit ends on {until}", html, StringComparison.Ordinal);
            Assert.Contains(page == "/" ? "href=\"/account\"" : "/account/recovery-codes", html, StringComparison.Ordinal);
        }

        await reader.MakeRecoveryCodesAsync();
        using var other = new WebReader(service);
        await other.SignInAsync(await service.EnrolAsync());
        foreach (var who in new[] { reader, other })
            foreach (var page in new[] { "/", "/account", "/sign-in/passkey-offer" }) Assert.DoesNotContain("This visit ends on", await who.ReadAsync(page), StringComparison.Ordinal);
    }

    [Theory, EachDatabase("<script>"), EachDatabase("passkey,Aziz Rahimov"), EachDatabase("account.title")]
    public async Task SignedOut_WaysOfAnyText_SaysWhatItKnowsAlone(DatabaseKind kind, string ways)
    {
        await using var service = await TestService.StartAsync(kind);
        using var reader = new WebReader(service);
        var html = await reader.ReadAsync("/sign-out?ways=" + Uri.EscapeDataString(ways));
        Assert.Contains("You are signed out", html, StringComparison.Ordinal);
        // The links to other languages hold the address that somebody opened; the page itself says nothing of it.
        Assert.DoesNotContain("Aziz Rahimov", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
        Assert.Equal(ways.StartsWith("passkey", StringComparison.Ordinal), html.Contains("with your passkey", StringComparison.Ordinal));
    }

    // The same trap at the other doors: an officer of the demo without a passkey, and a helper, whose code is used by coming in.
    [Theory, EachDatabase]
    public async Task SignOut_OfficerWithoutAPasskey_IsAskedFirst(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var officer = Visitor.Officer(service, (await service.StaffAsync(StaffRole.Clerk)).Cookie);
        await officer.GetAsync("/staff");
        await officer.PostAsync("/staff/sign-out", new() { ["__RequestVerificationToken"] = TokenIn(officer.Html) });
        Assert.Equal(("/staff/sign-out", "Do you want to sign out?"), (officer.Path, officer.Heading));
        Assert.Contains("you need a new invitation", officer.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await officer.GetAsync("/staff/passkeys")).Status);
        await officer.GetAsync("/staff/sign-out");
        await officer.PostAsync();
        Assert.Equal(("/staff/sign-out", "You are signed out"), (officer.Path, officer.Heading));
        await officer.GetAsync("/staff/passkeys");
        Assert.StartsWith("/staff/sign-in", officer.Path, StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task Leave_Helper_IsToldThatTheCodeIsUsedBeforeAndAfter(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var helper = await HelperTests.OfAsync(service, await Visitor.SignInAsync(service, await service.EnrolAsync()), "see");
        await helper.GetAsync("/helper/file");
        Assert.Contains("<details", helper.Html, StringComparison.Ordinal);
        Assert.Contains("you need a new code from the worker", helper.Text, StringComparison.Ordinal);
        await helper.PostAsync("/helper/file?handler=Leave", new() { ["__RequestVerificationToken"] = TokenIn(helper.Html) });
        Assert.Equal("/helper?left=1", helper.Path);
        Assert.Contains("You have left on this phone", helper.Text, StringComparison.Ordinal);
    }

    static Task AddPasskeyAsync(System.Data.Common.DbConnection connection, TestWorker worker) => connection.ExecuteAsync(
        "insert into passkey (credential_id, worker_id, data, created_at) values (@credential, @Id, @data, 1)",
        new { credential = new byte[16], worker.Id, data = """{"publicKey":"AAAA","signCount":0,"transports":null,"isUserVerified":true,"isBackupEligible":false,"isBackedUp":false}""" });

    static string TokenIn(string html) => System.Text.RegularExpressions.Regex.Match(
        html, "name=\"__RequestVerificationToken\" type=\"hidden\" value=\"([^\"]+)\"", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5)).Groups[1].Value;
}
