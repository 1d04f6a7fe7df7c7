namespace Manzil.Privacy;

/// <summary>
/// Every table and every column, whose it is and how long it is kept. A test compares it with both databases and with the
/// schema's own lines, so that nothing is kept that does not stand here. A table comes after those that its rows refer to: what
/// belongs to a worker is erased from the last to the first. What a table is and what a personal column is for stands in the
/// catalogues, in each language once: <c>inventory.case-file</c>, <c>inventory.case-file.opened-at</c>.
/// </summary>
public static partial class Inventory
{
    const string OfWorker = "worker_id = @worker";

    public static IReadOnlyList<KeptTable> Tables { get; } = [.. Workers(), .. InCases(), .. WayIn(), .. Officers(), .. OfTheService()];

    /// <param name="personal">Columns that tell something about a person: each with what it is for in every catalogue.</param>
    /// <param name="others">Columns that tell nothing about a person.</param>
    static KeptTable Table(string name, Keeping keeping, string? owned, string? old, IReadOnlyList<string> personal, params ReadOnlySpan<string> others)
    {
        var columns = personal.Select(c => new KeptColumn(c, IsPersonal: true)).ToList();
        foreach (var other in others) columns.Add(new KeptColumn(other, IsPersonal: false));
        return new KeptTable(name, keeping, owned, old, columns);
    }

    static IEnumerable<KeptTable> OfTheService() =>
    [
        Table("installation", Keeping.Ever, null, null, [], "id", "database_id", "issuer", "created_at"),
        Table("signing_key", Keeping.Ever, null, null, [], "key_id", "public_key", "valid_from", "valid_until", "revoked_at"),
        Table("log", Keeping.Ever, null, null, [], "number", "origin", "verifier_key", "opened_at", "closed_at", "last_checkpoint"),
        Table("log_head", Keeping.Ever, null, null, [], "id", "log", "size", "frontier", "checkpoint", "newest_at"),
        Table("log_batch", Keeping.Ever, null, null, [], "log", "first", "size", "entries", "checkpoint"),
        Table("log_node", Keeping.Ever, null, null, [], "log", "level", "node", "hash"),
        Table("schema_script", Keeping.Ever, null, null, [], "name", "applied_at"),
        Table("issuer_move", Keeping.Ever, null, null, [], "number", "issuer", "moved_at"),
        Table("movable_clock", Keeping.Ever, null, null, [], "id", "noted_at"),
        Table("form_key", Keeping.Ever, null, null, [], "id", "xml"),
        Table("heartbeat", Keeping.Month, null, "minute < @month / 60000", [], "minute"),
        Table("reminder_round", Keeping.Ever, null, null, [], "due", "step"),
        Table("reminder_part", Keeping.UntilEnd, null, null, [], "due", "step", "part", "after_worker", "through_worker"),
        Table("outage_verdict", Keeping.Ever, null, null, [], "id", "judged_through"),
        Table("outage_day", Keeping.Ever, null, null, [], "day", "act_number", "reason", "computed", "moved"),
        Table("retention_term", Keeping.Ever, null, null, [], "id", "file_years", "key_days", "stated_at"),
        Table("erasure", Keeping.Transaction, null, null, ["worker_id", "ended_on", "keep_until"], "never"),
        Table("key_erasure", Keeping.Ever, null, null, [], "id", "log", "leaf"),
    ];
}
