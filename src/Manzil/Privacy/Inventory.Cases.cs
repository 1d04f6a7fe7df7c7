namespace Manzil.Privacy;

public static partial class Inventory
{
    const string InCaseOfWorker = "case_id in (select id from case_file where worker_id = @worker)";

    static IEnumerable<KeptTable> InCases() =>
    [
        Table("case_file", Keeping.File, "cases: why each was opened and where it stands", OfWorker, null,
            "id: ties its rows together", "worker_id: whom it is about", "ground: silence, or another", "act_number: the act that opened it", "opened_at: when", "due: the confirmation that was missing",
            "reminded_at: the delivered reminder it rests on", "stage: where it stands", "opened_by: which officer", "reason: why, in their words", "step_left: from when the authority's time counts",
            "proposed_by: which officer", "proposed_act: their act", "agreed_by: which officer", "agreed_act: their act", "decision_act: the decision that must be delivered", "appeal_act: the appeal",
            "closed_act: how it ended", "closed_at: when"),
        Table("case_move", Keeping.WithParent, "each step of a case, in order", InCaseOfWorker, null, "id: order of steps", "case_id: of which case", "from_stage: from where", "to_stage: to where"),
        Table("told_until", Keeping.File, "until when a worker was told that they have time, in a case or before one opens", OfWorker, null,
            "act_number: the opening, the decision or the notice from which it counts", "worker_id: who was told", "counted_from: when that was delivered, or the due date", "until_day: the last day"),
        Table("attachment", Keeping.File, "files that came with an answer or an appeal", OfWorker, null,
            "id: names it on pages", "worker_id: who sent it", "case_id: in which case", "act_number: with which answer", "name: what the sender called it", "media_type: its type", "sha256: its digest",
            "content: the file, without what a camera writes into it", "added_at: when",
            "by_helper: whether a helper sent it, whose files are counted apart"),
        Table("handed_over", Keeping.File, "letters that arrived, and what was handed over at the desk", OfWorker, null,
            "act_number: what was delivered", "worker_id: to whom", "how: by post or at the desk", "day: when", "staff_number: who recorded it", "recorded_at: when they did"),
        Table("act_opened", Keeping.File, "that the worker opened the service after a step of their case: a delivery without any message", OfWorker, null,
            "act_number: the opening, or the decision", "worker_id: who opened the service", "opened_at: when"),
        Table("reached", Keeping.File, "that a clerk reached somebody whom no message had reached", OfWorker, null,
            "act_number: the act", "worker_id: who was reached", "due: the confirmation that was missing", "how: by phone, a visit, a relative or at the desk", "staff_number: which clerk recorded it",
            "recorded_at: from when the silence period counts"),
        Table("appeal_decision", Keeping.File, "decided appeals", InCaseOfWorker, null,
            "act_number: the decision", "case_id: in which case", "decided_by: which officer", "reversed: for whom it was decided", "decided_at: when", "appeal_act: which appeal"),
        Table("removal", Keeping.File, "removals in effect, and undone", OfWorker, null,
            "act_number: the act", "worker_id: who", "case_id: in which case", "proposed_by: which officer", "agreed_by: which officer", "put_in_effect_by: which officer", "told_on: when the decision was delivered",
            "window_until: until when an appeal was awaited", "in_effect_on: since when", "undone_act: what undid it"),
        Table("removal_pause", Keeping.Ever, "pauses of removals, as everybody reads them", null, null, "act_number", "started_at", "lifted_act", "lifted_by: which lead reviewer answers for it", "lifted_at"),
        Table("helper_grant", Keeping.File, "whom the worker lets help", OfWorker, null,
            "id: ties its sessions together", "worker_id: who gave it", "act_number: the act that gave it", "name: whom the worker named", "scope: see the file or act in one case", "case_id: in which case",
            "code_hash: check of the code that lets them in", "given_at: when", "expires_at: until when", "entered_at: when they came in", "withdrawn_act: the act that took it back", "withdrawn_at: when"),
        Table("helper_session", Keeping.UntilEnd, "helpers who are signed in", "grant_id in (select id from helper_grant where worker_id = @worker)",
            "grant_id in (select id from helper_grant where expires_at < @now or withdrawn_at is not null)",
            "token_hash: check of the token in their browser", "grant_id: by whose leave", "created_at: since when"),
    ];

    static IEnumerable<KeptTable> Officers() =>
    [
        Table("staff", Keeping.Officer, "who acts for the authority", null, null,
            "id: ties their rows together", "number: stands in every act of theirs; it stays, and is never given to somebody else", "name: who they are", "role: what they may do", "office: where they work", "language: of their pages",
            "invited_at: when", "agreed_by: which lead reviewer agreed", "agreed_at: when", "dismissed_at: since when they may do nothing", "refused_at: a lead reviewer did not agree"),
        Table("staff_change", Keeping.Officer, "who let whom in, with which role", null, null,
            "id: order of changes", "staff_id: whom it is about", "what: invited, agreed to, dismissed", "role: which role", "by_staff_id: by whom", "changed_at: when"),
        Table("first_lead", Keeping.Ever, "the first lead reviewer, to whom there was nobody to agree, as everybody reads it", null, null, "id", "staff_id: which officer, whose name is erased", "agreed_at"),
        Table("staff_invitation", Keeping.AfterEnd, "one-time links for officers", null, "coalesce(used_at, expires_at) < @month", "token_hash: check of the link", "staff_id: for whom", "expires_at: until when", "used_at: it works once"),
        Table("staff_passkey", Keeping.UntilEnd, "passkeys of officers", null, "staff_id in (select id from staff where dismissed_at is not null)",
            "credential_id: its name", "staff_id: whose it is", "data: its public key and counter", "created_at: since when", "last_used_at: when last"),
        Table("staff_session", Keeping.UntilEnd, "officers who are signed in", null, "last_used_at < @hour", "token_hash: check of the token", "staff_id: who", "created_at: since when", "last_used_at: it ends 30 minutes later"),
        Table("staff_search", Keeping.Hour, "how often an officer searched lately", null, "searched_at < @hour", "id", "staff_number: who", "searched_at: when"),
    ];
}
