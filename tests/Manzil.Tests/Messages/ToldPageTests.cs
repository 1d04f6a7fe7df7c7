using System.Net;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Manzil.Tests.SignIn;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Messages;

/// <summary>/messages: what we told a worker, when, by which channel, and whether it arrived.</summary>
public class ToldPageTests
{
    [Theory, EachDatabase]
    public async Task Get_OwnMessages_SaysWhatBecameOfEachAndShowsNoCode(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync("+70000000001", "aziz@example.org");
        var other = await gateway.ToldAsync("+70000000002");
        await gateway.SendAllAsync();
        var messages = await gateway.MessagesAsync(worker.Worker.Id);
        await gateway.ReportAsync(messages.First(m => m.Kind == "sms").Id, "delivered");
        await gateway.BounceEmailAsync(messages.First(m => m.Kind == "email").Id);

        using var reader = new WebReader(service);
        await worker.SignInAgainAsync();
        await using (var connection = await service.Core.Database.OpenAsync())
        {
            var code = await Manzil.SignIn.ActivationCodes.IssueAsync(connection, null, worker.Worker.Id, gateway.Now + NodaTime.Duration.FromDays(1));
            await reader.SignInAsync(worker.Worker with { ActivationCode = code }, remember: true);
        }

        service.Clock.AdvanceHours(1);
        using (await reader.SendAsync("/sign-in/fresh", action: "/sign-in/fresh?handler=Send")) { }
        var page = await reader.ReadAsync("/messages");
        Assert.Contains("+70000000001", page, StringComparison.Ordinal);
        Assert.Contains("Arrived: 23 November 2026, 12:00.", page, StringComparison.Ordinal);
        Assert.Contains("It came back: it did not reach this phone or e-mail.", page, StringComparison.Ordinal);
        Assert.Contains("Sent: 23 November 2026, 12:00. The phone has not reported", page, StringComparison.Ordinal);
        Assert.Contains("Counts as delivered: 23 November 2026", page, StringComparison.Ordinal);
        Assert.DoesNotContain("+70000000002", page, StringComparison.Ordinal);

        // A phone that somebody took does not give away the codes that ask whose it is.
        var codes = (await gateway.MessagesAsync(worker.Worker.Id)).Where(m => m.Body.Contains("is your code", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(codes);
        Assert.All(codes, m => Assert.DoesNotContain(System.Text.RegularExpressions.Regex.Match(m.Body, "[0-9]{6}", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5)).Value, page, StringComparison.Ordinal));
        Assert.Contains("It held a code.", page, StringComparison.Ordinal);
        Assert.Contains("href=\"/messages\"", await reader.ReadAsync("/account"), StringComparison.Ordinal);
        Assert.Contains("href=\"/messages\"", await reader.ReadAsync("/"), StringComparison.Ordinal);
        Assert.NotEqual(worker.Worker.Id, other.Worker.Id);
    }

    [Fact]
    public async Task Get_NotSignedIn_AsksToSignIn()
    {
        await using var service = await GatewaySide.StartServiceAsync(DatabaseKind.Sqlite);
        using var reader = new WebReader(service);
        using var answer = await reader.OpenAsync("/messages");
        Assert.Equal((HttpStatusCode.Redirect, "/sign-in?return=%2Fmessages"), (answer.StatusCode, answer.Headers.Location?.OriginalString));
    }

    [Theory, EachDatabase]
    public async Task Get_Status_CountsThoseToBeReachedAndNamesNobody(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        await gateway.ToldAsync();
        await gateway.ToldAsync();
        await gateway.PassDaysAsync(43);
        using var reader = new WebReader(service);
        Assert.Contains("2 workers wait for a centre to reach them", await reader.ReadAsync("/status"), StringComparison.Ordinal);
    }
}
