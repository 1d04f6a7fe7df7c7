namespace Manzil.Cases.Files;

/// <summary>Bytes that were written as differences to their neighbours before they were packed (ISO 32000-1, 7.4.4.4).</summary>
static class PdfPredictor
{
    public static bool IsIn(PdfDict parameters) => (parameters["Predictor"].Whole ?? 1) != 1;

    /// <summary>The bytes themselves. The kind of TIFF (2) is refused: pictures alone have it, and they keep theirs.</summary>
    public static byte[] Undo(byte[] bytes, PdfDict parameters, PdfBudget budget)
    {
        if (!IsIn(parameters)) return bytes;
        if (parameters["Predictor"].Whole is not (>= 10 and <= 15)) throw new FileRefusedException(FileFault.PdfHidden);
        var (colours, bits, columns) = (parameters["Colors"].Whole ?? 1, parameters["BitsPerComponent"].Whole ?? 8, parameters["Columns"].Whole ?? 1);
        if (colours is < 1 or > 32 || bits is not (1 or 2 or 4 or 8 or 16) || columns is < 1 or > 100_000) throw Unclear();
        var sample = Math.Max(1, colours * bits / 8);
        var row = (colours * bits * columns + 7) / 8;
        if (bytes.Length % (row + 1) != 0) throw Unclear();
        var rows = bytes.Length / (row + 1);
        budget.Held((long)rows * row);
        var plain = new byte[rows * row];
        for (var y = 0; y < rows; y++)
        {
            var kind = bytes[y * (row + 1)];
            for (var x = 0; x < row; x++)
            {
                int left = x < sample ? 0 : plain[y * row + x - sample];
                int up = y == 0 ? 0 : plain[(y - 1) * row + x];
                int corner = x < sample || y == 0 ? 0 : plain[(y - 1) * row + x - sample];
                var guess = kind switch { 0 => 0, 1 => left, 2 => up, 3 => (left + up) / 2, 4 => Paeth(left, up, corner), _ => throw Unclear() };
                plain[y * row + x] = (byte)(bytes[y * (row + 1) + 1 + x] + guess);
            }
        }

        return plain;
    }

    static int Paeth(int left, int up, int corner)
    {
        var (byLeft, byUp, byCorner) = (Math.Abs(up - corner), Math.Abs(left - corner), Math.Abs(left + up - 2 * corner));
        return byLeft <= byUp && byLeft <= byCorner ? left : byUp <= byCorner ? up : corner;
    }

    static FileRefusedException Unclear() => new(FileFault.PdfUnclear);
}
