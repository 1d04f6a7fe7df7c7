using System.Net;
using Manzil.Access;
using Manzil.Deadlines;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using Manzil.Tests.Cases.Desk;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Browser = Manzil.Tests.Notices.Visitor;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using OfficersBrowser = Manzil.Tests.Cases.Desk.Officer;

namespace Manzil.Tests.Access;

/// <summary>
/// privacy.md 16, route by route: each page for officers, opened by each role that may. One that shows a person shows nothing before a
/// reason was given, and leaves exactly one entry for the whole opening; one that shows nobody leaves none. What those leave who are not let
/// in, helpers, and workers who read their own, <see cref="RouteMatrixTests"/> counts at every one of its requests.
/// </summary>
public class LooksByRouteTests
{
    // It says until when a delivery is waited for, and names nobody, yet stands behind the look at the file.
    const string NamesNobody = "/staff/cases/{number}/delivered";

    [Theory, EachDatabase]
    public async Task Read_EachPageByEachRoleThatMay_IsOneLookOfThatPersonOrNone(DatabaseKind kind)
    {
        await using var desk = await OpenedDesk.NewAsync(kind);
        var routes = (await Routes.AllAsync(desk.Service)).Where(r => r is { Method: "GET", Handler: null, Rule.Door: Door.Staff }).ToList();
        var (read, shown) = (0, new HashSet<string>());
        // The rows are the same on both databases: there one role for each page is enough.
        foreach (var (route, role) in routes.SelectMany(r => r.Rule!.Roles.Take(kind == DatabaseKind.Sqlite ? int.MaxValue : 1).Select(role => (r, role))))
        {
            foreach (var opening in await desk.OpeningsAsync(route, role))
            {
                var said = $"{opening.Path(0)} by {role}";
                var (officer, before) = (opening.By, await desk.LooksAsync());
                // By the address alone, also that of another's look, nothing of anybody.
                await officer.Web.GetAsync(opening.Path(desk.LookOfAnother));
                Assert.False(desk.Shows(officer.Web), said);
                Assert.Equal(before, await desk.LooksAsync());
                Assert.True(opening.Open is not null == (PeopleInventory.All[route.Pattern] == Shows.One), said);
                if (opening.Open is null)
                {
                    Assert.True(officer.Web.Status == HttpStatusCode.OK, $"{said}: {officer.Web.Status}");
                    continue;
                }

                var path = opening.Path(await opening.Open());
                for (var i = 0; i < 2; i++)
                {
                    await officer.Web.GetAsync(path);
                    // A form of several questions leads on to the address of its first.
                    Assert.True(officer.Web.Path.Split('?')[0] == path.Split('?')[0] && officer.Web.Status is HttpStatusCode.OK or HttpStatusCode.Conflict, $"{path} by {role}: {officer.Web.Path} {officer.Web.Status}");
                    if (desk.Shows(officer.Web)) shown.Add(route.Pattern);
                }

                // What is checked before it is done shows whom it is about.
                if (role == StaffRole.Caseworker && (path.EndsWith("/keep", StringComparison.Ordinal) || path.EndsWith("/open", StringComparison.Ordinal))
                    && desk.Shows(await officer.Web.PostAsync(("Reason", "Seen at home."), ("Go", "check")))) shown.Add(route.Pattern);
                var (staff, worker) = (officer.Staff, opening.Worker);
                var expected = opening.Whats.Select(what => $"{worker} {staff.Number} {role.Name()} {staff.Office} {what} {OpenedDesk.Reason}");
                Assert.Equal(expected, (await desk.LooksAsync()).Skip(before.Count));
                read++;
            }
        }

        Assert.Equal(routes.Select(r => r.Pattern).Where(p => PeopleInventory.All[p] == Shows.One && p != NamesNobody).Order(StringComparer.Ordinal), shown.Order(StringComparer.Ordinal));
        TestContext.Current.TestOutputHelper?.WriteLine($"{kind}: {routes.Count} pages of officers, {read} openings of a person");
        Assert.True(routes.Count > 35, $"{routes.Count} pages");
    }
}
