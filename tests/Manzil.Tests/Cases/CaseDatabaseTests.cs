using System.Data.Common;
using Dapper;
using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Rules;
using Manzil.Tests.Databases;
using Microsoft.Extensions.DependencyInjection;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Cases;

/// <summary>Plain SQL, past the program: what rules.md's table has not, either database refuses. Each attempt is rolled back.</summary>
public sealed class CaseDatabaseTests
{
    sealed class Attacker(CaseWalk walk, DbConnection connection, IReadOnlyDictionary<CaseStage, List<long>> workers)
    {
        public long Worker(CaseStage stage) => workers[stage][0];

        public object Values(CaseStage stage, long? worker = null) => new
        {
            w = worker ?? Worker(stage),
            other = workers[stage][1],
            P = walk.Officer("P"),
            A = walk.Officer("A"),
            C = walk.Officer("C"),
            R = walk.Officer("R"),
            L = walk.Officer("L"),
            K = walk.Officer("clerk"),
            U = walk.Officer("auditor"),
            O = walk.Officer("operator"),
            now = walk.Now.ToUnixTimeMilliseconds(),
        };

        /// <summary>Runs the statements in a transaction that is rolled back.</summary>
        /// <returns>What the database said against it; null where it let it pass.</returns>
        public async Task<string?> TryAsync(CaseStage stage, string sql, long? worker = null)
        {
            await using var transaction = await connection.BeginTransactionAsync();
            try
            {
                foreach (var statement in sql.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                    Assert.True(await connection.ExecuteAsync(statement, Values(stage, worker), transaction) > 0 || statement.StartsWith("delete", StringComparison.Ordinal), $"{stage}: {statement} touched nothing");
                return null;
            }
            catch (DbException e)
            {
                // A statement that is wrong in itself is no proof.
                var sound = e.Message.Contains("syntax", StringComparison.OrdinalIgnoreCase) || e.Message.Contains("no such", StringComparison.Ordinal) || e.Message.Contains("does not exist", StringComparison.Ordinal)
                    || e.Message.Contains("parameter", StringComparison.OrdinalIgnoreCase);
                Assert.False(sound, $"{stage}: {sql}: {e.Message}");
                return e.Message;
            }
            finally
            {
                await transaction.RollbackAsync();
            }
        }

        public async Task RefusedAsync(CaseStage stage, string sql) => Assert.True(await TryAsync(stage, sql) is not null, $"{stage}: the database let it pass: {sql}");

        public async Task PassesAsync(CaseStage stage, string sql)
        {
            var said = await TryAsync(stage, sql);
            Assert.True(said is null, $"{stage}: {sql}: {said}");
        }
    }

    const string Open = "(select id from case_file where worker_id = @w and stage <> 0)";

    // The way the acts go, as plain SQL: the control of every attempt below.
    const string Propose = "update case_file set proposed_by = @P, proposed_act = 'XXXXXXXXXXXXXXX1' where id = " + Open + "; update case_file set stage = 2 where id = " + Open;
    const string Agree =
        "update case_file set agreed_by = @A, agreed_act = 'XXXXXXXXXXXXXXX2', decision_act = 'XXXXXXXXXXXXXXX2' where id = " + Open + "; update case_file set stage = 3, step_left = '2026-12-29' where id = " + Open
        + "; update register_entry set standing = 3 where worker_id = @w";
    const string Remove =
        "insert into removal (act_number, worker_id, case_id, proposed_by, agreed_by, put_in_effect_by, told_on, window_until, in_effect_on) values ('XXXXXXXXXXXXXXX3', @w, " + Open
        + ", @P, @A, @C, '2026-12-09', '2026-12-23', '2026-12-29'); update case_file set stage = 5 where id = " + Open + "; update register_entry set standing = 4 where worker_id = @w";
    const string DecideAgainst =
        "insert into appeal_decision (act_number, case_id, appeal_act, decided_by, reversed, decided_at) values ('XXXXXXXXXXXXXXX4', " + Open + ", (select appeal_act from case_file where id = " + Open
        + "), @R, 0, @now); update case_file set decision_act = 'XXXXXXXXXXXXXXX4' where id = " + Open + "; update case_file set stage = 3 where id = " + Open;
    const string Appeal =
        "update case_file set appeal_act = 'XXXXXXXXXXXXXXX5' where id = " + Open + "; update case_file set stage = 4 where id = " + Open;
    const string Undo = "update removal set undone_act = 'XXXXXXXXXXXXXXX6' where worker_id = @w and undone_act is null; ";
    const string Undeliver = "update message set delivered_at = null where act_number = (select {0} from case_file where id = " + Open + "); ";
    const string Bounce = "update message set bounced_at = @now where act_number = (select {0} from case_file where id = " + Open + "); ";
    // What the act of kind 44 does: what rested on the delivery of the opening goes, and the authority's time counts from the opening.
    const string UndoSteps =
        "update case_file set stage = 1, step_left = '2026-11-23' where id = " + Open
        + "; update case_file set proposed_by = null, proposed_act = null, agreed_by = null, agreed_act = null, decision_act = null, appeal_act = null where id = " + Open
        + "; update register_entry set standing = 2 where worker_id = @w";
    const string Opened = "insert into act_opened (act_number, worker_id, opened_at) select {0}, worker_id, opened_at from case_file where id = " + Open + "; ";
    const string SetBack = "delete from heartbeat; insert into heartbeat (minute) values (29962800); ";
    const string Longer = "update told_until set until_day = '2026-12-30' where act_number = (select {0} from case_file where id = " + Open + "); ";
    const string Pause = "insert into removal_pause (act_number, started_at) values ('XXXXXXXXXXXXXXX7', @now); ";
    const string Document =
        "insert into attachment (worker_id, case_id, act_number, name, media_type, sha256, content, added_at) values (@w, " + Open + ", 'XXXXXXXXXXXXXXX8', 'a', 'image/png', {0}, {0}, @now); ";
    // Recorded on the day itself.
    static string ByHand(string act) => $"insert into handed_over (act_number, worker_id, how, day, staff_number, recorded_at) values ((select {act} from case_file where id = {Open}), @w, 'desk', '2026-12-09', @K, 1796817600000); ";

