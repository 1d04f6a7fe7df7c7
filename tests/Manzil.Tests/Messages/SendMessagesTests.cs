using Manzil.Messages;
using Manzil.Register;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Messages;

public class SendMessagesTests
{
    const string Body = "Сәлем, Азиз!\n\n.a line that begins with a dot\nМекенжайыңызды 2026 жылғы 23 желтоқсанға дейін растаңыз.";

    [Theory, EachDatabase]
    public async Task Run_EMail_IsPlainTextOfTheWorkersLanguageWithAName(DatabaseKind kind)
    {
        await using var sinks = await Sinks.StartAsync(kind);
        var id = await sinks.AddAsync("email", Body, "Мекенжайды растау: ұзын тақырып, ол бір жолға сыймайды, сондықтан бөлінеді");
        Assert.Equal(1, await sinks.RunAsync());
        var kept = await sinks.KeptAsync(id);
        var mail = Assert.Single(sinks.Smtp.Taken);
        Assert.Equal("Мекенжайды растау: ұзын тақырып, ол бір жолға сыймайды, сондықтан бөлінеді", mail.Subject);
        Assert.Equal(Body, mail.TextBody!.ReplaceLineEndings("\n").TrimEnd('\n'));
        Assert.Null(mail.HtmlBody);
        Assert.Empty(mail.Attachments);
        Assert.Equal($"{kept.Name}@localhost", mail.MessageId);
        Assert.Equal(TestService.Start.ToDateTimeOffset(), mail.Date);
        Assert.Equal("auto-generated", mail.Headers["Auto-Submitted"]);
        Assert.Equal(("\"Manzil\" <no-reply@manzil.example>", Sinks.Email), (mail.From.ToString(), mail.To.ToString()));
        Assert.Equal((TestService.Start, 1), (kept.SentAt, kept.Attempts));
        // Only the body may have other bytes, since this server offers 8BITMIME.
        var raw = Assert.Single(sinks.Smtp.Raw);
        Assert.True(raw[..raw.AsSpan().IndexOf("\r\n\r\n"u8)].All(b => b < 128));
    }

    [Theory, EachDatabase]
    public async Task Run_Sms_IsTheBodyAsItIsSigned(DatabaseKind kind)
    {
        await using var sinks = await Sinks.StartAsync(kind);
        var id = await sinks.AddAsync("sms", Body, "A subject that no SMS has");
        Assert.Equal(1, await sinks.RunAsync());
        Assert.Equal(new TakenSms((await sinks.KeptAsync(id)).Name, Sinks.Phone, Body), Assert.Single(sinks.Gateway.Taken));
        Assert.Equal(0, sinks.Gateway.Elsewhere);
    }

    [Theory, EachDatabase]
    public async Task Run_ManyMessages_LeaveEachOnceOverFewConnections(DatabaseKind kind)
    {
        await using var sinks = await Sinks.StartAsync(kind);
        for (var i = 0; i < 60; i++) await sinks.AddAsync(i % 2 == 0 ? "email" : "sms", $"{i}");
        Assert.Equal(60, await sinks.RunAsync());
        Assert.Equal(0, await sinks.RunAsync());
        Assert.Equal(
            (await sinks.KeptAsync()).Select(m => m.Name).Order(StringComparer.Ordinal),
            sinks.Smtp.Names.Concat(sinks.Gateway.Taken.Select(s => s.Id)).Order(StringComparer.Ordinal));
        Assert.InRange(sinks.Smtp.Connections, 1, 8);
    }

    [Theory, EachDatabase]
    public async Task Run_CodeAmongReminders_LeavesFirst(DatabaseKind kind)
    {
        await using var sinks = await Sinks.StartAsync(kind);
        for (var i = 0; i < 20; i++) await sinks.AddAsync("sms", "a reminder");
        await sinks.AddAsync("sms", "a code", codeExpires: sinks.Now + Duration.FromMinutes(10));
        Assert.Equal(8, await sinks.Sending.Channels.Single(c => c.Kind == "sms").FillAsync(sinks.Now, TestContext.Current.CancellationToken));
        Assert.Equal(1, (await sinks.KeptAsync())[^1].Attempts);
        await sinks.RunAsync();
        Assert.Equal(21, sinks.Gateway.Taken.Count);
    }

    [Theory, EachDatabase]
    public async Task Run_CodeThatExpired_IsGivenUp(DatabaseKind kind)
    {
        await using var sinks = await Sinks.StartAsync(kind);
        sinks.Gateway.Script = (http, _) =>
        {
            http.Response.StatusCode = 500;
            return Task.FromResult(true);
        };
        var id = await sinks.AddAsync("sms", "a code", codeExpires: sinks.Now + Duration.FromMinutes(10));
        await sinks.RunAsync();
        Assert.True((await sinks.KeptAsync(id)).Waits);
        sinks.Gateway.Script = (_, _) => Task.FromResult(false);
        sinks.Service.Clock.AdvanceMinutes(10);
        Assert.Equal(0, await sinks.RunAsync());
        Assert.Equal("its code expired before it could be sent", (await sinks.KeptAsync(id)).Failure);
        Assert.Empty(sinks.Gateway.Taken);
    }

    // As the sign-in pages do it, so that they do say until when a code counts.
    [Theory, EachDatabase]
    public async Task Run_FreshCode_IsKnownAsACode(DatabaseKind kind)
    {
        await using var sinks = await Sinks.StartAsync(kind);
        var worker = await sinks.Service.EnrolAsync(phone: Sinks.Phone);
        await sinks.RunAsync();
        await sinks.Service.Services.GetRequiredService<Manzil.SignIn.FreshCodes>().SendAsync(worker.Id);
        sinks.Service.Clock.AdvanceMinutes(10);
        Assert.Equal(0, await sinks.RunAsync());
        Assert.Equal("its code expired before it could be sent", (await sinks.KeptAsync())[^1].Failure);
    }

