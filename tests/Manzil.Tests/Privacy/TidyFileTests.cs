using System.Text;
using System.Text.Json;
using Dapper;
using Manzil.Privacy;
using Manzil.Tests.Databases;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace Manzil.Tests.Privacy;

// What was erased is gone from SQLite's files, too, once nobody else reads them; until then the service remembers, and says so.
public class TidyFileTests
{
    const string Erased = "erased-4711-doubt";

    [Fact]
    public async Task Erase_WhileAnotherProgramReads_IsRememberedSaidAndMadeUpFor()
    {
        await using var service = await TestService.StartAsync(Databases.DatabaseKind.Sqlite);
        await using var connection = await service.Core.Database.OpenAsync();
        await connection.ExecuteAsync(
            "insert into staff_search (staff_number, searched_at) values (@Erased, @at)",
            new { Erased, at = (service.Clock.GetCurrentInstant() - Duration.FromDays(1)).ToUnixTimeMilliseconds() });

        await using (var other = await service.Core.Database.OpenAsync())
        {
            // A backup, or somebody's shell, in the middle of reading.
            await other.ExecuteAsync("begin;");
            await other.ExecuteScalarAsync<long>("select count(*) from staff_search");
            // The day's round, and those of half a minute later.
            for (var round = 0; round < 3; round++)
            {
                await TodayAsync(service);
                Assert.Equal(0, await connection.ExecuteScalarAsync<long>("select count(*) from staff_search"));
                Assert.True(IsInFiles(service));
                Assert.Contains(TidyFile.Warning, await WarningsAsync(service));
            }

            await other.ExecuteAsync("commit");
        }

        await TodayAsync(service);
        Assert.False(IsInFiles(service));
        Assert.DoesNotContain(TidyFile.Warning, await WarningsAsync(service));
    }

    // The process ended before the file was written anew, or while it waited for the log: the next start goes on.
    [Theory]
    [InlineData(TidyFile.FileLeft)]
    [InlineData(TidyFile.LogLeft)]
    [InlineData(0)]
    public async Task Start_WithWorkLeft_DoesItBeforeAnythingIsServed(int left)
    {
        await using var service = await TestService.StartAsync(Databases.DatabaseKind.Sqlite);
        await using var connection = await service.Core.Database.OpenAsync();
        await connection.ExecuteAsync("insert into staff_search (staff_number, searched_at) values (@Erased, 1)", new { Erased });
        await connection.ExecuteAsync($"delete from staff_search; pragma user_version = {left};");
        Assert.True(IsInFiles(service));
        await service.Services.GetRequiredService<EraseOldData>().StartAsync(TestContext.Current.CancellationToken);
        Assert.False(IsInFiles(service));
        Assert.Equal(0, await connection.ExecuteScalarAsync<long>("pragma user_version"));
    }

    static Task TodayAsync(TestService service) => service.Services.GetRequiredService<EraseOldData>().TodayAsync(service.Clock.GetCurrentInstant());

    static bool IsInFiles(TestService service) => Directory.GetFiles(service.DataFolder, "manzil.db*").Any(file =>
    {
        using var read = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[read.Length];
        read.ReadExactly(bytes);
        return bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Erased)) >= 0;
    });

    static async Task<List<string?>> WarningsAsync(TestService service)
    {
        var ready = JsonDocument.Parse(await service.Client.GetStringAsync("/health/ready", TestContext.Current.CancellationToken)).RootElement;
        Assert.Equal("ready", ready.GetProperty("status").GetString());
        return [.. ready.GetProperty("warnings").EnumerateArray().Select(w => w.GetString())];
    }
}
