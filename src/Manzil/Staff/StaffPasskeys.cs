using Dapper;
using Manzil.Layout;
using Manzil.Register;
using Manzil.SignIn;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using NodaTime;

namespace Manzil.Staff;

/// <summary>The passkeys of officers, who sign in with nothing else.</summary>
public sealed class StaffPasskeys(PasskeyStore<StaffMember> store, IPasskeyHandler<StaffMember> handler, Database database, ServiceFacts facts, IDataProtectionProvider protection, IClock clock)
    : PasskeyCeremonies<StaffMember>(store, handler, database, facts, protection, clock)
{
    /// <summary>The passkey and the end of the invitation are one transaction: of two requests at the same moment, one finds it used.</summary>
    public async Task<bool> AcceptAsync(HttpContext http, Invitation invitation, string? challenge, string? credential)
    {
        if (invitation.Staff is not { } staff || await ReadNewAsync(http, staff, challenge, credential) is not { } passkey) return false;
        await using var connection = await Database.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var used = await connection.ExecuteAsync(
            "update staff_invitation set used_at = @now where token_hash = @TokenHash and staff_id = @Id and used_at is null and expires_at > @now",
            new { invitation.TokenHash, staff.Id, now = Clock.GetCurrentInstant().ToUnixTimeMilliseconds() }, transaction);
        if (used == 0 || !await InsertAsync(connection, transaction, staff, passkey)) return false;
        await transaction.CommitAsync();
        return true;
    }

    /// <summary>POST /staff/passkey/{purpose}: like the workers' own; with an invitation's token it makes the first passkey.</summary>
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/staff/passkey/{purpose}/{token?}", (RequestDelegate)BeginAsync);

    static async Task BeginAsync(HttpContext http)
    {
        var services = http.RequestServices;
        var passkeys = services.GetRequiredService<StaffPasskeys>();
        var (purpose, token) = ((string?)http.GetRouteValue("purpose"), (string?)http.GetRouteValue("token"));
        if (!passkeys.AreUsable || !PasskeySetup.IsFromOurScript(http) || purpose is not (ToSignIn or ToAdd))
        {
            await Problems.Result(http, Problems.NotFound).ExecuteAsync(http);
            return;
        }

        StaffMember? staff = null;
        if (purpose == ToAdd)
        {
            staff = token is not null
                ? (await services.GetRequiredService<Officers>().InvitationAsync(token))?.Staff
                : await services.GetRequiredService<StaffSessions>().FindNewAsync(http);
            if (staff is null)
            {
                await Problems.Result(http, Problems.SignInNeeded).ExecuteAsync(http);
                return;
            }
        }

        await PasskeySetup.AnswerAsync(http, passkeys, purpose, staff);
    }
}

public sealed class StaffPasskeyStore(Database database) : PasskeyStore<StaffMember>(database)
{
    internal override string Table => "staff_passkey";

    internal override string Owner => "staff_id";

    internal override string Prefix => "staff-";

    internal override long IdOf(StaffMember person) => person.Id;

    internal override (string Account, string Name) NamesOf(StaffMember person) => (person.Number, person.Name);

    protected override async Task<StaffMember?> FindAsync(long id, CancellationToken cancellation)
    {
        await using var connection = await Database.OpenAsync(cancellation);
        return await StaffMember.FindAsync(connection, id);
    }
}
