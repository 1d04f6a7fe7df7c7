using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Manzil.Receipts;
using NodaTime;

namespace Manzil.Tests.Faults;

// What everybody outside can check of a server's log and of the receipts that it gave.
public sealed class Ledger
{
    string? kept;

    // Audits the log, and that it has only grown since the last audit; gives its size.
    public async Task<long> AuditAsync(ServerProcess server)
    {
        var keys = await server.KeysAsync();
        var report = await LogAudit.RunAsync(
            async (path, stop) =>
            {
                using var answer = await server.Client.GetAsync($"{PathOf(keys)}/{path}", stop);
                return answer.IsSuccessStatusCode ? await answer.Content.ReadAsByteArrayAsync(stop) : null;
            },
            [.. keys.Logs.Select(log => log.Key)], keys.Witnesses, kept);
        Assert.True(report.Passed, string.Join(' ', report.Problems));
        kept = report.CheckpointText;
        return report.Checkpoint!.Size;
    }

    // Every request is acknowledged once: its receipt verifies, is listed, and leads to the log as it is now; and the log has nothing else.
    public static async Task CheckAsync(ServerProcess server, IReadOnlyCollection<Sent> requests, long otherEntries)
    {
        var keys = await server.KeysAsync();
        var checkpoint = Checkpoint.Read(SignedNote.Parse(await server.Client.GetStringAsync(PathOf(keys) + "/checkpoint")));
        Assert.Equal(otherEntries + requests.Count, checkpoint.Size);
        var (entries, roots) = await ReadTreeAsync(server, PathOf(keys), checkpoint.Size);
        Assert.Equal(checkpoint.RootHash, roots[checkpoint.Size]);

        var indexes = new HashSet<long>();
        foreach (var request in requests)
        {
            var (statement, report) = Verify(request.Receipt!, keys);
            Assert.True(indexes.Add(report.Index!.Value));
            Assert.Equal(SHA256.HashData(statement), entries[(int)report.Index.Value]);
            Assert.Equal(roots[report.Checkpoint!.Size], report.Checkpoint.RootHash);
        }

        foreach (var mine in requests.GroupBy(request => request.Person))
        {
            using var answer = await server.GetAsync("/api/v1/notices", mine.Key);
            var listed = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync()).RootElement.GetProperty("notices").EnumerateArray();
            Assert.Equal(
                mine.Select(request => NumberOf(request.Receipt!)).Order(StringComparer.Ordinal),
                listed.Select(notice => notice.GetProperty("number").GetString()!).Order(StringComparer.Ordinal));
        }
    }

    public static (byte[] Statement, VerificationReport Report) Verify(byte[] receipt, KeySet keys)
    {
        var json = JsonDocument.Parse(receipt).RootElement;
        var statement = Base64Url.DecodeFromChars(json.GetProperty("statement").GetString());
        var record = Base64Url.DecodeFromChars(json.GetProperty("record").GetString());
        var report = ReceiptVerifier.Verify(statement, record, json.GetProperty("proof").GetString(), null, keys, SystemClock.Instance.GetCurrentInstant());
        Assert.True(report.IsValid, string.Join(' ', report.Problems));
        Assert.Equal(ProofFinding.Holds, report.Proof);
        return (statement, report);
    }

    // The open log's address is its origin's path.
    public static string PathOf(KeySet keys) => keys.Log.Key.Name[keys.Log.Key.Name.IndexOf('/', StringComparison.Ordinal)..];

    public static string NumberOf(byte[] receipt) => JsonDocument.Parse(receipt).RootElement.GetProperty("number").GetString()!;

    // All entries, and the root of the tree at every size.
    static async Task<(List<byte[]> Entries, Dictionary<long, byte[]> Roots)> ReadTreeAsync(ServerProcess server, string log, long size)
    {
        var entries = new List<byte[]>();
        var roots = new Dictionary<long, byte[]>();
        var frontier = MerkleFrontier.Empty;
        for (var bundle = 0; entries.Count < size; bundle++)
        {
            var bytes = await server.Client.GetByteArrayAsync($"{log}/" + TilePath.OfEntries(bundle, TilePath.WidthAt(0, bundle, size)));
            foreach (var entry in EntryBundle.Parse(bytes))
            {
                entries.Add(entry);
                frontier = frontier.Append([MerkleTree.HashLeaf(entry)]).Frontier;
                roots[frontier.Size] = frontier.Root();
            }
        }

        return (entries, roots);
    }
}
