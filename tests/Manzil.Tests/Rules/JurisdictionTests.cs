using System.Text;
using System.Text.Json;
using Manzil.Rules;
using NodaTime;
using static Manzil.Tests.Rules.RulesData;

namespace Manzil.Tests.Rules;

public class JurisdictionTests
{
    static Jurisdiction Parse(string text, string calendarFile = SmallRules.Year2027) =>
        Jurisdiction.Parse(Encoding.UTF8.GetBytes(text), "small.json", name => name == "years/2027.xml"
            ? Encoding.UTF8.GetBytes(calendarFile)
            : throw new FileNotFoundException());

    [Fact]
    public void Parse_GoodFile_GivesEveryMember()
    {
        var rules = Parse("\uFEFF" + SmallRules.Text);
        Assert.Equal("SMALL", rules.Code);
        Assert.Equal(("Kichik viloyat", "Small Region"), (rules.Name.In("uz-Latn"), rules.Name.In("ky")));
        Assert.Equal("Asia/Tashkent", rules.Zone.Id);
        Assert.Equal(["en", "uz-Latn"], rules.Languages);
        Assert.Equal(("Idora", "+998 00 000-00-00"), (rules.Authority.Name.In("uz-Latn"), rules.Authority.Phone));
        Assert.Equal(["SM-1", "SM-2"], rules.Offices.Select(o => o.Code.Value));
        Assert.Same(rules.Offices[0], rules.DefaultOffice);
        Assert.Equal("Koʻcha, 2", rules.FindOffice(OfficeCode.Parse("SM-2"))?.Address.In("uz-Latn"));
        Assert.Null(rules.FindOffice(OfficeCode.Parse("SM-3")));
        Assert.Equal(["GONE", "NEVER"], rules.Grounds.Select(g => g.Code));
        Assert.Equal("Butunlay ketgan", rules.Grounds[0].Text.In("uz-Latn"));
        Assert.Equal([2026, 2027], rules.Calendar.Years);
        Assert.True(rules.Calendar.IsWorkingDay(Date("2026-01-03")));
        Assert.False(rules.Calendar.IsWorkingDay(Date("2026-01-02")));
        Assert.False(rules.Calendar.IsWorkingDay(Date("2026-03-22")));
        Assert.True(rules.Calendar.IsWorkingDay(Date("2027-01-02")));
        Assert.True(rules.Calendar.IsWorkingDay(Date("2027-12-31")));
    }

    [Fact]
    public void Parse_EachInterval_ReachesItsOwnProperty()
    {
        var read = Parse(SmallRules.Text);
        foreach (var property in typeof(Intervals).GetProperties())
            AssertReached(property, "intervals", rules => rules.Intervals, read.Intervals);
        foreach (var property in typeof(Retention).GetProperties())
            AssertReached(property, "retention", rules => rules.Retention, read.Retention);
    }

    static void AssertReached(System.Reflection.PropertyInfo property, string part, Func<Jurisdiction, object> take, object before)
    {
        var name = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
        if (property.PropertyType != typeof(int))
        {
            Assert.Equal([5, 2], Parse(SmallRules.Text.Replace("[7, 1, 0]", "[5, 2]")).Intervals.ReminderDaysBefore);
            return;
        }
        var old = (int)property.GetValue(before)!;
        var text = SmallRules.Text.Replace($"\"{name}\": {old}", $"\"{name}\": {old + 1}");
        Assert.True(text != SmallRules.Text, $"{part}.{name} is not in the file");
        var after = take(Parse(text));
        Assert.Equal(old + 1, property.GetValue(after));
        Assert.Single(property.DeclaringType!.GetProperties(), p => !Equals(p.GetValue(before), p.GetValue(after)) && p.PropertyType == typeof(int));
    }

