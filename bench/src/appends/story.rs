//! What is appended: people in one room who talk. The same records go through the store, and their rows through the bare driver.

use anyhow::Context as _;
use causette_core::event::{Event, Reach, Verb, What};
use causette_core::id::{AccountId, BatchId, MsgidSequence, Room, RoomId, UserId};
use causette_core::record::{Fact, Record, Who};
use causette_core::secret::Verifier;
use causette_proto::{AccountName, Casemap, ChannelName, CompactString, Tags, Timestamp};
use causette_store::{Store, Writer};
use rusqlite::Connection;

use crate::server::Folder;

/// The room, and how many people are in it.
pub(super) const ROOM: RoomId = RoomId(1);
const PEOPLE: u64 = 100;
/// As long as most of what people say.
const TEXT: &str =
    "a line of a conversation about tea and cake, of the length that most lines of one have, or so";
/// Somewhere in a month, and far from its end.
const BEGIN: i64 = 1_795_316_400_000_000;

/// Makes the records, and keeps a record of its own from which their rows are read.
pub(super) struct Story {
    store: Store,
    _folder: Folder,
    writer: Writer,
    batch: u64,
    time: i64,
    msgids: MsgidSequence,
    /// The entries whose rows were given.
    given: i64,
}

/// The rows of a batch.
pub(super) struct Rows {
    pub(super) entries: Vec<EntryRow>,
    pub(super) messages: Vec<MessageRow>,
    pub(super) batch: i64,
}

/// A row of `register_entry` with that of `register_payload`.
pub(super) struct EntryRow {
    pub(super) seq: i64,
    pub(super) time: i64,
    pub(super) category: i64,
    pub(super) kind: String,
    pub(super) actor_tag: Option<Vec<u8>>,
    pub(super) target_tag: Option<Vec<u8>>,
    pub(super) meta_commitment: Vec<u8>,
    pub(super) content_commitment: Option<Vec<u8>>,
    pub(super) meta: String,
    pub(super) meta_salt: Vec<u8>,
    pub(super) content: Option<String>,
    pub(super) room: Option<i64>,
    pub(super) message: Option<i64>,
    pub(super) content_salt: Option<Vec<u8>>,
}

/// A row of `message`.
pub(super) struct MessageRow {
    pub(super) room: i64,
    pub(super) seq: i64,
    pub(super) time: i64,
    pub(super) msgid: String,
    pub(super) kind: i64,
    pub(super) class: i64,
    pub(super) author: i64,
    pub(super) source: String,
    pub(super) account: Option<String>,
    pub(super) text: String,
    pub(super) tags: String,
    pub(super) entry: i64,
    pub(super) reach: String,
}

/// A batch as the store takes it, and as rows.
pub(super) struct Batch {
    pub(super) id: BatchId,
    pub(super) records: Vec<Record>,
    pub(super) rows: Rows,
}

impl Story {
    pub(super) fn new() -> anyhow::Result<Self> {
        // Nobody waits for a disk where what is kept is only read again.
        let folder = Folder::in_memory()?;
        let store = Store::open(folder.path().join("story"))?;
        let mut writer = store.writer()?;
        writer.append(BatchId(1), &beginning()?)?;
        let given = Connection::open(store.file()?)?.query_row(
            "SELECT max(seq) FROM register_entry",
            [],
            |row| row.get(0),
        )?;
        Ok(Self {
            store,
            _folder: folder,
            writer,
            batch: 1,
            time: BEGIN,
            msgids: MsgidSequence::new(7),
            given,
        })
    }

    /// The next batches of so many messages.
    pub(super) fn batches(&mut self, count: usize, messages: usize) -> anyhow::Result<Vec<Batch>> {
        let connection = Connection::open(self.store.file()?)?;
        let mut batches = Vec::with_capacity(count);
        for _ in 0..count {
            self.batch += 1;
            let id = BatchId(self.batch);
            let records = (0..messages)
                .map(|_| self.said())
                .collect::<Result<Vec<_>, _>>()?;
            self.writer.append(id, &records)?;
            let rows = self.rows(&connection)?;
            anyhow::ensure!(rows.messages.len() == messages, "rows are missing");
            batches.push(Batch { id, records, rows });
        }
        Ok(batches)
    }

