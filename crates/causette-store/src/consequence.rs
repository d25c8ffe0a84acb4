//! The rows of accounts, rooms, memberships and bans that follow from a fact.
//!
//! Guests have no rows: what they do leaves only messages.

use causette_core::event::{Event, ModeChange, Prefixes, What};
use causette_core::id::{AccountId, RoomId};
use causette_core::secret::Verifier;
use causette_proto::{AccountName, ChannelName, Timestamp};
use rusqlite::{Connection, OptionalExtension, Result, params};

pub(crate) fn account_created(
    connection: &Connection,
    time: Timestamp,
    account: AccountId,
    name: &AccountName,
    verifier: &Verifier,
) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO account (id, name, folded, nick, verifier, created, last_seen) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            account.0.cast_signed(),
            name.as_str(),
            name.key(),
            name.as_str(),
            verifier.0,
            time.0,
            time.0
        ])?;
    Ok(())
}

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
    let room = room.0.cast_signed();
    for sql in [
        "DELETE FROM membership WHERE room = ?",
        "DELETE FROM ban WHERE room = ?",
    ] {
        connection.prepare_cached(sql)?.execute([room])?;
    }
    connection
        .prepare_cached("UPDATE room SET room_key = NULL, closed = ? WHERE id = ?")?
        .execute([time.0, room])?;
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
        What::Joined { .. }
        | What::Redacted { .. }
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

/// A member's prefix, or the ban list; the channel's other modes are in its row.
fn mode(connection: &Connection, room: i64, event: &Event, change: &ModeChange) -> Result<()> {
    let ModeChange { change, member } = change;
    match (member, change.mode, &change.arg) {
        (Some(member), letter, _) => {
            let member = member.0.cast_signed();
            let letters: Option<String> = connection
                .prepare_cached("SELECT prefixes FROM membership WHERE room = ? AND account = ?")?
                .query_row([room, member], |row| row.get(0))
                .optional()?;
            let Some(letters) = letters else {
                return Ok(());
            };
            let mut prefixes = Prefixes::from_letters(&letters);
            prefixes.set(letter, change.add);
            connection
                .prepare_cached(
                    "UPDATE membership SET prefixes = ? WHERE room = ? AND account = ?",
                )?
                .execute(params![prefixes.letters().as_str(), room, member])?;
        }
        (None, 'b', Some(mask)) => {
            // Set again, a ban has its new author and time.
            connection
                .prepare_cached("DELETE FROM ban WHERE room = ? AND mask = ?")?
                .execute(params![room, mask.as_str()])?;
            if change.add {
                connection
                    .prepare_cached(
                        "INSERT INTO ban (room, mask, set_by, set_at) VALUES (?, ?, ?, ?)",
                    )?
                    .execute(params![
                        room,
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
