//! Restart equals life: what a start finds in the record is what was true before it.

use crate::memory::Memory;
use crate::world::World;
use causette_core::snapshot::{AccountRow, ChannelRow, Snapshot};
use causette_proto::Timestamp;

/// Once everything is recorded, a start finds what is true: whatever a handler changes, it changes by a fact.
pub(crate) fn check(world: &World) {
    if world.is_recorded() {
        let memory = &world.memory;
        assert_same(world.core.snapshot(), memory.snapshot(), memory);
    }
}

/// Compares what is true with what is recorded, whatever has its own order in either.
fn assert_same(live: Snapshot, recorded: Snapshot, memory: &Memory) {
    let (live, recorded) = (ordered(live, memory), ordered(recorded, memory));
    let rows = |snapshot: &Snapshot| (snapshot.accounts.len(), snapshot.channels.len());
    assert_eq!(rows(&live), rows(&recorded), "accounts and channels");
    for (live, recorded) in live.accounts.iter().zip(&recorded.accounts) {
        assert_eq!(live, recorded, "an account and its record");
    }
    for (live, recorded) in live.channels.iter().zip(&recorded.channels) {
        assert_eq!(live, recorded, "a channel and its record");
    }
    assert_eq!(live.markers, recorded.markers);
    assert_eq!(live.metadata, recorded.metadata);
    assert_eq!(live.registration, recorded.registration, "who may sign up");
    assert_eq!(live.steps, recorded.steps, "where the clock was set");
    assert_eq!(live.sanctions, recorded.sanctions);
    assert_eq!(live.last_sanction, recorded.last_sanction);
}

fn ordered(mut snapshot: Snapshot, memory: &Memory) -> Snapshot {
    let connected = |account: &AccountRow| {
        let mut sessions = memory.open_sessions.values().flatten();
        sessions.any(|of| *of == account.id)
    };
    for account in &mut snapshot.accounts {
        // Of who is connected the record says only from when on they are absent if all ended now.
        if connected(account) {
            account.last_seen = Timestamp::MIN;
        }
    }
    for channel in &mut snapshot.channels {
        let ChannelRow { members, .. } = channel;
        members.sort_unstable_by_key(|member| member.account);
    }
    snapshot.accounts.sort_unstable_by_key(|row| row.id);
    snapshot.channels.sort_unstable_by_key(|row| row.id);
    snapshot
        .markers
        .sort_by_key(|row| (row.account, row.of.clone()));
    snapshot
}
