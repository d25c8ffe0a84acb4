//! Lasting rights in a channel that has an owner.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::event::Prefixes;
use crate::id::{AccountId, RoomId, UserId};
use crate::limits;
use crate::record::Fact;
use crate::right::Act;
use crate::room::{privilege, rank};
use crate::state::State;
use crate::state::channel::Channel;
use crate::turn::Turn;
use causette_proto::{AccountName, CompactString};

/// A row of the list of lasting rights: the account's name, and the prefixes.
pub(crate) type Row = (CompactString, Prefixes);

/// The channel of a name, where somebody may know that it exists: they see it, have rights there, or own every channel. What may
/// not be known to exist is answered like what does not.
pub(crate) fn known<'a>(
    state: &'a State,
    actor: &Actor,
    by: UserId,
    name: &str,
) -> Result<&'a Channel, Denied> {
    let account = actor.account(state);
    let known = |channel: &&Channel| {
        let rights = account.is_some_and(|account| {
            channel.founder == Some(account) || channel.access.contains_key(&account)
        });
        channel.is_visible_to(by) || rights || actor.may(state, Act::RuleChannels)
    };
    let found = state.channel_named(name).filter(known);
    found.ok_or_else(|| privilege::no_such_channel(name))
}

/// The lasting rights of an account in a channel: its owner's, and those it was given.
pub(crate) fn rights(channel: &Channel, account: Option<AccountId>) -> Prefixes {
    let Some(account) = account else {
        return Prefixes::NONE;
    };
    let access = channel.access.get(&account).copied().unwrap_or_default();
    if channel.founder == Some(account) {
        access.union(Prefixes::of('q'))
    } else {
        access
    }
}

/// Whether somebody's account owns the channel, or they rule those that others own.
pub(super) fn rules(state: &State, actor: &Actor, channel: &Channel) -> bool {
    let account = actor.account(state);
    channel.founder.is_some()
        && (channel.founder == account || must_rule(state, actor, channel).is_ok())
}

/// Refuses who has not the right to what others own, or not to this channel: nobody rules that of somebody whom their role does not
/// reach.
pub(crate) fn must_rule(state: &State, actor: &Actor, channel: &Channel) -> Result<(), Denied> {
    actor.must(state, Act::RuleChannels)?;
    if state.is_administration(channel.id) {
        // What is read there is what those who run the server have done: it is nobody's.
        let variables = [("channel", channel.name.as_str())];
        let key = "administration-room-kept";
        return Err(Denied::new(Why::KeptOpen, key, &variables));
    }
    match channel.founder {
        Some(founder) => actor.must_reach_author(state, founder.into()),
        None => Ok(()),
    }
}

/// Gives oneself the prefixes of one's lasting rights again, or makes somebody an operator.
pub(crate) fn op(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    room: RoomId,
    nick: Option<&str>,
) -> Result<(), Denied> {
    let channel = &turn.state.channels()[&room];
    let name = channel.name.as_str();
    let rights = rights(channel, actor.account(turn.state));
    let (user, prefixes) = match nick {
        None if rights.is_empty() => return Err(no_rights(name)),
        None => (by, rights),
        Some(_) if !rights.at_least('o') => return Err(no_rights(name)),
        Some(nick) => {
            let user = turn.state.user_named(nick);
            let user = user.ok_or_else(|| privilege::no_such_nick(nick))?;
            (user.id, Prefixes::of('o'))
        }
    };
    if !channel.members.contains_key(&user) {
        return Err(privilege::not_in_channel(&turn.state.nick_of(user), name));
    }
    rank::raise(turn, actor, by, (room, user), prefixes);
    Ok(())
}

/// The lasting rights in a channel, by the names of the accounts.
pub(crate) fn list(
    state: &State,
    actor: &Actor,
    by: UserId,
    room: RoomId,
) -> Result<Vec<Row>, Denied> {
    let channel = &state.channels()[&room];
    let own = rights(channel, actor.account(state));
    if !channel.prefixes(by).at_least('h') && own.is_empty() {
        return Err(privilege::operators_only(channel.name.as_str()));
    }
    let rows = channel.access.iter().filter_map(|(account, prefixes)| {
        let account = state.accounts().get(account)?;
        Some((CompactString::new(account.name.as_str()), *prefixes))
    });
    let mut rows: Vec<Row> = rows.collect();
    rows.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    Ok(rows)
}

/// What is to become of somebody's lasting rights.
pub(crate) struct AccessChange<'a> {
    /// The name of their account.
    pub(crate) account: &'a str,
    /// Whether the prefixes are given or taken.
    pub(crate) add: bool,
    pub(crate) prefixes: Prefixes,
}

/// Gives an account lasting rights in a channel, or takes them. Gives back its name, and what it has now.
pub(crate) fn change(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    room: RoomId,
    AccessChange {
        account,
        add,
        prefixes: changed,
    }: AccessChange<'_>,
) -> Result<(AccountName, Prefixes), Denied> {
    let channel = &turn.state.channels()[&room];
    let name = channel.name.as_str();
    registered(channel)?;
    // Who is protected may give what is below; protection itself is the founder's to give.
    let needed = if changed.at_least('a') { 'q' } else { 'a' };
    let own = rights(channel, actor.account(turn.state));
    if !own.at_least(needed) && !rules(turn.state, actor, channel) {
        return Err(no_rights(name));
    }
    // A channel has one owner: what theirs is goes by handing it on, and is asked for apart.
    if changed.has('q') {
        let variables = [("channel", name)];
        let key = "chanserv-owner-by-transfer";
        return Err(Denied::new(Why::NoLastingRights, key, &variables));
    }
    let found = privilege::account_named(turn.state, account)?;
    let (account, account_name) = (found.id, found.name.clone());
    let held = channel.access.get(&account).copied().unwrap_or_default();
    let prefixes = if add {
        held.union(changed)
    } else {
        held.without(changed)
    };
    if held.is_empty() && !prefixes.is_empty() && channel.access.len() >= limits::ACCESS {
        let max = limits::ACCESS.to_string();
        let variables = [("channel", name), ("max", &max)];
        return Err(Denied::new(
            Why::AccessFull,
            "chanserv-access-full",
            &variables,
        ));
    }
    if prefixes != held {
        let fact = Fact::AccessChanged {
            room,
            account,
            prefixes,
        };
        turn.commit(actor, fact);
        let member = (room, UserId::from(account));
        rank::raise(turn, actor, by, member, prefixes);
        rank::lower(turn, actor, by, member, held.without(prefixes));
    }
    Ok((account_name, prefixes))
}

/// Whether a channel has an owner, without whom nobody has lasting rights.
pub(crate) fn registered(channel: &Channel) -> Result<(), Denied> {
    if channel.founder.is_some() {
        return Ok(());
    }
    let variables = [("channel", channel.name.as_str())];
    Err(Denied::new(
        Why::NotRegistered,
        "chanserv-not-registered",
        &variables,
    ))
}

/// The refusal of what somebody's lasting rights do not allow.
fn no_rights(name: &str) -> Denied {
    Denied::new(
        Why::NoLastingRights,
        "chanserv-no-rights",
        &[("channel", name)],
    )
}
