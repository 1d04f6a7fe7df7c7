using System.Net;
using Dapper;
using Manzil.Rules;
using Manzil.Tests.Databases;
using Manzil.Tests.Staff;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.SignIn;

/// <summary>Challenges are for anybody to ask for, so nothing is kept of one before it counted.</summary>
public class PasskeyChallengeTests
{
    [Theory, EachDatabase("/sign-in/passkey/"), EachDatabase(Invitee.Root)]
    public async Task Begin_ByAStrangerManyTimes_KeepsNothing(DatabaseKind kind, string root)
    {
        await using var service = await TestService.StartAsync(kind);
        using var stranger = new WebReader(service);
        for (var i = 0; i < 200; i++) await stranger.BeginPasskeyAsync("sign-in", root);
        Assert.Equal(0, await CountAsync(service));
    }

    [Theory, EachDatabase]
    public async Task Begin_BySomebodySignedInManyTimes_KeepsWhatCountedAlone(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var owner = new WebReader(service);
        using var phone = new SoftAuthenticator();
        await owner.SignInAsync(await service.EnrolAsync());
        for (var i = 0; i < 50; i++)
        {
            await owner.BeginPasskeyAsync("add");
            await owner.BeginPasskeyAsync("fresh");
        }

        Assert.Equal(0, await CountAsync(service));
        var (challenge, options) = await owner.BeginPasskeyAsync("add");
        var fields = new Dictionary<string, string> { ["Challenge"] = challenge, ["Credential"] = phone.Create(options) };
        using var added = await owner.SendAsync("/sign-in/passkey-offer", fields);
        Assert.Equal(HttpStatusCode.Redirect, added.StatusCode);
        Assert.Equal(1, await CountAsync(service));
        using var again = await owner.SendAsync("/sign-in/passkey-offer", fields);
        Assert.Equal(HttpStatusCode.BadRequest, again.StatusCode);

        // What counted is kept for as long as it would count, and goes with the next.
        service.Clock.AdvanceMinutes(6);
        phone.Count++;
        using var reader = new WebReader(service);
        (challenge, options) = await reader.BeginPasskeyAsync("sign-in");
        using var entered = await reader.SendAsync("/sign-in", new Dictionary<string, string> { ["Challenge"] = challenge, ["Credential"] = phone.Get(options) }, "/sign-in?handler=Passkey");
        Assert.Equal(HttpStatusCode.Redirect, entered.StatusCode);
        Assert.Equal(1, await CountAsync(service));
    }

    // A phone that never counts, and the same answer sent ten times at the same moment.
    [Theory, EachDatabase]
    public async Task Use_OneAnswerTenTimesAtOnce_CountsOnce(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var owner = new WebReader(service);
        using var phone = new SoftAuthenticator { Count = 0 };
        await owner.SignInAsync(await service.EnrolAsync());
        var (challenge, options) = await owner.BeginPasskeyAsync("add");
        using var added = await owner.SendAsync("/sign-in/passkey-offer", new Dictionary<string, string> { ["Challenge"] = challenge, ["Credential"] = phone.Create(options) });
        Assert.Equal(HttpStatusCode.Redirect, added.StatusCode);

        using var begun = new WebReader(service);
        (challenge, options) = await begun.BeginPasskeyAsync("sign-in");
        var fields = new Dictionary<string, string> { ["Challenge"] = challenge, ["Credential"] = phone.Get(options) };
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
        {
            using var reader = new WebReader(service);
            using var answer = await reader.SendAsync("/sign-in", fields, "/sign-in?handler=Passkey");
            return answer.StatusCode;
        }));
        Assert.Single(answers, HttpStatusCode.Redirect);
        Assert.Equal(9, answers.Count(a => a == HttpStatusCode.BadRequest));
    }

    // Challenges of workers and of officers are sealed by one key: what one is for is told inside.
    [Theory, EachDatabase]
    public async Task Use_WorkersChallengeAtTheStaffsDoor_IsRefused(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var officer = await Invitee.EnterAsync(service, "1001", StaffRole.LeadReviewer);
        officer.Phone.Count++;
        var (challenge, options) = await officer.Browser.BeginPasskeyAsync("sign-in");
        using var entered = await officer.Browser.SendAsync("/staff/sign-in", new Dictionary<string, string> { ["Challenge"] = challenge, ["Credential"] = officer.Phone.Get(options) });
        Assert.Equal(HttpStatusCode.BadRequest, entered.StatusCode);
    }

    static async Task<long> CountAsync(TestService service)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return await connection.ExecuteScalarAsync<long>("select count(*) from passkey_challenge");
    }
}
