using System.Security.Cryptography;
using System.Text;
using Manzil.Receipts;

namespace Manzil.Tests.Receipts;

public class Sha256Tests
{
    // FIPS 180-4's examples (NIST, Cryptographic Standards and Guidelines, Example Values).
    [Theory]
    [InlineData("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")]
    public void Hash_NistExample_IsItsHash(string text, string hash) =>
        Assert.Equal(hash, Convert.ToHexStringLower(Sha256.Hash(Encoding.ASCII.GetBytes(text))));

    [Fact]
    public void Hash_EveryLengthShortAndLong_IsWhatDotNetHashes()
    {
        var bytes = Enumerable.Range(0, 5000).Select(i => (byte)(i * 7 + i / 256)).ToArray();
        foreach (var length in Enumerable.Range(0, 300).Concat([1023, 1024, 4095, 4096, 4097, 5000]))
            Assert.Equal(SHA256.HashData(bytes.AsSpan(0, length)), Sha256.Hash(bytes.AsSpan(0, length)));
    }

    [Fact]
    public void Hash_DestinationTooShort_ThrowsAndWritesNothing()
    {
        var destination = new byte[31];

        Assert.Throws<ArgumentException>(() => Sha256.Hash("abc"u8, destination));

        Assert.Equal(new byte[31], destination);
    }

    [Fact]
    public void Hash_ManyThreadsAtOnce_AreAllRight()
    {
        var wrong = 0;

        Parallel.For(0, 20_000, i =>
        {
            var input = BitConverter.GetBytes(i);
            if (!Sha256.Hash(input).AsSpan().SequenceEqual(SHA256.HashData(input))) Interlocked.Increment(ref wrong);
        });

        Assert.Equal(0, wrong);
    }
}
