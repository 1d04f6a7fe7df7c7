using System.Net;
using System.Text.RegularExpressions;
using Manzil.Rules;
using Manzil.Staff;
using Manzil.Tests.SignIn;
using Microsoft.Extensions.DependencyInjection;

namespace Manzil.Tests.Staff;

/// <summary>An officer with a browser and a phone of their own, from the invitation on.</summary>
sealed partial class Invitee(TestService service, string number) : IDisposable
{
    public const string Root = "/staff/passkey/";

    public WebReader Browser { get; private set; } = new(service);

    public SoftAuthenticator Phone { get; } = new();

    public string Number => number;

    /// <summary>The path of the one-time link, as 'manzil staff invite' printed it.</summary>
    public string Link { get; private set; } = "";

    public string Said { get; private set; } = "";

    public static async Task<Invitee> InviteAsync(TestService service, string number, StaffRole role, string? name = null)
    {
        var invitee = new Invitee(service, number);
        await invitee.InviteAsync(role, name);
        return invitee;
    }

    /// <summary>Invited, agreed to by this lead reviewer (where none is given by any that there is, or by the installation), and signed in with a passkey.</summary>
    public static async Task<Invitee> EnterAsync(TestService service, string number, StaffRole role, Invitee? lead = null)
    {
        var invitee = await InviteAsync(service, number, role);
        if (lead is not null) await invitee.AgreedByAsync(lead);
        else if ((await invitee.FindAsync()).State == OfficerState.Waiting) await service.AgreeAsync((await invitee.FindAsync()).Id);
        using var entered = await invitee.AcceptAsync();
        Assert.Equal("/staff", entered.Headers.Location?.OriginalString);
        return invitee;
    }

    public async Task InviteAsync(StaffRole role, string? name = null)
    {
        Said = await StaffCommand.InviteAsync(service.Core, service.Clock, name ?? "Officer " + number, number, role.Name(), service.Core.Rules.DefaultOffice.Code.Value, "en");
        Link = LinkPath().Match(Said).Value;
        Assert.NotEmpty(Link);
    }

    public async Task<HttpStatusCode> AnswerOfAsync(Invitee lead, string answer)
    {
        var officer = await FindAsync();
        using var sent = await lead.Browser.SendAsync($"/staff/lead/staff/{officer.Id}", new Dictionary<string, string> { ["Answer"] = answer, ["Change"] = $"{officer.Change}" });
        return sent.StatusCode;
    }

    public async Task AgreedByAsync(Invitee lead) => Assert.Equal(HttpStatusCode.Redirect, await AnswerOfAsync(lead, "yes"));

    public async Task<Officer> FindAsync() => (await service.Services.GetRequiredService<Officers>().ListAsync()).Single(o => o.Number == number);

    /// <summary>Makes the passkey that the invitation asks for.</summary>
    public async Task<HttpResponseMessage> AcceptAsync(SoftAuthenticator? phone = null)
    {
        var (challenge, options) = await Browser.BeginPasskeyAsync("add/" + Link.Split('/')[^1], Root);
        return await Browser.SendAsync(Link, Fields(challenge, (phone ?? Phone).Create(options)));
    }

    public async Task<HttpResponseMessage> SignInAsync(SoftAuthenticator? phone = null)
    {
        phone ??= Phone;
        phone.Count++;
        var (challenge, options) = await Browser.BeginPasskeyAsync("sign-in", Root);
        return await Browser.SendAsync("/staff/sign-in", Fields(challenge, phone.Get(options)));
    }

    public void TakeAnotherBrowser()
    {
        Browser.Dispose();
        Browser = new WebReader(service);
    }

    public async Task<bool> IsInAsync()
    {
        using var answer = await Browser.OpenAsync("/staff");
        if (answer.StatusCode == HttpStatusCode.OK) return true;
        Assert.StartsWith("/staff/sign-in", answer.Headers.Location?.OriginalString, StringComparison.Ordinal);
        return false;
    }

    public static Dictionary<string, string> Fields(string challenge, string credential) => new() { ["Challenge"] = challenge, ["Credential"] = credential };

    public void Dispose()
    {
        Browser.Dispose();
        Phone.Dispose();
    }

    [GeneratedRegex("/staff/invitation/[A-Za-z0-9_-]{43}", RegexOptions.None, 5000)]
    private static partial Regex LinkPath();
}
