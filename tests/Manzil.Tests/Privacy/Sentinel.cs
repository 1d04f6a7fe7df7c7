using System.Security.Cryptography;
using System.Text;
using Dapper;
using Manzil.Cases;
using Manzil.Helping;
using Manzil.Notices;
using Manzil.Privacy;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Tests.Cases;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace Manzil.Tests.Privacy;

/// <summary>
/// Somebody about whom every table has a row, with words that nobody else has: enrolled, suspected, removed, reinstated, gone.
/// </summary>
sealed class Sentinel
{
    public const string Name = "Zukhra Sentinelova", Street = "Zukhra Street", Reason = "Zukhra was seen elsewhere, two neighbours say so.";
    const string Card = "SNTL0077", Phone = "+77777000123", Email = "zukhra@example.org";
    public static readonly IdentityDocument Document = new("UZB", "SN7777001", new LocalDate(1991, 2, 3));

    readonly CaseWalk _walk;
    readonly List<ActResult.Accepted> _receipts = [];
    byte[] _stretched = [];

    Sentinel(CaseWalk walk) => _walk = walk;

    public long Id { get; private set; }

    /// <summary>Until when everything about them is kept.</summary>
    public Instant KeepUntil { get; private set; }

    public IReadOnlyList<ActResult.Accepted> Receipts => _receipts;

    TestService Service => _walk.Service;

    /// <summary>What must be nowhere afterwards: words as they are, and what is bytes in hex.</summary>
    public IEnumerable<string> Traces => ["zukhra", "sentinel", Card, Document.Number, Phone[1..], Convert.ToHexString(_stretched), .. _receipts.SelectMany(r => new[] { Convert.ToHexString(r.Statement), Convert.ToHexString(r.Record) })];

    /// <summary>The same, as they stand in a file.</summary>
    public IEnumerable<byte[]> Bytes => [.. new[] { "ukhra", "SNTL0077", Document.Number, Phone[1..] }.Select(Encoding.UTF8.GetBytes), _stretched, .. _receipts.SelectMany(r => new[] { r.Statement, r.Record })];

    public static async Task<Sentinel> LiveAsync(TestService service)
    {
        var sentinel = new Sentinel(await CaseWalk.BeginAsync(service));
        await sentinel.LiveAsync();
        return sentinel;
    }

    async Task LiveAsync()
    {
        Id = await _walk.RegisteredAsync(new Enrolment(Card, Name, Document, _walk.Rules.DefaultOffice.Code.Value, "en", Phone, Email));
        await using (var connection = await Service.Core.Database.OpenAsync())
            _stretched = (await connection.ExecuteScalarAsync<byte[]>("select stretched from document where worker_id = @Id", new { Id }))!;
        await GiveAsync(new Notice.Residence(_walk.Rules.DateOf(_walk.Now), new RecordAddress("Tverskoy", Street, "5", Note: "Zukhra's door")));
        var (token, _) = await Service.Services.GetRequiredService<Sessions>().StartAsync(Id, Session.Api);
        await new SignedInWorker(Service, new TestWorker(Id, Card, Document, ""), token).GiveAsync($$$"""{"kind":"correction","replaces":"{{{_receipts[^1].Number}}}","address":{"locality":"Tverskoy","street":"{{{Street}}}","building":"6"}}""");
        Service.Clock.AdvanceMinutes(1);
        await DoAsync(_walk.Make(CaseAct.OpenWithReason, _walk.Actors["C"], Reason));
        Service.Clock.AdvanceMinutes(1);
        var file = Encoding.UTF8.GetBytes("%PDF of zukhra");
        await DoAsync(new AnswerCase(Actor.Worker, "Zukhra answers.", [new Attachment("zukhra.pdf", "application/pdf", file, SHA256.HashData(file))], _walk.Rules, _walk.Telling) { ReceivedAt = _walk.Now, Channel = RecordChannel.Web });
        await DoAsync(new GiveHelp("Zukhra's cousin", "act", _walk.Rules.DateOf(_walk.Now).PlusDays(30), RandomNumberGenerator.GetBytes(32), _walk.Rules, _walk.Telling) { ReceivedAt = _walk.Now, Channel = RecordChannel.Web });
        Service.Clock.AdvanceDays(16);
        await LookAsync();
        await DoAsync(new ProposeRemoval(_walk.Actors["P"], new Proposal("LEFT", "Zukhra's landlord says that she left on 3 March and took everything.", "A word from Zukhra."), _walk.Rules, _walk.Telling) { ReceivedAt = _walk.Now, Channel = RecordChannel.Desk });
        await DoAsync(_walk.Make(CaseAct.Agree, _walk.Actors["A"], Reason));
        Service.Clock.AdvanceMinutes(1);
        await DoAsync(_walk.Make(CaseAct.Appeal, Actor.Worker, "Zukhra appeals."));
        await LookAsync();
        await DoAsync(_walk.Make(CaseAct.DecideAppealAgainstWorker, _walk.Actors["R"], Reason));
        Service.Clock.AdvanceDays(20);
        await DoAsync(_walk.Make(CaseAct.PutInEffect, _walk.Actors["C"], Reason));
        await DoAsync(_walk.Make(CaseAct.Reinstate, _walk.Actors["R"], Reason));
        await LeaveAsync();
    }

