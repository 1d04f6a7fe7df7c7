using System.Text.Json.Nodes;
using Manzil.Register;
using Manzil.Tests.Rules;
using NodaTime;

namespace Manzil.Tests.Cases;

/// <summary>
/// Working days and intervals as rules.md has them, counted here a second time, from the rules file alone and without the code under test.
/// </summary>
sealed record OracleDays(IReadOnlySet<LocalDate> Off, IReadOnlySet<LocalDate> Outages, int Every = 30, int Working = 10, int Silence = 3)
{
    static readonly HashSet<LocalDate> DemoOff = [], DemoWorking = [], Marked = [];

    static OracleDays()
    {
        var years = JsonNode.Parse(File.ReadAllText(RulesData.DemoPath))!["calendar"]!["years"]!.AsObject();
        foreach (var (_, year) in years)
        {
            void Read(string member, HashSet<LocalDate> into)
            {
                foreach (var day in year![member]?.AsArray() ?? []) into.Add(IsoDate.Read(day!.GetValue<string>())!.Value);
            }

            Read("off", DemoOff);
            Read("working", DemoWorking);
            Read("short", Marked);
        }

        Marked.UnionWith(DemoOff);
        Marked.UnionWith(DemoWorking);
    }

    public static readonly OracleDays Demo = new(new HashSet<LocalDate>(), new HashSet<LocalDate>());

    /// <summary>Whether a calendar file may turn this day off: it is an ordinary working day that no list has yet.</summary>
    public static bool IsOrdinary(LocalDate day) => day.DayOfWeek is not (IsoDayOfWeek.Saturday or IsoDayOfWeek.Sunday) && !Marked.Contains(day);

    public bool IsWorking(LocalDate day) =>
        !Off.Contains(day) && !Outages.Contains(day) && !DemoOff.Contains(day)
        && (DemoWorking.Contains(day) || day.DayOfWeek is not (IsoDayOfWeek.Saturday or IsoDayOfWeek.Sunday));

    /// <summary>The last day of N working days after a date, which itself is not counted.</summary>
    public LocalDate End(LocalDate after, int working)
    {
        for (var day = after; ;)
        {
            day = day.PlusDays(1);
            if (IsWorking(day) && --working == 0) return day;
        }
    }
}
