using Manzil.Layout;
using NodaTime;

namespace Manzil.Tests.Layout;

public class DatesTests
{
    [Theory]
    [InlineData("en", 2026, 11, 22, "22 November 2026")]
    [InlineData("ru", 2026, 11, 22, "22 ноября 2026 г.")]
    [InlineData("ru", 2026, 5, 1, "1 мая 2026 г.")]
    [InlineData("kk", 2026, 11, 22, "2026 жылғы 22 қараша")]
    public void InWords_Date_HasTheMonthInWords(string lang, int year, int month, int day, string expected) =>
        Assert.Equal(expected, Dates.InWords(new LocalDate(year, month, day), lang));

    [Theory]
    [InlineData("en", "by 22 November 2026. ")]
    [InlineData("ru", "не позже 22 ноября 2026 г. ")]
    [InlineData("kk", "2026 жылғы 22 қараша")]
    public void Text_DateAtTheEndOfASentence_HasOneStop(string lang, string expected)
    {
        var text = Texts.For(lang)["case.now.authority-until", ("date", new LocalDate(2026, 11, 22))];
        Assert.Contains(expected, text, StringComparison.Ordinal);
        Assert.DoesNotContain("..", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("en", "23 November 2026, 00:30")]
    [InlineData("kk", "2026 жылғы 23 қараша, 00:30")]
    public void InWords_Instant_IsInTheZone(string lang, string expected) =>
        Assert.Equal(expected, Dates.InWords(Instant.FromUtc(2026, 11, 22, 21, 30), DateTimeZoneProviders.Tzdb["Europe/Moscow"], lang));

    [Theory]
    [InlineData("ru", "3", 3)]
    [InlineData("ru", "03", 3)]
    [InlineData("ru", "Марта", 3)]
    [InlineData("ru", " мар. ", 3)]
    [InlineData("ru", "май", 5)]
    [InlineData("ru", "мая", 5)]
    [InlineData("en", "sept", 9)]
    [InlineData("kk", "Қаңтар", 1)]
    [InlineData("kk", "қаз", 10)]
    [InlineData("kk", "желтоқсан", 12)]
    [InlineData("en", "ju", 0)]
    [InlineData("en", "марта", 0)]
    [InlineData("en", "13", 0)]
    [InlineData("en", "0", 0)]
    [InlineData("en", "-1", 0)]
    [InlineData("en", "", 0)]
    public void Month_NumberOrWord_IsUnderstood(string lang, string typed, int month) => Assert.Equal(month, Dates.Month(typed, lang));

    [Fact]
    public void Month_EveryNameOfEveryLanguage_IsUnderstoodInEachForm()
    {
        foreach (var language in Language.All.Values)
        {
            Assert.Equal(Enumerable.Range(1, 12), language.MonthsAlone.Select(name => Dates.Month(name, language.Tag)));
            Assert.Equal(Enumerable.Range(1, 12), language.MonthsWithDay.Select(name => Dates.Month(name, language.Tag)));
        }
    }

    [Theory]
    [InlineData("en", 1234, "1234")]
    [InlineData("en", 1234567, "1,234,567")]
    [InlineData("ru", 1234567, "1\u00a0234\u00a0567")]
    [InlineData("ru", -12345.5, "−12\u00a0345,5")]
    public void InWords_Number_IsWrittenAsTheLanguageDoes(string lang, double number, string expected) =>
        Assert.Equal(expected, Numbers.InWords((decimal)number, lang));
}
