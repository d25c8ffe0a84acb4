//! What is read at a start: accounts, open channels, and what both have.

use crate::engine::{Moment, Row, values};
use crate::error::Fault;
use crate::history::era;
use crate::marker;
use causette_core::event::Prefixes;
use causette_core::id::{AccountId, RoomId, SanctionId, TokenId};
use causette_core::right::Role;
use causette_core::sanction::{Sanction, SanctionKind, Whom};
use causette_core::settings::Registration;
use causette_core::snapshot::{
    AccountRow, ChannelRow, DeviceRow, MaskRow, MemberRow, Snapshot, TokenRow, TopicRow,
};
use causette_proto::{AccountName, Casemap, ChannelName, NameError, Nick, Timestamp};
use std::collections::HashMap;

pub(crate) fn read(moment: &Moment<'_>, casemap: Casemap) -> Result<Snapshot, Fault> {
    let lane = "SELECT last_time, last_steady, last_id FROM lane WHERE lane = 0";
    let (last_time, last_steady, last_id) = moment.only(lane, &[], |row| {
        Ok((row.time(0)?, row.time(1)?, row.id(2)?))
    })?;
    let steps = era::steps(moment)?;
    let last = moment.only("SELECT COALESCE(MAX(id), 0) FROM sanction", &[], |row| {
        row.id(0)
    })?;
    Ok(Snapshot {
        accounts: accounts(moment, casemap)?,
        channels: channels(moment, casemap)?,
        markers: marker::read_all(moment)?,
        last_time,
        last_steady,
        sanctions: sanctions(moment)?,
        last_sanction: last,
        registration: registration(moment)?,
        steps: steps.into_iter().map(|(_, step)| step).collect(),
        last_id,
    })
}

fn accounts(moment: &Moment<'_>, casemap: Casemap) -> Result<Vec<AccountRow>, Fault> {
    let select = "SELECT id, name, nick, created, last_seen, verifier LIKE 'code %', role, waiting FROM account WHERE dropped IS NULL ORDER BY id";
    let mut accounts = moment.all(select, &[], |row| {
        Ok(AccountRow {
            id: AccountId(row.id(0)?),
            name: name(row.text(1)?, AccountName::kept, casemap)?,
            nick: name(row.text(2)?, Nick::kept, casemap)?,
            created: row.time(3)?,
            last_seen: row.time(4)?,
            by_code: row.flag(5)?,
            role: word(row.text(6)?, Role::of)?,
            waiting: row.flag(7)?,
            settings: Vec::new(),
            certificates: Vec::new(),
            devices: Vec::new(),
            tokens: Vec::new(),
            last_token: 0,
        })
    })?;
    let places = places(accounts.iter().map(|account| account.id.0));
    let sql = "SELECT account, name, value FROM account_setting ORDER BY account, name";
    each_of(moment, sql, &places, |account, row| {
        let setting = (row.compact(1)?, row.compact(2)?);
        accounts[account].settings.push(setting);
        Ok(())
    })?;
    let sql = "SELECT account, fingerprint FROM account_certificate ORDER BY account, fingerprint";
    each_of(moment, sql, &places, |account, row| {
        accounts[account].certificates.push(row.compact(1)?);
        Ok(())
    })?;
    let sql =
        "SELECT account, name, last_used FROM account_device ORDER BY account, last_used, name";
    each_of(moment, sql, &places, |account, row| {
        accounts[account].devices.push(DeviceRow {
            name: row.compact(1)?,
            last_used: row.time(2)?,
        });
        Ok(())
    })?;
    let sql = "SELECT account, id, name, created, last_used, last_address, revoked FROM device ORDER BY account, id";
    each_of(moment, sql, &places, |account, row| {
        let token = TokenId(row.id(1)?);
        accounts[account].last_token = token.0;
        if row.maybe_int(6)?.is_some() {
            return Ok(());
        }
        let address = row.maybe_text(5)?;
        accounts[account].tokens.push(TokenRow {
            id: token,
            name: row.compact(2)?,
            created: row.time(3)?,
            last_used: row.maybe_int(4)?.map(Timestamp),
            last_address: address.and_then(|address| address.parse().ok()),
        });
        Ok(())
    })?;
    Ok(accounts)
}

/// The sanctions that hold.
fn sanctions(moment: &Moment<'_>) -> Result<Vec<Sanction>, Fault> {
    let select = "SELECT id, kind, account, network, mask, room, reason, decided_by, since, until
         FROM sanction WHERE lifted IS NULL ORDER BY id";
    moment.all(select, &[], |row| {
        let whom = match (row.maybe_int(2)?, row.maybe_text(3)?, row.maybe_text(4)?) {
            (Some(account), ..) => Whom::Account(AccountId(account.cast_unsigned())),
            (None, Some(network), _) => Whom::Network(word(network, |text| text.parse().ok())?),
            (None, None, Some(mask)) => Whom::Mask(mask.into()),
            (None, None, None) => {
                return Err(Fault::corrupt("a sanction that is for nobody".to_owned()));
            }
        };
        Ok(Sanction {
            id: SanctionId(row.id(0)?),
            kind: word(row.text(1)?, SanctionKind::of)?,
            whom,
            room: row.maybe_int(5)?.map(|room| RoomId(room.cast_unsigned())),
            reason: row.compact(6)?,
            by: row.compact(7)?,
            since: row.time(8)?,
            until: row.maybe_int(9)?.map(Timestamp),
        })
    })
}

