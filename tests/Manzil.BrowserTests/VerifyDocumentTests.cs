using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Manzil.BrowserTests;

/// <summary>/verify with a document: the phone compares it itself where it runs scripts, and the document stays in it.</summary>
public class VerifyDocumentTests(Chromium chromium)
{
    public static readonly TheoryData<string, bool> Ways = new() { { "en", true }, { "ru", true }, { "kk", true }, { "en", false } };

    [Theory, MemberData(nameof(Ways))]
    public Task Verify_WithADocument_SaysWhetherItIsTheHoldersAndSendsItOnlyWithoutScript(string language, bool script) =>
        chromium.OnPhoneAsync(
            async phone =>
            {
                var worker = await phone.Service.EnrolAsync(language);
                await phone.SignInAndDeclinePasskeyAsync(worker);
                await phone.GotoAsync("/registration");
                await phone.SubmitAsync();
                var download = await phone.Page.RunAndWaitForDownloadAsync(() => phone.Page.Locator("main a[href$='/receipt.zip']").ClickAsync());
                // As text, since a browser tells nobody what is in a form with a file.
                var text = "MNZ1:" + Base45(await StatementAsync(await download.PathAsync()));
                var sent = new List<string>();
                phone.Context.Request += (_, request) =>
                {
                    if (request.Method == "POST") sent.Add(Encoding.Latin1.GetString(request.PostDataBuffer ?? []));
                };
                var document = worker.Document.Split('|');

                var matching = await AskAsync(document[1]);
                var another = await AskAsync("ZZ 99-99999");
                var texts = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "src", "Manzil", "Layout", "Languages", $"{language}.json"))).RootElement;
                Assert.Equal((texts.GetProperty("verify.outcome.for-this-document").GetString(), texts.GetProperty("verify.detail.for-this-document").GetString()), matching);
                Assert.Equal((texts.GetProperty("verify.outcome.for-another-document").GetString(), texts.GetProperty("verify.detail.for-another-document").GetString()), another);

                // A document without a day is compared on the phone too: it is another one, and it was not sent.
                await FillAsync(document[1]);
                await phone.FillAsync("Text", text);
                await phone.FillAsync("BirthDate.Day", "");
                await phone.FillAsync("BirthDate.Month", "00");
                await phone.Page.Locator("[name='BirthDate.NotShown']").CheckAsync();
                await SendAsync();
                await phone.Page.Locator("main dd").First.WaitForAsync();
                Assert.Equal(texts.GetProperty("verify.outcome.for-another-document").GetString(), await phone.Page.Locator("main h1").InnerTextAsync());
                await phone.CheckAsync();

                // Cut by three letters it is no verdict, and what was typed is still there.
                await FillAsync(document[1]);
                await phone.FillAsync("Text", text[..^3]);
                await SendAsync();
                await phone.Page.Locator(".manzil-outcome--unread").WaitForAsync();
                Assert.Equal(texts.GetProperty("verify.outcome.unread").GetString(), await phone.Page.Locator("h1").InnerTextAsync());
                Assert.Equal(document[1], await phone.TypedAsync("Number"));
                await phone.CheckAsync();

                // Without a receipt that is said, and what was typed about the document is still there.
                await FillAsync(document[1]);
                await phone.FillAsync("BirthDate.Day", "");
                await phone.Page.Locator("[name='BirthDate.NotShown']").CheckAsync();
                await SendAsync();
                await phone.Page.Locator(".govuk-error-summary").WaitForAsync();
                Assert.True(await phone.Page.Locator("[name='BirthDate.NotShown']").IsCheckedAsync());
                Assert.Equal(document[1], await phone.TypedAsync("Number"));
                Assert.Equal(document[0], await phone.TypedAsync("State"));
                await phone.CheckAsync();

                // A document that cannot be read is the service's to explain.
                await FillAsync("*");
                await SendAsync();
                await phone.Page.Locator(".govuk-error-summary__list li").Nth(1).WaitForAsync();
                await phone.CheckAsync();

                Assert.Equal(6, sent.Count);
                Assert.All(sent, body => Assert.Contains("BirthDate.Year", body, StringComparison.Ordinal));
                Assert.Equal(script ? 0 : 4, sent.Count(body => body.Contains(document[1], StringComparison.Ordinal)));
                Assert.Equal(script ? 0 : 1, sent.Count(body => body.Contains("ZZ 99-99999", StringComparison.Ordinal)));

                async Task FillAsync(string number)
                {
                    await phone.GotoAsync("/verify");
                    await phone.FillAsync("State", document[0]);
                    await phone.FillAsync("Number", number);
                    await phone.FillDateAsync("BirthDate", worker.BirthDate);
                }

                Task SendAsync() => phone.Page.Locator("main form button.govuk-button").ClickAsync();

                async Task<(string, string)> AskAsync(string number)
                {
                    await FillAsync(number);
                    await phone.FillAsync("Text", text);
                    await SendAsync();
                    await phone.Page.Locator("main dd").First.WaitForAsync();
                    await phone.CheckAsync();
                    await phone.CheckFocusAsync();
                    // Exactly one outcome, and the title says it too: what the phone did not find stands in templates, which nobody reads.
                    var heading = await phone.Page.Locator("main h1").InnerTextAsync();
                    Assert.Equal(1, await phone.Page.Locator(".manzil-outcome").CountAsync());
                    Assert.StartsWith(heading, await phone.Page.TitleAsync());
                    return (heading, await phone.Page.Locator(".manzil-outcome p").InnerTextAsync());
                }
            },
            language,
            script: script);

    // Whatever stands in the document's place of a day that is not there, it is compared on the phone, as any other document.
    [Fact]
    public Task Verify_DocumentThatShowsAYearAlone_MatchesOnThePhoneAndIsNotSent() =>
        chromium.OnPhoneAsync(async phone =>
        {
            var worker = await phone.Service.EnrolAsync(born: "1990-XX-XX");
            await phone.GotoAsync("/sign-in");
            await phone.FillAsync("Card", worker.CardNumber);
            await phone.FillAsync("BirthDate.Year", "1990");
            await phone.FillAsync("Code", worker.ActivationCode);
            await phone.SubmitAsync();
            Assert.Equal("/sign-in/passkey-offer", phone.Path);
            await phone.GotoAsync("/registration");
            await phone.SubmitAsync();
            var download = await phone.Page.RunAndWaitForDownloadAsync(() => phone.Page.Locator("main a[href$='/receipt.zip']").ClickAsync());
            var text = "MNZ1:" + Base45(await StatementAsync(await download.PathAsync()));
            var sent = new List<string>();
            phone.Context.Request += (_, request) =>
            {
                if (request.Method == "POST") sent.Add(Encoding.Latin1.GetString(request.PostDataBuffer ?? []));
            };
            var document = worker.Document.Split('|');
            var isYearAlone = phone.Page.Locator("main [name='BirthDate.NotShown']");
            foreach (var (day, month, ticked, outcome) in new[]
                {
                    ("", "", true, "for-this-document"), ("XX", "xx", false, "for-this-document"), ("00", "0", true, "for-this-document"), ("", "<<", false, "for-this-document"),
                    ("1", "1", false, "for-another-document"), ("", "1", true, "for-another-document"),
                })
            {
                await phone.GotoAsync("/verify");
                await phone.FillAsync("Text", text);
                await phone.FillAsync("State", document[0]);
                await phone.FillAsync("Number", document[1]);
                await phone.FillAsync("BirthDate.Day", day);
                await phone.FillAsync("BirthDate.Month", month);
                await phone.FillAsync("BirthDate.Year", "1990");
                await isYearAlone.SetCheckedAsync(ticked);
                await phone.Page.Locator("main form button.govuk-button").ClickAsync();
                await phone.Page.Locator("main dd").First.WaitForAsync();
                var texts = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "src", "Manzil", "Layout", "Languages", "en.json"))).RootElement;
                Assert.Equal($"{day} {month} {texts.GetProperty("verify.outcome." + outcome).GetString()}", $"{day} {month} {await phone.Page.Locator("main h1").InnerTextAsync()}");
            }

            Assert.Equal(6, sent.Count);
            Assert.All(sent, body => Assert.DoesNotContain(document[1], body, StringComparison.Ordinal));
        });

    static async Task<byte[]> StatementAsync(string zip)
    {
        await using var archive = await ZipFile.OpenReadAsync(zip);
        using var bytes = new MemoryStream();
        await using var statement = await archive.GetEntry("statement.cose")!.OpenAsync();
        await statement.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    // RFC 9285: two bytes are three characters, a last one two, the least first.
    static string Base45(byte[] bytes) => string.Concat(bytes.Chunk(2).Select(pair => pair.Length == 2
        ? $"{Digit(pair[0] * 256 + pair[1])}{Digit((pair[0] * 256 + pair[1]) / 45)}{Digit((pair[0] * 256 + pair[1]) / 45 / 45)}"
        : $"{Digit(pair[0])}{Digit(pair[0] / 45)}"));

    static char Digit(int number) => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"[number % 45];
}
