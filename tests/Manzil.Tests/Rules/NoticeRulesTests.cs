using FsCheck;
using FsCheck.Fluent;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Tests.Rules;

/// <summary>Every (standing, departure, residence, kind) against the table below, and laws over random histories.</summary>
public class NoticeRulesTests
{
    static readonly Jurisdiction Rules = RulesData.DemoRules;
    static readonly LocalDate Today = new(2026, 11, 23);

    // A departure: none; told and not yet in effect; in effect; a day long past whose channels were never told, so not in effect.
    enum Leaving
    {
        None,
        Told,
        InEffect,
        Untold,
    }

    // Columns: registration, residence, confirmation without and with a residence, departure, correction of a residence,
    // correction of this departure and of another, withdrawal of this departure and of another.
    // ok, or the refusal: AR already registered, NR not registered, No no residence, DT departure told, En ended, Rm removed,
    // AP already replaced, NU nothing to undo; - cannot be asked.
    const string Table = """
        Enrolled       None      ok NR NR NR NR NR -  NR -  NU
        Enrolled       Told      ok NR NR NR NR NR NR NR ok NU
        Enrolled       InEffect  ok NR NR NR NR NR NR NR ok NU
        Enrolled       Untold    ok NR NR NR NR NR NR NR ok NU
        Registered     None      AR ok No ok ok ok -  AP -  NU
        Registered     Told      DT DT DT DT DT ok ok AP ok NU
        Registered     InEffect  ok En En En En ok ok AP ok NU
        Registered     Untold    DT DT DT DT DT ok ok AP ok NU
        UnderReview    None      AR ok No ok ok ok -  AP -  NU
        UnderReview    Told      DT DT DT DT DT ok ok AP ok NU
        UnderReview    InEffect  ok En En En En ok ok AP ok NU
        UnderReview    Untold    DT DT DT DT DT ok ok AP ok NU
        RemovalPending None      AR ok No ok RP ok -  AP -  NU
        RemovalPending Told      DT DT DT DT DT ok ok AP ok NU
        RemovalPending InEffect  DT DT DT DT DT ok ok AP ok NU
        RemovalPending Untold    DT DT DT DT DT ok ok AP ok NU
        Removed        None      Rm Rm Rm Rm Rm Rm -  Rm -  NU
        Removed        Told      Rm Rm Rm Rm Rm Rm Rm Rm ok NU
        Removed        InEffect  Rm Rm Rm Rm Rm Rm Rm Rm ok NU
        Removed        Untold    Rm Rm Rm Rm Rm Rm Rm Rm ok NU
        """;

    static readonly Dictionary<string, NoticeRefusal> Refusals = new()
    {
        ["AR"] = NoticeRefusal.AlreadyRegistered,
        ["NR"] = NoticeRefusal.NotRegistered,
        ["No"] = NoticeRefusal.NoResidence,
        ["DT"] = NoticeRefusal.DepartureTold,
        ["En"] = NoticeRefusal.Ended,
        ["Rm"] = NoticeRefusal.Removed,
        ["RP"] = NoticeRefusal.RemovalPending,
        ["AP"] = NoticeRefusal.AlreadyReplaced,
        ["NU"] = NoticeRefusal.NothingToUndo,
    };

    static readonly (NoticeKind Kind, bool? NeedsResidence, string? Replaces)[] Columns =
    [
        (NoticeKind.Registration, null, null),
        (NoticeKind.Residence, null, null),
        (NoticeKind.Confirmation, false, null),
        (NoticeKind.Confirmation, true, null),
        (NoticeKind.Departure, null, null),
        (NoticeKind.CorrectedResidence, null, "residence"),
        (NoticeKind.CorrectedDeparture, null, "departure"),
        (NoticeKind.CorrectedDeparture, null, "other"),
        (NoticeKind.Withdrawal, null, "departure"),
        (NoticeKind.Withdrawal, null, "other"),
    ];

    [Fact]
    public void Consider_EveryStandingDepartureResidenceAndKind_AnswersAsTheTable()
    {
        var table = Table.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .ToDictionary(row => (row[0], row[1]), row => row[2..]);
        var asked = 0;
        foreach (var standing in Enum.GetValues<Standing>().Where(s => s != Standing.Ended))
        {
            foreach (var leaving in Enum.GetValues<Leaving>())
            {
                var row = table[(standing.ToString(), leaving.ToString())];
                Assert.Equal(Columns.Length, row.Length);
                foreach (var hasResidence in new[] { false, true })
                {
                    for (var i = 0; i < Columns.Length; i++)
                    {
                        if (row[i] == "-" || (Columns[i].NeedsResidence ?? hasResidence) != hasResidence) continue;
                        AssertAnswer(Entry(standing, leaving, hasResidence), Columns[i].Kind, Columns[i].Replaces, row[i], $"{standing} {leaving} {hasResidence} column {i}");
                        asked++;
                    }
                }
            }
        }

        // 20 rows of 8 columns twice and 2 once, without the 5 × 2 × 2 that cannot be asked
        Assert.Equal((20 * 18) - 20, asked);
        Assert.Equal(Enum.GetValues<NoticeKind>(), Columns.Select(c => c.Kind).Distinct().Order());
        Assert.Equal(20, table.Count);
    }

