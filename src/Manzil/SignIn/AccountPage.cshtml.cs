using System.Buffers.Text;
using Dapper;
using Manzil.Layout;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;
using NodaTime;

namespace Manzil.SignIn;

/// <summary>My phone and contact details: who is signed in as me, with what, and how I am reached.</summary>
public sealed class AccountPage(Texts texts, Sessions sessions, Passkeys passkeys, RecoveryCodes recovery, Database database, Jurisdiction rules) : WorkerPage
{
    /// <summary>The receipt of a change just made.</summary>
    [BindProperty(SupportsGet = true), Typed(TextKind.Number)]
    public string? Changed { get; set; }

    public IReadOnlyList<Session> Started { get; private set; } = [];

    public IReadOnlyList<KeptPasskey> KeptPasskeys { get; private set; } = [];

    public RecoveryCodes.Standing Recovery { get; private set; } = new(0, 0);

    /// <summary>When the card was marked lost; null where it counts.</summary>
    public LocalDate? CardLostOn { get; private set; }

    public bool PasskeysAreUsable => passkeys.AreUsable;

    public async Task OnGetAsync()
    {
        Started = await sessions.ListAsync(Worker.Id);
        KeptPasskeys = await passkeys.ListAsync(Worker.Id);
        Recovery = await recovery.StandingAsync(Worker.Id);
        await using var connection = await database.OpenAsync();
        var lostAt = await connection.ExecuteScalarAsync<long?>("select card_lost_at from worker where id = @Id", new { Worker.Id });
        CardLostOn = lostAt is { } at ? rules.DateOf(Instant.FromUnixTimeMilliseconds(at)) : null;
    }

    public async Task<IActionResult> OnPostEndAsync([Typed(TextKind.Made)] string? id)
    {
        if ((await sessions.ListAsync(Worker.Id)).FirstOrDefault(s => IdOf(s) == id) is not { } session) return NotFound();
        await sessions.EndAsync(session);
        return Redirect("/account");
    }

    public async Task<IActionResult> OnPostEndOthersAsync()
    {
        await sessions.EndOthersAsync(Session);
        return Redirect("/account");
    }

    public async Task<IActionResult> OnPostRemovePasskeyAsync([Typed(TextKind.Made)] string? id)
    {
        if (!IsFresh) return AskFresh("/account");
        if ((await passkeys.ListAsync(Worker.Id)).FirstOrDefault(p => p.Id == id) is not { } passkey) return NotFound();
        await passkeys.RemoveAsync(Worker.Id, passkey);
        return Redirect("/account");
    }

    public string IdOf(Session session) => Base64Url.EncodeToString(session.TokenHash);

    public bool IsThis(Session session) => session.TokenHash.AsSpan().SequenceEqual(Session.TokenHash);

    public LocalDate DateOf(Instant instant) => rules.DateOf(instant);

    public string KindOf(Session session) => texts[$"account.session-{session.Kind}"];

    public string KindOf(Channel channel) => texts[$"account.channel-{channel.Kind}"];
}
