using System.Globalization;
using Manzil.Tests.Databases;

namespace Manzil.Tests;

/// <summary>How many (standing, act, actor) were tried, and how: ./test prints it when all tests are over, since a runner keeps what tests write to itself.</summary>
static class TripleCounts
{
    /// <param name="order">Where it stands in the line; one for each test that counts.</param>
    /// <param name="how">Goes before the database's name, where there is one.</param>
    public static void Say(string order, int count, string how, DatabaseKind? kind = null)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts", "triples"));
        var database = kind switch { null => "", DatabaseKind.Sqlite => " SQLite", _ => " PostgreSQL" };
        File.WriteAllText(Path.Combine(folder.FullName, $"{order}-{(int?)kind}"), string.Create(CultureInfo.InvariantCulture, $"{count:N0} {how}{database}\n"));
    }
}
