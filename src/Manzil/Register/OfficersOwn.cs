using Manzil.Rules;

namespace Manzil.Register;

/// <summary>What the record of an act says of the officer who did it at a desk (docs/receipts.md).</summary>
public static class OfficersOwn
{
    public const string Officer = "officer", Role = "role";

    /// <returns>Nothing where no officer did it.</returns>
    public static IEnumerable<KeyValuePair<string, string>> Particulars(Actor? officer)
    {
        if (officer is not { StaffNumber: { } number } actor) yield break;
        yield return new(Officer, number);
        yield return new(Role, actor.Role.Name());
    }
}
