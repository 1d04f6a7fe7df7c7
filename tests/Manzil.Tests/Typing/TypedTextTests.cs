using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Manzil.SignIn;
using Manzil.Typing;

namespace Manzil.Tests.Typing;

/// <summary>The one door for text that people type: what comes in by it, of each kind.</summary>
public class TypedTextTests
{
    static readonly TextKind[] Words = [TextKind.Line, TextKind.Long];

    [Theory]
    [InlineData("  Long  Street\u00A05 ", "Long Street 5")]
    [InlineData("Aul\u200B \uFEFF5\u00AD", "Aul 5")]
    [InlineData("\u2068Ali\u2069", "Ali")]
    [InlineData("Ali\u200E\u200F", "Ali")]
    [InlineData("one\ntwo\r\nthree", "one two three")]
    [InlineData("می\u200Cخواهم", "می\u200Cخواهم")]
    [InlineData("A\u200CB", "AB")]
    [InlineData("क्\u200Dष", "क्\u200Dष")]
    [InlineData("അവന്\u200D", "അവന്\u200D")]
    [InlineData("می\u200C\u200D\u200Cخ\u200C", "می\u200Cخ")]
    [InlineData("\u3164Bek\uFE0F", "Bek")]
    [InlineData("  ", "")]
    public void Line_WhatIsNotSeen_IsGone(string typed, string text) => Assert.Equal(new TypedText(text, null), TypedText.Of(TextKind.Line, typed));

    [Theory]
    [InlineData("Aul 5\u202E gnirtS", "text-turns-around", "Aul 5 gnirtS")]
    [InlineData("\u202Dabc", "text-turns-around", "abc")]
    [InlineData("\u2067abc\u2069", "text-turns-around", "abc")]
    [InlineData("רחוב \u2066 5", "text-turns-around", "רחוב 5")]
    [InlineData("\u200B", "text-is-invisible", "")]
    [InlineData(" \u3164\u2060 ", "text-is-invisible", "")]
    [InlineData("\u0301", "text-is-invisible", "")]
    [InlineData("Aul \uE000", "text-has-unusable-characters", "Aul")]
    [InlineData("Aul \uFFFE", "text-has-unusable-characters", "Aul")]
    [InlineData("\u06DDAul", "text-has-unusable-characters", "Aul")]
    [InlineData("a\u0000b", "text-has-control-characters", "a b")]
    public void Line_WhatCouldMislead_IsNamed(string typed, string fault, string left) => Assert.Equal(new TypedText(left, fault), TypedText.Of(TextKind.Line, typed));

    [Theory]
    [InlineData(" one\r\ntwo\u2028three\u0007 ", "one\ntwo\nthree", null)]
    [InlineData("one\ttwo", "one two", null)]
    [InlineData("one\u202Etwo", "onetwo", "text-turns-around")]
    public void Long_LineBreaks_Stay(string typed, string text, string? fault) => Assert.Equal(new TypedText(text, fault), TypedText.Of(TextKind.Long, typed));

    [Theory]
    [InlineData("FС2000015", "FC2000015")]
    [InlineData("фс 1", "фc 1")]
    [InlineData("ΑΒ-١٢٣", "AB-123")]
    [InlineData("\u202AＡＢ\u2011１２３\u202C", "AB-123")]
    [InlineData("7K2M\u20129XQ4\u00A0०", "7K2M-9XQ4 0")]
    [InlineData("ıstİ", "istI")]
    public void Number_LookAlikesAndDigits_AreReadAsMeant(string typed, string text) => Assert.Equal(text, TypedText.Of(TextKind.Number, typed).Text);

    [Theory]
    [InlineData("FС2000015", "FC2000015")]
    [InlineData("fс 200-00۱۵", "FC2000015")]
    [InlineData("FЖ2000015", null)]
    [InlineData("FC2000015é", null)]
    [InlineData("ΝΗ1", "NH1")]
    [InlineData("νη1", null)]
    public void CardNumber_ALetterThatIsNotLatin_IsReadOrRefusedAndNeverDropped(string typed, string? number) => Assert.Equal(number, CardNumber.Read(typed));

    [Fact]
    public void Digits_OfEveryScript_AreTheirValue()
    {
        var scripts = 0;
        foreach (var zero in Enumerable.Range(0, 0x1FFFF).Where(c => c is < 0xD800 or > 0xDFFF).Select(c => new Rune(c)))
        {
            if (Rune.GetUnicodeCategory(zero) != UnicodeCategory.DecimalDigitNumber || Rune.GetNumericValue(zero) != 0) continue;
            scripts++;
            var typed = string.Concat(Enumerable.Range(0, 10).Select(d => new Rune(zero.Value + d).ToString()));
            foreach (var kind in (TextKind[])[TextKind.Digits, TextKind.Number, TextKind.Phone, TextKind.Message]) Assert.Equal("0123456789", TypedText.Of(kind, typed).Text);
            Assert.Equal("012345", SecretCode.Normalize(typed)[..6]);
        }

        Assert.True(scripts > 60, $"{scripts}");
    }

