using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using Manzil.Cases;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Staff;
using Manzil.Tests.Cases.Desk;
using Manzil.Tests.Messages;
using Manzil.Tests.Notices;
using Manzil.Tests.Registrations.Desk;
using Manzil.Typing;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Officer = Manzil.Tests.Cases.Desk.Officer;

namespace Manzil.Tests.Typing;

/// <summary>What caseworkers, clerks and lead reviewers type.</summary>
static class TextDoorsOfOfficers
{
    /// <summary>A case opened with a reason, and closed with one.</summary>
    public static async Task<TextDoor> ReasonsOfActsAsync(DatabaseKind kind, int count)
    {
        var story = await DeskStory.NewAsync(kind);
        var (service, officer) = (story.Service, await story.OfficerAsync(StaffRole.Caseworker));
        await officer.Web.GetAsync("/staff/search");
        await officer.Web.PostAsync(("Kind", "card"), ("Exact", story.Worker.Worker.CardNumber), ("Reason", "A letter came back."));
        var open = officer.Web.Path.Split('?')[0] + "/open";
        return new TextDoor(TextKind.Long, service, story)
        {
            Type = async typed =>
            {
                if (!await TextDoor.CheckAndSendAsync(officer.Web, open, "do", ("Reason", typed))) return null;
                story.Begun(TextDoor.NumberAt(officer.Web, "/staff/receipts/")!);
                await story.OpenFileAsync(officer);
                Assert.True(await TextDoor.CheckAndSendAsync(officer.Web, $"/staff/cases/{story.Case}/keep", "do", ("Reason", typed)));
                return $"{story.Case} {TextDoor.NumberAt(officer.Web, "/staff/receipts/")}";
            },
            Count = "select count(*) from case_file",
            Recorded = async numbers => [.. await EachAsync(numbers, async n => (await TextDoor.RecordAsync(service, n)).Reason), await TextDoor.AskAsync<string>(service, "select reason from case_file order by id desc limit 1")],
            Shown = async numbers =>
            [
                .. await TextDoor.PagesAsync(await Visitor.SignInAsync(service, story.Worker.Worker), [.. numbers.Split(' ').Select(n => $"/notices/{n}")]),
                .. await TextDoor.PagesAsync(officer.Web, $"/staff/cases/{story.Case}"),
            ],
            Verified = numbers => EachAsync(numbers, async n => (await TextDoor.VerifiedAsync(service, n, story.Worker.Worker.Document)).Reason),
        };
    }

    static async Task<IReadOnlyList<string?>> EachAsync(string numbers, Func<string, Task<string?>> read)
    {
        var all = new List<string?>();
        foreach (var number in numbers.Split(' ')) all.Add(await read(number));
        return all;
    }

    /// <summary>A proposal of removal, which is taken back each time.</summary>
    public static async Task<TextDoor> FactsAndChangeAsync(DatabaseKind kind, int count)
    {
        var story = await DeskStory.NewAsync(kind);
        var (service, officer) = (story.Service, await story.OfficerAsync(StaffRole.Caseworker));
        await story.OpenAsync(officer);
        service.Clock.AdvanceDays(16);
        await officer.SignInAgainAsync();
        await story.OpenAllAsync(officer);
        static IReadOnlyList<string?> Texts(Manzil.Receipts.Record record) => [record.Reason, record.Particulars["change"]];
        return new TextDoor(TextKind.Long, service, story)
        {
            Type = async typed =>
            {
                if (!await TextDoor.CheckAndSendAsync(officer.Web, $"/staff/cases/{story.Case}/propose", "do", ("Ground", "LEFT"), ("Facts", typed), ("Change", typed))) return null;
                var number = TextDoor.NumberAt(officer.Web, "/staff/receipts/");
                Assert.IsType<ActResult.Accepted>(await story.DoAsync(new WithdrawProposal(officer.Staff.Actor, "It was too early.", service.Core.CurrentRules.Now, story.Telling)
                {
                    ReceivedAt = service.Clock.GetCurrentInstant(),
                    Channel = RecordChannel.Desk,
                }));
                return number;
            },
            Count = $"select count(*) from act where kind = {(int)StatementKind.RemovalProposed}",
            Whole = (typed, n) => $"{typed} no. {n}: the landlord says that the worker left and took everything along.",
            Recorded = async number => Texts(await TextDoor.RecordAsync(service, number)),
            Shown = async number => await TextDoor.PagesAsync(await Visitor.SignInAsync(service, story.Worker.Worker), $"/notices/{number}"),
            Verified = async number => Texts(await TextDoor.VerifiedAsync(service, number, story.Worker.Worker.Document)),
        };
    }

