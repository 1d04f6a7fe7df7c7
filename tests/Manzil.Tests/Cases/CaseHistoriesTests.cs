using FsCheck;
using FsCheck.Fluent;
using Manzil.Rules;
using Manzil.Tests.Rules;
using NodaTime;

namespace Manzil.Tests.Cases;

/// <summary>Laws over random histories of acts, deliveries, bounces, outages and pauses, with a random clock.</summary>
public class CaseHistoriesTests
{
    /// <summary>One thing that happens: so many days later, something befalls the messages or the calendar, then somebody tries an act.</summary>
    sealed record Step(int Days, int Befalls, bool FromTable, int Pick, bool Ready, int Reason, bool Waits);

    static readonly Gen<Step> Steps =
        from days in Gen.Frequency((3, Gen.Constant(0)), (4, Gen.Choose(1, 6)), (2, Gen.Choose(7, 16)), (1, Gen.Choose(17, 60)))
        from befalls in Gen.Choose(0, 19)
        from fromTable in Gen.Elements(true, true, true, false)
        from pick in Gen.Choose(0, 9999)
        from ready in Gen.Elements(true, true, true, true, false)
        from reason in Gen.Choose(0, 3)
        from waits in Gen.Elements(true, false, false)
        select new Step(days, befalls, fromTable, pick, ready, reason, waits);

    /// <summary>One worker's case as the service keeps it, beside what the laws need to remember on their own.</summary>
    sealed class History
    {
        readonly List<LocalDate> _outages = [];
        readonly HashSet<string> _decided = [];

        RegisterEntry _entry = RegisterEntry.JustEnrolled with
        {
            Standing = Standing.Registered,
            Office = "NRV-01",
            RegisteredOn = new LocalDate(2026, 1, 12),
            ResidenceNumber = "residence",
            LastTold = new LocalDate(2026, 1, 12),
        };
        CaseFacts _facts = CaseFacts.None;
        LocalDate _today = new(2026, 1, 12);
        LocalDate _left;
        string? _proposed, _agreed;
        bool _appealOpen;

        public Jurisdiction Rules { get; private set; } = RulesData.DemoRules;

        public Dictionary<CaseAct, int> Done { get; } = [];

        public void Do(Step step)
        {
            // Whoever waits for a delivery lets the worker's ten working days pass and no more: by chance alone few cases get as far as the end.
            var waits = step.Waits && _facts.Stage is CaseStage.Open or CaseStage.RemovalPending;
            if (!waits) _today = _today.PlusDays(step.Days);
            Befall(step);
            if (waits) _today = _today.PlusDays(15 + step.Reason);
            var (act, who) = Pick(step);
            var actor = CaseTable.Actors[who];
            var words = new CaseWords
            {
                Reason = step.Ready ? $"Reason {step.Reason}" : null,
                GroundIsKnown = step.Ready,
                Facts = new string('f', 40),
                Change = "c",
                OpenedEveryAnswer = step.Ready,
                OpenedEveryDocument = step.Ready,
                IsSilent = step.Ready,
                DecidedAlready = _decided.Contains($"Reason {step.Reason}"),
                Fallen = step.Reason switch { 0 => Fallen.Steps, 1 => Fallen.Case, _ => Fallen.Nothing },
            };
            if (CaseRules.Refuse(act, actor, _facts, words, _entry.Standing, _today, Rules) is null)
            {
                Check(act, who, actor, step);
                Apply(act, actor, step);
            }

            if (_facts.Stage == CaseStage.Removed)
            {
                var reason = new CaseWords { Reason = "A reason." };
                Assert.Null(CaseRules.Refuse(CaseAct.Reinstate, CaseTable.Actors["R"], _facts, reason, _entry.Standing, _today, Rules));
                Assert.Null(CaseRules.Refuse(CaseAct.Appeal, Actor.Worker, _facts, CaseWords.Nothing, _entry.Standing, _today, Rules));
                Assert.Equal(Standing.Registered, CaseRules.Entry(_entry, CaseRules.After(CaseAct.Reinstate, _facts), _today, Rules).Standing);
            }
        }

