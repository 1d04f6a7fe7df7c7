namespace Manzil.Rules;

/// <summary>How long each class of data is kept (rules.md, Retention). The values here are those of rules.md.</summary>
public sealed record Retention
{
    /// <summary>Years for files, records and names after the worker's end, or a decided case's last act, whichever is later: 1 to 75.</summary>
    public int FileYears { get; init; } = 3;

    /// <summary>Days for messages: 1 to 3,660.</summary>
    public int MessageDays { get; init; } = 90;

    /// <summary>Years for looks: 1 to 75.</summary>
    public int LookYears { get; init; } = 3;

    /// <summary>Days for idempotency keys: 1 to 366.</summary>
    public int IdempotencyKeyDays { get; init; } = 30;

    /// <summary>Days for arrival notices after the planned crossing: 1 to 3,660.</summary>
    public int ArrivalDays { get; init; } = 90;
}
