namespace Manzil.Rules;

/// <summary>Where a worker stands with the authority (rules.md, "A case"). The numbers are stored and never change.</summary>
public enum Standing
{
    /// <summary>Known to a centre, not yet registered at its address.</summary>
    Enrolled = 0,

    /// <summary>Registered. Every right stands.</summary>
    Registered = 1,

    /// <summary>A case is open. Every right stands.</summary>
    UnderReview = 2,

    /// <summary>Two officers decided on removal; it is not in effect, and an appeal suspends it.</summary>
    RemovalPending = 3,

    /// <summary>Removal is in effect; it can be appealed and reinstated at any time.</summary>
    Removed = 4,

    /// <summary>The worker told of a departure, and it is in effect; it can be undone at any time.</summary>
    Ended = 5,
}

/// <summary>The names of standings in JSON and in text keys.</summary>
public static class Standings
{
    /// <summary>The stable name: <c>enrolled</c>, <c>registered</c>, <c>under-review</c>, <c>removal-pending</c>, <c>removed</c>, <c>ended</c>.</summary>
    /// <param name="standing">The standing.</param>
    public static string Name(this Standing standing) => standing switch
    {
        Standing.Enrolled => "enrolled",
        Standing.Registered => "registered",
        Standing.UnderReview => "under-review",
        Standing.RemovalPending => "removal-pending",
        Standing.Removed => "removed",
        _ => "ended",
    };
}
