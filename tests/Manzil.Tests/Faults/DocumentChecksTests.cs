using System.Net;
using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Tests.Databases;
using Manzil.Tests.Receipts;
using Microsoft.Extensions.DependencyInjection;

namespace Manzil.Tests.Faults;

/// <summary>found.md 46: who asks for slow work makes nobody else wait, and few wait for it.</summary>
public class DocumentChecksTests
{
    // Without a document nothing is slow, and nobody waits behind those who brought one.
    [Fact]
    public async Task Verify_WhileTooManyCompareDocuments_ChecksTheRestAtOnceAndAsksTheOthersToComeAgain()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var documents = service.Services.GetRequiredService<DocumentChecks>();
        using var gate = new ManualResetEventSlim();
        using var stop = new CancellationTokenSource();
        var busy = Enumerable.Range(0, DocumentChecks.MaxWaiting).Select(_ => documents.InTurnAsync(
            () =>
            {
                gate.Wait(TimeSpan.FromMinutes(2));
                return "done";
            },
            stop.Token)).ToList();
        Assert.Equal(DocumentChecks.MaxWaiting, documents.Waiting);
        var text = QrText.FormatStatement(Sample.Receipt().Statement);
        foreach (var lang in new[] { "en", "ru", "kk" })
        {
            Assert.Equal((HttpStatusCode.OK, false), await PostAsync(lang));
            Assert.Equal((HttpStatusCode.ServiceUnavailable, true), await PostAsync(lang, ("State", "UZB"), ("Number", "AA1"), ("BirthDate.Day", "1"), ("BirthDate.Month", "1"), ("BirthDate.Year", "1990")));
        }

        // Who gives up waiting leaves no place taken.
        await stop.CancelAsync();
        gate.Set();
        foreach (var one in busy)
        {
            try
            {
                await one;
            }
            catch (OperationCanceledException)
            {
                // It waited still.
            }
        }

        Assert.Equal(0, documents.Waiting);
        Assert.Equal((HttpStatusCode.OK, false), await PostAsync("en", ("State", "UZB"), ("Number", "AA1"), ("BirthDate.Day", "1"), ("BirthDate.Month", "1"), ("BirthDate.Year", "1990")));

        async Task<(HttpStatusCode Status, bool ComeAgain)> PostAsync(string lang, params (string Name, string Value)[] document)
        {
            using var form = new MultipartFormDataContent { { new StringContent(text), "Text" } };
            foreach (var (name, value) in document) form.Add(new StringContent(value), name);
            using var request = new HttpRequestMessage(HttpMethod.Post, "/verify") { Content = form };
            request.Headers.Add("Cookie", "lang=" + lang);
            using var answer = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
            var page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            return (answer.StatusCode, answer.Headers.RetryAfter is not null && page.Contains(Texts.For(lang)["verify.error.busy"], StringComparison.Ordinal));
        }
    }
}
