//! What something that happens in rooms changes there, and who sees it.

use super::Shown;
use crate::event::{Event, Kind, ModeChange, Reach, What};
use crate::id::{AccountId, Room, RoomId, SessionId, UserId};
use crate::line::Line;
use crate::snapshot::TopicRow;
use crate::state::State;
use crate::state::channel::{Channel, ChannelModes, ListEntry, Membership};
use crate::state::lately::Lately;
use crate::state::list_mask::ListMask;
use causette_proto::{Capabilities, Capability, Casemap, CompactString, Nick, Timestamp};
use std::sync::Arc;

impl State {
    /// Lets an event take effect. Everything was validated before; this cannot fail. It is shown under the name of its room,
    /// or under another.
    pub(super) fn happen(
        &mut self,
        rooms: &[Room],
        name: Option<&str>,
        event: &Event,
        steady: Timestamp,
    ) -> Shown {
        let moved = match &event.what {
            What::Joined { .. } | What::Parted { .. } | What::Quit { .. } => Some(event.author),
            What::Kicked { target, .. } => Some(*target),
            _ => None,
        };
        // Who is present is counted out of the rooms before and in again behind, wherever they then are.
        self.count(rooms, moved, false);
        let shown = self.change(rooms, name, event, steady);
        self.count(rooms, moved, true);
        shown
    }

    /// Counts somebody in or out of those of some channels that they are in, if they are present.
    fn count(&mut self, rooms: &[Room], user: Option<UserId>, add: bool) {
        let Some(user) = user.and_then(|user| self.users.get(&user)) else {
            return;
        };
        for room in rooms {
            if let Room::Channel(room) = room
                && let Some(channel) = self.channels.get_mut(room)
                && channel.members.contains_key(&user.id)
                && user.present
            {
                channel.present = if add {
                    channel.present + 1
                } else {
                    channel.present - 1
                };
            }
        }
    }

    fn change(
        &mut self,
        rooms: &[Room],
        name: Option<&str>,
        event: &Event,
        steady: Timestamp,
    ) -> Shown {
        let first = rooms.first().copied();
        let named = match &event.what {
            // A redaction names the room, as the command that asks for it does.
            What::Redacted { .. } => Reach::Room,
            what => what.reach(),
        };
        let target = match name {
            Some(name) => name.into(),
            None => self.target(first, named, event.author),
        };
        let line = Arc::new(Line::of_event(event, &target));
        let to = match (&event.what, first) {
            (What::Said { reach, .. }, Some(room)) => return self.say(room, *reach, event, line),
            (What::Joined { grant, .. }, Some(Room::Channel(room))) => {
                let membership = Membership {
                    prefixes: *grant,
                    joined: steady,
                };
                self.add_member(room, event.author, membership);
                self.crowd(room, event.author)
            }
            (What::Parted { .. }, Some(Room::Channel(room))) => {
                let to = self.crowd(room, event.author);
                self.remove_member(room, event.author);
                to
            }
            (What::Kicked { target, .. }, Some(Room::Channel(room))) => {
                let to = self.witnesses(room, *target);
                self.remove_member(room, *target);
                to
            }
            (What::Redacted { said_by, reach, .. }, Some(room)) => {
                let to = self.readers(room, (*said_by, *reach), event.author);
                self.access_changed(rooms);
                return Shown {
                    line,
                    to,
                    needs: Capabilities::of(&[Capability::MessageRedaction]),
                };
            }
            (What::Topic { text }, Some(Room::Channel(room))) => {
                if let Some(channel) = self.channels.get_mut(&room) {
                    let row = TopicRow {
                        text: text.clone(),
                        by: event.source.clone(),
                        at: event.time,
                    };
                    channel.topic = Some(row).filter(|row| !row.text.is_empty());
                }
                self.audience(room)
            }
            (What::Mode { changes, .. }, Some(Room::Channel(room))) => {
                if let Some(channel) = self.channels.get_mut(&room) {
                    let accounts = |name: &str| self.account_names.get(name).copied();
                    for change in changes {
                        channel.apply(change, event, self.casemap, accounts);
                    }
                }
                self.audience(room)
            }
            // Nothing changes but that they are not seen there, and are again, which is kept with the person.
            (What::Returned { .. }, Some(Room::Channel(room))) => {
                let own = self.own_sessions(event.author);
                let crowd = self.crowd(room, event.author);
                // Their own clients have been there all the while.
                let others = crowd.iter().filter(|session| !own.contains(session));
                others.copied().collect()
            }
            (What::Vanished { .. }, _) => self.peers(event.author).into(),
            (What::Quit { .. }, _) => {
                let to = self.peers(event.author).into();
                for room in rooms {
                    if let Room::Channel(room) = room {
                        self.remove_member(*room, event.author);
                    }
                }
                to
            }
            (What::Renamed { nick }, _) => self.renamed(event, nick),
            // An event of a channel that names no channel does nothing and reaches nobody.
            _ => Arc::default(),
        };
        if event.what.changes_access() {
            self.access_changed(rooms);
        }
        Shown {
            line,
            to,
            needs: Capabilities::EMPTY,
        }
    }

