using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Manzil.Bench;

/// <summary>Kestrel and nothing else: reads a body and answers 201 with some bytes. What HTTP alone costs.</summary>
static class BareServer
{
    public static async Task<int> RunAsync(int answer)
    {
        var bytes = new byte[answer];
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.Run(async http =>
        {
            var body = await http.Request.BodyReader.ReadAtLeastAsync((int)http.Request.ContentLength!);
            http.Request.BodyReader.AdvanceTo(body.Buffer.End);
            http.Response.StatusCode = StatusCodes.Status201Created;
            http.Response.ContentType = "application/json";
            http.Response.ContentLength = bytes.Length;
            await http.Response.BodyWriter.WriteAsync(bytes);
        });
        await app.StartAsync();
        Console.WriteLine(new Uri(app.Urls.Single()).Authority);
        await app.WaitForShutdownAsync();
        return 0;
    }
}
