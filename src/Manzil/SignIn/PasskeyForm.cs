namespace Manzil.SignIn;

/// <summary>What the partial page _Passkey needs: what the passkey is for, where its form goes, and the button's words.</summary>
public sealed record PasskeyForm(string Purpose, string Action, string Button, string? Return);
