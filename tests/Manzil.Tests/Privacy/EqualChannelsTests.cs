using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Dapper;
using Manzil.Cases;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Tests.Cases;
using Manzil.Tests.Cases.Mine;
using Manzil.Tests.Databases;
using Manzil.Tests.Helping;
using Manzil.Tests.Messages;
using Manzil.Tests.Notices;
using Manzil.Tests.Registrations.Desk;
using Microsoft.Extensions.DependencyInjection;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Officer = Manzil.Tests.Cases.Desk.Officer;
using Record = Manzil.Receipts.Record;

namespace Manzil.Tests.Privacy;

/// <summary>
/// privacy.md 23: one life, lived through anew for each channel, up to one act that comes in by another way each time. Everything that the
/// service then knows of the worker (statements, records, standing, case, what they were told and until when) is the same but for who
/// filed it and how. Registration, address, departure and corrections by web, program and desk are compared in DeskNoticesTests.
/// </summary>
public partial class EqualChannelsTests
{
    static readonly string[] byWhich = ["program", "web", "desk"];

    [Theory, EachDatabase]
    public async Task Confirmation_AfterAReminder_IsTheSameByEveryChannel(DatabaseKind kind) =>
        await SameAsync(kind, [.. byWhich, "sms"], life => life.PassDaysAsync(23), (life, by) => life.ConfirmAsync(by));

    [Theory, EachDatabase]
    public async Task Confirmation_InACaseAboutSilence_IsTheSameByEveryChannel(DatabaseKind kind) =>
        await SameAsync(kind, [.. byWhich, "sms"], life => life.UntilACaseOpensAsync(), (life, by) => life.ConfirmAsync(by));

    [Theory, EachDatabase]
    public async Task Answer_InACase_IsTheSameByEveryChannel(DatabaseKind kind) =>
        await SameAsync(kind, [.. byWhich, "helper"], life => life.UntilSuspectedAsync(), (life, by) => life.SayAsync(by, "answer"));

    [Theory, EachDatabase]
    public async Task Appeal_AgainstARemoval_IsTheSameByEveryChannel(DatabaseKind kind) =>
        await SameAsync(kind, [.. byWhich, "helper"], life => life.UntilRemovalIsPendingAsync(), (life, by) => life.SayAsync(by, "appeal"));

    static async Task SameAsync(DatabaseKind kind, string[] channels, Func<Life, Task> before, Func<Life, string, Task> act)
    {
        string? first = null;
        foreach (var by in channels)
        {
            await using var service = await GatewaySide.StartServiceAsync(kind);
            var life = await Life.BeginAsync(service);
            await before(life);
            // Whoever files at a desk or by SMS has opened the service before, as the others do by filing there.
            await life.Worker.SignInAgainAsync();
            await life.Worker.ReadAsync("/api/v1/me");
            var acts = await life.CountAsync("act");
            await act(life, by);
            Assert.True(await life.CountAsync("act") == acts + 1, $"{by}: no act, or several");
            // The page that follows on the web is one more opening: everybody comes back.
            await life.Worker.ReadAsync("/api/v1/me");
            var known = await life.KnownAsync();
            first ??= known;
            Assert.True(first == known, $"By {by}, and not by {channels[0]}:\n{string.Join('\n', known.Split('\n').Except(first.Split('\n')))}\nBy {channels[0]}:\n{string.Join('\n', first.Split('\n').Except(known.Split('\n')))}");
        }
    }

    sealed class Life(TestService service, SignedInWorker worker, Officer clerk, CaseWalk walk)
    {
        readonly GatewaySide _gateway = new(service);

        Visitor? _helper;

        public SignedInWorker Worker => worker;

        long Id => worker.Worker.Id;

        public static async Task<Life> BeginAsync(TestService service)
        {
            var (staff, cookie) = await service.StaffAsync(StaffRole.Clerk);
            var walk = await CaseWalk.BeginAsync(service);
            var worker = await new GatewaySide(service).ToldAsync("+70000000001");
            return new Life(service, worker, new Officer(service, staff, Visitor.Officer(service, cookie)), walk);
        }

        public Task PassDaysAsync(int days) => _gateway.PassDaysAsync(days);

        public async Task UntilACaseOpensAsync()
        {
            for (var i = 0; i < 120 && await CountAsync("case_file") == 0; i++)
            {
                await _gateway.PassDaysAsync(1);
                foreach (var message in (await _gateway.MessagesAsync(Id, remindersOnly: true)).Where(m => m.DeliveredAt is null)) await _gateway.ReportAsync(message.Id, "delivered");
            }

            Assert.Equal(1, await CountAsync("case_file"));
        }

        public async Task UntilSuspectedAsync()
        {
            service.Clock.AdvanceMinutes(1);
            await walk.DoneAsync(Id, CaseAct.OpenWithReason, "C");
            await _gateway.SendAllAsync();
            var code = await HelperTests.NameAsync(await Visitor.SignInAsync(service, worker.Worker), "Legal aid", "act");
            _helper = new Visitor(service, "nobody", "en");
            await HelperTests.EnterAsync(_helper, code);
        }

