using System.Security.Cryptography;
using System.Text;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Cases.Desk;

/// <summary>What an officer can do in a case, each on a page of its own.</summary>
/// <param name="Slug">In the page's address, and in the keys of its texts.</param>
/// <param name="Act">What the table calls it.</param>
/// <param name="AsksReason">Whether there is a reason to write.</param>
public sealed record DeskAct(string Slug, CaseAct Act, bool AsksReason = true)
{
    public const int MaxReason = 4000, MaxChange = 2000;

    public static IReadOnlyList<DeskAct> All { get; } =
    [
        new("keep", CaseAct.Keep),
        // What is proposed has three parts; none of them is a reason by itself.
        new("propose", CaseAct.ProposeRemoval, AsksReason: false),
        new("agree", CaseAct.Agree),
        new("disagree", CaseAct.Disagree),
        new("withdraw", CaseAct.WithdrawProposal),
        new("put-in-effect", CaseAct.PutInEffect, AsksReason: false),
        new("decide-for", CaseAct.DecideAppealForWorker),
        new("decide-against", CaseAct.DecideAppealAgainstWorker),
        new("reinstate", CaseAct.Reinstate),
    ];

    public static DeskAct? Find(string slug) => All.FirstOrDefault(a => a.Slug == slug);

    public static DeskAct? Of(CaseAct act) => All.FirstOrDefault(a => a.Act == act);

    /// <summary>An agreement may go without a reason of its own: the proposal's is what is agreed to.</summary>
    public bool NeedsReason => AsksReason && Act != CaseAct.Agree;
}

/// <summary>What an officer wrote, as it goes into the act.</summary>
public sealed record DeskWords(string? Reason = null, string? Ground = null, string? Facts = null, string? Change = null)
{
    public CaseWords For(Jurisdiction rules) => new() { Reason = Reason, GroundIsKnown = rules.Grounds.Any(g => g.Code == Ground), Facts = Facts, Change = Change };

    public byte[] ContentHash(string what, string seen) => SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', what, seen, Reason, Ground, Facts, Change)));
}

/// <summary>Makes the acts of the desk from what was written, and hands them to the writer.</summary>
public sealed class DeskActs(BatchWriter writer, Breaker breaker, CaseDesk desk, Telling telling)
{
    public Task<ActResult> DoAsync(DeskAct what, Actor actor, long worker, string seen, DeskWords words, string key)
    {
        var (rules, reason) = (desk.Rules, words.Reason ?? "");
        var (at, id, hash) = (desk.Now, KeyOf(actor, key), words.ContentHash(what.Slug, seen));
        CaseStep act = what.Act switch
        {
            CaseAct.Keep => new KeepWorker(actor, reason, rules, telling) { ReceivedAt = at, Channel = RecordChannel.Desk, WorkerId = worker, IdempotencyKey = id, ContentHash = hash, Seen = seen },
            CaseAct.ProposeRemoval => new ProposeRemoval(actor, new Proposal(words.Ground, words.Facts, words.Change), rules, telling) { ReceivedAt = at, Channel = RecordChannel.Desk, WorkerId = worker, IdempotencyKey = id, ContentHash = hash, Seen = seen },
            CaseAct.Agree => new AgreeToRemoval(actor, words.Reason, rules, telling) { ReceivedAt = at, Channel = RecordChannel.Desk, WorkerId = worker, IdempotencyKey = id, ContentHash = hash, Seen = seen },
            CaseAct.Disagree => new DisagreeWithRemoval(actor, reason, rules, telling) { ReceivedAt = at, Channel = RecordChannel.Desk, WorkerId = worker, IdempotencyKey = id, ContentHash = hash, Seen = seen },
            CaseAct.WithdrawProposal => new WithdrawProposal(actor, reason, rules, telling) { ReceivedAt = at, Channel = RecordChannel.Desk, WorkerId = worker, IdempotencyKey = id, ContentHash = hash, Seen = seen },
            CaseAct.PutInEffect => new PutRemovalInEffect(actor, rules, telling) { ReceivedAt = at, Channel = RecordChannel.Desk, WorkerId = worker, IdempotencyKey = id, ContentHash = hash, Seen = seen },
            CaseAct.DecideAppealForWorker or CaseAct.DecideAppealAgainstWorker => new DecideAppeal(actor, what.Act == CaseAct.DecideAppealForWorker, reason, rules, telling)
            {
                ReceivedAt = at,
                Channel = RecordChannel.Desk,
                WorkerId = worker,
                IdempotencyKey = id,
                ContentHash = hash,
                Seen = seen,
            },
            CaseAct.Reinstate => new ReinstateWorker(actor, reason, rules, telling) { ReceivedAt = at, Channel = RecordChannel.Desk, WorkerId = worker, IdempotencyKey = id, ContentHash = hash, Seen = seen },
            _ => throw new ArgumentOutOfRangeException(nameof(what), what, "Not an act of the desk."),
        };
        return act is DecideAppeal decision ? breaker.DecideAsync(decision) : writer.SubmitAsync(act);
    }

    public Task<ActResult> OpenAsync(Actor actor, long worker, string reason, string key) => writer.SubmitAsync(new OpenCaseWithReason(actor, reason, desk.Rules, telling)
    {
        ReceivedAt = desk.Now,
        Channel = RecordChannel.Desk,
        WorkerId = worker,
        IdempotencyKey = KeyOf(actor, key),
        ContentHash = new DeskWords(reason).ContentHash("open", ""),
    });

    public Task<ActResult> DeliveredAsync(Actor actor, long worker, string item, string how, LocalDate day, string key) => writer.SubmitAsync(new RecordDelivery(actor, item, how, day, desk.Rules, telling)
    {
        ReceivedAt = desk.Now,
        Channel = RecordChannel.Desk,
        WorkerId = worker,
        IdempotencyKey = KeyOf(actor, key),
        ContentHash = new DeskWords(how, IsoDate.Write(day)).ContentHash("delivered", item),
    });

    static IdempotencyKey KeyOf(Actor actor, string key) => IdempotencyKey.OfOfficer(actor.StaffNumber!, key);
}
