using System.Globalization;
using Manzil.Helping;
using Manzil.Layout;
using Manzil.SignIn;
using Manzil.Staff;
using Microsoft.AspNetCore.Antiforgery;
using NodaTime;

namespace Manzil.Access;

/// <summary>
/// Every form belongs to whom it was shown to: the guard against forged forms, which each of them carries, names that person. A form that
/// is sent while somebody else is signed in on the same phone does nothing, and what was typed is not shown
/// (docs/decisions/0052-whose-form.md).
/// </summary>
sealed class ShownTo : IAntiforgeryAdditionalDataProvider
{
    const string Worker = "worker ", Officer = "officer ", Helper = "helper ", Nobody = "";

    /// <summary>How long after it was shown what stands in a form is kept for whoever it was shown to, where they are signed in no more: as long as a browser's session.</summary>
    public static readonly Duration KeptAfter = Duration.FromHours(12);

    public string GetAdditionalData(HttpContext context) =>
        WhoAsks(context, KindOf(context.Request.Path)) is { } asks ? $"{asks}@{NowOf(context).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)}" : Nobody;

    public bool ValidateAdditionalData(HttpContext context, string additionalData)
    {
        var (name, shownAt) = additionalData.Split('@') is [var who, var at] && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? (who, Instant.FromUnixTimeSeconds(seconds))
            : (additionalData, Instant.MinValue);
        context.Features.Set(new FormOwner(name, shownAt));
        if (MaySend(context, name)) return true;
        context.Features.Set(Problems.ShownToSomebodyElse);
        return false;
    }

    // Whoever was shown a form while nobody was signed in may send it: a page that is somebody's shows none to nobody. And where nobody is
    // signed in when it is sent, what was typed is kept for that person (SignedOut, Drafts).
    static bool MaySend(HttpContext context, string shownTo) =>
        WhoAsks(context, shownTo[..(shownTo.IndexOf(' ', StringComparison.Ordinal) + 1)]) is not { } asks || asks == shownTo;

    /// <summary>Who asks for this page, as a form of theirs names them; null where nobody does who is signed in.</summary>
    public static string? AskerOf(HttpContext context) => WhoAsks(context, KindOf(context.Request.Path));

    /// <summary>
    /// Whom the form names that this request brought, once its guard was looked at, for what is kept of whoever is signed in no more; null
    /// where it brought none, was shown too long ago, or is a helper's, who does not come back.
    /// </summary>
    public static string? LateOwnerOf(HttpContext context) =>
        context.Features.Get<FormOwner>() is { Name.Length: > 0 } form && !form.Name.StartsWith(Helper, StringComparison.Ordinal) && NowOf(context) - form.ShownAt <= KeptAfter ? form.Name : null;

    static Instant NowOf(HttpContext context) => context.RequestServices.GetRequiredService<IClock>().GetCurrentInstant();

    sealed record FormOwner(string Name, Instant ShownAt);

    static string KindOf(PathString path) =>
        path.StartsWithSegments(StaffSessions.Folder) ? Officer : path.StartsWithSegments(HelperSessions.Folder) ? Helper : Worker;

    /// <summary>Null where nobody of this kind does. A worker and an officer can be signed in beside each other.</summary>
    static string? WhoAsks(HttpContext context, string kind) => kind switch
    {
        Worker => SignedIn.Of(context) is { } signedIn ? Worker + signedIn.Worker.Id.ToString(CultureInfo.InvariantCulture) : null,
        Officer => context.Features.Get<StaffMember>() is { } staff ? Officer + staff.Id.ToString(CultureInfo.InvariantCulture) : null,
        // A helper's session is one worker's, and never another's.
        Helper => context.RequestServices.GetRequiredService<HelperSessions>().HashOf(context) is { } hash ? Helper + Convert.ToHexStringLower(hash) : null,
        _ => null,
    };
}
