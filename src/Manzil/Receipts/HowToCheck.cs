using Manzil.Layout;

namespace Manzil.Receipts;

/// <summary>What whoever is shown a receipt can do with it: which address to open, and what to give there.</summary>
public static class HowToCheck
{
    /// <param name="statement">It names the service's address, as it was when the receipt was given.</param>
    /// <param name="key">The text for what there is: one code, both, or a code and no file.</param>
    public static string Of(byte[] statement, ReceiptNumber number, string key, Texts t) =>
        t[key, ("address", Statement.Decode(statement).Content.Issuer + "/verify"), ("file", $"manzil-{number}.zip")];
}
