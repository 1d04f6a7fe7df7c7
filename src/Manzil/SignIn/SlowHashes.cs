using System.Security.Cryptography;

namespace Manzil.SignIn;

/// <summary>The slow hashes of codes, on at most half the cores: who guesses by the thousand slows signing in, and not the notices.</summary>
public sealed class SlowHashes
{
    readonly SemaphoreSlim _places = new(Math.Max(1, Environment.ProcessorCount / 2));
    long _made;

    /// <summary>How many were made: right and wrong guesses must take the same number.</summary>
    public long Made => Interlocked.Read(ref _made);

    public async Task<byte[]> OfAsync(string code, byte[] salt)
    {
        await _places.WaitAsync();
        try
        {
            Interlocked.Increment(ref _made);
            return await Task.Run(() => SecretCode.Hash(code, salt));
        }
        finally
        {
            _places.Release();
        }
    }

    public async Task<(byte[] Salt, byte[] Hash)> KeepAsync(string code)
    {
        var salt = RandomNumberGenerator.GetBytes(SecretCode.SaltLength);
        return (salt, await OfAsync(code, salt));
    }

    public async Task<bool> MatchesAsync(string typed, byte[] salt, byte[] hash) =>
        CryptographicOperations.FixedTimeEquals(await OfAsync(typed, salt), hash);
}