    async Task LeaveAsync()
    {
        Service.Clock.AdvanceMinutes(1);
        KeepUntil = await LeaveAsync(_walk, Id, r => _receipts.Add(r));
    }

    /// <summary>A departure of that day, told to every channel 30 days later; until when its giver's file is kept.</summary>
    public static async Task<Instant> LeaveAsync(CaseWalk walk, long worker, Action<ActResult.Accepted>? given = null)
    {
        var service = walk.Service;
        var act = new GiveNotice(new Notice.Departure(walk.Rules.DateOf(walk.Now)), null, walk.Rules, walk.Telling) { ReceivedAt = walk.Now, Channel = RecordChannel.Web, WorkerId = worker };
        var accepted = Assert.IsType<ActResult.Accepted>(await service.Core.Writer.SubmitAsync(act));
        given?.Invoke(accepted);
        service.Clock.AdvanceDays(30);
        await service.Services.GetRequiredService<NoteDepartures>().RunAsync(walk.Now);
        var entry = (await service.Core.Workers.FindAsync(worker))!.Entry;
        var ends = entry.EndsOn(entry.DepartureTold, walk.Rules.WorkersCalendar, walk.Rules.Intervals)!.Value;
        return walk.Rules.EndOfDay(ends.PlusYears(walk.Rules.Retention.FileYears));
    }

    async Task GiveAsync(Notice notice) => await DoAsync(new GiveNotice(notice, null, _walk.Rules, _walk.Telling) { ReceivedAt = _walk.Now, Channel = RecordChannel.Web });

    async Task DoAsync(Act act)
    {
        act.WorkerId = Id;
        var result = await Service.Core.Writer.SubmitAsync(act);
        Assert.True(result is ActResult.Accepted, $"{act.GetType().Name}: {result}");
        _receipts.Add((ActResult.Accepted)result);
    }

    // Everybody reads everything, for a reason that names her.
    async Task LookAsync()
    {
        await _walk.OpenEverythingAsync(Id);
        await using var connection = await Service.Core.Database.OpenAsync();
        await connection.ExecuteAsync(
            """
            insert into look (worker_id, staff_number, role, office, what, item, reason, looked_at, keep_until)
            select a.worker_id, s.number, s.role, s.office, 'document', cast(a.id as text), 'to read what zukhra sent', @at, @until
            from attachment a cross join staff s where a.worker_id = @Id and s.agreed_at is not null and s.dismissed_at is null
            """,
            new { Id, at = _walk.Now.ToUnixTimeMilliseconds(), until = (_walk.Now + Duration.FromDays(1096)).ToUnixTimeMilliseconds() });
    }

