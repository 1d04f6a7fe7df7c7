namespace Manzil.BrowserTests;

/// <summary>
/// What a case comes to where people are heard and do not agree: a letter recorded, files sent, an officer who disagrees, appeals by a
/// helper and at the desk, and removals paused since one was decided for the worker.
/// </summary>
public sealed class CaseStatesTests(Chromium chromium)
{
    static readonly Func<Task> NoLook = () => Task.CompletedTask;

    // These pages are looked at in every language elsewhere (DeskPagesTests and its like); their states here in one each, since it takes minutes.
    [Fact]
    public Task Page_InEachState_IsCleanAndInOneLanguage() => RunAsync("kk", script: true);

    [Fact]
    public Task Page_WithoutScript_DoesTheSame() => RunAsync("ru", script: false);

    async Task RunAsync(string language, bool script)
    {
        chromium.Need();
        // Six reversed appeals pause removals in the demo; here it is one in twenty.
        await using var service = await PublishedService.StartAsync(rules => rules["intervals"]!["breakerPercent"] = 5);
        await chromium.OnPhoneAsync(
            phone => chromium.OnPhoneAsync(other => new Walk(phone, other, CaseWords.In(language)).RunAsync(), language, script, service),
            language, script, service);
    }

    /// <param name="phone">Whoever acts.</param>
    /// <param name="other">An officer who has a page open meanwhile.</param>
    /// <param name="words">What is typed.</param>
    sealed class Walk(Phone phone, Phone other, CaseWords words)
    {
        Worker _worker = null!;
        string _file = "";

        public async Task RunAsync()
        {
            // The demo counts an SMS as delivered at once; who has no phone gets letters.
            _worker = await phone.Service.EnrolAsync(phone.Language, hasPhone: false);
            await phone.GiveAsync(_worker, new { kind = "registration" });
            await phone.GiveAsync(_worker, new { kind = "residence", from = "2026-01-01", address = new { locality = "1", street = "2", building = "3" } });
            await phone.SignInAsync("S100", "caseworker");
            _file = await phone.OpenCaseAsync(_worker, words.Look, words.Long);

            await RecordDeliveryAsync();
            await AnswerWithFilesAsync();
            await AnswerAtTheDeskAsync();
            await phone.UntilOfferedAsync(_file + "/propose", () => AsOfficerAsync("S100", "caseworker"));
            await ProposeAsync();
            await DisagreeAsync();
            await ReturnAsync("S100", "caseworker");
            await ProposeAsync();
            await ReturnAsync("S100", "caseworker");
            await DoAsync("withdraw", words.Long, phone.CheckAllAsync);
            await ReturnAsync("S100", "caseworker");
            await ProposeAsync();
            await ReturnAsync("S200", "caseworker");
            await DoAsync("agree", words.Long, NoLook);
            await phone.GotoAsync(_file + "/delivered");
            await phone.CheckAsync();

            await AppealByHelperAsync();
            await DecideAgainstAsync();
            await AppealAtTheDeskAsync();
            await AsOfficerAsync("S500", "lead-reviewer");
            await DoAsync("decide-for", words.Long, phone.CheckAllAsync);
            await LiftPauseAsync();
        }

        async Task RecordDeliveryAsync()
        {
            await NextDayAsync();
            await phone.OpenFileAsync(_file, words.Look);
            await phone.FollowAsync(_file + "/delivered");
            await phone.CheckAllAsync();
            await phone.SubmitAsync();
            Assert.Equal(2, await ErrorsAsync(phone));
            await phone.CheckAllAsync();
            await phone.Page.Locator("main input[name=How][value=post]").CheckAsync();
            // By the demo's clock, which is a day ahead; where midnight comes earlier than in UTC, that is still no later than today.
            var day = (await phone.TodayAsync()).AddDays(1);
            await phone.FillDateAsync("On", day.AddYears(1));
            await phone.SubmitAsync();
            Assert.Equal(1, await ErrorsAsync(phone));
            await phone.CheckAsync();
            await phone.FillDateAsync("On", day);
            await phone.SubmitAsync();
            Assert.StartsWith("/staff/receipts/", phone.Path);
            await phone.CheckAsync();
            await phone.GotoAsync(_file);
            Assert.Equal(0, await phone.Page.Locator($"main a[href='{_file}/delivered']").CountAsync());
        }

