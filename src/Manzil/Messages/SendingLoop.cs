using Manzil.Deadlines;
using Manzil.Register;
using NodaTime;

namespace Manzil.Messages;

/// <summary>Sends what waits, on every node. Only a shell: each kind of channel has a loop of its own, so that one that hangs holds up no other.</summary>
public sealed class SendingLoop(Sending sending, IClock clock, ILogger<SendingLoop> logger) : BackgroundService, ITimed
{
    public IReadOnlyList<TimedStep> Steps => [new("send", sending.RunAsync)];

    static readonly TimeSpan Between = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromSeconds(5);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var kind in sending.MissingKinds) LogEvents.ChannelMissing(logger, LogWord.Of(Sending.Word(kind)));
        return base.StartAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(sending.Channels.Select(c => Task.Run(() => LoopAsync(c, stoppingToken), CancellationToken.None)));

    async Task LoopAsync(SendMessages channel, CancellationToken stop)
    {
        // What is under way is given a moment to end by itself.
        using var hurry = new CancellationTokenSource();
        string? trouble = null;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await channel.FillAsync(clock.GetCurrentInstant(), hurry.Token);
                trouble = null;
            }
            catch (Exception e) when (Database.IsUnavailable(e))
            {
                if (trouble is null) LogEvents.SendingWaits(logger, LogCause.Of(e));
                trouble = e.Message;
            }
            catch (Exception e)
            {
                if (trouble is null) LogEvents.SendingFailed(logger, LogCause.Of(e, place: true));
                trouble = e.Message;
            }

            using var pause = CancellationTokenSource.CreateLinkedTokenSource(stop);
            // After trouble, and when nothing is under way, a moment; else as soon as there is room again.
            await Task.WhenAny(Task.Delay(Between, pause.Token), trouble is null ? channel.AnyEndsAsync() : Task.Delay(Between, pause.Token));
            await pause.CancelAsync();
        }

        hurry.CancelAfter(Patience);
        await channel.AllEndAsync();
    }
}
