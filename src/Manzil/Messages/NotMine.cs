using System.Data.Common;
using System.Text.RegularExpressions;
using Dapper;
using Manzil.Deadlines;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.SignIn;
using Manzil.Typing;
using NodaTime;

namespace Manzil.Messages;

/// <summary>
/// "This is not mine": who gets somebody's messages by mistake says so without signing in, by the address at which they came and the six
/// digits that stand in each of them. What had counted as delivered there had not reached the worker, and is undone like a message that
/// came back (docs/decisions/0057).
/// </summary>
public sealed partial class NotMine(Database database, BatchWriter writer, WorkerReader workers, Deliveries deliveries, CurrentRules current, Telling telling, IClock clock)
{
    /// <returns>Null where no channel to which messages still go has this mark; of two that have, neither is meant.</returns>
    public async Task<(long Worker, Channel Channel)?> FindAsync(DbConnection connection, string kind, string address, string mark)
    {
        var copies = (clock.GetCurrentInstant() - Duration.FromDays(current.Now.Intervals.ChannelCopyDays)).ToUnixTimeMilliseconds();
        var found = (await connection.QueryAsync<(long Id, long Worker)>(
            """
            select id, worker_id from channel
            where address = @address and mark = @mark and kind = @kind and confirmed_at is not null and not_mine_at is null and (removed_at is null or removed_at > @copies)
            """,
            new { kind, address, mark, copies })).ToList();
        return found is [var one] ? (one.Worker, new Channel(one.Id, kind, address)) : null;
    }

    /// <summary>From the page: by phone number or e-mail address, and mark.</summary>
    /// <returns>Null where they are of no channel.</returns>
    public async Task<ActResult?> EndAsync(string kind, string address, string mark)
    {
        await using var connection = await database.OpenAsync();
        return await FindAsync(connection, kind, address, mark) is { } found ? await EndAsync(connection, found.Worker, found.Channel, null) : null;
    }

    /// <param name="sms">By which it was said; null on the page.</param>
    public async Task<ActResult> EndAsync(DbConnection connection, long worker, Channel channel, ReceivedSms? sms)
    {
        var now = clock.GetCurrentInstant();
        // First what rested on them, each in the transaction of its own that a message which comes back has. Who is stopped between is
        // handed the SMS again, or presses again: what is undone already stays so.
        foreach (var (id, createdAt) in await connection.QueryAsync<(long, long)>(
            "select id, created_at from message where worker_id = @worker and channel_kind = @Kind and address = @Address and (sent_at is not null or attempts > 0) and bounced_at is null",
            new { worker, channel.Kind, channel.Address }))
        {
            await deliveries.ReportedAsync((id, Instant.FromUnixTimeMilliseconds(createdAt)), channel.Kind, arrived: false, now, now);
        }

        return await writer.SubmitAsync(
            new ChannelIsNotMine(channel, sms, current.Now, telling) { ReceivedAt = now, Channel = sms is null ? RecordChannel.Web : RecordChannel.Sms, WorkerId = worker },
            await workers.FindAsync(worker));
    }

    /// <summary>Whether an SMS begins with the word that says so, in any language of the service.</summary>
    public static bool IsSaid(string text) => Word().IsMatch(TypedText.Of(TextKind.Message, text).Text);

    [GeneratedRegex(@"^\W*(stop|стоп|тоқта\w*)(?!\p{L})", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Word();
}
