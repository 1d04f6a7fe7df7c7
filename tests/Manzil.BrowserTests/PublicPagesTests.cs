namespace Manzil.BrowserTests;

public class PublicPagesTests(Chromium chromium)
{
    public static readonly TheoryData<string> Languages = ["en", "ru", "kk"];

    static readonly string[] Pages = ["/sign-in/document", "/sign-in/recovery", "/not-mine", "/help", "/privacy", "/language", "/verify", "/status", "/no-such-page"];

    [Theory, MemberData(nameof(Languages))]
    public Task Page_NobodySignedIn_IsCleanAndInOneLanguage(string language) =>
        chromium.OnPhoneAsync(
            async phone =>
            {
                foreach (var path in Pages)
                {
                    await phone.GotoAsync(path);
                    await phone.CheckAsync();
                    await phone.CheckFocusAsync();
                    await phone.CheckAxeAsync();
                }
            },
            language);

    // privacy.md 22.
    [Fact]
    public Task Page_WithoutScript_IsThere() =>
        chromium.OnPhoneAsync(
            async phone =>
            {
                foreach (var path in Pages)
                {
                    await phone.GotoAsync(path);
                    await phone.CheckAsync();
                }
            },
            script: false);

    // A press of the mouse begins by taking the focus from where it was; what the page shows for that must not move what is pressed.
    [Theory, MemberData(nameof(Languages))]
    public Task Press_WhileTheLinkToTheContentHasTheFocus_IsNotLost(string language) =>
        chromium.OnPhoneAsync(
            async phone =>
            {
                await phone.GotoAsync("/sign-in/document");
                await phone.Page.Keyboard.PressAsync("Tab");
                Assert.Contains("govuk-skip-link", await phone.Page.EvaluateAsync<string>("() => document.activeElement.className"), StringComparison.Ordinal);
                await phone.CheckAxeAsync();
                await phone.SubmitAsync();
                Assert.NotEqual(0, await phone.Page.Locator(".govuk-error-summary__list li").CountAsync());
            },
            language,
            width: 1000);
}
