using Manzil.Rules;
using NodaTime;

namespace Manzil.Home;

/// <summary>
/// From where a worker stands to what their page says: no clock, no database, no page. Every row of it stands in the tests
/// (tests/Manzil.Tests/Home/home.txt).
/// </summary>
public static class HomeSays
{
    public static HomeWords Of(HomeFacts facts) => StateOf(facts) switch
    {
        "ended" => Ended(facts),
        "leaving" => Leaving(facts),
        "enrolled" => new HomeWords("enrolled", "card", Title("enrolled"))
        {
            Standing = [new("home.enrolled.detail")],
            Last = Last(facts),
            Ways = [new(WayKind.Register, new("home.do-register", ("office", facts.Office)))],
        },
        "registered" => Registered(facts),
        var state => OfCase(facts, state),
    };

    /// <summary>A registration that has ended comes first, then a case, then a departure that is told.</summary>
    static string StateOf(HomeFacts facts) =>
        facts.Standing == Standing.Ended ? "ended"
        : facts.Case is { } open ? open.State
        : facts.Standing == Standing.Enrolled ? "enrolled"
        : facts.IsLeaving ? "leaving"
        : "registered";

    static Sentence Title(string state) => new($"home.{state}.title");

    static HomeWords Registered(HomeFacts facts)
    {
        var words = new HomeWords("registered", "house-ticked", Title("registered")) { Standing = [new("home.registered.detail")], Last = Last(facts) };
        if (!facts.HasAddress) return words with { Sign = "clock", Ways = [new(WayKind.TellAddress, new("home.do-residence"))] };
        if (facts.Due is not { } due) return words with { ToDo = [new("home.no-date")], Ways = [new(WayKind.ConfirmPage)] };
        words = words with { HowCounted = [HowDue(facts)] };
        if (facts.Today > due) return Late(words, facts, due);
        Sentence left = facts.Today == due ? new("home.last-day") : new("home.working-days-left", ("count", facts.WorkingDaysLeft ?? 0));
        IReadOnlyList<Sentence> time = facts.Today == due || facts.WorkingDaysLeft is not null ? [left] : [];
        if (facts.IsToConfirm) return words with { Sign = "clock", ByWhen = new("home.do-confirm", ("date", due)), ToDo = time, Ways = [new(WayKind.Confirm)] };
        return words with
        {
            ByWhen = new("home.next-confirm", ("date", due)),
            ToDo = [.. time, facts.HasChannel ? new("home.remind", ("count", facts.RemindDays)) : new("home.remind-nowhere")],
            Ways = facts.HasChannel ? [new(WayKind.ConfirmPage)] : [new(WayKind.ConfirmPage), new(WayKind.AddChannel)],
        };
    }

    static HomeWords Late(HomeWords words, HomeFacts facts, LocalDate due)
    {
        words = words with { Sign = "clock", Ways = [new(WayKind.Confirm)] };
        if (facts.Silence is not { Period: { } silence, WorkingDaysLeft: { } left })
        {
            return words with
            {
                ByWhen = new("home.was-due", ("date", due)),
                ToDo = facts.Silence is { IsUnreached: true } ? [new("home.late"), new("home.silence-waits")] : [new("home.late")],
            };
        }

        return words with
        {
            ByWhen = new("home.silence-until", ("date", silence.Ends)),
            ToDo = [new("home.working-days-left", ("count", left)), new("home.silence-then"), new("home.late")],
            HowCounted =
            [
                new("home.was-due", ("date", due)),
                .. words.HowCounted,
                new(silence.AfterReminder ? "home.silence-after-reminder" : "home.silence-after-due", ("count", facts.Intervals.SilenceWorkingDays), ("date", silence.From)),
                .. silence.LongerByOutage ? [new("home.silence-outage")] : (Sentence[])[],
                .. silence.AsTold ? [new("home.why-told")] : (Sentence[])[],
            ],
        };
    }

    static Sentence HowDue(HomeFacts facts) => facts.WhyDue switch
    {
        DueReason.Period => HowDue("home.why-period", facts),
        DueReason.NextWorkingDay => HowDue("home.why-day-off", facts),
        DueReason.Outage => HowDue("home.why-outage", facts),
        _ => new("home.why-told"),
    };

    static Sentence HowDue(string key, HomeFacts facts) => new(key, ("count", facts.Intervals.ConfirmEveryDays), ("date", facts.Entry.LastTold!.Value));

    static HomeWords Leaving(HomeFacts facts) => new("leaving", "door", Title("leaving"))
    {
        Standing = [LeavingOn(facts)],
        Last = Last(facts),
        ByWhen = EndsOn(facts),
        ToDo = facts.Entry.DepartureTold is null ? [new("home.leaving.once-told"), new("home.leaving.meanwhile")] : [new("home.leaving.meanwhile")],
        Ways = [new(WayKind.UndoDeparture, new("home.do-undo")), new(WayKind.CorrectDeparture)],
    };

    static Sentence LeavingOn(HomeFacts facts) => new("home.leaving.detail", ("date", facts.Entry.DepartureOn!.Value));

    static Sentence? EndsOn(HomeFacts facts) =>
        facts.Ends is { } ends ? new(facts.Entry.DepartureTold is null ? "home.leaving.ends-earliest" : "home.leaving.ends", ("date", ends)) : null;

    static HomeWords Ended(HomeFacts facts) => new("ended", "door", Title("ended"))
    {
        Standing = [new("home.ended.detail", ("date", facts.Entry.DepartureOn!.Value))],
        Last = Last(facts),
        ToDo = [new("home.ended.nothing")],
        Ways = [new(WayKind.UndoDeparture, new("home.do-undo-ended")), new(WayKind.RegisterAgain, new("home.do-register-again"))],
    };

