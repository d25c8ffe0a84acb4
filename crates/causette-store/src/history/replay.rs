//! The recent lines that are shown to a client that will not ask for them.

use super::{Edge, End, Reader, Show, acl_version, between, past, place};
use crate::error::StoreError;
use causette_core::history::{Bound, Past, ReplayQuery};
use causette_core::id::UserId;
use causette_core::limits::REPLAY_CONVERSATIONS;
use causette_proto::{CompactString, Timestamp};
use rusqlite::{Connection, params};

/// The recent lines of some channels, and the missed direct messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replay {
    /// Each channel's name and its recent messages, oldest first.
    pub channels: Vec<(CompactString, Vec<Past>)>,
    /// What others wrote to the reader, oldest first, whatever the conversation.
    pub direct: Vec<Past>,
}

impl Reader {
    /// The recent messages of channels, and what others wrote to `user` since a time.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn replay(&mut self, query: &ReplayQuery, user: UserId) -> Result<Replay, StoreError> {
        let transaction = self.connection.transaction()?;
        let mut channels = Vec::with_capacity(query.channels.len());
        let newest = Bound::Time(query.before);
        for channel in &query.channels {
            let room = channel.room.0.cast_signed();
            if acl_version(&transaction, room)? != Some(channel.acl_version) {
                continue;
            }
            let Some(place) = place(&transaction, room, &newest)? else {
                continue;
            };
            let recent = between(
                &transaction,
                room,
                Show::default(),
                channel.since.map_or(Edge::START, Edge::before),
                place.before,
                End::Newest,
                query.limit,
            )?;
            channels.push((channel.name.clone(), recent));
        }
        let direct = match query.direct_since {
            Some(since) => direct_messages(&transaction, user, since, query.before, query.limit)?,
            None => Vec::new(),
        };
        Ok(Replay { channels, direct })
    }
}

/// What others wrote to `user` since a time: in the conversations that were spoken in last, the newest of it.
fn direct_messages(
    connection: &Connection,
    user: UserId,
    since: Timestamp,
    before: Timestamp,
    limit: usize,
) -> Result<Vec<Past>, StoreError> {
    let user = user.0.cast_signed();
    let rooms: Vec<i64> = connection
        .prepare_cached(
            "SELECT p.room FROM participant p JOIN room r ON r.id = p.room
             WHERE p.person = ? AND r.last_time > ? ORDER BY r.last_time DESC LIMIT ?",
        )?
        .query_map(params![user, since.0, REPLAY_CONVERSATIONS as i64], |row| {
            row.get(0)
        })?
        .collect::<rusqlite::Result<_>>()?;
    let mut statement = connection.prepare_cached(
        "SELECT seq, time, msgid, author, source, account, kind, text, tags, reach FROM message
         WHERE room = ? AND class = 1 AND time > ? AND time < ? AND author <> ?
         ORDER BY time DESC, seq DESC LIMIT ?",
    )?;
    let mut messages: Vec<Past> = Vec::new();
    for room in rooms {
        let bounds = params![
            room,
            since.0,
            before.0,
            user,
            i64::try_from(limit).unwrap_or(i64::MAX)
        ];
        let rows = statement.query_map(bounds, past)?;
        messages.extend(rows.collect::<rusqlite::Result<Vec<_>>>()?);
    }
    messages.sort_by(|one, other| (one.time, &one.msgid).cmp(&(other.time, &other.msgid)));
    messages.drain(..messages.len().saturating_sub(limit));
    Ok(messages)
}
