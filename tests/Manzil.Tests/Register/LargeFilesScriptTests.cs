using Dapper;
using Microsoft.Data.Sqlite;

namespace Manzil.Tests.Register;

/// <summary>Script 63 writes the table of files anew on SQLite: what stood there stays, and so does every guard.</summary>
public class LargeFilesScriptTests
{
    [Fact]
    public async Task Script_OnADatabaseWithFiles_KeepsThemAndEveryGuard()
    {
        await using var connection = new SqliteConnection("Data Source=:memory:");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        var scripts = Repository.Files("src", "*.sql").Where(f => f.StartsWith("src/Manzil/Register/Schema/sqlite/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        var larger = scripts.Single(s => s.EndsWith("063-large-files.sql", StringComparison.Ordinal));
        foreach (var script in scripts.TakeWhile(s => s != larger)) await connection.ExecuteAsync(Repository.Read(script));
        // Whose case it is matters nothing here.
        await connection.ExecuteAsync("pragma foreign_keys = off");
        await connection.ExecuteAsync(
            "insert into attachment (id, worker_id, case_id, act_number, name, media_type, sha256, content, added_at, by_helper) values (7, 1, 2, '0123456789ABCDEF', '1.jpg', 'image/jpeg', zeroblob(32), x'FFD8', 5, 1)");
        var before = await SchemaAsync(connection);
        await using (var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken))
        {
            await connection.ExecuteAsync(Repository.Read(larger), transaction: transaction);
            await transaction.CommitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal("7 1 2 FFD8 5 1", await connection.QuerySingleAsync<string>("select id || ' ' || worker_id || ' ' || case_id || ' ' || hex(content) || ' ' || added_at || ' ' || by_helper from attachment"));
        var after = await SchemaAsync(connection);
        Assert.Contains(before, o => o.Key == "case_file_moves" && o.Value.Contains("from attachment a", StringComparison.Ordinal));
        Assert.Equal(before.Keys, after.Keys);
        Assert.Equal(["attachment"], before.Where(o => after[o.Key] != o.Value).Select(o => o.Key));
        foreach (var change in new[] { "update attachment set name = '2.jpg'", "delete from attachment" })
            Assert.Contains("only grows", (await Assert.ThrowsAsync<SqliteException>(() => connection.ExecuteAsync(change))).Message, StringComparison.Ordinal);
    }

    static async Task<SortedDictionary<string, string>> SchemaAsync(SqliteConnection connection) => new(
        (await connection.QueryAsync<(string Name, string Sql)>("select name, sql from sqlite_master where sql is not null")).ToDictionary(o => o.Name, o => o.Sql), StringComparer.Ordinal);
}
