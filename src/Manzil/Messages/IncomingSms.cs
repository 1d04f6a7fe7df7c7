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
    Database database, WorkerReader workers, NoticeBook book, NotMine notMine, CurrentRules current, Telling telling, IClock clock)
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
        if (NotMine.IsSaid(text)) return await NotMineAsync(connection, gatewayId, number, text, channels.Select(c => c.Worker).FirstOrDefault(), now);
        if (channels.Count == 0) return true;

        var day = IsoDate.Write(current.Now.DateOf(now))!;
        if (await CountAsync(connection, number, day) is not { } tries) return true;
        var code = CodeIn(text);
        var ofNumber = channels.ConvertAll(c => c.Worker);
        if (code is not null && await FindAsync(connection, number, code, ofNumber) is { } found)
        {
            var result = await workers.FindAsync(found) is { } worker
                ? await book.ConfirmBySmsAsync(worker, new ReceivedSms(gatewayId, new Channel(channels.First(c => c.Worker == found).Id, "sms", number, Mark: MarkOf(worker, number))))
                : null;
            if (result is ActResult.Refused) await AnswerAsync(connection, gatewayId, found, number, "message.sms-refused", now);
            // It was no guess.
            else await GiveBackAsync(connection, number, day);
            return result is not ActResult.Unavailable;
        }

        if (code is not null && await FindDoneAsync(connection, number, code, ofNumber) is { } done)
        {
            await GiveBackAsync(connection, number, day);
            await AnswerAgainAsync(connection, gatewayId, done, number, now);
            return true;
        }

        if (!await AnswerAsync(connection, gatewayId, channels[0].Worker, number, tries < TriesADay ? "message.sms-unread" : "message.sms-enough", now))
            await GiveBackAsync(connection, number, day);
        return true;
    }

    /// <summary>Who gets somebody's messages by mistake: by the digits that stand in each of them, also where the phone gets copies alone.</summary>
    /// <param name="ofNumber">A worker whose phone it is; 0 where it is nobody's any more.</param>
    async Task<bool> NotMineAsync(DbConnection connection, string gatewayId, string number, string text, long ofNumber, Instant now)
    {
        if (await connection.ExecuteScalarAsync<long>("select count(*) from channel where address = @number and confirmed_at is not null and not_mine_at is null", new { number }) == 0) return true;
        var day = IsoDate.Write(current.Now.DateOf(now))!;
        if (await CountAsync(connection, number, day) is null) return true;
        if (CodeIn(text) is { } mark && await notMine.FindAsync(connection, "sms", number, mark) is { } found)
        {
            await GiveBackAsync(connection, number, day);
            return await notMine.EndAsync(connection, found.Worker, found.Channel, new ReceivedSms(gatewayId, found.Channel)) is not ActResult.Unavailable;
        }

        if (ofNumber != 0 && !await AnswerAsync(connection, gatewayId, ofNumber, number, "message.sms-stop-unread", now)) await GiveBackAsync(connection, number, day);
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

    static string? MarkOf(Worker worker, string number) => worker.Channels.FirstOrDefault(c => c.Kind == "sms" && c.Address == number)?.Mark;

    static Task GiveBackAsync(DbConnection connection, string number, string day) =>
        connection.ExecuteAsync("update sms_try set tries = tries - 1 where address = @number and day = @day and tries > 0", new { number, day });

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

    /// <returns>The confirmation by which this code was used, with whose it is, while the period that it began lasts; null where there is none, or more than one.</returns>
    static async Task<(long Worker, string Act, string? NextDeadline)?> FindDoneAsync(DbConnection connection, string number, string code, List<long> workers)
    {
        var found = (await connection.QueryAsync<(long, string, string?)>(
            $"""
            select distinct m.worker_id, d.number, d.next_deadline from message m join incoming_sms i on i.worker_id = m.worker_id join act d on d.number = i.act_number
            where {Database.In(connection, "m.worker_id")} and m.channel_kind = 'sms' and m.address = @number and m.reply_code = @code and m.created_at <= d.given_at
              and d.number = {PeriodReminders.BegunBy("m.worker_id")}
            """,
            new { keys = workers, number, code })).ToList();
        return found.Count == 1 ? found[0] : null;
    }

    /// <summary>The same receipt again; so often and no more, since two machines may answer each other.</summary>
    async Task AnswerAgainAsync(DbConnection connection, string gatewayId, (long Worker, string Act, string? NextDeadline) done, string number, Instant now)
    {
        if (await workers.FindAsync(done.Worker) is not { } worker) return;
        await using var transaction = await connection.BeginTransactionAsync();
        if (!await TryKeepAsync(connection, transaction, gatewayId, now, done.Worker, done.Act)) return;
        if (await connection.ExecuteScalarAsync<long>("select count(*) from incoming_sms where worker_id = @Worker and act_number = @Act", new { done.Worker, done.Act }, transaction) <= TriesADay)
        {
            var answer = telling.Confirmed(new Channel(0, "sms", number, Mark: MarkOf(worker, number)), worker, done.Act, IsoDate.Read(done.NextDeadline));
            await Outbox.AddAsync(connection, transaction, done.Worker, done.Act, answer, now);
        }

        await transaction.CommitAsync();
    }

    /// <summary>A plain answer that says what to do; once, also where the same SMS is handed over twice at the same time.</summary>
    /// <returns>False where it was answered already.</returns>
    async Task<bool> AnswerAsync(DbConnection connection, string gatewayId, long worker, string number, string key, Instant now)
    {
        if (await workers.FindAsync(worker) is not { } owner) return true;
        var to = new Channel(0, "sms", number, Mark: key == "message.sms-refused" ? MarkOf(owner, number) : null);
        await using var transaction = await connection.BeginTransactionAsync();
        if (!await TryKeepAsync(connection, transaction, gatewayId, now)) return false;
        await Outbox.AddAsync(connection, transaction, worker, null, telling.To(to, owner.Language, key, ("name", owner.FirstName)), now);
        await transaction.CommitAsync();
        return true;
    }

    static async Task<bool> TryKeepAsync(DbConnection connection, DbTransaction transaction, string gatewayId, Instant now, long? worker = null, string? act = null) =>
        await connection.ExecuteAsync(
            "insert into incoming_sms (gateway_id, worker_id, act_number, received_at) values (@gatewayId, @worker, @act, @at) on conflict (gateway_id) do nothing",
            new { gatewayId, worker, act, at = now.ToUnixTimeMilliseconds() }, transaction) == 1;

    /// <summary>Beside the act that it gave.</summary>
    public static Task KeepAsync(DbConnection connection, DbTransaction transaction, string gatewayId, long? worker, string act, Instant now) =>
        connection.ExecuteAsync(
            "insert into incoming_sms (gateway_id, worker_id, act_number, received_at) values (@gatewayId, @worker, @act, @at)",
            new { gatewayId, worker, act, at = now.ToUnixTimeMilliseconds() }, transaction);

    /// <summary>The six digits that stand by themselves, also in two groups of three; null where there are none, or several.</summary>
    public static string? CodeIn(string text)
    {
        var read = TypedText.Of(TextKind.Message, text).Text;
        var codes = SixDigits().Matches(read).Select(m => string.Concat(m.Value.Where(char.IsAsciiDigit))).Distinct().Take(2).ToList();
        // A letter or two that look like digits among digits, O for 0, are read as they are in every other code.
        if (codes.Count == 0)
            codes = [.. SixSigns().Matches(read).Where(m => m.Value.Count(char.IsAsciiDigit) >= 4).Select(m => SecretCode.Normalize(m.Value)).Where(c => c.Length == SecretCode.ShortLength && c.All(char.IsAsciiDigit)).Distinct().Take(2)];
        return codes.Count == 1 ? codes[0] : null;
    }

    [GeneratedRegex("(?<![0-9])[0-9]{3}[ -]?[0-9]{3}(?![0-9])", RegexOptions.None, 1000)]
    private static partial Regex SixDigits();

    [GeneratedRegex(@"(?<![\p{L}\p{N}])(?=\p{L}{0,2}[0-9])[0-9\p{L}]{3}[ -]?[0-9\p{L}]{3}(?![\p{L}\p{N}])", RegexOptions.None, 1000)]
    private static partial Regex SixSigns();
}
