using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Manzil.Receipts;

/// <summary>An identity document, as far as a receipt is bound to one: its issuing state, number, and holder's birth date.
/// An instance always holds valid values.</summary>
public sealed record IdentityDocument
{
    /// <summary>How many bytes <see cref="Stretch"/> gives.</summary>
    public const int StretchedLength = 32;

    const int StretchRounds = 300_000;
    static readonly byte[] StretchSalt = "manzil-holder-1"u8.ToArray();

    /// <summary>Takes the three parts.</summary>
    /// <param name="state">The issuing state's ICAO code (Doc 9303 part 3 section 5): 1 to 3 letters A–Z.</param>
    /// <param name="number">The document number: 1 to 20 of A–Z and 0–9.</param>
    /// <param name="birthDate">What the document says of the holder's birth date.</param>
    /// <exception cref="ReceiptFormatException">A part is not as described.</exception>
    public IdentityDocument(string state, string number, BirthDate birthDate)
    {
        if (state.Length is < 1 or > 3 || state.AsSpan().ContainsAnyExceptInRange('A', 'Z'))
        {
            throw new ReceiptFormatException("The document's state is not 1 to 3 letters A–Z.");
        }
        if (number.Length is < 1 or > 20 || !number.All(char.IsAsciiLetterOrDigit) || number.Any(char.IsAsciiLetterLower))
        {
            throw new ReceiptFormatException("The document's number is not 1 to 20 letters A–Z and digits.");
        }
        State = state;
        Number = number;
        BirthDate = birthDate;
    }

    /// <summary>The issuing state's ICAO code: 1 to 3 letters A–Z.</summary>
    public string State { get; }
    /// <summary>The number: 1 to 20 of A–Z and 0–9.</summary>
    public string Number { get; }
    /// <summary>What the document says of the holder's birth date.</summary>
    public BirthDate BirthDate { get; }

    /// <summary>Reads <c>STATE|NUMBER|YYYY-MM-DD</c> as people type it: lower case is read as upper case, and spaces and
    /// dashes within state and number are left out. A day, month or year that the document does not show is
    /// written and read as <see cref="Receipts.BirthDate.TryParse"/> says.</summary>
    /// <param name="text">The text.</param>
    /// <param name="document">The document, where true is returned.</param>
    /// <returns>Whether the text names a document.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out IdentityDocument? document)
    {
        document = null;
        var parts = text is { Length: <= 100 } ? text.Split('|') : [];
        if (parts.Length != 3 || !BirthDate.TryParse(parts[2].Trim(), out var born))
        {
            return false;
        }
        try
        {
            document = new(Plain(parts[0]), Plain(parts[1]), born);
            return true;
        }
        catch (ReceiptFormatException)
        {
            return false;
        }
    }

    /// <summary>The stretched document, from which holder checks are made: PBKDF2-HMAC-SHA-256 (RFC 8018) over
    /// <see cref="ToString"/> in UTF-8 with the salt <c>manzil-holder-1</c>, 300,000 rounds. Takes about a tenth of a
    /// second: done once when a document is recorded, never while a notice is written.</summary>
    /// <returns>32 bytes.</returns>
    public byte[] Stretch() => Rfc2898DeriveBytes.Pbkdf2(
        Encoding.ASCII.GetBytes(ToString()), StretchSalt, StretchRounds, HashAlgorithmName.SHA256, StretchedLength);

    /// <summary>The holder check of one statement: the first 16 bytes of HMAC-SHA-256 with the stretched document as the key
    /// and the statement's salt as the message.</summary>
    /// <param name="stretched">The 32 bytes of <see cref="Stretch"/>.</param>
    /// <param name="salt">The statement's salt, 16 bytes.</param>
    /// <returns>16 bytes.</returns>
    public static byte[] Check(ReadOnlySpan<byte> stretched, ReadOnlySpan<byte> salt) => HMACSHA256.HashData(stretched, salt)[..16];

    /// <summary>The document as <c>STATE|NUMBER|YYYY-MM-DD</c>, with <c>XX</c> for what the document does not show.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{State}|{Number}|{BirthDate}";

    static string Plain(string part) => part.Replace(" ", "", StringComparison.Ordinal)
        .Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();
}
