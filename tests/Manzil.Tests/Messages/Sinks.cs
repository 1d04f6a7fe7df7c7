using System.Net.Mail;
using Dapper;
using Manzil.Messages;
using Manzil.Outgoing;
using Manzil.Register;
using Manzil.Tests.Databases;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Messages;

public sealed record Kept(long Id, string Name, string ChannelKind, int Attempts, Instant? NextAttemptAt, Instant? SentAt, Instant? FailedAt, string? Failure)
{
    public bool Waits => SentAt is null && FailedAt is null;
}

/// <summary>A service, outside the demo, whose e-mail and SMS go to sinks of the test's own.</summary>
public sealed class Sinks : IAsyncDisposable
{
    public const string Email = "aziz@example.org", Phone = "+70000000001";

    public static readonly MailAddress From = new("no-reply@manzil.example", "Manzil");

    Sinks(TestService service, SmtpSink smtp, GatewaySink gateway, KeptLines logs) => (Service, Smtp, Gateway, Logs) = (service, smtp, gateway, logs);

    public TestService Service { get; }
    public SmtpSink Smtp { get; }
    public GatewaySink Gateway { get; }
    public KeptLines Logs { get; }

    public Instant Now => Service.Clock.GetCurrentInstant();

    public static async Task<Sinks> StartAsync(DatabaseKind kind, bool demo = false)
    {
        var smtp = new SmtpSink();
        var clock = new LateClock();
        var gateway = await GatewaySink.StartAsync(clock);
        var logs = new KeptLines();
        var service = await TestService.StartAsync(kind, demo: demo, logs: logs, messaging: new MessagingFile
        {
            Smtp = new SmtpSettings("127.0.0.1", smtp.Port, SmtpSecurity.None, null, null, From),
            Sms = gateway.Settings,
            // Long, so that a busy machine is no trouble.
            Limits = new SendingLimits { SmsTimeout = TimeSpan.FromMinutes(2) },
        });
        clock.Real = service.Clock;
        return new Sinks(service, smtp, gateway, logs);
    }

    /// <summary>Another node, without patience: for what hangs. Its lease is that of its patience.</summary>
    public Sending Node(TimeSpan patience) => new(
        Service.Core.Settings.Messaging with { Limits = new SendingLimits { EmailTimeout = patience, SmsTimeout = patience } },
        Service.Core.Settings, Service.Core.Database, Service.Clock, new LoggerFactory([Logs]).CreateLogger<Sending>());

    public Sending Sending => Service.Services.GetRequiredService<Sending>();

    /// <summary>Hands over all that is due now.</summary>
    public Task<int> RunAsync() => Sending.RunAsync(Now);

    public async Task<long> AddAsync(string kind, string body = "Hello", string subject = "Manzil", string? address = null, Instant? codeExpires = null)
    {
        await using var connection = await Service.Core.Database.OpenAsync();
        // Nothing leaves for an address that is no channel of its worker.
        await connection.ExecuteAsync("insert into worker (card_number, name, language, office, enrolled_at) select 'SINK0001', 'Aziz', 'en', 'NRV-01', 1 where not exists (select 1 from worker where id = 1)");
        await connection.ExecuteAsync(
            "insert into channel (worker_id, kind, address, confirmed_at) select 1, @kind, @to, 1 where not exists (select 1 from channel where worker_id = 1 and kind = @kind and address = @to)",
            new { kind, to = address ?? (kind == "sms" ? Phone : Email) });
        var message = new OutgoingMessage(new Channel(1, kind, address ?? (kind == "sms" ? Phone : Email)), "en", subject, body, SentNow: false);
        await Outbox.AddAsync(connection, null, 1, null, message, Now, codeExpires: codeExpires);
        return await connection.ExecuteScalarAsync<long>("select max(id) from message");
    }

    /// <summary>Somebody's one channel, in a database of its own.</summary>
    public static async Task<Recipient> RecipientAsync(string kind, string address)
    {
        await using var connection = new Microsoft.Data.Sqlite.SqliteConnection("Data Source=:memory:");
        await connection.OpenAsync();
        await connection.ExecuteAsync("create table channel (worker_id, kind, address); create table message (id, worker_id, channel_kind, address)");
        await connection.ExecuteAsync("insert into channel values (1, @kind, @address); insert into message values (1, 1, @kind, @address)", new { kind, address });
        await using var transaction = await connection.BeginTransactionAsync();
        return (await Recipient.OfMessagesAsync(connection, transaction, [1]))[1];
    }

    public async Task<IReadOnlyList<Kept>> KeptAsync()
    {
        await using var connection = await Service.Core.Database.OpenAsync();
        var rows = await connection.QueryAsync<(long Id, string Kind, long Created, int Attempts, long? Next, long? Sent, long? Failed, string? Failure)>(
            "select id, channel_kind, created_at, attempts, next_attempt_at, sent_at, failed_at, failure from message order by id");
        return [.. rows.Select(r => new Kept(r.Id, MessageName.Of(r.Id, At(r.Created)!.Value), r.Kind, r.Attempts, At(r.Next), At(r.Sent), At(r.Failed), r.Failure))];
    }

    public async Task<Kept> KeptAsync(long id) => (await KeptAsync()).Single(m => m.Id == id);

    public async Task<IReadOnlyList<string>> WarningsAsync()
    {
        using var answer = await Service.Client.GetAsync("/health/ready");
        Assert.Equal(200, (int)answer.StatusCode);
        return [.. System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("warnings").EnumerateArray().Select(w => w.GetString()!)];
    }

    static Instant? At(long? milliseconds) => milliseconds is { } ms ? Instant.FromUnixTimeMilliseconds(ms) : null;

    public async ValueTask DisposeAsync()
    {
        await Smtp.DisposeAsync();
        await Gateway.DisposeAsync();
        await Service.DisposeAsync();
    }

    // The gateway is started before the service whose clock it looks at.
    sealed class LateClock : IClock
    {
        public IClock Real { get; set; } = null!;

        public Instant GetCurrentInstant() => Real.GetCurrentInstant();
    }
}
