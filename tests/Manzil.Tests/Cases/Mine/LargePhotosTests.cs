using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Dapper;
using Manzil.Cases.Files;
using Manzil.Rules;
using Manzil.Tests.Databases;
using Manzil.Tests.Faults;
using Manzil.Tests.Helping;
using Manzil.Tests.Notices;
using Manzil.Tests.Registrations.Desk;
using Microsoft.Extensions.DependencyInjection;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Cases.Mine;

/// <summary>found.md 19: photos as phones take them, from browsers that cannot make them smaller.</summary>
public partial class LargePhotosTests
{
    const int Megabyte = 1024 * 1024;

    const string Multipart = "Content-Type: multipart/form-data; boundary=b";

    // 8 to 12 MB each: refused with "take the picture again in a smaller size" before.
    [Theory, EachDatabase]
    public async Task Answer_WithALargePhoto_IsKeptCleanedByEveryDoor(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var (setting, doors) = await DoorsAsync(service);
        var sizes = new[] { 12, 12, 8 };
        foreach (var ((visitor, path, arrived), size) in doors.Zip(sizes))
        {
            await visitor.GetAsync(path);
            await visitor.PostFilesAsync([("Text", "See the photo.")], ("photo.jpg", TaggedFiles.Jpeg(coded: size * Megabyte)));
            Assert.True(visitor.Path.Contains(arrived, StringComparison.Ordinal), visitor.Text);
        }

        await setting.Worker.SignInAgainAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/case/answers")
        {
            Content = new MultipartFormDataContent { { new StringContent("See the photo."), "text" }, { new ByteArrayContent(TaggedFiles.Jpeg(coded: 8 * Megabyte)), "file", "photo.jpg" } },
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", setting.Worker.Token);
        request.Headers.Add("Idempotency-Key", "large");
        using var answer = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);

        await using var connection = await service.Core.Database.OpenAsync();
        var kept = (await connection.QueryAsync<byte[]>("select content from attachment order by id")).ToList();
        Assert.Equal([12, 12, 8, 8], kept.Select(c => c.Length / Megabyte));
        foreach (var trace in TaggedFiles.Traces()) Assert.All(kept, c => Assert.True(c.AsSpan().IndexOf(trace) < 0));
        // What is kept of one worker in a day is what it was.
        Assert.InRange(kept.Sum(c => c.Length) - kept[1].Length, 0, FileLimits.MegabytesADay * Megabyte);
    }

    // 36 MB: more than is held of one person. The page said "too large" before, and what was written was gone.
    [Theory]
    [InlineData(DatabaseKind.Sqlite, "en", "These files are larger than 30 MB together")]
    [InlineData(DatabaseKind.Postgres, "ru", "Эти файлы вместе больше 30 МБ")]
    [InlineData(DatabaseKind.Sqlite, "kk", "Бұл файлдар бірге 30 МБ-тан үлкен")]
    public async Task Answer_WithPhotosThatAreTooLargeTogether_KeepsTheWordsAndSaysSo(DatabaseKind kind, string lang, string said)
    {
        await using var service = await TestService.StartAsync(kind);
        var (setting, doors) = await DoorsAsync(service, lang);
        var photo = TaggedFiles.Jpeg(coded: 12 * Megabyte);
        foreach (var (visitor, path, arrived) in doors)
        {
            await visitor.GetAsync(path);
            await visitor.PostFilesAsync([("Text", "I live there; see the photos.")], ("1.jpg", photo), ("2.jpg", photo), ("3.jpg", photo));
            Assert.Equal(HttpStatusCode.BadRequest, visitor.Status);
            Assert.Contains(visitor == doors[0].Visitor ? said : "These files are larger than 30 MB together", visitor.Text, StringComparison.Ordinal);
            Assert.Equal("I live there; see the photos.", visitor.Form()["Text"].Trim());
            Assert.Equal(0, await setting.CountAsync("attachment"));
            // One more press, without files.
            await visitor.PostFilesAsync([]);
            Assert.True(visitor.Path.Contains(arrived, StringComparison.Ordinal), visitor.Text);
        }
    }