    [Theory, EachDatabase]
    public async Task Run_WaitedThreeDays_IsGivenUpUnsent(DatabaseKind kind)
    {
        await using var sinks = await Sinks.StartAsync(kind);
        var (old, young) = (await sinks.AddAsync("sms", "old"), 0L);
        sinks.Service.Clock.AdvanceDays(2);
        young = await sinks.AddAsync("sms", "young");
        sinks.Service.Clock.AdvanceDays(1);
        await sinks.RunAsync();
        Assert.Equal("it could not be sent for 3 days", (await sinks.KeptAsync(old)).Failure);
        Assert.NotNull((await sinks.KeptAsync(young)).SentAt);
        Assert.Equal("young", Assert.Single(sinks.Gateway.Taken).Text);
    }

    // What a killed node leaves: a message that is taken, and of which nothing more is known.
    [Theory, EachDatabase]
    public async Task Run_TakenByANodeThatDied_IsTakenAgainAfterAWhileUnderTheSameName(DatabaseKind kind)
    {
        await using var sinks = await Sinks.StartAsync(kind);
        var taken = new TaskCompletionSource();
        sinks.Gateway.Script = async (_, _) =>
        {
            taken.TrySetResult();
            await Task.Delay(Timeout.Infinite, sinks.Gateway.Stop);
            return true;
        };
        var id = await sinks.AddAsync("sms");
        await using var dead = sinks.Node(TimeSpan.FromSeconds(60));
        var sms = dead.Channels.Single(c => c.Kind == "sms");
        using var death = new CancellationTokenSource();
        await sms.FillAsync(sinks.Now, death.Token);
        await taken.Task;
        sinks.Gateway.Script = (_, _) => Task.FromResult(false);
        Assert.Equal(0, await sinks.RunAsync());
        // Twice what an attempt may take, and a minute.
        sinks.Service.Clock.Advance(Duration.FromMinutes(3) - Duration.FromMilliseconds(1));
        Assert.Equal(0, await sinks.RunAsync());
        sinks.Service.Clock.Advance(Duration.FromMilliseconds(1));
        Assert.Equal(1, await sinks.RunAsync());
        Assert.Equal((await sinks.KeptAsync(id)).Name, Assert.Single(sinks.Gateway.Taken).Id);
        // And what the first comes to say, late, changes nothing.
        await death.CancelAsync();
        await sms.AllEndAsync();
        Assert.NotNull((await sinks.KeptAsync(id)).SentAt);
        Assert.Equal(2, (await sinks.KeptAsync(id)).Attempts);
    }

    [Theory, EachDatabase]
    public async Task Run_ManyNodesAtOnce_SendEachMessageOnce(DatabaseKind kind)
    {
        const int messages = 120;
        await using var sinks = await Sinks.StartAsync(kind);
        for (var i = 0; i < messages; i++) await sinks.AddAsync("sms", $"{i}");
        var nodes = Enumerable.Range(0, 4).Select(_ => sinks.Node(TimeSpan.FromMinutes(2))).ToList();
        var sent = await Task.WhenAll(nodes.Select(n => Task.Run(() => n.RunAsync(sinks.Now))));
        Assert.Equal(messages, sent.Sum());
        Assert.Equal(messages, sinks.Gateway.Taken.Count);
        Assert.Equal(messages, sinks.Gateway.Taken.Select(s => s.Id).Distinct().Count());
        foreach (var node in nodes) await node.DisposeAsync();
    }

    [Theory, EachDatabase]
    public async Task Loop_NewlyWrittenMessage_LeavesByItself(DatabaseKind kind)
    {
        await using var sinks = await Sinks.StartAsync(kind);
        var loop = sinks.Service.Services.GetRequiredService<SendingLoop>();
        await loop.StartAsync(TestContext.Current.CancellationToken);
        var worker = await sinks.Service.EnrolAsync(phone: Sinks.Phone, email: Sinks.Email);
        using (var answer = await sinks.Service.PostNoticeAsync(await sinks.Service.SignInAsync(worker), """{"kind":"registration"}""")) Assert.True(answer.IsSuccessStatusCode);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (!(sinks.Gateway.Taken.Any() && sinks.Smtp.Taken.Any())) await Task.Delay(20, patience.Token);
        await loop.StopAsync(TestContext.Current.CancellationToken);
        Assert.All(await sinks.KeptAsync(), m => Assert.Equal((TestService.Start, 1), (m.SentAt, m.Attempts)));
    }

    [Fact]
    public async Task Loop_NobodyNamedToSend_SaysSoAtTheStart()
    {
        var logs = new KeptLines();
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite, demo: false, logs: logs);
        var loop = service.Services.GetRequiredService<SendingLoop>();
        await loop.StartAsync(TestContext.Current.CancellationToken);
        await loop.StopAsync(TestContext.Current.CancellationToken);
        Assert.Single(logs.Lines, l => l.StartsWith("Warning SMS waits", StringComparison.Ordinal));
        Assert.Single(logs.Lines, l => l.StartsWith("Warning E-mail waits", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Demo_Messages_AreShownAndSentNowhere()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        await (await SignedInWorker.NewAsync(service)).GiveAsync("""{"kind":"registration"}""");
        var sending = service.Services.GetRequiredService<Sending>();
        Assert.Empty(sending.Channels);
        Assert.Empty(await sending.WarningsAsync(service.Clock.GetCurrentInstant() + Duration.FromDays(1)));
        Assert.NotNull(Assert.Single(await Outbox.NewestAsync(service.Core.Database, 10)).SentAt);
    }
}
