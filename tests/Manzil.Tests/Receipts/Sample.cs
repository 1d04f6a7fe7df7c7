using System.Security.Cryptography;
using Manzil.Receipts;
using NodaTime;
using Record = Manzil.Receipts.Record;

namespace Manzil.Tests.Receipts;

/// <summary>One act with fixed values, from which the receipts of these tests are made.</summary>
static class Sample
{
    public static readonly IdentityDocument Document = new("UZB", "AA1234567", new LocalDate(1990, 5, 17));
    public static readonly byte[] Salt = Convert.FromHexString("000102030405060708090A0B0C0D0E0F");
    public static readonly Lazy<byte[]> Stretched = new(Document.Stretch);
    public static readonly Instant IssuedAt = Instant.FromUtc(2026, 3, 1, 9, 30, 15);
    public static readonly ReceiptNumber Number = ReceiptNumber.Parse("04WK-H77AB-CDEFX");

    /// <summary>The same key in every run, made from a word that everyone may know.</summary>
    public static StatementSigner Signer(string word = "manzil-test-key-1")
    {
        using var ecdsa = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            D = SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(word)),
        });
        return StatementSigner.FromPem(ecdsa.ExportPkcs8PrivateKeyPem());
    }

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
        Address = new("Нагорный", "Садовая улица", "7", "12", "123456", null),
    };

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
}
