using System.Collections.Immutable;
using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;

namespace Manzil.SignIn;

/// <summary>
/// The acts by which somebody gets back in (kind 49): by document and code, by a recovery code, or at a centre. Each tells
/// every phone and address on file, and those removed in the last days, since whoever gets in may be a thief.
/// </summary>
/// <param name="how">Which way; stands in the record (docs/receipts.md).</param>
/// <param name="endsSessions">Whether all sessions of the worker end with it.</param>
/// <param name="rules">Whose date it is.</param>
/// <param name="telling">Words the messages.</param>
public abstract class RestoreAccess(string how, bool endsSessions, Jurisdiction rules, Telling telling) : Act
{
    public const string ByDocument = "document-and-code", ByRecoveryCode = "recovery-code", AtCentre = "centre";
    public const string How = "how", SessionsAfter = "sessions", Card = "card", CardLost = "card-lost", CardBefore = "card-before";
    public const string Ended = "ended", Kept = "kept";

    public override bool WritesOwnRows => true;

    public override Decision Decide(Worker? worker)
    {
        if (worker is null) return Decision.Refuse("not-found");
        var particulars = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add(How, how).Add(SessionsAfter, endsSessions ? Ended : Kept);
        foreach (var (name, value) in ParticularsOf(worker)) particulars = particulars.Add(name, value);
        return new Decision
        {
            Kind = StatementKind.AccessRestored,
            Office = OfficeOf(worker),
            EffectiveFrom = rules.DateOf(ReceivedAt),
            Particulars = particulars,
            Messages = telling.ToAllAndCopies(worker, ReceivedAt, $"message.access-restored-{how}", ("name", worker.FirstName), ("number", Number.ToString())),
        };
    }

    public sealed override async Task WriteAsync(DbConnection connection, DbTransaction transaction)
    {
        await WriteRowsAsync(connection, transaction);
        if (endsSessions) await connection.ExecuteAsync("delete from session where worker_id = @WorkerId", new { WorkerId }, transaction);
    }

    protected virtual string OfficeOf(Worker worker) => worker.Entry.Office ?? worker.Office;

    protected virtual IEnumerable<(string Name, string Value)> ParticularsOf(Worker worker) => [];

    protected abstract Task WriteRowsAsync(DbConnection connection, DbTransaction transaction);

    /// <summary>Goes with a key of one code: two requests with that code at the same moment are one act.</summary>
    protected static byte[] Restored { get; } = SHA256.HashData("access restored"u8);
}

/// <summary>By document and a code that was sent. Whoever needs this has no card at hand, so the card is marked lost.</summary>
public sealed class RestoreByDocument : RestoreAccess
{
    readonly byte[] _tokenHash;

    public RestoreByDocument(byte[] tokenHash, bool endsSessions, Jurisdiction rules, Telling telling)
        : base(ByDocument, endsSessions, rules, telling)
    {
        _tokenHash = tokenHash;
        ContentHash = Restored;
    }

    public override IdempotencyKey? IdempotencyKey => IdempotencyKey.OfService("restore-by-document", WorkerId, Convert.ToHexStringLower(_tokenHash));

    protected override IEnumerable<(string Name, string Value)> ParticularsOf(Worker worker) => [(Card, worker.CardNumber), (CardLost, "yes")];

    protected override async Task WriteRowsAsync(DbConnection connection, DbTransaction transaction)
    {
        await connection.ExecuteAsync("delete from back_in_try where token_hash = @hash", new { hash = _tokenHash }, transaction);
        await ActivationCodes.LoseCardAsync(connection, transaction, WorkerId, ReceivedAt);
    }
}

/// <summary>By one of the codes that the worker printed.</summary>
public sealed class RestoreByRecoveryCode : RestoreAccess
{
    readonly long _madeAt;
    readonly int _number;

    public RestoreByRecoveryCode(long madeAt, int number, bool endsSessions, Jurisdiction rules, Telling telling)
        : base(ByRecoveryCode, endsSessions, rules, telling)
    {
        (_madeAt, _number) = (madeAt, number);
        ContentHash = Restored;
    }

    public override IdempotencyKey? IdempotencyKey =>
        IdempotencyKey.OfService("restore-by-recovery-code", WorkerId, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{_madeAt} {_number}"));

    protected override Task WriteRowsAsync(DbConnection connection, DbTransaction transaction) =>
        connection.ExecuteAsync(
            "update recovery_code set used_at = @at where worker_id = @WorkerId and number = @number and made_at = @madeAt",
            new { WorkerId, number = _number, madeAt = _madeAt, at = ReceivedAt.ToUnixTimeMilliseconds() }, transaction);
}
