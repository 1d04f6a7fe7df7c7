using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Manzil.Outgoing;

/// <summary>
/// The one way out of the process (privacy.md, 8): every connection that the program opens is opened here, to the one destination that
/// the gate was made for, whatever a redirect, an environment or a caller says. WaysOutTests lists who may hold a gate, and that nobody
/// else names a socket. The database's own connection is opened by its driver, in Register/Database.
/// </summary>
public sealed class OutgoingGate(Destination destination)
{
    public Destination Destination => destination;

    /// <exception cref="SocketException">It cannot be reached, or its name is not known.</exception>
    public async Task<Stream> ConnectAsync(CancellationToken cancellation) => await ConnectAsync(destination.Host, destination.Port, cancellation);

    static async Task<Stream> ConnectAsync(string host, int port, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(host, port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>HTTP to the gate's destination and nowhere else: no redirect is followed, no cookie kept, no trace of a request passed on.</summary>
    /// <param name="timeout">Infinite where somebody else sees to the time.</param>
    /// <param name="maxBytes">The longest answer that is taken.</param>
    public HttpClient Http(TimeSpan timeout, long maxBytes) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        // Commands that people run may be behind a proxy of theirs; the service sends to whom its operator named.
        UseProxy = IsOfACommand,
        ActivityHeadersPropagator = null,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ResponseDrainTimeout = TimeSpan.FromSeconds(1),
        ConnectCallback = async (context, cancellation) => Leads(context.DnsEndPoint)
            ? await ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellation)
            : throw new HttpRequestException(HttpRequestError.ConnectionError, $"The gate for {destination.Purpose} does not lead there."),
        // A certificate must not make the program ask third parties about it.
        SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck } },
    })
    {
        BaseAddress = destination.Url,
        Timeout = timeout,
        MaxResponseContentBufferSize = maxBytes,
    };

    bool IsOfACommand => destination.Purpose is Purpose.LogAudit or Purpose.PublicKeys;

    bool Leads(DnsEndPoint to) => Is(to, destination.Url) || (IsOfACommand && HttpClient.DefaultProxy.GetProxy(destination.Url) is { } proxy && Is(to, proxy));

    static bool Is(DnsEndPoint to, Uri url) => to.Port == url.Port && string.Equals(to.Host, url.IdnHost.Trim('[', ']'), StringComparison.OrdinalIgnoreCase);
}
