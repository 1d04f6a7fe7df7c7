using System.Data.Common;
using Dapper;
using Manzil.Notices;
using Manzil.Privacy;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Tests.Cases;
using Manzil.Tests.Databases;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Privacy;

/// <summary>Plain SQL, past the program: what has to be kept, either database keeps (privacy.md, 17).</summary>
public class KeepingGuardTests
{
    const string Blank =
        "update act set worker_id = null, effective_from = '0000-00-00', next_deadline = null, replaces = null, idempotency_key = null, content_hash = null, statement = @nothing, record = @nothing where worker_id = @w";

    /// <summary>Runs statements one after another in a transaction.</summary>
    /// <returns>What the database said against it; null where it let it pass, and then all is undone.</returns>
    static async Task<string?> TryAsync(DbConnection connection, object values, bool commit, params string[] statements)
    {
        var transaction = await connection.BeginTransactionAsync();
        try
        {
            foreach (var sql in statements) Assert.True(await connection.ExecuteAsync(sql, values, transaction) != 0, $"{sql} touched nothing");
            if (commit) await transaction.CommitAsync();
            return null;
        }
        catch (DbException e)
        {
            Assert.DoesNotContain("syntax", e.Message, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("does not exist", e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("no such", e.Message, StringComparison.Ordinal);
            return e.Message;
        }
        finally
        {
            // It rolls back, unless the commit itself failed.
            await transaction.DisposeAsync();
        }
    }

    static async Task RefusedAsync(DbConnection connection, string why, object values, params string[] statements)
    {
        var said = await TryAsync(connection, values, commit: true, statements);
        Assert.True(said is not null, $"The database let it pass: {string.Join("; ", statements)}");
        Assert.True(said.Contains(why, StringComparison.OrdinalIgnoreCase), $"{string.Join("; ", statements)}: {said}");
    }

    [Theory, EachDatabase]
    public async Task Sql_BeforeRetentionHasEnded_TakesNothingAway(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var sentinel = await Sentinel.LiveAsync(service);
        await sentinel.AddRowsAsync();
        await using var connection = await service.Database.OpenAsync();
        var entry = (await service.Core.Workers.FindAsync(sentinel.Id))!.Entry;
        var ended = IsoDate.Write(entry.EndsOn(entry.DepartureTold, service.Core.Rules.WorkersCalendar, service.Core.Rules.Intervals));
        object Values(Instant until, string? on = null) => new { w = sentinel.Id, ended = on ?? ended, until = until.ToUnixTimeMilliseconds(), nothing = Array.Empty<byte>() };
        const string Permit = "insert into erasure (worker_id, ended_on, keep_until) values (@w, @ended, @until)";
        var values = Values(sentinel.KeepUntil);

        // What history stands in, and who it is about.
        foreach (var table in (string[])["look", "case_file", "case_move", "attachment", "handed_over", "act_opened", "reached", "reissue", "told_until", "appeal_decision", "removal", "helper_grant", "document", "register_entry", "worker", "act", "log_head", "log_batch", "log", "retention_term"])
        {
            Assert.NotEqual(0, await connection.ExecuteScalarAsync<long>($"select count(*) from {table}"));
            await RefusedAsync(connection, "only grows", values, $"delete from {table}");
        }

        await RefusedAsync(connection, "only grows", values, "update look set reason = 'another'");
        await RefusedAsync(connection, "only grows", values, "update look set keep_until = looked_at + 1");
        await RefusedAsync(connection, "only grows", values, "update log_head set newest_at = newest_at - 1");
        await RefusedAsync(connection, "only grows", values, Blank);
        await RefusedAsync(connection, "only grows", values, "update act set idempotency_key = 'x' where worker_id = @w");

        // Nobody is let go early, by no date that somebody makes up.
        await RefusedAsync(connection, "retention has not ended", values, Permit);
        await RefusedAsync(connection, "retention has not ended", Values(service.Clock.GetCurrentInstant() - Duration.FromDays(1)), Permit);
        await RefusedAsync(connection, "retention has not ended", Values(Instant.FromUtc(2026, 1, 1, 0, 0), "2022-12-31"), Permit);

        // The clock of all this at the end of it: the head's time, which the program moves.
        Assert.Equal(1, await connection.ExecuteAsync("update log_head set newest_at = @until + 1", values));
        await RefusedAsync(connection, "retention has not ended", Values(sentinel.KeepUntil, "2022-12-31"), Permit);
        await RefusedAsync(connection, "retention has not ended", Values(sentinel.KeepUntil - Duration.FromDays(3)), Permit);
        await RefusedAsync(connection, "only grows", values, "update log_head set newest_at = newest_at - 1");
        // Whoever moved it by hand has a service that takes no act before that time has come.
        using (var early = await service.PostNoticeAsync(await service.SignInAsync(await SomebodyAsync(service, sentinel.KeepUntil)), """{"kind":"registration"}"""))
            Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, early.StatusCode);
        service.Clock.Reset(sentinel.KeepUntil + Duration.FromMinutes(1));
        // Nobody is let go for longer than the transaction.
        await RefusedAsync(connection, "foreign key", values, Permit);
        // An act is blanked whole, and nothing else of it changes.
        Assert.Null(await TryAsync(connection, values, commit: false, Permit, Blank));
        foreach (var sql in (string[])
        [
            "update act set record = @nothing where worker_id = @w", "update act set statement = @nothing where worker_id = @w", "update act set worker_id = null where worker_id = @w",
            Blank.Replace("update act set ", "update act set kind = 42, "), Blank.Replace("update act set ", "update act set leaf = leaf + 1000, "), Blank.Replace("update act set ", "update act set given_at = 1, "),
            Blank.Replace("'0000-00-00'", "'2026-01-01'"), Blank.Replace("where worker_id = @w", "where worker_id is null"), Blank.Replace("where worker_id = @w", "where worker_id <> @w"),
            "delete from act where worker_id = @w",
        ])
        {
            // Somebody else, and an act that concerns nobody, are there to be tried.
            if (sql.Contains("<>", StringComparison.Ordinal)) await service.EnrolAsync();
            if (sql.Contains("is null", StringComparison.Ordinal))
            {
                await Manzil.Deadlines.OutageCommand.RecordAsync(service.Core, "2026-11-24", "2026-11-24", "SMS did not arrive", service.Clock.GetCurrentInstant());
                Assert.NotEqual(0, await connection.ExecuteScalarAsync<long>("select count(*) from act where worker_id is null"));
            }

            await RefusedAsync(connection, "only grows", values, Permit, sql);
        }

        // Everything else goes in the order of the inventory, and all of it is asked for by name.
        await RefusedAsync(connection, "foreign key", values, Permit, "delete from document where worker_id = @w");
    }

    // Enrolled when the time has come, and back before it.
    static async Task<TestWorker> SomebodyAsync(TestService service, Instant at)
    {
        var now = service.Clock.GetCurrentInstant();
        service.Clock.Reset(at + Duration.FromMinutes(1));
        var worker = await service.EnrolAsync();
        service.Clock.Reset(now);
        return worker;
    }

    [Theory, EachDatabase]
    public async Task Sql_AfterALookHasBeenKept_LetsItGo(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var walk = await CaseWalk.BeginAsync(service);
        var worker = await walk.RegisteredAsync();
        await using var connection = await service.Database.OpenAsync();
        var at = service.Clock.GetCurrentInstant().ToUnixTimeMilliseconds();
        await connection.ExecuteAsync(
            "insert into look (worker_id, helper, what, reason, looked_at, keep_until) values (@worker, 'A helper', 'file', 'to see', @at, @at + 60000)", new { worker, at });
        await RefusedAsync(connection, "only grows", new { }, "delete from look");
        service.Clock.AdvanceMinutes(2);
        await walk.DoneAsync(worker, CaseAct.OpenWithReason, "C");
        Assert.Equal(1, await connection.ExecuteAsync("delete from look"));
    }

    [Fact]
    public async Task Truncate_OfWhatMustStay_IsRefused()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Postgres);
        await using var connection = await service.Database.OpenAsync();
        // Codes, sessions, messages, what was typed and not sent, and how far reminders are may be emptied: nobody's history stands in them.
        string[] mayBeEmptied =
        [
            "schema_script", "form_key", "draft", "heartbeat", "outage_verdict", "erasure", "key_erasure", "message", "message_code", "reminder_round", "reminder_part", "incoming_sms", "channel", "helper_session", "activation_code", "one_time_code",
            "recovery_code", "back_in_try", "session", "session_key", "passkey", "passkey_challenge", "sms_try", "code_count", "staff_invitation", "staff_passkey", "staff_session", "staff_search",
        ];
        foreach (var table in Inventory.Tables.Select(t => t.Name).Except(mayBeEmptied))
            await RefusedAsync(connection, "only grows: TRUNCATE", new { }, $"truncate {table} cascade");
    }

    [Fact]
    public async Task Replace_OfWhatOnlyGrows_IsRefusedOnSqlite()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var sentinel = await Sentinel.LiveAsync(service);
        await sentinel.AddRowsAsync();
        await using var connection = await service.Database.OpenAsync();
        foreach (var table in (string[])["act", "look", "log", "log_head", "log_batch", "case_move", "attachment", "handed_over", "act_opened", "reached", "reissue", "appeal_decision", "removal", "retention_term", "told_until", "case_file", "document", "helper_grant", "register_entry", "worker", "staff", "staff_change", "first_lead"])
            await RefusedAsync(connection, "REPLACE is refused", new { }, $"insert or replace into {table} select * from {table} limit 1");
    }

    // An act that was begun when its giver was still there, on a node that knew them: none slips in after them.
    [Theory, EachDatabase]
    public async Task Give_WhileTheGiverIsBeingErased_IsRefused(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var walk = await CaseWalk.BeginAsync(service);
        var worker = await walk.RegisteredAsync();
        var other = await walk.RegisteredAsync();
        var until = await Sentinel.LeaveAsync(walk, worker);
        // This node's writer knows the head, and goes without taking its lock first.
        service.Clock.AdvanceMinutes(1);
        for (var i = 0; i < 70; i++) await walk.DoneAsync(other, CaseAct.Confirm, "worker");
        var entry = (await service.Core.Workers.FindAsync(worker))!.Entry;
        service.Clock.Reset(until + Duration.FromHours(2));
        await ErasingTests.EraseAsync(service); // nothing is held back: the person goes
        Assert.Null(await service.Core.Workers.FindAsync(worker));

        var left = await walk.RegisteredAsync();
        until = await Sentinel.LeaveAsync(walk, left);
        for (var i = 0; i < 70; i++) await walk.DoneAsync(other, CaseAct.Confirm, "worker");
        service.Clock.Reset(until + Duration.FromHours(2));
        entry = (await service.Core.Workers.FindAsync(left))!.Entry;
        var values = new { worker = left, ended = IsoDate.Write(entry.EndsOn(entry.DepartureTold, walk.Rules.WorkersCalendar, walk.Rules.Intervals)), until = until.ToUnixTimeMilliseconds(), nothing = Array.Empty<byte>(), w = left };
        Task<ActResult> giving;
        await using (var connection = await service.Core.Database.OpenAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await connection.ExecuteAsync("update log_head set newest_at = @until + 3600000", values, transaction);
            var act = new GiveNotice(new Notice.Registration(), null, walk.Rules, walk.Telling) { ReceivedAt = walk.Now, Channel = RecordChannel.Web, WorkerId = left };
            giving = service.Core.Writer.SubmitAsync(act);
            if (kind == DatabaseKind.Postgres)
            {
                while (await connection.ExecuteScalarAsync<long>("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'", transaction: transaction) == 0)
                    await Task.Delay(10, TestContext.Current.CancellationToken);
            }

            await connection.ExecuteAsync("insert into erasure (worker_id, ended_on, keep_until) values (@worker, @ended, @until)", values, transaction);
            foreach (var table in Inventory.Tables.Reverse().Where(t => t.Owned is not null && t.Keeping != Keeping.WithParent && t.Name is not ("act" or "worker")))
                await connection.ExecuteAsync($"delete from {table.Name} where {table.Owned}", values, transaction);
            await connection.ExecuteAsync(Blank, values, transaction);
            await connection.ExecuteAsync("delete from worker where id = @worker", values, transaction);
            await transaction.CommitAsync();
        }

        Assert.Equal("not-found", Assert.IsType<ActResult.Refused>(await giving).Reason);
        await using (var connection = await service.Core.Database.OpenAsync())
            Assert.Equal(0, await connection.ExecuteScalarAsync<long>("select count(*) from act a where a.worker_id is not null and not exists (select 1 from worker w where w.id = a.worker_id)"));
        await walk.DoneAsync(other, CaseAct.Confirm, "worker");
    }
}
