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
            Console.WriteLine(await ReopenAsync(core, CommandLine.Clock.GetCurrentInstant()));
            return 0;
        });
        return command;
    }

    public static async Task<string> ReopenAsync(Core core, Instant now)
    {
        string? note;
        using (var published = new PublishedCheckpoint(core.Folder.PublishedCheckpoint)) note = published.Newest;
        var logs = await Installation.ReadLogsAsync(core.Database);
        var current = logs[^1];
        var head = await core.Tiles.HeadAsync();
        var last = note is null ? null : Checkpoint.Parse(SignedNote.Parse(note).Text);
        if (last is null || last.Origin != current.Origin || last.Size <= head.Size)
            throw new CommandLineException($"There is nothing to reopen: the database has all {head.Size} entries of {current.Origin} that were published.", 1);

        var number = current.Number + 1;
        var origin = $"{logs[0].Origin}/{number}";
        await using (var connection = await core.Database.OpenAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await connection.ExecuteAsync(
                "update log set closed_at = @at, last_checkpoint = @note where number = @Number",
                new { at = now.ToUnixTimeMilliseconds(), note, current.Number }, transaction);
            await Installation.OpenLogAsync(connection, transaction, number, origin, core.Installation.SignerFor(origin), now.ToUnixTimeMilliseconds());
            await transaction.CommitAsync();
        }

        var result = await core.Writer.SubmitAsync(new OpenNewLog(note!, current.Origin, core.Rules) { ReceivedAt = now, Channel = RecordChannel.Operator });
        if (result is not ActResult.Accepted) throw new CommandLineException("The new log was opened, but its first entry could not be written: run 'manzil log reopen' again once the database can be written.", 1);
        return $"""
            {current.Origin} ends with {last.Size} entries, of which this database has {head.Size}.
            The log goes on as {origin}; its first entry commits to the old log's last checkpoint.
            Receipts of the old log keep verifying. Acts of its last {last.Size - head.Size} entries are in workers' hands, not in this database: tell them.
            """;
    }

    /// <summary>The first entry of a reopened log; it concerns nobody and is published whole.</summary>
    sealed class OpenNewLog(string lastCheckpoint, string oldOrigin, Rules.Jurisdiction rules) : Act
    {
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
