using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Manzil.Access;
using NodaTime;

namespace Manzil.SignIn;

/// <summary>
/// Tries to get in, counted as failed before anything is looked at, so that a thousand at once are no more than a thousand in turn:
/// by what was typed (a card, a document) and by address, with delays that grow to 15 minutes and no further. An address over its
/// number shuts nobody out: there a wrong try is told to wait, and a right one for a card that has tries left gets in
/// (docs/decisions/0039-guessing.md). Kept in memory under a key made at start: client addresses are written nowhere, and an unknown
/// card is counted like a known one.
/// </summary>
public sealed class Attempts(IClock clock, ILoggerFactory? logging = null)
{
    public const int FreeByName = 3, FreeByAddress = 30;

    static readonly Duration Longest = Duration.FromMinutes(15);
    static readonly Duration Forgotten = Duration.FromHours(1);

    // 30 within an hour is what many people behind one address mistype.
    static readonly Duration AddressForgetsOne = Duration.FromMinutes(2);

    // As many as delay for 15 minutes: whoever stops is forgotten as fast after a million.
    const int MostOfAddress = FreeByAddress + 10, MostOfName = 100;
    const int MaxKept = 100_000;

    readonly ILogger? _events = logging?.CreateLogger(SecurityEvents.Category);
    readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    readonly Lock _gate = new();
    readonly Dictionary<UInt128, Entry> _names = [], _addresses = [];

    /// <summary>Counts a try as failed, unless it must wait: then it is neither counted nor to be looked at.</summary>
    /// <param name="name">What is guessed at, and in which way: "card:FC1000017". Null where nothing but the code is typed.</param>
    /// <param name="way">The way in; what of <paramref name="name"/> may be logged.</param>
    /// <param name="address">Null where somebody is signed in: others behind the same address must not hold them up.</param>
    public Try Begin(string way, string? name, IPAddress? address)
    {
        var now = clock.GetCurrentInstant();
        lock (_gate)
        {
            Trim(_names, now);
            Trim(_addresses, now);
            var (byName, byAddress) = (default(UInt128?), default(UInt128?));
            var known = new Entry(0, now, now);
            if (name is not null)
            {
                byName = Key($"name:{way}:{name}");
                if (_names.TryGetValue(byName.Value, out var kept) && now - kept.Last <= Forgotten) known = kept;
            }

            var from = new Entry(0, now, now);
            if (address is not null)
            {
                byAddress = Key("address:" + NetworkOf(address));
                if (_addresses.TryGetValue(byAddress.Value, out var kept)) from = kept with { Failures = Math.Max(0, kept.Failures - ((now - kept.Last) / AddressForgetsOne)) };
            }

            // Whoever used up a card's tries at such an address waits as long as the address.
            var until = known.Failures >= FreeByName ? Instant.Max(known.NotBefore, from.NotBefore) : known.NotBefore;
            if (until > now)
            {
                SecurityEvents.ToldToWait(_events, way);
                return new Try(this, way, byName, byAddress) { MustWait = SignInResult.Wait.For(until - now) };
            }

            if (byName is { } n) _names[n] = Counted(known, FreeByName - 1, MostOfName, now);
            var crowded = Duration.Zero;
            if (byAddress is { } a) crowded = (_addresses[a] = Counted(from, FreeByAddress, MostOfAddress, now)).NotBefore - now;
            return new Try(this, way, byName, byAddress) { HasFailed = known.Failures > 0, Crowded = crowded };
        }
    }

    /// <summary>Whoever got in by <paramref name="name"/> need not wait there.</summary>
    public void Forget(string way, string name)
    {
        lock (_gate) _names.Remove(Key($"name:{way}:{name}"));
    }

    /// <summary>An address and its neighbours: who has one IPv6 address has the 2^64 around it.</summary>
    public static string NetworkOf(IPAddress address) => Convert.ToHexString(
        address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false } ? address.GetAddressBytes()[..8] : address.MapToIPv4().GetAddressBytes());

    static Entry Counted(Entry entry, int free, int most, Instant now)
    {
        var failures = Math.Min(entry.Failures + 1, most);
        var delay = failures <= free ? Duration.Zero : Duration.Min(Longest, Duration.FromSeconds(1L << (int)Math.Min(failures - free, 20)));
        return new Entry(failures, now, now + delay);
    }

    /// <summary>Makes room: first goes what delays nobody, and of that the oldest.</summary>
    static void Trim(Dictionary<UInt128, Entry> kept, Instant now)
    {
        if (kept.Count < MaxKept) return;
        foreach (var key in kept.OrderBy(e => e.Value.NotBefore > now).ThenBy(e => e.Value.Last).Take(kept.Count / 2).Select(e => e.Key).ToList()) kept.Remove(key);
    }

    UInt128 Key(string text) => MemoryMarshal.Read<UInt128>(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text)));

    void TakeBack(Dictionary<UInt128, Entry> kept, UInt128? key, int free)
    {
        if (key is not { } k || !kept.TryGetValue(k, out var entry)) return;
        var failures = Math.Max(0, entry.Failures - 1);
        kept[k] = entry with { Failures = failures, NotBefore = failures <= free ? entry.Last : entry.NotBefore };
    }

    readonly record struct Entry(double Failures, Instant Last, Instant NotBefore);

    /// <summary>One try. Where it ends neither as succeeded nor as failed (the database is gone, there is no place), it was none.</summary>
    public sealed class Try(Attempts attempts, string way, UInt128? byName, UInt128? byAddress) : IDisposable
    {
        bool _ended;

        /// <summary>Null where it may be looked at.</summary>
        public SignInResult.Wait? MustWait
        {
            get;
            init
            {
                field = value;
                _ended = true;
            }
        }

        /// <summary>Whether something wrong was typed for the same name lately.</summary>
        public bool HasFailed { get; init; }

        internal Duration Crowded { get; init; }

        public void Succeeded()
        {
            _ended = true;
            lock (attempts._gate)
            {
                if (byName is { } name) attempts._names.Remove(name);
                attempts.TakeBack(attempts._addresses, byAddress, FreeByAddress);
            }
        }

        /// <returns>What to answer.</returns>
        public SignInResult Failed()
        {
            _ended = true;
            if (Crowded <= Duration.Zero)
            {
                SecurityEvents.CodeFailed(attempts._events, way);
                return new SignInResult.Wrong();
            }

            SecurityEvents.ToldToWait(attempts._events, way);
            return SignInResult.Wait.For(Crowded) with { IsCrowded = true };
        }

        public void Dispose()
        {
            if (_ended) return;
            _ended = true;
            lock (attempts._gate)
            {
                attempts.TakeBack(attempts._names, byName, FreeByName - 1);
                attempts.TakeBack(attempts._addresses, byAddress, FreeByAddress);
            }
        }
    }
}
