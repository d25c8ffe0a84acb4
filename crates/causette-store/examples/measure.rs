//! Measures the store: messages appended per second, pages read at any depth, the snapshot of a start.
//!
//! `cargo run --release -p causette-store --example measure [messages]`

#![allow(clippy::print_stdout, reason = "it prints what it measured")]

use causette_core::event::{Event, Prefixes, Reach, Verb, What};
use causette_core::history::{Bound, PageQuery, Selector};
use causette_core::id::{AccountId, BatchId, MsgidSequence, Room, RoomId, UserId};
use causette_core::record::{Fact, Record};
use causette_core::secret::Verifier;
use causette_proto::{AccountName, Casemap, ChannelName, CompactString, Tags, Timestamp};
use causette_store::Store;
use std::error::Error;
use std::time::{Duration, Instant};

const BATCH: usize = 256;
const ACCOUNTS: u64 = 10_000;
const CHANNELS: u64 = 1_000;
const CHANNELS_PER_ACCOUNT: u64 = 20;
const PAGE: usize = 100;

fn main() -> Result<(), Box<dyn Error>> {
    let messages: i64 = match std::env::args().nth(1) {
        Some(messages) => messages.parse()?,
        None => 1_000_000,
    };
    let store = Store::temporary()?;
    let mut writer = store.writer()?;
    let mut batch = 0;
    let mut append = |records: &[Record]| {
        batch += 1;
        writer.append(BatchId(batch), records)
    };
    let mut msgids = MsgidSequence::new(7);
    let mut event = |time: i64, author: u64, what: What| Event {
        msgid: msgids.next(Timestamp(time)),
        time: Timestamp(time),
        author: UserId(author),
        source: CompactString::const_new("alice!alice@user.example"),
        account: AccountName::parse("alice", 32, Casemap::Ascii).ok(),
        what,
    };

    let mut records = Vec::new();
    for room in 1..=CHANNELS {
        records.push(record(
            1,
            Fact::RoomOpened {
                room: RoomId(room),
                name: ChannelName::parse(&format!("#room{room}"), 64, Casemap::Ascii)?,
                permanent: false,
                modes: "+nt".into(),
            },
        ));
    }
    for account in 1..=ACCOUNTS {
        let id = CHANNELS + account;
        records.push(record(
            1,
            Fact::AccountCreated {
                account: AccountId(id),
                name: AccountName::parse(&format!("person{account}"), 32, Casemap::Ascii)?,
                verifier: Verifier("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".to_owned()),
                by_administrator: true,
            },
        ));
        let rooms = (0..CHANNELS_PER_ACCOUNT)
            .map(|n| Room::Channel(RoomId(1 + (account * 7 + n * 31) % CHANNELS)))
            .collect();
        let what = What::Joined {
            realname: "A person".into(),
            grant: Prefixes::default(),
        };
        records.push(record(
            1,
            Fact::Event {
                rooms,
                event: event(1, id, what),
            },
        ));
    }
    for records in records.chunks(BATCH) {
        append(records)?;
    }
    let started = Instant::now();
    let snapshot = store.snapshot()?;
    let memberships: usize = snapshot
        .channels
        .iter()
        .map(|channel| channel.members.len())
        .sum();
    println!(
        "snapshot of {} accounts and {memberships} memberships: {:?}",
        snapshot.accounts.len(),
        started.elapsed()
    );

    let text =
        "a line of a conversation about tea, of the length that most lines of a conversation have";
    let mut written = 0;
    let mut spent = Duration::ZERO;
    let mut slowest = Duration::ZERO;
    while written < messages {
        let records: Vec<Record> = (0..BATCH as i64)
            .map(|n| {
                let time = 2 + written + n;
                let room = if n % 2 == 0 {
                    1
                } else {
                    1 + time.unsigned_abs() % 50
                };
                let what = What::Said {
                    verb: Verb::Privmsg,
                    text: text.into(),
                    tags: Tags::new(),
                    reach: Reach::Room,
                };
                let rooms = vec![Room::Channel(RoomId(room))];
                record(
                    time,
                    Fact::Event {
                        rooms,
                        event: event(time, CHANNELS + 1 + room, what),
                    },
                )
            })
            .collect();
        let started = Instant::now();
        append(&records)?;
        spent += started.elapsed();
        slowest = slowest.max(started.elapsed());
        written += records.len() as i64;
    }
    println!(
        "{written} messages in batches of {BATCH}: {:.0} per second, slowest batch {slowest:?}, {} bytes each on disk",
        written as f64 / spent.as_secs_f64(),
        std::fs::metadata(store.location())?.len() / written.unsigned_abs()
    );

    let mut reader = store.reader()?;
    for events in [false, true] {
        let mut slowest = Duration::ZERO;
        for depth in 0..1000 {
            let query = PageQuery {
                room: Room::Channel(RoomId(1)),
                target: "#room1".into(),
                selector: Selector::Before(Bound::Time(Timestamp(written * depth / 1000))),
                limit: PAGE,
                events,
                since: None,
                restricted: false,
                acl_version: Some(0),
            };
            let started = Instant::now();
            reader.page(&query)?;
            slowest = slowest.max(started.elapsed());
        }
        println!("pages of {PAGE} at 1000 depths, with events {events}: slowest {slowest:?}");
    }
    let started = Instant::now();
    let counts = reader.check_register()?;
    println!(
        "{} register entries checked in {:?}",
        counts.entries,
        started.elapsed()
    );
    Ok(())
}

fn record(time: i64, fact: Fact) -> Record {
    Record {
        time: Timestamp(time),
        session: None,
        fact,
    }
}