        public async Task UntilRemovalIsPendingAsync()
        {
            await UntilSuspectedAsync();
            service.Clock.AdvanceDays(16);
            await walk.DoneAsync(Id, CaseAct.ProposeRemoval, "P");
            await walk.DoneAsync(Id, CaseAct.Agree, "A");
            await _gateway.SendAllAsync();
            service.Clock.AdvanceMinutes(1);
        }

        public async Task ConfirmAsync(string by)
        {
            switch (by)
            {
                case "program":
                    await worker.GiveAsync("""{"kind":"confirmation"}""");
                    break;
                case "sms":
                    var code = (await _gateway.MessagesAsync(Id, remindersOnly: true))[^1].ReplyCode!;
                    await _gateway.SmsAsync("in-1", "+70000000001", code);
                    break;
                default:
                    var (web, root) = await AtAsync(by);
                    await web.GetAsync(root + "/confirmation");
                    await web.PostAsync();
                    break;
            }
        }

        /// <summary>Answers or appeals, with a photo.</summary>
        public async Task SayAsync(string by, string what)
        {
            const string Words = "I do live there, ask anybody.";
            if (by == "program")
            {
                var form = new MultipartFormDataContent { { new StringContent(Words), "text" }, { new ByteArrayContent(TaggedFiles.Jpeg()), "file", "photo.jpg" } };
                using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/case/{what}s") { Content = form };
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", worker.Token);
                request.Headers.Add("Idempotency-Key", "one");
                using var answer = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
                Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
                return;
            }

            var (web, root) = by == "helper" ? (_helper!, "/helper") : await AtAsync(by);
            await web.GetAsync(by == "helper" ? $"{root}/{what}" : $"{root}/case/{what}");
            await web.PostFilesAsync([("Text", Words)], ("photo.jpg", TaggedFiles.Jpeg()));
        }

        async Task<(Visitor Web, string Root)> AtAsync(string by)
        {
            if (by == "web") return (await Visitor.SignInAsync(service, worker.Worker), "");
            await clerk.SignInAgainAsync();
            return (clerk.Web, await new ClerkDesk(service, clerk).ServeAsync(worker.Worker));
        }

        public async Task<long> CountAsync(string table)
        {
            await using var connection = await service.Core.Database.OpenAsync();
            return await connection.ExecuteScalarAsync<long>($"select count(*) from {table} where worker_id = @Id", new { Id });
        }

        // Numbers and codes are random: a number stands here as which of the worker's acts it is.
        public async Task<string> KnownAsync()
        {
            await using var connection = await service.Core.Database.OpenAsync();
            var acts = (await connection.QueryAsync<(string Number, byte[] Statement, byte[] Record)>("select number, statement, record from act where worker_id = @Id order by log, leaf", new { Id })).ToList();
            var lines = new List<string>();
            foreach (var act in acts)
            {
                var (statement, record) = (Statement.Decode(act.Statement).Content, Record.Decode(act.Record));
                var said = record.Particulars.Where(p => p.Key is not "by").Select(p => $"{p.Key}={p.Value}");
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"act {statement.Kind} {statement.Office} {statement.IssuedAt} {statement.EffectiveFrom} {statement.NextDeadline} {statement.Replaces} {record.Kind} {record.Reason} {record.Address} {string.Join(' ', said)}"));
            }

            foreach (var (table, columns) in ((string, string)[])
            [
                ("act", "kind, given_at, effective_from, next_deadline, replaces"),
                ("register_entry", "*"),
                ("case_file", "ground, act_number, opened_at, due, reminded_at, stage, step_left, decision_act, appeal_act, closed_act, closed_at"),
                ("told_until", "*"),
                ("attachment", "act_number, name, media_type, sha256, added_at"),
                ("removal", "act_number, told_on, window_until, in_effect_on, undone_act"),
                ("message", "act_number, channel_kind, address, language, subject, body, created_at, reminds_of, delivered_at, holds_code"),
            ])
            {
                // An SMS is answered by one.
                var but = table == "message" ? " and id not in (select coalesce(min(m.id), 0) from message m join act a on a.number = m.act_number where a.channel = 'sms')" : "";
                foreach (var row in await connection.QueryAsync($"select {columns} from {table} where worker_id = @Id{but}", new { Id }))
                    lines.Add($"{table} " + string.Join("; ", ((IDictionary<string, object>)row).Where(c => c.Key is not ("worker_id" or "case_id")).Select(c => $"{c.Key}={(c.Value is byte[] bytes ? Convert.ToHexString(bytes) : c.Value)}")));
            }

            var named = lines.Select(line => acts.Select((act, i) => (act.Number, i)).Aggregate(WhoseWords().Replace(ReplyCode().Replace(line, "CODE"), "RECEIVED"), (text, act) => text.Replace(act.Number, $"ACT{act.i}", StringComparison.Ordinal)));
            return string.Join('\n', named.Order(StringComparer.Ordinal));
        }
    }

    [GeneratedRegex("(?<=[Rr]eply (STOP )?)[0-9]{6}", RegexOptions.None, 5000)]
    private static partial Regex ReplyCode();

    // The worker is told that a helper did it, and not that they did: the one thing that differs.
    [GeneratedRegex("subject=(Your answer has been received|A helper answered in your case|Your appeal has been received|A helper appealed for you); body=.*?(?=; created_at)", RegexOptions.None, 5000)]
    private static partial Regex WhoseWords();
}
