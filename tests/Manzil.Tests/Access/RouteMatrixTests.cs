using System.Net;
using Manzil.Access;
using Manzil.Messages;
using Manzil.Rules;
using Manzil.Tests.Databases;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Access;

/// <summary>Every route of the service, with everybody who could ask: what the rule says, and nothing else.</summary>
public class RouteMatrixTests
{
    enum Answer
    {
        In,
        SignIn,
        Forbidden,
        NotFound,
    }

    [Theory, EachDatabase]
    public async Task Route_EachVisitor_GetsExactlyWhatItsRuleSays(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind, demoClock: true, messaging: new MessagingFile { Sms = new SmsSettings(new Uri("http://127.0.0.1:1/"), new byte[32]) });
        var matrix = await RouteSetting.PrepareAsync(service);
        // What is only read comes first: some of the others change what there is.
        var routes = (await Routes.AllAsync(service)).OrderBy(r => r.Method == "GET" ? 0 : 1).ToList();
        var wrong = new List<string>();
        var asked = 0;
        foreach (var route in routes)
        {
            foreach (var visitor in matrix.Visitors)
            {
                var looks = await matrix.LooksAsync();
                var (status, location, body) = await matrix.AskAsync(route, visitor);
                looks = await matrix.LooksAsync() - looks;
                asked++;
                var (expected, given) = (Expected(route, visitor), Given(route, visitor, status, location));
                // A helper is shown nothing without exactly one entry in the log of looks. Whoever is not let in leaves none, nor does a worker
                // who reads their own, nor an officer: none gives a reason here, and LooksByRouteTests counts what follows when they do.
                var due = expected == Answer.In && route is { Method: "GET", Rule.Door: Door.Helper } ? 1 : 0;
                if (looks != due) wrong.Add($"{route} by {visitor}: {looks} looks, and not {due}");
                if (given != expected) wrong.Add($"{route} by {visitor}: {status} {location}, expected {expected}");
                if (!MaySee(route, visitor) && matrix.Secrets.FirstOrDefault(s => body.Contains(s, StringComparison.Ordinal)) is { } secret) wrong.Add($"{route} shows {secret} to {visitor}");
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{kind}: {routes.Count} routes and handlers x {matrix.Visitors.Count} visitors = {asked} requests");
        Assert.Equal(routes.Count * matrix.Visitors.Count, asked);
        Assert.True(routes.Count > 60, $"{routes.Count} routes");
        Assert.True(wrong.Count == 0, $"{wrong.Count} wrong, such as\n" + string.Join('\n', wrong.Take(100)));
    }

    // No route lists people, searches in bulk or exports others: each says what it shows, and the matrix above holds it to that.
    [Fact]
    public async Task Inventory_OfWhatRoutesShowOfPeople_NamesEveryRoute()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var routes = (await Routes.AllAsync(service)).Where(r => r.Rule?.Door != Door.File).ToList();
        Assert.Equal(routes.Select(r => r.Pattern).Distinct().Order(StringComparer.Ordinal), PeopleInventory.All.Keys.Order(StringComparer.Ordinal));
        // Only officers are shown somebody else, and only those whose folder says so.
        Assert.Empty(routes.Where(r => PeopleInventory.All[r.Pattern] is Shows.One or Shows.Queue && r.Rule?.Door != Door.Staff));
    }

    static readonly string[] OfOneOfficer = ["/staff/receipts/{number}", "/staff/desk/receipts/{number}"];
    // Which one is meant stands in the body, and here nothing does.
    static readonly string[] NamedInTheBody = ["POST /account?handler=End", "POST /account?handler=RemovePasskey"];
    static readonly string[] OfHelpersWhoAct = ["/helper/answer", "/helper/appeal"];

    static Answer Expected(Asked asked, Visitor visitor) => asked.Rule!.Door switch
    {
        // Asked for by itself, the page about a failure says that there is no such page.
        _ when asked.Pattern == "/error" => Answer.NotFound,
        Door.Everybody or Door.File => Answer.In,
        Door.Worker => visitor.Who switch
        {
            Who.Owner or Who.OwnersCookieAlone or Who.AnotherWorker when NamedInTheBody.Contains(asked.ToString()) => Answer.NotFound,
            Who.Owner or Who.OwnersCookieAlone => Answer.In,
            Who.AnotherWorker => asked.HasParameter ? Answer.NotFound : Answer.In,
            _ => Answer.SignIn,
        },
        // The receipt of what one officer did is there for that officer alone, and none of these did.
        Door.Staff when OfOneOfficer.Contains(asked.Pattern) && visitor.Who == Who.Officer && asked.Rule.Roles.Contains(visitor.Role!.Value) => Answer.NotFound,
        Door.Staff => visitor.Who == Who.Officer ? asked.Rule.Roles.Contains(visitor.Role!.Value) ? Answer.In : Answer.Forbidden : Answer.SignIn,
        Door.Bearer => visitor.Who switch
        {
            Who.Owner => Answer.In,
            Who.AnotherWorker => asked.HasParameter ? Answer.NotFound : Answer.In,
            _ => Answer.SignIn,
        },
        Door.Helper => visitor.Who switch
        {
            Who.HelperWhoActs => Answer.In,
            Who.HelperWhoSees => OfHelpersWhoAct.Contains(asked.Pattern) ? Answer.NotFound : Answer.In,
            Who.HelperOfAnother => OfHelpersWhoAct.Contains(asked.Pattern) || asked.HasParameter ? Answer.NotFound : Answer.In,
            _ => Answer.SignIn,
        },
        // Without its signature a gateway is nobody.
        _ => Answer.SignIn,
    };

    static Answer? Given(Asked asked, Visitor visitor, HttpStatusCode status, string? location) => status switch
    {
        // Where a helper's code is asked for. Whoever leaves is led there too.
        HttpStatusCode.Redirect when location == "/helper?ended=1" => Answer.SignIn,
        HttpStatusCode.Redirect when location == "/helper" && asked.Rule!.Door == Door.Helper =>
            asked.Handler == "Leave" && visitor.Who is Who.HelperWhoActs or Who.HelperWhoSees or Who.HelperOfAnother ? Answer.In : Answer.SignIn,
        HttpStatusCode.Redirect when location!.StartsWith("/sign-in?return=", StringComparison.Ordinal) || location.StartsWith("/staff/sign-in?return=", StringComparison.Ordinal) => Answer.SignIn,
        HttpStatusCode.Unauthorized => Answer.SignIn,
        HttpStatusCode.Forbidden => Answer.Forbidden,
        HttpStatusCode.NotFound => Answer.NotFound,
        // Whoever is in may still have asked for what cannot be done.
        HttpStatusCode.OK or HttpStatusCode.Created or HttpStatusCode.Accepted or HttpStatusCode.NoContent or HttpStatusCode.Redirect or HttpStatusCode.SeeOther
            or HttpStatusCode.BadRequest or HttpStatusCode.Conflict or HttpStatusCode.UnprocessableEntity or HttpStatusCode.UnsupportedMediaType => Answer.In,
        _ => null,
    };

    static bool MaySee(Asked asked, Visitor visitor) => asked.Rule!.Door == Door.File || PeopleInventory.All[asked.Pattern] switch
    {
        Shows.Self => visitor.Who is Who.Owner or Who.OwnersCookieAlone,
        Shows.Helper => visitor.Who is Who.HelperWhoActs or Who.HelperWhoSees,
        Shows.One => Expected(asked, visitor) == Answer.In,
        Shows.Demo => true,
        _ => false,
    };
}