    static HomeWords OfCase(HomeFacts facts, string state)
    {
        var open = facts.Case!;
        var words = new HomeWords(state, SignOf(state), new($"case.now.{state}.title"))
        {
            IsOfCase = true,
            Standing = [.. StandingInCase(facts, state)],
            Reason = state == "other" ? open.File.Reason : null,
            Last = Last(facts),
            Ways = [.. WaysInCase(facts)],
        };
        if (state == "suspended")
            return words with { ByWhen = open.Until is { } last ? new("case.now.authority-until", ("date", last)) : null, ToDo = [new("case.now.nothing")] };
        if (state == "removed") return words;

        var step = open.Facts.Stage == CaseStage.RemovalPending ? "appeal" : "answer";
        List<Sentence> toDo = facts.Last is { IsHeard: true, Read: null } && step == "answer" ? [new("case.now.heard")] : [];
        if (open.Until is not { } until) return words with { ToDo = toDo };
        if (open.WorkingDaysLeft is not { } left) return words with { ByWhen = new($"case.now.over-{step}", ("date", until)), ToDo = toDo };
        return words with { ByWhen = new($"case.now.until-{step}", ("date", until)), ToDo = [new("home.working-days-left", ("count", left)), .. toDo] };
    }

    static string SignOf(string state) => state switch
    {
        "proposed" or "removal-pending" => "decision",
        "suspended" => "hourglass",
        "removed" => "house-barred",
        _ => "case",
    };

    static IEnumerable<Sentence> StandingInCase(HomeFacts facts, string state)
    {
        var open = facts.Case!;
        yield return new($"case.now.{state}.happened");
        yield return new($"case.now.{state}.means");
        if (facts.IsLeaving)
        {
            yield return LeavingOn(facts);
            if (EndsOn(facts) is { } ends) yield return ends;
        }

        if (state == "removed") yield break;
        yield return new("case.now.opened", ("date", open.Facts.OpenedOn));
        // Only what stands in the log of looks: that somebody is looking is said where somebody did.
        yield return facts.LookedOn is { } looked ? new("case.now.looked", ("date", looked)) : new("case.now.not-looked");
        if (open.Facts.Paused && state != "suspended") yield return new("case.now.paused");
    }

    // The quickest first: one tap that ends it, where there is one.
    static IEnumerable<Way> WaysInCase(HomeFacts facts)
    {
        var open = facts.Case!;
        var stage = open.Facts.Stage;
        var isNotice = stage is not CaseStage.Removed;
        if (isNotice && open.IsAboutSilence)
        {
            if (facts.IsLeaving) yield return new(WayKind.UndoDeparture, new("case.now.undo-first"));
            else yield return new(facts.HasAddress ? WayKind.Confirm : WayKind.TellAddress, new("case.now.confirm-ends"));
        }

        if (open.CanAppeal)
        {
            var again = facts.Last?.Appeal is { Refused: not null } || facts.Last?.Since.Any(a => a.Name == LastActs.AppealRefused) == true;
            yield return new(WayKind.Appeal, new(stage == CaseStage.Removed ? "case.now.appeal-any-time" : again ? "case.now.appeal-again" : "case.now.appeal"));
            yield return new(WayKind.AddHelper, new("case.now.helper"));
        }

        if (open.CanAnswer) yield return new(WayKind.Answer, new(facts.Last is { IsHeard: true } ? "case.now.answer-more" : open.IsAboutSilence ? "case.now.answer-too" : "case.now.answer"));
        if (isNotice && !open.IsAboutSilence)
        {
            if (facts.IsLeaving) yield return new(WayKind.UndoDeparture, new("home.do-undo"));
            // A decision is not undone by a confirmation here: the appeal is what counts.
            else if (open.CanAnswer && facts.HasAddress && facts.Last?.IsHeard != true) yield return new(WayKind.ConfirmPage, new("case.now.confirm-counts"));
        }
    }

    static IReadOnlyList<Told> Last(HomeFacts facts)
    {
        if (facts.Last is not { } last) return [new(new("home.last.none"))];
        var told = new List<Told> { Own(last.Own, last.By) };
        if (last.By == SentBy.Clerk) told.Add(new(new("home.last.by-clerk")));
        if (last.By == SentBy.Sms) told.Add(new(new("home.last.by-sms")));
        if (last.ClosedCase) told.Add(new(new("home.last.closed-case")));
        if (last.IsHeard && last.Own.Name is not ("answer" or "appeal")) told.Add(new(new("home.last.counts-as-answer")));
        if (last.Read is { } read) told.Add(Read(read));
        else if (last.IsHeard) told.Add(new(new("home.last.unread")));

        // What was asked and answered in the case that is open does not leave the page with the next act.
        if (last.Appeal is { } appeal)
        {
            told.Add(Own(appeal.Appealed, appeal.By));
            if (appeal.Read is { } opened) told.Add(Read(opened));
            else if (appeal.Refused is null) told.Add(new(new("home.last.unread")));
            if (appeal.Refused is { } refused) told.Add(Since(refused));
        }

        // That a case was opened is said with the standing, for as long as it is open.
        foreach (var act in last.Since.Where(a => a.Name != LastActs.CaseOpened))
            told.Add(Since(act));
        return told;
    }

    static Told Own(DoneAct act, SentBy sender)
    {
        var by = sender == SentBy.Helper ? "-helper" : "";
        return new(new($"home.last.{act.Name}{by}", ("date", act.On)), act.Number);
    }

    static Told Read((LocalDate On, string Role) read) => new(new("home.last.read", ("date", read.On), ("role", new Sentence($"case.role-{read.Role}"))));

    static Told Since(DoneAct act) => new(new($"home.since.{act.Name}", ("date", act.On)), act.Number, act.Reason);
}
