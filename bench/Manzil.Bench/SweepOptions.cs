using System.Globalization;

namespace Manzil.Bench;

/// <summary>What to measure, and where the parts are that bench/run started.</summary>
/// <param name="People">The sizes of the population; the number due is the same in each.</param>
/// <param name="Cases">How many cases are open: few, and many.</param>
/// <param name="Together">Whether those due stand together in the register, as if enrolled on the same days, instead of spread over all of it.</param>
sealed record SweepOptions(bool Postgres, IReadOnlyList<int> People, IReadOnlyList<int> Cases, int Due, int Rounds, bool Together, string Rules, string Folder, int Port)
{
    public static SweepOptions Read(string[] arguments)
    {
        var postgres = !arguments.Contains("sqlite");
        string Value(string name, string otherwise) =>
            Array.IndexOf(arguments, name) is >= 0 and var at && at + 1 < arguments.Length ? arguments[at + 1] : otherwise;
        int Number(string name, string otherwise) => int.Parse(Value(name, otherwise), CultureInfo.InvariantCulture);
        IReadOnlyList<int> Sizes(string name, string otherwise) => [.. Value(name, otherwise).Split(',').Select(p => int.Parse(p, CultureInfo.InvariantCulture))];
        return new SweepOptions(
            postgres, Sizes("--people", postgres ? "500000,5000000" : "500000"), Sizes("--cases", "1000,100000"),
            Number("--due", "50000"), Number("--rounds", "3"), arguments.Contains("--together"), Value("--rules", ""), Value("--folder", ""), Number("--port", "0"));
    }
}
