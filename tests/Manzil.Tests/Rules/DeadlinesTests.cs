using Manzil.Rules;
using NodaTime;
using static Manzil.Tests.Rules.RulesData;

namespace Manzil.Tests.Rules;

using Deadlines = Manzil.Rules.Deadlines;

public class DeadlinesTests
{
    static readonly Intervals Intervals = new();

    [Theory]
    [InlineData("2024-04-26", 1, "2024-04-27")]
    [InlineData("2024-04-26", 3, "2024-05-03")]
    [InlineData("2024-12-27", 2, "2025-01-09")]
    [InlineData("2025-12-30", 3, "2026-01-14")]
    public void AddWorkingDays_PublishedCalendars_GivesWorkedExamples(string from, int days, string expected) =>
        Assert.Equal(Date(expected), Published().AddWorkingDays(Date(from), days));

    [Theory]
    [InlineData("2025-12-10", null, "2026-01-12", "2026-01-15", "2026-01-16", "2026-01-30")]
    [InlineData("2026-02-06", null, "2026-03-10", "2026-03-13", "2026-03-14", "2026-03-27")]
    [InlineData("2026-04-01", null, "2026-05-04", "2026-05-07", "2026-05-08", "2026-05-25")]
    [InlineData("2026-04-01", "2026-05-04", "2026-05-05", "2026-05-08", "2026-05-09", null)]
    [InlineData("2026-04-01", "2026-05-06", "2026-05-04", "2026-05-08", "2026-05-09", null)]
    [InlineData("2024-03-28", null, "2024-04-27", "2024-05-06", "2024-05-07", "2024-05-23")]
    [InlineData("2026-10-05", null, "2026-11-05", "2026-11-10", "2026-11-11", "2026-11-25")]
    public void Confirmation_PublishedCalendars_GivesEveryColumn(string last, string? outage, string due, string silence, string open, string? answer) =>
        AssertRow(Published(), last, outage, due, silence, open, answer);

    [Theory]
    [InlineData("2025-12-05", null, "2026-01-09", "2026-01-14", "2026-01-15", "2026-01-29")]
    [InlineData("2026-02-20", null, "2026-03-24", "2026-03-27", "2026-03-28", "2026-04-10")]
    [InlineData("2025-05-06", null, "2025-06-07", "2025-06-11", "2025-06-12", "2025-06-26")]
    [InlineData("2025-05-06", "2025-06-07", "2025-06-09", "2025-06-12", "2025-06-13", "2025-06-27")]
    [InlineData("2025-05-06", "2025-06-10", "2025-06-07", "2025-06-12", "2025-06-13", "2025-06-27")]
    public void Confirmation_DemoCalendar_GivesEveryColumn(string last, string? outage, string due, string silence, string open, string? answer) =>
        AssertRow(DemoRules.Calendar, last, outage, due, silence, open, answer);

    static void AssertRow(WorkingCalendar calendar, string last, string? outage, string due, string silence, string open, string? answer)
    {
        if (outage is not null)
            calendar = calendar.WithOutages([Date(outage)]);
        Assert.Equal(Date(due), Deadlines.ConfirmationDue(Date(last), calendar, Intervals));
        Assert.Equal(Date(silence), Deadlines.SilenceEnds(Date(due), Date(due).PlusDays(-7), calendar, Intervals));
        var mayOpen = Deadlines.CaseMayOpen(Date(silence), calendar);
        Assert.Equal(Date(open), mayOpen);
        if (answer is not null)
            Assert.Equal(Date(answer), Deadlines.AnswerUntil(mayOpen, calendar, Intervals));
    }

