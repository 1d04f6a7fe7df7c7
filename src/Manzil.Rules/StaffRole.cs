namespace Manzil.Rules;

/// <summary>What an officer may do (rules.md, A case, Roles). One person has one staff number and one role.</summary>
public enum StaffRole
{
    /// <summary>Enrols, files for a worker who is present, reaches people.</summary>
    Clerk = 1,

    /// <summary>Works on cases, one at a time.</summary>
    Caseworker = 2,

    /// <summary>Decides appeals, and reinstates.</summary>
    Reviewer = 3,

    /// <summary>A reviewer who also lifts pauses and agrees to staff invitations.</summary>
    LeadReviewer = 4,

    /// <summary>Reads counts, log and inventory; opens no files.</summary>
    Auditor = 5,

    /// <summary>Runs the machine; opens no files.</summary>
    Operator = 6,
}

/// <summary>The names of roles on the command line, in JSON and in text keys.</summary>
public static class StaffRoles
{
    /// <summary>Every role, in the order of their numbers.</summary>
    public static IReadOnlyList<StaffRole> All { get; } = [.. Enum.GetValues<StaffRole>().Order()];

    /// <summary>The stable name: <c>clerk</c>, <c>caseworker</c>, <c>reviewer</c>, <c>lead-reviewer</c>, <c>auditor</c>, <c>operator</c>.</summary>
    /// <param name="role">The role.</param>
    public static string Name(this StaffRole role) => role switch
    {
        StaffRole.Clerk => "clerk",
        StaffRole.Caseworker => "caseworker",
        StaffRole.Reviewer => "reviewer",
        StaffRole.LeadReviewer => "lead-reviewer",
        StaffRole.Auditor => "auditor",
        _ => "operator",
    };

    /// <summary>The role of a name, as <see cref="Name"/> gives it.</summary>
    /// <param name="name">The name, exactly.</param>
    /// <param name="role">The role, where true is returned.</param>
    /// <returns>False where no role has this name.</returns>
    public static bool TryParse(string? name, out StaffRole role)
    {
        role = All.FirstOrDefault(r => r.Name() == name);
        return role != default;
    }
}