    public static TheoryData<string, string, string> BadFiles => new()
    {
        // what stands in the good file, what stands there instead, and the reason that is given for the line of the latter
        { "\"code\": \"SMALL\"", "\"cod\": \"SMALL\"", "“cod” is not a member of the rules" },
        { "\"code\": \"SMALL\"", "\"code\": \"small\"", "A-Z" },
        // Statements name the address of --public-url, and no file says another.
        { "\"code\": \"SMALL\",", "\"code\": \"SMALL\", \"issuer\": \"https://small.example\",", "“issuer” is not a member of the rules" },
        { "\"code\": \"SMALL\"", "\"code\": 7", "text in quotation marks" },
        { "\"code\": \"SMALL\",", "\"code\": \"SMALL\", \"code\": \"SMALL\",", "a second time" },
        { "\"code\": \"SMALL\",", "\"code\": \"SMALL\", // mine", "not JSON" },
        { "\"code\": \"SMALL\",", "\"code\": \"SMALL\"", "not JSON" },
        { "\"en\": \"Small Region\"", "\"en\": \"\"", "1 to 200 characters" },
        { "\"en\": \"Small Region\"", "\"en\": \" a\"", "no space at its ends" },
        { "\"en\": \"Small Region\"", "\"en\": \"a\\u0000b\"", "control characters" },
        { "\"en\": \"Small Region\"", "\"en\": \"a\\ud800b\"", "half a character" },
        { "\"en\": \"Small Region\"", "\"en\": null", "text in quotation marks" },
        { "\"uz-Latn\": \"Kichik viloyat\"", "\"uz\": \"Kichik viloyat\"", "“uz” is not a member of name" },
        { ", \"uz-Latn\": \"Kichik viloyat\"", "", "“uz-Latn” is missing from name" },
        { "Asia/Tashkent", "Asia/Nowhere", "not a zone" },
        { "[\"en\", \"uz-Latn\"]", "[]", "must hold from 1 to 30 entries" },
        { "[\"en\", \"uz-Latn\"]", "\"en\"", "a list in brackets" },
        { "[\"en\", \"uz-Latn\"]", "[\"en\", \"en\"]", "a second time" },
        { "[\"en\", \"uz-Latn\"]", "[\"en\", \"english\"]", "not a language tag" },
        { "[\"en\", \"uz-Latn\"]", "[\"en\", \"uz-latn\"]", "not a language tag" },
        { "+998 00 000-00-00", "call us", "telephone number" },
        { "\"code\": \"SM-2\"", "\"code\": \"SM-1\"", "the office SM-1 stands here a second time" },
        { "\"code\": \"SM-2\"", "\"code\": \"-SM2\"", "A-Z" },
        { "\"code\": \"SM-2\", ", "", "“code” is missing from an office" },
        { "\"phone\": \"113\"", "\"phone\": \"113\", \"fax\": \"114\"", "“fax” is not a member of an office" },
        { "\"code\": \"NEVER\"", "\"code\": \"GONE\"", "the ground GONE stands here a second time" },
        { "\"code\": \"NEVER\"", "\"code\": \"never\"", "A-Z" },
        { "\"breakerPercent\": 30", "\"breakerPercent\": 0", "from 1 to 100" },
        { "\"confirmEveryDays\": 30", "\"confirmEveryDays\": 0", "from 7 to 366" },
        { "\"confirmEveryDays\": 30", "\"confirmEveryDays\": 30.5", "a whole number" },
        { "\"confirmEveryDays\": 30", "\"confirmEveryDays\": \"30\"", "a whole number" },
        { "\"confirmEveryDays\": 30", "\"confirmEveryDays\": 99999999999", "a whole number" },
        { "\"confirmEveryDays\": 30,", "", "“confirmEveryDays” is missing from intervals" },
        { "[7, 1, 0]", "[0, 1, 7]", "must fall" },
        { "[7, 1, 0]", "[30, 1]", "from 0 to 29" },
        { "[7, 1, 0]", "[]", "must hold from 1 to 10 entries" },
        { "\"reminderUntilHour\": 20", "\"reminderUntilHour\": 9", "from 10 to 23" },
        { "\"answerWorkingDays\": 10", "\"answerWorkingDays\": 1", "from 5 to 120" },
        { "\"arrivalUrgentHoursAhead\": 4", "\"arrivalUrgentHoursAhead\": 73", "from 0 to 72" },
        { "\"arrivalMaxDaysAhead\": 90", "\"arrivalMaxDaysAhead\": 3", "from 4 to 366" },
        { "\"fileYears\": 3", "\"fileYears\": 0", "from 1 to 75" },
        { "\"lookYears\": 3", "\"lookYear\": 3", "“lookYear” is not a member of retention" },
        { "[\"friday\", \"saturday\"]", "[\"Friday\"]", "not a day of the week" },
        { "[\"friday\", \"saturday\"]", "[\"none\"]", "not a day of the week" },
        { "[\"friday\", \"saturday\"]", "[\"friday\", \"friday\"]", "a second time" },
        { "\"from\": 2026", "\"from\": 2025", "has nothing for 2025" },
        { "\"from\": 2026", "\"from\": 1066", "from 1900 to 2200" },
        { "\"to\": 2027", "\"to\": 2025", "from 2026 to" },
        { "\"2026\": {", "\"2028\": {", "does not lie in 2028" },
        { "\"2026\": {", "\"2O26\": {", "is not a year" },
        { "\"2026\": {", "\"2024\": { \"off\": [] }, \"2026\": {", "the year 2024 lies outside" },
        { "\"off\": [\"2026-01-01\", ", "\"off\": [\"2025-12-31\", ", "2025-12-31 does not lie in 2026" },
        { "\"off\": [\"2026-01-01\", ", "\"off\": [\"2026-02-29\", ", "“2026-02-29” is not a date" },
        { "\"off\": [\"2026-01-01\", ", "\"off\": [\"1 January\", ", "is not a date" },
        { "\"off\": [\"2026-01-01\", ", "\"off\": [20260101, ", "a date in quotation marks" },
        { "\"off\": [\"2026-01-01\", ", "\"off\": [\"2026-03-22\", ", "2026-03-22 stands in the year 2026 a second time" },
        { "\"working\": [\"2026-01-03\"]", "\"working\": [\"2026-03-22\"]", "a second time" },
        { "\"working\": [\"2026-01-03\"]", "\"working\": [\"2026-01-04\"]", "is a Sunday, which is worked anyway" },
        { "\"short\": [\"2026-12-31\"]", "\"short\": [\"2026-12-31\",]", "not JSON" },
        { "\"short\": [\"2026-12-31\"]", "\"shorts\": [\"2026-12-31\"]", "“shorts” is not a member of the year 2026" },
        { "years/2027.xml", "years/2028.xml", "the calendar file “years/2028.xml” cannot be read" },
        { "years/2027.xml", "../2027.xml", "beside the rules file" },
        { "years/2027.xml", "/etc/passwd", "beside the rules file" },
        { "[\"years/2027.xml\"]", "[\"years/2027.xml\", \"years/2027.xml\"]", "the year 2027 is covered a second time" },
        { "\"years/2027.xml\"]", "\"years/2027.xml\"]]", "not JSON" },
    };

