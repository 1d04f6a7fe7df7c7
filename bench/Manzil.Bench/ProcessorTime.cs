using System.Globalization;

namespace Manzil.Bench;

/// <summary>Processor time that processes have used, from /proc.</summary>
static class ProcessorTime
{
    const double TicksPerSecond = 100;

    public static double Of(int process)
    {
        try
        {
            var fields = Fields(process);
            return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>A process and its children, among them those that have ended and were waited for.</summary>
    public static double OfFamily(int process)
    {
        var ended = Fields(process)[13..15].Sum(f => double.Parse(f, CultureInfo.InvariantCulture)) / TicksPerSecond;
        return Of(process) + ended + Children(process).Sum(Of);
    }

    public static (double Busy, double All) OfMachine()
    {
        var times = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..9].Select(f => double.Parse(f, CultureInfo.InvariantCulture)).ToArray();
        return ((times.Sum() - times[3] - times[4]) / TicksPerSecond, times.Sum() / TicksPerSecond);
    }

    static IEnumerable<int> Children(int process) =>
        File.ReadAllText($"/proc/{process}/task/{process}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse);

    // The name, in parentheses, may hold spaces: fields are counted from after it.
    static string[] Fields(int process)
    {
        var text = File.ReadAllText($"/proc/{process}/stat");
        return text[(text.LastIndexOf(')') + 2)..].Split(' ');
    }
}