    [Theory]
    [InlineData(" \u200Bali\u00AD@mail.example\uFEFF ", "ali@mail.example")]
    [InlineData("ali＠mail.example", "ali@mail.example")]
    [InlineData("al\u00A0i@mail.example", null)]
    [InlineData("ali\uE000@mail.example", null)]
    public void Email_WhatIsNotSeen_IsGone(string typed, string? address) => Assert.Equal(address, ContactAddress.Email(typed));

    [Fact]
    public void TooLong_IsSaidAndNotReadToItsEnd()
    {
        var (text, fault) = TypedText.Of(TextKind.Line, string.Concat(Enumerable.Repeat("\u0301\u0323", 500_000)));
        Assert.Equal("text-too-long", fault);
        Assert.True(text.Length < 20_000);
    }

    [Fact]
    public void Words_WhateverIsTyped_HoldNothingUnseenAndAreInFormC() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(5_000), Prop.ForAll(AnyText.ToArbitrary(), typed =>
        {
            foreach (var kind in Words)
            {
                var (text, fault) = TypedText.Of(kind, typed);
                AssertRecordable(text, kind == TextKind.Long);
                // What the form shows after a fault, and what is read again, is the same text.
                Assert.Equal(new TypedText(text, null), TypedText.Of(kind, text));
                Assert.True(fault is null || Manzil.Layout.Texts.For("kk").Has($"fault.{fault}"), fault);
            }
        }));

    [Fact]
    public void Signs_WhateverIsTyped_AreReadTheSameTwiceAndHoldNoFormat() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(5_000), Prop.ForAll(AnyText.ToArbitrary(), typed =>
        {
            foreach (var kind in (TextKind[])[TextKind.Number, TextKind.Digits, TextKind.Phone, TextKind.Email, TextKind.Contact])
            {
                var text = TypedText.Of(kind, typed).Text;
                Assert.Equal(text, TypedText.Of(kind, text).Text);
                Assert.DoesNotContain(text.EnumerateRunes(), r => Rune.GetUnicodeCategory(r) is UnicodeCategory.Format or UnicodeCategory.Control);
            }

            // What is kept of a number is Latin letters and digits, or it is not kept.
            if (CardNumber.Read(typed) is { } number) Assert.All(number, c => Assert.True(char.IsAsciiDigit(c) || char.IsAsciiLetterUpper(c)));
            if (ContactAddress.Email(typed) is { } email) AssertRecordable(email, false);
        }));

    /// <summary>No code point of Cc, Cf (but a joiner within a word of a script that needs it), Cs, Co, Cn; and form C.</summary>
    internal static void AssertRecordable(string text, bool hasLines)
    {
        Assert.Equal(text, Nfc.Of(text));
        Assert.False(TypedText.HasUnseen(text), Hex(text));
        if (!hasLines) Assert.DoesNotContain('\n', text);
        Rune[] runes = [.. text.EnumerateRunes()];
        for (var i = 0; i < runes.Length; i++)
        {
            var rune = runes[i];
            var category = Rune.GetUnicodeCategory(rune);
            Assert.False(category is UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned, Hex(text));
            Assert.False(category == UnicodeCategory.Control && rune.Value != '\n', Hex(text));
            Assert.False(category == UnicodeCategory.Format && !(rune.Value is 0x200C or 0x200D && i > 0 && IsWithinAWord(runes[i - 1], i + 1 < runes.Length ? runes[i + 1] : null)), Hex(text));
        }
    }

    // Between two letters or marks of such a script, or behind a virama, where older Bengali and Malayalam end words with one.
    static bool IsWithinAWord(Rune before, Rune? after) => IsJoined(before) && (Viramas.Contains(before.ToString(), StringComparison.Ordinal) || (after is { } next && IsJoined(next)));

    static bool IsJoined(Rune rune) =>
        Joining.Any(block => rune.Value >= block.First && rune.Value <= block.Last)
        && (Rune.IsLetter(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark);

    // Blocks of scripts whose letters join or stack: Arabic to N'Ko, Mandaic to Sinhala, Tibetan and Myanmar, Philippine to Mongolian, Limbu to Lepcha,
    // Syloti Nagri to Meetei Mayek, forms of Arabic, old scripts of Iran and Central Asia, those of India, Adlam.
    static readonly (int First, int Last)[] Joining =
    [
        (0x0600, 0x07FF), (0x0840, 0x0DFF), (0x0F00, 0x109F), (0x1700, 0x18AF), (0x1900, 0x1C4F), (0xA800, 0xABFF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC), (0x10A00, 0x10FFF), (0x11000, 0x11FFF), (0x1E900, 0x1E95F),
    ];

    const string Viramas = "\u094D\u09CD\u0A4D\u0ACD\u0B4D\u0BCD\u0C4D\u0CCD\u0D4D\u0DCA\u1039\u17D2";

    // The check itself.
    [Theory]
    [InlineData("می\u200Cخواهم", true)]
    [InlineData("क्\u200Dष", true)]
    [InlineData("അവന്\u200D", true)]
    [InlineData("A\u200CB", false)]
    [InlineData("م\u200C", false)]
    [InlineData("م\u200C B", false)]
    [InlineData("م 1\u200D", false)]
    [InlineData("\u200Dم", false)]
    [InlineData("م\u200C\u200Dم", false)]
    [InlineData("👩\u200D👩", false)]
    [InlineData("a\u00ADb", false)]
    [InlineData("и\u0306", false)]
    [InlineData("a\uE000", false)]
    public void Recordable_AText_IsOneOrIsFoundToBeNone(string text, bool isOne)
    {
        var found = Xunit.Record.Exception(() => AssertRecordable(text, hasLines: false));
        Assert.True(isOne == (found is null), $"{Hex(text)}: {found?.Message}");
    }

    internal static string Hex(string text) => string.Join(' ', text.EnumerateRunes().Select(r => r.Value.ToString("X4", null)));

    static readonly string[] Pieces =
    [
        "a", "Б", "и\u0306", "e\u0301", " ", "\n", "\r\n", "\t", "\0", "\u0007", "\u0085", "\u00A0", "\u00AD", "\u034F", "\u061C", "\u0600", "\u06DD", "م", "ی", "ש", "१", "क", "\u094D", "\u200B", "\u200C", "\u200D", "\u200E", "\u200F",
        "\u2028", "\u202A", "\u202B", "\u202C", "\u202D", "\u202E", "\u2060", "\u2066", "\u2067", "\u2068", "\u2069", "\u2011", "\u2800", "\u3000", "\u3164", "\u180B", "ᠠ", "漢", "\uFE0F", "\U000E0100", "\U000E0041", "\uFEFF", "\uFFFE", "\uE000", "\U0010FFFF",
        "\ud800", "\udc00", "😀", "１", "Ａ", "С", "@", ".", "-", "+", "7", "\u0323", "\u1100", "\u1161", "\u11A8", "ക്", "\U000110BD",
    ];

    // Nothing of it is refused.
    static readonly string[] Harmless = ["a", "Б", "и\u0306", "e\u0301", " ", "\n", "\r\n", "\t", "\u00A0", "\u00AD", "\u034F", "م", "ی", "१", "क", "\u094D", "\u200B", "\u200C", "\u200D", "\u200E", "\u2028", "\u2060", "\u2011", "\u2800", "\u3000", "\u3164", "漢", "\uFE0F", "\uFEFF", "😀", "１", "<", "&", "\"", "'", "\u0323", "\u1100", "\u1161"];

    internal static Gen<string> HarmlessText => Gen.Elements(Harmless).ListOf().Select(parts => string.Concat(parts));

    // What stood in the way when the service was tried.
    static readonly string[] Known = ["Аул\u202E 5", "\u200B", "и\u0306\u00A0 5", "רחוב 5", "می\u200Cخواهم"];

    /// <summary>Texts of up to a line, the same for the same seed: some that any field takes, some of whatever there is, and what was typed before.</summary>
    internal static IReadOnlyList<string> Samples(ulong seed, int count)
    {
        List<string> Of(Gen<string> gen, ulong with) => [.. gen.Where(Fits).Resize(12).Sample(count, new Rnd(with), count)];
        var pairs = Of(HarmlessText, seed).Zip(Of(AnyText, seed + 1), (harmless, any) => (string[])[harmless, any]).SelectMany(pair => pair).ToList();
        return [.. pairs.Take(2).Concat(Known).Concat(pairs.Skip(2)).Take(count)];
    }

    // A form has no halves of characters and no zeros, and JSON refuses the halves before the door.
    static bool Fits(string text) => text.Length is > 0 and < 60 && !text.Contains('\0', StringComparison.Ordinal) && Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text;

    internal static Gen<string> AnyText => Gen.OneOf(
        Gen.Elements(Pieces), Gen.Elements(Pieces), Gen.Choose(0, 0xFFFF).Select(c => ((char)c).ToString()), Gen.Choose(0x10000, 0x10FFFF).Select(char.ConvertFromUtf32))
        .ListOf().Select(parts => string.Concat(parts));
}
