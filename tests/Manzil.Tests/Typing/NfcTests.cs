using System.Diagnostics;
using System.Text;
using Manzil.Typing;

namespace Manzil.Tests.Typing;

/// <summary>Form C, held against Node's, which has Unicode's own tables (its ICU).</summary>
public class NfcTests
{
    // For each line of hexadecimal code points: the same line in form C.
    const string Oracle =
        """
        const { createInterface } = require('node:readline');
        createInterface({ input: process.stdin }).on('line', line => {
          const text = String.fromCodePoint(...line.split(' ').map(x => parseInt(x, 16)));
          console.log([...text.normalize('NFC')].map(c => c.codePointAt(0).toString(16)).join(' '));
        });
        """;

    [Fact]
    public async Task Nfc_EveryCodePoint_IsAsUnicodeSays() =>
        await CompareAsync(Enumerable.Range(1, 0x10FFFF).Where(IsScalar).Select(c => (int[])[c]));

    [Fact]
    public async Task Nfc_RandomSequences_AreAsUnicodeSays()
    {
        // Letters and marks that take part in composing, from everywhere; the same ones each time.
        int[] pool = [.. Enumerable.Range(1, 0x2FFFF).Where(IsScalar).Where(c => TakesPart(new Rune(c)))];
        Assert.True(pool.Length > 2500, $"{pool.Length}");
        var seed = 20261130u;
        int Next(int below) => (int)((seed = seed * 1664525 + 1013904223) >> 8) % below;
        await CompareAsync(Enumerable.Range(0, 60_000).Select(_ => Enumerable.Range(0, 1 + Next(8)).Select(_ => pool[Next(pool.Length)]).ToArray()).ToList());
    }

    [Theory]
    [InlineData("и\u0306", "й")]
    [InlineData("e\u0301", "é")]
    [InlineData("ᄒ\u1161ᆫ", "한")]
    [InlineData("\u212B", "Å")]
    public void Nfc_LettersInTwoParts_AreOne(string parts, string whole) => Assert.Equal(whole, TypedText.Of(TextKind.Line, parts).Text);

    static bool IsScalar(int c) => c is < 0xD800 or > 0xDFFF;

    static bool TakesPart(Rune rune) =>
        Nfc.Of(rune.ToString()) != rune.ToString() || Rune.GetUnicodeCategory(rune) == System.Globalization.UnicodeCategory.NonSpacingMark
        || rune.Value is (>= 'A' and <= 'z') or (>= 0x0400 and <= 0x045F) or (>= 0x1100 and <= 0x1200) or (>= 0xAC00 and <= 0xAC80) or (>= 0x0900 and <= 0x0950);

    static async Task CompareAsync(IEnumerable<int[]> texts)
    {
        Process node;
        try
        {
            node = Process.Start(new ProcessStartInfo("node", ["-e", Oracle]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("Node is not installed, and it is what this is compared with.");
            return;
        }

        using (node)
        {
            var all = texts as IReadOnlyList<int[]> ?? [.. texts];
            var writing = Task.Run(async () =>
            {
                foreach (var text in all) await node.StandardInput.WriteAsync(string.Join(' ', text.Select(c => c.ToString("x", null))) + "\n");
                node.StandardInput.Close();
            }, TestContext.Current.CancellationToken);
            var (wrong, compared) = (new List<string>(), 0);
            foreach (var text in all)
            {
                var expected = await node.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
                var found = string.Join(' ', Nfc.Of(string.Concat(text.Select(char.ConvertFromUtf32))).EnumerateRunes().Select(r => r.Value.ToString("x", null)));
                compared++;
                if (found != expected) wrong.Add($"{string.Join(' ', text.Select(c => c.ToString("x", null)))}: {found}, not {expected}");
            }

            await writing;
            await node.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(wrong.Count == 0, $"{wrong.Count} of {compared}:\n{string.Join('\n', wrong.Take(20))}");
            Assert.True(compared > 50_000);
        }
    }
}
