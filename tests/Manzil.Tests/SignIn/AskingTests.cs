using System.Net;
using Manzil.Receipts;
using Manzil.SignIn;
using Manzil.Tests.Databases;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.SignIn;

/// <summary>How many may wait who asked for a code with a document, while nothing can be kept.</summary>
public class AskingTests
{
    static readonly IPAddress[] Addresses = [.. Enumerable.Range(1, 5).Select(i => new IPAddress([203, 0, 113, (byte)i]))];

    [Theory, EachDatabase]
    public async Task Ask_MoreThanMayWait_AreTurnedAwayUncountedAndTheOthersAnswered(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        // Not started: whoever asks waits, as they do while the database is slow.
        using var backIn = ActivatorUtilities.CreateInstance<BackIn>(service.Services);
        var waiting = new List<Task<BackIn.Asking>>();
        async Task FillAsync(IPAddress address)
        {
            for (var i = 0; i < BackIn.MaxOfAddress; i++) waiting.Add(backIn.AskAsync(Document(waiting.Count), address));
            // One address has only a part of the places. The same document each time: none of these counts as a try.
            for (var i = 0; i < 10; i++) Assert.IsType<BackIn.Asking.Busy>(await backIn.AskAsync(Document(5000), address));
        }

        await FillAsync(Addresses[0]);
        var others = Addresses[1..^1];
        foreach (var other in others) await FillAsync(other);
        Assert.Equal(BackIn.MaxWaiting, waiting.Count);
        Assert.IsType<BackIn.Asking.Busy>(await backIn.AskAsync(Document(5000), Addresses[^1]));
        Assert.DoesNotContain(waiting, w => w.IsCompleted);

        await backIn.StartAsync(TestContext.Current.CancellationToken);
        Assert.All(await Task.WhenAll(waiting), a => Assert.IsType<BackIn.Asking.Begun>(a));
        await backIn.Settled;
        // Every place was given back.
        Assert.IsType<BackIn.Asking.Begun>(await backIn.AskAsync(Document(5000), Addresses[0]));
        Assert.IsType<BackIn.Asking.Begun>(await backIn.AskAsync(Document(5001), Addresses[^1]));
        await backIn.StopAsync(TestContext.Current.CancellationToken);
    }

    static CodeClaim.ByDocument Document(int number) => new(new IdentityDocument("UZB", $"ZZ{number:D7}", new LocalDate(1990, 5, 17)));
}
