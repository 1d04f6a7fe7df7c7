using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Manzil.Staff;

namespace Manzil.Demo;

/// <summary>One-time links that sign in as an officer of the demo, who has no phone for a passkey. They end with the process.</summary>
public sealed class DemoSignIn
{
    readonly ConcurrentDictionary<string, long> _links = new();

    public string Make(long staff)
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        _links[KeyOf(token)!] = staff;
        return token;
    }

    /// <returns>Whose link it is, once; null where it is nobody's, or not any more.</returns>
    public long? Take(string? token) => KeyOf(token) is { } key && _links.TryRemove(key, out var staff) ? staff : null;

    static string? KeyOf(string? token) => Officers.HashOf(token) is { } hash ? Convert.ToHexString(hash) : null;
}
