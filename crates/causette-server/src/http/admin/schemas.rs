//! What the data look like that are answered: beside `admin/data.rs`, whose data the tests hold against it. The subset of JSON
//! Schema is a small one. <https://spec.openapis.org/oas/v3.1.0#schema-object>

use super::routes::{Cut, List};
use causette_core::file::Visibility;
use causette_core::right::Scope;
use serde_json::{Map, Value, json};

/// Every schema, by its name.
pub(super) fn schemas() -> Map<String, Value> {
    let mut schemas = Map::new();
    schemas.insert("Named".to_owned(), named());
    for (name, members) in [
        ("Entry", register_entry()),
        ("Said", said()),
        ("Redacted", redacted()),
        ("Finding", finding()),
        (
            "Examination",
            vec![
                ("well", flag("Whether nothing is wrong")),
                ("findings", array(of("Finding"))),
            ],
        ),
        ("Person", person()),
        ("Session", session()),
        ("Room", room()),
        ("Account", account()),
        ("AccountDetail", account_detail()),
        ("Device", device()),
        ("Sanction", sanction()),
        ("Invitation", invitation()),
        ("File", file()),
        ("Quota", quota()),
        ("Filter", filter()),
        ("Held", held()),
        ("Token", token()),
        ("Status", status()),
        (
            "Fingerprint",
            vec![
                ("certificate", text("The SHA-256 of the certificate")),
                ("public_key", text("The SHA-256 of its public key")),
                ("entry", entry()),
            ],
        ),
        (
            "Done",
            vec![
                ("done", text("What was done, in a sentence")),
                ("entry", entry()),
            ],
        ),
        (
            "Made",
            vec![
                ("done", text("What was made, in a sentence")),
                (
                    "number",
                    count("Its number; that of the first, where several were made"),
                ),
                ("entry", entry()),
            ],
        ),
        ("Invited", invited()),
        ("Problem", problem()),
    ] {
        schemas.insert(name.to_owned(), object(members));
    }
    schemas
}

/// A part of a list.
pub(super) fn list(list: List) -> Value {
    let mut members = vec![
        (list.name, array(of(list.schema))),
        ("more", flag("Whether more follow")),
        (
            "next",
            or_null(text("Behind which one they follow: the query's `after`")),
        ),
    ];
    if list.cut == Cut::Register {
        members.push(("reading", count("The number of the entry of this reading")));
        let unplaced = "Entries that are left out because nothing tells from where they came, where `address` asks for it";
        members.push(("unplaced", count(unplaced)));
    }
    if list.name == "people" {
        members.extend([
            ("connected", count("How many people are connected")),
            ("sessions", count("How many connections they have together")),
            ("accounts", count("How many accounts there are")),
        ]);
    }
    object(members)
}

