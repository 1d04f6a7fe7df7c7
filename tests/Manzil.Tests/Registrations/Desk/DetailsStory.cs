using System.CommandLine;
using System.Net;
using Dapper;
using Manzil.Cases;
using Manzil.Cases.Desk;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Staff;
using Manzil.Tests.Databases;
using Manzil.Tests.Messages;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Registrations.Desk;

/// <summary>Workers with receipts, clerks who serve them, and documents that are renewed.</summary>
static class DetailsStory
{
    public const string Why = "She shows a new passport.";
    public static readonly IdentityDocument Renewed = new("UZB", "FA7654321", new LocalDate(1990, 5, 17));

    public static async Task<SignedInWorker> ToldAsync(TestService service, string? email = null)
    {
        var enrolled = await service.EnrolAsync(email: email);
        var worker = new SignedInWorker(service, enrolled, await service.SignInAsync(enrolled));
        await worker.GiveAsync("""{"kind":"registration"}""");
        await worker.GiveAsync($$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""");
        return worker;
    }

    public static async Task<(string Registration, string Residence)> NumbersAsync(SignedInWorker worker)
    {
        var all = (await worker.ReadAsync("/api/v1/notices")).GetProperty("notices").EnumerateArray().ToDictionary(n => n.GetProperty("kind").GetString()!, n => n.GetProperty("number").GetString()!);
        return (all["registration"], all["residence"]);
    }

    /// <summary>The clerk's page of whoever has this number, under a look.</summary>
    public static async Task<(StaffMember Staff, Visitor Clerk)> ServeAsync(TestService service, string number, string kind = "card")
    {
        var (staff, cookie) = await service.StaffAsync(StaffRole.Clerk);
        var clerk = Visitor.Officer(service, cookie);
        await clerk.GetAsync("/staff/desk/serve");
        await clerk.PostAsync(("Kind", kind), ("Exact", number), ("Reason", Why));
        Assert.Matches("^/staff/desk/[0-9]+$", clerk.Path);
        return (staff, clerk);
    }

    public static async Task FillAsync(Visitor clerk, params (string Name, string Value)[] changes)
    {
        await clerk.GetAsync(string.Join('/', clerk.Path.Split('/').Take(4)) + "/details");
        await clerk.PostAsync([.. changes, ("Go", "check")]);
    }

    public static async Task ChangeAsync(Visitor clerk, params (string Name, string Value)[] changes)
    {
        await FillAsync(clerk, changes);
        Assert.Contains("Check what counts from now on", clerk.Text);
        await clerk.PostAsync(("Go", "do"));
        Assert.Contains("/notices/", clerk.Path);
    }

    public static ChangeDetails Change(TestService service, SignedInWorker worker, Actor by, IdentityDocument? document = null) =>
        new(by, service.Core.Rules.DefaultOffice.Code.Value, "Aziz Rahimov 1", document ?? Renewed, (document ?? Renewed).Stretch(), service.Core.CurrentRules.Now, service.Services.GetRequiredService<Manzil.Messages.Telling>())
        {
            ReceivedAt = service.Clock.GetCurrentInstant(),
            Channel = RecordChannel.Desk,
            WorkerId = worker.Worker.Id,
        };

    public static async Task RenewAsync(TestService service, SignedInWorker worker, IdentityDocument? document = null)
    {
        var (staff, _) = await service.StaffAsync(StaffRole.Clerk);
        Assert.IsType<ActResult.Accepted>(await service.Core.Writer.SubmitAsync(Change(service, worker, staff.Actor, document)));
    }

    public static async Task<string> ReissueAsync(TestService service, SignedInWorker worker, string number)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        var act = await connection.QuerySingleAsync<StoredAct>($"select {StoredAct.Columns} from act where number = @number", new { number });
        var result = await service.Services.GetRequiredService<Reissuing>().IssueAsync((await service.Core.Workers.FindAsync(worker.Worker.Id))!, act, null);
        return Assert.IsType<ActResult.Accepted>(result).Number.ToString();
    }

    public static async Task<int> CountAsync(TestService service, string sql)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return await connection.ExecuteScalarAsync<int>(sql);
    }

    public static async Task<string?> TextAsync(TestService service, string sql)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return await connection.ExecuteScalarAsync<string?>(sql);
    }
}
