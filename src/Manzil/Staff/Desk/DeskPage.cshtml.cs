using Manzil.Access;
using Manzil.Rules;
using Manzil.Status;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Manzil.Staff.Desk;

/// <summary>/staff, the home of every role: what can I do here.</summary>
public sealed class DeskPage(EndpointDataSource endpoints, Officers officers, Readiness readiness) : StaffPage
{
    /// <summary>A page that somebody's work begins with; its texts are staff-home.{Name} and staff-home.{Name}-hint.</summary>
    public sealed record Work(string Path, string Name);

    static readonly Work[] All =
    [
        new("/staff/lead", "lead"),
        new("/staff/cases", "cases"),
        new("/staff/search", "search"),
        new("/staff/desk", "clerk"),
        new("/staff/audit", "audit"),
        new("/staff/passkeys", "passkeys"),
    ];

    /// <summary>Those that this officer's role opens.</summary>
    public IReadOnlyList<Work> Mine { get; private set; } = [];

    /// <summary>How many invitations and changes of role wait for a lead reviewer.</summary>
    public int Waiting { get; private set; }

    /// <summary>How the service is, for an operator; null for every other role.</summary>
    public Ready? Ready { get; private set; }

    public async Task OnGetAsync()
    {
        if (Staff.Role == StaffRole.Operator) Ready = await readiness.ReadAsync();
        Mine = [.. All.Where(w => Opens(w.Path))];
        if (Mine.Any(w => w.Name == "lead")) Waiting = (await officers.WaitingAsync()).Count;
    }

    bool Opens(string path) => endpoints.Endpoints.OfType<RouteEndpoint>()
        .Where(e => "/" + e.RoutePattern.RawText == path)
        .Select(e => e.Metadata.GetMetadata<PageActionDescriptor>() is { } page ? AccessRules.OfPage(page.ViewEnginePath) : null)
        .Any(rule => rule is { Door: Door.Staff } && rule.Roles.Contains(Staff.Role));
}
