namespace Manzil.Receipts;

/// <summary>What kind of act a statement states. The numbers are part of the format: a meaning never changes, and new
/// kinds get new numbers.</summary>
public enum StatementKind
{
    /// <summary>1: a worker is registered at the centre's address.</summary>
    Registration = 1,
    /// <summary>2: a worker says where they live, from a date; first or changed.</summary>
    Residence = 2,
    /// <summary>3: a worker says they still live there.</summary>
    Confirmation = 3,
    /// <summary>4: a worker says they will cross the border on leaving.</summary>
    Departure = 4,
    /// <summary>5: a worker says they will cross the border on arriving.</summary>
    Arrival = 5,
    /// <summary>6: replaces an earlier notice, which stays visible.</summary>
    Correction = 6,
    /// <summary>7: takes a notice back.</summary>
    Withdrawal = 7,
    /// <summary>8: the worker's document or name changed.</summary>
    DetailsChanged = 8,
    /// <summary>32: a case was opened.</summary>
    CaseOpened = 32,
    /// <summary>33: the worker answered in a case.</summary>
    Answer = 33,
    /// <summary>34: a named officer proposed a removal.</summary>
    RemovalProposed = 34,
    /// <summary>35: a second officer agreed to a removal.</summary>
    RemovalAgreed = 35,
    /// <summary>36: the worker appealed.</summary>
    Appeal = 36,
    /// <summary>37: the appeal was decided.</summary>
    AppealDecided = 37,
    /// <summary>38: a case was closed.</summary>
    CaseClosed = 38,
    /// <summary>39: the worker was reinstated.</summary>
    Reinstated = 39,
    /// <summary>40: a removal is in effect.</summary>
    RemovalInEffect = 40,
    /// <summary>41: the second officer disagreed with a removal.</summary>
    Disagreed = 41,
    /// <summary>42: removals are paused for everyone. Concerns nobody in particular.</summary>
    RemovalsPaused = 42,
    /// <summary>43: the pause of removals is lifted. Concerns nobody in particular.</summary>
    PauseLifted = 43,
    /// <summary>44: steps of a case were undone, since the delivery came back on which they rested.</summary>
    StepsUndone = 44,
    /// <summary>45: the officer who had proposed a removal took the proposal back.</summary>
    ProposalWithdrawn = 45,
    /// <summary>48: a worker was enrolled.</summary>
    Enrolled = 48,
    /// <summary>49: a worker's access was restored.</summary>
    AccessRestored = 49,
    /// <summary>50: a worker's contact channel was changed.</summary>
    ChannelChanged = 50,
    /// <summary>51: a worker named a helper.</summary>
    HelperGiven = 51,
    /// <summary>52: a worker withdrew a helper.</summary>
    HelperWithdrawn = 52,
    /// <summary>53: a worker was reached.</summary>
    Reached = 53,
    /// <summary>64: the service was out of reach for a time. Concerns nobody in particular.</summary>
    Outage = 64,
    /// <summary>65: keys were changed. Concerns nobody in particular.</summary>
    KeyChange = 65,
    /// <summary>66: the rules were changed. Concerns nobody in particular.</summary>
    RulesChange = 66,
    /// <summary>67: the log was reopened under a new origin; the first entry of the new log. Concerns nobody in particular.</summary>
    LogReopened = 67,
}

/// <summary>What is known about each <see cref="StatementKind"/>.</summary>
public static class StatementKinds
{
    static readonly string?[] Names = MakeNames();

    /// <summary>Every known kind, in the order of their numbers.</summary>
    public static IReadOnlyList<StatementKind> All { get; } = [.. Enum.GetValues<StatementKind>().Order()];

    /// <summary>Whether statements of this kind concern nobody in particular: they have no holder check, and are published
    /// whole in the log.</summary>
    /// <param name="kind">The kind.</param>
    /// <returns>True for 42, 43 and 64 to 67.</returns>
    public static bool ConcernsNobody(this StatementKind kind) => kind is StatementKind.RemovalsPaused or StatementKind.PauseLifted
        or StatementKind.Outage or StatementKind.KeyChange or StatementKind.RulesChange or StatementKind.LogReopened;

    /// <summary>Whether a number is that of a kind listed here. A verifier refuses any other.</summary>
    /// <param name="number">The number, as in the statement's field 2.</param>
    /// <returns>True where known.</returns>
    public static bool IsKnown(int number) => (uint)number < (uint)Names.Length && Names[number] is not null;

    /// <summary>The kind's name in JSON and on the command line: lower case, words joined by hyphens, such as
    /// <c>registration</c> or <c>case-opened</c>.</summary>
    /// <param name="kind">A known kind.</param>
    /// <returns>The name.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The kind is not known.</exception>
    public static string Name(this StatementKind kind) => IsKnown((int)kind)
        ? Names[(int)kind]!
        : throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a known kind of statement.");

    /// <summary>The kind of a name, as <see cref="Name"/> gives it.</summary>
    /// <param name="name">The name, exactly.</param>
    /// <param name="kind">The kind, where true is returned.</param>
    /// <returns>Whether the name is that of a known kind.</returns>
    public static bool TryParse(string? name, out StatementKind kind)
    {
        var number = name is null ? -1 : Array.IndexOf(Names, name);
        kind = number < 0 ? default : (StatementKind)number;
        return number >= 0;
    }

    static string?[] MakeNames()
    {
        var names = new string?[(int)Enum.GetValues<StatementKind>().Max() + 1];
        foreach (var kind in Enum.GetValues<StatementKind>())
        {
            names[(int)kind] = string.Concat(kind.ToString().Select((c, i) =>
                char.IsUpper(c) ? (i == 0 ? "" : "-") + char.ToLowerInvariant(c) : c.ToString()));
        }
        return names;
    }
}
