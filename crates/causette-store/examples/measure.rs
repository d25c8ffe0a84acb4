//! Measures the store: messages appended per second, pages of one long channel read at any depth, the snapshot of a start.
//! Fails where a page takes longer than it may.
//!
//! `cargo run --release -p causette-store --example measure [events of the channel]`

#![allow(clippy::print_stdout, reason = "it prints what it measured")]

use causette_core::event::{Event, Prefixes, Reach, Verb, What};
use causette_core::history::{Bound, PageQuery, Readable, Selector};
use causette_core::id::{AccountId, BatchId, Msgid, MsgidSequence, Room, RoomId, UserId};
use causette_core::record::{Fact, Record, Who};
use causette_core::secret::Verifier;
use causette_proto::{AccountName, Casemap, ChannelName, CompactString, Tags, Timestamp};
use causette_store::register::Question;
use causette_store::{Reader, Store, Writer};
use std::error::Error;
use std::time::{Duration, Instant};

const BATCH: usize = 256;
const ACCOUNTS: u64 = 10_000;
const CHANNELS: u64 = 1_000;
const CHANNELS_PER_ACCOUNT: u64 = 20;

/// Events of one page.
const PAGE: usize = 100;
/// How long the slowest page may take.
const PAGE_TIME: Duration = Duration::from_millis(5);
/// At how many places of the channel pages are read.
const DEPTHS: usize = 250;

/// The channel that is long.
const LONG: RoomId = RoomId(1);

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let events: usize = match std::env::args().nth(1) {
        Some(events) => events.parse()?,
        None => 1_000_000,
    };
    let store = Store::temporary()?;
    let mut scribe = Scribe {
        writer: store.writer()?,
        batch: 0,
        msgids: MsgidSequence::new(7),
    };
    scribe.people()?;
    snapshot(&store)?;
    let depths = scribe.talk(events)?;
    let bytes = std::fs::metadata(store.file()?)?.len();
    println!("{} bytes on disk for each", bytes / events as u64);

    pages(&store, &depths)?;
    readings(&store)?;
    let mut reader = store.reader()?;
    let started = Instant::now();
    let counts = reader.check_register()?;
    println!(
        "{} register entries checked in {:?}",
        counts.entries,
        started.elapsed()
    );
    Ok(())
}

fn snapshot(store: &Store) -> Outcome<()> {
    let started = Instant::now();
    let snapshot = store.snapshot()?;
    let channels = snapshot.channels.iter();
    let memberships: usize = channels.map(|channel| channel.members.len()).sum();
    println!(
        "snapshot of {} accounts and {memberships} memberships: {:?}",
        snapshot.accounts.len(),
        started.elapsed()
    );
    Ok(())
}

/// Writes the record.
struct Scribe {
    writer: Writer,
    batch: u64,
    msgids: MsgidSequence,
}

impl Scribe {
    fn append(&mut self, records: &[Record]) -> Outcome<()> {
        self.batch += 1;
        self.writer.append(BatchId(self.batch), records)?;
        Ok(())
    }

    fn happens(&mut self, time: i64, author: u64, rooms: Vec<Room>, what: What) -> Record {
        let event = Event {
            msgid: self.msgids.next(Timestamp(time)),
            time: Timestamp(time),
            author: UserId(author),
            source: CompactString::const_new("alice!alice@user.example"),
            account: AccountName::parse("alice", 32, Casemap::Ascii).ok(),
            hidden: false,
            closed: false,
            what,
        };
        Record {
            by: Who::Account(AccountId(author)),
            ..record(time, Fact::Event { rooms, event })
        }
    }

    /// Opens the channels, and signs up the people who are in them.
    fn people(&mut self) -> Outcome<()> {
        let mut records = Vec::new();
        for room in 1..=CHANNELS {
            let opened = Fact::RoomOpened {
                room: RoomId(room),
                name: ChannelName::parse(&format!("#room{room}"), 64, Casemap::Ascii)?,
                permanent: false,
                modes: "+nt".into(),
            };
            records.push(record(1, opened));
        }
        for account in 1..=ACCOUNTS {
            let id = CHANNELS + account;
            let created = Fact::AccountCreated {
                account: AccountId(id),
                name: AccountName::parse(&format!("person{account}"), 32, Casemap::Ascii)?,
                verifier: Verifier("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".to_owned()),
                by_administrator: true,
                invitation: None,
                waiting: false,
            };
            records.push(record(1, created));
            let rooms = (0..CHANNELS_PER_ACCOUNT)
                .map(|n| Room::Channel(RoomId(1 + (account * 7 + n * 31) % CHANNELS)))
                .collect();
            let what = What::Joined {
                realname: "A person".into(),
                grant: Prefixes::default(),
                invited: false,
            };
            records.push(self.happens(1, id, rooms, what));
        }
        for records in records.chunks(BATCH) {
            self.append(records)?;
        }
        Ok(())
    }

    /// Lets so many events happen in the long channel, and a few in others between them. Returns places of the long one,
    /// evenly apart.
    fn talk(&mut self, events: usize) -> Outcome<Vec<(Timestamp, Msgid)>> {
        let mut depths = Vec::with_capacity(DEPTHS);
        let mut spent = Duration::ZERO;
        let mut slowest = Duration::ZERO;
        let (mut written, mut long) = (0, 0);
        let mut last_said = Msgid(CompactString::default());
        while long < events {
            let mut records = Vec::with_capacity(BATCH);
            for _ in 0..BATCH {
                written += 1;
                let what = happening(written, &last_said);
                let is_long = written % 16 != 0;
                let room = if is_long {
                    LONG
                } else {
                    RoomId(2 + written % 50)
                };
                let is_said = matches!(what, What::Said { .. });
                let rooms = vec![Room::Channel(room)];
                let time = 2 + written.cast_signed();
                let record = self.happens(time, CHANNELS + 1 + room.0, rooms, what);
                if let (Fact::Event { event, .. }, true) = (&record.fact, is_long) {
                    long += 1;
                    if is_said {
                        last_said = event.msgid.clone();
                    }
                    if depths.len() * events < long * DEPTHS {
                        depths.push((event.time, event.msgid.clone()));
                    }
                }
                records.push(record);
            }
            let started = Instant::now();
            self.append(&records)?;
            spent += started.elapsed();
            slowest = slowest.max(started.elapsed());
        }
        println!(
            "{written} events in batches of {BATCH}, {long} of them in one channel: {:.0} per second, slowest batch {slowest:?}",
            written as f64 / spent.as_secs_f64(),
        );
        Ok(depths)
    }
}

