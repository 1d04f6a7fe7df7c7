using System.Globalization;
using Manzil.Register;
using NodaTime;

namespace Manzil.Cases.Desk;

/// <summary>
/// Where a case stands in the queue: what it is ordered by, beside the day until which the authority has time, which follows from these.
/// A page's address names the one from which it goes on, so that a case that has moved on meanwhile moves nothing else.
/// </summary>
/// <param name="IsSuspended">An appeal is open: the authority has another time for it than for a step.</param>
/// <param name="Left">The local date of the act that left the step to the authority.</param>
/// <param name="OpenedAt">In milliseconds since 1970.</param>
public sealed record QueuePosition(bool IsSuspended, LocalDate Left, long OpenedAt, long Id)
{
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(IsSuspended ? 'a' : 's')}{IsoDate.Write(Left)}.{OpenedAt}.{Id}");

    /// <returns>Null for what no page of the queue has in its address.</returns>
    public static QueuePosition? Parse(string text) =>
        text is { Length: > 1 and <= 60 } && text[1..].Split('.') is [var left, var openedAt, var id] && text[0] is 'a' or 's' && IsoDate.Read(left) is { } date
            && long.TryParse(openedAt, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var row)
            ? new QueuePosition(text[0] == 'a', date, at, row)
            : null;
}
