using System.Data.Common;
using System.IO.Compression;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Dapper;
using Manzil.Cases.Mine;
using Manzil.Deadlines;
using Manzil.Layout;
using Manzil.Messages;
using Manzil.Notices;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Staff;
using NodaTime;

namespace Manzil.SignIn;

/// <summary>All that is kept about one worker, for that worker: every row, and every receipt.</summary>
public sealed class Export(Database database, NoticeBook notices, ReceiptFiles receipts, CaseStories stories, CaseWording wording, Looks looks, CurrentRules current)
{
    /// <summary>A table with rows about workers: what of it is written out, and what is not and why.</summary>
    public sealed record Part(string Table, string Owner, string[] Columns, string[] LeftOut);

    /// <summary>Every table that has rows of a worker; a test compares them with the inventory, column by column.</summary>
    public static IReadOnlyList<Part> Parts { get; } =
    [
        new("worker", "id", ["id", "card_number", "name", "language", "office", "enrolled_at", "card_lost_at"], []),
        // stretched: a key of the receipts' check, made from the columns beside it.
        new("document", "worker_id", ["id", "worker_id", "state", "number", "birth_date", "recorded_at"], ["stretched"]),
        // mark: what ends a channel, and hidden in the messages too.
        new("channel", "worker_id", ["id", "worker_id", "kind", "address", "confirmed_at", "removed_at", "not_mine_at"], ["mark"]),
        new("register_entry", "worker_id", ["worker_id", "standing", "office", "registered_on", "residence_number", "residence_from", "last_told", "next_deadline", "departure_number", "departure_on", "departure_told", "reminded"], []),
        // statement and record stand in the receipts; content_hash is a fingerprint of what was sent.
        new("act", "worker_id", ["log", "leaf", "number", "worker_id", "kind", "given_at", "effective_from", "next_deadline", "replaces", "channel", "idempotency_key"], ["content_hash", "statement", "record"]),
        new("message", "worker_id", ["id", "worker_id", "act_number", "channel_kind", "address", "language", "subject", "body", "created_at", "sent_at", "reminds_of", "delivered_at", "attempts", "next_attempt_at", "failed_at", "failure", "bounced_at", "reply_code", "arrived_at", "opened_at", "status_at", "holds_code"], []),
        new("incoming_sms", "worker_id", ["gateway_id", "worker_id", "act_number", "received_at"], []),
        new("case_file", "worker_id", ["id", "worker_id", "ground", "act_number", "opened_at", "due", "reminded_at", "stage", "opened_by", "reason", "step_left", "proposed_by", "proposed_act", "agreed_by", "agreed_act", "decision_act", "appeal_act", "closed_act", "closed_at"], []),
        // The files themselves stand in the copy's folder of files.
        new("attachment", "worker_id", ["id", "worker_id", "case_id", "act_number", "name", "media_type", "sha256", "added_at", "by_helper"], ["content"]),
        new("case_move", "(select c.worker_id from case_file c where c.id = case_id)", ["id", "case_id", "from_stage", "to_stage"], []),
        new("appeal_decision", "(select c.worker_id from case_file c where c.id = case_id)", ["act_number", "case_id", "appeal_act", "decided_by", "reversed", "decided_at"], []),
        new("told_until", "worker_id", ["act_number", "worker_id", "counted_from", "until_day"], []),
        new("handed_over", "worker_id", ["act_number", "worker_id", "how", "day", "staff_number", "recorded_at"], []),
        new("act_opened", "worker_id", ["act_number", "worker_id", "opened_at"], []),
        new("reached", "worker_id", ["act_number", "worker_id", "due", "how", "staff_number", "recorded_at"], []),
        new("reissue", "worker_id", ["act_number", "worker_id", "first_act"], []),
        new("removal", "worker_id", ["act_number", "worker_id", "case_id", "proposed_by", "agreed_by", "put_in_effect_by", "told_on", "window_until", "in_effect_on", "undone_act"], []),
        new("look", "worker_id", ["id", "worker_id", "staff_number", "role", "office", "helper", "what", "item", "reason", "looked_at", "keep_until"], []),
        // code_hash: what would let somebody in.
        new("helper_grant", "worker_id", ["id", "worker_id", "act_number", "name", "scope", "case_id", "given_at", "expires_at", "entered_at", "withdrawn_act", "withdrawn_at"], ["code_hash"]),
        new("helper_session", "(select g.worker_id from helper_grant g where g.id = grant_id)", ["grant_id", "created_at"], ["token_hash"]),
        new("message_code", "(select m.worker_id from message m where m.id = message_id)", ["message_id", "expires_at"], []),
        // What would help a thief of this copy: codes, tokens and keys, also as hashes.
        new("activation_code", "worker_id", ["worker_id", "expires_at", "used_at"], ["salt", "hash", "mark"]),
        new("one_time_code", "worker_id", ["worker_id", "purpose", "expires_at", "attempts_left"], ["salt", "hash"]),
        new("recovery_code", "worker_id", ["worker_id", "number", "made_at", "used_at"], ["salt", "hash", "mark"]),
        new("back_in_try", "worker_id", ["worker_id", "expires_at", "attempts_left"], ["token_hash", "salt", "hash"]),
        new("session", "worker_id", ["worker_id", "kind", "created_at", "last_used_at", "expires_at", "fresh_until", "begun_by"], ["token_hash"]),
        new("session_key", "(select s.worker_id from session s where s.token_hash = session_key.token_hash)", ["recorded_at"], ["token_hash", "public_key"]),
        new("passkey", "worker_id", ["worker_id", "created_at", "last_used_at"], ["credential_id", "data"]),
    ];

