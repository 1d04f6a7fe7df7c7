using System.IO.Compression;
using System.Net;
using System.Text;
using Dapper;
using Manzil.Rules;
using Manzil.Staff;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Manzil.Tests.Register;
using Microsoft.Extensions.DependencyInjection;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Cases.Mine;

/// <summary>The worker's side of a case, over HTTP without scripts.</summary>
public class MyCasePagesTests
{
    static readonly (string, byte[])[] NoFiles = [];

    // The first page says at each step what happened, what it does not mean, what can be done and until when.
    [Theory, EachDatabase]
    public async Task Home_AtEachStepOfACase_SaysWhatHappenedAndLeadsOn(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        var home = await (await setting.VisitAsync()).GetAsync("/");
        Assert.Equal("You are registered", home.Heading);
        Assert.Equal(HttpStatusCode.Conflict, (await home.GetAsync("/case/answer")).Status);

        await setting.OpenAsync();
        home = await (await setting.VisitAsync()).GetAsync("/");
        Assert.Equal("You are registered, and a case is open", home.Heading);
        foreach (var said in new[] { CaseSetting.Reason, "You still have every right", "You have until 8 December 2026 to answer.", "working days left" }) Assert.Contains(said, home.Text, StringComparison.Ordinal);
        Assert.Contains("href=\"/case/answer\"", home.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("/case/appeal", home.Html, StringComparison.Ordinal);

        await setting.ProposeAsync();
        home = await (await setting.VisitAsync()).GetAsync("/");
        Assert.Equal("You are registered, and an officer proposes to remove you", home.Heading);
        Assert.Contains("The time to answer ended on 8 December 2026. You can still answer", home.Text, StringComparison.Ordinal);
        Assert.Contains("href=\"/case/answer\"", home.Html, StringComparison.Ordinal);

        await setting.AgreeAsync();
        home = await (await setting.VisitAsync()).GetAsync("/");
        Assert.Equal("There is a decision to remove you", home.Heading);
        Assert.Contains("You have until 23 December 2026 to appeal.", home.Text, StringComparison.Ordinal);
        Assert.Contains("href=\"/case/appeal\"", home.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("action=\"/confirmation\"", home.Html, StringComparison.Ordinal);

        await setting.PutInEffectAsync();
        home = await (await setting.VisitAsync()).GetAsync("/");
        Assert.Equal("You have been removed from the register", home.Heading);
        Assert.Contains("This is not final", home.Text, StringComparison.Ordinal);

        // One tap leads to the appeal, which is possible at any time.
        var visitor = await (await setting.VisitAsync()).GetAsync("/case/appeal");
        await visitor.PostFilesAsync([("Text", "I was in hospital.")], NoFiles);
        Assert.StartsWith("/notices/", visitor.Path, StringComparison.Ordinal);
        Assert.Contains("I was in hospital.", visitor.Text, StringComparison.Ordinal);
        home = await visitor.GetAsync("/");
        Assert.Equal("Your appeal has been handed in", home.Heading);
        Assert.Contains("The authority must decide by", home.Text, StringComparison.Ordinal);
    }

    // Within its time an appeal needs no word; afterwards a few on why it comes late, and then it counts the same.
    [Theory, EachDatabase]
    public async Task Appeal_AfterItsTime_AsksWhyItComesLateAndThenSuspends(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        await setting.ProposeAsync();
        await setting.AgreeAsync();
        await (await setting.VisitAsync()).GetAsync("/");
        service.Clock.AdvanceDays(18);
        var visitor = await (await setting.VisitAsync()).GetAsync("/");
        Assert.Contains("The time to appeal ended on 23 December 2026. You can still appeal: write why it comes late.", visitor.Text, StringComparison.Ordinal);
        await visitor.GetAsync("/case/appeal");
        Assert.Contains("so write a few words on why it comes now", visitor.Text, StringComparison.Ordinal);
        var acts = await setting.CountAsync("act");
        await visitor.PostFilesAsync([("Text", " ")], NoFiles);
        Assert.Contains("Write a few words on why it comes now.", visitor.Text, StringComparison.Ordinal);
        Assert.Equal(acts, await setting.CountAsync("act"));
        await visitor.PostFilesAsync([("Text", "I was at sea.")], NoFiles);
        Assert.StartsWith("/notices/", visitor.Path, StringComparison.Ordinal);
        Assert.Equal("Your appeal has been handed in", (await visitor.GetAsync("/")).Heading);
    }

    [Theory, EachDatabase]
    public async Task Answer_WithTextAndFiles_StandsInTheFileAndInTheCopy(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        var opened = await setting.OpenAsync();
        var visitor = await (await setting.VisitAsync()).GetAsync("/case/answer");
        var fields = visitor.Form();
        await visitor.PostFilesAsync([("Text", "I do live there.\r\nHere is my <lease>.")], ("lease at 38.7261943.pdf", TaggedFiles.Pdf()), ("door.png", TaggedFiles.Jpeg()), ("x", TaggedFiles.Png()));
        Assert.StartsWith("/notices/", visitor.Path, StringComparison.Ordinal);
        var number = visitor.Path.Split('/', '?')[2];
        foreach (var said in new[] { "Answer in a case", opened, "Here is my <lease>.", "1.pdf, SHA-256", "2.jpg, SHA-256", "3.png, SHA-256" }) Assert.Contains(said, visitor.Text, StringComparison.Ordinal);

        // The same form sent twice is one answer; with other content it leads to the first.
        await visitor.GetAsync("/case/answer");
        await visitor.PostFilesAsync([("Text", "I do live there.\r\nHere is my <lease>."), ("Key", fields["Key"])], ("a", TaggedFiles.Pdf()), ("b", TaggedFiles.Jpeg()), ("c", TaggedFiles.Png()));
        Assert.Equal(number, visitor.Path.Split('/', '?')[2]);
        await visitor.GetAsync("/case/answer");
        await visitor.PostFilesAsync([("Text", "Something else"), ("Key", fields["Key"])], NoFiles);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, visitor.Status);
        Assert.Contains(number, visitor.Text, StringComparison.Ordinal);
        Assert.Equal(3, await setting.CountAsync("attachment"));

        var (officer, _) = await service.StaffAsync(StaffRole.Caseworker);
        await service.Services.GetRequiredService<Looks>().RecordAsync(officer, setting.Worker.Worker.Id, Looks.File, null, "To read the answer");
        await visitor.GetAsync("/case");
        foreach (var said in new[] { $"Case {opened}", CaseSetting.Reason, "Caseworker", "Here is my <lease>.", "File 2.jpg", "To read the answer", "You" }) Assert.Contains(said, visitor.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(officer.Name, visitor.Text, StringComparison.Ordinal);
        await visitor.GetAsync("/looks");
        Assert.Contains("To read the answer", visitor.Text, StringComparison.Ordinal);

        await using (var connection = await service.Core.Database.OpenAsync())
        {
            var id = await connection.ExecuteScalarAsync<long>("select id from attachment where name = '2.jpg'");
            await visitor.GetAsync($"/case/files/{id}");
            Assert.Equal(("image/jpeg", "attachment"), (visitor.Answer.Content.Headers.ContentType?.MediaType, visitor.Answer.Content.Headers.ContentDisposition?.DispositionType));
            Assert.Equal(visitor.Bytes, await connection.ExecuteScalarAsync<byte[]>("select content from attachment where id = @id", new { id }));
        }

        await visitor.GetAsync("/account/export");
        await visitor.PostAsync();
        using var zip = new ZipArchive(new MemoryStream(visitor.Bytes));
        var index = await new StreamReader(zip.GetEntry("index.html")!.Open()).ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Contains("Here is my &lt;lease&gt;.", index, StringComparison.Ordinal);
        Assert.DoesNotContain("<lease>", index, StringComparison.Ordinal);
        // It says of each receipt what it is, and where somebody lived.
        Assert.Contains("Tverskoy, Long Street, 5", index, StringComparison.Ordinal);
        // Every link of the page leads to something in the copy.
        var links = System.Text.RegularExpressions.Regex.Matches(index, "href=\"([^\"]+)\"", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5)).Select(m => m.Groups[1].Value).Distinct().ToList();
        Assert.Contains($"files/{number}-2.jpg", links);
        Assert.Contains($"receipts/{number}.zip", links);
        Assert.Empty(links.Where(link => zip.GetEntry(link) is null));
        // And it has every file that is stored, byte for byte.
        await using (var connection = await service.Core.Database.OpenAsync())
        {
            var stored = (await connection.QueryAsync<byte[]>("select content from attachment order by id")).ToList();
            Assert.NotEmpty(stored);
            var copied = zip.Entries.Where(e => e.FullName.StartsWith("files/", StringComparison.Ordinal)).Select(BytesOf).ToList();
            Assert.Equal(stored.Select(Convert.ToHexString).Order(StringComparer.Ordinal), copied.Select(Convert.ToHexString).Order(StringComparer.Ordinal));
        }
    }

    // privacy.md, 20: nothing of where a picture was taken is stored or logged.
    [Theory, EachDatabase]
    public async Task Answer_WithPositionsInEveryFile_KeepsNone(DatabaseKind kind)
    {
        using var logs = new KeptLines();
        await using var service = await TestService.StartAsync(kind, logs: logs);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        var visitor = await (await setting.VisitAsync()).GetAsync("/case/answer");
        await visitor.PostFilesAsync([("Text", "Three files.")], ($"IMG {TaggedFiles.Lat} {TaggedFiles.Lon}.jpg", TaggedFiles.Jpeg()), ("b.png", TaggedFiles.Png()), ("c.pdf", TaggedFiles.Pdf()));
        Assert.Equal(HttpStatusCode.OK, visitor.Status);
        Assert.Equal(3, await setting.CountAsync("attachment"));
        var kept = new StringBuilder(await TableDump.ReadAsync(service.Core.Database));
        foreach (var file in Directory.EnumerateFiles(service.DataFolder, "*", SearchOption.AllDirectories))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes, TestContext.Current.CancellationToken);
            kept.Append('\n').Append(Encoding.Latin1.GetString(bytes.ToArray()));
        }

