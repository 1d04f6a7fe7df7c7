using Manzil.Access;
using Manzil.Rules;
using Manzil.Tests.Register;
using Microsoft.AspNetCore.Mvc.RazorPages;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Access;

/// <summary>A page that takes a form, whoever may open it, and somebody else of the same kind.</summary>
/// <param name="Cookie">Of who opens it, as "name=value".</param>
/// <param name="Other">Of who is signed in when it is sent.</param>
public sealed record FormPage(string Route, string Path, string Cookie, string Other);

/// <summary>The service with all its pages that take a form, for a browser in which one opens each and another is signed in when it is sent.</summary>
public sealed class EveryForm : IAsyncDisposable
{
    /// <summary>Pages whose form is anybody's: nothing is guarded there, and nothing is written.</summary>
    static readonly string[] Anybodys = ["/verify"];

    readonly TestService _service;
    readonly RouteSetting _setting;
    readonly Dictionary<(Who, StaffRole?), string> _cookies = [];

    EveryForm(TestService service, RouteSetting setting) => (_service, _setting) = (service, setting);

    public string Origin => _service.Url.GetLeftPart(UriPartial.Authority);

    public static async Task<EveryForm> BeginAsync()
    {
        var service = await TestService.StartAsync(DatabaseKind.Sqlite, demoClock: true);
        return new EveryForm(service, await RouteSetting.PrepareAsync(service));
    }

    public async Task<IReadOnlyList<FormPage>> PagesAsync()
    {
        var pages = new List<FormPage>();
        foreach (var route in (await OfServiceAsync(_service)).DistinctBy(r => r.Pattern))
        {
            var (one, other) = await WhoAsync(route);
            pages.Add(new FormPage(route.Pattern, await _setting.PathOfAsync(route with { Method = "GET", Handler = null }), one, other));
        }

        return pages;
    }

    public Task<string> WrittenAsync() => WrittenAsync(_service);

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    /// <summary>Every form there is, by the service's own list of pages.</summary>
    internal static async Task<IReadOnlyList<Asked>> OfServiceAsync(TestService service) =>
        [.. (await Routes.AllAsync(service)).Where(r => r.Method == "POST" && r.Endpoint.Metadata.GetMetadata<PageActionDescriptor>() is not null && !Anybodys.Contains(r.Pattern))];

    /// <summary>Everything that is written but when a session was used last, which a look at a page changes.</summary>
    internal static async Task<string> WrittenAsync(TestService service) =>
        string.Join('\n', (await TableDump.ReadAsync(service.Core.Database)).Split('\n').Where(r => !r.StartsWith("session:", StringComparison.Ordinal) && !r.StartsWith("staff_session:", StringComparison.Ordinal)));

    async Task<(string One, string Other)> WhoAsync(Asked route)
    {
        if (route.Rule!.Door == Door.Helper) return (await CookieAsync(Who.HelperWhoActs), await CookieAsync(Who.HelperOfAnother));
        if (!route.Pattern.StartsWith("/staff/", StringComparison.Ordinal)) return (await CookieAsync(Who.Owner), await CookieAsync(Who.AnotherWorker));

        // A case's file asks for a reason first: that is its own form, and whoever has given one has the others.
        var ofCase = route.Pattern.StartsWith("/staff/cases/{number}", StringComparison.Ordinal);
        var roles = route.Rule.Door == Door.Staff ? route.Rule.Roles : [.. StaffRoles.All];
        var role = route.Pattern == "/staff/cases/{number}" ? roles[^1] : roles[0];
        var one = await CookieAsync(Who.Officer, role);
        if (ofCase && route.Pattern != "/staff/cases/{number}") await _setting.SitAsync(one, role);
        return (one, await CookieAsync(Who.Officer, StaffRoles.All.First(r => r != role)));
    }

    // One session each: a page of theirs lists them, each with a form.
    async Task<string> CookieAsync(Who who, StaffRole? role = null)
    {
        if (!_cookies.TryGetValue((who, role), out var cookie))
            _cookies[(who, role)] = cookie = (await _setting.Visitors.Single(v => v.Who == who && v.Role == role).ShowAsync()).Cookie!;
        return cookie;
    }
}
