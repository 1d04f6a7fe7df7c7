using System.Text.Json;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Typing;
using NodaTime;

namespace Manzil.Notices;

/// <summary>A notice's JSON (design §5). Unknown and repeated members are refused, so that nothing said is silently dropped.</summary>
public static class NoticeJson
{
    public const int MaxBytes = 16 * 1024;

    static readonly JsonDocumentOptions Strict = new() { MaxDepth = 4, AllowDuplicateProperties = false };

    // Those of the address among them.
    static readonly TypedMembers Members = new(
        ("kind", TextKind.Made), ("replaces", TextKind.Number), ("from", TextKind.Digits), ("on", TextKind.Digits),
        ("locality", TextKind.Line), ("street", TextKind.Line), ("building", TextKind.Line), ("unit", TextKind.Line), ("postcode", TextKind.Line), ("note", TextKind.Line));

    /// <returns>The notice; null where there are faults, each a member and a reason that has a text.</returns>
    public static Notice? Parse(ReadOnlyMemory<byte> body, List<(string Field, string Reason)> faults)
    {
        try
        {
            using var document = JsonDocument.Parse(body, Strict);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return Read(document.RootElement, faults);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: text that is no valid UTF-16 once unescaped
        }

        faults.Add(("", "malformed-json"));
        return null;
    }

    static Notice? Read(JsonElement root, List<(string Field, string Reason)> faults)
    {
        var kind = Text(root, "kind", faults);
        switch (kind)
        {
            case "registration":
                Only(root, faults, "kind");
                return faults.Count > 0 ? null : new Notice.Registration();
            case "confirmation":
                Only(root, faults, "kind");
                return faults.Count > 0 ? null : new Notice.Confirmation();
            case "residence":
                {
                    Only(root, faults, "kind", "from", "address");
                    var from = Date(root, "from", required: true, faults);
                    var address = Address(root, required: true, faults);
                    return faults.Count > 0 ? null : new Notice.Residence(from!.Value, address!);
                }

            case "departure":
                {
                    Only(root, faults, "kind", "on");
                    var on = Date(root, "on", required: true, faults);
                    return faults.Count > 0 ? null : new Notice.Departure(on!.Value);
                }

            case "correction":
                {
                    Only(root, faults, "kind", "replaces", "from", "address", "on");
                    var replaces = Number(root, faults);
                    var from = Date(root, "from", required: false, faults);
                    var on = Date(root, "on", required: false, faults);
                    var address = Address(root, required: false, faults);
                    if (faults.Count == 0 && from is null && on is null && address is null) faults.Add(("", "nothing-corrected"));
                    return faults.Count > 0 ? null : new Notice.Correction(replaces!.Value, from, address, on);
                }

            case "withdrawal":
                {
                    Only(root, faults, "kind", "replaces");
                    var replaces = Number(root, faults);
                    return faults.Count > 0 ? null : new Notice.Withdrawal(replaces!.Value);
                }

            default:
                if (kind is not null) faults.Add(("kind", "kind-unknown"));
                else if (faults.Count == 0) faults.Add(("kind", "member-missing"));
                return null;
        }
    }

    static RecordAddress? Address(JsonElement root, bool required, List<(string Field, string Reason)> faults)
    {
        if (!root.TryGetProperty("address", out var address))
        {
            if (required) faults.Add(("address", "member-missing"));
            return null;
        }

        if (address.ValueKind != JsonValueKind.Object)
        {
            faults.Add(("address", "member-wrong-type"));
            return null;
        }

        var before = faults.Count;
        Only(address, faults, "locality", "street", "building", "unit", "postcode", "note");
        var parts = Array.ConvertAll(["locality", "street", "building", "unit", "postcode", "note"], n => Text(address, n, faults));
        return faults.Count > before ? null : AddressRules.Check(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], faults);
    }

    static ReceiptNumber? Number(JsonElement root, List<(string Field, string Reason)> faults)
    {
        if (Text(root, "replaces", faults) is not { } text)
        {
            if (faults.Count == 0) faults.Add(("replaces", "member-missing"));
            return null;
        }

        if (ReceiptNumber.TryParse(text, null, out var number)) return number;
        faults.Add(("replaces", "number-malformed"));
        return null;
    }

    static LocalDate? Date(JsonElement root, string name, bool required, List<(string Field, string Reason)> faults)
    {
        var before = faults.Count;
        var text = Text(root, name, faults);
        if (text is null)
        {
            if (required && faults.Count == before) faults.Add((name, "member-missing"));
            return null;
        }

        if (IsoDate.Read(text) is { } date && date.Year is >= 1900 and <= 2200) return date;
        faults.Add((name, "date-malformed"));
        return null;
    }

    static string? Text(JsonElement element, string name, List<(string Field, string Reason)> faults)
    {
        return element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.TextOf(Members, name, faults) : null;
    }

    static void Only(JsonElement element, List<(string Field, string Reason)> faults, params ReadOnlySpan<string> names)
    {
        foreach (var member in element.EnumerateObject())
        {
            if (!names.Contains(member.Name)) faults.Add((member.Name.Length > 60 ? member.Name[..60] : member.Name, "member-unknown"));
        }
    }
}
