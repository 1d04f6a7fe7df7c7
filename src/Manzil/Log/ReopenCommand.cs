using System.Collections.Immutable;
using System.CommandLine;
using Dapper;
using Manzil.Receipts;
using Manzil.Register;
using NodaTime;

namespace Manzil.Log;

/// <summary>
/// manzil log reopen: for a database that was restored behind what had been published. A new origin starts; its first
/// entry commits to the old log's last checkpoint, against which old receipts keep verifying.
/// </summary>
public static class ReopenCommand
{
    public static Command Create()
    {
        var where = new ServiceOptions();
        var command = new Command("reopen", "Start a new log origin after the database was restored behind what had been published.");
        where.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var core = await Core.OpenAsync(where.Read(parsed));
            Console.WriteLine(await ReopenAsync(core, core.Clock.GetCurrentInstant()));
            return 0;
        });
        return command;
    }

    public static async Task<string> ReopenAsync(Core core, Instant now)
    {
        var (note, last) = core.Published.Newest is { } kept ? (kept.Note, kept.Checkpoint) : (null, null);
        var logs = await Installation.ReadLogsAsync(core.Database);
        var current = logs[^1];
        var head = await core.Tiles.HeadAsync();
        // A reopening that was cut short has its log, but not its first entry yet.
        if (current.Number > 1 && head.Size == 0 && logs[^2].LastCheckpoint is { } old)
        {
            await WriteFirstEntryAsync(core, old, logs[^2].Origin, now);
            return $"The log goes on as {current.Origin}: an earlier 'manzil log reopen' was cut short, and its first entry is written now.";
        }

        var wrong = await Restoration.FindAsync(last, current.Origin, current.Number, head.Size, core.Tiles);
        if (wrong is null || last is null || note is null)
            throw new CommandLineException($"There is nothing to reopen: the database has all entries of {current.Origin} that were published.", 1);

        var lost = NumberOf(last.Origin, logs[0].Origin);
        var origin = $"{logs[0].Origin}/{lost + 1}";
        await StartLogAsync(core, logs[0].Origin, current.Number, lost, note, now);
        await WriteFirstEntryAsync(core, note, last.Origin, now);
        return $"""
            {wrong}
            {last.Origin} ends with the {last.Size} entries that were published. The log goes on as {origin}; its first entry commits to the old log's last checkpoint.
            Receipts of the old log keep verifying. Acts that the database no longer has are in workers' hands: tell them.
            """;
    }

    static async Task StartLogAsync(Core core, string first, int current, int lost, string note, Instant now)
    {
        var at = now.ToUnixTimeMilliseconds();
        await using var connection = await core.Database.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        // A backup from before an earlier reopening has lost that log's row as well.
        for (var number = current + 1; number <= lost; number++)
        {
            using var signer = core.Installation.SignerFor($"{first}/{number}");
            await connection.ExecuteAsync(
                "insert into log (number, origin, verifier_key, opened_at) values (@number, @origin, @key, @at)",
                new { number, origin = $"{first}/{number}", key = signer.VerifierKey, at }, transaction);
        }

        await connection.ExecuteAsync("update log set closed_at = @at where closed_at is null", new { at }, transaction);
        await connection.ExecuteAsync("update log set last_checkpoint = @note where number = @lost", new { note, lost }, transaction);
        var next = $"{first}/{lost + 1}";
        using var key = core.Installation.SignerFor(next);
        await Installation.OpenLogAsync(connection, transaction, lost + 1, next, key, at);
        await transaction.CommitAsync();
    }

    static async Task WriteFirstEntryAsync(Core core, string lastCheckpoint, string oldOrigin, Instant now)
    {
        var act = new OpenNewLog(lastCheckpoint, oldOrigin, core.Rules) { ReceivedAt = now, Channel = RecordChannel.Operator };
        if (await core.Writer.SubmitAsync(act) is not ActResult.Accepted)
            throw new CommandLineException("The new log was opened, but its first entry could not be written: run 'manzil log reopen' again once the database can be written.", 1);
    }

    static int NumberOf(string origin, string first) =>
        origin == first ? 1 : int.Parse(origin[(first.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The first entry of a reopened log; it concerns nobody and is published whole.</summary>
    sealed class OpenNewLog(string lastCheckpoint, string oldOrigin, Rules.Jurisdiction rules) : Act
    {
        public override bool OpensLog => true;

        public override Decision Decide(Worker? worker) => new()
        {
            Kind = StatementKind.LogReopened,
            Office = rules.DefaultOffice.Code.Value,
            EffectiveFrom = rules.DateOf(ReceivedAt),
            Particulars = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
                .Add("log", oldOrigin)
                .Add("checkpoint", lastCheckpoint),
        };
    }
}
