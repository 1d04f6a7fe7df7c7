using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Manzil.Messages;
using Manzil.Register;
using Manzil.Tests.Databases;
using Manzil.Tests.Messages;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Faults;

/// <summary>kill -9 of real servers while messages leave, and while reminders are written.</summary>
public class SendingKillTests
{
    [Theory, EachDatabase]
    public async Task Kill_WhileMessagesLeave_EachArrivesOnceOrTwiceUnderOneName(DatabaseKind kind)
    {
        const int rounds = 5, notices = 60;
        await using var database = await TestDatabase.CreateAsync(kind);
        await using var sinks = await KillSinks.StartAsync(database.DataFolder);
        var people = await Population.CreateAsync(database.DataFolder, database.Argument, await database.OpenAsync(), notices);
        await using var connection = await database.OpenAsync();
        await GiveEverybodyAChannelAsync(connection);
        var hit = 0;
        for (var round = 0; round < rounds; round++)
        {
            await using var server = await ServerProcess.StartAsync(database.DataFolder, database.Argument, messages: sinks.File);
            var before = sinks.Arrived.Count;
            var posting = Parallel.ForEachAsync(people, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (person, _) =>
            {
                try
                {
                    using var answer = await server.PostNoticeAsync(person, Load.Residence, Guid.NewGuid().ToString());
                    Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}");
                }
                catch (Exception e) when (e is HttpRequestException or IOException)
                {
                    // It was killed before it answered; whatever it had written is in the outbox, or nothing is.
                }
            });
            await WaitAsync(() => Task.FromResult(sinks.Arrived.Count > before));
            await Task.Delay(RandomNumberGenerator.GetInt32(100), TestContext.Current.CancellationToken);
            await server.KillAsync();
            await posting;
            // However slow this machine is: no lease ends before the last round.
            hit += await connection.ExecuteAsync("update message set next_attempt_at = @never where sent_at is null and attempts > 0 and next_attempt_at < @never", new { never = long.MaxValue });
        }

        // All leases have ended.
        await connection.ExecuteAsync("update message set next_attempt_at = null where sent_at is null");
        await using (await ServerProcess.StartAsync(database.DataFolder, database.Argument, messages: sinks.File))
            await WaitAsync(async () => await connection.ExecuteScalarAsync<long>("select count(*) from message where sent_at is null") == 0);

