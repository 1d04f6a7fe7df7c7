namespace Manzil.Receipts;

/// <summary>What an audit of a log found, in plain sentences.</summary>
/// <param name="Facts">What was checked and holds, one sentence each.</param>
/// <param name="Problems">What does not hold, one sentence each; empty where the log is sound.</param>
/// <param name="Checkpoint">The log's checkpoint, where its signature is good; otherwise null.</param>
/// <param name="CheckpointText">The signed checkpoint as published, to be kept for the next audit; null where its signature is not good.</param>
public sealed record LogAuditReport(
    IReadOnlyList<string> Facts, IReadOnlyList<string> Problems, Checkpoint? Checkpoint, string? CheckpointText)
{
    /// <summary>Whether everything holds.</summary>
    public bool Passed => Problems.Count == 0;
}
