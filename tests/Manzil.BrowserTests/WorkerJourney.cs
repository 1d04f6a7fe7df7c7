namespace Manzil.BrowserTests;

/// <summary>
/// All that a worker does, from the first page to signing out, the same in every language: controls are found by
/// their names and links by where they lead.
/// </summary>
public sealed class WorkerJourney(Phone phone, Func<Task> look)
{
    // What is typed is in the language's own letters, so that it is read as that page's text.
    readonly (string Town, string Note, string Street) _typed = phone.Language switch
    {
        "ru" => ("Осмира", "Синий вагончик у склада, вход со двора", "Вокзальная"),
        "kk" => ("Осмира қаласы", "Қойма жанындағы көк вагон, есігі ауладан", "Вокзал көшесі"),
        _ => ("Osmira", "Blue cabin beside the warehouse, enter from the yard", "Station Street"),
    };

    /// <summary>The receipt of the address, once it was given.</summary>
    public string Residence { get; private set; } = "";

    public async Task SignInAsync(Worker worker)
    {
        await phone.GotoAsync("/");
        await look();
        await phone.FollowAsync("/sign-in");
        await look();

        await phone.SubmitAsync();
        Assert.Equal(3, await ErrorsAsync());
        await look();

        await phone.SignInAsync(worker with { ActivationCode = "00000-00000" });
        Assert.Equal(1, await ErrorsAsync());
        Assert.Equal(worker.CardNumber, await phone.TypedAsync("Card"));
        Assert.Equal(worker.BirthDate.Year.ToString(), await phone.TypedAsync("BirthDate.Year"));
        await look();

        await phone.SignInAsync(worker);
        Assert.Equal("/sign-in/passkey-offer", phone.Path);
        await look();
        await phone.FollowAsync("/");
        await look();
    }

    public async Task RegisterAsync()
    {
        await phone.FollowAsync("/registration");
        await look();
        await phone.SubmitAsync();
        await ReceiptAsync();

        // A second registration is refused, and the refusal says what to do instead.
        await phone.GotoAsync("/registration");
        await phone.Page.Locator("main a[href='/residence']").WaitForAsync();
        await look();
    }

    public async Task TellAddressAsync()
    {
        await HomeAsync();
        await phone.FollowAsync("/residence");
        await look();
        await phone.FillAsync("Locality", _typed.Town);
        await phone.FillAsync("Postcode", "100200");
        await phone.SubmitAsync();
        Assert.Equal(1, await ErrorsAsync());
        Assert.Equal(_typed.Town, await phone.TypedAsync("Locality"));
        Assert.Equal("100200", await phone.TypedAsync("Postcode"));
        await look();

        // No street: described in words.
        await phone.FillAsync("Note", _typed.Note);
        await phone.SubmitAsync();
        await look();
        await phone.FillAsync("From.Day", "31");
        await phone.FillAsync("From.Month", "9");
        await phone.FillAsync("From.Year", "2025");
        await phone.SubmitAsync();
        Assert.Equal(1, await ErrorsAsync());
        Assert.Equal(["31", "9", "2025"], [await phone.TypedAsync("From.Day"), await phone.TypedAsync("From.Month"), await phone.TypedAsync("From.Year")]);
        await look();

        var from = (await phone.TodayAsync()).AddDays(-60);
        await phone.FillDateAsync("From", from);
        await phone.SubmitAsync();
        await ChecksAsync(_typed.Note);
        await look();
        await phone.SubmitAsync("from");
        Assert.Equal(from.ToString("yyyy"), await phone.TypedAsync("From.Year"));
        await phone.FillDateAsync("From", from.AddDays(-1));
        await phone.SubmitAsync();
        await ChecksAsync(_typed.Note);
        await ChecksAsync(from.AddDays(-1).Day + " ");
        await phone.SubmitAsync("give");
        Residence = await ReceiptAsync();
    }

    /// <summary>The page to print and the zip; the zip's file.</summary>
    public async Task<string> KeepAsync()
    {
        await phone.FollowAsync($"/notices/{Residence}/print");
        await look();
        Assert.Equal(2, await phone.Page.Locator("main svg").CountAsync());
        await phone.PressAsync(phone.Page.Locator($"a[href='/notices/{Residence}']"));
        return await DownloadAsync();
    }