    public static async Task<TextDoor> ReasonOfASearchAsync(DatabaseKind kind, int count)
    {
        var story = await DeskStory.NewAsync(kind);
        var officer = await story.OfficerAsync(StaffRole.Caseworker);
        return Look(story.Service, story, story.Worker.Worker, async typed =>
        {
            await officer.Web.GetAsync("/staff/search");
            await officer.Web.PostAsync(("Kind", "card"), ("Exact", story.Worker.Worker.CardNumber), ("Reason", typed));
            return TextDoor.NumberAt(officer.Web, "/staff/search/") is not null;
        });
    }

    public static async Task<TextDoor> ReasonOfServingAsync(DatabaseKind kind, int count)
    {
        var desk = await ClerkDesk.NewAsync(kind);
        var worker = await desk.Service.EnrolAsync();
        return Look(desk.Service, desk, worker, async typed =>
        {
            await desk.SearchAsync("card", worker.CardNumber, typed);
            return !TextDoor.IsNamed(desk.Web);
        });
    }

    public static async Task<TextDoor> ReasonOfAFileAsync(DatabaseKind kind, int count)
    {
        var story = await DeskStory.NewAsync(kind);
        var officer = await story.OfficerAsync(StaffRole.Caseworker);
        await story.OpenAsync(officer);
        return Look(story.Service, story, story.Worker.Worker, async typed =>
        {
            story.Service.Clock.AdvanceMinutes(31);
            await officer.SignInAgainAsync();
            await officer.Web.GetAsync($"/staff/cases/{story.Case}");
            await officer.Web.PostAsync(("Reason", typed));
            return !TextDoor.IsNamed(officer.Web);
        });
    }

    /// <summary>While something is written the sitting ends, and the officer's session does not.</summary>
    public static async Task<TextDoor> ReasonOfGoingOnAsync(DatabaseKind kind, int count)
    {
        var story = await DeskStory.NewAsync(kind);
        var officer = await story.OfficerAsync(StaffRole.Caseworker);
        await story.OpenAsync(officer);
        return Look(story.Service, story, story.Worker.Worker, async typed =>
        {
            await officer.SignInAgainAsync();
            await story.OpenFileAsync(officer);
            await officer.Web.GetAsync($"/staff/cases/{story.Case}/keep");
            var form = officer.Web.Form();
            await StayAsync(story.Service, officer.Web);
            await officer.Web.PostAsync($"/staff/cases/{story.Case}/keep", new(form) { ["Reason"] = DeskStory.Facts, ["Go"] = "check" });
            await officer.Web.PostAsync(("LookReason", typed), ("Go", "edit"));
            return !TextDoor.IsNamed(officer.Web);
        }, before: 1);
    }

    public static async Task<TextDoor> ReasonOfServingOnAsync(DatabaseKind kind, int count)
    {
        var desk = await ClerkDesk.NewAsync(kind);
        var worker = await desk.Service.EnrolAsync();
        return Look(desk.Service, desk, worker, async typed =>
        {
            await desk.Clerk.SignInAgainAsync();
            var root = await desk.ServeAsync(worker);
            await desk.Web.GetAsync(root + "/details");
            var form = desk.Web.Form();
            await StayAsync(desk.Service, desk.Web);
            await desk.Web.PostAsync(root + "/details", new(form) { ["Name"] = "Aziz Rahimzoda", ["Go"] = "check" });
            Assert.StartsWith(root + "/again", desk.Web.Path, StringComparison.Ordinal);
            await desk.Web.PostAsync(("LookReason", typed));
            return !TextDoor.IsNamed(desk.Web);
        }, before: 1);
    }

    public static async Task<TextDoor> ReasonOfReachingAsync(DatabaseKind kind, int count)
    {
        var story = await ReachStory.NewAsync(kind);
        var (staff, _) = await story.OfficerAsync();
        var clerk = new Officer(story.Service, staff, null!);
        return Look(story.Service, story, story.Worker.Worker, async typed =>
        {
            story.Service.Clock.AdvanceMinutes(31);
            // A worker who reads of the look has been reached by that, and is on the list no more.
            await story.ExecuteAsync("update register_entry set reminded = @waits where worker_id = @Id", new { waits = Manzil.Deadlines.Reminded.ToBeReached, story.Worker.Worker.Id });
            await clerk.SignInAgainAsync();
            await clerk.Web.GetAsync(await ReachStory.EntryAsync(clerk.Web));
            await clerk.Web.PostAsync(("Reason", typed));
            return !TextDoor.IsNamed(clerk.Web);
        });
    }

    // 31 minutes with the browser open: an officer's session ends 30 minutes after its last use, a sitting 30 minutes after it began.
    static async Task StayAsync(TestService service, Visitor web)
    {
        service.Clock.AdvanceMinutes(20);
        await web.GetAsync("/staff");
        service.Clock.AdvanceMinutes(11);
    }

