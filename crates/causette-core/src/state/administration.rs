//! The channel in which those who run the server read what others of them have done: nobody else enters it, or stays in it.

use crate::id::{RoomId, UserId};
use crate::right::{Act, may};
use crate::settings::Settings;
use crate::state::State;
use crate::state::channel::Channel;
use causette_proto::ChannelName;

impl State {
    /// The channel, once there is one.
    pub(crate) fn administration(&self) -> Option<&Channel> {
        self.channels.get(&self.administration?)
    }

    /// Whether a channel is that one.
    pub(crate) fn is_administration(&self, room: RoomId) -> bool {
        self.administration == Some(room)
    }

    /// Whether somebody may be in it: who has the right to hear what those who run the server do.
    pub(crate) fn may_hear(&self, user: UserId) -> bool {
        let user = self.users.get(&user);
        user.is_some_and(|user| may(self.role_of_user(user), Act::HearOfActs))
    }

    /// The configuration keeps these channels open, and no others. No fact: a start reads it again.
    pub(crate) fn keep_open(&mut self, settings: &Settings) {
        let mut found = None;
        for channel in self.channels.values_mut() {
            let own = is_own(settings, channel.id, &channel.name, channel.opened_to_stay);
            found = found.or(own);
            channel.of_administration = own.is_some();
            channel.permanent = own.is_some() || settings.auto_join.contains(&channel.name);
        }
        self.administration = found;
    }

    /// The channel was opened.
    pub(crate) fn opened_administration(&mut self, room: RoomId) {
        self.administration = Some(room);
        if let Some(channel) = self.channels.get_mut(&room) {
            channel.of_administration = true;
        }
    }
}

/// Whether a channel is the one of those who run the server: it has its name, and was opened by the server. One that people have made
/// before the name was kept is theirs, for as long as somebody is in it.
pub(super) fn is_own(
    settings: &Settings,
    room: RoomId,
    name: &ChannelName,
    permanent: bool,
) -> Option<RoomId> {
    let named = settings.administration_room.as_ref() == Some(name);
    (named && permanent && !settings.auto_join.contains(name)).then_some(room)
}
