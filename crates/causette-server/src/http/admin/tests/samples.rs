//! A request for each route.

use crate::http::admin::routes::Route;

/// A route by its id, with what stands in its path, its query or its body, and the status.
type Sample = (&'static str, &'static str, &'static str, u16);

/// What goes through each route.
const SAMPLES: &[Sample] = &[
    ("people", "", "", 200),
    ("kick", "eve", r#"{"reason":"enough"}"#, 200),
    ("rooms", "", "", 200),
    ("close_room", "%23tea", r#"{"reason":"empty"}"#, 200),
    (
        "give_room",
        "%23general",
        r#"{"to":"bob","reason":"theirs"}"#,
        200,
    ),
    ("accounts", "", "", 200),
    (
        "create_account",
        "",
        r#"{"name":"dora","password":"correct horse battery"}"#,
        201,
    ),
    ("show_account", "alice", "", 200),
    ("drop_account", "bob", r#"{"reason":"as they wished"}"#, 200),
    (
        "give_role",
        "bob",
        r#"{"role":"bot","reason":"trusted"}"#,
        200,
    ),
    (
        "rename_account",
        "bob",
        r#"{"name":"robert","reason":"as they wished"}"#,
        200,
    ),
    (
        "rename_room",
        "%23tea",
        r##"{"name":"#coffee","reason":"better"}"##,
        200,
    ),
    (
        "give_token",
        "robot",
        r#"{"scope":"accounts","for":"30d","name":"greeter"}"#,
        201,
    ),
    ("take_token", "alice", r#"{"reason":"lost"}"#, 200),
    ("files", "", "", 200),
    ("show_file", "1", "", 404),
    ("remove_file", "1", r#"{"reason":"spam"}"#, 404),
    (
        "decide_file",
        "1",
        r#"{"decision":"quarantine","reason":"a virus"}"#,
        404,
    ),
    ("show_quota", "bob", "", 200),
    ("set_quota", "bob", r#"{"size":"5 GB","reason":"why"}"#, 200),
    ("unset_quota", "bob", r#"{"reason":"why"}"#, 409),
    ("filters", "", "", 200),
    (
        "add_filter",
        "",
        r#"{"pattern":"easy money","action":"hold","reason":"advertising"}"#,
        201,
    ),
    ("remove_filter", "1", r#"{"reason":"over"}"#, 404),
    ("held", "", "", 200),
    ("decide_held", "1", r#"{"decision":"release"}"#, 404),
    ("invitations", "", "", 200),
    ("end_invitation", "1", r#"{"reason":"over"}"#, 404),
    ("reset_password", "bob", "", 200),
    (
        "end_sessions",
        "bob",
        r#"{"reason":"lost a telephone"}"#,
        200,
    ),
    ("decide_account", "carol", r#"{"decision":"approve"}"#, 200),
    ("sanctions", "", "", 200),
    (
        "sanction",
        "",
        r#"{"kind":"ban","whom":"bob","for":"7d","reason":"spam"}"#,
        201,
    ),
    ("lift_sanction", "1", r#"{"reason":"over"}"#, 404),
    (
        "lift_from",
        "",
        r#"{"kind":"mute","whom":"bob","reason":"over"}"#,
        404,
    ),
    (
        "set_login",
        "bob",
        r#"{"login":"192.0.2.0/24,2001:db8::/32","reason":"the office"}"#,
        200,
    ),
    ("unlock_account", "bob", r#"{"reason":"he has moved"}"#, 409),
    (
        "suspend_account",
        "bob",
        r#"{"for":"7d","reason":"to calm down"}"#,
        201,
    ),
    ("resume_account", "bob", r#"{"reason":"over"}"#, 404),
    ("alert", "", r#"{"text":"lunch"}"#, 200),
    ("write", "", r#"{"to":"eve","text":"hello"}"#, 200),
    ("set_registration", "", r#"{"mode":"closed"}"#, 200),
    ("invite", "", r#"{"address":"chat.example.org"}"#, 201),
    ("register", "", "", 200),
    ("doctor", "", "", 200),
    ("status", "", "", 200),
    ("fingerprint", "", "", 200),
    ("reload", "", "", 200),
    ("stop", "", r#"{"in":"1m","reason":"update"}"#, 202),
    ("cancel_stop", "", "", 200),
];

/// The one of a route.
pub(super) fn sample_of(route: &Route) -> Sample {
    let sample = SAMPLES.iter().find(|(id, ..)| *id == route.id);
    *sample.unwrap_or_else(|| panic!("{} has no sample", route.id))
}
