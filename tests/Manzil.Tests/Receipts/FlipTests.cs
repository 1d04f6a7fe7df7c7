using System.Text;
using Manzil.Receipts;

namespace Manzil.Tests.Receipts;

public class FlipTests
{
    // 0x20 turns the case of a letter.
    static readonly byte[] Masks = [0x01, 0x20, 0x80, 0xFF];
    static readonly KeySet Keys = Sample.Keys();

    [Fact]
    public void Verify_AnyByteOfStatementRecordOrProofChanged_IsFound()
    {
        var (statement, record, proof) = Sample.Receipt();
        // Without the witness's line: a line by an unknown key says nothing, and the next test is about it.
        var text = TlogProof.Parse(proof);
        var lines = text.CheckpointText.TrimEnd('\n').Split('\n');
        var proofBytes = Encoding.UTF8.GetBytes((text with { CheckpointText = string.Join('\n', lines[..^1]) + "\n" }).Format());
        Assert.True(Check(statement, record, proofBytes)?.IsValid);
        var kept = new List<string>();
        foreach (var mask in Masks)
        {
            kept.AddRange(Flips(statement, mask, changed => Check(changed, record, proofBytes)?.IsValid == true).Select(at => $"statement {at} ^ {mask}"));
            kept.AddRange(Flips(record, mask, changed => Check(statement, changed, proofBytes)?.IsValid == true).Select(at => $"record {at} ^ {mask}"));
            kept.AddRange(Flips(proofBytes, mask, changed => Check(statement, record, changed)?.IsValid == true).Select(at => $"proof {at} ^ {mask}"));
        }
        Assert.Empty(kept);
    }

    [Fact]
    public void Verify_AnyByteOfAWitnessedProofChanged_LosesValidityOrTheWitness()
    {
        var (statement, record, proof) = Sample.Receipt();
        var proofBytes = Encoding.UTF8.GetBytes(proof);
        Assert.Single(Check(statement, record, proofBytes)!.Witnesses);
        foreach (var mask in Masks)
        {
            Assert.Empty(Flips(proofBytes, mask, changed => Check(statement, record, changed) is { IsValid: true, Witnesses.Length: > 0 }));
        }
    }

    static VerificationReport? Check(byte[] statement, byte[] record, byte[] proof)
    {
        // As a file is read: bytes that are not UTF-8 never reach the verifier.
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(proof);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
        return ReceiptVerifier.Verify(statement, record, text, null, Keys, Sample.Now);
    }

    static List<int> Flips(byte[] bytes, byte mask, Func<byte[], bool> passes)
    {
        var kept = new List<int>();
        for (var at = 0; at < bytes.Length; at++)
        {
            var changed = bytes.ToArray();
            changed[at] ^= mask;
            if (passes(changed))
            {
                kept.Add(at);
            }
        }
        return kept;
    }
}
