//! Moves a server of many messages between each pair of engines: rows per second, and how long it takes to verify them. Each move is
//! cut off in its middle and resumed. The servers are those that `CAUSETTE_TEST_DB_URLS` names.
//!
//! `cargo run --release -p causette-store --example moving [messages]`

#![allow(clippy::print_stdout, reason = "it prints what it measured")]

use causette_core::event::{Event, Prefixes, Reach, Verb, What};
use causette_core::id::{AccountId, BatchId, MsgidSequence, Room, RoomId, UserId};
use causette_core::record::{Fact, Record, Who};
use causette_core::secret::Verifier;
use causette_proto::{AccountName, Casemap, ChannelName, Tags, Timestamp};
use causette_store::moving::{self, Manner, Moved, Moving, Unmoved};
use causette_store::{Access, Database, Store};
use std::error::Error;
use std::time::{Duration, Instant};

const BATCH: usize = 1000;
const PEOPLE: u64 = 1000;
const ROOMS: u64 = 100;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let messages: u64 = match std::env::args().nth(1) {
        Some(messages) => messages.parse()?,
        None => 1_000_000,
    };
    let store = Store::temporary()?;
    let started = Instant::now();
    fill(&store, messages)?;
    println!("{messages} messages recorded in {:?}", started.elapsed());
    let servers = causette_testbed::urls_from_environment()?;
    for from in engines(&servers) {
        let from = Place::new(from)?;
        let moved = moved(store.database(), &from.database, false)?;
        println!("SQLite to {}: {}", from.name, told(&moved));
        for to in engines(&servers) {
            let to = Place::new(to)?;
            let moved = self::moved(&from.database, &to.database, true)?;
            println!(
                "{} to {}, cut in the middle: {}",
                from.name,
                to.name,
                told(&moved)
            );
        }
    }
    Ok(())
}

/// A file, and each server.
fn engines(
    servers: &[causette_testbed::AdminUrl],
) -> impl Iterator<Item = Option<&causette_testbed::AdminUrl>> {
    std::iter::once(None).chain(servers.iter().map(Some))
}

/// An empty database, which goes away with this.
struct Place {
    name: &'static str,
    database: Database,
    _on_server: Option<causette_testbed::Database>,
    _folder: Store,
}

impl Place {
    fn new(server: Option<&causette_testbed::AdminUrl>) -> Outcome<Self> {
        let folder = Store::temporary()?;
        let on_server = server
            .map(|server| server.create_database("moving"))
            .transpose()?;
        let (name, database) = match &on_server {
            None => (
                "SQLite",
                Database::from(folder.file()?.with_file_name("moved.db")),
            ),
            Some(on_server) => (
                match on_server.server().is_postgres() {
                    true => "PostgreSQL",
                    false => "MySQL or MariaDB",
                },
                Database::parse(&on_server.url(), &Access::default())?,
            ),
        };
        Ok(Self {
            name,
            database,
            _on_server: on_server,
            _folder: folder,
        })
    }
}

/// Moves, in one piece or cut off in the middle; the time is that of both pieces.
fn moved(from: &Database, to: &Database, is_cut: bool) -> Outcome<(Moved, Duration)> {
    let started = Instant::now();
    if is_cut {
        let cut = moving::run(
            from,
            to,
            Manner::default(),
            |step| !matches!(step, Moving::Rows { brought, of, .. } if brought > of / 2),
        );
        if !matches!(cut, Err(Unmoved::GivenUp)) {
            return Err(format!("it was not cut off: {cut:?}").into());
        }
    }
    let moved = moving::run(from, to, Manner::default(), |_| true)?;
    if !moved.is_whole() {
        return Err(format!("it is not whole: {moved:?}").into());
    }
    Store::look(to)?;
    Ok((moved, started.elapsed()))
}

fn told((moved, took): &(Moved, Duration)) -> String {
    let rows: u64 = moved.tables.iter().map(|table| table.rows).sum();
    let brought: u64 = moved.tables.iter().map(|table| table.brought).sum();
    let verified = moved.verified.as_ref();
    format!(
        "{rows} rows, {:.0} a second; {} entries verified in {:.1} s; {:.1} s in all",
        brought as f64 / moved.took.as_secs_f64(),
        verified.map_or(0, |verified| verified.counts.entries),
        moved.verifying_took.as_secs_f64(),
        took.as_secs_f64(),
    )
}

fn fill(store: &Store, messages: u64) -> Outcome<()> {
    let mut writer = store.writer()?;
    let mut batch = 0;
    let mut append = |records: &[Record]| -> Outcome<()> {
        batch += 1;
        writer.append(BatchId(batch), records)?;
        Ok(())
    };
    let mut msgids = MsgidSequence::new(7);
    let mut people = Vec::new();
    for room in 1..=ROOMS {
        let name = ChannelName::parse(&format!("#room{room}"), 64, Casemap::Ascii)?;
        people.push(record(
            1,
            Fact::RoomOpened {
                room: RoomId(room),
                name,
                permanent: false,
                modes: "+nt".into(),
            },
        ));
    }
    for person in 1..=PEOPLE {
        let account = AccountId(ROOMS + person);
        people.push(record(
            1,
            Fact::AccountCreated {
                account,
                name: AccountName::parse(&format!("person{person}"), 32, Casemap::Ascii)?,
                verifier: Verifier("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".to_owned()),
                by_administrator: true,
                invitation: None,
                waiting: false,
            },
        ));
        let room = Room::Channel(RoomId(1 + person % ROOMS));
        let joined = What::Joined {
            realname: "A person".into(),
            grant: Prefixes::default(),
            invited: false,
        };
        people.push(happens(&mut msgids, 1, account.0, room, joined)?);
    }
    for people in people.chunks(BATCH) {
        append(people)?;
    }
    let mut said = Vec::with_capacity(BATCH);
    for message in 1..=messages {
        let text = "a line of a conversation about tea 🫖, of the length that most lines of a conversation have";
        let what = What::Said {
            verb: Verb::Privmsg,
            text: text.into(),
            tags: Tags::new(),
            reach: Reach::Room,
        };
        let room = Room::Channel(RoomId(1 + message % ROOMS));
        let author = ROOMS + 1 + message % PEOPLE;
        said.push(happens(
            &mut msgids,
            1 + message.cast_signed(),
            author,
            room,
            what,
        )?);
        if said.len() == BATCH || message == messages {
            append(&said)?;
            said.clear();
        }
    }
    writer.close()?;
    Ok(())
}

fn happens(
    msgids: &mut MsgidSequence,
    time: i64,
    author: u64,
    room: Room,
    what: What,
) -> Outcome<Record> {
    let event = Event {
        msgid: msgids.next(Timestamp(time)),
        time: Timestamp(time),
        author: UserId(author),
        source: "alice!alice@user.example".into(),
        account: Some(AccountName::parse("alice", 32, Casemap::Ascii)?),
        hidden: false,
        closed: false,
        what,
    };
    Ok(Record {
        by: Who::Account(AccountId(author)),
        ..record(
            time,
            Fact::Event {
                rooms: vec![room],
                event,
            },
        )
    })
}

fn record(time: i64, fact: Fact) -> Record {
    Record {
        time: Timestamp(time),
        steady: Timestamp(time),
        session: None,
        by: Who::Account(AccountId(1)),
        fact,
    }
}