    fn add_member(&mut self, room: RoomId, member: UserId, membership: Membership) {
        let (user, channel) = (self.users.get_mut(&member), self.channels.get_mut(&room));
        if let (Some(user), Some(channel)) = (user, channel) {
            user.channels.insert(room);
            channel.members.insert(member, membership);
            channel.invited.remove(&member);
            channel.audience = None;
        }
    }

    /// Who sees that somebody is put out of a channel. Who saw nobody come sees nobody put out. A large room sees it all the same: it is an
    /// act of its moderators.
    fn witnesses(&mut self, room: RoomId, target: UserId) -> Arc<[SessionId]> {
        match self.channels.get(&room) {
            // The others are put out too: a line for each pair of them would be one for each pair too many.
            Some(channel) if channel.closing => self.own_sessions(target),
            Some(channel) if channel.hides(target) || self.is_unseen(target) => {
                self.audience_of_rank(room, 'h', target)
            }
            _ => self.audience(room),
        }
    }

    /// Who sees that somebody takes back what somebody has said to some of a room.
    fn readers(
        &mut self,
        room: Room,
        (said_by, reach): (UserId, Reach),
        by: UserId,
    ) -> Arc<[SessionId]> {
        let to = self.listeners(room, reach, by);
        let Room::Channel(room) = room else {
            return to;
        };
        let channel = self.channels.get(&room);
        // Who said it has seen it too, by its echo; who takes it back from outside is told that it is done.
        let said = said_by != by && self.channel_excludes(room, reach, said_by);
        let outside = !channel.is_some_and(|found| found.members.contains_key(&by));
        let beside = [(said, said_by), (outside, by)];
        let users = beside.iter().filter(|(beside, _)| *beside);
        let users = users.filter_map(|(_, user)| self.users.get(user));
        let mut sessions = users.flat_map(|user| user.sessions.iter().copied());
        match sessions.next() {
            Some(first) => to.iter().copied().chain([first]).chain(sessions).collect(),
            None => to,
        }
    }

    /// Somebody goes by another nickname; says who sees it.
    fn renamed(&mut self, event: &Event, nick: &Nick) -> Arc<[SessionId]> {
        let mut to = self.peers(event.author);
        if let Some(user) = self.users.get(&event.author) {
            let old = user.nick.clone();
            self.forget_nick(&old, event.author);
            self.note_nick(nick, event.author);
        }
        if let Some(user) = self.users.get_mut(&event.author) {
            to.extend_from_slice(&user.sessions);
            user.rename(nick.clone());
        }
        // An account also has one while nobody speaks for it.
        let account = event.account.as_ref().map(|_| AccountId(event.author.0));
        if let Some(account) = account.and_then(|id| self.accounts.get_mut(&id)) {
            account.nick = nick.clone();
        }
        to.into()
    }

