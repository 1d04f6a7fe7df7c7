using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.HttpOverrides;

namespace Manzil.Access;

/// <summary>
/// The one proxy whose X-Forwarded-For is believed, and of it the last entry, which the proxy wrote itself. Where requests come through
/// a proxy that is not named, all visitors share its address while guesses are counted: that is said, once in the log and in /health/ready.
/// </summary>
public sealed class TrustedProxy(string? named, ILoggerFactory logging)
{
    const string Header = "X-Forwarded-For";

    public const string NotNamed =
        "Requests come through a proxy that --trusted-proxy does not name, so all visitors count as one address while wrong codes are slowed: name its address.";

    readonly IReadOnlyList<IPAddress> _known = named is null ? [] : AddressesOf(IPAddress.Parse(named));
    readonly ILogger _log = logging.CreateLogger<TrustedProxy>();
    int _wasPassedBy;

    public bool IsNamed => _known.Count > 0;

    /// <summary>Null while nothing is wrong.</summary>
    public string? Warning => Volatile.Read(ref _wasPassedBy) == 0 ? null : NotNamed;

    internal void Configure(ForwardedHeadersOptions options)
    {
        options.ForwardedHeaders = ForwardedHeaders.XForwardedFor;
        options.ForwardLimit = 1;
        // What ASP.NET Core would trust by itself is not what the operator named.
        options.KnownIPNetworks.Clear();
        options.KnownProxies.Clear();
        foreach (var address in _known) options.KnownProxies.Add(address);
    }

    /// <summary>Before the header is believed, and so with the address of whoever really sent the request.</summary>
    internal void Note(HttpContext http)
    {
        if (Volatile.Read(ref _wasPassedBy) != 0 || !http.Request.Headers.ContainsKey(Header)) return;
        // Anybody can send the header; from the machine itself or its own network it is a proxy's.
        if (http.Connection.RemoteIpAddress is not { } from || _known.Contains(Plain(from)) || !IsNear(Plain(from))) return;
        if (Interlocked.Exchange(ref _wasPassedBy, 1) == 0) LogEvents.ProxyNotNamed(_log);
    }

    static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    // A proxy on this machine comes by either of its two addresses.
    static IReadOnlyList<IPAddress> AddressesOf(IPAddress address) =>
        address.Equals(IPAddress.Loopback) || address.Equals(IPAddress.IPv6Loopback) ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [Plain(address)];

    static bool IsNear(IPAddress address)
    {
        if (IPAddress.IsLoopback(address)) return true;
        if (address.AddressFamily == AddressFamily.InterNetworkV6) return address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal;
        return address.GetAddressBytes() is [10, ..] or [172, >= 16 and < 32, ..] or [192, 168, ..] or [100, >= 64 and < 128, ..] or [169, 254, ..];
    }
}

public static class TrustedProxySetup
{
    public static void AddTrustedProxy(this IServiceCollection services, string? named)
    {
        services.AddSingleton(s => new TrustedProxy(named, s.GetRequiredService<ILoggerFactory>()));
        services.AddOptions<ForwardedHeadersOptions>().Configure<TrustedProxy>((options, proxy) => proxy.Configure(options));
    }

    public static void UseTrustedProxy(this WebApplication app)
    {
        var proxy = app.Services.GetRequiredService<TrustedProxy>();
        app.Use((http, next) =>
        {
            proxy.Note(http);
            return next(http);
        });
        // Without a known proxy the middleware would believe everybody.
        if (proxy.IsNamed) app.UseForwardedHeaders();
    }
}
