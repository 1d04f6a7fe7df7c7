using System.Buffers.Binary;
using System.Text;

namespace Manzil.Receipts;

/// <summary>One signature line of a <see cref="SignedNote"/>. Nothing in it has been checked.</summary>
/// <param name="Name">The name of the key that is said to have signed.</param>
/// <param name="KeyHash">The key's identifier, a hint: see <see cref="NoteVerifier.KeyHash"/>.</param>
/// <param name="Bytes">The signature; what it holds depends on the key's type.</param>
public sealed record NoteSignature(string Name, uint KeyHash, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Writes the signature line: em dash, space, name, space, base64 of key hash and signature, newline.</summary>
    /// <returns>The line with its newline.</returns>
    public string Format()
    {
        var bytes = new byte[sizeof(uint) + Bytes.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, KeyHash);
        Bytes.Span.CopyTo(bytes.AsSpan(sizeof(uint)));
        return $"{SignedNote.LineStart}{Name} {Convert.ToBase64String(bytes)}\n";
    }
}

/// <summary>
/// A text with signature lines (C2SP signed-note). Reading one checks no signature: see <see cref="NoteVerifier"/>.
/// </summary>
public sealed class SignedNote
{
    /// <summary>The longest note that is read: 131,072 characters.</summary>
    public const int MaxLength = 128 * 1024;

    /// <summary>The most signature lines that are read: 64.</summary>
    public const int MaxSignatures = 64;

    internal const string LineStart = "\u2014 ";

    SignedNote(string text, IReadOnlyList<NoteSignature> signatures)
    {
        Text = text;
        Signatures = signatures;
    }

    /// <summary>What is signed; ends with a newline.</summary>
    public string Text { get; }

    /// <summary>The signature lines, in their order; at least one.</summary>
    public IReadOnlyList<NoteSignature> Signatures { get; }

    /// <summary>Reads a note.</summary>
    /// <param name="note">The text, an empty line and the signature lines.</param>
    /// <returns>The note, with no signature checked.</returns>
    /// <exception cref="ReceiptFormatException">It is not a signed note, or longer than the limits.</exception>
    public static SignedNote Parse(string note)
    {
        if (note.Length > MaxLength)
        {
            throw new ReceiptFormatException("The signed note is too long.");
        }

        CheckCharacters(note);
        var split = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (split < 0 || !note.EndsWith('\n'))
        {
            throw new ReceiptFormatException("The signed note has no empty line between its text and its signatures.");
        }

        var signatures = new List<NoteSignature>();
        var lines = note.AsSpan(split + 2);
        while (!lines.IsEmpty)
        {
            if (signatures.Count == MaxSignatures)
            {
                throw new ReceiptFormatException("The signed note has too many signatures.");
            }

            var end = lines.IndexOf('\n');
            signatures.Add(ParseSignature(lines[..end]));
            lines = lines[(end + 1)..];
        }

        return signatures.Count > 0
            ? new SignedNote(note[..(split + 1)], signatures)
            : throw new ReceiptFormatException("The signed note has no signature.");
    }

    /// <summary>Adds signature lines, a witness's for instance.</summary>
    /// <param name="signatures">The lines to add at the end.</param>
    /// <returns>The same text with more signatures.</returns>
    /// <exception cref="ReceiptFormatException">There would be more than <see cref="MaxSignatures"/>.</exception>
    public SignedNote With(IEnumerable<NoteSignature> signatures)
    {
        NoteSignature[] all = [.. Signatures, .. signatures];
        return all.Length <= MaxSignatures
            ? new SignedNote(Text, all)
            : throw new ReceiptFormatException("The signed note has too many signatures.");
    }

    /// <summary>Writes the note: text, empty line, signature lines.</summary>
    /// <returns>What <see cref="Parse"/> reads.</returns>
    public string Format()
    {
        var note = new StringBuilder(Text).Append('\n');
        foreach (var signature in Signatures)
        {
            note.Append(signature.Format());
        }

        return note.ToString();
    }

    internal static void CheckCharacters(string text)
    {
        foreach (var letter in text)
        {
            if (letter < ' ' && letter != '\n')
            {
                throw new ReceiptFormatException("The signed note holds a control character.");
            }
        }

        if (!StrictText.IsWellFormed(text))
        {
            throw new ReceiptFormatException("The signed note is not well-formed Unicode.");
        }
    }

    static NoteSignature ParseSignature(ReadOnlySpan<char> line)
    {
        var rest = line.StartsWith(LineStart, StringComparison.Ordinal) ? line[LineStart.Length..] : default;
        var space = rest.IndexOf(' ');
        if (space < 0
            || !StrictText.IsKeyName(rest[..space])
            || !StrictText.TryBase64(rest[(space + 1)..], out var bytes)
            || bytes.Length <= sizeof(uint))
        {
            throw new ReceiptFormatException("A signature line of the signed note is malformed.");
        }

        return new NoteSignature(
            rest[..space].ToString(), BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes.AsMemory(sizeof(uint)));
    }
}
