using System.Text;
using Manzil.Deadlines;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Staff;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Messages;

/// <summary>
/// Nobody's clock runs without a delivered reminder, whatever the order of events: lives of random days through the real service, each
/// checked every day against a naive reading of rules.md (Delivery; Confirming an address).
/// </summary>
public class ClocksTests
{
    const int People = 14, Days = 100;

    [Theory, EachDatabase(1), EachDatabase(2)]
    public async Task Live_RandomEventsInAnyOrder_CasesStandExactlyWhereTheRulesSay(DatabaseKind kind, int seed)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var random = new Throws(seed);
        var outages = new HashSet<LocalDate>();
        var lives = new List<Life>();
        for (var i = 0; i < People; i++)
        {
            var worker = await gateway.ToldAsync();
            // Some phones are off for good: their owners must be reached by a clerk.
            lives.Add(new Life(worker, service, outages, Today(service), isOff: i % 4 == 0));
        }

        var (clerk, _) = await service.StaffAsync(StaffRole.Clerk);
        var (opened, undone, reached) = (0, 0, 0);
        for (var day = 0; day < Days; day++)
        {
            service.Clock.AdvanceDays(1);
            if (random.Next(25) == 0) outages.Add(await OutageAsync(service));
            await gateway.StepAsync();
            foreach (var life in lives)
            {
                await life.DawnAsync(gateway);
                opened += life.CaseOpenedOn == Today(service) ? 1 : 0;
            }

            foreach (var life in lives)
            {
                // Most happens around a due date.
                for (var events = random.Next(life.IsBusy ? 4 : 2); events > 0; events--)
                {
                    service.Clock.AdvanceSeconds(1);
                    undone += await life.LiveAsync(random, gateway, service) ? 1 : 0;
                    if (random.Next(3) == 0) reached += await life.ReachAsync(clerk, gateway) ? 1 : 0;
                    await life.CheckAsync(gateway);
                }
            }
        }

