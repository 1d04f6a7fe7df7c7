using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Rules;

namespace Manzil.Register;

/// <summary>What the record of an act says of the officer who did it at a desk (docs/receipts.md), and how whoever reads it is told.</summary>
public static class OfficersOwn
{
    public const string Officer = "officer", Role = "role", Centre = "centre";

    /// <returns>Nothing where no officer did it.</returns>
    public static IEnumerable<KeyValuePair<string, string>> Particulars(Actor? officer)
    {
        if (officer is not { StaffNumber: { } number } actor) yield break;
        yield return new(Officer, number);
        yield return new(Role, actor.Role.Name());
        if (actor.Centre is { } centre) yield return new(Centre, centre);
    }

    /// <summary>The officer's own centre, which need not be the worker's; null where the record is older than that it says so.</summary>
    public static string? CentreOf(Record record) => record.Particulars.GetValueOrDefault(Centre)
        // These were filed at the officer's own centre always.
        ?? (record.Kind is StatementKind.Enrolled or StatementKind.DetailsChanged || (record.Kind == StatementKind.Reached && record.Particulars.ContainsKey("reached-by")) ? record.Office : null);

    /// <summary>Role, centre and number of whoever did it; null where no officer did.</summary>
    public static string? InWords(Record record, Jurisdiction rules, Texts t) =>
        record.Particulars.GetValueOrDefault(Officer) is { } number ? InWords(record.Particulars.GetValueOrDefault(Role), CentreOf(record), number, rules, t) : null;

    /// <summary>The same of a look.</summary>
    public static string InWords(string? role, string? centre, string number, Jurisdiction rules, Texts t)
    {
        var name = centre is null ? null : rules.Offices.FirstOrDefault(o => o.Code.Value == centre)?.Name.In(t.Lang) ?? centre;
        return role is null || !t.Has($"case.role-{role}") ? number
            : name is null ? t["receipt.case-officer-number", ("role", t[$"case.role-{role}"]), ("number", number)]
            : t["case.by-officer", ("role", t[$"case.role-{role}"]), ("office", name), ("number", number)];
    }
}
