using System.Net;
using Dapper;
using Manzil.Cases;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Staff;
using Manzil.Tests.Cases;
using Manzil.Tests.Cases.Mine;
using Manzil.Tests.Helping;
using Manzil.Tests.Messages;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Home;

/// <summary>One worker, brought by the acts themselves to where their first page is looked at.</summary>
public sealed class HomeStory : IAsyncDisposable
{
    static readonly (string, byte[])[] NoFiles = [];

    readonly GatewaySide _gateway;
    readonly CaseWalk _walk;

    SignedInWorker _worker = null!;
    Visitor? _helper;

    HomeStory(TestService service, CaseWalk walk, bool isInEveryLanguage)
    {
        (Service, _walk, IsInEveryLanguage) = (service, walk, isInEveryLanguage);
        _gateway = new GatewaySide(service);
    }

    public TestService Service { get; }

    /// <summary>True where officers and workers write what can be read in each language.</summary>
    public bool IsInEveryLanguage { get; }

    public TestWorker Worker => _worker.Worker;

    public static async Task<HomeStory> BeginAsync(DatabaseKind kind, bool isInEveryLanguage = false)
    {
        var service = await GatewaySide.StartServiceAsync(kind);
        return new HomeStory(service, await CaseWalk.BeginAsync(service), isInEveryLanguage);
    }

    public ValueTask DisposeAsync() => Service.DisposeAsync();

    // Digits belong to every language, so that the same page can be read in each.
    string In(string english) => IsInEveryLanguage ? "1234567890 1234567890 1234567890 1234567890." : english;

    string Reason => In("Two neighbours say that nobody lives there.");

    string Facts => In("The landlord says that the worker left on 3 March and took everything along.");

    public string Words => In("I live there.");

    string Address => IsInEveryLanguage ? """{"locality":"1","street":"2","building":"5"}""" : SignedInWorker.HomeAddress;

