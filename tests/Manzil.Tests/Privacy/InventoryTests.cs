using System.Text.RegularExpressions;
using Dapper;
using Manzil.Layout;
using Manzil.Privacy;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Tests.Databases;
using Manzil.Tests.Faults;
using Manzil.Tests.Privacy.Pages;
using Manzil.Tests.Register;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Privacy;

/// <summary>The inventory of what is kept about people: complete, and the same as what the schema says of itself.</summary>
public partial class InventoryTests
{
    [Theory, EachDatabase]
    public async Task Inventory_TablesAndColumns_AreThoseOfTheDatabase(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var columns = await TableDump.ColumnsAsync(service.Core.Database);
        Assert.Equal(
            columns.Select(c => $"{c.Table}.{c.Column}").Order(StringComparer.Ordinal),
            Inventory.Tables.SelectMany(t => t.Columns.Select(c => $"{t.Name}.{c.Name}")).Order(StringComparer.Ordinal));
        Assert.Equal(columns, await InventoryCommand.ColumnsAsync(service.Core.Database));

        // Whatever names a worker or an officer is personal, and what names a worker is theirs.
        Assert.Empty(Inventory.Tables.SelectMany(t => t.Columns.Where(c => c.Name is "worker_id" or "staff_id" or "staff_number" && !c.IsPersonal).Select(c => $"{t.Name}.{c.Name}")));
        Assert.Empty(Inventory.Tables.Where(t => t.Owned is null && t.Name != "erasure" && t.Columns.Any(c => c.Name is "worker_id")).Select(t => t.Name));

        // The conditions are SQL that both databases understand; a misspelt one would erase nothing, or too much.
        await using var connection = await service.Core.Database.OpenAsync();
        foreach (var condition in Inventory.Tables.SelectMany(t => new[] { (t.Name, Sql: t.Owned), (t.Name, Sql: t.Old) }).Where(c => c.Sql is not null))
        {
            Assert.Equal(0, await connection.ExecuteScalarAsync<long>(
                $"select count(*) from {condition.Name} where {condition.Sql}", new { worker = -1L, now = 0L, hour = 0L, day = 0L, month = 0L, messages = 0L, yesterday = "2000-01-01" }));
        }
    }

    // What goes when comes from the inventory; the auditor reads it in the scripts.
    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public void Inventory_Classes_AreWhatTheSchemaSays(string engine)
    {
        var said = Repository.Files($"src/Manzil/Register/Schema/{engine}", "*.sql").SelectMany(script => Retention().Matches(Repository.Read(script)))
            // A table that SQLite had to make anew says it again.
            .GroupBy(m => m.Groups["table"].Value).ToDictionary(g => g.Key, g => Comment().Replace(g.Last().Groups["said"].Value, " "));
        Assert.Equal(said.Keys.Append("schema_script").Order(StringComparer.Ordinal), Inventory.Tables.Select(t => t.Name).Order(StringComparer.Ordinal));
        Assert.Empty(Inventory.Tables.Where(t => said.TryGetValue(t.Name, out var words) && !words.StartsWith(Says(t.Keeping), StringComparison.Ordinal)).Select(t => $"{t.Name}: {t.Keeping}, and '{said[t.Name]}'"));
        Assert.Empty(Inventory.Tables.Where(t => t.Keeping == Keeping.Ever && t.Columns.Any(c => c.IsPersonal) && t.Name is not ("removal_pause" or "first_lead")).Select(t => t.Name));
        // Every personal table is erased by somebody: with the worker's file, by age, or by a step of its own.
        string[] ownSteps = ["staff", "staff_change", "erasure", "removal_pause", "first_lead", "session_key", "case_move"];
        Assert.Empty(Inventory.Tables.Where(t => t.IsPersonal && t.Owned is null && t.Old is null && !ownSteps.Contains(t.Name)).Select(t => t.Name));
    }

