using Manzil.Tests.Access;

namespace Manzil.BrowserTests;

/// <summary>
/// One phone or computer, two people (found.md 2): a form that one opened is sent while the other is signed in, in a real browser. It is
/// refused, nothing is written, and nothing of the first is shown. That every page holds to it is tried without a browser (ShownToTests).
/// </summary>
public class SharedPhoneTests(Chromium chromium)
{
    const string Mark = "Zarechnaya 77";

    static readonly Func<Task> NoLook = () => Task.CompletedTask;

    [Theory]
    [InlineData("en", true)]
    [InlineData("ru", false)]
    public async Task Form_OpenedByOneAndSentInTheOthersSession_DoesNothingAndShowsNothing(string language, bool script)
    {
        chromium.Need();
        await using var service = await PublishedService.StartAsync();
        await chromium.OnPhoneAsync(phone => WalkAsync(phone, CaseWords.In(language).Look), language, script, service);
    }

    /// <summary>
    /// Their pages lead on, or ask for something that is not so here, and have no form then. What is sent to them all the same is refused
    /// in another's session like everything else (ShownToTests).
    /// </summary>
    static readonly string[] WithoutForm =
    [
        // Registered and leaving, with a case but no decision; no receipt that could be issued anew; nobody to be reached.
        "/registration", "/confirmation", "/case/appeal", "/notices/{number}", "/staff/desk/{look:long}/registration", "/staff/desk/{look:long}/confirmation",
        "/staff/desk/{look:long}/case/appeal", "/staff/desk/{look:long}/notices/{number}", "/staff/desk/reach/{entry}", "/staff/lead/pause",
        // A passkey's script sends these.
        "/sign-in/passkey-offer", "/staff/passkeys", "/staff/sign-in", "/staff/invitation/{token}",
        // Its button stands in the result of a search.
        "/staff/search/{look:long}/open",
    ];

    // Every page with a form, of workers, helpers and officers, in one setting: each of its forms.
    [Theory]
    [InlineData("en", true)]
    [InlineData("ru", false)]
    public async Task EveryForm_OpenedByOneAndSentInTheOthersSession_IsRefused(string language, bool script)
    {
        chromium.Need();
        await using var all = await EveryForm.BeginAsync();
        await chromium.OnPhoneAsync(phone => EachAsync(phone, all), language, script, origin: all.Origin);
    }

