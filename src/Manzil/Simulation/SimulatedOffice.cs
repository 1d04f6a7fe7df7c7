using System.Data.Common;
using System.Globalization;
using Dapper;
using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Staff;
using NodaTime;

namespace Manzil.Simulation;

/// <summary>What became of the cases that officers worked on.</summary>
/// <param name="TurnedDown">Acts that somebody tried and the rules refused: too early, too late, paused.</param>
public sealed record CaseTally(
    int Kept, int Proposed, int Agreed, int Disagreed, int Appealed, int DecidedFor, int DecidedAgainst, int PutInEffect, int Reinstated, int TurnedDown)
{
    public static readonly CaseTally Nothing = new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /// <summary>Acts against a worker, each by a named officer.</summary>
    public int Adverse => Proposed + Agreed + PutInEffect;
}

/// <summary>
/// Invented officers who work on the open cases by the real acts, one case at a time, after they have opened what the worker said:
/// two caseworkers, of whom one keeps readily and the other removes readily, a reviewer, and a lead reviewer who lifts pauses.
/// Workers appeal against about half of what is decided.
/// </summary>
sealed class SimulatedOffice
{
    static readonly Proposal Removal = new("LEFT", "The landlord says that the worker left on 3 March and took everything along.", "A confirmation from the worker.");
    const string Reason = "So it follows from what is in the file.";

    readonly Core _core;
    readonly Dice _dice;
    readonly Telling _telling;
    readonly Looks _looks;
    readonly (StaffMember Who, int KeepsOf100) _mild, _strict;
    readonly StaffMember _reviewer, _lead;
    readonly List<long> _closed = [];

    SimulatedOffice(Core core, IClock clock, Dice dice, Telling telling, IReadOnlyList<StaffMember> staff)
    {
        (_core, _dice, _telling) = (core, dice, telling);
        _looks = new Looks(core.Database, core.Rules, clock);
        (_mild, _strict, _reviewer, _lead) = ((staff[0], 75), (staff[1], 30), staff[2], staff[3]);
    }

    public CaseTally Tally { get; private set; } = CaseTally.Nothing;

    public static async Task<SimulatedOffice> OpenAsync(Core core, IClock clock, Dice dice, Telling telling)
    {
        var (appointments, officers) = (new Appointments(core.Database, clock), new Officers(core.Database, clock));
        await using var connection = await core.Database.OpenAsync();
        async Task<StaffMember> LetInAsync(int n, StaffRole role, StaffMember? lead)
        {
            var number = string.Create(CultureInfo.InvariantCulture, $"SIM{n}");
            var invited = await appointments.InviteAsync("Officer " + number, number, role, core.Rules.DefaultOffice.Code.Value, core.Rules.Languages[0]);
            if (lead is not null) await appointments.AgreeAsync(lead, invited.Id, (await officers.WaitingAsync()).Single().Change);
            return (await StaffMember.FindAsync(connection, invited.Id))!;
        }

        // The lead reviewer first, who agrees to the others.
        var lead = await LetInAsync(4, StaffRole.LeadReviewer, null);
        List<StaffMember> staff = [await LetInAsync(1, StaffRole.Caseworker, lead), await LetInAsync(2, StaffRole.Caseworker, lead), await LetInAsync(3, StaffRole.Reviewer, lead), lead];
        return new SimulatedOffice(core, clock, dice, telling, staff);
    }

    /// <summary>A morning at the desk; workers whose phones work appeal on the same morning.</summary>
    /// <param name="now">When it is.</param>
    /// <param name="canAct">Whether a worker can send anything today.</param>
    /// <returns>Whose case closed: their next due date stands in the register.</returns>
    public async Task<IReadOnlyList<long>> WorkAsync(Instant now, Func<long, bool> canAct)
    {
        _closed.Clear();
        var rules = _core.CurrentRules.Now;
        if (!rules.Calendar.IsWorkingDay(rules.DateOf(now))) return _closed;
        foreach (var file in await OpenCasesAsync()) await WorkOnAsync(file, now, canAct(file.WorkerId));
        // The lead reviewer reads the reversed decisions for some weeks.
        if (_dice.Throw(20) == 0) await _core.Writer.SubmitAsync(new LiftPause(_lead.Actor, "The reversed decisions have been read.", rules) { ReceivedAt = now, Channel = RecordChannel.Desk });
        return _closed;
    }

    async Task<List<CaseFile>> OpenCasesAsync()
    {
        await using var connection = await _core.Database.OpenAsync();
        return (await connection.QueryAsync<CaseFile>(
            $"""
            select {CaseFile.Columns} from case_file c
            where worker_id in (select worker_id from register_entry where standing in ({(int)Standing.UnderReview}, {(int)Standing.RemovalPending}, {(int)Standing.Removed}))
              and not exists (select 1 from case_file newer where newer.worker_id = c.worker_id and newer.id > c.id)
            order by opened_at, worker_id
            """)).ToList();
    }

