namespace Manzil.Layout.Form;

/// <summary>Where a page with a form leads back to, if it does not say so itself.</summary>
static class BackTo
{
    static readonly (string Begin, string To)[] Folders =
    [
        ("/staff/lead/", "/staff/lead"),
        ("/staff/sign-in", "/"),
        ("/staff/", "/staff"),
        ("/helper/", "/helper/file"),
        ("/helpers/", "/helpers"),
        ("/sign-in/", "/sign-in"),
        ("/account/", "/account"),
        ("/case/", "/case"),
        ("/notices/", "/notices"),
    ];

    public static string Of(PathString path) => Folders.FirstOrDefault(f => path.Value!.StartsWith(f.Begin, StringComparison.Ordinal)).To ?? "/";
}
