using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Receipts;
using Manzil.Rules;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Messages;

/// <summary>rules.md, Delivery: what counts as delivered, and that a bounce undoes whatever rested on it.</summary>
public class DeliveriesTests
{
    const string Confirmation = """{"kind":"confirmation"}""";

    // Told on Monday 2026-11-23: due on Wednesday 2026-12-23, reminders on 16, 22 and 23, silence over with Monday 28.
    const int ToFirstReminder = 23, ToDue = 30, ToCase = 36;

    [Theory]
    [EachDatabase("/api/v1/me", true), EachDatabase("/api/v1/notices", true), EachDatabase("page", true), EachDatabase("post", false)]
    public async Task Open_TheService_DeliversWhatWasWrittenBefore(DatabaseKind kind, string what, bool delivers)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync();
        await gateway.PassDaysAsync(ToFirstReminder);
        Assert.All(await gateway.MessagesAsync(worker.Worker.Id), m => Assert.Null(m.DeliveredAt));
        await worker.SignInAgainAsync();
        if (what == "post") await worker.GiveAsync(Confirmation);
        else if (what == "page") await (await Visitor.SignInAsync(service, worker.Worker)).GetAsync("/notices");
        else await worker.ReadAsync(what);

        var messages = await gateway.MessagesAsync(worker.Worker.Id);
        Assert.NotEmpty(messages);
        Assert.All(messages, m => Assert.Equal(delivers ? gateway.Now.ToUnixTimeMilliseconds() : null, m.DeliveredAt));
        // What was delivered stays so from then, and what is written later is not.
        service.Clock.AdvanceHours(1);
        if (!delivers) return;
        await worker.ReadAsync("/api/v1/me");
        Assert.All(await gateway.MessagesAsync(worker.Worker.Id), m => Assert.True(m.DeliveredAt < gateway.Now.ToUnixTimeMilliseconds()));
    }

    // They waited to be reached; from Tuesday 2027-01-05 on three working days count (there is a holiday until the 8th in the demo).
    [Theory, EachDatabase("opens"), EachDatabase("report")]
    public async Task Deliver_AReminderOfOneToBeReached_BeginsTheirSilencePeriod(DatabaseKind kind, string how)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync();
        await gateway.PassDaysAsync(43);
        Assert.Equal(Reminded.ToBeReached, await gateway.AskAsync<int>("select reminded from register_entry"));
        if (how == "opens")
        {
            await worker.SignInAgainAsync();
            await worker.ReadAsync("/api/v1/me");
        }
        else
        {
            await gateway.ReportAsync((await gateway.MessagesAsync(worker.Worker.Id, remindersOnly: true))[1].Id, "delivered", gateway.Now - Duration.FromDays(9));
        }

        Assert.NotEqual(Reminded.ToBeReached, await gateway.AskAsync<int>("select reminded from register_entry"));
        var today = service.Core.Rules.DateOf(gateway.Now);
        var ends = Manzil.Rules.Deadlines.SilenceEnds(today, today, service.Core.Rules.WorkersCalendar, service.Core.Rules.Intervals)!.Value;
        await gateway.PassDaysAsync(Period.DaysBetween(today, ends));
        Assert.Equal(0, await gateway.AskAsync<int>("select count(*) from case_file"));
        await gateway.PassDaysAsync(1);
        Assert.Equal(1, await gateway.AskAsync<int>("select count(*) from case_file"));
    }

    [Theory, EachDatabase]
    public async Task Report_RepeatedOlderOrOfNothingSent_ChangesNothing(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync(email: "worker@example.org");
        await gateway.PassDaysAsync(ToFirstReminder - 1);
        service.Clock.AdvanceDays(1);
        await service.Services.GetRequiredService<Manzil.Deadlines.SendReminders>().RunAsync(gateway.Now);
        async Task<SentMessage> ReminderAsync(string channel) => (await gateway.MessagesAsync(worker.Worker.Id, remindersOnly: true)).Single(m => m.Kind == channel);
        var (sms, email) = (await ReminderAsync("sms"), await ReminderAsync("email"));

        // Nobody can report on what was not handed over, nor a gateway on what it does not carry.
        await gateway.ReportAsync(sms.Id, "delivered");
        Assert.Null((await ReminderAsync("sms")).DeliveredAt);
        await gateway.SendAllAsync();
        await gateway.ReportAsync(email.Id, "delivered");
        Assert.Null((await ReminderAsync("email")).DeliveredAt);
        await gateway.BounceEmailAsync(sms.Id);
        Assert.Null((await ReminderAsync("sms")).BouncedAt);

        var at = gateway.Now;
        await gateway.ReportAsync(sms.Id, "delivered", at);
        var first = await ReminderAsync("sms");
        Assert.Equal(at.ToUnixTimeMilliseconds(), first.DeliveredAt);
        service.Clock.AdvanceMinutes(5);
        await gateway.ReportAsync(sms.Id, "delivered", at);
        await gateway.ReportAsync(sms.Id, "delivered");
        await gateway.ReportAsync(sms.Id, "failed", at - Duration.FromSeconds(1));
        Assert.Equal(first, await ReminderAsync("sms"));
        // A newer one counts, and one after that again; and what a gateway says of the future is said of now.
        await gateway.ReportAsync(sms.Id, "failed", gateway.Now + Duration.FromDays(400));
        Assert.Null((await ReminderAsync("sms")).DeliveredAt);
        Assert.NotNull((await ReminderAsync("sms")).BouncedAt);
        service.Clock.AdvanceMinutes(5);
        await gateway.ReportAsync(sms.Id, "delivered");
        Assert.Equal(gateway.Now.ToUnixTimeMilliseconds(), (await ReminderAsync("sms")).DeliveredAt);
        Assert.Null((await ReminderAsync("sms")).BouncedAt);
    }

    [Theory, EachDatabase]
    public async Task Bounce_OfTheReminderThatACaseRestsOn_ClosesItInTheWorkersFavour(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var (worker, reminders) = await WithCaseAsync(gateway, 0);
        service.Clock.AdvanceDays(2);
        await gateway.ReportAsync(reminders[0].Id, "failed");

        Assert.Equal((int)Standing.Registered, await gateway.AskAsync<int>("select standing from register_entry"));
        // Thursday 2026-12-31 + 30 days is a Saturday.
        Assert.Equal("2027-02-01", await gateway.AskAsync<string>("select next_deadline from register_entry"));
        var number = await gateway.AskAsync<string>($"select number from act where kind = {(int)StatementKind.CaseClosed}");
        var told = Assert.Single(await gateway.MessagesAsync(worker.Worker.Id), m => m.ActNumber == number);
        Assert.Contains("had not reached you", told.Body, StringComparison.Ordinal);
        // They have a receipt of it, which says why and of which case.
        await worker.SignInAgainAsync();
        var receipt = await worker.ReadAsync($"/api/v1/notices/{number}");
        var record = Manzil.Receipts.Record.Decode(System.Buffers.Text.Base64Url.DecodeFromChars(receipt.GetProperty("record").GetString()));
        Assert.Equal("reminder-not-delivered", record.Particulars["outcome"]);
        Assert.Equal(await gateway.AskAsync<string>("select act_number from case_file"), record.Particulars["case"]);
        Assert.Equal("2027-02-01", receipt.GetProperty("nextDeadline").GetString());

        // The new period has reminders of its own, and no case without one that arrived.
        await gateway.PassDaysAsync(60);
        Assert.Equal(1, await gateway.AskAsync<int>("select count(*) from case_file"));
        Assert.Equal(6, (await gateway.MessagesAsync(worker.Worker.Id, remindersOnly: true)).Count);
        // Said again, it changes nothing.
        await gateway.ReportAsync(reminders[0].Id, "failed");
        Assert.Equal(1, await gateway.AskAsync<int>($"select count(*) from act where kind = {(int)StatementKind.CaseClosed}"));
    }

    [Theory, EachDatabase]
    public async Task Bounce_WhereAnotherReminderArrivedEarlyEnough_LeavesTheCase(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var (_, reminders) = await WithCaseAsync(gateway, 0, 2);
        await gateway.ReportAsync(reminders[0].Id, "failed");
        Assert.Equal((int)Standing.UnderReview, await gateway.AskAsync<int>("select standing from register_entry"));
        // Now it rests on the other alone.
        await gateway.ReportAsync(reminders[2].Id, "failed");
        Assert.Equal((int)Standing.Registered, await gateway.AskAsync<int>("select standing from register_entry"));
    }

    [Theory, EachDatabase]
    public async Task Bounce_WhereAnotherReminderArrivedTooLate_ClosesTheCase(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync();
        await gateway.PassDaysAsync(ToDue);
        var reminders = await gateway.MessagesAsync(worker.Worker.Id, remindersOnly: true);
        await gateway.ReportAsync(reminders[0].Id, "delivered");
        // From Thursday the 24th on, silence would have lasted a day longer.
        await gateway.PassDaysAsync(1);
        await gateway.ReportAsync(reminders[1].Id, "delivered");
        await gateway.PassDaysAsync(ToCase - ToDue - 1);
        Assert.Equal((int)Standing.UnderReview, await gateway.AskAsync<int>("select standing from register_entry"));
        await gateway.ReportAsync(reminders[0].Id, "failed");
        Assert.Equal((int)Standing.Registered, await gateway.AskAsync<int>("select standing from register_entry"));
    }

    [Theory, EachDatabase]
    public async Task Bounce_AfterTheWorkerOpenedTheService_LeavesThatDelivery(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync();
        await gateway.PassDaysAsync(ToFirstReminder);
        var reminder = Assert.Single(await gateway.MessagesAsync(worker.Worker.Id, remindersOnly: true));
        await gateway.ReportAsync(reminder.Id, "delivered");
        service.Clock.AdvanceHours(5);
        await worker.SignInAgainAsync();
        await worker.ReadAsync("/api/v1/me");
        var opened = gateway.Now.ToUnixTimeMilliseconds();
        service.Clock.AdvanceHours(5);
        await gateway.ReportAsync(reminder.Id, "failed");
        Assert.Equal(opened, (await gateway.MessagesAsync(worker.Worker.Id, remindersOnly: true))[0].DeliveredAt);
    }

    [Theory, EachDatabase]
    public async Task Bounce_InTheSameMomentAsAConfirmation_EndsTheCaseOnce(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var workers = await ManyWithReminderAsync(gateway);
        await gateway.PassDaysAsync(ToCase - ToDue);
        Assert.Equal(workers.Count, await gateway.AskAsync<int>("select count(*) from case_file"));
        foreach (var (worker, _) in workers) await worker.SignInAgainAsync();
        await Task.WhenAll(workers.SelectMany(w => (Task[])[Task.Run(() => w.Worker.GiveAsync(Confirmation)), Task.Run(() => gateway.ReportAsync(w.Reminder, "failed"))]));

        Assert.Equal(workers.Count, await gateway.AskAsync<int>($"select count(*) from register_entry where standing = {(int)Standing.Registered}"));
        Assert.Equal(workers.Count, await gateway.AskAsync<int>("select count(*) from message where bounced_at is not null and delivered_at is null"));
        Assert.Equal(workers.Count, await gateway.AskAsync<int>($"select count(*) from act where kind = {(int)StatementKind.Confirmation}"));
    }

    [Theory, EachDatabase("failed"), EachDatabase("confirmation")]
    public async Task Open_ACaseInTheSameMomentAsWhatEndsIt_LeavesNobodyUnderReview(DatabaseKind kind, string what)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var workers = await ManyWithReminderAsync(gateway);
        service.Clock.AdvanceDays(ToCase - ToDue);
        foreach (var (worker, _) in workers) await worker.SignInAgainAsync();
        var sweep = service.Services.GetRequiredService<OpenSilentCases>();
        await Task.WhenAll(workers
            .Select(w => Task.Run(() => what == "failed" ? gateway.ReportAsync(w.Reminder, what) : w.Worker.GiveAsync(Confirmation)))
            .Append(Task.Run(() => sweep.RunAsync(gateway.Now))).Append(Task.Run(() => sweep.RunAsync(gateway.Now))));
        Assert.Equal(workers.Count, await gateway.AskAsync<int>($"select count(*) from register_entry where standing = {(int)Standing.Registered}"));
        if (what == "failed")
            Assert.Equal(await gateway.AskAsync<int>("select count(*) from case_file"), await gateway.AskAsync<int>($"select count(*) from act where kind = {(int)StatementKind.CaseClosed}"));
    }

    /// <summary>With a case, of whose three reminders these arrived.</summary>
    static async Task<(SignedInWorker Worker, IReadOnlyList<SentMessage> Reminders)> WithCaseAsync(GatewaySide gateway, params int[] arrived)
    {
        var worker = await gateway.ToldAsync();
        await gateway.PassDaysAsync(ToDue);
        var reminders = await gateway.MessagesAsync(worker.Worker.Id, remindersOnly: true);
        Assert.Equal(3, reminders.Count);
        foreach (var i in arrived) await gateway.ReportAsync(reminders[i].Id, "delivered");
        await gateway.PassDaysAsync(ToCase - ToDue);
        Assert.Equal(1, await gateway.AskAsync<int>("select count(*) from case_file"));
        return (worker, reminders);
    }

    static async Task<IReadOnlyList<(SignedInWorker Worker, long Reminder)>> ManyWithReminderAsync(GatewaySide gateway)
    {
        var workers = new List<SignedInWorker>();
        for (var i = 0; i < 8; i++) workers.Add(await gateway.ToldAsync());
        await gateway.PassDaysAsync(ToDue);
        var list = new List<(SignedInWorker, long)>();
        foreach (var worker in workers)
        {
            var reminder = (await gateway.MessagesAsync(worker.Worker.Id, remindersOnly: true))[0].Id;
            await gateway.ReportAsync(reminder, "delivered");
            list.Add((worker, reminder));
        }

        return list;
    }
}
