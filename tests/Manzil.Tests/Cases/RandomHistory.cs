using System.Globalization;
using Dapper;
using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Tests.Deadlines;
using Manzil.Tests.Messages;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Record = Manzil.Receipts.Record;

namespace Manzil.Tests.Cases;

/// <summary>The whole service, a handful of workers, officers, a gateway and an operator who edits the rules: lives through a list of happenings.</summary>
sealed class RandomHistory : IAsyncDisposable
{
    static readonly string[] ByTheClock = ["day", "days", "outage", "arrives", "comes back", "rules", "outage by hand", "look"];

    readonly EditedRules _rules;
    readonly KeptLines _lines;
    readonly GatewaySide _gateway;
    readonly List<(SignedInWorker Worker, HistoryOracle Oracle)> _workers = [];
    readonly List<OracleDays> _days = [OracleDays.Demo];
    readonly List<string> _sentences;
    CaseWalk _walk = null!;
    int _texts;

    RandomHistory(TestService service, EditedRules rules, KeptLines lines, List<string> sentences) => (Service, _rules, _lines, _gateway, _sentences) = (service, rules, lines, new GatewaySide(service), sentences);

    public TestService Service { get; }

    /// <summary>How often each kind of statement came about, and how many dates were told.</summary>
    public static SortedDictionary<string, long> Counted { get; } = new(StringComparer.Ordinal);

    /// <summary>Lives through them; throws <see cref="BrokenPromiseException"/> once a promise is broken.</summary>
    /// <param name="sentences">What happened, in words.</param>
    /// <param name="begun">Is told of each happening, counted from one, before it happens.</param>
    public static async Task LiveAsync(DatabaseKind kind, IReadOnlyList<Happening> happenings, List<string> sentences, Action<int> begun)
    {
        using var rules = new EditedRules();
        var lines = new KeptLines();
        await using var history = new RandomHistory(await TestService.StartAsync(kind, demo: false, messaging: GatewaySide.File, rules: rules.FilePath, logs: lines), rules, lines, sentences);
        await history.BeginAsync();
        for (var i = 0; i < happenings.Count; i++)
        {
            begun(i + 1);
            await history.DoAsync(happenings[i]);
        }

        history.Count();
    }

    async Task BeginAsync()
    {
        _walk = await CaseWalk.BeginAsync(Service);
        // On a phone; on a phone and by e-mail; by e-mail alone; without any channel.
        foreach (var (phone, email) in ((bool, string?)[])[(true, null), (true, "two@example.org"), (false, "three@example.org"), (false, null)])
            _workers.Add((await _gateway.ToldAsync(email: email, hasPhone: phone), new HistoryOracle(_walk.Rules.Zone) { Days = _days }));
        await StepAsync(false);
    }

    async Task DoAsync(Happening happening)
    {
        Service.Clock.AdvanceMinutes(1);
        var (worker, oracle) = _workers[happening.Who];
        if (await HappenAsync(happening, worker, oracle) is not { } sentence) return;
        _sentences.Add($"{_walk.Rules.DateOf(Now):uuuu-MM-dd}, worker {happening.Who + 1}: {sentence}");
        await _gateway.SendAllAsync();
        await StepAsync(ByTheClock.Contains(happening.What));
    }

    Instant Now => Service.Clock.GetCurrentInstant();

    OracleDays Days => _days[^1];

