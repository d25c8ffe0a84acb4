//! Writes a plan: the rows of one table after another through one statement each, then the changes in their order.

mod account;
mod administration;
mod file;
mod last;
mod metadata;
mod visits;

use crate::engine::insert::{Kind, Many};
use crate::engine::{Moment, Value, values};
use crate::error::Fault;
use crate::plan::Plan;
use crate::plan::class::Class;
use crate::plan::row::{
    Change, EntryRow, InsideChange, MessageRow, PlaceRow, RoomChange, SharedRow,
};
use causette_core::event;
use causette_core::id::UserId;
use visits::Visits;

/// Writes everything that is planned; the transaction goes on.
pub(crate) fn write(moment: &Moment<'_>, plan: &Plan) -> Result<(), Fault> {
    rows(moment, plan)?;
    last::write(moment, plan)
}

/// Writes everything that is planned, and keeps it.
pub(crate) fn commit(moment: Moment<'_>, plan: &Plan) -> Result<(), Fault> {
    rows(&moment, plan)?;
    last::commit(moment, plan)
}

fn rows(moment: &Moment<'_>, plan: &Plan) -> Result<(), Fault> {
    entries(moment, plan)?;
    messages(moment, plan)?;
    shared(moment, plan)?;
    let mut visits = Visits::default();
    for changed in &plan.changes {
        change(moment, changed, &mut visits)?;
    }
    visits.write(moment)
}

static ENTRIES: Many = Many::insert(
    "register_entry",
    &[
        ("seq", Kind::Int),
        ("time", Kind::Int),
        ("category", Kind::Int),
        ("type", Kind::Text),
        ("actor_tag", Kind::Bytes),
        ("target_tag", Kind::Bytes),
        ("meta_commitment", Kind::Bytes),
        ("content_commitment", Kind::Bytes),
    ],
);

static PAYLOADS: Many = Many::insert(
    "register_payload",
    &[
        ("seq", Kind::Int),
        ("meta", Kind::Text),
        ("meta_salt", Kind::Bytes),
        ("content", Kind::Text),
        ("room", Kind::Int),
        ("message", Kind::Int),
        ("content_salt", Kind::Bytes),
    ],
);

fn entries(moment: &Moment<'_>, plan: &Plan) -> Result<(), Fault> {
    moment.write(&ENTRIES, plan.entries.iter().map(entry))?;
    moment.write(&PAYLOADS, plan.entries.iter().map(payload))
}

static MESSAGES: Many = Many::insert(
    "message",
    &[
        ("room", Kind::Int),
        ("seq", Kind::Int),
        ("time", Kind::Int),
        ("msgid", Kind::Text),
        ("kind", Kind::Int),
        ("class", Kind::Int),
        ("author", Kind::Int),
        ("source", Kind::Text),
        ("account", Kind::Text),
        ("text", Kind::Text),
        ("tags", Kind::Text),
        ("entry", Kind::Int),
        ("reach", Kind::Text),
    ],
);

fn messages(moment: &Moment<'_>, plan: &Plan) -> Result<(), Fault> {
    moment.write(&MESSAGES, plan.messages.iter().map(message))
}

static SHARED: Many = Many::insert(
    "shared_event",
    &[
        ("entry", Kind::Int),
        ("time", Kind::Int),
        ("msgid", Kind::Text),
        ("kind", Kind::Int),
        ("author", Kind::Int),
        ("source", Kind::Text),
        ("account", Kind::Text),
        ("text", Kind::Text),
        ("reach", Kind::Text),
    ],
);

static PLACES: Many = Many::insert(
    "shared_place",
    &[
        ("room", Kind::Int),
        ("class", Kind::Int),
        ("seq", Kind::Int),
        ("entry", Kind::Int),
    ],
);

fn shared(moment: &Moment<'_>, plan: &Plan) -> Result<(), Fault> {
    moment.write(&SHARED, plan.shared.iter().map(event))?;
    let place = |row: &PlaceRow| {
        [
            row.room.into(),
            row.class.into(),
            row.seq.into(),
            row.entry.into(),
        ]
    };
    moment.write(&PLACES, plan.places.iter().map(place))
}

fn entry(row: &EntryRow) -> [Value<'_>; 8] {
    [
        row.seq.into(),
        row.time.into(),
        i64::from(row.category).into(),
        row.kind.into(),
        row.actor.as_ref().map(|tag| &tag.0).into(),
        row.target.as_ref().map(|tag| &tag.0).into(),
        (&row.meta_commitment.0).into(),
        row.content_commitment
            .as_ref()
            .map(|commitment| &commitment.0)
            .into(),
    ]
}

fn payload(row: &EntryRow) -> [Value<'_>; 7] {
    [
        row.seq.into(),
        (&row.meta).into(),
        (&row.meta_salt).into(),
        row.content.as_ref().into(),
        row.place.map(|(room, _)| room).into(),
        row.place.map(|(_, seq)| seq).into(),
        row.content_salt.as_ref().into(),
    ]
}