    [Fact]
    public void ConfirmationDue_YearWithoutCalendar_IsNull()
    {
        Assert.Equal(Date("2040-12-31"), Deadlines.ConfirmationDue(Date("2040-12-01"), DemoRules.Calendar, Intervals));
        Assert.Null(Deadlines.ConfirmationDue(Date("2040-12-02"), DemoRules.Calendar, Intervals));
        Assert.Null(Deadlines.ConfirmationDue(Date("2024-11-01"), DemoRules.Calendar, Intervals));
        Assert.Null(Deadlines.ConfirmationDue(LocalDate.MaxIsoValue, DemoRules.Calendar, Intervals));
        var lastDayOut = DemoRules.Calendar.WithOutages([Date("2040-12-31")]);
        Assert.Null(Deadlines.ConfirmationDue(Date("2040-12-01"), lastDayOut, Intervals));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("2025-05-31", "2025-06-11")]
    [InlineData("2025-06-07", "2025-06-11")]
    [InlineData("2025-06-11", "2025-06-16")]
    public void SilenceEnds_FollowsTheFirstDeliveredReminder(string? delivered, string? expected) =>
        Assert.Equal(DateOrNull(expected), Deadlines.SilenceEnds(Date("2025-06-07"), DateOrNull(delivered), DemoRules.Calendar, Intervals));

    [Fact]
    public void ReminderDates_Default_AreSevenDaysOneDayAndNoneBefore() =>
        Assert.Equal([Date("2026-02-24"), Date("2026-03-02"), Date("2026-03-03")], Deadlines.ReminderDates(Date("2026-03-03"), Intervals));

    [Fact]
    public void OtherPeriods_DemoCalendar_CountWorkingDays()
    {
        var from = Date("2025-12-22");
        Assert.Equal(Date("2026-01-13"), Deadlines.AppealUntil(from, DemoRules.Calendar, Intervals));
        Assert.Equal(Date("2026-01-20"), Deadlines.AuthorityAppealUntil(from, DemoRules.Calendar, Intervals));
        Assert.Equal(Date("2026-01-27"), Deadlines.AuthorityStepUntil(from, DemoRules.Calendar, Intervals));
    }

    [Theory]
    [InlineData("2025-06-04", "2025-06-04", "2025-06-10")]
    [InlineData("2025-06-30", "2025-06-04", "2025-06-30")]
    [InlineData("2041-01-30", "2040-12-31", null)]
    public void DepartureTakesEffect_NotBeforeEveryChannelWasTold(string departure, string told, string? expected) =>
        Assert.Equal(DateOrNull(expected), Deadlines.DepartureTakesEffect(Date(departure), Date(told), DemoRules.Calendar, Intervals));

    [Theory]
    [InlineData("2026-03-02", "2026-03-03", "2026-03-03")]
    [InlineData("2026-03-03", "2026-03-02", "2026-03-03")]
    [InlineData("2026-03-03", null, "2026-03-03")]
    [InlineData(null, "2026-03-03", "2026-03-03")]
    [InlineData(null, null, null)]
    public void InWorkersFavour_IsTheLater(string? told, string? recomputed, string? expected) =>
        Assert.Equal(DateOrNull(expected), Deadlines.InWorkersFavour(DateOrNull(told), DateOrNull(recomputed)));

    // What the worker is shown of it: from when it counts, until when, and whether an outage made it longer.
    [Theory]
    [InlineData("2026-01-12", "2026-01-05", null, "2026-01-12 2026-01-15 False False")]
    [InlineData("2026-01-12", "2026-01-13", null, "2026-01-13 2026-01-16 True False")]
    [InlineData("2026-05-04", "2026-04-27", "2026-05-06", "2026-05-04 2026-05-08 False True")]
    [InlineData("2026-05-04", null, null, "")]
    public void PeriodAfter_DueDateAndFirstReminder_CountsFromTheLaterOne(string due, string? delivered, string? outage, string expected)
    {
        var rules = outage is null ? DemoRules : DemoRules.WithOutages([Date(outage)]);
        var period = Silence.PeriodAfter(Date(due), DateOrNull(delivered), rules);
        Assert.Equal(expected, period is null ? "" : $"{Iso(period.From)} {Iso(period.Ends)} {period.AfterReminder} {period.LongerByOutage}");
    }

    static string Iso(LocalDate date) => NodaTime.Text.LocalDatePattern.Iso.Format(date);
}
