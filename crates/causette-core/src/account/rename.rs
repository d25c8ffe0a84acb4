//! Giving an account another name.

use crate::account::{naming, target};
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::discipline::enforce;
use crate::event::{ModeChange, What};
use crate::id::{AccountId, Room, RoomId, SessionId, UserId};
use crate::person::presence::announce;
use crate::person::{nickname, online};
use crate::record::{AccountChange, Fact};
use crate::right::Act;
use crate::room::administration;
use crate::state::State;
use crate::state::account::Account;
use crate::state::naming::account_taken;
use crate::turn::{Mark, Turn};
use causette_proto::mode::Change;
use causette_proto::{AccountName, Capabilities, Capability, CompactString, Nick};

/// An account that has another name.
pub(crate) struct Renamed {
    /// What it was called.
    pub(crate) from: AccountName,
    /// What it is called.
    pub(crate) name: AccountName,
    /// The connections that speak for it.
    pub(crate) sessions: Vec<SessionId>,
    pub(crate) mark: Mark,
}

/// Gives an account another name, by which alone one signs in from then on. Whoever has it is told why, there or not; whose nickname
/// was the name goes by the new one.
pub(crate) fn rename(
    turn: &mut Turn<'_>,
    actor: &Actor,
    account: &str,
    name: &str,
    reason: &str,
) -> Result<Renamed, Denied> {
    actor.must(turn.state, Act::RenameAccount)?;
    let found = target::named(turn.state, account)?;
    may_touch(turn.state, actor, found)?;
    let (id, from, waiting) = (found.id, found.name.clone(), found.waiting);
    let name = acceptable(turn, found, name)?;
    let reason = target::reason(turn.settings, reason)?.kept;
    let user = UserId::from(id);
    let before = turn.state.source_of(user).to_owned();
    let mut names = online::names_of(turn.state, user);
    names.push(Nick::from(&name));
    let online = online::before(turn.state, names);
    let change = AccountChange::Renamed {
        name: name.clone(),
        reason: reason.clone(),
    };
    let account = id;
    let mark = turn.commit(actor, Fact::AccountChanged { account, change });
    online.tell(turn);
    show(turn, user, &before, &name);
    if name.key() != from.key() {
        keep_masks(turn, id, &name);
    }
    follow(turn, actor, id, &from, &name);
    let variables = [
        ("from", from.as_str()),
        ("account", name.as_str()),
        ("reason", &reason),
    ];
    if waiting {
        tell_who_waits(turn, id, &variables);
    } else {
        tell_owner(turn, actor, user, &variables);
    }
    let by = actor.name(turn.state);
    let [old, new, why] = variables;
    let variables = [("by", by.as_str()), old, new, why];
    turn.tell_acted(actor, "notice-account-renamed", &variables);
    let sessions = turn.state.users.get(&user);
    let sessions = sessions.map(|user| user.sessions.clone());
    enforce::uphold(turn, user);
    Ok(Renamed {
        from,
        name,
        sessions: sessions.unwrap_or_default(),
        mark,
    })
}

/// Whether somebody may give this account another name: their own, or one whose role theirs reaches.
fn may_touch(state: &State, actor: &Actor, account: &Account) -> Result<(), Denied> {
    if actor.account(state) == Some(account.id) {
        return Ok(());
    }
    actor.must_reach_account(state, account)
}

/// The name that an account is to have, by the rules of a sign-up.
fn acceptable(turn: &Turn<'_>, account: &Account, name: &str) -> Result<AccountName, Denied> {
    let name = naming::account_name(turn.settings, name)?;
    let variables = [("account", name.as_str())];
    if account.name.as_str() == name.as_str() {
        let key = "account-named-already";
        return Err(Denied::new(Why::AlreadySo, key, &variables));
    }
    let another = account.name.key() != name.key();
    if another && turn.settings.reserved_names.holds(name.as_str()) {
        let key = "account-name-reserved";
        return Err(Denied::new(Why::BadAccountName, key, &variables));
    }
    match account_taken(turn.state, &name, Some(UserId::from(account.id))) {
        Some(key) if another => Err(Denied::new(Why::AccountExists, key, &variables)),
        _ => Ok(name),
    }
}

