using System.Data.Common;
using System.Text.RegularExpressions;
using Dapper;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Register;

/// <summary>What the database itself guarantees, and what its catalogue must not hold.</summary>
public partial class SchemaTests
{
    static readonly string[] BannedWords =
    [
        "lat", "lon", "lng", "latitude", "longitude", "geo", "geom", "geometry", "geography", "geohash", "gps", "point", "position", "coordinate", "coordinates", "location",
        "nationality", "citizenship", "ethnicity", "religion", "score", "rank", "rating", "ip", "client", "agent", "device",
    ];

    static readonly string[] BannedTypes = ["point", "geometry", "geography", "inet", "cidr", "box", "polygon", "path", "circle", "line", "lseg"];

    [Fact]
    public async Task Catalogue_OnEitherDatabase_HasTheSameTablesAndColumns()
    {
        await using var sqlite = await TestService.StartAsync(DatabaseKind.Sqlite);
        await using var postgres = await TestService.StartAsync(DatabaseKind.Postgres);
        var (one, other) = (await TableDump.ColumnsAsync(sqlite.Core.Database), await TableDump.ColumnsAsync(postgres.Core.Database));
        Assert.Contains(one, c => c is { Table: "act", Column: "statement" });
        Assert.Equal(one.Select(c => $"{c.Table}.{c.Column}").Order(StringComparer.Ordinal), other.Select(c => $"{c.Table}.{c.Column}").Order(StringComparer.Ordinal));
    }

    [Theory, EachDatabase]
    public async Task Catalogue_Names_TellNothingOfLocationNationalityOrClients(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var columns = await TableDump.ColumnsAsync(service.Core.Database);
        Assert.NotEmpty(columns);
        Assert.Empty(columns.Where(c => c.Table.Split('_').Concat(c.Column.Split('_')).Intersect(BannedWords, StringComparer.OrdinalIgnoreCase).Any()));
        Assert.Empty(columns.Where(c => BannedTypes.Contains(c.Type.ToLowerInvariant())));
    }

    [Theory, EachDatabase]
    public async Task Catalogue_Indexes_NoneBeginsWithTheIssuingState(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var indexes = await TableDump.IndexesAsync(service.Core.Database);
        Assert.Contains(indexes, i => i is { Table: "document", FirstColumn: "number" });
        Assert.Empty(indexes.Where(i => i.FirstColumn == "state"));
    }

    [Fact]
    public void Schema_EveryTable_SaysAboveItWhenItIsErased()
    {
        var tables = 0;
        foreach (var script in Repository.Files("src", "*.sql"))
        {
            var lines = Repository.Read(script).Split('\n');
            for (var i = 0; i < lines.Length; i++)
            {
                if (!lines[i].TrimStart().StartsWith("create table ", StringComparison.OrdinalIgnoreCase)) continue;
                tables++;
                var first = i;
                while (first > 0 && lines[first - 1].StartsWith("--", StringComparison.Ordinal)) first--;
                Assert.True(lines[first].StartsWith("-- retention: ", StringComparison.Ordinal), $"{script}:{i + 1} says no retention class: {lines[i]}");
            }
        }

        Assert.True(tables > 80, $"{tables} tables");
    }

    [Theory]
    [InlineData("select id from document where state = @state", true)]
    [InlineData("select d.number from document d join worker w on d.state = w.office", true)]
    [InlineData("select number from document order by number, state", true)]
    [InlineData("select state, count(*) from document group by state", true)]
    [InlineData("select d.state, d.number from worker w left join document d on d.id = w.id where w.id = @id", false)]
    [InlineData("insert into document (worker_id, state, number) values (@worker, @State, @Number)", false)]
    [InlineData("select state from passkey_challenge where id_hash = @hash", false)]
    public void SelectsByState_InSql_IsFound(string sql, bool found) => Assert.Equal(found, SelectsByState().IsMatch(sql));

    // Nationality stands only inside an identity document: no filter, sort or group on it.
    [Fact]
    public void Source_Sql_NeverFiltersSortsOrGroupsByTheIssuingState()
    {
        var texts = Repository.Files("src", "*.cs").SelectMany(path => SqlText().Matches(Repository.Read(path)).Select(match => (path, match.Value))).ToList();
        Assert.Contains(texts, t => t.Value.Contains("document", StringComparison.Ordinal));
        Assert.Empty(texts.Where(t => SelectsByState().IsMatch(t.Value)));
    }

    [Theory, EachDatabase]
    public async Task Change_OfWhatOnlyGrows_IsRefusedByTheDatabase(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await SignedInWorker.NewAsync(service);
        await worker.GiveAsync("""{"kind":"registration"}""");
        await worker.GiveAsync($$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""");
        while ((await service.Core.Tiles.HeadAsync()).Size < 256) await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => worker.GiveAsync("""{"kind":"confirmation"}""")));

        var before = await TableDump.ReadAsync(service.Core.Database);
        await using (var connection = await service.Database.OpenAsync())
        {
            var columns = await TableDump.ColumnsAsync(service.Core.Database);
            foreach (var table in new[] { "act", "log_batch", "log_node" })
            {
                Assert.NotEqual(0, await connection.ExecuteScalarAsync<long>($"select count(*) from {table}"));
                // Keys of repeated requests are erased after 30 days.
                foreach (var column in columns.Where(c => c.Table == table && c.Column != "idempotency_key").Select(c => c.Column))
                    await AssertRefusedAsync(connection, $"update {table} set {column} = {column}");
                await AssertRefusedAsync(connection, $"delete from {table}");
            }

            await AssertRefusedAsync(connection, "delete from log");
        }

        Assert.Equal(before, await TableDump.ReadAsync(service.Core.Database));
    }

    static async Task AssertRefusedAsync(DbConnection connection, string sql)
    {
        var refused = await Assert.ThrowsAnyAsync<DbException>(() => connection.ExecuteAsync(sql));
        Assert.Contains("only grows", refused.Message);
    }

    // a filter, a join's condition, a sort or a group that names the column; challenges of passkeys have a state of another kind
    [GeneratedRegex(@"\b(?:where|and|or|on|having|order\s+by|group\s+by)\b(?:(?!\bselect\b|\bfrom\b|\bvalues\b|\bset\b|\breturning\b)[^;])*?(?<![@\w])(?:\w+\.)?state\b(?!\w)", RegexOptions.IgnoreCase, 5000)]
    private static partial Regex SelectsByState();

    // string literals, of one line or of several
    [GeneratedRegex("\"\"\"\\s*(?:select|insert|update|delete|with)\\b[\\s\\S]*?\"\"\"|\"(?:select|insert|update|delete|with)\\b(?:[^\"\\\\\\n]|\\\\.)*\"", RegexOptions.IgnoreCase, 5000)]
    private static partial Regex SqlText();
}
