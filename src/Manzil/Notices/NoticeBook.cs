using Dapper;
using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Log;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Notices;

/// <summary>A worker's own notices and the acts about them: giving one, reading them. The one way in for web, API and command line.</summary>
public sealed class NoticeBook(Database database, BatchWriter writer, LogTiles tiles, CurrentRules current, Telling telling, IClock clock)
{
    /// <summary>Gives a notice on a place that the caller reserved.</summary>
    /// <param name="sent">When it was signed or turned away, where that is known.</param>
    /// <returns>Null where a correction names a notice that is not this worker's.</returns>
    public async Task<ActResult?> GiveAsync(Worker worker, Notice notice, RecordChannel channel, IdempotencyKey key, IReadOnlyList<SentEarlier> sent)
    {
        Replaced? replaced = null;
        if (notice is Notice.Correction { Replaces: var number })
        {
            if (await FindAsync(worker.Id, number) is not { } act) return null;
            var record = Record.Decode(act.Record);
            replaced = new Replaced(act, record, await WasReplacedByOtherAsync(worker.Id, number, key));
        }
        else if (notice is Notice.Withdrawal { Replaces: var undone } && await FindAsync(worker.Id, undone) is null)
        {
            return null;
        }

        var (reminded, told) = sent.Count == 0 ? (null, null) : await SilenceAsync(worker.Id);
        return await writer.SubmitReservedAsync(
            new GiveNotice(notice, replaced, current.Now, telling)
            {
                Sent = sent,
                Reminded = reminded,
                SilenceTold = told,
                ReceivedAt = clock.GetCurrentInstant(),
                Channel = channel,
                WorkerId = worker.Id,
                IdempotencyKey = key,
                ContentHash = notice.ContentHash(),
            },
            worker);
    }

    /// <summary>The same for a caller that has no place reserved, as pages have.</summary>
    public async Task<ActResult?> GiveFromPageAsync(Worker worker, Notice notice, IdempotencyKey key, IReadOnlyList<SentEarlier> sent, RecordChannel channel)
    {
        if (!writer.TryReserve()) return new ActResult.Unavailable("Too many people are sending at this moment.");
        try
        {
            return await GiveAsync(worker, notice, channel, key, sent);
        }
        finally
        {
            writer.Release();
        }
    }

    /// <summary>A confirmation that came as an SMS: the same act, and the same SMS handed over twice is one.</summary>
    public Task<ActResult> ConfirmBySmsAsync(Worker worker, ReceivedSms sms)
    {
        var notice = new Notice.Confirmation();
        return writer.SubmitAsync(
            new GiveNotice(notice, null, current.Now, telling)
            {
                ReceivedAt = clock.GetCurrentInstant(),
                Channel = RecordChannel.Sms,
                WorkerId = worker.Id,
                IdempotencyKey = IdempotencyKey.OfWorker(worker.Id, RecordChannel.Sms, sms.GatewayId),
                ContentHash = notice.ContentHash(),
                Sms = sms,
            },
            worker);
    }

    /// <summary>Of this period, the one that an open case rests on.</summary>
    async Task<(Instant? Reminded, LocalDate? Told)> SilenceAsync(long worker)
    {
        await using var connection = await database.OpenAsync();
        return (await PeriodReminders.FirstDeliveredAsync(connection, null, worker), await ToldUntil.OfSilenceAsync(connection, null, worker));
    }

    public LocalDate Today => current.Now.DateOf(clock.GetCurrentInstant());

    /// <summary>Why a notice would be refused as things stand, so that nobody fills in a form in vain; null where it would not.</summary>
    public NoticeRefusal? WouldRefuse(Worker worker, NoticeKind kind, LocalDate date, string? replaces = null) => Consider(worker, kind, date, replaces).Refusal;

    /// <summary>What would come of a notice as things stand.</summary>
    public NoticeOutcome Consider(Worker worker, NoticeKind kind, LocalDate date, string? replaces = null) =>
        NoticeRules.Consider(
            worker.Entry, new NoticeFacts(kind, "", date, replaces), Today, worker.Office, worker.Document?.BirthDate.Earliest, telling.CountsAtOnce(worker, clock.GetCurrentInstant()), current.Now,
            worker.CaseGround ?? CaseGround.Silence);

    /// <summary>The address that the worker's newest residence notice tells; null where none was told.</summary>
    public async Task<RecordAddress?> AddressOfAsync(Worker worker) =>
        worker.Entry.ResidenceNumber is { } number && await FindAsync(worker.Id, ReceiptNumber.Parse(number)) is { } act ? Record.Decode(act.Record).Address : null;

    /// <summary>A worker's notice as a correction would find it; null where it is not theirs.</summary>
    public async Task<Replaced?> FindReplacedAsync(long worker, ReceiptNumber number) =>
        await FindAsync(worker, number) is { } act ? new Replaced(act, Record.Decode(act.Record), await ReplacedByAsync(number) is not null) : null;

    public async Task<StoredAct?> FindAsync(long worker, ReceiptNumber number)
    {
        await using var connection = await database.OpenAsync();
        return await connection.QuerySingleOrDefaultAsync<StoredAct>(
            $"select {StoredAct.Columns} from act where number = @number and worker_id = @worker", new { number = number.ToString(), worker });
    }

    /// <summary>The receipt that replaced a notice; null where it stands.</summary>
    public async Task<string?> ReplacedByAsync(ReceiptNumber number)
    {
        await using var connection = await database.OpenAsync();
        return await connection.QuerySingleOrDefaultAsync<string?>("select number from act where replaces = @number", new { number = number.ToString() });
    }

    // A repeated request finds its own earlier act here: that one is answered with its receipt, not with a refusal.
    async Task<bool> WasReplacedByOtherAsync(long worker, ReceiptNumber number, IdempotencyKey key)
    {
        await using var connection = await database.OpenAsync();
        return await connection.ExecuteScalarAsync<long>(
            "select count(*) from act where replaces = @number and (idempotency_key is null or idempotency_key <> @Stored or worker_id <> @worker)",
            new { number = number.ToString(), key.Stored, worker }) > 0;
    }

    /// <summary>All acts about a worker, newest first.</summary>
    public async Task<IReadOnlyList<StoredAct>> ListAsync(long worker)
    {
        await using var connection = await database.OpenAsync();
        return (await connection.QueryAsync<StoredAct>(
            $"select {StoredAct.Columns} from act where worker_id = @worker order by given_at desc, leaf desc", new { worker })).ToList();
    }

    public Task<ActResult.Accepted> ReceiptAsync(StoredAct act) => tiles.ReceiptOfAsync(act);
}
