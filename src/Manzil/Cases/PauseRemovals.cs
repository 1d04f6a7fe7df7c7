using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using Dapper;
using Manzil.Deadlines;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Cases;

/// <summary>The circuit breaker (kind 42): of the newest decided appeals too many were decided for workers, so removals stop, publicly.</summary>
public sealed class PauseRemovals(Jurisdiction rules) : Act
{
    int _decided, _reversed;
    bool _trips;

    public override bool WritesOwnRows => true;

    public override bool ReadsFirst => true;

    public override string RefusalOfConflict => "not-to-be-paused";

    public override async Task ReadAsync(DbConnection connection, DbTransaction transaction)
    {
        var newest = await Removals.ReversedAsync(connection, transaction, rules);
        (_decided, _reversed) = (newest.Count, newest.Count(r => r));
        _trips = !await Removals.IsPauseOpenAsync(connection, transaction) && CircuitBreaker.Trips(newest, rules.Intervals);
    }

    public override Decision Decide(Worker? worker) => !_trips ? Decision.Refuse(RefusalOfConflict) : new Decision
    {
        Kind = StatementKind.RemovalsPaused,
        Office = rules.DefaultOffice.Code.Value,
        EffectiveFrom = rules.DateOf(ReceivedAt),
        Particulars = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
            .Add("appeals", _decided.ToString(CultureInfo.InvariantCulture))
            .Add("reversed", _reversed.ToString(CultureInfo.InvariantCulture)),
    };

    public override Task WriteAsync(DbConnection connection, DbTransaction transaction) => connection.ExecuteAsync(
        "insert into removal_pause (act_number, started_at) values (@number, @at)",
        new { number = Number.ToString(), at = ReceivedAt.ToUnixTimeMilliseconds() }, transaction);
}

/// <summary>The lead reviewer lifts the pause, with a reason that everybody can read (kind 43).</summary>
public sealed class LiftPause(Actor actor, string reason, Jurisdiction rules) : Act
{
    string? _pause;

    public override bool WritesOwnRows => true;

    public override bool ReadsFirst => true;

    public override string RefusalOfConflict => "not-paused";

    public override async Task ReadAsync(DbConnection connection, DbTransaction transaction) =>
        _pause = await connection.QuerySingleOrDefaultAsync<string?>("select act_number from removal_pause where lifted_at is null", null, transaction);

    public override Decision Decide(Worker? worker)
    {
        if (actor is not { Kind: ActorKind.Staff, Role: StaffRole.LeadReviewer }) return Decision.Refuse(CaseRefusal.NotForThisRole.Name());
        if (string.IsNullOrWhiteSpace(reason)) return Decision.Refuse(CaseRefusal.ReasonMissing.Name());
        if (_pause is null) return Decision.Refuse(RefusalOfConflict);
        return new Decision
        {
            Kind = StatementKind.PauseLifted,
            Office = rules.DefaultOffice.Code.Value,
            EffectiveFrom = rules.DateOf(ReceivedAt),
            Particulars = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("pause", _pause).Add("officer", actor.StaffNumber!),
            Reason = reason.Trim(),
        };
    }

    public override Task WriteAsync(DbConnection connection, DbTransaction transaction) => connection.ExecuteAsync(
        "update removal_pause set lifted_act = @number, lifted_by = @StaffNumber, lifted_at = @at where act_number = @_pause",
        new { number = Number.ToString(), actor.StaffNumber, at = ReceivedAt.ToUnixTimeMilliseconds(), _pause }, transaction);
}
