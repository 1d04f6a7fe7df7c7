using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using Dapper;
using Manzil.Cases;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Helping;

/// <summary>A worker names a helper (kind 51), for the whole file or for the case that is open. All their channels are told.</summary>
public sealed class GiveHelp(string name, string scope, LocalDate until, byte[] codeHash, Jurisdiction rules, Telling telling) : Act
{
    /// <summary>The refusal of a helper for a case, where none is open.</summary>
    public const string NoCase = "helper-no-case";

    CaseFile? _file;

    public override bool WritesOwnRows => true;

    public override bool ReadsFirst => true;

    public override async Task ReadAsync(DbConnection connection, DbTransaction transaction) =>
        _file = await CaseFile.NewestAsync(connection, transaction, WorkerId!.Value);

    public override Decision Decide(Worker? worker)
    {
        if (worker is null) return Decision.Refuse("not-found");
        var isOpen = _file is not null && worker.Entry.Standing is Standing.UnderReview or Standing.RemovalPending or Standing.Removed;
        if (scope == HelperGrant.Act && !isOpen) return Decision.Refuse(NoCase);
        var particulars = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
            .Add("helper", name).Add("scope", scope).Add("until", IsoDate.Write(until)!);
        return new Decision
        {
            Kind = StatementKind.HelperGiven,
            Office = worker.Entry.Office ?? worker.Office,
            EffectiveFrom = rules.DateOf(ReceivedAt),
            Particulars = scope == HelperGrant.Act ? particulars.Add("case", _file!.Number) : particulars,
            Messages = telling.ToAllAndCopies(worker, ReceivedAt, "message.helper-given", ("name", worker.FirstName), ("number", Number.ToString())),
        };
    }

    public override Task WriteAsync(DbConnection connection, DbTransaction transaction) => connection.ExecuteAsync(
        """
        insert into helper_grant (worker_id, act_number, name, scope, case_id, code_hash, given_at, expires_at)
        values (@WorkerId, @number, @name, @scope, @caseId, @codeHash, @at, @expires)
        """,
        new
        {
            WorkerId,
            number = Number.ToString(),
            name,
            scope,
            caseId = scope == HelperGrant.Act ? _file!.Id : (long?)null,
            codeHash,
            at = ReceivedAt.ToUnixTimeMilliseconds(),
            expires = rules.EndOfDay(until).ToUnixTimeMilliseconds(),
        },
        transaction);
}

/// <summary>A worker withdraws a helper (kind 52). Their access is over with the act; they are not told why.</summary>
public sealed class WithdrawHelper : Act
{
    readonly long _id;
    readonly Jurisdiction _rules;
    readonly Telling _telling;
    HelperGrant? _grant;

    public WithdrawHelper(long id, Jurisdiction rules, Telling telling)
    {
        (_id, _rules, _telling) = (id, rules, telling);
        ContentHash = SHA256.HashData("helper withdrawn"u8);
    }

    // Two taps are one act.
    public override IdempotencyKey? IdempotencyKey => IdempotencyKey.OfService("withdraw-helper", WorkerId, _id.ToString(CultureInfo.InvariantCulture));

    public override bool WritesOwnRows => true;

    public override bool ReadsFirst => true;

    public override async Task ReadAsync(DbConnection connection, DbTransaction transaction) =>
        _grant = await connection.QuerySingleOrDefaultAsync<HelperGrant>(
            $"select {HelperGrant.Columns} from helper_grant g where id = @id and worker_id = @WorkerId and withdrawn_at is null", new { id = _id, WorkerId }, transaction);

    public override Decision Decide(Worker? worker)
    {
        if (worker is null || _grant is null) return Decision.Refuse("not-found");
        return new Decision
        {
            Kind = StatementKind.HelperWithdrawn,
            Office = worker.Entry.Office ?? worker.Office,
            EffectiveFrom = _rules.DateOf(ReceivedAt),
            Particulars = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("given", _grant.ActNumber).Add("helper", _grant.Name),
            Messages = _telling.ToAllAndCopies(worker, ReceivedAt, "message.helper-withdrawn", ("name", worker.FirstName), ("number", Number.ToString())),
        };
    }

    public override async Task WriteAsync(DbConnection connection, DbTransaction transaction)
    {
        await connection.ExecuteAsync("delete from helper_session where grant_id = @id", new { id = _id }, transaction);
        await connection.ExecuteAsync(
            "update helper_grant set withdrawn_at = @at, withdrawn_act = @number, code_hash = null where id = @id",
            new { id = _id, at = ReceivedAt.ToUnixTimeMilliseconds(), number = Number.ToString() }, transaction);
    }
}