    static async Task EachAsync(Phone phone, EveryForm all)
    {
        var (sent, without, wrong) = (0, new List<string>(), new List<string>());
        foreach (var page in await all.PagesAsync())
        {
            for (var i = 0; ; i++)
            {
                await BecomeAsync(phone, page.Cookie);
                await phone.GotoAsync(page.Path + "?lang=" + phone.Language);
                // One for a passkey is sent by its script, once the phone's lock was opened.
                var forms = phone.Page.Locator("main form[method=post]:not([data-passkey])");
                if (await forms.CountAsync() is var count && count == 0) without.Add(page.Route);
                if (i >= count) break;
                var form = forms.Nth(i);
                // What needs a script has no button without one.
                if (await form.Locator("button:visible").CountAsync() == 0) continue;
                foreach (var field in await form.Locator("input[type=text]:visible, textarea:visible").AllAsync()) await field.FillAsync(Mark);
                await BecomeAsync(phone, page.Other);
                var before = await all.WrittenAsync();
                var answer = await AnswerToAsync(phone, () => phone.PressAsync(form.Locator("button:visible").First));
                sent++;
                if (answer?.Status != 409) wrong.Add($"{page.Route}, form {i}: {answer?.Status} at {phone.Page.Url}");
                if ((await phone.Page.ContentAsync()).Contains(Mark, StringComparison.Ordinal)) wrong.Add($"{page.Route}, form {i} shows what was typed");
                if (before != await all.WrittenAsync()) wrong.Add($"{page.Route}, form {i} wrote something");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(without.ToHashSet().SetEquals(WithoutForm), $"Without a form: {string.Join(", ", without.Order(StringComparer.Ordinal))}");
        Assert.True(sent > 40, $"{sent} forms");
    }

    static async Task BecomeAsync(Phone phone, string cookie)
    {
        var (name, value) = (cookie.Split('=', 2)[0], cookie.Split('=', 2)[1]);
        await phone.Context.ClearCookiesAsync(new() { Name = name });
        var path = name == "manzil" ? "/" : name == "manzil-staff" ? "/staff" : "/helper";
        await phone.Context.AddCookiesAsync([new() { Name = name, Value = value, Url = phone.Origin + path }]);
    }

    static async Task WalkAsync(Phone phone, string reason)
    {
        var (one, two) = (await PersonAsync(phone, reason), await PersonAsync(phone, reason));
        foreach (var path in (string[])["/residence", "/confirmation", "/departure", "/account/channel", "/account/export", "/helpers/new", "/case/answer", "/sign-out"])
        {
            await phone.StaySignedInAsync(one.Worker);
            await phone.GotoAsync(path);
            await SendAsOtherAsync(phone, () => phone.StaySignedInAsync(two.Worker), two.Worker);
        }

        // Two helpers, one after the other at one computer.
        await phone.StaySignedInAsync(two.Worker);
        await phone.HelpAsync(NoLook);
        var second = (await phone.Context.CookiesAsync()).Single(c => c.Name.Contains("helper", StringComparison.Ordinal));
        await phone.Context.ClearCookiesAsync(new() { Name = second.Name });
        await phone.StaySignedInAsync(one.Worker);
        await phone.HelpAsync(NoLook);
        await phone.GotoAsync("/helper/answer");
        await SendAsOtherAsync(
            phone,
            () => phone.Context.AddCookiesAsync([new() { Name = second.Name, Value = second.Value, Domain = second.Domain, Path = second.Path, HttpOnly = true }]),
            two.Worker);

        // Two officers at one desk.
        foreach (var (path, role) in new[] { ($"{one.File}/keep", "caseworker"), ("/staff/search", "caseworker"), ("/staff/desk/enrol", "clerk"), ("/staff/desk/serve", "clerk") })
        {
            await phone.SignInAsync(role == "clerk" ? "S301" : "S100", role);
            if (path == $"{one.File}/keep") await phone.OpenFileAsync(one.File, reason);
            await phone.GotoAsync(path);
            await SendAsOtherAsync(phone, () => phone.SignInAsync(role == "clerk" ? "S302" : "S200", role), one.Worker);
        }
    }

    /// <summary>Types the mark wherever something can be typed, changes who is signed in as another tab would, and presses the form's own button.</summary>
    static async Task SendAsOtherAsync(Phone phone, Func<Task> becomeOther, Worker other)
    {
        var path = phone.Path;
        foreach (var field in await phone.Page.Locator("main input[type=text]:visible, main textarea:visible").AllAsync()) await field.FillAsync(Mark);
        var before = await CountAsync(phone, other);
        await becomeOther();
        var answer = await AnswerToAsync(phone, phone.SubmitAsync);
        Assert.True(answer?.Status == 409, $"{path}: {answer?.Status} at {phone.Page.Url}");
        Assert.DoesNotContain(Mark, await phone.Page.ContentAsync(), StringComparison.Ordinal);
        await phone.CheckAsync();
        Assert.Equal(before, await CountAsync(phone, other));
    }

    static async Task<IResponse?> AnswerToAsync(Phone phone, Func<Task> press)
    {
        IResponse? answer = null;
        void Keep(object? sender, IResponse response)
        {
            if (response.Request.ResourceType == "document") answer = response;
        }

        phone.Page.Response += Keep;
        await press();
        phone.Page.Response -= Keep;
        return answer;
    }

    /// <summary>How many receipts somebody has: nothing that is done leaves none.</summary>
    static async Task<int> CountAsync(Phone phone, Worker of)
    {
        await using var apart = await phone.Context.Browser!.NewContextAsync();
        await apart.AddCookiesAsync([new() { Name = "manzil", Value = await phone.Service.SessionAsync(of), Url = phone.Service.Url }]);
        var page = await apart.NewPageAsync();
        await page.GotoAsync(phone.Origin + "/notices");
        return await page.Locator("main a.manzil-notices__link").CountAsync();
    }

    static async Task<(Worker Worker, string File)> PersonAsync(Phone phone, string reason)
    {
        var worker = await phone.Service.EnrolAsync(phone.Language);
        await phone.GiveAsync(worker, new { kind = "registration" });
        await phone.GiveAsync(worker, new { kind = "residence", from = "2026-01-01", address = new { locality = "1", street = "2", building = "3" } });
        await phone.SignInAsync("S100", "caseworker");
        return (worker, await phone.OpenCaseAsync(worker, reason, reason));
    }
}
