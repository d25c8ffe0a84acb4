//! What must hold between two inputs, whatever came before.

use crate::id::AccountId;
use crate::input::Asker;
use crate::limits;
use crate::metadata::Whose;
use crate::right::Role;
use crate::state::State;
use crate::state::account::Account;
use crate::state::likeness::Likenesses;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// Says what does not hold.
pub(crate) fn check(state: &State) -> Result<(), String> {
    sessions(state)?;
    users(state)?;
    channels(state)?;
    state.check_presence()?;
    accounts(state)?;
    filters(state)?;
    census(state)?;
    metadata(state)?;
    likenesses(state)
}

/// What is counted is what a look at everybody gives.
fn census(state: &State) -> Result<(), String> {
    let greeted = state.sessions.values().filter(|found| found.welcomed);
    let invisible = state.users.values();
    let invisible = invisible.filter(|user| user.present && user.modes.has('i'));
    let counted = (greeted.count(), invisible.count());
    let census = state.census;
    let operators = state.sessions.values();
    let operators = operators.filter(|found| found.user.is_some() && state.is_operating(found));
    let (operators, found) = (operators.count(), state.operators());
    if operators != found {
        return Err(format!(
            "{found} operators are found where there are {operators}"
        ));
    }
    if counted == (census.greeted, census.invisible) && census.greeted <= census.greeted_max {
        return Ok(());
    }
    Err(format!("{census:?} where there are {counted:?}"))
}

fn accounts(state: &State) -> Result<(), String> {
    let mut sessions: FxHashMap<AccountId, usize> = FxHashMap::default();
    for account in state
        .sessions
        .values()
        .filter_map(|session| session.account)
    {
        *sessions.entry(account).or_default() += 1;
    }
    for account in state.accounts.values() {
        let found = sessions.get(&account.id).copied().unwrap_or_default();
        if account.sessions != found {
            return Err(format!(
                "{} counts {} sessions and has {found}",
                account.name, account.sessions
            ));
        }
    }
    for (name, id) in &state.account_names {
        let account = state
            .accounts
            .get(id)
            .ok_or_else(|| format!("the account name {name} leads nowhere"))?;
        if account.name.key() != name {
            return Err(format!("the account name {name} leads to {}", account.name));
        }
    }
    standing(state)?;
    token_ends(state)
}

/// Each token that is good until a time is among the ends, and no other.
fn token_ends(state: &State) -> Result<(), String> {
    let accounts = state.accounts.values();
    let ends = accounts.flat_map(|account| {
        let tokens = account.tokens.iter();
        tokens.filter_map(|token| Some((token.until?, account.id, token.id)))
    });
    if state.token_ends != ends.collect() {
        return Err("the ends of tokens are not those that the accounts say".to_owned());
    }
    Ok(())
}

/// What is said of accounts beside them: who has a role, and who waits.
fn standing(state: &State) -> Result<(), String> {
    let found = |which: fn(&Account) -> bool| -> BTreeSet<AccountId> {
        let accounts = state.accounts.values();
        let found = accounts.filter(|account| which(account));
        found.map(|account| account.id).collect()
    };
    if state.officers != found(|account| account.role != Role::User) {
        return Err("other accounts have a role than is known".to_owned());
    }
    if state.unapproved != found(|account| account.waiting) {
        return Err("other accounts wait to be approved than is known".to_owned());
    }
    let mut sessions = state.sessions.values();
    let lost = sessions.find(|session| {
        let waits = session.applied;
        waits.is_some_and(|id| !state.unapproved.contains(&id) || session.account.is_some())
    });
    match lost {
        Some(session) => Err(format!("{:?} waits for nobody's approval", session.id)),
        None => Ok(()),
    }
}

/// Nothing is said of who or what is not there.
fn metadata(state: &State) -> Result<(), String> {
    let mut all = state.metadata.all();
    let lost = all.find(|whose| match whose {
        Whose::Account(account) => !state.accounts.contains_key(account),
        Whose::Room(room) => !state.channels.contains_key(room),
        Whose::Guest(user) => !state.users.contains_key(user),
    });
    match lost {
        Some(whose) => Err(format!("something is said of {whose:?}, who is not there")),
        None => Ok(()),
    }
}

fn likenesses(state: &State) -> Result<(), String> {
    let mut expected = Likenesses::new(state.casemap);
    for user in state.users.values() {
        expected.add_nick(&user.nick, user.id);
    }
    for account in state.accounts.values() {
        expected.add_account(&account.name, account.id);
    }
    if expected != state.likenesses {
        return Err("what names look like is not what they are".to_owned());
    }
    Ok(())
}

fn filters(state: &State) -> Result<(), String> {
    let filters: Vec<u64> = state.filters.iter().map(|filter| filter.id.0).collect();
    if filters != state.patterns.filters() {
        return Err("the words that are looked for are not those of the filters".to_owned());
    }
    let held = state.held.iter().map(|held| held.room);
    let rooms = state.filters.iter().filter_map(|filter| filter.room);
    match held
        .chain(rooms)
        .find(|room| !state.channels.contains_key(room))
    {
        Some(room) => Err(format!(
            "something waits or is looked for in {room:?}, which is closed"
        )),
        None => Ok(()),
    }
}

