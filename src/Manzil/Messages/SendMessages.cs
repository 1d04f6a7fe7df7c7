using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Manzil.Outgoing;
using Manzil.Register;
using NodaTime;
using Polly;
using Polly.Retry;

namespace Manzil.Messages;

/// <summary>
/// Hands over what waits for one kind of channel; every node does. A message is taken, which moves its next attempt ahead,
/// before it is handed over: no two nodes hand over the same, and what a killed node had taken is taken again later.
/// So each arrives at least once, under one name; a second time only where it is not known what became of the first.
/// </summary>
/// <param name="kind">'email' or 'sms', as in the table.</param>
/// <param name="timeout">How long one attempt may take.</param>
public sealed class SendMessages(string kind, IMessageSender sender, ChannelGuard guard, TimeSpan timeout, Database database, IClock clock, ILogger logger) : IAsyncDisposable
{
    static readonly Duration GivenUpAfter = Duration.FromDays(3), FirstPause = Duration.FromMinutes(1), LongestPause = Duration.FromHours(1);
    const int MostDoublings = 6, MostCodes = 100;

    // Longer than an attempt and the writing down of what came of it.
    readonly Duration _lease = Duration.FromTimeSpan(2 * timeout) + Duration.FromMinutes(1);
    readonly List<Task> _underWay = [];

