using Dapper;
using Manzil.Register;
using NodaTime;

namespace Manzil.Messages;

/// <summary>How many messages of a kind of channel have waited for more than an hour.</summary>
public sealed record LongWaiting
{
    public string Kind { get; init; } = "";
    public long Count { get; init; }
}

/// <summary>Sending as a whole: one step for each kind of channel that the messages file names, and what the operator must know of it.</summary>
public sealed class Sending : IAsyncDisposable
{
    static readonly Duration Long = Duration.FromHours(1), Lately = Duration.FromDays(1);

    readonly Database _database;
    readonly IReadOnlyList<string> _missing;

    public Sending(MessagingFile file, ServiceSettings settings, Database database, IClock clock, ILogger<Sending> logger)
    {
        _database = database;
        var channels = new List<SendMessages>();
        if (file.Smtp is { } smtp) Add("email", new SmtpSender(smtp, settings.Issuer, clock), file.Limits.EmailTimeout);
        if (file.Sms is { } sms) Add("sms", new SmsGateway(sms, clock), file.Limits.SmsTimeout);
        Channels = channels;
        // The demo shows messages instead of sending them.
        MissingKinds = settings.Demo ? [] : [.. new[] { "email", "sms" }.Except(channels.Select(c => c.Kind))];
        _missing = [.. MissingKinds.Select(k => $"{Word(k)} waits, since no {(k == "sms" ? "SMS gateway" : "SMTP server")} is named: serve --messages FILE.")];

        void Add(string kind, IMessageSender sender, TimeSpan timeout) =>
            channels.Add(new SendMessages(kind, sender, new ChannelGuard(Word(kind), file.Limits.AtOnce, timeout, clock, logger), timeout, database, clock, logger));
    }

    public IReadOnlyList<SendMessages> Channels { get; }

    /// <summary>Kinds of channels by which nothing is sent; known at the start.</summary>
    public IReadOnlyList<string> MissingKinds { get; }

    /// <summary>Hands over all that is due, each kind of channel beside the other.</summary>
    /// <returns>How many attempts were made.</returns>
    public async Task<int> RunAsync(Instant now) => (await Task.WhenAll(Channels.Select(c => c.RunAsync(now)))).Sum();

    public async Task<IReadOnlyList<string>> WarningsAsync(Instant now)
    {
        await using var connection = await _database.OpenAsync();
        var waiting = await LongWaitingAsync(connection, now);
        var failed = await connection.QueryAsync<LongWaiting>(
            "select channel_kind as Kind, count(*) as Count from message where failed_at >= @since group by channel_kind order by channel_kind", new { since = (now - Lately).ToUnixTimeMilliseconds() });
        return
        [
            .. _missing,
            .. Channels.Select(c => c.Warning).OfType<string>(),
            .. waiting.Select(w => $"{Word(w.Kind)}: {w.Count} waited for more than an hour."),
            .. failed.Select(f => $"{Word(f.Kind)}: {f.Count} could not be sent and were given up in the last 24 hours."),
        ];
    }

    public static async Task<IReadOnlyList<LongWaiting>> LongWaitingAsync(System.Data.Common.DbConnection connection, Instant now) =>
        [.. await connection.QueryAsync<LongWaiting>(
            "select channel_kind as Kind, count(*) as Count from message where sent_at is null and failed_at is null and created_at < @before group by channel_kind order by channel_kind",
            new { before = (now - Long).ToUnixTimeMilliseconds() })];

    public static string Word(string kind) => kind == "sms" ? "SMS" : "E-mail";

    public async ValueTask DisposeAsync()
    {
        foreach (var channel in Channels) await channel.DisposeAsync();
    }
}
