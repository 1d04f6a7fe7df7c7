namespace Manzil.Privacy;

public static partial class Inventory
{
    /// <summary>What an act's row keeps when its worker is erased; the rest is blanked.</summary>
    public static IReadOnlyList<string> StaysOfAct { get; } = ["log", "leaf", "number", "kind", "given_at", "channel"];

    static IEnumerable<KeptTable> Workers() =>
    [
        Table("worker", Keeping.File, "id = @worker", null, ["id", "card_number", "name", "language", "office", "enrolled_at", "card_lost_at"]),
        Table("document", Keeping.File, OfWorker, null, ["id", "worker_id", "state", "number", "birth_date", "stretched", "recorded_at"]),
        Table("channel", Keeping.File, OfWorker, null, ["id", "worker_id", "kind", "address", "confirmed_at", "removed_at", "mark", "not_mine_at"]),
        Table("register_entry", Keeping.File, OfWorker, null,
            ["worker_id", "standing", "office", "registered_on", "residence_number", "residence_from", "last_told", "next_deadline", "departure_number", "departure_on", "departure_told",
            "reminded"]),
        Table("act", Keeping.File, OfWorker, null,
            ["number", "worker_id", "kind", "given_at", "effective_from", "next_deadline", "replaces", "channel", "idempotency_key", "content_hash", "statement", "record"], "log", "leaf"),
        Table("reissue", Keeping.File, OfWorker, null, ["act_number", "worker_id", "first_act"]),
        Table("message", Keeping.Messages, OfWorker, null,
            ["id", "worker_id", "act_number", "channel_kind", "address", "language", "subject", "body", "created_at", "sent_at", "reminds_of", "delivered_at", "attempts", "next_attempt_at",
            "failed_at", "failure", "bounced_at", "reply_code", "arrived_at", "opened_at", "status_at", "holds_code"]),
        Table("message_code", Keeping.Day, "message_id in (select id from message where worker_id = @worker)", "expires_at < @day", ["message_id", "expires_at"]),
        Table("incoming_sms", Keeping.Messages, OfWorker, "received_at < @messages", ["gateway_id", "worker_id", "act_number", "received_at"]),
        Table("look", Keeping.Looks, OfWorker, null, ["id", "worker_id", "staff_number", "role", "office", "helper", "what", "item", "reason", "looked_at", "keep_until"]),
    ];

    static IEnumerable<KeptTable> WayIn() =>
    [
        Table("activation_code", Keeping.AfterEnd, OfWorker, "coalesce(used_at, expires_at) < @month", ["worker_id", "salt", "hash", "expires_at", "used_at", "mark"]),
        Table("one_time_code", Keeping.Day, OfWorker, "expires_at < @now", ["worker_id", "purpose", "salt", "hash", "expires_at", "attempts_left"]),
        Table("recovery_code", Keeping.File, OfWorker, null, ["worker_id", "number", "salt", "hash", "made_at", "used_at", "mark"]),
        Table("back_in_try", Keeping.Day, OfWorker, "expires_at < @now", ["token_hash", "worker_id", "salt", "hash", "expires_at", "attempts_left"]),
        Table("session", Keeping.UntilEnd, OfWorker, "expires_at < @now", ["token_hash", "worker_id", "kind", "created_at", "last_used_at", "expires_at", "fresh_until", "begun_by"]),
        Table("session_key", Keeping.UntilEnd, "token_hash in (select token_hash from session where worker_id = @worker)", null, ["token_hash", "public_key", "recorded_at"]),
        Table("passkey", Keeping.File, OfWorker, null, ["credential_id", "worker_id", "data", "created_at", "last_used_at"]),
        Table("passkey_challenge", Keeping.Minutes, null, "expires_at < @now", ["id_hash", "state", "expires_at"]),
        Table("sms_try", Keeping.Day, null, "day < @yesterday", ["address", "day", "tries"]),
        Table("draft", Keeping.Day, null, "saved_at < @day", ["owner", "path", "content", "saved_at"]),
        Table("code_count", Keeping.Day, null, "first_at < @day", ["address_hash", "purpose", "first_at", "sent"]),
    ];
}
