using System.CommandLine;
using Manzil.Deadlines;
using static Manzil.Tests.Rules.RulesData;

namespace Manzil.Tests.Rules;

public class CalendarCommandTests
{
    static (int Exit, string Output, string Error) Run(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exit = CalendarCommand.Create().Parse(arguments).Invoke(new InvocationConfiguration { Output = output, Error = error });
        return (exit, output.ToString(), error.ToString());
    }

    [Theory]
    [InlineData("2024-04-26", "1", "2024-04-27")]
    [InlineData("2024-04-26", "3", "2024-05-03")]
    [InlineData("2024-12-27", "2", "2025-01-09")]
    [InlineData("2025-12-30", "3", "2026-01-14")]
    public void Add_PublishedCalendars_PrintsTheDateAlone(string date, string days, string expected)
    {
        Assert.Equal((0, expected + "\n", ""), Run(["add", date, days, "--calendar", .. PublishedFiles()]));
        Assert.Equal((0, expected + "\n", ""), Run(["add", date, days, .. PublishedFiles().SelectMany(f => new[] { "--calendar", f })]));
    }

    [Fact]
    public void Add_RulesFile_CountsByItsCalendar() =>
        Assert.Equal((0, "2025-06-07\n", ""), Run("add", "2025-06-04", "1", "--rules", DemoPath));

    [Theory]
    [InlineData("2040-12-30", "5", "No calendar covers the year 2041.")]
    [InlineData("2024-01-01", "5", "No calendar covers the year 2024.")]
    public void Add_YearThatNoCalendarCovers_AnswersNoAndNamesIt(string date, string days, string sentence) =>
        Assert.Equal((1, "", sentence + "\n"), Run("add", date, days, "--rules", DemoPath));

    [Theory]
    [InlineData("2026-02-30", "1", "--rules", "", "DATE must be")]
    [InlineData("26-02-03", "1", "--rules", "", "DATE must be")]
    [InlineData("2026-02-03", "0", "--rules", "", "WORKING-DAYS must be")]
    [InlineData("2026-02-03", "-1", "--rules", "", "WORKING-DAYS must be")]
    [InlineData("2026-02-03", "1.5", "--rules", "", "WORKING-DAYS must be")]
    [InlineData("2026-02-03", "99999999999", "--rules", "", "WORKING-DAYS must be")]
    [InlineData("2026-02-03", "1", "--rules", "/nowhere.json", "there is no such file")]
    [InlineData("2026-02-03", "1", "--calendar", "/nowhere.xml", "The calendar file /nowhere.xml cannot be used: there is no such file.")]
    [InlineData("2026-02-03", "1", "--calendar", "", "on line 1: this is not well-formed XML.")]
    public void Add_WrongUsage_IsOnePlainSentence(string date, string days, string option, string file, string sentence)
    {
        var (exit, output, error) = Run("add", date, days, option, file.Length == 0 ? DemoPath : file);
        Assert.Equal((2, ""), (exit, output));
        Assert.Contains(sentence, error);
        Assert.Equal(1, error.Count(c => c == '\n'));
    }

    [Fact]
    public void Show_PublishedYear_MarksEachDayAndFitsATerminal()
    {
        var (exit, output, error) = Run(["show", "2024", "--calendar", .. PublishedFiles()]);
        Assert.Equal((0, ""), (exit, error));
        Assert.All(output.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
        Assert.Contains("2024 has 248 working days.", output);
        // 27 April 2024 was a working Saturday; the 29th, a Monday, was off.
        Assert.Contains("27+28.", output);
        Assert.Contains("29.30.", output);
        Assert.Equal(366, System.Text.RegularExpressions.Regex.Count(output.Split("2024 has")[0], @"(?<![0-9])[1-9][0-9]?[.+ \n](?!working)", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5)));
    }

    [Theory]
    [InlineData("2041", 1, "No calendar covers the year 2041.")]
    [InlineData("x", 2, "YEAR must be a year such as 2026, not x.")]
    [InlineData("0", 2, "YEAR must be a year such as 2026, not 0.")]
    public void Show_WhatThereIsNot_IsOnePlainSentence(string year, int exit, string sentence) =>
        Assert.Equal((exit, "", sentence + "\n"), Run("show", year, "--rules", DemoPath));

    [Fact]
    public void Add_NeitherOrBothSources_IsWrongUsage()
    {
        Assert.Equal(2, Run("add", "2026-02-03", "1").Exit);
        Assert.Equal(2, Run("add", "2026-02-03", "1", "--rules", DemoPath, "--calendar", "x.xml").Exit);
    }

    [Fact]
    public void Add_TwoFilesOfOneYear_IsWrongUsage()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, SmallRules.Year2027);
        Assert.Equal((2, "", "Two calendar files cover the year 2027.\n"), Run("add", "2027-02-03", "1", "--calendar", file, file));
        File.Delete(file);
    }
}
