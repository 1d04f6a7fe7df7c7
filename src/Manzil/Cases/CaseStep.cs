using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using Manzil.Cases.Files;
using Manzil.Deadlines;
using Manzil.Messages;
using Manzil.Notices;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Cases;

/// <summary>What one act about a case has to say, beside what all have in common.</summary>
sealed record Said(StatementKind Kind, string Message)
{
    public ImmutableSortedDictionary<string, string> Particulars { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    public string? Reason { get; init; }

    /// <summary>The worker's last day to do something about it, counted as if it were delivered at once; null where there is none, or no calendar says.</summary>
    public LocalDate? Until { get; init; }
}

/// <summary>
/// An act about a case: reads the case under the head row's lock, asks the one table (<see cref="CaseRules"/>), states what was
/// done, by whom and why, moves the case and the standing, and tells the worker; all in one transaction.
/// </summary>
public abstract class CaseStep : Act
{
    readonly CaseAct _act;
    readonly Jurisdiction _rules;
    readonly Telling _telling;
    LocalDate _today;

    private protected CaseStep(CaseAct act, Actor actor, Jurisdiction rules, Telling telling)
    {
        (_act, Actor, _rules, _telling) = (act, actor, rules, telling);
    }

    private protected Actor Actor { get; }

    private protected Jurisdiction Rules => _rules;

    /// <summary>The worker's newest case; null where they have none. There after <see cref="ReadAsync"/>.</summary>
    private protected CaseFile? File { get; private set; }

    private protected CaseFacts Facts { get; private set; } = CaseFacts.None;

    /// <summary>What the actor says; what they have opened is added here, from the log of looks.</summary>
    private protected virtual CaseWords Words => CaseWords.Nothing;

    /// <summary>Files that come with it.</summary>
    private protected virtual IReadOnlyList<Attachment> Attached => [];

    private protected abstract Said Say();

    public sealed override bool WritesOwnRows => true;

    public sealed override bool ReadsFirst => true;

    public sealed override bool YieldsToWorker => Actor.Kind is ActorKind.Staff or ActorKind.System;

    public sealed override string RefusalOfConflict => CaseRefusals.Name(CaseRefusal.NotAtThisStage);

    /// <summary>
    /// The case as whoever acts saw it (<see cref="CaseFile.Mark"/>); null where nobody was shown one. An act about another case,
    /// or about one that has moved on, is refused: nobody agrees to a proposal that they have not read.
    /// </summary>
    public string? Seen { get; init; }

    /// <summary>The one case that whoever acts may act in; null where it is whichever is open.</summary>
    public long? OnlyIn { get; init; }

    /// <summary>When the worker's phone signed it, or the service turned it away earlier, oldest first.</summary>
    public IReadOnlyList<SentEarlier> Sent { get; init; } = [];

    bool _answersOpened, _documentsOpened;
    CaseFacts? _read;
    bool _paused;
    string? _tooManyFiles;

    public sealed override async Task ReadAsync(DbConnection connection, DbTransaction transaction)
    {
        // A message that comes back in the same moment waits for this act, or this act for it.
        await PeriodReminders.LockAsync(connection, transaction, WorkerId!.Value);
        File = await CaseFile.NewestAsync(connection, transaction, WorkerId!.Value);
        _read = File is null ? null : await CaseFile.FactsAsync(connection, transaction, File, Standing.UnderReview, _rules);
        _paused = await Removals.ArePausedAsync(connection, transaction, _rules);
        if (File is not null && Actor.StaffNumber is { } staff)
        {
            _answersOpened = (await File.UnopenedAnswersAsync(connection, transaction, staff)).Count == 0;
            _documentsOpened = (await File.UnopenedDocumentsAsync(connection, transaction, staff)).Count == 0;
        }

        _tooManyFiles = File is null ? null : await FileLimits.RefuseAsync(connection, transaction, File.Id, Actor.Kind == ActorKind.Helper, Attached, ReceivedAt);
        await ReadMoreAsync(connection, transaction);
    }

    private protected virtual Task ReadMoreAsync(DbConnection connection, DbTransaction transaction) => Task.CompletedTask;

