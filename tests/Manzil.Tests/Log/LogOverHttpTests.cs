using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Manzil.Receipts;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using NodaTime.Text;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Log;

/// <summary>The log of a running service, read and audited over HTTP (C2SP tlog-tiles).</summary>
public class LogOverHttpTests
{
    const string Forever = "public, max-age=31536000, immutable";

    [Theory, EachDatabase]
    public async Task Audit_OverHundredsOfNotices_PassesAndOldProofsStayAsTheyWere(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await SignedInWorker.NewAsync(service);
        var keys = KeySet.Parse(await GetAsync(service, "/.well-known/manzil/keys.json"));
        List<NoticeAnswer> given = [await worker.GiveAsync("""{"kind":"registration"}""")];
        given.Add(await worker.GiveAsync($$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}"""));
        for (var i = 0; i < 20; i++) given.Add(await ConfirmAsync());
        var earlier = Encoding.UTF8.GetString(await GetAsync(service, "/log/checkpoint"));
        await AuditAsync(null, 23);

        while (given.Count < 599) given.AddRange(await Task.WhenAll(Enumerable.Range(0, Math.Min(40, 599 - given.Count)).Select(_ => ConfirmAsync())));
        await AuditAsync(earlier, 600);
        await AssertTilesAsync(service, given, 600);

        foreach (var notice in given.Take(25).Concat(given.Skip(250).Take(10)).Append(given[^1]))
        {
            using var answer = await service.GetAsync(worker.Token, $"/api/v1/notices/{notice.Number}");
            Assert.Equal(notice.Body, await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
            Assert.True(notice.Verify(keys, worker.Worker.Document, service.Clock.GetCurrentInstant()).IsValid);
        }

        Task<NoticeAnswer> ConfirmAsync() => worker.GiveAsync("""{"kind":"confirmation"}""");

        async Task AuditAsync(string? since, long size)
        {
            var report = await LogAudit.RunAsync(
                async (path, cancellation) =>
                {
                    using var answer = await service.Client.GetAsync("/log/" + path, cancellation);
                    return answer.StatusCode == HttpStatusCode.OK ? await answer.Content.ReadAsByteArrayAsync(cancellation) : null;
                },
                [keys.Log.Key], [], since, cancellationToken: TestContext.Current.CancellationToken);
            Assert.True(report.Passed, string.Join("\n", report.Problems));
            Assert.Contains(report.Facts, fact => fact.Contains($"All {size} entries", StringComparison.Ordinal));
        }
    }

    static async Task AssertTilesAsync(TestService service, List<NoticeAnswer> given, long size)
    {
        var entries = new List<byte[]>();
        foreach (var (path, width) in new[] { ("/log/tile/entries/000", 256), ("/log/tile/entries/001", 256), ("/log/tile/entries/002.p/88", 88) })
        {
            var bundle = EntryBundle.Parse(await GetAsync(service, path, Forever));
            Assert.Equal(width, bundle.Count);
            entries.AddRange(bundle);
        }

        Assert.Equal(size, entries.Count);
        // The enrolment is the first entry; notices sent at once stand in the order that the log gave them.
        Assert.Equal(
            given.Select(notice => Convert.ToHexString(SHA256.HashData(notice.Statement))).Order(StringComparer.Ordinal),
            entries.Skip(1).Select(Convert.ToHexString).Order(StringComparer.Ordinal));

        var leaves = entries.ConvertAll(entry => MerkleTree.HashLeaf(entry));
        foreach (var (path, first, count) in new[] { ("000", 0, 256), ("001", 256, 256), ("002.p/88", 512, 88), ("002.p/1", 512, 1), ("002.p/87", 512, 87), ("000.p/255", 0, 255), ("001.p/7", 256, 7) })
            Assert.Equal(leaves.GetRange(first, count).SelectMany(hash => hash), await GetAsync(service, "/log/tile/0/" + path, Forever));
        Assert.Equal(await GetAsync(service, "/log/tile/1/000.p/2"), await GetAsync(service, "/log/1/tile/1/000.p/2"));
        Assert.Equal(64, (await GetAsync(service, "/log/tile/1/000.p/2", Forever)).Length);
        Assert.Equal(32, (await GetAsync(service, "/log/tile/1/000.p/1", Forever)).Length);
        Assert.Equal(34 * 5, (await GetAsync(service, "/log/tile/entries/001.p/5", Forever)).Length);

        foreach (var path in new[]
        {
            "tile/0/002", "tile/0/002.p/89", "tile/0/002.p/0", "tile/0/002.p/256", "tile/0/003.p/1", "tile/1/000", "tile/1/000.p/3", "tile/1/001.p/1", "tile/2/000.p/1",
            "tile/entries/002", "tile/entries/002.p/89", "tile/0/0", "tile/0/0000", "tile/0/000.p/", "tile/0/000.p/01", "tile/0/000.p/-1", "tile/00/000", "tile/-1/000", "tile/64/000",
            "tile/0/x999/x999/x999/x999/x999/x999/999", "tile/0/000/", "tile/0/000.p/1/2", "tile/entries/x000/000", "tile/", "tile", "", "checkpoint/", "2/checkpoint", "0/tile/0/000", "99999999999/checkpoint",
            "statements/-1", "statements/600", "statements/9223372036854775808", "statements/x", "1/statements/x", "entries/000",
        })
        {
            using var answer = await service.Client.GetAsync("/log/" + path, TestContext.Current.CancellationToken);
            Assert.True(answer.StatusCode == HttpStatusCode.NotFound || path == "checkpoint/", $"{path}: {(int)answer.StatusCode}");
            if (answer.StatusCode != HttpStatusCode.NotFound) continue;
            Assert.Equal("404 not-found", $"{await ProblemAnswer.ReadAsync(answer)}");
            Assert.DoesNotContain("immutable", answer.Headers.CacheControl?.ToString() ?? "");
        }

        // What concerns a person is not published, whatever its kind.
        for (var index = 0; index < 25; index++)
        {
            foreach (var path in new[] { $"/log/statements/{index}", $"/log/statements/{index}/record", $"/log/1/statements/{index}" })
            {
                using var answer = await service.Client.GetAsync(path, TestContext.Current.CancellationToken);
                Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            }
        }
    }

    [Theory, EachDatabase]
    public async Task Checkpoint_OfANewLog_IsASignedNoteThatMayBeKeptForASecond(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var keys = KeySet.Parse(await GetAsync(service, "/.well-known/manzil/keys.json"));
        using var answer = await service.Client.GetAsync("/log/checkpoint", TestContext.Current.CancellationToken);
        Assert.Equal(("text/plain", "public, max-age=1"), (answer.Content.Headers.ContentType?.MediaType, answer.Headers.CacheControl?.ToString()));
        var note = SignedNote.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(("localhost:8080/log", 0L), (Checkpoint.Read(note).Origin, Checkpoint.Read(note).Size));
        Assert.True(keys.Log.Key.Verify(note));
        await service.EnrolAsync();
        Assert.Equal(1, Checkpoint.Read(SignedNote.Parse(Encoding.UTF8.GetString(await GetAsync(service, "/log/checkpoint")))).Size);
        Assert.Equal(await GetAsync(service, "/log/checkpoint"), await GetAsync(service, "/log/1/checkpoint"));
    }

    [Theory, EachDatabase]
    public async Task Keys_OfAService_HaveTheShapeThatIsPromised(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var answer = await service.Client.GetAsync("/.well-known/manzil/keys.json", TestContext.Current.CancellationToken);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        var json = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(["keys", "log", "logs", "witnesses"], Names(json));
        var key = Assert.Single(json.GetProperty("keys").EnumerateArray());
        Assert.Equal(["kty", "crv", "x", "y", "kid", "alg", "use", "from"], Names(key));
        Assert.Equal(("EC", "P-256", "ES256", "sig"), (Text(key, "kty"), Text(key, "crv"), Text(key, "alg"), Text(key, "use")));
        Assert.Equal(8, Base64Url.DecodeFromChars(Text(key, "kid")).Length);
        Assert.Equal(TestService.Start, InstantPattern.General.Parse(Text(key, "from")).Value);
        var log = Assert.Single(json.GetProperty("logs").EnumerateArray());
        Assert.Equal(["vkey", "from"], Names(log));
        Assert.Equal(Text(json, "log"), Text(log, "vkey"));
        Assert.StartsWith("localhost:8080/log+", Text(log, "vkey"), StringComparison.Ordinal);
        Assert.Equal(0, json.GetProperty("witnesses").GetArrayLength());

        // The key that signs is the one published, by its kid.
        var worker = await SignedInWorker.NewAsync(service);
        var statement = Statement.Decode((await worker.GiveAsync("""{"kind":"registration"}""")).Statement);
        Assert.Equal(Text(key, "kid"), Base64Url.EncodeToString(statement.KeyId));

        static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
        static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(member => member.Name);
    }

    // Anybody is invited to check: a page of another origin may read the log and the keys, and nothing else.
    [Theory, EachDatabase]
    public async Task Get_FromAPageOfAnotherOrigin_MayBeReadForLogAndKeysAlone(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        await service.EnrolAsync();
        foreach (var (path, open) in new[]
        {
            ("/log/checkpoint", true), ("/log/1/checkpoint", true), ("/log/tile/0/000.p/1", true), ("/log/tile/entries/000.p/1", true), ("/log/tile/0/999", true), ("/log/statements/0", true),
            ("/log/2/checkpoint", true), ("/.well-known/manzil/keys.json", true),
            ("/", false), ("/status", false), ("/verify", false), ("/health/ready", false), ("/api/v1/me", false), ("/openapi/v1.json", false), ("/log", false), ("/logs", false), ("/.well-known/manzil/", false),
        })
        {
            foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Head])
            {
                using var request = new HttpRequestMessage(method, path);
                request.Headers.Add("Origin", "https://monitor.example");
                using var answer = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
                Assert.Equal(open ? ["*"] : [], answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var origins) ? origins : []);
                Assert.Equal([open ? "cross-origin" : "same-origin"], answer.Headers.GetValues("Cross-Origin-Resource-Policy"));
                Assert.False(answer.Headers.Contains("Access-Control-Allow-Credentials"));
            }
        }
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/log/checkpoint")]
    [InlineData("/log/tile/0/000.p/1")]
    [InlineData("/.well-known/manzil/keys.json")]
    public async Task Head_WhatMonitorsAsk_IsAnsweredAsGetWithoutBody(string path)
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        await service.EnrolAsync();
        using var get = await service.Client.GetAsync(path, TestContext.Current.CancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        using var head = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, get.Content.Headers.ContentType), (head.StatusCode, head.Content.Headers.ContentType));
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    static async Task<byte[]> GetAsync(TestService service, string path, string? cacheControl = null)
    {
        using var answer = await service.Client.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {(int)answer.StatusCode}");
        if (cacheControl is not null)
            Assert.Equal(cacheControl.Split(", ").Order(), answer.Headers.CacheControl!.ToString().Split(", ").Order());
        return await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
    }
}
