using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Manzil.Receipts;

/// <summary>SHA-256 (FIPS 180-4) of short texts by the low-level functions of OpenSSL 3's <c>libcrypto.so.3</c>: .NET's
/// <see cref="SHA256"/> prepares a context for each, which takes several times as long as hashing a statement
/// (docs/decisions/0016). Where the library is not there, or the input is long, .NET hashes.</summary>
public static partial class Sha256
{
    // SHA256_CTX: eight words of state, the length in two, sixteen of the block, two counters.
    const int ContextLength = (8 + 2 + 16 + 2) * sizeof(uint);

    // The runtime's garbage collector waits for a call that does not step out of managed code: microseconds at most.
    const int LongestShort = 4096;

    static readonly bool IsThere = NativeLibrary.TryLoad(OpenSsl.Library, out _);

    /// <summary>Hashes bytes.</summary>
    /// <param name="input">The bytes.</param>
    /// <returns>32 bytes, a new array.</returns>
    public static byte[] Hash(ReadOnlySpan<byte> input)
    {
        var hash = new byte[SHA256.HashSizeInBytes];
        Hash(input, hash);
        return hash;
    }

    /// <summary>Hashes bytes.</summary>
    /// <param name="input">The bytes.</param>
    /// <param name="destination">Where the 32 bytes go.</param>
    /// <exception cref="ArgumentException">The destination is shorter than 32 bytes.</exception>
    public static unsafe void Hash(ReadOnlySpan<byte> input, Span<byte> destination)
    {
        if (!IsThere || input.Length > LongestShort || destination.Length < SHA256.HashSizeInBytes)
        {
            SHA256.HashData(input, destination);
            return;
        }
        var context = stackalloc byte[ContextLength];
        fixed (byte* from = input, to = destination)
        {
            if ((SHA256_Init(context) & SHA256_Update(context, from, (nuint)input.Length) & SHA256_Final(to, context)) != 1)
            {
                throw new CryptographicException("OpenSSL could not hash.");
            }
        }
    }

    [LibraryImport(OpenSsl.Library)]
    [SuppressGCTransition]
    private static unsafe partial int SHA256_Init(byte* context);

    [LibraryImport(OpenSsl.Library)]
    [SuppressGCTransition]
    private static unsafe partial int SHA256_Update(byte* context, byte* data, nuint length);

    [LibraryImport(OpenSsl.Library)]
    [SuppressGCTransition]
    private static unsafe partial int SHA256_Final(byte* destination, byte* context);
}
