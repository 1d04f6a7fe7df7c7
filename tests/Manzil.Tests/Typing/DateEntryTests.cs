using Manzil.Layout;
using NodaTime;

namespace Manzil.Tests.Typing;

/// <summary>A date in three fields: what people write, and which part is named where it is wrong.</summary>
public class DateEntryTests
{
    static readonly LocalDate Today = new(2026, 11, 30);

    [Theory]
    [InlineData("17", "5", "90", "1990-05-17")]
    [InlineData("17", "05", "05", "2005-05-17")]
    [InlineData("١٧", "٥", "١٩٩٠", "1990-05-17")]
    [InlineData("１７", "мая", "१९९०", "1990-05-17")]
    [InlineData("17\u200F", "\u200Eмая", " 1990 ", "1990-05-17")]
    [InlineData("1", "1", "27", "1927-01-01")]
    public void Birth_AsPeopleWriteIt_IsRead(string day, string month, string year, string date) => Assert.Equal(date, Read(day, month, year, DateSense.Birth));

    [Theory]
    [InlineData("1", "3", "26", "2026-03-01")]
    [InlineData("1", "3", "98", "1998-03-01")]
    [InlineData("1", "3", "27", "2027-03-01")]
    public void OfNow_TwoDigits_AreTheYearsAroundToday(string day, string month, string year, string date) => Assert.Equal(date, Read(day, month, year, DateSense.OfNow));

    [Theory]
    [InlineData("1", "1", "1890", "Year date.year-range 1890")]
    [InlineData("1", "1", "2027", "Year date.year-range 2027")]
    [InlineData("1", "1", "26", "Year date.year-short")]
    [InlineData("1", "1", "16", "Year date.year-short")]
    [InlineData("1", "1", "990", "Year date.year-wrong")]
    [InlineData("1", "1", "19a0", "Year date.year-wrong")]
    [InlineData("1", "1", "", "Year date.year-missing")]
    [InlineData("31", "4", "1990", "Day date.day-too-high 30")]
    [InlineData("29", "2", "1999", "Day date.day-too-high 28")]
    [InlineData("0", "2", "1999", "Day date.day-wrong")]
    [InlineData("32", "2", "1999", "Day date.day-wrong")]
    [InlineData("x", "2", "1999", "Day date.day-wrong")]
    [InlineData("", "2", "1999", "Day date.day-missing")]
    [InlineData("1", "13", "1999", "Month date.month-wrong")]
    [InlineData("1", "", "1999", "Month date.month-missing")]
    [InlineData("", "", "", " date.missing")]
    [InlineData("1", "12", "2026", " date.birth-ahead")]
    public void Birth_WhatIsWrong_IsNamedByItsPart(string day, string month, string year, string fault) => Assert.Equal(fault, Read(day, month, year, DateSense.Birth));

    [Fact]
    public void Today_Ticked_IsTheDayThatStoodBesideTheBox()
    {
        Assert.Equal((new LocalDate(2026, 11, 29), null), new DateEntry { Today = "2026-11-29" }.Read("en", DateSense.OfNow, Today));
        Assert.Equal(Today, new DateEntry { Day = "30", Month = "11", Year = "26", Today = "2026-11-30" }.Read("en", DateSense.OfNow, Today).Date);
        Assert.Equal("date.today-and-other", new DateEntry { Day = "1", Month = "11", Year = "26", Today = "2026-11-30" }.Read("en", DateSense.OfNow, Today).Fault?.Key);
        Assert.Equal("date.unreadable", new DateEntry { Today = "on" }.Read("en", DateSense.OfNow, Today).Fault?.Key);
    }

    static string Read(string day, string month, string year, DateSense sense)
    {
        var (date, fault) = new DateEntry { Day = day, Month = month, Year = year }.Read("ru", sense, Today);
        return fault is null ? date!.Value.ToString("uuuu-MM-dd", null) : $"{fault.Part} {fault.Key} {(fault.Values.Length > 0 ? fault.Values[0].Value : "")}".TrimEnd();
    }
}
