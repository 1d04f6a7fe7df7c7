using System.Text.RegularExpressions;
using Dapper;
using Manzil.Deadlines;
using Manzil.Messages;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Staff;
using Manzil.Tests.Cases.Desk;
using Manzil.Tests.Databases;
using Manzil.Tests.Layout;
using Manzil.Tests.Notices;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Messages;

/// <summary>"This is not mine": who gets somebody's messages by mistake ends it without signing in, and the worker loses nothing by it.</summary>
public partial class NotMineTests
{
    const string Phone = "+70000000071", Mail = "wrong@example.org";
    const int ToFirstReminder = 23;

    [Theory]
    [InlineData("STOP 123456", true)]
    [InlineData("stop123456", true)]
    [InlineData(" «Стоп» 123456", true)]
    [InlineData("ТОҚТАТЫҢЫЗ 123456", true)]
    [InlineData("123456", false)]
    [InlineData("please stop 123456", false)]
    [InlineData("stopping 123456", false)]
    public void IsSaid_WhatPeopleWrite_IsTheWordAtTheBeginning(string text, bool isSaid) => Assert.Equal(isSaid, NotMine.IsSaid(text));

    [Theory, EachDatabase]
    public async Task Sms_WithTheWordAndTheMarkOfTheMessage_EndsThatChannelAndTellsTheWorker(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync(Phone, email: "right@example.org");
        await gateway.PassDaysAsync(ToFirstReminder);
        var reminder = (await gateway.MessagesAsync(worker.Worker.Id)).Last(m => m.Kind == "sms");
        var mark = Mark().Match(reminder.Body).Groups[1].Value;
        await gateway.ReportAsync(reminder.Id, "delivered");

        // Somebody else's word, from another number or with another mark, ends nothing.
        await gateway.SmsAsync("in-0", "+70000000099", $"STOP {mark}");
        await gateway.SmsAsync("in-1", Phone, $"STOP {Wrong(mark)}");
        Assert.Equal(2, await LiveAsync(gateway, worker));
        Assert.Contains("no valid number after STOP", (await gateway.MessagesAsync(worker.Worker.Id))[^1].Body, StringComparison.Ordinal);

        await gateway.SmsAsync("in-2", Phone, $"stop {mark[..3]} {mark[3..]}");
        Assert.Equal(1, await LiveAsync(gateway, worker));
        // What had arrived there had not reached the worker.
        Assert.Equal(0, await gateway.AskAsync<long>("select count(*) from message where channel_kind = 'sms' and delivered_at is not null"));
        var messages = await gateway.MessagesAsync(worker.Worker.Id);
        var told = Assert.Single(messages, m => m.Kind == "email" && m.Body.Contains("said so. We send nothing there any more", StringComparison.Ordinal));
        Assert.Contains(messages, m => m.Kind == "sms" && m.Body.StartsWith("Manzil: thank you. No more messages for Aziz", StringComparison.Ordinal));
        Assert.NotNull(told.ActNumber);

        // Nor does a report that comes late make it so.
        await gateway.PassDaysAsync(1);
        await gateway.ReportAsync(reminder.Id, "delivered");
        Assert.Equal(0, await gateway.AskAsync<long>("select count(*) from message where channel_kind = 'sms' and delivered_at is not null"));

        // A receipt like for every act, the line on the first page, and nothing to that phone any more: no copies either.
        var reader = await Visitor.SignInAsync(service, worker.Worker);
        Assert.Contains("whoever gets our messages at …071 said that they are not theirs", (await reader.GetAsync("/")).Text, StringComparison.Ordinal);
        Assert.Contains("said that they are not theirs", (await reader.GetAsync($"/notices/{told.ActNumber}")).Text, StringComparison.Ordinal);
        await gateway.SmsAsync("in-2", Phone, $"STOP {mark}");
        await gateway.SmsAsync("in-3", Phone, $"STOP {mark}");
        await worker.SignInAgainAsync();
        await worker.GiveAsync("""{"kind":"departure","on":"<today+30>"}""");
        Assert.Equal(messages.Count(m => m.Kind == "sms"), (await gateway.MessagesAsync(worker.Worker.Id)).Count(m => m.Kind == "sms"));
        Assert.Equal(1, await gateway.AskAsync<long>("select count(*) from channel where not_mine_at is not null"));
    }

