using Manzil.Register;
using Manzil.SignIn;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.Helping.Mine;

/// <summary>Who helps me now; each is withdrawn with one tap, here or on the first page.</summary>
public sealed class HelpersPage(HelperGrants grants) : WorkerPage
{
    public IReadOnlyList<HelperGrant> InForce { get; private set; } = [];

    public bool IsWithdrawn { get; private set; }

    public async Task OnGetAsync([Typed(TextKind.Number)] string? withdrawn)
    {
        InForce = await grants.InForceAsync(Worker.Id);
        IsWithdrawn = withdrawn is not null;
    }

    public async Task<IActionResult> OnPostWithdrawAsync(long? id) => id is null ? Redirect("/helpers") : await grants.WithdrawAsync(Worker, id.Value) switch
    {
        ActResult.Accepted => Redirect("/helpers?withdrawn=1"),
        ActResult.Unavailable => StatusCode(StatusCodes.Status503ServiceUnavailable),
        _ => NotFound(),
    };
}
