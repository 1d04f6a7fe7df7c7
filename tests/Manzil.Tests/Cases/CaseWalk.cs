using System.Security.Cryptography;
using Dapper;
using Manzil.Cases;
using Manzil.Messages;
using Manzil.Notices;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using Manzil.Staff;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace Manzil.Tests.Cases;

/// <summary>Invented workers and officers, brought to any stage of a case by the real acts.</summary>
sealed class CaseWalk
{
    public static readonly Proposal Whole = new("LEFT", "The landlord says that the worker left on 3 March and took everything along.", "A confirmation from the worker.");

    static int people;

    readonly TestService _service;

    CaseWalk(TestService service) => _service = service;

    public TestService Service => _service;

    public Telling Telling => _service.Services.GetRequiredService<Telling>();

    public Jurisdiction Rules => _service.Core.CurrentRules.Now;

    /// <summary>By the names of <see cref="CaseTable.Actors"/>.</summary>
    public Dictionary<string, Actor> Actors { get; } = [];

    public static async Task<CaseWalk> BeginAsync(TestService service)
    {
        var walk = new CaseWalk(service);
        foreach (var (name, actor) in CaseTable.Actors)
        {
            if (name is "RP" or "RA") continue;
            walk.Actors[name] = actor.Kind == ActorKind.Staff ? (await service.StaffAsync(actor.Role)).Staff.Actor : actor;
        }

        // One person has one role: these two were reviewers only in a caller's claim.
        walk.Actors["RP"] = Actor.Staff(StaffRole.Reviewer, walk.Actors["P"].StaffNumber!);
        walk.Actors["RA"] = Actor.Staff(StaffRole.LeadReviewer, walk.Actors["A"].StaffNumber!);
        return walk;
    }

    public Instant Now => _service.Clock.GetCurrentInstant();

    public string Officer(string name) => Actors[name].StaffNumber!;

    public Act Make(CaseAct act, Actor actor, string words = "Two neighbours say so.")
    {
        var (rules, telling, at) = (Rules, Telling, Now);
        return act switch
        {
            CaseAct.OpenAfterSilence => new OpenCase(Reminded, rules, telling) { ReceivedAt = at, Channel = RecordChannel.Operator },
            CaseAct.OpenWithReason => new OpenCaseWithReason(actor, words, rules, telling) { ReceivedAt = at, Channel = RecordChannel.Desk },
            CaseAct.Answer => new AnswerCase(actor, words, [], rules, telling) { ReceivedAt = at, Channel = RecordChannel.Web },
            CaseAct.Confirm => new GiveNotice(new Notice.Confirmation(), null, rules, telling) { ReceivedAt = at, Channel = RecordChannel.Web },
            CaseAct.Keep => new KeepWorker(actor, words, rules, telling) { ReceivedAt = at, Channel = RecordChannel.Desk },
            CaseAct.ProposeRemoval => new ProposeRemoval(actor, Whole, rules, telling) { ReceivedAt = at, Channel = RecordChannel.Desk },
            CaseAct.Agree => new AgreeToRemoval(actor, words, rules, telling) { ReceivedAt = at, Channel = RecordChannel.Desk },
            CaseAct.Disagree => new DisagreeWithRemoval(actor, words, rules, telling) { ReceivedAt = at, Channel = RecordChannel.Desk },
            CaseAct.WithdrawProposal => new WithdrawProposal(actor, words, rules, telling) { ReceivedAt = at, Channel = RecordChannel.Desk },
            CaseAct.Appeal => new AppealRemoval(actor, words, [], rules, telling) { ReceivedAt = at, Channel = RecordChannel.Web },
            CaseAct.DecideAppealForWorker => new DecideAppeal(actor, true, words, rules, telling) { ReceivedAt = at, Channel = RecordChannel.Desk },
            CaseAct.DecideAppealAgainstWorker => new DecideAppeal(actor, false, words, rules, telling) { ReceivedAt = at, Channel = RecordChannel.Desk },
            CaseAct.PutInEffect => new PutRemovalInEffect(actor, rules, telling) { ReceivedAt = at, Channel = RecordChannel.Desk },
            CaseAct.Reinstate => new ReinstateWorker(actor, words, rules, telling) { ReceivedAt = at, Channel = RecordChannel.Desk },
            CaseAct.CloseUnfounded => new CloseUnfoundedCase(null, rules, telling) { ReceivedAt = at, Channel = RecordChannel.Operator },
            CaseAct.UndoSteps => new UndoSteps(new Bounce(1, 0, at), rules, telling) { ReceivedAt = at, Channel = RecordChannel.Operator },
            _ => new CloseForWorker(rules, telling) { ReceivedAt = at, Channel = RecordChannel.Operator },
        };
    }

