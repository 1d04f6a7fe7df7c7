using System.Buffers.Binary;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Manzil.Cases;
using Manzil.Cases.Desk;
using Manzil.Deadlines;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Staff;
using NodaTime;

namespace Manzil.Registrations;

/// <summary>An entry of the list: a number that tells nothing, and dates.</summary>
/// <param name="Number">Derived under a secret, and another one in each period.</param>
/// <param name="Since">Since when the worker is waited for.</param>
/// <param name="Due">The confirmation of which no reminder was delivered.</param>
public sealed record ReachEntry(string Number, long WorkerId, LocalDate Since, LocalDate Due);

/// <summary>The centre's list 'to be reached' (rules.md, Confirming an address, 3), in the order of dates alone.</summary>
public sealed class ToBeReached(Database database, CurrentRules current, Installation installation, Looks looks, IClock clock)
{
    public const int PageSize = 50;

    const string Symbols = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    static readonly byte[] Purpose = "manzil to be reached 1"u8.ToArray();

    readonly byte[] _secret = installation.StatementSigner.DeriveSecret(Purpose);

    public Jurisdiction Rules => current.Now;

    public LocalDate Today => Rules.DateOf(clock.GetCurrentInstant());

    /// <summary>One page of an office's own list, from 1.</summary>
    public async Task<(IReadOnlyList<ReachEntry> Entries, bool HasMore)> ReadAsync(string office, int page)
    {
        await using var connection = await database.OpenAsync();
        var found = await AllAsync(connection, office, PageSize + 1, (page - 1) * PageSize);
        return ([.. found.Take(PageSize)], found.Count > PageSize);
    }

    /// <returns>Null where no entry of this office has the number, or not any more.</returns>
    public async Task<ReachEntry?> FindAsync(string office, string number)
    {
        await using var connection = await database.OpenAsync();
        return (await AllAsync(connection, office, int.MaxValue, 0)).FirstOrDefault(e => e.Number == number);
    }

    /// <summary>The look under which this clerk reads the entry; null where none stands.</summary>
    public async Task<Sitting?> SittingAsync(StaffMember staff, ReachEntry entry)
    {
        await using var connection = await database.OpenAsync();
        var row = await connection.QuerySingleOrDefaultAsync<(long Id, string Reason, long At)?>(
            $"""
            select id, reason, looked_at from look
            where worker_id = @WorkerId and staff_number = @staff and role = @role and what = '{Looks.Reach}' and item = @Number and looked_at > @oldest
            order by id desc limit 1
            """,
            new { entry.WorkerId, entry.Number, staff = staff.Number, role = staff.Role.Name(), oldest = (clock.GetCurrentInstant() - Sitting.Length).ToUnixTimeMilliseconds() });
        return row is { } r ? new Sitting(r.Id, r.Reason, Instant.FromUnixTimeMilliseconds(r.At)) : null;
    }

    public Task OpenAsync(StaffMember staff, ReachEntry entry, string reason) => looks.RecordAsync(staff, entry.WorkerId, Looks.Reach, entry.Number, reason);

    async Task<List<ReachEntry>> AllAsync(DbConnection connection, string office, int limit, int offset)
    {
        var rules = Rules;
        var rows = await connection.QueryAsync<(long WorkerId, string Due)>(
            $"""
            select r.worker_id, r.next_deadline from register_entry r join worker w on w.id = r.worker_id
            where r.reminded = {Reminded.ToBeReached} and r.next_deadline is not null and r.standing = {(int)Standing.Registered} and r.departure_number is null
              and coalesce(r.office, w.office) = @office
            order by r.next_deadline, r.worker_id limit @limit offset @offset
            """,
            new { office, limit, offset });
        return [.. rows.Select(r => EntryOf(r.WorkerId, IsoDate.Read(r.Due)!.Value, rules))];
    }

    ReachEntry EntryOf(long worker, LocalDate due, Jurisdiction rules)
    {
        // The day on which a case could have opened, had a reminder been delivered in time.
        var ends = Manzil.Rules.Deadlines.SilenceEnds(due, due, rules.WorkersCalendar, rules.Intervals);
        return new ReachEntry(NumberOf(worker, due), worker, ends is { } e ? Manzil.Rules.Deadlines.CaseMayOpen(e, rules.WorkersCalendar) : due, due);
    }

    string NumberOf(long worker, LocalDate due)
    {
        Span<byte> said = stackalloc byte[18];
        BinaryPrimitives.WriteInt64BigEndian(said, worker);
        Encoding.ASCII.GetBytes(IsoDate.Write(due)!, said[8..]);
        var bits = BinaryPrimitives.ReadUInt64BigEndian(HMACSHA256.HashData(_secret, said));
        var symbols = new char[10];
        for (var i = 0; i < symbols.Length; i++, bits >>= 5) symbols[i] = Symbols[(int)(bits & 31)];
        return $"{new string(symbols, 0, 5)}-{new string(symbols, 5, 5)}";
    }
}