    static string Without(string column, string how) => string.Format(System.Globalization.CultureInfo.InvariantCulture, how, column);

    [Theory, EachDatabase]
    public async Task Sql_PastTheProgram_IsRefusedWhereTheTableHasNothing(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var walk = await CaseWalk.BeginAsync(service);
        var workers = await walk.RipeAsync(_ => 2);
        // As the service does by the clock: what workers were told, and that it is ready now.
        await service.Services.GetRequiredService<MoveCaseDeadlines>().RunAsync(walk.Now);
        await service.Services.GetRequiredService<Heartbeats>().BeatAsync(walk.Now);
        await using var connection = await service.Database.OpenAsync();
        var sql = new Attacker(walk, connection, workers);
        var attempts = 0;
        async Task RefusedAsync(CaseStage stage, params string[] statements)
        {
            foreach (var statement in statements)
            {
                attempts++;
                await sql.RefusedAsync(stage, statement);
            }
        }

        // Every pair of standings. What passes takes nothing away: the case closes, in the worker's favour.
        var (pairs, passed) = (0, new List<(CaseStage, int)>());
        foreach (var stage in Enum.GetValues<CaseStage>())
        {
            var before = (await walk.WhereAsync(sql.Worker(stage))).Standing;
            foreach (var after in Enumerable.Range(0, 6).Where(s => s != (int)before))
            {
                pairs++;
                if (await sql.TryAsync(stage, $"update register_entry set standing = {after} where worker_id = @w") is null) passed.Add((stage, after));
            }
        }

        Assert.Equal([(CaseStage.Open, 1), (CaseStage.AwaitingAgreement, 1), (CaseStage.RemovalPending, 1), (CaseStage.Suspended, 1)], passed);

        // Every pair of stages.
        passed.Clear();
        foreach (var stage in Enum.GetValues<CaseStage>().Where(s => s != CaseStage.None))
        {
            foreach (var after in Enumerable.Range(0, 7).Where(s => s != (int)stage))
            {
                pairs++;
                if (await sql.TryAsync(stage, $"update case_file set stage = {after} where id = {Open}") is null) passed.Add((stage, after));
            }
        }

        Assert.Equal(
            [(CaseStage.Open, 0), (CaseStage.AwaitingAgreement, 0), (CaseStage.AwaitingAgreement, 1), (CaseStage.RemovalPending, 0), (CaseStage.Suspended, 0)], passed);

        // The ways that the table has do pass, so that what follows is refused for what is missing.
        await sql.PassesAsync(CaseStage.Open, Propose);
        await sql.PassesAsync(CaseStage.AwaitingAgreement, Agree);
        await sql.PassesAsync(CaseStage.RemovalPending, Remove);
        await sql.PassesAsync(CaseStage.RemovalPending, Appeal);
        await sql.PassesAsync(CaseStage.Suspended, DecideAgainst);
        await sql.PassesAsync(CaseStage.Removed, Undo + Appeal + "; update register_entry set standing = 3 where worker_id = @w");
        await sql.PassesAsync(CaseStage.Removed, Undo + "update case_file set stage = 0 where id = " + Open + "; update register_entry set standing = 1 where worker_id = @w");
        await sql.PassesAsync(CaseStage.Open, Without("act_number", Undeliver) + ByHand("act_number") + Propose);
        await sql.PassesAsync(CaseStage.RemovalPending, Without("decision_act", Undeliver) + ByHand("decision_act") + Remove);

        // Opening the service is a delivery; what rested on one that came back is undone.
        await sql.PassesAsync(CaseStage.Open, Without("act_number", Undeliver) + Without("act_number", Opened) + Propose);
        foreach (var stage in (CaseStage[])[CaseStage.RemovalPending, CaseStage.Suspended])
        {
            await sql.PassesAsync(stage, Without("act_number", Bounce) + UndoSteps);
            await RefusedAsync(
                stage,
                UndoSteps, Without("decision_act", Bounce) + UndoSteps,
                // Nothing in it gives the authority more time, or leaves a decision to build on.
                Without("act_number", Bounce) + UndoSteps.Replace("'2026-11-23'", "'2027-12-29'"),
                Without("act_number", Bounce) + UndoSteps.Replace("agreed_by = null", "agreed_by = @C"),
                Without("act_number", Bounce) + UndoSteps.Replace("decision_act = null", "decision_act = act_number"),
                Without("act_number", Bounce) + UndoSteps + "; " + Propose);
        }

        await RefusedAsync(
            CaseStage.Open,
            Without("act_number", Opened) + "update act_opened set opened_at = 1 where worker_id = @w", Without("act_number", Opened) + "delete from act_opened where worker_id = @w",
            Without("act_number", Undeliver) + Propose,
            Without("act_number", Bounce) + Propose,
            Pause + Propose,
            // The worker's time to answer runs: by the clock, or since it became longer.
            SetBack + Propose, Without("act_number", Longer) + Propose, "delete from heartbeat; " + Propose,
            Propose.Replace("@P", "@R"), Propose.Replace("@P", "@K"), Propose.Replace("@P", "@L"), Propose.Replace("@P", "@U"), Propose.Replace("@P", "@O"), Propose.Replace("@P", "'nobody'"), Propose.Replace("@P", "null"),
            Propose.Replace("'XXXXXXXXXXXXXXX1'", "null"),
            $"update case_file set agreed_by = @A, agreed_act = 'XXXXXXXXXXXXXXX2' where id = {Open}",
            $"update case_file set decision_act = 'XXXXXXXXXXXXXXX2' where id = {Open}",
            $"update case_file set appeal_act = 'XXXXXXXXXXXXXXX2' where id = {Open}",
            $"update case_file set step_left = '2027-12-29' where id = {Open}",
            $"update case_file set stage = 3, proposed_by = @P, proposed_act = 'XXXXXXXXXXXXXXX1', agreed_by = @A, agreed_act = 'XXXXXXXXXXXXXXX2', decision_act = 'XXXXXXXXXXXXXXX2' where id = {Open}",
            "insert into case_file (worker_id, ground, act_number, opened_at, opened_by, reason, step_left, stage) values (@w, 'other', 'XXXXXXXXXXXXXXX9', @now, @C, 'Again.', '2026-12-29', 1)");
        await RefusedAsync(
            CaseStage.AwaitingAgreement,
            Agree.Replace("@A", "@P"), Agree.Replace("@A", "@R"), Agree.Replace("@A", "@K"), Agree.Replace("@A", "@L"), Agree.Replace("@A", "@U"), Agree.Replace("@A", "@O"), Agree.Replace("@A", "null"), Agree.Replace("@A", "'nobody'"),
            Without("act_number", Undeliver) + Agree, Without("act_number", Bounce) + Agree, Pause + Agree,
            Agree.Replace("decision_act = 'XXXXXXXXXXXXXXX2'", "decision_act = (select act_number from case_file where id = " + Open + ")"),
            string.Format(System.Globalization.CultureInfo.InvariantCulture, Document, kind == DatabaseKind.Sqlite ? "zeroblob(32)" : "decode(repeat('00', 32), 'hex')") + Agree,
            // The proposer agrees under the eyes of the check: another name for who proposed, at once or before.
            $"update case_file set proposed_by = @C where id = {Open}",
            $"update case_file set proposed_by = @C, agreed_by = @P, agreed_act = 'XXXXXXXXXXXXXXX2', decision_act = 'XXXXXXXXXXXXXXX2', stage = 3 where id = {Open}",
            $"update case_file set stage = 1, step_left = '2026-12-29' where id = {Open}");
        await RefusedAsync(
            CaseStage.RemovalPending,
            Remove.Replace("@P, @A, @C", "@C, @A, @C"), Remove.Replace("@P, @A, @C", "@P, @C, @C"), Remove.Replace("@P, @A, @C", "@P, @P, @C"), Remove.Replace("@P, @A, @C", "@P, @A, @R"),
            Remove.Replace("@P, @A, @C", "@P, @A, @K"), Remove.Replace("@P, @A, @C", "@P, @A, @L"), Remove.Replace("@P, @A, @C", "@P, @A, @U"), Remove.Replace("@P, @A, @C", "@P, @A, @O"), Remove.Replace("'2026-12-09', '2026-12-23'", "'2026-12-07', '2026-12-23'"), Remove.Replace("'2026-12-23'", "'2026-12-09'"),
            Remove.Replace("'2026-12-29'", "'2026-12-23'"), Remove.Replace("@w, " + Open, "@other, " + Open),
            Without("decision_act", Undeliver) + Remove, Without("decision_act", Bounce) + Remove, Without("act_number", Undeliver) + Remove, Without("act_number", Bounce) + Remove, Pause + Remove,
            // The window is open: by the clock, since it became longer, or one that is made up.
            SetBack + Remove, Without("decision_act", Longer) + Remove, "delete from heartbeat; " + Remove,
            Remove.Replace("'2026-12-23'", "'2026-12-22'"), Remove.Replace("'2026-12-29'", "'2026-12-31'"),
            Appeal + "; " + Remove,
            Appeal + "; update case_file set stage = 3 where id = " + Open,
            Appeal.Replace("'XXXXXXXXXXXXXXX5'", "null"),
            $"update case_file set agreed_by = @C where id = {Open}", $"update case_file set proposed_by = @C where id = {Open}", $"update case_file set agreed_act = 'XXXXXXXXXXXXXXX2' where id = {Open}",
            $"update case_file set decision_act = act_number where id = {Open}",
            $"update case_file set step_left = '2026-12-29' where id = {Open}");
        await RefusedAsync(
            CaseStage.Suspended,
            DecideAgainst.Replace("@R", "@P"), DecideAgainst.Replace("@R", "@A"), DecideAgainst.Replace("@R", "@C"), DecideAgainst.Replace("@R", "@K"), DecideAgainst.Replace("@R", "@U"), DecideAgainst.Replace("@R", "@O"), DecideAgainst.Replace("@R", "'nobody'"),
            DecideAgainst.Replace("@R, 0", "@R, 1"),
            Without("act_number", Undeliver) + DecideAgainst, Without("act_number", Bounce) + DecideAgainst,
            DecideAgainst.Replace("(select appeal_act from case_file where id = " + Open + ")", "'XXXXXXXXXXXXXXX9'"),
            DecideAgainst.Replace("(select appeal_act from case_file where id = " + Open + ")", "null"),
            $"update case_file set decision_act = 'XXXXXXXXXXXXXXX4' where id = {Open}",
            $"update case_file set appeal_act = 'XXXXXXXXXXXXXXX9' where id = {Open}",
            Remove,
            // One decision does for one appeal.
            DecideAgainst + "; " + Appeal + "; update case_file set stage = 3 where id = " + Open,
            DecideAgainst + "; update appeal_decision set reversed = 1 where act_number = 'XXXXXXXXXXXXXXX4'",
            DecideAgainst + "; delete from appeal_decision where act_number = 'XXXXXXXXXXXXXXX4'");
        await RefusedAsync(
            CaseStage.Removed,
            "delete from removal where worker_id = @w", "update removal set agreed_by = @C where worker_id = @w", "update removal set told_on = '2026-12-01' where worker_id = @w",
            Undo + "update removal set undone_act = null where worker_id = @w", Undo + "update removal set undone_act = 'XXXXXXXXXXXXXXX9' where worker_id = @w",
            "update removal set case_id = (select id from case_file where worker_id = @other) where worker_id = @w",
            Undo + Appeal + "; update register_entry set standing = 3 where worker_id = @w; update case_file set stage = 5 where id = " + Open,
            Remove, Undo + Remove);
        foreach (var stage in Enum.GetValues<CaseStage>().Where(s => s != CaseStage.None))
        {
            await RefusedAsync(
                stage,
                $"update case_file set opened_at = opened_at - 1 where id = {Open}", $"update case_file set act_number = 'XXXXXXXXXXXXXXX9' where id = {Open}", $"update case_file set ground = 'silence', due = '2026-12-01', reminded_at = 1 where id = {Open}",
                $"update case_file set opened_by = @P where id = {Open}", $"update case_file set reason = 'Another.' where id = {Open}", $"update case_file set reason = null where id = {Open}",
                $"update case_file set worker_id = @other where id = {Open}", $"update case_file set closed_at = 1 where id = {Open}", $"delete from case_file where id = {Open}");
        }

        var first = "insert into case_file (worker_id, ground, act_number, opened_at, opened_by, reason, step_left, stage) values (@w, 'other', 'XXXXXXXXXXXXXXX9', @now, @C, 'A reason.', '2026-12-29', 1)";
        await sql.PassesAsync(CaseStage.None, first + "; update register_entry set standing = 2 where worker_id = @w");
        await RefusedAsync(
            CaseStage.None,
            first.Replace("@C", "@R"), first.Replace("@C", "@K"), first.Replace("@C", "@L"), first.Replace("@C", "@U"), first.Replace("@C", "@O"), first.Replace("@C", "null"), first.Replace("'A reason.'", "' '"), first.Replace("'A reason.'", "null"),
            first.Replace("'2026-12-29', 1", "'2026-12-29', 0"), first.Replace("'2026-12-29', 1", "'2026-12-29', 2"), first.Replace("'2026-12-29', 1", "'2026-12-29', 5"),
            first + "; " + first.Replace("XXX9", "XXX8"),
            // A closed case opens no more.
            first + "; update case_file set stage = 0 where worker_id = @w; update case_file set stage = 1 where worker_id = @w",
            first + "; update register_entry set standing = 2 where worker_id = @w; update register_entry set standing = 1 where worker_id = @w; update case_file set stage = 1 where worker_id = @w",
            Pause + Pause,
            Pause + "delete from removal_pause", Pause + "update removal_pause set lifted_at = @now, lifted_act = 'XXXXXXXXXXXXXXX9', lifted_by = @R",
            Pause + "update removal_pause set lifted_at = @now, lifted_by = @L", Pause + "update removal_pause set started_at = 1",
            "insert into removal_pause (act_number, started_at, lifted_at) values ('XXXXXXXXXXXXXXX7', @now, @now)",
            "update look set reason = 'Another.' where staff_number = @P", "delete from look where staff_number = @P",
            "update case_move set to_stage = 0 where from_stage = 1", "delete from case_move where from_stage = 1");
        await sql.PassesAsync(CaseStage.None, Pause + "update removal_pause set lifted_at = @now, lifted_act = 'XXXXXXXXXXXXXXX9', lifted_by = @L");
        await RefusedAsync(
            CaseStage.Open,
            ByHand("act_number") + "update handed_over set day = '2026-12-01' where worker_id = @w");

        TestContext.Current.TestOutputHelper?.WriteLine($"{kind}: {pairs} pairs of standings and stages, {attempts} attempts with one thing missing");
        TripleCounts.Say("6-sql", attempts, "attempts of plain SQL against", kind);
    }

