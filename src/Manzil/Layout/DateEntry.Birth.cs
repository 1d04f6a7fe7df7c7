using System.Globalization;
using Manzil.Receipts;
using Manzil.Typing;
using NodaTime;

namespace Manzil.Layout;

/// <summary>A birth date as a document has it, which need not show a day, a month or a year.</summary>
public sealed partial class DateEntry
{
    const string NoYear = "0000", Yes = "yes";

    /// <summary>Ticked where the document shows no day, or no day and month.</summary>
    [Typed(TextKind.Made)]
    public string? NotShown { get; set; }

    public static DateEntry Of(BirthDate date) => date.Whole is { } whole ? Of(whole) : new()
    {
        Month = date.Month?.ToString(CultureInfo.InvariantCulture),
        Year = date.Year?.ToString("0000", CultureInfo.InvariantCulture) ?? NoYear,
        NotShown = Yes,
    };

    /// <summary>What was typed, where a document can say it; else which part of it is wrong, and how. Signs that stand on documents in the
    /// place of a part (XX, 00, &lt;&lt;, a dash) say that it is not there.</summary>
    /// <param name="today">By which the century of two digits is told, where only one is possible.</param>
    /// <param name="isTicked">True where a day that is left empty without a tick was forgotten.</param>
    public (BirthDate? Date, DateFault? Fault) ReadBirth(string lang, LocalDate today, bool isTicked)
    {
        if (!HasParts) return (null, new("", "date.missing"));
        if (IsNoYear(Year)) return IsBlank(Day) && IsBlank(Month) ? (new BirthDate(null, null, null), null) : (null, new("Year", "date.birth-year-missing"));
        if (!IsBlank(Day))
        {
            if (!string.IsNullOrEmpty(NotShown)) return (null, new("Day", "date.birth-day-and-none"));
            if (IsBlank(Month)) return (null, new("Month", "date.birth-month-missing"));
            var (date, wrong) = ReadParts(lang, DateSense.Birth, today);
            return (date is { } whole ? whole : null, wrong);
        }

        // Written out, or ticked; an empty field says it only where nothing hangs on whether it was forgotten.
        var isSaid = !isTicked || !string.IsNullOrEmpty(NotShown);
        if (!isSaid && string.IsNullOrWhiteSpace(Day) && (string.IsNullOrWhiteSpace(Month) || !IsBlank(Month))) return (null, new("Day", "date.birth-day-missing"));
        if (!isSaid && string.IsNullOrWhiteSpace(Month)) return (null, new("Month", "date.birth-month-missing"));
        if (string.IsNullOrWhiteSpace(Year)) return (null, new("Year", "date.birth-year-missing"));
        // Read as the first day that it can be: what is wrong then is wrong with a part that was typed.
        var (first, fault) = new DateEntry { Day = "1", Month = IsBlank(Month) ? "1" : Month, Year = Year }.ReadParts(lang, DateSense.Birth, today);
        return first is { } earliest ? (new BirthDate(earliest.Year, IsBlank(Month) ? null : earliest.Month, null), null) : (null, fault);
    }

    /// <summary>True where no day or month was typed, or that there is none.</summary>
    static bool IsBlank(string? part) => string.IsNullOrWhiteSpace(part) || IsNone(part) || part.Trim().All(c => c == '0');

    // Two noughts are a year.
    static bool IsNoYear(string? year) => !string.IsNullOrWhiteSpace(year) && (IsNone(year) || year.Trim() == NoYear);

    // X of either alphabet: who has a Russian keyboard at hand does not change it for this.
    static bool IsNone(string part) => part.Trim().All(c => c is 'X' or 'x' or 'Х' or 'х' or '<' or '-');
}
