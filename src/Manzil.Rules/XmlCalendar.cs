using System.Xml;
using NodaTime;

namespace Manzil.Rules;

/// <summary>
/// Reads the open xmlcalendar format: one file a year, <c>&lt;calendar year="2026"&gt;&lt;days&gt;&lt;day d="MM.DD" t="1|2|3"/&gt;</c>,
/// where <c>t</c> is 1 for a day off, 2 for a short working day and 3 for a working day (rules.md, Days).
/// Weekend days are Saturday and Sunday unless the file says otherwise.
/// </summary>
public static class XmlCalendar
{
    /// <summary>The largest file that is read, in bytes.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>The weekend that the format takes for granted.</summary>
    public static IReadOnlyList<IsoDayOfWeek> Weekend { get; } = [IsoDayOfWeek.Saturday, IsoDayOfWeek.Sunday];

    /// <summary>Reads one file.</summary>
    /// <param name="utf8">The file's bytes, in UTF-8.</param>
    /// <param name="fileName">The file's name, for errors.</param>
    /// <exception cref="CalendarFormatException">The file is not a calendar: the line and the reason are named.</exception>
    public static CalendarYear Parse(ReadOnlySpan<byte> utf8, string fileName)
    {
        if (utf8.Length > MaxBytes)
            throw new CalendarFormatException(fileName, 1, "the file is larger than 256 KiB");
        var text = Utf8Text.Decode(utf8, line => new CalendarFormatException(fileName, line, "the text is not UTF-8"));
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = MaxBytes,
            MaxCharactersFromEntities = 1024,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            IgnoreWhitespace = true,
        };
        using var reader = XmlReader.Create(new StringReader(text), settings);
        try
        {
            return new Pass(reader, fileName).Read();
        }
        catch (XmlException e)
        {
            var reason = e.Message.Contains("DTD", StringComparison.Ordinal)
                ? "a document type definition is not allowed"
                : "this is not well-formed XML";
            throw new CalendarFormatException(fileName, Math.Max(e.LineNumber, 1), reason);
        }
    }

    /// <summary>Reads one file from disk.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="CalendarFormatException">The file cannot be read or is not a calendar.</exception>
    public static CalendarYear Load(string path)
    {
        try
        {
            return Parse(SmallFile.Read(path, MaxBytes), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CalendarFormatException(path, 0, SmallFile.Why(e));
        }
    }

    sealed class Pass(XmlReader reader, string fileName)
    {
        readonly HashSet<LocalDate> off = [];
        readonly HashSet<LocalDate> working = [];

        internal CalendarYear Read()
        {
            reader.MoveToContent();
            if (reader is not { LocalName: "calendar", NamespaceURI: "" })
                throw Wrong("a calendar file begins with <calendar>");
            var year = ReadYear();
            var sawDays = false;
            var depth = reader.Depth;
            var empty = reader.IsEmptyElement;
            while (!empty && reader.Read() && reader.Depth > depth)
            {
                if (reader.NodeType != XmlNodeType.Element || reader.Depth != depth + 1 || reader.LocalName != "days")
                    continue;
                if (sawDays)
                    throw Wrong("<days> stands here a second time");
                sawDays = true;
                ReadDays(year);
            }
            if (!sawDays)
                throw Wrong("the calendar has no <days>");
            while (reader.Read())
            {
                // What follows the calendar must be well-formed too.
            }
            return new CalendarYear(year, off, working);
        }

        int ReadYear()
        {
            var text = reader.GetAttribute("year") ?? throw Wrong("<calendar> has no year");
            if (text.Length != 4 || !TryDigits(text, out var year) || year is < CalendarYear.Earliest or > CalendarYear.Latest)
                throw Wrong($"the year must be four digits from {CalendarYear.Earliest} to {CalendarYear.Latest}");
            return year;
        }

        void ReadDays(int year)
        {
            if (reader.IsEmptyElement)
                return;
            var depth = reader.Depth;
            while (reader.Read() && reader.Depth > depth)
            {
                if (reader.NodeType == XmlNodeType.EndElement)
                    continue;
                if (reader is not { NodeType: XmlNodeType.Element, LocalName: "day" } || reader.Depth != depth + 1)
                    throw Wrong("<days> may hold nothing but <day>");
                ReadDay(year);
            }
        }

        void ReadDay(int year)
        {
            var d = reader.GetAttribute("d") ?? throw Wrong("a <day> has no d");
            if (d.Length != 5 || d[2] != '.' || !TryDigits(d[..2], out var month) || !TryDigits(d[3..], out var day)
                || month is < 1 or > 12 || day < 1 || day > CalendarSystem.Iso.GetDaysInMonth(year, month))
                throw Wrong($"d must be month.day of the year {year}, such as 01.31");
            var date = new LocalDate(year, month, day);
            if (off.Contains(date) || working.Contains(date))
                throw Wrong($"the day {d} stands here a second time");
            switch (reader.GetAttribute("t"))
            {
                case "1":
                    off.Add(date);
                    break;
                case "2" or "3":
                    working.Add(date);
                    break;
                default:
                    throw Wrong("t must be 1 (off), 2 (short working day) or 3 (working day)");
            }
        }

        static bool TryDigits(string text, out int value) =>
            int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out value);

        CalendarFormatException Wrong(string reason) =>
            new(fileName, Math.Max((reader as IXmlLineInfo)?.LineNumber ?? 1, 1), reason);
    }
}