/// The name under which it is kept who may sign up.
pub(crate) const REGISTRATION: &str = "registration";

fn registration(moment: &Moment<'_>) -> Result<Option<Registration>, Fault> {
    let select = "SELECT value FROM server_setting WHERE name = ?";
    let found = moment.all(select, values![REGISTRATION], |row| {
        word(row.text(0)?, Registration::of)
    })?;
    Ok(found.first().copied())
}

/// What a word means of which there is a closed list.
fn word<T>(text: &str, of: impl FnOnce(&str) -> Option<T>) -> Result<T, Fault> {
    of(text).ok_or_else(|| Fault::corrupt(format!("{text:?} is none of its words")))
}

fn channels(moment: &Moment<'_>, casemap: Casemap) -> Result<Vec<ChannelRow>, Fault> {
    let select = "SELECT id, name, created, permanent, modes, topic_text, topic_by, topic_at, acl_version, founder
         FROM room WHERE name IS NOT NULL AND closed IS NULL ORDER BY id";
    let mut channels = moment.all(select, &[], |row| {
        let topic = match row.maybe_text(5)? {
            Some(topic) => Some(TopicRow {
                text: topic.into(),
                by: row.compact(6)?,
                at: row.time(7)?,
            }),
            None => None,
        };
        let founder = row.maybe_int(9)?;
        Ok(ChannelRow {
            id: RoomId(row.id(0)?),
            name: name(row.text(1)?, ChannelName::kept, casemap)?,
            created: row.time(2)?,
            permanent: row.flag(3)?,
            modes: row.compact(4)?,
            topic,
            acl_version: row.id(8)?,
            members: Vec::new(),
            masks: Vec::new(),
            founder: founder.map(|founder| AccountId(founder.cast_unsigned())),
            access: Vec::new(),
        })
    })?;
    let places = places(channels.iter().map(|channel| channel.id.0));
    let sql = "SELECT room, account, prefixes, joined FROM membership ORDER BY room, account";
    each_of(moment, sql, &places, |channel, row| {
        channels[channel].members.push(MemberRow {
            account: AccountId(row.id(1)?),
            prefixes: Prefixes::from_letters(&row.compact(2)?),
            joined: row.time(3)?,
        });
        Ok(())
    })?;
    let sql =
        "SELECT room, mode, mask, set_by, set_at FROM list_mask ORDER BY room, mode, set_at, mask";
    each_of(moment, sql, &places, |channel, row| {
        let mode = row.compact(1)?;
        channels[channel].masks.push(MaskRow {
            mode: mode
                .chars()
                .next()
                .ok_or_else(|| Fault::corrupt("a mask of no list".to_owned()))?,
            mask: row.compact(2)?,
            by: row.compact(3)?,
            at: row.time(4)?,
        });
        Ok(())
    })?;
    let sql = "SELECT room, account, prefixes FROM room_access ORDER BY room, account";
    each_of(moment, sql, &places, |channel, row| {
        let access = (
            AccountId(row.id(1)?),
            Prefixes::from_letters(&row.compact(2)?),
        );
        channels[channel].access.push(access);
        Ok(())
    })?;
    Ok(channels)
}

/// Gives each row of a query to its owner: the account or channel whose id is in the first column, by its place.
fn each_of(
    moment: &Moment<'_>,
    sql: &str,
    places: &HashMap<u64, usize>,
    mut give: impl FnMut(usize, &Row<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    moment.each(sql, &[], |row| {
        let owner = row.id(0)?;
        let place = places.get(&owner).copied().ok_or_else(|| {
            Fault::corrupt(format!(
                "{owner} is closed or dropped and has still what this gives: {sql}"
            ))
        })?;
        give(place, row)
    })
}

/// Where each id lies in a list.
fn places(ids: impl Iterator<Item = u64>) -> HashMap<u64, usize> {
    ids.enumerate().map(|(place, id)| (id, place)).collect()
}

/// A name as it was validated when it was written; the bound and the mapping may have been others then.
fn name<T>(
    text: &str,
    kept: fn(&str, Casemap) -> Result<T, NameError>,
    casemap: Casemap,
) -> Result<T, Fault> {
    kept(text, casemap).map_err(|error| Fault::corrupt(format!("the name {text:?}: {error}")))
}
