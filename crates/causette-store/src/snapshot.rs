//! What is read at a start: accounts, open channels, memberships and bans.

use crate::error::StoreError;
use causette_core::event::Prefixes;
use causette_core::id::{AccountId, RoomId};
use causette_core::snapshot::{AccountRow, ChannelRow, MaskRow, MemberRow, Snapshot, TopicRow};
use causette_proto::{AccountName, ChannelName, CompactString, NameError, Nick, Timestamp};
use rusqlite::{Connection, Row};
use std::collections::HashMap;

pub(crate) fn read(connection: &mut Connection) -> Result<Snapshot, StoreError> {
    let transaction = connection.transaction()?;
    let (last_time, last_id) = transaction.query_row(
        "SELECT last_time, last_id FROM lane WHERE lane = 0",
        [],
        |row| {
            Ok((
                Timestamp(row.get(0)?),
                row.get::<_, i64>(1)?.cast_unsigned(),
            ))
        },
    )?;
    Ok(Snapshot {
        accounts: accounts(&transaction)?,
        channels: channels(&transaction)?,
        markers: Vec::new(),
        last_time,
        last_id,
    })
}

fn accounts(connection: &Connection) -> Result<Vec<AccountRow>, StoreError> {
    let mut statement =
        connection.prepare("SELECT id, name, nick, created, last_seen FROM account ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut accounts = Vec::new();
    while let Some(row) = rows.next()? {
        accounts.push(AccountRow {
            id: AccountId(id(row, 0)?),
            name: name(row.get_ref(1)?.as_str(), AccountName::parse)?,
            nick: name(row.get_ref(2)?.as_str(), Nick::parse)?,
            created: Timestamp(row.get(3)?),
            last_seen: Timestamp(row.get(4)?),
            settings: Vec::new(),
            certificates: Vec::new(),
            devices: Vec::new(),
        });
    }
    Ok(accounts)
}

fn channels(connection: &Connection) -> Result<Vec<ChannelRow>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT id, name, created, permanent, modes, topic_text, topic_by, topic_at, acl_version
         FROM room WHERE name IS NOT NULL AND closed IS NULL ORDER BY id",
    )?;
    let mut rows = statement.query([])?;
    let mut channels = Vec::new();
    let mut places = HashMap::new();
    while let Some(row) = rows.next()? {
        let topic = match row.get::<_, Option<String>>(5)? {
            Some(topic) => Some(TopicRow {
                text: topic.into(),
                by: text(row, 6)?,
                at: Timestamp(row.get(7)?),
            }),
            None => None,
        };
        let id = RoomId(id(row, 0)?);
        places.insert(id, channels.len());
        channels.push(ChannelRow {
            id,
            name: name(row.get_ref(1)?.as_str(), ChannelName::parse)?,
            created: Timestamp(row.get(2)?),
            permanent: row.get(3)?,
            modes: text(row, 4)?,
            topic,
            acl_version: row.get::<_, i64>(8)?.cast_unsigned(),
            members: Vec::new(),
            masks: Vec::new(),
            founder: None,
            access: Vec::new(),
        });
    }
    let channel = |row: &Row<'_>| -> Result<usize, StoreError> {
        let id = id(row, 0)?;
        places.get(&RoomId(id)).copied().ok_or_else(|| {
            StoreError::Corrupt(format!("room {id} is closed and has members or bans"))
        })
    };
    let mut statement = connection
        .prepare("SELECT room, account, prefixes, joined FROM membership ORDER BY room, account")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        channels[channel(row)?].members.push(MemberRow {
            account: AccountId(id(row, 1)?),
            prefixes: Prefixes::from_letters(&text(row, 2)?),
            joined: Timestamp(row.get(3)?),
        });
    }
    let mut statement = connection
        .prepare("SELECT room, mask, set_by, set_at FROM ban ORDER BY room, set_at, mask")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        channels[channel(row)?].masks.push(MaskRow {
            mode: 'b',
            mask: text(row, 1)?,
            by: text(row, 2)?,
            at: Timestamp(row.get(3)?),
        });
    }
    Ok(channels)
}

fn id(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::cast_unsigned)
}

fn text(row: &Row<'_>, column: usize) -> Result<CompactString, StoreError> {
    let text = row
        .get_ref(column)?
        .as_str()
        .map_err(|error| StoreError::Corrupt(error.to_string()))?;
    Ok(text.into())
}

/// A name as it was validated when it was written; the bound may have been another then.
fn name<T>(
    text: rusqlite::types::FromSqlResult<&str>,
    parse: fn(&str, usize) -> Result<T, NameError>,
) -> Result<T, StoreError> {
    let text = text.map_err(|error| StoreError::Corrupt(error.to_string()))?;
    parse(text, usize::MAX)
        .map_err(|error| StoreError::Corrupt(format!("the name {text:?}: {error}")))
}
