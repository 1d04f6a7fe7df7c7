using System.Text.Json;

namespace Manzil.Typing;

/// <summary>The door of the programs: a member of JSON that is text, as <see cref="TypedText"/> read it.</summary>
public static class TypedJson
{
    /// <returns>The text; null where the member is no text, or there is a fault: both are noted, under <paramref name="field"/>.</returns>
    public static string? TextOf(this JsonElement member, TextKind kind, string field, List<(string Field, string Reason)> faults)
    {
        if (member.ValueKind != JsonValueKind.String)
        {
            faults.Add((field, "member-wrong-type"));
            return null;
        }

        var typed = TypedText.Of(kind, member.GetString()!);
        if (typed.Fault is null) return typed.Text;
        faults.Add((field, typed.Fault));
        return null;
    }
}