    async Task<string?> HappenAsync(Happening h, SignedInWorker worker, HistoryOracle oracle)
    {
        var id = worker.Worker.Id;
        switch (h.What)
        {
            case "day": return await PassAsync(1, false);
            case "days": return await PassAsync(2 + (h.One % 9), false);
            case "outage": return await PassAsync(1 + (h.One % 2), true);
            case "look": return await LookAsync(worker, oracle, h.One % 3);
            case "arrives" or "comes back": return await ReportAsync(id, oracle, h.What == "arrives", h.One);
            case "officer": return await OfficerAsync(id, oracle, h.One, h.Two);
            case "officer steps": return await OfficerAsync(id, oracle, -1, h.Two);
            case "confirms": return await GiveAsync(worker, oracle, """{"kind":"confirmation"}""");
            case "moves": return await GiveAsync(worker, oracle, """{"kind":"residence","from":"<today>","address":{"locality":"Tverskoy","street":"Long Street","building":"<b>"}}""".Replace("<b>", $"{h.One % 90}", StringComparison.Ordinal));
            case "leaves": return await GiveAsync(worker, oracle, $$"""{"kind":"departure","on":"<today+{{h.One % 12}}>"}""");
            case "stays":
                var entry = (await Service.Core.Workers.FindAsync(id))!.Entry;
                return entry.DepartureNumber is { } departure ? await GiveAsync(worker, oracle, $$"""{"kind":"withdrawal","replaces":"{{departure}}"}""") : null;
            case "code": return await CodeAsync(id, oracle, h.One);
            case "answers": return await ActAsync(id, CaseAct.Answer, "worker", h.One);
            case "appeals": return await ActAsync(id, CaseAct.Appeal, "worker", h.One);
            case "letter": return await LetterAsync(id, oracle, h.One, h.Two);
            case "reached":
                var reached = new RecordReached(_walk.Actors["clerk"], _walk.Rules.DefaultOffice.Code.Value, "phone", "His brother gave him the phone.", _walk.Rules, _walk.Telling) { ReceivedAt = Now, Channel = RecordChannel.Desk, WorkerId = id };
                if (await Service.Core.Writer.SubmitAsync(reached) is not ActResult.Accepted) return null;
                oracle.Reached(Now);
                return "a clerk recorded that they were reached";
            case "outage by hand": return await OutageAsync(h.One, h.Two);
            default: return await EditAsync(h.One, h.Two);
        }
    }

    async Task<string> PassAsync(int days, bool isOutage)
    {
        for (var i = 0; i < days; i++)
        {
            Service.Clock.AdvanceDays(1);
            // The clock jumps here: heartbeats are missing on the days that are to be outages, and no others.
            if (!isOutage) await Service.Services.GetRequiredService<Heartbeats>().SkipAsync(_walk.Rules.DateOf(Now).PlusDays(-1));
            await TimersAsync();
            if (i < days - 1) await StepAsync(true);
        }

        return $"{days} days went by{(isOutage ? " without the service" : "")}";
    }

    async Task TimersAsync()
    {
        var timers = Service.Services.GetRequiredService<Timers>();
        await timers.BeatAsync();
        await timers.StepAsync();
        await OutagesAsync();
        await _gateway.SendAllAsync();
        HistoryOracle.Law(!_lines.Lines.Any(l => l.Contains("is tried again", StringComparison.Ordinal)), string.Join('\n', _lines.Lines.TakeLast(3)));
    }

    async Task OutagesAsync()
    {
        await using var connection = await Service.Core.Database.OpenAsync();
        var stated = (await connection.QueryAsync<string>("select day from outage_day")).Select(d => IsoDate.Read(d)!.Value).ToHashSet();
        if (!stated.SetEquals(Days.Outages)) _days.Add(Days with { Outages = stated });
    }

    async Task<string> LookAsync(SignedInWorker worker, HistoryOracle oracle, int where)
    {
        var seen = await SeenAsync(worker.Worker.Id);
        oracle.Opened(Now);
        if (where == 0)
        {
            var text = (await (await Visitor.SignInAsync(Service, worker.Worker)).GetAsync("/")).Text;
            oracle.Text(seen, text, Now, "the page");
            return "they opened their page";
        }

        await SignInAsync(worker);
        var me = await worker.ReadAsync("/api/v1/me");
        foreach (var (member, what) in ((string, string)[])[("nextDeadline", "due"), ("silenceEnds", "silence"), ("answerUntil", "answer"), ("appealUntil", "appeal")])
        {
            if (me.TryGetProperty(member, out var told) && IsoDate.Read(told.GetString()) is { } day) oracle.Date(seen, what, day, Now, "the API");
        }

        if (where == 2) await worker.ReadAsync("/api/v1/case");
        return "they opened the service over the API";
    }

