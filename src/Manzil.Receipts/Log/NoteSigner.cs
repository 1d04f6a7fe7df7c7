using System.Globalization;
using System.Security.Cryptography;

namespace Manzil.Receipts;

/// <summary>
/// Signs notes with an Ed25519 key (C2SP signed-note, signature type 1), above all the log's checkpoints. Safe to use
/// from several threads. Keep <see cref="Encoded"/> in a file of mode 0600.
/// </summary>
public sealed class NoteSigner : IDisposable
{
    const string Prefix = "PRIVATE+KEY+";

    readonly byte[] _seed;
    readonly byte[] _publicKey;
    readonly Ed25519Key _key;

    NoteSigner(string name, byte[] seed)
    {
        Name = name;
        _seed = seed;
        _key = Ed25519.PrivateKey(seed);
        _publicKey = _key.PublicKey();
        KeyHash = NoteVerifier.HashKey(name, NoteVerifier.Ed25519Type, _publicKey);
    }

    /// <summary>The key's name; of a log's key, the checkpoint's origin.</summary>
    public string Name { get; }

    /// <summary>The key's identifier in signature lines: see <see cref="NoteVerifier.KeyHash"/>.</summary>
    public uint KeyHash { get; }

    /// <summary>The private key in the format of Go's <c>sumdb/note</c>: <c>PRIVATE+KEY+name+hash+base64</c>. A secret.</summary>
    public string Encoded => $"{Prefix}{NoteVerifier.Encode(Name, KeyHash, NoteVerifier.Ed25519Type, _seed)}";

    /// <summary>The public key (vkey): <c>name+hash+base64</c>, what <see cref="NoteVerifier.Parse"/> reads.</summary>
    public string VerifierKey => NoteVerifier.Encode(Name, KeyHash, NoteVerifier.Ed25519Type, _publicKey);

    /// <summary>Makes a new key.</summary>
    /// <param name="name">The key's name: 1 to 255 characters, no space, no plus sign; a URL without its scheme is usual.</param>
    /// <returns>A signer with a key nobody else has.</returns>
    /// <exception cref="ReceiptFormatException">The name is not a key name.</exception>
    /// <exception cref="PlatformNotSupportedException">OpenSSL 3 is not installed.</exception>
    public static NoteSigner Generate(string name) => Create(name, RandomNumberGenerator.GetBytes(Ed25519.SeedLength));

    /// <summary>Reads a private key that <see cref="Encoded"/> or Go's <c>sumdb/note</c> wrote.</summary>
    /// <param name="encoded">The key, <c>PRIVATE+KEY+name+hash+base64</c>.</param>
    /// <returns>The signer.</returns>
    /// <exception cref="ReceiptFormatException">It is not such a key; the message does not repeat it.</exception>
    /// <exception cref="PlatformNotSupportedException">OpenSSL 3 is not installed.</exception>
    public static NoteSigner FromEncoded(string encoded)
    {
        if (!encoded.StartsWith(Prefix, StringComparison.Ordinal)
            || !NoteVerifier.TryDecode(encoded.AsSpan(Prefix.Length), out var name, out var hash, out var type, out var seed)
            || type != NoteVerifier.Ed25519Type
            || seed.Length != Ed25519.SeedLength)
        {
            throw new ReceiptFormatException("The log's private key is not of the form PRIVATE+KEY+name+hash+key.");
        }

        var signer = Create(name, seed);
        if (signer.KeyHash != hash)
        {
            signer.Dispose();
            throw new ReceiptFormatException("The log's private key does not fit its name.");
        }

        return signer;
    }

    /// <summary>Gives the same key another name, as a log that starts a new origin does.</summary>
    /// <param name="newName">The new name, as for <see cref="Generate"/>.</param>
    /// <returns>A signer of its own, to be disposed of by itself.</returns>
    /// <exception cref="ReceiptFormatException">The name is not a key name.</exception>
    public NoteSigner WithName(string newName) => Create(newName, [.. _seed]);

    /// <summary>Signs a text.</summary>
    /// <param name="text">The text: not empty, ends with a newline, no control character but newlines.</param>
    /// <returns>The whole note: text, empty line, signature line.</returns>
    /// <exception cref="ReceiptFormatException">The text cannot stand in a note.</exception>
    public string Sign(string text)
    {
        if (!text.EndsWith('\n'))
        {
            throw new ReceiptFormatException("The text of a note must end with a newline.");
        }

        SignedNote.CheckCharacters(text);
        var signature = new NoteSignature(Name, KeyHash, _key.Sign(StrictText.Utf8.GetBytes(text)));
        return string.Create(CultureInfo.InvariantCulture, $"{text}\n{signature.Format()}");
    }

    /// <summary>Wipes the key.</summary>
    public void Dispose()
    {
        _key.Dispose();
        CryptographicOperations.ZeroMemory(_seed);
    }

    static NoteSigner Create(string name, byte[] seed) => StrictText.IsKeyName(name)
        ? new NoteSigner(name, seed)
        : throw new ReceiptFormatException("A key's name is 1 to 255 characters without spaces and plus signs.");
}
