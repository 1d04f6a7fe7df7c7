using System.CommandLine;
using System.Net.Sockets;
using Manzil.Deadlines;
using Manzil.Demo;
using Manzil.Messages;
using Manzil.Register;

namespace Manzil;

/// <summary>manzil serve: the service itself.</summary>
public static class ServeCommand
{
    public static Command Create()
    {
        var demo = new Option<bool>("--demo") { Description = "Invented people in an invented region, on this machine only." };
        var urls = new Option<string?>("--urls") { Description = "Where to listen: http://localhost:8080.", HelpName = "URL" };
        var proxy = new Option<string?>("--trusted-proxy") { Description = "Address of the reverse proxy whose X-Forwarded-For is believed (used to slow guessing, never kept).", HelpName = "ADDRESS" };
        var messages = new Option<string?>("--messages") { Description = "File (mode 0600) that says through which servers e-mail and SMS leave.", HelpName = "FILE" };
        var insteadOf = new Option<string?>("--instead-of") { Description = "The address that this service had until now, where it moves to another --public-url for good.", HelpName = "URL" };
        var where = new ServiceOptions();
        var command = new Command("serve", "Serve the pages, the API and the log.");
        command.Options.Add(demo);
        command.Options.Add(urls);
        where.AddTo(command);
        command.Options.Add(insteadOf);
        command.Options.Add(proxy);
        command.Options.Add(messages);
        command.SetAction(async (parsed, cancellation) =>
        {
            var settings = where.Read(parsed, parsed.GetValue(demo), parsed.GetValue(urls)) with
            {
                TrustedProxy = parsed.GetValue(proxy),
                MayBegin = true,
                InsteadOf = parsed.GetValue(insteadOf) is { } before ? ServiceOptions.ReadUrl(before) : null,
            };
            Check(settings);
            if (parsed.GetValue(messages) is { } file)
            {
                if (settings.Demo) throw new CommandLineException("The demo sends nothing, and shows messages at /demo/messages: leave --messages out.");
                settings = settings with { Messaging = MessagingFile.Load(file) };
            }

            return await ServeAsync(settings, cancellation);
        });
        return command;
    }

    static void Check(ServiceSettings settings)
    {
        foreach (var text in settings.Urls.Split(';'))
        {
            if (!Uri.TryCreate(text.Replace("//*", "//0.0.0.0", StringComparison.Ordinal).Replace("//+", "//0.0.0.0", StringComparison.Ordinal), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
                throw new CommandLineException($"'{text}' is not a URL to listen on: write http://localhost:8080.");
            if (settings.Demo && !url.IsLoopback)
                throw new CommandLineException("The demo listens on this machine only: its people and codes are public. Write --urls http://localhost:PORT.");
        }

        if (settings.TrustedProxy is { } proxy && !System.Net.IPAddress.TryParse(proxy, out _))
            throw new CommandLineException($"'{proxy}' is not an address for --trusted-proxy.");
    }

    static async Task<int> ServeAsync(ServiceSettings settings, CancellationToken cancellation)
    {
        using var logging = LoggerFactory.Create(l => l.AddLines());
        var clock = settings.Demo ? new DemoClock(CommandLine.Clock, settings.DataFolder) : CommandLine.Clock;
        await using var core = await Core.OpenAsync(settings, logging, clock);
        await MovableClock.CheckAsync(core.Database, isMoved: settings.Demo);
        await using var app = WebHost.Build(core, clock);
        var said = settings.Demo
            ? await DemoPeople.PrepareAsync(core, clock, app.Services.GetRequiredService<DemoSignIn>())
            : $"Manzil serves {settings.Issuer} on {settings.Urls}.";
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException || e.Message.Contains("address already in use", StringComparison.OrdinalIgnoreCase))
        {
            throw new CommandLineException($"Something listens on {settings.Urls} already: stop it, or choose another with --urls http://localhost:PORT.", 1);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            throw new CommandLineException($"Cannot listen on {settings.Urls}: {e.Message.ReplaceLineEndings(" ")}", 1);
        }

        Console.WriteLine(said);
        // Not before people can be served: a node that never listened must not look ready.
        using var timers = app.Services.GetRequiredService<Timers>();
        using var sending = app.Services.GetRequiredService<SendingLoop>();
        await timers.StartAsync(cancellation);
        await sending.StartAsync(cancellation);
        await app.WaitForShutdownAsync(cancellation);
        await sending.StopAsync(CancellationToken.None);
        await timers.StopAsync(CancellationToken.None);
        return 0;
    }
}
