using System.Data.Common;
using Dapper;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Cases;

/// <summary>
/// Until when a worker was told that they have time, by the act that began it: the opening of a case, a decision, or what began the
/// period in which they are silent. What is computed later never comes before it (rules.md, Days). It is written down before a page or
/// the API shows it, and with each delivery from which it counts: so nothing that comes to light afterwards makes it shorter.
/// </summary>
static class ToldUntil
{
    public static async Task<LocalDate?> FindAsync(DbConnection connection, DbTransaction? transaction, string act) =>
        IsoDate.Read(await connection.ExecuteScalarAsync<string?>("select until_day from told_until where act_number = @act", new { act }, transaction));

    /// <summary>The same for many acts; those of which nothing was told are left out.</summary>
    public static async Task<Dictionary<string, LocalDate>> FindAsync(DbConnection connection, IReadOnlyList<string> acts) =>
        (await connection.QueryAsync<(string Act, string Until)>($"select act_number, until_day from told_until where {Database.In(connection, "act_number")}", new { keys = acts }))
        .ToDictionary(t => t.Act, t => IsoDate.Read(t.Until)!.Value, StringComparer.Ordinal);

    /// <summary>SQL for the end of a worker's present silence period as they were told it; null where they were not.</summary>
    /// <param name="worker">SQL for the worker's id.</param>
    public static string OfSilence(string worker) => $"(select t.until_day from told_until t where t.act_number = {PeriodReminders.BegunBy(worker)})";

    public static async Task<LocalDate?> OfSilenceAsync(DbConnection connection, DbTransaction? transaction, long worker) =>
        IsoDate.Read(await connection.ExecuteScalarAsync<string?>($"select {OfSilence("@worker")}", new { worker }, transaction));

    /// <summary>Before a date is shown: it is kept where it is later than what is kept already.</summary>
    /// <param name="kept">What is kept; null where nothing is.</param>
    public static Task ShowAsync(DbConnection connection, long worker, string act, LocalDate from, LocalDate until, LocalDate? kept) =>
        kept is { } was && until <= was ? Task.CompletedTask : SaveAsync(connection, null, worker, act, from, until);

    /// <summary>After a delivery: until when the worker has time in their open case, as what has been delivered by now gives it.</summary>
    public static async Task OfDeliveredAsync(DbConnection connection, DbTransaction transaction, long worker, Jurisdiction rules)
    {
        if (await CaseFile.NewestAsync(connection, transaction, worker) is not { } file) return;
        var stage = (CaseStage)file.Stage;
        if (stage is not (CaseStage.Open or CaseStage.AwaitingAgreement or CaseStage.RemovalPending)) return;
        var facts = await CaseFile.FactsAsync(connection, transaction, file, stage.Standing(), rules);
        if (facts is { OpeningTold: { } opening } && facts.AnswerUntil(rules) is { } answer)
            await SaveAsync(connection, transaction, worker, file.Number, opening, answer);
        if (stage == CaseStage.RemovalPending && facts is { DecisionTold: { } decided } && facts.AppealUntil(rules) is { } appeal)
            await SaveAsync(connection, transaction, worker, file.DecisionAct!, decided, appeal);
    }

    /// <summary>Moves it to a later date; whichever node does it tells the worker.</summary>
    /// <returns>Whether it was this one.</returns>
    public static async Task<bool> MoveAsync(DbConnection connection, DbTransaction transaction, string act, string was, LocalDate until) =>
        await connection.ExecuteAsync(
            "update told_until set until_day = @until where act_number = @act and until_day = @was", new { act, was, until = IsoDate.Write(until) }, transaction) != 0;

    /// <summary>Keeps the later date where one stands there.</summary>
    /// <param name="from">The date of delivery from which it counts, or is taken to count.</param>
    public static async Task SaveAsync(DbConnection connection, DbTransaction? transaction, long worker, string act, LocalDate from, LocalDate until)
    {
        const string Longer = "update told_until set counted_from = @from, until_day = case when @until > until_day then @until else until_day end where act_number = @act";
        var values = new { act, worker, from = IsoDate.Write(from), until = IsoDate.Write(until) };
        if (await connection.ExecuteAsync(Longer, values, transaction) != 0) return;
        var added = await connection.ExecuteAsync(
            "insert into told_until (act_number, worker_id, counted_from, until_day) values (@act, @worker, @from, @until) on conflict (act_number) do nothing", values, transaction);
        // Another node was quicker.
        if (added == 0) await connection.ExecuteAsync(Longer, values, transaction);
    }
}
