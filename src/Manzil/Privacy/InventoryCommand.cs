using System.CommandLine;
using System.Globalization;
using System.Text;
using Dapper;
using Manzil.Register;
using Manzil.Rules;

namespace Manzil.Privacy;

/// <summary>
/// manzil privacy inventory: every personal column of the live database, what it is for and how long it is kept. It only reads, and
/// needs neither keys nor a running service, so that an auditor can ask.
/// </summary>
public static class InventoryCommand
{
    const int Complete = 0, Incomplete = 1;

    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Folder with the database, where it is SQLite.", HelpName = "DIR", DefaultValueFactory = _ => "data" };
        var database = new Option<string>("--database") { Description = "sqlite (in the data folder) or postgres://user:password@host/name.", HelpName = "DATABASE", DefaultValueFactory = _ => "sqlite" };
        var rules = new Option<string>("--rules") { Description = "The jurisdiction's rules file, which says how long what is kept.", HelpName = "FILE", Required = true };
        var inventory = new Command("inventory", "Print every personal column of the database, with its purpose and how long it is kept.") { data, database, rules };
        inventory.SetAction(async (parsed, cancellation) =>
        {
            Retention retention;
            try
            {
                retention = Jurisdiction.Load(parsed.GetRequiredValue(rules)).Retention;
            }
            catch (RulesFormatException e)
            {
                throw new CommandLineException(e.Message, 1);
            }

            var (text, problems) = await ReadAsync(parsed.GetValue(database)!, Path.GetFullPath(parsed.GetValue(data)!), retention);
            parsed.InvocationConfiguration.Output.Write(text);
            foreach (var problem in problems) parsed.InvocationConfiguration.Error.WriteLine(problem);
            return problems.Count == 0 ? Complete : Incomplete;
        });
        return new Command("privacy", "What is kept about people.") { inventory };
    }

    static async Task<(string Text, IReadOnlyList<string> Problems)> ReadAsync(string where, string folder, Retention retention)
    {
        // Opening a file that is not there would make it.
        if (where == "sqlite")
        {
            if (!File.Exists(Path.Combine(folder, "manzil.db"))) throw new CommandLineException($"There is no database in {folder}.", 1);
            _ = new DataFolder(folder);
        }

        await using var database = Database.At(where, folder);
        try
        {
            return Write(await ColumnsAsync(database), retention);
        }
        catch (Exception e) when (Database.IsUnavailable(e))
        {
            throw new CommandLineException($"The database cannot be read: {e.Message.ReplaceLineEndings(" ")}", 1);
        }
    }

    /// <summary>Every column of every table, as the database's own catalogue has them.</summary>
    public static async Task<IReadOnlyList<(string Table, string Column, string Type)>> ColumnsAsync(Database database)
    {
        await using var connection = await database.OpenAsync();
        return (await connection.QueryAsync<(string, string, string)>(database.Kind == DatabaseKind.Postgres
            ? // information_schema would leave out what this role may not read.
              "select c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod) from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f') order by c.relname, a.attnum"
            : "select m.name, c.name, c.type from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table' and m.name not like 'sqlite_%' order by m.name, c.cid")).ToList();
    }

    /// <summary>The inventory for these columns, and a sentence for each that it does not know or that is missing.</summary>
    public static (string Text, IReadOnlyList<string> Problems) Write(IReadOnlyList<(string Table, string Column, string Type)> columns, Retention retention)
    {
        var known = Inventory.Tables.ToDictionary(t => t.Name);
        var problems = new List<string>();
        var text = new StringBuilder();
        var (tables, personal) = (0, 0);
        foreach (var group in columns.GroupBy(c => c.Table))
        {
            var table = known.GetValueOrDefault(group.Key);
            if (table is null) problems.Add($"The table {group.Key} is not in the inventory.");
            else problems.AddRange(table.Columns.Where(c => group.All(g => g.Column != c.Name)).Select(c => $"The column {table.Name}.{c.Name} of the inventory is not in this database."));
            if (table?.IsPersonal == false && group.All(g => table.Columns.Any(c => c.Name == g.Column))) continue;

            tables++;
            text.Append('\n').Append(group.Key).Append(": ").Append(table?.What ?? "not in the inventory").Append('\n');
            text.Append("  kept: ").Append(table?.Keeping.InWords(retention) ?? "unknown").Append('\n');
            foreach (var (_, name, type) in group)
            {
                var column = table?.Columns.FirstOrDefault(c => c.Name == name);
                if (column is { IsPersonal: false }) continue;
                if (table is not null && column is null) problems.Add($"The column {table.Name}.{name} is not in the inventory.");
                personal++;
                var kept = table?.Name == "act" && name == "idempotency_key" ? $" ({retention.IdempotencyKeyDays} days)"
                    : table?.Name == "act" && Inventory.StaysOfAct.Contains(name) ? " (stays, without a name, when the rest is erased)" : "";
                text.Append(CultureInfo.InvariantCulture, $"  {name,-18} {type,-8} {column?.Purpose ?? "NOT IN THE INVENTORY"}{kept}\n");
            }
        }

        problems.AddRange(Inventory.Tables.Where(t => columns.All(c => c.Table != t.Name)).Select(t => $"The table {t.Name} of the inventory is not in this database."));
        var without = columns.Select(c => c.Table).Distinct().Where(t => known.GetValueOrDefault(t)?.IsPersonal == false).Select(t => $"\n  {t}: {known[t].What}");
        return ($"Personal data stands in {personal} columns of {tables} tables.\n{text}\nNothing about people stands in the others:{string.Concat(without)}\n", problems);
    }
}
