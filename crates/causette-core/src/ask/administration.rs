//! What the administrator asks for over the admin socket.

use crate::account::forgotten;
use crate::account::sign_up;
use crate::actor::Actor;
use crate::id::RoomId;
use crate::input::{Act, Answer, Asker};
use crate::output::{Ask, Output};
use crate::record::Fact;
use crate::secret::Secret;
use crate::state::naming::account_taken;
use crate::state::waiting::{SignUpDoor, Then};
use crate::turn::Turn;
use causette_proto::CompactString;
use causette_text::{text, text_with};
use std::fmt::Write as _;

/// Does what is asked, or starts to.
pub(crate) fn act(turn: &mut Turn<'_>, ticket: u64, act: Act) {
    match act {
        Act::ShowFingerprints { text } => {
            turn.commit(&Actor::Server, Fact::FingerprintsShown);
            tell(turn, ticket, Ok(text));
        }
        Act::Invite {
            address,
            room,
            public_key,
        } => {
            let result = invite(turn, &address, room.as_deref(), public_key.as_deref());
            tell(turn, ticket, result);
        }
        Act::ResetPassword { name, password, by } => reset(turn, ticket, &name, password, by),
        Act::CreateAccount { name, password } => {
            let language = turn.settings.language;
            let minimum = turn.settings.password_min.to_string();
            let acceptable = sign_up::acceptable(turn.settings, &name, &password);
            match acceptable {
                Ok((name, _)) if let Some(key) = account_taken(turn.state, &name, None) => {
                    let variables = [("account", name.as_str())];
                    tell(turn, ticket, Err(text_with(language, key, &variables)));
                }
                Ok((name, password)) if !turn.state.waiting.is_full(Asker::Admin(ticket)) => {
                    let asker = Asker::Admin(ticket);
                    let door = SignUpDoor::Socket;
                    turn.wait(
                        asker,
                        Then::SignUp {
                            name: name.clone(),
                            door,
                        },
                    );
                    let ask = Ask::HashPassword { name, password };
                    turn.out.push(Output::Ask { asker, ask });
                }
                Ok(_) => tell(turn, ticket, Err(text(language, "unavailable"))),
                Err((_, key)) => {
                    let variables = [("account", name.as_str()), ("min", minimum.as_str())];
                    tell(turn, ticket, Err(text_with(language, key, &variables)));
                }
            }
        }
    }
}

/// Starts to give somebody who has forgotten their password another one, or a code.
fn reset(
    turn: &mut Turn<'_>,
    ticket: u64,
    name: &str,
    password: Option<Secret>,
    by: CompactString,
) {
    let language = turn.settings.language;
    let minimum = turn.settings.password_min.to_string();
    let found = turn
        .state
        .account_named(name)
        .filter(|found| !found.dropping);
    let Some((account, held)) = found.map(|found| (found.id, found.name.clone())) else {
        let variables = [("account", name)];
        let text = text_with(language, "admin-no-account", &variables);
        return tell(turn, ticket, Err(text));
    };
    let variables = [("account", held.as_str()), ("min", minimum.as_str())];
    let acceptable =
        |password: Secret| sign_up::acceptable_password(turn.settings, &held, &password);
    let password = match password.map(acceptable).transpose() {
        Ok(password) => password,
        Err((_, key)) => {
            return tell(turn, ticket, Err(text_with(language, key, &variables)));
        }
    };
    let asker = Asker::Admin(ticket);
    if turn.state.waiting.is_full(asker) {
        return tell(turn, ticket, Err(text(language, "unavailable")));
    }
    turn.wait(asker, Then::Reset { account, by });
    let ask = match password {
        Some(password) => Ask::HashPassword {
            name: held.clone(),
            password,
        },
        None => Ask::MakeCode,
    };
    turn.out.push(Output::Ask { asker, ask });
}

/// Makes a link that invites people: to the room that the administrator names, or to the first that everybody lands in.
fn invite(
    turn: &mut Turn<'_>,
    address: &str,
    room: Option<&str>,
    public_key: Option<&str>,
) -> Result<String, String> {
    let language = turn.settings.language;
    let found: Option<(RoomId, CompactString)> = match room {
        Some(name) => {
            let channel = turn.state.channel_named(name);
            let channel = channel
                .ok_or_else(|| text_with(language, "admin-invite-no-room", &[("room", name)]))?;
            Some((channel.id, channel.name.as_str().into()))
        }
        None => {
            let mut rooms = turn.settings.auto_join.iter();
            rooms.find_map(|name| {
                let channel = turn.state.channel_of(name)?;
                Some((channel.id, channel.name.as_str().into()))
            })
        }
    };
    let (id, name) = found.unzip();
    let mut link = format!("causette://{address}/");
    link.push_str(&escaped(name.as_deref().unwrap_or_default()));
    if let Some(public_key) = public_key {
        link.push_str("?sha256=");
        link.push_str(public_key);
    }
    let text = text_with(language, "admin-invitation", &[("link", &link)]);
    let link = link.into();
    turn.commit(&Actor::Server, Fact::InvitationMade { room: id, link });
    Ok(text)
}

/// The name of a room as it stands in a link: whatever would end it there, or is lost on the way, as percent and two digits.
fn escaped(name: &str) -> String {
    let mut text = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'#' | b'-' | b'.' | b'_' | b'~') {
            text.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// Goes on with an act when its answer is there.
pub(crate) fn answered(turn: &mut Turn<'_>, ticket: u64, then: Then, answer: Answer) {
    *turn.mutated = true;
    let language = turn.settings.language;
    let name = match then {
        Then::SignUp { name, .. } => name,
        Then::Reset { account, by } => {
            let result = forgotten::reset(turn, account, by, answer);
            return tell(turn, ticket, result);
        }
        // The administrator waits for nothing else.
        _ => return,
    };
    let variables = [("account", name.as_str())];
    let result = match (answer, account_taken(turn.state, &name, None)) {
        (Answer::Hashed(_), Some(key)) => Err(text_with(language, key, &variables)),
        (Answer::Hashed(verifier), None) => {
            sign_up::create(turn, None, name.clone(), verifier, true);
            Ok(text_with(language, "account-made", &variables))
        }
        (
            Answer::Verified(_)
            | Answer::VerifiedAnew(_)
            | Answer::Challenge(_)
            | Answer::Proved(_)
            | Answer::Found(_)
            | Answer::Token { .. }
            | Answer::Code { .. }
            | Answer::Made { .. }
            | Answer::Unavailable,
            _,
        ) => Err(text(language, "unavailable")),
    };
    tell(turn, ticket, result);
}

fn tell(turn: &mut Turn<'_>, ticket: u64, result: Result<String, String>) {
    turn.out.push(Output::Told { ticket, result });
}
