using System.Data.Common;
using Dapper;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using Manzil.Tests.Cases;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Databases;

/// <summary>
/// What the schema's guards reckon by, the service's own statements may write: the head's time, heartbeats, when a message was delivered, how
/// long is kept. As the service's role, and by the machine's clock as where people are served, none of it unlocks anything before its time.
/// </summary>
public sealed class TrustedTimesTests
{
    const long Day = 86_400_000;

    // What somebody would write first, to take something away or to shorten somebody's time afterwards.
    static readonly (string Sql, string Why)[] Attacks =
    [
        ("update log_head set newest_at = newest_at + 315360000000", "does not run ahead of the clock"),
        ("update log_head set newest_at = @now + 2 * 3600000", "does not run ahead of the clock"),
        ("update log_head set newest_at = newest_at - 1", "only grows"),
        ("insert into heartbeat (minute) values (99999999)", "of the present minute"),
        ("insert into heartbeat (minute) values (@now / 60000 + 1500)", "of the present minute"),
        // A minute in which nothing worked, which would make an outage a working day.
        ("insert into heartbeat (minute) values (@now / 60000 - 600)", "of the present minute"),
        ("insert into outage_verdict (id, judged_through) values (1, '9999-12-31') on conflict (id) do update set judged_through = excluded.judged_through", "once it has ended"),
        ("insert into retention_term (file_years, key_days, stated_at) values (1, 1, @now)", "only where the owner of the tables says so"),
        ("insert into retention_term (file_years, key_days, stated_at) values (75, 1, @now)", "only where the owner of the tables says so"),
        ("update message set delivered_at = 1", "dated when it is recorded"),
        ("update message set delivered_at = @now + 864000000", "dated when it is recorded"),
        ("update message set delivered_at = created_at - 86400000", "dated when it is recorded"),
        ("update message set opened_at = 1, delivered_at = 1", "dated when it is recorded"),
        ("update message set arrived_at = 1", "dated when it is recorded"),
        ("update message set created_at = created_at - 864000000", "stays the one that was written"),
        ("update message set act_number = @decision", "stays the one that was written"),
        ("update message set worker_id = worker_id + 1", "stays the one that was written"),
        ("update message set reminds_of = '2020-01-01'", "stays the one that was written"),
        ("insert into message (worker_id, act_number, channel_kind, address, language, subject, body, created_at, delivered_at) values (@worker, @opening, 'sms', '+70000000001', 'en', 's', 'b', 1, 1)", "dated when it is written"),
        ("insert into message (worker_id, act_number, channel_kind, address, language, subject, body, created_at, delivered_at) values (@worker, @opening, 'sms', '+70000000001', 'en', 's', 'b', @now, 1)", "dated when it is written"),
        ("insert into message (worker_id, act_number, channel_kind, address, language, subject, body, created_at, opened_at) values (@worker, @opening, 'sms', '+70000000001', 'en', 's', 'b', @now, @now - 864000000)", "dated when it is written"),
        ("insert into handed_over (act_number, worker_id, how, day, staff_number, recorded_at) values (@opening, @worker, 'post', '2020-01-01', @clerk, @now)", "a letter arrives after it was written"),
        ("insert into handed_over (act_number, worker_id, how, day, staff_number, recorded_at) values (@opening, @worker, 'post', '9999-12-31', @clerk, @now)", "a letter arrives after it was written"),
        ("insert into handed_over (act_number, worker_id, how, day, staff_number, recorded_at) values (@opening, @worker, 'post', @today, @clerk, 1)", "a letter arrives after it was written"),
        ("insert into act_opened (act_number, worker_id, opened_at) values (@opening, @worker, 1)", "opened after it was written"),
        ("insert into act_opened (act_number, worker_id, opened_at) values ('1234567890123456', @worker, @now)", "opened after it was written"),
        ("insert into told_until (act_number, worker_id, counted_from, until_day) values (@opening, @worker, '2020-01-01', '2020-01-15')", "no day before the act"),
        ("insert into told_until (act_number, worker_id, counted_from, until_day) values (@opening, @worker, @today, @today)", "no day before the act"),
        ("insert into told_until (act_number, worker_id, counted_from, until_day) values ('1234567890123456', @worker, '2020-01-01', '2020-01-15')", "no day before the act"),
        ("insert into look (worker_id, helper, what, reason, looked_at, keep_until) values (@worker, 'A helper', 'file', 'to see', @now, @now + 60000)", "kept for a year at least"),
        ("insert into look (worker_id, helper, what, reason, looked_at, keep_until) values (@worker, 'A helper', 'file', 'to see', 1, 94608000001)", "kept for a year at least"),
        ("insert into case_file (worker_id, ground, act_number, opened_at, opened_by, reason) values (@other, 'other', '1234567890123456', 9999999999999, @clerk, 'A reason')", "opened on the day"),
        ("insert into reached (act_number, worker_id, due, how, staff_number, recorded_at) values ('1234567890123456', @worker, '2020-01-01', 'phone', @clerk, 1)", "only who is to be reached|dated when it is recorded"),
        ("insert into act (log, leaf, number, worker_id, kind, given_at, effective_from, channel, statement, record) select log, leaf + 1000000, '1234567890123456', worker_id, 4, 1, effective_from, channel, statement, record from act where number = @opening", "dated when it is written"),
        ("insert into act (log, leaf, number, worker_id, kind, given_at, effective_from, channel, statement, record) select log, leaf + 1000000, '1234567890123456', worker_id, 3, @now + 864000000, effective_from, channel, statement, record from act where number = @opening", "dated when it is written"),
        // A departure that nobody gave, from long ago.
        ("update register_entry set departure_on = '2000-01-01', departure_told = '2000-01-01', departure_number = number from (select number from act where kind = 1) a where worker_id = @other; insert into erasure (worker_id, ended_on, keep_until) values (@other, '2000-01-01', 1000000000000)", "retention has not ended"),
    ];

