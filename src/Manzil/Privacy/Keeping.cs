using Manzil.Rules;

namespace Manzil.Privacy;

/// <summary>How long what is kept: the retention classes (rules.md, Retention).</summary>
public enum Keeping
{
    /// <summary>No personal data, or a pseudonymous key.</summary>
    Ever,

    /// <summary>With the worker's file.</summary>
    File,

    /// <summary>With the officer's name, after they were dismissed.</summary>
    Officer,

    /// <summary>Gone with the row it hangs on.</summary>
    WithParent,

    Messages,
    Looks,

    /// <summary>Codes and invitations: 30 days after they stopped working.</summary>
    AfterEnd,

    Month,
    Day,
    Hour,
    Minutes,

    /// <summary>Until the session, grant or role it serves ends.</summary>
    UntilEnd,

    /// <summary>Never at rest.</summary>
    Transaction,
}

static class KeepingWords
{
    /// <summary>For whoever reads the inventory, with the numbers of the rules file.</summary>
    public static string InWords(this Keeping keeping, Retention retention) => keeping switch
    {
        Keeping.Ever => "for ever",
        Keeping.File => $"{Count(retention.FileYears, "year")} after the worker left, or after the last act of a decided case, whichever is later; an open case holds it",
        Keeping.Officer => $"{Count(retention.FileYears, "year")} after the officer was dismissed; an open case in which they acted holds it",
        Keeping.WithParent => "as long as what it belongs to",
        Keeping.Messages => $"{Count(retention.MessageDays, "day")}; an open case holds it, and so does a departure that not every channel was told of",
        Keeping.Looks => $"{Count(retention.LookYears, "year")} after the look",
        Keeping.AfterEnd => "30 days after it was used or ran out",
        Keeping.Month => "30 days",
        Keeping.Day => "1 day",
        Keeping.Hour => "1 hour",
        Keeping.Minutes => "5 minutes",
        Keeping.UntilEnd => "until what it serves ends",
        _ => "never at rest: within one transaction",
    };

    static string Count(int number, string what) => number == 1 ? $"1 {what}" : $"{number} {what}s";
}

/// <summary>A column: personal, with what it is for, or not.</summary>
public sealed record KeptColumn(string Name, string? Purpose)
{
    public bool IsPersonal => Purpose is not null;
}

/// <summary>
/// A table of the schema as the inventory has it. <paramref name="Owned"/>: SQL that finds the rows of <c>@worker</c>; null where no
/// worker owns any. <paramref name="Old"/>: SQL that finds what is to go by its age alone, with the times of <see cref="EraseOldData"/>.
/// </summary>
public sealed record KeptTable(string Name, Keeping Keeping, string What, string? Owned, string? Old, IReadOnlyList<KeptColumn> Columns)
{
    public bool IsPersonal => Columns.Any(c => c.IsPersonal);
}
