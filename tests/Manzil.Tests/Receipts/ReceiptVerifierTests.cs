using Manzil.Receipts;
using NodaTime;

namespace Manzil.Tests.Receipts;

public class ReceiptVerifierTests
{
    static readonly (byte[] Statement, byte[] Record, string Proof) Whole = Sample.Receipt();
    static readonly Duration Day = Duration.FromDays(1);

    [Fact]
    public void Verify_WholeReceipt_StatesTheFacts()
    {
        var report = Verify(document: Sample.Document);
        Assert.Empty(report.Problems);
        Assert.Equal(Sample.Content(Sample.Act), report.Statement);
        Assert.Equal(Sample.Act, report.Record);
        Assert.Equal(RecordFinding.Matches, report.RecordFinding);
        Assert.Equal(DocumentFinding.Matches, report.Document);
        Assert.Equal(ProofFinding.Holds, report.Proof);
        Assert.Equal((Sample.LogName, 3L, 7L), (report.Log!.Key.Name, report.Index!.Value, report.Checkpoint!.Size));
        Assert.Equal([new WitnessCosignature("witness.example/w1", Sample.WitnessedAt)], report.Witnesses.AsEnumerable());
        Assert.Equal(Sample.Now - Sample.WitnessedAt, report.CheckpointAge);
        Assert.Equal(Duration.FromHours(3), report.KeySetAge);
    }

    [Fact]
    public void Verify_StatementAlone_IsValidAndSaysWhatWasNotGiven()
    {
        var report = ReceiptVerifier.Verify(Whole.Statement, null, null, null, Sample.Keys(), Sample.Now);
        Assert.True(report.IsValid);
        Assert.Equal((RecordFinding.NotGiven, DocumentFinding.NotAsked, ProofFinding.NotGiven), (report.RecordFinding, report.Document, report.Proof));
        Assert.Empty(report.Witnesses);
        Assert.Null(report.CheckpointAge);
    }

    [Fact]
    public void Verify_UnwitnessedProof_HoldsWithNoWitness()
    {
        var report = Verify(proof: Sample.Prove(Whole.Statement).Format());
        Assert.True(report.IsValid);
        Assert.Equal(ProofFinding.Holds, report.Proof);
        Assert.Empty(report.Witnesses);
        Assert.Null(report.CheckpointAge);
    }

    [Fact]
    public void Verify_AnotherDocument_IsAFactAndNoProblem()
    {
        var report = Verify(document: new("UZB", "AB7654321", Sample.Document.BirthDate));
        Assert.True(report.IsValid);
        Assert.Equal(DocumentFinding.AnotherDocument, report.Document);
    }

    [Fact]
    public void Verify_ActThatConcernsNobody_SaysSo()
    {
        var act = Sample.Act with { Kind = StatementKind.Outage, Holder = null };
        var (statement, record, proof) = Sample.Receipt(act);
        var report = ReceiptVerifier.Verify(statement, record, proof, Sample.Document, Sample.Keys(), Sample.Now);
        Assert.True(report.IsValid);
        Assert.Equal(DocumentFinding.ConcernsNobody, report.Document);
    }

    [Fact]
    public void Verify_RecordOfAnotherAct_IsFound()
    {
        var other = Sample.Act with { Number = ReceiptNumber.New(Sample.IssuedAt) };
        Assert.Equal([ReceiptProblem.RecordOfAnotherStatement], Verify(record: other.Encode()).Problems.AsEnumerable());
        Assert.Equal([ReceiptProblem.RecordMalformed], Verify(record: [0xA0]).Problems.AsEnumerable());
    }

    [Fact]
    public void Verify_BoundRecordThatDiffers_IsFound()
    {
        using var signer = Sample.Signer();
        var content = Sample.Content(Sample.Act);
        StatementContent[] lies =
        [
            content with { Number = ReceiptNumber.New(Sample.IssuedAt) },
            content with { Kind = StatementKind.Confirmation },
            content with { IssuedAt = content.IssuedAt + Duration.FromSeconds(1) },
            content with { EffectiveFrom = content.EffectiveFrom.PlusDays(1) },
            content with { NextDeadline = null },
            content with { Replaces = Sample.Number },
            content with { Office = "N-02" },
        ];
        Assert.All(lies, lie => Assert.Equal([ReceiptProblem.RecordDiffers],
            ReceiptVerifier.Verify(signer.Sign(lie), Whole.Record, null, null, Sample.Keys(), Sample.Now).Problems.AsEnumerable()));
    }

    [Fact]
    public void Verify_ProofOfAnotherLog_IsFound()
    {
        using var stranger = Sample.LogSigner("manzil-test-log-2", "elsewhere.example/log");
        using var impostor = Sample.LogSigner("manzil-test-log-2");
        Assert.Equal([ReceiptProblem.UnknownLog], Verify(proof: Sample.Prove(Whole.Statement, stranger).Format()).Problems.AsEnumerable());
        Assert.Equal([ReceiptProblem.CheckpointSignatureWrong], Verify(proof: Sample.Prove(Whole.Statement, impostor).Format()).Problems.AsEnumerable());
        Assert.Equal([ReceiptProblem.NotInLog], Verify(proof: Sample.Prove(Whole.Record).Format()).Problems.AsEnumerable());
        Assert.Equal([ReceiptProblem.ProofMalformed], Verify(proof: "").Problems.AsEnumerable());
    }

