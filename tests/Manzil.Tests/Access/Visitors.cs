using Dapper;
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
        foreach (var role in StaffRoles.All)
        {
            var at = (await service.StaffAsync(role)).Staff.Id;
            all.Add(new(Who.Officer, role, () => StaffAsync(service, at)));
            var dismissed = (await service.StaffAsync(role)).Staff.Id;
            await ChangeAsync(service, dismissed, "dismissed_at = 1");
            all.Add(new(Who.DismissedOfficer, role, () => StaffAsync(service, dismissed)));
            var waiting = (await service.StaffAsync(role)).Staff.Id;
            await ChangeAsync(service, waiting, "agreed_at = null");
            all.Add(new(Who.OfficerNotAgreedTo, role, () => StaffAsync(service, waiting)));
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

    static async Task ChangeAsync(TestService service, long staff, string set)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        await connection.ExecuteAsync($"update staff set {set} where id = @staff", new { staff });
    }
}
