using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.SignIn;
using NodaTime;

namespace Manzil.Notices;

public sealed class NoticesPage(NoticeBook book, Jurisdiction rules, Texts texts) : WorkerPage
{
    public IReadOnlyList<ListedNotice> Notices { get; private set; } = [];

    public async Task OnGetAsync() => Notices = ListedNotice.Of(await book.ListAsync(Worker.Id), rules, texts);
}

/// <summary>One line of a worker's list.</summary>
/// <param name="Path">Of its page.</param>
public sealed record ListedNotice(string Number, string Path, string Kind, string When, string? Address, string? Replaces, string? ReplacedBy)
{
    public static IReadOnlyList<ListedNotice> Of(IReadOnlyList<StoredAct> acts, Jurisdiction rules, Texts t, string root = "")
    {
        var replacedBy = acts.Where(a => a.Replaces is not null).ToDictionary(a => a.Replaces!, a => a.Number);
        return
        [
            .. acts.Select(act => new ListedNotice(
                act.Number,
                $"{root}/notices/{act.Number}",
                ((StatementKind)act.Kind).Name(),
                Dates.InWords(Instant.FromUnixTimeMilliseconds(act.GivenAt), rules.Zone, t.Lang),
                Record.Decode(act.Record).Address is { } address ? AddressText.Of(address) : null,
                act.Replaces,
                replacedBy.GetValueOrDefault(act.Number))),
        ];
    }
}