        var names = await NamesAsync(connection);
        Assert.True(hit > 0, "No kill found a message under way.");
        Assert.Equal(0, await connection.ExecuteScalarAsync<long>("select count(*) from message where failed_at is not null"));
        Assert.Equal(names, sinks.Arrived.Distinct().Order(StringComparer.Ordinal));
        Assert.All(sinks.Arrived.CountBy(n => n), n => Assert.InRange(n.Value, 1, 2));
        TestContext.Current.SendDiagnosticMessage($"{kind}: {names.Count} messages, {hit} under way at a kill, {sinks.Arrived.Count - names.Count} arrived twice");
    }

    [Fact]
    public async Task Send_TwoNodesThatNobodyKills_EachMessageArrivesOnce()
    {
        const int messages = 300;
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var sinks = await KillSinks.StartAsync(database.DataFolder);
        await using var core = await Population.OpenCoreAsync(database.DataFolder, database.Argument);
        var folder = Directory.CreateTempSubdirectory("manzil-test-").FullName;
        Keys.Copy(database.DataFolder, folder);
        await using (await ServerProcess.StartAsync(database.DataFolder, database.Argument, messages: sinks.File))
        await using (await ServerProcess.StartAsync(folder, database.Argument, messages: sinks.File))
        {
            await using var connection = await core.Database.OpenAsync();
            await using (var transaction = await connection.BeginTransactionAsync())
            {
                var worker = await connection.ExecuteScalarAsync<long>("insert into worker (card_number, name, language, office, enrolled_at) values ('KILL0001', 'Aziz', 'en', 'NRV-01', 1) returning id", transaction: transaction);
                await connection.ExecuteAsync(
                    "insert into channel (worker_id, kind, address, confirmed_at) values (@worker, 'sms', @Phone, 1), (@worker, 'email', @Email, 1)", new { worker, Sinks.Phone, Sinks.Email }, transaction);
                for (var i = 0; i < messages; i++)
                {
                    var channel = i % 2 == 0 ? new Channel(worker, "sms", Sinks.Phone) : new Channel(worker, "email", Sinks.Email);
                    await Outbox.AddAsync(connection, transaction, worker, null, new OutgoingMessage(channel, "en", "Manzil", $"{i}", SentNow: false), SystemClock.Instance.GetCurrentInstant());
                }

                await transaction.CommitAsync();
            }

            await WaitAsync(async () => await connection.ExecuteScalarAsync<long>("select count(*) from message where sent_at is null") == 0);
            Assert.Equal(await NamesAsync(connection), sinks.Arrived.Order(StringComparer.Ordinal));
        }

        Directory.Delete(folder, recursive: true);
    }

    [Theory, EachDatabase]
    public async Task Kill_WhileRemindersAreWritten_EachIsWrittenOnce(DatabaseKind kind)
    {
        const int count = 8000;
        await using var database = await TestDatabase.CreateAsync(kind);
        // Somewhere it is about noon, and there reminders are due now.
        var now = SystemClock.Instance.GetCurrentInstant();
        var hour = now.InUtc().Hour;
        var rules = Path.Combine(database.DataFolder, "rules.json");
        await File.WriteAllTextAsync(rules, (await File.ReadAllTextAsync(ServiceOptions.DemoRules)).Replace("Europe/Moscow", hour <= 12 ? $"Etc/GMT-{12 - hour}" : $"Etc/GMT+{hour - 12}", StringComparison.Ordinal));
        await Population.CreateAsync(database.DataFolder, database.Argument, await database.OpenAsync(), 1);
        await using var connection = await database.OpenAsync();
        await connection.ExecuteAsync(
            """
            with recursive n (i) as (select 2 union all select i + 1 from n where i < @count)
            insert into worker (card_number, name, language, office, enrolled_at) select 'FX' || i, 'Aziz Rahimov', 'en', 'NRV-01', 1 from n
            """,
            new { count });
        await connection.ExecuteAsync("insert into register_entry (worker_id, standing, office, registered_on) select id, 1, office, '2026-01-12' from worker where id not in (select worker_id from register_entry)");
        await GiveEverybodyAChannelAsync(connection);
        await connection.ExecuteAsync("update register_entry set next_deadline = @due, last_told = @told", new { due = IsoDate.Write(now.InUtc().Date.PlusDays(3)), told = IsoDate.Write(now.InUtc().Date.PlusDays(-27)) });

        var midway = 0;
        for (long written = 0; written < count;)
        {
            await using var server = await ServerProcess.StartAsync(database.DataFolder, database.Argument, rules: rules);
            var before = written;
            await WaitAsync(async () => (written = await WrittenAsync(connection)) > before);
            await server.KillAsync();
            written = await WrittenAsync(connection);
            if (written < count) midway++;
        }

        // A page is a thousand people, so there were moments in between.
        Assert.True(midway >= 1, "No kill came in the middle.");
        await using (await ServerProcess.StartAsync(database.DataFolder, database.Argument, rules: rules))
            await WaitAsync(async () => await connection.ExecuteScalarAsync<long>("select count(*) from heartbeat") > 0);
        Assert.Equal(count, await WrittenAsync(connection));
        Assert.Equal(count, await connection.ExecuteScalarAsync<long>("select count(distinct worker_id) from message where reminds_of is not null"));
    }

    static Task<long> WrittenAsync(DbConnection connection) => connection.ExecuteScalarAsync<long>("select count(*) from message where reminds_of is not null");

    // The population's odd half has none.
    static Task GiveEverybodyAChannelAsync(DbConnection connection) => connection.ExecuteAsync(
        "insert into channel (worker_id, kind, address, confirmed_at) select id, 'email', @Email, 1 from worker where id not in (select worker_id from channel)", new { Sinks.Email });

    static async Task<IReadOnlyList<string>> NamesAsync(DbConnection connection) =>
        [.. (await connection.QueryAsync<(long Id, long At)>("select id, created_at from message")).Select(m => MessageName.Of(m.Id, Instant.FromUnixTimeMilliseconds(m.At))).Order(StringComparer.Ordinal)];

    // No time is asserted; but what never comes is not waited for for ever.
    static async Task WaitAsync(Func<Task<bool>> comes)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (!await comes())
        {
            Assert.False(patience.IsCancellationRequested, "It does not come.");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>An SMTP server and a gateway that outlive the servers that are killed.</summary>
    sealed class KillSinks : IAsyncDisposable
    {
        readonly SmtpSink _smtp = new();
        GatewaySink _gateway = null!;

        public string File { get; private set; } = "";

        public IReadOnlyList<string> Arrived => [.. _smtp.Names, .. _gateway.Taken.Select(s => s.Id)];

        public static async Task<KillSinks> StartAsync(string folder)
        {
            var sinks = new KillSinks { _gateway = await GatewaySink.StartAsync(SystemClock.Instance), File = Path.Combine(folder, "messages.json") };
            // Long enough that a kill finds some under way.
            sinks._gateway.Script = async (_, _) =>
            {
                await Task.Delay(RandomNumberGenerator.GetInt32(20, 120));
                return false;
            };
            await System.IO.File.WriteAllTextAsync(sinks.File, $$$"""
                {"smtp": {"host": "127.0.0.1", "port": {{{sinks._smtp.Port}}}, "security": "none", "from": "no-reply@manzil.example"},
                 "sms": {"url": "{{{sinks._gateway.Url}}}", "secret": "{{{GatewaySink.Secret}}}"}}
                """);
            System.IO.File.SetUnixFileMode(sinks.File, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return sinks;
        }

        public async ValueTask DisposeAsync()
        {
            await _smtp.DisposeAsync();
            await _gateway.DisposeAsync();
        }
    }
}
