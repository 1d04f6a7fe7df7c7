using System.CommandLine;
using System.Globalization;
using Manzil.Deadlines;
using Manzil.Receipts;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Staff;
using Manzil.Tests.Faults;
using Manzil.Tests.Notices;
using Manzil.Typing;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Typing;

/// <summary>What operators type on the command line.</summary>
static class TextDoorsOfCommands
{
    // As the command line reads what is typed; what it then does is called, since a command works by the machine's clock.
    static ParseResult? Parse(TestService service, params string[] words)
    {
        var parsed = Program.Commands().Parse([.. words, .. ServerProcess.Where(service.DataFolder, service.Database.Argument)]);
        return parsed.Errors.Count == 0 ? parsed : null;
    }

    public static async Task<TextDoor> ReasonOfAnOutageAsync(DatabaseKind kind, int count)
    {
        var service = await TestService.StartAsync(kind);
        var day = new LocalDate(2026, 11, 20);
        return new TextDoor(TextKind.Line, service, service)
        {
            Type = async typed =>
            {
                day = day.PlusDays(-1);
                var iso = day.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture);
                if (Parse(service, "outage", "record", iso, iso, "--reason", typed) is not { } parsed) return null;
                await OutageCommand.RecordAsync(service.Core, iso, iso, parsed.GetValue<string>("--reason")!, service.Clock.GetCurrentInstant());
                return await TextDoor.NewestAsync(service);
            },
            Count = "select count(*) from act",
            // A command's word that begins with a hyphen or an @ means something else.
            Whole = (typed, n) => $"No. {n}: {typed}.",
            Recorded = async number => [(await TextDoor.RecordAsync(service, number)).Particulars["reason"]],
            Shown = async _ =>
            {
                // The figures are as they were a minute ago.
                service.Clock.AdvanceMinutes(2);
                return await TextDoor.PagesAsync(new Visitor(service, "", "en"), "/status");
            },
            Verified = async number => [(await TextDoor.VerifiedAsync(service, number)).Particulars["reason"]],
        };
    }

    /// <summary>Officers stand in receipts by their number.</summary>
    public static async Task<TextDoor> NameOfAnOfficerAsync(DatabaseKind kind, int count)
    {
        var service = await TestService.StartAsync(kind);
        var (_, cookie) = await service.StaffAsync(StaffRole.LeadReviewer);
        var (lead, n, printed) = (Visitor.Officer(service, cookie), 0, "");
        return new TextDoor(TextKind.Line, service, service)
        {
            Type = async typed =>
            {
                var number = string.Create(CultureInfo.InvariantCulture, $"N{++n}");
                if (Parse(service, "staff", "invite", typed, "--number", number, "--role", "clerk", "--office", "NRV-01") is not { } parsed) return null;
                printed = await StaffCommand.InviteAsync(service.Core, service.Clock, parsed.GetValue<string>("NAME")!, parsed.GetValue<string>("--number")!, "clerk", "NRV-01", null);
                return number;
            },
            Count = "select count(*) from staff",
            Whole = (typed, i) => $"Clerk {i} {typed}.",
            Recorded = async number => [await TextDoor.AskAsync<string>(service, "select name from staff where number = @number", new { number })],
            Shown = async _ => [printed, .. await TextDoor.PagesAsync(lead, "/staff/lead")],
        };
    }

    public static Task<TextDoor> NameOfAWorkerAsync(DatabaseKind kind, int count) => EnrolAsync(kind, TextKind.Line, "--name", "select name from worker where card_number = @card");

    public static Task<TextDoor> EmailOfAWorkerAsync(DatabaseKind kind, int count) => EnrolAsync(kind, TextKind.Email, "--email", "select c.address from channel c join worker w on w.id = c.worker_id where w.card_number = @card");

    /// <summary>The whole command, as its own process.</summary>
    static async Task<TextDoor> EnrolAsync(DatabaseKind kind, TextKind of, string option, string recorded)
    {
        var service = await TestService.StartAsync(kind, demo: false, machineClock: true);
        var (n, printed, isName) = (0, "", of == TextKind.Line);
        async Task<IReadOnlyList<string?>> HolderAsync(string card)
        {
            var number = await TextDoor.AskAsync<string>(service, "select a.number from act a join worker w on w.id = a.worker_id where w.card_number = @card", new { card });
            service.Clock.Reset(SystemClock.Instance.GetCurrentInstant());
            return [(await TextDoor.VerifiedAsync(service, number, new IdentityDocument("UZB", "AA" + card[2..], new LocalDate(1990, 5, 17)))).Holder!.Name];
        }

        return new TextDoor(of, service, service)
        {
            Type = async typed =>
            {
                n++;
                var words = new Dictionary<string, string> { ["--card"] = $"FC{n:D7}", ["--name"] = "Aziz Rahimov", ["--document"] = $"UZB|AA{n:D7}|1990-05-17", [option] = typed };
                var (code, output, errors) = await ServerProcess.RunAsync(["worker", "enrol", .. words.SelectMany(w => new[] { w.Key, w.Value }), .. ServerProcess.Where(service.DataFolder, service.Database.Argument)]);
                printed = output;
                if (code == 0) return $"FC{n:D7}";
                Assert.True(code == 2 && errors.Trim().Length > 0, $"{code}: {errors}");
                return null;
            },
            Count = "select count(*) from worker",
            Whole = (typed, i) => isName ? $"Aziz {i} {typed}." : $"a{typed}z{i}@example.org",
            Takes = text => isName || ContactAddress.Email(text) == text,
            Recorded = async card => [await TextDoor.AskAsync<string>(service, recorded, new { card })],
            // The slip has the name; an address is shown to whoever signs in with it.
            Shown = async card => isName ? [printed] : await TextDoor.PagesAsync(await VisitAsync(service, card), "/account"),
            Verified = isName ? HolderAsync : null,
        };
    }

    static async Task<Visitor> VisitAsync(TestService service, string card)
    {
        service.Clock.Reset(SystemClock.Instance.GetCurrentInstant());
        var id = await TextDoor.AskAsync<long>(service, "select id from worker where card_number = @card", new { card });
        return await Visitor.SignInAsync(service, new TestWorker(id, card, new IdentityDocument("UZB", "AA" + card[2..], new LocalDate(1990, 5, 17)), ""));
    }
}
