using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Dapper;
using Manzil.Messages;
using Manzil.Privacy;
using Manzil.Receipts;
using Manzil.Registrations;
using Manzil.Rules;
using Manzil.Tests.Cases;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Privacy;

/// <summary>
/// privacy.md 19: what the worker takes along is compared with the database itself, row by row and value by value, for somebody about
/// whom every table has a row and every column a value.
/// </summary>
public class CopyTests
{
    /// <summary>What is not written out as a value, and why. Whatever else is kept of a person stands in the copy.</summary>
    static readonly Dictionary<string, string> NotInRows = new (string Why, string[] Columns)[]
    {
        ("stands in its receipt, byte by byte", ["act.statement", "act.record"]),
        ("stands among the files, byte by byte", ["attachment.content"]),
        ("made from what stands beside it", ["document.stretched", "act.content_hash"]),
        (LetsIn, ["helper_grant.code_hash", "helper_session.token_hash", "session.token_hash", "session_key.token_hash", "session_key.public_key", "activation_code.salt", "activation_code.hash", "activation_code.mark"]),
        (LetsIn, ["one_time_code.salt", "one_time_code.hash", "recovery_code.salt", "recovery_code.hash", "recovery_code.mark", "back_in_try.token_hash", "back_in_try.salt", "back_in_try.hash"]),
        (LetsIn, ["passkey.credential_id", "passkey.data"]),
        ("would help a thief of the copy to end a channel", ["channel.mark"]),
    }.SelectMany(n => n.Columns.Select(c => (c, n.Why))).ToDictionary(n => n.c, n => n.Why);

    const string LetsIn = "would help a thief of the copy to get in";

    [Theory, EachDatabase]
    public async Task Copy_OfSomebodyInEveryTable_HoldsEveryValueOfEveryRow(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var sentinel = await Sentinel.LiveAsync(service);
        await sentinel.AddRowsAsync();
        await FillAsync(service, sentinel.Id);
        var bystander = await service.EnrolAsync(phone: "+70000000555", email: "bystander@example.org");
        var (valued, values) = (new HashSet<string>(), 0);
        foreach (var who in new Func<Task<long>>[] { () => Task.FromResult(sentinel.Id), () => SilentAsync(service) })
        {
            var worker = await who();
            var web = await Visitor.SignInAsync(service, new TestWorker(worker, "", Sentinel.Document, ""));
            await web.GetAsync("/account/export");
            await web.PostAsync();
            Assert.Equal("application/zip", web.Answer.Content.Headers.ContentType?.MediaType);
            using var zip = new ZipArchive(new MemoryStream(web.Bytes));
            values += await CompareRowsAsync(service, worker, Encoding.UTF8.GetString(Bytes(zip.GetEntry("everything.json")!)), valued);
            await CompareFilesAsync(service, worker, zip);
            // And nothing of anybody else.
            var all = string.Concat(zip.Entries.Select(e => Encoding.Latin1.GetString(Bytes(e))));
            foreach (var trace in new[] { bystander.CardNumber, "70000000555", worker == sentinel.Id ? "Silence Longstreet" : "Zukhra" }) Assert.DoesNotContain(trace, all, StringComparison.Ordinal);
        }

        // A column without a value would be compared with nothing.
        var empty = Tables.SelectMany(t => t.Columns.Select(c => $"{t.Name}.{c.Name}")).Except(valued).ToList();
        Assert.True(empty.Count == 0, "No row has a value in " + string.Join(", ", empty));
        Assert.True(values > 300, $"{values} values");
        Assert.Empty(NotInRows.Keys.Except(valued));
    }

    static IEnumerable<KeptTable> Tables => Inventory.Tables.Where(t => t.Owned is not null);

    static async Task<int> CompareRowsAsync(TestService service, long worker, string everything, HashSet<string> valued)
    {
        using var json = JsonDocument.Parse(everything);
        Assert.Equal(Tables.Select(t => t.Name).Order(StringComparer.Ordinal), json.RootElement.EnumerateObject().Select(t => t.Name).Order(StringComparer.Ordinal));
        var values = 0;
        var marks = (await RowsAsync(service, Tables.Single(t => t.Name == "channel"), worker)).Select(c => c["mark"]).OfType<string>().ToList();
        Assert.NotEmpty(marks);
        foreach (var table in Tables)
        {
            var rows = await RowsAsync(service, table, worker);
            // Of a message all but those digits.
            if (table.Name == "message") foreach (var row in rows) row["body"] = marks.Aggregate((string)row["body"]!, (body, mark) => body.Replace(mark, Outbox.HiddenMark, StringComparison.Ordinal));
            var columns = table.Columns.Select(c => c.Name).Where(c => !NotInRows.ContainsKey($"{table.Name}.{c}")).ToList();
            var copied = json.RootElement.GetProperty(table.Name).EnumerateArray().ToList();
            Assert.All(copied, row => Assert.Equal(columns.Order(StringComparer.Ordinal), row.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal)));
            Assert.Equal(
                rows.Select(row => string.Join('|', columns.Select(c => $"{c}={Said(c, row[c])}"))).Order(StringComparer.Ordinal),
                copied.Select(row => string.Join('|', columns.Select(c => $"{c}={Said(row.GetProperty(c))}"))).Order(StringComparer.Ordinal));
            valued.UnionWith(table.Columns.Where(c => rows.Any(row => row[c.Name] is not null)).Select(c => $"{table.Name}.{c.Name}"));
            values += rows.Sum(row => columns.Count(c => row[c] is not null));
            // A secret is in no form in the rows that are written out.
            foreach (var secret in rows.SelectMany(row => table.Columns.Where(c => NotInRows.GetValueOrDefault($"{table.Name}.{c.Name}") == LetsIn).Select(c => row[c.Name])).OfType<byte[]>().Where(b => b.Length >= 16))
                Assert.DoesNotContain(Convert.ToBase64String(secret), everything, StringComparison.Ordinal);
        }

