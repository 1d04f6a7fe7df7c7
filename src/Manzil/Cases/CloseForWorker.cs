using System.Data.Common;
using Dapper;
using Manzil.Deadlines;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Cases;

/// <summary>The authority let its time pass: its silence counts for the worker, and the case closes (kind 38).</summary>
public sealed class CloseForWorker(Jurisdiction rules, Telling telling) : CaseStep(CaseAct.CloseForWorker, Actor.System, rules, telling)
{
    Gap? _gap;

    private protected override async Task ReadMoreAsync(DbConnection connection, DbTransaction transaction) => _gap = await Gap.FindAsync(connection, transaction, File);

    private protected override Said Say() => new(StatementKind.CaseClosed, "message.case-closed-by-time")
    {
        Particulars = _gap.In(With(("outcome", "authority-silent"), ("until", IsoDate.Write(Facts.AuthorityUntil(Rules)))), Rules.DateOf(ReceivedAt)),
    };
}

/// <summary>
/// Looks each day, and whenever the days off change, at the open cases: those whose step has been the authority's for long close for the
/// worker, and so do those about silence that opened, as is known now, before the silence period was over. The act itself decides once.
/// </summary>
public sealed class CloseOverdueCases(Database database, BatchWriter writer, CurrentRules current, Telling telling)
{
    (Jurisdiction Rules, LocalDate Day)? _done;

    /// <returns>How many cases closed.</returns>
    public async Task<int> RunAsync(Instant now)
    {
        var rules = current.Now;
        var today = rules.DateOf(now);
        if (_done == (rules, today)) return 0;
        await using var connection = await database.OpenAsync();
        var open = (await connection.QueryAsync<CaseFile>(
            $"""
            select {CaseFile.Columns} from case_file c
            where worker_id in (select worker_id from register_entry where standing in (2, 3))
              and not exists (select 1 from case_file newer where newer.worker_id = c.worker_id and newer.id > c.id)
            order by opened_at, id
            """)).ToList();
        var tooEarly = (await connection.QueryAsync<(long Id, long Worker, string Number, string Due, long OpenedAt, long RemindedAt)>(
            "select id, worker_id, act_number, due, opened_at, reminded_at from case_file where stage in (1, 2, 3, 4) and ground = 'silence'"))
            .Where(c => new SilenceCase(c.Id, c.Worker, c.Number, IsoDate.Read(c.Due)!.Value, Instant.FromUnixTimeMilliseconds(c.OpenedAt), Instant.FromUnixTimeMilliseconds(c.RemindedAt)).IsTooEarly(rules))
            .Select(c => c.Id).ToHashSet();
        var acts = new List<(Act, Worker?)>();
        foreach (var file in open)
        {
            var left = IsoDate.Read(file.StepLeft) ?? rules.DateOf(Instant.FromUnixTimeMilliseconds(file.OpenedAt));
            if (new CaseFacts { Stage = (CaseStage)file.Stage, StepLeft = left }.AuthorityUntil(rules) is { } until && today > until)
                acts.Add((new CloseForWorker(rules, telling) { ReceivedAt = now, Channel = RecordChannel.Operator, WorkerId = file.WorkerId }, null));
            else if (file.Ground == CaseGround.Silence.Name() && tooEarly.Contains(file.Id))
                acts.Add((new CloseUnfoundedCase(null, rules, telling) { ReceivedAt = now, Channel = RecordChannel.Operator, WorkerId = file.WorkerId }, null));
        }

        var closed = await writer.SubmitByTheClockAsync(acts);
        _done = (rules, today);
        return closed;
    }
}
