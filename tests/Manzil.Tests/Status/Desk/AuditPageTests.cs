using System.Net;
using System.Text.RegularExpressions;
using Dapper;
using Manzil.Layout;
using Manzil.Privacy;
using Manzil.Rules;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Manzil.Tests.Register;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Status.Desk;

/// <summary>/staff/audit: counts, log and inventory, true to the database, and nobody in any of them.</summary>
public class AuditPageTests
{
    [Theory, EachDatabase]
    public async Task Get_ByAuditorAndLeadReviewer_IsTrueToTheDatabaseAndNamesNobody(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await SignedInWorker.NewAsync(service);
        await service.EnrolAsync(phone: "+70000000002", email: "aziz@example.org");
        await worker.GiveAsync("""{"kind":"registration"}""");
        await worker.GiveAsync($$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""");
        string[] secrets = ["Aziz", worker.Worker.CardNumber, worker.Worker.Document.Number, "+70000000001", "+70000000002", "example.org", "Tverskoy"];
        await using var connection = await service.Core.Database.OpenAsync();
        foreach (var lang in service.Core.Rules.Languages)
        {
            foreach (var role in new[] { StaffRole.Auditor, StaffRole.LeadReviewer })
            {
                var t = Texts.For(lang);
                var (staff, cookie) = await service.StaffAsync(role, language: lang);
                var officer = Visitor.Officer(service, cookie, lang);
                await officer.GetAsync("/staff/audit");
                Assert.Equal((HttpStatusCode.OK, t["staff-home.audit"]), (officer.Status, officer.Heading));
                foreach (var words in new[] { "staff-home.role-auditor", "status.title", "staff-home.status-hint", "audit.log", "audit.log-hint", "audit.inventory", "audit.inventory-hint" })
                    Assert.Contains(t[words], officer.Text, StringComparison.Ordinal);
                Assert.DoesNotContain(t["audit.incomplete"], officer.Text);
                Assert.Empty(secrets.Where(s => officer.Html.Contains(s, StringComparison.Ordinal)));
                AssertInventory(WebUtility.HtmlDecode(Match(officer.Html, "<pre[^>]*>(.*?)</pre>")), await TableDump.ColumnsAsync(service.Core.Database));

                // What its links lead to counts what is there.
                Assert.Contains("href=\"/status\"", officer.Html);
                Assert.Contains("href=\"/log/checkpoint\"", officer.Html);
                service.Clock.AdvanceMinutes(1);
                await officer.GetAsync("/status");
                var html = WebUtility.HtmlDecode(officer.Html);
                foreach (var (act, number) in new[] { ("enrolled", 48), ("registration", 1), ("residence", 2) })
                    Assert.Equal($"{await connection.ExecuteScalarAsync<long>("select count(*) from act where kind = @number", new { number })}", Row(html, t[$"kind.{act}"]));
                foreach (var (standing, number) in new[] { ("enrolled", 0), ("registered", 1) })
                    Assert.Equal($"{await connection.ExecuteScalarAsync<long>("select count(*) from register_entry where standing = @number", new { number })}", Row(html, t[$"status.standing.{standing}"]));
                Assert.Equal($"{await connection.ExecuteScalarAsync<long>("select count(*) from staff where role = @role", new { role = role.Name() })}", Row(html, t[$"staff-role.{role.Name()}"]));
                Assert.Empty(secrets.Append(staff.Name).Where(s => html.Contains(s, StringComparison.Ordinal)));
                await officer.GetAsync("/staff/audit");
                foreach (var label in new[] { t["kind.enrolled"], t["kind.residence"], t["status.standing.registered"], t[$"staff-role.{role.Name()}"] })
                    Assert.Equal(Row(html, label), Row(WebUtility.HtmlDecode(officer.Html), label));
                await officer.GetAsync("/log/checkpoint");
                Assert.Equal($"{await connection.ExecuteScalarAsync<long>("select count(*) from act")}", officer.Html.Split('\n')[1]);
            }
        }

        Assert.Equal(0, await connection.ExecuteScalarAsync<long>("select count(*) from look"));

        // A column that nobody wrote down is said at once.
        await using (var owner = await service.Database.OpenAsync()) await owner.ExecuteAsync("alter table worker add column shadow text");
        var auditor = Visitor.Officer(service, (await service.StaffAsync(StaffRole.Auditor)).Cookie);
        await auditor.GetAsync("/staff/audit");
        Assert.Contains(Texts.For("en")["audit.incomplete"], auditor.Text);
        Assert.Matches(new Regex("shadow +(text|TEXT) +NOT IN THE INVENTORY", RegexOptions.None, TimeSpan.FromSeconds(5)), auditor.Html);
    }

    // Each personal column of the live database once, under its table, with what it is for; and no table left out.
    static void AssertInventory(string text, IReadOnlyList<(string Table, string Column, string Type)> columns)
    {
        var tables = Inventory.Tables.ToDictionary(t => t.Name);
        var personal = columns.Where(c => tables[c.Table].Columns.Single(k => k.Name == c.Column).IsPersonal).ToList();
        Assert.Contains($"Personal data stands in {personal.Count} columns of {personal.Select(c => c.Table).Distinct().Count()} tables.", text);
        var said = new List<string>();
        var table = "";
        foreach (var line in text.Split('\n'))
        {
            if (line.Length > 0 && line[0] != ' ') table = line.Split(':')[0];
            else if (line.StartsWith("  ", StringComparison.Ordinal) && !line.StartsWith("  kept: ", StringComparison.Ordinal) && tables.ContainsKey(table)) said.Add($"{table}.{line.Trim().Split(' ')[0]}");
        }

        Assert.Equal(personal.Select(c => $"{c.Table}.{c.Column}").Order(StringComparer.Ordinal), said.Order(StringComparer.Ordinal));
        Assert.All(personal, c => Assert.Contains(tables[c.Table].Columns.Single(k => k.Name == c.Column).Purpose!, text, StringComparison.Ordinal));
        Assert.All(tables.Values.Where(t => !t.IsPersonal), t => Assert.Contains($"\n  {t.Name}: {t.What}", text, StringComparison.Ordinal));
    }

    static string Row(string page, string label) => Match(page, $"<dt[^>]*>{Regex.Escape(label)}</dt><dd[^>]*>([^<]*)</dd>");

    static string Match(string text, string pattern) => Regex.Match(text, pattern, RegexOptions.Singleline, TimeSpan.FromSeconds(5)).Groups[1].Value;
}
