using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Manzil.Cases;
using Manzil.Notices;
using Manzil.Privacy;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Tests.Cases;
using NodaTime;

namespace Manzil.Tests.Gates;

/// <summary>
/// People in every standing and at every stage of a case, with all that somebody can have: a card, ways in, channels, sessions of every
/// kind, helpers, files, receipts. Nothing of it runs out within ten years, so that only a step that takes it away can.
/// </summary>
static class SilentPeople
{
    static readonly long Lasts = (long)Duration.FromDays(20 * 366).TotalMilliseconds;

    /// <summary>Of what is kept for days or less nobody has a row for long.</summary>
    public static IReadOnlyList<KeptTable> Lasting { get; } =
        [.. Inventory.Tables.Where(t => t.Owned is not null && t.Keeping is not (Keeping.Day or Keeping.Hour or Keeping.Minutes or Keeping.Transaction))];

    /// <param name="together">How many are at each stage, and alike in every date.</param>
    /// <returns>Those who say nothing any more. Whoever else there is leaves, or has left.</returns>
    public static async Task<IReadOnlySet<long>> SettleAsync(TestService service, int together = 1)
    {
        var walk = await CaseWalk.BeginAsync(service);
        var stages = await walk.RipeAsync(stage => stage == CaseStage.Suspended ? together + 1 : together);
        await walk.DoneAsync(stages[CaseStage.Suspended][^1], CaseAct.DecideAppealAgainstWorker, "R");
        HashSet<long> silent = [.. stages.Values.SelectMany(w => w)];
        silent.Add((await service.EnrolAsync(language: "ru", phone: null, email: "only@example.org")).Id);
        silent.Add(await walk.RegisteredAsync(new Enrolment("CW9000001", "Nodira Alimova", new IdentityDocument("KGZ", "KG9000001", new LocalDate(1999, 1, 2)), walk.Rules.Offices[^1].Code.Value, "kk", null, "n@example.org")));
        var (lost, unreached) = (await walk.RegisteredAsync(), await walk.RegisteredAsync());
        silent.UnionWith([lost, unreached]);
        var today = walk.Rules.DateOf(walk.Now);
        long[] leaving = [await walk.RegisteredAsync(), await walk.RegisteredAsync()];
        foreach (var (worker, days) in leaving.Zip((int[])[20, 60]))
        {
            var notice = new GiveNotice(new Notice.Departure(today.PlusDays(days)), null, walk.Rules, walk.Telling) { ReceivedAt = walk.Now, Channel = RecordChannel.Web, WorkerId = worker };
            Assert.IsType<ActResult.Accepted>(await service.Core.Writer.SubmitAsync(notice));
        }

        await using var connection = await service.Core.Database.OpenAsync();
        var n = 0;
        foreach (var worker in silent.Concat(leaving)) await EquipAsync(connection, worker, n++, walk.Now);
        await connection.ExecuteAsync("update worker set card_lost_at = enrolled_at where id = @lost", new { lost });
        // Who has no channel that counts waits to be reached, for ever.
        await connection.ExecuteAsync("update channel set removed_at = @at where worker_id = @unreached", new { unreached, at = walk.Now.ToUnixTimeMilliseconds() });
        await connection.ExecuteAsync("update register_entry set reminded = 100 where worker_id = @unreached", new { unreached });
        await connection.ExecuteAsync(
            "insert into reached (act_number, worker_id, due, how, staff_number, recorded_at) select '0002-77777-77777', worker_id, next_deadline, 'phone', @clerk, @at from register_entry where worker_id = @unreached",
            new { unreached, clerk = walk.Officer("clerk"), at = walk.Now.ToUnixTimeMilliseconds() });
        await connection.ExecuteAsync(
            "insert into staff_passkey (credential_id, staff_id, data, created_at, last_used_at) select @key, id, 'a key', @at, @at from staff where number = @number",
            new { key = RandomNumberGenerator.GetBytes(32), number = walk.Officer("C"), at = walk.Now.ToUnixTimeMilliseconds() });
        Assert.Empty(await WithoutRowsAsync(connection));
        return silent;
    }

