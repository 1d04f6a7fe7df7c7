using System.Collections.Immutable;
using NodaTime;

namespace Manzil.Receipts;

/// <summary>A statement key as it is published.</summary>
/// <param name="Key">The public key.</param>
/// <param name="From">Statements issued from this time on may be signed with it.</param>
/// <param name="Until">Statements issued at this time or later may not; null for the key in use.</param>
/// <param name="Revoked">When the key was revoked: a statement signed with it then counts only with a checkpoint that a
/// witness cosigned before; null where it was not.</param>
public sealed record PublishedKey(StatementKey Key, Instant From, Instant? Until = null, Instant? Revoked = null);

/// <summary>A log as it is published.</summary>
/// <param name="Key">The log's key, whose name is the log's origin.</param>
/// <param name="From">When the log was opened.</param>
/// <param name="Until">When it was closed; null for the log in use.</param>
/// <param name="LastCheckpoint">The last checkpoint of a closed log, the whole signed note: no larger tree of it counts.</param>
public sealed record PublishedLog(NoteVerifier Key, Instant From, Instant? Until = null, string? LastCheckpoint = null);

/// <summary>The public keys with which receipts are verified: what <c>/.well-known/manzil/keys.json</c> says. Whoever
/// verifies gets it from the issuer or from someone they trust, never from the receipt.</summary>
public sealed class KeySet
{
    /// <summary>The longest keys.json that is read: 256 KiB.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>The most statement keys, logs, and witnesses, each: 200.</summary>
    public const int MaxEntries = 200;

    /// <summary>Puts a key set together. Parts of a second are dropped from its times, as the JSON cannot hold them.</summary>
    /// <param name="keys">The statement keys, with different key ids.</param>
    /// <param name="logs">The logs, with different keys; exactly one of them has no <see cref="PublishedLog.Until"/>.</param>
    /// <param name="witnesses">The witnesses' keys, type 4 each; may be empty.</param>
    /// <exception cref="ReceiptFormatException">The parts do not fit together, or a last checkpoint is not signed by its log.</exception>
    public KeySet(IEnumerable<PublishedKey> keys, IEnumerable<PublishedLog> logs, IEnumerable<NoteVerifier> witnesses)
    {
        Keys = [.. keys.Select(key => key with { From = Whole(key.From), Until = Whole(key.Until), Revoked = Whole(key.Revoked) })];
        Logs = [.. logs.Select(log => log with { From = Whole(log.From), Until = Whole(log.Until) })];
        Witnesses = [.. witnesses];
        if (Keys.Length > MaxEntries || Logs.Length > MaxEntries || Witnesses.Length > MaxEntries)
        {
            throw new ReceiptFormatException($"The key set has more than {MaxEntries} keys, logs or witnesses.");
        }
        if (Keys.DistinctBy(key => key.Key.Kid).Count() != Keys.Length
            || Logs.DistinctBy(log => log.Key.ToString()).Count() != Logs.Length
            || Witnesses.DistinctBy(witness => witness.ToString()).Count() != Witnesses.Length)
        {
            throw new ReceiptFormatException("The key set names a key twice.");
        }
        if (Keys.Any(key => key.Until <= key.From) || Logs.Any(log => log.Until < log.From))
        {
            throw new ReceiptFormatException("A key of the key set ends before it begins.");
        }
        if (Logs.Any(log => log.Key.IsWitness) || Witnesses.Any(witness => !witness.IsWitness))
        {
            throw new ReceiptFormatException("A log's key or a witness's key is of the wrong type.");
        }
        Log = Logs.Where(log => log.Until is null).ToArray() is [var open]
            ? open
            : throw new ReceiptFormatException("The key set does not have exactly one log that is open.");
        LastCheckpoints = Logs.Where(log => log.LastCheckpoint is not null).ToImmutableDictionary(log => log, ReadLast);
    }

    /// <summary>The statement keys, old ones included.</summary>
    public ImmutableArray<PublishedKey> Keys { get; }
    /// <summary>The logs, closed ones included.</summary>
    public ImmutableArray<PublishedLog> Logs { get; }
    /// <summary>The witnesses' keys.</summary>
    public ImmutableArray<NoteVerifier> Witnesses { get; }
    /// <summary>The log in use.</summary>
    public PublishedLog Log { get; }
    /// <summary>When this key set was fetched or its file written, as whoever reads it knows; null where unknown. Not part
    /// of the JSON.</summary>
    public Instant? AsOf { get; init; }

    internal ImmutableDictionary<PublishedLog, Checkpoint> LastCheckpoints { get; }

    /// <summary>Reads keys.json.</summary>
    /// <param name="json">The bytes, UTF-8.</param>
    /// <param name="asOf">See <see cref="AsOf"/>.</param>
    /// <returns>The key set. What is of no known kind is left out: statement keys of another algorithm or use than ES256 for
    /// signatures, and keys of logs and witnesses of another type than 1 and 4, such as ML-DSA-44 (C2SP tlog-cosignature, type 6).</returns>
    /// <exception cref="ReceiptFormatException">The JSON is not a key set.</exception>
    public static KeySet Parse(ReadOnlyMemory<byte> json, Instant? asOf = null) => KeySetJson.Parse(json, asOf);

    /// <summary>Writes keys.json, indented, UTF-8.</summary>
    /// <returns>The bytes.</returns>
    public byte[] ToJson() => KeySetJson.Write(this);

    internal PublishedKey? Find(ReadOnlySpan<byte> keyId)
    {
        foreach (var key in Keys)
        {
            if (key.Key.HasId(keyId))
            {
                return key;
            }
        }
        return null;
    }

    static Instant Whole(Instant time) => Instant.FromUnixTimeSeconds(time.ToUnixTimeSeconds());

    static Instant? Whole(Instant? time) => time is { } value ? Whole(value) : null;

    static Checkpoint ReadLast(PublishedLog log)
    {
        var note = SignedNote.Parse(log.LastCheckpoint!);
        var checkpoint = Checkpoint.Read(note);
        return log.Until is not null && checkpoint.Origin == log.Key.Name && log.Key.Verify(note)
            ? checkpoint
            : throw new ReceiptFormatException("The last checkpoint of a log is not signed by that log.");
    }
}
