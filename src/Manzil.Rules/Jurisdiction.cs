using System.Text;
using NodaTime;

namespace Manzil.Rules;

/// <summary>The rules of one jurisdiction: zone, calendar, intervals, languages, offices (design §2, rules). Immutable; docs/rules-file.md describes the file.</summary>
public sealed class Jurisdiction
{
    /// <summary>The largest rules file that is read, in bytes.</summary>
    public const int MaxBytes = 1024 * 1024;

    internal Jurisdiction()
    {
    }

    /// <summary>A short code of the jurisdiction: 2 to 12 characters of A–Z, 0–9 and hyphen.</summary>
    public required string Code { get; init; }

    /// <summary>The jurisdiction's name in each language.</summary>
    public required LocalText Name { get; init; }

    /// <summary>The zone in which its dates lie, from the TZ database.</summary>
    public required DateTimeZone Zone { get; init; }

    /// <summary>Its working days, without outages.</summary>
    public required WorkingCalendar Calendar
    {
        get;
        init
        {
            field = value;
            WorkersCalendar = value;
        }
    }

    /// <summary>
    /// The working days on which workers' deadlines are counted: <see cref="Calendar"/> less the outage days. The authority's
    /// time is counted on <see cref="Calendar"/>, which outages do not touch (rules.md, Days).
    /// </summary>
    public WorkingCalendar WorkersCalendar { get; private init; } = null!;

    /// <summary>Its intervals.</summary>
    public required Intervals Intervals { get; init; }

    /// <summary>How long it keeps what.</summary>
    public required Retention Retention { get; init; }

    /// <summary>Its languages as BCP 47 tags, at least one; the first is the default.</summary>
    public required IReadOnlyList<string> Languages { get; init; }

    /// <summary>The authority, for pages that say whom to ask.</summary>
    public required Authority Authority { get; init; }

    /// <summary>Its offices in the order of the file, at least one.</summary>
    public required IReadOnlyList<Office> Offices { get; init; }

    /// <summary>The grounds on which removal may be proposed, in the order of the file, at least one.</summary>
    public required IReadOnlyList<RemovalGround> Grounds { get; init; }

    /// <summary>The first office of the file.</summary>
    public Office DefaultOffice => Offices[0];

    /// <summary>The office of that code; null where there is none.</summary>
    public Office? FindOffice(OfficeCode code) => Offices.FirstOrDefault(office => office.Code == code);

    /// <summary>Reads rules from text that names no calendar files.</summary>
    /// <param name="json">The text of a rules file.</param>
    /// <param name="fileName">The file's name, for errors.</param>
    /// <exception cref="RulesFormatException">The rules cannot be used: the line and the reason are named.</exception>
    public static Jurisdiction Parse(string json, string fileName) => Parse(Encoding.UTF8.GetBytes(json), fileName);

    /// <summary>Reads rules from bytes.</summary>
    /// <param name="utf8">The bytes of a rules file, at most <see cref="MaxBytes"/>, in UTF-8.</param>
    /// <param name="fileName">The file's name, for errors.</param>
    /// <param name="readCalendarFile">Gives the bytes of a calendar file by the name the rules have for it; without it rules that name calendar files are refused.</param>
    /// <exception cref="RulesFormatException">The rules cannot be used: the line and the reason are named.</exception>
    public static Jurisdiction Parse(ReadOnlySpan<byte> utf8, string fileName, Func<string, byte[]>? readCalendarFile = null) =>
        RulesFile.Read(utf8, fileName, readCalendarFile);

    /// <summary>Reads a rules file, and the calendar files that it names relative to itself.</summary>
    /// <param name="path">The rules file.</param>
    /// <exception cref="RulesFormatException">The file cannot be read or used: the line, where there is one, and the reason are named.</exception>
    public static Jurisdiction Load(string path)
    {
        byte[] utf8;
        try
        {
            utf8 = SmallFile.Read(path, MaxBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new RulesFormatException(path, 0, SmallFile.Why(e));
        }
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return Parse(utf8, path, name => SmallFile.Read(Path.Combine(folder, name), XmlCalendar.MaxBytes));
    }

    /// <summary>The same rules on which these days are outage days, and no others (rules.md, Days).</summary>
    /// <param name="days">The outage days, in any order.</param>
    public Jurisdiction WithOutages(IEnumerable<LocalDate> days) => new()
    {
        Code = Code,
        Name = Name,
        Zone = Zone,
        Calendar = Calendar,
        WorkersCalendar = Calendar.WithOutages(days),
        Intervals = Intervals,
        Retention = Retention,
        Languages = Languages,
        Authority = Authority,
        Offices = Offices,
        Grounds = Grounds,
    };

    /// <summary>The local date at an instant.</summary>
    public LocalDate DateOf(Instant instant) => instant.InZone(Zone).Date;

    /// <summary>
    /// The instant at which a local date has ended: the start of the next local day, wherever that falls (rules.md, Days).
    /// Where that midnight is skipped, it is the moment after the gap; where clocks go back over it, so that the date comes
    /// again, it is the second midnight: no instant whose local date is this one or an earlier one lies after its end.
    /// </summary>
    /// <param name="date">A date before the last that NodaTime knows.</param>
    public Instant EndOfDay(LocalDate date)
    {
        var midnight = Zone.MapLocal(date.PlusDays(1).AtMidnight());
        return midnight.Count switch
        {
            0 => midnight.LateInterval.Start,
            2 when midnight.LateInterval.IsoLocalStart.Date <= date => midnight.Last().ToInstant(),
            _ => midnight.First().ToInstant(),
        };
    }
}