/// Puts in place of each mask that names the account by its old name one that does by the new one, for all to see: what it meant it
/// goes on meaning.
fn keep_masks(turn: &mut Turn<'_>, account: AccountId, name: &AccountName) {
    let mut changes: Vec<(RoomId, CompactString, ModeChange)> = Vec::new();
    for channel in turn.state.channels().values() {
        let masks = channel.masks.iter();
        for entry in masks.filter(|entry| entry.mask.account() == Some(account)) {
            let old = CompactString::new(entry.mask.as_str());
            for (add, mask) in [(true, entry.mask.under(name.as_str())), (false, old)] {
                let (mode, arg) = (entry.mode, Some(mask));
                let change = ModeChange {
                    change: Change { add, mode, arg },
                    member: None,
                };
                changes.push((channel.id, channel.modes.text(true), change));
            }
        }
    }
    changes.sort_by_key(|(room, ..)| *room);
    for (room, after, change) in changes {
        // One by one: however long the masks are, each fits on a line.
        let changes = vec![change];
        let what = What::Mode { changes, after };
        let rooms = vec![Room::Channel(room)];
        turn.happen(&Actor::Server, rooms, UserId::SERVER, what);
    }
}

/// Shows those who see somebody, and their own clients, what their account is called and where they come from.
/// <https://ircv3.net/specs/extensions/account-notify> <https://ircv3.net/specs/extensions/chghost>
fn show(turn: &mut Turn<'_>, user: UserId, before: &str, name: &AccountName) {
    let Some(found) = turn.state.users.get(&user) else {
        return;
    };
    let (username, host) = (found.username.clone(), found.host.clone());
    let sessions = found.sessions.clone();
    let lines = [
        (format!("ACCOUNT {name}"), Capability::AccountNotify),
        (format!("CHGHOST {username} {host}"), Capability::Chghost),
    ];
    for (words, capability) in lines {
        announce(turn, user, (before, &words), capability);
        let line = turn.line_of(user, format!(":{before} {words}"));
        turn.deliver(line, sessions.clone(), Capabilities::of(&[capability]));
    }
}

/// Lets somebody go by the new name who went by the old one.
fn follow(
    turn: &mut Turn<'_>,
    actor: &Actor,
    id: AccountId,
    from: &AccountName,
    name: &AccountName,
) {
    let (user, nick) = (UserId::from(id), Nick::from(name));
    if turn.state.users.contains_key(&user) {
        if turn.state.users[&user].nick.key() == from.key() {
            nickname::follow(turn, actor, user, nick);
        }
    } else if turn.state.accounts()[&id].nick.key() == from.key() {
        // Nobody sees it: it follows from the name, which is the act.
        turn.note_nick(&Actor::Server, id, nick);
    }
}

/// Tells those who wait for the account to be approved.
fn tell_who_waits(turn: &mut Turn<'_>, id: AccountId, variables: &[(&str, &str)]) {
    let sessions = turn.state.sessions.values();
    let waiting = sessions.filter(|session| session.applied == Some(id));
    let mut waiting: Vec<SessionId> = waiting.map(|session| session.id).collect();
    waiting.sort_unstable();
    for session in waiting {
        turn.tell_session(session, "NickServ", "account-renamed", variables);
    }
}

/// Tells who has the account, there or not, and where they may object.
fn tell_owner(turn: &mut Turn<'_>, actor: &Actor, user: UserId, variables: &[(&str, &str)]) {
    administration::tell(turn, actor, user, "account-renamed", variables);
    let contact = turn.settings.contact.clone();
    if !contact.is_empty() {
        let variables = [("contact", contact.as_str())];
        administration::tell(turn, actor, user, "how-to-object", &variables);
    }
}
