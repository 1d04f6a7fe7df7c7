using System.Data.Common;
using Dapper;
using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Messages;

/// <summary>
/// What counts as delivered, and what came back (rules.md, Delivery). Rows, not acts; but where a case falls with a message that came
/// back, that is an act. A delivery counts from when we learn of it, so that a clock never begins in the past.
/// </summary>
public sealed class Deliveries(Database database, BatchWriter writer, CurrentRules current, Telling telling)
{
    const int Attempts = 5;

    const string NewMessage = "exists (select 1 from message where worker_id = @worker and opened_at is null and created_at <= @at)";

    // The opening and the newest decision of an open case, of which the worker may have no message at all: they have no channel.
    const string ActsToOpen =
        """
        select a.number, a.worker_id, cast(@at as bigint) from case_file c join act a on a.number in (c.act_number, c.decision_act)
        where c.worker_id = @worker and c.stage <> 0 and a.given_at <= @at and not exists (select 1 from act_opened o where o.act_number = a.number)
        """;

    /// <summary>
    /// The worker opened the service, signed in: what was written for them before now counts as delivered now. Nothing is written where
    /// nothing is new; and where it cannot be written it counts for nothing, which hurts nobody.
    /// </summary>
    public async Task OpenedAsync(long worker, Instant now)
    {
        try
        {
            var at = now.ToUnixTimeMilliseconds();
            await using var connection = await database.OpenAsync();
            if (await connection.ExecuteScalarAsync<long>($"select case when {NewMessage} or exists ({ActsToOpen}) then 1 else 0 end", new { worker, at }) == 0) return;
            await using var transaction = await connection.BeginTransactionAsync();
            await PeriodReminders.LockAsync(connection, transaction, worker);
            await connection.ExecuteAsync(
                "update message set opened_at = @at, delivered_at = coalesce(delivered_at, @at) where worker_id = @worker and opened_at is null and created_at <= @at",
                new { worker, at }, transaction);
            await connection.ExecuteAsync($"insert into act_opened (act_number, worker_id, opened_at) {ActsToOpen} on conflict (act_number) do nothing", new { worker, at }, transaction);
            await LookAgainAsync(connection, transaction, worker);
            await ToldUntil.OfDeliveredAsync(connection, transaction, worker, current.Now);
            await transaction.CommitAsync();
        }
        catch (Exception e) when (Database.IsUnavailable(e))
        {
            // The page itself says whether the service works.
        }
    }

    /// <summary>
    /// A gateway's report about one message. Repeated and older reports change nothing, nor does one about a message that was never
    /// handed over.
    /// </summary>
    /// <param name="message">As <see cref="MessageName"/> has it.</param>
    /// <param name="kind">The kind of channel that the gateway serves: of no other does it know anything.</param>
    /// <param name="arrived">Whether it arrived, or came back.</param>
    /// <param name="statusAt">When the gateway says that was.</param>
    /// <param name="now">When the report came in; a delivery counts from then.</param>
    public async Task ReportedAsync((long Id, Instant CreatedAt) message, string kind, bool arrived, Instant statusAt, Instant now)
    {
        statusAt = Instant.Min(statusAt, now);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await TryReportedAsync(message, kind, arrived, statusAt, now) is not { } bounce) return;
            Act act = bounce.Fallen == Fallen.Steps
                ? new UndoSteps(bounce.Report, current.Now, telling) { ReceivedAt = now, Channel = RecordChannel.Operator, WorkerId = bounce.Report.Worker }
                : new CloseUnfoundedCase(bounce.Report, current.Now, telling) { ReceivedAt = now, Channel = RecordChannel.Operator, WorkerId = bounce.Report.Worker };
            switch (await writer.SubmitAsync(act))
            {
                case ActResult.Accepted: return;
                case ActResult.Unavailable u: throw new IOException(u.Sentence);
            }

