using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Dapper;
using Manzil.Demo;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using Manzil.Staff;
using Manzil.Tests.Databases;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;
using NodaTime.Testing;

namespace Manzil.Tests;

/// <summary>The whole service on a free port of this machine, on a database of its own, with a clock that tests move.</summary>
public sealed class TestService : IAsyncDisposable
{
    public static readonly Instant Start = Instant.FromUtc(2026, 11, 23, 9, 0);

    readonly TestDatabase _database;
    readonly ILoggerProvider? _logs;
    ServiceSettings _settings;
    WebApplication _app = null!;
    int _cards;

    readonly bool _demoClock, _machineClock;

    TestService(TestDatabase database, ServiceSettings settings, ILoggerProvider? logs, bool demoClock, bool machineClock)
    {
        (_demoClock, _machineClock) = (demoClock, machineClock);
        _database = database;
        _settings = settings;
        _logs = logs;
    }

    public Core Core { get; private set; } = null!;

    public FakeClock Clock { get; } = new(Start);

    public Uri Url { get; private set; } = null!;

    public HttpClient Client { get; private set; } = null!;

    public IServiceProvider Services => _app.Services;

    public TestDatabase Database => _database;

    /// <summary>The folder with keys and, on SQLite, the database.</summary>
    public string DataFolder => _database.DataFolder;

    /// <param name="rules">A rules file; the demo's where none is given.</param>
    /// <param name="trustedProxy">The address whose X-Forwarded-For is believed.</param>
    /// <param name="demoClock">With the clock that the demo's visitors can move.</param>
    /// <param name="messaging">Through whom messages leave; nobody where none is given.</param>
    /// <param name="start">What its clock shows; <see cref="Start"/> where none is given.</param>
    /// <param name="logs">Is handed every log line that the operator would see.</param>
    /// <param name="machineClock">Begins now, on a database as people are served from: it holds all times to the machine's clock.</param>
    /// <param name="publicUrl">Where people reach it; on HTTPS a proxy would stand in front.</param>
    public static async Task<TestService> StartAsync(
        Databases.DatabaseKind kind, bool demo = true, string? rules = null, string? trustedProxy = null, ILoggerProvider? logs = null, bool demoClock = false, MessagingFile? messaging = null, Instant? start = null, string publicUrl = "http://localhost:8080", bool machineClock = false)
    {
        var database = await TestDatabase.CreateAsync(kind, movableClock: !machineClock);
        var service = new TestService(
            database,
            new ServiceSettings
            {
                DataFolder = database.DataFolder,
                Database = database.Argument,
                RulesFile = rules ?? ServiceOptions.DemoRules,
                PublicUrl = new Uri(publicUrl),
                Urls = "http://127.0.0.1:0",
                Demo = demo,
                TrustedProxy = trustedProxy,
                Messaging = messaging ?? MessagingFile.None,
            },
            logs,
            demoClock,
            machineClock);
        if (start is { } at) service.Clock.Reset(at);
        if (machineClock) service.Clock.Reset(SystemClock.Instance.GetCurrentInstant());
        await service.OpenAsync();
        return service;
    }

