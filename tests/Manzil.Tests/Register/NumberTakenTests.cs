using Manzil.Receipts;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Register;

/// <summary>Two receipt numbers of the same second can be equal by chance: the second act then takes another.</summary>
public class NumberTakenTests
{
    [Theory, EachDatabase]
    public async Task Give_NumberThatAnotherActHas_TakesAnotherAndRefusesNobody(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await SignedInWorker.NewAsync(service);
        await worker.GiveAsync("""{"kind":"registration"}""");
        await worker.GiveAsync($$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""");
        var taken = ReceiptNumber.New(service.Clock.GetCurrentInstant());
        var left = 12;
        service.Core.Writer.NewNumber = now => Interlocked.Decrement(ref left) > 0 ? taken : ReceiptNumber.New(now);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => worker.GiveAsync("""{"kind":"confirmation"}""")));

        Assert.Equal(8, answers.Select(a => a.Number).Distinct().Count());
    }
}
