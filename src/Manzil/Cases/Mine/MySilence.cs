using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Cases.Mine;

/// <summary>What runs for a worker whose due date has passed, as that worker needs to know it.</summary>
/// <param name="Period">The silence period; null where none runs, since no reminder was delivered or no calendar covers its end.</param>
/// <param name="WorkingDaysLeft">Null where its last day has passed.</param>
/// <param name="IsUnreached">No reminder of this period was delivered: the clock waits.</param>
public sealed record MySilence(SilencePeriod? Period, int? WorkingDaysLeft, bool IsUnreached)
{
    /// <summary>Null where nothing is late, or silence leads to nothing.</summary>
    public static async Task<MySilence?> FindAsync(Database database, Worker worker, Jurisdiction rules, LocalDate today)
    {
        var entry = worker.Entry;
        if (entry.Standing != Standing.Registered || entry.DepartureNumber is not null) return null;
        if (entry.Due(rules.WorkersCalendar, rules.Intervals) is not { } due || today <= due) return null;
        await using var connection = await database.OpenAsync();
        var first = await PeriodReminders.FirstDeliveredAsync(connection, null, worker.Id);
        var told = await ToldUntil.OfSilenceAsync(connection, null, worker.Id);
        var period = Silence.PeriodAfter(due, first is { } at ? rules.DateOf(at) : null, rules, told);
        if (period is { AsTold: false } shown && await PeriodReminders.BegunByAsync(connection, worker.Id) is { } act)
            await ToldUntil.ShowAsync(connection, worker.Id, act, shown.From, shown.Ends, told);
        return new MySilence(period, period is { } p && today <= p.Ends ? rules.WorkersCalendar.FindWorkingDaysBetween(today, p.Ends) : null, first is null);
    }
}
