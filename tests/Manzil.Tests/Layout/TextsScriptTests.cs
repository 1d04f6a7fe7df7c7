using System.Diagnostics;

namespace Manzil.Tests.Layout;

/// <summary>The build's check of the catalogues, run on a small project that is right and on broken copies of it.</summary>
public sealed class TextsScriptTests : IDisposable
{
    readonly string project = Directory.CreateTempSubdirectory("manzil-texts-").FullName;

    public TextsScriptTests()
    {
        Directory.CreateDirectory(Path.Combine(project, "Layout", "Languages"));
        File.Copy(Path.Combine(Source, "Languages", "plurals.json"), InLanguages("plurals.json"));
        Write("en", """ "home.title": "Home", "home.hello": "Hello {name}", "home.days": { "one": "{count} day", "other": "{count} days" }""");
        Write("ru", """ "home.title": "Начало", "home.hello": "Привет, {name}", "home.days": { "one": "{count} день", "few": "{count} дня", "many": "{count} дней", "other": "{count} дня" }""");
        File.WriteAllText(PagePath, """@T["home.title"] @T["home.hello", ("name", x[0])] @T["home.days", ("count", 3)]""");
    }

    static string Source => Path.Combine(LayoutHost.Root, "src", "Manzil", "Layout");

    string PagePath => Path.Combine(project, "Page.cshtml");

    public void Dispose() => Directory.Delete(project, recursive: true);

    [Fact]
    public void Script_CompleteCatalogues_FindsNothing() => Assert.Equal((0, ""), Run());

    [Theory]
    [InlineData("ru.json", "\"home.title\": \"Начало\", ", "", "ru.json(1): error MZL001: ru.json: key \"home.title\" is missing")]
    [InlineData("ru.json", "Привет, {name}", "Привет", "key \"home.hello\" has the placeholders none where en.json has {name}")]
    [InlineData("ru.json", "Привет, {name}", "Привет, {nane}", "has the placeholders {nane} where")]
    [InlineData("ru.json", "\"few\": \"{count} дня\", ", "", "key \"home.days\" has no plural category \"few\"")]
    [InlineData("en.json", "\"one\": \"{count} day\", ", "\"two\": \"{count} day\", ", "has the plural category \"two\", which the language does not")]
    [InlineData("ru.json", "\"Начало\"", "\"\"", "key \"home.title\" has an empty text")]
    [InlineData("ru.json", "\"home.title\"", "\"home.titel\"", "key \"home.titel\" is not in en.json")]
    [InlineData("ru.json", "\"tag\": \"ru\"", "\"tag\": \"be\"", "the tag in \"@language\" is not the file's name")]
    [InlineData("ru.json", "}", "", "ru.json: not JSON")]
    [InlineData("Page.cshtml", "home.title", "home.titel", "Page.cshtml(1): error MZL001: key \"home.titel\" of Page.cshtml is in no catalogue")]
    [InlineData("Page.cshtml", "@T[\"home.title\"]", "", "en.json: key \"home.title\" is used nowhere")]
    [InlineData("Page.cshtml", "(\"name\", x[0])", "(\"nane\", x[0])", "key \"home.hello\" is given {nane} and its text has {name}")]
    [InlineData("Page.cshtml", ", (\"count\", 3)", "", "key \"home.days\" is given none and its text has {count}")]
    public void Script_BrokenCopy_FailsWithOneClearSentence(string file, string good, string bad, string sentence)
    {
        var path = file == "Page.cshtml" ? PagePath : InLanguages(file);
        var text = File.ReadAllText(path);
        Assert.Contains(good, text);
        File.WriteAllText(path, text.Replace(good, bad));

        var (exitCode, output) = Run();

        Assert.Equal(1, exitCode);
        Assert.Contains(sentence, output);
    }

    [Fact]
    public void Script_UnfinishedOrMissing_SaysWhatIsLeftAndDoesNotFail()
    {
        Write("ru", "\"home.title\": \"Начало\"");
        Assert.Equal((0, "unfinished: ru.json: key \"home.hello\" is missing\nunfinished: ru.json: key \"home.days\" is missing\n"), Run("--unfinished"));
        Assert.StartsWith("ru\thome.hello\t\"Hello {name}\"\nru\thome.days\t", Run("--missing").Output);
    }

    string InLanguages(string file) => Path.Combine(project, "Layout", "Languages", file);

    void Write(string lang, string texts)
    {
        var months = string.Join(", ", Enumerable.Range(1, 12).Select(i => $"\"m{i}\""));
        File.WriteAllText(InLanguages(lang + ".json"),
            $$"""{ "@language": { "name": "x", "tag": "{{lang}}", "script": "x", "direction": "ltr", "monthsWithDay": [{{months}}], "monthsAlone": [{{months}}], "date": "{day}", "dateAndTime": "{date}", "decimal": ".", "group": "," }, {{texts}} }""");
    }

    (int ExitCode, string Output) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("node") { RedirectStandardOutput = true };
        foreach (var argument in (string[])[Path.Combine(Source, "build", "texts.mjs"), project, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }
        using var node = Process.Start(start)!;
        var output = node.StandardOutput.ReadToEnd();
        node.WaitForExit();
        return (node.ExitCode, output);
    }
}
