using Manzil.Cases.Desk;
using Manzil.Layout;
using Manzil.Staff;

namespace Manzil.Registrations.Desk;

/// <summary>Who is at the desk.</summary>
public sealed class ServePage(Searches searches, Texts texts) : ExactNumberPage(searches, texts)
{
    readonly Texts _texts = texts;

    public override IReadOnlyList<string> Kinds => Serving.Kinds;

    public override string Button => _texts["desk.look.open"];

    protected override string What => Looks.Desk;

    protected override string RootOf(long look) => Served.RootOf(look);
}
