using Dapper;
using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Notices;

/// <summary>
/// Writes down when every channel of one who leaves was told (rules.md, A case). An SMS has told once the handset's report came in; an
/// e-mail once its server took it, for as long as it does not come back. That the worker opened the service tells no channel: whoever
/// holds the phone and gave the notice did just that.
/// </summary>
public sealed class NoteDepartures(Database database, CurrentRules current)
{
    const int Page = 500;

    /// <returns>Of how many departures every channel is told now.</returns>
    public async Task<int> RunAsync(Instant now)
    {
        var rules = current.Now;
        var told = 0;
        for (var after = 0L; ;)
        {
            await using var connection = await database.OpenAsync();
            var leaving = (await connection.QueryAsync<(long Worker, string Number, string First, long GivenAt)>(
                $"""
                select r.worker_id, r.departure_number, a.number, a.given_at from register_entry r join act a on a.number = {Reissues.First("r.departure_number")}
                where r.departure_number is not null and r.departure_told is null and r.worker_id > @after order by r.worker_id limit {Page}
                """,
                new { after })).ToList();
            if (leaving.Count == 0) return told;
            foreach (var (worker, number, first, givenAt) in leaving)
            {
                await using var transaction = await connection.BeginTransactionAsync();
                // A message that comes back meanwhile waits for this, or this for it.
                await PeriodReminders.LockAsync(connection, transaction, worker);
                var channels = await connection.QueryAsync<(string Kind, long? SentAt, long? ArrivedAt, long? BouncedAt)>(
                    "select channel_kind, sent_at, arrived_at, bounced_at from message where act_number = @first", new { first }, transaction);
                var dates = channels.Select(c => DateOf(c.BouncedAt is not null ? null : c.Kind == "sms" ? c.ArrivedAt : c.SentAt, rules)).ToList();
                if (DepartureTelling.LastTold(DateOf(givenAt, rules)!.Value, dates, rules.DateOf(now), rules.WorkersCalendar, rules.Intervals) is not { } last) continue;
                told += await connection.ExecuteAsync(
                    "update register_entry set departure_told = @last where worker_id = @worker and departure_number = @number and departure_told is null",
                    new { worker, number, last = IsoDate.Write(last) }, transaction);
                await transaction.CommitAsync();
            }

            after = leaving[^1].Worker;
        }
    }

    static LocalDate? DateOf(long? at, Jurisdiction rules) => at is { } instant ? rules.DateOf(Instant.FromUnixTimeMilliseconds(instant)) : null;
}
