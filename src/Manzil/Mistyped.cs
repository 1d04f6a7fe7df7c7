using System.CommandLine;
using System.CommandLine.Parsing;

namespace Manzil;

/// <summary>What is said to whoever mistyped a command: one sentence with the word, what is taken there, and the command that explains it.</summary>
static class Mistyped
{
    public static string Say(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var asTyped = NameOf(parsed.CommandResult);
        // A word that nothing takes comes first: what is missing besides follows from it.
        if (parsed.UnmatchedTokens is [var word, ..])
        {
            var isOption = word.StartsWith('-');
            var there = isOption ? command.Options.Select(o => o.Name) : command.Subcommands.Select(c => c.Name);
            var meant = there.Select(name => (Name: name, Away: Distance(word, name))).Where(n => n.Away <= 1 + (word.Length / 4)).OrderBy(n => n.Away).Select(n => n.Name).FirstOrDefault();
            var guess = meant is null ? "" : $" Did you mean '{meant}'?";
            if (isOption) return $"'{asTyped}' has no option '{word}'.{guess} {Explains(asTyped)}";
            return command.Subcommands.Count > 0 && parsed.CommandResult.Children.All(c => c is OptionResult { Implicit: true })
                ? $"'{asTyped}' has no command '{word}'.{guess} {Explains(asTyped)}"
                : $"'{asTyped}' takes nothing more where '{word}' stands. {Explains(asTyped)}";
        }

        var error = parsed.Errors[0];
        if (command.Subcommands.Count > 0) return $"'{asTyped}' is followed by one of: {string.Join(", ", command.Subcommands.Select(c => c.Name))}. {Explains(asTyped)}";
        if (Missing(command, parsed) is { } missing) return $"'{asTyped}' needs {missing}. {Explains(asTyped)}";
        if (error.SymbolResult is OptionResult { Tokens.Count: 0 } bare) return $"{bare.Option.Name} needs a value: {Described(bare.Option)}. {Explains(asTyped)}";
        // One sentence: a list of what is allowed comes in lines.
        return $"{string.Join(' ', error.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))} {Explains(asTyped)}";
    }

    static string? Missing(Command command, ParseResult parsed) =>
        command.Arguments.FirstOrDefault(a => a.Arity.MinimumNumberOfValues > 0 && parsed.GetResult(a) is null or { Tokens.Count: 0 }) is { } argument
            ? $"{argument.Name}: {Lowered(argument.Description)}"
            : command.Options.FirstOrDefault(o => o.Required && parsed.GetResult(o) is null or { Implicit: true }) is { } option ? Described(option) : null;

    static string Described(Option option) => $"{option.Name} {option.HelpName}".TrimEnd() + $" ({Lowered(option.Description)})";

    static string Lowered(string? description) =>
        description?.Split(". ")[0] is { Length: > 1 } text ? (char.IsUpper(text[1]) ? text : char.ToLowerInvariant(text[0]) + text[1..]).TrimEnd('.') : "";

    static string Explains(string command) => command == "manzil" ? "Run 'manzil help' to see what there is." : $"'{command} --help' explains it.";

    /// <summary>The command as it is typed, 'manzil' first.</summary>
    public static string NameOf(CommandResult result) => result.Parent is CommandResult parent ? $"{NameOf(parent)} {result.Command.Name}" : "manzil";

    /// <summary>How many letters have to be put in, left out or changed to make one word the other.</summary>
    static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var (diagonal, left) = (row[0], i);
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                left = Math.Min(Math.Min(left, row[j]) + 1, diagonal + (one[i - 1] == other[j - 1] ? 0 : 1));
                (diagonal, row[j]) = (row[j], left);
            }
        }

        return row[^1];
    }
}
