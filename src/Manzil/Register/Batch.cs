using System.Data.Common;
using Manzil.Receipts;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Register;

/// <summary>Where the log stands, as the head row has it. Every act moves it.</summary>
public sealed record Head(int Log, MerkleFrontier Frontier, string Checkpoint, Instant NewestAt)
{
    public long Size => Frontier.Size;

    /// <summary>True where nothing happened between the two. Where somebody was erased the time alone has moved.</summary>
    public bool IsStill(Head other) => Checkpoint == other.Checkpoint && NewestAt.ToUnixTimeMilliseconds() == other.NewestAt.ToUnixTimeMilliseconds();
}

/// <summary>All that one transaction writes.</summary>
sealed class Batch
{
    public required Head Before { get; init; }

    public required Head After { get; init; }

    public required byte[] Entries { get; init; }

    public required IReadOnlyList<CompletedTile> Nodes { get; init; }

    public required IReadOnlyList<ActRow> Acts { get; init; }

    public required IReadOnlyList<(long WorkerId, RegisterEntry Entry)> RegisterEntries { get; init; }

    public required IReadOnlyList<(long WorkerId, string ActNumber, OutgoingMessage Message, Instant At)> Messages { get; init; }

    /// <summary>The sessions that must stand for it to be written (<see cref="Act.AskedIn"/>), each once.</summary>
    public IReadOnlyList<byte[]> AskedIn { get; init; } = [];
}

sealed record ActRow(Act Act, Decision Decision, byte[] Statement, byte[] Record);

/// <summary>A row of the act table, read back.</summary>
public sealed record StoredAct
{
    public int Log { get; init; }
    public long Leaf { get; init; }
    public string Number { get; init; } = "";
    public long? WorkerId { get; init; }
    public int Kind { get; init; }
    public long GivenAt { get; init; }
    public string EffectiveFrom { get; init; } = "";
    public string? NextDeadline { get; init; }
    public string? Replaces { get; init; }
    public string Channel { get; init; } = "";
    public string? IdempotencyKey { get; init; }
    public byte[]? ContentHash { get; init; }
    public byte[] Statement { get; init; } = [];
    public byte[] Record { get; init; } = [];

    public const string Columns =
        "log, leaf, number, worker_id as WorkerId, kind, given_at as GivenAt, effective_from as EffectiveFrom, "
        + "next_deadline as NextDeadline, replaces, channel, idempotency_key as IdempotencyKey, content_hash as ContentHash, statement, record";
}

/// <summary>
/// Each engine's set-based SQL for a batch, on the writer's own connection. Two engines, so two classes; everything
/// else of the write path stands in <see cref="BatchWriter"/>.
/// </summary>
abstract class BatchSql : IAsyncDisposable
{
    /// <summary>The writer's connection; valid between <see cref="ConnectAsync"/> and the next failure.</summary>
    public abstract DbConnection Connection { get; }

    /// <summary>True where a batch takes the head row's lock first in any case.</summary>
    public abstract bool LocksFirst { get; }

    public abstract Task ConnectAsync();

    public abstract Task<DbTransaction> BeginLockedAsync();

    public abstract Task<Head> ReadHeadAsync(DbTransaction? transaction);

    /// <summary>
    /// Writes the batch if the head is where it was; false where another node moved it, or where a session of <see cref="Batch.AskedIn"/>
    /// has ended, and then nothing was written. Within a transaction sessions are not asked for: whoever began it has.
    /// </summary>
    public abstract Task<bool> WriteAsync(Batch batch, DbTransaction? transaction);

    public abstract ValueTask DisposeAsync();

    protected static string ChannelName(RecordChannel channel) => channel switch
    {
        RecordChannel.Web => "web",
        RecordChannel.Api => "api",
        RecordChannel.Desk => "desk",
        RecordChannel.Sms => "sms",
        _ => "operator",
    };
}
