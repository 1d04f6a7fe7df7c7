namespace Manzil.Receipts;

/// <summary>An outcome as it is drawn on top of a page: a look of its own for each.</summary>
/// <param name="IsFirst">Whether it is the page's own heading; of several receipts the first's is.</param>
public sealed record OutcomeView(ReceiptOutcome Outcome, string Detail, bool IsFirst = true)
{
    public string Sign => Outcome switch
    {
        ReceiptOutcome.ForThisDocument => "✓",
        ReceiptOutcome.ForAnotherDocument => "≠",
        ReceiptOutcome.CheckWhose => "✓?",
        ReceiptOutcome.Replaced => "→",
        ReceiptOutcome.NotGenuine => "✗",
        _ => "…",
    };

    /// <summary>A class of the style sheet.</summary>
    public string Look => Outcome switch
    {
        ReceiptOutcome.ForThisDocument => "this",
        ReceiptOutcome.ForAnotherDocument => "another",
        ReceiptOutcome.CheckWhose => "whose",
        ReceiptOutcome.Replaced => "replaced",
        ReceiptOutcome.NotGenuine => "not-genuine",
        _ => "unread",
    };
}
