using System.Buffers.Text;

namespace Manzil.Bench;

/// <summary>As much of HTTP/1.1 as the server's answers use: a status line, headers, and a body of stated length.</summary>
static class HttpAnswer
{
    public static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var head = answer.IndexOf("\r\n\r\n"u8);
        if (head < 0) return false;
        var at = answer[..head].IndexOf("Content-Length: "u8);
        if (at < 0) throw new InvalidDataException("An answer does not say how long it is.");
        Utf8Parser.TryParse(answer[(at + 16)..head], out int length, out _);
        return answer.Length == head + 4 + length;
    }

    public static byte[] Body(byte[] answer) => answer[(answer.AsSpan().IndexOf("\r\n\r\n"u8) + 4)..];
}
