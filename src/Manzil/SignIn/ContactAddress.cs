using System.Net.Mail;
using Manzil.Rules;
using Manzil.Typing;

namespace Manzil.SignIn;

/// <summary>A phone number or e-mail address as it is kept; null where the text is none.</summary>
public static class ContactAddress
{
    /// <param name="rules">Whose country's habits count for a number without its country's code.</param>
    public static string? Phone(string typed, Jurisdiction rules) => Typing.Phone.Read(TypedText.Of(TextKind.Phone, typed).Text, rules);

    public static string? Email(string typed) =>
        TypedText.Of(TextKind.Email, typed).Text is { Length: <= 254 } text && !text.Any(c => c is '<' or '>' || char.IsWhiteSpace(c)) && !TypedText.HasUnseen(text)
        && MailAddress.TryCreate(text, out var address) && address.Host.Contains('.', StringComparison.Ordinal) ? text : null;
}
