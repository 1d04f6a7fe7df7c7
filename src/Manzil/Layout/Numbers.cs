using System.Globalization;

namespace Manzil.Layout;

public static class Numbers
{
    /// <summary>"12,345.5" in English, "12 345,5" in Russian; groups begin at five digits.</summary>
    public static string InWords(decimal number, string lang)
    {
        var language = Language.All[lang];
        var plain = number.ToString(CultureInfo.InvariantCulture);
        var point = plain.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? plain : plain[..point];
        var fraction = point < 0 ? "" : language.Decimal + plain[(point + 1)..];
        var sign = whole[0] == '-' ? "−" : "";
        whole = whole.TrimStart('-');
        if (whole.Length >= 5)
        {
            for (var i = whole.Length - 3; i > 0; i -= 3)
            {
                whole = whole.Insert(i, language.Group);
            }
        }
        return sign + whole + fraction;
    }
}
