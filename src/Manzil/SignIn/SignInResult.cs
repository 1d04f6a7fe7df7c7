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
        public int Minutes => (Seconds + 59) / 60;

        public static Wait For(Duration wait) => new((int)Math.Ceiling(wait.TotalSeconds));
    }

    /// <summary>Not done, or not known to be done, because the database could not be written.</summary>
    public sealed record Unavailable : SignInResult;
}
