using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Manzil.Access;
using Manzil.Cases.Files;
using Manzil.Receipts;
using Manzil.Rules;
using Manzil.Tests.Databases;
using Manzil.Tests.Faults;
using Manzil.Tests.Helping;
using Manzil.Tests.Notices;
using Manzil.Tests.Registrations.Desk;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Cases.Mine;

/// <summary>Nobody is kept out by requests that others, or they themselves, began and did not end.</summary>
public class UploadPlacesTests
{
    const string Multipart = "Content-Type: multipart/form-data; boundary=b";

    static byte[] FormOf(string text, int file) => [
        .. Encoding.ASCII.GetBytes($"--b\r\nContent-Disposition: form-data; name=\"Text\"\r\n\r\n{text}\r\n--b\r\nContent-Disposition: form-data; name=\"Files\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n"),
        .. new byte[file], .. "\r\n--b--\r\n"u8];

    // Every place in every counter, wherever the request was cut off: before its body, within it, and after it while it was being done.
    [Theory, EachDatabase]
    public async Task Post_CutOffAnywhere_GivesEveryPlaceBack(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        await setting.Worker.SignInAgainAsync();
        var worker = await setting.VisitAsync();
        var helper = await HelperTests.OfAsync(service, worker);
        var (staff, cookie) = await service.StaffAsync(StaffRole.Clerk);
        var desk = new ClerkDesk(service, new(service, staff, Visitor.Officer(service, cookie)));
        var root = await desk.ServeAsync(setting.Worker.Worker);
        var bearer = $"Authorization: Bearer {setting.Worker.Token}";
        var (form, json) = (FormOf("I live there.", 3000), """{"kind":"confirmation"}"""u8.ToArray());
        var typed = "CardNumber=FC0000001&Number=AA0000001&Code=0000-0000-0000-0000&lang=ru"u8.ToArray();
        (string Path, byte[] Body, string[] Headers)[] doors =
        [
            ("/case/answer", form, [Multipart, $"Cookie: {worker.Cookie}"]),
            ("/helper/answer", form, [Multipart, $"Cookie: {helper.Cookie}"]),
            ($"{root}/case/answer", form, [Multipart, $"Cookie: {desk.Web.Cookie}"]),
            ("/api/v1/case/answers", form, [Multipart, bearer, "Idempotency-Key: cut"]),
            ("/api/v1/notices", json, ["Content-Type: application/json", bearer, "Idempotency-Key: cut"]),
            ("/api/v1/sessions", json, ["Content-Type: application/json"]),
            ("/confirmation", typed, ["Content-Type: application/x-www-form-urlencoded", $"Cookie: {worker.Cookie}"]),
            ("/sign-in", typed, ["Content-Type: application/x-www-form-urlencoded"]),
            ("/sign-in/document", typed, ["Content-Type: application/x-www-form-urlencoded"]),
            ("/helper", typed, ["Content-Type: application/x-www-form-urlencoded"]),
            ("/language", typed, ["Content-Type: application/x-www-form-urlencoded"]),
            ("/verify", form, [Multipart]),
        ];
        foreach (var (path, body, headers) in doors)
        {
            // More often than there are places for one person.
            foreach (var sent in new[] { 0, 1, body.Length / 2, body.Length - 1, body.Length })
            {
                using (var half = await HalfSent.AskedForAsync(service.Url, path, body.Length, headers)) await half.SendAsync(body.AsMemory(0, sent));
                await NothingIsHeldAsync(service, $"{path}, cut off after {sent} of {body.Length} bytes");
            }
        }

        await worker.GetAsync("/case/answer");
        await worker.PostFilesAsync([("Text", "I live there.")], ("a.jpg", TaggedFiles.Jpeg()));
        Assert.StartsWith("/notices/", worker.Path, StringComparison.Ordinal);
    }