    async Task OpenAsync()
    {
        using var logging = LoggerFactory.Create(l =>
        {
            if (_logs is not null) l.AddProvider(_logs);
        });
        IClock clock = _demoClock ? new DemoClock(Clock, DataFolder) : Clock;
        Core = await Core.OpenAsync(_settings, logging, _machineClock ? SystemClock.Instance : clock);
        _app = WebHost.Build(Core, clock, _logs);
        await _app.StartAsync();
        Url = new Uri(_app.Urls.First());
        Client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Url };
    }

    /// <summary>Stops the service and starts it again on the same data folder and database, as after an upgrade.</summary>
    /// <param name="meanwhile">What happens to them while it does not run.</param>
    /// <param name="settings">With which it starts again; the same where none are given.</param>
    public async Task RestartAsync(Func<Task>? meanwhile = null, Func<ServiceSettings, ServiceSettings>? settings = null)
    {
        await CloseAsync();
        if (meanwhile is not null) await meanwhile();
        if (settings is not null) _settings = settings(_settings);
        await OpenAsync();
    }

    /// <summary>Which state issued the document of each worker in turn.</summary>
    public Func<int, string> StateOf { get; set; } = _ => "UZB";

    /// <summary>Enrols an invented worker by the real act.</summary>
    public async Task<TestWorker> EnrolAsync(
        string language = "en", string? phone = "+70000000001", string? email = null, BirthDate? born = null)
    {
        var n = Interlocked.Increment(ref _cards);
        var document = new IdentityDocument(StateOf(n), $"AA{n:D7}", born ?? new LocalDate(1990, 5, 17));
        var enrolment = new Enrolment($"FC{n:D7}", $"Aziz Rahimov {n}", document, Core.Rules.DefaultOffice.Code.Value, language, phone, email);
        var act = new Enrol(enrolment, Core.Rules) { ReceivedAt = Clock.GetCurrentInstant(), Channel = RecordChannel.Operator };
        Assert.IsType<ActResult.Accepted>(await Core.Writer.SubmitAsync(act));
        return new TestWorker(act.WorkerId!.Value, enrolment.CardNumber, document, act.ActivationCode);
    }

    /// <summary>Signs in over the API; the token.</summary>
    public async Task<string> SignInAsync(TestWorker worker)
    {
        using var answer = await Client.PostAsJsonAsync("/api/v1/sessions", worker.Credentials);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
    }

    /// <summary>Sends a notice as JSON text; a fresh Idempotency-Key where none is given.</summary>
    public async Task<HttpResponseMessage> PostNoticeAsync(string token, string json, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/notices") { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.Add("Idempotency-Key", key ?? Guid.NewGuid().ToString());
        return await Client.SendAsync(request);
    }

    public async Task<HttpResponseMessage> GetAsync(string token, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await Client.SendAsync(request);
    }

    /// <summary>An officer, invited and agreed to by the real acts; the cookie that signs them in.</summary>
    /// <param name="role">Where there is no lead reviewer yet, one is let in who agrees; or this is the first.</param>
    /// <param name="number">A new one where none is given.</param>
    /// <param name="language">Of their pages.</param>
    /// <param name="office">The rules' first one where none is given.</param>
    public async Task<(StaffMember Staff, string Cookie)> StaffAsync(StaffRole role, string? number = null, string language = "en", string? office = null)
    {
        var staff = await LetInAsync(role, number ?? $"S{Interlocked.Increment(ref _cards)}", language, office);
        var token = await Services.GetRequiredService<StaffSessions>().StartAsync(staff.Id);
        return (staff, $"{StaffSessions.Cookie}={token}");
    }

    async Task<StaffMember> LetInAsync(StaffRole role, string number, string language, string? office)
    {
        await using var connection = await Core.Database.OpenAsync();
        async Task<StaffMember?> LeadAsync() => await connection.ExecuteScalarAsync<long?>(
            "select min(id) from staff where role = 'lead-reviewer' and agreed_at is not null and dismissed_at is null") is { } id ? await StaffMember.FindAsync(connection, id) : null;
        var lead = await LeadAsync();
        if (lead is null && role != StaffRole.LeadReviewer) lead = await LetInAsync(StaffRole.LeadReviewer, "agrees", "en", null);
        var appointments = Services.GetRequiredService<Appointments>();
        var invited = await appointments.InviteAsync("Officer " + number, number, role, office ?? Core.Rules.DefaultOffice.Code.Value, language);
        if (!invited.IsAgreed) await AgreeAsync(invited.Id, lead!);
        return (await StaffMember.FindAsync(connection, invited.Id))!;
    }

    /// <summary>A lead reviewer agrees to somebody who waits, as the page does.</summary>
    public async Task AgreeAsync(long staff, StaffMember? lead = null)
    {
        if (lead is null)
        {
            await using var connection = await Core.Database.OpenAsync();
            lead = await StaffMember.FindAsync(connection, await connection.ExecuteScalarAsync<long>(
                "select min(id) from staff where role = 'lead-reviewer' and agreed_at is not null and dismissed_at is null"));
        }

        var change = (await Services.GetRequiredService<Officers>().WaitingAsync()).Single(o => o.Id == staff).Change;
        Assert.True(await Services.GetRequiredService<Appointments>().AgreeAsync(lead!, staff, change));
    }

    /// <summary>Another role for an officer at work, agreed to.</summary>
    public async Task ChangeRoleAsync(string number, StaffRole role)
    {
        await Services.GetRequiredService<Appointments>().ChangeRoleAsync(number, role);
        await AgreeAsync((await Services.GetRequiredService<Officers>().WaitingAsync()).Single(o => o.Number == number).Id);
    }

    async Task CloseAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        await Core.DisposeAsync();
    }

    /// <summary>While the queue has no place left, so that whatever is sent is turned away.</summary>
    public async Task WhileFullAsync(Func<Task> act)
    {
        var taken = 0;
        while (Core.Writer.TryReserve()) taken++;
        await act();
        for (; taken > 0; taken--) Core.Writer.Release();
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        await _database.DisposeAsync();
    }
}

public sealed record TestWorker(long Id, string CardNumber, IdentityDocument Document, string ActivationCode)
{
    public object Credentials => new { cardNumber = CardNumber, birthDate = Document.BirthDate.ToString(), activationCode = ActivationCode };
}