    /// <summary>When the reminder that <see cref="RemindAsync"/> writes was delivered.</summary>
    public Instant Reminded { get; private set; }

    public Task<ActResult> DoAsync(long worker, CaseAct act, string who, string words = "Two neighbours say so.", Core? node = null)
    {
        var made = Make(act, Actors[who], words);
        made.WorkerId = worker;
        return (node ?? _service.Core).Writer.SubmitAsync(made);
    }

    public async Task DoneAsync(long worker, CaseAct act, string who, string words = "Two neighbours say so.")
    {
        var result = await DoAsync(worker, act, who, words);
        Assert.True(result is ActResult.Accepted, $"{act} by {who}: {result}");
    }

    public async Task<long> RegisteredAsync(Enrolment? enrolment = null)
    {
        var n = Interlocked.Increment(ref people);
        var document = new IdentityDocument("UZB", $"CW{n:D7}", new LocalDate(1990, 5, 17));
        enrolment ??= new Enrolment($"CW{n:D7}", $"Aziz Rahimov {n}", document, Rules.DefaultOffice.Code.Value, "en", "+70000000001", null);
        var enrol = new Enrol(enrolment, Rules, RandomNumberGenerator.GetBytes(32), withCode: false) { ReceivedAt = Now, Channel = RecordChannel.Operator };
        Assert.IsType<ActResult.Accepted>(await _service.Core.Writer.SubmitAsync(enrol));
        var worker = enrol.WorkerId!.Value;
        var today = Rules.DateOf(Now);
        foreach (var notice in (Notice[])[new Notice.Registration(), new Notice.Residence(today, new RecordAddress("Tverskoy", "Long Street", "5"))])
        {
            var act = new GiveNotice(notice, null, Rules, Telling) { ReceivedAt = Now, Channel = RecordChannel.Web, WorkerId = worker };
            Assert.IsType<ActResult.Accepted>(await _service.Core.Writer.SubmitAsync(act));
        }

        return worker;
    }

    /// <summary>Writes down that every worker's reminder was delivered some days ago.</summary>
    public async Task RemindAsync(int daysAgo)
    {
        Reminded = Now - Duration.FromDays(daysAgo);
        await using var connection = await _service.Core.Database.OpenAsync();
        await connection.ExecuteAsync(
            """
            insert into message (worker_id, channel_kind, address, language, subject, body, created_at, sent_at, delivered_at, reminds_of)
            select worker_id, 'sms', '+70000000001', 'en', '', 'Please confirm.', @at, @at, @at, next_deadline from register_entry where standing = 1
            """,
            new { at = Reminded.ToUnixTimeMilliseconds() });
    }

