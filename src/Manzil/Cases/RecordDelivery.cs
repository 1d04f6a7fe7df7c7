using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Cases;

/// <summary>
/// A caseworker records that a letter arrived, or that an act was handed over (kind 53, reached, and how): a delivery that no
/// gateway reports (rules.md, Delivery). The worker holds a receipt for it, since their time runs from it.
/// </summary>
/// <param name="actor">The caseworker.</param>
/// <param name="item">The number of the act that was delivered: the case's opening, or the newest decision.</param>
/// <param name="how"><see cref="Post"/> or <see cref="Desk"/>.</param>
/// <param name="day">The local date of the delivery.</param>
/// <param name="rules">The rules with the outages known so far.</param>
/// <param name="telling">Words the message.</param>
public sealed class RecordDelivery(Actor actor, string item, string how, LocalDate day, Jurisdiction rules, Telling telling) : Act
{
    public const string Post = "post", Desk = "desk";
    public const string Known = "delivery-known", Ahead = "delivery-ahead", TooEarly = "delivery-too-early";

    CaseFile? _file;
    LocalDate? _known, _given;

    public override bool WritesOwnRows => true;

    public override bool ReadsFirst => true;

    public override string RefusalOfConflict => Known;

    public override async Task ReadAsync(DbConnection connection, DbTransaction transaction)
    {
        _file = await CaseFile.NewestAsync(connection, transaction, WorkerId!.Value);
        _known = await CaseFile.DeliveredOnAsync(connection, transaction, item, rules);
        var given = await connection.ExecuteScalarAsync<long?>("select given_at from act where number = @item and worker_id = @WorkerId", new { item, WorkerId }, transaction);
        _given = given is { } at ? rules.DateOf(Instant.FromUnixTimeMilliseconds(at)) : null;
    }

    /// <summary>The act whose delivery counts now; null where none does.</summary>
    public static string? Awaited(CaseFile? file, Standing standing) => standing switch
    {
        Standing.UnderReview => file?.Number,
        Standing.RemovalPending => file?.DecisionAct,
        _ => null,
    };

    public override Decision Decide(Worker? worker)
    {
        if (worker is null) return Decision.Refuse("not-found");
        if (actor is not { Kind: ActorKind.Staff, Role: StaffRole.Caseworker }) return Decision.Refuse(CaseRefusal.NotForThisRole.Name());
        var today = rules.DateOf(ReceivedAt);
        if (_given is not { } given || Awaited(_file, worker.Entry.StandingOn(today, rules.WorkersCalendar, rules.Intervals)) != item)
            return Decision.Refuse(CaseRefusal.NotAtThisStage.Name());
        // Told is told: a second, earlier date would move the worker's own deadline against them.
        if (_known is not null) return Decision.Refuse(Known);
        if (day > today) return Decision.Refuse(Ahead);
        if (day < given) return Decision.Refuse(TooEarly);
        return new Decision
        {
            Kind = StatementKind.Reached,
            Office = worker.Entry.Office ?? worker.Office,
            EffectiveFrom = day,
            Particulars = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
                .Add("case", _file!.Number)
                .Add("delivered", item)
                .Add("how", how)
                .Add("delivered-on", IsoDate.Write(day)!)
                .AddRange(OfficersOwn.Particulars(actor)),
            Messages = telling.ToAll(worker, $"message.delivered-by-{how}", ("name", worker.FirstName), ("date", day), ("number", Number.ToString())),
        };
    }

    public override async Task WriteAsync(DbConnection connection, DbTransaction transaction)
    {
        await connection.ExecuteAsync(
            "insert into handed_over (act_number, worker_id, how, day, staff_number, recorded_at) values (@item, @WorkerId, @how, @day, @StaffNumber, @at)",
            new { item, WorkerId, how, day = IsoDate.Write(day), actor.StaffNumber, at = ReceivedAt.ToUnixTimeMilliseconds() }, transaction);
        await ToldUntil.OfDeliveredAsync(connection, transaction, WorkerId!.Value, rules);
    }
}
