using System.Net;
using System.Text.Json;
using Manzil.Tests.Databases;
using static Manzil.Tests.Notices.SignedInWorker;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Notices;

/// <summary>The same Idempotency-Key and content give the same receipt, whenever and however often it is asked.</summary>
public class NoticeIdempotencyTests
{
    const string Registration = """{"kind":"registration"}""";
    const string Confirmation = """{"kind":"confirmation"}""";
    const string Residence = $$"""{"kind":"residence","from":"<today>","address":{{HomeAddress}}}""";
    const string Key = "b7c1-first";

    [Theory, EachDatabase]
    public async Task Repeat_AfterManyOthersAndARestart_IsAnsweredByteForByte(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await NewAsync(service);
        var registered = await worker.GiveAsync(Registration, "registration");
        var first = await worker.GiveAsync(Residence, Key);
        Assert.Equal(first.Body, (await worker.GiveAsync(Residence, Key)).Body);
        foreach (var _ in Enumerable.Range(0, 6))
            await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => worker.GiveAsync(Confirmation)));

        var size = (await service.Core.Tiles.HeadAsync()).Size;
        Assert.True(size > 256);
        Assert.Equal(first.Body, (await worker.GiveAsync(Residence, Key)).Body);
        // A registration repeated is answered with its receipt, though a new one would be refused.
        Assert.Equal(registered.Body, (await worker.GiveAsync(Registration, "registration")).Body);
        await service.RestartAsync();
        Assert.Equal(first.Body, (await worker.GiveAsync(Residence, Key)).Body);
        Assert.Equal(registered.Body, (await worker.GiveAsync(Registration, "registration")).Body);
        Assert.Equal(size, (await service.Core.Tiles.HeadAsync()).Size);
    }

    [Theory, EachDatabase]
    public async Task Send_TwentyAtOnce_IsDoneOnceAndAnsweredAlike(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await NewAsync(service);
        var notices = new[] { Registration, Residence, Confirmation, """{"kind":"departure","on":"<today+9>"}""" };
        for (var i = 0; i < notices.Length; i++)
        {
            var size = (await service.Core.Tiles.HeadAsync()).Size;
            var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => worker.GiveAsync(notices[i], $"key-{i}")));
            Assert.All(answers, answer => Assert.Equal(answers[0].Body, answer.Body));
            Assert.Equal(size + 1, (await service.Core.Tiles.HeadAsync()).Size);
        }
    }

    [Theory, EachDatabase]
    public async Task Send_OtherContentUnderTheSameKey_IsToldWhichNoticeItWas(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await NewAsync(service);
        await worker.GiveAsync(Registration);
        var first = await worker.GiveAsync(Residence, Key);
        foreach (var other in new[]
        {
            Confirmation,
            Registration,
            Residence.Replace("<today>", "<today-1>"),
            Residence.Replace("\"5\"", "\"6\""),
            """{"kind":"correction","replaces":"<2>","from":"<today>"}""",
        })
        {
            using var answer = await worker.PostAsync(other, Key);
            Assert.Contains(first.Number, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            Assert.Equal("422 idempotency-key-used", $"{await ProblemAnswer.ReadAsync(answer)}");
        }

        // The same said in another order, with other spaces, is the same.
        var same = """{ "address": {"building":"5","street":" Long Street ","locality":"Tverskoy","unit":null}, "from":"<today>","kind":"residence"}""";
        Assert.Equal(first.Body, (await worker.GiveAsync(same, Key)).Body);
    }

    [Theory, EachDatabase]
    public async Task Send_SameKeyByAnotherWorker_IsTheirOwn(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var (worker, other) = (await NewAsync(service), await NewAsync(service));
        var answers = await Task.WhenAll(worker.GiveAsync(Registration, Key), other.GiveAsync(Registration, Key));
        Assert.NotEqual(answers[0].Number, answers[1].Number);
        Assert.Equal("422 idempotency-key-used", $"{await worker.RefusedAsync(Confirmation, Key)}");
    }

    [Theory, EachDatabase]
    public async Task Send_ARefusedNoticeAgainOnceItIsPossible_IsDone(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await NewAsync(service);
        Assert.Equal("409 not-registered", $"{await worker.RefusedAsync(Residence, Key)}");
        await worker.GiveAsync(Registration);
        await worker.GiveAsync(Residence, Key);
    }

    [Theory, EachDatabase]
    public async Task Repeat_ACorrection_IsAnsweredByteForByte(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await NewAsync(service);
        await worker.GiveAsync(Registration);
        await worker.GiveAsync(Residence);
        const string correction = """{"kind":"correction","replaces":"<2>","from":"<today-1>"}""";
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => worker.GiveAsync(correction, Key)));
        Assert.All(answers, answer => Assert.Equal(answers[0].Body, answer.Body));
        Assert.Equal(answers[0].Body, (await worker.GiveAsync(correction, Key)).Body);
    }

    [Theory, EachDatabase]
    public async Task Send_AKeyThatIsNone_IsRefused(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await NewAsync(service);
        await worker.GiveAsync(Registration, new string('k', 100));
        foreach (var key in new[] { "", new string('k', 101), "a key" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/notices") { Content = new StringContent(Residence, null, "application/json") };
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {worker.Token}");
            if (key.Length > 0) request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
            using var answer = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal("400 idempotency-key-missing", $"{await ProblemAnswer.ReadAsync(answer)}");
        }
    }
}
