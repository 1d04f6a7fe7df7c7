using Manzil.Layout;

namespace Manzil.Tests.Layout;

public class PluralRulesTests
{
    // CLDR 48's own sample numbers, one line a language and category.
    public static TheoryData<string, string, string> Samples => new()
    {
        { "en", "one", "1" },
        { "en", "other", "0 2 16 100 1000 1000000 0.0 1.0 1.5 10.0" },
        { "ru", "one", "1 21 31 41 51 61 71 81 101 1001" },
        { "ru", "few", "2 3 4 22 24 32 34 42 44 52 54 62 102 1002" },
        { "ru", "many", "0 5 11 12 14 19 100 111 1000 10000 1000000" },
        { "ru", "other", "0.0 0.5 1.0 1.5 10.0 100.0" },
        { "uk", "one", "1 21 101" },
        { "uk", "few", "2 4 22 102" },
        { "uk", "many", "0 5 19 100" },
        { "uk", "other", "0.1 1.5 10.0" },
        { "kk", "one", "1 1.0 1.00" },
        { "kk", "other", "0 2 16 100 0.9 1.1 10.0" },
        { "uz", "one", "1 1.000" },
        { "uz", "other", "0 2 100 1.6" },
        { "ky", "one", "1" },
        { "ky", "other", "0 2 1.1" },
        { "ka", "one", "1 1.0" },
        { "ka", "other", "0 2 16" },
        { "az", "one", "1 1.0" },
        { "az", "other", "0 2 16" },
        { "hy", "one", "0 1 0.0 1.5" },
        { "hy", "other", "2 17 100 2.0 3.5 10.0" },
        { "ro", "one", "1" },
        { "ro", "few", "0 2 16 101 1001 0.0 1.5 10.0 1000.0" },
        { "ro", "other", "20 35 100 1000 1000000" },
        { "tg", "other", "0 1 2 5 1.5" },
    };

    [Theory, MemberData(nameof(Samples))]
    public void Category_SampleNumbersOfCldr_AreInTheirCategory(string language, string category, string numbers)
    {
        var rules = Language.PluralsOf(language);
        Assert.Equal(numbers.Split(' ').Select(n => (n, category)), numbers.Split(' ').Select(n => (n, rules.Category(n))));
    }

    [Theory]
    [InlineData("n")]
    [InlineData("n = ")]
    [InlineData("n < 3")]
    [InlineData("n % 0 = 1")]
    [InlineData("n mod 10 = 1")]
    [InlineData("n = 1 or")]
    public void Constructor_RuleOutsideTheSyntax_IsRefused(string rule) =>
        Assert.Throws<FormatException>(() => new PluralRules(new Dictionary<string, string> { ["one"] = rule, ["other"] = "" }));
}