    fn said(&mut self) -> anyhow::Result<Record> {
        self.time += 1000;
        let time = Timestamp(self.time);
        let person = 2 + self.time.cast_unsigned() / 1000 % PEOPLE;
        let name = name(person);
        let event = Event {
            msgid: self.msgids.next(time),
            time,
            author: UserId(person),
            source: CompactString::from(format!("{name}!{name}@user.example")),
            account: Some(account(&name)?),
            hidden: false,
            closed: false,
            what: What::Said {
                verb: Verb::Privmsg,
                text: TEXT.into(),
                tags: Tags::new(),
                reach: Reach::Room,
            },
        };
        let rooms = vec![Room::Channel(ROOM)];
        Ok(Record {
            time,
            steady: time,
            session: None,
            by: Who::Account(AccountId(person)),
            fact: Fact::Event { rooms, event },
        })
    }

    /// The rows that were written since the last time.
    fn rows(&mut self, connection: &Connection) -> anyhow::Result<Rows> {
        let mut select = connection.prepare_cached(
            "SELECT e.seq, e.time, category, type, actor_tag, target_tag, meta_commitment, content_commitment,
                    meta, meta_salt, content, room, message, content_salt
             FROM register_entry e JOIN register_payload p ON p.seq = e.seq WHERE e.seq > ? ORDER BY e.seq",
        )?;
        let entries = select
            .query_map([self.given], |row| {
                Ok(EntryRow {
                    seq: row.get(0)?,
                    time: row.get(1)?,
                    category: row.get(2)?,
                    kind: row.get(3)?,
                    actor_tag: row.get(4)?,
                    target_tag: row.get(5)?,
                    meta_commitment: row.get(6)?,
                    content_commitment: row.get(7)?,
                    meta: row.get(8)?,
                    meta_salt: row.get(9)?,
                    content: row.get(10)?,
                    room: row.get(11)?,
                    message: row.get(12)?,
                    content_salt: row.get(13)?,
                })
            })?
            .collect::<Result<Vec<_>, _>>()?;
        let mut select = connection.prepare_cached(
            "SELECT room, seq, time, msgid, kind, class, author, source, account, text, tags, entry, reach
             FROM message WHERE room = ? ORDER BY seq DESC LIMIT ?",
        )?;
        let count = i64::try_from(entries.len())?;
        let mut messages = select
            .query_map([ROOM.0.cast_signed(), count], |row| {
                Ok(MessageRow {
                    room: row.get(0)?,
                    seq: row.get(1)?,
                    time: row.get(2)?,
                    msgid: row.get(3)?,
                    kind: row.get(4)?,
                    class: row.get(5)?,
                    author: row.get(6)?,
                    source: row.get(7)?,
                    account: row.get(8)?,
                    text: row.get(9)?,
                    tags: row.get(10)?,
                    entry: row.get(11)?,
                    reach: row.get(12)?,
                })
            })?
            .collect::<Result<Vec<_>, _>>()?;
        messages.reverse();
        self.given = entries.last().context("no entry was written")?.seq;
        Ok(Rows {
            entries,
            messages,
            batch: self.batch.cast_signed(),
        })
    }
}

/// The room is opened, and people have their accounts.
pub(super) fn beginning() -> anyhow::Result<Vec<Record>> {
    let opened = Fact::RoomOpened {
        room: ROOM,
        name: ChannelName::parse("#tea", 64, Casemap::Ascii)?,
        permanent: false,
        modes: "+nt".into(),
    };
    let mut facts = vec![opened];
    for person in 2..2 + PEOPLE {
        facts.push(Fact::AccountCreated {
            account: AccountId(person),
            name: account(&name(person))?,
            verifier: Verifier("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".to_owned()),
            by_administrator: true,
            invitation: None,
            waiting: false,
        });
    }
    let record = |fact| Record {
        time: Timestamp(BEGIN),
        steady: Timestamp(BEGIN),
        session: None,
        by: Who::Server,
        fact,
    };
    Ok(facts.into_iter().map(record).collect())
}

fn name(person: u64) -> String {
    format!("person{person}")
}

fn account(name: &str) -> anyhow::Result<AccountName> {
    Ok(AccountName::parse(name, 32, Casemap::Ascii)?)
}
