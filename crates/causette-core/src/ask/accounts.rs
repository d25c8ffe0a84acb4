//! What those who run the server ask for about accounts: who they are, what they may do, whether they come in.

use super::administration::{deny, tell_done, tell_report};
use crate::account::approval::{self, Judged};
use crate::account::removal::{self, Removed};
use crate::account::{listed, role};
use crate::actor::Actor;
use crate::commands::{cap, oper};
use crate::denied::Denied;
use crate::order::Order;
use crate::report::Report;
use crate::right::Role;
use crate::server::sign_ups;
use crate::settings::Registration;
use crate::turn::{Mark, Turn};
use causette_text::text_with;

/// Does what is asked for, and tells what came of it. Other orders are not for here.
pub(super) fn obey(turn: &mut Turn<'_>, ticket: u64, actor: &Actor, order: Order) {
    match order {
        Order::ListAccounts(portion) => {
            let listed = listed::list(turn.state, actor, &portion);
            match listed {
                Ok((accounts, more)) => {
                    tell_report(turn, ticket, Report::Accounts { accounts, more });
                }
                Err(denied) => deny(turn, ticket, &denied),
            }
        }
        Order::ShowAccount { name } => match listed::show(turn.state, actor, &name) {
            Ok(detail) => tell_report(turn, ticket, Report::Account(Box::new(detail))),
            Err(denied) => deny(turn, ticket, &denied),
        },
        order => match act(turn, actor, order) {
            Ok(Some((text, mark))) => tell_done(turn, ticket, text, mark),
            Ok(None) => {}
            Err(denied) => deny(turn, ticket, &denied),
        },
    }
}

/// Does what changes something; gives a sentence that says what.
fn act(turn: &mut Turn<'_>, actor: &Actor, order: Order) -> Result<Option<(String, Mark)>, Denied> {
    Ok(Some(match order {
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
        Order::Approve { account } => {
            let approved = approval::approve(turn, actor, &account)?;
            judged(turn, "admin-account-approved", approved)
        }
        Order::Refuse { account, reason } => {
            let refused = approval::refuse(turn, actor, &account, &reason)?;
            judged(turn, "admin-account-refused", refused)
        }
        Order::SetRegistration { registration } => set_registration(turn, actor, registration)?,
        _ => return Ok(None),
    }))
}

fn give_role(
    turn: &mut Turn<'_>,
    actor: &Actor,
    (account, role): (&str, Role),
    reason: &str,
) -> Result<(String, Mark), Denied> {
    let given = role::give(turn, actor, account, role, reason)?;
    oper::tell_given(turn, &given);
    let variables = [("account", given.name.as_str()), ("role", role.name())];
    let text = text_with(turn.settings.language, "admin-role-given", &variables);
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
    let text = text_with(turn.settings.language, key, &[("registration", rules)]);
    Ok((text, mark))
}

fn removed(turn: &Turn<'_>, key: &str, removed: Removed) -> (String, Mark) {
    let (sessions, devices) = (removed.sessions.to_string(), removed.devices.to_string());
    let variables = [
        ("account", removed.name.as_str()),
        ("sessions", sessions.as_str()),
        ("devices", devices.as_str()),
    ];
    let text = text_with(turn.settings.language, key, &variables);
    (text, removed.mark)
}

fn judged(turn: &Turn<'_>, key: &str, judged: Judged) -> (String, Mark) {
    let variables = [("account", judged.name.as_str())];
    let text = text_with(turn.settings.language, key, &variables);
    (text, judged.mark)
}