    public sealed override Decision Decide(Worker? worker)
    {
        if (worker is null) return Decision.Refuse("not-found");
        _today = _rules.DateOf(ReceivedAt);
        // Whether a case is open stands in the standing, which a notice of the same batch may have moved.
        Facts = _read is not null && worker.Entry.Standing is Standing.UnderReview or Standing.RemovalPending or Standing.Removed
            ? _read!
            : CaseFacts.None with { Paused = _paused };
        var inTime = DeadlineMet();
        var words = Words with { OpenedEveryAnswer = _answersOpened, OpenedEveryDocument = _documentsOpened, IsSentInTime = inTime is not null };
        var standing = worker.Entry.StandingOn(_today, _rules.WorkersCalendar, _rules.Intervals);
        if (CaseRules.Refuse(_act, Actor, Facts, words, standing, _today, _rules) is { } refusal) return Decision.Refuse(refusal.Name());
        if (_tooManyFiles is not null) return Decision.Refuse(_tooManyFiles);
        if ((OnlyIn is not null && OnlyIn != File?.Id) || (Seen is not null && Seen != File?.Mark)) return Decision.Refuse(CaseRefusal.NotAtThisStage.Name());

        var said = Say();
        var stage = CaseRules.After(_act, Facts);
        var particulars = said.Particulars;
        if (File is not null && Facts.Stage != CaseStage.None) particulars = particulars.SetItem("case", File.Number);
        particulars = particulars.SetItems(OfficersOwn.Particulars(Actor));
        if (inTime is var (sent, deadline)) particulars = GiveNotice.MarkInTime(particulars, sent, deadline);
        if (Actor.Kind == ActorKind.Helper) particulars = particulars.SetItem("by", "helper");
        var after = CaseRules.Entry(worker.Entry, stage, _today, _rules);
        if (_act != CaseAct.Answer && worker.Entry.DepartureNumber is { } departure && after.DepartureNumber is null)
            particulars = particulars.SetItem("departure-undone", departure);
        var messages = _telling.ToAll(worker, said.Message, [("name", worker.FirstName), ("number", Number.ToString()), .. said.Until is { } until ? [("date", (object)until)] : Array.Empty<(string, object)>()]);
        return new Decision
        {
            Kind = said.Kind,
            Office = worker.Entry.Office ?? worker.Office,
            EffectiveFrom = _today,
            NextDeadline = stage == CaseStage.None ? after.NextDeadline : null,
            Particulars = particulars,
            Reason = said.Reason,
            // An answer leaves the standing as it is.
            After = _act == CaseAct.Answer ? worker.Entry : after,
            CaseGround = _act == CaseAct.OpenWithReason ? CaseGround.Other : null,
            Messages = messages,
        };
    }

    (SentEarlier Sent, LocalDate Deadline)? DeadlineMet()
    {
        foreach (var sent in Sent)
        {
            if (InTime.CaseDeadlineMet(_act, Facts, sent.At, ReceivedAt, _rules) is { } deadline) return (sent, deadline);
        }

        return null;
    }

    public override async Task WriteAsync(DbConnection connection, DbTransaction transaction)
    {
        if (File is null) return;
        var stage = CaseRules.After(_act, Facts);
        await connection.ExecuteAsync(
            $"""
            update case_file
            set stage = @stage
                {(CaseRules.LeavesStep(_act) ? ", step_left = @today" : "")}
                {(stage == CaseStage.None ? ", closed_act = @number, closed_at = @at" : "")}
            where id = @Id
            """,
            new { File.Id, stage = (int)stage, today = IsoDate.Write(_today), number = Number.ToString(), at = ReceivedAt.ToUnixTimeMilliseconds() }, transaction);
    }

    /// <summary>The message names the worker's last day, which never becomes earlier: it is kept with the act.</summary>
    private protected Task NoteToldAsync(DbConnection connection, DbTransaction transaction, LocalDate? until) =>
        until is { } day ? ToldUntil.SaveAsync(connection, transaction, WorkerId!.Value, Number.ToString(), _today, day) : Task.CompletedTask;

    /// <summary>Writes down until when the worker had time, and that it is later now: without both the database refuses what comes next.</summary>
    private protected async Task NoteTimeIsOverAsync(DbConnection connection, DbTransaction transaction, string act, LocalDate told, LocalDate until)
    {
        await ToldUntil.SaveAsync(connection, transaction, WorkerId!.Value, act, told, until);
        await Heartbeats.MarkAsync(connection, transaction, ReceivedAt);
    }

    private protected static ImmutableSortedDictionary<string, string> With(params ReadOnlySpan<(string Name, string? Value)> particulars)
    {
        var all = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in particulars)
        {
            if (!string.IsNullOrEmpty(value)) all = all.SetItem(name, value);
        }

        return all;
    }
}

public static class CaseRefusals
{
    /// <summary>The stable name in problem types and text keys: NotAtThisStage is "case-not-at-this-stage".</summary>
    public static string Name(this CaseRefusal refusal) =>
        "case" + string.Concat(refusal.ToString().Select(c => char.IsUpper(c) ? "-" + char.ToLowerInvariant(c) : c.ToString()));
}
