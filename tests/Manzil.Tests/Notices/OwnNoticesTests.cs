using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Manzil.Receipts;
using Manzil.Tests.Databases;
using static Manzil.Tests.Notices.SignedInWorker;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Notices;

/// <summary>Reading notices back: one's own, and nobody else's.</summary>
public class OwnNoticesTests
{
    const string Registration = """{"kind":"registration"}""";
    const string Residence = $$"""{"kind":"residence","from":"<today>","address":{{HomeAddress}}}""";

    [Theory, EachDatabase]
    public async Task Get_ReceiptZip_VerifiesFromItselfAndKeysFromOutside(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await NewAsync(service);
        await worker.GiveAsync(Registration);
        var notice = await worker.GiveAsync(Residence);

        using var answer = await service.GetAsync(worker.Token, $"/api/v1/notices/{notice.Number}/receipt.zip");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/zip", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal($"manzil-{notice.Number}.zip", answer.Content.Headers.ContentDisposition?.FileName?.Trim('"'));
        var bytes = await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);

        using var zip = new ZipArchive(new MemoryStream(bytes));
        Assert.Equal(
            ["keys.json", "proof.tlog-proof", "receipt.html", "record.cbor", "statement.cose"], zip.Entries.Select(e => e.FullName).Order(StringComparer.Ordinal));
        string Text(string name)
        {
            using var reader = new StreamReader(zip.GetEntry(name)!.Open(), Encoding.UTF8);
            return reader.ReadToEnd();
        }

        var keys = await service.Client.GetStringAsync("/.well-known/manzil/keys.json", TestContext.Current.CancellationToken);
        Assert.Equal(keys, Text("keys.json"));
        Assert.Equal(notice.Proof, Text("proof.tlog-proof"));
        var page = Text("receipt.html");
        Assert.Contains("lang=\"en\"", page);
        Assert.Contains(notice.Number, page);
        Assert.Contains("Long Street", page);
        Assert.Equal(2, page.Split("<svg").Length - 1);
        Assert.DoesNotContain("<script", page);
        Assert.DoesNotContain("src=", page);

        var file = ReceiptFile.Read(bytes);
        var report = ReceiptVerifier.Verify(
            file.Statement, file.Record, file.Proof, worker.Worker.Document, KeySet.Parse(Encoding.UTF8.GetBytes(keys)), service.Clock.GetCurrentInstant());
        Assert.True(report.IsValid, string.Join(", ", report.Problems));
        Assert.Equal((RecordFinding.Matches, ProofFinding.Holds, DocumentFinding.Matches), (report.RecordFinding, report.Proof, report.Document));
    }

    [Theory, EachDatabase]
    public async Task Get_NoticesOfAnother_AreNotFound(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var (worker, other) = (await NewAsync(service), await NewAsync(service));
        var theirs = (await other.GiveAsync(Registration)).Number;
        var mine = (await worker.GiveAsync(Registration)).Number;
        // Their enrolment too is an act with a number.
        var numbers = (await other.ReadAsync("/api/v1/notices")).GetProperty("notices").EnumerateArray().Select(n => n.GetProperty("number").GetString()!).ToList();
        Assert.Equal(2, numbers.Count);
        foreach (var number in numbers.Append(ReceiptNumber.New(TestService.Start).ToString()).Append("1").Append(theirs[..15] + "%00").Append("%F0%9F"))
        {
            foreach (var path in new[] { $"/api/v1/notices/{number}", $"/api/v1/notices/{number}/receipt.zip" })
            {
                using var answer = await service.GetAsync(worker.Token, path);
                Assert.InRange((int)answer.StatusCode, 400, 404);
                if (answer.StatusCode == HttpStatusCode.NotFound) Assert.Equal("404 notice-not-found", $"{await ProblemAnswer.ReadAsync(answer)}");
                Assert.True(answer.StatusCode == HttpStatusCode.NotFound || number.Contains('%'), path);
            }
        }

        Assert.Contains(mine, (await worker.ReadAsync("/api/v1/notices")).ToString());
        Assert.DoesNotContain(theirs, (await worker.ReadAsync("/api/v1/notices")).ToString());
    }

    [Theory, EachDatabase]
    public async Task Get_WithoutASession_NeedsSignIn(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await NewAsync(service);
        var number = (await worker.GiveAsync(Registration)).Number;
        foreach (var path in new[] { "/api/v1/me", "/api/v1/notices", $"/api/v1/notices/{number}", $"/api/v1/notices/{number}/receipt.zip" })
        {
            foreach (var authorization in new[] { null, "", "Bearer", "Bearer ", "Bearer x", $"Basic {worker.Token}", $"Bearer {worker.Token}=", $"Bearer {worker.Token[1..]}A", worker.Token })
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, path);
                if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);
                using var answer = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
                Assert.Equal("401 sign-in-needed", $"{await ProblemAnswer.ReadAsync(answer)}");
                Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.ToString());
            }
        }
    }
}
