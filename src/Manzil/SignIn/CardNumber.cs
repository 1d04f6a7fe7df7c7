namespace Manzil.SignIn;

/// <summary>The number on a foreign citizen's card: a sign-in name, never a secret.</summary>
public static class CardNumber
{
    public const int MinLength = 2, MaxLength = 20;

    /// <summary>Letters A–Z and digits, upper case; spaces and dashes as printed on the card are dropped.</summary>
    public static string Normalize(string typed) => new([.. typed.ToUpperInvariant().Where(char.IsAsciiLetterOrDigit)]);
}
