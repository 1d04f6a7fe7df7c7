using Manzil.Layout;
using Manzil.Rules;

namespace Manzil.Privacy;

/// <summary>
/// The inventory beside the columns that a database has now; the command prints it, and the auditor's page shows it.
/// <paramref name="Tables"/>: those in which something about people stands, and those that nobody wrote down.
/// <paramref name="Problems"/>: a sentence for each table and column that the inventory does not know, or that is missing.
/// </summary>
public sealed record LiveInventory(IReadOnlyList<LiveTable> Tables, IReadOnlyList<KeptTable> WithoutPeople, IReadOnlyList<string> Problems)
{
    public int PersonalColumns => Tables.Sum(t => t.Columns.Count);

    public static LiveInventory Of(IReadOnlyList<(string Table, string Column, string Type)> columns)
    {
        var known = Inventory.Tables.ToDictionary(t => t.Name);
        var (tables, problems) = (new List<LiveTable>(), new List<string>());
        foreach (var group in columns.GroupBy(c => c.Table))
        {
            var table = known.GetValueOrDefault(group.Key);
            if (table is null) problems.Add($"The table {group.Key} is not in the inventory.");
            else problems.AddRange(table.Columns.Where(c => group.All(g => g.Column != c.Name)).Select(c => $"The column {table.Name}.{c.Name} of the inventory is not in this database."));
            if (table?.IsPersonal == false && group.All(g => table.Columns.Any(c => c.Name == g.Column))) continue;

            var shown = new List<LiveColumn>();
            foreach (var (_, name, type) in group)
            {
                var column = table?.Columns.FirstOrDefault(c => c.Name == name);
                if (column is { IsPersonal: false }) continue;
                if (table is not null && column is null) problems.Add($"The column {table.Name}.{name} is not in the inventory.");
                shown.Add(new LiveColumn(name, type, column));
            }

            tables.Add(new LiveTable(group.Key, table, shown));
        }

        problems.AddRange(Inventory.Tables.Where(t => columns.All(c => c.Table != t.Name)).Select(t => $"The table {t.Name} of the inventory is not in this database."));
        return new LiveInventory(tables, [.. columns.Select(c => c.Table).Distinct().Select(t => known.GetValueOrDefault(t)).OfType<KeptTable>().Where(t => !t.IsPersonal)], problems);
    }
}

/// <summary>A column of the database; <paramref name="Kept"/> is null where the inventory does not know it.</summary>
public sealed record LiveColumn(string Name, string Type, KeptColumn? Kept);

/// <summary>A table of the database with its personal columns and those that the inventory does not know; <paramref name="Kept"/> is null where it does not know the table.</summary>
public sealed record LiveTable(string Name, KeptTable? Kept, IReadOnlyList<LiveColumn> Columns)
{
    public string What(Texts t) => Kept?.What(t) ?? t["audit.inventory-unknown-table"];

    public string KeptFor(Retention retention, Texts t) => t["audit.inventory-kept", ("term", Kept?.Keeping.InWords(retention, t) ?? t["audit.inventory-kept-unknown"])];

    public string Purpose(LiveColumn column, Texts t) => Kept is not null && column.Kept is not null ? Kept.Purpose(column.Kept, t) : t["audit.inventory-unknown"];

    /// <summary>Where a column is not kept as long as its table; else null.</summary>
    public string? Note(LiveColumn column, Retention retention, Texts t) =>
        Name != "act" ? null
        : column.Name == "idempotency_key" ? t["audit.inventory-days", ("count", retention.IdempotencyKeyDays)]
        : Inventory.StaysOfAct.Contains(column.Name) ? t["audit.inventory-stays"] : null;
}
