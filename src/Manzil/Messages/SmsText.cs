using System.Globalization;
using Manzil.Typing;

namespace Manzil.Messages;

/// <summary>What all SMS have in common, and what keeps them short: long values are cut where a reader still knows what is meant.</summary>
public static class SmsText
{
    public const int NameMax = 12, ChannelMax = 20, AddressMax = 30;

    /// <summary>The whole SMS: from whom, the text, the number to call, and the service's address as people type it.</summary>
    /// <param name="phone">As people write it; an SMS has it as phones dial it.</param>
    /// <param name="address">With its scheme. One longer than <see cref="AddressMax"/> without it is left out.</param>
    public static string Whole(string text, string phone, string address)
    {
        var site = address[(address.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var call = string.Concat(phone.Where(c => char.IsAsciiDigit(c) || c == '+'));
        return $"Manzil: {Sentence(text)} {call}{(site.Length <= AddressMax ? $", {site}" : "")}";
    }

    public static string Sentence(string text) => text[^1] is '.' or '?' or '!' ? text : text + ".";

    public static (string Name, object Value)[] Shorten((string Name, object Value)[] values) =>
        Array.ConvertAll(values, v => v switch
        {
            { Name: "name", Value: string name } => (v.Name, (object)FirstName(name)),
            { Name: "channel", Value: string channel } => (v.Name, Cut(channel.Replace("…", "...", StringComparison.Ordinal), ChannelMax)),
            _ => v,
        });

    /// <summary>At most <see cref="NameMax"/> characters with the isolates that it will stand in: as many parts of a hyphenated name as fit, else its beginning.</summary>
    public static string FirstName(string name)
    {
        // A name that is written from the right stands between two isolates, which are characters of the SMS too.
        var max = Isolated.Of(name) == name ? NameMax : NameMax - 2;
        if (name.Length <= max) return name;
        var hyphen = name.LastIndexOf('-', max);
        return hyphen > 1 ? name[..hyphen] : Cut(name, max);
    }

    // Never in the middle of what a reader sees as one letter.
    static string Cut(string text, int max)
    {
        var end = 0;
        while (end < text.Length && end + StringInfo.GetNextTextElementLength(text, end) <= max) end += StringInfo.GetNextTextElementLength(text, end);
        return text[..end];
    }
}
