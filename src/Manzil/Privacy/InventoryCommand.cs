using System.CommandLine;
using System.Globalization;
using System.Text;
using Dapper;
using Manzil.Layout;
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
            var inventory = LiveInventory.Of(await ColumnsAsync(database));
            return (Write(inventory, retention), inventory.Problems);
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

    // The command line speaks English.
    static string Write(LiveInventory inventory, Retention retention)
    {
        var t = Texts.For("en");
        var text = new StringBuilder();
        text.Append(t["audit.inventory-count", ("columns", inventory.PersonalColumns), ("tables", inventory.Tables.Count)]).Append('\n');
        foreach (var table in inventory.Tables)
        {
            text.Append('\n').Append(table.Name).Append(": ").Append(table.What(t)).Append('\n');
            text.Append("  ").Append(table.KeptFor(retention, t)).Append('\n');
            foreach (var column in table.Columns)
            {
                var note = table.Note(column, retention, t) is { } words ? $" ({words})" : "";
                text.Append(CultureInfo.InvariantCulture, $"  {column.Name,-18} {column.Type,-8} {table.Purpose(column, t)}{note}\n");
            }
        }

        text.Append('\n').Append(t["audit.inventory-without"]);
        foreach (var table in inventory.WithoutPeople) text.Append("\n  ").Append(table.Name).Append(": ").Append(table.What(t));
        return text.Append('\n').ToString();
    }
}