    // What is refused whatever the clock: a case that an officer opened has its told day from the act on, and a second row of it is none.
    static readonly string[] Others = ["into told_until (act_number, worker_id, counted_from, until_day) values (@opening", "newest_at - 1", "into retention_term", "into reached", "retention has not ended", "into told_until (act_number, worker_id, counted_from, until_day) values ('1234567890123456'"];

    // The switch itself: not the service's on PostgreSQL, and nobody's once the service has begun.
    static readonly string[] Switches = ["insert into movable_clock (id, noted_at) values (1, 1)", "delete from installation", "update movable_clock set id = 1"];

    [Theory, EachDatabase]
    public async Task Sql_ThatMovesATimeByWhichAGuardReckons_IsRefused(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind, demo: false, machineClock: true);
        var values = await LiveAsync(service);
        foreach (var (sql, why) in Attacks)
        {
            var said = await SaidAsync(service.Core.Database, sql, values);
            Assert.True(said is not null, $"The database let it pass: {sql}");
            Assert.True(why.Split('|').Any(w => said.Contains(w, StringComparison.Ordinal)), $"{sql}: {said}");
        }

        // 'delete from installation' is refused on PostgreSQL alone: SQLite's file belongs to the service (docs/threats.md).
        foreach (var sql in kind == DatabaseKind.Postgres ? Switches : Switches[..1]) Assert.NotNull(await SaidAsync(service.Core.Database, sql, values));
    }

    // Where the clock may be moved, each of them goes through: it is the clock that holds them, and nothing else.
    [Theory, EachDatabase]
    public async Task Sql_WhereTheClockCanBeMoved_GoesThrough(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind, demo: false, start: SystemClock.Instance.GetCurrentInstant());
        var values = await LiveAsync(service);
        foreach (var (sql, why) in Attacks.Where(a => !Others.Any(o => a.Sql.Contains(o, StringComparison.Ordinal) || a.Why.Contains(o, StringComparison.Ordinal))))
            Assert.True(await SaidAsync(service.Core.Database, sql, values) is null, sql);
    }

    // After the first step each took everything: looks, acts, and somebody's time.
    [Theory, EachDatabase]
    public async Task Sql_AfterTheClockWasToBeMoved_DeletesNothing(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind, demo: false, machineClock: true);
        var values = await LiveAsync(service);
        await using var connection = await service.Core.Database.OpenAsync(TestContext.Current.CancellationToken);
        foreach (var first in Attacks.Select(a => a.Sql))
        {
            foreach (var then in (string[])["delete from look", "delete from act_opened", "update act set idempotency_key = null where idempotency_key is not null", "update case_file set stage = 2, proposed_by = @clerk, proposed_act = act_number where worker_id = @worker"])
                Assert.NotNull(await SaidAsync(service.Core.Database, $"{first}; {then}", values));
        }

        Assert.NotEqual(0, await connection.ExecuteScalarAsync<long>("select count(*) from look"));
    }

    // A node whose clock stands ahead of the database's is told so in time, and writes nothing with it.
    [Fact]
    public async Task Node_WhoseClockStandsAheadOfTheDatabase_WritesNothing()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Postgres, machineClock: true);
        var enrolment = new Enrolment("FC9000009", "Aziz Rahimov", new IdentityDocument("UZB", "AB7654321", new LocalDate(1990, 5, 17)), service.Core.Rules.DefaultOffice.Code.Value, "en", null, null);
        var act = new Enrol(enrolment, service.Core.Rules) { ReceivedAt = SystemClock.Instance.GetCurrentInstant() + Duration.FromDays(400), Channel = RecordChannel.Operator };
        Assert.IsType<ActResult.Unavailable>(await service.Core.Writer.SubmitAsync(act));
        await using var connection = await service.Core.Database.OpenAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, await connection.ExecuteScalarAsync<long>("select count(*) from worker where card_number = 'FC9000009'"));
        // Its cause gone, the next act goes through.
        while (service.Core.Writer.Trouble is not null) await Task.Delay(20, TestContext.Current.CancellationToken);
        await service.EnrolAsync();
    }

    /// <summary>Somebody with a case, whose opening was delivered by a message, and a look; somebody else who is registered.</summary>
    static async Task<object> LiveAsync(TestService service)
    {
        var walk = await CaseWalk.BeginAsync(service);
        var worker = await walk.RegisteredAsync();
        var other = await walk.RegisteredAsync();
        await walk.DoneAsync(worker, CaseAct.OpenWithReason, "C");
        await using var connection = await service.Core.Database.OpenAsync();
        var now = SystemClock.Instance.GetCurrentInstant();
        var at = now.ToUnixTimeMilliseconds();
        var opening = await connection.ExecuteScalarAsync<string>("select act_number from case_file where worker_id = @worker", new { worker });
        await connection.ExecuteAsync(
            "insert into look (worker_id, helper, what, reason, looked_at, keep_until) values (@worker, 'A helper', 'file', 'to see', @at, @until)",
            new { worker, at, until = at + (3 * 366 * Day) });
        if (await connection.ExecuteScalarAsync<long>("select count(*) from retention_term") == 0)
            await connection.ExecuteAsync("insert into retention_term (file_years, key_days, stated_at) values (3, 30, @at)", new { at });
        Assert.NotEqual(0, await connection.ExecuteScalarAsync<long>("select count(*) from message"));
        return new { worker, other, opening, decision = "1234567890123456", clerk = walk.Officer("C"), now = at, today = IsoDate.Write(service.Core.Rules.DateOf(now)) };
    }

    /// <returns>What the database said against it; null where it let it pass. Nothing of it stays.</returns>
    static async Task<string?> SaidAsync(Database database, string sql, object values)
    {
        await using var connection = await database.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        try
        {
            Assert.True(await connection.ExecuteAsync(sql, values, transaction) != 0, $"{sql} touched nothing");
            return null;
        }
        catch (DbException e)
        {
            foreach (var slip in (string[])["syntax", "does not exist", "no such", "ambiguous"]) Assert.DoesNotContain(slip, e.Message, StringComparison.OrdinalIgnoreCase);
            return e.Message;
        }
    }
}
