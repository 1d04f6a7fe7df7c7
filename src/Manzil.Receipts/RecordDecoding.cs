using System.Formats.Cbor;

namespace Manzil.Receipts;

/// <summary>Reads records: each field by its key, then the whole compared with what <see cref="RecordEncoding"/> would write.</summary>
static class RecordDecoding
{
    internal static Record Decode(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > Limits.RecordBytes)
        {
            throw new ReceiptFormatException($"The record is longer than {Limits.RecordBytes} bytes.");
        }
        var record = CborDecoding.Decode(bytes, "record", Read);
        return record.Encode().AsSpan().SequenceEqual(bytes.Span)
            ? record
            : throw new ReceiptFormatException("The record is not in its deterministic encoding.");
    }

    static Record Read(CborReader reader)
    {
        ReceiptNumber? number = null, replaces = null;
        StatementKind? kind = null;
        ulong? issued = null;
        long? effective = null, deadline = null;
        string? office = null, channel = null, reason = null;
        RecordHolder? holder = null;
        RecordAddress? address = null;
        var particulars = RecordEncoding.NoParticulars;
        for (var left = CborDecoding.ReadMap(reader, "record"); left > 0; left--)
        {
            switch (reader.ReadInt32())
            {
                case 1:
                    number = CborDecoding.ReadNumber(reader);
                    break;
                case 2:
                    kind = CborDecoding.ReadKind(reader);
                    break;
                case 3:
                    issued = reader.ReadUInt64();
                    break;
                case 4:
                    effective = reader.ReadInt64();
                    break;
                case 5:
                    deadline = reader.ReadInt64();
                    break;
                case 6:
                    replaces = CborDecoding.ReadNumber(reader);
                    break;
                case 7:
                    office = reader.ReadTextString();
                    break;
                case 8:
                    channel = reader.ReadTextString();
                    break;
                case 9:
                    holder = ReadHolder(reader);
                    break;
                case 10:
                    address = ReadAddress(reader);
                    break;
                case 11:
                    particulars = ReadParticulars(reader);
                    break;
                case 12:
                    reason = reader.ReadTextString();
                    break;
                default:
                    throw new ReceiptFormatException("The record has an unknown field.");
            }
        }
        reader.ReadEndMap();
        return new()
        {
            Number = CborDecoding.Required(number, "receipt number"),
            Kind = CborDecoding.Required(kind, "kind"),
            IssuedAt = Limits.Time(CborDecoding.Required(issued, "issued-at time")),
            EffectiveFrom = Limits.Date(CborDecoding.Required(effective, "effective-from date"), "effective-from date"),
            NextDeadline = deadline is { } days ? Limits.Date(days, "next deadline") : null,
            Replaces = replaces,
            Office = CborDecoding.Required(office, "office code"),
            Channel = RecordEncoding.Channel(CborDecoding.Required(channel, "channel")),
            Holder = holder,
            Address = address,
            Particulars = particulars,
            Reason = reason,
        };
    }

    static RecordHolder ReadHolder(CborReader reader)
    {
        string? name = null, state = null, number = null;
        BirthDate? born = null;
        for (var left = CborDecoding.ReadMap(reader, "holder"); left > 0; left--)
        {
            switch (reader.ReadInt32())
            {
                case 1:
                    name = reader.ReadTextString();
                    break;
                case 2:
                    state = reader.ReadTextString();
                    break;
                case 3:
                    number = reader.ReadTextString();
                    break;
                case 4:
                    born = ReadBirthDate(reader);
                    break;
                default:
                    throw new ReceiptFormatException("The record's holder has an unknown field.");
            }
        }
        reader.ReadEndMap();
        return new(CborDecoding.Required(name, "holder's name"), new IdentityDocument(
            CborDecoding.Required(state, "document's state"),
            CborDecoding.Required(number, "document's number"),
            CborDecoding.Required(born, "birth date")));
    }

    static BirthDate ReadBirthDate(CborReader reader)
    {
        if (reader.PeekState() != CborReaderState.TextString)
        {
            return Limits.Date(reader.ReadInt64(), "birth date");
        }
        var text = reader.ReadTextString();
        // One form for each: whoever hashes a record gets the same bytes again.
        return BirthDate.TryParse(text, out var date) && date.Whole is null && date.ToString() == text
            ? date
            : throw new ReceiptFormatException("The birth date is not as a record writes one without a day.");
    }

    static RecordAddress ReadAddress(CborReader reader)
    {
        var parts = new string?[6];
        for (var left = CborDecoding.ReadMap(reader, "address"); left > 0; left--)
        {
            var key = reader.ReadInt32();
            if (key is < 1 or > 6)
            {
                throw new ReceiptFormatException("The record's address has an unknown field.");
            }
            parts[key - 1] = reader.ReadTextString();
        }
        reader.ReadEndMap();
        return new(CborDecoding.Required(parts[0], "locality"), parts[1], parts[2], parts[3], parts[4], parts[5]);
    }

    static System.Collections.Immutable.ImmutableSortedDictionary<string, string> ReadParticulars(CborReader reader)
    {
        var count = CborDecoding.ReadMap(reader, "particulars");
        if (count is 0 or > Limits.Particulars)
        {
            throw new ReceiptFormatException($"The particulars are not 1 to {Limits.Particulars}.");
        }
        var particulars = RecordEncoding.NoParticulars.ToBuilder();
        for (; count > 0; count--)
        {
            particulars[reader.ReadTextString()] = reader.ReadTextString();
        }
        reader.ReadEndMap();
        return particulars.ToImmutable();
    }
}
