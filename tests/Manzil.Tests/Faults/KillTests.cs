using System.Security.Cryptography;
using Manzil.Tests.Databases;

namespace Manzil.Tests.Faults;

public class KillTests
{
    const int Rounds = 20, Connections = 32, People = 300;

    [Theory, EachDatabase]
    public async Task Kill_AtRandomMomentsUnderLoad_LosesNothingThatWasAcknowledged(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var people = await Population.CreateAsync(database.DataFolder, database.Argument, await database.OpenAsync(), People);
        var ledger = new Ledger();
        var all = new List<Sent>();
        var server = await ServerProcess.StartAsync(database.DataFolder, database.Argument);
        try
        {
            for (var round = 0; round < Rounds; round++)
            {
                var load = new Load();
                var running = load.RunAsync(server.Client, people, Connections, CancellationToken.None);
                await load.HasAcknowledgedAsync(1);
                await Task.Delay(RandomNumberGenerator.GetInt32(100, 600), TestContext.Current.CancellationToken);
                await server.KillAsync();
                await running;
                await server.DisposeAsync();

                server = await ServerProcess.StartAsync(database.DataFolder, database.Argument);
                await ledger.AuditAsync(server);
                await Load.RepeatAsync(server, load.Sent);
                all.AddRange(load.Sent);
            }

            Assert.Equal(all.Count, await ledger.AuditAsync(server));
            await Ledger.CheckAsync(server, all, otherEntries: 0);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task Kill_OneOfTwoNodes_LosesNothingAndBothGoOn()
    {
        const int rounds = 10, each = 10;
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        var people = await Population.CreateAsync(database.DataFolder, database.Argument, await database.OpenAsync(), People);
        var folder = Directory.CreateTempSubdirectory("manzil-test-").FullName;
        Keys.Copy(database.DataFolder, folder);
        var ledger = new Ledger();
        var all = new List<Sent>();
        await using var lasting = await ServerProcess.StartAsync(database.DataFolder, database.Argument);
        var killed = await ServerProcess.StartAsync(folder, database.Argument);
        try
        {
            for (var round = 0; round < rounds; round++)
            {
                using var stop = new CancellationTokenSource();
                var (one, other) = (new Load(), new Load());
                var running = Task.WhenAll(
                    one.RunAsync(lasting.Client, people, Connections / 2, stop.Token), other.RunAsync(killed.Client, people, Connections / 2, stop.Token));
                // Neither starves while both live.
                await Task.WhenAll(one.HasAcknowledgedAsync(each), other.HasAcknowledgedAsync(each));
                await Task.Delay(RandomNumberGenerator.GetInt32(50, 400), TestContext.Current.CancellationToken);
                await killed.KillAsync();
                // And the one that is left goes on.
                await one.HasAcknowledgedAsync(one.Acknowledged + each);
                await stop.CancelAsync();
                await running;
                await killed.DisposeAsync();

                await ledger.AuditAsync(lasting);
                killed = await ServerProcess.StartAsync(folder, database.Argument);
                await Load.RepeatAsync(round % 2 == 0 ? lasting : killed, other.Sent);
                await Load.RepeatAsync(round % 2 == 0 ? killed : lasting, one.Sent);
                all.AddRange(one.Sent);
                all.AddRange(other.Sent);
            }

            Assert.Equal(all.Count, await ledger.AuditAsync(lasting));
            await Ledger.CheckAsync(killed, all, otherEntries: 0);
        }
        finally
        {
            await killed.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }
}
