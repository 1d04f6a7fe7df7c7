using System.Text.Json;

namespace Manzil.Typing;

/// <summary>The door of the programs: a member of JSON that is text, as <see cref="TypedText"/> read it.</summary>
public static class TypedJson
{
    /// <param name="of">The members that this door takes.</param>
    /// <returns>The text; null where the member is no text, or there is a fault: both are noted, under <paramref name="name"/>.</returns>
    public static string? TextOf(this JsonElement member, TypedMembers of, string name, List<(string Field, string Reason)> faults)
    {
        if (member.ValueKind != JsonValueKind.String)
        {
            faults.Add((name, "member-wrong-type"));
            return null;
        }

        var typed = of.Of(name, member.GetString()!);
        if (typed.Fault is null) return typed.Text;
        faults.Add((name, typed.Fault));
        return null;
    }
}