    /// <summary>
    /// Workers at each stage, so many as are asked for, on a day when every act that the table has is possible: periods and windows are
    /// over, the authority's time is not, and officers have opened everything.
    /// </summary>
    public async Task<Dictionary<CaseStage, List<long>>> RipeAsync(Func<CaseStage, int> count, bool silence = false)
    {
        var all = new Dictionary<CaseStage, List<long>>();
        foreach (var stage in Enum.GetValues<CaseStage>())
        {
            all[stage] = [];
            for (var i = 0; i < count(stage); i++) all[stage].Add(await RegisteredAsync());
        }

        List<long> late = [.. all[CaseStage.Open], .. all[CaseStage.AwaitingAgreement]], early = [.. all[CaseStage.RemovalPending], .. all[CaseStage.Suspended], .. all[CaseStage.Removed]];
        if (silence)
        {
            // Told on 23 November, due on 23 December: silent from the 29th.
            _service.Clock.AdvanceDays(36);
            await RemindAsync(13);
        }

        async Task OpenAsync(List<long> workers)
        {
            foreach (var worker in workers) await DoneAsync(worker, silence ? CaseAct.OpenAfterSilence : CaseAct.OpenWithReason, silence ? "sys" : "C");
        }

        // A notice of the same moment would be an answer.
        _service.Clock.AdvanceMinutes(1);
        await OpenAsync(early);
        _service.Clock.AdvanceDays(silence ? 28 : 16);
        await OpenAsync(late);
        foreach (var worker in early) await DoneAsync(worker, CaseAct.ProposeRemoval, "P");
        foreach (var worker in early) await DoneAsync(worker, CaseAct.Agree, "A");
        _service.Clock.AdvanceDays(silence ? 21 : 20);
        foreach (var worker in all[CaseStage.AwaitingAgreement]) await DoneAsync(worker, CaseAct.ProposeRemoval, "P");
        foreach (var worker in all[CaseStage.Removed]) await DoneAsync(worker, CaseAct.PutInEffect, "P");
        foreach (var worker in all[CaseStage.Suspended]) await DoneAsync(worker, CaseAct.Appeal, "worker");
        if (!silence) await RemindAsync(13);
        await OpenEverythingAsync();
        return all;
    }

    /// <summary>Somebody who is registered, removed by the acts, 36 days later.</summary>
    public async Task RemoveAsync(long worker)
    {
        _service.Clock.AdvanceMinutes(1);
        await DoneAsync(worker, CaseAct.OpenWithReason, "C");
        _service.Clock.AdvanceDays(16);
        await OpenEverythingAsync(worker);
        await DoneAsync(worker, CaseAct.ProposeRemoval, "P");
        await DoneAsync(worker, CaseAct.Agree, "A");
        _service.Clock.AdvanceDays(20);
        await DoneAsync(worker, CaseAct.PutInEffect, "C");
    }

    /// <summary>Every officer has looked at whatever a worker said, and at every document.</summary>
    public async Task OpenEverythingAsync(long? worker = null)
    {
        await using var connection = await _service.Core.Database.OpenAsync();
        await connection.ExecuteAsync(
            """
            insert into look (worker_id, staff_number, role, office, what, item, reason, looked_at, keep_until)
            select a.worker_id, s.number, s.role, s.office, 'answer', a.number, 'to decide', @at, @until
            from act a cross join staff s
            where s.agreed_at is not null and s.dismissed_at is null and a.kind in (2, 3, 33, 36) and a.worker_id is not null and (cast(@worker as bigint) is null or a.worker_id = @worker)
              and not exists (select 1 from look l where l.worker_id = a.worker_id and l.item = a.number and l.staff_number = s.number)
            """,
            new { at = Now.ToUnixTimeMilliseconds(), until = (Now + Duration.FromDays(1096)).ToUnixTimeMilliseconds(), worker });
    }

    public async Task<(CaseStage Stage, Standing Standing)> WhereAsync(long worker)
    {
        await using var connection = await _service.Core.Database.OpenAsync();
        var (stage, standing) = await connection.QuerySingleAsync<(long?, long)>(
            """
            select (select c.stage from case_file c where c.worker_id = r.worker_id order by c.id desc limit 1), r.standing
            from register_entry r where r.worker_id = @worker
            """,
            new { worker });
        return ((CaseStage)(stage ?? 0), (Standing)standing);
    }
}