        Assert.NotEmpty(logs.Lines);
        foreach (var line in logs.Lines) kept.Append('\n').Append(line);
        var all = kept.ToString();
        Assert.Contains("Three files.", all, StringComparison.Ordinal);
        foreach (var trace in TaggedFiles.Traces())
        {
            // Four bytes alone can stand anywhere in a database by chance.
            if (trace.Length < 7) continue;
            Assert.DoesNotContain(Encoding.Latin1.GetString(trace), all, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToHexString(trace), all, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Theory, EachDatabase]
    public async Task Answer_WithAScriptInAPdf_KeepsThePageAndNoScript(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        var visitor = await (await setting.VisitAsync()).GetAsync("/case/answer");
        await visitor.PostFilesAsync([("Text", "Here is my lease.")], ("lease.pdf", HostilePdf.AfterAParenthesis()));
        Assert.StartsWith("/notices/", visitor.Path, StringComparison.Ordinal);
        await using var connection = await service.Core.Database.OpenAsync();
        HostilePdf.AssertTame(await connection.QuerySingleAsync<byte[]>("select content from attachment"));
    }

    [Theory, EachDatabase]
    public async Task Answer_WithWhatIsNotTaken_SaysWhyBesideTheFieldAndKeepsTheText(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        var visitor = await (await setting.VisitAsync()).GetAsync("/case/answer");
        const string Text = "My words & <more>";
        async Task Refused(string said, params (string, byte[])[] files)
        {
            await visitor.PostFilesAsync([("Text", Text)], files);
            Assert.Equal(HttpStatusCode.BadRequest, visitor.Status);
            Assert.Contains(said, visitor.Text, StringComparison.Ordinal);
            Assert.Contains("choose your files again", visitor.Text, StringComparison.Ordinal);
            Assert.Contains("href=\"#files\"", visitor.Html, StringComparison.Ordinal);
            Assert.Contains("id=\"files-error\"", visitor.Html, StringComparison.Ordinal);
            Assert.Equal(Text, visitor.Form()["Text"].TrimEnd());
        }

        var good = ("a.jpg", TaggedFiles.Jpeg());
        await Refused("File 2: it is empty (0 bytes)", good, ("b.jpg", []));
        await Refused("File 1: it is larger than 15 MB", ("b.jpg", new byte[Manzil.Cases.Files.CleanFile.MaxBytes + 1]));
        await Refused("Five files at most", good, good, good, good, good, good);
        await Refused("File 1: it is neither", ("b.jpg", "<svg/>"u8.ToArray()));
        await Refused("File 1: it is neither", ("b.pdf", "<!doctype html>"u8.ToArray()));
        await Refused("File 1: it is neither", ("b.png", "PK\u0003\u0004"u8.ToArray()));
        await Refused("File 1: it is locked with a password or against changes, and we cannot look into it. Save it without a password, print it to a new PDF, or photograph the pages", ("b.pdf", HostilePdf.Locked()));
        await Refused("File 1: we cannot read all of it. Print it to PDF again, or photograph the pages", ("b.pdf", "%PDF-1.7\nno end"u8.ToArray()));
        await Refused("File 1: it is a HEIC picture", ("b.jpg", "\0\0\0\u0018ftypheic"u8.ToArray()));
        var large = ("b.jpg", new byte[(int)(5.1 * 1024 * 1024)]);
        await Refused("Five files at most", large, large, large, large, large, large);

        await visitor.PostFilesAsync([("Text", "")], NoFiles);
        Assert.Contains("Write your answer.", visitor.Text, StringComparison.Ordinal);
        await visitor.PostFilesAsync([("Text", new string('ж', 4001))], NoFiles);
        Assert.Equal(HttpStatusCode.BadRequest, visitor.Status);
        Assert.Equal(new string('ж', 4001), visitor.Form()["Text"].TrimEnd());
        Assert.Equal(0, await setting.CountAsync("attachment"));
        await visitor.PostFilesAsync([("Text", new string('ж', 4000))], NoFiles);
        Assert.StartsWith("/notices/", visitor.Path, StringComparison.Ordinal);
    }

    // Large requests are for those who are signed in, on these pages alone.
    [Theory, EachDatabase]
    public async Task Post_LargeRequestElsewhereOrSignedOut_IsTurnedAway(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        async Task<HttpStatusCode> SendAsync(string path, string? cookie)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path)
            {
                Content = new MultipartFormDataContent { { new ByteArrayContent(new byte[1024 * 1024]), "Files", "a.jpg" } },
            };
            if (cookie is not null) request.Headers.Add("Cookie", cookie);
            request.Headers.ExpectContinue = true;
            using var answer = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
            return answer.StatusCode;
        }

        foreach (var (path, cookie) in new[] { ("/case/answer", (string?)null), ("/case/appeal", "manzil=nobody"), ("/helper/answer", null) })
            Assert.InRange((int)await SendAsync(path, cookie), 400, 413);
        Assert.Equal(0, await setting.CountAsync("attachment"));
    }

    [Theory]
    [InlineData("ru", "Ваше дело", "Кто смотрел ваши данные")]
    [InlineData("kk", "Сіздің ісіңіз", "Деректеріңізді кім қарады")]
    public async Task Pages_InOtherLanguages_AreWhole(string lang, string title, string looks)
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        var visitor = await (await setting.VisitAsync(lang)).GetAsync("/case");
        Assert.Equal(title, visitor.Heading);
        Assert.Contains(looks, visitor.Text, StringComparison.Ordinal);
        foreach (var path in new[] { "/", "/case/answer", "/looks", "/helpers", "/helpers/new", "/helper" }) Assert.Equal(HttpStatusCode.OK, (await visitor.GetAsync(path)).Status);
    }

    static byte[] BytesOf(ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