    static void AssertAnswer(RegisterEntry entry, NoticeKind kind, string? replaces, string expected, string what)
    {
        var outcome = Consider(entry, new NoticeFacts(kind, "new", kind is NoticeKind.Registration or NoticeKind.Confirmation or NoticeKind.Withdrawal ? null : Today, replaces), Today);
        Assert.True(outcome.Refusal == (expected == "ok" ? null : Refusals[expected]), $"{what}: {outcome.Refusal}");
        if (outcome.Refusal is not null)
        {
            Assert.Same(entry, outcome.After);
            return;
        }

        var after = outcome.After;
        // A registration sets a standing, and saying where one lives closes a case about silence; a departure never does, so
        // that undoing one leaves no gap.
        var standing = kind is NoticeKind.Registration or NoticeKind.Residence or NoticeKind.Confirmation ? Standing.Registered : entry.Standing;
        Assert.Equal(standing, after.Standing);
        switch (kind)
        {
            case NoticeKind.Registration:
                Assert.Equal(RegisterEntry.JustEnrolled with { Standing = Standing.Registered, Office = "NRV-01", RegisteredOn = Today }, after);
                break;
            case NoticeKind.Residence:
                Assert.Equal(("new", Today, Today, new LocalDate(2026, 12, 23)), (after.ResidenceNumber, after.ResidenceFrom, after.LastTold, after.NextDeadline));
                break;
            case NoticeKind.Confirmation:
                Assert.Equal(entry with { Standing = standing, LastTold = Today, NextDeadline = new LocalDate(2026, 12, 23) }, after);
                break;
            case NoticeKind.CorrectedResidence:
                Assert.Equal(entry.ResidenceNumber is null ? entry : entry with { ResidenceNumber = "new", ResidenceFrom = Today }, after);
                break;
            case NoticeKind.Departure or NoticeKind.CorrectedDeparture:
                Assert.Equal(entry with { DepartureNumber = "new", DepartureOn = Today, DepartureTold = Today }, after);
                Assert.Equal(new LocalDate(2026, 11, 26), outcome.EffectiveFrom);
                break;
            default:
                Assert.Equal((null, null, null), (after.DepartureNumber, after.DepartureOn, after.DepartureTold));
                Assert.Equal(entry.Standing, after.StandingOn(Today, Rules.Calendar, Rules.Intervals));
                break;
        }
    }

    [Theory]
    [InlineData(NoticeKind.Residence, -3651, NoticeRefusal.ResidenceTooEarly)]
    [InlineData(NoticeKind.Residence, -3650, null)]
    [InlineData(NoticeKind.Residence, 90, null)]
    [InlineData(NoticeKind.Residence, 91, NoticeRefusal.ResidenceTooLate)]
    [InlineData(NoticeKind.CorrectedResidence, -3651, NoticeRefusal.ResidenceTooEarly)]
    [InlineData(NoticeKind.CorrectedResidence, 91, NoticeRefusal.ResidenceTooLate)]
    [InlineData(NoticeKind.Departure, -31, NoticeRefusal.DepartureTooEarly)]
    [InlineData(NoticeKind.Departure, -30, null)]
    [InlineData(NoticeKind.Departure, 365, null)]
    [InlineData(NoticeKind.Departure, 366, NoticeRefusal.DepartureTooLate)]
    public void Consider_DateAtTheLimit_IsRefusedPastIt(NoticeKind kind, int days, NoticeRefusal? refusal) =>
        Assert.Equal(refusal, Consider(Entry(Standing.Registered, Leaving.None, true), new NoticeFacts(kind, "new", Today.PlusDays(days), "residence"), Today).Refusal);

    [Fact]
    public void Consider_ResidenceBeforeBirth_IsRefused()
    {
        var entry = Entry(Standing.Registered, Leaving.None, false);
        NoticeRefusal? Ask(int days) => NoticeRules.Consider(
            entry, new NoticeFacts(NoticeKind.Residence, "new", Today.PlusDays(days)), Today, "NRV-01", Today.PlusDays(-7), true, Rules).Refusal;
        Assert.Equal((null, NoticeRefusal.ResidenceTooEarly), (Ask(-7), Ask(-8)));
    }

