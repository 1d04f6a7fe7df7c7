using System.Text;
using Manzil.Rules;

namespace Manzil.Tests.Rules;

/// <summary>A million random and mutated inputs into the two decoders: nothing but the declared exception comes out.</summary>
[Collection(nameof(KeptMemory))]
public class DecodersFuzzTests
{
    const int RulesInputs = 200_000;
    const int CalendarInputs = 800_000;

    static readonly byte[][] Pieces = [.. new[]
    {
        "{", "}", "[", "]", "\"", ":", ",", "null", "true", "-1", "1e999", "99999999999999999999", "\\u0000", "\\ud800", "\"code\"", "\"2026\"",
        "2026-02-30", "<", ">", "/>", "</", "<days>", "</days>", "<day d=\"02.29\" t=\"1\"/>", "<!--", "-->", "<![CDATA[", "]]>", "&lt;", "&#x0;",
        "&#1114112;", "<?x y?>", "<!DOCTYPE a [<!ENTITY b \"c\">]>", "xmlns:a=\"b\"", "a:", "encoding=\"utf-16\"", "encoding=\"utf-7\"", "\uFEFF", "\uFFFF", "\n", "\0",
    }.Select(Encoding.UTF8.GetBytes), [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]];

    [Fact]
    public void Jurisdiction_AnyBytes_ThrowsOnlyTheDeclaredException()
    {
        var files = Encoding.UTF8.GetBytes(SmallRules.Year2027);
        Run(RulesInputs, Encoding.UTF8.GetBytes(SmallRules.Text), 0x9E3779B97F4A7C15, bytes =>
        {
            try
            {
                Jurisdiction.Parse(bytes, "fuzz", _ => files);
                return true;
            }
            catch (RulesFormatException e)
            {
                return e is { Line: < 1 } ? throw new InvalidOperationException("no line", e) : false;
            }
        });
    }

    [Fact]
    public void XmlCalendar_AnyBytes_ThrowsOnlyTheDeclaredException() =>
        Run(CalendarInputs, Encoding.UTF8.GetBytes(SmallRules.Year2027), 0xD1B54A32D192ED03, bytes =>
        {
            try
            {
                XmlCalendar.Parse(bytes, "fuzz");
                return true;
            }
            catch (CalendarFormatException e)
            {
                return e is { Line: < 1 } ? throw new InvalidOperationException("no line", e) : false;
            }
        });

    static void Run(int inputs, byte[] seed, ulong state, Func<byte[], bool> accepts)
    {
        var (accepted, before) = (0, 0L);
        for (var i = 0; i < inputs; i++)
        {
            if (i == inputs / 10)
                before = KeptMemory.Bytes;
            var input = i % 4 == 0 ? Noise(ref state) : Mutate(seed, ref state);
            try
            {
                accepted += accepts(input) ? 1 : 0;
            }
            catch (Exception e)
            {
                Assert.Fail($"{e.GetType().Name}: {e.Message} for {Convert.ToBase64String(input)}");
            }
        }
        Assert.InRange(accepted, 1, inputs / 2);
        Assert.InRange(KeptMemory.Bytes - before, long.MinValue, 16 * 1024 * 1024);
    }

    /// <summary>Repeatable numbers (xorshift), so that a failure can be found again.</summary>
    static int Next(ref ulong state, int below)
    {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return (int)((state >> 16) % (ulong)below);
    }

    static byte[] Noise(ref ulong state)
    {
        var noise = new List<byte>();
        for (var left = Next(ref state, 24); left > 0; left--)
        {
            if (Next(ref state, 2) == 0)
                noise.Add((byte)Next(ref state, 256));
            else
                noise.AddRange(Pieces[Next(ref state, Pieces.Length)]);
        }
        return [.. noise];
    }

    static byte[] Mutate(byte[] seed, ref ulong state)
    {
        var bytes = new List<byte>(seed);
        for (var changes = 1 + Next(ref state, 3); changes > 0; changes--)
        {
            var at = Next(ref state, bytes.Count);
            switch (Next(ref state, 5))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << Next(ref state, 8));
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(1 + Next(ref state, 12), bytes.Count - at - 1));
                    break;
                case 2:
                    bytes.InsertRange(at, Pieces[Next(ref state, Pieces.Length)]);
                    break;
                case 3:
                    bytes.InsertRange(at, seed.AsSpan(Next(ref state, seed.Length - 40), 40).ToArray());
                    break;
                default:
                    bytes[at] = (byte)('0' + Next(ref state, 10));
                    break;
            }
        }
        return [.. bytes];
    }
}
