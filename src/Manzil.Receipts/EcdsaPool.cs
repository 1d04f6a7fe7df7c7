using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Manzil.Receipts;

/// <summary>One public P-256 key for many threads. An <see cref="ECDsa"/> is not promised to be safe for use by several threads at
/// once, and importing a key costs time: so instances are kept and lent.</summary>
sealed class EcdsaPool(ECParameters key)
{
    readonly ConcurrentBag<ECDsa> idle = [];

    internal bool Verify(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        var ecdsa = Take();
        var holds = ecdsa.VerifyHash(digest, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        idle.Add(ecdsa);
        return holds;
    }

    ECDsa Take() => idle.TryTake(out var ecdsa) ? ecdsa : ECDsa.Create(key);
}