    // What a table is, and what a column with something about people is for, is said to every reader; of a column that is gone nothing is.
    [Fact]
    public void Words_OfEachTableAndPersonalColumn_StandInEveryCatalogue()
    {
        var keys = Inventory.Tables.SelectMany(t => t.Columns.Where(c => c.IsPersonal).Select(c => Key(t, c)).Prepend(Key(t))).Order(StringComparer.Ordinal).ToList();
        foreach (var lang in Vocabulary.Languages)
        {
            Assert.Equal(keys, Vocabulary.Catalogue(lang).Keys.Where(k => k.StartsWith("inventory.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
            var t = Texts.For(lang);
            Assert.All(Inventory.Tables, table =>
            {
                Assert.Equal(Vocabulary.Catalogue(lang)[Key(table)], table.What(t));
                Assert.All(table.Columns.Where(c => c.IsPersonal), c => Assert.Equal(Vocabulary.Catalogue(lang)[Key(table, c)], table.Purpose(c, t)));
            });
        }
    }

    /// <summary>Under which key the catalogues have what a table is.</summary>
    public static string Key(KeptTable table) => $"inventory.{table.Name.Replace('_', '-')}";

    /// <summary>Under which key the catalogues have what a personal column is for.</summary>
    public static string Key(KeptTable table, KeptColumn column) => $"{Key(table)}.{column.Name.Replace('_', '-')}";

    static string Says(Keeping keeping) => keeping switch
    {
        Keeping.Ever => "ever",
        Keeping.File or Keeping.Officer => "ended + 3 years",
        Keeping.WithParent => "with its case",
        Keeping.Messages => "90 days",
        Keeping.Looks => "3 years (keep_until)",
        Keeping.AfterEnd => "30 days after it ends",
        Keeping.Month => "30 days",
        Keeping.Day => "1 day",
        Keeping.Hour => "1 hour",
        Keeping.Minutes => "5 minutes",
        Keeping.UntilEnd => "until",
        _ => "its own transaction",
    };

    // privacy.md, 19: the worker's copy has every table that has rows of theirs.
    [Fact]
    public void Export_Parts_AreTheTablesOfTheInventoryThatHaveAnOwner()
    {
        Assert.Equal(
            Inventory.Tables.Where(t => t.Owned is not null).Select(t => t.Name).Order(StringComparer.Ordinal),
            Export.Parts.Select(p => p.Table).Order(StringComparer.Ordinal));
        foreach (var part in Export.Parts)
            Assert.Equal(Inventory.Tables.Single(t => t.Name == part.Table).Columns.Select(c => c.Name).Order(StringComparer.Ordinal), part.Columns.Concat(part.LeftOut).Order(StringComparer.Ordinal));
    }

    [Theory, EachDatabase]
    public async Task Command_OnALiveDatabase_PrintsEveryPersonalColumnAndFindsWhatItDoesNotKnow(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        string[] arguments = ["privacy", "inventory", "--data", service.DataFolder, "--database", service.Database.Argument, "--rules", ServiceOptions()];
        var (code, output, errors) = await ServerProcess.RunAsync(arguments);
        Assert.Equal((0, ""), (code, errors));
        var words = Vocabulary.Catalogue("en");
        foreach (var table in Inventory.Tables.Where(t => t.IsPersonal))
        {
            var part = Regex.Match(output, $"^{table.Name}: .*?(?=^\\S|\\z)", RegexOptions.Multiline | RegexOptions.Singleline, TimeSpan.FromSeconds(5)).Value;
            Assert.Contains("  kept: " + table.Keeping.ToWords(), part, StringComparison.Ordinal);
            Assert.StartsWith($"{table.Name}: {words[Key(table)]}\n", part, StringComparison.Ordinal);
            Assert.All(table.Columns.Where(c => c.IsPersonal), c => Assert.Matches($"\n  {c.Name} +[a-zA-Z]+.*{Regex.Escape(words[Key(table, c)])}", part));
        }

        Assert.Matches("\n  birth_date +(TEXT|text) +the document's holder\n", output);
        Assert.Matches("\n  idempotency_key +[a-zA-Z]+ +so that a repeated request counts once \\(30 days\\)\n", output);
        Assert.Matches("\n  channel +[a-zA-Z]+ +web, desk, SMS or programs \\(stays, without a name, when the rest is erased\\)\n", output);
        Assert.Matches("^Personal data stands in \\d+ columns of \\d+ tables\\.\n\n", output);
        Assert.Contains("\nNothing about people stands in the others:\n  ", output, StringComparison.Ordinal);
        Assert.Contains("\n  form_key: keys that protect forms\n", output, StringComparison.Ordinal);

        await using (var connection = await service.Database.OpenAsync())
        {
            await connection.ExecuteAsync("alter table worker add column shoe_size text");
            await connection.ExecuteAsync("create table rumour (worker_id bigint, words text)");
        }

        (code, output, errors) = await ServerProcess.RunAsync(arguments);
        Assert.Equal(1, code);
        Assert.Equal(["The column worker.shoe_size is not in the inventory.", "The table rumour is not in the inventory."], errors.Trim().Split('\n').Order(StringComparer.Ordinal));
        Assert.Matches("\n  shoe_size +(TEXT|text) +NOT IN THE INVENTORY\n", output);
    }

    [Fact]
    public async Task Command_WithoutADatabase_Is1AndMakesNone()
    {
        var folder = Directory.CreateTempSubdirectory("manzil-inventory-").FullName;
        var (code, _, errors) = await ServerProcess.RunAsync("privacy", "inventory", "--data", folder, "--rules", ServiceOptions());
        Assert.Equal((1, $"There is no database in {folder}.\n"), (code, errors));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
        Directory.Delete(folder);
    }

    static string ServiceOptions() => Manzil.Register.ServiceOptions.DemoRules;

    [GeneratedRegex(@"^-- retention: (?<said>(?:[^\n]*\n(?:--)?)+?)create table (?<table>\w+) ", RegexOptions.Multiline, 5000)]
    private static partial Regex Retention();

    [GeneratedRegex(@"\n--\s*", RegexOptions.None, 5000)]
    private static partial Regex Comment();
}

static class KeepingForTests
{
    /// <summary>How the inventory's line begins, under the demo's rules.</summary>
    public static string ToWords(this Keeping keeping) => keeping switch
    {
        Keeping.Ever => "for ever",
        Keeping.File => "3 years after the worker left",
        Keeping.Officer => "3 years after the officer was dismissed",
        Keeping.WithParent => "as long as what it belongs to",
        Keeping.Messages => "90 days",
        Keeping.Looks => "3 years after the look",
        Keeping.AfterEnd or Keeping.Month => "30 days",
        Keeping.Day => "1 day",
        Keeping.Hour => "1 hour",
        Keeping.Minutes => "5 minutes",
        Keeping.UntilEnd => "until what it serves ends",
        _ => "never at rest",
    };
}
