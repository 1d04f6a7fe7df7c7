using System.Text;
using Manzil.Receipts;

namespace Manzil.Notices;

/// <summary>What an address must have: a locality, and either a building in a street or a description in words.</summary>
public static class AddressRules
{
    public const int LocalityMax = 120, StreetMax = 120, BuildingMax = 30, UnitMax = 30, PostcodeMax = 12, NoteMax = 500;

    /// <summary>Trims, drops what is empty, and checks; faults are (field, reason) with reasons that have texts.</summary>
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

    static string? Clean(string field, string? text, int max, List<(string, string)> faults)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        var clean = text.Trim().ReplaceLineEndings(" ").Normalize(NormalizationForm.FormC);
        if (clean.Any(char.IsControl)) faults.Add((field, "text-has-control-characters"));
        else if (clean.Length > max) faults.Add((field, "text-too-long"));
        return clean;
    }
}