    // found.md 40: sixteen uploads of others were under way, two requests of a worker were cut off beside them, and the worker could not answer any more.
    // found.md 41: and as long as the sixteen lasted, nobody could.
    [Theory, EachDatabase]
    public async Task Answer_WhileSixteenUploadsDrip_ArrivesByEveryDoor(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        await setting.Worker.SignInAgainAsync();
        var worker = await setting.VisitAsync();
        var helper = await HelperTests.OfAsync(service, worker);
        var (staff, cookie) = await service.StaffAsync(StaffRole.Clerk);
        var desk = new ClerkDesk(service, new(service, staff, Visitor.Officer(service, cookie)));
        var root = await desk.ServeAsync(setting.Worker.Worker);
        var uploads = service.Services.GetRequiredService<Uploads>();
        var dripping = new List<HalfSent>();
        try
        {
            for (var i = 0; i < 8; i++)
            {
                var other = await Visitor.SignInAsync(service, await service.EnrolAsync());
                for (var n = 0; n < Uploads.AtOnceEach; n++)
                {
                    var half = await HalfSent.AskedForAsync(service.Url, "/case/answer", 30_000_000, Multipart, $"Cookie: {other.Cookie}");
                    await half.SendAsync("--b\r\nContent-Disposition: form-data; name=\"Files\"; filename=\"a\"\r\n\r\n"u8.ToArray());
                    half.Drip();
                    dripping.Add(half);
                }
            }

            Assert.Equal(16, uploads.UnderWay);
            for (var i = 0; i < 3; i++)
            {
                using var cut = await HalfSent.BeginAsync(service.Url, "/case/answer", "Content-Length: 1000000", Multipart, $"Cookie: {worker.Cookie}");
                await cut.SendAsync(FormOf("cut", 100));
            }

            await UntilAsync(() => uploads.UnderWay <= 16, "what was cut off is given back");
            foreach (var (visitor, path, arrived) in new[] { (worker, "/case/answer", "/notices/"), (helper, "/helper/answer", "/helper/file?done="), (desk.Web, root + "/case/answer", root + "/notices/") })
            {
                await visitor.GetAsync(path);
                await visitor.PostFilesAsync([("Text", "I live there.")]);
                Assert.StartsWith(arrived, visitor.Path, StringComparison.Ordinal);
                await visitor.GetAsync(path);
                await visitor.PostFilesAsync([("Text", "I live there, see the photo.")], ("a.jpg", TaggedFiles.Jpeg()));
                Assert.StartsWith(arrived, visitor.Path, StringComparison.Ordinal);
            }

            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/case/answers")
            {
                Content = new MultipartFormDataContent { { new StringContent("I live there."), "text" }, { new ByteArrayContent(TaggedFiles.Jpeg()), "file", "a.jpg" } },
            };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", setting.Worker.Token);
            request.Headers.Add("Idempotency-Key", "by-api");
            using var answer = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        }
        finally
        {
            dripping.ForEach(d => d.Dispose());
        }

        await NothingIsHeldAsync(service, "after the sixteen");
    }

