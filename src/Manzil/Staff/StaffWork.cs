using Manzil.Access;
using Manzil.Rules;

namespace Manzil.Staff;

/// <summary>A page that an officer's work begins with.</summary>
/// <param name="Path">Its address.</param>
/// <param name="Page">As the access rules name it.</param>
/// <param name="Name">In its texts: staff-home.{Name} and staff-home.{Name}-hint.</param>
public sealed record StaffWork(string Path, string Page, string Name)
{
    static readonly StaffWork[] all =
    [
        new("/staff/lead", "/Staff/Lead/LeadPage", "lead"),
        new("/staff/cases", "/Cases/Desk/QueuePage", "cases"),
        new("/staff/search", "/Cases/Desk/SearchPage", "search"),
        new("/staff/desk", "/Registrations/Desk/ClerkPage", "clerk"),
        new("/staff/audit", "/Status/Desk/AuditPage", "audit"),
        new("/staff/passkeys", "/Staff/Desk/PasskeysPage", "passkeys"),
    ];

    /// <summary>Those that this role opens.</summary>
    public static IEnumerable<StaffWork> Of(StaffRole role) => all.Where(w => AccessRules.OfPage(w.Page) is { Door: Door.Staff } rule && rule.Roles.Contains(role));
}
