using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

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
        var words = phone.Language switch
        {
            "ru" => (Look: "Письмо вернулось", Long: "Хозяин квартиры сообщил, что работник уехал третьего марта и забрал все вещи.", Short: "Мало"),
            "kk" => (Look: "Хат қайтып келді", Long: "Пәтер иесі жұмысшының үшінші наурызда кетіп, барлық затын алып кеткенін хабарлады.", Short: "Аз"),
            _ => (Look: "A letter came back", Long: "The landlord says that the worker left on the third of March and took everything along.", Short: "Short"),
        };
        var worker = await phone.Service.EnrolAsync(phone.Language);
        await GiveAsync(phone, worker, new { kind = "registration" });
        await GiveAsync(phone, worker, new { kind = "residence", from = "2026-01-01", address = new { locality = "1", street = "2", building = "3" } });

        await phone.SignInAsync("S100", "caseworker");
        await phone.GotoAsync("/staff/cases");
        await lookAsync();
        await phone.GotoAsync("/staff/search");
        await lookAsync();
        await phone.SubmitAsync();
        await lookAsync();
        await SearchAsync(phone, "FC9999999", words.Look);
        await lookAsync();
        await SearchAsync(phone, worker.CardNumber, words.Look);
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
        await AsWorkerAsync(phone, worker, lookAsync, "/", "/case", "/case/answer");
        await phone.SubmitAsync();
        await lookAsync();
        await HelpAsync(phone, lookAsync);
        await phone.GotoAsync("/staff/cases");

        // What a worker says in such a case is an answer, whichever way it comes.
        await GiveAsync(phone, worker, new { kind = "confirmation" });
        await phone.FollowAsync(file);
        await lookAsync();
        await phone.SubmitAsync();
        await lookAsync();
        await OpenAsync(phone, file, words.Look);
        await lookAsync();
        foreach (var refused in new[] { "/propose", "/delivered", "/agree" })
        {
            await phone.GotoAsync(file + refused);
            await lookAsync();
        }

        await phone.GotoAsync(file + "/keep");
        await lookAsync();
        await UntilOfferedAsync(phone, file + "/propose", async () =>
        {
            await phone.SignInAsync("S100", "caseworker");
            await OpenAsync(phone, file, words.Look);
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
        await phone.Page.Locator("main input[name=Ground]").First.CheckAsync();
        await phone.FillAsync("Facts", words.Long);
        await phone.FillAsync("Change", words.Long);
        await phone.SubmitAsync("check");
        await lookAsync();
        await phone.SubmitAsync("do");
        await lookAsync();

        await phone.SignInAsync("S200", "caseworker");
        await OpenAsync(phone, file, words.Look);
        await phone.PressAsync(phone.Page.Locator($"main form[action^='{file}/answers/'] button").First);
        await phone.GotoAsync(file + "/agree");
        await lookAsync();
        await phone.SubmitAsync("check");
        await lookAsync();
        await phone.SubmitAsync("do");
        await AsWorkerAsync(phone, worker, lookAsync, "/", "/case", "/case/appeal");
        await UntilOfferedAsync(phone, file + "/put-in-effect", async () =>
        {
            await phone.SignInAsync("S200", "caseworker");
            await OpenAsync(phone, file, words.Look);
        });
        await lookAsync();
        await phone.FollowAsync(file + "/put-in-effect");
        await lookAsync();
        await phone.SubmitAsync("check");
        await lookAsync();
        await phone.SubmitAsync("do");

        await AsWorkerAsync(phone, worker, lookAsync, "/", "/case", "/looks");
        await phone.SignInAsync("S300", "reviewer");
        await phone.GotoAsync("/staff/cases");
        await lookAsync();
        await OpenAsync(phone, file, words.Look);
        await lookAsync();
        await phone.FollowAsync(file + "/reinstate");
        await lookAsync();
        await phone.FillAsync("Reason", words.Long);
        await phone.SubmitAsync("check");
        await lookAsync();
        await phone.SubmitAsync("do");
        await lookAsync();
    }

    /// <summary>What the worker sees of it meanwhile.</summary>
    static async Task AsWorkerAsync(Phone phone, Worker worker, Func<Task> look, params string[] paths)
    {
        await phone.StaySignedInAsync(worker);
        foreach (var path in paths)
        {
            await phone.GotoAsync(path);
            Assert.Equal(path, phone.Path);
            await look();
        }
    }

    /// <summary>Somebody is let in to help, and looks at what they may.</summary>
    static async Task HelpAsync(Phone phone, Func<Task> look)
    {
        await phone.GotoAsync("/helpers/new");
        await phone.FillAsync("Name", "Aziz");
        await phone.Page.Locator("main input[name=Scope][value=act]").CheckAsync();
        await phone.FillAsync("Days", "30");
        await phone.SubmitAsync();
        await look();
        var code = await phone.Page.Locator("main code").InnerTextAsync();
        await phone.GotoAsync("/helpers");
        await look();
        await phone.GotoAsync("/");
        await look();
        await phone.GotoAsync("/helper");
        await phone.FillAsync("Code", code);
        await phone.SubmitAsync();
        await look();
        foreach (var path in (string[])["/helper/file", "/helper/answer", "/helper/appeal"])
        {
            await phone.GotoAsync(path);
            await look();
        }
    }

    static async Task OpenAsync(Phone phone, string file, string reason)
    {
        await phone.GotoAsync(file);
        await phone.FillAsync("Reason", reason);
        await phone.SubmitAsync();
        Assert.Equal(1, await phone.Page.Locator("main ol").CountAsync());
    }

    static async Task SearchAsync(Phone phone, string card, string reason)
    {
        await phone.Page.Locator("main input[name=Kind][value=card]").CheckAsync();
        await phone.FillAsync("Exact", card);
        await phone.FillAsync("Reason", reason);
        await phone.SubmitAsync();
    }

    /// <summary>Lets the worker's ten working days go by: how many days that are depends on the day on which the test runs.</summary>
    static async Task UntilOfferedAsync(Phone phone, string act, Func<Task> openAsync)
    {
        for (var days = 0; ; days++)
        {
            Assert.True(days < 30, $"{act} is offered on no day");
            foreach (var ahead in days == 0 ? new[] { 7, 7 } : [1])
            {
                await phone.GotoAsync("/demo/clock");
                await phone.PressAsync(phone.Page.Locator($"main button[name=Days][value='{ahead}']"));
            }

            await openAsync();
            if (await phone.Page.Locator($"main a[href='{act}']").CountAsync() > 0) return;
        }
    }

    static async Task GiveAsync(Phone phone, Worker worker, object notice)
    {
        using var client = new HttpClient { BaseAddress = new Uri(phone.Service.Url) };
        if (!Tokens.TryGetValue(worker.CardNumber + phone.Service.Url, out var token))
        {
            using var signedIn = await client.PostAsJsonAsync("/api/v1/sessions", new { cardNumber = worker.CardNumber, birthDate = worker.BirthDate.ToString("yyyy-MM-dd"), activationCode = worker.ActivationCode });
            token = Tokens[worker.CardNumber + phone.Service.Url] = (await signedIn.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
        }

        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        client.DefaultRequestHeaders.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var given = await client.PostAsJsonAsync("/api/v1/notices", notice);
        Assert.True(given.IsSuccessStatusCode, await given.Content.ReadAsStringAsync());
    }

    static readonly System.Collections.Concurrent.ConcurrentDictionary<string, string> Tokens = new();
}
