//! The rows of rooms, memberships and lists that follow from a fact, and what an event changes of them.
//!
//! Guests have no rows: what they do leaves only messages.

use crate::class::Class;
use crate::marker;
use causette_core::event::{Event, Kind, ModeChange, Prefixes, What};
use causette_core::id::{AccountId, Msgid, Room, RoomId};
use causette_proto::{ChannelName, Timestamp};
use rusqlite::{Connection, Result, params};

pub(crate) fn room_opened(
    connection: &Connection,
    time: Timestamp,
    room: RoomId,
    name: &ChannelName,
    permanent: bool,
    modes: &str,
) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO room (id, room_key, name, permanent, modes, acl_version, last_seq, last_time, created)
             VALUES (?, ?, ?, ?, ?, 0, 0, ?, ?)",
        )?
        .execute(params![
            room.0.cast_signed(),
            name.key(),
            name.as_str(),
            permanent,
            modes,
            time.0,
            time.0
        ])?;
    Ok(())
}

/// Frees the channel's name; its messages stay.
pub(crate) fn room_closed(connection: &Connection, time: Timestamp, room: RoomId) -> Result<()> {
    marker::forget(connection, Room::Channel(room))?;
    let room = room.0.cast_signed();
    for sql in [
        "DELETE FROM membership WHERE room = ?",
        "DELETE FROM list_mask WHERE room = ?",
        "DELETE FROM room_access WHERE room = ?",
    ] {
        connection.prepare_cached(sql)?.execute([room])?;
    }
    connection
        .prepare_cached("UPDATE room SET room_key = NULL, closed = ? WHERE id = ?")?
        .execute([time.0, room])?;
    Ok(())
}

pub(crate) fn room_registered(
    connection: &Connection,
    room: RoomId,
    founder: AccountId,
) -> Result<()> {
    connection
        .prepare_cached("UPDATE room SET founder = ? WHERE id = ?")?
        .execute([founder.0.cast_signed(), room.0.cast_signed()])?;
    Ok(())
}

pub(crate) fn room_unregistered(connection: &Connection, room: RoomId) -> Result<()> {
    for sql in [
        "DELETE FROM room_access WHERE room = ?",
        "UPDATE room SET founder = NULL WHERE id = ?",
    ] {
        connection
            .prepare_cached(sql)?
            .execute([room.0.cast_signed()])?;
    }
    Ok(())
}

pub(crate) fn access_changed(
    connection: &Connection,
    room: RoomId,
    account: AccountId,
    prefixes: Prefixes,
) -> Result<()> {
    let (room, account) = (room.0.cast_signed(), account.0.cast_signed());
    connection
        .prepare_cached("DELETE FROM room_access WHERE room = ? AND account = ?")?
        .execute([room, account])?;
    if !prefixes.is_empty() {
        connection
            .prepare_cached("INSERT INTO room_access (room, account, prefixes) VALUES (?, ?, ?)")?
            .execute(params![room, account, prefixes.letters().as_str()])?;
    }
    Ok(())
}

/// What an event changes once, in however many rooms it is seen: NICK of an account.
pub(crate) fn on_account(connection: &Connection, event: &Event) -> Result<()> {
    if let (Some(_), What::Renamed { nick }) = (&event.account, &event.what) {
        connection
            .prepare_cached("UPDATE account SET nick = ? WHERE id = ?")?
            .execute(params![nick.as_str(), event.author.0.cast_signed()])?;
    }
    Ok(())
}

/// What an event changes in a room where it is seen.
pub(crate) fn in_room(connection: &Connection, room: i64, event: &Event) -> Result<()> {
    let author = event.author.0.cast_signed();
    match &event.what {
        What::Joined { grant, .. } if event.account.is_some() => {
            // One who is already in, as after a second session's JOIN, keeps one membership.
            leave(connection, room, author)?;
            connection
                .prepare_cached(
                    "INSERT INTO membership (room, account, prefixes, joined) VALUES (?, ?, ?, ?)",
                )?
                .execute(params![
                    room,
                    author,
                    grant.letters().as_str(),
                    event.time.0
                ])?;
            Ok(())
        }
        What::Parted { .. } | What::Quit { .. } if event.account.is_some() => {
            leave(connection, room, author)
        }
        What::Kicked { target, .. } => leave(connection, room, target.0.cast_signed()),
        What::Topic { text } => {
            let topic =
                (!text.is_empty()).then_some((text.as_str(), event.source.as_str(), event.time.0));
            connection
                .prepare_cached(
                    "UPDATE room SET topic_text = ?, topic_by = ?, topic_at = ? WHERE id = ?",
                )?
                .execute(params![
                    topic.map(|(text, ..)| text),
                    topic.map(|(_, by, _)| by),
                    topic.map(|(.., at)| at),
                    room
                ])?;
            Ok(())
        }
        What::Mode { changes, after } => {
            connection
                .prepare_cached("UPDATE room SET modes = ? WHERE id = ?")?
                .execute(params![after.as_str(), room])?;
            changes
                .iter()
                .try_for_each(|change| mode(connection, room, event, change))
        }
        What::Redacted { msgid, .. } => redact(connection, room, event.time, msgid),
        What::Joined { .. }
        | What::Parted { .. }
        | What::Quit { .. }
        | What::Renamed { .. }
        | What::Said { .. } => Ok(()),
    }
}

fn leave(connection: &Connection, room: i64, account: i64) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM membership WHERE room = ? AND account = ?")?
        .execute([room, account])?;
    Ok(())
}

/// Takes back what was said. The row stays, since its register entry commits to it; it only leaves every page.
fn redact(connection: &Connection, room: i64, time: Timestamp, msgid: &Msgid) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE message SET class = ?, redacted = ?
             WHERE msgid = ? AND room = ? AND kind IN (?, ?, ?) AND redacted IS NULL",
        )?
        .execute(params![
            Class::Redacted,
            time.0,
            msgid.0.as_str(),
            room,
            Kind::Privmsg as i64,
            Kind::Notice as i64,
            Kind::Tagmsg as i64
        ])?;
    Ok(())
}

/// A member's prefix, or a mask of a list; the channel's other modes are in its row.
fn mode(connection: &Connection, room: i64, event: &Event, change: &ModeChange) -> Result<()> {
    let ModeChange { change, member } = change;
    match (member, change.mode, &change.arg) {
        (Some(held), _, _) => {
            connection
                .prepare_cached(
                    "UPDATE membership SET prefixes = ? WHERE room = ? AND account = ?",
                )?
                .execute(params![
                    held.prefixes.letters().as_str(),
                    room,
                    held.user.0.cast_signed()
                ])?;
        }
        (None, 'b' | 'e' | 'I', Some(mask)) => {
            let list = change.mode.to_string();
            // Set again, a mask has its new author and time.
            connection
                .prepare_cached("DELETE FROM list_mask WHERE room = ? AND mode = ? AND mask = ?")?
                .execute(params![room, list, mask.as_str()])?;
            if change.add {
                connection
                    .prepare_cached(
                        "INSERT INTO list_mask (room, mode, mask, set_by, set_at) VALUES (?, ?, ?, ?, ?)",
                    )?
                    .execute(params![
                        room,
                        list,
                        mask.as_str(),
                        event.source.as_str(),
                        event.time.0
                    ])?;
            }
        }
        _ => {}
    }
    Ok(())
}
