'use strict';
// Rules 6, 7, 9 to 14 and 16: what officers and timers may do, and what they may see.
const rules = 'src/Manzil.Rules/CaseRules.cs';
const queue = 'src/Manzil/Cases/Desk/Queue.cs';
const queuePage = 'src/Manzil/Cases/Desk/QueuePage.cshtml';
const act = 'src/Manzil/Cases/Desk/ActPage.cshtml.cs';
const looks = 'src/Manzil/Staff/Looks.cs';
const silent = 'src/Manzil/Cases/OpenSilentCases.cs';
const reminders = 'src/Manzil/Deadlines/SendReminders.cs';
const heartbeats = 'src/Manzil/Deadlines/Heartbeats.cs';
const figures = 'src/Manzil/Status/StatusFigures.cs';
const searches = 'src/Manzil/Cases/Desk/Searches.cs';
const reach = 'src/Manzil/Registrations/ToBeReached.cs';
const eachEngine = sql => ['sqlite', 'postgres'].map(engine => ({ file: `src/Manzil/Register/Schema/${engine}/900-plant.sql`, add: sql }));
const trigger = (name, table) => [
  { file: 'src/Manzil/Register/Schema/sqlite/900-plant.sql', add: `drop trigger ${name};\n` },
  { file: 'src/Manzil/Register/Schema/postgres/900-plant.sql', add: `drop trigger ${name} on ${table};\n` },
];
// In the middle of a timed step that runs each day.
const eachDay = sql => [{
  file: heartbeats, find: '        await MarkAsync(connection, null, now);\n',
  plant: `        await MarkAsync(connection, null, now);\n        await connection.ExecuteAsync("""${sql}""", new { old = (now - Duration.FromDays(180)).ToUnixTimeMilliseconds() });\n`,
}];
module.exports = [
  {
    rule: 6, name: 'an index begins with the state that issued the document',
    edits: eachEngine('create index document_by_origin on document (state, recorded_at);\n'),
  },
  {
    rule: 6, name: 'the queue knows the state of each worker and groups by it in C#',
    edits: [
      { file: queue, find: 'select c.id, c.act_number as Number, c.stage,', plant: "select c.id, (select d.state from document d where d.worker_id = c.worker_id order by d.id desc limit 1) as State, c.act_number as Number, c.stage," },
      { file: queue, find: '        public int Stage { get; init; }', plant: '        public string? State { get; init; }\n        public int Stage { get; init; }' },
      { file: queue, find: '        rows.Sort((one, other) => order.Compare(one.At, other.At));', plant: '        rows = [.. rows.OrderBy(r => r.At.Left).ThenBy(r => r.Row.OpenedAt / 86_400_000).ThenBy(r => r.Row.State, StringComparer.Ordinal)];' },
    ],
  },
  {
    rule: 6, name: 'the public figures count acts by a fingerprint of the whole document',
    edits: [{
      file: figures, find: '        foreach (var (kind, count) in acts) _acts[kind]',
      plant: '        foreach (var d in await connection.QueryAsync("select * from document")) _acts[1000 + (((string)((IDictionary<string, object>)d)["state"])[0] % 7)] = 1;\n        foreach (var (kind, count) in acts) _acts[kind]',
    }],
  },
  {
    rule: 7, name: 'a search takes the beginning of a card number',
    edits: [{ file: searches, find: '"select id from worker where card_number = @card", new { card = CardNumber.Read(typed) ?? "" });', plant: '"select id from worker where card_number like @card order by id limit 1", new { card = (CardNumber.Read(typed) ?? "") + "%" });' }],
  },
  {
    rule: 7, name: 'a route lists everybody with a name',
    edits: [{
      file: 'src/Manzil/Status/HealthPages.cs', find: '        app.MapMethods("/health/live"',
      plant: '        app.MapGet("/health/people", async (Database database) =>\n        {\n            await using var connection = await database.OpenAsync();\n            return Results.Json(await connection.QueryAsync<string>("select name from worker"));\n        });\n        app.MapMethods("/health/live"',
    }],
  },
  {
    rule: 7, name: 'an officer may search as often as they like',
    edits: [{ file: searches, find: 'new { staff.Number }) <= AnHour;', plant: 'new { staff.Number }) <= AnHour * 1000;' }],
  },
  {
    rule: 9, name: 'the system may put a removal in effect',
    edits: [{ file: rules, find: 'new(CaseAct.PutInEffect, [CaseStage.RemovalPending], CaseStage.Removed, Staff, Caseworker)', plant: 'new(CaseAct.PutInEffect, [CaseStage.RemovalPending], CaseStage.Removed, [ActorKind.Staff, ActorKind.System], Caseworker)' }],
  },
  {
    rule: 9, name: 'the database lets a standing fall without two officers',
    edits: trigger('register_entry_moves', 'register_entry'),
  },
  {
    rule: 9, name: 'a timed step opens a case that nobody asked for, past the acts',
    edits: [{
      file: reminders, find: '        var reminded = 0;\n        foreach',
      plant: `        await using (var connection = await database.OpenAsync())\n            await Dapper.SqlMapper.ExecuteAsync(connection, "update register_entry set standing = 2 where standing = 1 and next_deadline < @late", new { late = IsoDate.Write(local.Date.PlusDays(-20)) });\n        var reminded = 0;\n        foreach`,
    }],
  },
  { rule: 10, name: 'a timed step marks the card of the silent as lost', edits: eachDay('update worker set card_lost_at = @old where card_lost_at is null and id in (select worker_id from register_entry where next_deadline is not null) and enrolled_at < @old') },
  { rule: 10, name: 'a timed step removes the channels of the silent', edits: eachDay('update channel set removed_at = @old where removed_at is null and confirmed_at < @old') },
  { rule: 10, name: 'a timed step forgets the residence of the silent', edits: eachDay("update register_entry set residence_from = null where standing = 2 and worker_id in (select worker_id from case_file where opened_at < @old)") },
  {
    rule: 11, name: 'the queue is ordered by the birth date',
    edits: [
      { file: queue, find: 'select c.id, c.act_number as Number, c.stage,', plant: "select c.id, (select max(d.birth_date) from document d where d.worker_id = c.worker_id) as Born, c.act_number as Number, c.stage," },
      { file: queue, find: '        public int Stage { get; init; }', plant: '        public string? Born { get; init; }\n        public int Stage { get; init; }' },
      { file: queue, find: '        rows.Sort((one, other) => order.Compare(one.At, other.At));', plant: '        rows = [.. rows.OrderBy(r => r.At.Left).ThenBy(r => r.Row.OpenedAt / 86_400_000).ThenBy(r => r.Row.Born, StringComparer.Ordinal)];' },
    ],
  },
  {
    rule: 11, name: 'the list of those to be reached puts those with a phone first',
    edits: [{ file: reach, find: 'order by r.next_deadline, r.worker_id limit @limit', plant: "order by r.next_deadline, (select count(*) from channel c where c.worker_id = r.worker_id and c.kind = 'sms') desc, r.worker_id limit @limit" }],
  },
  {
    rule: 11, name: 'the queue marks whoever has answered late before',
    edits: [{ file: queuePage, find: '<tr>\n                    <th scope="row">', plant: '<tr data-mark="@(queued.Number.GetHashCode(StringComparison.Ordinal) % 5)">\n                    <th scope="row">' }],
  },
  {
    rule: 12, name: 'the second officer finds a reason filled in',
    edits: [{ file: act, find: '        if (Refusal() is { } refusal) Refuse(refusal);\n        else await ShowAsync(Step.Write);\n        return Page();', plant: '        Reason ??= What.Act == CaseAct.Agree ? texts["desk.reason"] : null;\n        if (Refusal() is { } refusal) Refuse(refusal);\n        else await ShowAsync(Step.Write);\n        return Page();' }],
  },
  {
    rule: 12, name: 'the reason for a look is filled in',
    edits: [{ file: 'src/Manzil/Cases/Desk/FilePage.cshtml.cs', find: '        if (!await TryReadAsync(file)) return Page();', plant: '        Reason = texts["desk.queue.title"];\n        if (!await TryReadAsync(file)) return Page();' }],
  },
  {
    rule: 12, name: 'the proposer may agree',
    edits: [{ file: rules, find: 'actor.StaffNumber == facts.ProposedBy || actor.StaffNumber == facts.AgreedBy ? CaseRefusal.SamePerson : null;', plant: 'actor.StaffNumber == facts.AgreedBy ? CaseRefusal.SamePerson : null;' }],
  },
  {
    rule: 12, name: 'documents need not be opened',
    edits: [{ file: rules, find: 'CaseAct.Agree => IsTaken(actor, facts) ?? RefuseUnheard(facts, today, rules) ?? Unopened(words),', plant: 'CaseAct.Agree => IsTaken(actor, facts) ?? RefuseUnheard(facts, today, rules),' }],
  },
  {
    rule: 13, name: 'a proposal does not wait for the answer period',
    edits: [{ file: rules, find: 'return facts.AnswerUntil(rules) is { } until && today > until ? null : CaseRefusal.AnswerPeriodRuns;', plant: 'return facts.AnswerUntil(rules) is { } until && today >= until ? null : CaseRefusal.AnswerPeriodRuns;' }],
  },
  {
    rule: 13, name: 'a proposal needs no delivered opening',
    edits: [{ file: rules, find: 'if (facts.OpeningTold is null) return CaseRefusal.OpeningNotDelivered;', plant: 'if (facts.OpeningTold is null) return null;' }],
  },
  {
    rule: 13, name: 'the database takes a removal whose decision was not delivered',
    edits: trigger('removal_rests', 'removal'),
  },
  {
    rule: 14, name: 'a removal may be put in effect while an appeal runs',
    edits: [{ file: rules, find: 'new(CaseAct.PutInEffect, [CaseStage.RemovalPending],', plant: 'new(CaseAct.PutInEffect, [CaseStage.RemovalPending, CaseStage.Suspended],' }],
  },
  {
    rule: 14, name: 'an appeal leaves the removal pending',
    edits: [{ file: rules, find: '[CaseStage.RemovalPending, CaseStage.Removed], CaseStage.Suspended, WorkerOrHelper, Nobody)', plant: '[CaseStage.RemovalPending, CaseStage.Removed], CaseStage.RemovalPending, WorkerOrHelper, Nobody)' }],
  },
  {
    rule: 14, name: 'an appeal leaves a removal in effect',
    edits: [{ file: 'src/Manzil/Cases/AppealRemoval.cs', find: 'update removal set undone_act = @number where worker_id = @WorkerId and undone_act is null', plant: 'update removal set undone_act = @number where worker_id = @WorkerId and undone_act is null and 1 = 0' }],
  },
  {
    rule: 16, name: 'a look that cannot be written shows the file all the same',
    edits: [{ file: looks, find: '            throw new IOException($"A look was not recorded, so nothing is shown: {e.Message}", e);', plant: '            return e is null ? 0 : 1;' }],
  },
  {
    rule: 16, name: 'a document is opened without a look',
    edits: [{ file: 'src/Manzil/Cases/Desk/CaseDesk.cs', find: 'if (!file.IsOpened(what, item)) await looks.RecordAsync(', plant: 'if (!file.IsOpened(what, item) && what != Looks.Document) await looks.RecordAsync(' }],
  },
  {
    rule: 16, name: 'the person looked at does not see looks of the last day',
    edits: [{ file: looks, find: 'from look where worker_id = @worker order by id desc", new { worker });', plant: 'from look where worker_id = @worker and looked_at < @before order by id desc", new { worker, before = (clock.GetCurrentInstant() - Duration.FromDays(1)).ToUnixTimeMilliseconds() });' }],
  },
];
