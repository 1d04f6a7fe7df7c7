using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Dapper;
using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Layout;
using Manzil.Messages;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Messages;

/// <summary>Servers and gateways in trouble: nothing is lost, all is sent when the cause is gone, and the operator sees it.</summary>
public class SendingFaultsTests
{
    static readonly TimeSpan Short = TimeSpan.FromMilliseconds(400);

    [Theory, EachDatabase]
    public async Task Run_SmtpInTroubleAtAnyPhase_SendsEachMessageOnceTheCauseIsGone(DatabaseKind kind)
    {
        await using var sinks = await Sinks.StartAsync(kind);
        await using var hasty = sinks.Node(Short);
        foreach (var phase in Enum.GetValues<Phase>())
        {
            foreach (var trouble in new[] { SmtpSink.Hang, SmtpSink.Cut, "421 4.3.2 going down", "451 4.3.0 later", "554 5.3.0 broken", "\u0001 no answer at all", new string('9', 5000) })
            {
                // An answer of 5xx to the recipient is a refusal, and a test of its own.
                if (phase == Phase.To && trouble.StartsWith("554", StringComparison.Ordinal)) continue;
                var (before, id) = (sinks.Smtp.Taken.Count, await sinks.AddAsync("email", $"{phase}"));
                sinks.Smtp.Script = (at, _) => at == phase ? trouble : null;
                Assert.Equal(1, await (trouble == SmtpSink.Hang ? hasty.RunAsync(sinks.Now) : sinks.RunAsync()));
                var waits = await sinks.KeptAsync(id);
                Assert.True(waits.Waits && waits.NextAttemptAt > sinks.Now, $"{phase} {trouble}: {waits}");

                sinks.Smtp.Script = (_, _) => null;
                Assert.Equal(0, await sinks.RunAsync());
                sinks.Service.Clock.AdvanceMinutes(2);
                Assert.Equal(1, await sinks.RunAsync());
                Assert.NotNull((await sinks.KeptAsync(id)).SentAt);
                // Where the line was cut, or nothing said, after the content, it had been taken: then there are two, of one name.
                var copies = sinks.Smtp.Taken.Skip(before).ToList();
                Assert.InRange(copies.Count, 1, phase == Phase.Content && trouble is SmtpSink.Hang or SmtpSink.Cut ? 2 : 1);
                Assert.All(copies, m => Assert.Equal(waits.Name, m.MessageId!.Split('@')[0]));
            }
        }
    }

    // Byte by byte, for as long as the patience of an attempt allows: then it is no trouble at all.
    [Theory, EachDatabase]
    public async Task Run_SmtpAnswersSlowlyAndTakesIt_SendsEachOnceAtTheFirstAttempt(DatabaseKind kind)
    {
        await using var sinks = await Sinks.StartAsync(kind);
        sinks.Smtp.Pause = TimeSpan.FromMilliseconds(3);
        var ids = new List<long>();
        for (var i = 0; i < 3; i++) ids.Add(await sinks.AddAsync("email", $"{i}"));
        Assert.Equal(3, await sinks.RunAsync());
        var kept = (await sinks.KeptAsync()).Where(m => ids.Contains(m.Id)).ToList();
        Assert.All(kept, m => Assert.True(m is { SentAt: not null, Attempts: 1, Failure: null }, $"{m}"));
        Assert.Equal(kept.Select(m => m.Name).Order(), sinks.Smtp.Names.Order());
        Assert.Empty(await sinks.WarningsAsync());
    }