    async Task WorkOnAsync(CaseFile file, Instant now, bool canAct)
    {
        var rules = _core.CurrentRules.Now;
        switch ((CaseStage)file.Stage)
        {
            case CaseStage.Open when _dice.Throw(5) == 0:
                var one = _dice.Throw(2) == 0 ? _mild : _strict;
                if (_dice.Throw(100) < one.KeepsOf100) await DoAsync(file, new KeepWorker(one.Who.Actor, Reason, rules, _telling) { ReceivedAt = now, Channel = RecordChannel.Desk }, one.Who, t => t with { Kept = t.Kept + 1 }, closes: true);
                else await DoAsync(file, new ProposeRemoval(one.Who.Actor, Removal, rules, _telling) { ReceivedAt = now, Channel = RecordChannel.Desk }, one.Who, t => t with { Proposed = t.Proposed + 1 });
                break;
            case CaseStage.AwaitingAgreement when _dice.Throw(3) == 0:
                var other = file.ProposedBy == _mild.Who.Number ? _strict : _mild;
                if (_dice.Throw(100) < other.KeepsOf100) await DoAsync(file, new DisagreeWithRemoval(other.Who.Actor, Reason, rules, _telling) { ReceivedAt = now, Channel = RecordChannel.Desk }, other.Who, t => t with { Disagreed = t.Disagreed + 1 });
                else await DoAsync(file, new AgreeToRemoval(other.Who.Actor, Reason, rules, _telling) { ReceivedAt = now, Channel = RecordChannel.Desk }, other.Who, t => t with { Agreed = t.Agreed + 1 });
                break;
            case CaseStage.RemovalPending when canAct && _dice.Throw(18) == 0:
            case CaseStage.Removed when canAct && _dice.Throw(60) == 0:
                await DoAsync(file, new AppealRemoval(Actor.Worker, "I live there and work here.", [], rules, _telling) { ReceivedAt = now, Channel = RecordChannel.Web }, null, t => t with { Appealed = t.Appealed + 1 });
                break;
            case CaseStage.RemovalPending when _dice.Throw(3) == 0:
                await DoAsync(file, new PutRemovalInEffect(_strict.Who.Actor, rules, _telling) { ReceivedAt = now, Channel = RecordChannel.Desk }, _strict.Who, t => t with { PutInEffect = t.PutInEffect + 1 });
                break;
            case CaseStage.Suspended when _dice.Throw(5) == 0:
                var forWorker = _dice.Throw(4) == 0;
                await DoAsync(file, new DecideAppeal(_reviewer.Actor, forWorker, Reason, rules, _telling) { ReceivedAt = now, Channel = RecordChannel.Desk }, _reviewer,
                    t => forWorker ? t with { DecidedFor = t.DecidedFor + 1 } : t with { DecidedAgainst = t.DecidedAgainst + 1 }, closes: forWorker);
                break;
            case CaseStage.Removed when _dice.Throw(90) == 0:
                await DoAsync(file, new ReinstateWorker(_reviewer.Actor, Reason, rules, _telling) { ReceivedAt = now, Channel = RecordChannel.Desk }, _reviewer, t => t with { Reinstated = t.Reinstated + 1 }, closes: true);
                break;
        }
    }

    async Task DoAsync(CaseFile file, CaseStep act, StaffMember? officer, Func<CaseTally, CaseTally> count, bool closes = false)
    {
        if (officer is not null) await OpenAsync(file, officer);
        act.WorkerId = file.WorkerId;
        switch (await _core.Writer.SubmitAsync(act))
        {
            case ActResult.Accepted:
                Tally = count(Tally);
                if (closes) _closed.Add(file.WorkerId);
                break;
            case ActResult.Refused:
                Tally = Tally with { TurnedDown = Tally.TurnedDown + 1 };
                break;
            case ActResult.Unavailable unavailable:
                throw new CommandLineException(unavailable.Sentence, 1);
        }
    }

    /// <summary>As at the desk: the file, then everything in it, each a look.</summary>
    async Task OpenAsync(CaseFile file, StaffMember officer)
    {
        await using var connection = await _core.Database.OpenAsync();
        await _looks.RecordAsync(officer, file.WorkerId, Looks.File, file.Number, "I work on this case.");
        foreach (var answer in await file.UnopenedAnswersAsync(connection, null, officer.Number)) await _looks.RecordAsync(officer, file.WorkerId, Looks.Answer, answer, "I work on this case.");
    }

    /// <summary>How many acts against a worker, and removals that stand, no two named people are behind: 0, or there is a defect.</summary>
    public async Task<long> UndecidedAsync()
    {
        await using DbConnection connection = await _core.Database.OpenAsync();
        var acts = await connection.ExecuteScalarAsync<long>(
            $"select count(*) from act where kind in ({(int)StatementKind.RemovalProposed}, {(int)StatementKind.RemovalAgreed}, {(int)StatementKind.RemovalInEffect})");
        var standings = await connection.ExecuteScalarAsync<long>(
            $"""
            select count(*) from register_entry r
            where r.standing not in ({(int)Standing.Enrolled}, {(int)Standing.Registered}, {(int)Standing.UnderReview})
              and not exists (
                select 1 from case_file c join staff p on p.number = c.proposed_by join staff a on a.number = c.agreed_by
                where c.worker_id = r.worker_id and p.id <> a.id and not exists (select 1 from case_file n where n.worker_id = c.worker_id and n.id > c.id))
            """);
        var inEffect = await connection.ExecuteScalarAsync<long>(
            $"""
            select count(*) from register_entry r where r.standing = {(int)Standing.Removed}
              and not exists (select 1 from removal m where m.worker_id = r.worker_id and m.undone_act is null and m.proposed_by <> m.agreed_by and m.in_effect_on > m.window_until)
            """);
        return Math.Abs(acts - Tally.Adverse) + standings + inEffect;
    }
}
