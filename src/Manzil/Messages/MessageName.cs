using System.Globalization;
using NodaTime;

namespace Manzil.Messages;

/// <summary>
/// What gateways and mail readers know a message by, so that one handed over twice can be dropped: <c>m-ID-TIME</c>. The time
/// it was written (milliseconds) is part of it, since a restored database gives the numbers of what it lost once more.
/// </summary>
public static class MessageName
{
    public static string Of(long id, Instant createdAt) => string.Create(CultureInfo.InvariantCulture, $"m-{id}-{createdAt.ToUnixTimeMilliseconds()}");

    /// <returns>Null where it is no message's name.</returns>
    public static (long Id, Instant CreatedAt)? Parse(string? name) =>
        name?.Split('-') is ["m", var id, var at] && Number(id) is { } number && Number(at) is { } time ? (number, Instant.FromUnixTimeMilliseconds(time)) : null;

    // As Of writes it, and in no other way: 15 digits are more than either ever has.
    static long? Number(string text) => text.Length is > 0 and <= 15 && text.All(char.IsAsciiDigit) && (text[0] != '0' || text.Length == 1) ? long.Parse(text, CultureInfo.InvariantCulture) : null;
}
