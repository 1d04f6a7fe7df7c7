using System.Net;
using System.Security.Cryptography;
using Dapper;
using Manzil.Privacy;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Staff;
using Manzil.Tests.Cases;
using Manzil.Tests.Databases;
using Manzil.Tests.Register;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Privacy;

/// <summary>privacy.md, 18: what was kept long enough is gone, and not a day before.</summary>
public class ErasingTests
{
    static readonly Duration Later = Duration.FromMinutes(61);

    [Theory, EachDatabase]
    public async Task Erase_SomebodyInEveryTable_LeavesNothingOfThemAndTheLogWhole(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var sentinel = await Sentinel.LiveAsync(service);
        var walk = await CaseWalk.BeginAsync(service);
        var other = await walk.RegisteredAsync();
        var kept = Assert.IsType<ActResult.Accepted>(await walk.DoAsync(other, CaseAct.Confirm, "worker"));

        // On the last day of it, with fresh rows wherever there can be some.
        service.Clock.Reset(sentinel.KeepUntil - Duration.FromHours(1));
        await sentinel.AddRowsAsync();
        var before = await sentinel.RowsAsync();
        Assert.Empty(before.Where(r => r.Value == 0).Select(r => r.Key));
        Assert.Equal(0, (await EraseAsync(service)).People);
        var after = await sentinel.RowsAsync();
        Assert.Equal(before["act"], after["act"]);
        Assert.Equal(before["attachment"], after["attachment"]);
        var dump = await TableDump.ReadAsync(service.Core.Database);
        Assert.Empty(sentinel.Traces.Where(t => !dump.Contains(t, StringComparison.OrdinalIgnoreCase)));

        service.Clock.Reset(sentinel.KeepUntil + Later);
        Assert.Equal(1, (await EraseAsync(service)).People);
        dump = await TableDump.ReadAsync(service.Core.Database);
        Assert.Empty(sentinel.Traces.Where(t => dump.Contains(t, StringComparison.OrdinalIgnoreCase)));
        Assert.Empty((await sentinel.RowsAsync()).Where(r => r.Value > 0));
        Assert.Empty(await sentinel.InFilesAsync());

        // Nobody else lost anything, the log audits, and old receipts verify: hers, which she holds, and others'.
        Assert.Equal(CaseStage.None, (await walk.WhereAsync(other)).Stage);
        var keys = KeySet.Parse(await service.Client.GetByteArrayAsync("/.well-known/manzil/keys.json", TestContext.Current.CancellationToken));
        var size = await AuditAsync(service, keys);
        foreach (var receipt in sentinel.Receipts.Append(kept))
        {
            var report = ReceiptVerifier.Verify(receipt.Statement, receipt.Record, receipt.Proof, null, keys, service.Clock.GetCurrentInstant());
            Assert.True(report.IsValid, string.Join(' ', report.Problems));
        }

        await using (var connection = await service.Core.Database.OpenAsync())
        {
            Assert.Equal(size, await connection.ExecuteScalarAsync<long>("select count(*) from act"));
            Assert.Equal(sentinel.Receipts.Count, await connection.ExecuteScalarAsync<long>($"select count(*) from act where number in ({string.Join(", ", sentinel.Receipts.Select(r => $"'{r.Number}'"))}) and length(statement) = 0"));
        }

        // Writing goes on, and who left may come back as somebody new.
        await walk.DoneAsync(other, CaseAct.Confirm, "worker");
        Assert.Equal(0, (await EraseAsync(service)).People);
        Assert.Equal(size + 1, await AuditAsync(service, keys));
    }

    [Theory, EachDatabase]
    public async Task Erase_WhileACaseIsOpen_WaitsForItsLastAct(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var walk = await CaseWalk.BeginAsync(service);
        var worker = await walk.RegisteredAsync();
        service.Clock.AdvanceMinutes(1);
        await walk.DoneAsync(worker, CaseAct.OpenWithReason, "C");
        var until = await Sentinel.LeaveAsync(walk, worker);
        service.Clock.Reset(until + Duration.FromDays(300));
        Assert.Equal(0, (await EraseAsync(service)).People);

        await walk.DoneAsync(worker, CaseAct.CloseForWorker, "sys");
        var closed = walk.Rules.DateOf(walk.Now);
        Assert.Equal(0, (await EraseAsync(service)).People);
        service.Clock.Reset(walk.Rules.EndOfDay(closed.PlusYears(3)));
        Assert.Equal(0, (await EraseAsync(service)).People);
        service.Clock.Advance(Later);
        Assert.Equal(1, (await EraseAsync(service)).People);
    }