        void Befall(Step step)
        {
            switch (step.Befalls)
            {
                case 0: _facts = _facts with { OpeningTold = null }; break;
                case 1: _facts = _facts with { DecisionTold = null }; break;
                case 2: _facts = _facts with { Paused = !_facts.Paused }; break;
                case 3:
                    // It comes to light late, as after a restart.
                    _outages.Add(_today.PlusDays(-1 - step.Reason));
                    Rules = RulesData.DemoRules.WithOutages(_outages.Distinct());
                    break;
                case < 14:
                    if (_facts.Stage != CaseStage.None) _facts = _facts with { OpeningTold = _facts.OpeningTold ?? _today };
                    if (_facts.Stage is CaseStage.RemovalPending or CaseStage.Suspended) _facts = _facts with { DecisionTold = _facts.DecisionTold ?? _today };
                    break;
            }
        }

        (CaseAct, string) Pick(Step step)
        {
            if (step.FromTable)
            {
                var rows = CaseTable.Possible.Keys.Where(k => k.From == _facts.Stage).ToList();
                // The calendar's closing and the worker's confirming would end most histories early.
                if (step.Pick % 3 > 0) rows.RemoveAll(r => r.Act is CaseAct.CloseForWorker or CaseAct.Confirm or CaseAct.Keep or CaseAct.CloseUnfounded or CaseAct.UndoSteps);
                // Whoever waited does what the wait was for.
                if (step.Waits && rows.Exists(r => r.Act is CaseAct.ProposeRemoval or CaseAct.PutInEffect)) rows.RemoveAll(r => r.Act is not (CaseAct.ProposeRemoval or CaseAct.PutInEffect));
                var row = rows[step.Pick % rows.Count];
                return (row.Act, row.Who);
            }

            var acts = Enum.GetValues<CaseAct>();
            return (acts[step.Pick % acts.Length], CaseTable.Actors.Keys.ElementAt(step.Pick / acts.Length % CaseTable.Actors.Count));
        }

        // The words of the issue and of rules.md, counted here in the other direction: how many working days have passed.
        void Check(CaseAct act, string who, Actor actor, Step step)
        {
            Assert.True(CaseTable.Has(_facts.Stage, act, actor), $"{_facts.Stage} {act} {who}");
            int Passed(LocalDate after, WorkingCalendar calendar) => calendar.WorkingDaysBetween(after, _today.PlusDays(-1));
            if (act is CaseAct.ProposeRemoval or CaseAct.Agree or CaseAct.PutInEffect or CaseAct.DecideAppealAgainstWorker)
            {
                Assert.NotNull(_facts.OpeningTold);
                Assert.True(Passed(_facts.OpeningTold.Value, Rules.WorkersCalendar) >= 10, "the answer period runs");
                Assert.True(Passed(_left, RulesData.DemoRules.Calendar) < (_appealOpen ? 15 : 20), "the authority's time was over");
                Assert.True(!_facts.Paused || act == CaseAct.DecideAppealAgainstWorker, "paused");
            }

            switch (act)
            {
                case CaseAct.Agree or CaseAct.Disagree:
                    Assert.NotEqual(_proposed, actor.StaffNumber);
                    break;
                case CaseAct.WithdrawProposal:
                    Assert.Equal(_proposed, actor.StaffNumber);
                    break;
                case CaseAct.DecideAppealForWorker or CaseAct.DecideAppealAgainstWorker:
                    Assert.True(_appealOpen && actor.StaffNumber != _proposed && actor.StaffNumber != _agreed);
                    break;
                case CaseAct.PutInEffect:
                    Assert.True(_proposed is not null && _agreed is not null && _proposed != _agreed && !_appealOpen);
                    Assert.NotNull(_facts.DecisionTold);
                    Assert.True(Passed(_facts.DecisionTold.Value, Rules.WorkersCalendar) >= 10, "the window is open");
                    break;
                case CaseAct.OpenWithReason:
                    Assert.DoesNotContain($"Reason {step.Reason}", _decided);
                    break;
                case CaseAct.CloseForWorker:
                    Assert.True(Passed(_left, RulesData.DemoRules.Calendar) >= (_appealOpen ? 15 : 20), "the authority's time runs");
                    break;
            }
        }

