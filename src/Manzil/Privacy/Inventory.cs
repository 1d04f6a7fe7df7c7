namespace Manzil.Privacy;

/// <summary>
/// Every table and every column, what it is for and how long it is kept. A test compares it with both databases and with the
/// schema's own lines, so that nothing is kept that does not stand here. A table comes after those that its rows refer to: what
/// belongs to a worker is erased from the last to the first.
/// </summary>
public static partial class Inventory
{
    const string OfWorker = "worker_id = @worker";

    public static IReadOnlyList<KeptTable> Tables { get; } = [.. Workers(), .. InCases(), .. WayIn(), .. Officers(), .. OfTheService()];

    /// <param name="columns">A column's name, and after a colon what it is for; without one it tells nothing about a person.</param>
    static KeptTable Table(string name, Keeping keeping, string what, string? owned, string? old, params ReadOnlySpan<string> columns)
    {
        var read = new List<KeptColumn>();
        foreach (var column in columns)
        {
            var parts = column.Split(": ", 2);
            read.Add(new KeptColumn(parts[0], parts.Length == 2 ? parts[1] : null));
        }

        return new KeptTable(name, keeping, what, owned, old, read);
    }

    static IEnumerable<KeptTable> OfTheService() =>
    [
        Table("installation", Keeping.Ever, "which installation this is", null, null, "id", "database_id", "issuer", "created_at"),
        Table("signing_key", Keeping.Ever, "public keys", null, null, "key_id", "public_key", "valid_from", "valid_until", "revoked_at"),
        Table("log", Keeping.Ever, "the logs and their origins", null, null, "number", "origin", "verifier_key", "opened_at", "closed_at", "last_checkpoint"),
        Table("log_head", Keeping.Ever, "where the log stands", null, null, "id", "log", "size", "frontier", "checkpoint", "newest_at"),
        Table("log_batch", Keeping.Ever, "the log's entries: salted digests, which nobody can turn back into a name", null, null, "log", "first", "size", "entries", "checkpoint"),
        Table("log_node", Keeping.Ever, "hashes of the log's tree", null, null, "log", "level", "node", "hash"),
        Table("schema_script", Keeping.Ever, "which scripts this database has had", null, null, "name", "applied_at"),
        Table("issuer_move", Keeping.Ever, "which address this installation moved to, and when", null, null, "number", "issuer", "moved_at"),
        Table("movable_clock", Keeping.Ever, "that this is a demo's or a simulation's database, whose clock can be moved", null, null, "id", "noted_at"),
        Table("form_key", Keeping.Ever, "keys that protect forms", null, null, "id", "xml"),
        Table("heartbeat", Keeping.Month, "minutes in which the service worked", null, "minute < @month / 60000", "minute"),
        Table("reminder_round", Keeping.Ever, "due dates whose reminders have begun", null, null, "due", "step"),
        Table("reminder_part", Keeping.UntilEnd, "how far the reminders of a due date are, by numbers of workers", null, null, "due", "step", "part", "after_worker", "through_worker"),
        Table("outage_verdict", Keeping.Ever, "up to which day outages are known", null, null, "id", "judged_through"),
        Table("outage_day", Keeping.Ever, "days on which the service did not work, as everybody reads them", null, null, "day", "act_number", "reason", "computed", "moved"),
        Table("retention_term", Keeping.Ever, "how long the rules file said that what is kept", null, null, "id", "file_years", "key_days", "stated_at"),
        Table("erasure", Keeping.Transaction, "who is being erased at this moment", null, null,
            "worker_id: whose rows may go", "ended_on: when they left", "keep_until: when their retention ended", "never"),
        Table("key_erasure", Keeping.Ever, "how far the keys of repeated requests are erased", null, null, "id", "log", "leaf"),
    ];
}
