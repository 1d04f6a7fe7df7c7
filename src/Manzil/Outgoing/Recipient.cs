using System.Data.Common;
using Dapper;
using Manzil.Register;

namespace Manzil.Outgoing;

/// <summary>
/// Whom one message goes to: a channel that the worker whom it is about has or had, as the register keeps it. There is no other way to
/// make one, so nothing leaves for somebody who is not that worker, whoever wrote the message's address.
/// </summary>
public sealed record Recipient
{
    Recipient(string kind, string address) => (Kind, Address) = (kind, address);

    /// <summary>'email' or 'sms'.</summary>
    public string Kind { get; }

    public string Address { get; }

    /// <summary>By the messages' ids; a message whose address is no channel of its worker has none.</summary>
    public static async Task<IReadOnlyDictionary<long, Recipient>> OfMessagesAsync(DbConnection connection, DbTransaction transaction, IReadOnlyCollection<long> messages)
    {
        var found = await connection.QueryAsync<(long Id, string Kind, string Address)>(
            $"""
            select m.id, c.kind, c.address from message m join channel c on c.worker_id = m.worker_id and c.kind = m.channel_kind and c.address = m.address
            where {Database.In(connection, "m.id")}
            """,
            new { keys = messages.ToArray() }, transaction);
        return found.DistinctBy(f => f.Id).ToDictionary(f => f.Id, f => new Recipient(f.Kind, f.Address));
    }
}