    [Theory]
    [MemberData(nameof(BadFiles))]
    public void Parse_BadFile_NamesLineAndReason(string good, string bad, string reason)
    {
        var at = SmallRules.Text.IndexOf(good, StringComparison.Ordinal);
        Assert.True(at >= 0, $"the good file has no {good}");
        var error = Assert.Throws<RulesFormatException>(() => Parse(SmallRules.Text[..at] + bad + SmallRules.Text[(at + good.Length)..]));
        Assert.Contains(reason, error.Message);
        Assert.StartsWith($"In small.json on line {error.Line}: ", error.Message);
        Assert.DoesNotContain('\n', error.Message);

        // What is missing is reported where the object begins, and a broken separator where the parser noticed.
        var line = SmallRules.Text[..at].Count(c => c == '\n') + 1;
        if (reason.Contains("missing") || reason.Contains("has nothing") || reason == "not JSON")
            Assert.InRange(error.Line, line - 4, line + 1);
        else
            Assert.Equal(line, error.Line);
    }

    [Theory]
    [InlineData("", 1, "not JSON")]
    [InlineData("{}", 1, "“code” is missing from the rules")]
    [InlineData("[]", 1, "the rules must be an object")]
    [InlineData("\n\n{\"code\":\"A", 3, "not JSON")]
    [InlineData("{} {}", 1, "not JSON")]
    [InlineData("\n[[[[[[[[[[[[[[[[[[", 2, "not JSON")]
    public void Parse_NoRulesAtAll_NamesLineAndReason(string text, int line, string reason)
    {
        var error = Assert.Throws<RulesFormatException>(() => Jurisdiction.Parse(text, "small.json"));
        Assert.Equal(line, error.Line);
        Assert.Contains(reason, error.Reason);
    }

    [Fact]
    public void Parse_BytesThatAreNotUtf8OrTooMany_NamesLineAndReason()
    {
        var error = Assert.Throws<RulesFormatException>(() => Jurisdiction.Parse("{\n\"code\": \"\xFF\"}"u8.ToArray().Select((b, i) => i == 11 ? (byte)0xFF : b).ToArray(), "x"));
        Assert.Equal((2, "the text is not UTF-8"), (error.Line, error.Reason));
        error = Assert.Throws<RulesFormatException>(() => Jurisdiction.Parse(new byte[Jurisdiction.MaxBytes + 1], "x"));
        Assert.Contains("1 MiB", error.Reason);
    }

