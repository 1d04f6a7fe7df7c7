using Manzil.Layout;
using Manzil.Receipts;
using NodaTime;

namespace Manzil.Registrations.Desk;

/// <summary>
/// What a worker takes home to sign in with. It stands in the answer to the form that made the code and nowhere else: the code is
/// kept as a hash, so that nobody can show or print it a second time.
/// </summary>
/// <param name="Until">The last day on which the code works.</param>
/// <param name="Language">The worker's.</param>
public sealed record Slip(string Name, string Card, string Code, LocalDate Until, string Language, ReceiptNumber Receipt)
{
    public Texts Words => Texts.For(Language);
}
