using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.SignIn;
using NodaTime;

namespace Manzil.Registrations;

/// <summary>What a centre writes down of a worker.</summary>
public sealed record Enrolment(
    string CardNumber, string Name, IdentityDocument Document, string Office, string Language, string? Phone, string? Email);

/// <summary>The act by which a centre makes a worker known: worker, document, channels, register entry and activation code together.</summary>
/// <param name="stretched">The document's key where it is known already: making it takes a tenth of a second.</param>
/// <param name="withCode">Whether an activation code is made for the slip; people who are simulated need none.</param>
public sealed class Enrol(Enrolment enrolment, Jurisdiction rules, byte[]? stretched = null, bool withCode = true) : Act
{
    readonly byte[] _stretched = stretched ?? enrolment.Document.Stretch();
    readonly ActivationCodes.Made? _code = withCode ? new ActivationCodes.Made() : null;

    /// <summary>The clerk who enrols; null where the command line does.</summary>
    public Actor? Officer { get; init; }

    /// <summary>The code for the slip; there once the act was accepted.</summary>
    public string ActivationCode { get; private set; } = "";

    public Instant CodeExpires => ReceivedAt + Duration.FromDays(rules.Intervals.ActivationCodeDays);

    public override bool WritesOwnRows => true;

    public override string RefusalOfConflict => "card-or-document-known";

    public override (RecordHolder Holder, byte[] Stretched)? HolderOf(Worker? worker) =>
        (new RecordHolder(enrolment.Name, enrolment.Document), _stretched);

    public override Decision Decide(Worker? worker) => new()
    {
        Kind = StatementKind.Enrolled,
        Office = enrolment.Office,
        EffectiveFrom = rules.DateOf(ReceivedAt),
        Particulars = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
            .Add("card", enrolment.CardNumber)
            .Add("language", enrolment.Language)
            .AddRange(OfficersOwn.Particulars(Officer)),
    };

    public override async Task WriteAsync(DbConnection connection, DbTransaction transaction)
    {
        var at = ReceivedAt.ToUnixTimeMilliseconds();
        var worker = await connection.ExecuteScalarAsync<long>(
            """
            insert into worker (card_number, name, language, office, enrolled_at)
            values (@CardNumber, @Name, @Language, @Office, @at) returning id
            """,
            new { enrolment.CardNumber, enrolment.Name, enrolment.Language, enrolment.Office, at }, transaction);
        await connection.ExecuteAsync(
            """
            insert into document (worker_id, state, number, birth_date, stretched, recorded_at)
            values (@worker, @State, @Number, @birth, @stretched, @at)
            """,
            new { worker, enrolment.Document.State, enrolment.Document.Number, birth = enrolment.Document.BirthDate.ToString(), stretched = _stretched, at }, transaction);
        await connection.ExecuteAsync(
            "insert into register_entry (worker_id, standing) values (@worker, @standing)",
            new { worker, standing = (int)Standing.Enrolled }, transaction);
        // Channels given at the desk are confirmed there: the clerk sees the phone ring.
        foreach (var (kind, address) in ((string, string?)[])[("sms", enrolment.Phone), ("email", enrolment.Email)])
        {
            if (address is null) continue;
            await connection.ExecuteAsync(
                "insert into channel (worker_id, kind, address, confirmed_at) values (@worker, @kind, @address, @at)",
                new { worker, kind, address, at }, transaction);
        }

        if (_code is not null) ActivationCode = await ActivationCodes.IssueAsync(connection, transaction, worker, CodeExpires, new KeyedCodes(Installation!), _code);
        WorkerId = worker;
    }
}
