using System.Data.Common;
using System.Text;
using System.Text.RegularExpressions;
using Dapper;
using Manzil.Cases.Desk;
using Manzil.Layout;
using Manzil.Messages;
using Manzil.Planted;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Staff;
using Manzil.Tests.Databases;
using Manzil.Tests.Register;
using Microsoft.Extensions.DependencyInjection;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Gates;

/// <summary>privacy.md 6: the watch over who reads an issuing state sees each way to do so, and its list has no line too many.</summary>
public partial class StateReadsTests
{
    static readonly string[] reads =
    [
        "select * from document",
        "select d.* from worker w left join document d on d.worker_id = w.id",
        "SELECT count(*) FROM \"document\" GROUP BY \"state\"",
        "select count(distinct state) as n from document",
        "select max(a.c) from (select number as b, state as c from document) a",
        "with all_of_them as (select * from document) select count(*) from all_of_them",
        "select number from document order by state",
        "select w.id from worker w where exists (select 1 from document d where d.worker_id = w.id and d.state = @keys)",
        "update document set number = number where state = @keys",
        "update document set number = state where worker_id = 0",
        "delete from document where worker_id = 0 returning state",
        "insert into document (worker_id, state, number, birth_date, stretched, recorded_at) select worker_id, state, number || 'X', birth_date, stretched, recorded_at from document where id = 0",
        "select count(*) filter (where state like 'U%') from document",
        "select row_number() over (partition by state order by id) from document",
    ];

    static readonly string[] readsOnPostgres =
    [
        "select d from document d",
        "select to_jsonb(d) from document d",
        "select d::text from document d",
        "select count(distinct (to_jsonb(d) ->> 'st' || 'ate')) from document d where d.worker_id = any(@keys)",
        "table document",
    ];

    static readonly string[] harmless =
    [
        "select worker_id, number from document where number = @keys",
        "select count(*) from document",
        "update document set recorded_at = recorded_at + 1 where worker_id = 0",
        "delete from document where worker_id = 0",
        "select state from passkey_challenge where 'document' = @keys",
    ];

    [Theory, EachDatabase]
    public async Task Statement_ThatReadsAState_IsSeenHoweverItIsWritten(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        await service.EnrolAsync();
        string[] all = kind == DatabaseKind.Postgres ? [.. reads, .. readsOnPostgres] : reads;
        await using (var connection = await service.Core.Database.OpenAsync())
        {
            foreach (var sql in all.Concat(harmless)) await RunAsync(connection, sql);
        }

        var seen = (await StateReads.OfAsync(service.Database)).Where(r => r.Place == "Manzil.Tests.Gates.StateReadsTests.RunAsync").Select(r => r.Sql).ToHashSet();
        Assert.Equal(all.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
    }

    // A count as somebody would plant it in the program: the end of whichever test executes it fails.
    [Theory, EachDatabase]
    public async Task Check_OfAReaderWhoIsNotListed_Fails(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        await service.EnrolAsync();
        await StateReads.CheckAsync(service.Database);
        Assert.Equal([("UZB", 1L)], await PlantedReader.CountAsync(service.Core.Database));
        var found = await Assert.ThrowsAnyAsync<Exception>(() => StateReads.CheckAsync(service.Database));
        Assert.Contains($"Manzil.Planted.PlantedReader.CountAsync | {PlantedReader.Sql}", found.Message, StringComparison.Ordinal);
    }

    // Each line of the list is somebody's who still reads it; and there is nobody who reads an issuing state and is not executed here.
    [Fact]
    public async Task List_EachLine_IsExecuted()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var kind in Enum.GetValues<DatabaseKind>())
        {
            await using var service = await TestService.StartAsync(kind);
            await WalkAsync(service, "QXQ");
            seen.UnionWith((await StateReads.OfAsync(service.Database)).Where(r => !r.Place.StartsWith("Manzil.Tests.", StringComparison.Ordinal)).Select(r => r.ToString()));
        }

        Assert.Equal(StateReads.Listed.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
    }

    // A state stands in that column, and in the record whose receipt the worker has, which binds it to the document. Three letters come
    // about in random bytes too, so that a column counts where it holds the state of each of two walks.
    [Theory, EachDatabase]
    public async Task Database_AfterAWalk_HasAnIssuingStateInOneColumnAndInRecords(DatabaseKind kind) =>
        Assert.Equal(["act.record", "document.state"], (await HoldingAsync(kind, "QXQ")).Intersect(await HoldingAsync(kind, "ZKJ")).Order(StringComparer.Ordinal));