    async Task SignInAsync(SignedInWorker worker) =>
        worker.Use((await Service.Services.GetRequiredService<Sessions>().StartAsync(worker.Worker.Id, Session.Api)).Token);

    async Task<string?> GiveAsync(SignedInWorker worker, HistoryOracle oracle, string json)
    {
        await SignInAsync(worker);
        using var answer = await worker.PostAsync(json);
        if (answer.IsSuccessStatusCode) return $"gave {json}";
        var problem = await ProblemAnswer.ReadAsync(answer);
        // Whoever has left comes back.
        if (problem.Type == "not-registered" || (await Service.Core.Workers.FindAsync(worker.Worker.Id))!.Entry.ResidenceNumber is null)
        {
            using var again = await worker.PostAsync("""{"kind":"registration"}""");
            if (!again.IsSuccessStatusCode) return null;
            await StepAsync(false);
            Service.Clock.AdvanceMinutes(1);
            using var home = await worker.PostAsync($$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""");
            return "registered again";
        }

        return null;
    }

    async Task<string?> ReportAsync(long id, HistoryOracle oracle, bool arrives, int pick)
    {
        // A report comes soon after the message, or long after; that it is one of a reminder, or of what a case rests on, would be rare by chance alone.
        var messages = await _gateway.MessagesAsync(id);
        var newest = await SeenAsync(id);
        var recent = (pick % 4) switch
        {
            1 when newest.Case is { } @case => [.. messages.Where(m => m.Kind == "sms" && m.ActNumber is not null && (m.ActNumber == @case.Number || m.ActNumber == @case.Decision))],
            2 => [.. messages.Where(m => m.RemindsOf is not null)],
            3 => [.. messages.TakeLast(4)],
            _ => messages,
        };
        if (recent.Count == 0) return null;
        var message = recent[^(1 + (pick / 4 % recent.Count))];
        if (message.Kind == "email")
        {
            if (arrives) return null;
            await _gateway.BounceEmailAsync(message.Id);
            oracle.CameBack(message.Id);
            return $"e-mail {message.Id} came back";
        }

        await _gateway.ReportAsync(message.Id, arrives ? "delivered" : "failed");
        if (arrives) oracle.Arrived(message.Id, Now);
        else oracle.CameBack(message.Id);
        return $"SMS {message.Id} ({(message.RemindsOf is { } due ? $"reminder of {due}" : message.ActNumber)}) {(arrives ? "arrived" : "came back")}";
    }

    async Task<string?> CodeAsync(long id, HistoryOracle oracle, int pick)
    {
        var with = (await _gateway.MessagesAsync(id)).Where(m => m.ReplyCode is not null).ToList();
        if (with.Count == 0) return null;
        var message = with[^(1 + (pick % Math.Min(3, with.Count)))];
        var confirmed = $"select count(*) from act where worker_id = {id} and kind = {(int)StatementKind.Confirmation}";
        var before = await _gateway.AskAsync<long>(confirmed);
        var address = await _gateway.AskAsync<string>("select address from message where id = @Id", new { message.Id });
        await _gateway.SmsAsync($"in-{++_texts}", address!, message.ReplyCode!);
        if (await _gateway.AskAsync<long>(confirmed) == before) return $"sent the code of SMS {message.Id}, which was refused";
        oracle.Confirmed(new SeenMessage(message.Id, null, "sms", Instant.FromUnixTimeMilliseconds(message.CreatedAt), "", null, true), Now);
        return $"confirmed with the code of SMS {message.Id}";
    }

    async Task<string?> OfficerAsync(long id, HistoryOracle oracle, int pick, int words)
    {
        var (stage, standing) = await _walk.WhereAsync(id);
        if (words % 8 > 0) await _walk.OpenEverythingAsync(id);
        CaseAct act;
        if (pick < 0)
        {
            // The next step towards a removal.
            act = stage switch
            {
                CaseStage.None => CaseAct.OpenWithReason,
                CaseStage.Open => CaseAct.ProposeRemoval,
                CaseStage.AwaitingAgreement => CaseAct.Agree,
                CaseStage.RemovalPending => CaseAct.PutInEffect,
                CaseStage.Suspended => words % 3 == 0 ? CaseAct.DecideAppealForWorker : CaseAct.DecideAppealAgainstWorker,
                _ => CaseAct.Reinstate,
            };
            if (stage == CaseStage.None && words % 3 > 0) return null;
            if (stage == CaseStage.Removed && words % 10 > 0) return null;
        }
        else
        {
            CaseAct[] acts = [CaseAct.ProposeRemoval, CaseAct.Agree, CaseAct.Disagree, CaseAct.WithdrawProposal, CaseAct.PutInEffect, CaseAct.DecideAppealForWorker, CaseAct.DecideAppealAgainstWorker, CaseAct.Keep, CaseAct.ProposeRemoval, CaseAct.PutInEffect, CaseAct.Agree];
            act = acts[pick % acts.Length];
            if (act == CaseAct.Keep && words % 6 > 0) return null;
        }

        string[] officers = act is CaseAct.DecideAppealForWorker or CaseAct.DecideAppealAgainstWorker or CaseAct.Reinstate ? ["R", "L"] : ["P", "A", "C"];
        return await ActAsync(id, act, officers[words % officers.Length], words, oracle);
    }

    async Task<string?> ActAsync(long id, CaseAct act, string who, int words, HistoryOracle? oracle = null)
    {
        var result = await _walk.DoAsync(id, act, who, $"Reason {words} of {Now}");
        HistoryOracle.Law(result is ActResult.Accepted or ActResult.Refused, $"{act}: {result} {string.Join('\n', _lines.Lines.TakeLast(3))}");
        if (result is ActResult.Accepted) return $"{act} by {who}";
        var refused = ((ActResult.Refused)result).Reason;
        if (oracle is null || refused is not ("case-opening-not-delivered" or "case-decision-not-delivered")) return null;
        // Opening the service is a delivery, whatever became of the messages.
        var seen = await SeenAsync(id);
        var awaited = refused == "case-opening-not-delivered" ? seen.Case!.Number : seen.Case!.Decision!;
        HistoryOracle.Law(!oracle.IsDelivered(seen, awaited, Now), $"{act} was refused as {refused}, though {awaited} was delivered");
        return null;
    }

    async Task<string?> LetterAsync(long id, HistoryOracle oracle, int ago, int how)
    {
        await using var connection = await Service.Core.Database.OpenAsync();
        var file = await CaseFile.NewestAsync(connection, null, id);
        var item = RecordDelivery.Awaited(file, (await Service.Core.Workers.FindAsync(id))!.Entry.Standing);
        if (item is null) return null;
        var day = _walk.Rules.DateOf(Now).PlusDays(-(ago % 15));
        var act = new RecordDelivery(_walk.Actors["C"], item, how % 2 == 0 ? RecordDelivery.Post : RecordDelivery.Desk, day, _walk.Rules, _walk.Telling) { ReceivedAt = Now, Channel = RecordChannel.Desk, WorkerId = id };
        if (await Service.Core.Writer.SubmitAsync(act) is not ActResult.Accepted) return null;
        // Whatever earlier day the officer names, it counts from when they say so.
        oracle.Handed(item, _walk.Rules.DateOf(Now));
        return $"a letter with {item} was recorded as arrived on {day:uuuu-MM-dd}";
    }

    async Task<string?> OutageAsync(int one, int two)
    {
        var day = _walk.Rules.DateOf(Now).PlusDays(-(one % 12));
        if (Days.Outages.Contains(day)) return null;
        var text = IsoDate.Write(day)!;
        await OutageCommand.RecordAsync(Service.Core, text, text, "SMS did not arrive", Now);
        await Service.Core.CurrentRules.RefreshAsync(Service.Core.Database);
        await OutagesAsync();
        if (two % 2 == 0) await TimersAsync();
        return $"{text} was recorded as an outage";
    }

    async Task<string> EditAsync(int one, int two)
    {
        var today = _walk.Rules.DateOf(Now);
        // Some days off are taken back, others are added.
        var off = Days.Off.Where((_, i) => (two + i) % 3 > 0).ToHashSet();
        for (var i = 0; i < one % 4; i++)
        {
            var day = today.PlusDays((two * (i + 1) % 40) - 8);
            if (OracleDays.IsOrdinary(day)) off.Add(day);
        }

        var next = Days with { Off = off, Every = (one % 5) switch { 0 => 45, 1 => 20, _ => 30 }, Working = (two % 5) switch { 0 => 7, 1 => 14, _ => 10 }, Silence = (one % 7) switch { 0 => 5, 1 => 2, _ => 3 } };
        _rules.Write([.. off.Select(d => IsoDate.Write(d)!)], next.Every, next.Working, next.Silence);
        _days.Add(next);
        await Service.RestartAsync();
        if (two % 2 == 0) await TimersAsync();
        return string.Create(CultureInfo.InvariantCulture, $"the rules were edited: off {string.Join(' ', off.Order().Select(d => IsoDate.Write(d)))}, confirm every {next.Every} days, {next.Working} working days to answer and appeal, {next.Silence} of silence");
    }

    async Task StepAsync(bool byTheClock)
    {
        foreach (var (worker, oracle) in _workers)
        {
            var messages = (await _gateway.MessagesAsync(worker.Worker.Id)).Select(m => new SeenMessage(
                m.Id, m.ActNumber, m.Kind, Instant.FromUnixTimeMilliseconds(m.CreatedAt), m.Body, m.ReplyCode, m.RemindsOf is not null)).ToList();
            oracle.After(await SeenAsync(worker.Worker.Id), messages, Now, byTheClock);
        }
    }

    async Task<Seen> SeenAsync(long worker)
    {
        await using var connection = await Service.Core.Database.OpenAsync();
        var (standing, residence, last, due, departure) = await connection.QuerySingleAsync<(int, string?, string?, string?, string?)>(
            "select standing, residence_number, last_told, next_deadline, departure_number from register_entry where worker_id = @worker", new { worker });
        var acts = (await connection.QueryAsync<StoredAct>($"select {StoredAct.Columns} from act where worker_id = @worker order by log, leaf", new { worker }))
            .Select(a => (a, Record: Record.Decode(a.Record)))
            .Select(a => new SeenAct(a.a.Number, a.Record.Kind, Instant.FromUnixTimeMilliseconds(a.a.GivenAt), a.a.Channel, a.Record.Particulars)).ToList();
        var found = await connection.QuerySingleOrDefaultAsync<(string Number, string Ground, long At, string? Due, int Stage, string? Decision)?>(
            "select act_number, ground, opened_at, due, stage, decision_act from case_file where worker_id = @worker order by id desc limit 1", new { worker });
        var floors = (await connection.QueryAsync<(string Act, string Until)>("select act_number, until_day from told_until where worker_id = @worker", new { worker })).ToDictionary(r => r.Act, r => r.Until);
        var newest = found is var (number, ground, at, caseDue, stage, decision) ? new SeenCase(number, ground == "silence", Instant.FromUnixTimeMilliseconds(at), caseDue, stage, decision) : null;
        return new Seen(new SeenEntry(standing, residence, last, due, departure), acts, newest, floors);
    }

    void Count()
    {
        lock (Counted)
        {
            foreach (var sentence in _sentences)
            {
                var what = string.Join(' ', sentence.Split(": ", 2)[1].Split(' ').Take(2).Where(w => !w.Any(char.IsDigit)));
                Counted[what] = Counted.GetValueOrDefault(what) + 1;
            }

            Counted["dates told"] = Counted.GetValueOrDefault("dates told") + _workers.Sum(w => w.Oracle.Told);
        }
    }

    public ValueTask DisposeAsync() => Service.DisposeAsync();
}