/// Mostly messages to all; among them what pages show to some, on demand or not at all.
fn happening(number: u64, last_said: &Msgid) -> What {
    let said = |verb, reach, text: &str| What::Said {
        verb,
        text: text.into(),
        tags: Tags::new(),
        reach,
    };
    let text =
        "a line of a conversation about tea, of the length that most lines of a conversation have";
    match number % 32 {
        3 | 4 => What::Topic { text: text.into() },
        5 | 6 => said(Verb::Privmsg, Reach::Status('@'), text),
        7 => said(Verb::Tagmsg, Reach::Operators, ""),
        9 => What::Redacted {
            msgid: last_said.clone(),
            reason: "".into(),
            said_by: UserId(1),
            reach: Reach::Room,
        },
        _ => said(Verb::Privmsg, Reach::Room, text),
    }
}

/// Reads pages at every depth, by every selector, for every reader. The time of each is that of its first reading.
fn pages(store: &Store, depths: &[(Timestamp, Msgid)]) -> Outcome<()> {
    let mut reader = store.reader()?;
    let mut late = 0;
    for (events, restricted) in [(false, false), (true, false), (false, true), (true, true)] {
        for name in ["LATEST", "BEFORE", "AFTER", "AROUND", "BETWEEN"] {
            let mut times = Vec::with_capacity(depths.len());
            for depth in 0..depths.len() {
                let query = PageQuery {
                    room: Room::Channel(LONG),
                    target: "#room1".into(),
                    name: "#room1".into(),
                    selector: selector(name, depths, depth),
                    limit: PAGE,
                    events,
                    readable: Readable::since(Timestamp(1)),
                    restricted,
                    acl_version: None,
                };
                let time = page(&mut reader, &query)?;
                if time > PAGE_TIME {
                    late += 1;
                    again(store, &query)?;
                }
                times.push(time);
            }
            times.sort();
            let (median, slowest) = (times[times.len() / 2], times[times.len() - 1]);
            println!(
                "{name} of {PAGE} at {} depths, events {events}, restricted {restricted}: median {median:?}, slowest {slowest:?}",
                times.len()
            );
        }
    }
    println!("{late} pages took more than {PAGE_TIME:?} at first, none when read again");
    Ok(())
}

fn page(reader: &mut Reader, query: &PageQuery) -> Outcome<Duration> {
    let started = Instant::now();
    reader.page(query)?;
    Ok(started.elapsed())
}

/// Reads a page that came late once more, by a reader that remembers nothing: another program may have had the processor.
/// Where it is late each time, it is the page.
fn again(store: &Store, query: &PageQuery) -> Outcome<()> {
    let mut best = Duration::MAX;
    for _ in 0..3 {
        best = best.min(page(&mut store.reader()?, query)?);
    }
    if best > PAGE_TIME {
        return Err(format!("a page takes {best:?}, more than {PAGE_TIME:?}: {query:?}").into());
    }
    Ok(())
}

/// A selector whose page lies at that depth. Its bound is a time or a message, in turn.
fn selector(name: &str, depths: &[(Timestamp, Msgid)], depth: usize) -> Selector {
    let bound = |depth: usize| {
        let (time, msgid) = &depths[depth];
        if depth.is_multiple_of(2) {
            Bound::Time(*time)
        } else {
            Bound::Msgid(msgid.clone())
        }
    };
    match name {
        "LATEST" => Selector::Latest(Some(bound(depth))),
        "BEFORE" => Selector::Before(bound(depth)),
        "AFTER" => Selector::After(bound(depth)),
        "AROUND" => Selector::Around(bound(depth)),
        // From here to the far end, which is the newer one or the older.
        _ => Selector::Between(bound(depth), bound(depths.len() - 1 - depth)),
    }
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

/// Searches the whole register for what is rare, page by page: others wait for the longest of its transactions at most.
fn readings(store: &Store) -> Outcome<()> {
    for (name, question) in [
        (
            "what an account did",
            Question {
                account: Some("account:1".to_owned()),
                ..Question::default()
            },
        ),
        (
            "words that nobody said",
            Question {
                text: "zyzzyva".to_owned(),
                ..Question::default()
            },
        ),
    ] {
        let mut reader = store.register_reader()?;
        let Ok(mut sought) = reader.understand(question)? else {
            return Err("nobody of that name".into());
        };
        let (started, mut slowest) = (Instant::now(), Duration::ZERO);
        let (mut next, mut found, mut pages) = (Some(0), 0, 0);
        while let Some(from) = next {
            let asked = Instant::now();
            let page = reader.page(&mut sought, (from, u64::MAX), usize::MAX)?;
            slowest = slowest.max(asked.elapsed());
            found += page.entries.len();
            pages += 1;
            next = page.next;
        }
        println!(
            "the register searched for {name}: {found} found in {:?}, {pages} pages, the slowest in {slowest:?}",
            started.elapsed()
        );
    }
    Ok(())
}
