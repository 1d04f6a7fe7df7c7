using System.Text;
using Manzil.Receipts;

namespace Manzil.Register;

/// <summary>
/// The newest checkpoint that left this node, in a file of two slots written in turn and in place: a write that is
/// cut short leaves the other slot whole, and a full disk has nothing to refuse.
/// </summary>
sealed class PublishedCheckpoint : IDisposable
{
    const int SlotSize = 2048;

    readonly FileStream _file;
    readonly byte[] _slot = new byte[SlotSize];
    int _next;
    Checkpoint? _newest;

    public PublishedCheckpoint(string path)
    {
        _file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            BufferSize = 0,
        });
        if (_file.Length < 2 * SlotSize) _file.Write(new byte[2 * SlotSize]);
        Newest = Read();
        _newest = Newest is null ? null : Checkpoint.Parse(SignedNote.Parse(Newest).Text);
    }

    /// <summary>The newest signed checkpoint kept, whole note text; null before the first.</summary>
    public string? Newest { get; private set; }

    /// <summary>The checkpoint kept, where it is ahead of a log's head; null where the head is as new or newer.</summary>
    public Checkpoint? IsAheadOf(string origin, long size)
    {
        if (_newest is null) return null;
        return _newest.Origin == origin
            ? _newest.Size > size ? _newest : null
            : IsLater(_newest.Origin, origin) ? _newest : null;
    }

    public void Keep(string note, Checkpoint checkpoint)
    {
        var bytes = Encoding.UTF8.GetBytes(note);
        if (bytes.Length > SlotSize - 4) throw new InvalidOperationException("A checkpoint is longer than its slot.");
        Array.Clear(_slot);
        BitConverter.TryWriteBytes(_slot, bytes.Length);
        bytes.CopyTo(_slot, 4);
        RandomAccess.Write(_file.SafeFileHandle, _slot, _next * SlotSize);
        _next = 1 - _next;
        Newest = note;
        _newest = checkpoint;
    }

    string? Read()
    {
        (string Note, Checkpoint Checkpoint)? newest = null;
        for (var i = 0; i < 2; i++)
        {
            if (RandomAccess.Read(_file.SafeFileHandle, _slot, i * SlotSize) < SlotSize) continue;
            var length = BitConverter.ToInt32(_slot);
            if (length is <= 0 or > SlotSize - 4) continue;
            var note = Encoding.UTF8.GetString(_slot, 4, length);
            try
            {
                var checkpoint = Checkpoint.Parse(SignedNote.Parse(note).Text);
                // After a reopening the new log is smaller than the old one was, so the later slot of another origin wins.
                if (newest is { } best && best.Checkpoint.Origin == checkpoint.Origin && best.Checkpoint.Size >= checkpoint.Size) continue;
                if (newest is { } other && other.Checkpoint.Origin != checkpoint.Origin && !IsLater(checkpoint.Origin, other.Checkpoint.Origin)) continue;
                newest = (note, checkpoint);
                _next = 1 - i;
            }
            catch (ReceiptFormatException)
            {
                // a torn slot: the other one holds
            }
        }

        return newest?.Note;
    }

    // Origins of one installation are "host/log", "host/log/2", "host/log/3", …
    static bool IsLater(string origin, string than) =>
        origin.Length != than.Length ? origin.Length > than.Length : string.CompareOrdinal(origin, than) > 0;

    public void Dispose() => _file.Dispose();
}
