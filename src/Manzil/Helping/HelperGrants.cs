using System.Security.Cryptography;
using System.Text;
using Dapper;
using Manzil.Deadlines;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.SignIn;
using NodaTime;

namespace Manzil.Helping;

/// <summary>Somebody whom a worker lets help.</summary>
public sealed record HelperGrant
{
    public const string See = "see", Act = "act";
    public const int MinDays = 1, MaxDays = 90, MaxName = 100;

    public long Id { get; init; }
    public long WorkerId { get; init; }
    public string ActNumber { get; init; } = "";
    public string Name { get; init; } = "";
    public string Scope { get; init; } = "";

    /// <summary>The one case to act in; null where the whole file may be seen.</summary>
    public long? CaseId { get; init; }
    public long GivenAt { get; init; }
    public long ExpiresAt { get; init; }
    public long? EnteredAt { get; init; }
    public long? WithdrawnAt { get; init; }

    public const string Columns =
        """
        g.id, g.worker_id as WorkerId, g.act_number as ActNumber, g.name, g.scope, g.case_id as CaseId, g.given_at as GivenAt,
        g.expires_at as ExpiresAt, g.entered_at as EnteredAt, g.withdrawn_at as WithdrawnAt
        """;
}

/// <summary>A worker's helpers: who they are now, naming one, withdrawing one.</summary>
public sealed class HelperGrants(Database database, BatchWriter writer, CurrentRules current, Telling telling, IClock clock)
{
    const string Symbols = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>Sixteen symbols, 80 random bits, shown XXXX-XXXX-XXXX-XXXX.</summary>
    static string NewCode() => string.Join('-', RandomNumberGenerator.GetString(Symbols, 16).Chunk(4).Select(part => new string(part)));

    /// <summary>By what the database would know a code; null where nobody could have been given it.</summary>
    public static byte[]? HashOf(string? typed) =>
        typed is { Length: <= 60 } && SecretCode.Normalize(typed) is { Length: 16 } code ? SHA256.HashData(Encoding.ASCII.GetBytes(code)) : null;

    /// <summary>Neither withdrawn nor over, newest first.</summary>
    public async Task<IReadOnlyList<HelperGrant>> InForceAsync(long worker)
    {
        await using var connection = await database.OpenAsync();
        return (await connection.QueryAsync<HelperGrant>(
            $"select {HelperGrant.Columns} from helper_grant g where worker_id = @worker and withdrawn_at is null and expires_at > @now order by id desc",
            new { worker, now = clock.GetCurrentInstant().ToUnixTimeMilliseconds() })).ToList();
    }

    /// <summary>What the record says the helper's access lasts until, at the end of that day.</summary>
    public LocalDate UntilAfter(int days) => current.Now.DateOf(clock.GetCurrentInstant()).PlusDays(days);

    /// <returns>The result; and the code, which nobody can show again. It is null where the form had been sent before.</returns>
    public async Task<(ActResult Result, string? Code)> GiveAsync(Worker worker, string name, string scope, int days, string key)
    {
        var code = NewCode();
        var act = new GiveHelp(name, scope, UntilAfter(days), HashOf(code)!, current.Now, telling)
        {
            ReceivedAt = clock.GetCurrentInstant(),
            Channel = RecordChannel.Web,
            WorkerId = worker.Id,
            IdempotencyKey = IdempotencyKey.OfWorker(worker.Id, RecordChannel.Web, key),
            ContentHash = SHA256.HashData(Encoding.UTF8.GetBytes($"{scope}\n{days}\n{name}")),
        };
        var result = await writer.SubmitAsync(act, worker);
        return (result, result is ActResult.Accepted { Repeated: false } ? code : null);
    }

    public Task<ActResult> WithdrawAsync(Worker worker, long id) => writer.SubmitAsync(
        new WithdrawHelper(id, current.Now, telling) { ReceivedAt = clock.GetCurrentInstant(), Channel = RecordChannel.Web, WorkerId = worker.Id }, worker);
}
