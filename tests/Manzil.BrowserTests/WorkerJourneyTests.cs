namespace Manzil.BrowserTests;

public class WorkerJourneyTests(Chromium chromium)
{
    public static readonly TheoryData<string> Languages = ["en", "ru", "kk"];

    // privacy.md 22: everything works on HTML alone.
    [Theory, MemberData(nameof(Languages))]
    public Task Journey_WithoutScript_LeavesReceiptsThatVerify(string language) =>
        chromium.OnPhoneAsync(
            async phone =>
            {
                var worker = await phone.Service.EnrolAsync(language);
                var journey = new WorkerJourney(phone, () => phone.CheckAsync());
                await journey.SignInAsync(worker);
                await journey.RegisterAsync();
                await journey.TellAddressAsync();
                var zip = await journey.KeepAsync();
                await journey.ConfirmAsync();
                await journey.LeaveAndStayAsync();
                await journey.CorrectAsync();
                await journey.SignOutAsync();

                var keys = phone.Service.Url + "/.well-known/manzil/keys.json";
                var said = await phone.Service.RunAsync(0, "receipt", "verify", zip, "--keys", keys, "--document", worker.Document);
                Assert.Contains(journey.Residence, said, StringComparison.Ordinal);
                await phone.Service.RunAsync(4, "receipt", "verify", zip, "--keys", keys, "--document", "UZB|ZZ9999999|1991-03-02");
            },
            language,
            script: false);
}
