using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Manzil.Receipts;

/// <summary>A private P-256 key that signs by the ECDSA functions of OpenSSL 3's <c>libcrypto.so.3</c>, for many threads at
/// once. .NET's <see cref="ECDsa"/> looks the algorithm up anew for each signature, a fifth of its time
/// (docs/decisions/0009).</summary>
sealed partial class Es256Key : IDisposable
{
    const int NumberLength = StatementEncoding.SignatureLength / 2;

    // The order of P-256, and half of it rounded down (FIPS 186-5; SEC 2 section 2.4.2).
    static readonly byte[] Order = Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
    static readonly byte[] HalfOrder = Convert.FromHexString("7FFFFFFF800000007FFFFFFFFFFFFFFFDE737D56D38BCF4279DCE5617E3192A8");

    readonly KeyHandle handle;

    internal Es256Key(ECDsa ecdsa)
    {
        var der = ecdsa.ExportECPrivateKey();
        try
        {
            handle = OpenSsl.Call(der, Read);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    }

    /// <summary>Signs a digest of 32 bytes; the answer is r and s, 32 bytes each, with a low s.</summary>
    internal byte[] SignLow(ReadOnlySpan<byte> digest)
    {
        var signed = ECDSA_do_sign(digest, digest.Length, handle);
        if (signed == 0)
        {
            OpenSsl.ClearErrors();
            throw new CryptographicException("OpenSSL could not sign.");
        }
        var signature = new byte[StatementEncoding.SignatureLength];
        ECDSA_SIG_get0(signed, out var r, out var s);
        var isWhole = BN_bn2binpad(r, signature, NumberLength) > 0 && BN_bn2binpad(s, signature.AsSpan(NumberLength), NumberLength) > 0;
        ECDSA_SIG_free(signed);
        if (!isWhole)
        {
            throw new CryptographicException("OpenSSL made a signature that is not on P-256.");
        }
        if (!IsLow(signature.AsSpan(NumberLength)))
        {
            Negate(signature.AsSpan(NumberLength));
        }
        return signature;
    }

    internal static bool IsLow(ReadOnlySpan<byte> s) => s.SequenceCompareTo(HalfOrder) <= 0;

    static void Negate(Span<byte> s)
    {
        var borrow = 0;
        for (var i = NumberLength - 1; i >= 0; i--)
        {
            var difference = Order[i] - s[i] - borrow;
            borrow = difference < 0 ? 1 : 0;
            s[i] = (byte)difference;
        }
    }

    /// <summary>Gives the key back to OpenSSL, which wipes it.</summary>
    public void Dispose() => handle.Dispose();

    static unsafe KeyHandle Read(ReadOnlySpan<byte> der)
    {
        fixed (byte* start = der)
        {
            var position = start;
            var key = d2i_ECPrivateKey(0, &position, new CLong(der.Length));
            if (key.IsInvalid)
            {
                OpenSsl.ClearErrors();
                throw new CryptographicException("OpenSSL did not take the private key.");
            }
            return key;
        }
    }

    [LibraryImport(OpenSsl.Library)]
    private static unsafe partial KeyHandle d2i_ECPrivateKey(nint reuse, byte** der, CLong length);

    [LibraryImport(OpenSsl.Library)]
    private static partial void EC_KEY_free(nint key);

    [LibraryImport(OpenSsl.Library)]
    private static partial nint ECDSA_do_sign(ReadOnlySpan<byte> digest, int length, KeyHandle key);

    [LibraryImport(OpenSsl.Library)]
    private static partial void ECDSA_SIG_get0(nint signature, out nint r, out nint s);

    [LibraryImport(OpenSsl.Library)]
    private static partial void ECDSA_SIG_free(nint signature);

    [LibraryImport(OpenSsl.Library)]
    private static partial int BN_bn2binpad(nint number, Span<byte> destination, int length);

    sealed class KeyHandle() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            EC_KEY_free(handle);
            return true;
        }
    }
}
