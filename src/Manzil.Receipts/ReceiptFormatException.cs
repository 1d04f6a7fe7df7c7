namespace Manzil.Receipts;

/// <summary>
/// What was given is not a well-formed receipt, statement, record, proof, checkpoint or key. The message is one
/// plain sentence that can be shown to a person. It is the only exception that the parsers of this library throw
/// for bad input.
/// </summary>
public sealed class ReceiptFormatException : Exception
{
    /// <summary>Makes an exception with a message of one plain sentence.</summary>
    /// <param name="message">What is wrong, in one plain sentence.</param>
    public ReceiptFormatException(string message) : base(message)
    {
    }

    /// <summary>Makes an exception with a message of one plain sentence and its cause.</summary>
    /// <param name="message">What is wrong, in one plain sentence.</param>
    /// <param name="innerException">The error underneath.</param>
    public ReceiptFormatException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