    /// Whether an event tells of a member whom only the moderators of a channel see: in an auditorium, or who is not present. Asked
    /// before it takes effect: later on the auditorium may be none any more, and what was hidden then is hidden in the past.
    pub(crate) fn is_hidden(&self, rooms: &[Room], event: &Event) -> bool {
        let member = match &event.what {
            What::Joined { grant, .. } if !grant.is_empty() => {
                return self.is_unseen(event.author);
            }
            What::Joined { .. }
            | What::Returned { .. }
            | What::Vanished { .. }
            | What::Parted { .. }
            | What::Quit { .. }
            | What::Renamed { .. } => event.author,
            What::Kicked { target, .. } => *target,
            _ => return false,
        };
        // Who is not present is seen by nobody, and what becomes of them only by who rules there.
        let unseen = self.is_unseen(member);
        rooms.iter().any(|room| {
            let Room::Channel(room) = room else {
                return false;
            };
            let channel = self.channels.get(room);
            channel.is_some_and(|channel| unseen || channel.hides(member))
        })
    }

    /// Whether an event happens where not everyone may enter any of its rooms, before it or from it on: what closes a room tells its key.
    /// Asked before it takes effect, as the other is. Whoever leaves all their rooms at once, or is called otherwise in them, does so in
    /// the open ones too.
    pub(crate) fn is_closed(&self, rooms: &[Room], event: &Event) -> bool {
        let after = match &event.what {
            What::Mode { after, .. } => Some(ChannelModes::read(after)),
            _ => None,
        };
        !rooms.is_empty()
            && rooms.iter().all(|room| {
                let Room::Channel(room) = room else {
                    return false;
                };
                let is_closed = |channel: &Channel| {
                    let after = after.as_ref().is_some_and(|after| channel.closes(after));
                    after || channel.is_closed()
                };
                self.channels.get(room).is_some_and(is_closed)
            })
    }

    fn access_changed(&mut self, rooms: &[Room]) {
        for room in rooms {
            if let Room::Channel(room) = room
                && let Some(channel) = self.channels.get_mut(room)
            {
                channel.acl_version += 1;
            }
        }
    }

    /// Shows what someone says in passing: nothing changes and nothing is recorded, so it has no name to refer to.
    pub(crate) fn pass(&mut self, room: Room, event: &Event) -> Shown {
        let reach = event.what.reach();
        let target = self.target(Some(room), reach, event.author);
        let line = Arc::new(Line::of_event(event, &target).without_msgid());
        self.say(room, reach, event, line)
    }

    fn say(&mut self, room: Room, reach: Reach, event: &Event, line: Arc<Line>) -> Shown {
        let tags_only = event.what.kind() == Kind::Tagmsg;
        let needs = if tags_only {
            Capabilities::of(&[Capability::MessageTags])
        } else {
            Capabilities::EMPTY
        };
        Shown {
            line,
            to: self.listeners(room, reach, event.author),
            needs,
        }
    }

    /// Whether somebody gets what passes: another than its author, unless it is said to oneself.
    pub(crate) fn is_heard(&self, room: Room, author: UserId, shown: &Shown) -> bool {
        let author = self.users.get(&author).filter(|_| !room.is_of_one());
        let own = author.map_or(&[][..], |author| &author.sessions);
        shown.to.iter().any(|to| {
            let enabled = self.sessions.get(to).map(|session| session.enabled);
            !own.contains(to) && enabled.is_some_and(|enabled| enabled.contains_all(shown.needs))
        })
    }

    /// The name under which somebody's event in a room is shown to all of it.
    pub(crate) fn shown_name(&self, room: Option<Room>, author: UserId) -> CompactString {
        self.target(room, Reach::Room, author)
    }

    /// The name under which an event in a room is shown.
    fn target(&self, room: Option<Room>, reach: Reach, author: UserId) -> CompactString {
        match room {
            Some(Room::Channel(id)) => {
                let mut target = CompactString::default();
                if let Reach::Status(prefix) = reach {
                    target.push(prefix);
                }
                if let Some(channel) = self.channels.get(&id) {
                    target.push_str(channel.name.as_str());
                }
                target
            }
            Some(room) => Self::other_side(room, author)
                .map_or_else(Default::default, |user| self.nick_of(user)),
            None => Default::default(),
        }
    }

