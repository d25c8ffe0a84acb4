//! The devices of an account that have a token of their own to sign in with: giving one, and taking it back.
//!
//! What people say to it, and in which form they are answered, is in the command DEVICE; NickServ and HTTP come here too.

use crate::actor::Actor;
use crate::id::{AccountId, TokenId};
use crate::input::{Answer, Asker};
use crate::limits;
use crate::output::{Ask, Output};
use crate::person::departure;
use crate::person::replay;
use crate::record::{AccountChange, Fact};
use crate::reply::{Ctx, Outcome, Refusal};
use crate::reserved::Service;
use crate::secret::Verifier;
use crate::service;
use crate::state::waiting::{Then, TokenDoor};
use crate::turn::Turn;
use causette_proto::CompactString;

/// Starts to give a device a token; the session waits for it.
pub(crate) fn add(ctx: &mut Ctx<'_>, account: AccountId, name: &str, door: TokenDoor) -> Outcome {
    let name = name.trim();
    let length = name.chars().count();
    if !(1..=limits::TOKEN_NAME_CHARS).contains(&length) || name.contains(char::is_control) {
        let max = limits::TOKEN_NAME_CHARS.to_string();
        let variables = [("max", max.as_str())];
        let key = "device-name-invalid";
        return Err(ctx.failure("DEVICE", "INVALID_PARAMS", &["ADD"], key, &variables));
    }
    has_room(ctx, account)?;
    let asker = Asker::Session(ctx.id);
    let ask = Ask::MakeToken;
    ctx.after(Output::Ask { asker, ask });
    ctx.hold(Then::AddDevice {
        account,
        name: name.into(),
        door,
    });
    Ok(())
}

fn has_room(ctx: &Ctx<'_>, account: AccountId) -> Outcome {
    let held = ctx.turn.state.accounts().get(&account);
    if held.is_some_and(|account| account.tokens.len() < limits::TOKENS) {
        return Ok(());
    }
    let max = limits::TOKENS.to_string();
    let variables = [("max", max.as_str())];
    let key = "device-too-many";
    Err(ctx.failure("DEVICE", "TOO_MANY_DEVICES", &["ADD"], key, &variables))
}

/// Gives the token to the session. It is in no other place: what is recorded cannot be turned back into it.
pub(crate) fn added(
    ctx: &mut Ctx<'_>,
    account: AccountId,
    name: CompactString,
    door: TokenDoor,
    answer: Answer,
) {
    let made = match answer {
        // Other sessions may have asked for one meanwhile.
        Answer::Made { token, verifier } => has_room(ctx, account).map(|()| (token, verifier)),
        _ => {
            let code = "TEMPORARILY_UNAVAILABLE";
            Err(ctx.failure("DEVICE", code, &["ADD"], "unavailable", &[]))
        }
    };
    match (made, door) {
        (Ok((token, verifier)), _) => {
            let id = keep(ctx, account, name.clone(), verifier);
            let (id, token) = (id.0.to_string(), token.expose());
            match door {
                TokenDoor::Command => ctx.line(&format!("DEVICE ADD {id} {token} :{name}")),
                TokenDoor::NickServ => {
                    let variables = [("id", id.as_str()), ("name", &name), ("token", token)];
                    service::say(ctx, Service::Accounts, "nickserv-device-added", &variables);
                }
            }
        }
        (Err(Refusal::Fail { text, .. }), TokenDoor::NickServ) => {
            ctx.notice(Some(Service::Accounts.nick()), &text);
        }
        (Err(refusal), _) => ctx.refuse(refusal),
    }
}

fn keep(ctx: &mut Ctx<'_>, account: AccountId, name: CompactString, verifier: Verifier) -> TokenId {
    let session = ctx.id;
    let found = ctx.turn.state.accounts().get(&account);
    let found = found.expect("has_room has found the account");
    let token = TokenId(found.last_token + 1);
    let change = AccountChange::TokenAdded {
        token,
        name,
        verifier,
    };
    ctx.turn.commit(
        &Actor::Session(session),
        Fact::AccountChanged { account, change },
    );
    token
}

/// Takes back the token of a device that somebody names by its number.
pub(crate) fn remove(ctx: &mut Ctx<'_>, account: AccountId, id: &str) -> Result<TokenId, Refusal> {
    let held = ctx.turn.state.accounts().get(&account);
    let token = id.parse().ok().map(TokenId);
    let Some(token) = token.filter(|id| held.is_some_and(|held| held.token(*id).is_some())) else {
        let (key, variables) = ("device-unknown", [("id", id)]);
        return Err(ctx.failure("DEVICE", "UNKNOWN_DEVICE", &["DEL", id], key, &variables));
    };
    let actor = ctx.actor();
    take_back(&mut ctx.turn, &actor, account, token);
    Ok(token)
}

/// Takes back the tokens of all devices but the session's own, as when the password is changed; says how many there were.
pub(crate) fn remove_others(ctx: &mut Ctx<'_>, account: AccountId) -> usize {
    let (actor, own) = (ctx.actor(), ctx.session().token);
    let held = ctx.turn.state.accounts().get(&account);
    let tokens = held.map_or(&[][..], |held| &held.tokens);
    let others = tokens.iter().map(|token| token.id);
    let others: Vec<TokenId> = others.filter(|id| Some(*id) != own).collect();
    for token in &others {
        take_back(&mut ctx.turn, &actor, account, *token);
    }
    others.len()
}

/// Takes a token back. Sessions that signed in with it end; the one that asks for it stays, to be answered.
pub(crate) fn take_back(turn: &mut Turn<'_>, actor: &Actor, account: AccountId, token: TokenId) {
    replay::forget(turn, actor, account, token);
    let change = AccountChange::TokenRemoved(token);
    turn.commit(actor, Fact::AccountChanged { account, change });
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
}
