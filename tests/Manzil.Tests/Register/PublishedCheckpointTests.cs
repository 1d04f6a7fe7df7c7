using System.Text;
using Manzil.Receipts;
using Manzil.Register;

namespace Manzil.Tests.Register;

/// <summary>The file beside the keys that keeps what left this node.</summary>
public sealed class PublishedCheckpointTests : IDisposable
{
    // open(2): each write waits for the disk.
    const int OSync = 0x101000;

    readonly string _folder = Directory.CreateTempSubdirectory("manzil-test-").FullName;
    readonly NoteSigner _signer = NoteSigner.Generate("manzil.example/log");

    string FilePath => Path.Combine(_folder, "published-checkpoint");

    [Fact]
    public void Keep_NewerOnes_AreReadBackByTheNextProcess()
    {
        for (var size = 1; size <= 5; size++)
        {
            using (var file = new PublishedCheckpoint(FilePath)) Keep(file, size);
            using var again = new PublishedCheckpoint(FilePath);
            Assert.Equal(size, again.Newest!.Checkpoint.Size);
        }
    }

    [Fact]
    public void Keep_AnOlderOneOrAnotherOfTheSameSize_ChangesNothing()
    {
        using var file = new PublishedCheckpoint(FilePath);
        var kept = Keep(file, 5);
        Keep(file, 4);
        Keep(file, 5, root: 9);
        Assert.Equal(kept, file.Newest!.Note);
        using var again = new PublishedCheckpoint(FilePath);
        Assert.Equal(kept, again.Newest!.Note);
    }

    [Fact]
    public void Keep_WithTwoHandles_NeitherPutsAnOlderOneBack()
    {
        using var one = new PublishedCheckpoint(FilePath);
        using var other = new PublishedCheckpoint(FilePath);
        Keep(one, 7);
        Keep(other, 3);
        Keep(other, 8);
        Keep(one, 4);
        Assert.Equal(8, one.Newest!.Checkpoint.Size);
        using var again = new PublishedCheckpoint(FilePath);
        Assert.Equal(8, again.Newest!.Checkpoint.Size);
    }

    // The power fails while a slot is written: whatever part of it got there, the one before stands.
    [Fact]
    public void Read_ASlotThatWasCutShortAnywhere_GivesTheOneBefore()
    {
        byte[] before;
        using (var file = new PublishedCheckpoint(FilePath))
        {
            Keep(file, 1);
            Keep(file, 12345);
            before = Bytes();
            Keep(file, 12399);
        }

        var after = Bytes();
        var changed = Enumerable.Range(0, after.Length).Where(i => before[i] != after[i]).ToList();
        Assert.True(changed.Count > 50);
        foreach (var end in changed)
        {
            File.WriteAllBytes(FilePath, [.. after[..end], .. before[end..]]);
            using var torn = new PublishedCheckpoint(FilePath);
            Assert.Equal(12345, torn.Newest!.Checkpoint.Size);
        }
    }

    [Fact]
    public void Read_AFileOfTheOldLayout_GivesItsCheckpoint()
    {
        var note = Note(77, 1);
        var bytes = new byte[4096];
        BitConverter.TryWriteBytes(bytes, Encoding.UTF8.GetByteCount(note));
        Encoding.UTF8.GetBytes(note).CopyTo(bytes, 4);
        File.WriteAllBytes(FilePath, bytes);
        using var file = new PublishedCheckpoint(FilePath);
        Assert.Equal(note, file.Newest!.Note);
        Keep(file, 78);
        using var again = new PublishedCheckpoint(FilePath);
        Assert.Equal(78, again.Newest!.Checkpoint.Size);
    }

    [Fact]
    public void Keep_EachWrite_WaitsForTheDisk()
    {
        using var file = new PublishedCheckpoint(FilePath);
        var descriptor = new DirectoryInfo("/proc/self/fd").GetFileSystemInfos().Single(f => f.LinkTarget == FilePath).Name;
        var flags = File.ReadLines($"/proc/self/fdinfo/{descriptor}").Single(l => l.StartsWith("flags:", StringComparison.Ordinal))["flags:".Length..].Trim();
        var bits = Convert.ToInt32(flags, 8);
        Assert.True((bits & OSync) != 0, flags);
    }

    [Fact]
    public void Keep_TheLongestOrigin_FitsItsSlot()
    {
        using var signer = NoteSigner.Generate("m.example/" + new string('a', PublishedCheckpoint.MaxOriginBytes - 10));
        using var file = new PublishedCheckpoint(FilePath);
        var checkpoint = new Checkpoint(signer.Name, 1L << 62, new byte[32]);
        file.Keep(signer.Sign(checkpoint.Format()), checkpoint);
        Assert.Equal(1L << 62, file.Newest!.Checkpoint.Size);
    }

    string Keep(PublishedCheckpoint file, long size, byte root = 1)
    {
        var note = Note(size, root);
        file.Keep(note, Checkpoint.Parse(SignedNote.Parse(note).Text));
        return note;
    }

    string Note(long size, byte root) => _signer.Sign(new Checkpoint("manzil.example/log", size, [.. Enumerable.Repeat((byte)(root + size), 32)]).Format());

    byte[] Bytes() => File.ReadAllBytes(FilePath);

    public void Dispose()
    {
        _signer.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
