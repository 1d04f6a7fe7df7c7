using Dapper;
using Manzil.Layout;
using Manzil.Notices;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using Manzil.Staff;
using NodaTime;

namespace Manzil.Cases.Desk;

/// <summary>One thing that happened: what, by whom, and what it said where that may be read without opening it.</summary>
public sealed record TimelineEntry(Instant At, string Heading)
{
    public string? Who { get; init; }

    public string? Number { get; init; }

    public IReadOnlyList<(string Label, string Value)> Facts { get; init; } = [];

    /// <summary>A reason or the facts, as an officer wrote them; of an answer only what was opened in this sitting.</summary>
    public string? Text { get; init; }

    /// <summary>True for what the worker said: it is read on a page of its own, after a look.</summary>
    public bool IsAnswer { get; init; }

    public bool IsOpened { get; init; }

    public IReadOnlyList<TimelineDocument> Documents { get; init; } = [];

    /// <summary>Whom it was told to, and whether that arrived.</summary>
    public IReadOnlyList<string> Told { get; init; } = [];
}

public sealed record TimelineDocument(long Id, string Label, bool IsOpened);

/// <summary>All that a file holds, newest first: what decides is recent, and the way back leads down.</summary>
public sealed class Timeline(Database database, Looks looks)
{
    sealed record MessageRow
    {
        public string? ActNumber { get; init; }
        public string ChannelKind { get; init; } = "";
        public string Address { get; init; } = "";
        public string? RemindsOf { get; init; }
        public long CreatedAt { get; init; }
        public long? SentAt { get; init; }
        public long? DeliveredAt { get; init; }
        public long? FailedAt { get; init; }
        public long? BouncedAt { get; init; }
    }

    sealed record DocumentRow
    {
        public long Id { get; init; }
        public string ActNumber { get; init; } = "";
        public string Name { get; init; } = "";
        public string MediaType { get; init; } = "";
        public long Bytes { get; init; }
    }

    public async Task<IReadOnlyList<TimelineEntry>> ReadAsync(DeskFile file, Texts t)
    {
        await using var connection = await database.OpenAsync();
        var worker = new { file.File.WorkerId };
        var acts = await connection.QueryAsync<StoredAct>($"select {StoredAct.Columns} from act where worker_id = @WorkerId order by given_at, log, leaf", worker);
        var messages = (await connection.QueryAsync<MessageRow>(
            """
            select act_number as ActNumber, channel_kind as ChannelKind, address, reminds_of as RemindsOf, created_at as CreatedAt, sent_at as SentAt,
                   delivered_at as DeliveredAt, failed_at as FailedAt, bounced_at as BouncedAt
            from message where worker_id = @WorkerId order by id
            """,
            worker)).ToLookup(m => m.ActNumber);
        var documents = (await connection.QueryAsync<DocumentRow>(
            "select id, act_number as ActNumber, name, media_type as MediaType, length(content) as Bytes from attachment where worker_id = @WorkerId order by id",
            worker)).ToLookup(d => d.ActNumber);
        var entries = new List<TimelineEntry>();
        foreach (var act in acts)
        {
            entries.Add(OfAct(act, file, t) with
            {
                Told = [.. messages[act.Number].Select(m => Told(m, file.Rules, t))],
                Documents = [.. documents[act.Number].Select((d, i) => Document(d, i + 1, file, t))],
            });
        }

        // What belongs to no act: reminders, and codes, whose words nobody but the worker needs.
        entries.AddRange(messages[null].Select(m => new TimelineEntry(
            Instant.FromUnixTimeMilliseconds(m.CreatedAt),
            IsoDate.Read(m.RemindsOf) is { } due ? t["desk.timeline.reminder", ("date", due)] : t["desk.timeline.message"])
        {
            Who = t["desk.by.service"],
            Told = [Told(m, file.Rules, t)],
        }));
        entries.AddRange((await looks.OfAsync(file.File.WorkerId)).Reverse().Select(l => OfLook(l, t)));
        // Ids and log places follow time, so a stable sort keeps the order of what happened in one moment.
        return [.. entries.OrderBy(e => e.At).Reverse()];
    }

    static TimelineEntry OfAct(StoredAct act, DeskFile file, Texts t)
    {
        var record = Record.Decode(act.Record);
        var isAgain = ReissueReceipt.FirstGivenOf(record) is not null;
        var isAnswer = !isAgain && file.IsAnswer(record.Kind, act.GivenAt);
        var isOpened = isAnswer && file.IsOpened(Looks.Answer, act.Number);
        return new TimelineEntry(Instant.FromUnixTimeMilliseconds(act.GivenAt), t[$"kind.{record.Kind.Name()}"])
        {
            Number = act.Number,
            Who = ActWords.Who(record, t),
            // What it states stands with the act that it states again, which may wait to be opened. That it came in time says nothing of what it says.
            Facts = isAgain ? ActWords.Again(record, file.Rules, t) : isAnswer && !isOpened ? [.. ReceiptFacts.OfNotice(record, file.Rules, t)] : ActWords.Facts(record, file.Rules, t),
            Text = isAgain || (isAnswer && !isOpened) ? null : record.Reason,
            IsAnswer = isAnswer,
            IsOpened = isOpened,
        };
    }

    static TimelineEntry OfLook(Look look, Texts t) => new(look.At, t[$"desk.look.{look.What}"])
    {
        Who = look.Helper is not null ? t["desk.by.helper"] : t["desk.by.role", ("role", t[$"desk.role.{look.Role}"]), ("office", look.Office ?? "")],
        Number = look.What == Looks.Answer ? look.Item : null,
        // A helper's is the worker's leave, kept in the worker's language; what it allows stands at the entry that gave it.
        Text = look.Helper is null ? look.Reason : null,
    };

    static TimelineDocument Document(DocumentRow row, int number, DeskFile file, Texts t)
    {
        var opened = file.IsOpened(Looks.Document, row.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        // What somebody called a file may tell what it says.
        var label = t["desk.document.label", ("number", number), ("type", t[$"desk.document.{row.MediaType[(row.MediaType.IndexOf('/', StringComparison.Ordinal) + 1)..]}"]), ("size", Math.Max(1, (int)(row.Bytes / 1024)))];
        return new TimelineDocument(row.Id, opened ? $"{label}: {row.Name}" : label, opened);
    }

    static string Told(MessageRow message, Jurisdiction rules, Texts t)
    {
        var to = new Channel(0, message.ChannelKind, message.Address).Masked;
        var channel = t[$"account.channel-{message.ChannelKind}"];
        string At(long at) => Dates.InWords(Instant.FromUnixTimeMilliseconds(at), rules.Zone, t.Lang);
        return message switch
        {
            { BouncedAt: { } at } => t["desk.told.bounced", ("channel", channel), ("to", to), ("date", At(at))],
            { DeliveredAt: { } at } => t["desk.told.delivered", ("channel", channel), ("to", to), ("date", At(at))],
            { FailedAt: { } at } => t["desk.told.failed", ("channel", channel), ("to", to), ("date", At(at))],
            { SentAt: { } at } => t["desk.told.sent", ("channel", channel), ("to", to), ("date", At(at))],
            _ => t["desk.told.waiting", ("channel", channel), ("to", to)],
        };
    }
}