    static async Task<HashSet<string>> HoldingAsync(DatabaseKind kind, string state)
    {
        await using var service = await TestService.StartAsync(kind);
        await WalkAsync(service, state);
        var holding = new HashSet<string>(StringComparer.Ordinal);
        await using var connection = await service.Database.OpenAsync();
        foreach (var (table, column, _) in await TableDump.ColumnsAsync(service.Core.Database))
        {
            await using var reader = await connection.ExecuteReaderAsync($"select \"{column}\" from \"{table}\"");
            while (await reader.ReadAsync())
            {
                var holds = reader.GetValue(0) is byte[] bytes
                    ? Encoding.Latin1.GetString(bytes).Contains(state, StringComparison.Ordinal)
                    : Random64().Replace($"{reader.GetValue(0)}", "").Contains(state, StringComparison.OrdinalIgnoreCase);
                if (holds) holding.Add($"{table}.{column}");
            }
        }

        return holding;
    }

    // Signatures and hashes in base64.
    [GeneratedRegex("[A-Za-z0-9+/=_-]{40,}", RegexOptions.None, 5000)]
    private static partial Regex Random64();

    // No view and no trigger reads it in the name of others.
    [Theory, EachDatabase]
    public async Task Schema_ViewsTriggersAndFunctions_ReadNoDocument(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        await using var connection = await service.Database.OpenAsync();
        var sources = await connection.QueryAsync<(string Name, string Source)>(kind == DatabaseKind.Postgres
            ? """
              select p.proname::text, p.prosrc from pg_proc p where p.pronamespace = 'public'::regnamespace
              union all select c.relname::text, coalesce(pg_get_viewdef(c.oid), '') from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('v', 'm')
              """
            : "select name, sql from sqlite_master where type in ('view', 'trigger')");
        // These ask whether a row with the same id, or the same number and state, is there.
        Assert.Equal(kind == DatabaseKind.Sqlite ? ["document_not_replaced", "document_stays_beside"] : [], sources.Where(s => FromDocument().IsMatch(s.Source)).Select(s => s.Name).Order(StringComparer.Ordinal));
    }

    static Task RunAsync(DbConnection connection, string sql)
    {
        object keys = connection is Npgsql.NpgsqlConnection && sql.Contains("any(@keys)", StringComparison.Ordinal) ? new long[] { 1 } : "UZB";
        return sql.Contains("@keys", StringComparison.Ordinal) ? connection.ExecuteAsync(sql, new { keys }) : connection.ExecuteAsync(sql);
    }

    // Everybody who is listed does what they are listed for.
    static async Task WalkAsync(TestService service, string state)
    {
        var document = new IdentityDocument(state, "QX7654321", new(1990, 5, 17));
        var rules = service.Core.CurrentRules.Now;
        var office = rules.DefaultOffice.Code.Value;
        var enrol = new Enrol(new Enrolment("FC7654321", "Aziz Rahimov", document, office, "en", "+70000000001", null), rules) { ReceivedAt = service.Clock.GetCurrentInstant(), Channel = RecordChannel.Operator };
        Assert.IsType<ActResult.Accepted>(await service.Core.Writer.SubmitAsync(enrol));
        var clerk = (await service.StaffAsync(StaffRole.Clerk)).Staff;
        await using (var connection = await service.Core.Database.OpenAsync())
        {
            Assert.Equal(enrol.WorkerId, await DocumentLookup.FindAsync(connection, document));
        }

        Assert.NotNull(await service.Services.GetRequiredService<Searches>().FindAsync(clerk, SearchKind.Document, $"{state} QX7654321", "They are at the desk.", Looks.Desk));
        var renewed = new IdentityDocument(state, "QX7654322", document.BirthDate);
        var change = new ChangeDetails(clerk.Actor, office, "Aziz Rahimov", renewed, renewed.Stretch(), rules, service.Services.GetRequiredService<Telling>())
        {
            ReceivedAt = service.Clock.GetCurrentInstant(),
            Channel = RecordChannel.Desk,
            WorkerId = enrol.WorkerId,
        };
        Assert.IsType<ActResult.Accepted>(await service.Core.Writer.SubmitAsync(change));
        var worker = (await service.Core.Workers.FindAsync(enrol.WorkerId!.Value))!;
        Assert.NotEmpty(await service.Services.GetRequiredService<Export>().ZipAsync(worker, Texts.For("en")));
    }

    [GeneratedRegex(@"\b(from|join|into|update|table)\s+""?document\b", RegexOptions.IgnoreCase, 5000)]
    private static partial Regex FromDocument();
}
