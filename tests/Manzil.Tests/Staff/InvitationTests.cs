using System.Data.Common;
using System.Net;
using Dapper;
using Manzil.Rules;
using Manzil.Staff;
using Manzil.Tests.Databases;
using Manzil.Tests.SignIn;
using Microsoft.Extensions.DependencyInjection;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Staff;

/// <summary>From the command line's link to an officer at work, and out again.</summary>
public class InvitationTests
{
    [Theory, EachDatabase]
    public async Task Invitation_FirstLeadThenOthers_WorksOnceALeadReviewerAgreed(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var lead = await Invitee.EnterAsync(service, "L1", StaffRole.LeadReviewer);
        Assert.Contains("the installation agrees", lead.Said);
        using var clerk = await Invitee.InviteAsync(service, "C1", StaffRole.Clerk);
        Assert.Contains("once a lead reviewer has agreed", clerk.Said);

        Assert.Contains("has not agreed yet", await clerk.Browser.ReadAsync(clerk.Link));
        using (var early = await clerk.Browser.TryBeginPasskeyAsync(Invitee.Root + "add/" + clerk.Link.Split('/')[^1])) Assert.Equal(HttpStatusCode.Unauthorized, early.StatusCode);
        Assert.Contains("Officer C1", await lead.Browser.ReadAsync("/staff/lead"));
        Assert.Contains("1 person waits", await lead.Browser.ReadAsync("/staff"));
        await clerk.AgreedByAsync(lead);
        Assert.Contains("Nobody waits", await lead.Browser.ReadAsync("/staff/lead"));

        Assert.Contains("data-passkey=\"/staff/passkey/add/", await clerk.Browser.ReadAsync(clerk.Link));
        using var entered = await clerk.AcceptAsync();
        Assert.Equal("/staff", entered.Headers.Location?.OriginalString);
        Assert.Contains("Officer C1", await clerk.Browser.ReadAsync("/staff"));
        using var again = await clerk.Browser.OpenAsync(clerk.Link);
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);

