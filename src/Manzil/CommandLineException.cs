namespace Manzil;

/// <summary>One plain sentence for whoever typed the command, and the exit code (design §5).</summary>
public sealed class CommandLineException(string sentence, int exitCode = 2) : Exception(sentence)
{
    public int ExitCode { get; } = exitCode;
}
