//! What those who run the server have done is kept in a channel of their own.

use crate::actor::Actor;
use crate::event::{Reach, Verb, What};
use crate::fitting::{BODY_BYTES, in_pieces, text_bytes};
use crate::id::{Room, RoomId, UserId};
use crate::record::Fact;
use crate::reserved;
use crate::state::State;
use crate::turn::Turn;
use causette_proto::Tags;

/// Its first modes: it is secret, nobody is asked in by others, and only who is in it speaks there.
const MODES: &str = "+inst";

impl Turn<'_> {
    /// The channel of those who run the server, opened where there is none yet; `None` where there is to be none, or another channel
    /// has its name.
    pub(crate) fn administration_room(&mut self) -> Option<RoomId> {
        if let Some(channel) = self.state.administration() {
            return Some(channel.id);
        }
        let name = self.settings.administration_room.clone()?;
        if self.settings.auto_join.contains(&name) || self.state.channel_of(&name).is_some() {
            return None;
        }
        let room = RoomId(self.state.next_id());
        let fact = Fact::RoomOpened {
            room,
            name,
            permanent: true,
            modes: MODES.into(),
        };
        self.commit(&Actor::Server, fact);
        self.state.opened_administration(room);
        Some(room)
    }

    /// Says there what one of them has done.
    pub(super) fn keep_act(&mut self, actor: &Actor, text: &str) {
        self.clear_administration_room();
        let Some(room) = self.administration_room() else {
            return;
        };
        let name = self.settings.administration_room.as_ref();
        let source = reserved::administration(&self.settings.server);
        let name = name.map_or("", |name| name.as_str());
        let max = text_bytes(&source, "NOTICE", &[name], BODY_BYTES);
        let text = text.replace(['\r', '\n', '\0'], " ");
        let what = What::Said {
            verb: Verb::Notice,
            text: in_pieces(&text, max).into(),
            tags: Tags::default(),
            reach: Reach::Room,
        };
        let rooms = vec![Room::Channel(room)];
        self.happen(actor, rooms, UserId::ADMINISTRATION, what);
    }

    /// Puts those out of it who have not the right to be there any more.
    pub(crate) fn clear_administration_room(&mut self) {
        let Some((room, gone)) = gone(self.state) else {
            return;
        };
        for user in gone {
            let Some(found) = self.state.users.get(&user) else {
                continue;
            };
            let what = What::Kicked {
                target: user,
                guest: found.account.is_none(),
                nick: found.nick.clone(),
                reason: self.words("administration-room-left").into(),
            };
            let rooms = vec![Room::Channel(room)];
            self.happen(&Actor::Server, rooms, UserId::SERVER, what);
        }
    }
}

/// Who is in it and may not be, in the order of their ids.
fn gone(state: &State) -> Option<(RoomId, Vec<UserId>)> {
    let channel = state.administration()?;
    let members = channel.members.keys().copied();
    let mut gone: Vec<UserId> = members.filter(|user| !state.may_hear(*user)).collect();
    gone.sort_unstable();
    (!gone.is_empty()).then_some((channel.id, gone))
}