    // A look at somebody who had left long ago outlives the file: its own three years, without a name.
    [Theory, EachDatabase]
    public async Task Erase_LookedAtLately_KeepsTheLookWithoutAName(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var walk = await CaseWalk.BeginAsync(service);
        var worker = await walk.RegisteredAsync();
        var until = await Sentinel.LeaveAsync(walk, worker);
        service.Clock.Reset(until - Duration.FromDays(100));
        var (staff, _) = await service.StaffAsync(StaffRole.Caseworker);
        await service.Services.GetRequiredService<Looks>().RecordAsync(staff, worker, Looks.File, null, "an old question");
        service.Clock.Reset(until + Later);
        Assert.Equal(1, (await EraseAsync(service)).People);
        await using var connection = await service.Core.Database.OpenAsync();
        Assert.Equal(("–", $"erased-{worker}"), await connection.QuerySingleAsync<(string, string)>("select name, card_number from worker where id = @worker", new { worker }));
        Assert.Equal(1, await connection.ExecuteScalarAsync<long>("select count(*) from look where worker_id = @worker", new { worker }));
        await RefusedAsync(connection, "delete from look");

        service.Clock.Reset(until + Duration.FromDays(3 * 366));
        await EraseAsync(service);
        Assert.Equal(0, await connection.ExecuteScalarAsync<long>("select (select count(*) from look) + (select count(*) from worker where id = @worker)", new { worker }));
    }

    [Theory, EachDatabase]
    public async Task Erase_MessagesCodesAndKeys_GoByTheirOwnAge(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var walk = await CaseWalk.BeginAsync(service);
        var worker = await walk.RegisteredAsync();
        var held = await walk.RegisteredAsync();
        service.Clock.AdvanceMinutes(1);
        await walk.DoneAsync(held, CaseAct.OpenWithReason, "C");
        await using var connection = await service.Core.Database.OpenAsync();
        var at = walk.Now.ToUnixTimeMilliseconds();
        // What the acts told in the very first minute belongs to the same day.
        await connection.ExecuteAsync("insert into message (worker_id, channel_kind, address, language, subject, body, created_at) values (@worker, 'sms', '+7', 'en', 's', 'b', @at)", new { worker, at });
        await connection.ExecuteAsync("insert into staff_search (staff_number, searched_at) values ('1', @at)", new { at });
        await connection.ExecuteAsync("insert into sms_try (address, day, tries) values ('+7', '2026-11-23', 1)");
        var token = await service.SignInAsync(await service.EnrolAsync());
        await service.EnrolAsync(phone: "+70000000002");
        using (var answer = await service.PostNoticeAsync(token, """{"kind":"registration"}""", "a-key")) Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        async Task<long> CountAsync(string what) => await connection.ExecuteScalarAsync<long>($"select count(*) from {what}", new { worker, held });

        await EraseAsync(service);
        Assert.Equal(1, await CountAsync("staff_search"));
        Assert.Equal(1, await CountAsync("act where idempotency_key like 'worker/api/%'"));
        await RefusedAsync(connection, "update act set idempotency_key = null where idempotency_key is not null");

        service.Clock.AdvanceDays(31);
        await EraseAsync(service);
        Assert.Equal(0, await CountAsync("staff_search"));
        Assert.Equal(0, await CountAsync("sms_try"));
        Assert.Equal(0, await CountAsync("act where idempotency_key is not null"));
        Assert.Equal(1, await CountAsync("message where worker_id = @worker and body = 'b'"));
        // The code that was used on the first day is gone; the one that ran out on the thirtieth is not.
        Assert.Equal(1, await CountAsync("activation_code"));

        service.Clock.AdvanceDays(60);
        await EraseAsync(service);
        Assert.Equal(0, await CountAsync("message where worker_id = @worker"));
        Assert.NotEqual(0, await CountAsync("message where worker_id = @held"));
        Assert.Equal(0, await CountAsync("activation_code"));
        await walk.DoneAsync(held, CaseAct.CloseForWorker, "sys");
        service.Clock.AdvanceDays(91);
        await EraseAsync(service);
        Assert.Equal(0, await CountAsync("message where worker_id = @held"));
        await RefusedAsync(connection, "update act set idempotency_key = 'another'");
    }

    [Theory, EachDatabase]
    public async Task Erase_OfficerDismissedLongAgo_KeepsTheNumberAlone(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var appointments = service.Services.GetRequiredService<Appointments>();
        await appointments.InviteAsync("Nera Quill", "1001", StaffRole.LeadReviewer, "NRV-01", "en");
        await appointments.DismissAsync("1001", last: true);
        var dismissed = service.Clock.GetCurrentInstant();
        await using var connection = await service.Core.Database.OpenAsync();
        service.Clock.Reset(dismissed + Duration.FromDays(1094));
        await EraseAsync(service);
        Assert.Contains("Nera Quill", await TableDump.ReadAsync(service.Core.Database));
        await RefusedAsync(connection, "delete from staff_change");
        service.Clock.Reset(dismissed + Duration.FromDays(1098));
        await EraseAsync(service);
        Assert.DoesNotContain("Nera Quill", await TableDump.ReadAsync(service.Core.Database));
        Assert.Equal(0, await connection.ExecuteScalarAsync<long>("select count(*) from staff_change"));
        var refused = await Assert.ThrowsAsync<CommandLineException>(() => appointments.InviteAsync("Somebody Else", "1001", StaffRole.Clerk, "NRV-01", "en"));
        Assert.Contains("one person, one number", refused.Message);
    }

