using FsCheck;
using FsCheck.Fluent;
using Manzil.Receipts;
using NodaTime;

namespace Manzil.Tests.Receipts;

public class ReceiptNumberTests
{
    const string Symbols = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    static readonly Instant Start = Instant.FromUtc(2026, 1, 1, 0, 0);
    static readonly Arbitrary<ReceiptNumber> Numbers =
        Gen.Choose(0, (1 << 30) - 1).Select(seconds => ReceiptNumber.New(Start + Duration.FromSeconds(seconds))).ToArbitrary();

    [Theory]
    [InlineData("04WK-H77AB-CDEFX")]
    [InlineData("04wk-h77ab-cdefx")]
    [InlineData(" 04WKH 77ABC DEFX ")]
    [InlineData("O4WK-H77AB-CDEFX")]
    public void Parse_WrittenByPeople_GivesCanonicalNumber(string text)
    {
        var number = ReceiptNumber.Parse(text);
        Assert.Equal("04WK-H77AB-CDEFX", number.ToString());
        Assert.Equal(Sample.IssuedAt, number.MadeAt);
    }

    [Theory]
    [InlineData("")]
    [InlineData("04WK-H77AB-CDEF")]
    [InlineData("04WK-H77AB-CDEFXX")]
    [InlineData("04WK-H77AB-CDEFU")]
    [InlineData("04WK-H77AB-CDEFX\n")]
    [InlineData("04WK_H77AB_CDEFX")]
    public void TryParse_NotANumber_ReturnsFalse(string text) => Assert.False(ReceiptNumber.TryParse(text, out _));

    [Fact]
    public void TryParse_LettersLikeDigits_AreForgiven()
    {
        var number = Enumerable.Range(0, 10_000).Select(_ => ReceiptNumber.New(Sample.IssuedAt)).First(made => made.ToString().Contains('1'));
        Assert.Equal(number, ReceiptNumber.Parse(number.ToString().Replace('1', 'l').Replace('0', 'o')));
        Assert.Equal(number, ReceiptNumber.Parse(number.ToString().Replace('1', 'i')));
    }

    [Fact]
    public void Parse_EveryNumber_RoundTrips() => Check.QuickThrowOnFailure(Prop.ForAll(Numbers, number =>
        ReceiptNumber.Parse(number.ToString()) == number && number.ToString().Length == ReceiptNumber.TextLength));

    [Fact]
    public void TryParse_OneSymbolChanged_IsFound() => Check.QuickThrowOnFailure(Prop.ForAll(Numbers, number =>
    {
        var text = number.ToString();
        return Enumerable.Range(0, text.Length).Where(at => text[at] != '-').All(at => Symbols.Where(symbol => symbol != text[at])
            .All(symbol => !ReceiptNumber.TryParse(text[..at] + symbol + text[(at + 1)..], out _)));
    }));

    [Fact]
    public void TryParse_NeighboursSwapped_IsFound() => Check.QuickThrowOnFailure(Prop.ForAll(Numbers, number =>
    {
        var text = number.ToString().Replace("-", "");
        return Enumerable.Range(0, text.Length - 1).Where(at => text[at] != text[at + 1])
            .All(at => !ReceiptNumber.TryParse(text[..at] + text[at + 1] + text[at] + text[(at + 2)..], out _));
    }));

    [Fact]
    public void CompareTo_AnyTwo_OrdersAsTextAndTime() => Check.QuickThrowOnFailure(Prop.ForAll(Numbers, Numbers, (one, other) =>
        Math.Sign(one.CompareTo(other)) == Math.Sign(string.CompareOrdinal(one.ToString(), other.ToString()))
        && (one.MadeAt >= other.MadeAt || one.CompareTo(other) < 0)));

    [Fact]
    public void New_OutsideItsYears_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ReceiptNumber.New(Start - Duration.FromMilliseconds(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => ReceiptNumber.New(Start + Duration.FromSeconds(1L << 30)));
    }
}
