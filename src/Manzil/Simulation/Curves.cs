using System.Globalization;
using System.Text;

namespace Manzil.Simulation;

/// <summary>The days as curves in an SVG file: each against its own highest day.</summary>
static class Curves
{
    const int Width = 960, Height = 120, Gap = 40, Left = 20;

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
        var height = curves.Length * (Height + Gap) + Gap;
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width + (2 * Left)} {height}\" font-family=\"sans-serif\" font-size=\"14\">\n");
        svg.Append("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
        for (var c = 0; c < curves.Length; c++)
        {
            var (name, value, colour) = curves[c];
            var top = Gap + (c * (Height + Gap));
            var most = Math.Max(1, days.Max(value));
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"{top - 8}\">{name}, at most {days.Max(value)}; {days[0].Date:uuuu-MM-dd} to {days[^1].Date:uuuu-MM-dd}</text>\n");
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Left}\" y1=\"{top + Height}\" x2=\"{Left + Width}\" y2=\"{top + Height}\" stroke=\"#505a5f\"/>\n");
            svg.Append(CultureInfo.InvariantCulture, $"<polyline fill=\"none\" stroke=\"{colour}\" points=\"");
            for (var i = 0; i < days.Count; i++)
            {
                var x = Left + (days.Count == 1 ? 0 : (double)Width * i / (days.Count - 1));
                svg.Append(CultureInfo.InvariantCulture, $"{x:0.#},{top + Height - ((double)Height * value(days[i]) / most):0.#} ");
            }

            svg.Append("\"/>\n");
        }

        return svg.Append("</svg>\n").ToString();
    }
}
