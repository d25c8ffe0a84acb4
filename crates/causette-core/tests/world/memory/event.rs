//! What an event leaves in the memory.

use super::Memory;
use causette_core::event::{Event, What};
use causette_core::history::Past;
use causette_core::id::{AccountId, Room, UserId};
use causette_core::snapshot::{ChannelRow, MaskRow, MemberRow, TopicRow};
use causette_proto::tags::escape_value;
use causette_proto::{CompactString, Timestamp};

impl Memory {
    pub(super) fn append_event(&mut self, room: Room, event: &Event, steady: Timestamp) {
        let past = self.rooms.entry(room).or_default();
        let mut tags = String::new();
        for (key, value) in event.what.tags().into_iter().flat_map(|tags| tags.iter()) {
            if !tags.is_empty() {
                tags.push(';');
            }
            tags.push_str(key);
            if !value.is_empty() {
                tags.push('=');
                escape_value(value, &mut tags);
            }
        }
        past.push(Past {
            seq: past.len() as u64 + 1,
            time: event.time,
            msgid: event.msgid.clone(),
            author: event.author,
            source: event.source.clone(),
            account: event
                .account
                .as_ref()
                .map(|name| CompactString::new(name.as_str())),
            kind: event.what.kind(),
            reach: event.reach(),
            text: event.what.text(),
            tags: tags.into(),
        });
        if let What::Redacted { msgid, .. } = &event.what {
            assert!(self.redacted.insert(msgid.0.clone()), "taken back twice");
        }
        let Room::Channel(room) = room else { return };
        let channel = self
            .channels
            .get_mut(&room)
            .expect("an event happens in an open channel");
        if event.what.changes_access() {
            channel.acl_version += 1;
        }
        let leave = |channel: &mut ChannelRow, user: UserId| {
            channel
                .members
                .retain(|member| UserId::from(member.account) != user);
        };
        match &event.what {
            What::Joined { grant, invited, .. } if event.account.is_some() => {
                let account = AccountId(event.author.0);
                channel.members.push(MemberRow {
                    account,
                    prefixes: *grant,
                    joined: steady,
                });
                let before = channel.invited.len();
                channel.invited.retain(|(held, _)| *held != account);
                assert_eq!(
                    channel.invited.len() + usize::from(*invited),
                    before,
                    "whoever enters uses up an invitation, where they have one"
                );
            }
            What::Parted { .. } | What::Quit { .. } => leave(channel, event.author),
            What::Kicked { target, .. } => leave(channel, *target),
            What::Topic { text } => {
                let row = TopicRow {
                    text: text.clone(),
                    by: event.source.clone(),
                    at: event.time,
                };
                channel.topic = Some(row).filter(|row| !row.text.is_empty());
            }
            What::Mode { changes, after } => {
                channel.modes = after.clone();
                for change in changes {
                    let (mode, arg) = (change.change.mode, change.change.arg.clone());
                    if let Some(held) = change.member {
                        let member = channel
                            .members
                            .iter_mut()
                            .find(|row| UserId::from(row.account) == held.user);
                        if let Some(member) = member {
                            member.prefixes.set(mode, change.change.add);
                            assert_eq!(member.prefixes, held.prefixes, "what a member holds");
                        }
                    } else if let ('b' | 'e' | 'I', Some(mask)) = (mode, arg) {
                        channel
                            .masks
                            .retain(|held| held.mode != mode || held.mask != mask);
                        if change.change.add {
                            channel.masks.push(MaskRow {
                                mode,
                                mask,
                                by: event.source.clone(),
                                at: event.time,
                            });
                        }
                    }
                }
            }
            _ => {}
        }
    }
}
