using Manzil.Register;

namespace Manzil.Access;

/// <summary>
/// In whose session this request asks, by SHA-256 of its token. Every act that is handed in within it names that session, whatever page
/// or door makes it, and is not done where the session has ended by then (<see cref="Act.AskedIn"/>).
/// </summary>
public sealed record AskedIn(byte[] TokenHash)
{
    /// <summary>Call wherever a session is believed; the last one is who asks.</summary>
    public static void Note(HttpContext http, byte[]? tokenHash) => http.Features.Set(tokenHash is null ? null : new AskedIn(tokenHash));

    /// <summary>Lets the writer know it for each act.</summary>
    public static void Tell(BatchWriter writer, IHttpContextAccessor requests) => writer.AskedIn = () => requests.HttpContext?.Features.Get<AskedIn>()?.TokenHash;
}