    [Fact]
    public void Verify_WitnessLine_CountsOnlyWhereItHolds()
    {
        var bare = Sample.Prove(Whole.Statement);
        var stranger = bare with { CheckpointText = Sample.Cosign(bare.CheckpointText, Sample.WitnessedAt, "other", "witness.example/w2") };
        var report = Verify(proof: stranger.Format());
        Assert.True(report.IsValid);
        Assert.Empty(report.Witnesses);
        Assert.Equal(["witness.example/w2"], report.UnknownSigners.AsEnumerable());

        var note = SignedNote.Parse(Sample.Cosign(bare.CheckpointText, Sample.WitnessedAt));
        var signature = note.Signatures[^1].Bytes.ToArray();
        signature[7] ^= 1;
        var redated = SignedNote.Parse(bare.CheckpointText).With([note.Signatures[^1] with { Bytes = signature }]);
        Assert.Equal([ReceiptProblem.WitnessSignatureWrong],
            Verify(proof: (bare with { CheckpointText = redated.Format() }).Format()).Problems.AsEnumerable());
    }

    public static TheoryData<string, int?, int?, int?, ReceiptProblem[]> KeyTimes => new()
    {
        { "in use", 0, null, null, [] },
        { "from a second later", 1, null, null, [ReceiptProblem.KeyNotYetValid] },
        { "until a second later", -9, 1, null, [] },
        { "until that second", -9, 0, null, [ReceiptProblem.KeyExpired] },
        { "revoked after the witness", -9, null, 46, [] },
        { "revoked as the witness signed", -9, null, 45, [ReceiptProblem.KeyRevoked] },
        { "revoked before the witness", -9, null, 10, [ReceiptProblem.KeyRevoked] },
    };

    [Theory]
    [MemberData(nameof(KeyTimes))]
    public void Verify_KeyTimes_FollowTheRules(string what, int? from, int? until, int? revoked, ReceiptProblem[] problems)
    {
        using var signer = Sample.Signer();
        Instant? At(int? seconds) => seconds is { } value ? Sample.IssuedAt + Duration.FromSeconds(value) : null;
        var keys = Sample.Keys(new(signer.PublicKey, At(from)!.Value, At(until), At(revoked)));
        var report = ReceiptVerifier.Verify(Whole.Statement, Whole.Record, Whole.Proof, null, keys, Sample.Now);
        Assert.True(problems.AsSpan().SequenceEqual(report.Problems.AsSpan()), what);
    }

    [Fact]
    public void Verify_RevokedKeyWithoutWitness_DoesNotCount()
    {
        using var signer = Sample.Signer();
        var keys = Sample.Keys(new(signer.PublicKey, Sample.KeysFrom, null, Sample.Now));
        foreach (var proof in new[] { null, Sample.Prove(Whole.Statement).Format() })
        {
            var report = ReceiptVerifier.Verify(Whole.Statement, Whole.Record, proof, null, keys, Sample.Now);
            Assert.Equal([ReceiptProblem.KeyRevoked], report.Problems.AsEnumerable());
        }
    }

    [Fact]
    public void Verify_UnknownKey_IsFound()
    {
        using var other = Sample.Signer("manzil-test-key-2");
        var keys = Sample.Keys(new(other.PublicKey, Sample.KeysFrom));
        var report = ReceiptVerifier.Verify(Whole.Statement, null, null, null, keys, Sample.Now);
        Assert.Equal([ReceiptProblem.UnknownKey], report.Problems.AsEnumerable());
    }

    [Theory]
    [InlineData(6, 7, "m", true)]
    [InlineData(7, 7, "m", true)]
    [InlineData(7, 7, "other", false)]
    [InlineData(8, 7, "m", false)]
    public void Verify_ClosedLog_BindsItsLastCheckpoint(int size, int lastSize, string contents, bool holds)
    {
        using var closedSigner = Sample.LogSigner("manzil-test-log-2", "old.example/log");
        var proof = Sample.Prove(Whole.Statement, closedSigner, size: size);
        var last = Sample.Prove(contents == "m" ? Whole.Statement : Whole.Record, closedSigner, size: lastSize).CheckpointText;
        var closed = new PublishedLog(NoteVerifier.Parse(closedSigner.VerifierKey), Sample.KeysFrom, Sample.Now - Day, last);
        var report = ReceiptVerifier.Verify(Whole.Statement, Whole.Record, proof.Format(), null, Sample.Keys(closed: closed), Sample.Now);
        Assert.Equal(holds ? [] : [ReceiptProblem.BeyondClosedLog], report.Problems.AsEnumerable());
        Assert.Equal(holds ? closed : null, report.Log);
    }

    static VerificationReport Verify(byte[]? record = null, string? proof = null, IdentityDocument? document = null) =>
        ReceiptVerifier.Verify(Whole.Statement, record ?? Whole.Record, proof ?? Whole.Proof, document, Sample.Keys(), Sample.Now);
}
