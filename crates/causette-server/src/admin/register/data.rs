//! Entries for programs. Numbers of people and rooms are texts: they do not fit a JSON number.

use causette_store::register::{Keeping, Listed, Named, Redacted, Said};
use serde_json::{Map, Value, json};

/// An entry as an object.
pub(super) fn of(listed: &Listed) -> Value {
    let origin = listed.origin;
    let erased = match listed.keeping {
        Keeping::Erased { by } => Some(by),
        Keeping::Whole | Keeping::Unreadable => None,
    };
    let meta = listed.meta.iter();
    let meta: Map<String, Value> = meta
        .map(|(key, value)| (key.clone(), Value::from(value.as_str())))
        .collect();
    json!({
        "entry": listed.seq,
        "time": listed.time.to_string(),
        "category": format!("C{}", listed.category),
        "kind": listed.kind,
        "actor": named(&listed.actor),
        "target": listed.target.as_ref().map(named),
        "address": origin.map(|origin| origin.address.to_string()),
        "port": origin.and_then(|origin| origin.port),
        "local_port": origin.and_then(|origin| origin.local_port),
        "rooms": listed.rooms.iter().map(named).collect::<Vec<_>>(),
        "content": listed.said.as_ref().map(said),
        "meta": meta,
        "erased": erased,
        "unreadable": listed.keeping == Keeping::Unreadable,
        "redacted": listed.redacted.as_ref().map(redacted),
    })
}

fn named(named: &Named) -> Value {
    match named {
        Named::Server => json!({ "type": "server" }),
        Named::System(name) => json!({ "type": "system", "name": name }),
        Named::Account { id, name, is_gone } => {
            json!({ "type": "account", "id": id.to_string(), "name": name, "gone": is_gone })
        }
        Named::Guest { id, nick } => {
            json!({ "type": "guest", "id": id.to_string(), "name": nick })
        }
        Named::Room { id, name } => json!({ "type": "room", "id": id.to_string(), "name": name }),
        Named::Address(address) => json!({ "type": "address", "name": address.to_string() }),
    }
}

fn said(said: &Said) -> Value {
    json!({
        "source": said.source,
        "account": said.account,
        "text": said.text,
        "tags": said.tags,
    })
}

fn redacted(redacted: &Redacted) -> Value {
    json!({
        "time": redacted.at.to_string(),
        "by": redacted.by.as_ref().map(named),
        "entry": redacted.entry,
    })
}
