namespace Manzil.Privacy;

public static partial class Inventory
{
    const string InCaseOfWorker = "case_id in (select id from case_file where worker_id = @worker)";

    static IEnumerable<KeptTable> InCases() =>
    [
        Table("case_file", Keeping.File, OfWorker, null,
            ["id", "worker_id", "ground", "act_number", "opened_at", "due", "reminded_at", "stage", "opened_by", "reason", "step_left", "proposed_by", "proposed_act", "agreed_by",
            "agreed_act", "decision_act", "appeal_act", "closed_act", "closed_at"]),
        Table("case_move", Keeping.WithParent, InCaseOfWorker, null, ["id", "case_id", "from_stage", "to_stage"]),
        Table("told_until", Keeping.File, OfWorker, null, ["act_number", "worker_id", "counted_from", "until_day"]),
        Table("attachment", Keeping.File, OfWorker, null, ["id", "worker_id", "case_id", "act_number", "name", "media_type", "sha256", "content", "added_at", "by_helper"]),
        Table("handed_over", Keeping.File, OfWorker, null, ["act_number", "worker_id", "how", "day", "staff_number", "recorded_at"]),
        Table("act_opened", Keeping.File, OfWorker, null, ["act_number", "worker_id", "opened_at"]),
        Table("reached", Keeping.File, OfWorker, null, ["act_number", "worker_id", "due", "how", "staff_number", "recorded_at"]),
        Table("appeal_decision", Keeping.File, InCaseOfWorker, null, ["act_number", "case_id", "decided_by", "reversed", "decided_at", "appeal_act"]),
        Table("removal", Keeping.File, OfWorker, null,
            ["act_number", "worker_id", "case_id", "proposed_by", "agreed_by", "put_in_effect_by", "told_on", "window_until", "in_effect_on", "undone_act"]),
        Table("removal_pause", Keeping.Ever, null, null, ["lifted_by"], "act_number", "started_at", "lifted_act", "lifted_at"),
        Table("helper_grant", Keeping.File, OfWorker, null,
            ["id", "worker_id", "act_number", "name", "scope", "case_id", "code_hash", "given_at", "expires_at", "entered_at", "withdrawn_act", "withdrawn_at"]),
        Table("helper_session", Keeping.UntilEnd, "grant_id in (select id from helper_grant where worker_id = @worker)",
            "grant_id in (select id from helper_grant where expires_at < @now or withdrawn_at is not null)", ["token_hash", "grant_id", "created_at"]),
    ];

    static IEnumerable<KeptTable> Officers() =>
    [
        Table("staff", Keeping.Officer, null, null, ["id", "number", "name", "role", "office", "language", "invited_at", "agreed_by", "agreed_at", "dismissed_at", "refused_at"]),
        Table("staff_change", Keeping.Officer, null, null, ["id", "staff_id", "what", "role", "by_staff_id", "changed_at"]),
        Table("first_lead", Keeping.Ever, null, null, ["staff_id"], "id", "agreed_at"),
        Table("staff_invitation", Keeping.AfterEnd, null, "coalesce(used_at, expires_at) < @month", ["token_hash", "staff_id", "expires_at", "used_at"]),
        Table("staff_passkey", Keeping.UntilEnd, null, "staff_id in (select id from staff where dismissed_at is not null)",
            ["credential_id", "staff_id", "data", "created_at", "last_used_at"]),
        Table("staff_session", Keeping.UntilEnd, null, "last_used_at < @hour", ["token_hash", "staff_id", "created_at", "last_used_at"]),
        Table("staff_search", Keeping.Hour, null, "searched_at < @hour", ["staff_number", "searched_at"], "id"),
    ];
}
