using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Manzil.Layout;

namespace Manzil.Typing;

/// <summary>The door of the command line: what comes after an option, or stands by itself, as <see cref="TypedText"/> read it.</summary>
public sealed class TypedOption : Option<string?>
{
    public TypedOption(string name, TextKind kind) : base(name)
    {
        Kind = kind;
        CustomParser = given => Read(kind, given);
    }

    public TextKind Kind { get; }

    internal static string? Read(TextKind kind, ArgumentResult given)
    {
        if (given.Tokens.Count == 0) return null;
        var typed = TypedText.Of(kind, given.Tokens[^1].Value);
        if (typed.Fault is { } fault) given.AddError($"{NameOf(given)}: {Texts.For("en")[$"fault.{fault}"]}");
        return typed.Text;
    }

    static string NameOf(ArgumentResult given) => given.Parent is OptionResult option ? option.Option.Name : given.Argument.Name;
}

/// <inheritdoc cref="TypedOption"/>
public sealed class TypedArgument : Argument<string>
{
    public TypedArgument(string name, TextKind kind) : base(name)
    {
        Kind = kind;
        CustomParser = given => TypedOption.Read(kind, given);
    }

    public TextKind Kind { get; }
}

/// <summary>A whole number behind an option: digits of any script, and one sentence about the range where it is something else.</summary>
public sealed class NumberOption : Option<int>
{
    public NumberOption(string name, int least, int most) : base(name)
    {
        HelpName = "N";
        CustomParser = given =>
        {
            var typed = given.Tokens.Count == 0 ? "" : given.Tokens[^1].Value;
            if (int.TryParse(TypedText.Of(TextKind.Digits, typed).Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most) return number;
            given.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} is a whole number from {least} to {most}, not '{typed}'."));
            return least;
        };
    }
}
