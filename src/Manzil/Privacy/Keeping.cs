using Manzil.Layout;
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
    /// <summary>For whoever reads the inventory, in their language and with the numbers of the rules file.</summary>
    public static string InWords(this Keeping keeping, Retention retention, Texts t) => keeping switch
    {
        Keeping.Ever => t["keeping.ever"],
        Keeping.File => t["keeping.file", ("count", retention.FileYears)],
        Keeping.Officer => t["keeping.officer", ("count", retention.FileYears)],
        Keeping.WithParent => t["keeping.with-parent"],
        Keeping.Messages => t["keeping.messages", ("count", retention.MessageDays)],
        Keeping.Looks => t["keeping.looks", ("count", retention.LookYears)],
        Keeping.AfterEnd => t["keeping.after-end"],
        Keeping.Month => t["keeping.month"],
        Keeping.Day => t["keeping.day"],
        Keeping.Hour => t["keeping.hour"],
        Keeping.Minutes => t["keeping.minutes"],
        Keeping.UntilEnd => t["keeping.until-end"],
        _ => t["keeping.transaction"],
    };
}

/// <summary>A column: one that tells something about a person, or not.</summary>
public sealed record KeptColumn(string Name, bool IsPersonal);

/// <summary>
/// A table of the schema as the inventory has it. <paramref name="Owned"/>: SQL that finds the rows of <c>@worker</c>; null where no
/// worker owns any. <paramref name="Old"/>: SQL that finds what is to go by its age alone, with the times of <see cref="EraseOldData"/>.
/// </summary>
public sealed record KeptTable(string Name, Keeping Keeping, string? Owned, string? Old, IReadOnlyList<KeptColumn> Columns)
{
    public bool IsPersonal => Columns.Any(c => c.IsPersonal);

    /// <summary>What the table is.</summary>
    public string What(Texts t) => t[$"inventory.{InKeys(Name)}"];

    /// <summary>What a personal column of it is for.</summary>
    public string Purpose(KeptColumn column, Texts t) => t[$"inventory.{InKeys(Name)}.{InKeys(column.Name)}"];

    // Keys of the catalogues have no underscores.
    static string InKeys(string name) => name.Replace('_', '-');
}
