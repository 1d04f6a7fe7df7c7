using System.Globalization;
using System.Text;

namespace Manzil.Receipts;

/// <summary>
/// The state of a log at one size (C2SP tlog-checkpoint): the text of a <see cref="SignedNote"/>. Two checkpoints are
/// equal if they would be written the same.
/// </summary>
/// <param name="Origin">The log's name, one line, not empty.</param>
/// <param name="Size">The number of leaves, 0 to 2^62.</param>
/// <param name="RootHash">The root of the Merkle tree of that size, 32 bytes.</param>
public sealed record Checkpoint(string Origin, long Size, byte[] RootHash)
{
    /// <summary>Further lines, of no meaning here, that are kept as they came; not empty, without newlines.</summary>
    public IReadOnlyList<string> Extensions { get; init; } = [];

    /// <summary>Writes the checkpoint's text, which is what gets signed.</summary>
    /// <returns>Origin, size and base64 of the root, then the extension lines; each ends with a newline.</returns>
    public string Format()
    {
        var text = new StringBuilder(Origin).Append('\n')
            .Append(CultureInfo.InvariantCulture, $"{Size}\n")
            .Append(Convert.ToBase64String(RootHash)).Append('\n');
        foreach (var line in Extensions)
        {
            text.Append(line).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Reads a checkpoint's text, without signatures; for a whole note see <see cref="Read"/>.</summary>
    /// <param name="body">The text of the signed note.</param>
    /// <returns>The checkpoint.</returns>
    /// <exception cref="ReceiptFormatException">It is not the text of a checkpoint.</exception>
    public static Checkpoint Parse(string body)
    {
        var lines = body.Length <= SignedNote.MaxLength ? body.Split('\n') : [];
        if (lines.Length < 4 || lines[^1].Length > 0 || lines[..^1].Contains(""))
        {
            throw new ReceiptFormatException("The checkpoint does not consist of an origin, a size and a root.");
        }

        if (!StrictText.TryNumber(lines[1], out var size) || size > MerkleTree.MaxSize)
        {
            throw new ReceiptFormatException("The checkpoint's size is not a number of leaves.");
        }

        return StrictText.TryBase64(lines[2], out var root) && root.Length == MerkleTree.HashLength
            ? new Checkpoint(lines[0], size, root) { Extensions = lines[3..^1] }
            : throw new ReceiptFormatException("The checkpoint's root is not the base64 of 32 bytes.");
    }

    /// <summary>Reads the checkpoint in a signed note.</summary>
    /// <param name="note">The note; its signatures are not checked here.</param>
    /// <returns>The checkpoint.</returns>
    /// <exception cref="ReceiptFormatException">The note's text is not that of a checkpoint.</exception>
    public static Checkpoint Read(SignedNote note) => Parse(note.Text);

    /// <inheritdoc/>
    public bool Equals(Checkpoint? other) =>
        other is not null && string.Equals(Format(), other.Format(), StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Format());
}
