using Manzil.Layout;
using Manzil.Messages;
using Manzil.Register;
using Manzil.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using NodaTime;

namespace Manzil.Demo;

/// <summary>What would be sent, shown instead: in the demo only, whose people are invented.</summary>
public sealed class MessagesPage(Database database, ServiceSettings settings, Jurisdiction rules, Texts texts) : PageModel
{
    const int Shown = 100;

    public IReadOnlyList<Message> Messages { get; private set; } = [];

    public string When(Message message) => Dates.InWords(Instant.FromUnixTimeMilliseconds(message.CreatedAt), rules.Zone, texts.Lang);

    public async Task<IActionResult> OnGetAsync()
    {
        if (!settings.Demo) return NotFound();
        Messages = await Outbox.NewestAsync(database, Shown);
        return Page();
    }
}
