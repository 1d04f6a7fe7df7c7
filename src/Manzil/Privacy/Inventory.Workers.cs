namespace Manzil.Privacy;

public static partial class Inventory
{
    /// <summary>What an act's row keeps when its worker is erased; the rest is blanked.</summary>
    public static IReadOnlyList<string> StaysOfAct { get; } = ["log", "leaf", "number", "kind", "given_at", "channel"];

    static IEnumerable<KeptTable> Workers() =>
    [
        Table("worker", Keeping.File, "who is enrolled", "id = @worker", null,
            "id: ties the worker's rows together", "card_number: signs in", "name: on receipts, in messages, in the file", "language: of pages and messages",
            "office: which centre they belong to", "enrolled_at: since when they are enrolled", "card_lost_at: so that a lost card signs nobody in"),
        Table("document", Keeping.File, "identity documents, for holder checks and for getting in without the card", OfWorker, null,
            "id: order of documents", "worker_id: whose it is", "state: part of the document's number, and nothing else", "number: the document", "birth_date: the document's holder",
            "stretched: key of the holder check on receipts", "recorded_at: which one is the newest"),
        Table("channel", Keeping.File, "phones and e-mail addresses for reminders, codes and news of a case", OfWorker, null,
            "id: names it on pages", "worker_id: whose it is", "kind: SMS or e-mail", "address: where messages go", "confirmed_at: since when it counts", "removed_at: for copies in the days after",
            "mark: by which whoever gets its messages by mistake says so", "not_mine_at: when somebody did"),
        Table("register_entry", Keeping.File, "the present state, derived from what was told and decided", OfWorker, null,
            "worker_id: whose it is", "standing: what rights rest on", "office: where they are registered", "registered_on: since when", "residence_number: the notice with the address",
            "residence_from: since when they live there", "last_told: from when the period counts", "next_deadline: by when to confirm", "departure_number: the notice of departure",
            "departure_on: when they leave", "departure_told: when every channel had been told", "reminded: how they are reminded, and whether they wait to be reached"),
        Table("act", Keeping.File, "every act: what was told or decided, its statement and its record", OfWorker, null,
            "log", "leaf", "number: on the receipt", "worker_id: whom it is about", "kind: what kind of act", "given_at: when", "effective_from: from when it counts",
            "next_deadline: what was told with it", "replaces: what it corrects", "channel: web, desk, SMS or programs", "idempotency_key: so that a repeated request counts once",
            "content_hash: the same", "statement: the signed act, for the worker's receipts", "record: its full text: address, reasons, words"),
        Table("reissue", Keeping.File, "receipts that were issued anew for a renewed document or a changed name", OfWorker, null,
            "act_number: the newer receipt", "worker_id: whose it is", "first_act: what did what it states"),
        Table("message", Keeping.Messages, "what was told, by which channel, and whether it arrived", OfWorker, null,
            "id: names it to the gateway", "worker_id: whom it tells", "act_number: of which act", "channel_kind: SMS or e-mail", "address: where it goes", "language: its language", "subject: its words", "body: its words",
            "created_at: when it was written", "sent_at: when it left", "reminds_of: the deadline of a reminder", "delivered_at: what silence and decisions rest on", "attempts: how often it was tried",
            "next_attempt_at: when it is tried again", "failed_at: given up", "failure: why", "bounced_at: it came back", "reply_code: to answer an SMS with", "arrived_at: the handset's report",
            "opened_at: when the worker next came in", "status_at: order of reports", "holds_code: shown on no page"),
        Table("message_code", Keeping.Day, "messages with a code leave first", "message_id in (select id from message where worker_id = @worker)", "expires_at < @day",
            "message_id: which message", "expires_at: not sent after that"),
        Table("incoming_sms", Keeping.Messages, "SMS that came in, so that one handed over twice counts once", OfWorker, "received_at < @messages",
            "gateway_id: the gateway's name for it", "worker_id: who confirmed with it", "act_number: the confirmation", "received_at: when"),
        Table("look", Keeping.Looks, "who looked at whom, and why", OfWorker, null,
            "id: order of looks", "worker_id: who was looked at", "staff_number: who looked", "role: in which role", "office: at which office", "helper: a helper who looked", "what: at what",
            "item: at which answer or document", "reason: why, in their own words", "looked_at: when", "keep_until: how long this stands"),
    ];

    static IEnumerable<KeptTable> WayIn() =>
    [
        Table("activation_code", Keeping.AfterEnd, "the code of the activation slip", OfWorker, "coalesce(used_at, expires_at) < @month",
            "worker_id: whose it is", "salt: of the hash", "hash: check of the code", "expires_at: until when it works", "used_at: it works once", "mark: tells most wrong codes without the slow hash"),
        Table("one_time_code", Keeping.Day, "codes sent to a channel", OfWorker, "expires_at < @now",
            "worker_id: whose it is", "purpose: what it is good for", "salt: of the hash", "hash: check of the code", "expires_at: until when it works", "attempts_left: against guessing"),
        Table("recovery_code", Keeping.File, "printed codes for getting in without the card", OfWorker, null,
            "worker_id: whose it is", "number: which of the ten", "salt: of the hash", "hash: check of the code", "made_at: which set", "used_at: each works once", "mark: tells most wrong codes without the slow hash"),
        Table("back_in_try", Keeping.Day, "tries to get in by a code that is sent", OfWorker, "expires_at < @now",
            "token_hash: the browser that asked", "worker_id: whose card or document it was", "salt: of the hash", "hash: check of the code", "expires_at: until when it works", "attempts_left: against guessing"),
        Table("session", Keeping.UntilEnd, "who is signed in", OfWorker, "expires_at < @now",
            "token_hash: check of the token", "worker_id: who", "kind: programs, browser or remembered phone", "created_at: since when", "last_used_at: when it ends by itself", "expires_at: until when",
            "fresh_until: for what needs a fresh sign-in", "begun_by: which way was used, so that a stranger's is known again"),
        Table("session_key", Keeping.UntilEnd, "with what a phone signs while it has no network", "token_hash in (select token_hash from session where worker_id = @worker)", null,
            "token_hash: which session", "public_key: the public half", "recorded_at: since when"),
        Table("passkey", Keeping.File, "passkeys of workers", OfWorker, null,
            "credential_id: its name", "worker_id: whose it is", "data: its public key and counter", "created_at: since when", "last_used_at: when last"),
        Table("passkey_challenge", Keeping.Minutes, "challenges that were used, each for one use", null, "expires_at < @now", "id_hash: which challenge, as a digest", "state: empty", "expires_at: until when it would have counted"),
        Table("sms_try", Keeping.Day, "against guessing by SMS", null, "day < @yesterday", "address: the number that wrote", "day: when", "tries: how often"),
        Table("draft", Keeping.Day, "what somebody typed into a form and has not sent, encrypted for them", null, "saved_at < @day",
            "owner: who typed it, and sees it alone", "path: into which form", "content: their words, encrypted", "saved_at: when"),
        Table("code_count", Keeping.Day, "against flooding a phone with codes", null, "first_at < @day",
            "address_hash: the phone or address, as a digest", "purpose: of which codes", "first_at: since when it counts", "sent: how many"),
    ];
}
