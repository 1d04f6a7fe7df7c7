namespace Manzil.BrowserTests;

public class PublicPagesTests(Chromium chromium)
{
    public static readonly TheoryData<string> Languages = ["en", "ru", "kk"];

    static readonly string[] Pages = ["/sign-in/document", "/sign-in/recovery", "/help", "/privacy", "/language", "/verify", "/status", "/no-such-page"];

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
}
