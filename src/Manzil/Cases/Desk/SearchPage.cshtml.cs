using Manzil.Layout;
using Manzil.Staff;

namespace Manzil.Cases.Desk;

/// <summary>Somebody of whom a caseworker has a number, so that a case can be opened.</summary>
public sealed class SearchPage(Searches searches, Texts texts) : ExactNumberPage(searches, texts)
{
    readonly Texts _texts = texts;

    public override IReadOnlyList<string> Kinds => SearchKind.All;

    public override string Button => _texts["desk.search.button"];

    protected override string What => Looks.Search;

    protected override string RootOf(long look) => $"/staff/search/{look}";
}
