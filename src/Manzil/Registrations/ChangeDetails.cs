using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using Manzil.Cases;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Typing;

namespace Manzil.Registrations;

/// <summary>
/// The act by which a centre writes down a renewed document or a changed name (kind 8). The documents before stay the worker's; the
/// newest counts, and the receipt is bound to it. Every channel is told, and those removed lately, since it may be a thief who asks.
/// </summary>
/// <param name="actor">Who saw the document.</param>
/// <param name="office">Code of the centre.</param>
/// <param name="name">The name as the document has it now.</param>
/// <param name="document">The document that counts from now on; the same as before where only the name changed.</param>
/// <param name="stretched">That document's key: making it takes a tenth of a second, so it is made before.</param>
/// <param name="rules">Whose date it is.</param>
/// <param name="telling">Words the messages.</param>
public sealed class ChangeDetails(Actor actor, string office, string name, IdentityDocument document, byte[] stretched, Jurisdiction rules, Telling telling) : Act
{
    public const string Changed = "changed", DocumentBefore = "document-before", NameBefore = "name-before";
    public const string OfDocument = "document", OfName = "name", OfBoth = "document-and-name";
    public const string Same = "details-same", Known = "document-known";

    bool _isRenewed, _isRenamed;

    public override bool WritesOwnRows => true;

    public override string RefusalOfConflict => Known;

    public override (RecordHolder Holder, byte[] Stretched)? HolderOf(Worker? worker) => (new RecordHolder(name, document), stretched);

    public override Decision Decide(Worker? worker)
    {
        if (worker is null) return Decision.Refuse("not-found");
        if (actor is not { Kind: ActorKind.Staff, Role: StaffRole.Clerk }) return Decision.Refuse(CaseRefusal.NotForThisRole.Name());
        (_isRenewed, _isRenamed) = (worker.Document != document, TypedText.TextOf(TextKind.Line, worker.Name) != name);
        if (!_isRenewed && !_isRenamed) return Decision.Refuse(Same);
        var particulars = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
            .Add(Changed, _isRenewed && _isRenamed ? OfBoth : _isRenewed ? OfDocument : OfName)
            .AddRange(OfficersOwn.Particulars(actor));
        if (_isRenewed && worker.Document is { } before) particulars = particulars.Add(DocumentBefore, before.ToString());
        if (_isRenamed) particulars = particulars.Add(NameBefore, worker.Name);
        return new Decision
        {
            Kind = StatementKind.DetailsChanged,
            Office = office,
            EffectiveFrom = rules.DateOf(ReceivedAt),
            Particulars = particulars,
            Messages = telling.ToAllAndCopies(worker, ReceivedAt, "message.details-changed", ("name", (worker with { Name = name }).FirstName), ("number", Number.ToString())),
        };
    }

    public override async Task WriteAsync(DbConnection connection, DbTransaction transaction)
    {
        if (_isRenamed) await connection.ExecuteAsync("update worker set name = @name where id = @WorkerId", new { name, WorkerId }, transaction);
        if (!_isRenewed) return;
        // Nothing in the database selects people by a state: whose document this is is compared here.
        var own = (await connection.QueryAsync<(long Id, string State, string Number, long RecordedAt)>(
            "select id, state, number, recorded_at from document where worker_id = @WorkerId", new { WorkerId }, transaction)).ToList();
        var values = new
        {
            id = own.Where(d => d.State == document.State && d.Number == document.Number).Select(d => (long?)d.Id).FirstOrDefault(),
            WorkerId,
            document.State,
            document.Number,
            birth = document.BirthDate.ToString(),
            stretched,
            // The newest counts, whatever the clock showed when the others were written down.
            at = own.Select(d => d.RecordedAt + 1).Append(ReceivedAt.ToUnixTimeMilliseconds()).Max(),
        };
        await connection.ExecuteAsync(
            // One that was theirs before, or had been written down with a mistake, counts again.
            values.id is not null
                ? "update document set birth_date = @birth, stretched = @stretched, recorded_at = @at where id = @id"
                : "insert into document (worker_id, state, number, birth_date, stretched, recorded_at) values (@WorkerId, @State, @Number, @birth, @stretched, @at)",
            values, transaction);
    }
}
