using System.Buffers.Text;
using System.Security.Cryptography;
using System.Threading.Channels;
using Dapper;
using Manzil.Deadlines;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.SignIn;

/// <summary>
/// In by a code that is sent: with the card, or back in with the document. What was typed is answered before it is looked up, so that
/// the answer can tell nothing: the code is made and sent afterwards. A try belongs to one browser by a token, so that nobody can use
/// up, or learn of, a code that somebody else asked for.
/// </summary>
public sealed class BackIn(
    Database database, BatchWriter writer, WorkerReader workers, Sessions sessions, Attempts attempts, KeyedCodes codes, Telling telling, Jurisdiction rules,
    IClock clock, ILogger<BackIn> logger) : BackgroundService, ITimed
{
    /// <summary>None: it does what somebody asked for, and nothing by the clock.</summary>
    public IReadOnlyList<TimedStep> Steps => [];

    public static readonly Duration Lifetime = Duration.FromMinutes(10);
    const int AttemptsAllowed = 5;
    public const int MaxWaiting = 1000, MaxOfAddress = 250;
    const int MaxTogether = 100;

    // Bounded by the places, which are taken before and given back when a code, if any, is on its way.
    readonly System.Threading.Channels.Channel<Asked> _asked = System.Threading.Channels.Channel.CreateUnbounded<Asked>();
    readonly System.Threading.Channels.Channel<Asked> _kept = System.Threading.Channels.Channel.CreateUnbounded<Asked>();

    // How many wait of each address; forgotten when they have left.
    readonly Dictionary<string, int> _waiting = new(StringComparer.Ordinal);
    readonly SentLately _sentLately = new();
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

    public async Task<Asking> AskAsync(CodeClaim claim, System.Net.IPAddress? address)
    {
        var network = NetworkOf(address);
        using var attempt = attempts.Begin(claim.Way, claim.Name(network), address);
        if (attempt.MustWait is { } wait) return new Asking.Wait(wait);
        var token = RandomNumberGenerator.GetBytes(32);
        var asked = new Asked(claim, CodeClaim.TryOf(claim.Way, token), network);
        if (!TryWait(asked)) return new Asking.Busy();
        Volatile.Write(ref _newest, asked.Done.Task);
        await asked.Kept.Task;
        // Each asking counts as a failed try until somebody gets in.
        attempt.Failed();
        return new Asking.Begun(Base64Url.EncodeToString(token));
    }

    /// <summary>A place, of which one address has only a part, so that others find some.</summary>
    bool TryWait(Asked asked)
    {
        lock (_waiting)
        {
            var ofAddress = _waiting.GetValueOrDefault(asked.Network);
            if (ofAddress >= MaxOfAddress || _waiting.Values.Sum() >= MaxWaiting) return false;
            _waiting[asked.Network] = ofAddress + 1;
        }

        return _asked.Writer.TryWrite(asked);
    }

    void Leave(Asked asked)
    {
        lock (_waiting)
        {
            if (--_waiting[asked.Network] == 0) _waiting.Remove(asked.Network);
        }

        asked.Kept.TrySetException(new OperationCanceledException());
        asked.Done.TrySetResult();
    }

    /// <summary>Back in with the document, which is an act: the card is marked lost.</summary>
    public async Task<SignInResult> EnterAsync(string? token, string code, bool endsSessions, string kind)
    {
        if (await MatchAsync(CodeClaim.ByDocument.WayName, token, code) is not { } match) return new SignInResult.Wrong();
        var worker = match.Worker;
        var act = new RestoreByDocument(match.Try, endsSessions, rules, telling)
        {
            ReceivedAt = clock.GetCurrentInstant(),
            Channel = RecordChannel.Web,
            WorkerId = worker.Id,
        };
        switch (await writer.SubmitAsync(act, worker))
        {
            case ActResult.Accepted { Repeated: false } accepted:
                if (endsSessions) sessions.Forget(worker.Id);
                if (worker.Document is { } document) attempts.Forget(CodeClaim.ByDocument.WayName, document.Number);
                var (sessionToken, session) = await sessions.StartAsync(worker.Id, kind, Session.ByDocument);
                return new SignInResult.SignedIn(sessionToken, session, accepted.Number);
            case ActResult.Unavailable:
                return new SignInResult.Unavailable();
            default:
                return new SignInResult.Wrong();
        }
    }

    /// <summary>In with the card, which is no act, as with the code of a slip: nothing changes but that somebody is signed in. Every channel is told at once.</summary>
    public async Task<SignInResult> EnterByCardAsync(string? token, string code, string kind, System.Net.IPAddress? address)
    {
        if (await MatchAsync(CodeClaim.ByCard.WayName, token, code) is not { } match) return new SignInResult.Wrong();
        var worker = match.Worker;
        var now = clock.GetCurrentInstant();
        await using (var connection = await database.OpenAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            // Of two requests with one code, one finds it; and none does once the card was marked lost.
            var taken = await connection.ExecuteAsync(
                "delete from back_in_try where token_hash = @Try and hash = @Hash and exists (select 1 from worker w where w.id = @Id and w.card_lost_at is null)",
                new { match.Try, match.Hash, worker.Id }, transaction);
            if (taken == 0) return new SignInResult.Wrong();
            await CodeLimits.GiveBackAsync(connection, transaction, CodePurpose.ByCard, worker.Channels);
            foreach (var message in telling.ToAllAndCopies(worker, now, "message.signed-in-by-code", ("name", worker.FirstName), ("date", rules.DateOf(now))))
                await Outbox.AddAsync(connection, transaction, worker.Id, null, message, now);
            await transaction.CommitAsync();
        }

        _sentLately.Forget(worker.Id);
        attempts.Forget(CodeClaim.ByCard.WayName, CodeClaim.ByCard.NameOf(worker.CardNumber, NetworkOf(address)));
        var (sessionToken, session) = await sessions.StartAsync(worker.Id, kind, Session.BySentCode);
        return new SignInResult.SignedIn(sessionToken, session);
    }

    static string NetworkOf(System.Net.IPAddress? address) => address is null ? "" : Attempts.NetworkOf(address);

    /// <returns>Whose code it is; null where it is nobody's, and whatever of it is wrong takes the same work.</returns>
    async Task<Match?> MatchAsync(string way, string? token, string code)
    {
        // No address waits here: neighbours who guess must not outlast a code that has come. Askings are slowed, and each
        // has few attempts.
        if (HashOf(way, token) is not { } tokenHash || await CountAttemptAsync(tokenHash) is not { } found) return null;
        var matches = codes.Matches(code, found.Salt, found.Hash);
        return matches && found.WorkerId is { } workerId && await workers.FindAsync(workerId) is { } worker ? new Match(tokenHash, found.Hash, worker) : null;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(KeepAllAsync(stoppingToken), SendAllAsync(stoppingToken));

    /// <summary>Writes a row for each that asked, those who come together in one transaction; only then are they answered.</summary>
    async Task KeepAllAsync(CancellationToken stopping)
    {
        var together = new List<Asked>();
        try
        {
            while (await _asked.Reader.WaitToReadAsync(stopping))
            {
                while (together.Count < MaxTogether && _asked.Reader.TryRead(out var asked)) together.Add(asked);
                await TryKeepAsync(together);
                together.Clear();
            }
        }
        catch (OperationCanceledException)
        {
            // Whoever waits for a code asks again.
        }
        finally
        {
            while (_asked.Reader.TryRead(out var left)) Leave(left);
        }
    }

    async Task TryKeepAsync(List<Asked> together)
    {
        try
        {
            var now = clock.GetCurrentInstant();
            await using var connection = await database.OpenAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await connection.ExecuteAsync("delete from back_in_try where expires_at < @now", new { now = now.ToUnixTimeMilliseconds() }, transaction);
            // Random bytes, which no code leads to: a try for nobody's document is a row like any other.
            await connection.ExecuteAsync(
                "insert into back_in_try (token_hash, worker_id, salt, hash, expires_at, attempts_left) values (@TokenHash, null, @salt, @hash, @expires, @attempts)",
                together.Select(a => new
                {
                    a.TokenHash,
                    salt = RandomNumberGenerator.GetBytes(SecretCode.SaltLength),
                    hash = RandomNumberGenerator.GetBytes(32),
                    expires = (now + Lifetime).ToUnixTimeMilliseconds(),
                    attempts = AttemptsAllowed,
                }),
                transaction);
            await transaction.CommitAsync();
        }
        catch (Exception e)
        {
            foreach (var asked in together)
            {
                asked.Kept.TrySetException(e);
                Leave(asked);
            }

            return;
        }

        foreach (var asked in together)
        {
            asked.Kept.SetResult();
            _kept.Writer.TryWrite(asked);
        }
    }

    async Task SendAllAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var asked in _kept.Reader.ReadAllAsync(stopping))
            {
                await TrySendAsync(asked);
                Leave(asked);
            }
        }
        catch (OperationCanceledException)
        {
            // As above.
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
            LogEvents.CodeNotSent(logger, LogCause.Of(e));
        }
        catch (Exception e)
        {
            LogEvents.CodeNotSent(logger, LogCause.Of(e, place: true));
        }
    }

    async Task SendAsync(Asked asked)
    {
        // The same work for a document that nobody has.
        var code = SecretCode.NewLong();
        var (salt, hash) = codes.Keep(code);
        var now = clock.GetCurrentInstant();
        await using var connection = await database.OpenAsync();
        await CodeLimits.EraseAsync(connection, now);
        if (await asked.Claim.FindAsync(connection) is not { } workerId || await workers.FindAsync(workerId) is not { Channels.Count: > 0 } worker) return;
        if (asked.Claim is CodeClaim.ByCard && !_sentLately.May(workerId, asked.Network, now)) return;
        await using var transaction = await connection.BeginTransactionAsync();
        var allowed = await CodeLimits.CountAsync(connection, transaction, asked.Claim.Purpose, worker.Channels, now);
        if (allowed.Count == 0) return;
        await connection.ExecuteAsync(
            "update back_in_try set worker_id = @workerId, salt = @salt, hash = @hash where token_hash = @TokenHash",
            new { workerId, salt, hash, asked.TokenHash }, transaction);
        foreach (var channel in allowed)
            await Outbox.AddAsync(connection, transaction, workerId, null, telling.To(channel, worker.Language, asked.Claim.Text, ("name", worker.FirstName), ("code", code)), now, codeExpires: now + Lifetime);
        await transaction.CommitAsync();
        if (asked.Claim is CodeClaim.ByCard) _sentLately.Add(workerId, asked.Network, now);
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

    static byte[]? HashOf(string way, string? token) =>
        token is { Length: 43 } && Base64Url.IsValid(token, out var length) && length == 32 ? CodeClaim.TryOf(way, Base64Url.DecodeFromChars(token)) : null;

    sealed record Match(byte[] Try, byte[] Hash, Worker Worker);

    sealed record Asked(CodeClaim Claim, byte[] TokenHash, string Network)
    {
        /// <summary>Ends once its row is there, or cannot be.</summary>
        public TaskCompletionSource Kept { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    sealed class Row
    {
        public long? WorkerId { get; set; }
        public byte[] Salt { get; set; } = [];
        public byte[] Hash { get; set; } = [];
    }
}
