namespace Manzil.Typing;

/// <summary>What a text that somebody typed is, and so how it is read (docs/decisions/0048-text-that-people-type.md).</summary>
public enum TextKind
{
    /// <summary>One line: a name, a part of an address, a reason for a look.</summary>
    Line,

    /// <summary>Several lines: an answer, reasons, facts.</summary>
    Long,

    /// <summary>An SMS that came in: never recorded, read for the code in it.</summary>
    Message,

    /// <summary>Latin letters and digits: the number of a card, a document or a receipt, a state's letters, a code.</summary>
    Number,

    /// <summary>A day, a month, a year, a count.</summary>
    Digits,

    /// <summary>A phone number as people write it.</summary>
    Phone,

    /// <summary>An e-mail address.</summary>
    Email,

    /// <summary>Either of the two: an address where an @ stands in it.</summary>
    Contact,

    /// <summary>Made by a page or a program and typed by nobody: a button's value, a key, a path, a file's name. It comes in as it is, is compared or parsed, and is recorded nowhere.</summary>
    Made,
}

/// <summary>Of which kind the text is that a page takes: each has one, or the page does not open (<see cref="TypedBinder"/>).</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class TypedAttribute(TextKind kind) : Attribute
{
    public TextKind Kind => kind;

    /// <summary>How many characters it may have, once read: what is longer is said beside the field, and given back whole. 0 where a form sets no limit.</summary>
    public int Max { get; init; }
}
