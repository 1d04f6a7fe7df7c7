using System.Globalization;
using System.Text.RegularExpressions;
using Manzil.Receipts;
using Manzil.Register;
using NodaTime;

namespace Manzil.Tests.Cases;

/// <summary>What was seen of one worker from outside: statements, messages, and what the register says of them.</summary>
sealed record Seen(SeenEntry Entry, IReadOnlyList<SeenAct> Acts, SeenCase? Case, IReadOnlyDictionary<string, string> Floors);

sealed record SeenEntry(int Standing, string? Residence, string? LastTold, string? Due, string? Departure);

sealed record SeenAct(string Number, StatementKind Kind, Instant At, string Channel, IReadOnlyDictionary<string, string> Particulars);

/// <summary>The newest case; its stage is nought once it is closed.</summary>
sealed record SeenCase(string Number, bool IsSilence, Instant OpenedAt, string? Due, int Stage, string? Decision);

sealed record SeenMessage(long Id, string? Act, string Kind, Instant At, string Body, string? Code, bool IsReminder);

/// <summary>
/// The promises of rules.md about one worker, held against whatever happens to them. It remembers what they were told, and what was
/// delivered, as the test itself saw and did it; of the service's memory it believes nothing.
/// </summary>
sealed class HistoryOracle(DateTimeZone zone)
{
    const int Registered = 1, UnderReview = 2, Pending = 3, Removed = 4;

    /// <summary>Of a case.</summary>
    const int Suspended = 4, InEffect = 5;

    /// <summary>By what is told (due, silence, answer, appeal) and the act from which it counts.</summary>
    readonly Dictionary<(string What, string Of), LocalDate> _told = [];
    readonly Dictionary<long, Instant> _arrived = [];
    readonly List<Instant> _opened = [], _reached = [];
    readonly Dictionary<string, LocalDate> _handed = [];
    readonly Dictionary<string, int> _calendarAt = [];
    readonly List<SeenMessage> _messages = [];
    (Seen Before, string Number, int Days)? _leaving;
    Seen? _was;

    /// <summary>Every calendar and every interval that was in force, the newest last.</summary>
    public required List<OracleDays> Days { get; init; }

    public long Told { get; private set; }

    LocalDate DateOf(Instant at) => at.InZone(zone).Date;

    // What the test does to the worker's messages, and the worker does themselves.
    public void Arrived(long message, Instant now) => _arrived.TryAdd(message, now);

    public void CameBack(long message) => _arrived.Remove(message);

    public void Opened(Instant now) => _opened.Add(now);

    public void Reached(Instant now) => _reached.Add(now);

    public void Handed(string act, LocalDate day) => _handed.TryAdd(act, day);

    static bool BeginsPeriod(SeenAct act) => act.Kind is StatementKind.Residence or StatementKind.Confirmation or StatementKind.CaseClosed or StatementKind.Reinstated
        || (act.Kind == StatementKind.AppealDecided && act.Particulars["outcome"] == "for-worker");

    static SeenAct? PeriodAt(Seen seen, Instant at, bool before = false) =>
        seen.Acts.LastOrDefault(a => BeginsPeriod(a) && (before ? a.At < at : a.At <= at));

    static bool IsDecision(SeenAct act) => act.Kind == StatementKind.RemovalAgreed || (act.Kind == StatementKind.AppealDecided && act.Particulars["outcome"] != "for-worker");

    static string? Of(Seen seen, string what, Instant at) => (what switch
    {
        "answer" => seen.Acts.LastOrDefault(a => a.Kind == StatementKind.CaseOpened && a.At <= at),
        "appeal" => seen.Acts.LastOrDefault(a => IsDecision(a) && a.At <= at),
        _ => PeriodAt(seen, at),
    })?.Number;

