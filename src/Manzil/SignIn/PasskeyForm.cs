namespace Manzil.SignIn;

/// <summary>What the partial page _Passkey needs: what the passkey is for, where its form goes, and the button's words.</summary>
public sealed record PasskeyForm(string Purpose, string Action, string Button, string? Return)
{
    /// <summary>Where the script asks for what the browser needs.</summary>
    public string Begin { get; init; } = "/sign-in/passkey/" + Purpose;

    /// <summary>Which texts say what to do without it: officers have no codes.</summary>
    public string Texts { get; init; } = "passkey";
}
