namespace Manzil.Receipts;

/// <summary>One receipt that stands in a text. Read, but not verified.</summary>
/// <param name="Statement">The statement's bytes.</param>
/// <param name="Second">Record and proof, where the text has them.</param>
public sealed record FoundReceipt(byte[] Statement, QrRecord? Second);

/// <summary>The receipts in a text as people hand it on: alone, in quotes, within a letter, wrapped and quoted by a mail program,
/// in lower case, with what cannot be seen between the letters, or as the value of something else.</summary>
/// <remarks>A code's text says itself how long it is, since a CBOR item does, so that what stands before and after it does not
/// matter. Where a line breaks, base45 may have had a space, and several spaces may have become one: each way is tried, and what
/// can be decoded is preferred whose signature holds.</remarks>
public sealed record FoundReceipts
{
    /// <summary>The longest text that is searched: 512 Ki characters.</summary>
    public const int MaxLength = 512 * 1024;
    /// <summary>The most receipts that are taken from one text or file: 5.</summary>
    public const int MaxReceipts = 5;

    /// <summary>The receipts, in the order of the text; each statement once.</summary>
    public required IReadOnlyList<FoundReceipt> Receipts { get; init; }
    /// <summary>Whether there is the beginning of a statement's text that cannot be read: it is cut, or was changed.</summary>
    public required bool HasUnreadStatement { get; init; }
    /// <summary>Whether there is the beginning of a second code's text that cannot be read: it is cut, or was changed.</summary>
    public required bool HasUnreadSecond { get; init; }
    /// <summary>Whether there are second texts and no statement to which they could belong.</summary>
    public required bool HasSecondOnly { get; init; }
    /// <summary>Whether the text has more than <see cref="MaxReceipts"/> receipts.</summary>
    public required bool HasTooMany { get; init; }

    /// <summary>Finds the receipts in a text.</summary>
    /// <param name="text">Any text; of what is longer than <see cref="MaxLength"/> the rest is left alone.</param>
    /// <param name="keys">The keys by which one reading is preferred to another. What they say is no part of the answer.</param>
    /// <returns>What was found; never throws for what cannot be read.</returns>
    public static FoundReceipts In(string text, KeySet keys)
    {
        var search = new TextSearch(text.Length > MaxLength ? text[..MaxLength] : text);
        var statements = new List<byte[]>();
        var seconds = new List<IReadOnlyList<byte[]>>();
        var (unreadStatement, unreadSecond) = (false, false);
        foreach (var at in search.Beginnings(QrText.StatementPrefix, [0xD2, 0x84]))
        {
            var read = search.Items(at, Limits.StatementBytes, IsStatement);
            unreadStatement |= read.Count == 0;
            if (read.Count > 0 && (read.FirstOrDefault(bytes => IsSigned(bytes, keys)) ?? read[0]) is var chosen && !statements.Exists(known => known.AsSpan().SequenceEqual(chosen))) statements.Add(chosen);
        }
        foreach (var at in search.Beginnings(QrText.RecordPrefix, [0x84]))
        {
            var read = search.Items(at, Limits.QrRecordBytes, IsSecond);
            unreadSecond |= read.Count == 0;
            if (read.Count > 0) seconds.Add(read);
        }
        // Nothing but a prefix and what is no code: as good as cut.
        unreadStatement |= statements.Count == 0 && search.Has(QrText.StatementPrefix);
        return new()
        {
            Receipts = Joined([.. statements.Take(MaxReceipts)], seconds),
            HasUnreadStatement = unreadStatement,
            HasUnreadSecond = unreadSecond,
            HasSecondOnly = statements.Count == 0 && !unreadStatement && search.Has(QrText.RecordPrefix),
            HasTooMany = statements.Count > MaxReceipts,
        };
    }

    // A second text belongs to the statement that binds its record; one that no statement binds, to the first that has none.
    static List<FoundReceipt> Joined(List<byte[]> statements, List<IReadOnlyList<byte[]>> seconds)
    {
        var receipts = statements.ConvertAll(statement => new FoundReceipt(statement, null));
        foreach (var read in seconds)
        {
            var readings = read.Select(QrText.ReadRecord).ToList();
            var bound = receipts.FindIndex(receipt => readings.Exists(second => Binds(receipt.Statement, second.Record)));
            var to = bound >= 0 ? bound : receipts.FindIndex(receipt => receipt.Second is null);
            if (to < 0 || receipts[to].Second is { } other && Binds(receipts[to].Statement, other.Record)) continue;
            receipts[to] = receipts[to] with { Second = readings.Find(second => Binds(receipts[to].Statement, second.Record)) ?? readings[0] };
        }
        return receipts;
    }

    static bool Binds(byte[] statement, byte[] record)
    {
        var content = Statement.Decode(statement).Content;
        return Record.Digest(content.Salt, record).AsSpan().SequenceEqual(content.RecordDigest);
    }

    static bool IsSigned(byte[] bytes, KeySet keys)
    {
        var statement = Statement.Decode(bytes);
        return keys.Find(statement.KeyIdSpan) is { } key && statement.VerifySignature(key.Key);
    }

    static bool IsStatement(byte[] bytes)
    {
        try
        {
            Statement.Decode(bytes);
            return true;
        }
        catch (ReceiptFormatException)
        {
            return false;
        }
    }

    static bool IsSecond(byte[] cbor)
    {
        try
        {
            QrText.ReadRecord(cbor);
            return true;
        }
        catch (ReceiptFormatException)
        {
            return false;
        }
    }
}