    // A helper, too, is somebody else: what they begin takes nothing from the worker.
    [Fact]
    public async Task Answer_WhileTheHelperHoldsEveryPlaceOfTheirs_StillArrives()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        var worker = await setting.VisitAsync();
        var helper = await HelperTests.OfAsync(service, worker);
        using var one = await HalfSent.AskedForAsync(service.Url, "/helper/answer", 1_000_000, Multipart, $"Cookie: {helper.Cookie}");
        using var two = await HalfSent.AskedForAsync(service.Url, "/helper/answer", 1_000_000, Multipart, $"Cookie: {helper.Cookie}");
        one.Drip();
        two.Drip();
        await worker.GetAsync("/case/answer");
        await worker.PostFilesAsync([("Text", "I live there.")], ("a.jpg", TaggedFiles.Jpeg()));
        Assert.StartsWith("/notices/", worker.Path, StringComparison.Ordinal);
        await helper.GetAsync("/helper/answer");
        await helper.PostFilesAsync([("Text", "She lives there.")], ("a.jpg", TaggedFiles.Jpeg()));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, helper.Status);
        Assert.Contains("She lives there.", helper.Text, StringComparison.Ordinal);
    }

    // The sibling at the API of notices: a place in the writer's queue is for what has come whole.
    [Fact]
    public async Task Notice_HalfSent_TakesNoPlaceInTheQueue()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var worker = await SignedInWorker.NewAsync(service);
        using var half = await HalfSent.AskedForAsync(service.Url, "/api/v1/notices", 100, "Content-Type: application/json", $"Authorization: Bearer {worker.Token}", "Idempotency-Key: half");
        await half.SendAsync("{"u8.ToArray());
        Assert.Equal(0, service.Core.Writer.Waiting);
    }

    // 1,600 bodies just below a text's size came to 196 MB, and everybody's files gave way to them.
    [Fact]
    public async Task Bodies_VeryManyTextsOfOneWorker_KeepNobodyOut()
    {
        var uploads = new Uploads();
        var piece = new byte[120 * 1024];
        var given = 0;
        for (var i = 0; i < 1600; i++)
        {
            if (!await ComesAsync("worker 1", 1)) given++;
            Assert.InRange(uploads.Known.Held, 0, Uploads.MaxRequest + 1024 * 1024);
        }

        Assert.InRange(given, 0, 1600);
        // Whole files of five others, and a text of each; then a text of the one who holds most, which is one too many.
        for (var n = 2; n < 7; n++) Assert.True(await ComesAsync($"worker {n}", 250) && await ComesAsync($"worker {n}", 1), $"worker {n}");
        Assert.InRange(uploads.Known.Held, 0, Uploads.Room);

        async Task<bool> ComesAsync(string sender, int pieces)
        {
            var http = new DefaultHttpContext();
            http.Request.Body = new Endless(piece);
            uploads.Known.Watch(http, sender);
            try
            {
                for (var i = 0; i < pieces; i++) await http.Request.Body.ReadExactlyAsync(new byte[piece.Length], TestContext.Current.CancellationToken);
                return true;
            }
            catch (BodyGaveWayException)
            {
                return false;
            }
        }
    }

    // The sibling: whoever sends two large files beside it still gets their words through.
    [Fact]
    public async Task Bodies_TextBesideLargeFilesOfTheSameWorker_ComesThroughWhereThereIsNoRoom()
    {
        var bodies = new ArrivingBodies(room: 100, roomOfOne: 60, always: 5);
        var (file, others, text, another) = (Request(50), Request(50), Request(5), Request(3));
        bodies.Watch(file, "one");
        bodies.Watch(others, "two");
        bodies.Watch(text, "one");
        bodies.Watch(another, "one");
        Assert.Equal(50, await ReadAsync(file, 50));
        Assert.Equal(0, await ReadAsync(file, 1));
        Assert.Equal(50, await ReadAsync(others, 50));
        Assert.Equal(0, await ReadAsync(others, 1));
        Assert.Equal(5, await ReadAsync(text, 5));
        Assert.Equal(0, await ReadAsync(text, 1));
        // A second text of theirs is one too many while nothing can give way.
        await Assert.ThrowsAsync<BodyGaveWayException>(() => ReadAsync(another, 3));
        Assert.Equal(105, bodies.Held);
    }

    // The words of a form whose file gave way come back on the page, and the operator's log has no failure of the service in it: a stranger could write it full.
    [Theory, EachDatabase]
    public async Task Answer_WhoseFileGaveWay_KeepsItsWordsAndFailsNothing(DatabaseKind kind)
    {
        var lines = new KeptLines();
        await using var service = await TestService.StartAsync(kind, logs: lines);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        await setting.Worker.SignInAgainAsync();
        var worker = await setting.VisitAsync();
        var helper = await HelperTests.OfAsync(service, worker);
        foreach (var (visitor, path) in new[] { (worker, "/case/answer"), (helper, "/helper/answer") })
        {
            await visitor.GetAsync(path);
            var key = visitor.Form()["Key"];
            var words = Encoding.UTF8.GetBytes($"--b\r\nContent-Disposition: form-data; name=\"Key\"\r\n\r\n{key}\r\n").Concat(FormOf("I live in house 5, ask anybody.", 0)[..^"\r\n--b--\r\n".Length]).ToArray();
            using var half = await HalfSent.AskedForAsync(service.Url, path, Uploads.MaxRequest, Multipart, $"Cookie: {visitor.Cookie}", "Connection: close");
            await half.SendAsync(words);
            await half.SendAsync(new byte[30 * 1024 * 1024]);
            await UntilAsync(() => service.Services.GetRequiredService<Uploads>().Known.Held > 30 * 1024 * 1024, "the file has come");
            using var second = await HalfSent.AskedForAsync(service.Url, path, Uploads.MaxRequest, Multipart, $"Cookie: {visitor.Cookie}");
            await second.SendAsync(words);
            await second.SendWhatGoesAsync(new byte[8 * 1024 * 1024]);
            var (status, text) = await half.AnswerAsync();
            Assert.True(status == 503, text);
            Assert.Contains("I live in house 5, ask anybody.", text, StringComparison.Ordinal);
            Assert.Contains(key, text, StringComparison.Ordinal);
        }

        // By the API there are no words to keep, and a token says when.
        var bearer = $"Authorization: Bearer {setting.Worker.Token}";
        using (var half = await HalfSent.AskedForAsync(service.Url, "/api/v1/case/answers", Uploads.MaxRequest, Multipart, bearer, "Idempotency-Key: gave-way", "Connection: close"))
        {
            await half.SendAsync(FormOf("I live there.", 30 * 1024 * 1024)[..^7]);
            await UntilAsync(() => service.Services.GetRequiredService<Uploads>().Known.Held > 30 * 1024 * 1024, "the file has come");
            using var second = await HalfSent.AskedForAsync(service.Url, "/api/v1/case/answers", Uploads.MaxRequest, Multipart, bearer, "Idempotency-Key: second");
            await second.SendWhatGoesAsync(FormOf("I live there.", 8 * 1024 * 1024)[..^7]);
            var (status, text) = await half.AnswerAsync();
            Assert.True(status == 503 && text.Contains("application/problem+json", StringComparison.Ordinal) && text.Contains("Retry-After", StringComparison.Ordinal), text);
        }

        await NothingIsHeldAsync(service, "after what gave way");
        var failures = lines.Lines.Where(l => l.StartsWith("Error", StringComparison.Ordinal) || l.StartsWith("Critical", StringComparison.Ordinal)).ToList();
        Assert.True(failures.Count == 0, string.Join("\n", failures));
    }

    [Fact]
    public async Task Bodies_WithoutRoomForAll_WhoHoldsMostGivesWayAndTextsStay()
    {
        var bodies = new ArrivingBodies(room: 100, roomOfOne: 90, always: 5);
        var (large, small, text, greedy) = (Request(60), Request(45), Request(5), Request(95));
        bodies.Watch(large, "one");
        bodies.Watch(small, "two");
        bodies.Watch(text, "three");
        bodies.Watch(greedy, "four");
        Assert.Equal(60, await ReadAsync(large, 60));
        Assert.Equal(45, await ReadAsync(small, 45));
        Assert.Equal(45, bodies.Held);
        await Assert.ThrowsAsync<BodyGaveWayException>(() => ReadAsync(large, 1));
        Assert.Equal(0, await ReadAsync(small, 1));
        await Assert.ThrowsAsync<BodyGaveWayException>(() => ReadAsync(greedy, 95));
        Assert.Equal(45, bodies.Held);
        // What has come whole is being done, and stays; a text comes through all the same.
        var (another, whole) = (Request(50), Request(55));
        bodies.Watch(whole, "five");
        bodies.Watch(another, "six");
        Assert.Equal(55, await ReadAsync(whole, 55));
        Assert.Equal(0, await ReadAsync(whole, 1));
        await Assert.ThrowsAsync<BodyGaveWayException>(() => ReadAsync(another, 50));
        Assert.Equal(5, await ReadAsync(text, 5));
        Assert.Equal(105, bodies.Held);
    }

    static DefaultHttpContext Request(int bytes)
    {
        var http = new DefaultHttpContext();
        http.Request.Body = new MemoryStream(new byte[bytes]);
        return http;
    }

    static Task<int> ReadAsync(DefaultHttpContext http, int count) => http.Request.Body.ReadAsync(new byte[count], TestContext.Current.CancellationToken).AsTask();

    static async Task NothingIsHeldAsync(TestService service, string when)
    {
        var uploads = service.Services.GetRequiredService<Uploads>();
        var documents = service.Services.GetRequiredService<DocumentChecks>();
        await UntilAsync(
            () => (uploads.UnderWay, uploads.Known.Count, uploads.Known.Held, uploads.Strangers.Count, uploads.Strangers.Held, service.Core.Writer.Waiting, documents.Waiting) == (0, 0, 0L, 0, 0L, 0, 0), when);
    }

    static async Task UntilAsync(Func<bool> holds, string what)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!holds())
        {
            Assert.False(patience.IsCancellationRequested, what);
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>A body that never ends, without any memory.</summary>
    sealed class Endless(byte[] piece) : MemoryStream(piece)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(buffer.Length);
    }
}
