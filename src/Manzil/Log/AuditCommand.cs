using System.CommandLine;
using Manzil.Receipts;

namespace Manzil.Log;

/// <summary><c>manzil log audit</c>: every tile against the checkpoint, and consistency with the state kept.</summary>
public static class AuditCommand
{
    const int Consistent = 0;
    const int NotConsistent = 1;
    const int WrongUsage = 2;
    const int Unread = 3;

    public static Command Create()
    {
        var log = new Argument<string>("URL-OR-DIR") { Description = "The log's address, such as https://example.org/log, or a folder with a copy of it." };
        var keys = new Option<string>("--keys")
        {
            Description = "The issuer's keys.json: a file or a URL.",
            HelpName = "FILE-OR-URL",
            Required = true,
        };
        var state = new Option<string?>("--state")
        {
            Description = "Where the checkpoint of a good audit is kept, so that the next one finds a log that shrank or was rewritten.",
            HelpName = "FILE",
        };
        var audit = new Command("audit", "Check every tile of a log against its checkpoint, and the log against the state kept.") { log, keys, state };
        audit.SetAction(async (parsed, cancellation) => await RunAsync(
            parsed.GetRequiredValue(log),
            parsed.GetRequiredValue(keys),
            parsed.GetValue(state),
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error,
            cancellation));
        return audit;
    }

    static async Task<int> RunAsync(
        string log, string keysSource, string? state, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        try
        {
            var keys = await VerifyCommand.ReadKeysAsync(keysSource, error, cancellation);
            var earlier = state is null ? null : AuditState.Read(state);
            using var source = LogSource.Open(log);
            var report = await LogAudit.RunAsync(
                source.FetchAsync, [.. keys.Logs.Select(published => published.Key)], keys.Witnesses, earlier, cancellationToken: cancellation);
            Tell(report, output);
            if (report.Passed && state is not null)
            {
                AuditState.Write(state, report.CheckpointText!);
            }

            return report.Passed ? Consistent : NotConsistent;
        }
        catch (UsageException wrong)
        {
            error.WriteLine(wrong.Message);
            return WrongUsage;
        }
        catch (LogUnreadableException wrong)
        {
            // No verdict: of a log that nobody could read, nothing is known.
            error.WriteLine(wrong.Message);
            return Unread;
        }
    }

    static void Tell(LogAuditReport report, TextWriter output)
    {
        output.WriteLine(report.Passed ? "The log is consistent." : "The log is not consistent.");
        foreach (var problem in report.Problems)
        {
            output.WriteLine("Problem: " + problem);
        }

        foreach (var fact in report.Facts)
        {
            output.WriteLine(fact);
        }
    }
}
