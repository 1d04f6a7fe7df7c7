using System.Buffers.Binary;
using System.Text;
using Manzil.Receipts;
using NodaTime;

namespace Manzil.Tests.Log;

public class NoteTests
{
    // The seed 00 01 02 … 1f, and a signature that the openssl program made with it; Ed25519 is deterministic.
    const string Key = "PRIVATE+KEY+manzil.example/log+e65ddb9b+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
    const string VerifierKey = "manzil.example/log+e65ddb9b+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";

    const string Witness = "witness.example/w1";

    internal static readonly byte[] WitnessSeed = [.. Enumerable.Repeat((byte)9, 32)];

    internal static string WitnessVerifierKey
    {
        get
        {
            using var key = Ed25519.PrivateKey(WitnessSeed);
            var hash = System.Security.Cryptography.SHA256.HashData([.. Encoding.UTF8.GetBytes(Witness + "\n"), 4, .. key.PublicKey()]);
            return $"{Witness}+{Convert.ToHexStringLower(hash[..4])}+{Convert.ToBase64String([4, .. key.PublicKey()])}";
        }
    }

    [Fact]
    public void Sign_KnownKey_GivesTheKnownNote()
    {
        using var signer = NoteSigner.FromEncoded(Key);
        Assert.Equal(VerifierKey, signer.VerifierKey);
        Assert.Equal(Key, signer.Encoded);
        Assert.Equal(
            "manzil.example/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n"
            + "\u2014 manzil.example/log 5l3bm6eTvu5r4xHteG3E/HxeVKtzBZY4ldXFah8AEoWgm13e1KI0jB+g1hh2AR9XRWK/vnaU8sB6Ypl/CJaCe9taUw0=\n",
            signer.Sign(new Checkpoint("manzil.example/log", 0, MerkleTree.EmptyRoot).Format()));
    }

    [Fact]
    public void Verify_OwnNote_HoldsAndEveryChangedCharacterIsFound()
    {
        using var signer = NoteSigner.Generate("manzil.example/log");
        var verifier = NoteVerifier.Parse(signer.VerifierKey);
        var note = signer.Sign("one\n\ntwo — three\n");
        Assert.True(verifier.Verify(SignedNote.Parse(note)));
        Assert.Equal(note, SignedNote.Parse(note).Format());
        for (var i = 0; i < note.Length; i++)
        {
            var changed = note[..i] + (char)(note[i] ^ 1) + note[(i + 1)..];
            Assert.False(Holds(changed, verifier), $"Character {i} can be changed.");
        }
    }

    [Fact]
    public void Verify_OtherKeys_DoNotHold()
    {
        using var signer = NoteSigner.Generate("manzil.example/log");
        using var renamed = signer.WithName("manzil.example/log2");
        using var other = NoteSigner.Generate("manzil.example/log");
        var note = SignedNote.Parse(signer.Sign("text\n"));
        Assert.False(NoteVerifier.Parse(renamed.VerifierKey).Verify(note));
        Assert.False(NoteVerifier.Parse(other.VerifierKey).Verify(note));
        Assert.True(NoteVerifier.Parse(renamed.VerifierKey).Verify(SignedNote.Parse(renamed.Sign("text\n"))));
        Assert.NotEqual(signer.KeyHash, renamed.KeyHash);
    }

    [Fact]
    public void Verify_GoodAndBadSignatureOfOneKey_DoesNotHold()
    {
        using var signer = NoteSigner.Generate("manzil.example/log");
        var note = SignedNote.Parse(signer.Sign("text\n"));
        var bad = note.Signatures[0] with { Bytes = new byte[64] };
        Assert.False(NoteVerifier.Parse(signer.VerifierKey).Verify(note.With([bad])));
    }

    [Fact]
    public void Verify_WitnessCosignature_HoldsAndTellsWhen()
    {
        using var signer = NoteSigner.Generate("manzil.example/log");
        var witness = NoteVerifier.Parse(WitnessVerifierKey);
        var plain = SignedNote.Parse(signer.Sign(new Checkpoint("manzil.example/log", 0, MerkleTree.EmptyRoot).Format()));
        var note = SignedNote.Parse(plain.With([Cosign(plain.Text, 1_800_000_000)]).Format());

        Assert.True(witness.IsWitness);
        Assert.Equal(WitnessVerifierKey, witness.ToString());
        Assert.True(witness.Verify(note, out var at));
        Assert.Equal(Instant.FromUnixTimeSeconds(1_800_000_000), at);
        Assert.True(NoteVerifier.Parse(signer.VerifierKey).Verify(note, out var loggedAt));
        Assert.Null(loggedAt);
        Assert.False(witness.Verify(plain, out var absent));
        Assert.Null(absent);

        var backdated = Cosign(plain.Text, 1_800_000_000);
        var bytes = backdated.Bytes.ToArray();
        BinaryPrimitives.WriteUInt64BigEndian(bytes, 1_700_000_000);
        Assert.False(witness.Verify(plain.With([backdated with { Bytes = bytes }]), out at));
        Assert.Null(at);
        Assert.False(witness.Verify(plain.With([Cosign(plain.Text, ulong.MaxValue)])));
        Assert.False(witness.Verify(plain.With([backdated with { Bytes = bytes.AsMemory(8) }])));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("text\n")]
    [InlineData("text\n\n")]
    [InlineData("text\n\n\u2014 name AAAAAAA=")]
    [InlineData("text\n\n- name AAAAAAA=\n")]
    [InlineData("text\n\n\u2014 name AAAAAA==\n")]
    [InlineData("text\n\n\u2014 name AAAAAAB=\n")]
    [InlineData("text\n\n\u2014 name AAAA AAA=\n")]
    [InlineData("text\n\n\u2014  AAAAAAA=\n")]
    [InlineData("text\n\n\u2014 na+me AAAAAAA=\n")]
    [InlineData("text\n\n\u2014 na\u2003me AAAAAAA=\n")]
    [InlineData("te\txt\n\n\u2014 name AAAAAAA=\n")]
    [InlineData("text\r\n\n\u2014 name AAAAAAA=\n")]
    public void Parse_MalformedNote_IsRefused(string note) =>
        Assert.Throws<ReceiptFormatException>(() => SignedNote.Parse(note));