    static readonly (Regex Says, string What)[] Sentences =
    [
        .. new (string Says, string What)[]
        {
            ("you have until (?<d>#) to answer|Confirm by (?<d>#) and it is over|Reply [0-9]{6} by (?<d>#) and it is over|time to answer ended on (?<d>#)", "answer"),
            ("you have until (?<d>#) to appeal|time to appeal ended on (?<d>#)", "appeal"),
            ("nothing happens before (?<d>#) is over|Please confirm by (?<d>#): one tap|reached you\\. Confirm your address by (?<d>#)", "silence"),
            ("please confirm your address by (?<d>#)|(?<!reached you\\. )confirm your address by (?<d>#)|Confirm again by (?<d>#)|was to be confirmed by (?<d>#)|can confirm your address until (?<d>#)", "due"),
        }
        .Select(s => (new Regex(s.Says.Replace("#", "[0-9]{1,2} [A-Z][a-z]+ [0-9]{4}", StringComparison.Ordinal), RegexOptions.IgnoreCase, TimeSpan.FromSeconds(5)), s.What)),
    ];

    /// <summary>A page or a message told this text.</summary>
    public void Text(Seen seen, string text, Instant at, string where)
    {
        foreach (var (says, what) in Sentences)
        {
            foreach (Match match in says.Matches(text))
                Date(seen, what, LocalDate.FromDateTime(DateTime.ParseExact(match.Groups["d"].Value, "d MMMM yyyy", CultureInfo.InvariantCulture)), at, where);
        }
    }

    /// <summary>A date was told: no earlier one may follow about the same thing.</summary>
    public void Date(Seen seen, string what, LocalDate day, Instant at, string where)
    {
        if (Of(seen, what, at) is not { } of) return;
        Told++;
        if (_told.TryGetValue((what, of), out var was)) Law(day >= was, $"a told time became shorter: {what} of {of} was told as {was}, and {where} says {day}");
        _told[(what, of)] = day;
    }

    bool WasTold(string what, string of, out LocalDate day) => _told.TryGetValue((what, of), out day);

    /// <summary>On which days an act was delivered, as far as it has not come back.</summary>
    IEnumerable<LocalDate> Deliveries(SeenAct act, Instant before)
    {
        foreach (var message in _messages.Where(m => m.Act == act.Number))
        {
            if (_arrived.TryGetValue(message.Id, out var at) && at <= before) yield return DateOf(at);
        }

        if (_opened.FirstOrDefault(o => o >= act.At) is { } opened && opened >= act.At && opened <= before && opened != default) yield return DateOf(opened);
        if (_handed.TryGetValue(act.Number, out var handed)) yield return handed;
    }

    public bool IsDelivered(Seen seen, string act, Instant now) => Deliveries(seen.Acts.Single(a => a.Number == act), now).Any();

    /// <summary>Whether a step of this day could be taken, by a calendar in force then or since.</summary>
    bool Carries(SeenAct delivered, SeenAct step, Func<OracleDays, int> working) =>
        Deliveries(delivered, step.At).Any(day => Days.Skip(_calendarAt[step.Number]).Any(c => c.End(day, working(c)) < DateOf(step.At)));

    public void After(Seen seen, IReadOnlyList<SeenMessage> messages, Instant now, bool byTheClock)
    {
        // By their ids, since old messages are erased.
        var written = messages.Where(m => _messages.Count == 0 || m.Id > _messages[^1].Id).ToList();
        _messages.AddRange(written);
        var fresh = seen.Acts.Skip(_was?.Acts.Count ?? 0).ToList();
        foreach (var act in fresh)
        {
            _calendarAt[act.Number] = Days.Count - 1;
            if (_was is not null) Check(seen, act, byTheClock);
        }

        foreach (var message in written) Text(seen, message.Body, message.At, $"message {message.Id}");
        Standing(seen);
        Floors(seen);
        if (seen.Case is { Stage: > 0 } open) Rests(seen, open, now);
        Departures(seen, fresh);
        _was = seen;
    }

