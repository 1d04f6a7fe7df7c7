using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Manzil.Privacy;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Staff;
using Manzil.Tests.Cases;
using Manzil.Tests.Databases;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Privacy;

/// <summary>
/// privacy.md 18, class by class: a row in every table that goes by its own age, and how long it may stand at most; and what stays of
/// somebody who was erased tells nobody apart. The times stand here anew, so that a condition of the inventory that keeps longer is found.
/// </summary>
public class ErasedInTimeTests
{
    // Erasing looks an hour back, and comes once a day.
    static readonly Duration Slack = Duration.FromHours(2);

    // What stands at most since it was written, where it works for nine days.
    static readonly Duration Works = Duration.FromDays(9);

    static Duration? AtMost(Keeping keeping) => keeping switch
    {
        Keeping.Minutes or Keeping.Hour => Duration.FromHours(1),
        Keeping.Day => Works + Duration.FromDays(1),
        Keeping.UntilEnd => Works,
        Keeping.Month => Duration.FromDays(31),
        Keeping.AfterEnd => Works + Duration.FromDays(30),
        Keeping.Messages => Duration.FromDays(90),
        Keeping.Looks => Duration.FromDays(3 * 366),
        _ => null,
    };

    [Theory, EachDatabase]
    public async Task Erase_RowsOfEveryClassThatGoesByItsAge_AreGoneWhenItIsOver(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var walk = await CaseWalk.BeginAsync(service);
        var worker = await walk.RegisteredAsync();
        await using var connection = await service.Core.Database.OpenAsync();
        await connection.ExecuteAsync("delete from message");
        var began = service.Clock.GetCurrentInstant();
        await FillAsync(connection, service, worker);
        var tables = Inventory.Tables.Where(t => AtMost(t.Keeping) is not null).ToList();
        var missing = new List<string>();
        foreach (var table in tables)
        {
            if (await CountAsync(connection, table.Name) == 0) missing.Add(table.Name);
        }

        // A new table of such a class has a line in FillAsync.
        Assert.Empty(missing);
        var tooLong = new List<string>();
        foreach (var most in tables.GroupBy(t => AtMost(t.Keeping)!.Value).OrderBy(g => g.Key))
        {
            service.Clock.Reset(began + most.Key + Slack);
            if (most.Key == Works) await EndAsync(service);
            await ErasingTests.EraseAsync(service);
            foreach (var table in most)
            {
                if (await CountAsync(connection, table.Name) is > 0 and var left) tooLong.Add($"{table.Name}: {left}, after {most.Key}");
            }
        }

        Assert.Empty(tooLong);
    }

    static Task<long> CountAsync(DbConnection connection, string table) => connection.ExecuteScalarAsync<long>($"select count(*) from {table}");

    // What ends by an act, and not by a date.
    static async Task EndAsync(TestService service)
    {
        await service.Services.GetRequiredService<Appointments>().DismissAsync("ages");
        await using var connection = await service.Core.Database.OpenAsync();
        // A round of reminders takes its own parts away when it is through, which ReminderRoundsTests holds.
        await connection.ExecuteAsync("delete from reminder_part");
    }

    static async Task FillAsync(DbConnection connection, TestService service, long worker)
    {
        var now = service.Clock.GetCurrentInstant();
        await ActivationCodes.IssueAsync(connection, null, worker, now + Works);
        await service.StaffAsync(StaffRole.Clerk, "ages");
        var values = new
        {
            worker,
            at = now.ToUnixTimeMilliseconds(),
            until = (now + Works).ToUnixTimeMilliseconds(),
            soon = (now + Duration.FromMinutes(5)).ToUnixTimeMilliseconds(),
            kept = (now + Duration.FromDays(3 * 365)).ToUnixTimeMilliseconds(),
            minute = now.ToUnixTimeSeconds() / 60,
            day = IsoDate.Write(service.Core.Rules.DateOf(now)),
            b32 = RandomNumberGenerator.GetBytes(32),
            other = RandomNumberGenerator.GetBytes(32),
            b16 = RandomNumberGenerator.GetBytes(16),
            number = await connection.ExecuteScalarAsync<string>("select min(number) from act"),
        };
        foreach (var sql in (string[])
        [
            "insert into message (worker_id, channel_kind, address, language, subject, body, created_at) values (@worker, 'sms', '+7', 'en', 's', 'b', @at)",
            "insert into message_code (message_id, expires_at) select max(id), @until from message",
            "insert into incoming_sms (gateway_id, worker_id, act_number, received_at) values ('one', @worker, @number, @at)",
            "insert into incoming_sms (gateway_id, worker_id, act_number, received_at) values ('of nobody', null, null, @at)",
            "insert into session (token_hash, worker_id, kind, created_at, last_used_at, expires_at, fresh_until) values (@b32, @worker, 'phone', @at, @at, @until, @at)",
            "insert into session_key (token_hash, public_key, recorded_at) values (@b32, @b32, @at)",
            "insert into one_time_code (worker_id, purpose, salt, hash, expires_at, attempts_left) values (@worker, 'x', @b16, @b32, @until, 3)",
            "insert into back_in_try (token_hash, worker_id, salt, hash, expires_at, attempts_left) values (@b32, @worker, @b16, @b32, @until, 5)",
            "insert into back_in_try (token_hash, worker_id, salt, hash, expires_at, attempts_left) values (@other, null, @b16, @b32, @until, 5)",
            "insert into helper_grant (worker_id, act_number, name, scope, given_at, expires_at, entered_at) values (@worker, @number, 'Aid', 'see', @at, @until, @at)",
            "insert into helper_session (token_hash, grant_id, created_at) select @b32, id, @at from helper_grant",
            "insert into look (worker_id, helper, what, reason, looked_at, keep_until) values (@worker, 'Aid', 'file', 'to see', @at, @kept)",
            "insert into sms_try (address, day, tries) values ('+7', @day, 1)",
            "insert into code_count (address_hash, purpose, first_at, sent) values (@b32, 'signed-in', @at, 1)",
            "insert into passkey_challenge (id_hash, state, expires_at) values (@b32, '', @soon)",
            "insert into staff_search (staff_number, searched_at) values ('ages', @at)",
            "insert into staff_invitation (token_hash, staff_id, expires_at) select @b32, id, @until from staff where number = 'ages'",
            "insert into staff_passkey (credential_id, staff_id, data, created_at) select @b32, id, 'x', @at from staff where number = 'ages'",
            "insert into staff_session (token_hash, staff_id, created_at, last_used_at) select @b32, id, @at, @at from staff where number = 'ages'",
            "insert into draft (owner, path, content, saved_at) values ('worker 1', '/residence', @b32, @at)",
            "insert into heartbeat (minute) values (@minute) on conflict do nothing",
            "insert into reminder_round (due, step) values (@day, 9)",
            "insert into reminder_part (due, step, part, after_worker, through_worker) values (@day, 9, 1, 0, 9)",
        ])
        {
            await connection.ExecuteAsync(sql, values);
        }
    }