fn message(row: &MessageRow) -> [Value<'_>; 13] {
    [
        row.room.into(),
        row.seq.into(),
        row.time.into(),
        (&row.msgid).into(),
        (row.kind as i64).into(),
        row.class.into(),
        row.author.into(),
        (&row.source).into(),
        row.account.as_ref().into(),
        (&row.text).into(),
        (&row.tags).into(),
        row.entry.into(),
        (&row.reach).into(),
    ]
}

fn event(row: &SharedRow) -> [Value<'_>; 9] {
    [
        row.entry.into(),
        row.time.into(),
        (&row.msgid).into(),
        (row.kind as i64).into(),
        row.author.into(),
        (&row.source).into(),
        row.account.as_ref().into(),
        (&row.text).into(),
        (&row.reach).into(),
    ]
}

fn change(moment: &Moment<'_>, change: &Change, visits: &mut Visits) -> Result<(), Fault> {
    match change {
        Change::MonthKey { month, secret } => {
            let insert = "INSERT INTO register_key (month, secret) VALUES (?, ?)";
            moment.run(insert, values![month, secret])?;
        }
        Change::ClockStep { entry, step } => {
            moment.run(
                "INSERT INTO clock_step (entry, from_time, to_time, steady) VALUES (?, ?, ?, ?)",
                values![*entry, step.from, step.to, step.steady],
            )?;
        }
        Change::Room(change) => room(moment, change)?,
        Change::Inside(change) => inside(moment, change)?,
        Change::Person(change) => account::account(moment, change)?,
        Change::Device(change) => account::device(moment, change)?,
        Change::Visit(change) => visits.add(change),
        Change::Administration(change) => administration::change(moment, change)?,
        Change::File(change) => file::change(moment, change)?,
        Change::Metadata(said) => metadata::change(moment, said)?,
    }
    Ok(())
}

/// What changes of a room.
fn room(moment: &Moment<'_>, change: &RoomChange) -> Result<(), Fault> {
    match change {
        RoomChange::RoomOpened {
            room,
            key,
            name,
            permanent,
            modes,
            created,
        } => {
            moment.run(
                "INSERT INTO room (id, room_key, name, permanent, modes, acl_version, last_seq, last_time, created)
                 VALUES (?, ?, ?, ?, ?, 0, 0, ?, ?)",
                values![*room, key, name, *permanent, modes, *created, *created],
            )?;
        }
        RoomChange::Renamed {
            room,
            key,
            name,
            entry,
        } => {
            // What was read goes with it, in place of what was read of another that had the name.
            moment.run(
                "DELETE FROM read_marker WHERE room_key = ? AND room_key <> (SELECT room_key FROM room WHERE id = ?)",
                values![key, *room],
            )?;
            moment.run(
                "UPDATE read_marker SET room_key = ? WHERE room_key = (SELECT room_key FROM room WHERE id = ?)",
                values![key, *room],
            )?;
            moment.run(
                "UPDATE room SET room_key = ?, name = ?, renamed = ? WHERE id = ?",
                values![key, name, *entry, *room],
            )?;
        }
        RoomChange::RoomClosed { room, closed } => {
            for sql in [
                "DELETE FROM membership WHERE room = ?",
                "DELETE FROM list_mask WHERE room = ?",
                "DELETE FROM room_access WHERE room = ?",
                "DELETE FROM room_invited WHERE room = ?",
            ] {
                moment.run(sql, values![*room])?;
            }
            administration::forget_room(moment, *room, *closed)?;
            file::forget_room(moment, *room)?;
            metadata::forget_room(moment, *room)?;
            let update = "UPDATE room SET room_key = NULL, closed = ? WHERE id = ?";
            moment.run(update, values![*closed, *room])?;
        }
        RoomChange::Founder { room, founder } => {
            let update = "UPDATE room SET founder = ? WHERE id = ?";
            moment.run(update, values![*founder, *room])?;
        }
        RoomChange::Unregistered { room } => {
            moment.run("DELETE FROM room_access WHERE room = ?", values![*room])?;
            moment.run(
                "UPDATE room SET founder = NULL WHERE id = ?",
                values![*room],
            )?;
        }
        RoomChange::Access {
            room,
            account,
            letters,
        } => {
            let delete = "DELETE FROM room_access WHERE room = ? AND account = ?";
            moment.run(delete, values![*room, *account])?;
            if !letters.is_empty() {
                let insert = "INSERT INTO room_access (room, account, prefixes) VALUES (?, ?, ?)";
                moment.run(insert, values![*room, *account, letters])?;
            }
        }
        RoomChange::FirstClosed { room } => {
            let update = "UPDATE room SET was_closed = 1 WHERE id = ?";
            moment.run(update, values![*room])?;
        }
        RoomChange::PastOpened { room, opened } => {
            let update = "UPDATE room SET opened = ? WHERE id = ?";
            moment.run(update, values![*opened, *room])?;
        }
        RoomChange::Invited { room, account, at } => {
            let delete = "DELETE FROM room_invited WHERE room = ? AND account = ?";
            moment.run(delete, values![*room, *account])?;
            if let Some(at) = *at {
                let insert = "INSERT INTO room_invited (room, account, at) VALUES (?, ?, ?)";
                moment.run(insert, values![*room, *account, at])?;
            }
        }
        RoomChange::Topic { room, topic } => {
            let (text, by, at) = match topic {
                Some((text, by, at)) => (Some(text), Some(by), Some(*at)),
                None => (None, None, None),
            };
            let update = "UPDATE room SET topic_text = ?, topic_by = ?, topic_at = ? WHERE id = ?";
            moment.run(update, values![text, by, at, *room])?;
        }
        RoomChange::Modes { room, modes } => {
            moment.run(
                "UPDATE room SET modes = ? WHERE id = ?",
                values![modes, *room],
            )?;
        }
        RoomChange::MaskSet {
            room,
            list,
            mask,
            by,
            at,
        } => {
            // Set again, a mask has its new author and time.
            without_mask(moment, *room, *list, mask)?;
            moment.run(
                "INSERT INTO list_mask (room, mode, mask, set_by, set_at) VALUES (?, ?, ?, ?, ?)",
                values![*room, list.encode_utf8(&mut [0; 4]) as &str, mask, by, *at],
            )?;
        }
        RoomChange::MaskRemoved { room, list, mask } => without_mask(moment, *room, *list, mask)?,
    }
    Ok(())
}

