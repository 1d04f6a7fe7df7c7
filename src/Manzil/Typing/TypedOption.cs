using System.CommandLine;
using System.CommandLine.Parsing;
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
