using Manzil.Helping;
using Manzil.Layout;
using Manzil.Notices;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.SignIn;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Manzil.Home;

/// <summary>What a page shows of where a worker stands now.</summary>
/// <param name="Address">Null where none was told.</param>
/// <param name="IsCasePage">True on the page that has the whole case already.</param>
public sealed record ShownNow(HomeWords Words, Worker Worker, RecordAddress? Address, bool IsCasePage = false);

/// <summary>
/// What is my standing, what did I last do and what became of it, what must I do and by when, what have I proved; for anyone else, what this
/// is and how to begin.
/// </summary>
public sealed class HomePage(NoticeBook book, HomeReader reader, Jurisdiction rules, HelperGrants grants, Texts texts) : PageModel
{
    const int NewestShown = 3;

    public ShownNow? Now { get; private set; }

    /// <summary>Who may see the file or act in a case now.</summary>
    public IReadOnlyList<HelperGrant> Helpers { get; private set; } = [];

    public IReadOnlyList<ListedNotice> Newest { get; private set; } = [];

    /// <summary>Whether a departure can be told now.</summary>
    public bool CanLeave { get; private set; }

    /// <summary>Whether a new address can be told now.</summary>
    public bool CanMove { get; private set; }

    public async Task OnGetAsync()
    {
        if (SignedIn.Of(HttpContext)?.Worker is not { } worker) return;
        Now = new(HomeSays.Of(await reader.ReadAsync(worker, book.Today, texts.Lang)), worker, await book.AddressOfAsync(worker));
        Helpers = await grants.InForceAsync(worker.Id);
        CanLeave = book.WouldRefuse(worker, NoticeKind.Departure, book.Today) is null;
        CanMove = book.WouldRefuse(worker, NoticeKind.Residence, book.Today) is null;
        Newest = [.. ListedNotice.Of(await book.ListAsync(worker.Id), rules, texts).Take(NewestShown)];
    }
}
