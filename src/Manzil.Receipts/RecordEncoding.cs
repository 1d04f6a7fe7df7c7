using System.Collections.Immutable;
using System.Formats.Cbor;

namespace Manzil.Receipts;

/// <summary>Writes records. Keys go out in ascending order, which is the deterministic one.</summary>
static class RecordEncoding
{
    // Texts of one length in byte order, shorter ones first: how their encodings sort (RFC 8949 section 4.2.1).
    sealed class ByEncoding : IComparer<string>
    {
        public int Compare(string? x, string? y) =>
            x!.Length != y!.Length ? x.Length.CompareTo(y.Length) : string.CompareOrdinal(x, y);
    }

    internal static readonly ImmutableSortedDictionary<string, string> NoParticulars =
        ImmutableSortedDictionary.Create<string, string>(new ByEncoding());

    static readonly string[] ChannelNames = ["web", "api", "desk", "sms", "operator"];

    internal static byte[] Encode(Record record)
    {
        var particulars = record.Particulars.WithComparers(NoParticulars.KeyComparer);
        Check(record, particulars);
        var fields = 6 + (record.NextDeadline is null ? 0 : 1) + (record.Replaces is null ? 0 : 1) + (record.Holder is null ? 0 : 1)
            + (record.Address is null ? 0 : 1) + (particulars.Count == 0 ? 0 : 1) + (record.Reason is null ? 0 : 1);
        var writer = new CborWriter(CborConformanceMode.Lax, initialCapacity: 320);
        writer.WriteStartMap(fields);
        writer.WriteInt32(1);
        writer.WriteTextString(record.Number.ToString());
        writer.WriteInt32(2);
        writer.WriteInt32((int)record.Kind);
        writer.WriteInt32(3);
        writer.WriteInt64(Limits.Seconds(record.IssuedAt));
        writer.WriteInt32(4);
        writer.WriteInt32(Limits.Days(record.EffectiveFrom, "effective-from date"));
        if (record.NextDeadline is { } deadline)
        {
            writer.WriteInt32(5);
            writer.WriteInt32(Limits.Days(deadline, "next deadline"));
        }
        if (record.Replaces is { } replaces)
        {
            writer.WriteInt32(6);
            writer.WriteTextString(replaces.ToString());
        }
        writer.WriteInt32(7);
        writer.WriteTextString(record.Office);
        writer.WriteInt32(8);
        writer.WriteTextString(ChannelNames[(int)record.Channel]);
        if (record.Holder is { } holder)
        {
            writer.WriteInt32(9);
            WriteHolder(writer, holder);
        }
        if (record.Address is { } address)
        {
            writer.WriteInt32(10);
            WriteAddress(writer, address);
        }
        if (particulars.Count > 0)
        {
            writer.WriteInt32(11);
            writer.WriteStartMap(particulars.Count);
            foreach (var (name, text) in particulars)
            {
                writer.WriteTextString(name);
                writer.WriteTextString(text);
            }
            writer.WriteEndMap();
        }
        if (record.Reason is { } reason)
        {
            writer.WriteInt32(12);
            writer.WriteTextString(reason);
        }
        writer.WriteEndMap();
        return writer.BytesWritten <= Limits.RecordBytes
            ? writer.Encode()
            : throw new ReceiptFormatException($"The record is longer than {Limits.RecordBytes} bytes.");
    }

    internal static RecordChannel Channel(string name) => Array.IndexOf(ChannelNames, name) is >= 0 and var index
        ? (RecordChannel)index
        : throw new ReceiptFormatException("The record's channel is not a known one.");

    static void WriteHolder(CborWriter writer, RecordHolder holder)
    {
        writer.WriteStartMap(4);
        writer.WriteInt32(1);
        writer.WriteTextString(holder.Name);
        writer.WriteInt32(2);
        writer.WriteTextString(holder.Document.State);
        writer.WriteInt32(3);
        writer.WriteTextString(holder.Document.Number);
        writer.WriteInt32(4);
        // A whole date as all dates are; the text only where days since 1970 cannot say it.
        if (holder.Document.BirthDate is { Whole: { } whole })
        {
            writer.WriteInt32(Limits.Days(whole, "birth date"));
        }
        else
        {
            writer.WriteTextString(holder.Document.BirthDate.ToString());
        }
        writer.WriteEndMap();
    }

    static void WriteAddress(CborWriter writer, RecordAddress address)
    {
        ReadOnlySpan<string?> parts = [address.Locality, address.Street, address.Building, address.Unit, address.Postcode, address.Note];
        var count = 0;
        foreach (var part in parts)
        {
            count += part is null ? 0 : 1;
        }
        writer.WriteStartMap(count);
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i] is { } part)
            {
                writer.WriteInt32(i + 1);
                writer.WriteTextString(part);
            }
        }
        writer.WriteEndMap();
    }

    static void Check(Record record, ImmutableSortedDictionary<string, string> particulars)
    {
        if (!StatementKinds.IsKnown((int)record.Kind))
        {
            throw new ReceiptFormatException("The kind of act is not a known one.");
        }
        if (record.Holder is not null && record.Kind.ConcernsNobody())
        {
            throw new ReceiptFormatException("The record of an act that concerns nobody in particular names a holder.");
        }
        if ((uint)record.Channel >= ChannelNames.Length)
        {
            throw new ReceiptFormatException("The record's channel is not a known one.");
        }
        Limits.Code(record.Office, Limits.OfficeLength, "office code");
        if (record.Holder is { } holder)
        {
            Limits.Text(holder.Name, Limits.NameBytes, "holder's name");
        }
        if (record.Address is { } address)
        {
            Limits.Text(address.Locality, Limits.AddressPartBytes, "locality");
            Optional(address.Street, Limits.AddressPartBytes, "street");
            Optional(address.Building, Limits.AddressPartBytes, "building");
            Optional(address.Unit, Limits.AddressPartBytes, "unit");
            Optional(address.Postcode, Limits.AddressPartBytes, "postcode");
            Optional(address.Note, Limits.NoteBytes, "note");
        }
        if (particulars.Count > Limits.Particulars)
        {
            throw new ReceiptFormatException($"The record has more than {Limits.Particulars} particulars.");
        }
        foreach (var (name, text) in particulars)
        {
            if (name.Length is 0 or > Limits.ParticularNameLength || name.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-'))
            {
                throw new ReceiptFormatException("A particular's name is not 1 to 64 of a–z, 0–9 and the hyphen.");
            }
            Limits.Text(text, Limits.ParticularBytes, $"particular {name}");
        }
        Optional(record.Reason, Limits.ReasonBytes, "reason");
    }

    static void Optional(string? text, int bytes, string what)
    {
        if (text is not null)
        {
            Limits.Text(text, bytes, what);
        }
    }
}
