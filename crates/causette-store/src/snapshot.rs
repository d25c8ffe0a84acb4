//! What is read at a start: accounts, open channels, and what both have.

mod administration;
mod file;

pub(crate) use administration::REGISTRATION;

use crate::engine::{Moment, Row};
use crate::error::Fault;
use crate::history::era;
use crate::{marker, metadata};
use causette_core::event::Prefixes;
use causette_core::id::{AccountId, RoomId, TokenId};
use causette_core::right::{Role, Scopes};
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
    Ok(Snapshot {
        accounts: accounts(moment, casemap)?,
        channels: channels(moment, casemap)?,
        markers: marker::read_all(moment)?,
        metadata: metadata::read_all(moment)?,
        last_time,
        last_steady,
        sanctions: administration::sanctions(moment)?,
        last_sanction: administration::last(moment, "sanction")?,
        invitations: administration::invitations(moment)?,
        filters: administration::filters(moment)?,
        held: administration::held(moment, casemap)?,
        files: file::files(moment)?,
        alerts: administration::alerts(moment)?,
        registration: administration::registration(moment)?,
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
    let sql = "SELECT account, id, name, created, last_used, last_address, revoked, scopes, until FROM device ORDER BY account, id";
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
            scopes: match row.maybe_text(7)? {
                Some(list) => Some(word(list, Scopes::read)?),
                None => None,
            },
            until: row.maybe_int(8)?.map(Timestamp),
        });
        Ok(())
    })?;
    Ok(accounts)
}

/// What a word means of which there is a closed list.
fn word<T>(text: &str, of: impl FnOnce(&str) -> Option<T>) -> Result<T, Fault> {
    of(text).ok_or_else(|| Fault::corrupt(format!("{text:?} is none of its words")))
}

fn channels(moment: &Moment<'_>, casemap: Casemap) -> Result<Vec<ChannelRow>, Fault> {
    let select = "SELECT id, name, created, permanent, modes, topic_text, topic_by, topic_at, acl_version, founder, opened
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
            opened: row.maybe_int(10)?.map(Timestamp),
            members: Vec::new(),
            masks: Vec::new(),
            founder: founder.map(|founder| AccountId(founder.cast_unsigned())),
            access: Vec::new(),
            invited: Vec::new(),
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
    let sql = "SELECT room, account, at FROM room_invited ORDER BY room, account";
    each_of(moment, sql, &places, |channel, row| {
        let invited = (AccountId(row.id(1)?), row.time(2)?);
        channels[channel].invited.push(invited);
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