        // The dice must have shown what the test is about.
        Assert.True(opened > 10 && undone > 0 && reached > 0, $"{opened} cases, {undone} of them undone, {reached} reached");
    }

    static LocalDate Today(TestService service) => service.Core.Rules.DateOf(service.Clock.GetCurrentInstant());

    static async Task<LocalDate> OutageAsync(TestService service)
    {
        var yesterday = Today(service).PlusDays(-1);
        if (!service.Core.CurrentRules.Outages.Contains(yesterday))
            await OutageCommand.RecordAsync(service.Core, IsoDate.Write(yesterday)!, IsoDate.Write(yesterday)!, "No SMS arrived", service.Clock.GetCurrentInstant());
        return yesterday;
    }

    /// <summary>Repeatable: a seed gives the same lives again (SplitMix64).</summary>
    sealed class Throws(int seed)
    {
        ulong _state = unchecked((ulong)seed);

        public int Next(int sides)
        {
            var z = unchecked(_state += 0x9E3779B97F4A7C15);
            z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
            z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
            return (int)((z ^ (z >> 31)) % (ulong)sides);
        }
    }

    /// <summary>One worker, as rules.md read slowly would have them: plain lists, a loop from day to day, no columns that remember.</summary>
    sealed class Life(SignedInWorker worker, TestService service, HashSet<LocalDate> outages, LocalDate told, bool isOff)
    {
        sealed class Reminder(long id)
        {
            public long Id => id;
            public LocalDate? Arrived { get; set; }
            public LocalDate? Opened { get; set; }
            public LocalDate? Delivered => Arrived is { } a && Opened is { } o ? LocalDate.Min(a, o) : Arrived ?? Opened;
        }

        readonly StringBuilder _story = new();
        readonly List<Reminder> _period = [];
        readonly List<Reminder> _old = [];
        long _newest;
        LocalDate _told = told;
        LocalDate? _lastDue;
        LocalDate _dueOfCase;
        LocalDate? _reached;

        public LocalDate? CaseOpenedOn { get; private set; }

        public bool IsBusy => _period.Count > 0;

        LocalDate Today => ClocksTests.Today(service);

        bool IsWorking(LocalDate day) => service.Core.Rules.Calendar.IsWorkingDay(day) && !outages.Contains(day);

        LocalDate Due
        {
            get
            {
                var due = _told.PlusDays(30);
                while (!IsWorking(due)) due = due.PlusDays(1);
                // It never moves against the worker.
                if (_lastDue is { } last && last > due) due = last;
                while (!IsWorking(due)) due = due.PlusDays(1);
                return due;
            }
        }

        LocalDate SilenceEnds(LocalDate due, LocalDate delivered)
        {
            var day = LocalDate.Max(due, delivered);
            for (var left = 3; left > 0;)
            {
                day = day.PlusDays(1);
                if (IsWorking(day)) left--;
            }

            return day;
        }

        // That a clerk reached them is like the delivery of a reminder.
        LocalDate? FirstDelivered => _period.Select(r => r.Delivered).Append(_reached).Where(d => d is not null).Min();

        /// <summary>What the night brought: reminders, and a case exactly where silence is over.</summary>
        public async Task DawnAsync(GatewaySide gateway)
        {
            foreach (var message in await gateway.MessagesAsync(worker.Worker.Id, remindersOnly: true))
            {
                if (message.Id <= _newest) continue;
                _newest = message.Id;
                _period.Add(new Reminder(message.Id));
                Say($"reminder {message.Id} of {message.RemindsOf}");
            }

            _lastDue = Due;
            if (CaseOpenedOn is null && FirstDelivered is { } first && Today > SilenceEnds(Due, first))
            {
                (CaseOpenedOn, _dueOfCase) = (Today, Due);
                Say("silence is over");
            }

            await CheckAsync(gateway);
        }

        /// <returns>Whether a case fell with a bounce.</returns>
        public async Task<bool> LiveAsync(Throws random, GatewaySide gateway, TestService service)
        {
            var any = _period.Concat(_old).ToList();
            switch (random.Next(14))
            {
                case < 6 when any.Count > 0 && !isOff:
                    var arriving = random.Next(8) > 0 && _period.Count > 0 ? _period[random.Next(_period.Count)] : any[random.Next(any.Count)];
                    Say($"{arriving.Id} arrives");
                    await gateway.ReportAsync(arriving.Id, "delivered");
                    arriving.Arrived ??= Today;
                    return false;
                case < 9 when any.Count > 0:
                    var bouncing = any[random.Next(any.Count)];
                    Say($"{bouncing.Id} comes back");
                    await gateway.ReportAsync(bouncing.Id, "failed");
                    bouncing.Arrived = null;
                    return Undo(bouncing);
                case 9 when random.Next(6) == 0:
                    Say("opens the service");
                    var sessions = new Sessions(service.Core.Database, service.Core.Rules, service.Clock);
                    var (token, _) = await sessions.StartAsync(worker.Worker.Id, Session.Api);
                    using (await service.GetAsync(token, "/api/v1/me")) { }
                    foreach (var reminder in any) reminder.Opened ??= Today;
                    return false;
                case 10 when random.Next(CaseOpenedOn is null ? 6 : 2) == 0:
                    Say("confirms");
                    await worker.SignInAgainAsync();
                    await worker.GiveAsync("""{"kind":"confirmation"}""");
                    Begin();
                    return false;
                default:
                    return false;
            }
        }

        /// <summary>A clerk records that they reached the worker: possible for whoever no reminder reached in time, and for nobody else.</summary>
        public async Task<bool> ReachAsync(StaffMember clerk, GatewaySide gateway)
        {
            var isOnList = await gateway.AskAsync<int>("select reminded from register_entry where worker_id = @Id", new { worker.Worker.Id }) == Reminded.ToBeReached;
            Assert.False(isOnList && (CaseOpenedOn is not null || FirstDelivered is not null || Today <= SilenceEnds(Due, Due)), $"on the list too early:\n{_story}");
            var result = await service.Core.Writer.SubmitAsync(
                new RecordReached(clerk.Actor, clerk.Office, "phone", "They answered.", service.Core.CurrentRules.Now, service.Services.GetRequiredService<Telling>())
                {
                    ReceivedAt = service.Clock.GetCurrentInstant(),
                    Channel = RecordChannel.Desk,
                    WorkerId = worker.Worker.Id,
                });
            Assert.True(result is ActResult.Accepted == isOnList, $"{result}:\n{_story}");
            if (!isOnList) return false;
            Say("is reached");
            _reached = Today;
            return true;
        }

        bool Undo(Reminder bounced)
        {
            if (CaseOpenedOn is not { } opened || !_period.Contains(bounced)) return false;
            if (FirstDelivered is { } first && opened > SilenceEnds(_dueOfCase, first)) return false;
            Say("the case falls");
            Begin();
            return true;
        }

        void Begin()
        {
            (_told, CaseOpenedOn) = (Today, null);
            _old.AddRange(_period);
            _period.Clear();
            _reached = null;
            // Told with the act: from then on it moves in one direction only.
            var due = _told.PlusDays(30);
            while (!IsWorking(due)) due = due.PlusDays(1);
            _lastDue = _lastDue is { } last && last > due ? last : due;
        }

        public async Task CheckAsync(GatewaySide gateway)
        {
            var standing = (Standing)await gateway.AskAsync<int>("select standing from register_entry where worker_id = @Id", new { worker.Worker.Id });
            var expected = CaseOpenedOn is null ? Standing.Registered : Standing.UnderReview;
            Assert.True(expected == standing, $"{expected} expected, {standing} found:\n{_story}");
            // Whoever has a delivered reminder of this period is not waiting to be reached.
            if (FirstDelivered is not null)
                Assert.NotEqual(Reminded.ToBeReached, await gateway.AskAsync<int>("select reminded from register_entry where worker_id = @Id", new { worker.Worker.Id }));
        }

        void Say(string what) => _story.AppendLine($"{Today:uuuu-MM-dd} {what} (due {Due:uuuu-MM-dd}, case {CaseOpenedOn:uuuu-MM-dd})");
    }
}
