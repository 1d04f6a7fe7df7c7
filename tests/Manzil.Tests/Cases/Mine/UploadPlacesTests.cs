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
        var helper = await HelperOfAsync(service, worker);
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
        var helper = await HelperOfAsync(service, worker);
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
        var helper = await HelperOfAsync(service, worker);
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

        static DefaultHttpContext Request(int bytes)
        {
            var http = new DefaultHttpContext();
            http.Request.Body = new MemoryStream(new byte[bytes]);
            return http;
        }

        static Task<int> ReadAsync(DefaultHttpContext http, int count) => http.Request.Body.ReadAsync(new byte[count], TestContext.Current.CancellationToken).AsTask();
    }

    static async Task<Visitor> HelperOfAsync(TestService service, Visitor worker)
    {
        var helper = new Visitor(service, "nobody", "en");
        await HelperTests.EnterAsync(helper, await HelperTests.NameAsync(worker, "Legal aid", "act"));
        Assert.Equal("/helper/file", helper.Path);
        return helper;
    }

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
}
