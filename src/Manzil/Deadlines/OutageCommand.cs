using System.CommandLine;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Typing;
using NodaTime;
using NodaTime.Text;

namespace Manzil.Deadlines;

/// <summary>manzil outage record: an outage that heartbeats cannot see, such as an SMS gateway that was down.</summary>
public static class OutageCommand
{
    public static Command Create()
    {
        var from = new TypedArgument("FROM", TextKind.Digits) { Description = "The first day, such as 2026-05-04." };
        var to = new TypedArgument("TO", TextKind.Digits) { Description = "The last day; the same for one day." };
        var reason = new TypedOption("--reason", TextKind.Line) { Description = "What did not work, for everybody to read, without names of people.", HelpName = "TEXT", Required = true };
        var where = new ServiceOptions();
        var record = new Command("record", "State days on which the service did not work: they are no working days for workers.") { from, to, reason };
        where.AddTo(record);
        record.SetAction(async (parsed, cancellation) =>
        {
            await using var core = await Core.OpenAsync(where.Read(parsed));
            var now = core.Clock.GetCurrentInstant();
            Console.WriteLine(await RecordAsync(core, parsed.GetValue(from)!, parsed.GetValue(to)!, parsed.GetValue(reason)!, now));
            return 0;
        });
        return new Command("outage", "Days on which the service did not work.") { record };
    }

    public static async Task<string> RecordAsync(Core core, string fromText, string toText, string reason, Instant now)
    {
        var (from, to) = (DateOf(fromText, "FROM"), DateOf(toText, "TO"));
        if (reason.Length is < 1 or > RecordOutage.MaxReason)
            throw new CommandLineException($"--reason has 1 to {RecordOutage.MaxReason} characters.");
        if (to < from) throw new CommandLineException("TO must not lie before FROM.");
        if (to > core.Rules.DateOf(now)) throw new CommandLineException("An outage is recorded once it has been: TO must not lie after today.");
        if (Period.DaysBetween(from, to) >= RecordOutage.MaxDays) throw new CommandLineException($"One outage has at most {RecordOutage.MaxDays} days.");

        await core.CurrentRules.RefreshAsync(core.Database);
        var act = new RecordOutage(from, to, reason, core.CurrentRules) { ReceivedAt = now, Channel = RecordChannel.Operator };
        switch (await core.Writer.SubmitAsync(act))
        {
            case ActResult.Accepted accepted:
                await core.CurrentRules.RefreshAsync(core.Database);
                return $"""
                    Recorded, with receipt {accepted.Number}: {LocalDatePattern.Iso.Format(from)} to {LocalDatePattern.Iso.Format(to)} are no working days for workers.
                    Deadlines of workers that end later now: {act.Moved}. Those workers are told by the service within a minute.
                    It stands on /status and in the log for everybody.
                    """;
            case ActResult.Unavailable unavailable:
                throw new CommandLineException(unavailable.Sentence, 1);
            default:
                throw new CommandLineException("These days are recorded as outage days already.", 1);
        }
    }

    static LocalDate DateOf(string text, string name) =>
        LocalDatePattern.Iso.Parse(text) is { Success: true, Value: { Year: >= 2020 and < 2100 } date }
            ? date
            : throw new CommandLineException($"{name} must be a date such as 2026-05-04, not {text}.");
}
