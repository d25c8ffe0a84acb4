//! A guest who signs in: they stay who they are, as the account's person from now on, with their nickname and their channels. Where that
//! one is present already, the guest leaves.

use crate::actor::Actor;
use crate::discipline::enforce;
use crate::event::{Prefixes, What};
use crate::id::{AccountId, Room, RoomId, SessionId, UserId};
use crate::limits;
use crate::modes::Letters;
use crate::person::arrival::account_user;
use crate::person::presence::{announce, enter_again};
use crate::person::{departure, metadata, online, realname};
use crate::record::Fact;
use crate::room::{access, rank};
use crate::state::State;
use crate::state::account::Setting;
use crate::state::channel::Channel;
use crate::state::user::User;
use crate::turn::Turn;
use crate::turn::parting::Parting;
use causette_proto::mode::{Change, format_changes};
use causette_proto::{Capability, ChannelName, CompactString, Nick};

/// A guest who is no more.
pub(crate) struct Left {
    /// Its `nick!user@host`.
    pub(crate) source: CompactString,
    /// The channels that it was in.
    pub(crate) channels: Vec<ChannelName>,
}

/// A guest who has become the person of an account.
pub(crate) struct Became {
    /// Its `nick!user@host` until then.
    pub(crate) source: CompactString,
    /// Its user modes until then.
    modes: Letters,
    /// The channels that it was in, with what it was there.
    rooms: Vec<(RoomId, Prefixes)>,
}

impl Became {
    /// Whether the guest was in a channel.
    pub(super) fn was_in(&self, room: RoomId) -> bool {
        self.rooms.iter().any(|(held, _)| *held == room)
    }

    /// What of its user modes is otherwise now, as MODE writes it; empty where nothing is.
    pub(crate) fn changes(&self, now: Letters) -> String {
        changes(self.modes, now)
    }
}

/// The guest for whom a session speaks.
pub(super) fn of(state: &State, session: SessionId) -> Option<UserId> {
    let user = state.sessions.get(&session)?.user?;
    (user == UserId::from(session)).then_some(user)
}

/// A guest that signs in leaves as a guest.
pub(super) fn leave(turn: &mut Turn<'_>, id: SessionId, guest: UserId) -> Option<Left> {
    let found = turn.state.users.get(&guest)?;
    let channels = found.channels.iter();
    let channels = channels.filter_map(|room| turn.state.channels().get(room));
    let left = Left {
        source: found.source.clone(),
        channels: channels.map(|channel| channel.name.clone()).collect(),
    };
    metadata::carry_over(turn, id, guest);
    let reason = Parting::new("quit-signed-in", &[]);
    departure::quit(turn, Some(id), guest, &reason);
    if let Some(session) = turn.state.sessions.get_mut(&id) {
        session.user = None;
    }
    Some(left)
}

/// Lets a guest go on as the person of an account that is not present: those who see them, or monitor them, are told. Of the account's
/// own channels they are seen to enter those that the guest was not in.
pub(super) fn take_over(
    turn: &mut Turn<'_>,
    id: SessionId,
    guest: UserId,
    account: AccountId,
) -> Option<Became> {
    let was = User::clone(turn.state.users.get(&guest)?);
    let name = turn.state.accounts().get(&account)?.name.clone();
    let actor = Actor::Session(id);
    *turn.mutated = true;
    let names = vec![was.nick.clone(), Nick::from(&name)];
    let mut before = online::before(turn.state, names);
    let (username, host) = User::origin(&name);
    for (words, capability) in [
        (format!("ACCOUNT {name}"), Capability::AccountNotify),
        (format!("CHGHOST {username} {host}"), Capability::Chghost),
    ] {
        announce(turn, guest, (&was.source, &words), capability);
    }
    metadata::carry_over(turn, id, guest);
    // Its nickname is free from here on, for the account to go by.
    turn.state.remove_user(guest);
    let user = account_user(turn, account);
    let own: Vec<RoomId> = turn.state.users[&user].channels.iter().copied().collect();
    let mut rooms = Vec::with_capacity(was.channels.len());
    for room in &was.channels {
        if let Some(prefixes) = keep_place(turn, &actor, (*room, guest), account) {
            rooms.push((*room, prefixes));
        }
    }
    if turn.state.users[&user].nick.as_str() != was.nick.as_str() {
        turn.note_nick(&actor, account, was.nick.clone());
    }
    let account = turn.state.accounts().get(&account);
    let kept_realname = account.is_some_and(|kept| kept.setting(Setting::Realname).is_some());
    if let Some(found) = turn.state.users.get_mut(&user) {
        if !kept_realname {
            found.realname = was.realname.clone();
        }
        found.away = was.away.clone();
        found.active = was.active;
        found.signed_on = was.signed_on;
    }
    turn.state.show(user);
    before.became(guest, user);
    before.tell(turn);
    if turn.state.users[&user].realname != was.realname {
        realname::tell(turn, user, None);
    }
    let own = own.into_iter().filter(|room| !was.channels.contains(room));
    enter_again(turn, &actor, user, own.collect());
    Some(Became {
        source: was.source,
        modes: was.modes,
        rooms,
    })
}

