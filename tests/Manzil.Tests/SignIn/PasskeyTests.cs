using System.Net;
using Manzil.Tests.Databases;

namespace Manzil.Tests.SignIn;

public class PasskeyTests
{
    [Theory, EachDatabase]
    public async Task Passkey_Added_SignsInWithoutTyping(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var phone = new SoftAuthenticator();
        using var owner = await OwnerAsync(service, phone);
        using var reader = new WebReader(service);
        phone.Count++;
        using var entered = await UseAsync(reader, phone);
        Assert.Equal("/", entered.Headers.Location?.OriginalString);
        Assert.True(await reader.IsSignedInAsync());
    }

    [Theory, EachDatabase]
    public async Task Passkey_SameAssertionAgain_IsRefused(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        // Many phones never count: then only the challenge tells a replay.
        using var phone = new SoftAuthenticator { Count = 0 };
        using var owner = await OwnerAsync(service, phone);
        using var reader = new WebReader(service);
        var (challenge, options) = await reader.BeginPasskeyAsync("sign-in");
        var credential = phone.Get(options);
        using var first = await SendAsync(reader, challenge, credential);
        Assert.Equal(HttpStatusCode.Redirect, first.StatusCode);
        using var thief = new WebReader(service);
        using var again = await SendAsync(thief, challenge, credential);
        Assert.Equal(HttpStatusCode.BadRequest, again.StatusCode);
        Assert.False(await thief.IsSignedInAsync());
    }

    [Theory]
    [EachDatabase("origin"), EachDatabase("domain"), EachDatabase("unverified"), EachDatabase("count"), EachDatabase("late"), EachDatabase("purpose"), EachDatabase("stranger")]
    public async Task Passkey_SomethingWrong_IsRefusedWith400(DatabaseKind kind, string wrong)
    {
        await using var service = await TestService.StartAsync(kind);
        using var phone = new SoftAuthenticator();
        using var stranger = new SoftAuthenticator();
        using var owner = await OwnerAsync(service, phone);
        phone.Count++;
        switch (wrong)
        {
            case "origin":
                phone.Origin = "http://localhost:8081";
                break;
            case "domain":
                phone.Domain = "elsewhere.example";
                break;
            case "unverified":
                phone.UserIsVerified = false;
                break;
            case "count":
                phone.Count--;
                break;
        }

        using var reader = new WebReader(service);
        // A challenge for showing oneself again does not sign in.
        var (challenge, options) = await (wrong == "purpose" ? owner : reader).BeginPasskeyAsync(wrong == "purpose" ? "fresh" : "sign-in");
        if (wrong == "late") service.Clock.AdvanceMinutes(5);
        using var answer = await SendAsync(reader, challenge, (wrong == "stranger" ? stranger : phone).Get(options));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.False(await reader.IsSignedInAsync());
    }

    [Theory, EachDatabase]
    public async Task Passkey_WhileGuessingIsDelayed_StillWorks(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        using var phone = new SoftAuthenticator();
        using var owner = await OwnerAsync(service, phone, worker);
        using var reader = new WebReader(service);
        for (var i = 0; i < 6; i++)
        {
            using var guess = await reader.TrySignInAsync(worker.CardNumber, worker.Document.BirthDate, "AAAAA-AAAAA");
            if (i == 5) Assert.Equal(HttpStatusCode.TooManyRequests, guess.StatusCode);
            using var asked = await reader.AskAsync(worker.Document);
            if (i == 5) Assert.Equal(HttpStatusCode.TooManyRequests, asked.StatusCode);
            using var recovery = await reader.RecoverAsync(worker.CardNumber, worker.Document.BirthDate, "AAAA-AAAA-AAAA");
            if (i == 5) Assert.Equal(HttpStatusCode.TooManyRequests, recovery.StatusCode);
        }

        phone.Count++;
        using var entered = await UseAsync(reader, phone);
        Assert.Equal(HttpStatusCode.Redirect, entered.StatusCode);
    }

    [Theory, EachDatabase]
    public async Task Passkey_ShownAgain_MakesTheSessionFresh(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var phone = new SoftAuthenticator();
        using var owner = await OwnerAsync(service, phone);
        service.Clock.AdvanceHours(1);
        using var notYet = await owner.OpenAsync("/account/export");
        Assert.Equal(HttpStatusCode.Redirect, notYet.StatusCode);
        phone.Count++;
        var (challenge, options) = await owner.BeginPasskeyAsync("fresh");
        using var shown = await owner.SendAsync("/sign-in/fresh", Fields(challenge, phone.Get(options)), "/sign-in/fresh?handler=Passkey");
        Assert.Equal(HttpStatusCode.Redirect, shown.StatusCode);
        using var open = await owner.OpenAsync("/account/export");
        Assert.Equal(HttpStatusCode.OK, open.StatusCode);
    }

    /// <summary>A worker signed in by card who has added this passkey.</summary>
    static async Task<WebReader> OwnerAsync(TestService service, SoftAuthenticator phone, TestWorker? worker = null)
    {
        var owner = new WebReader(service);
        await owner.SignInAsync(worker ?? await service.EnrolAsync());
        var (challenge, options) = await owner.BeginPasskeyAsync("add");
        using var added = await owner.SendAsync("/sign-in/passkey-offer", Fields(challenge, phone.Create(options)));
        Assert.Equal("/", added.Headers.Location?.OriginalString);
        return owner;
    }

    static async Task<HttpResponseMessage> UseAsync(WebReader reader, SoftAuthenticator phone)
    {
        var (challenge, options) = await reader.BeginPasskeyAsync("sign-in");
        return await SendAsync(reader, challenge, phone.Get(options));
    }

    static Task<HttpResponseMessage> SendAsync(WebReader reader, string challenge, string credential) =>
        reader.SendAsync("/sign-in", Fields(challenge, credential), "/sign-in?handler=Passkey");

    static Dictionary<string, string> Fields(string challenge, string credential) => new() { ["Challenge"] = challenge, ["Credential"] = credential };
}
