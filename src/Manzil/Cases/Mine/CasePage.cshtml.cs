using Manzil.Home;
using Manzil.Layout;
using Manzil.Notices;
using Manzil.SignIn;
using Manzil.Staff;

namespace Manzil.Cases.Mine;

/// <summary>What a page with cases shows, and to whom.</summary>
/// <param name="Base">Where files are opened: /case/files/ for the worker.</param>
/// <param name="ForHelper">A helper is shown no receipts and no addresses that messages went to.</param>
public sealed record ShownStories(IReadOnlyList<CaseStory> Stories, CaseWording Wording, string Base, bool ForHelper);

/// <summary>Who looked, as a list.</summary>
public sealed record ShownLooks(IReadOnlyList<Look> Looks, CaseWording Wording);

/// <summary>A worker's whole file: every act of every case, with its reason, who did it, what was said and sent, and who looked.</summary>
public sealed class CasePage(NoticeBook book, HomeReader reader, CaseStories stories, CaseWording wording, Looks looks, Texts texts) : WorkerPage
{
    const int LooksShown = 20;

    /// <summary>The same as on the first page; null where no case is open.</summary>
    public ShownNow? Now { get; private set; }

    public ShownStories Stories { get; private set; } = null!;

    public ShownLooks Newest { get; private set; } = null!;

    public async Task OnGetAsync()
    {
        var facts = await reader.ReadAsync(Worker, book.Today, texts.Lang);
        if (facts.Case is not null) Now = new(HomeSays.Of(facts), Worker, await book.AddressOfAsync(Worker), IsCasePage: true);
        Stories = new(await stories.ReadAsync(Worker), wording, "/case/files/", ForHelper: false);
        Newest = new([.. (await looks.OfAsync(Worker.Id)).Take(LooksShown)], wording);
    }
}
