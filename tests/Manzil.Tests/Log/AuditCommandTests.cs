using System.CommandLine;
using Manzil.Log;
using Manzil.Receipts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace Manzil.Tests.Log;

public sealed class AuditCommandTests : IDisposable
{
    readonly FolderLog _log = new FolderLog().Grow(300);
    readonly string _keys;
    readonly string _state;

    public AuditCommandTests()
    {
        _keys = Path.Combine(_log.Folder, "keys.json");
        _state = Path.Combine(_log.Folder, "state");
        var opened = Instant.FromUtc(2026, 1, 1, 0, 0);
        File.WriteAllBytes(_keys, new KeySet([], [new PublishedLog(_log.Key, opened)], []).ToJson());
    }

    [Fact]
    public async Task Audit_GoodLogInAFolder_SaysSoAndKeepsTheCheckpoint()
    {
        var (exitCode, output, error) = await AuditAsync(_log.Folder, "--keys", _keys, "--state", _state);
        Assert.Equal((0, ""), (exitCode, error));
        Assert.StartsWith("The log is consistent.\n", output);
        Assert.Equal(_log.Checkpoint, File.ReadAllText(_state));
        _log.Grow(20);
        (exitCode, output, _) = await AuditAsync(_log.Folder, "--keys", _keys, "--state", _state);
        Assert.Equal(0, exitCode);
        Assert.Contains("from 300 to 320 entries", output);
        Assert.Equal(_log.Checkpoint, File.ReadAllText(_state));
    }

    [Fact]
    public async Task Audit_RewrittenLog_ExitsWithOneAndLeavesTheStateAlone()
    {
        File.WriteAllText(_state, _log.Checkpoint);
        var kept = _log.Checkpoint;
        _log.Rewrite(100);
        var (exitCode, output, error) = await AuditAsync(_log.Folder, "--keys", _keys, "--state", _state);
        Assert.Equal((1, ""), (exitCode, error));
        Assert.StartsWith("The log is not consistent.\nProblem: The log was rewritten", output);
        Assert.Equal(kept, File.ReadAllText(_state));
    }

    [Theory]
    [InlineData("/log")]
    [InlineData("/log/")]
    [InlineData("/")]
    [InlineData("")]
    public async Task Audit_LogOnTheWeb_IsFoundUnderItsAddress(string path)
    {
        await using var web = await ServeAsync();
        var (exitCode, output, _) = await AuditAsync(web.Urls.Single() + path, "--keys", web.Urls.Single() + "/log/keys.json");
        Assert.Equal(0, exitCode);
        Assert.Contains("300 entries", output);
    }

    [Fact]
    public async Task Audit_LogThatCannotBeRead_IsNoVerdict()
    {
        await using var web = await ServeAsync();
        foreach (var address in new[] { web.Urls.Single() + "/broken", "http://127.0.0.1:9/log" })
        {
            var (exitCode, output, error) = await AuditAsync(address, "--keys", _keys);
            Assert.Equal((3, ""), (exitCode, output));
            Assert.EndsWith(".\n", error);
            Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
    }

    [Fact]
    public async Task Audit_WrongUsage_ExitsWithTwoAndOneSentence()
    {
        var empty = Directory.CreateDirectory(Path.Combine(_log.Folder, "empty")).FullName;
        string[][] wrong =
        [
            [empty, "--keys", _keys],
            ["ftp://example.org/log", "--keys", _keys],
            [_log.Folder, "--keys", Path.Combine(empty, "keys.json")],
            [_log.Folder, "--keys", Path.Combine(_log.Folder, "checkpoint")],
            [_log.Folder, "--keys", _keys, "--state", empty],
            [_log.Folder, "--keys", _keys, "--state", Path.Combine(empty, "none", "state")],
        ];
        foreach (var arguments in wrong)
        {
            var (exitCode, _, error) = await AuditAsync(arguments);
            Assert.Equal(2, exitCode);
            Assert.EndsWith(".\n", error);
            Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
    }

    public void Dispose() => _log.Dispose();

    static async Task<(int ExitCode, string Output, string Error)> AuditAsync(params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var exitCode = await AuditCommand.Create().Parse(arguments).InvokeAsync(
            new InvocationConfiguration { Output = output, Error = error }, TestContext.Current.CancellationToken);
        return (exitCode, output.ToString(), error.ToString());
    }

    async Task<WebApplication> ServeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var web = builder.Build();
        web.MapGet("/log/{**path}", async (string path, CancellationToken cancellation) =>
            await _log.FetchAsync(path, cancellation) is { } bytes ? Results.Bytes(bytes) : Results.NotFound());
        web.MapGet("/broken/{**path}", () => Results.StatusCode(500));
        await web.StartAsync(TestContext.Current.CancellationToken);
        return web;
    }
}