            // Refused: the worker's own confirmation closed the case in the same moment.
        }

        throw new IOException("A report could not be taken in, since its worker's case kept changing.");
    }

    /// <returns>Null where it is done; else what an act must do, since a case, or steps of one, fall with it.</returns>
    async Task<(Bounce Report, Fallen Fallen)?> TryReportedAsync((long Id, Instant CreatedAt) named, string kind, bool arrived, Instant statusAt, Instant now)
    {
        var message = named.Id;
        await using var connection = await database.OpenAsync();
        if (await connection.ExecuteScalarAsync<long?>(
            "select worker_id from message where id = @message and created_at = @created and channel_kind = @kind and (sent_at is not null or attempts > 0)",
            new { message, created = named.CreatedAt.ToUnixTimeMilliseconds(), kind }) is not { } worker) return null;
        await using var transaction = await connection.BeginTransactionAsync();
        await PeriodReminders.LockAsync(connection, transaction, worker);
        // What reached whoever said that it is not theirs has not reached the worker, however late its report comes.
        if (arrived && await connection.ExecuteScalarAsync<long>(
            "select count(*) from message m join channel c on c.worker_id = m.worker_id and c.kind = m.channel_kind and c.address = m.address where m.id = @message and c.not_mine_at >= m.created_at",
            new { message }, transaction) > 0) return null;
        var report = new Bounce(message, worker, statusAt, arrived);
        if (!await report.StandsAsync(connection, transaction)) return null;
        if (arrived)
        {
            var at = now.ToUnixTimeMilliseconds();
            await connection.ExecuteAsync(
                "update message set status_at = @status, arrived_at = coalesce(arrived_at, @at), delivered_at = coalesce(delivered_at, @at), bounced_at = null where id = @message",
                new { message, status = statusAt.ToUnixTimeMilliseconds(), at }, transaction);
            await LookAgainAsync(connection, transaction, worker);
            await ToldUntil.OfDeliveredAsync(connection, transaction, worker, current.Now);
        }
        else
        {
            var file = await CaseFile.NewestAsync(connection, transaction, worker);
            var found = await Unfounded.FindAsync(connection, transaction, file, report, current.Now);
            if (found.Fallen != Fallen.Nothing) return (report, found.Fallen);
            if (file is { Stage: not (int)CaseStage.None } && await SilenceCase.NewestAsync(connection, transaction, worker) is { } open)
                await open.RestOnAnotherAsync(connection, transaction, message);
            await report.WriteAsync(connection, transaction, now);
        }

        await transaction.CommitAsync();
        return null;
    }

    /// <summary>Whoever waited to be reached has been reached: their silence period begins, and they are looked at again when it is over.</summary>
    async Task LookAgainAsync(DbConnection connection, DbTransaction transaction, long worker)
    {
        if (await PeriodReminders.FirstDeliveredAsync(connection, transaction, worker) is null) return;
        await connection.ExecuteAsync(
            "update register_entry set reminded = @all where worker_id = @worker and reminded = @toBeReached",
            new { worker, all = Reminded.Alone(current.Now.Intervals.ReminderDaysBefore.Count), toBeReached = Reminded.ToBeReached }, transaction);
    }
}

/// <summary>A gateway's report, by its own time; as a bounce it undoes what the message's arrival carried.</summary>
public sealed record Bounce(long Message, long Worker, Instant StatusAt, bool Arrived = false)
{
    /// <summary>False where a newer report is known, or this one: of two of the same time, the one that it came back counts.</summary>
    public async Task<bool> StandsAsync(DbConnection connection, DbTransaction transaction)
    {
        var (known, bounced) = await connection.QuerySingleAsync<(long? StatusAt, long? BouncedAt)>(
            "select status_at, bounced_at from message where id = @Message", new { Message }, transaction);
        var at = StatusAt.ToUnixTimeMilliseconds();
        return known is not { } k || at > k || (at == k && !Arrived && bounced is null);
    }

    /// <summary>The worker's having opened the service still counts: that this came back says nothing against it.</summary>
    public async Task WriteAsync(DbConnection connection, DbTransaction transaction, Instant now)
    {
        await connection.ExecuteAsync(
            "update message set status_at = @status, bounced_at = @at, arrived_at = null, delivered_at = opened_at where id = @Message",
            new { Message, status = StatusAt.ToUnixTimeMilliseconds(), at = now.ToUnixTimeMilliseconds() }, transaction);
        await connection.ExecuteAsync(
            $"update register_entry set departure_told = null where worker_id = @Worker and {Reissues.First("departure_number")} = (select act_number from message where id = @Message)",
            new { Worker, Message }, transaction);
    }
}
