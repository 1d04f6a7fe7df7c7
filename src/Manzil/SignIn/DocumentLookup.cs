using System.Data.Common;
using Dapper;
using Manzil.Receipts;
using Manzil.Register;

namespace Manzil.SignIn;

/// <summary>Whose document this is. A document that was renewed since leads to nobody.</summary>
public static class DocumentLookup
{
    /// <summary>SQL: of the documents d of a worker, the one written down last. One that counts again was written down again.</summary>
    public const string IsNewest =
        "not exists (select 1 from document n where n.worker_id = d.worker_id and (n.recorded_at > d.recorded_at or (n.recorded_at = d.recorded_at and n.id > d.id)))";

    public static async Task<long?> FindAsync(DbConnection connection, IdentityDocument document)
    {
        var found = await connection.QueryAsync<(long WorkerId, string State)>(
            $"""
            select d.worker_id, d.state from document d
            where d.number = @Number and d.birth_date = @birth and {IsNewest}
            """,
            new { document.Number, birth = document.BirthDate.ToString() });
        // Compared here: nothing in the database selects people by a state.
        return found.Where(f => f.State == document.State).Select(f => (long?)f.WorkerId).FirstOrDefault();
    }
}
