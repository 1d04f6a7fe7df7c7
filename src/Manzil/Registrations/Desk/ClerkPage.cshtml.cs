using Manzil.Staff;

namespace Manzil.Registrations.Desk;

/// <summary>/staff/desk, where a clerk's work begins.</summary>
public sealed class ClerkPage : StaffPage
{
    /// <summary>Each with its texts clerk.{Name} and clerk.{Name}-hint.</summary>
    public static IReadOnlyList<(string Path, string Name)> Work { get; } =
    [
        ("/staff/desk/serve", "serve"),
        ("/staff/desk/enrol", "enrol"),
        ("/staff/desk/reach", "reach"),
    ];
}
