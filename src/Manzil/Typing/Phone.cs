using Manzil.Rules;
using PhoneNumbers;

namespace Manzil.Typing;

/// <summary>A phone number as people write it where the service is, or with + and the code of any country.</summary>
public static class Phone
{
    const int MinLength = 8, MaxLength = 16;

    static readonly PhoneNumberUtil Numbers = PhoneNumberUtil.GetInstance();

    /// <summary>As + and digits; null where the text is no phone number.</summary>
    /// <param name="typed">As it came through the door.</param>
    /// <param name="rules">Whose country's habits count: that of the authority's own number.</param>
    public static string? Read(string typed, Jurisdiction rules)
    {
        if (typed.Any(c => !char.IsAsciiDigit(c) && c is not ('+' or ' ' or '-' or '(' or ')' or '.' or '/')) || typed.Length > 40) return null;
        var digits = string.Concat(typed.Where(c => char.IsAsciiDigit(c) || c == '+'));
        // No country's own numbers begin with two zeros: it is how + is dialled.
        if (digits.StartsWith("00", StringComparison.Ordinal)) typed = digits = "+" + digits[2..];
        if (digits.LastIndexOf('+') > 0) return null;
        var isWorldwide = digits.StartsWith('+');
        try
        {
            var number = Numbers.Parse(typed, isWorldwide ? null : RegionOf(rules));
            var isOne = isWorldwide ? Numbers.IsPossibleNumber(number) : Numbers.IsValidNumber(number);
            return isOne ? Numbers.Format(number, PhoneNumberFormat.E164) : null;
        }
        catch (NumberParseException)
        {
            // A country's code may be newer than the library.
            return isWorldwide && Fits(digits) ? digits : null;
        }
    }

    static bool Fits(string digits) => digits.Length is >= MinLength and <= MaxLength;

    static string? RegionOf(Jurisdiction rules)
    {
        try
        {
            var own = Numbers.Parse(rules.Authority.Phone, null);
            return Numbers.GetRegionCodeForNumber(own) ?? Numbers.GetRegionCodeForCountryCode(own.CountryCode);
        }
        catch (NumberParseException)
        {
            // Written without its country: then none can be told.
            return null;
        }
    }
}