    [Fact]
    public void Consider_ChannelsNotYetTold_EndsNothing()
    {
        var outcome = NoticeRules.Consider(
            Entry(Standing.Registered, Leaving.None, true), new NoticeFacts(NoticeKind.Departure, "new", Today), Today, "NRV-01", null, false, Rules);
        Assert.Null(outcome.After.DepartureTold);
        Assert.Equal(Standing.Registered, outcome.After.StandingOn(Today.PlusDays(3000), Rules.Calendar, Rules.Intervals));
    }

    sealed record Step(int Days, NoticeKind Kind, int DateDays, bool ReplacesRight);

    static readonly Gen<Step> Steps =
        from days in Gen.Frequency((2, Gen.Constant(0)), (3, Gen.Choose(0, 10)), (1, Gen.Choose(0, 200)))
        from kind in Gen.Elements(Enum.GetValues<NoticeKind>())
        from date in Gen.Choose(-400, 400)
        from right in Gen.Elements(true, true, true, false)
        select new Step(days, kind, date, right);

    [Fact]
    public void History_AnyNotices_NeverMoveADeadlineAgainstTheWorkerAndUndoGivesBackTheStanding()
    {
        var (undone, moved) = (0, 0);
        Prop.ForAll(Steps.ListOf(40).ToArbitrary(), steps =>
        {
            var (today, entry) = (new LocalDate(2026, 1, 12), RegisterEntry.JustEnrolled);
            var beforeDeparture = Standing.Enrolled;
            var number = 0;
            foreach (var step in steps)
            {
                today = today.PlusDays(step.Days);
                var standing = entry.StandingOn(today, Rules.Calendar, Rules.Intervals);
                var replaces = step.Kind switch
                {
                    NoticeKind.CorrectedResidence => entry.ResidenceNumber,
                    NoticeKind.CorrectedDeparture or NoticeKind.Withdrawal => entry.DepartureNumber,
                    _ => null,
                };
                var facts = new NoticeFacts(step.Kind, $"{++number}", today.PlusDays(step.DateDays), step.ReplacesRight ? replaces : "other");
                var outcome = Consider(entry, facts, today);
                var after = outcome.After;
                if (outcome.Refusal is not null)
                {
                    if (!ReferenceEquals(after, entry)) return false;
                    continue;
                }

                // A registration begins anew, with nothing due.
                if (step.Kind == NoticeKind.Registration ? after.NextDeadline is not null : entry.NextDeadline > after.NextDeadline) return false;
                if (entry.NextDeadline != after.NextDeadline) moved++;
                if (step.Kind == NoticeKind.Departure) beforeDeparture = standing;
                if (step.Kind == NoticeKind.Withdrawal)
                {
                    undone++;
                    if (after.StandingOn(today, Rules.Calendar, Rules.Intervals) != beforeDeparture) return false;
                    if ((after.Office, after.RegisteredOn, after.ResidenceNumber) != (entry.Office, entry.RegisteredOn, entry.ResidenceNumber)) return false;
                    // What it was, the period included, whether a calendar covers it or not.
                    if (after != entry with { DepartureNumber = null, DepartureOn = null, DepartureTold = null }) return false;
                }

                entry = after;
            }

            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
        Assert.True(undone > 100 && moved > 100, $"too few histories tell anything: {undone} undone, {moved} moved");
    }

    static NoticeOutcome Consider(RegisterEntry entry, NoticeFacts notice, LocalDate today) =>
        NoticeRules.Consider(entry, notice, today, "NRV-01", new LocalDate(1990, 5, 17), everyChannelTold: true, Rules);

    static RegisterEntry Entry(Standing standing, Leaving leaving, bool hasResidence)
    {
        var entry = new RegisterEntry { Standing = standing };
        if (standing != Standing.Enrolled) entry = entry with { Office = "NRV-02", RegisteredOn = Today.PlusDays(-100) };
        if (hasResidence)
            entry = entry with { ResidenceNumber = "residence", ResidenceFrom = Today.PlusDays(-90), LastTold = Today.PlusDays(-20), NextDeadline = Today.PlusDays(10) };
        return leaving switch
        {
            Leaving.None => entry,
            Leaving.Told => entry with { DepartureNumber = "departure", DepartureOn = Today.PlusDays(5), DepartureTold = Today },
            Leaving.InEffect => entry with { DepartureNumber = "departure", DepartureOn = Today.PlusDays(-20), DepartureTold = Today.PlusDays(-20) },
            _ => entry with { DepartureNumber = "departure", DepartureOn = Today.PlusDays(-20) },
        };
    }
}
