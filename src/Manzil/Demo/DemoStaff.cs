using Manzil.Register;
using Manzil.Rules;
using Manzil.Staff;
using NodaTime;

namespace Manzil.Demo;

/// <summary>An officer of the demo with the one-time link that signs in as them, as demo-credentials.json has it.</summary>
public sealed record DemoOfficer(string Name, string Role, string SignInUrl);

/// <summary>Invented officers for the demo, invited and agreed to like real ones; their links are made anew at each start.</summary>
public static class DemoStaff
{
    // The lead reviewer first: the installation agrees to them, and they agree to the others.
    static readonly (string Number, string Name, StaffRole Role, string Language)[] People =
    [
        ("1001", "Nera Quill", StaffRole.LeadReviewer, "en"),
        ("1002", "Tavi Oster", StaffRole.Caseworker, "en"),
        ("1003", "Lio Marsen", StaffRole.Caseworker, "ru"),
        ("1004", "Sela Dorne", StaffRole.Clerk, "kk"),
        ("1005", "Oren Valt", StaffRole.Reviewer, "en"),
        ("1006", "Mira Stell", StaffRole.Auditor, "en"),
        ("1007", "Jon Arbel", StaffRole.Operator, "en"),
    ];

    public static async Task<IReadOnlyList<DemoOfficer>> PrepareAsync(Core core, IClock clock, DemoSignIn links)
    {
        var (appointments, officers) = (new Appointments(core.Database, clock), new Officers(core.Database, clock));
        var office = core.Rules.DefaultOffice.Code.Value;
        var made = new List<DemoOfficer>();
        foreach (var p in People)
        {
            // Whom a visitor dismissed or gave another role is back at the next start; a lead reviewer dismissed with --last is invited, and waits:
            // the installation agrees to its first one once, and only a new data folder begins anew.
            if (!await IsAtWorkAsync(officers, p.Number, p.Role)) await appointments.InviteAsync(p.Name, p.Number, p.Role, office, core.Rules.Languages.Contains(p.Language) ? p.Language : core.Rules.Languages[0]);
            var known = (await officers.ListAsync()).Single(o => o.Number == p.Number);
            if (known.State == OfficerState.Waiting && await LeadAsync(core) is { } lead) await appointments.AgreeAsync(lead, known.Id, known.Change);
            made.Add(new DemoOfficer(p.Name, p.Role.Name(), $"{core.Issuer}/staff/demo/{links.Make(known.Id)}"));
        }

        return made;
    }

    static async Task<bool> IsAtWorkAsync(Officers officers, string number, StaffRole role) =>
        (await officers.ListAsync()).Any(o => o.Number == number && o.Role == role && o.State == OfficerState.Working);

    static async Task<StaffMember?> LeadAsync(Core core)
    {
        await using var connection = await core.Database.OpenAsync();
        return await StaffMember.FindAsync(connection, People[0].Number);
    }
}