    /// <param name="before">How many looks of other reasons each one takes; they are recorded whatever is typed.</param>
    static TextDoor Look(TestService service, IAsyncDisposable setting, TestWorker worker, Func<string, Task<bool>> type, int before = 0) => new(TextKind.Line, service, setting)
    {
        Type = async typed => await type(typed) ? (await TextDoor.AskAsync<long>(service, "select max(id) from look")).ToString(System.Globalization.CultureInfo.InvariantCulture) : null,
        Count = $"select count(*) from look where {(before == 0 ? "1 = 1" : "reason not in ('I work on this case.', 'Stands here with the card.')")}",
        Takes = Looks.IsReason,
        Recorded = async id => [await TextDoor.AskAsync<string>(service, "select reason from look where id = @id", new { id = long.Parse(id, System.Globalization.CultureInfo.InvariantCulture) })],
        Shown = async _ => await TextDoor.PagesAsync(await Visitor.SignInAsync(service, worker), "/looks"),
    };

    /// <summary>Somebody whom no message reached, told of by another clerk's call: each is reached once.</summary>
    public static async Task<TextDoor> WordsOfReachingAsync(DatabaseKind kind, int count)
    {
        var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var workers = new Dictionary<long, SignedInWorker>();
        for (var i = 0; i < count; i++)
        {
            var told = await gateway.ToldAsync();
            workers[told.Worker.Id] = told;
        }

        await gateway.PassDaysAsync(ReachStory.DaysToList);
        var (_, cookie) = await service.StaffAsync(StaffRole.Clerk);
        var clerk = Visitor.Officer(service, cookie);
        async Task<TestWorker> OfAsync(string number) => workers[await TextDoor.AskAsync<long>(service, "select worker_id from act where number = @number", new { number })].Worker;
        return new TextDoor(TextKind.Long, service, service)
        {
            Type = async typed =>
            {
                await clerk.GetAsync(ReachStory.List);
                await clerk.GetAsync(System.Text.RegularExpressions.Regex.Match(clerk.Html, "href=\"(/staff/desk/reach/[^\"]+)\"", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5)).Groups[1].Value);
                if (clerk.Html.Contains("name=\"Reason\"", StringComparison.Ordinal)) await clerk.PostAsync(("Reason", ReachStory.Why));
                await clerk.PostAsync(("How", "phone"), ("Words", typed));
                return TextDoor.NumberAt(clerk, "/staff/desk/receipts/");
            },
            Count = "select count(*) from reached",
            Recorded = async number => [(await TextDoor.RecordAsync(service, number)).Reason],
            Shown = async number => await TextDoor.PagesAsync(await Visitor.SignInAsync(service, await OfAsync(number)), $"/notices/{number}"),
            Verified = async number => [(await TextDoor.VerifiedAsync(service, number, (await OfAsync(number)).Document)).Reason],
        };
    }

    public static async Task<TextDoor> NameThatChangedAsync(DatabaseKind kind, int count)
    {
        var desk = await ClerkDesk.NewAsync(kind);
        var (service, worker) = (desk.Service, await desk.Service.EnrolAsync());
        var root = await desk.ServeAsync(worker);
        return new TextDoor(TextKind.Line, service, desk)
        {
            Type = async typed =>
            {
                if (!await TextDoor.CheckAndSendAsync(desk.Web, root + "/details", "do", ("Name", typed))) return null;
                return TextDoor.NumberAt(desk.Web, root + "/notices/");
            },
            Count = $"select count(*) from act where kind = {(int)StatementKind.DetailsChanged}",
            Recorded = async number => [(await TextDoor.RecordAsync(service, number)).Holder!.Name, await TextDoor.AskAsync<string>(service, "select name from worker where id = @Id", new { worker.Id })],
            Shown = async number =>
            [
                .. await TextDoor.PagesAsync(desk.Web, root, $"{root}/notices/{number}"),
                .. await TextDoor.PagesAsync(await Visitor.SignInAsync(service, worker), $"/notices/{number}"),
            ],
            Verified = async number => [(await TextDoor.VerifiedAsync(service, number, worker.Document)).Holder!.Name],
        };
    }

    public static Task<TextDoor> NameOfAnEnrolmentAsync(DatabaseKind kind, int count) => WithReceiptAsync(EnrolAsync(kind, TextKind.Line, "Name", "select name from worker where card_number = @card"));

    public static Task<TextDoor> EmailOfAnEnrolmentAsync(DatabaseKind kind, int count) => EnrolAsync(kind, TextKind.Email, "Email", "select c.address from channel c join worker w on w.id = c.worker_id where w.card_number = @card");

    static async Task<TextDoor> WithReceiptAsync(Task<TextDoor> opened)
    {
        var door = await opened;
        return door with
        {
            Verified = async card =>
            {
                var number = await TextDoor.AskAsync<string>(door.Service, "select a.number from act a join worker w on w.id = a.worker_id where w.card_number = @card", new { card });
                return [(await TextDoor.VerifiedAsync(door.Service, number, new IdentityDocument("KGZ", "AN" + card[2..], new LocalDate(1994, 2, 9)))).Holder!.Name];
            },
        };
    }

    static async Task<TextDoor> EnrolAsync(DatabaseKind kind, TextKind of, string field, string recorded)
    {
        var desk = await ClerkDesk.NewAsync(kind);
        var (n, shown) = (0, new List<string>());
        return new TextDoor(of, desk.Service, desk)
        {
            Type = async typed =>
            {
                n++;
                shown.Clear();
                await desk.Web.GetAsync("/staff/desk/enrol");
                var fields = new Dictionary<string, string>
                {
                    ["State"] = "KGZ",
                    ["Number"] = $"AN{n:D7}",
                    ["Name"] = "Нурлан Асанов",
                    ["BirthDate.Day"] = "9",
                    ["BirthDate.Month"] = "2",
                    ["BirthDate.Year"] = "1994",
                    ["Card"] = $"FC{n:D7}",
                    ["Spoken"] = "kk",
                    ["Go"] = "check",
                    [field] = typed,
                };
                await desk.Web.PostAsync([.. fields.Select(f => (f.Key, f.Value))]);
                if (TextDoor.IsNamed(desk.Web)) return null;
                shown.Add(TextDoor.Decoded(desk.Web));
                await desk.Web.PostAsync(("Go", "do"));
                Assert.Contains("manzil-slip", desk.Web.Html, StringComparison.Ordinal);
                if (field == "Name") shown.Add(TextDoor.Decoded(desk.Web));
                return $"FC{n:D7}";
            },
            Count = "select count(*) from worker",
            Whole = (typed, i) => of == TextKind.Email ? $"a{typed}z{i}@example.org" : $"{typed} Асанов {i}",
            Takes = text => of != TextKind.Email || ContactAddress.Email(text) == text,
            Recorded = async card => [await TextDoor.AskAsync<string>(desk.Service, recorded, new { card })],
            Shown = _ => Task.FromResult<IReadOnlyList<string>>([.. shown]),
        };
    }

    public static async Task<TextDoor> ReasonOfLiftingAPauseAsync(DatabaseKind kind, int count)
    {
        var service = await TestService.StartAsync(kind);
        var (_, cookie) = await service.StaffAsync(StaffRole.LeadReviewer);
        var lead = Visitor.Officer(service, cookie);
        return new TextDoor(TextKind.Long, service, service)
        {
            Type = async typed =>
            {
                if (await TextDoor.AskAsync<long>(service, "select count(*) from removal_pause where lifted_at is null") == 0)
                    Assert.IsType<ActResult.Accepted>(await service.Core.Writer.SubmitAsync(new Paused(service.Core.Rules) { ReceivedAt = service.Clock.GetCurrentInstant(), Channel = RecordChannel.Operator }));
                await lead.GetAsync("/staff/lead/pause");
                await lead.PostAsync(("Reason", typed));
                return TextDoor.NumberAt(lead, "/staff/lead/pause?lifted=") is null ? null : lead.Path.Split('=')[1];
            },
            Count = "select count(*) from removal_pause where lifted_at is not null",
            Recorded = async number => [(await TextDoor.RecordAsync(service, number)).Reason],
            Shown = async _ =>
            {
                // The figures are as they were a minute ago.
                service.Clock.AdvanceMinutes(2);
                return [.. await TextDoor.PagesAsync(lead, "/staff/lead/pause", "/status")];
            },
            Verified = async number => [(await TextDoor.VerifiedAsync(service, number)).Reason],
        };
    }

    /// <summary>A pause for which no appeals had to be decided.</summary>
    sealed class Paused(Jurisdiction rules) : Act
    {
        public override bool WritesOwnRows => true;

        public override Decision Decide(Worker? worker) => new()
        {
            Kind = StatementKind.RemovalsPaused,
            Office = rules.DefaultOffice.Code.Value,
            EffectiveFrom = rules.DateOf(ReceivedAt),
            Particulars = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("appeals", "6").Add("reversed", "6"),
        };

        public override Task WriteAsync(DbConnection connection, DbTransaction transaction) => connection.ExecuteAsync(
            "insert into removal_pause (act_number, started_at) values (@number, @at)", new { number = Number.ToString(), at = ReceivedAt.ToUnixTimeMilliseconds() }, transaction);
    }
}
