using System.Buffers.Text;
using System.Security.Cryptography;
using System.Threading.Channels;
using Dapper;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.SignIn;

/// <summary>
/// Back in by document and a code. What was typed is answered before it is looked up, so that the answer can tell nothing:
/// the code is made and sent afterwards. A try belongs to one browser by a token, so that nobody can use up, or learn of,
/// a code that somebody else asked for.
/// </summary>
public sealed class BackIn(
    Database database, BatchWriter writer, WorkerReader workers, Sessions sessions, Attempts attempts, SlowHashes hashes, Telling telling, Jurisdiction rules,
    IClock clock, ILogger<BackIn> logger) : BackgroundService
{
    public static readonly Duration Lifetime = Duration.FromMinutes(10);
    const int AttemptsAllowed = 5;
    const int MaxWaiting = 1000;

    readonly System.Threading.Channels.Channel<Asked> _asked = System.Threading.Channels.Channel.CreateBounded<Asked>(MaxWaiting);
    Task _newest = Task.CompletedTask;

    public abstract record Asking
    {
        /// <summary>Whatever was typed: the browser's token for the code, if one comes.</summary>
        public sealed record Begun(string Token) : Asking;

        public sealed record Wait(SignInResult.Wait For) : Asking;

        /// <summary>More people ask than codes can be sent.</summary>
        public sealed record Busy : Asking;
    }

    /// <summary>Ends once everything asked so far was looked up, and what there was to send is in the outbox.</summary>
    public Task Settled => Volatile.Read(ref _newest);

    public async Task<Asking> AskAsync(IdentityDocument document, System.Net.IPAddress? address)
    {
        var name = NameOf(document);
        if (attempts.Wait(name, address) is var wait && wait > Duration.Zero) return new Asking.Wait(SignInResult.Wait.For(wait));
        // Each asking counts as a failed try until somebody gets in.
        attempts.Failed(name, address);

        var token = RandomNumberGenerator.GetBytes(32);
        var now = clock.GetCurrentInstant();
        await using (var connection = await database.OpenAsync())
        {
            await connection.ExecuteAsync("delete from back_in_try where expires_at < @now", new { now = now.ToUnixTimeMilliseconds() });
            // Random bytes, which no code leads to: a try for nobody's document is a row like any other.
            await connection.ExecuteAsync(
                "insert into back_in_try (token_hash, worker_id, salt, hash, expires_at, attempts_left) values (@token, null, @salt, @hash, @expires, @attempts)",
                new
                {
                    token = SHA256.HashData(token),
                    salt = RandomNumberGenerator.GetBytes(SecretCode.SaltLength),
                    hash = RandomNumberGenerator.GetBytes(32),
                    expires = (now + Lifetime).ToUnixTimeMilliseconds(),
                    attempts = AttemptsAllowed,
                });
        }

        var asked = new Asked(document, SHA256.HashData(token));
        if (!_asked.Writer.TryWrite(asked)) return new Asking.Busy();
        Volatile.Write(ref _newest, asked.Done.Task);
        return new Asking.Begun(Base64Url.EncodeToString(token));
    }

    public async Task<SignInResult> EnterAsync(string? token, string code, bool endsSessions, string kind)
    {
        // No address waits here: neighbours who guess must not outlast a code that has come. Askings are slowed, and each
        // has few attempts.
        if (HashOf(token) is not { } tokenHash || await CountAttemptAsync(tokenHash) is not { } found) return new SignInResult.Wrong();
        var matches = await hashes.MatchesAsync(code, found.Salt, found.Hash);
        if (!matches || found.WorkerId is not { } workerId || await workers.FindAsync(workerId) is not { } worker) return new SignInResult.Wrong();

        var act = new RestoreByDocument(tokenHash, endsSessions, rules, telling)
        {
            ReceivedAt = clock.GetCurrentInstant(),
            Channel = RecordChannel.Web,
            WorkerId = workerId,
        };
        switch (await writer.SubmitAsync(act, worker))
        {
            case ActResult.Accepted { Repeated: false } accepted:
                if (endsSessions) sessions.Forget(workerId);
                if (worker.Document is { } document) attempts.Succeeded(NameOf(document), null);
                var (sessionToken, session) = await sessions.StartAsync(workerId, kind);
                return new SignInResult.SignedIn(sessionToken, session, accepted.Number);
            case ActResult.Unavailable:
                return new SignInResult.Unavailable();
            default:
                return new SignInResult.Wrong();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var asked in _asked.Reader.ReadAllAsync(stoppingToken))
            {
                await TrySendAsync(asked);
                asked.Done.SetResult();
            }
        }
        catch (OperationCanceledException)
        {
            // Whoever waits for a code asks again.
        }
    }

    async Task TrySendAsync(Asked asked)
    {
        try
        {
            await SendAsync(asked);
        }
        catch (Exception e) when (Database.IsUnavailable(e))
        {
            logger.LogError("A code that somebody asked for could not be sent: {Trouble}", e.Message);
        }
        catch (Exception e)
        {
            logger.LogError(e, "A code that somebody asked for could not be sent");
        }
    }

    async Task SendAsync(Asked asked)
    {
        // The same work for a document that nobody has.
        var code = SecretCode.NewLong();
        var (salt, hash) = await hashes.KeepAsync(code);
        var now = clock.GetCurrentInstant();
        await using var connection = await database.OpenAsync();
        await CodeLimits.EraseAsync(connection, now);
        if (await DocumentLookup.FindAsync(connection, asked.Document) is not { } workerId || await workers.FindAsync(workerId) is not { Channels.Count: > 0 } worker) return;
        await using var transaction = await connection.BeginTransactionAsync();
        var allowed = await CodeLimits.CountAsync(connection, transaction, CodePurpose.BackIn, worker.Channels, now);
        if (allowed.Count == 0) return;
        await connection.ExecuteAsync(
            "update back_in_try set worker_id = @workerId, salt = @salt, hash = @hash where token_hash = @TokenHash",
            new { workerId, salt, hash, asked.TokenHash }, transaction);
        foreach (var channel in allowed)
            await Outbox.AddAsync(connection, transaction, workerId, null, telling.To(channel, worker.Language, "message.back-in-code", ("code", code)), now, codeExpires: now + Lifetime);
        await transaction.CommitAsync();
    }

    /// <summary>Counts an attempt before looking, so that many at once are no more than many in turn.</summary>
    async Task<Row?> CountAttemptAsync(byte[] tokenHash)
    {
        await using var connection = await database.OpenAsync();
        return await connection.QuerySingleOrDefaultAsync<Row>(
            """
            update back_in_try set attempts_left = attempts_left - 1
            where token_hash = @tokenHash and attempts_left > 0 and expires_at > @now
            returning worker_id as WorkerId, salt, hash
            """,
            new { tokenHash, now = clock.GetCurrentInstant().ToUnixTimeMilliseconds() });
    }

    // The number alone, so that guessing birth dates for one number is slowed too.
    static string NameOf(IdentityDocument document) => "document:" + document.Number;

    static byte[]? HashOf(string? token) =>
        token is { Length: 43 } && Base64Url.IsValid(token, out var length) && length == 32 ? SHA256.HashData(Base64Url.DecodeFromChars(token)) : null;

    sealed record Asked(IdentityDocument Document, byte[] TokenHash)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    sealed class Row
    {
        public long? WorkerId { get; set; }
        public byte[] Salt { get; set; } = [];
        public byte[] Hash { get; set; } = [];
    }
}