    // A closed case stays, with all that hangs on it, until its worker's retention has ended (ErasingTests: then it goes).
    [Theory, EachDatabase]
    public async Task Sql_ErasureOfAClosedCase_IsRefusedBeforeRetentionHasEnded(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var walk = await CaseWalk.BeginAsync(service);
        var workers = await walk.RipeAsync(s => s == CaseStage.Suspended ? 2 : 0);
        var worker = workers[CaseStage.Suspended][0];
        await walk.DoneAsync(worker, CaseAct.DecideAppealForWorker, "R");
        await using var connection = await service.Database.OpenAsync();
        var id = await connection.ExecuteScalarAsync<long>("select id from case_file where worker_id = @worker", new { worker });
        Assert.Equal(4, await connection.ExecuteScalarAsync<long>("select count(*) from case_move where case_id = @id", new { id }));
        foreach (var sql in (string[])["delete from appeal_decision where case_id = @id", "delete from case_file where id = @id", "delete from case_move where case_id = @id"])
            Assert.Contains("only grows", (await Assert.ThrowsAnyAsync<DbException>(() => connection.ExecuteAsync(sql, new { id }))).Message);
        Assert.Equal(4, await connection.ExecuteScalarAsync<long>("select count(*) from case_move where case_id = @id", new { id }));
    }
}
