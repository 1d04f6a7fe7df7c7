using System.Net;
using Manzil.Outgoing;

namespace Manzil.Log;

/// <summary>The log answered with something that cannot be read, or not at all.</summary>
sealed class LogUnreadableException(string sentence) : Exception(sentence);

/// <summary>Where an audited log is read from: its address on the web, or a folder with a copy of it.</summary>
sealed class LogSource : IDisposable
{
    // A bundle of 256 entries of the greatest length that tlog-tiles allows is 16 MiB.
    const int MaxBytes = 32 * 1024 * 1024;
    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    readonly HttpClient? _web;
    readonly string _folder = "";

    LogSource(HttpClient web) => _web = web;

    LogSource(string folder) => _folder = folder;

    internal static LogSource Open(string given)
    {
        if (Uri.TryCreate(given, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
        {
            var address = url.GetLeftPart(UriPartial.Path).TrimEnd('/') + (url.AbsolutePath == "/" ? "/log/" : "/");
            return new LogSource(new OutgoingGate(Destination.OfLog(new Uri(address))).Http(Timeout, MaxBytes));
        }

        var folder = new[] { given, Path.Combine(given, "log") }.FirstOrDefault(path => File.Exists(Path.Combine(path, "checkpoint")));
        return folder is not null
            ? new LogSource(folder)
            : throw new UsageException($"{given} is neither a web address nor a folder with a log's checkpoint.");
    }

    internal Task<byte[]?> FetchAsync(string path, CancellationToken cancellation) =>
        _web is null ? ReadAsync(path, cancellation) : DownloadAsync(_web, path, cancellation);

    public void Dispose() => _web?.Dispose();

    async Task<byte[]?> ReadAsync(string path, CancellationToken cancellation)
    {
        var file = new FileInfo(Path.Combine(_folder, path));
        try
        {
            if (!file.Exists)
            {
                return null;
            }

            return file.Length <= MaxBytes
                ? await File.ReadAllBytesAsync(file.FullName, cancellation)
                : throw new LogUnreadableException($"The log's file {path} is too long.");
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new LogUnreadableException($"The log's file {path} cannot be read.");
        }
    }

    static async Task<byte[]?> DownloadAsync(HttpClient web, string path, CancellationToken cancellation)
    {
        try
        {
            using var response = await web.GetAsync(path, cancellation);
            if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
            {
                return null;
            }

            return response.IsSuccessStatusCode
                ? await response.Content.ReadAsByteArrayAsync(cancellation)
                : throw new LogUnreadableException($"The log answered {(int)response.StatusCode} for {path}, so that it cannot be audited now.");
        }
        catch (Exception wrong) when (wrong is HttpRequestException or IOException
            || wrong is TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            throw new LogUnreadableException($"The log at {web.BaseAddress} could not be reached for {path}.");
        }
    }
}
