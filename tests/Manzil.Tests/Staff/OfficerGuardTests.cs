using System.Data.Common;
using Dapper;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Staff;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Manzil.Tests.Register;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Staff;

/// <summary>Plain SQL, with the service's own rights: nobody becomes an officer, or stays one, to whom no lead reviewer agreed.</summary>
public class OfficerGuardTests
{
    const string Invite = "insert into staff (number, name, role, office, language, invited_at) values ('X1', 'Nobody', 'caseworker', 'NRV-01', 'en', 1); insert into staff_change (staff_id, what, role, changed_at) select id, 'invited', role, 1 from staff where number = 'X1'; ";
    const string Them = "(select id from staff where number = 'X1')";
    const string ActNow = "update staff set agreed_at = 5, agreed_by = @lead where number = 'X1'";

    static string Agreed(string by, string role = "'caseworker'") => $"insert into staff_change (staff_id, what, role, by_staff_id, changed_at) values ({Them}, 'agreed', {role}, {by}, 5); ";

    // Runs statements in a transaction that is undone; what the database said against them, null where it let them pass.
    static async Task<string?> TryAsync(DbConnection connection, string sql, object values)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        try
        {
            await connection.ExecuteAsync(sql, values, transaction);
            return null;
        }
        catch (DbException e)
        {
            Assert.DoesNotContain("syntax", e.Message, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("no such", e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("does not exist", e.Message, StringComparison.Ordinal);
            return e.Message;
        }
    }

    static async Task RefusedAsync(DbConnection connection, object values, string why, string sql)
    {
        var said = await TryAsync(connection, sql, values);
        Assert.True(said is not null, $"The database let it pass: {sql}");
        Assert.True(said.Contains(why, StringComparison.Ordinal) || said.Contains("permission denied", StringComparison.Ordinal), $"{sql}: {said}");
    }

    [Theory, EachDatabase]
    public async Task Sql_OfficerWithoutAnAgreement_IsRefused(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var (lead, _) = await service.StaffAsync(StaffRole.LeadReviewer);
        var (clerk, _) = await service.StaffAsync(StaffRole.Clerk);
        var appointments = service.Services.GetRequiredService<Appointments>();
        var waiting = (await appointments.InviteAsync("Waits", "W1", StaffRole.LeadReviewer, "NRV-01", "en")).Id;
        await using var connection = await service.Core.Database.OpenAsync();
        var values = new { lead = lead.Id, clerk = clerk.Id, waiting, none = (long?)null };
        Task No(string why, string sql) => RefusedAsync(connection, values, why, sql);

        // The way it should be, as plain SQL: the control of every attempt below.
        Assert.Null(await TryAsync(connection, Invite + Agreed("@lead") + ActNow, values));
        // Two plain inserts.
        await No("before they were invited", "insert into staff (number, name, role, office, language, invited_at, agreed_at) values ('X1', 'Nobody', 'caseworker', 'NRV-01', 'en', 1, 1)");
        await No("before they were invited", "insert into staff (number, name, role, office, language, invited_at, agreed_by, agreed_at) values ('X1', 'Nobody', 'caseworker', 'NRV-01', 'en', 1, @lead, 1)");
        await No("nobody agreed", Invite + ActNow);
        await No("nobody agreed", Invite + "update staff set agreed_at = 5 where number = 'X1'");
        await No("agree", Invite + "update staff set agreed_at = 5, agreed_by = @clerk where number = 'X1'");
        // An agreement that is none: by themselves, by who is no lead reviewer or waits to be one, by nobody, to another role or time.
        await No("another lead reviewer", Invite + Agreed(Them));
        await No("another lead reviewer", Invite + Agreed("@clerk"));
        await No("another lead reviewer", Invite + Agreed("@waiting"));
        await No("its first lead reviewer", Invite + Agreed("@none"));
        await No("for that role", Invite + Agreed("@lead", "'lead-reviewer'"));
        await No("for that role", Invite.Replace("'invited'", "'dismissed'") + Agreed("@lead"));
        await No("nobody agreed", Invite + Agreed("@lead") + ActNow.Replace("5", "6"));
        await No("nobody agreed", Invite + Agreed("@lead") + "update staff set agreed_at = 5 where number = 'X1'");
        await No("nobody agreed", Invite + Agreed("@lead") + $"insert into staff_change (staff_id, what, role, changed_at) values ({Them}, 'role', 'caseworker', 5); " + ActNow);
        // An agreement is no other one's, and is not made out of something else.
        await No("only grows", "update staff_change set what = 'agreed'");
        await No("only grows", "delete from staff_change");
        await No("nobody agreed", "update staff set agreed_at = agreed_at + 1 where id = @clerk");
        await No("stays with its person", "update staff set number = 'X1' where id = @clerk");
        await No("only grows", "delete from staff where id = @clerk");
        if (kind == DatabaseKind.Sqlite)
        {
            await No("stays with its person", "update staff set id = id + 100 where id = @clerk");
            await No("REPLACE is refused", "insert or replace into staff select * from staff where id = @clerk");
            await No("REPLACE is refused", "insert or replace into staff (number, name, role, office, language, invited_at) select number, name, 'lead-reviewer', office, language, 1 from staff where id = @clerk");
            await No("REPLACE is refused", "insert or replace into staff_change select * from staff_change limit 1");
            await No("re", "insert or replace into first_lead (id, staff_id, agreed_at) values (1, @clerk, 5)");
        }

        Assert.Equal(["C", "L"], (await service.Services.GetRequiredService<Officers>().ListAsync()).Where(o => o.State == OfficerState.Working).Select(o => o.Role == StaffRole.Clerk ? "C" : "L").Order());
    }

    [Theory]
    [EachDatabase("role = 'lead-reviewer'"), EachDatabase("office = 'NRV-02'"), EachDatabase("name = 'Somebody Else'"), EachDatabase("role = 'auditor', agreed_at = agreed_at")]
    public async Task Sql_AnotherRoleNameOrOffice_DropsTheAgreement(DatabaseKind kind, string set)
    {
        await using var service = await TestService.StartAsync(kind);
        var (clerk, cookie) = await service.StaffAsync(StaffRole.Clerk);
        var web = Visitor.Officer(service, cookie);
        await web.GetAsync("/staff");
        Assert.Contains(clerk.Name, web.Html);
        await using var connection = await service.Core.Database.OpenAsync();
        await connection.ExecuteAsync($"update staff set {set} where id = @Id", new { clerk.Id });
        Assert.Null(await StaffMember.FindAsync(connection, clerk.Id));
        // Whoever is signed in is out at once, and the old agreement does for nothing else.
        await web.GetAsync("/staff");
        Assert.DoesNotContain(clerk.Name, web.Html);
        const string Revive = "update staff set agreed_by = c.by_staff_id, agreed_at = c.changed_at from staff_change c where c.staff_id = staff.id and c.what = 'agreed' and staff.id = @Id";
        await RefusedAsync(connection, new { clerk.Id }, "nobody agreed", Revive);
        // Nor step by step, or back in the old role.
        await RefusedAsync(connection, new { clerk.Id }, "nobody agreed", "update staff set role = 'clerk', office = 'NRV-01' where id = @Id; " + Revive);
        var (other, _) = await service.StaffAsync(StaffRole.Clerk);
        await RefusedAsync(connection, new { other.Id }, "nobody agreed", $"update staff set agreed_at = null, agreed_by = null where id = @Id; update staff set {set.Split(',')[0]} where id = @Id; " + Revive);
        // It stands in the history, and a lead reviewer is asked.
        Assert.Contains((await service.Services.GetRequiredService<Officers>().WaitingAsync()), o => o.Id == clerk.Id && o.What == "role");
    }

    [Theory, EachDatabase]
    public async Task Sql_DismissedOfficer_ComesBackOnlyAgreedToAnew(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var (clerk, _) = await service.StaffAsync(StaffRole.Clerk);
        await service.Services.GetRequiredService<Appointments>().DismissAsync(clerk.Number);
        await using var connection = await service.Core.Database.OpenAsync();
        var values = new { clerk.Id };
        await RefusedAsync(connection, values, "dated back", "update staff set dismissed_at = 1 where id = @Id; delete from staff_change where staff_id = @Id");
        await connection.ExecuteAsync("update staff set dismissed_at = null where id = @Id", values);
        Assert.Null(await StaffMember.FindAsync(connection, clerk.Id));
        await RefusedAsync(
            connection, values, "nobody agreed",
            "update staff set agreed_by = c.by_staff_id, agreed_at = c.changed_at from staff_change c where c.staff_id = staff.id and c.what = 'agreed' and staff.id = @Id");
    }

    [Theory, EachDatabase]
    public async Task Sql_StrangersPasskeySessionLookOrDelivery_IsRefused(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        var (clerk, _) = await service.StaffAsync(StaffRole.Clerk);
        var (gone, _) = await service.StaffAsync(StaffRole.Caseworker);
        var appointments = service.Services.GetRequiredService<Appointments>();
        await appointments.DismissAsync(gone.Number);
        var waiting = (await appointments.InviteAsync("Waits", "W1", StaffRole.Caseworker, "NRV-01", "en")).Id;
        await using var connection = await service.Core.Database.OpenAsync();
        foreach (var (id, number, role) in new[] { (waiting, "W1", "caseworker"), (gone.Id, gone.Number, "caseworker"), (clerk.Id, clerk.Number, "clerk") })
        {
            var values = new { id, number, role, worker = worker.Id, other = clerk.Id, hash = new byte[32] };
            string[] statements =
            [
                "insert into staff_session (token_hash, staff_id, created_at, last_used_at) values (@hash, @id, 1, 1)",
                "insert into staff_passkey (credential_id, staff_id, data, created_at) values (@hash, @id, '{}', 1)",
                "insert into look (worker_id, staff_number, role, office, what, reason, looked_at, keep_until) values (@worker, @number, @role, 'NRV-01', 'file', 'to see', 1, 2)",
                "insert into handed_over (act_number, worker_id, how, day, staff_number, recorded_at) values ('XXXXXXXXXXXXXXX1', @worker, 'desk', '2026-12-01', @number, 1)",
            ];
            foreach (var sql in statements)
            {
                if (id == clerk.Id) Assert.Null(await TryAsync(connection, sql, values));
                else await RefusedAsync(connection, values, "agreed to", sql);
            }

            if (id == clerk.Id)
            {
                // In another role, or at another centre, than they have.
                await RefusedAsync(connection, values, "agreed to", statements[2].Replace("@role", "'caseworker'"));
                await RefusedAsync(connection, values, "agreed to", statements[2].Replace("NRV-01", "NRV-02"));
                continue;
            }

            // A session or a passkey of somebody at work does not become theirs.
            foreach (var sql in statements[..2]) await RefusedAsync(connection, values, "agreed to", sql.Replace("@id", "@other") + $"; update {sql.Split(' ')[2]} set staff_id = @id");
        }
    }

    [Theory, EachDatabase]
    public async Task FirstLead_OfTheInstallation_IsLetInOnceAndStandsOnStatus(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var appointments = service.Services.GetRequiredService<Appointments>();
        var first = await appointments.InviteAsync("Nera Quill", "1001", StaffRole.LeadReviewer, "NRV-01", "en");
        Assert.True(first.IsAgreed);
        // The link was lost before it was used: another one, and the same agreement.
        var again = await appointments.InviteAsync("Nera Quill", "1001", StaffRole.LeadReviewer, "NRV-01", "en");
        Assert.True(again.IsAgreed);
        var officers = service.Services.GetRequiredService<Officers>();
        Assert.Null(await officers.InvitationAsync(first.Token));
        Assert.NotNull((await officers.InvitationAsync(again.Token))?.Staff);
        // Nobody would be left to agree to anybody.
        foreach (var act in (Func<Task>[])
        [
            () => appointments.DismissAsync("1001"), () => appointments.ChangeRoleAsync("1001", StaffRole.Clerk),
            () => appointments.InviteAsync("Nera Quill", "1001", StaffRole.Clerk, "NRV-01", "en"),
        ])
            Assert.Contains("is the only lead reviewer", (await Assert.ThrowsAsync<CommandLineException>(act)).Message);

        await using var connection = await service.Core.Database.OpenAsync();
        foreach (var sql in (string[])
        [
            "insert into first_lead (id, staff_id, agreed_at) values (1, 1, 1)", "update first_lead set agreed_at = 1", "delete from first_lead",
        ])
            Assert.NotNull(await TryAsync(connection, sql, new { }));
        await appointments.DismissAsync("1001", last: true);
        service.Clock.AdvanceDays(1);
        var second = await appointments.InviteAsync("Tavi Oster", "1002", StaffRole.LeadReviewer, "NRV-01", "en");
        Assert.False(second.IsAgreed);
        // Nor does whoever was the first come back so, once the entry about it is erased or not.
        Assert.False((await appointments.InviteAsync("Nera Quill", "1001", StaffRole.LeadReviewer, "NRV-01", "en")).IsAgreed);
        await RefusedAsync(
            connection, new { second.Id }, "its first lead reviewer, once",
            "insert into staff_change (staff_id, what, role, by_staff_id, changed_at) values (@Id, 'agreed', 'lead-reviewer', null, 5)");
        Assert.Contains("to whom no other lead reviewer had agreed, since there was none, got in on 23 November 2026", await service.Client.GetStringAsync("/status", TestContext.Current.CancellationToken));
    }

    // A register from before the database asked: whoever was written down alone waits, whoever was agreed to works on.
    [Theory, EachDatabase]
    public async Task Upgrade_OfficersWithoutAnAgreement_WaitForOne(DatabaseKind kind)
    {
        var server = kind == DatabaseKind.Postgres ? await PostgresServer.SharedAsync() : null;
        var folder = Directory.CreateTempSubdirectory("manzil-test-").FullName;
        var owner = server is null ? null : await server.CreateEmptyDatabaseAsync();
        await using var database = Database.At(owner is null ? "sqlite" : PostgresServer.OwnerUrlOf(owner), folder);
        await using (var connection = await database.OpenAsync())
        {
            await connection.ExecuteAsync("create table schema_script (name text primary key, applied_at bigint not null)");
            foreach (var script in Repository.Files($"src/Manzil/Register/Schema/{(owner is null ? "sqlite" : "postgres")}", "*.sql").OrderBy(path => Path.GetFileName(path), StringComparer.Ordinal))
            {
                var name = Path.GetFileName(script);
                if (string.CompareOrdinal(name, "037") >= 0) break;
                await connection.ExecuteAsync(Repository.Read(script));
                await connection.ExecuteAsync("insert into schema_script (name, applied_at) values (@name, 1)", new { name });
            }

            foreach (var number in (string[])["L", "A", "X", "R"])
                await connection.ExecuteAsync("insert into staff (number, name, role, office, language, invited_at, agreed_at) values (@number, @number, @role, 'NRV-01', 'en', 1, 1)", new { number, role = number == "L" ? "lead-reviewer" : "clerk" });
            await connection.ExecuteAsync(
                """
                update staff set agreed_by = (select id from staff where number = 'L') where number in ('A', 'R');
                insert into staff_change (staff_id, what, role, by_staff_id, changed_at)
                select s.id, 'agreed', s.role, s.agreed_by, 1 from staff s where s.number in ('L', 'A', 'R');
                update staff set role = 'reviewer' where number = 'R';
                """);
        }

        await database.MigrateAsync(TestService.Start);
        await using (var connection = await database.OpenAsync())
        {
            Assert.Equal(["A", "L"], await connection.QueryAsync<string>("select number from staff where agreed_at is not null order by number"));
            Assert.Equal("L", await connection.ExecuteScalarAsync<string>("select s.number from first_lead f join staff s on s.id = f.staff_id"));
        }

        await database.DisposeAsync();
        if (owner is not null) await server!.DropDatabaseAsync(owner);
        Directory.Delete(folder, recursive: true);
    }
}
