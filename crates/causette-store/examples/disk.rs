//! Measures what somebody in many channels costs on disk: bytes of a NICK, and of a QUIT with the JOIN behind it.
//!
//! `cargo run --release -p causette-store --example disk [channels]`

#![allow(clippy::print_stdout, reason = "it prints what it measured")]

use causette_core::event::{Event, Prefixes, What};
use causette_core::id::{AccountId, BatchId, MsgidSequence, Room, RoomId, UserId};
use causette_core::record::{Fact, Record, Who};
use causette_core::secret::Verifier;
use causette_proto::{AccountName, Casemap, ChannelName, Nick, Timestamp};
use causette_store::{Store, Writer};
use rusqlite::Connection;
use std::error::Error;
use std::fs;

const ALICE: AccountId = AccountId(2);
/// Enough that pages of the tables which were begun before do not count.
const TIMES: u64 = 500;

type Outcome<T> = Result<T, Box<dyn Error>>;

struct Scribe {
    writer: Writer,
    batch: u64,
    time: i64,
    msgids: MsgidSequence,
}

fn main() -> Outcome<()> {
    let channels: u64 = match std::env::args().nth(1) {
        Some(channels) => channels.parse()?,
        None => 100,
    };
    let rooms: Vec<Room> = (1..=channels)
        .map(|room| Room::Channel(RoomId((1 << 60) + (room << 21))))
        .collect();
    for (name, what) in [
        ("NICK", renamed as fn(u64) -> Outcome<What>),
        ("QUIT", quit),
    ] {
        let store = Store::temporary()?;
        let mut scribe = Scribe {
            writer: store.writer()?,
            batch: 0,
            time: 1_795_316_400_000_000,
            msgids: MsgidSequence::new(7),
        };
        scribe.begin(&rooms)?;
        let before = (whole(&store)?, vacuumed(&store)?);
        for number in 0..TIMES {
            scribe.happens(&rooms, what(number)?)?;
        }
        let each = |before: u64, after: u64| (after - before) / TIMES;
        println!(
            "{name} in {channels} channels: {} bytes each in file and log, {} in the file when packed",
            each(before.0, whole(&store)?),
            each(before.1, vacuumed(&store)?)
        );
    }
    Ok(())
}

fn renamed(number: u64) -> Outcome<What> {
    Ok(What::Renamed {
        nick: Nick::parse(&format!("alice{number}"), 32, Casemap::Ascii)?,
    })
}

fn quit(_: u64) -> Outcome<What> {
    Ok(What::Quit {
        reason: "see you tomorrow".into(),
    })
}

impl Scribe {
    fn write(&mut self, fact: Fact) -> Outcome<()> {
        self.batch += 1;
        let record = Record {
            time: Timestamp(self.time),
            steady: Timestamp(self.time),
            session: None,
            by: Who::Account(ALICE),
            fact,
        };
        self.writer.append(BatchId(self.batch), &[record])?;
        Ok(())
    }

    fn happens(&mut self, rooms: &[Room], what: What) -> Outcome<()> {
        self.time += 1_000_000;
        let time = Timestamp(self.time);
        let event = Event {
            msgid: self.msgids.next(time),
            time,
            author: UserId(ALICE.0),
            source: "alice!alice@user.example".into(),
            account: AccountName::parse("alice", 32, Casemap::Ascii).ok(),
            hidden: false,
            closed: false,
            what,
        };
        let rooms = rooms.to_vec();
        self.write(Fact::Event { rooms, event })
    }

    fn begin(&mut self, rooms: &[Room]) -> Outcome<()> {
        self.write(Fact::AccountCreated {
            account: ALICE,
            name: AccountName::parse("alice", 32, Casemap::Ascii)?,
            verifier: Verifier("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".to_owned()),
            by_administrator: true,
            invitation: None,
            waiting: false,
        })?;
        for (number, room) in rooms.iter().enumerate() {
            let Room::Channel(id) = *room else { continue };
            self.write(Fact::RoomOpened {
                room: id,
                name: ChannelName::parse(&format!("#room{number}"), 64, Casemap::Ascii)?,
                permanent: false,
                modes: "+nt".into(),
            })?;
            let joined = What::Joined {
                realname: "Alice".into(),
                grant: Prefixes::NONE,
                invited: false,
            };
            self.happens(&[*room], joined)?;
        }
        Ok(())
    }
}

/// The database with its log, as they are.
fn whole(store: &Store) -> Outcome<u64> {
    let log = store.file()?.with_file_name("causette.db-wal");
    Ok(fs::metadata(store.file()?)?.len() + fs::metadata(log)?.len())
}

/// The database when nothing in it is empty.
fn vacuumed(store: &Store) -> Outcome<u64> {
    let copy = store.file()?.with_file_name("packed.db");
    let path = copy.to_str().ok_or("the path is no text")?;
    Connection::open(store.file()?)?.execute("VACUUM INTO ?", [path])?;
    let bytes = fs::metadata(&copy)?.len();
    fs::remove_file(copy)?;
    Ok(bytes)
}