        async Task AnswerWithFilesAsync()
        {
            await phone.AsWorkerAsync(_worker, NoLook, "/case/answer");
            await phone.FillAsync("Text", words.Long);
            await AttachAsync(("text/plain", "note.txt", "-"u8.ToArray()));
            await phone.SubmitAsync();
            Assert.Equal(1, await ErrorsAsync(phone));
            Assert.Equal(words.Long, await phone.TypedAsync("Text"));
            await phone.CheckAllAsync();
            var files = new[] { ("image/png", "photo.png", await phone.Page.ScreenshotAsync()), ("application/pdf", "letter.pdf", await phone.Page.PdfAsync()) };
            await using (await HeldUploads.BeginAsync(phone, "/case/answer"))
            {
                await AttachAsync(files);
                await phone.SubmitAsync();
                Assert.Contains(words.Long, await phone.Page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
                await phone.CheckAllAsync();
            }

            // From the page that turned it away, as often as it takes until there is a place again.
            for (var tries = 0; tries < 20 && phone.Path == "/case/answer"; tries++)
            {
                await AttachAsync(files);
                await phone.SubmitAsync();
            }

            Assert.StartsWith("/notices/", phone.Path);
            await phone.GotoAsync("/case");
            Assert.Equal(2, await phone.Page.Locator("main a[href^='/case/files/']").CountAsync());
            await phone.CheckAllAsync();

            await phone.GotoAsync(_file);
            await phone.PressAsync(phone.Page.Locator($"main form[action^='{_file}/answers/'] button").First);
            await phone.CheckAllAsync();
            await phone.GotoAsync(_file);
            await phone.CheckAllAsync();
            await phone.OpenAllAsync(_file);
            Assert.Equal(2, await phone.Page.Locator($"main a[href^='{_file}/documents/']").CountAsync());
            await phone.CheckAsync();
        }

        async Task AnswerAtTheDeskAsync()
        {
            var root = await ServeAsync();
            await phone.FollowAsync(root + "/case/answer");
            await phone.CheckAllAsync();
            await phone.SubmitAsync();
            Assert.Equal(1, await ErrorsAsync(phone));
            await phone.CheckAsync();
            await phone.FillAsync("Text", words.Look);
            await phone.SubmitAsync();
            Assert.StartsWith(root + "/notices/", phone.Path);
            await phone.CheckAsync();
        }

        /// <summary>Two officers have the proposal open; one of them disagrees, and the other is told.</summary>
        async Task DisagreeAsync()
        {
            await other.SignInAsync("S210", "caseworker");
            await other.OpenFileAsync(_file, words.Look);
            await other.FollowAsync(_file + "/disagree");
            await other.FillAsync("Reason", words.Long);
            await other.SubmitAsync("check");

            await AsOfficerAsync("S200", "caseworker");
            await DoAsync("disagree", words.Long, phone.CheckAllAsync);
            await phone.GotoAsync(_file);
            await phone.CheckAsync();

            await other.SubmitAsync("do");
            Assert.Equal(_file + "/disagree", other.Path);
            Assert.Contains(words.Long, await other.Page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
            await other.CheckAllAsync();
        }

        async Task AppealByHelperAsync()
        {
            await phone.StaySignedInAsync(_worker);
            await phone.HelpAsync(NoLook);
            await phone.CheckAllAsync();
            await phone.FillAsync("Text", words.Long);
            await AttachAsync(("image/png", "photo.png", "-"u8.ToArray()));
            await phone.SubmitAsync();
            Assert.Equal(1, await ErrorsAsync(phone));
            Assert.Equal(words.Long, await phone.TypedAsync("Text"));
            await phone.CheckAsync();
            await AttachAsync(("application/pdf", "letter.pdf", await phone.Page.PdfAsync()));
            await phone.SubmitAsync();
            Assert.Equal("/helper/file", phone.Path);
            await phone.CheckAllAsync();

            await phone.AsWorkerAsync(_worker, phone.CheckAllAsync, "/", "/case");
            await phone.GotoAsync(_file);
            await phone.CheckAllAsync();
        }

        async Task DecideAgainstAsync()
        {
            await phone.SignInAsync("S300", "reviewer");
            await phone.GotoAsync("/staff/cases");
            await phone.CheckAsync();
            await phone.OpenFileAsync(_file, words.Look);
            await phone.CheckAllAsync();
            await phone.OpenAllAsync(_file);
            await DoAsync("decide-against", words.Long, phone.CheckAllAsync);
            await phone.AsWorkerAsync(_worker, phone.CheckAsync, "/case");
        }

        async Task AppealAtTheDeskAsync()
        {
            var root = await ServeAsync();
            await phone.FollowAsync(root + "/case/appeal");
            await phone.CheckAllAsync();
            // Nothing is asked of who appeals in time.
            await phone.SubmitAsync();
            Assert.StartsWith(root + "/notices/", phone.Path);
            await phone.CheckAsync();
        }

        /// <summary>The appeal just decided has paused removals; the officer of another case reads so, and everybody.</summary>
        async Task LiftPauseAsync()
        {
            foreach (var path in (string[])["/status", "/staff/lead/pause"])
            {
                await phone.GotoAsync(path);
                Assert.Equal(1, await phone.Page.Locator("main dl strong").CountAsync());
                await phone.CheckAllAsync();
            }

            await phone.SubmitAsync();
            Assert.Equal(1, await ErrorsAsync(phone));
            await phone.CheckAsync();

            await phone.SignInAsync("S100", "caseworker");
            await phone.OpenFileAsync(await phone.OpenCaseAsync(_worker, words.Look, words.Look), words.Look);
            await phone.CheckAllAsync();
            await phone.GotoAsync(phone.Path + "/propose");
            await phone.CheckAsync();

            await phone.SignInAsync("S500", "lead-reviewer");
            await phone.GotoAsync("/staff/lead/pause");
            await phone.FillAsync("Reason", words.Long);
            await phone.SubmitAsync();
            Assert.Equal(0, await phone.Page.Locator("main form").CountAsync());
            await phone.CheckAsync();
            await phone.GotoAsync("/status");
            await phone.CheckAsync();
        }

        async Task AsOfficerAsync(string number, string role)
        {
            await phone.SignInAsync(number, role);
            await phone.OpenFileAsync(_file, words.Look);
            await phone.OpenAllAsync(_file);
        }

        /// <summary>Within half an hour the file is still open.</summary>
        async Task ReturnAsync(string number, string role)
        {
            await phone.SignInAsync(number, role);
            await phone.GotoAsync(_file);
        }

        async Task ProposeAsync()
        {
            await phone.FollowAsync(_file + "/propose");
            await phone.ProposeAsync(words.Long, NoLook);
        }

        /// <summary>An act with a reason: without it first, where it is asked for, then with it.</summary>
        async Task DoAsync(string act, string reason, Func<Task> look)
        {
            await phone.FollowAsync($"{_file}/{act}");
            await look();
            if (act != "agree")
            {
                await phone.SubmitAsync("check");
                Assert.Equal(1, await ErrorsAsync(phone));
                await phone.CheckAsync();
            }

            await phone.FillAsync("Reason", reason);
            await phone.SubmitAsync("check");
            await phone.CheckAsync();
            await phone.SubmitAsync("do");
            Assert.StartsWith("/staff/receipts/", phone.Path);
            await phone.CheckAsync();
        }

        /// <summary>The worker is at the desk.</summary>
        /// <returns>Where they are served.</returns>
        async Task<string> ServeAsync()
        {
            await phone.SignInAsync("S400", "clerk");
            await phone.GotoAsync("/staff/desk/serve");
            await phone.SearchAsync(_worker.CardNumber, words.Look);
            await phone.CheckAsync();
            return phone.Path;
        }

        async Task NextDayAsync()
        {
            await phone.GotoAsync("/demo/clock");
            await phone.PressAsync(phone.Page.Locator("main button[name=Days][value='1']"));
        }

        Task AttachAsync(params (string Type, string Name, byte[] Content)[] files) =>
            phone.Page.Locator("main [name=Files]").SetInputFilesAsync(files.Select(f => new FilePayload { MimeType = f.Type, Name = f.Name, Buffer = f.Content }));

        static Task<int> ErrorsAsync(Phone phone) => phone.Page.Locator(".govuk-error-summary__list li").CountAsync();
    }
}
