using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Manzil.Receipts;

/// <summary>
/// Ed25519 signatures (RFC 8032 §5.1), which .NET 10 does not have, by OpenSSL 3's <c>libcrypto.so.3</c>. Safe to
/// use from several threads.
/// </summary>
public static partial class Ed25519
{
    /// <summary>The length of a private key's seed: 32 bytes.</summary>
    public const int SeedLength = 32;

    /// <summary>The length of a public key: 32 bytes.</summary>
    public const int PublicKeyLength = 32;

    /// <summary>The length of a signature: 64 bytes.</summary>
    public const int SignatureLength = 64;

    const int KeyType = 1087; // NID_ED25519

    /// <summary>Makes a key that signs; dispose of it after use.</summary>
    /// <param name="seed">The private key's 32 bytes (RFC 8032 §5.1.5).</param>
    /// <returns>The key, kept ready by OpenSSL.</returns>
    /// <exception cref="ArgumentException">The seed is not 32 bytes long.</exception>
    /// <exception cref="PlatformNotSupportedException">OpenSSL 3 is not installed.</exception>
    public static Ed25519Key PrivateKey(ReadOnlySpan<byte> seed)
    {
        if (seed.Length != SeedLength)
        {
            throw new ArgumentException("An Ed25519 private key is 32 bytes long.", nameof(seed));
        }

        var key = OpenSsl.Call(seed, static bytes => EVP_PKEY_new_raw_private_key(KeyType, 0, bytes, (nuint)bytes.Length));
        return key.IsInvalid ? throw new CryptographicException("OpenSSL did not take the Ed25519 private key.") : new(key);
    }

    /// <summary>Makes a key that only verifies; dispose of it after use.</summary>
    /// <param name="publicKey">The public key's 32 bytes (RFC 8032 §5.1.5).</param>
    /// <returns>The key, kept ready by OpenSSL.</returns>
    /// <exception cref="ArgumentException">The key is not 32 bytes long.</exception>
    /// <exception cref="PlatformNotSupportedException">OpenSSL 3 is not installed.</exception>
    public static Ed25519Key PublicKey(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != PublicKeyLength)
        {
            throw new ArgumentException("An Ed25519 public key is 32 bytes long.", nameof(publicKey));
        }

