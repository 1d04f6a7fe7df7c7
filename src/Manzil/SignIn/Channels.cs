using Dapper;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.SignIn;

/// <summary>How a worker is reached: a new phone or e-mail waits for its code, and counts after it.</summary>
public sealed class Channels(Database database, BatchWriter writer, FreshCodes codes, Telling telling, Jurisdiction rules, IClock clock)
{
    public const int MaxOfOneWorker = 6;

    /// <summary>Sends a code to the new channel; one waits at a time, and only its own code confirms it.</summary>
    public Task<CodeSending> BeginAsync(Worker worker, string kind, string address) =>
        codes.SendAsync(worker, Purpose, CodePurpose.NewChannel, [new Channel(0, kind, address)], "message.channel-code", async (connection, transaction) =>
        {
            await connection.ExecuteAsync("delete from channel where worker_id = @Id and confirmed_at is null", new { worker.Id }, transaction);
            await connection.ExecuteAsync(
                "insert into channel (worker_id, kind, address) values (@Id, @kind, @address)", new { worker.Id, kind, address }, transaction);
        });

    public async Task<Channel?> WaitingAsync(long worker)
    {
        await using var connection = await database.OpenAsync();
        var row = await connection.QuerySingleOrDefaultAsync<(long Id, string Kind, string Address)?>(
            "select id, kind, address from channel where worker_id = @worker and confirmed_at is null", new { worker });
        return row is { } r ? new Channel(r.Id, r.Kind, r.Address) : null;
    }

    /// <summary>Whether a channel is or was this worker's, removed or not.</summary>
    public async Task<bool> WasOfAsync(long worker, long id)
    {
        await using var connection = await database.OpenAsync();
        return await connection.ExecuteScalarAsync<long>("select count(*) from channel where id = @id and worker_id = @worker", new { id, worker }) > 0;
    }

    /// <summary>Those of which somebody said that the messages are not theirs, until another one is confirmed, of whichever kind.</summary>
    public async Task<IReadOnlyList<(Channel Channel, LocalDate On)>> NotMineAsync(long worker)
    {
        await using var connection = await database.OpenAsync();
        return [.. (await connection.QueryAsync<(long Id, string Kind, string Address, long At)>(
            """
            select id, kind, address, not_mine_at from channel c
            where worker_id = @worker and not_mine_at is not null
              and not exists (select 1 from channel o where o.worker_id = c.worker_id and o.confirmed_at > c.not_mine_at)
            order by id
            """,
            new { worker })).Select(r => (new Channel(r.Id, r.Kind, r.Address), rules.DateOf(Instant.FromUnixTimeMilliseconds(r.At))))];
    }

    public Task<bool> TakeCodeAsync(Worker worker, string code) => codes.TakeAsync(worker.Id, Purpose, code);

    /// <param name="officer">The clerk who does it for a worker at the desk; null where the worker does it.</param>
    public Task<ActResult> ChangeAsync(Worker worker, Channel channel, bool added, Actor? officer = null) =>
        writer.SubmitAsync(
            new ChangeChannel(channel, added, rules, telling, officer)
            {
                ReceivedAt = clock.GetCurrentInstant(),
                Channel = officer is null ? RecordChannel.Web : RecordChannel.Desk,
                WorkerId = worker.Id,
            },
            worker);

    const string Purpose = "channel";
}