    [Theory, EachDatabase]
    public async Task Run_GatewayInTrouble_SendsEachMessageOnceTheCauseIsGone(DatabaseKind kind)
    {
        await using var sinks = await Sinks.StartAsync(kind);
        await using var hasty = sinks.Node(Short);
        var answers = new Dictionary<string, Func<HttpContext, TakenSms, Task<bool>>>
        {
            ["500"] = Answers(500),
            ["503"] = Answers(503),
            ["429"] = Answers(429),
            ["408"] = Answers(408),
            ["401"] = Answers(401),
            ["403"] = Answers(403),
            ["404"] = Answers(404),
            ["304"] = Answers(304),
            ["redirect"] = (http, _) =>
            {
                http.Response.Redirect("/elsewhere", permanent: false, preserveMethod: true);
                return Task.FromResult(true);
            },
            ["cut"] = (http, _) =>
            {
                http.Abort();
                return Task.FromResult(true);
            },
            ["late"] = async (http, _) =>
            {
                await Task.Delay(Timeout.Infinite, CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, sinks.Gateway.Stop).Token);
                return true;
            },
        };
        // It took the message and then was in trouble: then it gets a second one, of the same name, and can drop it.
        foreach (var trouble in new[] { "500", "cut", "late" })
        {
            answers[$"taken, {trouble}"] = async (http, sms) =>
            {
                sinks.Gateway.Taken.Enqueue(sms);
                return await answers[trouble](http, sms);
            };
        }

        foreach (var (name, script) in answers)
        {
            var id = await sinks.AddAsync("sms", name);
            sinks.Gateway.Script = script;
            Assert.Equal(1, await (name.EndsWith("late", StringComparison.Ordinal) ? hasty.RunAsync(sinks.Now) : sinks.RunAsync()));
            var waits = await sinks.KeptAsync(id);
            Assert.True(waits.Waits && waits.NextAttemptAt > sinks.Now, $"{name}: {waits}");

            sinks.Gateway.Script = (_, _) => Task.FromResult(false);
            sinks.Service.Clock.AdvanceMinutes(2);
            Assert.Equal(1, await sinks.RunAsync());
            Assert.NotNull((await sinks.KeptAsync(id)).SentAt);
            var copies = sinks.Gateway.Taken.Where(s => s.Text == name).ToList();
            Assert.Equal(name.StartsWith("taken", StringComparison.Ordinal) ? 2 : 1, copies.Count);
            Assert.All(copies, s => Assert.Equal(waits.Name, s.Id));
        }

