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
}

/// <summary>Messages that are no part of an act (codes). Those of an act are written with its batch.</summary>
public static class Outbox
{
    /// <param name="remindsOf">The due date of which it reminds; null where it does not.</param>
    public static Task AddAsync(DbConnection connection, DbTransaction? transaction, long worker, string? actNumber, OutgoingMessage message, Instant at, LocalDate? remindsOf = null) =>
        OutboxRows.AddAsync(connection, transaction, [new OutboxRow(worker, actNumber, message, at, remindsOf)]);

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
