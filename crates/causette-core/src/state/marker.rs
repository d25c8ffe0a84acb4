//! Read markers: those of accounts, which are kept, and those of guests, which go with them.

use crate::id::{AccountId, Marked, Room, UserId};
use crate::snapshot::MarkerRow;
use crate::state::State;
use causette_proto::{ChannelName, Timestamp};
use std::collections::BTreeMap;

/// The markers of one person.
pub(crate) type Markers = BTreeMap<Marked, Timestamp>;

impl State {
    /// The markers of somebody: their account's, or their own.
    pub(crate) fn markers(&self, user: UserId) -> Option<&Markers> {
        let user = self.users.get(&user)?;
        match user.account {
            Some(account) => Some(&self.accounts.get(&account)?.markers),
            None => Some(&user.markers),
        }
    }

    /// Sets a read marker of an account.
    pub(super) fn mark(&mut self, account: AccountId, of: Marked, time: Timestamp) {
        if let Some(account) = self.accounts.get_mut(&account) {
            account.markers.insert(of, time);
        }
    }

    /// Sets a read marker of an account again at a start. The names may have been compared otherwise: then two of them are one
    /// now, and the later counts.
    pub(super) fn restore_marker(&mut self, MarkerRow { account, of, time }: MarkerRow) {
        let of = match of {
            Marked::Channel(name) => Marked::Channel(self.casemap.fold_channel(&name)),
            direct @ Marked::Direct(..) => direct,
        };
        if let Some(account) = self.accounts.get_mut(&account) {
            let held = account.markers.entry(of).or_insert(time);
            *held = time.max(*held);
        }
    }

    /// Sets a read marker of a guest, which nothing keeps.
    pub(crate) fn mark_as_guest(&mut self, user: UserId, of: Marked, time: Timestamp) {
        if let Some(user) = self.users.get_mut(&user) {
            user.markers.insert(of, time);
        }
    }

    /// Lets what was read of a channel be that of its new name, in place of what was read under that before.
    pub(super) fn move_markers(&mut self, from: &ChannelName, to: &ChannelName) {
        if from.key() == to.key() {
            return;
        }
        let (from, to) = (of_channel(from), of_channel(to));
        let accounts = self.accounts.values_mut();
        let accounts = accounts.map(|account| &mut account.markers);
        let guests = self.users.values_mut();
        let guests = guests.map(|user| &mut user.markers);
        for markers in accounts.chain(guests).filter(|markers| !markers.is_empty()) {
            match markers.remove(&from) {
                Some(time) => markers.insert(to.clone(), time),
                None => markers.remove(&to),
            };
        }
    }

    /// What a marker in a room is of; nothing where there is no such room.
    pub(crate) fn marked(&self, room: Room) -> Option<Marked> {
        match room {
            Room::Channel(id) => Some(of_channel(&self.channels.get(&id)?.name)),
            Room::Direct(low, high) => Some(Marked::Direct(low, high)),
        }
    }
}

/// The channel of a name, as markers know it.
pub(crate) fn of_channel(name: &ChannelName) -> Marked {
    Marked::Channel(name.key().into())
}
