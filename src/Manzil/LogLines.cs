using Manzil.Access;
using Microsoft.Extensions.Logging.Console;

namespace Manzil;

/// <summary>The log output: one line an event, on standard error. Standard output is for what a command was asked.</summary>
static class LogLines
{
    public static ILoggingBuilder AddLines(this ILoggingBuilder logging)
    {
        logging.AddSimpleConsole(o =>
        {
            o.SingleLine = true;
            o.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z '";
            o.UseUtcTimestamp = true;
        }).SetMinimumLevel(LogLevel.Warning).AddFilter(SecurityEvents.Category, LogLevel.Information);
        logging.Services.Configure<ConsoleLoggerOptions>(o =>
        {
            o.LogToStandardErrorThreshold = LogLevel.Trace;
            // Where nobody reads the output, or somebody makes many lines, the service goes on; a line says how many are missing.
            o.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite;
        });
        return logging;
    }
}
