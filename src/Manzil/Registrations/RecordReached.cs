using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Registrations;

/// <summary>
/// The act by which a clerk records that somebody whom no message reached was reached, and how (kind 53). From that day their silence
/// period runs, as from the delivery of a reminder (rules.md, Confirming an address, 3). It decides nothing.
/// </summary>
/// <param name="actor">Who records it.</param>
/// <param name="office">The clerk's office: they reach those of their own.</param>
/// <param name="how">One of <see cref="Ways"/>.</param>
/// <param name="words">How it was, in words.</param>
/// <param name="rules">The rules with the outages known so far.</param>
/// <param name="telling">Words the message.</param>
public sealed class RecordReached(Actor actor, string office, string how, string words, Jurisdiction rules, Telling telling) : Act
{
    public const string By = "reached-by", Due = "due";
    public const string NotOnList = "not-to-be-reached", WordsMissing = "words-missing";
    public const int MinWords = 3, MaxWords = 1000;

    public static IReadOnlyList<string> Ways { get; } = ["phone", "visit", "relative", "desk"];

    bool _isOnList;
    string? _begunBy;
    LocalDate? _until;

    public override bool WritesOwnRows => true;

    public override bool ReadsFirst => true;

    // Whoever confirms at the same moment has nothing to be reached for.
    public override bool YieldsToWorker => true;

    public override async Task ReadAsync(DbConnection connection, DbTransaction transaction)
    {
        await PeriodReminders.LockAsync(connection, transaction, WorkerId!.Value);
        _isOnList = await connection.ExecuteScalarAsync<int>("select reminded from register_entry where worker_id = @WorkerId", new { WorkerId }, transaction) == Reminded.ToBeReached;
        _begunBy = await connection.ExecuteScalarAsync<string?>($"select {PeriodReminders.BegunBy("@WorkerId")}", new { WorkerId }, transaction);
        _until = await ToldUntil.OfSilenceAsync(connection, transaction, WorkerId!.Value);
    }

    public override Decision Decide(Worker? worker)
    {
        if (worker is null || (worker.Entry.Office ?? worker.Office) != office) return Decision.Refuse("not-found");
        if (actor is not { Kind: ActorKind.Staff, Role: StaffRole.Clerk }) return Decision.Refuse(CaseRefusal.NotForThisRole.Name());
        if (!Ways.Contains(how) || words.Trim().Length is < MinWords or > MaxWords) return Decision.Refuse(WordsMissing);
        var today = rules.DateOf(ReceivedAt);
        if (!_isOnList || worker.Entry is not { Standing: Standing.Registered, DepartureNumber: null, NextDeadline: { } due }) return Decision.Refuse(NotOnList);
        var computed = Rules.Deadlines.SilenceEnds(worker.Entry.Due(rules.WorkersCalendar, rules.Intervals) ?? due, today, rules.WorkersCalendar, rules.Intervals);
        _until = computed is null ? null : Rules.Deadlines.InWorkersFavour(_until, computed);
        return new Decision
        {
            Kind = StatementKind.Reached,
            Office = office,
            EffectiveFrom = today,
            Particulars = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
                .Add(By, how)
                .Add(Due, IsoDate.Write(due)!)
                .AddRange(OfficersOwn.Particulars(actor)),
            Reason = words.Trim(),
            Messages = _until is { } date
                ? telling.ToAll(worker, "message.reached", ("name", worker.FirstName), ("date", date), ("number", Number.ToString()))
                : telling.ToAll(worker, "message.reached-no-date", ("name", worker.FirstName), ("number", Number.ToString())),
        };
    }

    public override async Task WriteAsync(DbConnection connection, DbTransaction transaction)
    {
        await connection.ExecuteAsync(
            """
            insert into reached (act_number, worker_id, due, how, staff_number, recorded_at)
            select @number, worker_id, next_deadline, @how, @StaffNumber, @at from register_entry where worker_id = @WorkerId
            """,
            new { number = Number.ToString(), WorkerId, how, actor.StaffNumber, at = ReceivedAt.ToUnixTimeMilliseconds() }, transaction);
        await connection.ExecuteAsync(
            "update register_entry set reminded = @all where worker_id = @WorkerId and reminded = @toBeReached",
            new { WorkerId, all = Reminded.Alone(rules.Intervals.ReminderDaysBefore.Count), toBeReached = Reminded.ToBeReached }, transaction);
        if (_until is { } until && _begunBy is { } act) await ToldUntil.SaveAsync(connection, transaction, WorkerId!.Value, act, rules.DateOf(ReceivedAt), until);
    }
}
