using System.Text;
using Manzil.Receipts;

namespace Manzil.Tests.Log;

/// <summary>A million random and mutated inputs: a parser answers or throws its one declared exception, and keeps nothing.</summary>
[Collection(nameof(KeptMemory))]
public class ParserFuzzTests
{
    const int Inputs = 1_000_000;
    const string Root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    const string Body = "example.org/log\n7\n" + Root + "\n";
    const string Note = Body + "\n\u2014 example.org/log 5l3bm6eTvu5r4xHteG3E/HxeVKtzBZY4ldXFah8AEoWgm13e1KI0jB+g1hh2AR9XRWK/vnaU8sB6Ypl/CJaCe9taUw0=\n";

    static readonly string[] Pieces =
        ["\n", "\n\n", "\u2014 ", "+", "=", " ", "/", ".p/", "x000", "-1", "00", "9223372036854775807", "18446744073709551616", "index ", "extra ", "\u2003", "\ud800", "\0", "é"];

    static readonly (string Example, Action<string> Parse)[] Parsers =
    [
        ("c2sp.org/tlog-proof@v1\nindex 5\n" + Root + "\n" + Root + "\n\n" + Note, text => _ = TlogProof.Parse(text).Includes(new byte[32])),
        ("c2sp.org/tlog-proof@v1\nextra AQID\nindex 0\n\n" + Note, text => TlogProof.Parse(text).Format()),
        (Body + "an extension\n", text => Checkpoint.Parse(text).Format()),
        (Note, text => SignedNote.Parse(text).Format()),
        ("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx", text => NoteVerifier.Parse(text)),
        ("PRIVATE+KEY+manzil.example/log+e65ddb9b+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f", text => NoteSigner.FromEncoded(text).Dispose()),
        ("tile/entries/x001/x234/067.p/55", text => TilePath.Parse(text)),
        ("tile/0/x001/234", text => TilePath.Parse(text)),
        ("\0\u0003one\0\u0003two", text => EntryBundle.Parse(Encoding.Latin1.GetBytes(text))),
        ("\0\0\0\0\0\0\0\u0001" + new string('h', 32), text => MerkleFrontier.Decode(Encoding.Latin1.GetBytes(text)).Root()),
    ];

    ulong _state = 0x6d616e7a696c;

    [Fact]
    public void Parse_AMillionRandomAndMutatedInputs_OnlyTheDeclaredExceptionAndNoMemoryKept()
    {
        foreach (var (example, parse) in Parsers)
        {
            parse(example);
        }

        var (accepted, before) = (0, 0L);
        for (var i = 0; i < Inputs; i++)
        {
            if (i == Inputs / 10)
            {
                before = KeptMemory.Bytes;
            }

            var (example, parse) = Parsers[i % Parsers.Length];
            var text = Next(4) == 0 ? RandomText() : Mutate(example);
            try
            {
                parse(text);
                accepted++;
            }
            catch (ReceiptFormatException error)
            {
                Assert.EndsWith(".", error.Message);
            }
            catch (Exception error)
            {
                Assert.Fail($"Input {i} gave {error}: {Convert.ToHexString(Encoding.BigEndianUnicode.GetBytes(text))}");
            }
        }

        Assert.InRange(accepted, Inputs / 1000, Inputs / 2);
        Assert.InRange(KeptMemory.Bytes - before, long.MinValue, 8 * 1024 * 1024);
    }

    [Fact]
    public void Parse_VeryLongInputs_AreRefused()
    {
        foreach (var (example, parse) in Parsers)
        {
            foreach (var piece in Pieces.Append("A").Append(example))
            {
                var repeated = string.Concat(Enumerable.Repeat(piece, 2_000_000 / piece.Length));
                Assert.Throws<ReceiptFormatException>(() => parse(repeated));
                Assert.Throws<ReceiptFormatException>(() => parse(example + repeated));
                Assert.Throws<ReceiptFormatException>(() => parse(repeated + example));
            }
        }
    }

    string RandomText()
    {
        var text = new StringBuilder();
        for (var length = Next(80); length > 0; length--)
        {
            text.Append(Next(6) == 0 ? Pieces[Next(Pieces.Length)] : ((char)Next(Next(8) == 0 ? 0x10000 : 128)).ToString());
        }

        return text.ToString();
    }

    string Mutate(string text)
    {
        for (var times = 1 + Next(3); times > 0; times--)
        {
            var place = Next(text.Length + 1);
            var length = Next(Math.Min(text.Length - place, 50) + 1);
            text = Next(5) switch
            {
                0 => text.Remove(place, length),
                1 => text.Insert(place, text.Substring(place, length)),
                2 => text.Insert(place, Pieces[Next(Pieces.Length)]),
                3 => text[..place],
                _ when place < text.Length => text[..place] + (char)(text[place] ^ (1 << Next(8))) + text[(place + 1)..],
                _ => text + (char)Next(256),
            };
        }

        return text;
    }

    /// <summary>SplitMix64: the same inputs at every run, so that a failure can be seen again.</summary>
    int Next(int below)
    {
        _state += 0x9e3779b97f4a7c15;
        var mixed = (_state ^ (_state >> 30)) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
        return (int)((mixed ^ (mixed >> 31)) % (ulong)below);
    }
}
