using Manzil.Deadlines;
using Manzil.Register;
using Manzil.SignIn;
using Manzil.Staff;
using NodaTime;

namespace Manzil.Cases.Mine;

/// <summary>What a page with cases shows, and to whom.</summary>
/// <param name="Base">Where files are opened: /case/files/ for the worker.</param>
/// <param name="ForHelper">A helper is shown no receipts and no addresses that messages went to.</param>
public sealed record ShownStories(IReadOnlyList<CaseStory> Stories, CaseWording Wording, string Base, bool ForHelper);

/// <summary>Who looked, as a list.</summary>
public sealed record ShownLooks(IReadOnlyList<Look> Looks, CaseWording Wording);

/// <summary>A worker's whole file: every act of every case, with its reason, who did it, what was said and sent, and who looked.</summary>
public sealed class CasePage(Database database, CurrentRules current, CaseStories stories, CaseWording wording, Looks looks, IClock clock) : WorkerPage
{
    const int LooksShown = 20;

    /// <summary>Null where no case is open.</summary>
    public MyCase? Now { get; private set; }

    public ShownStories Stories { get; private set; } = null!;

    public ShownLooks Newest { get; private set; } = null!;

    public async Task OnGetAsync()
    {
        var rules = current.Now;
        Now = await MyCase.FindAsync(database, Worker, rules, rules.DateOf(clock.GetCurrentInstant()));
        Stories = new(await stories.ReadAsync(Worker), wording, "/case/files/", ForHelper: false);
        Newest = new([.. (await looks.OfAsync(Worker.Id)).Take(LooksShown)], wording);
    }
}
