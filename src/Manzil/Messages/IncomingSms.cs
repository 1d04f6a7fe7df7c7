using System.Data.Common;
using System.Text.RegularExpressions;
using Dapper;
using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Notices;
using Manzil.Register;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Typing;
using NodaTime;

namespace Manzil.Messages;

/// <summary>An SMS that came in.</summary>
/// <param name="GatewayId">The gateway's own name for it.</param>
/// <param name="From">The worker's channel that it came from, which is where the answer goes.</param>
public sealed record ReceivedSms(string GatewayId, Channel From);

/// <summary>
/// A worker confirms by answering an SMS with the code that stands in it. The code says for whom, since several people share a phone;
/// a number has so many attempts a day and no more, and a guess could confirm an address at most.
/// </summary>
public sealed partial class IncomingSms(
    Database database, WorkerReader workers, NoticeBook book, CurrentRules current, Telling telling, IClock clock)
{
    public const int TriesADay = 5;

    // So many people on one number are still told apart.
    const int MaxSharing = 100;

    /// <returns>False where it could not be taken now, and is to be handed over again. Nothing else is told to the gateway.</returns>
    public async Task<bool> TakeAsync(string gatewayId, string from, string text)
    {
        if (ContactAddress.Phone(from, current.Now) is not { } number) return true;
        var now = clock.GetCurrentInstant();
        await using var connection = await database.OpenAsync();
        if (await connection.ExecuteScalarAsync<long>("select count(*) from incoming_sms where gateway_id = @gatewayId", new { gatewayId }) > 0) return true;
        var channels = (await connection.QueryAsync<(long Worker, long Id)>(
            "select worker_id, id from channel where kind = 'sms' and address = @number and confirmed_at is not null and removed_at is null order by worker_id limit @MaxSharing",
            new { number, MaxSharing })).ToList();
        if (channels.Count == 0) return true;

        var day = IsoDate.Write(current.Now.DateOf(now))!;
        if (await CountAsync(connection, number, day) is not { } tries) return true;
        if (CodeIn(text) is { } code && await FindAsync(connection, number, code, channels.ConvertAll(c => c.Worker)) is { } found)
        {
            var sms = new ReceivedSms(gatewayId, new Channel(channels.First(c => c.Worker == found).Id, "sms", number));
            var result = await workers.FindAsync(found) is { } worker ? await book.ConfirmBySmsAsync(worker, sms) : null;
            if (result is ActResult.Refused) await AnswerAsync(connection, gatewayId, found, number, "message.sms-refused", now);
            // It was no guess.
            else await connection.ExecuteAsync("update sms_try set tries = tries - 1 where address = @number and day = @day and tries > 0", new { number, day });
            return result is not ActResult.Unavailable;
        }

        await AnswerAsync(connection, gatewayId, channels[0].Worker, number, tries < TriesADay ? "message.sms-unread" : "message.sms-enough", now);
        return true;
    }

    /// <summary>Counted before anything is looked at, so that many at once are no more than many in turn.</summary>
    /// <returns>Which attempt of this number today it is; null where there were enough.</returns>
    static async Task<long?> CountAsync(DbConnection connection, string number, string day)
    {
        await connection.ExecuteAsync("delete from sms_try where day < @day", new { day });
        return await connection.ExecuteScalarAsync<long?>(
            """
            insert into sms_try (address, day, tries) values (@number, @day, 1)
            on conflict (address, day) do update set tries = sms_try.tries + 1 where sms_try.tries < @TriesADay
            returning tries
            """,
            new { number, day, TriesADay });
    }

    /// <returns>The one worker to whose number a message with this code went in their present period; null where there is none, or more than one.</returns>
    static async Task<long?> FindAsync(DbConnection connection, string number, string code, List<long> workers)
    {
        var found = (await connection.QueryAsync<long>(
            $"""
            select distinct m.worker_id from message m
            where {Database.In(connection, "m.worker_id")} and m.channel_kind = 'sms' and m.address = @number and m.reply_code = @code and m.created_at > {PeriodReminders.Since}
            """,
            new { keys = workers, number, code })).ToList();
        return found.Count == 1 ? found[0] : null;
    }

    /// <summary>A plain answer that says what to do; once, also where the same SMS is handed over twice at the same time.</summary>
    async Task AnswerAsync(DbConnection connection, string gatewayId, long worker, string number, string key, Instant now)
    {
        if (await workers.FindAsync(worker) is not { } owner) return;
        await using var transaction = await connection.BeginTransactionAsync();
        if (!await TryKeepAsync(connection, transaction, gatewayId, now)) return;
        await Outbox.AddAsync(connection, transaction, worker, null, telling.To(new Channel(0, "sms", number), owner.Language, key), now);
        await transaction.CommitAsync();
    }

    static async Task<bool> TryKeepAsync(DbConnection connection, DbTransaction transaction, string gatewayId, Instant now) =>
        await connection.ExecuteAsync(
            "insert into incoming_sms (gateway_id, received_at) values (@gatewayId, @at) on conflict (gateway_id) do nothing",
            new { gatewayId, at = now.ToUnixTimeMilliseconds() }, transaction) == 1;

    /// <summary>Beside the act that it gave.</summary>
    public static Task KeepAsync(DbConnection connection, DbTransaction transaction, string gatewayId, long? worker, string act, Instant now) =>
        connection.ExecuteAsync(
            "insert into incoming_sms (gateway_id, worker_id, act_number, received_at) values (@gatewayId, @worker, @act, @at)",
            new { gatewayId, worker, act, at = now.ToUnixTimeMilliseconds() }, transaction);

    /// <summary>The six digits that stand by themselves, also in two groups of three; null where there are none, or several.</summary>
    public static string? CodeIn(string text)
    {
        var codes = SixDigits().Matches(TypedText.Of(TextKind.Message, text).Text).Select(m => string.Concat(m.Value.Where(char.IsAsciiDigit))).Distinct().Take(2).ToList();
        return codes.Count == 1 ? codes[0] : null;
    }

    [GeneratedRegex("(?<![0-9])[0-9]{3}[ -]?[0-9]{3}(?![0-9])", RegexOptions.None, 1000)]
    private static partial Regex SixDigits();
}
