//! What those who run the server ask for about accounts: who they are, what they may do, whether they come in.

use super::administration::Answered;
use crate::account::approval::{self, Judged};
use crate::account::removal::{self, Removed};
use crate::account::{listed, login, role};
use crate::actor::Actor;
use crate::commands::{cap, oper};
use crate::denied::{Denied, Why};
use crate::order::Order;
use crate::report::Report;
use crate::right::Role;
use crate::server::sign_ups;
use crate::settings::Registration;
use crate::turn::{Mark, Turn};
use causette_text::text_with;

/// Does what is asked for; says what came of it, and by which fact, where there is one. Other orders are not for here.
pub(super) fn obey(turn: &mut Turn<'_>, actor: &Actor, order: Order) -> Result<Answered, Denied> {
    match order {
        Order::ListAccounts(portion) => {
            let (accounts, more) = listed::list(turn.state, actor, &portion)?;
            Ok((Report::Accounts { accounts, more }, None))
        }
        Order::ShowAccount { name } => {
            let detail = listed::show(turn.state, actor, &name)?;
            Ok((Report::Account(Box::new(detail)), None))
        }
        order => {
            let (text, mark) = act(turn, actor, order)?;
            Ok((Report::Done(text), Some(mark)))
        }
    }
}

/// Does what changes something; gives a sentence that says what.
fn act(turn: &mut Turn<'_>, actor: &Actor, order: Order) -> Result<(String, Mark), Denied> {
    Ok(match order {
        Order::GiveRole {
            account,
            role,
            reason,
        } => give_role(turn, actor, (&account, role), &reason)?,
        Order::EndSessions { account, reason } => {
            let ended = removal::end_sessions(turn, actor, &account, &reason)?;
            removed(turn, "admin-sessions-ended", ended)
        }
        Order::DropAccount { account, reason } => {
            let dropped = removal::drop_account(turn, actor, &account, &reason)?;
            removed(turn, "admin-account-dropped", dropped)
        }
        Order::SetLogin {
            account,
            login,
            reason,
        } => set_login(turn, actor, (&account, &login), &reason)?,
        Order::Unlock { account, reason } => {
            let (name, mark) = login::unlock(turn, actor, &account, &reason)?;
            let variables = [("account", name.as_str())];
            (
                text_with(turn.language, "admin-login-unlocked", &variables),
                mark,
            )
        }
        Order::Approve { account } => {
            let approved = approval::approve(turn, actor, &account)?;
            judged(turn, "admin-account-approved", approved)
        }
        Order::Refuse { account, reason } => {
            let refused = approval::refuse(turn, actor, &account, &reason)?;
            judged(turn, "admin-account-refused", refused)
        }
        Order::SetRegistration { registration } => set_registration(turn, actor, registration)?,
        _ => return Err(Denied::new(Why::Unavailable, "unavailable", &[])),
    })
}

fn give_role(
    turn: &mut Turn<'_>,
    actor: &Actor,
    (account, role): (&str, Role),
    reason: &str,
) -> Result<(String, Mark), Denied> {
    let given = role::give(turn, actor, account, role, reason)?;
    oper::tell_given(turn, &given);
    let (name, has) = (given.name.as_str(), given.role.name());
    let key = if given.role == role {
        "admin-role-given"
    } else {
        "admin-first-owner"
    };
    let text = text_with(turn.language, key, &[("account", name), ("role", has)]);
    Ok((text, given.mark))
}

fn set_login(
    turn: &mut Turn<'_>,
    actor: &Actor,
    (account, login): (&str, &str),
    reason: &str,
) -> Result<(String, Mark), Denied> {
    let given = login::set(turn, actor, account, login, reason)?;
    let login = given.policy.words().join(", ");
    let variables = [
        ("account", given.name.as_str()),
        ("kind", given.policy.kind()),
        ("login", login.as_str()),
    ];
    let text = text_with(turn.language, "admin-login-given", &variables);
    Ok((text, given.mark))
}

fn set_registration(
    turn: &mut Turn<'_>,
    actor: &Actor,
    registration: Option<Registration>,
) -> Result<(String, Mark), Denied> {
    let before = cap::registration(turn.state, turn.settings);
    let mark = sign_ups::set(turn, actor, registration)?;
    if cap::registration(turn.state, turn.settings) != before {
        cap::announce_registration(turn);
    }
    let rules = turn.state.registration(turn.settings).name();
    let key = match registration {
        Some(_) => "admin-registration-set",
        None => "admin-registration-configured",
    };
    let text = text_with(turn.language, key, &[("registration", rules)]);
    Ok((text, mark))
}

fn removed(turn: &Turn<'_>, key: &str, removed: Removed) -> (String, Mark) {
    let (sessions, devices) = (removed.sessions.to_string(), removed.devices.to_string());
    let variables = [
        ("account", removed.name.as_str()),
        ("sessions", sessions.as_str()),
        ("devices", devices.as_str()),
    ];
    let text = text_with(turn.language, key, &variables);
    (text, removed.mark)
}

fn judged(turn: &Turn<'_>, key: &str, judged: Judged) -> (String, Mark) {
    let variables = [("account", judged.name.as_str())];
    let text = text_with(turn.language, key, &variables);
    (text, judged.mark)
}
