using System.Data.Common;
using Dapper;
using Manzil.Cases;
using Manzil.Notices;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using NodaTime;
using Record = Manzil.Receipts.Record;

namespace Manzil.Home;

/// <summary>An act about the worker as the home page speaks of it.</summary>
/// <param name="Name">Names the text that says it.</param>
/// <param name="Reason">What whoever did it wrote; null where nothing, or where the worker wrote it.</param>
public sealed record DoneAct(string Name, LocalDate On, string Number, string? Reason = null);

/// <summary>By which way the worker's act came.</summary>
public enum SentBy
{
    Worker,
    Helper,
    Clerk,
    Sms,
}

/// <summary>An appeal in the case that is open, after which the worker did something else.</summary>
/// <param name="Read">When an officer first opened it, and with which role; null where nobody has.</param>
/// <param name="Refused">The decision on it, whenever it came; null where there is none yet.</param>
public sealed record EarlierAppeal(DoneAct Appealed, SentBy By, (LocalDate On, string Role)? Read, DoneAct? Refused);

/// <summary>What the worker did last, and what became of it.</summary>
/// <param name="Since">What was decided about them afterwards, in its order: of an appeal its decision, and whatever came last.</param>
public sealed record LastActs(DoneAct Own, SentBy By, IReadOnlyList<DoneAct> Since)
{
    /// <summary>True where it closed a case at once.</summary>
    public bool ClosedCase { get; init; }

    /// <summary>True where it was said in the case that is open, and must be read before the next thing is decided in it.</summary>
    public bool IsHeard { get; init; }

    /// <summary>When an officer first opened what was said in a case, and with which role; null where nobody has.</summary>
    public (LocalDate On, string Role)? Read { get; init; }

    /// <summary>The newest appeal in the case that is open; null where there is none, or where it is the last act itself.</summary>
    public EarlierAppeal? Appeal { get; init; }

    static readonly string OwnKinds = Kinds(
        StatementKind.Registration, StatementKind.Residence, StatementKind.Confirmation, StatementKind.Departure, StatementKind.Correction, StatementKind.Withdrawal, StatementKind.Answer, StatementKind.Appeal);

    static readonly string AuthoritysKinds = Kinds(
        StatementKind.CaseOpened, StatementKind.RemovalProposed, StatementKind.RemovalAgreed, StatementKind.AppealDecided, StatementKind.CaseClosed, StatementKind.Reinstated, StatementKind.RemovalInEffect,
        StatementKind.Disagreed, StatementKind.ProposalWithdrawn, StatementKind.StepsUndone);

    /// <param name="open">The case that is open, or led to a removal; null where there is none.</param>
    /// <returns>Null where the worker has done nothing yet.</returns>
    public static async Task<LastActs?> FindAsync(DbConnection connection, long worker, CaseFile? open, Jurisdiction rules)
    {
        // A receipt issued anew states again what was done before.
        if (await connection.QuerySingleOrDefaultAsync<StoredAct>(
            $"select {StoredAct.Columns} from act a where worker_id = @worker and kind in ({OwnKinds}) and {Reissues.None("a")} order by given_at desc, log desc, leaf desc limit 1", new { worker })
            is not { } own) return null;
        var since = (await connection.QueryAsync<StoredAct>(
            $"""
            select {StoredAct.Columns} from act a
            where worker_id = @WorkerId and kind in ({AuthoritysKinds}) and (given_at, log, leaf) > (@GivenAt, @Log, @Leaf) and {Reissues.None("a")}
            order by given_at, log, leaf
            """,
            new { own.WorkerId, own.GivenAt, own.Log, own.Leaf })).Select(a => Authoritys(a, rules)).ToList();
        var record = Record.Decode(own.Record);
        var isSaid = open is not null && own.GivenAt >= open.OpenedAt
            && (record.Kind is StatementKind.Answer or StatementKind.Appeal || (open.Ground == CaseGround.Other.Name() && record.Kind is StatementKind.Residence or StatementKind.Confirmation));
        var appeal = open is null || record.Kind == StatementKind.Appeal ? null : await AppealBeforeAsync(connection, open, rules);
        if (appeal?.Refused is { } refused) since.RemoveAll(a => a.Number == refused.Number);
        return new LastActs(new DoneAct(NameOf(record), DateOf(own.GivenAt, rules), own.Number), ByOf(record), WhatCounts(since, record.Kind == StatementKind.Appeal))
        {
            ClosedCase = record.Particulars.ContainsKey(GiveNotice.Closes),
            IsHeard = isSaid && (CaseStage)open!.Stage is CaseStage.Open or CaseStage.AwaitingAgreement or CaseStage.Suspended,
            Read = isSaid ? await ReadAsync(connection, worker, own.Number, rules) : null,
            Appeal = appeal,
        };
    }

