//! What the administrator asks for over the admin socket.

use crate::account::forgotten::{self, Reset};
use crate::account::sign_up;
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::input::{Answer, Asker, Order};
use crate::limits::CODE_HOURS;
use crate::output::Output;
use crate::secret::{CODE_CHARS, CODE_GROUP_CHARS, Secret};
use crate::server::{fingerprint, invitation};
use crate::state::waiting::{SignUpDoor, Then};
use crate::turn::Turn;
use causette_proto::CompactString;
use causette_text::{Language, text_with};

/// Does what the system user of a name asks for, or starts to.
pub(crate) fn obey(turn: &mut Turn<'_>, ticket: u64, by: CompactString, order: Order) {
    let (actor, asker) = (Actor::System(by.clone()), Asker::Admin(ticket));
    let done = match order {
        Order::ShowFingerprints { text } => fingerprint::show(turn, &actor).map(|()| Some(text)),
        Order::Invite {
            address,
            room,
            public_key,
        } => {
            let (room, public_key) = (room.as_deref(), public_key.as_deref());
            let made = invitation::make(turn, &actor, &address, room, public_key);
            made.map(|link| {
                let variables = [("link", link.as_str())];
                Some(text_with(
                    turn.settings.language,
                    "admin-invitation",
                    &variables,
                ))
            })
        }
        Order::ResetPassword { name, password } => {
            let then = |account| Then::Reset { account, by };
            forgotten::begin(turn, &actor, asker, &name, password.as_ref(), then).map(|()| None)
        }
        Order::CreateAccount { name, password } => {
            let door = SignUpDoor::Socket(by);
            sign_up::begin(turn, &actor, asker, &name, &password, door).map(|()| None)
        }
    };
    match done {
        Ok(Some(text)) => tell(turn, ticket, Ok(text)),
        // It waits for an answer.
        Ok(None) => {}
        Err(denied) => deny(turn, ticket, &denied),
    }
}

/// Goes on with an act when its answer is there.
pub(crate) fn answered(turn: &mut Turn<'_>, ticket: u64, then: Then, answer: Answer) {
    let language = turn.settings.language;
    let done = match then {
        Then::SignUp { name, door } => {
            let by = match &door {
                SignUpDoor::Socket(by) => by.clone(),
                _ => return,
            };
            let made = sign_up::settle(turn, &Actor::System(by), &name, &door, answer);
            let variables = [("account", name.as_str())];
            made.map(|_| text_with(language, "account-made", &variables))
        }
        Then::Reset { account, by } => {
            let reset = forgotten::settle(turn, &Actor::System(by), account, answer);
            reset.map(|reset| reset_told(language, &reset))
        }
        // The administrator waits for nothing else.
        _ => return,
    };
    match done {
        Ok(text) => tell(turn, ticket, Ok(text)),
        Err(denied) => deny(turn, ticket, &denied),
    }
}

/// What to tell who has forgotten their password.
fn reset_told(language: Language, Reset { name, code }: &Reset) -> String {
    let hours = CODE_HOURS.to_string();
    let written = code.as_ref().map(in_groups).unwrap_or_default();
    let variables = [
        ("account", name.as_str()),
        ("code", written.as_str()),
        ("hours", hours.as_str()),
    ];
    let key = match code {
        Some(_) => "admin-code",
        None => "admin-password-reset",
    };
    text_with(language, key, &variables)
}

/// A code as it is told: in groups.
fn in_groups(code: &Secret) -> String {
    let code = code.expose();
    let groups: Vec<&str> = (0..CODE_CHARS)
        .step_by(CODE_GROUP_CHARS)
        .filter_map(|start| code.get(start..start + CODE_GROUP_CHARS))
        .collect();
    groups.join("-")
}

/// Tells why something was not done. Whoever has the machine is no stranger to be put off: for them it is out of order.
fn deny(turn: &mut Turn<'_>, ticket: u64, denied: &Denied) {
    let key = match denied.why {
        Why::Busy => "unavailable",
        _ => denied.key,
    };
    let text = text_with(turn.settings.language, key, &denied.variables());
    tell(turn, ticket, Err(text));
}

fn tell(turn: &mut Turn<'_>, ticket: u64, result: Result<String, String>) {
    turn.out.push(Output::Told { ticket, result });
}
