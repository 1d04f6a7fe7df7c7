using Manzil.Receipts;

namespace Manzil.Tests.Log;

public class LogAuditTests
{
    static readonly NoteVerifier PublishedKey =
        NoteVerifier.Parse("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx");

    [Fact]
    public async Task Run_PublishedLogAtEverySize_Passes()
    {
        var folder = Vectors.Folder("tlog/log");
        for (var size = 0; size <= 15; size++)
        {
            var earlier = size == 0 ? null : File.ReadAllText(Path.Combine(folder, $"checkpoint.{size / 2}"));
            var report = await LogAudit.RunAsync(
                (path, _) => Task.FromResult(Read(folder, path == "checkpoint" ? $"checkpoint.{size}" : path)),
                [PublishedKey], [], earlier, entryLength: null, TestContext.Current.CancellationToken);
            Assert.Empty(report.Problems);
            Assert.Equal(size, report.Checkpoint!.Size);
        }
    }

    [Fact]
    public async Task Run_AnyByteOfThePublishedLogIsDamaged_IsFound()
    {
        var folder = Vectors.Folder("tlog/log");
        foreach (var damaged in new[] { "checkpoint", "tile/0/000.p/15", "tile/entries/000.p/15" })
        {
            var length = Read(folder, damaged)!.Length;
            for (var place = 0; place < length; place++)
            {
                var report = await LogAudit.RunAsync(
                    (path, _) => Task.FromResult(Damage(Read(folder, path), path == damaged ? place : -1)),
                    [PublishedKey], [], null, entryLength: null, TestContext.Current.CancellationToken);
                Assert.False(report.Passed, $"Byte {place} of {damaged} can be changed.");
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(70_000)]
    public async Task Run_OwnLog_PassesFromEveryEarlierState(int size)
    {
        using var log = new FolderLog();
        var states = new List<string>();
        for (var part = 0; part < 4; part++)
        {
            log.Grow(size * (part + 1) / 4 - size * part / 4);
            states.Add(log.Checkpoint);
        }

        foreach (var state in states)
        {
            Assert.Empty((await AuditAsync(log, state)).Problems);
        }

        Assert.Contains("It is not yet witnessed.", (await AuditAsync(log, null)).Facts);
    }

    [Fact]
    public async Task Run_LogIsRewrittenBeforeTheStateKept_IsFound()
    {
        using var log = new FolderLog().Grow(600);
        var state = log.Checkpoint;
        log.Grow(100);
        Assert.True((await AuditAsync(log, state)).Passed);
        log.Rewrite(599);
        Assert.Equal(
            ["The log was rewritten: its first 600 entries are not those of the checkpoint kept from an earlier audit."],
            (await AuditAsync(log, state)).Problems);
        Assert.True((await AuditAsync(log, null)).Passed);
        log.Rewrite(600);
        Assert.True((await AuditAsync(log, state)).Passed);
    }

    [Fact]
    public async Task Run_LogHasShrunk_IsFound()
    {
        using var log = new FolderLog().Grow(600);
        var earlier = log.Checkpoint;
        log.Grow(1);
        var later = log.Checkpoint;
        File.WriteAllText(Path.Combine(log.Folder, "checkpoint"), earlier);
        Assert.Equal(["The log has shrunk: it had 601 entries, and now has 600."], (await AuditAsync(log, later)).Problems);
    }

    [Fact]
    public async Task Run_UpperTileIsDamagedOrMissing_NamesIt()
    {
        using var log = new FolderLog().Grow(66_000);
        var path = Path.Combine(log.Folder, "tile/2/000.p/1");
        File.WriteAllBytes(path, Damage(File.ReadAllBytes(path), 31)!);
        Assert.Equal(["Hash 0 of tile/2/000.p/1 is not that of the log's entries."], (await AuditAsync(log, null)).Problems);
        File.Delete(path);
        File.Delete(Path.Combine(log.Folder, "tile/1/000"));
        Assert.Equal(["tile/1/000 is missing.", "tile/2/000.p/1 is missing."], (await AuditAsync(log, null)).Problems);
    }

    [Fact]
    public async Task Run_EntriesAreMissingShortOrLong_IsFound()
    {
        using var log = new FolderLog().Grow(300);
        var path = Path.Combine(log.Folder, "tile/entries/001.p/44");
        var bundle = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bundle[34..]);
        Assert.Equal(["tile/entries/001.p/44 holds 43 entries and should hold 44."], (await AuditAsync(log, null)).Problems);
        File.WriteAllBytes(path, bundle[1..]);
        Assert.False((await AuditAsync(log, null)).Passed);
        File.Delete(path);
        Assert.Equal(["tile/entries/001.p/44 is missing."], (await AuditAsync(log, null)).Problems);
        File.WriteAllBytes(path[..^5], bundle);
        Assert.True((await AuditAsync(log, null)).Passed);
    }

    [Fact]
    public async Task Run_EntriesOfAnotherLength_AreFound()
    {
        var folder = Vectors.Folder("tlog/log");
        var report = await LogAudit.RunAsync(
            (path, _) => Task.FromResult(Read(folder, path)), [PublishedKey], [], null, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(15, report.Problems.Count);
        Assert.Equal("Entry 0 is not 32 bytes long.", report.Problems[0]);
    }

    [Fact]
    public async Task Run_SignedByAnotherKeyOrState_IsFound()
    {
        using var log = new FolderLog().Grow(3);
        using var other = new FolderLog().Grow(3);
        Assert.False((await LogAudit.RunAsync(log.FetchAsync, [other.Key], [], null, cancellationToken: TestContext.Current.CancellationToken)).Passed);
        Assert.False((await LogAudit.RunAsync(log.FetchAsync, [], [], null, cancellationToken: TestContext.Current.CancellationToken)).Passed);
        Assert.False((await AuditAsync(log, other.Checkpoint)).Passed);
        Assert.False((await AuditAsync(log, "")).Passed);
        File.Delete(Path.Combine(log.Folder, "checkpoint"));
        Assert.Equal(["The log has no checkpoint."], (await AuditAsync(log, null)).Problems);
    }

    [Fact]
    public async Task Run_WitnessedCheckpoint_SaysWhoAndWhen()
    {
        using var log = new FolderLog().Grow(3);
        var note = SignedNote.Parse(log.Checkpoint);
        File.WriteAllText(Path.Combine(log.Folder, "checkpoint"), note.With([NoteTests.Cosign(note.Text, 1_800_000_000)]).Format());
        var report = await LogAudit.RunAsync(
            log.FetchAsync, [log.Key], [NoteVerifier.Parse(NoteTests.WitnessVerifierKey)], null, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(report.Passed);
        Assert.Contains("It was witnessed by witness.example/w1 at 2027-01-15T08:00:00Z.", report.Facts);
    }

    static Task<LogAuditReport> AuditAsync(FolderLog log, string? state) =>
        LogAudit.RunAsync(log.FetchAsync, [log.Key], [], state, cancellationToken: TestContext.Current.CancellationToken);

    static byte[]? Read(string folder, string path)
    {
        var file = Path.Combine(folder, path);
        return File.Exists(file) ? File.ReadAllBytes(file) : null;
    }

    static byte[]? Damage(byte[]? bytes, int place)
    {
        if (bytes is not null && place >= 0)
        {
            bytes[place] ^= 1;
        }

        return bytes;
    }
}
