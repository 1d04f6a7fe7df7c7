using System.Net.Mail;

namespace Manzil.SignIn;

/// <summary>A phone number or e-mail address as it is kept; null where the text is none.</summary>
public static class ContactAddress
{
    public static string? Phone(string typed)
    {
        var digits = new string([.. typed.Where(c => char.IsAsciiDigit(c) || c == '+')]);
        return digits.Length is >= 8 and <= 16 && digits[0] == '+' && digits.LastIndexOf('+') == 0
            && typed.All(c => char.IsAsciiDigit(c) || c is '+' or ' ' or '-' or '(' or ')') ? digits : null;
    }

    public static string? Email(string typed) =>
        typed.Trim() is { Length: <= 254 } text && !text.Any(c => c is '<' or '>' || char.IsControl(c) || char.IsWhiteSpace(c))
        && MailAddress.TryCreate(text, out var address) && address.Host.Contains('.', StringComparison.Ordinal) ? text : null;
}
