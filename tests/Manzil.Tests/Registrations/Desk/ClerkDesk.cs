using System.Net;
using Dapper;
using Manzil.Notices;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Officer = Manzil.Tests.Cases.Desk.Officer;
using Record = Manzil.Receipts.Record;

namespace Manzil.Tests.Registrations.Desk;

/// <summary>A clerk at their desk, who does everything through the pages.</summary>
sealed class ClerkDesk(TestService service, Officer clerk) : IAsyncDisposable
{
    // As a worker reads who it was.
    public string ClerkInWords => $"Clerk, {Service.Core.Rules.Offices.Single(o => o.Code.Value == Clerk.Staff.Office).Name.In("en")}, staff number {Clerk.Staff.Number}";

    public const string Reason = "Stands here with the card.";

    public TestService Service => service;

    public Officer Clerk => clerk;

    public Visitor Web => clerk.Web;

    public static async Task<ClerkDesk> NewAsync(DatabaseKind kind, string lang = "en")
    {
        var service = await TestService.StartAsync(kind);
        return new ClerkDesk(service, await OfficerAsync(service, StaffRole.Clerk, lang));
    }

    public Task<Officer> OfficerAsync(StaffRole role) => OfficerAsync(service, role, "en");

    static async Task<Officer> OfficerAsync(TestService service, StaffRole role, string lang)
    {
        var (staff, cookie) = await service.StaffAsync(role);
        return new Officer(service, staff, Visitor.Officer(service, cookie, lang));
    }

    public async Task<Visitor> SearchAsync(string kind, string number, string reason = Reason)
    {
        await Web.GetAsync("/staff/desk/serve");
        return await Web.PostAsync(("Kind", kind), ("Exact", number), ("Reason", reason));
    }

    /// <returns>What stands before the paths of the pages about this person.</returns>
    public async Task<string> ServeAsync(TestWorker worker)
    {
        await SearchAsync("card", worker.CardNumber);
        Assert.True(Web.Status == HttpStatusCode.OK && Web.Text.Contains(worker.Document.Number, StringComparison.Ordinal), $"{(int)Web.Status} {Web.Text}");
        return Web.Path;
    }

    /// <summary>What was looked at of one worker, with the reason, in order.</summary>
    public async Task<IReadOnlyList<string>> LooksAsync(long worker)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        var rows = await connection.QueryAsync<(string What, string Reason, string Staff)>("select what, reason, staff_number from look where worker_id = @worker order by id", new { worker });
        return [.. rows.Select(r => $"{r.Staff} {r.What}: {r.Reason}")];
    }

    public string Look => $"{clerk.Staff.Number} desk: {Reason}";

    /// <summary>The numbers of all acts about a worker, oldest first.</summary>
    public async Task<IReadOnlyList<string>> ActsAsync(long worker)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return [.. await connection.QueryAsync<string>("select number from act where worker_id = @worker order by log, leaf", new { worker })];
    }

    /// <summary>The receipt of an act, verified offline with the published keys and the worker's document; its record.</summary>
    public async Task<Record> VerifiedAsync(TestWorker worker, string number) => (await VerifyAsync(worker, number)).Record!;

    public async Task<VerificationReport> VerifyAsync(TestWorker worker, string number)
    {
        var book = service.Services.GetRequiredService<NoticeBook>();
        var receipt = await book.ReceiptAsync((await book.FindAsync(worker.Id, ReceiptNumber.Parse(number)))!);
        using var keys = await service.Client.GetAsync("/.well-known/manzil/keys.json");
        var report = ReceiptVerifier.Verify(
            receipt.Statement, receipt.Record, receipt.Proof, worker.Document, KeySet.Parse(await keys.Content.ReadAsByteArrayAsync()), service.Clock.GetCurrentInstant());
        Assert.Empty(report.Problems);
        Assert.Equal((ProofFinding.Holds, DocumentFinding.Matches), (report.Proof, report.Document));
        return report;
    }

    public async Task<Worker> WorkerAsync(long id) => (await service.Core.Workers.FindAsync(id))!;

    public async Task ExecuteAsync(string sql, object? values = null)
    {
        await using var connection = await service.Database.OpenAsync();
        await connection.ExecuteAsync(sql, values);
    }

    public async Task<T> ScalarAsync<T>(string sql, object? values = null)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return (await connection.ExecuteScalarAsync<T>(sql, values))!;
    }

    public ValueTask DisposeAsync() => service.DisposeAsync();
}