/// Hands the place of a guest in a channel over to an account; says what the guest was there.
fn keep_place(
    turn: &mut Turn<'_>,
    actor: &Actor,
    (room, guest): (RoomId, UserId),
    account: AccountId,
) -> Option<Prefixes> {
    let channel = turn.state.channels().get(&room)?;
    let mut place = channel.members.get(&guest).copied()?;
    let before = place.prefixes;
    if let Some(own) = channel.members.get(&UserId::from(account)) {
        place.prefixes = place.prefixes.union(own.prefixes);
        place.joined = place.joined.min(own.joined);
    }
    let fact = Fact::PlaceKept {
        room,
        account,
        guest,
        prefixes: place.prefixes,
        joined: place.joined,
    };
    turn.commit(actor, fact);
    Some(before)
}

/// Gives who was a guest, now that the session speaks for the account, what the account is in their channels, and lets them leave those in
/// which it may not be.
pub(super) fn settle(turn: &mut Turn<'_>, id: SessionId, account: AccountId, became: &Became) {
    let (actor, user) = (Actor::Session(id), UserId::from(account));
    metadata::tell_became(turn, &actor, user);
    for (room, before) in &became.rooms {
        let Some(channel) = turn.state.channels().get(room) else {
            continue;
        };
        if !may_stay(turn, user, channel) {
            let reason = Parting::new("part-account-kept-out", &[]);
            let rooms = vec![Room::Channel(*room)];
            let part = |reason| What::Parted { reason };
            turn.part_with(&actor, None, (rooms, user), &reason, part);
            continue;
        }
        let held = channel.prefixes(user);
        let missing = access::rights(channel, Some(account)).without(held);
        // What the account has had there before is theirs again.
        rank::show(turn, &actor, (*room, user), held.without(*before));
        rank::raise(turn, &actor, UserId::SERVER, (*room, user), missing);
    }
}

/// Whether who was a guest in a channel may be in it as the person of their account.
fn may_stay(turn: &Turn<'_>, user: UserId, channel: &Channel) -> bool {
    let user = &turn.state.users[&user];
    let owns = channel.founder.is_some() && channel.founder == user.account;
    user.channels.len() <= limits::CHANNELS_PER_USER
        && enforce::may_enter(turn, user, channel).is_ok()
        && (owns || !channel.bans(turn.state.person(user)))
}

/// What leads from some user modes to others, as MODE writes it.
fn changes(from: Letters, to: Letters) -> String {
    let taken = from.iter().filter(|letter| !to.has(*letter));
    let given = to.iter().filter(|letter| !from.has(*letter));
    let taken = taken.map(|mode| (false, mode));
    let changes = given.map(|mode| (true, mode)).chain(taken);
    let changes = changes.map(|(add, mode)| Change {
        add,
        mode,
        arg: None,
    });
    format_changes(&changes.collect::<Vec<_>>())
}