/// The schema of a name.
pub(super) fn of(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

type Members = Vec<(&'static str, Value)>;

/// An object with all of these members and no other.
fn object(members: Members) -> Value {
    let required: Vec<&str> = members.iter().map(|(name, _)| *name).collect();
    let properties = members
        .iter()
        .map(|(name, schema)| ((*name).to_owned(), schema.clone()));
    json!({
        "type": "object",
        "required": required,
        "properties": properties.collect::<Map<_, _>>(),
        "additionalProperties": false,
    })
}

fn text(about: &str) -> Value {
    json!({ "type": "string", "description": about })
}

fn count(about: &str) -> Value {
    json!({ "type": "integer", "minimum": 0, "description": about })
}

fn flag(about: &str) -> Value {
    json!({ "type": "boolean", "description": about })
}

fn time(about: &str) -> Value {
    json!({ "type": "string", "format": "date-time", "description": about })
}

fn one_of(words: &[&str], about: &str) -> Value {
    json!({ "type": "string", "enum": words, "description": about })
}

fn array(of: Value) -> Value {
    json!({ "type": "array", "items": of })
}

fn or_null(schema: Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

fn entry() -> Value {
    or_null(count("The number of its entry in the register"))
}

fn role() -> Value {
    use causette_core::right::Role;
    one_of(&Role::ALL.map(Role::name), "What they are on the server")
}

fn person() -> Members {
    vec![
        ("nick", text("Their nickname")),
        ("account", or_null(text("Their account"))),
        ("role", role()),
        ("away", or_null(text("Why they are away"))),
        ("rooms", array(text("A room that they are in"))),
        ("sessions", array(of("Session"))),
    ]
}

fn session() -> Members {
    let spoken = ["irc", "ircs", "ws", "wss"];
    vec![
        ("address", text("From where")),
        ("port", count("From which port")),
        ("transport", one_of(&spoken, "What it speaks")),
        ("device", or_null(text("What its client calls its device"))),
        ("since", time("Since when")),
        ("idle", count("Seconds since its person said something")),
    ]
}

fn room() -> Members {
    vec![
        ("name", text("Its name")),
        ("members", count("How many are in it")),
        ("modes", text("Its modes, as MODE shows them")),
        ("topic", text("Its topic; empty for none")),
        ("founder", or_null(text("Whose it is"))),
        ("since", time("When it was opened")),
    ]
}

fn account() -> Members {
    vec![
        ("name", text("Its name")),
        ("role", role()),
        ("created", time("When it was made")),
        (
            "last_seen",
            or_null(time(
                "When its last connection ended; null while it is connected",
            )),
        ),
        ("sessions", count("How many connections it has")),
        ("waiting", flag("Whether it waits to be approved")),
        ("sanctions", array(count("A sanction on it"))),
    ]
}

fn account_detail() -> Members {
    vec![
        ("account", of("Account")),
        ("person", or_null(of("Person"))),
        ("devices", array(of("Device"))),
        (
            "login",
            text(
                "From where one may sign in to it: any, pin-first, or addresses and ranges with commas between",
            ),
        ),
        (
            "login_address",
            or_null(text("The address to which sign-ins are pinned")),
        ),
        ("certificates", count("How many certificates open it")),
        ("rooms", array(text("A room that it owns"))),
        ("sanctions", array(of("Sanction"))),
    ]
}

fn device() -> Members {
    let scopes = Scope::ALL.map(Scope::name).join(", ");
    let scopes = format!(
        "What a program may do with its token, with commas between: {scopes}; null for a device"
    );
    vec![
        ("number", count("Its number in the account")),
        ("name", text("What its owner calls it")),
        ("last_used", or_null(time("When it last signed in"))),
        ("last_address", or_null(text("From where"))),
        ("scopes", or_null(text(&scopes))),
        ("until", or_null(time("Until when its token is good"))),
    ]
}

fn sanction() -> Members {
    vec![
        ("number", count("Its number")),
        ("kind", one_of(&["ban", "mute"], "What it does")),
        ("whom", text("The account, the addresses or the mask")),
        ("room", or_null(text("In which room; null for the server"))),
        ("reason", text("Why")),
        ("by", text("Who decided it")),
        ("since", time("When")),
        ("until", or_null(time("Until when; null for ever"))),
    ]
}

fn invitation() -> Members {
    vec![
        ("number", count("Its number")),
        ("room", or_null(text("The room that it leads to"))),
        ("uses", count("How many may still sign up with it")),
        ("by", text("Who made it")),
        ("since", time("When")),
        ("until", or_null(time("Until when; null for ever"))),
    ]
}

fn file() -> Members {
    let visibilities = Visibility::NAMES;
    vec![
        ("id", count("Its number")),
        ("key", text("Its name in addresses: 32 hexadecimal digits")),
        ("name", text("What it is called")),
        (
            "owner",
            or_null(text(
                "Whose it is; null for what the server offers by itself",
            )),
        ),
        ("type", text("What it is, as its bytes say: `image/png`")),
        ("size", count("Its length in bytes")),
        (
            "sha256",
            text("The SHA-256 of its bytes: 64 hexadecimal digits"),
        ),
        (
            "visibility",
            one_of(
                &visibilities,
                "Who may see it beside its owner and those to whom it was sent",
            ),
        ),
        ("room", or_null(text("For which room"))),
        ("sent_to", array(text("To whom it was sent"))),
        (
            "quarantined",
            flag("Whether it was put aside: nobody fetches it"),
        ),
        ("since", time("Since when it is there")),
        ("until", or_null(time("When it goes away by itself"))),
    ]
}

fn quota() -> Members {
    vec![
        ("account", text("Whose")),
        ("files", count("How many files they keep")),
        ("bytes", count("Bytes of all of them")),
        (
            "awaited",
            count("Bytes that are kept free for what they are uploading"),
        ),
        ("bytes_max", count("Bytes that they may keep")),
        ("own", flag("Whether that was decided for this account")),
    ]
}

fn filter() -> Members {
    let actions = ["warn", "hold", "drop", "mute"];
    vec![
        ("number", count("Its number")),
        ("pattern", text("The words")),
        (
            "action",
            one_of(&actions, "What happens to a message that has them"),
        ),
        ("room", or_null(text("In which room; null for all"))),
        ("reason", text("Why")),
        ("by", text("Who decided it")),
        ("since", time("When")),
    ]
}

fn held() -> Members {
    vec![
        ("number", count("Its number")),
        ("room", text("Where it was said")),
        ("from", text("By whom, by nickname")),
        ("account", or_null(text("The author's account then"))),
        ("text", text("What")),
        ("filter", count("The filter whose words it has")),
        ("since", time("When it was said")),
    ]
}

fn invited() -> Members {
    vec![
        ("done", text("What was made, in a sentence")),
        ("link", text("Where people come in by, with the code")),
        (
            "number",
            or_null(count("Its number, where it bears a code")),
        ),
        (
            "code",
            or_null(text("The code: nobody is ever told it again")),
        ),
        ("uses", or_null(count("How many may sign up with it"))),
        ("until", or_null(time("When it ends"))),
        ("entry", entry()),
    ]
}

fn token() -> Members {
    vec![
        ("account", text("Whose")),
        ("number", count("Its number in the account")),
        ("token", text("The token: nobody is ever told it again")),
        ("until", time("Until when it is good")),
        ("entry", entry()),
    ]
}

fn status() -> Members {
    vec![
        (
            "trouble",
            or_null(one_of(&["recorder", "stuck"], "Why people are not served")),
        ),
        ("accepting", flag("Whether people can connect")),
        ("stopping", flag("Whether the server stops")),
        ("uptime", count("Seconds since the start")),
        ("sessions", count("Connections that speak IRC")),
        ("people", count("People who are there")),
        ("accounts", count("Accounts")),
        ("rooms", count("Open rooms")),
        (
            "certificate_until",
            time("Until when the certificate is good"),
        ),
    ]
}

fn register_entry() -> Members {
    vec![
        ("entry", count("Its number")),
        ("time", time("When")),
        ("category", text("Its category, as C1")),
        ("kind", text("Its type, as message.creation")),
        ("actor", of("Named")),
        ("target", or_null(of("Named"))),
        ("address", or_null(text("From where"))),
        ("port", or_null(count("From which port"))),
        ("local_port", or_null(count("To which port"))),
        ("rooms", array(of("Named"))),
        ("content", or_null(of("Said"))),
        ("meta", texts("What else is known of it")),
        ("erased", or_null(count("The entry of its erasure"))),
        ("unreadable", flag("Whether what it told of is lost")),
        ("redacted", or_null(of("Redacted"))),
    ]
}

fn said() -> Members {
    vec![
        ("source", text("Who said it, as they were shown")),
        (
            "account",
            or_null(text("Their account, as it was called then")),
        ),
        ("text", text("What")),
        ("tags", text("The tags that came with it")),
    ]
}

fn redacted() -> Members {
    vec![
        ("time", time("When")),
        ("by", or_null(of("Named"))),
        ("entry", or_null(count("The entry that says so"))),
    ]
}

fn finding() -> Members {
    vec![
        ("check", text("What was looked at")),
        ("verdict", text("How it is: in a word for programs")),
        ("finding", text("What was found: in a word for programs")),
        ("text", text("The same in a sentence")),
        ("advice", or_null(text("What to do"))),
        ("values", texts("What the sentence is about")),
    ]
}

/// Somebody or something with its name.
fn named() -> Value {
    let kinds = ["server", "system", "account", "guest", "room", "address"];
    let mut schema = object(vec![
        ("type", one_of(&kinds, "Who or what it is")),
        ("id", text("Its number")),
        ("name", or_null(text("Its name"))),
        ("gone", flag("Whether the account was given up")),
    ]);
    schema["required"] = json!(["type"]);
    schema
}

fn texts(about: &str) -> Value {
    json!({ "type": "object", "additionalProperties": { "type": "string" }, "description": about })
}

fn problem() -> Members {
    vec![
        ("type", text("Always about:blank")),
        ("title", text("The status in words")),
        ("status", count("The status")),
        ("code", text("What is wrong, in a word for programs")),
        ("error", text("The same as code")),
        ("detail", text("What is wrong and what to do, for people")),
        ("message", text("The same as detail")),
    ]
}
