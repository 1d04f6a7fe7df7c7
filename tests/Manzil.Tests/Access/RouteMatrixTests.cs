using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Manzil.Access;
using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Demo;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Staff;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Manzil.Tests.SignIn;
using Microsoft.Extensions.DependencyInjection;
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
        var matrix = await Matrix.PrepareAsync(service);
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

    sealed class Matrix(TestService service, SignedInWorker owner, string residence, string departure, string @case, long outageLeaf, IReadOnlyList<Visitor> visitors, string form, string token)
    {
        public IReadOnlyList<Visitor> Visitors => visitors;

        /// <summary>What tells that an answer is about the first worker.</summary>
        public IReadOnlyList<string> Secrets { get; } = [owner.Worker.CardNumber, owner.Worker.Document.Number, "Tverskoy", "+70000000001", residence];

        public static async Task<Matrix> PrepareAsync(TestService service)
        {
            var owner = await SignedInWorker.NewAsync(service);
            await owner.GiveAsync("""{"kind":"registration"}""");
            var residence = await owner.GiveAsync($$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""");
            var departure = await owner.GiveAsync("""{"kind":"departure","on":"<today+40>"}""");
            var (opener, _) = await service.StaffAsync(StaffRole.Caseworker);
            var opened = await service.Core.Writer.SubmitAsync(
                new OpenCaseWithReason(opener.Actor, "Two neighbours say that nobody lives there.", service.Core.CurrentRules.Now, service.Services.GetRequiredService<Telling>())
                {
                    ReceivedAt = service.Clock.GetCurrentInstant(),
                    Channel = RecordChannel.Desk,
                    WorkerId = owner.Worker.Id,
                });
            var other = await service.EnrolAsync(phone: "+70000000002");
            await OutageCommand.RecordAsync(service.Core, "2026-11-20", "2026-11-20", "The machine was moved.", service.Clock.GetCurrentInstant());
            var leaf = (await service.Core.Tiles.HeadAsync()).Size - 1;
            var visitors = await Access.Visitors.AllAsync(service, owner.Worker, other);
            using var page = await service.Client.GetAsync("/language");
            var form = page.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("form=", StringComparison.Ordinal)).Split(';')[0];
            var html = await page.Content.ReadAsStringAsync();
            var token = System.Text.RegularExpressions.Regex.Match(html, "name=\"__RequestVerificationToken\" type=\"hidden\" value=\"([^\"]+)\"", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5)).Groups[1].Value;
            return new Matrix(service, owner, residence.Number, departure.Number, Assert.IsType<ActResult.Accepted>(opened).Number.ToString(), leaf, visitors, form, token);
        }

        public async Task<(HttpStatusCode Status, string? Location, string Body)> AskAsync(Asked asked, Visitor visitor)
        {
            var (cookie, bearer) = await visitor.ShowAsync();
            using var request = new HttpRequestMessage(new HttpMethod(asked.Method), Routes.Fill(asked, await ValuesAsync(asked)));
            request.Headers.Add("Cookie", cookie is null ? form : $"{form}; {cookie}");
            request.Headers.Add("X-Requested-With", "manzil");
            if (bearer is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
            var isApi = asked.Pattern.StartsWith("/api/", StringComparison.Ordinal) || asked.Pattern.StartsWith("/gateway/", StringComparison.Ordinal);
            if (isApi && asked.Method == "POST") request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
            else if (asked.Method == "POST") request.Content = new FormUrlEncodedContent([new("__RequestVerificationToken", token)]);
            using var answer = await service.Client.SendAsync(request);
            return (answer.StatusCode, answer.Headers.Location?.OriginalString, Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync()));
        }

        public async Task<long> LooksAsync()
        {
            await using var connection = await service.Core.Database.OpenAsync();
            return await Dapper.SqlMapper.ExecuteScalarAsync<long>(connection, "select count(*) from look where reason <> @Prepared", new { Prepared });
        }

        /// <summary>Values of a route's parameters that are valid for the first worker, or for whoever the rule lets in.</summary>
        async Task<IReadOnlyDictionary<string, string>> ValuesAsync(Asked asked)
        {
            if (!asked.HasParameter) return new Dictionary<string, string>();
            var values = new Dictionary<string, string> { ["number"] = residence, ["purpose"] = "sign-in", ["documentName"] = "v1", ["log"] = "1", ["position"] = $"{outageLeaf}", ["path"] = "entries/000.p/1", ["entry"] = "00000-00000" };
            switch (asked.Pattern)
            {
                case "/{**path:file}":
                    values["path"] = "favicon.svg";
                    break;
                case "/staff/search/{look:long}" or "/staff/search/{look:long}/open" or "/staff/receipts/{number}":
                    values["look"] = "1";
                    break;
                case var pattern when pattern.StartsWith("/staff/cases/{number}", StringComparison.Ordinal):
                    (values["number"], values["answer"], values["document"], values["slug"]) = (@case, residence, "1", "keep");
                    break;
                case var pattern when pattern.StartsWith("/staff/desk/{look:long}", StringComparison.Ordinal):
                    values["look"] = $"{await LookAsync()}";
                    if (pattern.Contains("residence", StringComparison.Ordinal)) values["replaces"] = residence;
                    else if (pattern.Contains("departure", StringComparison.Ordinal)) values["replaces"] = departure;
                    else if (pattern.Contains("{id:long}", StringComparison.Ordinal)) values["id"] = await ChannelAsync();
                    break;
                case "/residence/{replaces?}":
                    values["replaces"] = residence;
                    break;
                case "/departure/{replaces?}":
                    values["replaces"] = departure;
                    break;
                case "/account/channel/{id:long}/remove":
                    // One each time: a handler removes it.
                    values["id"] = await ChannelAsync();
                    break;
                case "/case/files/{id:long}" or "/helper/files/{id:long}":
                    values["id"] = await AttachmentAsync();
                    break;
                case "/staff/passkey/{purpose}/{token?}":
                    values["token"] = "";
                    break;
                case "/staff/invitation/{token}":
                    values["token"] = await InvitationAsync("M1");
                    break;
                case "/staff/demo/{token}":
                    values["token"] = service.Services.GetRequiredService<DemoSignIn>().Make((await service.StaffAsync(StaffRole.Auditor)).Staff.Id);
                    break;
                case "/staff/lead/staff/{id:long}":
                    await InvitationAsync("M2");
                    values["id"] = $"{(await service.Services.GetRequiredService<Officers>().WaitingAsync()).Single(o => o.Number == "M2").Id}";
                    break;
            }

            return values;
        }

        async Task<string> InvitationAsync(string number) =>
            (await service.Services.GetRequiredService<Appointments>().InviteAsync("Officer " + number, number, StaffRole.Clerk, "NRV-01", "en")).Token;

        async Task<string> AttachmentAsync()
        {
            await using var connection = await service.Core.Database.OpenAsync();
            var file = await Dapper.SqlMapper.ExecuteScalarAsync<long>(connection, "select id from case_file where worker_id = @worker", new { worker = owner.Worker.Id });
            return $"{await Dapper.SqlMapper.ExecuteScalarAsync<long>(connection, "insert into attachment (worker_id, case_id, act_number, name, media_type, sha256, content, added_at) values (@worker, @file, @residence, '1.png', 'image/png', @digest, @digest, 1) returning id", new { worker = owner.Worker.Id, file, residence, digest = new byte[32] })}";
        }

        /// <summary>The reason of looks that are there before somebody asks.</summary>
        const string Prepared = "Is here, for the matrix";

        // Of the clerk among the visitors: to any other officer the look is unknown.
        async Task<long> LookAsync()
        {
            await using var connection = await service.Core.Database.OpenAsync();
            var clerk = await Dapper.SqlMapper.QueryFirstAsync<string>(connection, "select number from staff where role = 'clerk' and agreed_at is not null and dismissed_at is null order by id limit 1");
            var at = service.Clock.GetCurrentInstant().ToUnixTimeMilliseconds();
            return await Dapper.SqlMapper.ExecuteScalarAsync<long>(
                connection,
                "insert into look (worker_id, staff_number, role, office, what, reason, looked_at, keep_until) values (@worker, @clerk, 'clerk', 'NRV-01', 'desk', @Prepared, @at, @until) returning id",
                new { worker = owner.Worker.Id, clerk, Prepared, at, until = at + 1 });
        }

        async Task<string> ChannelAsync()
        {
            await using var connection = await service.Core.Database.OpenAsync();
            return $"{await Dapper.SqlMapper.ExecuteScalarAsync<long>(connection, "insert into channel (worker_id, kind, address, confirmed_at) values (@worker, 'email', @address, 1) returning id", new { worker = owner.Worker.Id, address = Guid.NewGuid() + "@example.org" })}";
        }
    }
}
