//! What is read at a start: accounts, open channels, and what both have.

use crate::error::StoreError;
use crate::marker;
use causette_core::event::Prefixes;
use causette_core::id::{AccountId, RoomId, TokenId};
use causette_core::snapshot::{
    AccountRow, ChannelRow, DeviceRow, MaskRow, MemberRow, Snapshot, TokenRow, TopicRow,
};
use causette_proto::{
    AccountName, Casemap, ChannelName, CompactString, NameError, Nick, Timestamp,
};
use rusqlite::{Connection, Row};
use std::collections::HashMap;

pub(crate) fn read(connection: &mut Connection, casemap: Casemap) -> Result<Snapshot, StoreError> {
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
        accounts: accounts(&transaction, casemap)?,
        channels: channels(&transaction, casemap)?,
        markers: marker::read_all(&transaction)?,
        last_time,
        last_steady: last_time,
        steps: Vec::new(),
        last_id,
    })
}

fn accounts(connection: &Connection, casemap: Casemap) -> Result<Vec<AccountRow>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT id, name, nick, created, last_seen, verifier LIKE 'code %' FROM account WHERE dropped IS NULL ORDER BY id",
    )?;
    let mut rows = statement.query([])?;
    let mut accounts = Vec::new();
    let mut places = HashMap::new();
    while let Some(row) = rows.next()? {
        let id = AccountId(id(row, 0)?);
        places.insert(id.0, accounts.len());
        accounts.push(AccountRow {
            id,
            name: name(row.get_ref(1)?.as_str(), AccountName::kept, casemap)?,
            nick: name(row.get_ref(2)?.as_str(), Nick::kept, casemap)?,
            created: Timestamp(row.get(3)?),
            last_seen: Timestamp(row.get(4)?),
            by_code: row.get(5)?,
            settings: Vec::new(),
            certificates: Vec::new(),
            devices: Vec::new(),
            tokens: Vec::new(),
            last_token: 0,
        });
    }
    let sql = "SELECT account, name, value FROM account_setting ORDER BY account, name";
    each_of(connection, sql, &places, |account, row| {
        let setting = (text(row, 1)?, text(row, 2)?);
        accounts[account].settings.push(setting);
        Ok(())
    })?;
    let sql = "SELECT account, fingerprint FROM account_certificate ORDER BY account, fingerprint";
    each_of(connection, sql, &places, |account, row| {
        accounts[account].certificates.push(text(row, 1)?);
        Ok(())
    })?;
    let sql =
        "SELECT account, name, last_used FROM account_device ORDER BY account, last_used, name";
    each_of(connection, sql, &places, |account, row| {
        accounts[account].devices.push(DeviceRow {
            name: text(row, 1)?,
            last_used: Timestamp(row.get(2)?),
        });
        Ok(())
    })?;
    let sql = "SELECT account, id, name, created, last_used, last_address, revoked FROM device ORDER BY account, id";
    each_of(connection, sql, &places, |account, row| {
        let token = TokenId(id(row, 1)?);
        accounts[account].last_token = token.0;
        if row.get::<_, Option<i64>>(6)?.is_some() {
            return Ok(());
        }
        let address: Option<String> = row.get(5)?;
        accounts[account].tokens.push(TokenRow {
            id: token,
            name: text(row, 2)?,
            created: Timestamp(row.get(3)?),
            last_used: row.get::<_, Option<i64>>(4)?.map(Timestamp),
            last_address: address.and_then(|address| address.parse().ok()),
        });
        Ok(())
    })?;
    Ok(accounts)
}

fn channels(connection: &Connection, casemap: Casemap) -> Result<Vec<ChannelRow>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT id, name, created, permanent, modes, topic_text, topic_by, topic_at, acl_version, founder
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
        let founder: Option<i64> = row.get(9)?;
        let id = RoomId(id(row, 0)?);
        places.insert(id.0, channels.len());
        channels.push(ChannelRow {
            id,
            name: name(row.get_ref(1)?.as_str(), ChannelName::kept, casemap)?,
            created: Timestamp(row.get(2)?),
            permanent: row.get(3)?,
            modes: text(row, 4)?,
            topic,
            acl_version: row.get::<_, i64>(8)?.cast_unsigned(),
            members: Vec::new(),
            masks: Vec::new(),
            founder: founder.map(|founder| AccountId(founder.cast_unsigned())),
            access: Vec::new(),
        });
    }
    let sql = "SELECT room, account, prefixes, joined FROM membership ORDER BY room, account";
    each_of(connection, sql, &places, |channel, row| {
        channels[channel].members.push(MemberRow {
            account: AccountId(id(row, 1)?),
            prefixes: Prefixes::from_letters(&text(row, 2)?),
            joined: Timestamp(row.get(3)?),
        });
        Ok(())
    })?;
    let sql =
        "SELECT room, mode, mask, set_by, set_at FROM list_mask ORDER BY room, mode, set_at, mask";
    each_of(connection, sql, &places, |channel, row| {
        let mode = text(row, 1)?;
        channels[channel].masks.push(MaskRow {
            mode: mode
                .chars()
                .next()
                .ok_or_else(|| StoreError::Corrupt("a mask of no list".to_owned()))?,
            mask: text(row, 2)?,
            by: text(row, 3)?,
            at: Timestamp(row.get(4)?),
        });
        Ok(())
    })?;
    let sql = "SELECT room, account, prefixes FROM room_access ORDER BY room, account";
    each_of(connection, sql, &places, |channel, row| {
        let access = (
            AccountId(id(row, 1)?),
            Prefixes::from_letters(&text(row, 2)?),
        );
        channels[channel].access.push(access);
        Ok(())
    })?;
    Ok(channels)
}

/// Gives each row of a query to its owner: the account or channel whose id is in the first column, by its place.
fn each_of(
    connection: &Connection,
    sql: &str,
    places: &HashMap<u64, usize>,
    mut give: impl FnMut(usize, &Row<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let owner = id(row, 0)?;
        let place = places.get(&owner).copied().ok_or_else(|| {
            StoreError::Corrupt(format!(
                "{owner} is closed or dropped and has still what this gives: {sql}"
            ))
        })?;
        give(place, row)?;
    }
    Ok(())
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

/// A name as it was validated when it was written; the bound and the mapping may have been others then.
fn name<T>(
    text: rusqlite::types::FromSqlResult<&str>,
    kept: fn(&str, Casemap) -> Result<T, NameError>,
    casemap: Casemap,
) -> Result<T, StoreError> {
    let text = text.map_err(|error| StoreError::Corrupt(error.to_string()))?;
    kept(text, casemap).map_err(|error| StoreError::Corrupt(format!("the name {text:?}: {error}")))
}