fn without_mask(moment: &Moment<'_>, room: i64, list: char, mask: &str) -> Result<(), Fault> {
    moment.run(
        "DELETE FROM list_mask WHERE room = ? AND mode = ? AND mask = ?",
        values![room, list.encode_utf8(&mut [0; 4]) as &str, mask],
    )?;
    Ok(())
}

/// What changes of those who are in a room, and of what they said.
fn inside(moment: &Moment<'_>, change: &InsideChange) -> Result<(), Fault> {
    match change {
        InsideChange::ConversationBegun {
            room,
            key,
            low,
            high,
            created,
        } => {
            moment.run(
                "INSERT INTO room (id, room_key, permanent, modes, acl_version, last_seq, last_time, created)
                 VALUES (?, ?, 0, '', 0, 0, ?, ?)",
                values![*room, &key.to_string(), *created, *created],
            )?;
            let mut insert =
                moment.prepare("INSERT INTO participant (person, room, peer) VALUES (?, ?, ?)")?;
            insert.run(values![*low, *room, *high])?;
            if low != high {
                insert.run(values![*high, *room, *low])?;
            }
        }
        InsideChange::PeerNick { person, room, nick } => {
            let update = "UPDATE participant SET peer_nick = ? WHERE person = ? AND room = ?";
            moment.run(update, values![nick, *person, *room])?;
        }
        InsideChange::Entered {
            room,
            account,
            letters,
            joined,
            invited,
        } => {
            if *invited {
                let delete = "DELETE FROM room_invited WHERE room = ? AND account = ?";
                moment.run(delete, values![*room, *account])?;
            }
            // One who is already in, as after a second session's JOIN, keeps one membership.
            leave(moment, *room, *account)?;
            moment.run(
                "INSERT INTO membership (room, account, prefixes, joined) VALUES (?, ?, ?, ?)",
                values![*room, *account, letters, *joined],
            )?;
        }
        InsideChange::Left { room, account } => leave(moment, *room, *account)?,
        InsideChange::Prefixes {
            room,
            account,
            letters,
        } => {
            let update = "UPDATE membership SET prefixes = ? WHERE room = ? AND account = ?";
            moment.run(update, values![letters, *room, *account])?;
        }
        InsideChange::TakenBack { room, msgid, at } => {
            moment.run(
                "UPDATE message SET class = ?, redacted = ?
                 WHERE msgid = ? AND room = ? AND kind IN (?, ?, ?) AND redacted IS NULL",
                values![
                    Class::Redacted,
                    *at,
                    msgid,
                    *room,
                    event::Kind::Privmsg as i64,
                    event::Kind::Notice as i64,
                    event::Kind::Tagmsg as i64
                ],
            )?;
        }
        InsideChange::Marker { account, of, time } => {
            let key = of.to_string();
            let delete = "DELETE FROM read_marker WHERE account = ? AND room_key = ?";
            moment.run(delete, values![*account, &key])?;
            let insert = "INSERT INTO read_marker (account, room_key, time) VALUES (?, ?, ?)";
            moment.run(insert, values![*account, &key, *time])?;
        }
    }
    Ok(())
}

fn leave(moment: &Moment<'_>, room: i64, account: UserId) -> Result<(), Fault> {
    let delete = "DELETE FROM membership WHERE room = ? AND account = ?";
    moment.run(delete, values![room, account])?;
    Ok(())
}
