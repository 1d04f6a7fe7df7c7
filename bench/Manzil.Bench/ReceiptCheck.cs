using System.Buffers.Text;
using System.Text.Json;
using Manzil.Receipts;
using NodaTime;

namespace Manzil.Bench;

/// <summary>What a client does with an answer: verifies statement, record and proof with the public keys, and nothing else.</summary>
static class ReceiptCheck
{
    /// <returns>What is wrong with the answer; null where the receipt is good.</returns>
    public static string? Fault(byte[] body, KeySet keys, Instant now)
    {
        using var json = JsonDocument.Parse(body);
        var root = json.RootElement;
        var statement = Base64Url.DecodeFromChars(root.GetProperty("statement").GetString());
        var record = Base64Url.DecodeFromChars(root.GetProperty("record").GetString());
        var report = ReceiptVerifier.Verify(statement, record, root.GetProperty("proof").GetString(), null, keys, now);
        if (report.Problems.Count() > 0) return string.Join(", ", report.Problems);
        if (report.RecordFinding != RecordFinding.Matches) return "the record does not match";
        if (report.Proof != ProofFinding.Holds) return "the proof does not hold";
        if (report.Statement!.Number.ToString() != root.GetProperty("number").GetString()) return "the number is another";
        return QrText.ParseStatement(root.GetProperty("qr").GetString()).AsSpan().SequenceEqual(statement) ? null : "the QR text is of another statement";
    }
}
