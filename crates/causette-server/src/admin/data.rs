//! What was found out, for programs: names as they are in [`Report`], times as in RFC 3339.

use causette_core::file::FileReport;
use causette_core::report::{
    AccountDetail, AccountReport, DeviceReport, FilterReport, HeldReport, InvitationReport,
    PersonReport, Report, RoomReport, SanctionReport, SessionReport,
};
use causette_proto::Timestamp;
use causette_text::Language;
use serde_json::{Value, json};

/// The data of a report; `None` where it is a sentence and nothing more.
pub(crate) fn of(report: &Report) -> Option<Value> {
    Some(match report {
        Report::Done(_) => return None,
        Report::Made { number, .. } => json!({ "number": number }),
        Report::Invited { link, code, .. } => json!({
            "link": link.expose(),
            "number": code.as_ref().map(|made| made.number.0),
            "code": code.as_ref().map(|made| made.code.expose()),
            "uses": code.as_ref().map(|made| made.uses),
            "until": code.as_ref().and_then(|made| made.until).map(time),
        }),
        Report::People {
            people,
            more,
            connected,
            sessions,
            accounts,
        } => json!({
            "people": all(people, person),
            "more": more,
            "connected": connected,
            "sessions": sessions,
            "accounts": accounts,
        }),
        Report::Rooms { rooms, more } => json!({ "rooms": all(rooms, room), "more": more }),
        Report::Accounts { accounts, more } => {
            json!({ "accounts": all(accounts, account), "more": more })
        }
        Report::Account(detail) => account_detail(detail),
        Report::Sanctions(sanctions) => json!({ "sanctions": all(sanctions, sanction) }),
        Report::Invitations(invitations) => {
            json!({ "invitations": all(invitations, invitation) })
        }
        Report::Filters(filters) => json!({ "filters": all(filters, filter) }),
        Report::Held(messages) => json!({ "held": all(messages, held) }),
        Report::Files { files, more } => json!({ "files": all(files, file), "more": more }),
        Report::File(report) => file(report),
        Report::Quota {
            account,
            usage,
            own,
        } => json!({
            "account": account.as_str(),
            "files": usage.files,
            "bytes": usage.bytes,
            "awaited": usage.awaited,
            "bytes_max": usage.bytes_max,
            "own": own,
        }),
        // The office does what is permitted.
        Report::Permitted { .. } => return None,
        Report::Token {
            account,
            number,
            token,
            until,
        } => json!({
            "account": account.as_str(),
            "number": number,
            "token": token.expose(),
            "until": time(*until),
        }),
    })
}

fn all<T>(list: &[T], one: fn(&T) -> Value) -> Vec<Value> {
    list.iter().map(one).collect()
}

fn time(time: Timestamp) -> String {
    time.to_string()
}

fn person(person: &PersonReport) -> Value {
    json!({
        "nick": person.nick.as_str(),
        "account": person.account.as_deref(),
        "role": person.role.name(),
        // For programs: what the server says of it has no reader whose language it could be in.
        "away": person.away.as_ref().map(|away| away.told(Language::En).to_string()),
        "rooms": words(&person.rooms),
        "sessions": all(&person.sessions, session),
    })
}

fn words(words: &[causette_proto::CompactString]) -> Vec<&str> {
    words.iter().map(|word| word.as_str()).collect()
}

fn session(session: &SessionReport) -> Value {
    json!({
        "address": session.address.to_string(),
        "port": session.port,
        "transport": session.transport.name(),
        "device": session.device.as_deref(),
        "since": time(session.since),
        "idle": session.idle,
    })
}

fn room(room: &RoomReport) -> Value {
    json!({
        "name": room.name.as_str(),
        "members": room.members,
        "modes": room.modes.as_str(),
        "topic": room.topic.as_str(),
        "founder": room.founder.as_deref(),
        "since": time(room.since),
    })
}

fn account(account: &AccountReport) -> Value {
    json!({
        "name": account.name.as_str(),
        "role": account.role.name(),
        "created": time(account.created),
        "last_seen": account.last_seen.map(time),
        "sessions": account.sessions,
        "waiting": account.waiting,
        "sanctions": account.sanctions.iter().map(|id| id.0).collect::<Vec<_>>(),
    })
}

fn account_detail(detail: &AccountDetail) -> Value {
    json!({
        "account": account(&detail.account),
        "person": detail.person.as_ref().map(person),
        "devices": all(&detail.devices, device),
        "login": detail.login.to_string(),
        "login_address": detail.login_address.map(|address| address.to_string()),
        "certificates": detail.certificates,
        "rooms": words(&detail.rooms),
        "sanctions": all(&detail.sanctions, sanction),
    })
}

fn device(device: &DeviceReport) -> Value {
    json!({
        "number": device.number,
        "name": device.name.as_str(),
        "last_used": device.last_used.map(time),
        "last_address": device.last_address.map(|address| address.to_string()),
        "scopes": device.scopes.map(|scopes| scopes.list()),
        "until": device.until.map(time),
    })
}

fn sanction(sanction: &SanctionReport) -> Value {
    json!({
        "number": sanction.number.0,
        "kind": sanction.kind.name(),
        "whom": sanction.whom.as_str(),
        "room": sanction.room.as_deref(),
        "reason": sanction.reason.as_str(),
        "by": sanction.by.as_str(),
        "since": time(sanction.since),
        "until": sanction.until.map(time),
    })
}

fn invitation(invitation: &InvitationReport) -> Value {
    json!({
        "number": invitation.number.0,
        "room": invitation.room.as_deref(),
        "uses": invitation.uses,
        "by": invitation.by.as_str(),
        "since": time(invitation.since),
        "until": invitation.until.map(time),
    })
}

fn filter(filter: &FilterReport) -> Value {
    json!({
        "number": filter.number.0,
        "pattern": filter.pattern.as_str(),
        "action": filter.action.name(),
        "room": filter.room.as_deref(),
        "reason": filter.reason.as_str(),
        "by": filter.by.as_str(),
        "since": time(filter.since),
    })
}

fn held(held: &HeldReport) -> Value {
    json!({
        "number": held.number.0,
        "room": held.room.as_str(),
        "from": held.from.as_str(),
        "account": held.account.as_deref(),
        "text": held.text.as_str(),
        "filter": held.filter.0,
        "since": time(held.since),
    })
}

fn file(report: &FileReport) -> Value {
    let file = &report.file;
    json!({
        "id": file.id.0,
        "key": file.key.to_string(),
        "name": file.name.as_str(),
        "owner": report.owner.as_deref(),
        "type": file.media_type.as_str(),
        "size": file.size,
        "sha256": file.sha256.to_string(),
        "visibility": file.visibility.name(),
        "room": report.room.as_deref(),
        "sent_to": words(&report.granted),
        "quarantined": file.aside.is_some(),
        "since": time(report.since),
        "until": report.until.map(time),
    })
}
