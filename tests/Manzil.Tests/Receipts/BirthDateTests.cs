using System.Formats.Cbor;
using FsCheck;
using FsCheck.Fluent;
using Manzil.Receipts;
using NodaTime;
using NodaTime.Text;
using Record = Manzil.Receipts.Record;

namespace Manzil.Tests.Receipts;

/// <summary>What a document says of a birth date: how it is written, read and recorded.</summary>
public class BirthDateTests
{
    static readonly Gen<BirthDate> Dates = from days in Gen.Choose(0, 109_000) from shown in Gen.Choose(0, 3) select Shown(Limits.FirstDate.PlusDays(days), shown);

    /// <summary>So many parts of it: all, no day, the year, nothing.</summary>
    public static BirthDate Shown(LocalDate date, int without) =>
        new(without < 3 ? date.Year : null, without < 2 ? date.Month : null, without < 1 ? date.Day : null);

    [Fact]
    public void ToString_AnyDate_IsReadAsTheSame() => Prop.ForAll(Dates.ToArbitrary(), date =>
    {
        Assert.True(BirthDate.TryParse(date.ToString(), out var read));
        Assert.Equal(date, read);
        Assert.Equal(10, date.ToString().Length);
        // A whole date stands as it always did.
        if (date.Whole is { } whole) Assert.Equal(LocalDatePattern.Iso.Format(whole), date.ToString());
        Assert.True(date.Earliest is null || date.Whole is null || date.Earliest == date.Whole);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Equals_TwoDates_FollowsTheirTexts() => Prop.ForAll(Dates.Two().ToArbitrary(), two =>
        Assert.Equal(two.Item1.ToString() == two.Item2.ToString(), two.Item1 == two.Item2)).QuickCheckThrowOnFailure();

    [Fact]
    public void Equals_WithoutADay_IsNoDayOfTheMonth()
    {
        Assert.NotEqual(new BirthDate(1990, 5, null), new LocalDate(1990, 5, 1));
        Assert.NotEqual(new BirthDate(1990, null, null), new BirthDate(1990, 1, null));
        Assert.Equal(new LocalDate(1990, 1, 1), new BirthDate(1990, null, null).Earliest);
        Assert.Null(new BirthDate(null, null, null).Earliest);
    }

    [Theory]
    [InlineData(1990, null, 17)]
    [InlineData(null, 5, null)]
    [InlineData(null, null, 17)]
    [InlineData(1899, null, null)]
    [InlineData(2200, 1, null)]
    [InlineData(1990, 13, null)]
    [InlineData(1990, 0, null)]
    [InlineData(1999, 2, 29)]
    [InlineData(1999, 2, 0)]
    public void New_NoSuchDate_IsRefused(int? year, int? month, int? day) => Assert.Throws<ReceiptFormatException>(() => new BirthDate(year, month, day));

    // What other implementations have read until now is what they read.
    [Fact]
    public void Encode_WholeDate_IsDaysAndAnyOtherTheText()
    {
        Assert.Equal("UZB|AA1234567|1990-05-17", Sample.Document.ToString());
        Assert.Equal(7441, Assert.IsType<long>(BirthDateOf(Sample.Act.Encode())));
        var act = Born(new BirthDate(1990, null, null));
        Assert.Equal("1990-XX-XX", BirthDateOf(act.Encode()));
        Assert.Equal(act, Record.Decode(act.Encode()));
    }

    [Theory]
    [InlineData("1990-05-17")]
    [InlineData("1990-xx-xx")]
    [InlineData("1990-00-00")]
    [InlineData("1990-XX-17")]
    [InlineData("1990")]
    public void Decode_TextInAnotherForm_IsRefused(string text)
    {
        var bytes = Born(new BirthDate(1990, null, null)).Encode();
        var at = bytes.AsSpan().IndexOf("1990-XX-XX"u8);
        byte[] other = [.. bytes[..(at - 1)], (byte)(0x60 + text.Length), .. System.Text.Encoding.ASCII.GetBytes(text), .. bytes[(at + 10)..]];
        Assert.Throws<ReceiptFormatException>(() => Record.Decode(other));
    }

    static Record Born(BirthDate date) => Sample.Act with { Holder = Sample.Act.Holder! with { Document = new("UZB", "AA1234567", date) } };

    static object BirthDateOf(byte[] record)
    {
        var reader = new CborReader(record);
        for (var left = reader.ReadStartMap(); left > 0; left--)
        {
            if (reader.ReadInt32() != 9)
            {
                reader.SkipValue();
                continue;
            }

            for (var parts = reader.ReadStartMap(); parts > 0; parts--)
            {
                if (reader.ReadInt32() == 4) return reader.PeekState() == CborReaderState.TextString ? reader.ReadTextString() : reader.ReadInt64();
                reader.SkipValue();
            }
        }

        throw new InvalidOperationException();
    }
}