    // What a server took must be written down, or it is sent again.
    readonly ResiliencePipeline _writing = new ResiliencePipelineBuilder()
        .AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = 6,
            Delay = TimeSpan.FromMilliseconds(200),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = outcome => ValueTask.FromResult(outcome.Outcome.Exception is { } e && Database.IsUnavailable(e)),
        })
        .Build();

    sealed record Row
    {
        public long Id { get; init; }
        public string Language { get; init; } = "";
        public string Subject { get; init; } = "";
        public string Body { get; init; } = "";
        public long CreatedAt { get; init; }
        public int Attempts { get; init; }
    }

    public string Kind => kind;

    /// <summary>Null where all is well.</summary>
    public string? Warning => guard.Warning;

    /// <summary>Hands over all that is due, and waits for it.</summary>
    /// <returns>How many attempts were made.</returns>
    public async Task<int> RunAsync(Instant now, CancellationToken stop = default)
    {
        var count = 0;
        while (true)
        {
            count += await FillAsync(now, stop);
            if (_underWay.Count == 0) return count;
            await AnyEndsAsync();
        }
    }

    /// <summary>Begins to hand over as much as there is room for. Called by one at a time.</summary>
    /// <returns>How many attempts began.</returns>
    public async Task<int> FillAsync(Instant now, CancellationToken stop)
    {
        _underWay.RemoveAll(t => t.IsCompleted);
        var room = guard.Room(now, _underWay.Count);
        if (room <= 0) return 0;
        var taken = await TakeAsync(now, room);
        foreach (var message in taken) _underWay.Add(Task.Run(() => SendAsync(message, stop), CancellationToken.None));
        if (_underWay.Count == 0) await sender.RestAsync();
        return taken.Count;
    }

    /// <summary>Until one of those under way has ended; for ever where there is none.</summary>
    public Task AnyEndsAsync() => _underWay.Count == 0 ? Task.Delay(Timeout.Infinite) : Task.WhenAny(_underWay);

    /// <summary>Until all that is under way has ended.</summary>
    public Task AllEndAsync() => Task.WhenAll(_underWay);

    async Task<IReadOnlyList<WaitingMessage>> TakeAsync(Instant now, int room)
    {
        await using var connection = await database.OpenAsync();
        var at = now.ToUnixTimeMilliseconds();
        // Most rounds find nothing, and then nobody is locked out.
        if (!await connection.ExecuteScalarAsync<bool>(
            "select exists (select 1 from message where channel_kind = @kind and sent_at is null and failed_at is null and (next_attempt_at is null or next_attempt_at <= @at))", new { kind, at })) return [];

        await using var transaction = await connection.BeginTransactionAsync();
        await GiveUpCodesAsync(connection, transaction, at);
        var codes = await LeaseAsync(connection, transaction, "message_code c join message m on m.id = c.message_id", now, room);
        var others = codes.Count < room ? await LeaseAsync(connection, transaction, "message m", now, room - codes.Count) : [];
        await transaction.CommitAsync();
        return [.. codes, .. others];
    }

    async Task<List<WaitingMessage>> LeaseAsync(DbConnection connection, DbTransaction transaction, string from, Instant now, int room)
    {
        var rows = (await connection.QueryAsync<Row>(
            $"""
            with due as materialized (
              select m.id from {from}
              where m.channel_kind = @kind and m.sent_at is null and m.failed_at is null and (m.next_attempt_at is null or m.next_attempt_at <= @at)
              order by m.id limit @room
              {(database.Kind == DatabaseKind.Postgres ? "for update of m skip locked" : "")})
            update message set attempts = attempts + 1, next_attempt_at = @until where id in (select id from due)
            returning id, language, subject, body, created_at as CreatedAt, attempts
            """,
            new { kind, room, at = now.ToUnixTimeMilliseconds(), until = (now + _lease).ToUnixTimeMilliseconds() }, transaction)).ToList();
        var recipients = await Recipient.OfMessagesAsync(connection, transaction, rows.ConvertAll(r => r.Id));
        return [.. rows.OrderBy(r => r.Id).Select(r =>
        {
            var created = Instant.FromUnixTimeMilliseconds(r.CreatedAt);
            return new WaitingMessage(r.Id, MessageName.Of(r.Id, created), recipients.GetValueOrDefault(r.Id), r.Language, r.Subject, r.Body, created, r.Attempts);
        })];
    }

    // A code that came after it had expired would only puzzle.
    async Task GiveUpCodesAsync(DbConnection connection, DbTransaction transaction, long at)
    {
        var late = (await connection.QueryAsync<long>(
            $"""
            select m.id from message_code c join message m on m.id = c.message_id
            where c.expires_at <= @at and m.channel_kind = @kind and m.sent_at is null and m.failed_at is null and (m.next_attempt_at is null or m.next_attempt_at <= @at)
            order by m.id limit {MostCodes}
            {(database.Kind == DatabaseKind.Postgres ? "for update of m skip locked" : "")}
            """,
            new { kind, at }, transaction)).ToArray();
        if (late.Length == 0) return;
        await connection.ExecuteAsync(
            $"update message set failed_at = @at, failure = 'its code expired before it could be sent' where {Database.In(connection, "id")}", new { at, keys = late }, transaction);
        await connection.ExecuteAsync($"delete from message_code where {Database.In(connection, "message_id")}", new { keys = late }, transaction);
    }

    async Task SendAsync(WaitingMessage message, CancellationToken stop)
    {
        try
        {
            // Words that have waited for days are no longer true.
            var attempt = IsOld(message)
                ? new Attempt(Outcome.Refused, "it could not be sent for 3 days")
                : await guard.SendAsync(sender, message, stop);
            await _writing.ExecuteAsync(async _ => await WriteAsync(message, attempt), CancellationToken.None);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await _writing.ExecuteAsync(async _ => await WriteAsync(message, new Attempt(Outcome.Later, "the service stopped")), CancellationToken.None);
        }
        catch (Exception e)
        {
            // It stays taken, and is taken again when that time has passed. The exception's words may hold an address.
            LogEvents.MessageNotSent(logger, LogCause.Of(e));
        }
    }

    bool IsOld(WaitingMessage message) => clock.GetCurrentInstant() - message.CreatedAt >= GivenUpAfter;

    async Task WriteAsync(WaitingMessage message, Attempt attempt)
    {
        var now = clock.GetCurrentInstant();
        var values = new
        {
            message.Id,
            message.Attempts,
            at = now.ToUnixTimeMilliseconds(),
            why = attempt.Why,
            next = (now + (attempt.Outcome == Outcome.NotTried ? attempt.After!.Value : Duration.Max(PauseAfter(message.Attempts), attempt.After ?? Duration.Zero))).ToUnixTimeMilliseconds(),
        };
        await using var connection = await database.OpenAsync();
        // Unless another node has taken it since: then that one's attempt is what counts.
        await connection.ExecuteAsync(
            attempt.Outcome switch
            {
                Outcome.Taken => "update message set sent_at = @at, next_attempt_at = null, failed_at = null, failure = null where id = @Id and sent_at is null",
                Outcome.Refused => "update message set failed_at = @at, failure = @why where id = @Id and sent_at is null",
                Outcome.NotTried => "update message set attempts = attempts - 1, next_attempt_at = @next where id = @Id and attempts = @Attempts and sent_at is null",
                _ => "update message set next_attempt_at = @next where id = @Id and attempts = @Attempts and sent_at is null",
            },
            values);
        if (attempt.Outcome is Outcome.Taken or Outcome.Refused) await connection.ExecuteAsync("delete from message_code where message_id = @Id", values);
    }

    /// <summary>A minute, then twice as long each time, up to an hour; more or less by a fifth, so that many do not come back at once.</summary>
    static Duration PauseAfter(int attempts)
    {
        var pause = Duration.Min(LongestPause, FirstPause * (1L << Math.Clamp(attempts - 1, 0, MostDoublings)));
        return pause * (0.8 + (RandomNumberGenerator.GetInt32(401) / 1000.0));
    }

    public async ValueTask DisposeAsync()
    {
        await AllEndAsync();
        await sender.RestAsync();
        (sender as IDisposable)?.Dispose();
    }
}