    // A file to be read, never part of a page: a plus sign may stand as it is.
    static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public async Task<byte[]> ZipAsync(Worker of, Texts texts)
    {
        var worker = of.Id;
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            await AddAsync(zip, "everything.json", JsonSerializer.SerializeToUtf8Bytes(await RowsAsync(worker), Json));
            var acts = await notices.ListAsync(worker);
            var cases = await stories.ReadAsync(of);
            var receiptsOf = new List<(string, IReadOnlyList<(string, string)>)>();
            foreach (var act in acts)
            {
                var record = Record.Decode(act.Record);
                receiptsOf.Add((act.Number, ReceiptFacts.Of(record, current.Now, texts, await receipts.ConfirmedAsync(record))));
            }

            await AddAsync(zip, "index.html", Encoding.UTF8.GetBytes(CaseIndex.Html(
                of.Name, notices.Today, cases, receiptsOf, await looks.OfAsync(worker), wording, texts)));
            foreach (var document in cases.SelectMany(c => c.Entries).SelectMany(e => e.Documents))
            {
                if (await stories.FindDocumentAsync(worker, document.Id) is { } found) await AddAsync(zip, CaseIndex.PathOf(document), found.Content);
            }

            foreach (var act in acts)
                await AddAsync(zip, $"receipts/{act.Number}.zip", await receipts.ZipAsync(await notices.ReceiptAsync(act), texts));
        }

        return bytes.ToArray();
    }

    async Task<Dictionary<string, List<Dictionary<string, object?>>>> RowsAsync(long worker)
    {
        await using var connection = await database.OpenAsync();
        var tables = new Dictionary<string, List<Dictionary<string, object?>>>();
        foreach (var part in Parts) tables[part.Table] = await RowsAsync(connection, part, worker);
        var hide = await Outbox.HidingMarksAsync(connection, worker);
        foreach (var message in tables["message"]) message["body"] = hide((string)message["body"]!);
        return tables;
    }

    static async Task<List<Dictionary<string, object?>>> RowsAsync(DbConnection connection, Part part, long worker)
    {
        // Names from the list above only; a column such as "number" is quoted for both engines.
        var columns = string.Join(", ", part.Columns.Select(c => $"\"{c}\""));
        await using var reader = await connection.ExecuteReaderAsync($"select {columns} from {part.Table} where {part.Owner} = @worker", new { worker });
        var rows = new List<Dictionary<string, object?>>();
        while (await reader.ReadAsync())
        {
            var row = new Dictionary<string, object?>();
            for (var i = 0; i < part.Columns.Length; i++) row[part.Columns[i]] = Said(part.Columns[i], await reader.IsDBNullAsync(i) ? null : reader.GetValue(i));
            rows.Add(row);
        }

        return rows;
    }

    static object? Said(string column, object? value) =>
        value is long at && (column.EndsWith("_at", StringComparison.Ordinal) || column.EndsWith("_until", StringComparison.Ordinal))
            ? Instant.FromUnixTimeMilliseconds(at).ToString()
            : value;

    static async Task AddAsync(ZipArchive zip, string name, byte[] content)
    {
        await using var entry = await zip.CreateEntry(name).OpenAsync();
        await entry.WriteAsync(content);
    }
}
