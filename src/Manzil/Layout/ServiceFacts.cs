using Manzil.Register;
using Manzil.Rules;

namespace Manzil.Layout;

/// <summary>What every page says about the service.</summary>
/// <param name="Jurisdiction">The rules; each of its languages has a catalogue.</param>
/// <param name="PublicUrl">Where the service is reached; null on a machine of one's own.</param>
/// <param name="IsDemo">Everybody here is invented, and every page says so.</param>
public sealed record ServiceFacts(Jurisdiction Jurisdiction, Uri? PublicUrl, bool IsDemo = false)
{
    public IReadOnlyList<string> Languages => Jurisdiction.Languages;

    public Authority Authority => Jurisdiction.Authority;

    /// <summary>What people type to reach the service, without a slash at its end: "https://manzil.example".</summary>
    public string Address => PublicUrl is null ? "" : ServiceSettings.IssuerOf(PublicUrl);

    public bool IsHttps => PublicUrl?.Scheme == Uri.UriSchemeHttps;

    /// <summary>
    /// A cookie's name as browsers hold it to its word: on HTTPS one of this host alone cannot be set by another of the same domain.
    /// One that goes to a part of the service only, by its path, can promise less.
    /// </summary>
    public string CookieName(string name, string path = "/") => IsHttps ? (path == "/" ? "__Host-" : "__Secure-") + name : name;

    /// <summary>The authority's phone as a link: "tel:+74950000000".</summary>
    public string PhoneLink => "tel:" + string.Concat(Authority.Phone.Where(c => char.IsAsciiDigit(c) || c == '+'));
}
