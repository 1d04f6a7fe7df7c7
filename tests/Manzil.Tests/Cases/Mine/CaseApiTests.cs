using System.Net;
using System.Net.Http.Headers;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Cases.Mine;

public class CaseApiTests
{
    [Theory, EachDatabase]
    public async Task Post_AnswerAndAppeal_AreTheSameActsAsOnThePages(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        await setting.Worker.SignInAgainAsync();
        Assert.Equal("none", (await setting.Worker.ReadAsync("/api/v1/case")).GetProperty("stage").GetString());
        Assert.Equal("409 case-not-at-this-stage", $"{await RefusedAsync(service, setting, "answers", "Hello")}");

        var opened = await setting.OpenAsync();
        using (var answer = await PostAsync(service, setting, "answers", "I live there.", "key-1", TaggedFiles.Jpeg()))
        {
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
            var first = await NoticeAnswer.ReadAsync(answer);
            using var again = await PostAsync(service, setting, "answers", "I live there.", "key-1", TaggedFiles.Jpeg());
            Assert.Equal(first.Number, (await NoticeAnswer.ReadAsync(again)).Number);
        }

        Assert.Equal("422 idempotency-key-used", $"{await RefusedAsync(service, setting, "answers", "Other", "key-1")}");
        Assert.Equal("409 case-not-at-this-stage", $"{await RefusedAsync(service, setting, "appeals", "Hello")}");
        var wrong = await RefusedAsync(service, setting, "answers", "", "key-2", new byte[Manzil.Cases.Files.CleanFile.MaxBytes + 1], "<svg/>"u8.ToArray());
        Assert.Equal("400 malformed", $"{wrong}");
        Assert.Equal([("text", "answer-missing"), ("file[1]", "file-too-large"), ("file[2]", "file-wrong-type")], wrong.Faults);
        Assert.Equal([("file[1]", "file-pdf-encrypted"), ("file[2]", "file-pdf-unclear")], (await RefusedAsync(service, setting, "answers", "Locked", "key-2", HostilePdf.Locked(), "%PDF-1.7"u8.ToArray())).Faults);
        using (var without = await PostAsync(service, setting, "answers", "x", null)) Assert.Equal("400 idempotency-key-missing", $"{await ProblemAnswer.ReadAsync(without)}");

        var json = await setting.Worker.ReadAsync("/api/v1/case");
        Assert.Equal(("open", "other", true, false), (json.GetProperty("stage").GetString(), json.GetProperty("ground").GetString(), json.GetProperty("canAnswer").GetBoolean(), json.GetProperty("canAppeal").GetBoolean()));
        var acts = json.GetProperty("cases")[0].GetProperty("acts");
        Assert.Equal([opened, "case-opened", CaseSetting.Reason], new[] { "number", "kind", "reason" }.Select(m => acts[0].GetProperty(m).GetString()!));
        Assert.Equal("1.jpg", acts[1].GetProperty("files")[0].GetProperty("name").GetString());

        await setting.ProposeAsync();
        await setting.AgreeAsync();
        await setting.Worker.SignInAgainAsync();
        using var appeal = await PostAsync(service, setting, "appeals", "", "key-3");
        Assert.Equal(HttpStatusCode.Created, appeal.StatusCode);
        Assert.Equal("suspended", (await setting.Worker.ReadAsync("/api/v1/case")).GetProperty("stage").GetString());
        using var nobody = await service.Client.GetAsync("/api/v1/case", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
    }

    static async Task<ProblemAnswer> RefusedAsync(TestService service, CaseSetting setting, string what, string text, string key = "key-x", params byte[][] files)
    {
        using var answer = await PostAsync(service, setting, what, text, key, files);
        return await ProblemAnswer.ReadAsync(answer);
    }

    static async Task<HttpResponseMessage> PostAsync(TestService service, CaseSetting setting, string what, string text, string? key, params byte[][] files)
    {
        var form = new MultipartFormDataContent { { new StringContent(text), "text" } };
        foreach (var file in files) form.Add(new ByteArrayContent(file), "file", "photo.jpg");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/case/{what}") { Content = form };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", setting.Worker.Token);
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        return await service.Client.SendAsync(request);
    }
}
