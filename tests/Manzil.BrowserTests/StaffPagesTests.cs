namespace Manzil.BrowserTests;

/// <summary>Officers get in: by an invitation to which a lead reviewer agreed, then with a passkey.</summary>
public class StaffPagesTests(Chromium chromium)
{
    const string PasskeyButton = "main form[data-passkey] button";

    [Fact]
    public async Task Invitation_AgreedTo_MakesAPasskeyThatSignsIn()
    {
        chromium.Need();
        await using var service = await PublishedService.StartAsync();
        var link = await service.InviteAsync("Ada Verin", "2001", "clerk");
        await chromium.OnPhoneAsync(
            async lead => await chromium.OnPhoneAsync(
                async clerk =>
                {
                    await clerk.AddAuthenticatorAsync();
                    await clerk.GotoAsync(link);
                    Assert.Equal(0, await clerk.Page.Locator(PasskeyButton).CountAsync());

                    await lead.GotoAsync(new Uri(await service.OfficerLinkAsync("lead-reviewer")).AbsolutePath);
                    Assert.Equal("/staff", lead.Path);
                    await lead.FollowAsync("/staff/lead");
                    await lead.PressAsync(lead.Page.Locator("main a[href^='/staff/lead/staff/']"));
                    await lead.Page.Locator("main input[name=Answer][value=yes]").CheckAsync();
                    await lead.SubmitAsync();
                    Assert.Equal("/staff/lead", lead.Path);

                    await clerk.GotoAsync(link);
                    await clerk.PressAsync(clerk.Page.Locator(PasskeyButton));
                    Assert.Equal("/staff", clerk.Path);
                    await clerk.PressAsync(clerk.Page.Locator("form[action='/staff/sign-out'] button"));
                    // With a passkey it is one tap.
                    Assert.Equal("/staff/sign-out", clerk.Path);
                    await clerk.FollowAsync("/staff/sign-in");
                    await clerk.GotoAsync("/staff/passkeys");
                    Assert.Equal("/staff/sign-in", clerk.Path);
                    await clerk.PressAsync(clerk.Page.Locator(PasskeyButton));
                    // Back where they wanted to go.
                    Assert.Equal("/staff/passkeys", clerk.Path);
                    await clerk.GotoAsync(link);
                    Assert.Equal(0, await clerk.Page.Locator(PasskeyButton).CountAsync());
                },
                service: service),
            service: service);
    }

    // privacy.md 24 and 25, on every page of officers that stands below /Staff/.
    [Theory, MemberData(nameof(PublicPagesTests.Languages), MemberType = typeof(PublicPagesTests))]
    public Task Page_LeadReviewerSignedIn_IsCleanAndInOneLanguage(string language) => WalkAsync(language, script: true);

    // privacy.md 22, but for passkeys: their pages say what they need.
    [Fact]
    public Task Page_LeadReviewerWithoutScript_DoesTheSame() => WalkAsync("en", script: false);

    async Task WalkAsync(string language, bool script)
    {
        chromium.Need();
        await using var service = await PublishedService.StartAsync();
        var link = await service.InviteAsync("Ada Verin", "2001", "clerk");
        await service.InviteAsync("Tom Harel", "2002", "auditor");
        await chromium.OnPhoneAsync(
            async phone =>
            {
                // What the reader chose comes before the language of the officer.
                await phone.GotoAsync("/help?lang=" + language);
                foreach (var path in (string[])["/staff/sign-in", "/staff/sign-out", link, "/staff/invitation/none"])
                {
                    await phone.GotoAsync(path);
                    await phone.CheckAllAsync();
                }

                var demoLink = new Uri(await service.OfficerLinkAsync("lead-reviewer")).AbsolutePath;
                await phone.GotoAsync(demoLink);
                Assert.Equal("/staff", phone.Path);
                await phone.CheckAllAsync();
                // It is used once.
                await phone.GotoAsync(demoLink);
                Assert.Equal(demoLink, phone.Path);
                await phone.CheckAllAsync();
                foreach (var path in (string[])["/staff/passkeys", "/staff/sign-out", "/staff/audit", "/staff/lead/pause", "/status", "/staff/lead"])
                {
                    await phone.GotoAsync(path);
                    await phone.CheckAllAsync();
                }

                await phone.PressAsync(phone.Page.Locator("main a[href^='/staff/lead/staff/']").First);
                await phone.CheckAllAsync();
                await phone.SubmitAsync();
                Assert.Equal(1, await phone.Page.Locator(".govuk-error-summary__list li").CountAsync());
                await phone.CheckAllAsync();
                await phone.Page.Locator("main input[name=Answer][value=yes]").CheckAsync();
                await phone.SubmitAsync();
                Assert.Equal("/staff/lead", phone.Path);
                await phone.GotoAsync(link);
                await phone.CheckAllAsync();
            },
            language,
            script,
            service: service);
    }

    [Fact]
    public Task SignIn_WithoutScript_SaysThatPasskeysNeedIt() =>
        chromium.OnPhoneAsync(
            async phone =>
            {
                await phone.GotoAsync("/staff/sign-in");
                Assert.False(await phone.Page.Locator(PasskeyButton).IsVisibleAsync());
                Assert.Contains("JavaScript", await phone.Page.Locator("main noscript").InnerTextAsync(), StringComparison.Ordinal);
                await phone.CheckAsync();
            },
            script: false);
}
