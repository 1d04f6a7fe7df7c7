using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Manzil.Receipts;

namespace Manzil.Tests.Log;

/// <summary>Strangers check our log: Go's sumdb/note and sumdb/tlog, from Debian's golang-go and golang-golang-x-mod-dev.</summary>
public class GoInteropTests
{
    const string Origin = "manzil.example/log";

    sealed record Inclusion(long Size, byte[] Root, long Index, byte[] Entry, byte[][] Proof);

    sealed record Consistency(long Size1, long Size2, byte[] Root1, byte[] Root2, byte[][] Proof);

    sealed record Input(
        string PrivateKey, string VerifierKey, string[] Notes, string TextToSign, Inclusion[] Inclusion, Consistency[] Consistency);

    sealed record Output(int Notes, int Inclusion, int Consistency, string Signed);

    [Fact]
    public async Task SumdbNoteAndTlog_OurCheckpointsAndProofs_Hold()
    {
        using var signer = NoteSigner.Generate(Origin);
        var input = Build(signer);
        var (exitCode, answer, error) = await RunAsync(input);
        Assert.True(exitCode == 0, error);
        var output = JsonSerializer.Deserialize<Output>(answer)!;
        Assert.Equal((input.Notes.Length, input.Inclusion.Length, input.Consistency.Length), (output.Notes, output.Inclusion, output.Consistency));
        Assert.Equal(signer.Sign(input.TextToSign), output.Signed);
    }

    [Fact]
    public async Task SumdbNoteAndTlog_SomethingIsWrong_IsRefused()
    {
        using var signer = NoteSigner.Generate(Origin);
        var good = Build(signer);
        var inclusion = good.Inclusion[^1];
        var consistency = good.Consistency[^1];
        Input[] bad =
        [
            good with { Notes = [good.Notes[0].Replace("\n1\n", "\n2\n")] },
            good with { Inclusion = [inclusion with { Entry = NaiveTree.Entry(0) }] },
            good with { Consistency = [consistency with { Root1 = consistency.Root2 }] },
        ];
        foreach (var input in bad)
        {
            Assert.Equal(1, (await RunAsync(input)).ExitCode);
        }
    }

    static Input Build(NoteSigner signer)
    {
        var naive = NaiveTree.OfSize(700);
        var frontier = MerkleFrontier.Empty;
        var notes = new List<string>();
        var inclusion = new List<Inclusion>();
        var consistency = new List<Consistency>();
        foreach (var count in new[] { 1, 1, 5, 249, 44, 300, 90 })
        {
            var first = (int)frontier.Size;
            var batch = frontier.Append([.. Enumerable.Range(first, count).Select(i => naive.Hash(i, i + 1))]);
            notes.Add(signer.Sign(new Checkpoint(Origin, batch.Size, batch.Root).Format()));
            inclusion.AddRange(Enumerable.Range(0, count).Select(
                i => new Inclusion(batch.Size, batch.Root, first + i, NaiveTree.Entry(first + i), batch.Proof(i))));
            inclusion.AddRange(Enumerable.Range(0, first).Where(i => i % 17 == 0).Select(
                i => new Inclusion(batch.Size, batch.Root, i, NaiveTree.Entry(i), MerkleTree.InclusionProof(i, batch.Size, naive.Node))));
            if (first > 0)
            {
                consistency.Add(new Consistency(
                    first, batch.Size, frontier.Root(), batch.Root, MerkleTree.ConsistencyProof(first, batch.Size, naive.Node)));
            }

            frontier = batch.Frontier;
        }

        return new Input(signer.Encoded, signer.VerifierKey, [.. notes], "signed by Go\n", [.. inclusion], [.. consistency]);
    }

    static async Task<(int ExitCode, string Output, string Error)> RunAsync(Input input, [CallerFilePath] string thisFile = "")
    {
        var path = Environment.GetEnvironmentVariable("GOPATH") is { Length: > 0 } given ? given : "/usr/share/gocode";
        var installed = Directory.Exists(Path.Combine(path, "src/golang.org/x/mod/sumdb"))
            && Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, "go")));
        const string Missing = "Go is not here; install golang-go and golang-golang-x-mod-dev.";
        Assert.True(installed || Environment.GetEnvironmentVariable("CI") != "true", Missing);
        Assert.SkipUnless(installed, Missing);

        var start = new ProcessStartInfo("go", ["run", "main.go"])
        {
            WorkingDirectory = Path.Combine(Path.GetDirectoryName(thisFile)!, "../interop/go"),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["GO111MODULE"] = "off";
        start.Environment["GOPATH"] = path;
        start.Environment["GOFLAGS"] = "";
        start.Environment["GOCACHE"] = Path.Combine(Path.GetTempPath(), "manzil-go-cache");
        using var go = Process.Start(start)!;
        var output = go.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = go.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await JsonSerializer.SerializeAsync(go.StandardInput.BaseStream, input, cancellationToken: TestContext.Current.CancellationToken);
        go.StandardInput.Close();
        await go.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (go.ExitCode, await output, await error);
    }
}
