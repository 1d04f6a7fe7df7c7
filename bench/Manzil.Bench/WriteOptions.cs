using System.Globalization;

namespace Manzil.Bench;

/// <summary>What to measure, and where the parts are that bench/run started or built.</summary>
sealed record WriteOptions(
    bool Postgres, int Rounds, int Seconds, int WarmUp, int People, IReadOnlyList<int> Connections, IReadOnlyList<string> Mixes, bool Profile,
    string Server, string Rules, string Folder, string Socket, int Port, string Programs)
{
    public string DataFolder { get; init; } = "data";

    public string Database { get; init; } = "manzil";

    /// <summary>Where the server finds its database.</summary>
    public string Where => Postgres ? $"postgres://postgres@127.0.0.1:{Port}/{Database}" : "sqlite";


    public static WriteOptions Read(string[] arguments)
    {
        var database = arguments.FirstOrDefault(a => a is "postgres" or "sqlite") ?? "postgres";
        string Value(string name, string otherwise) =>
            Array.IndexOf(arguments, name) is >= 0 and var at && at + 1 < arguments.Length ? arguments[at + 1] : otherwise;
        int Number(string name, string otherwise) => int.Parse(Value(name, otherwise), CultureInfo.InvariantCulture);
        return new WriteOptions(
            database == "postgres", Number("--rounds", "3"), Number("--seconds", "6"), Number("--warm-up", "10"), Number("--people", "20000"),
            [.. Value("--connections", "64,256").Split(',').Select(c => int.Parse(c, CultureInfo.InvariantCulture))],
            Value("--mixes", "mix").Split(','), arguments.Contains("--hold"),
            Value("--server", ""), Value("--rules", ""), Value("--folder", ""), Value("--socket", ""), Number("--port", "0"), Value("--programs", ""));
    }
}
