using System.Globalization;
using System.Text;
using QRCoder;

namespace Manzil.Receipts;

/// <summary>A QR code as SVG: black on white, one path, no style. Drawn on demand only: it is the slowest step there is.</summary>
public static class QrSvg
{
    /// <param name="text">Made of the QR alphanumeric symbols, as base45 is.</param>
    /// <param name="title">What the picture is, for those who do not see it.</param>
    public static string Draw(string text, string title)
    {
        using var generator = new QRCodeGenerator();
        using var data = generator.CreateQrCode(text, text.Length > 600 ? QRCodeGenerator.ECCLevel.L : QRCodeGenerator.ECCLevel.M);
        var modules = data.ModuleMatrix;
        // QRCoder's matrix has its own quiet zone of four modules.
        var size = modules.Count;
        var path = new StringBuilder();
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                if (!modules[y][x]) continue;
                var run = x;
                while (run < size && modules[y][run]) run++;
                path.Append(CultureInfo.InvariantCulture, $"M{x} {y}h{run - x}v1H{x}z");
                x = run;
            }
        }

        return $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size.ToString(CultureInfo.InvariantCulture)} {size.ToString(CultureInfo.InvariantCulture)}" role="img" shape-rendering="crispEdges"><title>{System.Net.WebUtility.HtmlEncode(title)}</title><rect width="100%" height="100%" fill="#fff"/><path d="{path}" fill="#000"/></svg>""";
    }
}
