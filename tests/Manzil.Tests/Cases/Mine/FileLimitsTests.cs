using System.Net;
using Manzil.Cases.Files;
using Manzil.Tests.Databases;
using Manzil.Tests.Helping;
using Manzil.Tests.Notices;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Cases.Mine;

/// <summary>found.md 49: files have a limit a day and a case, told before and in the refusal; words have none.</summary>
public class FileLimitsTests
{
    [Theory]
    [InlineData(DatabaseKind.Sqlite, "en", "At most 10 files (30 MB) within 24 hours", "These files would be more than 10")]
    [InlineData(DatabaseKind.Postgres, "ru", "Не больше 10 файлов (30 МБ) за 24 часа", "С этими файлами вышло бы больше 10 файлов")]
    [InlineData(DatabaseKind.Sqlite, "kk", "24 сағат ішінде ең көбі 10 файл (30 МБ)", "Бұл файлдармен 24 сағат ішінде 10 файлдан")]
    public async Task Answer_WithMoreFilesThanADayTakes_IsRefusedInWordsAndGoesWithoutThem(DatabaseKind kind, string lang, string told, string refused)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        var visitor = await setting.VisitAsync(lang);
        await visitor.GetAsync("/case/answer");
        Assert.Contains(told, visitor.Text, StringComparison.Ordinal);
        for (var i = 0; i < FileLimits.FilesADay / CleanFile.MaxFiles; i++) await SendAsync(visitor, "/case/answer", "/notices/", CleanFile.MaxFiles);

        await SendAsync(visitor, "/case/answer", null, 1);
        Assert.Equal(HttpStatusCode.BadRequest, visitor.Status);
        Assert.Contains(refused, visitor.Text, StringComparison.Ordinal);
        // The same page, the same words, one more press.
        await visitor.PostFilesAsync([]);
        Assert.StartsWith("/notices/", visitor.Path, StringComparison.Ordinal);
        Assert.Equal(FileLimits.FilesADay, await setting.CountAsync("attachment"));

        service.Clock.Advance(Duration.FromHours(24) + Duration.FromMinutes(1));
        await SendAsync(await setting.VisitAsync(lang), "/case/answer", "/notices/", 1);
    }

    // The siblings: by the API, by a helper, whose files are counted apart, and over many days in one case.
    [Theory, EachDatabase]
    public async Task Files_OfOneCase_AreLimitedByEveryDoorAndHelpersCountApart(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        var worker = await setting.VisitAsync();
        var helper = new Visitor(service, "nobody", "en");
        await HelperTests.EnterAsync(helper, await HelperTests.NameAsync(worker, "Legal aid", "act"));
        for (var day = 0; day < FileLimits.FilesACase / FileLimits.FilesADay; day++)
        {
            for (var i = 0; i < FileLimits.FilesADay / CleanFile.MaxFiles; i++) await SendAsync(worker, "/case/answer", "/notices/", CleanFile.MaxFiles);
            service.Clock.Advance(Duration.FromHours(25));
            worker = await setting.VisitAsync();
        }

        await SendAsync(worker, "/case/answer", null, 1);
        Assert.Contains("more than 40", worker.Text, StringComparison.Ordinal);
        await setting.Worker.SignInAgainAsync();
        using (var answer = await PostAsync(service, setting, TaggedFiles.Jpeg())) Assert.Equal([("file", FileLimits.TooManyACase)], (await ProblemAnswer.ReadAsync(answer)).Faults);
        using (var answer = await PostAsync(service, setting)) Assert.Equal(HttpStatusCode.Created, answer.StatusCode);

        await SendAsync(helper, "/helper/answer", "/helper/file?done=", CleanFile.MaxFiles);
        await SendAsync(helper, "/helper/answer", "/helper/file?done=", CleanFile.MaxFiles);
        await SendAsync(helper, "/helper/answer", null, 1);
        Assert.Contains("more than 10", helper.Text, StringComparison.Ordinal);
        Assert.Equal(FileLimits.FilesACase + FileLimits.FilesADay, await setting.CountAsync("attachment"));
    }

    static async Task SendAsync(Visitor visitor, string path, string? arrives, int files)
    {
        await visitor.GetAsync(path);
        await visitor.PostFilesAsync([("Text", "I live there.")], [.. Enumerable.Range(0, files).Select(i => ($"{i}.jpg", TaggedFiles.Jpeg()))]);
        if (arrives is not null) Assert.StartsWith(arrives, visitor.Path, StringComparison.Ordinal);
    }

    static async Task<HttpResponseMessage> PostAsync(TestService service, CaseSetting setting, params byte[][] files)
    {
        var form = new MultipartFormDataContent { { new StringContent("I live there."), "text" } };
        foreach (var file in files) form.Add(new ByteArrayContent(file), "file", "a.jpg");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/case/answers") { Content = form };
        request.Headers.Authorization = new("Bearer", setting.Worker.Token);
        request.Headers.Add("Idempotency-Key", $"key-{files.Length}");
        return await service.Client.SendAsync(request);
    }
}
