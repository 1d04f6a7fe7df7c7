using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using Manzil.Receipts;
using Manzil.Tests.Databases;
using Manzil.Tests.Faults;
using Manzil.Tests.Register;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Privacy;

/// <summary>
/// privacy.md 15: whoever checks a receipt leaves nothing behind, whatever they hand in: not in the database, not in the data folder,
/// not in the log's lines, not in their browser; nor, at their own machine, on its disk.
/// </summary>
public sealed class NoTraceTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("manzil-trace-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory, EachDatabase]
    public async Task VerifyPage_WhateverIsHandedIn_LeavesNothing(DatabaseKind kind)
    {
        using var logs = new KeptLines();
        await using var service = await TestService.StartAsync(kind, logs: logs);
        var (worker, receipt) = await GiveAsync(service);
        var statement = QrText.FormatStatement(receipt.Statement);
        var zip = receipt.Write("<p>", "{}"u8, TestService.Start);
        var altered = receipt.Statement.ToArray();
        altered[^1] ^= 1;
        var before = await KeptAsync(service);
        var lines = logs.Lines.Count;

        await VisitAsync(service, new HttpRequestMessage(HttpMethod.Get, "/verify"));
        foreach (var lang in new[] { "en", "ru", "kk" })
        {
            await VisitAsync(service, Form(lang, statement));
            await VisitAsync(service, Form(lang, file: zip, document: worker.Document));
            await VisitAsync(service, Form(lang, statement + "\n" + QrText.FormatRecord(receipt.Record!, TlogProof.Parse(receipt.Proof!)), document: new IdentityDocument("UZB", "ZZ7654321", worker.Document.BirthDate)));
            await VisitAsync(service, Form(lang, file: altered));
            await VisitAsync(service, Form(lang, "MNZ1:%%%"));
            await VisitAsync(service, Form(lang, file: new byte[ReceiptFile.MaxBytes + 1]));
            await VisitAsync(service, Form(lang));
        }

        await VisitAsync(service, new HttpRequestMessage(HttpMethod.Post, "/verify") { Content = new StringContent("junk", Encoding.UTF8, "multipart/form-data") });
        // What a checking program fetches by itself.
        foreach (var path in new[] { "/.well-known/manzil/keys.json", "/log/checkpoint", "/log/tile/entries/000.p/1" })
            await VisitAsync(service, new HttpRequestMessage(HttpMethod.Get, path));

        Assert.Empty(Written(logs, lines));
        Assert.Equal(before, await KeptAsync(service));
    }

    // The comparison sees what it has to: an act, a cookie and a line are found.
    [Theory, EachDatabase]
    public async Task Kept_AfterAnAct_IsNotTheSame(DatabaseKind kind)
    {
        using var logs = new KeptLines();
        await using var service = await TestService.StartAsync(kind, logs: logs);
        var (worker, _) = await GiveAsync(service);
        var (before, lines) = (await KeptAsync(service), logs.Lines.Count);
        using (var refused = await service.Client.PostAsJsonAsync("/api/v1/sessions", worker.Credentials, TestContext.Current.CancellationToken)) Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.NotEmpty(Written(logs, lines));
        await service.EnrolAsync(phone: null);
        Assert.NotEqual(before, await KeptAsync(service));
        await File.WriteAllTextAsync(Path.Combine(service.DataFolder, "seen"), "x", TestContext.Current.CancellationToken);
        Assert.Contains("seen ", await KeptAsync(service), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task VerifyCommand_WhateverIsHandedIn_LeavesNothingOnTheDisk(bool isValid)
    {
        var (statement, record, proof) = Manzil.Tests.Receipts.Sample.Receipt();
        if (!isValid) statement[^1] ^= 1;
        var keys = Save("keys.json", Manzil.Tests.Receipts.Sample.Keys().ToJson());
        var zip = Save("receipt.zip", new ReceiptFile(statement, record, proof).Write("<p>", [], Manzil.Tests.Receipts.Sample.IssuedAt));
        foreach (var name in new[] { "home", "tmp" }) Directory.CreateDirectory(Path.Combine(_folder, name));
        var before = Files(_folder);
        // Where the machine lets us, without any network: loopback alone, and that is down.
        string[] offline = File.Exists("/usr/bin/unshare") && (await RunAsync(["/usr/bin/unshare", "-rn", "/bin/true"])) == 0 ? ["/usr/bin/unshare", "-rn"] : [];
        string[] launcher = [.. offline, "/usr/bin/env", "-C", _folder, $"HOME={_folder}/home", $"TMPDIR={_folder}/tmp", "DOTNET_EnableDiagnostics=0", $"XDG_DATA_HOME={_folder}/home", $"XDG_CONFIG_HOME={_folder}/home"];
        foreach (string[] given in new string[][] { [zip, "--keys", keys], [QrText.FormatStatement(statement), "--keys", keys, "--document", "UZB|AA1234567|1990-05-17"] })
        {
            var (code, output, errors) = await ServerProcess.RunAsync(launcher, ["receipt", "verify", .. given]);
            Assert.True(code == (isValid ? 0 : 1), output + errors);
            Assert.Empty(errors);
        }

        Assert.Equal(before, Files(_folder));
    }

    // The service knows nothing of a check by the command line but that somebody read the public keys, and keeps not even that.
    [Theory, EachDatabase]
    public async Task VerifyCommand_WithTheServicesKeys_LeavesNothingThere(DatabaseKind kind)
    {
        using var logs = new KeptLines();
        await using var service = await TestService.StartAsync(kind, logs: logs);
        var (_, receipt) = await GiveAsync(service);
        var (before, lines) = (await KeptAsync(service), logs.Lines.Count);
        var (_, output, errors) = await ServerProcess.RunAsync("receipt", "verify", QrText.FormatStatement(receipt.Statement), "--keys", new Uri(service.Url, "/.well-known/manzil/keys.json").ToString());
        Assert.Contains("Kind of act: registration", output + errors, StringComparison.Ordinal);
        Assert.Empty(Written(logs, lines));
        Assert.Equal(before, await KeptAsync(service));
    }

    // Without the names of scopes, which the service's log does not show.
    static IEnumerable<string> Written(KeptLines logs, int after) =>
        logs.Lines.Skip(after).Where(l => Enum.GetNames<Microsoft.Extensions.Logging.LogLevel>().Any(n => l.StartsWith(n + " ", StringComparison.Ordinal)));

    static async Task VisitAsync(TestService service, HttpRequestMessage request)
    {
        using (request)
        {
            using var answer = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.True(answer.StatusCode is HttpStatusCode.OK, $"{request.RequestUri}: {answer.StatusCode}");
            // A cookie, and what a browser keeps without one.
            Assert.False(answer.Headers.Contains("Set-Cookie"));
            if (request.RequestUri!.AbsolutePath != "/verify") return;
            Assert.Empty(answer.Headers.Concat(answer.Content.Headers).Select(h => h.Key).Intersect(["ETag", "Last-Modified"], StringComparer.OrdinalIgnoreCase));
            Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
        }
    }

    static HttpRequestMessage Form(string lang, string? text = null, byte[]? file = null, IdentityDocument? document = null)
    {
        var form = new MultipartFormDataContent { { new StringContent(text ?? ""), "Text" } };
        if (file is not null) form.Add(new ByteArrayContent(file), "File", "receipt");
        if (document is not null)
        {
            form.Add(new StringContent(document.State), "State");
            form.Add(new StringContent(document.Number), "Number");
            form.Add(new StringContent($"{document.BirthDate.Day}"), "BirthDate.Day");
            form.Add(new StringContent($"{document.BirthDate.Month}"), "BirthDate.Month");
            form.Add(new StringContent($"{document.BirthDate.Year}"), "BirthDate.Year");
        }

        var request = new HttpRequestMessage(HttpMethod.Post, "/verify") { Content = form };
        request.Headers.Add("Cookie", "lang=" + lang);
        return request;
    }

    static async Task<(TestWorker Worker, ReceiptFile Receipt)> GiveAsync(TestService service)
    {
        var worker = await service.EnrolAsync();
        using var answer = await service.PostNoticeAsync(await service.SignInAsync(worker), """{"kind": "registration"}""");
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var json = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        byte[] Bytes(string name) => System.Buffers.Text.Base64Url.DecodeFromChars(json.GetProperty(name).GetString());
        return (worker, new ReceiptFile(Bytes("statement"), Bytes("record"), json.GetProperty("proof").GetString()));
    }

    /// <summary>Every row of the database, and every file of the data folder, in one text.</summary>
    static async Task<string> KeptAsync(TestService service) => await TableDump.ReadAsync(service.Core.Database) + Files(service.DataFolder);

    // On SQLite its index of shared memory changes where somebody reads, and holds no words.
    static string Files(string folder) => string.Join('\n', Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Where(f => !f.EndsWith("-shm", StringComparison.Ordinal)).Select(f =>
    {
        if (Directory.Exists(f)) return $"{Path.GetRelativePath(folder, f)}/";
        using var stream = new FileStream(f, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return $"{Path.GetRelativePath(folder, f)} {Convert.ToHexString(SHA256.HashData(stream))}";
    }));

    static async Task<int> RunAsync(string[] command)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode;
    }

    string Save(string name, byte[] bytes)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
