namespace Manzil.BrowserTests;

/// <summary>Every page of the caseworker's and the reviewer's desk, in the states of one case. Its own service, since days go by.</summary>
public sealed class DeskPagesTests(Chromium chromium)
{
    [Theory]
    [InlineData("en")]
    [InlineData("ru")]
    [InlineData("kk")]
    public async Task Page_OfficerSignedIn_IsCleanAndInOneLanguage(string language)
    {
        chromium.Need();
        await using var service = await PublishedService.StartAsync();
        await chromium.OnPhoneAsync(WalkAsync, language, service: service);
    }

    // privacy.md 22 holds for officers too, but for their sign-in.
    [Fact]
    public async Task Page_WithoutScript_DoesTheSame()
    {
        chromium.Need();
        await using var service = await PublishedService.StartAsync();
        await chromium.OnPhoneAsync(WalkAsync, script: false, service: service);
    }

    static async Task WalkAsync(Phone phone)
    {
        var lookAsync = phone.Looking();
        var words = CaseWords.In(phone.Language);
        var worker = await phone.Service.EnrolAsync(phone.Language);
        await phone.GiveAsync(worker, new { kind = "registration" });
        await phone.GiveAsync(worker, new { kind = "residence", from = "2026-01-01", address = new { locality = "1", street = "2", building = "3" } });

        await phone.SignInAsync("S100", "caseworker");
        await phone.GotoAsync("/staff/cases");
        await lookAsync();
        await phone.GotoAsync("/staff/search");
        await lookAsync();
        await phone.SubmitAsync();
        await lookAsync();
        await phone.SearchAsync("FC9999999", words.Look);
        await lookAsync();
        await phone.SearchAsync(worker.CardNumber, words.Look);
        Assert.StartsWith("/staff/search/", phone.Path);
        await lookAsync();
        await phone.FollowAsync(phone.Path + "/open");
        await lookAsync();
        await phone.SubmitAsync("check");
        await lookAsync();
        await phone.FillAsync("Reason", words.Long);
        await phone.SubmitAsync("check");
        await lookAsync();
        await phone.SubmitAsync("do");
        Assert.StartsWith("/staff/receipts/", phone.Path);
        await lookAsync();

        var file = "/staff/cases/" + phone.Path.Split('/')[^1];
        await phone.GotoAsync("/staff/cases");
        await lookAsync();
        await phone.AsWorkerAsync(worker, lookAsync, "/", "/case", "/case/answer");
        await phone.SubmitAsync();
        await lookAsync();
        await phone.HelpAsync(lookAsync);
        await phone.GotoAsync("/staff/cases");

        // What a worker says in such a case is an answer, whichever way it comes.
        await phone.GiveAsync(worker, new { kind = "confirmation" });
        await phone.FollowAsync(file);
        await lookAsync();
        await phone.SubmitAsync();
        await lookAsync();
        await phone.OpenFileAsync(file, words.Look);
        await lookAsync();
        foreach (var refused in new[] { "/propose", "/delivered", "/agree" })
        {
            await phone.GotoAsync(file + refused);
            await lookAsync();
        }

        await phone.GotoAsync(file + "/keep");
        await lookAsync();
        await phone.UntilOfferedAsync(file + "/propose", async () =>
        {
            await phone.SignInAsync("S100", "caseworker");
            await phone.OpenFileAsync(file, words.Look);
            await phone.PressAsync(phone.Page.Locator($"main form[action^='{file}/answers/'] button").First);
            Assert.StartsWith(file + "/answers/", phone.Path);
            await lookAsync();
            await phone.GotoAsync(file);
        });
        await lookAsync();
        await phone.FollowAsync(file + "/propose");
        await lookAsync();
        await phone.FillAsync("Facts", words.Short);
        await phone.SubmitAsync("check");
        Assert.Equal(words.Short, await phone.TypedAsync("Facts"));
        await lookAsync();
        await phone.ProposeAsync(words.Long, lookAsync);
        await lookAsync();

        await phone.SignInAsync("S200", "caseworker");
        await phone.OpenFileAsync(file, words.Look);
        await phone.PressAsync(phone.Page.Locator($"main form[action^='{file}/answers/'] button").First);
        await phone.GotoAsync(file + "/agree");
        await lookAsync();
        await phone.SubmitAsync("check");
        await lookAsync();
        await phone.SubmitAsync("do");
        await phone.AsWorkerAsync(worker, lookAsync, "/", "/case", "/case/appeal");
        await phone.UntilOfferedAsync(file + "/put-in-effect", async () =>
        {
            await phone.SignInAsync("S200", "caseworker");
            await phone.OpenFileAsync(file, words.Look);
        });
        await lookAsync();
        await phone.FollowAsync(file + "/put-in-effect");
        await lookAsync();
        await phone.SubmitAsync("check");
        await lookAsync();
        await phone.SubmitAsync("do");

        await phone.AsWorkerAsync(worker, lookAsync, "/", "/case", "/looks");
        await phone.SignInAsync("S300", "reviewer");
        await phone.GotoAsync("/staff/cases");
        await lookAsync();
        await phone.OpenFileAsync(file, words.Look);
        await lookAsync();
        await phone.FollowAsync(file + "/reinstate");
        await lookAsync();
        await phone.FillAsync("Reason", words.Long);
        await phone.SubmitAsync("check");
        await lookAsync();
        await phone.SubmitAsync("do");
        await lookAsync();
    }
}
