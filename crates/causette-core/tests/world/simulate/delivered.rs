//! What every session saw, against the order of the rooms.

use super::PEOPLE;
use crate::world::World;
use causette_core::id::SessionId;
use std::collections::BTreeMap;

/// Every session saw the messages of each room in the room's order, each once, and never one that is not on record.
pub(super) fn check_delivered(world: &World, delivered: &[(SessionId, String)]) {
    let mut order = BTreeMap::new();
    for past in world.memory.rooms.values() {
        for event in past.iter().filter(|past| past.kind.is_message()) {
            order.insert((event.text.to_string(), past[0].msgid.clone()), event.seq);
        }
    }
    let mut last: BTreeMap<(SessionId, causette_core::id::Msgid), u64> = BTreeMap::new();
    for (session, line) in delivered {
        let (tags, rest) = match line.strip_prefix('@') {
            Some(line) => line.split_once(' ').unwrap(),
            None => ("", line.as_str()),
        };
        let verb = rest.split(' ').nth(1);
        if verb == Some("JOIN") {
            // Whoever enters again is shown again what was said lately.
            let person: usize = world
                .name(*session)
                .split('-')
                .next()
                .unwrap()
                .parse()
                .unwrap();
            let rest = rest.to_lowercase();
            if rest.contains(&format!("@account/{} ", PEOPLE[person])) {
                last.retain(|(seen_by, _), _| seen_by != session);
            }
        }
        let said = verb == Some("PRIVMSG");
        let Some((_, text)) = rest.split_once(" :").filter(|_| said) else {
            continue;
        };
        // A page that was asked for may show again what was seen before; a replay may not.
        let text = match (text.strip_prefix('['), tags.contains("batch=")) {
            (Some(replayed), _) => replayed.split_once("] ").unwrap().1,
            (None, true) => continue,
            (None, false) => text,
        };
        let found: Vec<_> = order.iter().filter(|((said, _), _)| said == text).collect();
        assert!(!found.is_empty(), "shown and not on record: {line}");
        // A message to a person and a room at once stands in both; a session may see either.
        let target = rest.split(' ').nth(2).unwrap();
        if !target.starts_with('#') || found.len() > 1 {
            continue;
        }
        let ((_, room), seq) = found[0];
        let before = last.insert((*session, room.clone()), *seq).unwrap_or(0);
        assert!(
            before < *seq,
            "{session:?} saw {line} out of order or twice"
        );
    }
}