        return values;
    }

    /// <summary>Every receipt, with its statement and its record, and every file: so many, and these bytes.</summary>
    static async Task CompareFilesAsync(TestService service, long worker, ZipArchive zip)
    {
        var acts = await RowsAsync(service, Tables.Single(t => t.Name == "act"), worker);
        Assert.Equal(acts.Select(a => $"receipts/{a["number"]}.zip").Order(StringComparer.Ordinal), zip.Entries.Select(e => e.FullName).Where(n => n.StartsWith("receipts/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        foreach (var act in acts)
        {
            using var receipt = new ZipArchive(new MemoryStream(Bytes(zip.GetEntry($"receipts/{act["number"]}.zip")!)));
            var inside = receipt.Entries.Select(Bytes).ToList();
            Assert.Contains(inside, b => b.AsSpan().SequenceEqual((byte[])act["statement"]!));
            Assert.Contains(inside, b => b.AsSpan().SequenceEqual((byte[])act["record"]!));
        }

        var files = (await RowsAsync(service, Tables.Single(t => t.Name == "attachment"), worker)).Select(a => Convert.ToHexString((byte[])a["content"]!)).Order(StringComparer.Ordinal);
        Assert.Equal(files, zip.Entries.Where(e => e.FullName is not ("everything.json" or "index.html") && !e.FullName.StartsWith("receipts/", StringComparison.Ordinal)).Select(e => Convert.ToHexString(Bytes(e))).Order(StringComparer.Ordinal));
    }

    // Somebody in a case about silence, which has what no other case has.
    static async Task<long> SilentAsync(TestService service)
    {
        var walk = await CaseWalk.BeginAsync(service);
        var enrolment = new Enrolment("SL0000001", "Silence Longstreet", new IdentityDocument("UZB", "SL0000001", new LocalDate(1990, 5, 17)), walk.Rules.DefaultOffice.Code.Value, "en", "+70000000444", null);
        var worker = await walk.RegisteredAsync(enrolment);
        service.Clock.AdvanceDays(45);
        await walk.RemindAsync(22);
        await walk.DoneAsync(worker, CaseAct.OpenAfterSilence, "sys");
        service.Clock.AdvanceMinutes(1);
        return worker;
    }

    // Two files and two of whatever there can be several of, so that the first alone is not all; and what no act of hers has written.
    static async Task FillAsync(TestService service, long worker)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        var at = service.Clock.GetCurrentInstant().ToUnixTimeMilliseconds();
        foreach (var sql in (string[])
        [
            "insert into attachment (worker_id, case_id, act_number, name, media_type, sha256, content, added_at, by_helper) select worker_id, case_id, act_number, 'second-zukhra.pdf', media_type, sha256, @second, added_at, 1 from attachment where worker_id = @worker",
            "update worker set card_lost_at = @at where id = @worker",
            "update channel set removed_at = @at, not_mine_at = @at where worker_id = @worker and address = 'second-zukhra@example.org'",
            "update message set reminds_of = '2027-01-01', next_attempt_at = @at, reply_code = '123456', status_at = @at where id = (select max(id) from message where worker_id = @worker)",
            "update message set arrived_at = @at where id = (select min(id) from message where worker_id = @worker)",
            "update message set bounced_at = @at where id = (select min(id) + 1 from message where worker_id = @worker)",
            "insert into look (worker_id, helper, what, reason, looked_at, keep_until) values (@worker, 'Zukhra''s cousin', 'file', 'helps', @at, @at + 1000)",
            "update helper_grant set entered_at = @at, withdrawn_at = @at, withdrawn_act = act_number where worker_id = @worker",
            "update activation_code set used_at = @at, mark = @mark where worker_id = @worker",
            "update recovery_code set used_at = @at, mark = @mark where worker_id = @worker",
            "update passkey set last_used_at = @at where worker_id = @worker",
        ])
        {
            Assert.True(await connection.ExecuteAsync(sql, new { worker, at, mark = new byte[] { 7, 7 }, second = "%PDF second of zukhra"u8.ToArray() }) > 0, sql);
        }
    }

    static async Task<List<Dictionary<string, object?>>> RowsAsync(TestService service, KeptTable table, long worker)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        var rows = await connection.QueryAsync($"select * from {table.Name} where {table.Owned}", new { worker });
        return [.. rows.Select(row => ((IDictionary<string, object?>)row).ToDictionary())];
    }

    static string Said(string column, object? value) => value switch
    {
        null => "",
        byte[] bytes => Convert.ToBase64String(bytes),
        long at when column.EndsWith("_at", StringComparison.Ordinal) || column.EndsWith("_until", StringComparison.Ordinal) => Instant.FromUnixTimeMilliseconds(at).ToString(),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    static string Said(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "",
        JsonValueKind.String => value.GetString()!,
        _ => value.GetRawText(),
    };

    static byte[] Bytes(ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