    /// <summary>Rows in the tables that acts do not write, as fresh as they can be.</summary>
    public async Task AddRowsAsync()
    {
        await using var connection = await Service.Core.Database.OpenAsync();
        var at = Service.Clock.GetCurrentInstant();
        var values = new
        {
            Id,
            at = at.ToUnixTimeMilliseconds(),
            until = (at + Duration.FromDays(9)).ToUnixTimeMilliseconds(),
            b32 = RandomNumberGenerator.GetBytes(32),
            b16 = RandomNumberGenerator.GetBytes(16),
            number = _receipts[0].Number.ToString(),
        };
        await ActivationCodes.IssueAsync(connection, null, Id, at + Duration.FromDays(9));
        await Service.StaffAsync(StaffRole.Clerk, "reaches");
        foreach (var sql in (string[])
        [
            "insert into channel (worker_id, kind, address) values (@Id, 'email', 'second-zukhra@example.org')",
            "insert into session (token_hash, worker_id, kind, created_at, last_used_at, expires_at, fresh_until, begun_by) values (@b32, @Id, 'phone', @at, @at, @until, @at, 'slip')",
            "insert into session_key (token_hash, public_key, recorded_at) values (@b32, @b32, @at)",
            "insert into passkey (credential_id, worker_id, data, created_at) values (@b32, @Id, 'zukhra''s phone', @at)",
            "insert into one_time_code (worker_id, purpose, salt, hash, expires_at, attempts_left) values (@Id, 'zukhra', @b16, @b32, @until, 3)",
            "insert into recovery_code (worker_id, number, salt, hash, made_at) values (@Id, 1, @b16, @b32, @at)",
            "insert into back_in_try (token_hash, worker_id, salt, hash, expires_at, attempts_left) values (@b32, @Id, @b16, @b32, @until, 5)",
            "insert into incoming_sms (gateway_id, worker_id, act_number, received_at) values ('zukhra-1', @Id, @number, @at)",
            "insert into handed_over (act_number, worker_id, how, day, staff_number, recorded_at) values (@number, @Id, 'desk', '2027-01-01', 'reaches', @at)",
            "insert into act_opened (act_number, worker_id, opened_at) values (@number, @Id, @at) on conflict (act_number) do nothing",
            "update register_entry set reminded = 100, next_deadline = coalesce(next_deadline, '2027-01-01') where worker_id = @Id",
            "insert into reached (act_number, worker_id, due, how, staff_number, recorded_at) select @number, worker_id, next_deadline, 'phone', 'reaches', @at from register_entry where worker_id = @Id",
            "update register_entry set reminded = 101 where worker_id = @Id",
            "insert into reissue (act_number, worker_id, first_act) values ('0000-00000-00000', @Id, @number)",
            "insert into told_until (act_number, worker_id, counted_from, until_day) values (@number, @Id, '2027-01-01', '2027-01-15')",
            "insert into message (worker_id, channel_kind, address, language, subject, body, created_at, failed_at, failure) values (@Id, 'sms', '+77777000123', 'en', 'zukhra', 'Dear Zukhra', @at, @at, 'zukhra')",
            "insert into message_code (message_id, expires_at) select max(id), @until from message where worker_id = @Id",
            "update helper_grant set expires_at = @until where worker_id = @Id",
            "insert into helper_session (token_hash, grant_id, created_at) select @b32, id, @at from helper_grant where worker_id = @Id",
        ])
        {
            Assert.True(await connection.ExecuteAsync(sql, values) > 0, sql);
        }
    }

    /// <summary>In how many rows of each table they stand.</summary>
    public async Task<Dictionary<string, long>> RowsAsync()
    {
        await using var connection = await Service.Core.Database.OpenAsync();
        var rows = new Dictionary<string, long>();
        foreach (var table in Inventory.Tables.Where(t => t.Owned is not null))
            rows[table.Name] = await connection.ExecuteScalarAsync<long>($"select count(*) from {table.Name} where {table.Owned}", new { worker = Id });
        return rows;
    }

    /// <summary>What the files of the data folder still hold of them.</summary>
    public async Task<IReadOnlyList<string>> InFilesAsync()
    {
        var found = new List<string>();
        foreach (var path in Directory.EnumerateFiles(Service.DataFolder, "*", SearchOption.AllDirectories))
        {
            await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes);
            found.AddRange(Bytes.Where(b => bytes.ToArray().AsSpan().IndexOf(b) >= 0).Select(b => $"{Path.GetFileName(path)}: {Encoding.UTF8.GetString(b)[..Math.Min(12, b.Length / 2)]}"));
        }

        return found;
    }
}
