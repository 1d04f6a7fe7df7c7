using System.CommandLine;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Typing;
using NodaTime;

namespace Manzil.Staff;

/// <summary>manzil staff: who may act for the authority. What it writes counts once a lead reviewer has agreed.</summary>
public static class StaffCommand
{
    public static Command Create() =>
        new("staff", "Officers: invite, dismiss, give another role, list.") { Invite(), Dismiss(), Role(), List() };

    static Command Invite()
    {
        var name = new TypedArgument("NAME", TextKind.Line) { Description = "Name, as colleagues know it." };
        var number = NumberOption();
        var role = RoleOption();
        var office = new TypedOption("--office", TextKind.Made) { Description = "Code of the centre, as in the rules.", Required = true, HelpName = "CODE" };
        var language = new TypedOption("--language", TextKind.Made) { Description = "Language of the pages: en, ru, kk; the rules' first one by default.", HelpName = "TAG" };
        return Make(
            "invite", "Invite an officer and print the one-time link with which they make a passkey; also one who has lost every passkey.", [name, number, role, office, language],
            async (core, parsed, clock) => Console.WriteLine(await InviteAsync(
                core, clock, parsed.GetValue(name)!, parsed.GetValue(number)!, parsed.GetValue(role)!, parsed.GetValue(office)!, parsed.GetValue(language))));
    }

    static Command Dismiss()
    {
        var number = NumberOption();
        var last = new Option<bool>("--last") { Description = "Also the only lead reviewer, after whom nobody can agree to anybody." };
        return Make("dismiss", "Dismiss an officer: sessions and passkeys end at once.", [number, last], async (core, parsed, clock) =>
        {
            await new Appointments(core.Database, clock).DismissAsync(parsed.GetValue(number)!, parsed.GetValue(last));
            Console.WriteLine("Dismissed: sessions and passkeys have ended." + await WarningAsync(core, clock));
        });
    }

    static Command Role()
    {
        var number = NumberOption();
        var role = RoleOption();
        return Make("role", "Give an officer another role: the old one ends at once, the new one counts once a lead reviewer has agreed.", [number, role], async (core, parsed, clock) =>
        {
            var agreed = await new Appointments(core.Database, clock).ChangeRoleAsync(parsed.GetValue(number)!, RoleOf(parsed.GetValue(role)!));
            Console.WriteLine(agreed
                ? "Done. There was no lead reviewer: the installation agrees to the first."
                : $"The old role has ended, and so have the sessions. The new one counts once a lead reviewer has agreed at {core.Issuer}/staff/lead." + await WarningAsync(core, clock));
        });
    }

    static Command List() => Make("list", "Every officer: number, role, centre, state, name.", [], async (core, _, clock) =>
    {
        var officers = await new Officers(core.Database, clock).ListAsync();
        if (officers.Count == 0) Console.WriteLine("Nobody yet: 'manzil staff invite' begins with a lead reviewer.");
        foreach (var o in officers) Console.WriteLine($"{o.Number,-20} {o.Role.Name(),-13} {o.Office,-12} {InWords(o),-42} {o.Name}");
    });

    public static async Task<string> InviteAsync(Core core, IClock clock, string name, string number, string roleName, string officeCode, string? language)
    {
        if (name.Length is < 1 or > Appointments.MaxName) throw new CommandLineException($"A name has 1 to {Appointments.MaxName} characters.");
        if (number.Length is < 1 or > Appointments.MaxNumber || !number.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            throw new CommandLineException($"A staff number has 1 to {Appointments.MaxNumber} letters, digits and hyphens.");
        var role = RoleOf(roleName);
        var rules = core.Rules;
        if (!rules.Offices.Any(o => o.Code.Value == officeCode)) throw new CommandLineException($"The rules have no centre '{officeCode}': they have {string.Join(", ", rules.Offices.Select(o => o.Code.Value))}.");
        language ??= rules.Languages[0];
        if (!rules.Languages.Contains(language)) throw new CommandLineException($"The rules have no language '{language}': they have {string.Join(", ", rules.Languages)}.");
        var invited = await new Appointments(core.Database, clock).InviteAsync(name, number, role, officeCode, language);
        return $"""
            Invited: {name}, number {number}, {role.Name()} at {officeCode}.
            This link is for them and for nobody else. It works once, until {Layout.Dates.InWords(invited.Expires, rules.Zone, "en")}:

              {core.Issuer}/staff/invitation/{invited.Token}

            {(invited.IsAgreed ? "It works now: there is no lead reviewer yet, and the installation agrees to the first." : $"It works once a lead reviewer has agreed at {core.Issuer}/staff/lead." + await WarningAsync(core, clock))}
            """;
    }

    static async Task<string> WarningAsync(Core core, IClock clock) =>
        (await new Officers(core.Database, clock).ListAsync()).Any(o => o is { State: OfficerState.Working, Role: StaffRole.LeadReviewer })
            ? ""
            : "\nThere is no lead reviewer now, so nobody can agree: docs/operating.md says what to do.";

    static string InWords(Officer officer) => officer.State switch
    {
        OfficerState.Working => officer.Passkeys == 0 ? "agreed to, has no passkey yet" : "works",
        OfficerState.Waiting => officer.What == "role" ? "new role waits for a lead reviewer" : "invitation waits for a lead reviewer",
        OfficerState.Refused => "a lead reviewer did not agree",
        _ => "dismissed",
    };

    static StaffRole RoleOf(string name) => StaffRoles.TryParse(name, out var role) ? role : throw new CommandLineException(NoRole(name));

    static string NoRole(string name) => $"There is no role '{name}': there are {string.Join(", ", StaffRoles.All.Select(r => r.Name()))}.";

    static TypedOption NumberOption() => new("--number", TextKind.Number) { Description = "Staff number: one person, one number.", Required = true, HelpName = "N" };

    static TypedOption RoleOption()
    {
        var role = new TypedOption("--role", TextKind.Made) { Description = "What they may do: docs/operating.md says it of each.", Required = true, HelpName = "ROLE" };
        // Before a database is opened.
        role.Validators.Add(given =>
        {
            if (given.Tokens is [var only] && !StaffRoles.TryParse(only.Value, out _)) given.AddError(NoRole(only.Value));
        });
        return role;
    }

    static Command Make(string name, string description, Symbol[] symbols, Func<Core, ParseResult, IClock, Task> run)
    {
        var where = new ServiceOptions();
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument) command.Arguments.Add(argument);
            else command.Options.Add((Option)symbol);
        }

        where.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var core = await Core.OpenAsync(where.Read(parsed));
            await run(core, parsed, core.Clock);
            return 0;
        });
        return command;
    }
}
