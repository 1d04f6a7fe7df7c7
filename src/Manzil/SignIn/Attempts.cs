using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Manzil.Access;
using NodaTime;

namespace Manzil.SignIn;

/// <summary>
/// Failed sign-ins by what was typed (a card, a document) and by address, with delays that grow to 15 minutes and no
/// further. Kept in memory under a key made at start: client addresses are written nowhere, and an unknown card is counted
/// like a known one.
/// </summary>
public sealed class Attempts(IClock clock, ILoggerFactory? logging = null)
{
    static readonly Duration Longest = Duration.FromMinutes(15);
    static readonly Duration Forgotten = Duration.FromHours(1);
    const int FreeByName = 3, FreeByAddress = 30;
    const int MaxKept = 100_000;

    readonly ILogger? _events = logging?.CreateLogger(SecurityEvents.Category);
    readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    readonly ConcurrentDictionary<UInt128, Entry> _entries = new();

    /// <summary>How long this name or address must wait; zero where it need not.</summary>
    /// <param name="name">What is guessed at, and in which way: "card:FC1000017".</param>
    /// <param name="address">Null where somebody is signed in: others behind the same address must not hold them up.</param>
    public Duration Wait(string name, IPAddress? address)
    {
        var now = clock.GetCurrentInstant();
        var wait = Duration.Max(Wait(NameKey(name), now), address is null ? Duration.Zero : Wait(AddressKey(address), now));
        if (wait > Duration.Zero) SecurityEvents.ToldToWait(_events, name);
        return wait;
    }

    public void Failed(string name, IPAddress? address)
    {
        SecurityEvents.CodeFailed(_events, name);
        var now = clock.GetCurrentInstant();
        if (_entries.Count > MaxKept)
        {
            foreach (var (key, entry) in _entries)
            {
                if (now - entry.Last > Forgotten) _entries.TryRemove(key, out _);
            }
        }

        Count(NameKey(name), FreeByName, now);
        if (address is not null) Count(AddressKey(address), FreeByAddress, now);
    }

    public void Succeeded(string name, IPAddress? address)
    {
        _entries.TryRemove(NameKey(name), out _);
        if (address is null) return;
        // One who gets in does not clear the address of another's guessing, but halves it: many people share one.
        var key = AddressKey(address);
        if (_entries.TryGetValue(key, out var entry)) _entries[key] = entry with { Failures = entry.Failures / 2, NotBefore = entry.Last };
    }

    void Count(UInt128 key, int free, Instant now) =>
        _entries.AddOrUpdate(
            key,
            _ => new Entry(1, now, now),
            (_, e) =>
            {
                var failures = now - e.Last > Forgotten ? 1 : Math.Min(e.Failures + 1, 1000);
                var delay = failures <= free ? Duration.Zero : Duration.Min(Longest, Duration.FromSeconds(1L << Math.Min(failures - free, 20)));
                return new Entry(failures, now, now + delay);
            });

    Duration Wait(UInt128 key, Instant now) =>
        _entries.TryGetValue(key, out var entry) && entry.NotBefore > now ? entry.NotBefore - now : Duration.Zero;

    UInt128 NameKey(string name) => Key("name:" + name);

    // Who has one IPv6 address has the 2^64 around it.
    UInt128 AddressKey(IPAddress address) => Key("address:" + Convert.ToHexString(
        address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false } ? address.GetAddressBytes()[..8] : address.MapToIPv4().GetAddressBytes()));

    UInt128 Key(string text) => System.Runtime.InteropServices.MemoryMarshal.Read<UInt128>(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text)));

    sealed record Entry(int Failures, Instant Last, Instant NotBefore);
}
