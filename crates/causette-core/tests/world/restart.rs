//! Restart equals life: what a start finds in the record is what was true before it.

use crate::memory::Memory;
use causette_core::snapshot::{AccountRow, ChannelRow, Snapshot};
use causette_proto::Timestamp;

/// Compares what is true with what is recorded, whatever has its own order in either.
pub(crate) fn assert_same(live: Snapshot, recorded: Snapshot, memory: &Memory) {
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
        .sort_unstable_by_key(|row| (row.account, row.room));
    snapshot
}
