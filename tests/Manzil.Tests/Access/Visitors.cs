using System.Buffers.Text;
using System.Security.Cryptography;
using Dapper;
using Manzil.Helping;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Staff;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace Manzil.Tests.Access;

enum Who
{
    Nobody,
    Owner,
    AnotherWorker,

    /// <summary>The worker's cookie, without the token that programs send.</summary>
    OwnersCookieAlone,

    /// <summary>May act in the case that the owner has open.</summary>
    HelperWhoActs,

    /// <summary>May see the owner's cases.</summary>
    HelperWhoSees,
    HelperOfAnother,
    HelperWithdrawn,
    HelperAfterTheLastDay,
    Officer,
    DismissedOfficer,
    OfficerNotAgreedTo,
    OfficerIdle31Minutes,
}

/// <summary>Somebody who asks, with what they show: made anew for each request, since some requests end it.</summary>
sealed record Visitor(Who Who, StaffRole? Role, Func<Task<(string? Cookie, string? Bearer)>> ShowAsync)
{
    public override string ToString() => Role is { } role ? $"{Who} ({role.Name()})" : Who.ToString();
}

static class Visitors
{
    public static async Task<IReadOnlyList<Visitor>> AllAsync(TestService service, TestWorker owner, TestWorker other)
    {
        var all = new List<Visitor>
        {
            new(Who.Nobody, null, () => Task.FromResult<(string?, string?)>((null, null))),
            new(Who.Owner, null, () => WorkerAsync(service, owner, withToken: true)),
            new(Who.AnotherWorker, null, () => WorkerAsync(service, other, withToken: true)),
            new(Who.OwnersCookieAlone, null, () => WorkerAsync(service, owner, withToken: false)),
        };
        async Task HelperAsync(Who who, TestWorker of, bool acts = false, string? set = null)
        {
            var grant = await GrantAsync(service, of.Id, acts);
            if (set is not null) await ChangeAsync(service, "helper_grant", grant, set);
            all.Add(new(who, null, () => HelperSessionAsync(service, grant)));
        }

        await HelperAsync(Who.HelperWhoActs, owner, acts: true);
        await HelperAsync(Who.HelperWhoSees, owner);
        await HelperAsync(Who.HelperOfAnother, other);
        await HelperAsync(Who.HelperWithdrawn, owner, acts: true, set: "withdrawn_at = 1");
        await HelperAsync(Who.HelperAfterTheLastDay, owner, acts: true, set: "expires_at = given_at + 1");
        foreach (var role in StaffRoles.All)
        {
            var at = (await service.StaffAsync(role)).Staff.Id;
            all.Add(new(Who.Officer, role, () => StaffAsync(service, at)));
            all.Add(new(Who.DismissedOfficer, role, await KeptSessionsAsync(service, (await service.StaffAsync(role)).Staff, $"dismissed_at = {service.Clock.GetCurrentInstant().ToUnixTimeMilliseconds()}")));
            all.Add(new(Who.OfficerNotAgreedTo, role, await KeptSessionsAsync(service, (await service.StaffAsync(role)).Staff, "agreed_at = null, agreed_by = null")));
            all.Add(new(Who.OfficerIdle31Minutes, role, () => StaffAsync(service, at, idle: Duration.FromMinutes(31))));
        }

        return all;
    }

    static async Task<(string?, string?)> WorkerAsync(TestService service, TestWorker worker, bool withToken)
    {
        var sessions = service.Services.GetRequiredService<Sessions>();
        var (cookie, _) = await sessions.StartAsync(worker.Id, Session.Browser);
        return ("manzil=" + cookie, withToken ? (await sessions.StartAsync(worker.Id, Session.Api)).Token : null);
    }

    static async Task<(string?, string?)> StaffAsync(TestService service, long staff, Duration idle = default)
    {
        var token = await service.Services.GetRequiredService<StaffSessions>().StartAsync(staff);
        if (idle != default)
        {
            await using var connection = await service.Core.Database.OpenAsync();
            await connection.ExecuteAsync(
                "update staff_session set last_used_at = last_used_at - @idle where staff_id = @staff", new { idle = (long)idle.TotalMilliseconds, staff });
        }

        // No token of theirs opens the API either.
        return ($"{StaffSessions.Cookie}={token}", token);
    }

    // The database starts no session for them: theirs are from before what happened to them, of which nothing ended them. A request
    // may end the one that it shows.
    static async Task<Func<Task<(string?, string?)>>> KeptSessionsAsync(TestService service, StaffMember staff, string set)
    {
        var sessions = service.Services.GetRequiredService<StaffSessions>();
        var tokens = new Queue<string>();
        for (var i = 0; i < 20; i++) tokens.Enqueue(await sessions.StartAsync(staff.Id));
        await ChangeAsync(service, "staff", staff.Id, set);
        return async () =>
        {
            await using var connection = await service.Core.Database.OpenAsync();
            while (await connection.ExecuteScalarAsync<long>("select count(*) from staff_session where token_hash = @hash", new { hash = Officers.HashOf(tokens.Peek()) }) == 0) tokens.Dequeue();
            return ($"{StaffSessions.Cookie}={tokens.Peek()}", tokens.Peek());
        };
    }

    public static async Task<long> GrantAsync(TestService service, long worker, bool acts)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        var at = (service.Clock.GetCurrentInstant() - Duration.FromDays(1)).ToUnixTimeMilliseconds();
        var until = at + (long)Duration.FromDays(30).TotalMilliseconds;
        return await connection.ExecuteScalarAsync<long>(
            """
            insert into helper_grant (worker_id, act_number, name, scope, case_id, given_at, expires_at, entered_at)
            values (@worker, @number, 'Legal aid', @scope, (select max(id) from case_file where worker_id = @worker and @scope = 'act'), @at, @until, @at) returning id
            """,
            new { worker, number = Guid.NewGuid().ToString("N")[..16], scope = acts ? HelperGrant.Act : HelperGrant.See, at, until });
    }

    public static async Task<(string? Cookie, string? Bearer)> HelperSessionAsync(TestService service, long grant)
    {
        var secret = RandomNumberGenerator.GetBytes(32);
        await using var connection = await service.Core.Database.OpenAsync();
        await connection.ExecuteAsync(
            "insert into helper_session (token_hash, grant_id, created_at) values (@hash, @grant, 1)", new { hash = SHA256.HashData(secret), grant });
        // No token of theirs opens the API either.
        var token = Base64Url.EncodeToString(secret);
        return ($"{HelperSessions.Cookie}={token}", token);
    }

    static async Task ChangeAsync(TestService service, string table, long row, string set)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        await connection.ExecuteAsync($"update {table} set {set} where id = @row", new { row });
    }
}
