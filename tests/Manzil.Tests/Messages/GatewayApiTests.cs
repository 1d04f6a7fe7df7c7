using System.Net;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Messages;

/// <summary>What a gateway may hand in, and what it is told: nothing.</summary>
public class GatewayApiTests
{
    const string Reports = "/gateway/sms/reports", Incoming = "/gateway/sms/incoming", Bounces = "/gateway/email/bounces";

    [Fact]
    public async Task Post_WithoutAGateway_IsNotFound()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        using var answer = await new GatewaySide(service).PostAsync(Reports, """{"id":"m-1","status":"delivered"}""");
        Assert.Equal("404 not-found", $"{await ProblemAnswer.ReadAsync(answer)}");
    }

    [Fact]
    public async Task Post_AnyIdThatCannotBe_IsAnsweredLikeOneThatIs()
    {
        await using var service = await GatewaySide.StartServiceAsync(DatabaseKind.Sqlite);
        var gateway = new GatewaySide(service);
        await gateway.ToldAsync();
        await gateway.SendAllAsync();
        var known = await gateway.NameAsync(await gateway.AskAsync<long>("select min(id) from message"));
        // Known; of a database that was restored since; and what no message is called.
        foreach (var id in new[] { known, known[..^1] + (known[^1] == '0' ? '1' : '0'), "m-1", "m-99999-1", "m-", "m-99999999999999999999-1", "m--1", "x", "1" })
        {
            foreach (var (path, body) in new (string, object)[] { (Reports, new { id, status = "delivered" }), (Bounces, new { id }) })
            {
                using var answer = await gateway.PostAsync(path, body);
                Assert.Equal((HttpStatusCode.NoContent, 0), (answer.StatusCode, (await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Length));
            }
        }

        Assert.Equal(1, await gateway.AskAsync<int>("select count(*) from message where arrived_at is not null"));
    }

    [Fact]
    public async Task Post_WrongSignature_Is401AndChangesNothing()
    {
        await using var service = await GatewaySide.StartServiceAsync(DatabaseKind.Sqlite);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync();
        await gateway.SendAllAsync();
        foreach (var path in new[] { Reports, Incoming, Bounces })
        {
            var body = $$"""{"id":"{{await gateway.NameAsync(await gateway.AskAsync<long>("select min(id) from message"))}}","status":"delivered"}""";
            using var other = await gateway.PostAsync(path, body, secret: "another secret, as long as the right one is");
            Assert.Equal("401 gateway-signature-wrong", $"{await ProblemAnswer.ReadAsync(other)}");
            using var old = await gateway.PostAsync(path, body, age: Duration.FromMinutes(6));
            Assert.Equal("401 gateway-signature-wrong", $"{await ProblemAnswer.ReadAsync(old)}");
            using var unsigned = await service.Client.PostAsync(path, new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")), TestContext.Current.CancellationToken);
            Assert.Equal("401 gateway-signature-wrong", $"{await ProblemAnswer.ReadAsync(unsigned)}");
        }

        Assert.All(await gateway.MessagesAsync(worker.Worker.Id), m => Assert.Null(m.DeliveredAt));
    }

    [Theory]
    [InlineData(Reports, "", "")]
    [InlineData(Reports, "[]", "")]
    [InlineData(Reports, "{", "")]
    [InlineData(Reports, """{"id":"m-1"}""", "status")]
    [InlineData(Reports, """{"id":"m-1","status":"read"}""", "status")]
    [InlineData(Reports, """{"id":"m-1","status":"delivered","at":"yesterday"}""", "at")]
    [InlineData(Reports, """{"id":"m-1","status":"delivered","at":"2026-05-04"}""", "at")]
    [InlineData(Reports, """{"id":"m-1","status":"delivered","extra":"x"}""", "extra")]
    [InlineData(Reports, """{"id":"m-1","id":"m-2","status":"delivered"}""", "")]
    [InlineData(Reports, """{"id":12,"status":"delivered"}""", "id")]
    [InlineData(Incoming, """{"id":"","from":"+70000000001","text":"x"}""", "id")]
    [InlineData(Incoming, """{"id":"a b","from":"+70000000001","text":"x"}""", "id")]
    [InlineData(Incoming, """{"id":"a","from":"+70000000001"}""", "text")]
    [InlineData(Incoming, """{"id":"a","from":"+70000000001","text":"\ud800"}""", "")]
    [InlineData(Bounces, """{"id":"m-1","status":"failed"}""", "status")]
    public async Task Post_Malformed_NamesTheMember(string path, string body, string field)
    {
        await using var service = await GatewaySide.StartServiceAsync(DatabaseKind.Sqlite);
        using var answer = await new GatewaySide(service).PostAsync(path, body);
        var problem = await ProblemAnswer.ReadAsync(answer);
        Assert.Equal("400 malformed", $"{problem}");
        Assert.Contains(field, problem.Faults.Select(f => f.Field));
    }

    [Fact]
    public async Task Post_TooLargeOrNoJson_IsRefused()
    {
        await using var service = await GatewaySide.StartServiceAsync(DatabaseKind.Sqlite);
        var gateway = new GatewaySide(service);
        using var large = await gateway.PostAsync(Incoming, $$"""{"id":"a","from":"+70000000001","text":"{{new string('x', 20_000)}}"}""");
        Assert.Equal("413 too-large", $"{await ProblemAnswer.ReadAsync(large)}");
        using var text = await gateway.PostAsync(Incoming, $$"""{"id":"a","from":"+70000000001","text":"{{new string('x', 2001)}}"}""");
        Assert.Equal("400 malformed", $"{await ProblemAnswer.ReadAsync(text)}");
        using var form = await gateway.PostAsync(Incoming, "id=a", type: "application/x-www-form-urlencoded");
        Assert.Equal("415 wrong-content-type", $"{await ProblemAnswer.ReadAsync(form)}");
    }
}