    // The page is for whoever cannot answer: an e-mail, or a phone whose gateway takes in nothing. No script, no session.
    [Theory, EachDatabase]
    public async Task Page_WithTheMarkOfTheLetter_EndsThatChannelAndPutsTheWorkerOnTheCentresList(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync(email: Mail, hasPhone: false);
        await gateway.PassDaysAsync(ToFirstReminder);
        var letter = (await gateway.MessagesAsync(worker.Worker.Id)).Last(m => m.Kind == "email");
        var mark = Regex.Match(letter.Body, "/not-mine with the number ([0-9]{6})", RegexOptions.None, TimeSpan.FromSeconds(5)).Groups[1].Value;

        // Whoever has only the phone in which the worker is signed in reads the letter, and not the digits.
        var holder = await (await Visitor.SignInAsync(service, worker.Worker)).GetAsync("/messages");
        Assert.Contains($"/not-mine with the number {Outbox.HiddenMark}", holder.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(mark, holder.Text, StringComparison.Ordinal);
        // A letter is shown as one, with its paragraphs.
        var shown = Element.Parse(holder.Html).All.Where(e => e.Name == "p" && e.Words.Contains("/not-mine with the number", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(shown);
        Assert.All(shown, e => Assert.Contains("manzil-lines", e["class"], StringComparison.Ordinal));

        var stranger = new Visitor(service, "", "en");
        await stranger.GetAsync("/not-mine");
        await stranger.PostAsync(("Contact", "other@example.org"), ("Mark", mark));
        Assert.Contains("No message with this number", stranger.Text, StringComparison.Ordinal);
        await stranger.GetAsync("/not-mine");
        await stranger.PostAsync(("Contact", Mail), ("Mark", Wrong(mark)));
        Assert.Contains("No message with this number", stranger.Text, StringComparison.Ordinal);
        Assert.Equal(1, await LiveAsync(gateway, worker));

        await stranger.GetAsync("/not-mine");
        await stranger.PostAsync(("Contact", Mail), ("Mark", mark));
        Assert.Contains("No more messages come to you", stranger.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Aziz", stranger.Html, StringComparison.Ordinal);
        Assert.Equal(0, await LiveAsync(gateway, worker));
        // Whoever reads there may be the worker after all, whose digits somebody else had: one last letter says so.
        Assert.Contains("If this is your phone or e-mail, add it again", (await gateway.MessagesAsync(worker.Worker.Id)).Last(m => m.Kind == "email").Body, StringComparison.Ordinal);
        // Nobody can write to them: the centre is to reach them, and no case opens by itself.
        Assert.Equal(Reminded.ToBeReached, await gateway.AskAsync<int>("select reminded from register_entry"));
        await gateway.PassDaysAsync(30);
        Assert.Equal(0, await gateway.AskAsync<long>("select count(*) from case_file"));
    }

    // A case that rests on a reminder which somebody else got falls, as if the reminder had come back.
    [Theory, EachDatabase]
    public async Task Sms_OfAStrangerAfterACaseOpened_ClosesItInTheWorkersFavour(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync(Phone);
        for (var day = 0; day < 45 && await gateway.AskAsync<long>("select count(*) from case_file") == 0; day++)
        {
            await gateway.PassDaysAsync(1);
            foreach (var message in (await gateway.MessagesAsync(worker.Worker.Id, remindersOnly: true)).Where(m => m.DeliveredAt is null)) await gateway.ReportAsync(message.Id, "delivered");
        }

        Assert.Equal(Standing.UnderReview, (Standing)await gateway.AskAsync<int>("select standing from register_entry"));
        var mark = Mark().Match((await gateway.MessagesAsync(worker.Worker.Id))[^1].Body).Groups[1].Value;
        await gateway.SmsAsync("in-1", Phone, $"СТОП {mark}");
        Assert.Equal(Standing.Registered, (Standing)await gateway.AskAsync<int>("select standing from register_entry"));
        Assert.Equal(0, await LiveAsync(gateway, worker));
    }

    // With a case open, too, and with no channel left: the file and the page of who is at the desk say it, until there is another channel.
    [Theory, EachDatabase]
    public async Task Centre_AfterSomebodySaidSo_ReadsItInTheFileAndAtTheDesk(DatabaseKind kind)
    {
        await using var story = await DeskStory.NewAsync(kind);
        var (caseworker, clerk) = (await story.OfficerAsync(StaffRole.Caseworker), await story.OfficerAsync(StaffRole.Clerk));
        await story.OpenAsync(caseworker);
        await story.OpenFileAsync(caseworker);
        await clerk.Web.GetAsync("/staff/desk/serve");
        await clerk.Web.PostAsync(("Kind", "card"), ("Exact", story.Worker.Worker.CardNumber), ("Reason", "Stands here."));
        var (file, desk) = (caseworker.Web.Path, clerk.Web.Path);
        const string said = "whoever gets our messages at …001 said that they are not theirs";
        foreach (var (officer, path) in new[] { (caseworker, file), (clerk, desk) }) Assert.DoesNotContain(said, (await officer.Web.GetAsync(path)).Text, StringComparison.Ordinal);

        await using var connection = await story.Service.Core.Database.OpenAsync();
        var stranger = new Visitor(story.Service, "", "en");
        await stranger.GetAsync("/not-mine");
        await stranger.PostAsync(("Contact", "+70000000001"), ("Mark", await connection.ExecuteScalarAsync<string>("select mark from channel") ?? ""));
        Assert.Contains("No more messages come to you", stranger.Text, StringComparison.Ordinal);
        foreach (var (officer, path) in new[] { (caseworker, file), (clerk, desk) }) Assert.Contains(said, (await officer.Web.GetAsync(path)).Text, StringComparison.Ordinal);

        await connection.ExecuteAsync(
            "insert into channel (worker_id, kind, address, confirmed_at) select worker_id, 'email', 'right@example.org', not_mine_at + 1 from channel where not_mine_at is not null");
        foreach (var (officer, path) in new[] { (caseworker, file), (clerk, desk) }) Assert.DoesNotContain(said, (await officer.Web.GetAsync(path)).Text, StringComparison.Ordinal);
    }

    // What waits to go to a phone that is not the worker's goes nowhere, and counts for nothing.
    [Theory, EachDatabase]
    public async Task Sms_WhileAMessageWaits_TheMessageGoesNowhere(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync(Phone, email: Mail);
        var mark = (await gateway.AskAsync<string>("select mark from channel where kind = 'sms'"))!;
        await worker.GiveAsync("""{"kind":"departure","on":"<today+30>"}""");
        await gateway.AskAsync<long>("update message set sent_at = null, delivered_at = null where channel_kind = 'sms' returning id");
        var waiting = await gateway.AskAsync<long>("select count(*) from message where channel_kind = 'sms' and sent_at is null");
        Assert.NotEqual(0, waiting);
        await gateway.SmsAsync("in-1", Phone, $"STOP {mark}");
        Assert.Equal(waiting, await gateway.AskAsync<long>("select count(*) from message where channel_kind = 'sms' and failed_at is not null and sent_at is null"));
    }

    // Five a day by SMS, and by the page a delay that grows: six digits are not found by trying.
    [Theory, EachDatabase]
    public async Task Guesses_OfAStranger_AreFewADay(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync(Phone);
        var mark = (await gateway.AskAsync<string>("select mark from channel"))!;
        for (var i = 0; i < IncomingSms.TriesADay; i++) await gateway.SmsAsync($"in-{i}", Phone, $"STOP {Wrong(mark)}");
        await gateway.SmsAsync("in-right", Phone, $"STOP {mark}");
        Assert.Equal(1, await LiveAsync(gateway, worker));

        var stranger = new Visitor(service, "", "en");
        for (var i = 0; i < 4; i++)
        {
            await stranger.GetAsync("/not-mine");
            await stranger.PostAsync(("Contact", Phone), ("Mark", Wrong(mark)));
        }

        await stranger.GetAsync("/not-mine");
        await stranger.PostAsync(("Contact", Phone), ("Mark", mark));
        Assert.Equal(System.Net.HttpStatusCode.TooManyRequests, stranger.Status);
        Assert.Equal(1, await LiveAsync(gateway, worker));
    }

    static string Wrong(string mark) => (mark[0] == '0' ? "1" : "0") + mark[1..];

    static Task<long> LiveAsync(GatewaySide gateway, SignedInWorker worker) =>
        gateway.AskAsync<long>($"select count(*) from channel where worker_id = {worker.Worker.Id} and removed_at is null");

    [GeneratedRegex("STOP ([0-9]{6})", RegexOptions.None, 5000)]
    private static partial Regex Mark();
}