    // Nothing is done before a day that was told has ended, nor without a delivery.
    void Check(Seen seen, SeenAct act, bool byTheClock)
    {
        var day = DateOf(act.At);
        void NotBefore(string what, string of) => Law(!WasTold(what, of, out var told) || day > told, $"{act.Kind} on {day}, though the worker was told that {what} runs until {(WasTold(what, of, out var t) ? t : default)}");
        var opening = seen.Acts.LastOrDefault(a => a.Kind == StatementKind.CaseOpened && a.At <= act.At);
        switch (act.Kind)
        {
            case StatementKind.RemovalProposed:
                NotBefore("answer", opening!.Number);
                Law(Carries(opening, act, c => c.Working), "a removal was proposed without a delivery of the opening whose answer period was over");
                break;
            case StatementKind.RemovalAgreed:
                var proposal = seen.Acts.Single(a => a.Number == act.Particulars["proposal"]);
                Law(act.Particulars["officer"] != proposal.Particulars["officer"], "one officer proposed and agreed");
                break;
            case StatementKind.RemovalInEffect:
                var decision = seen.Acts.Last(a => IsDecision(a) && a.At <= act.At);
                NotBefore("appeal", decision.Number);
                Law(Carries(decision, act, c => c.Working), "a removal was put in effect without a delivery of the decision whose appeal window was over");
                break;
            case StatementKind.CaseOpened when act.Particulars["ground"] == "silence":
                if (PeriodAt(seen, act.At, before: true) is { } period)
                {
                    NotBefore("due", period.Number);
                    NotBefore("silence", period.Number);
                }

                break;
        }

        // Of what takes something away or decides about it, a clock does none, and the service none by itself.
        if (act.Kind is StatementKind.RemovalProposed or StatementKind.RemovalAgreed or StatementKind.RemovalInEffect or StatementKind.AppealDecided or StatementKind.Disagreed or StatementKind.ProposalWithdrawn
            || (act.Kind == StatementKind.CaseOpened && act.Particulars["ground"] != "silence"))
        {
            Law(!byTheClock && act.Channel == "desk", $"{act.Kind} by {(byTheClock ? "a clock" : act.Channel)}");
        }
    }

    // The statements give the standing, by the table of rules.md and nothing else.
    static void Standing(Seen seen)
    {
        var (standing, appealed) = (0, false);
        foreach (var act in seen.Acts)
        {
            Law(!appealed || act.Kind is not (StatementKind.RemovalProposed or StatementKind.RemovalAgreed or StatementKind.RemovalInEffect), $"{act.Kind} while an appeal is open");
            appealed = act.Kind == StatementKind.Appeal || (appealed && act.Kind is not (StatementKind.AppealDecided or StatementKind.CaseClosed or StatementKind.Reinstated or StatementKind.StepsUndone) && !act.Particulars.ContainsKey("closes"));
            var (from, to) = act.Kind switch
            {
                StatementKind.Registration => ((int[])[0, Registered], Registered),
                StatementKind.CaseOpened => ([Registered], UnderReview),
                StatementKind.RemovalProposed or StatementKind.Disagreed or StatementKind.ProposalWithdrawn => ([UnderReview], UnderReview),
                StatementKind.RemovalAgreed => ([UnderReview], Pending),
                StatementKind.Appeal => ([Pending, Removed], Pending),
                StatementKind.AppealDecided => ([Pending], act.Particulars["outcome"] == "for-worker" ? Registered : Pending),
                StatementKind.RemovalInEffect => ([Pending], Removed),
                StatementKind.CaseClosed => ([UnderReview, Pending], Registered),
                StatementKind.Reinstated => ([Removed], Registered),
                StatementKind.Residence or StatementKind.Confirmation when act.Particulars.ContainsKey("closes") => ([UnderReview, Pending], Registered),
                _ => ([standing], act.Kind == StatementKind.StepsUndone ? UnderReview : standing),
            };
            Law(from.Contains(standing), $"{act.Kind} from standing {standing}");
            standing = to;
        }

        // An appeal suspends: until it is decided nobody is removed, also where they had been.
        Law(!appealed || (standing == Pending && seen.Case is { Stage: Suspended }), $"an appeal is open, and the standing is {standing}, the case at stage {seen.Case?.Stage}");
        Law(standing == seen.Entry.Standing, $"the statements give standing {standing}, and the register says {seen.Entry.Standing}");
    }

    // What is kept for the acts to come is no earlier than what was told.
    void Floors(Seen seen)
    {
        if (seen.Entry is { Standing: Registered, Due: { } due } && seen.Acts.LastOrDefault(BeginsPeriod) is { } period && WasTold("due", period.Number, out var told))
            Law(IsoDate.Read(due) >= told, $"due is told as {told} and kept as {due}");
        foreach (var (act, until) in seen.Floors)
        {
            foreach (var what in (string[])["answer", "appeal"])
            {
                if (WasTold(what, act, out var day)) Law(IsoDate.Read(until) >= day, $"{what} of {act} is told as {day} and kept as {until}");
            }
        }
    }

