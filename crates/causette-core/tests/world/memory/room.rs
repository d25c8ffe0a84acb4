//! What is remembered of who may do what in a channel, beside what its members see.

use super::Memory;
use causette_core::id::UserId;
use causette_core::record::{Fact, Record, Who};
use causette_core::snapshot::MemberRow;

impl Memory {
    pub(super) fn room_ruled(&mut self, record: &Record) {
        match &record.fact {
            Fact::RoomRegistered { room, founder } => {
                self.channel(*room).founder = Some(*founder);
            }
            Fact::RoomUnregistered { room } => {
                let channel = self.channel(*room);
                channel.founder = None;
                channel.access.clear();
            }
            Fact::AccessChanged {
                room,
                account,
                prefixes,
            } => {
                let access = &mut self.channel(*room).access;
                access.retain(|(held, _)| held != account);
                if !prefixes.is_empty() {
                    access.push((*account, *prefixes));
                    access.sort_by_key(|(account, _)| account.0);
                }
            }
            Fact::PastOpened { room } => self.channel(*room).opened = Some(record.steady),
            Fact::PlaceKept {
                room,
                account,
                prefixes,
                joined,
                ..
            } => {
                let channel = self.channel(*room);
                channel.invited.retain(|(held, _)| held != account);
                let members = &mut channel.members;
                members.retain(|member| member.account != *account);
                members.push(MemberRow {
                    account: *account,
                    prefixes: *prefixes,
                    joined: *joined,
                });
            }
            Fact::Invited {
                room,
                target,
                admits: true,
                instead_of,
            } => {
                let invited = &mut self.channel(*room).invited;
                invited.retain(|(held, _)| {
                    let held = Some(UserId::from(*held));
                    held != *instead_of && held != target.user()
                });
                if let Who::Account(account) = target {
                    invited.push((*account, record.steady));
                    invited.sort();
                }
            }
            _ => {}
        }
    }
}
