using System.IO.Pipelines;
using Manzil.Access;
using Manzil.Layout;

namespace Manzil.Register;

/// <summary>Reads a small JSON body whole.</summary>
static class JsonBody
{
    /// <returns>The bytes; null where the body is too large or no JSON, and then that has been answered.</returns>
    public static async ValueTask<byte[]?> ReadAsync(HttpContext http, int maxBytes)
    {
        var type = http.Request.ContentType;
        if (type is null || !type.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) || (type.Length > 16 && type[16] is not (';' or ' ')))
        {
            await Problems.Result(http, Problems.WrongContentType).ExecuteAsync(http);
            return null;
        }

        var reader = http.Request.BodyReader;
        while (true)
        {
            ReadResult result;
            try
            {
                result = await reader.ReadAsync(http.RequestAborted);
            }
            catch (IOException e) when (e is not (BadHttpRequestException or BodyGaveWayException))
            {
                // A chunk's size that overflows comes as this, and is the sender's error all the same.
                throw new BadHttpRequestException("The body could not be read.", e);
            }

            if (result.Buffer.Length > maxBytes)
            {
                reader.AdvanceTo(result.Buffer.End);
                await Problems.Result(http, Problems.TooLarge).ExecuteAsync(http);
                return null;
            }

            if (result.IsCompleted)
            {
                var body = new byte[result.Buffer.Length];
                var position = 0;
                foreach (var segment in result.Buffer)
                {
                    segment.Span.CopyTo(body.AsSpan(position));
                    position += segment.Length;
                }

                reader.AdvanceTo(result.Buffer.End);
                return body;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
