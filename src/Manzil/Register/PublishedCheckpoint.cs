using System.Security.Cryptography;
using System.Text;
using Manzil.Receipts;

namespace Manzil.Register;

/// <summary>
/// The newest checkpoint that left this node, in a file of two slots written in turn and in place: a write that is
/// cut short leaves the other slot whole, and a full disk has nothing to refuse. What was kept is on the disk when
/// <see cref="Keep"/> returns, so that nothing leaves before it is kept.
/// </summary>
/// <remarks>A slot: the note's length (4 bytes, little-endian), SHA-256 of the note, the note.</remarks>
public sealed class PublishedCheckpoint : IDisposable
{
    const int SlotSize = 2048;
    const int HeaderSize = sizeof(int) + SHA256.HashSizeInBytes;

    /// <summary>
    /// The longest origin of a log, in bytes. A checkpoint has it twice, in its first and in its signature's line, and fits its slot.
    /// It is also the most that a witness signs for (C2SP tlog-cosignature).
    /// </summary>
    public const int MaxOriginBytes = 255;

    readonly Lock _one = new();
    readonly FileStream _file;
    // All below belongs to _one.
    readonly byte[] _slots = new byte[2 * SlotSize];
    readonly byte[] _read = new byte[2 * SlotSize];
    int _next;
    Kept? _newest;

    /// <summary>A checkpoint that was kept: the whole signed note, and what it says.</summary>
    public sealed record Kept(string Note, Checkpoint Checkpoint);

    public PublishedCheckpoint(string path)
    {
        try
        {
            _file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.ReadWrite,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                BufferSize = 0,
                // Each write is on the disk when it returns: node and database may lose their power together.
                Options = FileOptions.WriteThrough,
            });
            if (_file.Length < 2 * SlotSize) _file.Write(new byte[2 * SlotSize]);
            Read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandLineException($"The file {path}, which keeps the newest published checkpoint, cannot be written: {e.Message.ReplaceLineEndings(" ")}", 1);
        }
    }

    /// <summary>The newest checkpoint kept; null before the first.</summary>
    public Kept? Newest
    {
        get
        {
            lock (_one) return _newest;
        }
    }

    /// <summary>Keeps a checkpoint that is about to leave this node, unless a newer one was kept already.</summary>
    /// <param name="note">The note as this log signed it, without cosignatures.</param>
    /// <param name="checkpoint">What it says.</param>
    /// <exception cref="IOException">It could not be kept; then it must not leave.</exception>
    public void Keep(string note, Checkpoint checkpoint)
    {
        lock (_one)
        {
            // The server and a command write at the same time; whoever comes later must not put an older one back.
            if (WasWrittenByOther()) Read();
            if (_newest is { } kept && !IsNewer(checkpoint, kept.Checkpoint)) return;

            var bytes = Encoding.UTF8.GetBytes(note);
            if (bytes.Length > SlotSize - HeaderSize) throw new InvalidOperationException("A checkpoint is longer than its slot.");
            var slot = _slots.AsSpan(_next * SlotSize, SlotSize);
            slot.Clear();
            BitConverter.TryWriteBytes(slot, bytes.Length);
            SHA256.HashData(bytes, slot[sizeof(int)..]);
            bytes.CopyTo(slot[HeaderSize..]);
            RandomAccess.Write(_file.SafeFileHandle, slot, _next * SlotSize);
            _next = 1 - _next;
            _newest = new Kept(note, checkpoint);
        }
    }

    bool WasWrittenByOther()
    {
        RandomAccess.Read(_file.SafeFileHandle, _read, 0);
        return !_read.AsSpan().SequenceEqual(_slots);
    }

    void Read()
    {
        _newest = null;
        RandomAccess.Read(_file.SafeFileHandle, _slots, 0);
        for (var i = 0; i < 2; i++)
        {
            if (ReadSlot(_slots.AsSpan(i * SlotSize, SlotSize)) is not { } found) continue;
            if (_newest is { } other && !IsNewer(found.Checkpoint, other.Checkpoint)) continue;
            _newest = found;
            _next = 1 - i;
        }
    }

    /// <returns>Null for a slot that is empty, or that was not written to its end.</returns>
    static Kept? ReadSlot(ReadOnlySpan<byte> slot)
    {
        var length = BitConverter.ToInt32(slot);
        if (length is <= 0 or > SlotSize - sizeof(int)) return null;
        var whole = length <= SlotSize - HeaderSize ? slot.Slice(HeaderSize, length) : default;
        // Until November 2026 the note followed its length at once.
        var bytes = SHA256.HashData(whole).AsSpan().SequenceEqual(slot[sizeof(int)..HeaderSize]) ? whole : slot.Slice(sizeof(int), length);
        try
        {
            var note = Encoding.UTF8.GetString(bytes);
            return new Kept(note, Checkpoint.Parse(SignedNote.Parse(note).Text));
        }
        catch (ReceiptFormatException)
        {
            return null;
        }
    }

    static bool IsNewer(Checkpoint one, Checkpoint than) =>
        one.Origin == than.Origin ? one.Size > than.Size : Restoration.IsBefore(than.Origin, one.Origin);

    public void Dispose() => _file.Dispose();
}
