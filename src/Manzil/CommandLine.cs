using System.CommandLine;
using NodaTime;

namespace Manzil;

/// <summary>Runs a command: exit codes 0 yes, 1 no, 2 wrong usage; errors are one plain sentence on stderr.</summary>
static class CommandLine
{
    /// <summary>The one place where the machine's clock is named; everything else is handed a clock or an instant.</summary>
    public static readonly IClock Clock = SystemClock.Instance;

    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        var parsed = root.Parse(args.Length == 0 ? ["help"] : args);
        if (parsed.Errors.Count > 0)
        {
            Console.Error.WriteLine(Mistyped.Say(parsed));
            return 2;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (CommandLineException e)
        {
            Console.Error.WriteLine(e.Message);
            return e.ExitCode;
        }
        catch (OperationCanceledException)
        {
            return 1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"A file or a connection did not serve: {e.Message.ReplaceLineEndings(" ")}");
            return 1;
        }
        catch (Exception e)
        {
            Console.Error.WriteLine($"This failed in a way nobody foresaw: {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}");
            if (Environment.GetEnvironmentVariable("MANZIL_TRACE") == "1") Console.Error.WriteLine(e);
            return 1;
        }
    }
}
