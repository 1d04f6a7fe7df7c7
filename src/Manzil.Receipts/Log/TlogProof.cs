using System.Globalization;
using System.Text;

namespace Manzil.Receipts;

/// <summary>
/// The proof that an entry is in a log (<c>c2sp.org/tlog-proof@v1</c>): the entry's index, the inclusion proof, and
/// the signed checkpoint, which may carry witnesses' cosignatures. The file's extension is <c>.tlog-proof</c>.
/// </summary>
public sealed record TlogProof
{
    /// <summary>The most inclusion hashes a proof can have: 62, the height of the largest tree.</summary>
    public const int MaxHashes = 62;

    const string Header = "c2sp.org/tlog-proof@v1\n";
    // 32 bytes in base64, and the line's end.
    const int HashLine = 44 + 1;

    /// <summary>The entry's index in the log, from 0.</summary>
    public required long Index { get; init; }

    /// <summary>The inclusion proof, from the leaf's sibling up; 32 bytes each.</summary>
    public required byte[][] Hashes { get; init; }

    /// <summary>The signed checkpoint, the whole note as published.</summary>
    public required string CheckpointText { get; init; }

    /// <summary>Data of an application, which nothing authenticates; Manzil writes none. Null where there is none.</summary>
    public byte[]? Extra { get; init; }

    /// <summary>Writes the proof.</summary>
    /// <returns>What <see cref="Parse"/> reads.</returns>
    public string Format()
    {
        var extra = Extra is null ? "" : $"extra {Convert.ToBase64String(Extra)}\n";
        var index = string.Create(CultureInfo.InvariantCulture, $"index {Index}\n");
        return string.Create(Header.Length + extra.Length + index.Length + Hashes.Length * HashLine + 1 + CheckpointText.Length, (this, extra, index), static (text, parts) =>
        {
            var (proof, extra, index) = parts;
            Append(ref text, Header);
            Append(ref text, extra);
            Append(ref text, index);
            foreach (var hash in proof.Hashes)
            {
                Convert.TryToBase64Chars(hash, text, out _);
                text[HashLine - 1] = '\n';
                text = text[HashLine..];
            }

            Append(ref text, "\n");
            Append(ref text, proof.CheckpointText);
        });
    }

    static void Append(ref Span<char> text, string part)
    {
        part.CopyTo(text);
        text = text[part.Length..];
    }

    /// <summary>Reads a proof. It checks the form of everything, the checkpoint's too, and verifies nothing.</summary>
    /// <param name="proof">The text of a <c>.tlog-proof</c> file.</param>
    /// <returns>The proof.</returns>
    /// <exception cref="ReceiptFormatException">It is not a proof.</exception>
    public static TlogProof Parse(string proof)
    {
        if (proof.Length > SignedNote.MaxLength || !proof.StartsWith(Header, StringComparison.Ordinal))
        {
            throw new ReceiptFormatException("The log proof does not begin with c2sp.org/tlog-proof@v1.");
        }

        var rest = proof.AsSpan(Header.Length);
        byte[]? extra = null;
        var line = NextLine(ref rest);
        if (line.StartsWith("extra ", StringComparison.Ordinal))
        {
            if (!StrictText.TryBase64(line["extra ".Length..], out extra))
            {
                throw new ReceiptFormatException("The extra data of the log proof is not base64.");
            }

            line = NextLine(ref rest);
        }

        if (!line.StartsWith("index ", StringComparison.Ordinal)
            || !StrictText.TryNumber(line["index ".Length..], out var index))
        {
            throw new ReceiptFormatException("The log proof does not say at which index the entry is.");
        }

        var hashes = new List<byte[]>();
        for (line = NextLine(ref rest); !line.IsEmpty; line = NextLine(ref rest))
        {
            if (hashes.Count == MaxHashes || !StrictText.TryBase64(line, out var hash) || hash.Length != MerkleTree.HashLength)
            {
                throw new ReceiptFormatException("A hash of the log proof is malformed.");
            }

            hashes.Add(hash);
        }

        var parsed = new TlogProof { Index = index, Hashes = [.. hashes], CheckpointText = rest.ToString(), Extra = extra };
        parsed.ReadCheckpoint();
        return parsed;
    }

    /// <summary>Reads the signed checkpoint's note, whose signatures are then to be checked.</summary>
    /// <returns>The note.</returns>
    /// <exception cref="ReceiptFormatException">The checkpoint is not a signed note.</exception>
    public SignedNote ReadNote() => SignedNote.Parse(CheckpointText);

    /// <summary>Reads the checkpoint, with no signature checked.</summary>
    /// <returns>The checkpoint.</returns>
    /// <exception cref="ReceiptFormatException">The checkpoint is malformed.</exception>
    public Checkpoint ReadCheckpoint() => Checkpoint.Read(ReadNote());

    /// <summary>
    /// Checks that the inclusion hashes lead from the entry to the checkpoint's root. It does not check the
    /// checkpoint's signatures.
    /// </summary>
    /// <param name="entry">The log entry; in Manzil's log, the 32-byte SHA-256 of the statement.</param>
    /// <returns>True only if the entry is in the tree that the checkpoint speaks of.</returns>
    /// <exception cref="ReceiptFormatException">The checkpoint is malformed.</exception>
    public bool Includes(ReadOnlySpan<byte> entry)
    {
        var checkpoint = ReadCheckpoint();
        return MerkleTree.VerifyInclusion(
            Index, checkpoint.Size, MerkleTree.HashLeaf(entry), Hashes, checkpoint.RootHash);
    }

    static ReadOnlySpan<char> NextLine(ref ReadOnlySpan<char> rest)
    {
        var end = rest.IndexOf('\n');
        if (end < 0)
        {
            throw new ReceiptFormatException("The log proof is cut off.");
        }

        var line = rest[..end];
        rest = rest[(end + 1)..];
        return line;
    }
}
