using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Manzil.BrowserTests;

/// <summary>What officers, workers and helpers do in a case, step by step.</summary>
static class CaseSteps
{
    /// <summary>What the worker sees of a case meanwhile.</summary>
    public static async Task AsWorkerAsync(this Phone phone, Worker worker, Func<Task> look, params string[] paths)
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
    public static async Task HelpAsync(this Phone phone, Func<Task> look)
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

    /// <summary>As the caseworker who is signed in.</summary>
    /// <returns>Where its file is.</returns>
    public static async Task<string> OpenCaseAsync(this Phone phone, Worker about, string look, string reason)
    {
        await phone.GotoAsync("/staff/search");
        await phone.SearchAsync(about.CardNumber, look);
        await phone.FollowAsync(phone.Path + "/open");
        await phone.FillAsync("Reason", reason);
        await phone.SubmitAsync("check");
        await phone.SubmitAsync("do");
        Assert.StartsWith("/staff/receipts/", phone.Path);
        return "/staff/cases/" + phone.Path.Split('/')[^1];
    }

    public static async Task OpenFileAsync(this Phone phone, string file, string reason)
    {
        await phone.GotoAsync(file);
        await phone.FillAsync("Reason", reason);
        await phone.SubmitAsync();
        Assert.Equal(1, await phone.Page.Locator("main ol").CountAsync());
    }

    /// <summary>Every answer and every file sent with it, one after the other, as who agrees or decides must.</summary>
    public static async Task OpenAllAsync(this Phone phone, string file)
    {
        ILocator Unopened(string what) => phone.Page.Locator($"main form[action^='{file}/{what}/'] button");
        while (await Unopened("answers").CountAsync() > 0)
        {
            await phone.PressAsync(Unopened("answers").First);
            await phone.GotoAsync(file);
        }

        while (await Unopened("documents").CountAsync() > 0)
        {
            // A picture shows in the page's place; a PDF is saved, and the page stays.
            if ((await Unopened("documents").First.InnerTextAsync()).Contains("PDF", StringComparison.Ordinal)) await phone.Page.RunAndWaitForDownloadAsync(() => Unopened("documents").First.ClickAsync());
            else await phone.PressAsync(Unopened("documents").First);
            await phone.GotoAsync(file);
        }
    }

    /// <summary>From the page on which removal is proposed to its receipt.</summary>
    public static async Task ProposeAsync(this Phone phone, string words, Func<Task> look)
    {
        await phone.Page.Locator("main input[name=Ground]").First.CheckAsync();
        await phone.FillAsync("Facts", words);
        await phone.FillAsync("Change", words);
        await phone.SubmitAsync("check");
        await look();
        await phone.SubmitAsync("do");
        Assert.StartsWith("/staff/receipts/", phone.Path);
    }

    public static async Task SearchAsync(this Phone phone, string card, string reason)
    {
        await phone.Page.Locator("main input[name=Kind][value=card]").CheckAsync();
        await phone.FillAsync("Exact", card);
        await phone.FillAsync("Reason", reason);
        await phone.SubmitAsync();
    }

    /// <summary>Lets the worker's ten working days go by: how many days that are depends on the day on which the test runs.</summary>
    public static async Task UntilOfferedAsync(this Phone phone, string act, Func<Task> openAsync)
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

    public static async Task GiveAsync(this Phone phone, Worker worker, object notice)
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

/// <summary>What is typed, in the language's own letters, so that it is read as that page's text.</summary>
/// <param name="Look">Why somebody opens a file.</param>
/// <param name="Long">Facts, or reasons.</param>
/// <param name="Short">Too little to be facts.</param>
sealed record CaseWords(string Look, string Long, string Short)
{
    public static CaseWords In(string language) => language switch
    {
        "ru" => new("Письмо вернулось", "Хозяин квартиры сообщил, что работник уехал третьего марта и забрал все вещи.", "Мало"),
        "kk" => new("Хат қайтып келді", "Пәтер иесі жұмысшының үшінші наурызда кетіп, барлық затын алып кеткенін хабарлады.", "Аз"),
        _ => new("A letter came back", "The landlord says that the worker left on the third of March and took everything along.", "Short"),
    };
}
