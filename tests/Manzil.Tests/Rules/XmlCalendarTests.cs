using System.Text;
using Manzil.Rules;
using static Manzil.Tests.Rules.RulesData;

namespace Manzil.Tests.Rules;

public class XmlCalendarTests
{
    static CalendarYear Parse(string text) => XmlCalendar.Parse(Encoding.UTF8.GetBytes(text), "2027.xml");

    [Fact]
    public void Parse_GoodFile_GivesItsDays()
    {
        var year = Parse("\uFEFF" + SmallRules.Year2027);
        Assert.Equal(2027, year.Year);
        Assert.Equal([Date("2027-01-01")], year.Off);
        Assert.Equal([Date("2027-01-02"), Date("2027-12-31")], year.Working.Order());
    }

    [Fact]
    public void Load_PublishedCalendars_CoverTheirYears() =>
        Assert.Equal([2024, 2025, 2026], Published().Years);

    [Theory]
    [InlineData("<calendar year=\"2027\"", "<kalender year=\"2027\"", 2, "begins with <calendar>")]
    [InlineData("year=\"2027\"", "", 2, "no year")]
    [InlineData("year=\"2027\"", "year=\"27\"", 2, "four digits")]
    [InlineData("year=\"2027\"", "year=\"1027\"", 2, "1900 to 2200")]
    [InlineData("01.02", "2.1", 6, "month.day")]
    [InlineData("01.02", "02.29", 6, "month.day of the year 2027")]
    [InlineData("01.02", "13.01", 6, "month.day")]
    [InlineData("01.02", "01.01", 6, "a second time")]
    [InlineData("d=\"01.02\" ", "", 6, "no d")]
    [InlineData("t=\"3\"", "t=\"4\"", 6, "t must be 1")]
    [InlineData("t=\"3\"", "", 6, "t must be 1")]
    [InlineData("<day d=\"01.02\" t=\"3\"/>", "<week/>", 6, "nothing but <day>")]
    [InlineData("<day d=\"01.02\" t=\"3\"/>", "<day d=\"01.02\" t=\"3\"><day d=\"01.03\" t=\"3\"/></day>", 6, "nothing but <day>")]
    [InlineData("<day d=\"01.02\" t=\"3\"/>", "text", 5, "nothing but <day>")]
    [InlineData("<day d=\"01.02\" t=\"3\"/>", "<day d=\"01.02\" t=\"3\">", 7, "nothing but <day>")]
    [InlineData("</calendar>", "<days/></calendar>", 9, "a second time")]
    [InlineData("</calendar>", "", 9, "well-formed")]
    [InlineData("</calendar>", "</calendar><more/>", 9, "well-formed")]
    [InlineData("<calendar year", "<!DOCTYPE calendar [<!ENTITY a \"b\">]><calendar year", 2, "document type")]
    public void Parse_BadFile_NamesLineAndReason(string good, string bad, int line, string reason)
    {
        Assert.Contains(good, SmallRules.Year2027);
        var at = SmallRules.Year2027.IndexOf(good, StringComparison.Ordinal);
        var error = Assert.Throws<CalendarFormatException>(() => Parse(SmallRules.Year2027[..at] + bad + SmallRules.Year2027[(at + good.Length)..]));
        Assert.Contains(reason, error.Reason);
        Assert.Equal(line, error.Line);
        Assert.Equal($"In 2027.xml on line {line}: {error.Reason}.", error.Message);
    }

    [Theory]
    [InlineData("", "well-formed")]
    [InlineData("<calendar year=\"2027\"/>", "no <days>")]
    [InlineData("<calendar year=\"2027\"><x><days/></x></calendar>", "no <days>")]
    public void Parse_NoCalendarAtAll_SaysWhy(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<CalendarFormatException>(() => Parse(text)).Reason);

    [Fact]
    public void Parse_BytesThatAreNotUtf8OrTooMany_NamesLineAndReason()
    {
        var error = Assert.Throws<CalendarFormatException>(() => XmlCalendar.Parse([(byte)'\n', 0xFF], "x"));
        Assert.Equal((2, "the text is not UTF-8"), (error.Line, error.Reason));
        error = Assert.Throws<CalendarFormatException>(() => XmlCalendar.Parse(new byte[XmlCalendar.MaxBytes + 1], "x"));
        Assert.Contains("256 KiB", error.Reason);
    }
}