    /// <summary>The same with another building, as a correction.</summary>
    public string Corrected => $"\"address\":{Address.Replace("\"5\"", "\"7\"", StringComparison.Ordinal)}";

    internal Task<Visitor> VisitAsync(string language = "en") => Visitor.SignInAsync(Service, Worker, language);

    /// <summary>A browser's session of theirs: its cookie's value.</summary>
    public async Task<string> SessionAsync() => (await new Manzil.SignIn.Sessions(Service.Core.Database, Service.Core.Rules, Service.Clock).StartAsync(Worker.Id, Manzil.SignIn.Session.Browser)).Token;

    public async Task EnrolledAsync(bool hasPhone = true)
    {
        var worker = await Service.EnrolAsync("en", hasPhone ? "+70000000001" : null);
        _worker = new SignedInWorker(Service, worker, await Service.SignInAsync(worker));
    }

    public async Task RegisteredAsync(bool hasPhone = true)
    {
        await EnrolledAsync(hasPhone);
        await GiveAsync("""{"kind":"registration"}""");
    }

    public async Task ToldAsync(bool hasPhone = true)
    {
        await RegisteredAsync(hasPhone);
        await MoveAsync();
    }

    public async Task GiveAsync(string json)
    {
        Service.Clock.AdvanceMinutes(1);
        await _worker.GiveAsync(json);
    }

    public Task MoveAsync() => GiveAsync($$"""{"kind":"residence","from":"<today>","address":{{Address}}}""");

    public Task ConfirmAsync() => GiveAsync("""{"kind":"confirmation"}""");

    /// <summary>The correction of the worker's notice of this number, the first being 1.</summary>
    public Task CorrectAsync(int notice, string what) => GiveAsync($$"""{"kind":"correction","replaces":"<{{notice}}>",{{what}}}""");

    public Task LeaveAsync(int days) => GiveAsync($$"""{"kind":"departure","on":"<today+{{days}}>"}""");

    public Task UndoAsync(int notice) => GiveAsync($$"""{"kind":"withdrawal","replaces":"<{{notice}}>"}""");

    /// <summary>Days with their timed steps, on which whatever is sent arrives, unless it is held back.</summary>
    public async Task DaysAsync(int days, bool arrive = true)
    {
        for (var day = 0; day < days; day++)
        {
            await _gateway.PassDaysAsync(1);
            if (arrive) await ArriveAsync();
        }

        await _worker.SignInAgainAsync();
    }

    public async Task ArriveAsync()
    {
        await _gateway.SendAllAsync();
        foreach (var message in (await _gateway.MessagesAsync(Worker.Id)).Where(m => m is { Kind: "sms", ArrivedAt: null, BouncedAt: null })) await _gateway.ReportAsync(message.Id, "delivered");
        await _gateway.StepAsync();
    }

    /// <summary>The messages that came by this day's act, or of this kind, come back.</summary>
    public async Task ComeBackAsync(Func<string?, bool, bool> which)
    {
        Service.Clock.AdvanceMinutes(1);
        foreach (var message in (await _gateway.MessagesAsync(Worker.Id)).Where(m => which(m.ActNumber, m.RemindsOf is not null))) await _gateway.ReportAsync(message.Id, "failed");
    }

    public async Task<string> OpeningAsync() => (await _gateway.AskAsync<string>("select act_number from case_file order by id desc limit 1"))!;

    public async Task<string> DecisionAsync() => (await _gateway.AskAsync<string>("select decision_act from case_file order by id desc limit 1"))!;

    /// <summary>Told on 23 November, due on 23 December; the case opens on the 29th.</summary>
    public async Task SilentCaseAsync()
    {
        await ToldAsync();
        Service.Clock.AdvanceDays(22);
        await DaysAsync(14);
        await ArriveAsync();
    }

    public async Task OfficersCaseAsync()
    {
        await ToldAsync();
        await ActAsync(CaseAct.OpenWithReason, "C", Reason);
        await ArriveAsync();
    }

    public async Task ActAsync(CaseAct act, string who, string? words = null)
    {
        Service.Clock.AdvanceMinutes(1);
        if (act == CaseAct.ProposeRemoval)
        {
            var proposal = new ProposeRemoval(_walk.Actors[who], new Proposal("LEFT", Facts, Words), _walk.Rules, _walk.Telling) { ReceivedAt = _walk.Now, Channel = Manzil.Receipts.RecordChannel.Desk, WorkerId = Worker.Id };
            Assert.IsType<ActResult.Accepted>(await Service.Core.Writer.SubmitAsync(proposal));
        }
        else
        {
            await _walk.DoneAsync(Worker.Id, act, who, words ?? Reason);
        }
    }

    /// <summary>After the time to answer, with everything opened.</summary>
    public async Task ProposeAsync(int days = 18)
    {
        await DaysAsync(days);
        await ReadAsync();
        await ActAsync(CaseAct.ProposeRemoval, "P");
        await ArriveAsync();
    }

    public async Task DecideAsync(int days = 18)
    {
        await ProposeAsync(days);
        await ReadAsync();
        await ActAsync(CaseAct.Agree, "A");
        await ArriveAsync();
    }

    public async Task RemoveAsync()
    {
        await DecideAsync();
        await DaysAsync(25);
        await ActAsync(CaseAct.PutInEffect, "C");
        await ArriveAsync();
    }

    public async Task RefuseAsync()
    {
        await ReadAsync();
        await ActAsync(CaseAct.DecideAppealAgainstWorker, "R", In("The letter from the landlord says otherwise."));
        await ArriveAsync();
    }

    /// <summary>A look at the case by an officer, as the desk writes it.</summary>
    public async Task LookAsync(StaffRole role, string what = Looks.File, string? item = null)
    {
        Service.Clock.AdvanceMinutes(1);
        await Service.Services.GetRequiredService<Looks>().RecordAsync((await Service.StaffAsync(role)).Staff, Worker.Id, what, item, "to decide");
    }

    /// <summary>An officer of this role opens what the worker said last.</summary>
    public async Task ReadLastAsync(StaffRole role) => await LookAsync(role, Looks.Answer, await _gateway.AskAsync<string>("select number from act where kind in (2, 3, 33, 36) order by log desc, leaf desc limit 1"));

    public Task ReadAsync() => _walk.OpenEverythingAsync(Worker.Id);

    public async Task AnswerAsync(bool byHelper = false) => await SendAsync("answer", byHelper);

    public async Task AppealAsync(bool byHelper = false) => await SendAsync("appeal", byHelper);

    async Task SendAsync(string what, bool byHelper)
    {
        Service.Clock.AdvanceMinutes(1);
        if (byHelper && _helper is null)
        {
            _helper = new Visitor(Service, "nobody", "en");
            await HelperTests.EnterAsync(_helper, await HelperTests.NameAsync(await VisitAsync(), "Aziz", "act"));
        }

        var sender = byHelper ? _helper! : await VisitAsync();
        await sender.GetAsync(byHelper ? $"/helper/{what}" : $"/case/{what}");
        await sender.PostFilesAsync([("Text", Words)], NoFiles);
        Assert.Equal(HttpStatusCode.OK, sender.Status);
        await ArriveAsync();
    }

    /// <summary>A clerk does it for the worker at the desk, by this page and these fields.</summary>
    public async Task AtDeskAsync(string path, params (string, string)[] fields)
    {
        Service.Clock.AdvanceMinutes(1);
        var desk = Visitor.Officer(Service, (await Service.StaffAsync(StaffRole.Clerk)).Cookie);
        await desk.GetAsync("/staff/desk/serve");
        await desk.PostAsync(("Kind", "card"), ("Exact", Worker.CardNumber), ("Reason", "Stands here."));
        await desk.GetAsync(desk.Path + path);
        if (path.StartsWith("/case/", StringComparison.Ordinal)) await desk.PostFilesAsync(fields, NoFiles);
        else await desk.PostAsync(fields);
        Assert.Contains("/notices/", desk.Path, StringComparison.Ordinal);
    }

    /// <summary>The worker sends back the code of the newest reminder.</summary>
    public async Task ConfirmBySmsAsync()
    {
        Service.Clock.AdvanceMinutes(1);
        await _gateway.SmsAsync("in-1", "+70000000001", (await _gateway.MessagesAsync(Worker.Id)).Last(m => m.ReplyCode is not null).ReplyCode!);
    }

    /// <summary>Whoever has the phone says that its messages are not theirs.</summary>
    public async Task NotMineAsync()
    {
        Service.Clock.AdvanceMinutes(1);
        await _gateway.SmsAsync("in-2", "+70000000001", "STOP " + await _gateway.AskAsync<string>("select mark from channel where removed_at is null"));
    }

    /// <summary>Of the newest twenty appeals too many were decided for workers: by the row that the breaker writes.</summary>
    public async Task PauseAsync()
    {
        await using var connection = await Service.Database.OpenAsync();
        await connection.ExecuteAsync("insert into removal_pause (act_number, started_at) select number, given_at from act where kind = 32 limit 1");
    }

    /// <summary>The day's look at cases whose step has been the authority's for too long.</summary>
    public Task CloseOverdueAsync() => Service.Services.GetRequiredService<CloseOverdueCases>().RunAsync(_walk.Now);

    public LocalDate Today => _walk.Rules.DateOf(_walk.Now);
}
