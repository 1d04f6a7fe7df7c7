using Dapper;
using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using Manzil.Staff;
using Manzil.Tests.Messages;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Registrations.Desk;

/// <summary>A worker whom no reminder reached, and clerks who go to their pages.</summary>
sealed class ReachStory(TestService service, GatewaySide gateway, SignedInWorker worker) : IAsyncDisposable
{
    public const string List = "/staff/desk/reach", Why = "They are on our list.", Words = "His brother answered and gave him the phone.";

    // Told on Monday 2026-11-23: due on Wednesday 2026-12-23, on the list from Tuesday the 29th.
    public const int DaysToList = 43;

    public TestService Service => service;

    public GatewaySide Gateway => gateway;

    public SignedInWorker Worker => worker;

    public Telling Telling => service.Services.GetRequiredService<Telling>();

    public static async Task<ReachStory> NewAsync(DatabaseKind kind, string language = "en", bool isOnList = true)
    {
        var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync(language: language);
        var story = new ReachStory(service, gateway, worker);
        if (!isOnList) return story;
        await gateway.PassDaysAsync(DaysToList);
        Assert.True(await story.IsOnListAsync());
        return story;
    }

    public async Task<bool> IsOnListAsync() =>
        await gateway.AskAsync<int>("select reminded from register_entry where worker_id = @Id", new { worker.Worker.Id }) == Reminded.ToBeReached;

    public async Task<(StaffMember Staff, Visitor Web)> OfficerAsync(StaffRole role = StaffRole.Clerk, string? office = null, string language = "en")
    {
        var (staff, cookie) = await service.StaffAsync(role, language: language, office: office);
        return (staff, Visitor.Officer(service, cookie, language));
    }

    /// <summary>The path of the one entry that the list shows.</summary>
    public static async Task<string> EntryAsync(Visitor clerk)
    {
        await clerk.GetAsync(List);
        var found = System.Text.RegularExpressions.Regex.Matches(clerk.Html, "href=\"(/staff/desk/reach/[^\"]+)\"", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5));
        return Assert.Single(found.Select(m => m.Groups[1].Value));
    }

    public static async Task<string> OpenAsync(Visitor clerk)
    {
        var entry = await EntryAsync(clerk);
        await clerk.GetAsync(entry);
        await clerk.PostAsync(("Reason", Why));
        Assert.Contains("Aziz Rahimov", clerk.Text);
        return entry;
    }

    public RecordReached Act(StaffMember by, string how = "phone", string words = Words) => new(by.Actor, by.Office, how, words, service.Core.CurrentRules.Now, Telling)
    {
        ReceivedAt = service.Clock.GetCurrentInstant(),
        Channel = RecordChannel.Desk,
        WorkerId = worker.Worker.Id,
    };

    public Task<ActResult> DoAsync(Act act) => service.Core.Writer.SubmitAsync(act);

    public async Task<IReadOnlyList<string>> LooksAsync()
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return [.. await connection.QueryAsync<string>("select what from look order by id")];
    }

    public async Task ExecuteAsync(string sql, object? values = null)
    {
        await using var connection = await service.Database.OpenAsync();
        await connection.ExecuteAsync(sql, values);
    }

    public ValueTask DisposeAsync() => service.DisposeAsync();
}

/// <summary>Receipts as whoever holds them verifies them, with the keys that the service publishes.</summary>
static class Offline
{
    public static async Task<(Manzil.Receipts.Record Record, VerificationReport Report)> VerifiedAsync(TestService service, string number, IdentityDocument document)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        var act = await connection.QuerySingleAsync<StoredAct>($"select {StoredAct.Columns} from act where number = @number", new { number });
        var receipt = await service.Core.Tiles.ReceiptOfAsync(act);
        var keys = KeySet.Parse(await service.Client.GetByteArrayAsync("/.well-known/manzil/keys.json"));
        var report = ReceiptVerifier.Verify(receipt.Statement, receipt.Record, receipt.Proof, document, keys, service.Clock.GetCurrentInstant());
        Assert.Empty(report.Problems);
        Assert.Equal((RecordFinding.Matches, ProofFinding.Holds), (report.RecordFinding, report.Proof));
        return (report.Record!, report);
    }
}
