using System.Net;
using Manzil.Cases.Files;
using Manzil.Rules;
using Manzil.Tests.Databases;
using Manzil.Tests.Helping;
using Manzil.Tests.Notices;
using Manzil.Tests.Registrations.Desk;
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
        var helper = await HelperTests.OfAsync(service, worker);
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

    // Refused files cost their sender nothing, and the service seconds each.
    [Theory]
    [InlineData(DatabaseKind.Sqlite, "en", "40 of your files could not be used within 24 hours")]
    [InlineData(DatabaseKind.Postgres, "ru", "не удалось использовать 40 ваших файлов")]
    [InlineData(DatabaseKind.Sqlite, "kk", "40 файлыңызды пайдалану мүмкін болмады")]
    public async Task Answer_WithFilesThatAreRefusedAgainAndAgain_IsNotLookedAtAnyMoreAndWordsComeThrough(DatabaseKind kind, string lang, string refused)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        var visitor = await setting.VisitAsync(lang);
        for (var i = 0; i < FilesInVain.ADay / CleanFile.MaxFiles; i++)
        {
            await SendAsync(visitor, "/case/answer", null, CleanFile.MaxFiles, NoPicture);
            Assert.Equal(HttpStatusCode.BadRequest, visitor.Status);
            Assert.DoesNotContain(refused, visitor.Text, StringComparison.Ordinal);
        }

        // By no door of theirs, and not even a file that could be used.
        await SendAsync(visitor, "/case/answer", null, 1);
        Assert.Equal(HttpStatusCode.BadRequest, visitor.Status);
        Assert.Contains(refused, visitor.Text, StringComparison.Ordinal);
        await setting.Worker.SignInAgainAsync();
        using (var answer = await PostAsync(service, setting, TaggedFiles.Jpeg())) Assert.Equal([("file", FileLimits.TooManyInVain)], (await ProblemAnswer.ReadAsync(answer)).Faults);
        Assert.Equal(0, await setting.CountAsync("attachment"));
        // One press, and the words are there; a helper's files, and what a clerk takes in, are counted apart.
        await visitor.PostFilesAsync([]);
        Assert.StartsWith("/notices/", visitor.Path, StringComparison.Ordinal);
        var helper = await HelperTests.OfAsync(service, await setting.VisitAsync());
        await SendAsync(helper, "/helper/answer", "/helper/file?done=", 1);
        var (staff, cookie) = await service.StaffAsync(StaffRole.Clerk);
        var desk = new ClerkDesk(service, new(service, staff, Visitor.Officer(service, cookie)));
        var root = await desk.ServeAsync(setting.Worker.Worker);
        await SendAsync(desk.Web, root + "/case/answer", root + "/notices/", 1);

        service.Clock.Advance(Duration.FromHours(24));
        await SendAsync(await setting.VisitAsync(lang), "/case/answer", "/notices/", 1);
    }

    // Whoever takes three times what cannot be used, and then what can, has lost nothing; nor has whose files were taken, for any number of them.
    [Theory, EachDatabase]
    public async Task Answer_AfterThreeWrongChoices_IsTakenWithItsFiles(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        var visitor = await setting.VisitAsync();
        for (var day = 0; day < 2; day++)
        {
            for (var i = 0; i < 3; i++) await SendAsync(visitor, "/case/answer", null, CleanFile.MaxFiles, NoPicture);
            for (var i = 0; i < FileLimits.FilesADay / CleanFile.MaxFiles; i++) await SendAsync(visitor, "/case/answer", "/notices/", CleanFile.MaxFiles);
            service.Clock.Advance(Duration.FromHours(25));
            visitor = await setting.VisitAsync();
        }

        Assert.Equal(2 * FileLimits.FilesADay, await setting.CountAsync("attachment"));
    }

    // The siblings: what is refused for another reason, and the same form again and again; where that was done, its receipt is told.
    [Theory, EachDatabase]
    public async Task Files_LookedAtForNothing_AreCountedWhateverTheyWereRefusedFor(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        await setting.Worker.SignInAgainAsync();
        using (var done = await PostAsync(service, setting, TaggedFiles.Jpeg())) Assert.Equal(HttpStatusCode.Created, done.StatusCode);
        for (var i = 0; i < FilesInVain.ADay; i++)
        {
            using var repeated = await PostAsync(service, setting, TaggedFiles.Jpeg());
            Assert.Equal(HttpStatusCode.Created, repeated.StatusCode);
        }

        using (var once = await PostAsync(service, setting, TaggedFiles.Jpeg())) Assert.Equal("idempotency-key-used", (await ProblemAnswer.ReadAsync(once)).Type);
        // No case is open for this one, and every file was cleaned before the rules said so.
        var other = await SignedInWorker.NewAsync(service);
        for (var i = 0; i < FilesInVain.ADay / CleanFile.MaxFiles; i++)
        {
            using var refused = await PostAsync(service, other.Token, [.. Enumerable.Repeat(TaggedFiles.Jpeg(), CleanFile.MaxFiles)]);
            Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        }

        using var last = await PostAsync(service, other.Token, TaggedFiles.Jpeg());
        Assert.Equal([("file", FileLimits.TooManyInVain)], (await ProblemAnswer.ReadAsync(last)).Faults);
    }

    static byte[] NoPicture => "no picture at all"u8.ToArray();

    static async Task SendAsync(Visitor visitor, string path, string? arrives, int files, byte[]? content = null)
    {
        await visitor.GetAsync(path);
        await visitor.PostFilesAsync([("Text", "I live there.")], [.. Enumerable.Range(0, files).Select(i => ($"{i}.jpg", content ?? TaggedFiles.Jpeg()))]);
        if (arrives is not null) Assert.StartsWith(arrives, visitor.Path, StringComparison.Ordinal);
    }

    static Task<HttpResponseMessage> PostAsync(TestService service, CaseSetting setting, params byte[][] files) => PostAsync(service, setting.Worker.Token, files);

    static async Task<HttpResponseMessage> PostAsync(TestService service, string token, params byte[][] files)
    {
        var form = new MultipartFormDataContent { { new StringContent("I live there."), "text" } };
        foreach (var file in files) form.Add(new ByteArrayContent(file), "file", "a.jpg");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/case/answers") { Content = form };
        request.Headers.Authorization = new("Bearer", token);
        request.Headers.Add("Idempotency-Key", $"key-{files.Length}");
        return await service.Client.SendAsync(request);
    }
}
