namespace Manzil.SignIn;

/// <summary>What somebody chooses who gets back in: _Entering.cshtml.</summary>
public sealed record EnteringChoices(string? EndOthers, string? Remember, int RememberedDays);
