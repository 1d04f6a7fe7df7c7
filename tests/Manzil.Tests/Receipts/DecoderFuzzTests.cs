using System.Text;
using Manzil.Receipts;
using Record = Manzil.Receipts.Record;

namespace Manzil.Tests.Receipts;

/// <summary>One million random and mutated inputs into the decoders: nothing but the declared exception, and no memory kept.</summary>
[Collection(nameof(KeptMemory))]
public class DecoderFuzzTests
{
    public static TheoryData<string, int> Decoders => new()
    {
        { "statement", 250_000 },
        { "record", 250_000 },
        { "base45", 200_000 },
        { "MNZ2", 150_000 },
        { "keys.json", 100_000 },
        { "zip", 50_000 },
    };

    [Theory]
    [MemberData(nameof(Decoders))]
    public void Decode_RandomAndMutatedInput_ThrowsOnlyTheDeclaredException(string decoder, int rounds)
    {
        var (seeds, decode) = Target(decoder);
        // A seed of its own each, so that a failure can be repeated.
        var random = new Noise((ulong)decoder.Length);
        Assert.All(seeds, seed => decode(seed));
        Run(2_000);
        var before = KeptMemory.Bytes;
        var refused = Run(rounds);
        var grown = KeptMemory.Bytes - before;
        Assert.True(refused > rounds / 4, $"{decoder}: {refused} refused: the inputs are not bad enough.");
        Assert.True(grown < 16_000_000, $"{decoder}: memory grew by {grown} bytes.");

        int Run(int count)
        {
            var bad = 0;
            for (var i = 0; i < count; i++)
            {
                var input = Mutate(random, seeds[random.Next(seeds.Count)]);
                try
                {
                    decode(input);
                }
                catch (ReceiptFormatException)
                {
                    bad++;
                }
                catch (Exception other)
                {
                    Assert.Fail($"{decoder} threw {other.GetType().Name} on {Convert.ToHexString(input)}");
                }
            }
            return bad;
        }
    }

    static (List<byte[]> Seeds, Action<byte[]> Decode) Target(string decoder)
    {
        var (statement, record, proof) = Sample.Receipt();
        var keys = Sample.Keys().ToJson();
        byte[] Ascii(string text) => Encoding.UTF8.GetBytes(text);
        string Text(byte[] bytes) => Encoding.Latin1.GetString(bytes);
        return decoder switch
        {
            "statement" => ([statement], bytes => Statement.Decode(bytes)),
            "record" => ([record, Sample.FullAct.Encode()], bytes => Record.Decode(bytes)),
            "base45" => ([Ascii(Base45.Encode(statement)), Ascii("BB8")], bytes => Base45.Decode(Text(bytes))),
            "MNZ2" => ([Ascii(QrText.FormatRecord(record, TlogProof.Parse(proof))!)], bytes => QrText.ParseRecord(Text(bytes))),
            "keys.json" => ([keys], bytes => KeySet.Parse(bytes)),
            "zip" => ([new ReceiptFile(statement, record, proof).Write("<p>", keys, Sample.IssuedAt)], bytes => ReceiptFile.Read(bytes)),
            _ => throw new ArgumentOutOfRangeException(nameof(decoder), decoder, "No such decoder."),
        };
    }

    static byte[] Mutate(Noise random, byte[] seed)
    {
        if (random.Next(8) == 0)
        {
            return [.. Enumerable.Range(0, random.Next(64)).Select(_ => (byte)random.Next(256))];
        }
        var bytes = seed.ToList();
        for (var times = 1 + random.Next(3); times > 0; times--)
        {
            var at = random.Next(bytes.Count + 1);
            switch (random.Next(5))
            {
                case 0 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                case 3 when at < bytes.Count:
                    bytes.RemoveRange(at, Math.Min(bytes.Count - at, 1 + random.Next(8)));
                    break;
                default:
                    bytes.AddRange(bytes[..Math.Min(at, 16)]);
                    break;
            }
        }
        return [.. bytes];
    }

    /// <summary>SplitMix64: the same numbers in every run.</summary>
    sealed class Noise(ulong seed)
    {
        ulong state = seed;

        public int Next(int below)
        {
            state += 0x9E3779B97F4A7C15;
            var mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            return (int)((mixed ^ (mixed >> 31)) % (ulong)below);
        }
    }
}
