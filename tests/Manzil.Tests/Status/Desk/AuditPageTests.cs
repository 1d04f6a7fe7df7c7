using System.Net;
using System.Text.RegularExpressions;
using Dapper;
using Manzil.Layout;
using Manzil.Privacy;
using Manzil.Rules;
using Manzil.Tests.Databases;
using Manzil.Tests.Layout;
using Manzil.Tests.Notices;
using Manzil.Tests.Privacy;
using Manzil.Tests.Privacy.Pages;
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
                AssertInventory(officer.Html, t, await TableDump.ColumnsAsync(service.Core.Database));

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

        // A column and a table that nobody wrote down are said at once, to each reader in their language.
        await using (var owner = await service.Database.OpenAsync())
        {
            await owner.ExecuteAsync("alter table worker add column shadow text");
            await owner.ExecuteAsync("create table rumour (words text)");
        }

        foreach (var lang in service.Core.Rules.Languages)
        {
            var t = Texts.For(lang);
            var auditor = Visitor.Officer(service, (await service.StaffAsync(StaffRole.Auditor, language: lang)).Cookie, lang);
            await auditor.GetAsync("/staff/audit");
            Assert.Contains(t["audit.incomplete"], auditor.Text);
            var groups = Groups(Element.Parse(auditor.Html)).ToDictionary(g => g.Table);
            Assert.Equal(t["audit.inventory-unknown"], groups["worker"].Rows.Single(r => r.Column == "shadow").Said);
            Assert.Equal($"rumour {t["audit.inventory-unknown-table"]} {t["audit.inventory-kept", ("term", t["audit.inventory-kept-unknown"])]}", groups["rumour"].Heading);
            Assert.Equal(("words", t["audit.inventory-unknown"]), Assert.Single(groups["rumour"].Rows));
        }
    }

    // Each personal column of the live database once, under its table, with what it is for; how long each table is kept; and no table left out.
    static void AssertInventory(string html, Texts t, IReadOnlyList<(string Table, string Column, string Type)> columns)
    {
        var (page, words) = (Element.Parse(html), Vocabulary.Catalogue(t.Lang));
        var tables = Inventory.Tables.ToDictionary(k => k.Name);
        var personal = columns.Where(c => tables[c.Table].Columns.Single(k => k.Name == c.Column).IsPersonal).ToList();
        Assert.Contains(t["audit.inventory-count", ("columns", personal.Count), ("tables", personal.Select(c => c.Table).Distinct().Count())], Element.Text(html));
        Assert.Equal((string[])[t["audit.inventory-column"], t["audit.inventory-purpose"]], page.All.Where(e => e["scope"] == "col").Select(Said));
        Assert.All(page.All.Where(e => e.Name == "th"), th => Assert.True(th["scope"] is "col" or "row" or "rowgroup", $"{th}"));
        Assert.All(page.All.Where(e => e.Name == "td"), td => Assert.Equal(t["audit.inventory-purpose"], td["data-label"]));

        var groups = Groups(page);
        Assert.Equal(personal.Select(c => $"{c.Table}.{c.Column}"), groups.SelectMany(g => g.Rows.Select(r => $"{g.Table}.{r.Column}")));
        Assert.All(groups, g =>
        {
            var table = tables[g.Table];
            Assert.Equal($"{table.Name} {words[InventoryTests.Key(table)]} {t["audit.inventory-kept", ("term", Kept(table.Keeping, t))]}", g.Heading);
            Assert.All(g.Rows, r => Assert.Equal(words[InventoryTests.Key(table, table.Columns.Single(c => c.Name == r.Column))] + Note(table, r.Column, t), r.Said));
        });
        var others = page.All.Where(e => e.Name == "li").Select(Said).ToList();
        Assert.All(tables.Values.Where(k => !k.IsPersonal), k => Assert.Contains($"{k.Name} {words[InventoryTests.Key(k)]}", others));
    }

    // The demo's rules keep files and looks for 3 years, and messages for 90 days.
    static string Kept(Keeping keeping, Texts t)
    {
        var name = keeping switch
        {
            Keeping.WithParent => "with-parent",
            Keeping.AfterEnd => "after-end",
            Keeping.UntilEnd => "until-end",
            _ => keeping.ToString().ToLowerInvariant(),
        };
        return t[$"keeping.{name}", ("count", keeping == Keeping.Messages ? 90 : 3)];
    }

    static string Note(KeptTable table, string column, Texts t) => (table.Name, column) switch
    {
        ("act", "idempotency_key") => $" ({t["audit.inventory-days", ("count", 30)]})",
        ("act", "number" or "kind" or "given_at" or "channel") => $" ({t["audit.inventory-stays"]})",
        _ => "",
    };

    static List<(string Table, string Heading, List<(string Column, string Said)> Rows)> Groups(Element page) =>
        [.. page.All.Where(e => e.Name == "tbody").Select(body =>
        {
            var heading = Assert.Single(body.Children[0].Children);
            Assert.Equal("rowgroup", heading["scope"]);
            return (Code(heading), Said(heading), body.Children.Skip(1).Select(row => (Code(Assert.Single(row.Children, e => e.Name == "th" && e["scope"] == "row")), Said(Assert.Single(row.Children, e => e.Name == "td")))).ToList());
        })];

    // The database's own name, which is in no reader's language.
    static string Code(Element cell)
    {
        var code = Assert.Single(cell.All, e => e.Name == "code");
        Assert.Equal(("no", "en"), (code["translate"], code["lang"]));
        return Said(code);
    }

    static string Said(Element element) => string.Join(' ', element.Words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    static string Row(string page, string label) => Match(page, $"<dt[^>]*>{Regex.Escape(label)}</dt><dd[^>]*>([^<]*)</dd>");

    static string Match(string text, string pattern) => Regex.Match(text, pattern, RegexOptions.Singleline, TimeSpan.FromSeconds(5)).Groups[1].Value;
}