    /// <summary>A table that the inventory names and nobody here has anything in: what a timed step takes from it would not be seen.</summary>
    static async Task<IReadOnlyList<string>> WithoutRowsAsync(DbConnection connection)
    {
        var without = new List<string>();
        foreach (var table in Lasting)
        {
            if (await connection.ExecuteScalarAsync<long>($"select count(*) from {table.Name}") == 0) without.Add(table.Name);
        }

        return without;
    }

    static async Task EquipAsync(DbConnection connection, long worker, int n, Instant now)
    {
        var at = now.ToUnixTimeMilliseconds();
        var values = new
        {
            worker,
            at,
            until = at + Lasts,
            key = RandomNumberGenerator.GetBytes(32),
            browser = RandomNumberGenerator.GetBytes(32),
            api = RandomNumberGenerator.GetBytes(32),
            salt = RandomNumberGenerator.GetBytes(16),
            mark = RandomNumberGenerator.GetBytes(2),
            see = $"{n:D4}-77777-77771",
            act = $"{n:D4}-77777-77772",
            copy = $"{n:D4}-77777-77773",
            letter = $"{n:D4}-77777-77774",
            opened = $"{n:D4}-77777-77775",
            address = $"w{n}@example.org",
            language = (string[])["en", "ru", "kk"] is var all ? all[n % 3] : "",
            state = ((string[])["UZB", "TJK", "KGZ", "D", "VNM"])[n % 5],
            content = new byte[] { 1 },
        };
        foreach (var sql in (string[])
        [
            "update worker set language = @language where id = @worker",
            "update document set state = @state where worker_id = @worker",
            "insert into channel (worker_id, kind, address, confirmed_at) values (@worker, 'email', @address, @at)",
            "insert into channel (worker_id, kind, address, confirmed_at, removed_at) values (@worker, 'sms', '+70000000009', @at, @at)",
            "insert into session (token_hash, worker_id, kind, created_at, last_used_at, expires_at, fresh_until) values (@key, @worker, 'phone', @at, @at, @until, @at)",
            "insert into session (token_hash, worker_id, kind, created_at, last_used_at, expires_at, fresh_until) values (@browser, @worker, 'browser', @at, @at, @until, @at)",
            "insert into session (token_hash, worker_id, kind, created_at, last_used_at, expires_at, fresh_until) values (@api, @worker, 'api', @at, @at, @until, @at)",
            "insert into session_key (token_hash, public_key, recorded_at) values (@key, @key, @at)",
            "insert into passkey (credential_id, worker_id, data, created_at, last_used_at) values (@key, @worker, 'a phone', @at, @at)",
            "insert into recovery_code (worker_id, number, salt, hash, made_at, mark) values (@worker, 1, @salt, @key, @at, @mark)",
            "insert into recovery_code (worker_id, number, salt, hash, made_at, used_at) values (@worker, 2, @salt, @key, @at, @at)",
            "insert into helper_grant (worker_id, act_number, name, scope, code_hash, given_at, expires_at, entered_at) values (@worker, @see, 'Legal aid', 'see', @key, @at, @until, @at)",
            "insert into helper_session (token_hash, grant_id, created_at) select @key, id, @at from helper_grant where act_number = @see",
            "insert into helper_grant (worker_id, act_number, name, scope, case_id, given_at, expires_at) select @worker, @act, 'A friend', 'act', max(id), @at, @until from case_file where worker_id = @worker having max(id) is not null",
            "insert into reissue (act_number, worker_id, first_act) select @copy, @worker, min(number) from act where worker_id = @worker",
            "insert into handed_over (act_number, worker_id, how, day, staff_number, recorded_at) select @letter, @worker, 'post', '2026-12-01', min(number), @at from staff where role = 'clerk' and agreed_at is not null",
            "insert into act_opened (act_number, worker_id, opened_at) values (@opened, @worker, @at)",
            "insert into incoming_sms (gateway_id, worker_id, act_number, received_at) values (@letter, @worker, @letter, @at)",
            "insert into attachment (worker_id, case_id, act_number, name, media_type, sha256, content, added_at) select @worker, max(id), @letter, 'a letter', 'application/pdf', @key, @content, @at from case_file where worker_id = @worker having max(id) is not null",
            "delete from activation_code where worker_id = @worker",
        ])
        {
            await connection.ExecuteAsync(sql, values);
        }

        await ActivationCodes.IssueAsync(connection, null, worker, Instant.FromUnixTimeMilliseconds(values.until));
    }
}
