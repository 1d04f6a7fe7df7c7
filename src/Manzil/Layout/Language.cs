using System.Reflection;
using System.Text.Json;

namespace Manzil.Layout;

/// <summary>What a catalogue says about its own language.</summary>
public sealed record Language(
    string Tag,
    string Name,
    string Script,
    string Direction,
    IReadOnlyList<string> MonthsWithDay,
    IReadOnlyList<string> MonthsAlone,
    string Date,
    string DateAndTime,
    string Decimal,
    string Group)
{
    static readonly Lazy<IReadOnlyDictionary<string, Language>> all = new(() =>
        Embedded.Names().ToDictionary(name => name, name => Embedded.Read(name).GetProperty("@language").Deserialize<Language>(JsonSerializerOptions.Web)!));

    static readonly Lazy<IReadOnlyDictionary<string, PluralRules>> plurals = new(() =>
        Embedded.Read("plurals").EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.Object)
            .ToDictionary(p => p.Name, p => new PluralRules(p.Value.EnumerateObject().ToDictionary(r => r.Name, r => r.Value.GetString()!))));

    /// <summary>Every language that has a catalogue, by its tag.</summary>
    public static IReadOnlyDictionary<string, Language> All => all.Value;

    /// <summary>A language by its own name; its tag where there is no catalogue of it (any more).</summary>
    public static string NameOf(string tag) => All.TryGetValue(tag, out var language) ? language.Name : tag;

    public PluralRules Plurals => plurals.Value[Tag.Split('-')[0]];

    public static PluralRules PluralsOf(string language) => plurals.Value[language];

    internal static class Embedded
    {
        const string folder = "Languages/";

        public static IEnumerable<string> Names() => Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(name => name.StartsWith(folder, StringComparison.Ordinal)).Select(name => name[folder.Length..]).Where(name => name != "plurals");

        public static JsonElement Read(string name)
        {
            using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(folder + name)!;
            return JsonDocument.Parse(stream).RootElement.Clone();
        }
    }
}
