//! The devices of an account that have a token of their own to sign in with: giving one, and taking it back.
//!
//! The command DEVICE, NickServ and HTTP come here.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::id::{AccountId, TokenId};
use crate::input::{Answer, Asker};
use crate::limits;
use crate::output::Ask;
use crate::person::{departure, replay};
use crate::record::{AccountChange, Fact};
use crate::right::Scopes;
use crate::secret::{Secret, Verifier};
use crate::state::State;
use crate::state::waiting::{Then, TokenDoor};
use crate::turn::{Mark, Turn};
use causette_proto::{CompactString, Timestamp};

/// Starts to give a device a token; who asks waits for it.
pub(crate) fn add(
    turn: &mut Turn<'_>,
    asker: Asker,
    account: AccountId,
    name: &str,
    door: TokenDoor,
) -> Result<(), Denied> {
    let name = named(name)?;
    has_room(turn.state, account)?;
    turn.ask(asker, Ask::MakeToken);
    turn.wait(
        asker,
        Then::AddDevice {
            account,
            name,
            door,
        },
    );
    Ok(())
}

/// What a device or a program may be called.
pub(super) fn named(name: &str) -> Result<CompactString, Denied> {
    let name = name.trim();
    let length = name.chars().count();
    if (1..=limits::TOKEN_NAME_CHARS).contains(&length) && !name.contains(char::is_control) {
        return Ok(name.into());
    }
    let max = limits::TOKEN_NAME_CHARS.to_string();
    let (why, key) = (Why::DeviceName, "device-name-invalid");
    Err(Denied::new(why, key, &[("max", max.as_str())]))
}

/// Whether an account may have one more token, of a device or a program.
pub(super) fn has_room(state: &State, account: AccountId) -> Result<(), Denied> {
    let held = state.accounts().get(&account);
    if held.is_some_and(|account| account.tokens.len() < limits::TOKENS) {
        return Ok(());
    }
    let max = limits::TOKENS.to_string();
    let variables = [("max", max.as_str())];
    Err(Denied::new(
        Why::TooManyDevices,
        "device-too-many",
        &variables,
    ))
}

/// Gives the token that was made to the device: its number and itself. It is in no other place: what is recorded cannot be
/// turned back into it.
pub(crate) fn added(
    turn: &mut Turn<'_>,
    actor: &Actor,
    account: AccountId,
    name: &CompactString,
    answer: Answer,
) -> Result<(TokenId, Secret), Denied> {
    let Answer::Made { token, verifier } = answer else {
        return Err(Denied::new(Why::Unavailable, "unavailable", &[]));
    };
    // Other sessions may have asked for one meanwhile.
    has_room(turn.state, account)?;
    let id = keep(turn, actor, account, (name.clone(), verifier), None);
    Ok((id, token))
}

/// Keeps what is kept of a token; of a program's also what it is good for and until when. There has to be room for it.
pub(super) fn keep(
    turn: &mut Turn<'_>,
    actor: &Actor,
    account: AccountId,
    (name, verifier): (CompactString, Verifier),
    good_for: Option<(Scopes, Timestamp)>,
) -> TokenId {
    let (scopes, until) = good_for.unzip();
    let found = turn.state.accounts().get(&account);
    let found = found.expect("has_room has found the account");
    let token = TokenId(found.last_token + 1);
    let change = AccountChange::TokenAdded {
        token,
        name,
        verifier,
        scopes,
        until,
    };
    turn.commit(actor, Fact::AccountChanged { account, change });
    token
}

/// Takes back the token of a device that somebody names by its number.
pub(crate) fn remove(
    turn: &mut Turn<'_>,
    actor: &Actor,
    account: AccountId,
    id: &str,
) -> Result<TokenId, Denied> {
    let held = turn.state.accounts().get(&account);
    let token = id.parse().ok().map(TokenId);
    let Some(token) = token.filter(|id| held.is_some_and(|held| held.token(*id).is_some())) else {
        let variables = [("id", id)];
        return Err(Denied::new(
            Why::UnknownDevice,
            "device-unknown",
            &variables,
        ));
    };
    take_back(turn, actor, account, token);
    Ok(token)
}

/// Takes back the tokens of all devices but the one that the session of who asks has signed in with, as when the password is
/// changed; says how many there were.
pub(crate) fn remove_others(turn: &mut Turn<'_>, actor: &Actor, account: AccountId) -> usize {
    let session = actor.session();
    let own = session.and_then(|id| turn.state.sessions.get(&id)?.token);
    let held = turn.state.accounts().get(&account);
    let tokens = held.map_or(&[][..], |held| &held.tokens);
    let others = tokens.iter().map(|token| token.id);
    let others: Vec<TokenId> = others.filter(|id| Some(*id) != own).collect();
    for token in &others {
        take_back(turn, actor, account, *token);
    }
    others.len()
}

/// Takes a token back. Sessions that signed in with it end; the one that asks for it stays, to be answered.
pub(crate) fn take_back(
    turn: &mut Turn<'_>,
    actor: &Actor,
    account: AccountId,
    token: TokenId,
) -> Mark {
    replay::forget(turn, actor, account, token);
    let change = AccountChange::TokenRemoved(token);
    let mark = turn.commit(actor, Fact::AccountChanged { account, change });
    for id in turn.state.sessions_of(account) {
        let Some(session) = turn.state.sessions.get_mut(&id) else {
            continue;
        };
        if session.token != Some(token) {
            continue;
        }
        if Some(id) == actor.session() {
            session.token = None;
            continue;
        }
        departure::end_with(turn, id, "closing-device-removed", &[]);
    }
    mark
}
