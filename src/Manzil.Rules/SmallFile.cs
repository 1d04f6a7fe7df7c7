namespace Manzil.Rules;

/// <summary>Reads files of which only the first bytes can matter, so that a device or a huge file does no harm.</summary>
static class SmallFile
{
    /// <summary>The file's bytes; one more than <paramref name="limit"/> when there are more.</summary>
    internal static byte[] Read(string path, int limit)
    {
        using var file = File.OpenRead(path);
        var buffer = new byte[limit + 1];
        return buffer[..file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)];
    }

    internal static string Why(Exception e) =>
        e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : "it cannot be read";
}
