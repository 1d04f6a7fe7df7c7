using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Dapper;
using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Demo;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Staff;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;

namespace Manzil.Tests.Access;

/// <summary>One worker with a case, a departure and a helper, another beside them, and everybody who could ask for a route; and values for every parameter of every route.</summary>
sealed class RouteSetting(TestService service, SignedInWorker owner, string residence, string departure, string @case, long outageLeaf, IReadOnlyList<Visitor> visitors, string form, string token)
{
    public IReadOnlyList<Visitor> Visitors => visitors;

    /// <summary>What tells that an answer is about the first worker.</summary>
    public IReadOnlyList<string> Secrets { get; } = [owner.Worker.CardNumber, owner.Worker.Document.Number, "Tverskoy", "+70000000001", residence];

    public static async Task<RouteSetting> PrepareAsync(TestService service)
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
        return new RouteSetting(service, owner, residence.Number, departure.Number, Assert.IsType<ActResult.Accepted>(opened).Number.ToString(), leaf, visitors, form, token);
    }

    public async Task<(HttpStatusCode Status, string? Location, string Body)> AskAsync(Asked asked, Visitor visitor)
    {
        var (cookie, bearer) = await visitor.ShowAsync();
        using var request = new HttpRequestMessage(new HttpMethod(asked.Method), await PathOfAsync(asked));
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
        return await connection.ExecuteScalarAsync<long>("select count(*) from look where reason <> @Prepared", new { Prepared });
    }

    public async Task<string> PathOfAsync(Asked asked) => Routes.Fill(asked, await ValuesAsync(asked));

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
        var file = await connection.ExecuteScalarAsync<long>("select id from case_file where worker_id = @worker", new { worker = owner.Worker.Id });
        return $"{await connection.ExecuteScalarAsync<long>("insert into attachment (worker_id, case_id, act_number, name, media_type, sha256, content, added_at) values (@worker, @file, @residence, '1.png', 'image/png', @digest, @digest, 1) returning id", new { worker = owner.Worker.Id, file, residence, digest = new byte[32] })}";
    }

    /// <summary>The reason of looks that are there before somebody asks.</summary>
    const string Prepared = "Is here, for the matrix";

    // Of the clerk among the visitors: to any other officer the look is unknown.
    async Task<long> LookAsync()
    {
        await using var connection = await service.Core.Database.OpenAsync();
        var clerk = await connection.QueryFirstAsync<string>("select number from staff where role = 'clerk' and agreed_at is not null and dismissed_at is null order by id limit 1");
        var at = service.Clock.GetCurrentInstant().ToUnixTimeMilliseconds();
        return await connection.ExecuteScalarAsync<long>(
            "insert into look (worker_id, staff_number, role, office, what, reason, looked_at, keep_until) values (@worker, @clerk, 'clerk', 'NRV-01', 'desk', @Prepared, @at, @until) returning id",
            new { worker = owner.Worker.Id, clerk, Prepared, at, until = at + 1 });
    }

    /// <summary>The officer of this cookie has opened the worker's file, as far as the log of looks knows.</summary>
    public async Task SitAsync(string cookie, StaffRole role)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        var at = service.Clock.GetCurrentInstant().ToUnixTimeMilliseconds();
        await connection.ExecuteAsync(
            """
            insert into look (worker_id, staff_number, role, office, what, reason, looked_at, keep_until)
            select @worker, s.number, @role, 'NRV-01', 'file', @Prepared, @at, @until from staff s join staff_session o on o.staff_id = s.id where o.token_hash = @hash
            """,
            new { worker = owner.Worker.Id, role = role.Name(), Prepared, at, until = at + 1, hash = Officers.HashOf(cookie.Split('=', 2)[1]) });
    }

    async Task<string> ChannelAsync()
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return $"{await connection.ExecuteScalarAsync<long>("insert into channel (worker_id, kind, address, confirmed_at) values (@worker, 'email', @address, 1) returning id", new { worker = owner.Worker.Id, address = Guid.NewGuid() + "@example.org" })}";
    }
}