        clerk.TakeAnotherBrowser();
        Assert.False(await clerk.IsInAsync());
        using var signedIn = await clerk.SignInAsync();
        Assert.Equal("/staff", signedIn.Headers.Location?.OriginalString);
        Assert.True(await clerk.IsInAsync());
        using var forbidden = await clerk.Browser.OpenAsync("/staff/lead");
        Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
        using var signedOut = await clerk.Browser.SendAsync("/staff", action: "/staff/sign-out");
        Assert.Equal(HttpStatusCode.Redirect, signedOut.StatusCode);
        Assert.False(await clerk.IsInAsync());
    }

    [Theory, EachDatabase]
    public async Task Invitation_UsedTwiceAtOnce_MakesOnePasskey(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var lead = await Invitee.InviteAsync(service, "L1", StaffRole.LeadReviewer);
        using var other = new SoftAuthenticator();
        var token = lead.Link.Split('/')[^1];
        var challenges = new[] { await lead.Browser.BeginPasskeyAsync("add/" + token, Invitee.Root), await lead.Browser.BeginPasskeyAsync("add/" + token, Invitee.Root) };
        // The form's token comes from a page that stays: whoever is quicker uses up the other's.
        var answers = await Task.WhenAll(
            lead.Browser.SendAsync("/language", Invitee.Fields(challenges[0].Challenge, lead.Phone.Create(challenges[0].Options)), lead.Link),
            lead.Browser.SendAsync("/language", Invitee.Fields(challenges[1].Challenge, other.Create(challenges[1].Options)), lead.Link));
        Assert.Single(answers, a => a.Headers.Location?.OriginalString == "/staff");
        Assert.Equal(1, (await lead.FindAsync()).Passkeys);
        foreach (var answer in answers) answer.Dispose();
    }

    [Theory, EachDatabase]
    public async Task Invitation_After7Days_DoesNotWork(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var lead = await Invitee.InviteAsync(service, "L1", StaffRole.LeadReviewer);
        service.Clock.AdvanceDays(7);
        using var late = await lead.Browser.OpenAsync(lead.Link);
        Assert.Equal(HttpStatusCode.NotFound, late.StatusCode);
        Assert.Contains("older than 7 days", await late.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [EachDatabase("origin"), EachDatabase("unverified"), EachDatabase("another's challenge"), EachDatabase("worker's passkey")]
    public async Task Passkey_SomethingWrong_LetsNobodyIn(DatabaseKind kind, string wrong)
    {
        await using var service = await TestService.StartAsync(kind);
        using var lead = await Invitee.InviteAsync(service, "L1", StaffRole.LeadReviewer);
        if (wrong == "origin") lead.Phone.Origin = "http://localhost:8081";
        if (wrong == "unverified") lead.Phone.UserIsVerified = false;
        var (challenge, options) = await lead.Browser.BeginPasskeyAsync("add/" + lead.Link.Split('/')[^1], Invitee.Root);
        if (wrong is "another's challenge" or "worker's passkey")
        {
            // A worker's challenge makes no officer's passkey, and a worker's passkey signs in no officer.
            using var worker = new WebReader(service);
            await worker.SignInAsync(await service.EnrolAsync());
            (challenge, options) = await worker.BeginPasskeyAsync("add");
            if (wrong == "worker's passkey")
            {
                using var added = await worker.SendAsync("/sign-in/passkey-offer", Invitee.Fields(challenge, lead.Phone.Create(options)));
                Assert.Equal("/", added.Headers.Location?.OriginalString);
                using var tried = await lead.SignInAsync();
                Assert.Equal(HttpStatusCode.BadRequest, tried.StatusCode);
                Assert.False(await lead.IsInAsync());
                return;
            }
        }

        using var answer = await lead.Browser.SendAsync(lead.Link, Invitee.Fields(challenge, lead.Phone.Create(options)));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.False(await lead.IsInAsync());
        // The invitation is not used up by it.
        Assert.Contains("data-passkey", await lead.Browser.ReadAsync(lead.Link));
    }

    [Theory, EachDatabase]
    public async Task SignIn_SameAssertionAgain_IsRefused(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var lead = await Invitee.EnterAsync(service, "L1", StaffRole.LeadReviewer);
        lead.TakeAnotherBrowser();
        var (challenge, options) = await lead.Browser.BeginPasskeyAsync("sign-in", Invitee.Root);
        lead.Phone.Count = 0;
        var fields = Invitee.Fields(challenge, lead.Phone.Get(options));
        using var first = await lead.Browser.SendAsync("/staff/sign-in", fields);
        using var thief = new WebReader(service);
        using var again = await thief.SendAsync("/staff/sign-in", fields);
        Assert.Equal(HttpStatusCode.BadRequest, again.StatusCode);
    }

    [Theory, EachDatabase]
    public async Task Refuse_AnInvitation_OpensNothingUntilInvitedAnew(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var lead = await Invitee.EnterAsync(service, "L1", StaffRole.LeadReviewer);
        using var clerk = await Invitee.InviteAsync(service, "C1", StaffRole.Clerk);
        Assert.Equal(HttpStatusCode.Redirect, await clerk.AnswerOfAsync(lead, "no"));
        Assert.Equal(OfficerState.Refused, (await clerk.FindAsync()).State);
        Assert.Contains("did not agree", await clerk.Browser.ReadAsync(clerk.Link));
        using (var tried = await clerk.Browser.TryBeginPasskeyAsync(Invitee.Root + "add/" + clerk.Link.Split('/')[^1])) Assert.Equal(HttpStatusCode.Unauthorized, tried.StatusCode);

        await clerk.InviteAsync(StaffRole.Clerk);
        await clerk.AgreedByAsync(lead);
        using var entered = await clerk.AcceptAsync();
        Assert.True(await clerk.IsInAsync());
    }

    [Theory, EachDatabase]
    public async Task Agree_ToWhatChangedMeanwhileOrToThemselves_IsRefused(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var lead = await Invitee.EnterAsync(service, "L1", StaffRole.LeadReviewer);
        using var clerk = await Invitee.InviteAsync(service, "C1", StaffRole.Clerk);
        var seen = await clerk.FindAsync();
        var appointments = service.Services.GetRequiredService<Appointments>();
        await appointments.ChangeRoleAsync("C1", StaffRole.LeadReviewer);
        using var answer = await lead.Browser.SendAsync($"/staff/lead/staff/{seen.Id}", new Dictionary<string, string> { ["Answer"] = "yes", ["Change"] = $"{seen.Change}" });
        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Equal(OfficerState.Waiting, (await clerk.FindAsync()).State);

        await using var connection = await service.Core.Database.OpenAsync();
        var member = (await StaffMember.FindAsync(connection, "L1"))!;
        await service.StaffAsync(StaffRole.LeadReviewer);
        await appointments.ChangeRoleAsync("L1", StaffRole.Reviewer);
        // A lead reviewer whose page was open when their own role changed.
        Assert.False(await appointments.AgreeAsync(member, member.Id, (await lead.FindAsync()).Change));
        Assert.False(await appointments.AgreeAsync(member, seen.Id, (await clerk.FindAsync()).Change));
        Assert.False(await lead.IsInAsync());
    }

    [Theory, EachDatabase]
    public async Task Database_AgreementThatIsNone_IsRefused(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var (lead, _) = await service.StaffAsync(StaffRole.LeadReviewer);
        var (clerk, _) = await service.StaffAsync(StaffRole.Clerk);
        // As the owner of the tables: the service's role may not even try some of it.
        await using var connection = await service.Database.OpenAsync();
        async Task Refused(string sql, string words)
        {
            var refused = await Assert.ThrowsAnyAsync<DbException>(() => connection.ExecuteAsync(sql, new { lead = lead.Id, clerk = clerk.Id }));
            Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        }

        await Refused("update staff set agreed_by = @lead where id = @lead", "agree");
        await Refused("update staff set agreed_by = @clerk where id = @lead", "agree");
        await Refused(
            "insert into staff (number, name, role, office, language, invited_at, agreed_by, agreed_at) values ('X', 'X', 'clerk', 'NRV-01', 'en', 1, @lead, 1)", "before they were invited");
        await service.Services.GetRequiredService<Appointments>().ChangeRoleAsync(clerk.Number, StaffRole.Auditor);
        await Refused("update staff_change set what = 'agreed'", "only grows");
        await Refused("update staff set agreed_by = @lead, agreed_at = 1 where id = @clerk", "nobody agreed");
    }

    [Theory]
    [EachDatabase("role"), EachDatabase("dismiss"), EachDatabase("invite")]
    public async Task Change_OfAnOfficerAtWork_EndsSessionsAtOnce(DatabaseKind kind, string what)
    {
        await using var service = await TestService.StartAsync(kind);
        using var lead = await Invitee.EnterAsync(service, "L1", StaffRole.LeadReviewer);
        using var clerk = await Invitee.EnterAsync(service, "C1", StaffRole.Clerk, lead);
        Assert.True(await clerk.IsInAsync());
        var appointments = service.Services.GetRequiredService<Appointments>();
        if (what == "role") await appointments.ChangeRoleAsync("C1", StaffRole.Auditor);
        else if (what == "dismiss") await appointments.DismissAsync("C1");
        else await clerk.InviteAsync(StaffRole.Clerk);
        Assert.False(await clerk.IsInAsync());
        using (var tried = await clerk.SignInAsync()) Assert.Equal(HttpStatusCode.BadRequest, tried.StatusCode);
        if (what == "dismiss")
        {
            await Assert.ThrowsAsync<CommandLineException>(() => appointments.ChangeRoleAsync("C1", StaffRole.Clerk));
            return;
        }

        await clerk.AgreedByAsync(lead);
        Assert.False(await clerk.IsInAsync());
        // After another role the passkey is the same; a new invitation has ended it.
        using var later = await clerk.SignInAsync();
        Assert.Equal(what == "role" ? HttpStatusCode.Redirect : HttpStatusCode.BadRequest, later.StatusCode);
        if (what == "invite")
        {
            using var anew = await clerk.AcceptAsync();
            Assert.Equal(HttpStatusCode.Redirect, anew.StatusCode);
        }

        Assert.Contains(what == "role" ? "Auditor" : "Clerk", await clerk.Browser.ReadAsync("/staff"));
    }

    [Theory, EachDatabase]
    public async Task Invite_NumberOfAnotherPerson_IsRefused(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var lead = await Invitee.InviteAsync(service, "L1", StaffRole.LeadReviewer, "Nera Quill");
        var refused = await Assert.ThrowsAsync<CommandLineException>(() => lead.InviteAsync(StaffRole.Clerk, "Tavi Oster"));
        Assert.Contains("Nera Quill", refused.Message);
        foreach (var (number, role, office) in new[] { ("L 2", "clerk", "NRV-01"), ("L2", "chief", "NRV-01"), ("L2", "clerk", "XXX-99") })
            await Assert.ThrowsAsync<CommandLineException>(() => StaffCommand.InviteAsync(service.Core, service.Clock, "Tavi Oster", number, role, office, null));
    }

    [Theory, EachDatabase]
    public async Task SecondPasskey_SoonAfterSignIn_SignsInToo(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var lead = await Invitee.EnterAsync(service, "L1", StaffRole.LeadReviewer);
        using var second = new SoftAuthenticator();
        var (challenge, options) = await lead.Browser.BeginPasskeyAsync("add", Invitee.Root);
        using (var added = await lead.Browser.SendAsync("/staff/passkeys", Invitee.Fields(challenge, second.Create(options)), "/staff/passkeys?handler=Add"))
            Assert.Equal("/staff/passkeys", added.Headers.Location?.OriginalString);
        lead.TakeAnotherBrowser();
        using (var entered = await lead.SignInAsync(second)) Assert.Equal(HttpStatusCode.Redirect, entered.StatusCode);

        // Later on the same desk nobody else adds one.
        service.Clock.AdvanceMinutes(16);
        Assert.Contains("Sign in again", await lead.Browser.ReadAsync("/staff/passkeys"));
        using (var late = await lead.Browser.TryBeginPasskeyAsync(Invitee.Root + "add")) Assert.Equal(HttpStatusCode.Unauthorized, late.StatusCode);
        using (var refused = await lead.Browser.SendAsync("/staff", action: "/staff/passkeys?handler=Remove")) Assert.StartsWith("/staff/sign-in", refused.Headers.Location?.OriginalString, StringComparison.Ordinal);
        Assert.Equal(2, (await lead.FindAsync()).Passkeys);
    }

    // Whoever is in elsewhere may be in by a passkey that is not the officer's.
    [Theory, EachDatabase]
    public async Task SecondPasskey_Added_SignsOutElsewhere(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var lead = await Invitee.EnterAsync(service, "L1", StaffRole.LeadReviewer);
        var sessions = service.Services.GetRequiredService<StaffSessions>();
        await sessions.StartAsync((await lead.FindAsync()).Id);
        await sessions.StartAsync((await service.StaffAsync(StaffRole.Clerk)).Staff.Id);
        await using var connection = await service.Core.Database.OpenAsync();
        Assert.Equal(2, await connection.ExecuteScalarAsync<long>("select count(*) from staff_session where staff_id = @Id", new { (await lead.FindAsync()).Id }));
        using var second = new SoftAuthenticator();
        var (challenge, options) = await lead.Browser.BeginPasskeyAsync("add", Invitee.Root);
        using (var added = await lead.Browser.SendAsync("/staff/passkeys", Invitee.Fields(challenge, second.Create(options)), "/staff/passkeys?handler=Add"))
            Assert.Equal("/staff/passkeys", added.Headers.Location?.OriginalString);
        Assert.Equal(1, await connection.ExecuteScalarAsync<long>("select count(*) from staff_session where staff_id = @Id", new { (await lead.FindAsync()).Id }));
        Assert.True(await lead.IsInAsync());
        // Nobody else is.
        Assert.True(await connection.ExecuteScalarAsync<long>("select count(*) from staff_session") > 1);
    }

    [Theory, EachDatabase]
    public async Task Session_30MinutesIdle_Ends(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var lead = await Invitee.EnterAsync(service, "L1", StaffRole.LeadReviewer);
        for (var i = 0; i < 3; i++)
        {
            service.Clock.AdvanceMinutes(29);
            Assert.True(await lead.IsInAsync());
        }

        service.Clock.AdvanceMinutes(31);
        Assert.False(await lead.IsInAsync());
    }

    [Theory, EachDatabase]
    public async Task Secrets_OfOfficers_AreNotStoredInClear(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var lead = await Invitee.EnterAsync(service, "L1", StaffRole.LeadReviewer);
        using var clerk = await Invitee.InviteAsync(service, "C1", StaffRole.Clerk);
        var session = lead.Browser.Cookies.GetCookies(new Uri(service.Url, "/staff"))[StaffSessions.Cookie]!.Value;
        await using var connection = await service.Core.Database.OpenAsync();
        foreach (var table in new[] { "staff", "staff_invitation", "staff_session", "staff_change", "staff_passkey", "passkey_challenge" })
        {
            foreach (var row in await connection.QueryAsync($"select * from {table}"))
            {
                var text = string.Join('|', ((IDictionary<string, object?>)row).Values.Select(v => v is byte[] bytes ? System.Buffers.Text.Base64Url.EncodeToString(bytes) : $"{v}"));
                Assert.DoesNotContain(session, text, StringComparison.Ordinal);
                Assert.DoesNotContain(clerk.Link.Split('/')[^1], text, StringComparison.Ordinal);
            }
        }
    }
}
