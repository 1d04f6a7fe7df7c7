using System.Net;
using System.Security.Cryptography;
using Dapper;
using Manzil.Cases;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Staff;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Cases.Desk;

/// <summary>A worker with a home, and officers who do everything through their pages.</summary>
sealed class DeskStory(TestService service, SignedInWorker worker) : IAsyncDisposable
{
    public const string Why = "A letter to this address came back.";
    public const string Facts = "The landlord says that the worker left on 3 March and took everything along.";
    public const string Change = "A confirmation from the worker.";

    public TestService Service => service;

    public SignedInWorker Worker => worker;

    public string Case { get; private set; } = "";

    string Path => $"/staff/cases/{Case}";

    /// <param name="isTold">False: the worker has no phone and no e-mail, so nothing is delivered by itself.</param>
    /// <param name="stateOf">Which state issued the document of each worker in turn.</param>
    /// <param name="language">Which the worker reads.</param>
    public static async Task<DeskStory> NewAsync(DatabaseKind kind, bool isTold = true, Func<int, string>? stateOf = null, string language = "en")
    {
        var service = await TestService.StartAsync(kind);
        if (stateOf is not null) service.StateOf = stateOf;
        var enrolled = await service.EnrolAsync(language, phone: isTold ? "+70000000001" : null);
        var worker = new SignedInWorker(service, enrolled, await service.SignInAsync(enrolled));
        await worker.GiveAsync("""{"kind":"registration"}""");
        await worker.GiveAsync($$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""");
        // What the worker told comes before what officers do.
        service.Clock.Advance(Duration.FromMinutes(1));
        return new DeskStory(service, worker);
    }

    public async Task<Officer> OfficerAsync(StaffRole role, string lang = "en")
    {
        var (staff, cookie) = await service.StaffAsync(role);
        return new Officer(service, staff, Visitor.Officer(service, cookie, lang));
    }

    public Task<ActResult> DoAsync(Act act)
    {
        act.WorkerId = worker.Worker.Id;
        return service.Core.Writer.SubmitAsync(act);
    }

    public Telling Telling => service.Services.GetRequiredService<Telling>();

    /// <summary>The case is opened by the act itself; stories about opening do it through the pages.</summary>
    public async Task OpenAsync(Officer by)
    {
        var act = new OpenCaseWithReason(by.Staff.Actor, Why, service.Core.CurrentRules.Now, Telling) { ReceivedAt = service.Clock.GetCurrentInstant(), Channel = RecordChannel.Desk };
        Case = Assert.IsType<ActResult.Accepted>(await DoAsync(act)).Number.ToString();
    }

    public void Begun(string number) => Case = number;

    public async Task AnswerAsync(string text, params Attachment[] attachments) => Assert.IsType<ActResult.Accepted>(await DoAsync(
        new AnswerCase(Actor.Worker, text, attachments, service.Core.CurrentRules.Now, Telling) { ReceivedAt = service.Clock.GetCurrentInstant(), Channel = RecordChannel.Web }));

    public async Task AppealAsync(string text) => Assert.IsType<ActResult.Accepted>(await DoAsync(
        new AppealRemoval(Actor.Worker, text, [], service.Core.CurrentRules.Now, Telling) { ReceivedAt = service.Clock.GetCurrentInstant(), Channel = RecordChannel.Web }));

    public static Attachment Picture()
    {
        // The smallest that a type check by content takes for a JPEG; whoever takes files in looks closer.
        byte[] bytes = [0xFF, 0xD8, 0xFF, 0xE0, 0, 16, .. "JFIF"u8, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0xFF, 0xD9];
        return new Attachment("договор \"1\".jpg", "image/jpeg", bytes, SHA256.HashData(bytes));
    }

    public async Task OpenFileAsync(Officer officer, string reason = "I work on this case.")
    {
        await officer.Web.GetAsync(Path);
        // A sitting may stand already.
        if (officer.Web.Html.Contains("name=\"Reason\"", StringComparison.Ordinal)) await officer.Web.PostAsync(("Reason", reason));
        Assert.Equal(HttpStatusCode.OK, officer.Web.Status);
        Assert.Contains("Aziz Rahimov", officer.Web.Text);
    }

    /// <summary>Opens every answer and document that the file offers.</summary>
    public async Task OpenAllAsync(Officer officer)
    {
        await OpenFileAsync(officer);
        foreach (var action in officer.Actions()) await officer.PostAsync(action);
    }

    /// <summary>Writes, checks and does an act on its page; the page after it.</summary>
    public async Task<Visitor> ActAsync(Officer officer, string slug, params (string Name, string Value)[] words)
    {
        await officer.Web.GetAsync($"{Path}/{slug}");
        Assert.Equal(HttpStatusCode.OK, officer.Web.Status);
        await officer.Web.PostAsync([.. words, ("Go", "check")]);
        Assert.Equal(HttpStatusCode.OK, officer.Web.Status);
        return await officer.Web.PostAsync(("Go", "do"));
    }

    public async Task DoneAsync(Officer officer, string slug, params (string Name, string Value)[] words)
    {
        var page = await ActAsync(officer, slug, words);
        Assert.True(page.Status == HttpStatusCode.OK && page.Path.StartsWith("/staff/receipts/", StringComparison.Ordinal), $"{slug}: {(int)page.Status} {page.Text}");
    }

    public Task ProposeAsync(Officer officer) => DoneAsync(officer, "propose", ("Ground", "LEFT"), ("Facts", Facts), ("Change", Change));

    public async Task<Standing> StandingAsync() => (await service.Core.Workers.FindAsync(worker.Worker.Id))!.Entry.Standing;

    /// <summary>What was looked at, in order, by everybody or by one officer.</summary>
    public async Task<IReadOnlyList<string>> LooksAsync(Officer? officer = null)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        var rows = await connection.QueryAsync<(string What, string Staff)>("select what, staff_number from look where worker_id = @Id order by id", new { worker.Worker.Id });
        return [.. rows.Where(r => officer is null || r.Staff == officer.Staff.Number).Select(r => r.What)];
    }

    public async Task ExecuteAsync(string sql, object? values = null)
    {
        await using var connection = await service.Database.OpenAsync();
        await connection.ExecuteAsync(sql, values);
    }

    public ValueTask DisposeAsync() => service.DisposeAsync();
}

/// <summary>An officer at their browser.</summary>
sealed class Officer(TestService service, StaffMember staff, Visitor web)
{
    public StaffMember Staff => staff;

    public Visitor Web { get; private set; } = web;

    /// <summary>After days have gone by: sessions end 30 minutes after their last use.</summary>
    public async Task SignInAgainAsync(string lang = "en")
    {
        var token = await service.Services.GetRequiredService<StaffSessions>().StartAsync(staff.Id);
        Web = Visitor.Officer(service, $"{StaffSessions.Cookie}={token}", lang);
    }

    /// <summary>Where the forms of the page shown lead to.</summary>
    public IReadOnlyList<string> Actions() =>
        [.. System.Text.RegularExpressions.Regex.Matches(Web.Html, "<form method=\"post\" action=\"(/staff/cases/[^\"]+)\"", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5)).Select(m => m.Groups[1].Value)];

    /// <summary>Presses the button of a form without fields, as a page shown earlier had it.</summary>
    public async Task<Visitor> PostAsync(string action)
    {
        await Web.GetAsync("/staff/search");
        return await Web.PostAsync(action, new() { ["__RequestVerificationToken"] = Web.Form()["__RequestVerificationToken"] });
    }
}