    // What is not kept is not held either, however slowly it comes.
    [Fact]
    public async Task Answer_WithPhotosThatAreTooLargeTogether_IsReadOverAndHoldsNothing()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var (_, doors) = await DoorsAsync(service);
        var uploads = service.Services.GetRequiredService<Uploads>();
        foreach (var (visitor, path, _) in doors)
        {
            await visitor.GetAsync(path);
            var fields = string.Concat(visitor.Form().Where(f => f.Key != "Files").Select(f => $"--b\r\nContent-Disposition: form-data; name=\"{f.Key}\"\r\n\r\n{(f.Key == "Text" ? "I live there." : f.Value)}\r\n"));
            var head = Encoding.UTF8.GetBytes(fields + "--b\r\nContent-Disposition: form-data; name=\"Files\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n");
            const int Rest = 60 * Megabyte;
            var end = "\r\n--b--\r\n"u8.ToArray();
            using var half = await HalfSent.AskedForAsync(service.Url, path, head.Length + Rest + end.Length, Multipart, $"Cookie: {visitor.Cookie}", "Connection: close");
            await half.SendAsync(head);
            // Sent as far as this, the service has read all but what fits between two machines.
            await half.SendAsync(new byte[Rest]);
            Assert.InRange(uploads.Known.Held, 0, Megabyte);
            await half.SendAsync(end);
            var (status, text) = await half.AnswerAsync();
            Assert.True(status == 303 && text.Contains($"Location: {path}?at=again", StringComparison.Ordinal), text);

            // Whatever is larger still is not read at all.
            using var larger = await HalfSent.BeginAsync(service.Url, path, $"Content-Length: {(Uploads.MaxReadOver + 1).ToString(CultureInfo.InvariantCulture)}", Multipart, $"Cookie: {visitor.Cookie}", "Connection: close");
            Assert.Equal(413, (await larger.AnswerAsync()).Status);
        }
    }

    // One constant, and every sentence that names it.
    [Fact]
    public void Texts_ThatNameTheSizeOfAFile_FollowTheConstant()
    {
        foreach (var lang in new[] { "en", "ru", "kk" })
        {
            using var texts = JsonDocument.Parse(Repository.Read($"src/Manzil/Layout/Languages/{lang}.json"));
            var fixedSizes = texts.RootElement.EnumerateObject().Where(t => t.Value.ValueKind == JsonValueKind.String && Size().IsMatch(t.Value.GetString()!)).Select(t => t.Name);
            // A receipt's, which is not a file of a case.
            Assert.Equal(["verify.unread.too-large"], fixedSizes);
            foreach (var key in new[] { "case-form.files-hint", "fault.file-too-large" }) Assert.Contains("{size}", texts.RootElement.GetProperty(key).GetString(), StringComparison.Ordinal);
        }

        var (size, day) = (CleanFile.MaxMegabytes, FileLimits.MegabytesADay);
        Assert.Contains($"1 byte to {size} MB, by its bytes; all of one request may be {Uploads.MaxRequest / Megabyte} MB (`413`), and {day} MB are kept", Repository.Read("docs/api.md"), StringComparison.Ordinal);
        Assert.Equal(3, Repository.Read("src/Manzil/Api/openapi.json").Split(string.Create(CultureInfo.InvariantCulture, $"each 1 byte to {size} MB ({CleanFile.MaxBytes:N0} bytes), together at most {day} MB")).Length);
        var guide = Repository.Read("docs/operating.md");
        foreach (var told in new[]
        {
            $"client_max_body_size {Uploads.MaxReadOver / Megabyte}m;", $"must let {Uploads.MaxReadOver / Megabyte} MB through", $"may have {Uploads.MaxRequest / Megabyte} MB: each file up to {size} MB, and {day} MB together",
            $"A browser's form up to {Uploads.MaxReadOver / Megabyte} MB (six files of {size} MB)", $"its clean copy ({size} MB at most)",
        })
            Assert.Contains(told, guide, StringComparison.Ordinal);
    }

    static async Task<(CaseSetting Setting, IReadOnlyList<(Visitor Visitor, string Path, string Arrives)> Doors)> DoorsAsync(TestService service, string lang = "en")
    {
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        var helper = await HelperTests.OfAsync(service, await setting.VisitAsync());
        var (staff, cookie) = await service.StaffAsync(StaffRole.Clerk);
        var desk = new ClerkDesk(service, new(service, staff, Visitor.Officer(service, cookie)));
        var root = await desk.ServeAsync(setting.Worker.Worker);
        return (setting, [(await setting.VisitAsync(lang), "/case/answer", "/notices/"), (helper, "/helper/answer", "/helper/file?done="), (desk.Web, root + "/case/answer", root + "/notices/")]);
    }

    [GeneratedRegex(@"\d\s?(MB|МБ)", RegexOptions.None, 1000)]
    private static partial Regex Size();
}
