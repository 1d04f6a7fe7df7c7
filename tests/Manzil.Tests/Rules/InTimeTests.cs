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

    // Told on Monday 2026-11-23 that a case is open, and on Wednesday 2026-12-09 of a decision: to answer until 2026-12-08, to appeal until 2026-12-23.
    static readonly CaseFacts Facts = new() { Stage = CaseStage.RemovalPending, OpenedOn = Date("2026-11-23"), OpeningTold = Date("2026-11-23"), DecisionTold = Date("2026-12-09"), StepLeft = Date("2026-12-09") };

    [Theory]
    [InlineData(CaseAct.Answer, "2026-12-08")]
    [InlineData(CaseAct.Appeal, "2026-12-23")]
    public void CaseDeadlineMet_SentInTheLastInstantAndFollowingWithin24Hours_IsTheEndOfTheWorkersTime(CaseAct act, string until)
    {
        var end = Moscow.EndOfDay(Date(until));
        LocalDate? Met(Instant sentAt, Instant receivedAt, CaseFacts? facts = null) => InTime.CaseDeadlineMet(act, facts ?? Facts, sentAt, receivedAt, Moscow);
        Assert.Equal(Date(until), Met(end - Moment, end));
        Assert.Equal(Date(until), Met(end - Moment, end - Moment + Duration.FromHours(24)));
        Assert.Null(Met(end - Moment, end + Duration.FromHours(24)));
        Assert.Null(Met(end - Moment, end - Moment));
        Assert.Null(Met(end, end + Moment));
        Assert.Null(Met(end + Moment, end));
        Assert.Null(Met(end - Moment, end, CaseFacts.None));
        // What the worker was told is later, and nothing was missed then.
        Assert.Null(Met(end - Moment, end, Facts with { AnswerTold = Date("2026-12-24"), AppealTold = Date("2026-12-24") }));
    }

    [Fact]
    public void CaseDeadlineMet_ActThatWaitsForNoWorker_IsNull() =>
        Assert.All(CaseRules.Acts.Except([CaseAct.Answer, CaseAct.Appeal]), act => Assert.Null(InTime.CaseDeadlineMet(act, Facts, Moscow.EndOfDay(Date("2026-12-23")) - Moment, Moscow.EndOfDay(Date("2026-12-23")), Moscow)));

    [Fact]
    public void Refuse_AppealSentInTimeThatArrivedLate_NeedsNoReason()
    {
        CaseRefusal? Late(CaseWords words) => CaseRules.Refuse(CaseAct.Appeal, Actor.Worker, Facts, words, Standing.RemovalPending, Date("2026-12-24"), Moscow);
        Assert.Equal(CaseRefusal.ReasonMissing, Late(CaseWords.Nothing));
        Assert.Null(Late(CaseWords.Nothing with { IsSentInTime = true }));
        // An answer without words is none, whenever it was sent.
        Assert.Equal(CaseRefusal.TextMissing, CaseRules.Refuse(
            CaseAct.Answer, Actor.Worker, Facts with { Stage = CaseStage.Open }, CaseWords.Nothing with { IsSentInTime = true }, Standing.UnderReview, Date("2026-12-08"), Moscow));
    }
}