    // Two people who differ in everything that a row can say, looked at lately: what is left of one is left of the other.
    [Theory, EachDatabase]
    public async Task Erase_TwoPeopleWhoDifferInEverything_LeavesRowsThatDoNotTellThemApart(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var walk = await CaseWalk.BeginAsync(service);
        var offices = walk.Rules.Offices;
        var one = await walk.RegisteredAsync(new Enrolment("FC1111111", "Zukhra Sentinelova", Sentinel.Document, offices[0].Code.Value, "en", "+77777000123", null));
        service.Clock.AdvanceDays(1);
        var other = await walk.RegisteredAsync(new Enrolment("FC2222222", "Aziz Rahimov", new IdentityDocument("KGZ", "AN2222222", new LocalDate(1961, 1, 2)), offices[^1].Code.Value, "kk", null, "aziz@example.org"));
        await using var connection = await service.Core.Database.OpenAsync();
        await connection.ExecuteAsync("update worker set card_lost_at = 1 where id = @other", new { other });
        var until = await Sentinel.LeaveAsync(walk, one);
        until = Instant.Max(until, await Sentinel.LeaveAsync(walk, other));
        service.Clock.Reset(until - Duration.FromDays(100));
        var (staff, _) = await service.StaffAsync(StaffRole.Caseworker);
        foreach (var worker in (long[])[one, other]) await service.Services.GetRequiredService<Looks>().RecordAsync(staff, worker, Looks.File, null, "an old question");
        service.Clock.Reset(until + Slack);
        Assert.Equal(2, (await ErasingTests.EraseAsync(service)).People);

        var left = await RowsAsync(connection, "worker", $"id in ({one}, {other})", "id", "card_number");
        Assert.Equal(2, left.Count);
        Assert.Single(left.Distinct());
        Assert.Equal([$"erased-{one}", $"erased-{other}"], (await connection.QueryAsync<string>("select card_number from worker order by id")).Where(c => c.StartsWith("erased", StringComparison.Ordinal)));
        Assert.Single((await RowsAsync(connection, "act", "worker_id is null and length(statement) = 0", [.. Inventory.StaysOfAct])).Distinct());
        foreach (var table in Inventory.Tables.Where(t => t.Owned is not null && t.Name is not ("worker" or "look")))
            Assert.Equal(0, await connection.ExecuteScalarAsync<long>($"select count(*) from {table.Name} where {table.Owned!.Replace("@worker", "@one", StringComparison.Ordinal)} or {table.Owned.Replace("@worker", "@other", StringComparison.Ordinal)}", new { one, other }));
    }

    // The number stays, so that nobody else is given it, and with it in which role and where, as the acts that name it say.
    [Theory, EachDatabase]
    public async Task Erase_TwoOfficersWhoWereDismissed_LeavesRowsThatDoNotTellThemApart(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var appointments = service.Services.GetRequiredService<Appointments>();
        await service.StaffAsync(StaffRole.LeadReviewer, "stays");
        var agreed = await service.StaffAsync(StaffRole.Clerk, "8801", language: "kk");
        // The other was invited by the same act, and nobody agreed.
        await appointments.InviteAsync("Nera Quill", "8802", StaffRole.Clerk, service.Core.Rules.DefaultOffice.Code.Value, "en");
        await appointments.DismissAsync("8801");
        await appointments.DismissAsync("8802");
        service.Clock.Reset(service.Clock.GetCurrentInstant() + Duration.FromDays(1098));
        await ErasingTests.EraseAsync(service);
        await using var connection = await service.Core.Database.OpenAsync();
        var left = await RowsAsync(connection, "staff", "number in ('8801', '8802')", "id", "number");
        Assert.Equal(2, left.Count);
        Assert.Single(left.Distinct());
        Assert.DoesNotContain(agreed.Staff.Name, left[0], StringComparison.Ordinal);
    }

    static async Task<List<string>> RowsAsync(DbConnection connection, string table, string where, params string[] without)
    {
        var rows = await connection.QueryAsync($"select * from {table} where {where} order by 1");
        return [.. rows.Select(r => string.Join("; ", ((IDictionary<string, object>)r).Where(c => !without.Contains(c.Key)).Select(c => $"{c.Key}={(c.Value is byte[] bytes ? Convert.ToHexString(bytes) : c.Value)}")))];
    }
}
