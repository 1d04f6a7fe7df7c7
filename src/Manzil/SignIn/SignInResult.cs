using NodaTime;

namespace Manzil.SignIn;

/// <summary>What became of somebody who wanted to sign in, by whichever way.</summary>
public abstract record SignInResult
{
    /// <param name="Number">The receipt where signing in was an act; null where it was none.</param>
    public sealed record SignedIn(string Token, Session Session, Receipts.ReceiptNumber? Number = null) : SignInResult;

    /// <summary>Whatever was wrong: which it was is told to nobody.</summary>
    public sealed record Wrong : SignInResult;

    public sealed record Wait(int Seconds) : SignInResult
    {
        /// <summary>Something was wrong, and the address has had its tries: what is right gets in at any time.</summary>
        public bool IsCrowded { get; init; }

        public int Minutes => (Seconds + 59) / 60;

        public static Wait For(Duration wait) => new((int)Math.Ceiling(wait.TotalSeconds));
    }

    /// <summary>Not done, or not known to be done: the database could not be written, or too many sign in at this moment.</summary>
    public sealed record Unavailable : SignInResult;
}