    public async Task<string> DownloadAsync()
    {
        var download = await phone.Page.RunAndWaitForDownloadAsync(() => phone.Page.Locator($"main a[href='/notices/{Residence}/receipt.zip']").ClickAsync());
        Assert.Equal($"manzil-{Residence}.zip", download.SuggestedFilename);
        return await download.PathAsync();
    }

    public async Task ConfirmAsync()
    {
        await HomeAsync();
        await phone.FollowAsync("/confirmation");
        await look();
        await phone.SubmitAsync();
        await ReceiptAsync();
        // The first page knows it: nothing to do, and no button to confirm again.
        await HomeAsync();
        Assert.Equal(0, await phone.Page.Locator("main form[action='/confirmation']").CountAsync());
    }

    public async Task LeaveAndStayAsync()
    {
        await HomeAsync();
        await phone.FollowAsync("/departure");
        await look();
        await phone.SubmitAsync();
        Assert.Equal(1, await ErrorsAsync());
        await look();
        await phone.FillDateAsync("On", (await phone.TodayAsync()).AddDays(10));
        await phone.SubmitAsync();
        await look();
        await phone.SubmitAsync("ask");
        await look();
        await phone.SubmitAsync();
        await phone.SubmitAsync("give");
        var departure = await ReceiptAsync();

        await HomeAsync();
        await phone.FollowAsync($"/departure/{departure}");
        await look();
        await phone.GotoAsync("/departure/undo");
        await look();
        await HomeAsync();
        await phone.SubmitAsync();
        await ReceiptAsync();
        await HomeAsync();
        Assert.Equal(1, await phone.Page.Locator("main a[href='/departure']").CountAsync());
    }

    public async Task CorrectAsync()
    {
        await phone.FollowAsync("/notices");
        await look();
        await phone.FollowAsync($"/notices/{Residence}");
        await look();
        await phone.FollowAsync($"/residence/{Residence}");
        await ChecksAsync(_typed.Note);
        await look();
        await phone.SubmitAsync("change-address");
        Assert.Equal(_typed.Note, await phone.TypedAsync("Note"));
        await look();
        await phone.FillAsync("Street", _typed.Street);
        await phone.FillAsync("Building", "14");
        await phone.SubmitAsync();
        await ChecksAsync(_typed.Street);
        await phone.SubmitAsync("give");
        var correction = await ReceiptAsync();

        // Both stay visible.
        await phone.FollowAsync($"/notices/{Residence}");
        await look();
        await phone.FollowAsync($"/notices/{correction}");
        await phone.FollowAsync("/notices");
        Assert.Equal(1, await phone.Page.Locator($"main a[href='/notices/{Residence}']").CountAsync());
        Assert.Equal(1, await phone.Page.Locator($"main a[href='/notices/{correction}']").CountAsync());
        await look();
    }

    public async Task SignOutAsync()
    {
        await phone.PressAsync(phone.Page.Locator("form[action='/sign-out'] button"));
        Assert.Equal("/sign-out", phone.Path);
        await look();
        await phone.GotoAsync("/notices");
        Assert.Equal("/sign-in", phone.Path);
    }

    async Task HomeAsync()
    {
        await phone.GotoAsync("/");
        await look();
    }

    async Task<string> ReceiptAsync()
    {
        Assert.StartsWith("/notices/", phone.Path, StringComparison.Ordinal);
        Assert.Equal(1, await phone.Page.Locator("main svg").CountAsync());
        await look();
        return phone.Path.Split('/')[2];
    }

    async Task ChecksAsync(string text) =>
        Assert.Contains(text, await phone.Page.Locator("main dl").InnerTextAsync(), StringComparison.Ordinal);

    async Task<int> ErrorsAsync()
    {
        // The reader stands where it is said, whether they see it or hear it.
        await phone.Page.Locator(".govuk-error-summary:focus").WaitForAsync();
        return await phone.Page.Locator(".govuk-error-summary__list li").CountAsync();
    }
}