fn sessions(state: &State) -> Result<(), String> {
    let mut waiting = state.waiting.askers();
    let gone = waiting.find(|asker| match asker {
        Asker::Session(session) => !state.sessions.contains_key(session),
        Asker::Admin(_) | Asker::Visit(_) => false,
    });
    if let Some(asker) = gone {
        return Err(format!("{asker:?} waits and is gone"));
    }
    for session in state.sessions.values() {
        let id = session.id;
        if session.held.len() > limits::LINES_IN_FLIGHT {
            return Err(format!("{id:?} holds {} lines", session.held.len()));
        }
        let monitors = &state.monitors;
        if let Some(nick) = session
            .monitored
            .iter()
            .find(|nick| !monitors.of(nick).contains(&id))
        {
            return Err(format!("{id:?} monitors {nick}, which is not noted"));
        }
        let account = session.account.and_then(|id| state.accounts.get(&id));
        if let Some(token) = session.token
            && account.is_none_or(|account| account.token(token).is_none())
        {
            return Err(format!("{id:?} signed in by {token:?}, which is no more"));
        }
        let Some(user) = session.user else { continue };
        let user = state
            .users
            .get(&user)
            .ok_or_else(|| format!("{id:?} speaks for {user:?}, who does not exist"))?;
        if !user.sessions.contains(&id) {
            return Err(format!(
                "{id:?} speaks for {}, who does not know it",
                user.nick
            ));
        }
        if user.account != session.account {
            return Err(format!("{id:?} and {} differ in their account", user.nick));
        }
    }
    Ok(())
}

fn users(state: &State) -> Result<(), String> {
    if state.nicks.len() != state.users.len() {
        return Err(format!(
            "{} nicknames for {} users",
            state.nicks.len(),
            state.users.len()
        ));
    }
    for user in state.users.values() {
        if state.nicks.get(user.nick.key()) != Some(&user.id) {
            return Err(format!(
                "the nickname {} does not lead to its user",
                user.nick
            ));
        }
        let mut distinct = user.sessions.clone();
        distinct.sort_unstable();
        distinct.dedup();
        if distinct.len() != user.sessions.len() {
            return Err(format!("{} has a session twice", user.nick));
        }
        if let Some(session) = user
            .sessions
            .iter()
            .find(|id| !state.sessions.contains_key(id))
        {
            return Err(format!(
                "{} has {session:?}, which does not exist",
                user.nick
            ));
        }
        for room in &user.channels {
            let channel = state.channels.get(room);
            let channel = channel
                .ok_or_else(|| format!("{} is in {room:?}, which does not exist", user.nick))?;
            if !channel.members.contains_key(&user.id) {
                return Err(format!(
                    "{} is in {}, which does not know",
                    user.nick, channel.name
                ));
            }
        }
    }
    Ok(())
}

fn channels(state: &State) -> Result<(), String> {
    if state.channel_names.len() != state.channels.len() {
        return Err(format!(
            "{} channel names for {} channels",
            state.channel_names.len(),
            state.channels.len()
        ));
    }
    for channel in state.channels.values() {
        if state.channel_names.get(channel.name.key()) != Some(&channel.id) {
            return Err(format!(
                "the name {} does not lead to its channel",
                channel.name
            ));
        }
        if channel.modes.slow.is_none() && !channel.spoken.is_empty() {
            let name = &channel.name;
            return Err(format!("{name} is not slow and knows who spoke"));
        }
        if channel.members.is_empty() && !channel.stays() {
            return Err(format!("{} is empty and still open", channel.name));
        }
        let accounts = channel.founder.iter().chain(channel.access.keys());
        if let Some(account) = accounts
            .into_iter()
            .find(|id| !state.accounts.contains_key(id))
        {
            return Err(format!(
                "{} knows {account:?}, which does not exist",
                channel.name
            ));
        }
        if let Some(entry) = channel.masks.iter().find(|entry| {
            let account = entry.mask.account();
            entry.mask.names_nobody() || account.is_some_and(|id| !state.accounts.contains_key(&id))
        }) {
            return Err(format!(
                "{} knows {}, which names nobody",
                channel.name,
                entry.mask.as_str()
            ));
        }
        for member in channel.members.keys() {
            let user = state.users.get(member);
            if !user.is_some_and(|user| user.channels.contains(&channel.id)) {
                return Err(format!(
                    "{} has the member {member:?}, who does not know",
                    channel.name
                ));
            }
        }
        if let Some(audience) = &channel.audience {
            let mut expected: Vec<_> = channel
                .members
                .keys()
                .filter_map(|id| state.users.get(id))
                .flat_map(|user| user.sessions.iter().copied())
                .collect();
            let mut kept = audience.to_vec();
            expected.sort_unstable();
            kept.sort_unstable();
            if kept != expected {
                return Err(format!(
                    "the audience of {} is not its members' sessions",
                    channel.name
                ));
            }
        }
    }
    Ok(())
}
