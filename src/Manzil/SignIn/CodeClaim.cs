using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Manzil.Receipts;
using Manzil.Register;

namespace Manzil.SignIn;

/// <summary>Who somebody says they are who asks for a code: by which way, how askings are counted, and how it is looked up.</summary>
/// <param name="Way">The way in; may be logged.</param>
/// <param name="Purpose">With which codes it is counted.</param>
/// <param name="Text">The message that holds the code.</param>
public abstract record CodeClaim(string Way, CodePurpose Purpose, string Text)
{
    /// <summary>What is counted as one: tries for it slow each other.</summary>
    public abstract string Name(string network);

    /// <returns>The worker; null where it is nobody, or where no code may go out for it.</returns>
    public abstract Task<long?> FindAsync(DbConnection connection);

    /// <summary>By what the database knows a browser's try. A code that was asked for by one way opens no other.</summary>
    public static byte[] TryOf(string way, byte[] token) => SHA256.HashData((byte[])[.. Encoding.UTF8.GetBytes(way), .. token]);

    /// <summary>The identity document, for whoever has no card at hand.</summary>
    public sealed record ByDocument(IdentityDocument Document) : CodeClaim(WayName, CodePurpose.BackIn, "message.back-in-code")
    {
        public const string WayName = "document";

        // The number alone, so that guessing birth dates for one number is slowed too.
        public override string Name(string network) => Document.Number;

        public override Task<long?> FindAsync(DbConnection connection) => DocumentLookup.FindAsync(connection, Document);
    }

    /// <summary>The card that counts, and the birth date: the ordinary way for whoever has no code on a slip.</summary>
    public sealed record ByCard(string Number, BirthDate BirthDate) : CodeClaim(WayName, CodePurpose.ByCard, "message.sign-in-code")
    {
        public const string WayName = "sent-code";

        // With the address: whoever asks for somebody's card makes nobody elsewhere wait. Asking tells nothing, and the codes of a day are few.
        public override string Name(string network) => NameOf(Number, network);

        public static string NameOf(string number, string network) => $"{number} {network}";

        public override async Task<long?> FindAsync(DbConnection connection) => await connection.QuerySingleOrDefaultAsync<long?>(
            $"""
            select w.id from worker w join document d on d.worker_id = w.id
            where w.card_number = @Number and w.card_lost_at is null and d.birth_date = @birth and {DocumentLookup.IsNewest}
            """,
            new { Number, birth = BirthDate.ToString() });
    }
}
