using Manzil.Receipts;
using Manzil.Typing;

namespace Manzil.Notices;

/// <summary>What an address must have: a locality, and either a building in a street or a description in words.</summary>
public static class AddressRules
{
    public const int LocalityMax = 120, StreetMax = 120, BuildingMax = 30, UnitMax = 30, PostcodeMax = 12, NoteMax = 500;

    /// <summary>Reads each part, drops what is empty, and checks; faults are (field, reason) with reasons that have texts.</summary>
    public static RecordAddress? Check(
        string? locality, string? street, string? building, string? unit, string? postcode, string? note, List<(string Field, string Reason)> faults)
    {
        var before = faults.Count;
        locality = Clean("locality", locality, LocalityMax, faults);
        street = Clean("street", street, StreetMax, faults);
        building = Clean("building", building, BuildingMax, faults);
        unit = Clean("unit", unit, UnitMax, faults);
        postcode = Clean("postcode", postcode, PostcodeMax, faults);
        note = Clean("note", note, NoteMax, faults);
        if (faults.Count > before) return null;
        if (locality is null) faults.Add(("locality", "locality-missing"));
        // Not every home has a street and a number; words that let an officer find it are as good.
        if (note is null && (street is null || building is null)) faults.Add((street is null ? "street" : "building", "address-needs-street-or-note"));
        return faults.Count > before ? null : new RecordAddress(locality!, street, building, unit, postcode, note);
    }

    /// <summary>Whether nobody sees a difference: an older record may hold letters in two parts, or what is not seen.</summary>
    public static bool AreSame(RecordAddress one, RecordAddress? other) => other is not null && Parts(one).SequenceEqual(Parts(other), StringComparer.Ordinal);

    static IEnumerable<string?> Parts(RecordAddress a) => ((string?[])[a.Locality, a.Street, a.Building, a.Unit, a.Postcode, a.Note]).Select(part => TypedText.TextOf(TextKind.Line, part));

    static string? Clean(string field, string? text, int max, List<(string, string)> faults)
    {
        if (text is null) return null;
        var (clean, fault) = TypedText.Of(TextKind.Line, text);
        if (fault is not null) faults.Add((field, fault));
        else if (clean.Length > max) faults.Add((field, TypedText.TooLong));
        return clean.Length == 0 ? null : clean;
    }
}
