using Manzil.Rules;
using NodaTime;
using static Manzil.Tests.Rules.RulesData;

namespace Manzil.Tests.Rules;

/// <summary>rules.md, Days: what was signed or turned away before a deadline, and follows within 24 hours, is in time.</summary>
public class InTimeTests
{
    static readonly Jurisdiction Moscow = DemoRules;
    static readonly Duration Moment = Duration.Epsilon;

    // Due on Wednesday 2026-12-23, silence over with Monday the 28th.
    static readonly RegisterEntry Entry = new() { Standing = Standing.Registered, LastTold = Date("2026-11-23"), NextDeadline = Date("2026-12-23") };
    static readonly Instant DueEnds = Instant.FromUtc(2026, 12, 23, 21, 0), SilenceEnds = Instant.FromUtc(2026, 12, 28, 21, 0);
    static readonly LocalDate Reminded = Date("2026-12-16");

    static LocalDate? Met(Instant sentAt, Instant receivedAt, RegisterEntry? entry = null, LocalDate? reminded = null) =>
        InTime.DeadlineMet(entry ?? Entry, reminded ?? Reminded, sentAt, receivedAt, Moscow);

    [Fact]
    public void DeadlineMet_SentInTheLastInstantAndArrivedInTheNext_IsTheDueDate() => Assert.Equal(Date("2026-12-23"), Met(DueEnds - Moment, DueEnds));

    [Fact]
    public void DeadlineMet_ArrivedInTheLastInstant_IsNullForNothingWasMissed() => Assert.Null(Met(DueEnds - Moment, DueEnds - Moment));

    [Fact]
    public void DeadlineMet_SentWhenTheDayHadEnded_IsNull() => Assert.Null(Met(DueEnds, DueEnds + Moment));

    [Fact]
    public void DeadlineMet_Exactly24HoursLater_IsTheDueDateAndAMomentMoreIsNull()
    {
        var sent = DueEnds - Moment;
        Assert.Equal(Date("2026-12-23"), Met(sent, sent + Duration.FromHours(24)));
        Assert.Null(Met(sent, sent + Duration.FromHours(24) + Moment));
    }

    [Fact]
    public void DeadlineMet_AfterTheDueDateAndBeforeTheSilencePeriodEnds_IsTheEndOfTheSilencePeriod()
    {
        Assert.Equal(Date("2026-12-28"), Met(SilenceEnds - Moment, SilenceEnds));
        Assert.Equal(Date("2026-12-28"), Met(SilenceEnds - Moment, SilenceEnds + Duration.FromHours(8), Entry with { Standing = Standing.UnderReview }));
        Assert.Null(Met(SilenceEnds, SilenceEnds + Moment));
    }

    [Fact]
    public void DeadlineMet_ReminderDeliveredLate_FollowsTheLongerSilencePeriod()
    {
        // Delivered on Friday the 25th: silence is over with Wednesday the 30th.
        var later = Instant.FromUtc(2026, 12, 30, 21, 0);
        Assert.Null(Met(SilenceEnds - Moment, SilenceEnds, reminded: Date("2026-12-25")));
        Assert.Equal(Date("2026-12-30"), Met(later - Moment, later, reminded: Date("2026-12-25")));
        Assert.Null(InTime.DeadlineMet(Entry, null, later - Moment, later, Moscow));
    }

    [Fact]
    public void DeadlineMet_PhoneClockAhead_IsNull() => Assert.Null(Met(DueEnds + Duration.FromHours(2), DueEnds + Duration.FromHours(1)));

    [Fact]
    public void DeadlineMet_NothingAskedOfTheWorker_IsNull()
    {
        Assert.Null(Met(DueEnds - Moment, DueEnds, Entry with { DepartureNumber = "0000-00000-00000" }));
        Assert.Null(Met(DueEnds - Moment, DueEnds, new RegisterEntry { Standing = Standing.Registered }));
        foreach (var standing in Enum.GetValues<Standing>().Where(s => s is not (Standing.Registered or Standing.UnderReview)))
            Assert.Null(Met(DueEnds - Moment, DueEnds, Entry with { Standing = standing }));
    }

    // An outage on the due date moves it to the 24th: who sent on the 24th was in time for that.
    [Fact]
    public void DeadlineMet_OutageOnTheDueDate_IsTheMovedOne()
    {
        var rules = Moscow.WithOutages([Date("2026-12-23")]);
        var end = Instant.FromUtc(2026, 12, 24, 21, 0);
        Assert.Equal(Date("2026-12-24"), InTime.DeadlineMet(Entry, Reminded, end - Moment, end, rules));
        Assert.Null(InTime.DeadlineMet(Entry, Reminded, DueEnds - Moment, DueEnds, rules));
    }

    // 2026-04-24 in Cairo has no midnight: Thursday the 23rd ends where the clocks jump from 00:00 to 01:00.
    [Fact]
    public void DeadlineMet_SkippedMidnight_EndsWhereTheNextDayBegins()
    {
        var rules = SmallRules.In("Africa/Cairo");
        var entry = new RegisterEntry { Standing = Standing.Registered, LastTold = Date("2026-03-24"), NextDeadline = Date("2026-04-23") };
        Assert.Empty(rules.Zone.MapLocal(Date("2026-04-24").AtMidnight()).Count == 0 ? [] : new[] { "the clocks of Cairo are other ones now" });
        var end = Instant.FromUtc(2026, 4, 23, 22, 0);
        Assert.Equal(Date("2026-04-23"), InTime.DeadlineMet(entry, null, end - Moment, end, rules));
        Assert.Null(InTime.DeadlineMet(entry, null, end, end + Moment, rules));
        Assert.Equal(Date("2026-04-23"), InTime.DeadlineMet(entry, null, end - Moment, end - Moment + Duration.FromHours(24), rules));
    }
}