    /// Who hears what is said in a room.
    fn listeners(&mut self, room: Room, reach: Reach, author: UserId) -> Arc<[SessionId]> {
        match room {
            Room::Channel(room) => match Channel::reached(reach) {
                None => self.audience(room),
                Some(rank) => self.audience_of_rank(room, rank, author),
            },
            Room::Direct(low, high) => {
                let sessions =
                    |user: UserId| self.users.get(&user).map_or(&[][..], |user| &user.sessions);
                let mut to = sessions(low).to_vec();
                if high != low {
                    to.extend_from_slice(sessions(high));
                }
                to.into()
            }
        }
    }

    /// Whether a member of a channel is not among those who get what is said with a reach.
    fn channel_excludes(&self, room: RoomId, reach: Reach, member: UserId) -> bool {
        self.channels.get(&room).is_some_and(|channel| {
            channel.members.contains_key(&member) && !channel.reaches(member, reach)
        })
    }

    /// Whether somebody is in their channels without being present.
    fn is_unseen(&self, user: UserId) -> bool {
        self.users.get(&user).is_some_and(|user| !user.present)
    }

    /// Who sees someone come or go: in a large room only they themselves, in an auditorium those who moderate; nobody sees who is not
    /// present.
    pub(crate) fn crowd(&mut self, room: RoomId, user: UserId) -> Arc<[SessionId]> {
        match self.channels.get(&room) {
            Some(channel) if channel.is_large() || self.is_unseen(user) => self.own_sessions(user),
            Some(channel) if channel.hides(user) => self.audience_of_rank(room, 'h', user),
            _ => self.audience(room),
        }
    }

    /// A guest is in a channel as the person of an account from now on.
    pub(super) fn place_kept(
        &mut self,
        room: RoomId,
        (guest, account): (UserId, AccountId),
        place: Membership,
    ) {
        let user = self.users.get_mut(&UserId::from(account));
        if let (Some(channel), Some(user)) = (self.channels.get_mut(&room), user) {
            // Guests are connected, and so present.
            if channel.members.remove(&guest).is_some() {
                channel.present -= 1;
            }
            if channel.members.insert(user.id, place).is_none() && user.present {
                channel.present += 1;
            }
            user.channels.insert(room);
            channel.invited.remove(&user.id);
            channel.audience = None;
        }
    }

    fn own_sessions(&self, user: UserId) -> Arc<[SessionId]> {
        let user = self.users.get(&user);
        user.map_or_else(Arc::default, |user| user.sessions.as_slice().into())
    }

    fn remove_member(&mut self, room: RoomId, user: UserId) {
        if let Some(channel) = self.channels.get_mut(&room) {
            channel.members.remove(&user);
            channel.audience = None;
        }
        if let Some(user) = self.users.get_mut(&user) {
            user.channels.remove(&room);
        }
    }
}

impl Channel {
    fn apply(
        &mut self,
        change: &ModeChange,
        event: &Event,
        casemap: Casemap,
        accounts: impl Fn(&str) -> Option<AccountId>,
    ) {
        let ModeChange { change, member } = change;
        match (change.mode, &change.arg) {
            _ if member.is_some() => {
                if let Some(held) = member
                    && let Some(membership) = self.members.get_mut(&held.user)
                {
                    membership.prefixes = held.prefixes;
                }
            }
            (mode @ ('b' | 'e' | 'I'), Some(mask)) => {
                self.masks
                    .retain(|entry| entry.mode != mode || entry.mask.as_str() != mask);
                if change.add
                    && let Some(mask) = ListMask::parse(mask, casemap, accounts)
                {
                    self.masks.push(ListEntry {
                        mode,
                        mask,
                        by: event.source.clone(),
                        at: event.time,
                    });
                }
            }
            ('k', key) => self.modes.key = key.clone().filter(|_| change.add),
            ('l', limit) => {
                self.modes.limit = limit
                    .as_ref()
                    .filter(|_| change.add)
                    .and_then(|limit| limit.parse().ok());
            }
            ('S', seconds) => {
                let seconds = seconds.as_ref().filter(|_| change.add);
                self.modes.slow = seconds.and_then(|seconds| seconds.parse().ok());
                if self.modes.slow.is_none() {
                    self.spoken = Lately::default();
                }
            }
            ('f', forward) => self.modes.forward = forward.clone().filter(|_| change.add),
            (letter, _) => self.modes.flags.set(letter, change.add),
        }
    }
}
