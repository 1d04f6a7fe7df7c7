using System.Data.Common;
using Dapper;
using Manzil.Register;
using NodaTime;

namespace Manzil.Messages;

public sealed record Message
{
    public long Id { get; init; }
    public long WorkerId { get; init; }
    public string? ActNumber { get; init; }
    public string ChannelKind { get; init; } = "";
    public string Address { get; init; } = "";
    public string Language { get; init; } = "";
    public string Subject { get; init; } = "";
    public string Body { get; init; } = "";
    public long CreatedAt { get; init; }
    public long? SentAt { get; init; }
    public long? DeliveredAt { get; init; }
    public long? ArrivedAt { get; init; }
    public long? OpenedAt { get; init; }
    public long? BouncedAt { get; init; }
    public long? FailedAt { get; init; }
    public int HoldsCode { get; init; }
}

/// <summary>Messages that are no part of an act (codes). Those of an act are written with its batch.</summary>
public static class Outbox
{
    /// <param name="remindsOf">The due date of which it reminds; null where it does not.</param>
    /// <param name="codeExpires">Where it holds a one-time code: until when that counts. Such messages leave first, and not after it.</param>
    public static async Task AddAsync(
        DbConnection connection, DbTransaction? transaction, long worker, string? actNumber, OutgoingMessage message, Instant at, LocalDate? remindsOf = null, Instant? codeExpires = null)
    {
        var id = await connection.ExecuteScalarAsync<long>(
            """
            insert into message (worker_id, act_number, channel_kind, address, language, subject, body, created_at, sent_at, reminds_of, delivered_at, reply_code, holds_code)
            values (@worker, @actNumber, @Kind, @Address, @Language, @Subject, @Body, @at, @sent, @remindsOf, @sent, @ReplyCode, @holdsCode)
            returning id
            """,
            new
            {
                worker,
                actNumber,
                message.Channel.Kind,
                message.Channel.Address,
                message.Language,
                message.Subject,
                message.Body,
                at = at.ToUnixTimeMilliseconds(),
                sent = message.SentNow ? at.ToUnixTimeMilliseconds() : (long?)null,
                remindsOf = IsoDate.Write(remindsOf),
                message.ReplyCode,
                holdsCode = message.HoldsCode ? 1 : 0,
            },
            transaction);
        if (codeExpires is { } expires && !message.SentNow)
            await connection.ExecuteAsync("insert into message_code (message_id, expires_at) values (@id, @expires)", new { id, expires = expires.ToUnixTimeMilliseconds() }, transaction);
    }

    /// <summary>
    /// The digits by which whoever gets somebody's messages ends a channel (docs/decisions/0057) are with those messages alone: whoever has
    /// the phone in which somebody is signed in would else end their e-mail with them.
    /// </summary>
    public static async Task<Func<string, string>> HidingMarksAsync(DbConnection connection, long worker)
    {
        var marks = (await connection.QueryAsync<string>("select mark from channel where worker_id = @worker and mark is not null", new { worker })).ToList();
        return text => marks.Aggregate(text, (left, mark) => left.Replace(mark, HiddenMark, StringComparison.Ordinal));
    }

    public const string HiddenMark = "······";

    /// <summary>A worker's own, newest first, as they are shown to whoever is signed in.</summary>
    public static async Task<IReadOnlyList<Message>> OfAsync(Database database, long worker, int count)
    {
        await using var connection = await database.OpenAsync();
        var hide = await HidingMarksAsync(connection, worker);
        return (await connection.QueryAsync<Message>(
            """
            select id, worker_id as WorkerId, act_number as ActNumber, channel_kind as ChannelKind, address, language, subject, body,
                   created_at as CreatedAt, sent_at as SentAt, delivered_at as DeliveredAt, arrived_at as ArrivedAt, opened_at as OpenedAt,
                   bounced_at as BouncedAt, failed_at as FailedAt, holds_code as HoldsCode
            from message where worker_id = @worker order by id desc limit @count
            """,
            new { worker, count })).Select(m => m with { Body = hide(m.Body) }).ToList();
    }

    /// <summary>All of them, by one statement.</summary>
    public static Task AddAsync(DbConnection connection, DbTransaction transaction, IReadOnlyCollection<OutboxRow> rows) => OutboxRows.AddAsync(connection, transaction, rows);

    public static async Task<IReadOnlyList<Message>> NewestAsync(Database database, int count)
    {
        await using var connection = await database.OpenAsync();
        return (await connection.QueryAsync<Message>(
            """
            select id, worker_id as WorkerId, act_number as ActNumber, channel_kind as ChannelKind, address, language, subject, body,
                   created_at as CreatedAt, sent_at as SentAt
            from message order by id desc limit @count
            """,
            new { count })).ToList();
    }
}
