using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Manzil.Receipts;
using NodaTime;
using Record = Manzil.Receipts.Record;

namespace Manzil.Tests.Receipts;

/// <summary>One act with fixed values, from which the receipts of these tests are made. The keys are made from words that
/// everyone may know: they sign nothing outside these tests.</summary>
static class Sample
{
    public const string LogName = "manzil.example/log";
    public static readonly IdentityDocument Document = new("UZB", "AA1234567", new LocalDate(1990, 5, 17));
    public static readonly byte[] Salt = Convert.FromHexString("000102030405060708090A0B0C0D0E0F");
    public static readonly Lazy<byte[]> Stretched = new(Document.Stretch);
    public static readonly Instant IssuedAt = Instant.FromUtc(2026, 3, 1, 9, 30, 15);
    public static readonly Instant WitnessedAt = IssuedAt + Duration.FromSeconds(45);
    public static readonly Instant Now = IssuedAt + Duration.FromDays(2);
    public static readonly Instant KeysFrom = Instant.FromUtc(2026, 1, 1, 0, 0);
    public static readonly ReceiptNumber Number = ReceiptNumber.Parse("04WK-H77AB-CDEFX");

    public static Record Act => new()
    {
        Number = Number,
        Kind = StatementKind.Residence,
        IssuedAt = IssuedAt,
        EffectiveFrom = new LocalDate(2026, 3, 1),
        NextDeadline = new LocalDate(2026, 5, 30),
        Office = "N-01",
        Channel = RecordChannel.Web,
        Holder = new("ISMOILOV JASUR", Document),
        Address = new("Нагорный", "Садовая улица", "7", "12", "123456"),
    };

    /// <summary>Everything that a record can hold.</summary>
    public static Record FullAct => Act with
    {
        Kind = StatementKind.Correction,
        Replaces = ReceiptNumber.Parse("0000-00000-00000"),
        Channel = RecordChannel.Desk,
        Address = Act.Address! with { Note = "the white house behind the mill" },
        Particulars = Act.Particulars.Add("replaced-kind", "residence").Add("z", "1").Add("aa", "ё"),
        Reason = "The street's name was wrong.",
    };

    /// <summary>The same key in every run.</summary>
    public static StatementSigner Signer(string word = "manzil-test-key-1")
    {
        using var ecdsa = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = Seed(word) });
        return StatementSigner.FromPem(ecdsa.ExportPkcs8PrivateKeyPem());
    }

    public static StatementContent Content(Record record) => new()
    {
        Issuer = "https://manzil.example",
        Number = record.Number,
        IssuedAt = record.IssuedAt,
        Salt = Salt,
        Kind = record.Kind,
        RecordDigest = Record.Digest(Salt, record.Encode()),
        HolderCheck = record.Kind.ConcernsNobody() ? null : IdentityDocument.Check(Stretched.Value, Salt),
        Office = record.Office,
        EffectiveFrom = record.EffectiveFrom,
        NextDeadline = record.NextDeadline,
        Replaces = record.Replaces,
    };

    public static NoteSigner LogSigner(string word = "manzil-test-log-1", string name = LogName)
    {
        var text = $"PRIVATE+KEY+{name}+{HashOf(name, 1, PublicKey(word)):x8}+{Convert.ToBase64String([1, .. Seed(word)])}";
        return NoteSigner.FromEncoded(text);
    }

    public static NoteVerifier Witness(string word = "manzil-test-witness-1", string name = "witness.example/w1") =>
        NoteVerifier.Parse($"{name}+{HashOf(name, 4, PublicKey(word)):x8}+{Convert.ToBase64String([4, .. PublicKey(word)])}");

    /// <summary>Adds a witness's line to a signed note (C2SP tlog-cosignature).</summary>
    public static string Cosign(string note, Instant at, string word = "manzil-test-witness-1", string name = "witness.example/w1")
    {
        var parsed = SignedNote.Parse(note);
        var time = at.ToUnixTimeSeconds();
        using var key = Ed25519.PrivateKey(Seed(word));
        var signature = new byte[72];
        BinaryPrimitives.WriteInt64BigEndian(signature, time);
        key.Sign(Encoding.UTF8.GetBytes($"cosignature/v1\ntime {time}\n{parsed.Text}")).CopyTo(signature.AsSpan(8));
        return parsed.With([new NoteSignature(name, HashOf(name, 4, PublicKey(word)), signature)]).Format();
    }

    /// <summary>A log of the statement and others, with a checkpoint that nobody witnessed.</summary>
    public static TlogProof Prove(byte[] statement, NoteSigner? log = null, int index = 3, int size = 7)
    {
        using var own = log is null ? LogSigner() : null;
        var signer = log ?? own!;
        var leaves = Enumerable.Range(0, size)
            .Select(i => MerkleTree.HashLeaf(i == index ? SHA256.HashData(statement) : SHA256.HashData([(byte)i]))).ToArray();
        byte[] Node(int level, long at) => level == 0 ? leaves[at] : MerkleTree.HashNode(Node(level - 1, 2 * at), Node(level - 1, 2 * at + 1));
        var checkpoint = new Checkpoint(signer.Name, size, MerkleTree.Root(size, Node));
        return new() { Index = index, Hashes = MerkleTree.InclusionProof(index, size, Node), CheckpointText = signer.Sign(checkpoint.Format()) };
    }

    public static KeySet Keys(PublishedKey? key = null, PublishedLog? log = null, PublishedLog? closed = null)
    {
        using var signer = Signer();
        using var logSigner = LogSigner();
        return new(
            [key ?? new(signer.PublicKey, KeysFrom)],
            [.. closed is null ? [] : new[] { closed }, log ?? new(NoteVerifier.Parse(logSigner.VerifierKey), KeysFrom)],
            [Witness()])
        { AsOf = Now - Duration.FromHours(3) };
    }

    /// <summary>A whole receipt that a witness cosigned.</summary>
    public static (byte[] Statement, byte[] Record, string Proof) Receipt(Record? record = null)
    {
        using var signer = Signer();
        var bytes = (record ?? Act).Encode();
        var statement = signer.Sign(Content(record ?? Act));
        var proof = Prove(statement);
        return (statement, bytes, (proof with { CheckpointText = Cosign(proof.CheckpointText, WitnessedAt) }).Format());
    }

    public static string Repository()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "Manzil.slnx")))
        {
            at = at.Parent ?? throw new DirectoryNotFoundException("The tests do not run inside the repository.");
        }
        return at.FullName;
    }

    static byte[] Seed(string word) => SHA256.HashData(Encoding.ASCII.GetBytes(word));

    static byte[] PublicKey(string word)
    {
        using var key = Ed25519.PrivateKey(Seed(word));
        return key.PublicKey();
    }

    static uint HashOf(string name, byte type, byte[] key) =>
        BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData([.. Encoding.UTF8.GetBytes(name), (byte)'\n', type, .. key]));
}
