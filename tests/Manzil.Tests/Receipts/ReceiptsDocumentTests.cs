using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Manzil.Receipts;
using NodaTime;
using Record = Manzil.Receipts.Record;

namespace Manzil.Tests.Receipts;

/// <summary>The worked example of docs/receipts.md, recomputed from that file.</summary>
public class ReceiptsDocumentTests
{
    static readonly Dictionary<string, string> Example = Regex
        .Matches(File.ReadAllText(Path.Combine(Sample.Repository(), "docs", "receipts.md")), @"^```\w+ (\S+)\n(.*?)\n```$",
            RegexOptions.Multiline | RegexOptions.Singleline, TimeSpan.FromSeconds(5))
        .ToDictionary(block => block.Groups[1].Value, block => block.Groups[2].Value);

    [Fact]
    public void Example_EveryValue_FollowsFromTheOthers()
    {
        using var signer = Sample.Signer();
        var statement = Statement.Decode(Hex("statement"));
        Assert.Equal(Hex("record"), Sample.Act.Encode());
        Assert.Equal(Hex("salt"), statement.Content.Salt);
        Assert.Equal(Hex("record-digest"), Record.Digest(Hex("salt"), Hex("record")));
        Assert.True(IdentityDocument.TryParse(Example["document"], out var document));
        Assert.Equal(Hex("stretched-document"), document.Stretch());
        Assert.Equal(Hex("holder-check"), IdentityDocument.Check(Hex("stretched-document"), Hex("salt")));
        Assert.True(IdentityDocument.TryParse(Example["document-without-day"], out var without));
        Assert.Equal(Hex("stretched-without-day"), without.Stretch());
        Assert.Equal(Hex("holder-check-without-day"), IdentityDocument.Check(Hex("stretched-without-day"), Hex("salt")));
        Assert.Equal(Hex("spki"), signer.PublicKeyInfo);
        Assert.Equal(Hex("kid"), SHA256.HashData(Hex("spki"))[..8]);
        Assert.Equal(Hex("kid"), statement.KeyId);
        Assert.Equal(Hex("to-be-signed"), statement.ToBeSigned);
        Assert.Equal(Hex("signature"), statement.Signature);
        Assert.Equal(Sample.Content(Sample.Act), statement.Content);
        Assert.Equal(Example["qr-1"], QrText.FormatStatement(Hex("statement")));
        Assert.Equal(Hex("entry"), SHA256.HashData(Hex("statement")));
        Assert.Equal(Hex("leaf-hash"), MerkleTree.HashLeaf(Hex("entry")));
        Assert.Equal(Example["qr-2"], QrText.FormatRecord(Hex("record"), TlogProof.Parse(Example["proof"] + "\n")));
        Assert.Equal(Example["keys"] + "\n", Encoding.UTF8.GetString(Sample.Keys().ToJson()));
    }

    [Fact]
    public void Example_WholeReceipt_Verifies()
    {
        Assert.True(IdentityDocument.TryParse(Example["document"], out var document));
        var report = ReceiptVerifier.Verify(Hex("statement"), Hex("record"), Example["proof"] + "\n", document,
            KeySet.Parse(Encoding.UTF8.GetBytes(Example["keys"])), Sample.Now);
        Assert.Empty(report.Problems);
        Assert.Equal(DocumentFinding.Matches, report.Document);
        Assert.Equal([new WitnessCosignature("witness.example/w1", Instant.FromUtc(2026, 3, 1, 9, 31))], report.Witnesses.AsEnumerable());
    }

    [Fact]
    public void Document_EveryProblemAndKind_IsNamed()
    {
        var text = File.ReadAllText(Path.Combine(Sample.Repository(), "docs", "receipts.md"));
        Assert.All(Enum.GetNames<ReceiptProblem>(), problem => Assert.Contains($"**{problem}**", text));
        Assert.All(StatementKinds.All, kind => Assert.Contains($"{(int)kind} {kind.Name().Replace('-', ' ')}", text));
    }

    static byte[] Hex(string name) => Convert.FromHexString(Example[name].Replace("\n", ""));
}
