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
    readonly byte[] _slots = new byte[2 * SlotSize];
    readonly byte[] _read = new byte[2 * SlotSize];
    int _next;

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
            });
            if (_file.Length < 2 * SlotSize) _file.Write(new byte[2 * SlotSize]);
            Read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandLineException($"The file {path}, which keeps the newest published checkpoint, cannot be written: {e.Message.ReplaceLineEndings(" ")}", 1);
        }
    }

    /// <summary>The newest signed checkpoint kept, whole note text; null before the first.</summary>
    public string? Newest { get; private set; }

    public Checkpoint? Checkpoint { get; private set; }

    public void Keep(string note, Checkpoint checkpoint)
    {
        // The server and a command write at the same time; whoever comes later must not put an older one back.
        if (WasWrittenByOther()) Read();
        if (Checkpoint is { } kept && IsNewer(kept, checkpoint)) return;

        var bytes = Encoding.UTF8.GetBytes(note);
        if (bytes.Length > SlotSize - 4) throw new InvalidOperationException("A checkpoint is longer than its slot.");
        Array.Clear(_slots, _next * SlotSize, SlotSize);
        BitConverter.TryWriteBytes(_slots.AsSpan(_next * SlotSize), bytes.Length);
        bytes.CopyTo(_slots, _next * SlotSize + 4);
        RandomAccess.Write(_file.SafeFileHandle, _slots.AsSpan(_next * SlotSize, SlotSize), _next * SlotSize);
        _next = 1 - _next;
        Newest = note;
        Checkpoint = checkpoint;
    }

    bool WasWrittenByOther()
    {
        RandomAccess.Read(_file.SafeFileHandle, _read, 0);
        return !_read.AsSpan().SequenceEqual(_slots);
    }

    void Read()
    {
        (Newest, Checkpoint) = (null, null);
        RandomAccess.Read(_file.SafeFileHandle, _slots, 0);
        for (var i = 0; i < 2; i++)
        {
            var slot = _slots.AsSpan(i * SlotSize, SlotSize);
            var length = BitConverter.ToInt32(slot);
            if (length is <= 0 or > SlotSize - 4) continue;
            var note = Encoding.UTF8.GetString(slot.Slice(4, length));
            try
            {
                var checkpoint = Receipts.Checkpoint.Parse(SignedNote.Parse(note).Text);
                if (Checkpoint is { } other && !IsNewer(checkpoint, other)) continue;
                (Newest, Checkpoint) = (note, checkpoint);
                _next = 1 - i;
            }
            catch (ReceiptFormatException)
            {
                // a torn slot: the other one holds
            }
        }
    }

    static bool IsNewer(Checkpoint one, Checkpoint than) =>
        one.Origin == than.Origin ? one.Size > than.Size : Restoration.IsBefore(than.Origin, one.Origin);

    public void Dispose() => _file.Dispose();
}
