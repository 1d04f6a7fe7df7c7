using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Manzil.Receipts;

namespace Manzil.Tests.Receipts;

public class QrTextTests
{
    // The examples of RFC 9285 section 4.3 and 4.4.
    [Theory]
    [InlineData("AB", "BB8")]
    [InlineData("Hello!!", "%69 VD92EX0")]
    [InlineData("base-45", "UJCLQE7W581")]
    [InlineData("ietf!", "QED8WEX0")]
    [InlineData("", "")]
    public void Encode_ExamplesOfTheRfc_GiveItsTexts(string plain, string encoded)
    {
        Assert.Equal(encoded, Base45.Encode(Encoding.ASCII.GetBytes(plain)));
        Assert.Equal(plain, Encoding.ASCII.GetString(Base45.Decode(encoded)));
    }

    [Theory]
    [InlineData("B")]
    [InlineData("BB8B")]
    [InlineData("GGW")]
    [InlineData(":::")]
    [InlineData("V5")]
    [InlineData("bb8")]
    [InlineData("BB\n")]
    [InlineData("BB_")]
    [InlineData("ББ8")]
    public void Decode_NotBase45_IsRefused(string text) => Assert.Throws<ReceiptFormatException>(() => Base45.Decode(text));

    [Fact]
    public void Decode_LargestGroups_AreTaken()
    {
        Assert.Equal([0xFF, 0xFF], Base45.Decode("FGW"));
        Assert.Equal([0xFF], Base45.Decode("U5"));
    }

    [Fact]
    public void Decode_EveryBytes_RoundTrip() => Check.QuickThrowOnFailure(Prop.ForAll(
        Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf().ToArbitrary(),
        bytes => Base45.Decode(Base45.Encode(bytes)).AsSpan().SequenceEqual(bytes)));

    [Fact]
    public void ParseStatement_WhatFormatGave_IsTheStatement()
    {
        var (statement, _, _) = Sample.Receipt();
        var text = QrText.FormatStatement(statement);
        Assert.Equal(statement, QrText.ParseStatement(text));
        Assert.Equal(statement, QrText.ParseStatement(text + "\r\n"));
        Assert.InRange(text.Length, 300, 420);
        Assert.Throws<ReceiptFormatException>(() => QrText.ParseStatement("MNZ2:" + text[5..]));
        Assert.Throws<ReceiptFormatException>(() => QrText.ParseStatement("MNZ1:" + Base45.Encode(new byte[Limits.StatementBytes + 1])));
    }

    [Fact]
    public void ParseRecord_WhatFormatGave_IsRecordAndProof()
    {
        var (_, record, proof) = Sample.Receipt();
        var text = QrText.FormatRecord(record, TlogProof.Parse(proof));
        var read = QrText.ParseRecord(text);
        Assert.Equal(record, read.Record);
        Assert.Equal(proof, read.Proof.Format());
    }

    [Fact]
    public void FormatRecord_RecordTooLargeForACode_GivesNone()
    {
        var proof = TlogProof.Parse(Sample.Receipt().Proof);
        Assert.Null(QrText.FormatRecord((Sample.Act with { Reason = new string('x', 1700) }).Encode(), proof));
    }
}