        // As the acts do it.
        void Apply(CaseAct act, Actor actor, Step step)
        {
            Done[act] = Done.GetValueOrDefault(act) + 1;
            var stage = CaseRules.After(act, _facts);
            var before = _facts;
            _facts = _facts with { Stage = stage };
            if (CaseRules.LeavesStep(act)) _facts = _facts with { StepLeft = _today };
            switch (act)
            {
                case CaseAct.OpenAfterSilence or CaseAct.OpenWithReason:
                    _facts = CaseFacts.None with
                    {
                        Stage = stage,
                        OpenedOn = _today,
                        StepLeft = _today,
                        Paused = before.Paused,
                        Ground = act == CaseAct.OpenAfterSilence ? CaseGround.Silence : CaseGround.Other,
                    };
                    if (act == CaseAct.OpenWithReason) _decided.Add($"Reason {step.Reason}");
                    break;
                case CaseAct.ProposeRemoval: _facts = _facts with { ProposedBy = actor.StaffNumber, AgreedBy = null }; break;
                case CaseAct.Disagree or CaseAct.WithdrawProposal: _facts = _facts with { ProposedBy = null }; break;
                case CaseAct.Agree: _facts = _facts with { AgreedBy = actor.StaffNumber, DecisionTold = null }; break;
                case CaseAct.DecideAppealAgainstWorker: _facts = _facts with { DecisionTold = null }; break;
                case CaseAct.UndoSteps: _facts = _facts with { ProposedBy = null, AgreedBy = null, OpeningTold = null, DecisionTold = null, StepLeft = _facts.OpenedOn }; break;
            }

            if (act is not CaseAct.Answer && !(act == CaseAct.Confirm && before.Ground == CaseGround.Other)) _entry = CaseRules.Entry(_entry, stage, _today, Rules);
            if (stage == CaseStage.None)
            {
                _facts = CaseFacts.None with { Paused = before.Paused };
                Assert.Equal(Standing.Registered, _entry.Standing);
                Assert.True(_entry.LastTold == _today && _entry.NextDeadline > _today, "a closed case starts a new period");
            }

            // Remembered apart: the acts that leave the next step to the authority.
            if (act is CaseAct.OpenAfterSilence or CaseAct.OpenWithReason or CaseAct.Agree or CaseAct.Appeal or CaseAct.DecideAppealAgainstWorker) _left = _today;
            if (act == CaseAct.UndoSteps) (_left, _proposed, _agreed) = (before.OpenedOn, null, null);
            if (act == CaseAct.ProposeRemoval) (_proposed, _agreed) = (actor.StaffNumber, null);
            if (act == CaseAct.Agree) _agreed = actor.StaffNumber;
            _appealOpen = act == CaseAct.Appeal || (_appealOpen && act is CaseAct.Answer or CaseAct.Confirm && stage == CaseStage.Suspended);
        }
    }

    [Fact]
    public void History_AnyActsAndAnyClock_KeepsEveryPromiseOfTheRules()
    {
        var done = new Dictionary<CaseAct, int>();
        var histories = 0;
        Prop.ForAll(Steps.ListOf(60).ToArbitrary(), steps =>
        {
            var history = new History();
            foreach (var step in steps) history.Do(step);
            foreach (var (act, times) in history.Done) done[act] = done.GetValueOrDefault(act) + times;
            histories++;
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
        TestContext.Current.TestOutputHelper?.WriteLine($"{histories} histories: {string.Join(", ", done.OrderBy(d => d.Key).Select(d => $"{d.Key} {d.Value}"))}");
        // A law that nothing tried is not kept.
        foreach (var act in Enum.GetValues<CaseAct>()) Assert.True(done.GetValueOrDefault(act) >= 20, $"{act} came about {done.GetValueOrDefault(act)} times");
    }
}
