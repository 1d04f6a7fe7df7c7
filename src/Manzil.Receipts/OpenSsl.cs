using System.Runtime.InteropServices;

namespace Manzil.Receipts;

/// <summary>What the two kinds of keys share of OpenSSL 3's <c>libcrypto.so.3</c>.</summary>
static partial class OpenSsl
{
    internal const string Library = "libcrypto.so.3";

    /// <summary>Calls into the library, and says in words where it is not there.</summary>
    /// <exception cref="PlatformNotSupportedException">OpenSSL 3 is not installed.</exception>
    internal static T Call<T>(ReadOnlySpan<byte> input, Func<ReadOnlySpan<byte>, T> function)
    {
        try
        {
            return function(input);
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
            throw new PlatformNotSupportedException($"Signatures need OpenSSL 3, whose library {Library} was not found on this machine.", error);
        }
    }

    /// <summary>Forgets the calling thread's errors, or the next caller would find them.</summary>
    internal static void ClearErrors() => ERR_clear_error();

    [LibraryImport(Library)]
    private static partial void ERR_clear_error();
}
