using Manzil.Access;
using Manzil.Layout;
using Manzil.Rules;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Manzil.SignIn;

public sealed class ChannelPage(Texts texts, Channels channels, Jurisdiction rules) : PersonPage
{
    [BindProperty, Typed(TextKind.Contact, Max = 254)]
    public string? Address { get; set; }

    public IActionResult OnGet() => IsFresh ? Page() : AskFresh();

    public async Task<IActionResult> OnPostAsync()
    {
        if (!IsFresh) return AskFresh();
        if (string.IsNullOrWhiteSpace(Address)) return Wrong(texts["channel.missing"]);
        var (kind, address) = Address.Contains('@', StringComparison.Ordinal) ? ("email", ContactAddress.Email(Address)) : ("sms", ContactAddress.Phone(Address, rules));
        if (address is null) return Wrong(texts["channel.wrong"]);
        if (Worker.Channels.Any(c => string.Equals(c.Address, address, StringComparison.OrdinalIgnoreCase))) return Wrong(texts["channel.known"]);
        if (Worker.Channels.Count >= Channels.MaxOfOneWorker) return Wrong(texts["channel.too-many", ("count", Channels.MaxOfOneWorker)]);
        return await channels.BeginAsync(Worker, kind, address) switch
        {
            CodeSending.Sent => Redirect(Root + "/account/channel/code"),
            CodeSending.TooMany => Wrong(texts["channel.codes-today"]),
            _ => Wrong(texts["fresh.sent-lately"]),
        };
    }

    PageResult Wrong(string error)
    {
        ModelState.AddModelError(nameof(Address), error);
        Response.StatusCode = StatusCodes.Status400BadRequest;
        return Page();
    }
}
