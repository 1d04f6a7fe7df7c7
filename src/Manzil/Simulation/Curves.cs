using System.Globalization;
using System.Text;
using NodaTime;

namespace Manzil.Simulation;

/// <summary>The days as curves in an SVG file: each with a scale of its own, all above one axis of dates.</summary>
static class Curves
{
    const int Width = 900, Height = 120, Gap = 48, Left = 80, Right = 20, Bottom = 30;

    /// <summary>So that dates under the axis do not run into each other.</summary>
    const int MostDates = 9;

    const string Grey = "#505a5f", Pale = "#d0d4d6";

    public static string Draw(IReadOnlyList<SimulatedDay> days)
    {
        (string Name, Func<SimulatedDay, int> Value, string Colour)[] curves =
        [
            ("Notices a day", d => d.Notices, "#1d70b8"),
            ("Reminders a day", d => d.Reminders, "#00703c"),
            ("Cases opened a day", d => d.CasesOpened, "#d4351c"),
            ("Cases closed by workers a day", d => d.CasesClosed, "#4c2c92"),
        ];
        var svg = new StringBuilder();
        var bottom = curves.Length * (Height + Gap);
        Add(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Left + Width + Right} {bottom + Bottom}\" font-family=\"sans-serif\" font-size=\"14\">");
        Add(svg, $"<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>");
        double X(int day) => Left + (days.Count == 1 ? 0 : (double)Width * day / (days.Count - 1));
        foreach (var day in Dated(days))
        {
            Add(svg, $"<line x1=\"{X(day):0.#}\" y1=\"{Gap}\" x2=\"{X(day):0.#}\" y2=\"{bottom + 5}\" stroke=\"{Pale}\"/>");
            // The first would hang over the edge of the scale, and the last over that of the picture.
            var anchor = day == days.Count - 1 && day > 0 ? "end" : "middle";
            Add(svg, $"<text x=\"{X(day):0.#}\" y=\"{bottom + 20}\" text-anchor=\"{anchor}\" font-size=\"12\" fill=\"{Grey}\">{days[day].Date:uuuu-MM-dd}</text>");
        }

        for (var c = 0; c < curves.Length; c++)
        {
            var (name, value, colour) = curves[c];
            var top = Gap + (c * (Height + Gap));
            var most = days.Max(value);
            var step = Step(most);
            var scale = Math.Max(step, (most + step - 1) / step * step);
            double Y(int count) => top + Height - ((double)Height * count / scale);
            Add(svg, $"<text x=\"{Left}\" y=\"{top - 8}\">{name}, at most {most}</text>");
            for (var count = 0; count <= scale; count += step)
            {
                Add(svg, $"<line x1=\"{Left}\" y1=\"{Y(count):0.#}\" x2=\"{Left + Width}\" y2=\"{Y(count):0.#}\" stroke=\"{(count == 0 ? Grey : Pale)}\"/>");
                Add(svg, $"<text x=\"{Left - 8}\" y=\"{Y(count) + 4:0.#}\" text-anchor=\"end\" font-size=\"12\" fill=\"{Grey}\">{count}</text>");
            }

            svg.Append(CultureInfo.InvariantCulture, $"<polyline fill=\"none\" stroke=\"{colour}\" points=\"");
            for (var i = 0; i < days.Count; i++) svg.Append(CultureInfo.InvariantCulture, $"{X(i):0.#},{Y(value(days[i])):0.#} ");
            svg.Append("\"/>\n");
        }

        return svg.Append("</svg>\n").ToString();
    }

    /// <summary>Steps of 1, 2 or 5 times a power of ten, at most five of them up to the highest day.</summary>
    public static int Step(int most)
    {
        for (var power = 1; ; power *= 10)
        {
            foreach (var step in (int[])[power, 2 * power, 5 * power])
            {
                if ((long)step * 5 >= most) return step;
            }
        }
    }

    /// <summary>The days whose date stands under the axis: first days of months where the whole is long, and some of the days where it is short.</summary>
    static IEnumerable<int> Dated(IReadOnlyList<SimulatedDay> days)
    {
        var firsts = Enumerable.Range(0, days.Count).Where(d => days[d].Date.Day == 1).ToList();
        var all = firsts.Count >= 3 ? firsts : [.. Enumerable.Range(0, days.Count)];
        var every = (all.Count + MostDates - 1) / MostDates;
        return all.Where((_, n) => n % every == 0);
    }

    static void Add(StringBuilder svg, FormattableString line) => svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
