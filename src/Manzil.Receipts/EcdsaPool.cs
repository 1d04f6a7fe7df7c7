using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Manzil.Receipts;

/// <summary>One P-256 key for many threads. An <see cref="ECDsa"/> is not promised to be safe for use by several threads at
/// once, and importing a key costs more than a signature: so instances are kept and lent.</summary>
sealed class EcdsaPool(ECParameters key) : IDisposable
{
    // Half the order of P-256, rounded down (FIPS 186-5; SEC 2 section 2.4.2).
    static readonly byte[] Order = Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
    static readonly byte[] HalfOrder = Convert.FromHexString("7FFFFFFF800000007FFFFFFFFFFFFFFFDE737D56D38BCF4279DCE5617E3192A8");

    readonly ConcurrentBag<ECDsa> idle = [];

    internal byte[] SignLow(ReadOnlySpan<byte> digest)
    {
        var ecdsa = Take();
        var signature = ecdsa.SignHash(digest, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        idle.Add(ecdsa);
        var s = signature.AsSpan(32);
        if (!IsLow(s))
        {
            Negate(s);
        }
        return signature;
    }

    internal bool Verify(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        var ecdsa = Take();
        var holds = ecdsa.VerifyHash(digest, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        idle.Add(ecdsa);
        return holds;
    }

    internal static bool IsLow(ReadOnlySpan<byte> s) => s.SequenceCompareTo(HalfOrder) <= 0;

    internal static void Negate(Span<byte> s)
    {
        var borrow = 0;
        for (var i = 31; i >= 0; i--)
        {
            var difference = Order[i] - s[i] - borrow;
            borrow = difference < 0 ? 1 : 0;
            s[i] = (byte)difference;
        }
    }

    public void Dispose()
    {
        while (idle.TryTake(out var ecdsa))
        {
            ecdsa.Dispose();
        }
    }

    ECDsa Take() => idle.TryTake(out var ecdsa) ? ecdsa : ECDsa.Create(key);
}