    // Whoever was erased is in the backup still; the time of its newest act is of then.
    [Theory, EachDatabase]
    public async Task Start_OnARestoredBackup_ErasesTheSamePeopleBeforeAnythingIsServed(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var sentinel = await Sentinel.LiveAsync(service);
        var backup = new Backup(service.Database);
        await service.RestartAsync(backup.TakeAsync);
        service.Clock.Reset(sentinel.KeepUntil + Later);
        Assert.Equal(1, (await EraseAsync(service)).People);

        var restored = "";
        await service.RestartAsync(async () =>
        {
            await backup.RestoreAsync();
            await using var database = Manzil.Register.Database.At(service.Database.Argument, service.DataFolder);
            restored = await TableDump.ReadAsync(database);
        });
        Assert.Contains(Sentinel.Name, restored);
        // The service was stopped while the clock went on: the start alone did it.
        var dump = await TableDump.ReadAsync(service.Core.Database);
        Assert.Empty(sentinel.Traces.Where(t => dump.Contains(t, StringComparison.OrdinalIgnoreCase)));
        Assert.Empty((await sentinel.RowsAsync()).Where(r => r.Value > 0));
    }

    // Rows that moved when pages were split leave copies behind, which deleting does not find (decision 22).
    [Fact]
    public async Task Erase_OnSqliteAmongManyRowsThatMoved_LeavesNoByteInTheFile()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var sentinel = await Sentinel.LiveAsync(service);
        service.Clock.Reset(sentinel.KeepUntil + Later);
        var other = (await service.EnrolAsync()).Id;
        await using (var connection = await service.Core.Database.OpenAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            var at = service.Clock.GetCurrentInstant().ToUnixTimeMilliseconds();
            for (var i = 0; i < 8000; i++)
            {
                await connection.ExecuteAsync(
                    "insert into message (worker_id, channel_kind, address, language, subject, body, created_at) values (@whose, 'sms', '+7', 'en', 's', @body, @at)",
                    new { whose = i % 2 == 0 ? sentinel.Id : other, body = i % 2 == 0 ? "Dear Zukhra" : "Dear other", at }, transaction);
            }

            var ids = (await connection.QueryAsync<long>("select id from message where created_at = @at", new { at }, transaction)).ToArray();
            for (var round = 0; round < 4; round++)
            {
                RandomNumberGenerator.Shuffle<long>(ids);
                foreach (var id in ids) await connection.ExecuteAsync("update message set failure = @failure where id = @id", new { id, failure = new string('f', RandomNumberGenerator.GetInt32(1, 290)) }, transaction);
            }

            await transaction.CommitAsync();
        }

        Assert.NotEmpty(await sentinel.InFilesAsync());
        Assert.Equal(1, (await EraseAsync(service)).People);
        Assert.Empty(await sentinel.InFilesAsync());
    }

    // Once a day: what came due since then waits for the next.
    [Theory, EachDatabase]
    public async Task Timers_EachDay_EraseOnce(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var erasing = service.Services.GetRequiredService<EraseOldData>();
        await using var connection = await service.Core.Database.OpenAsync();
        async Task<long> StepAsync()
        {
            var now = service.Clock.GetCurrentInstant();
            await connection.ExecuteAsync("insert into staff_search (staff_number, searched_at) values ('1', @at)", new { at = (now - Duration.FromDays(1)).ToUnixTimeMilliseconds() });
            await erasing.TodayAsync(now);
            return await connection.ExecuteScalarAsync<long>("select count(*) from staff_search");
        }

        Assert.Equal(0, await StepAsync());
        Assert.Equal(1, await StepAsync());
        service.Clock.AdvanceDays(1);
        Assert.Equal(0, await StepAsync());
    }

    public static Task<(int People, long Rows)> EraseAsync(TestService service) =>
        service.Services.GetRequiredService<EraseOldData>().RunAsync(service.Clock.GetCurrentInstant());

    static async Task RefusedAsync(System.Data.Common.DbConnection connection, string sql)
    {
        var refused = await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => connection.ExecuteAsync(sql));
        Assert.Contains("only grows", refused.Message);
    }

    static async Task<long> AuditAsync(TestService service, KeySet keys)
    {
        var report = await LogAudit.RunAsync(
            async (path, cancellation) =>
            {
                using var answer = await service.Client.GetAsync("/log/" + path, cancellation);
                return answer.StatusCode == HttpStatusCode.OK ? await answer.Content.ReadAsByteArrayAsync(cancellation) : null;
            },
            [keys.Log.Key], [], null, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(report.Passed, string.Join("\n", report.Problems));
        return report.Checkpoint!.Size;
    }
}
