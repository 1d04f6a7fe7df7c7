namespace Manzil.Register;

/// <summary>
/// What the service's role on PostgreSQL may do to each table beside reading it: what the service's statements need, and no more. What only
/// grows is not on offer for change, so that no statement can be misled into it, whatever the guards of the schema say. 'manzil database
/// prepare' grants by this list, and a service whose role may do more does not start. A test holds the list to the source's statements.
/// </summary>
public static class Grants
{
    const string InsertOnly = "insert", Growing = "insert, delete", Standing = "insert, update", All = "insert, update, delete";

    /// <summary>Every table, by what may be done to its rows. Deleting is for what ends by itself and for erasing, past the schema's guards.</summary>
    public static IReadOnlyDictionary<string, string> Writes { get; } = new Dictionary<string, string>
    {
        // Only the owner's scripts write here.
        ["schema_script"] = "",
        ["movable_clock"] = "",
        ["installation"] = InsertOnly,
        ["issuer_move"] = InsertOnly,
        ["signing_key"] = InsertOnly,
        ["log"] = Standing,
        ["log_head"] = Standing,
        ["log_batch"] = InsertOnly,
        ["log_node"] = InsertOnly,
        ["form_key"] = Growing,
        ["heartbeat"] = Growing,
        ["reminder_round"] = InsertOnly,
        ["reminder_part"] = All,
        ["outage_verdict"] = Standing,
        ["outage_day"] = InsertOnly,
        ["retention_term"] = InsertOnly,
        ["erasure"] = Growing,
        ["key_erasure"] = "update",
        ["worker"] = All,
        ["document"] = All,
        ["channel"] = All,
        ["register_entry"] = All,
        // An act's row is blanked when its worker is erased, and stays.
        ["act"] = Standing,
        ["reissue"] = Growing,
        ["message"] = All,
        ["message_code"] = Growing,
        ["incoming_sms"] = Growing,
        ["look"] = Growing,
        ["activation_code"] = All,
        ["one_time_code"] = All,
        ["recovery_code"] = All,
        ["back_in_try"] = All,
        ["session"] = All,
        ["session_key"] = All,
        ["passkey"] = All,
        ["passkey_challenge"] = Growing,
        ["sms_try"] = All,
        ["code_count"] = All,
        ["case_file"] = All,
        // Written by the database itself; gone with its case.
        ["case_move"] = InsertOnly,
        ["told_until"] = All,
        ["attachment"] = Growing,
        ["handed_over"] = Growing,
        ["act_opened"] = Growing,
        ["reached"] = Growing,
        ["appeal_decision"] = Growing,
        ["removal"] = All,
        ["removal_pause"] = Standing,
        ["helper_grant"] = All,
        ["helper_session"] = Growing,
        ["staff"] = Standing,
        ["staff_change"] = Growing,
        // Written by the database itself, once.
        ["first_lead"] = InsertOnly,
        ["staff_invitation"] = All,
        ["staff_passkey"] = All,
        ["staff_session"] = All,
        ["staff_search"] = Growing,
        ["draft"] = All,
    };

    /// <summary>
    /// What is granted on a table of the schema. One that is not on the list yet may be written, so that a new script works at once; a
    /// test fails until it stands there.
    /// </summary>
    public static string Of(string table) => Writes.GetValueOrDefault(table, All);
}
