using Dapper;
using Manzil.Deadlines;
using Manzil.Layout;
using Manzil.Messages;
using Manzil.Notices;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Cases.Mine;

/// <summary>A file that came with an answer or an appeal.</summary>
public sealed record CaseDocument
{
    public long Id { get; init; }
    public long CaseId { get; init; }
    public string ActNumber { get; init; } = "";
    public string Name { get; init; } = "";
    public string MediaType { get; init; } = "";
    public long Bytes { get; init; }
}

/// <summary>One act of a case: what, by whom, what it says, and whether the worker was told of it.</summary>
public sealed record CaseEntry(Instant At, StatementKind Kind, string Number, Record Record)
{
    public IReadOnlyList<CaseDocument> Documents { get; init; } = [];

    public IReadOnlyList<Message> Messages { get; init; } = [];
}

/// <summary>A case from its opening to its end, as its worker sees it.</summary>
public sealed record CaseStory(CaseFile File, bool IsOpen, IReadOnlyList<CaseEntry> Entries);

/// <summary>Reads a worker's cases whole: every act with its reason, messages and files, the newest case first.</summary>
public sealed class CaseStories(Database database)
{
    /// <param name="only">The one case to read; null for all.</param>
    public async Task<IReadOnlyList<CaseStory>> ReadAsync(Worker worker, long? only = null)
    {
        await using var connection = await database.OpenAsync();
        var of = new { worker.Id };
        var files = (await connection.QueryAsync<CaseFile>($"select {CaseFile.Columns} from case_file where worker_id = @Id order by id", of)).ToList();
        if (files.Count == 0) return [];
        var acts = (await connection.QueryAsync<StoredAct>($"select {StoredAct.Columns} from act where worker_id = @Id and given_at >= @from order by given_at, log, leaf", new { worker.Id, from = files[0].OpenedAt }))
            // What was given in the very moment before it is no part of the case.
            .SkipWhile(a => a.Number != files[0].Number)
            .Select(a => new CaseEntry(Instant.FromUnixTimeMilliseconds(a.GivenAt), (StatementKind)a.Kind, a.Number, Record.Decode(a.Record)))
            // A receipt issued anew states again what the case has already.
            .Where(e => ReissueReceipt.FirstGivenOf(e.Record) is null).ToList();
        var documents = (await connection.QueryAsync<CaseDocument>(
            "select id, case_id as CaseId, act_number as ActNumber, name, media_type as MediaType, length(content) as Bytes from attachment where worker_id = @Id order by id",
            of)).ToLookup(d => d.ActNumber);
        var messages = (await Outbox.OfAsync(database, worker.Id, int.MaxValue)).ToLookup(m => m.ActNumber);

        var isOpen = worker.Entry.Standing is Standing.UnderReview or Standing.RemovalPending or Standing.Removed;
        var stories = new List<CaseStory>();
        for (var i = 0; i < files.Count; i++)
        {
            var file = files[i];
            if (only is { } id && file.Id != id) continue;
            var next = i + 1 < files.Count ? Instant.FromUnixTimeMilliseconds(files[i + 1].OpenedAt) : (Instant?)null;
            var entries = OfCase(file, acts, next).Select(e => e with { Documents = [.. documents[e.Number]], Messages = [.. messages[e.Number]] });
            stories.Add(new CaseStory(file, isOpen && next is null, [.. entries]));
        }

        stories.Reverse();
        return stories;
    }

    /// <summary>A file's bytes, for its worker; null where they have no such file.</summary>
    public async Task<(CaseDocument Document, byte[] Content)?> FindDocumentAsync(long worker, long id)
    {
        await using var connection = await database.OpenAsync();
        var found = await connection.QuerySingleOrDefaultAsync<CaseDocument>(
            "select id, case_id as CaseId, act_number as ActNumber, name, media_type as MediaType, length(content) as Bytes from attachment where id = @id and worker_id = @worker",
            new { id, worker });
        if (found is null) return null;
        return (found, (await connection.ExecuteScalarAsync<byte[]>("select content from attachment where id = @id and worker_id = @worker", new { id, worker }))!);
    }

    /// <summary>Acts that name the case, and the notices given while it was open.</summary>
    static IEnumerable<CaseEntry> OfCase(CaseFile file, List<CaseEntry> acts, Instant? next)
    {
        var opened = Instant.FromUnixTimeMilliseconds(file.OpenedAt);
        var isClosed = false;
        foreach (var act in acts)
        {
            if (act.At < opened) continue;
            var isOfCase = act.Number == file.Number || act.Record.Particulars.GetValueOrDefault("case") == file.Number;
            var isNotice = act.Kind is StatementKind.Residence or StatementKind.Confirmation or StatementKind.Departure or StatementKind.Correction or StatementKind.Withdrawal;
            // A reinstatement, or an appeal against a removal, may come long after.
            if (!isOfCase && (isClosed || !isNotice || (next is { } n && act.At >= n))) continue;
            yield return act;
            if (act.Record.Particulars.ContainsKey(GiveNotice.Closes) || (isOfCase && act.Kind is StatementKind.CaseClosed or StatementKind.Reinstated)) isClosed = true;
            if (isOfCase && act.Record.Particulars.GetValueOrDefault("outcome") == "for-worker") isClosed = true;
        }
    }
}

/// <summary>The words of an entry: the same on the page, for a helper, and in the copy that the worker takes away.</summary>
public sealed class CaseWording(CurrentRules current)
{
    public string When(Instant at, Texts t) => Dates.InWords(at, current.Now.Zone, t.Lang);

    /// <summary>A role, the officer's own centre and a number, never a name; "you" for the worker, unless a helper reads it.</summary>
    public string Who(Record record, Texts t, bool forHelper)
    {
        if (OfficersOwn.InWords(record, current.Now, t) is { } officer) return officer;
        if (record.Particulars.GetValueOrDefault("by") == "helper") return t["case.by-helper"];
        return record.Kind switch
        {
            _ when Unfounded.IsOfMessage(record) => t["case.by-service-message"],
            StatementKind.CaseOpened or StatementKind.CaseClosed or StatementKind.Reinstated or StatementKind.StepsUndone => t["case.by-service"],
            _ => t[forHelper ? "case.by-worker" : "case.by-you"],
        };
    }

    public IEnumerable<(string Label, string Value)> Facts(Record record, Texts t) => CaseReceipt.Facts(record, current.Now, t).Concat(DetailsReceipt.Delivery(record, t));

    /// <summary>What became of a message, and by which way it went.</summary>
    public string Told(Message message, Texts t)
    {
        var to = t["case.told", ("channel", t[$"account.channel-{message.ChannelKind}"]), ("address", new Channel(0, message.ChannelKind, message.Address).Masked)];
        string At(long at) => When(Instant.FromUnixTimeMilliseconds(at), t);
        var way = message switch
        {
            { BouncedAt: not null } => t["messages.bounced"],
            { ArrivedAt: { } arrived } => t["messages.arrived", ("date", At(arrived))],
            { DeliveredAt: { } delivered } => t["messages.arrived", ("date", At(delivered))],
            { FailedAt: not null } => t["messages.failed"],
            { SentAt: { } sent } => t[message.ChannelKind == "sms" ? "messages.sent-sms" : "messages.sent-email", ("date", At(sent))],
            _ => t["messages.waiting"],
        };
        return $"{to} {way}";
    }

    public string LookedBy(Staff.Look look, Texts t) =>
        look.Helper is { } name ? t["looks.by-helper", ("name", name)]
        : OfficersOwn.InWords(look.Role, look.Office, look.StaffNumber ?? "", current.Now, t);
}