    [Fact]
    public void Parse_ManySignatures_ReadsSixteenAndRefusesTooMany()
    {
        const string Line = "\u2014 name AAAAAAA=\n";
        Assert.Equal(16, SignedNote.Parse("text\n\n" + string.Concat(Enumerable.Repeat(Line, 16))).Signatures.Count);
        Assert.Throws<ReceiptFormatException>(
            () => SignedNote.Parse("text\n\n" + string.Concat(Enumerable.Repeat(Line, SignedNote.MaxSignatures + 1))));
        Assert.Throws<ReceiptFormatException>(() => SignedNote.Parse(new string('a', SignedNote.MaxLength) + "\n\n" + Line));
    }

    [Theory]
    [InlineData("")]
    [InlineData("manzil.example/log")]
    [InlineData("manzil.example/log+e65ddb9b")]
    [InlineData("manzil.example/log+e65ddb90+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4")]
    [InlineData("manzil.example/log+E65DDB9B+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4")]
    [InlineData("manzil.example/log2+e65ddb9b+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4")]
    [InlineData("manzil.example/log+e65ddb9b+AgOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4")]
    [InlineData("manzil.example/log+e65ddb9b+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTE=")]
    [InlineData("manzil example/log+e65ddb9b+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4")]
    public void Parse_MalformedVerifierKey_IsRefused(string vkey) =>
        Assert.Throws<ReceiptFormatException>(() => NoteVerifier.Parse(vkey));

    [Fact]
    public void FromEncoded_MalformedKey_IsRefusedWithoutRepeatingIt()
    {
        foreach (var encoded in new[] { "", VerifierKey, Key[..^4], Key.Replace("manzil", "munzil"), Key.Replace("+AQ", "+Ag") })
        {
            var error = Assert.Throws<ReceiptFormatException>(() => NoteSigner.FromEncoded(encoded));
            Assert.DoesNotContain("AQABAgME", error.Message);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("a+b")]
    [InlineData("line\n")]
    public void Generate_NotAKeyName_IsRefused(string name) =>
        Assert.Throws<ReceiptFormatException>(() => NoteSigner.Generate(name));

    [Theory]
    [InlineData("")]
    [InlineData("no newline")]
    [InlineData("tab\t\n")]
    public void Sign_TextThatANoteCannotHold_IsRefused(string text)
    {
        using var signer = NoteSigner.FromEncoded(Key);
        Assert.Throws<ReceiptFormatException>(() => signer.Sign(text));
    }

    [Fact]
    public void ParseAndSign_HalfASurrogatePair_IsRefused()
    {
        using var signer = NoteSigner.FromEncoded(Key);
        Assert.Throws<ReceiptFormatException>(() => signer.Sign("te\ud800xt\n"));
        Assert.Throws<ReceiptFormatException>(() => SignedNote.Parse("te\udc00xt\n\n\u2014 name AAAAAAA=\n"));
        Assert.Throws<ReceiptFormatException>(() => NoteSigner.Generate("na\ud800me"));
    }

    [Fact]
    public void Verify_PublishedCheckpoints_Hold()
    {
        var folder = Vectors.Folder("tlog/log");
        var verifier = NoteVerifier.Parse("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx");
        for (var size = 0; size <= 15; size++)
        {
            var note = SignedNote.Parse(File.ReadAllText(Path.Combine(folder, $"checkpoint.{size}")));
            Assert.True(verifier.Verify(note));
            Assert.Equal(size, Checkpoint.Read(note).Size);
            Assert.Equal(note.Text, Checkpoint.Read(note).Format());
        }
    }

    internal static NoteSignature Cosign(string text, ulong seconds)
    {
        using var key = Ed25519.PrivateKey(WitnessSeed);
        var bytes = new byte[8 + 64];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, seconds);
        key.Sign(Encoding.UTF8.GetBytes($"cosignature/v1\ntime {seconds}\n{text}")).CopyTo(bytes, 8);
        return new NoteSignature(Witness, NoteVerifier.Parse(WitnessVerifierKey).KeyHash, bytes);
    }

    static bool Holds(string text, NoteVerifier verifier)
    {
        try
        {
            return verifier.Verify(SignedNote.Parse(text));
        }
        catch (ReceiptFormatException)
        {
            return false;
        }
    }
}
