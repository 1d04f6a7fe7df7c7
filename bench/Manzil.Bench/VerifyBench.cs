using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Manzil.Receipts;
using NodaTime;

namespace Manzil.Bench;

/// <summary>Whole receipts verified a second over bare ES256 verifications a second, one thread, in turns.</summary>
static class VerifyBench
{
    const int Rounds = 5;
    static readonly TimeSpan Turn = TimeSpan.FromSeconds(2);

    public static int Run()
    {
        const string origin = "bench.example/log";
        var now = SystemClock.Instance.GetCurrentInstant();
        var issuedAt = Instant.FromUnixTimeSeconds(now.ToUnixTimeSeconds());
        using var signer = StatementSigner.Generate();
        using var log = NoteSigner.Generate(origin);
        var keys = new KeySet(
            [new PublishedKey(signer.PublicKey, issuedAt - Duration.FromDays(1))],
            [new PublishedLog(NoteVerifier.Parse(log.VerifierKey), issuedAt - Duration.FromDays(1))], []);

        var salt = RandomNumberGenerator.GetBytes(16);
        var record = new Record
        {
            Number = ReceiptNumber.New(issuedAt),
            Kind = StatementKind.Residence,
            IssuedAt = issuedAt,
            EffectiveFrom = new LocalDate(2026, 11, 20),
            NextDeadline = new LocalDate(2027, 1, 12),
            Office = "NRV-01",
            Channel = RecordChannel.Api,
            Holder = new RecordHolder("Aziz Rahimov", new IdentityDocument("UZB", "AA1234567", new LocalDate(1990, 5, 17))),
            Address = new RecordAddress("Narvela", "Lesnaya", "12", "34", "101000"),
        };
        var recordBytes = record.Encode();
        var statement = signer.Sign(new StatementContent
        {
            Issuer = "http://bench.example",
            Number = record.Number,
            IssuedAt = issuedAt,
            Salt = salt,
            Kind = record.Kind,
            RecordDigest = Record.Digest(salt, recordBytes),
            HolderCheck = RandomNumberGenerator.GetBytes(16),
            Office = record.Office,
            EffectiveFrom = record.EffectiveFrom,
            NextDeadline = record.NextDeadline,
        });
        // A log of five million entries is 23 levels high: so is this proof, from a batch of 200 appended to a large one.
        var appended = LargeLog().Append([.. Enumerable.Range(0, 200).Select(i => MerkleTree.HashLeaf(SHA256.HashData(i == 100 ? statement : BitConverter.GetBytes(i))))]);
        var proof = new TlogProof
        {
            Index = appended.FirstIndex + 100,
            Hashes = appended.Proof(100),
            CheckpointText = log.Sign(new Checkpoint(origin, appended.Size, appended.Root).Format()),
        }.Format();

        using var bare = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var signature = bare.SignHash(salt.Concat(salt).ToArray());
        var digest = salt.Concat(salt).ToArray();

        bool Whole() => ReceiptVerifier.Verify(statement, recordBytes, proof, null, keys, now) is { Problems: [], Proof: ProofFinding.Holds };
        bool Bare() => bare.VerifyHash(digest, signature);

        PerSecond(Whole);
        PerSecond(Bare);
        var ratios = new List<(double Whole, double Bare)>();
        for (var round = 0; round < Rounds; round++) ratios.Add((PerSecond(Whole), PerSecond(Bare)));
        var text = new StringBuilder("verify: ");
        text.Append(CultureInfo.InvariantCulture, $"{ratios.Average(r => r.Whole):0} receipts/s, {ratios.Average(r => r.Bare):0} bare ES256/s; ");
        text.Append(CultureInfo.InvariantCulture, $"ratio {ratios.Average(r => r.Whole / r.Bare):0.00} ({ratios.Min(r => r.Whole / r.Bare):0.00}–{ratios.Max(r => r.Whole / r.Bare):0.00})");
        Console.WriteLine(text);
        return 0;
    }

    public static MerkleFrontier LargeLog()
    {
        const long size = 5_000_000;
        var encoded = new byte[8 + 32 * System.Numerics.BitOperations.PopCount((ulong)size)];
        RandomNumberGenerator.Fill(encoded);
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(encoded, size);
        return MerkleFrontier.Decode(encoded);
    }

    static double PerSecond(Func<bool> verify)
    {
        var clock = Stopwatch.StartNew();
        var count = 0;
        while (clock.Elapsed < Turn)
        {
            for (var i = 0; i < 50; i++, count++)
            {
                if (!verify()) throw new InvalidOperationException("A good receipt did not verify.");
            }
        }

        return count / clock.Elapsed.TotalSeconds;
    }
}