    void Rests(Seen seen, SeenCase open, Instant now)
    {
        var opening = seen.Acts.Single(a => a.Number == open.Number);
        if (open.IsSilence && open.Stage < InEffect) Silent(seen, open, opening);

        // Stage 2 and more: somebody has proposed, on a day before which the answer period of a delivery that stands was over.
        if (open.Stage < 2) return;
        var proposal = seen.Acts.Last(a => a.Kind == StatementKind.RemovalProposed);
        Law(Carries(opening, proposal, c => c.Working), $"the case stands at stage {open.Stage}, though no delivery of its opening that stands was early enough for the proposal");
        if (open.Stage != InEffect) return;
        var inEffect = seen.Acts.Last(a => a.Kind == StatementKind.RemovalInEffect);
        var decision = seen.Acts.Last(a => IsDecision(a) && a.At <= inEffect.At);
        Law(Carries(decision, inEffect, c => c.Working), "the removal stands, though no delivery of the decision that stands was early enough for it");
    }

    void Silent(Seen seen, SeenCase open, SeenAct opening)
    {
        // Whoever has undone a departure is asked anew.
        var begun = seen.Acts.LastOrDefault(a => (BeginsPeriod(a) || a.Kind == StatementKind.Withdrawal) && a.At < open.OpenedAt)?.At ?? Instant.MinValue;
        bool InPeriod(Instant at) => at > begun && at <= open.OpenedAt;
        var evidence = new List<Instant>();
        foreach (var reminder in _messages.Where(m => m.IsReminder && InPeriod(m.At)))
        {
            if (_arrived.TryGetValue(reminder.Id, out var at) && at <= open.OpenedAt) evidence.Add(at);
            evidence.AddRange(_opened.Where(o => o >= reminder.At && o <= open.OpenedAt).Take(1));
        }

        evidence.AddRange(_reached.Where(InPeriod).Take(1));
        Law(evidence.Count > 0, $"case {open.Number} about silence stands on no delivered reminder since {begun}, when the worker was to be asked anew");
        var first = DateOf(evidence.Min());
        var due = IsoDate.Read(open.Due)!.Value;
        Law(
            Days.Skip(_calendarAt[opening.Number]).Any(c => c.End(LocalDate.Max(first, due), c.Silence) < DateOf(open.OpenedAt)),
            $"case {open.Number} opened before the silence period was over: due {due}, the first delivery that stands on {first}");
    }

    void Departures(Seen seen, List<SeenAct> fresh)
    {
        if (_leaving is { } leaving && fresh.Exists(a => a.Kind == StatementKind.Withdrawal) && seen.Entry.Departure is null)
        {
            var between = seen.Acts.Skip(leaving.Before.Acts.Count).ToList();
            if (between.TrueForAll(a => a.Kind is StatementKind.Departure or StatementKind.Withdrawal))
            {
                var (was, became) = (leaving.Before.Entry, seen.Entry);
                Law(
                    (was.Standing, was.Residence, was.LastTold) == (became.Standing, became.Residence, became.LastTold)
                        && (leaving.Days == Days.Count ? was.Due == became.Due : string.CompareOrdinal(was.Due, became.Due) <= 0),
                    $"an undone departure gave back {became}, and not {was}");
            }
        }

        if (_was is not null && fresh.Count == 1 && fresh[0].Kind == StatementKind.Departure) _leaving = (_was, fresh[0].Number, Days.Count);
    }

    /// <summary>A code by SMS confirmed: it was written in the period in which it came.</summary>
    public void Confirmed(SeenMessage by, Instant now)
    {
        var period = PeriodAt(_was!, now);
        Law(period is null || by.At > period.At, $"the code of message {by.Id} of an earlier period confirmed");
    }

    public static void Law(bool holds, string sentence)
    {
        if (!holds) throw new BrokenPromiseException(sentence);
    }
}

sealed class BrokenPromiseException(string sentence) : Exception(sentence);