    [Fact]
    public void Parse_BadCalendarFile_NamesThatFileAndItsLine()
    {
        var error = Assert.Throws<RulesFormatException>(() => Parse(SmallRules.Text, SmallRules.Year2027.Replace("01.02", "02.30")));
        Assert.Equal(("years/2027.xml", 6), (error.FileName, error.Line));
        error = Assert.Throws<RulesFormatException>(() => Jurisdiction.Parse(SmallRules.Text, "small.json"));
        Assert.Contains("do not come from a folder", error.Reason);
    }

    [Fact]
    public void Parse_YearWithHardlyAWorkingDay_IsRefused()
    {
        var days = Enumerable.Range(0, 365).Select(i => Date("2026-01-01").PlusDays(i)).Where(d => d != Date("2026-01-03") && d != Date("2026-12-31"));
        var error = Assert.Throws<RulesFormatException>(() => Parse(SmallRules.Text.Replace(
            "\"2026-01-01\", \"2026-03-22\"", string.Join(", ", days.Select(d => $"\"{d:uuuu-MM-dd}\"")))));
        Assert.Contains("has only 2 working days", error.Reason);
    }

    [Fact]
    public void Load_FileThatCannotBeRead_SaysSo()
    {
        Assert.Equal(
            "The rules file /nowhere/rules.json cannot be used: there is no such file.",
            Assert.Throws<RulesFormatException>(() => Jurisdiction.Load("/nowhere/rules.json")).Message);
        Assert.Equal((0, "it cannot be read"), (Assert.Throws<RulesFormatException>(() => Jurisdiction.Load(Root)) is var e ? e.Line : -1, e.Reason));
    }

    [Fact]
    public void Load_CalendarFileInAFolderBeside_IsFound()
    {
        var folder = Directory.CreateTempSubdirectory("manzil-rules-");
        Directory.CreateDirectory(Path.Combine(folder.FullName, "years"));
        File.WriteAllText(Path.Combine(folder.FullName, "years", "2027.xml"), SmallRules.Year2027);
        File.WriteAllText(Path.Combine(folder.FullName, "small.json"), SmallRules.Text);
        Assert.True(Jurisdiction.Load(Path.Combine(folder.FullName, "small.json")).Calendar.Covers(2027));
        folder.Delete(recursive: true);
    }

    [Fact]
    public void Load_Demo_HasTheValuesOfTheRulesDocument()
    {
        Assert.Equal(["en", "ru", "kk"], DemoRules.Languages);
        Assert.Equal("Europe/Moscow", DemoRules.Zone.Id);
        Assert.Equal(Enumerable.Range(2025, 16), DemoRules.Calendar.Years);
        Assert.Equal(3, DemoRules.Offices.Count);
        Assert.Equal([7, 1, 0], DemoRules.Intervals.ReminderDaysBefore);
        var standard = new Intervals();
        Assert.Equal(standard, DemoRules.Intervals with { ReminderDaysBefore = standard.ReminderDaysBefore });
        Assert.Equal(new Retention(), DemoRules.Retention);
    }

    [Fact]
    public void RulesFileDocument_ItsExampleParses_AndEveryMemberIsDescribed()
    {
        var text = File.ReadAllText(Path.Combine(Root, "docs", "rules-file.md"));
        var example = text.Split("```json\n")[1].Split("```")[0];
        var rules = Jurisdiction.Parse(example, "docs/rules-file.md");
        Assert.NotEmpty(rules.Offices);
        using var parsed = JsonDocument.Parse(SmallRules.Text);
        foreach (var name in Names(parsed.RootElement).Where(n => n is not ("en" or "uz-Latn" or "2026")))
            Assert.Contains($"`{name}`", text.Split("```")[^1]);
    }

    static IEnumerable<string> Names(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => Names(p.Value).Prepend(p.Name)).Distinct(),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Names).Distinct(),
        _ => [],
    };

    [Theory]
    [InlineData("SM", true)]
    [InlineData("ABCDEFGHIJ-1", true)]
    [InlineData("A", false)]
    [InlineData("ABCDEFGHIJ-12", false)]
    [InlineData("sm-1", false)]
    [InlineData("SM 1", false)]
    [InlineData("SM-", false)]
    [InlineData("ЗМ", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void OfficeCode_TryParse_TakesOnlyItsCharacters(string? text, bool valid)
    {
        Assert.Equal(valid, OfficeCode.TryParse(text, out var code));
        Assert.Equal(valid ? text : null, code?.Value);
        if (!valid)
            Assert.Throws<FormatException>(() => OfficeCode.Parse(text!));
    }
}
