//! What changes of rooms themselves: that there are, what they are called, whose they are and who may what in them for good.

use crate::id::{RoomId, UserId};
use crate::record::{Fact, Who};
use crate::state::State;
use crate::state::channel::{Channel, ChannelModes, Membership};
use causette_proto::Timestamp;

impl State {
    /// Lets a fact about a room take effect, at this steady time. Another changes nothing here.
    pub(super) fn ruled(&mut self, fact: &Fact, time: Timestamp) {
        match fact {
            Fact::RoomOpened {
                room,
                name,
                permanent,
                modes,
            } => {
                let modes = ChannelModes::read(modes);
                self.add_channel(Channel::new(*room, name.clone(), *permanent, modes, time));
            }
            Fact::RoomRenamed { room, name, .. } => {
                if let Some(from) = self.channels.get(room).map(|found| found.name.clone()) {
                    self.move_markers(&from, name);
                }
                self.rename_channel(*room, name, time);
            }
            Fact::RoomClosed { room } => {
                self.remove_channel(*room);
                self.room_forgotten(*room);
            }
            Fact::RoomRegistered { room, founder } => {
                if let Some(channel) = self.channels.get_mut(room) {
                    channel.founder = Some(*founder);
                }
            }
            Fact::RoomUnregistered { room } => {
                if let Some(channel) = self.channels.get_mut(room) {
                    channel.founder = None;
                    channel.access.clear();
                }
            }
            Fact::AccessChanged {
                room,
                account,
                prefixes,
            } => {
                if let Some(channel) = self.channels.get_mut(room) {
                    if prefixes.is_empty() {
                        channel.access.remove(account);
                    } else {
                        channel.access.insert(*account, *prefixes);
                    }
                }
            }
            Fact::PastOpened { room } => {
                if let Some(channel) = self.channels.get_mut(room) {
                    channel.opened = Some(time);
                }
            }
            Fact::PlaceKept {
                room,
                account,
                guest,
                prefixes,
                joined,
            } => {
                let (prefixes, joined) = (*prefixes, *joined);
                let place = Membership { prefixes, joined };
                self.place_kept(*room, (*guest, *account), place);
            }
            Fact::Invited {
                room,
                target,
                admits: true,
                instead_of,
            } => self.invite(*room, target, *instead_of, time),
            _ => {}
        }
    }

    /// Somebody may enter a channel once, and somebody else no more.
    fn invite(&mut self, room: RoomId, target: &Who, instead_of: Option<UserId>, at: Timestamp) {
        let (Some(target), Some(channel)) = (target.user(), self.channels.get_mut(&room)) else {
            return;
        };
        if let Some(other) = instead_of {
            channel.invited.remove(&other);
        }
        channel.invited.insert(target, at);
    }
}