        var key = OpenSsl.Call(publicKey, static bytes => EVP_PKEY_new_raw_public_key(KeyType, 0, bytes, (nuint)bytes.Length));
        return key.IsInvalid ? throw new CryptographicException("OpenSSL did not take the Ed25519 public key.") : new(key);
    }

    /// <summary>Checks a signature (RFC 8032 §5.1.7).</summary>
    /// <param name="publicKey">The public key's 32 bytes.</param>
    /// <param name="message">What was signed.</param>
    /// <param name="signature">The signature, 64 bytes.</param>
    /// <returns>True only for a good signature; false also where a length is wrong.</returns>
    /// <exception cref="PlatformNotSupportedException">OpenSSL 3 is not installed.</exception>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != PublicKeyLength)
        {
            return false;
        }

        using var key = PublicKey(publicKey);
        return key.Verify(message, signature);
    }

    internal static void ReadPublicKey(KeyHandle key, Span<byte> destination)
    {
        var length = (nuint)destination.Length;
        Require(EVP_PKEY_get_raw_public_key(key, destination, ref length));
    }

    internal static void Sign(KeyHandle key, ReadOnlySpan<byte> message, Span<byte> destination)
    {
        using var context = EVP_MD_CTX_new();
        var length = (nuint)destination.Length;
        Require(EVP_DigestSignInit(context, 0, 0, 0, key));
        Require(EVP_DigestSign(context, destination, ref length, message, (nuint)message.Length));
    }

    internal static bool Verify(KeyHandle key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        using var context = EVP_MD_CTX_new();
        Require(EVP_DigestVerifyInit(context, 0, 0, 0, key));
        var verified = EVP_DigestVerify(context, signature, (nuint)signature.Length, message, (nuint)message.Length) == 1;
        if (!verified)
        {
            // A refusal stays in this thread's error queue, where .NET's own use of OpenSSL would find it.
            OpenSsl.ClearErrors();
        }

        return verified;
    }

    static void Require(int result)
    {
        if (result != 1)
        {
            OpenSsl.ClearErrors();
            throw new CryptographicException("OpenSSL could not do an Ed25519 operation.");
        }
    }

    [LibraryImport(OpenSsl.Library)]
    private static partial KeyHandle EVP_PKEY_new_raw_private_key(int type, nint engine, ReadOnlySpan<byte> key, nuint length);

    [LibraryImport(OpenSsl.Library)]
    private static partial KeyHandle EVP_PKEY_new_raw_public_key(int type, nint engine, ReadOnlySpan<byte> key, nuint length);

    [LibraryImport(OpenSsl.Library)]
    private static partial int EVP_PKEY_get_raw_public_key(KeyHandle key, Span<byte> destination, ref nuint length);

    [LibraryImport(OpenSsl.Library)]
    private static partial void EVP_PKEY_free(nint key);

    [LibraryImport(OpenSsl.Library)]
    private static partial ContextHandle EVP_MD_CTX_new();

    [LibraryImport(OpenSsl.Library)]
    private static partial void EVP_MD_CTX_free(nint context);

    [LibraryImport(OpenSsl.Library)]
    private static partial int EVP_DigestSignInit(ContextHandle context, nint keyContext, nint digest, nint engine, KeyHandle key);

    [LibraryImport(OpenSsl.Library)]
    private static partial int EVP_DigestSign(
        ContextHandle context, Span<byte> signature, ref nuint signatureLength, ReadOnlySpan<byte> message, nuint length);

    [LibraryImport(OpenSsl.Library)]
    private static partial int EVP_DigestVerifyInit(ContextHandle context, nint keyContext, nint digest, nint engine, KeyHandle key);

    [LibraryImport(OpenSsl.Library)]
    private static partial int EVP_DigestVerify(
        ContextHandle context, ReadOnlySpan<byte> signature, nuint signatureLength, ReadOnlySpan<byte> message, nuint length);

    internal sealed class KeyHandle() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            EVP_PKEY_free(handle);
            return true;
        }
    }

    internal sealed class ContextHandle() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            EVP_MD_CTX_free(handle);
            return true;
        }
    }
}

/// <summary>An Ed25519 key kept ready by OpenSSL. Safe to use from several threads until it is disposed of.</summary>
public sealed class Ed25519Key : IDisposable
{
    readonly Ed25519.KeyHandle _handle;

    internal Ed25519Key(Ed25519.KeyHandle handle) => _handle = handle;

    /// <summary>Reads the public half of the key.</summary>
    /// <returns>32 bytes (RFC 8032 §5.1.5).</returns>
    public byte[] PublicKey()
    {
        var key = new byte[Ed25519.PublicKeyLength];
        Ed25519.ReadPublicKey(_handle, key);
        return key;
    }

    /// <summary>Signs a message (RFC 8032 §5.1.6).</summary>
    /// <param name="message">What to sign.</param>
    /// <returns>64 bytes, always the same for the same message.</returns>
    /// <exception cref="CryptographicException">The key is only a public key.</exception>
    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        var signature = new byte[Ed25519.SignatureLength];
        Ed25519.Sign(_handle, message, signature);
        return signature;
    }

    /// <summary>Checks a signature (RFC 8032 §5.1.7).</summary>
    /// <param name="message">What was signed.</param>
    /// <param name="signature">The signature, 64 bytes.</param>
    /// <returns>True only for a good signature; false also where its length is wrong.</returns>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        signature.Length == Ed25519.SignatureLength && Ed25519.Verify(_handle, message, signature);

    /// <summary>Gives the key back to OpenSSL, which wipes it.</summary>
    public void Dispose() => _handle.Dispose();
}