        Assert.Equal(0, sinks.Gateway.Elsewhere);
    }

    [Fact]
    public async Task Run_GatewayAnswersGarbage_IsTriedAgain()
    {
        using var garbage = new TcpListener(IPAddress.Loopback, 0);
        garbage.Start();
        var url = new Uri($"http://127.0.0.1:{((IPEndPoint)garbage.LocalEndpoint).Port}/");
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite, demo: false, messaging: new MessagingFile { Sms = new SmsSettings(url, new byte[32]) });
        using var gateway = new SmsGateway(new SmsSettings(url, new byte[32]), service.Clock);
        foreach (var answer in new[] { "\u0001\u0002 no HTTP\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n", "HTTP/1.1 200 OK\r\nX", "", "HTTP/1.1 200 OK\r\nX: " + new string('x', 100_000) })
        {
            var sending = gateway.SendAsync(new WaitingMessage(1, "m-1-1", await Sinks.RecipientAsync("sms", Sinks.Phone), "en", "", "Hello", service.Clock.GetCurrentInstant(), 1), TestContext.Current.CancellationToken);
            using (var client = await garbage.AcceptTcpClientAsync(TestContext.Current.CancellationToken))
            {
                await client.GetStream().ReadAsync(new byte[4096], TestContext.Current.CancellationToken);
                try
                {
                    await client.GetStream().WriteAsync(System.Text.Encoding.Latin1.GetBytes(answer), TestContext.Current.CancellationToken);
                }
                catch (IOException)
                {
                    // It had heard enough.
                }
            }

            Assert.Equal(Outcome.Trouble, (await sending).Outcome);
        }
    }

    [Theory, EachDatabase]
    public async Task Run_RefusedForGood_IsGivenUpAndTheOperatorSeesIt(DatabaseKind kind)
    {
        await using var sinks = await Sinks.StartAsync(kind);
        sinks.Smtp.Script = (at, line) => at == Phase.To ? $"550 5.1.1 no such user {line}" : null;
        sinks.Gateway.Script = Answers(422);
        var (mail, sms) = (await sinks.AddAsync("email"), await sinks.AddAsync("sms"));
        Assert.Equal(2, await sinks.RunAsync());
        foreach (var kept in new[] { await sinks.KeptAsync(mail), await sinks.KeptAsync(sms) })
        {
            Assert.Equal(sinks.Now, kept.FailedAt);
            Assert.Matches("refused.*(550|422)", kept.Failure);
            Assert.DoesNotContain("aziz", kept.Failure!, StringComparison.OrdinalIgnoreCase);
        }

        sinks.Service.Clock.AdvanceHours(2);
        Assert.Equal(0, await sinks.RunAsync());
        Assert.Equal(
            ["E-mail: 1 could not be sent and were given up in the last 24 hours.", "SMS: 1 could not be sent and were given up in the last 24 hours."], await sinks.WarningsAsync());
        Assert.DoesNotContain(sinks.Logs.Lines, l => l.StartsWith("Error", StringComparison.Ordinal));
    }

    // Policy and permission: the server does not like us, which is no word about the recipient.
    [Theory]
    [InlineData("550 5.7.1 relaying denied")]
    [InlineData("530 5.7.0 sign in first")]
    [InlineData("450 4.2.0 greylisted")]
    public async Task Run_RecipientNotAcceptedForNow_IsTriedAgain(string answer)
    {
        await using var sinks = await Sinks.StartAsync(DatabaseKind.Sqlite);
        sinks.Smtp.Script = (at, _) => at == Phase.To ? answer : null;
        var id = await sinks.AddAsync("email");
        await sinks.RunAsync();
        Assert.True((await sinks.KeptAsync(id)).Waits);
    }

    [Theory, EachDatabase]
    public async Task Run_GatewayIsDead_IsLeftAloneForAWhileAndTheOperatorIsToldOnce(DatabaseKind kind)
    {
        const int messages = 40, atOnce = 8;
        await using var sinks = await Sinks.StartAsync(kind);
        sinks.Gateway.Script = Answers(500);
        for (var i = 0; i < messages; i++) await sinks.AddAsync("sms", $"{i}");
        await sinks.RunAsync();
        Assert.InRange(sinks.Gateway.Requests, 5, 5 + atOnce);
        Assert.Equal(sinks.Gateway.Requests, (await sinks.KeptAsync()).Sum(m => m.Attempts));
        Assert.Equal(0, await sinks.RunAsync());

        // One to try it with, each half minute, and none in between.
        for (var i = 0; i < 3; i++)
        {
            var before = sinks.Gateway.Requests;
            sinks.Service.Clock.AdvanceSeconds(31);
            Assert.Equal(1, await sinks.RunAsync());
            Assert.Equal(before + 1, sinks.Gateway.Requests);
        }

        Assert.Equal("SMS is not sent properly since 2026-11-23T09:00:00Z: the gateway answered 500. Nothing is lost, and it is tried again.", Assert.Single(await sinks.WarningsAsync()));
        Assert.Single(sinks.Logs.Lines, l => l.Contains("SMS is not sent properly", StringComparison.Ordinal));

        sinks.Gateway.Script = (_, _) => Task.FromResult(false);
        sinks.Service.Clock.AdvanceMinutes(15);
        await sinks.RunAsync();
        Assert.Equal(messages, sinks.Gateway.Taken.Select(s => s.Id).Distinct().Count());
        Assert.Equal(messages, sinks.Gateway.Taken.Count);
        sinks.Service.Clock.AdvanceMinutes(1);
        await sinks.RunAsync();
        Assert.Empty(await sinks.WarningsAsync());
        Assert.Single(sinks.Logs.Lines, l => l.Contains("SMS is sent again", StringComparison.Ordinal));
    }

    [Theory, EachDatabase]
    public async Task Run_RetryAfter_IsRespected(DatabaseKind kind)
    {
        await using var sinks = await Sinks.StartAsync(kind);
        sinks.Gateway.Script = (http, _) =>
        {
            http.Response.Headers.RetryAfter = "1800";
            return Answers(503)(http, null!);
        };
        var id = await sinks.AddAsync("sms");
        await sinks.RunAsync();
        sinks.Gateway.Script = (_, _) => Task.FromResult(false);
        // It is the gateway that wants rest, so a new message waits too.
        await sinks.AddAsync("sms");
        sinks.Service.Clock.Advance(Duration.FromSeconds(1799));
        Assert.Equal(0, await sinks.RunAsync());
        sinks.Service.Clock.AdvanceSeconds(1);
        Assert.Equal(2, await sinks.RunAsync());
        Assert.NotNull((await sinks.KeptAsync(id)).SentAt);
    }

    [Theory, EachDatabase]
    public async Task Run_SmtpHangs_SmsLeavesAllTheSame(DatabaseKind kind)
    {
        await using var sinks = await Sinks.StartAsync(kind);
        sinks.Smtp.Script = (_, _) => SmtpSink.Hang;
        for (var i = 0; i < 20; i++) await sinks.AddAsync("email");
        var hanging = sinks.Sending.Channels.Single(c => c.Kind == "email");
        await hanging.FillAsync(sinks.Now, TestContext.Current.CancellationToken);
        for (var i = 0; i < 20; i++) await sinks.AddAsync("sms");
        Assert.Equal(20, await sinks.Sending.Channels.Single(c => c.Kind == "sms").RunAsync(sinks.Now, TestContext.Current.CancellationToken));
        Assert.Equal(20, sinks.Gateway.Taken.Count);
        // And no more than may be at once hang.
        Assert.Equal(0, await hanging.FillAsync(sinks.Now, TestContext.Current.CancellationToken));
        Assert.Equal(8, (await sinks.KeptAsync()).Count(m => m is { ChannelKind: "email", Attempts: 1 }));
    }

    [Theory, EachDatabase]
    public async Task Run_NeverAccepted_PausesGrowToAnHourAndItIsGivenUpAfterThreeDays(DatabaseKind kind)
    {
        await using var sinks = await Sinks.StartAsync(kind);
        sinks.Smtp.Script = (at, _) => at == Phase.To ? "450 4.2.1 mailbox busy" : null;
        var id = await sinks.AddAsync("email");
        var minutes = new[] { 1.0, 2, 4, 8, 16, 32, 60, 60 };
        var attempts = 0;
        while (true)
        {
            Assert.Equal(1, await sinks.RunAsync());
            var kept = await sinks.KeptAsync(id);
            if (kept.FailedAt is not null) break;
            var pause = (kept.NextAttemptAt!.Value - sinks.Now).TotalMinutes;
            var expected = minutes[Math.Min(attempts, minutes.Length - 1)];
            Assert.InRange(pause, 0.79 * expected, 1.21 * expected);
            Assert.Equal(++attempts, kept.Attempts);
            sinks.Service.Clock.Reset(kept.NextAttemptAt.Value);
        }

        Assert.InRange(sinks.Now - TestService.Start, Duration.FromDays(3), Duration.FromDays(3) + Duration.FromHours(2));
        Assert.Equal("it could not be sent for 3 days", (await sinks.KeptAsync(id)).Failure);
        Assert.InRange(attempts, 60, 110);
    }

    // Told on 2026-11-23: due on 2026-12-23. No server takes anything; the gateway works again on Friday the 25th.
    [Theory, EachDatabase]
    public async Task Live_ServersDeadWhileDeadlinesPass_NobodysClockRunsBeforeAReminderArrived(DatabaseKind kind)
    {
        await using var sinks = await Sinks.StartAsync(kind);
        var (service, gateway) = (sinks.Service, new GatewaySide(sinks.Service));
        var (bySms, byEmail) = (await gateway.ToldAsync(Sinks.Phone), await gateway.ToldAsync(email: Sinks.Email, hasPhone: false));
        sinks.Smtp.Script = (at, _) => at == Phase.Greeting ? SmtpSink.Cut : null;
        sinks.Gateway.Script = Answers(500);
        var opened = new List<(long Worker, string Day)>();
        for (var day = 1; day <= 60; day++)
        {
            service.Clock.AdvanceDays(1);
            await service.Services.GetRequiredService<SendReminders>().RunAsync(sinks.Now);
            if (day == 32)
            {
                Assert.Equal(["E-mail is not sent properly", "SMS is not sent properly"], (await sinks.WarningsAsync()).Where(w => w.Contains("properly", StringComparison.Ordinal)).Select(w => w[..w.IndexOf(" since", StringComparison.Ordinal)]).Order());
                sinks.Gateway.Script = (_, _) => Task.FromResult(false);
            }

            // One to try it with, then the others.
            await sinks.RunAsync();
            await sinks.RunAsync();
            if (day == 32)
            {
                var arrived = (await sinks.KeptAsync()).Where(m => m.SentAt == sinks.Now).ToList();
                Assert.Contains(arrived, m => m.ChannelKind == "sms");
                foreach (var m in arrived)
                {
                    using var taken = await gateway.PostAsync("/gateway/sms/reports", JsonSerializer.Serialize(new { id = m.Name, status = "delivered" }), GatewaySink.Secret);
                    Assert.Equal(HttpStatusCode.NoContent, taken.StatusCode);
                }
            }

            await service.Services.GetRequiredService<OpenSilentCases>().RunAsync(sinks.Now);
            await using var connection = await service.Core.Database.OpenAsync(TestContext.Current.CancellationToken);
            opened.AddRange((await connection.QueryAsync<long>("select worker_id from case_file")).Except(opened.Select(c => c.Worker)).Select(w => (w, gateway.Day(sinks.Now))));
        }

        // Three working days after it arrived, and for whom nothing arrived, never.
        Assert.Equal([(bySms.Worker.Id, "2026-12-31")], opened);
        Assert.Equal(Reminded.ToBeReached, await gateway.AskAsync<int>("select reminded from register_entry where worker_id = @Id", new { byEmail.Worker.Id }));
        await byEmail.SignInAgainAsync();
        Assert.Equal("registered", await byEmail.StandingAsync());
        Assert.Equal("2027-02-22", (await byEmail.GiveAsync("""{"kind":"confirmation"}""")).NextDeadline);
    }

    [Theory, EachDatabase]
    public async Task Run_ManyAddressesInTrouble_NoneStandsInALogLine(DatabaseKind kind)
    {
        await using var sinks = await Sinks.StartAsync(kind);
        foreach (var phase in Enum.GetValues<Phase>())
        {
            foreach (var code in new[] { "451", "550", "nothing" })
            {
                sinks.Smtp.Script = (at, line) => at == phase ? $"{code} you said {line} about {Sinks.Email}" : null;
                sinks.Gateway.Script = async (http, sms) =>
                {
                    http.Response.StatusCode = 500;
                    http.Response.Headers["X-To"] = sms.To;
                    await http.Response.WriteAsync($"{sms.To} {sms.Text}");
                    return true;
                };
                await sinks.AddAsync("email", "a secret body");
                await sinks.AddAsync("sms", "a secret body");
                await sinks.RunAsync();
                sinks.Service.Clock.AdvanceHours(1);
            }
        }

        var said = string.Join('\n', [.. sinks.Logs.Lines, .. (await sinks.KeptAsync()).Select(m => m.Failure), .. await sinks.WarningsAsync()]);
        Assert.Contains("is not sent properly", said, StringComparison.Ordinal);
        foreach (var secret in new[] { "aziz", "example.org", Sinks.Phone[1..], "a secret body" }) Assert.DoesNotContain(secret, said, StringComparison.OrdinalIgnoreCase);
    }

    [Theory, EachDatabase]
    public async Task Status_WaitingForMoreThanAnHour_IsCountedForEverybody(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind, demo: false);
        await (await SignedInWorker.NewAsync(service)).GiveAsync("""{"kind":"registration"}""");
        var t = Texts.For("en");
        Assert.Contains(t["status.waiting-none"], await service.Client.GetStringAsync("/status", TestContext.Current.CancellationToken));
        service.Clock.Advance(Duration.FromMinutes(61));
        var page = await service.Client.GetStringAsync("/status", TestContext.Current.CancellationToken);
        Assert.Contains(t["status.waiting-hint"], page);
        Assert.Contains(t["status.waiting.sms"], page);
        Assert.DoesNotContain("+7000", page);
        // Where nobody is named to send them, health says so; it can take notices all the same.
        using var health = await service.Client.GetAsync("/health/ready", TestContext.Current.CancellationToken);
        var said = await health.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        Assert.Contains("SMS waits, since no SMS gateway is named: serve --messages FILE.", said);
        Assert.Contains("waited for more than an hour", said);
    }

    static Func<HttpContext, TakenSms, Task<bool>> Answers(int status) => (http, _) =>
    {
        http.Response.StatusCode = status;
        return Task.FromResult(true);
    };
}
