using Manzil.Receipts;

namespace Manzil.Tests.Log;

public class CheckpointAndProofTests
{
    const string Root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    const string Line = "\u2014 example.org/log AAAAAAA=\n";

    [Fact]
    public void Parse_CheckpointWithExtensionLines_KeepsThem()
    {
        const string Text = "example.org/log\n7\n" + Root + "\nfirst\nsecond \u00e9\n";
        var checkpoint = Checkpoint.Parse(Text);
        Assert.Equal("example.org/log", checkpoint.Origin);
        Assert.Equal(7, checkpoint.Size);
        Assert.Equal(MerkleTree.EmptyRoot, checkpoint.RootHash);
        Assert.Equal(["first", "second \u00e9"], checkpoint.Extensions);
        Assert.Equal(Text, checkpoint.Format());
        Assert.Equal(Checkpoint.Parse(Text), checkpoint);
        Assert.NotEqual(checkpoint with { Extensions = [] }, checkpoint);
    }

    [Theory]
    [InlineData("")]
    [InlineData("example.org/log\n7\n" + Root)]
    [InlineData("example.org/log\n7\n")]
    [InlineData("\n7\n" + Root + "\n")]
    [InlineData("example.org/log\n07\n" + Root + "\n")]
    [InlineData("example.org/log\n-7\n" + Root + "\n")]
    [InlineData("example.org/log\n+7\n" + Root + "\n")]
    [InlineData("example.org/log\n 7\n" + Root + "\n")]
    [InlineData("example.org/log\n\u0667\n" + Root + "\n")]
    [InlineData("example.org/log\n9223372036854775807\n" + Root + "\n")]
    [InlineData("example.org/log\n99999999999999999999\n" + Root + "\n")]
    [InlineData("example.org/log\n7\nAAAA\n")]
    [InlineData("example.org/log\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n")]
    [InlineData("example.org/log\n7\n" + Root + "\n\nlater\n")]
    public void Parse_MalformedCheckpoint_IsRefused(string text) =>
        Assert.Throws<ReceiptFormatException>(() => Checkpoint.Parse(text));

    [Fact]
    public void Format_Proof_HasTheLinesOfTheSpecification()
    {
        var proof = new TlogProof { Index = 5, Hashes = [MerkleTree.EmptyRoot, new byte[32]], CheckpointText = $"example.org/log\n7\n{Root}\n\n{Line}" };
        Assert.Equal(
            $"c2sp.org/tlog-proof@v1\nindex 5\n{Root}\n{new string('A', 43)}=\n\nexample.org/log\n7\n{Root}\n\n{Line}", proof.Format());
        Assert.Equal(proof.Format(), TlogProof.Parse(proof.Format()).Format());
        var withExtra = proof with { Extra = [1, 2, 3] };
        Assert.StartsWith("c2sp.org/tlog-proof@v1\nextra AQID\nindex 5\n", withExtra.Format());
        Assert.Equal([1, 2, 3], TlogProof.Parse(withExtra.Format()).Extra);
        Assert.Empty(TlogProof.Parse((proof with { Hashes = [] }).Format()).Hashes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("c2sp.org/tlog-proof@v1")]
    [InlineData("c2sp.org/tlog-proof@v2\nindex 0\n\n")]
    [InlineData("c2sp.org/tlog-proof@v1\n\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 00\n\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex -1\n\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 0 \n\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 0\r\n\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 0\nextra AAAA\n\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nextra AAA\nindex 0\n\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nextra AAAA\nextra AAAA\nindex 0\n\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\n")]
    public void Parse_MalformedProof_IsRefused(string head)
    {
        var checkpoint = $"example.org/log\n7\n{Root}\n\n{Line}";
        Assert.Equal(0, TlogProof.Parse("c2sp.org/tlog-proof@v1\nindex 0\n\n" + checkpoint).Index);
        Assert.Throws<ReceiptFormatException>(() => TlogProof.Parse(head + checkpoint));
    }

    [Fact]
    public void Parse_ProofWithoutSignedCheckpoint_IsRefused()
    {
        foreach (var checkpoint in new[] { "", "example.org/log\n", $"example.org/log\n7\n{Root}\n", $"example.org/log\nx\n{Root}\n\n{Line}" })
        {
            Assert.Throws<ReceiptFormatException>(() => TlogProof.Parse("c2sp.org/tlog-proof@v1\nindex 0\n\n" + checkpoint));
        }

        var hashes = string.Concat(Enumerable.Repeat(Root + "\n", TlogProof.MaxHashes + 1));
        Assert.Throws<ReceiptFormatException>(
            () => TlogProof.Parse($"c2sp.org/tlog-proof@v1\nindex 0\n{hashes}\nexample.org/log\n7\n{Root}\n\n{Line}"));
    }

    [Fact]
    public void Parse_AnyByteOfAProofIsChanged_IsFound()
    {
        using var signer = NoteSigner.Generate("example.org/log");
        var log = NoteVerifier.Parse(signer.VerifierKey);
        var witness = NoteVerifier.Parse(NoteTests.WitnessVerifierKey);
        var entries = Enumerable.Range(0, 13).Select(NaiveTree.Entry).ToArray();
        var batch = MerkleFrontier.Empty.Append([.. entries.Select(entry => MerkleTree.HashLeaf(entry))]);
        var note = SignedNote.Parse(signer.Sign(new Checkpoint("example.org/log", batch.Size, batch.Root).Format()));
        var proof = new TlogProof
        {
            Index = 10,
            Hashes = batch.Proof(10),
            CheckpointText = note.With([NoteTests.Cosign(note.Text, 1_800_000_000)]).Format(),
        };
        var bytes = System.Text.Encoding.UTF8.GetBytes(proof.Format());
        Assert.True(Holds(bytes, entries[10], log, witness));
        Assert.False(Holds(bytes, entries[9], log, witness));
        for (var i = 0; i < bytes.Length; i++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                bytes[i] ^= (byte)(1 << bit);
                Assert.False(Holds(bytes, entries[10], log, witness), $"Bit {bit} of byte {i} can be changed.");
                bytes[i] ^= (byte)(1 << bit);
            }
        }
    }

    static bool Holds(byte[] bytes, byte[] entry, NoteVerifier log, NoteVerifier witness)
    {
        try
        {
            var text = new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
            var proof = TlogProof.Parse(text);
            return proof.ReadCheckpoint().Origin == log.Name && log.Verify(proof.ReadNote())
                && witness.Verify(proof.ReadNote()) && proof.Includes(entry);
        }
        catch (Exception error) when (error is ReceiptFormatException or ArgumentException)
        {
            return false;
        }
    }
}
