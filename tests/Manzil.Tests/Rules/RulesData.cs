using Manzil.Rules;
using NodaTime;
using NodaTime.Text;

namespace Manzil.Tests.Rules;

/// <summary>The calendars and rules that these tests read, and where they lie.</summary>
static class RulesData
{
    public static string Root { get; } = FindRoot();

    public static string DemoPath { get; } = Path.Combine(Root, "rules", "demo.json");

    public static Jurisdiction DemoRules { get; } = Jurisdiction.Load(DemoPath);

    public static LocalDate Date(string iso) => LocalDatePattern.Iso.Parse(iso).GetValueOrThrow();

    public static LocalDate? DateOrNull(string? iso) => iso is null ? null : Date(iso);

    /// <summary>The published calendars of 2024 to 2026. They are not part of the tree: without them the test is skipped.</summary>
    public static string[] PublishedFiles()
    {
        var vectors = Environment.GetEnvironmentVariable("MANZIL_VECTORS");
        for (var folder = Root; string.IsNullOrEmpty(vectors) && folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var candidate = Path.Combine(folder, "shared", "vectors");
            vectors = Directory.Exists(candidate) ? candidate : null;
        }
        if (string.IsNullOrEmpty(vectors) && Environment.GetEnvironmentVariable("CI") != "true")
            Assert.Skip("The published calendars are not here: set MANZIL_VECTORS to the folder that holds them.");
        return [.. new[] { 2024, 2025, 2026 }.Select(year => Path.Combine(vectors ?? "", "calendars", $"ru-{year}.xml"))];
    }

    public static WorkingCalendar Published() =>
        WorkingCalendar.Create(XmlCalendar.Weekend, PublishedFiles().Select(XmlCalendar.Load));

    static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Manzil.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("The tests do not run inside the tree.");
        return folder;
    }
}