    static async Task<EarlierAppeal?> AppealBeforeAsync(DbConnection connection, CaseFile open, Jurisdiction rules)
    {
        var found = (await connection.QueryAsync<StoredAct>(
            $"""
            select {StoredAct.Columns} from act a
            where worker_id = @WorkerId and kind in ({Kinds(StatementKind.Appeal, StatementKind.AppealDecided)}) and given_at >= @OpenedAt and {Reissues.None("a")}
            order by given_at, log, leaf
            """,
            new { open.WorkerId, open.OpenedAt })).ToList();
        var at = found.FindLastIndex(a => Record.Decode(a.Record).Kind == StatementKind.Appeal);
        if (at < 0) return null;
        var (appeal, decision) = (found[at], found.Skip(at + 1).FirstOrDefault());
        return new EarlierAppeal(
            new DoneAct("appeal", DateOf(appeal.GivenAt, rules), appeal.Number), ByOf(Record.Decode(appeal.Record)), await ReadAsync(connection, open.WorkerId, appeal.Number, rules),
            decision is null ? null : Authoritys(decision, rules));
    }

    /// <summary>When an officer last opened the case or something said in it; null where none has.</summary>
    public static async Task<LocalDate?> LookedOnAsync(DbConnection connection, CaseFile file, Jurisdiction rules) =>
        await connection.ExecuteScalarAsync<long?>(
            "select max(looked_at) from look where worker_id = @WorkerId and helper is null and what in ('file', 'answer', 'document') and looked_at >= @OpenedAt", new { file.WorkerId, file.OpenedAt })
            is { } at ? DateOf(at, rules) : null;

    static async Task<(LocalDate, string)?> ReadAsync(DbConnection connection, long worker, string number, Jurisdiction rules) =>
        await connection.QueryFirstOrDefaultAsync<(long At, string Role)?>(
            "select looked_at, role from look where worker_id = @worker and helper is null and what = 'answer' and item = @number order by id limit 1", new { worker, number })
            is var (at, role) ? (DateOf(at, rules), role) : null;

    static IReadOnlyList<DoneAct> WhatCounts(List<DoneAct> since, bool isAppeal)
    {
        if (since.Count == 0) return [];
        var decision = isAppeal ? since.FirstOrDefault(a => a.Name is AppealRefused or AppealUpheld) : null;
        return decision is null || decision == since[^1] ? [since[^1]] : [decision, since[^1]];
    }

    static string NameOf(Record record) => record.Kind switch
    {
        StatementKind.Correction => record.Particulars.GetValueOrDefault(GiveNotice.Corrects) == StatementKind.Departure.Name() ? "corrected-departure" : "corrected-address",
        var kind => kind.Name(),
    };

    static SentBy ByOf(Record record) =>
        record.Particulars.GetValueOrDefault("by") == "helper" ? SentBy.Helper
        : record.Channel switch
        {
            RecordChannel.Desk => SentBy.Clerk,
            RecordChannel.Sms => SentBy.Sms,
            _ => SentBy.Worker,
        };

    public const string AppealRefused = "appeal-refused", AppealUpheld = "appeal-upheld", CaseOpened = "case-opened";

    static DoneAct Authoritys(StoredAct act, Jurisdiction rules)
    {
        var record = Record.Decode(act.Record);
        var outcome = record.Particulars.GetValueOrDefault("outcome");
        var name = record.Kind switch
        {
            StatementKind.AppealDecided => outcome == "for-worker" ? AppealUpheld : AppealRefused,
            StatementKind.CaseClosed => outcome switch
            {
                "kept" => "case-kept",
                "authority-silent" => "case-closed-by-time",
                Unfounded.SilenceNotOver => "case-not-silent",
                _ => "case-unfounded",
            },
            StatementKind.Reinstated when Unfounded.IsOfMessage(record) => "reinstated-unfounded",
            var kind => kind.Name(),
        };
        return new DoneAct(name, DateOf(act.GivenAt, rules), act.Number, record.Reason);
    }

    static LocalDate DateOf(long at, Jurisdiction rules) => rules.DateOf(Instant.FromUnixTimeMilliseconds(at));

    static string Kinds(params StatementKind[] kinds) => string.Join(", ", kinds.Select(k => (int)k));
}
