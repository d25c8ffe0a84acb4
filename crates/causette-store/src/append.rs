//! A batch of records becomes one transaction.
//!
//! What rows follow from a fact is in [`consequence`](crate::consequence) and [`session`](crate::session), its register
//! entry in [`register`](crate::register); this file keeps them together: all of a batch or nothing, once.

use crate::conversation::Conversations;
use crate::error::{AppendError, Fault, StoreError};
use crate::register::canonical::Object;
use crate::register::words;
use crate::register::{Content, Draft, Register, Subject};
use crate::store::Temporary;
use crate::{connection, consequence, session};
use causette_core::event::{Event, What};
use causette_core::id::{BatchId, Room};
use causette_core::record::{Fact, Record};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How far the write-ahead log may grow behind readers before the writer waits for them, in bytes.
const WAL_BYTES_MAX: u64 = 64 << 20;

/// How many commits may pass before the length of the write-ahead log is looked at again.
const COMMITS_PER_LOOK: u32 = 64;

/// How long the writer then waits for readers.
const READERS_WAIT: Duration = Duration::from_millis(50);

/// The one that appends. Owned by the recorder's thread.
pub struct Writer {
    connection: Connection,
    location: PathBuf,
    /// Which opening of the database this is: batches are numbered afresh in each.
    epoch: i64,
    /// What is known of the rows as they were after the last commit; `None` when it must be read again.
    memory: Option<Memory>,
    commits: u32,
    /// Dropped after the connection.
    _temporary: Option<Arc<Temporary>>,
}

/// What the writer remembers between batches.
struct Memory {
    register: Register,
    conversations: Conversations,
}

impl Writer {
    pub(crate) fn open(
        location: &Path,
        temporary: Option<Arc<Temporary>>,
    ) -> Result<Self, StoreError> {
        let mut connection = connection::open(location)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute(
            "UPDATE lane SET epoch = epoch + 1, last_batch = -1 WHERE lane = 0",
            [],
        )?;
        let epoch = transaction.query_row("SELECT epoch FROM lane WHERE lane = 0", [], |row| {
            row.get(0)
        })?;
        transaction.commit()?;
        Ok(Self {
            connection,
            location: location.to_owned(),
            epoch,
            memory: None,
            commits: 0,
            _temporary: temporary,
        })
    }

    /// Commits a batch: its records, their consequences and their register entries, in one transaction. When it returns,
    /// they survive a power cut. A batch that is already committed is not written again, so that after an error the same
    /// batch can be appended until it succeeds; batches come in the order of their ids.
    ///
    /// # Errors
    /// Then nothing of the batch is committed, and the error says whether it may be appended again.
    pub fn append(&mut self, batch: BatchId, records: &[Record]) -> Result<(), AppendError> {
        if !self.connection.is_autocommit() {
            // An earlier rollback failed; only a new connection is certain to be outside of any transaction.
            self.connection = connection::open(&self.location)
                .map_err(|error| AppendError::Retry(error.to_string()))?;
        }
        let fault = match self.commit(batch, records) {
            Ok(()) => {
                self.bound_wal();
                return Ok(());
            }
            Err(fault) => fault,
        };
        match AppendError::from(fault) {
            // Where COMMIT itself failed, only the lane tells on which side of it.
            AppendError::Retry(_)
                if self.connection.is_autocommit() && self.is_committed(batch).unwrap_or(false) =>
            {
                Ok(())
            }
            error => Err(error),
        }
    }

    /// Moves the write-ahead log into the database file and empties it.
    ///
    /// # Errors
    /// [`StoreError::Busy`] while a reader reads from the log; otherwise what the disk refused.
    pub fn checkpoint(&mut self) -> Result<(), StoreError> {
        let busy: bool =
            self.connection
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy {
            return Err(StoreError::Busy("a page is still being read".to_owned()));
        }
        Ok(())
    }

    /// Ends cleanly: everything is in the one database file. Drop the readers before.
    ///
    /// # Errors
    /// As [`Writer::checkpoint`]; nothing is lost then, the next start reads the log.
    pub fn close(mut self) -> Result<(), StoreError> {
        self.checkpoint()?;
        self.connection
            .close()
            .map_err(|(_, error)| StoreError::from(error))
    }

    fn commit(&mut self, batch: BatchId, records: &[Record]) -> Result<(), Fault> {
        // Taken out, so that after any error it is read again.
        let memory = self.memory.take();
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let lane = Lane::read(&transaction)?;
        if lane.epoch != self.epoch {
            return Err(Fault::Contradiction(
                "another server has opened the database meanwhile".to_owned(),
            ));
        }
        if lane.has(batch) {
            return Ok(());
        }
        let mut memory = match memory {
            Some(memory) => memory,
            None => Memory {
                register: Register::load(&transaction)?,
                conversations: Conversations::load(&transaction)?,
            },
        };
        let mut appending = Appending {
            connection: &transaction,
            memory: &mut memory,
            heads: HashMap::new(),
            last_time: lane.last_time,
            last_id: lane.last_id,
        };
        for record in records {
            appending.record(record)?;
        }
        appending.finish(batch)?;
        transaction.commit()?;
        self.memory = Some(memory);
        Ok(())
    }

    fn is_committed(&self, batch: BatchId) -> rusqlite::Result<bool> {
        Ok(Lane::read(&self.connection)?.has(batch))
    }

    /// Automatic checkpoints never empty a log from which someone always reads. From time to time, when it has grown,
    /// wait for the readers' pages, which are short.
    fn bound_wal(&mut self) {
        self.commits = (self.commits + 1) % COMMITS_PER_LOOK;
        if self.commits > 0 {
            return;
        }
        let mut log = self.location.as_os_str().to_owned();
        log.push("-wal");
        if std::fs::metadata(log).is_ok_and(|log| log.len() > WAL_BYTES_MAX) {
            // What fails here is tried again later: the batch is committed, and the log still holds it.
            let _ = self.connection.busy_timeout(READERS_WAIT);
            let _ = self.checkpoint();
            let _ = self.connection.busy_timeout(connection::BUSY);
        }
    }
}

/// How far the recorder has come.
struct Lane {
    epoch: i64,
    last_batch: i64,
    last_time: i64,
    last_id: u64,
}

impl Lane {
    fn read(connection: &Connection) -> rusqlite::Result<Self> {
        connection
            .prepare_cached(
                "SELECT epoch, last_batch, last_time, last_id FROM lane WHERE lane = 0",
            )?
            .query_row([], |row| {
                Ok(Self {
                    epoch: row.get(0)?,
                    last_batch: row.get(1)?,
                    last_time: row.get(2)?,
                    last_id: row.get::<_, i64>(3)?.cast_unsigned(),
                })
            })
    }

    fn has(&self, batch: BatchId) -> bool {
        self.last_batch >= batch.0.cast_signed()
    }
}

/// A batch on its way into its transaction.
struct Appending<'a> {
    connection: &'a Connection,
    memory: &'a mut Memory,
    /// The rooms that this batch has touched: read once, written back once.
    heads: HashMap<i64, Head>,
    last_time: i64,
    last_id: u64,
}

/// The part of a room's row that every event moves.
struct Head {
    last_seq: i64,
    last_time: i64,
    acl_version: i64,
}

impl Appending<'_> {
    fn record(&mut self, record: &Record) -> Result<(), Fault> {
        let Record {
            time,
            session,
            fact,
        } = record;
        self.last_time = self.last_time.max(time.0);
        if let Some(session) = session {
            self.last_id = self.last_id.max(session.0);
        }
        let mut meta = Object::new();
        let mut actor = match session {
            Some(session) => Some(session::subject(self.connection, *session)?),
            None => None,
        };
        let mut target = None;
        match fact {
            Fact::Event { rooms, event } => return self.event(record, rooms, event),
            Fact::RoomOpened {
                room,
                name,
                permanent,
                modes,
            } => {
                self.last_id = self.last_id.max(room.0);
                consequence::room_opened(self.connection, *time, *room, name, *permanent, modes)?;
                target = Some(Subject::Room(room.0.cast_signed()));
                meta = meta
                    .text("nom", name.as_str())
                    .boolean("permanent", *permanent);
            }
            Fact::RoomClosed { room } => {
                consequence::room_closed(self.connection, *time, *room)?;
                target = Some(Subject::Room(room.0.cast_signed()));
            }
            Fact::AccountCreated {
                account,
                name,
                verifier,
                by_administrator,
            } => {
                self.last_id = self.last_id.max(account.0);
                consequence::account_created(self.connection, *time, *account, name, verifier)?;
                target = Some(Subject::Account(account.0));
                meta = meta
                    .text("nom", name.as_str())
                    .boolean("par_administration", *by_administrator);
            }
            Fact::SignedIn { account, mechanism } => {
                if let Some(session) = session {
                    session::signed_in(self.connection, *session, *account)?;
                }
                target = Some(Subject::Account(account.0));
                meta = meta.text("mecanisme", mechanism.name());
            }
            Fact::SignInRefused {
                name,
                account,
                factor,
                mechanism,
            } => {
                target = account.map(|account| Subject::Account(account.0));
                meta = meta
                    .text("facteur", factor.name())
                    .text("mecanisme", mechanism.name())
                    .text("nom", name);
            }
            Fact::SessionOpened { session, peer } => {
                self.last_id = self.last_id.max(session.0);
                session::opened(self.connection, *time, *session, peer)?;
                actor = Some(Subject::Address(peer.address));
                target = Some(Subject::Guest(session.0));
                meta = session::meta(peer, None, Some(*session));
            }
            Fact::SessionClosed {
                session,
                account,
                last,
                reason,
            } => {
                self.last_id = self.last_id.max(session.0);
                actor =
                    Some(account.map_or(Subject::Guest(session.0), |id| Subject::Account(id.0)));
                target = session::address(self.connection, *session)?.map(Subject::Address);
                session::closed(self.connection, *session)?;
                if let (Some(account), true) = (account, last) {
                    session::last_seen(self.connection, *account, *time)?;
                }
                meta = meta
                    .text("motif", reason)
                    .text("session", &session.0.to_string());
            }
            Fact::SessionRefused { peer, reason } => {
                actor = Some(Subject::Address(peer.address));
                meta = session::meta(peer, Some(reason), None);
            }
            Fact::ServerStarted { version } => meta = meta.text("version", version),
            Fact::ServerStopped { reason } => meta = meta.text("motif", reason),
        }
        let says_session = matches!(
            fact,
            Fact::SessionOpened { .. } | Fact::SessionClosed { .. }
        );
        if let Some(session) = session.filter(|_| !says_session) {
            meta = meta.text("session", &session.0.to_string());
        }
        let draft = Draft {
            time: *time,
            word: words::of(fact),
            actor,
            target,
            meta: meta.finish(),
            content: Content::None,
        };
        self.memory.register.append(self.connection, &draft)?;
        Ok(())
    }

    fn event(&mut self, record: &Record, rooms: &[Room], event: &Event) -> Result<(), Fault> {
        self.last_id = self.last_id.max(event.author.0);
        consequence::on_account(self.connection, event)?;
        let word = words::of(&record.fact);
        let actor = match event.account {
            Some(_) => Subject::Account(event.author.0),
            None => Subject::Guest(event.author.0),
        };
        let text = event.what.text();
        let tags = event
            .what
            .tags()
            .map(ToString::to_string)
            .unwrap_or_default();
        let mut meta = Object::new().text("auteur", &actor.to_string());
        if let What::Kicked { target, .. } = &event.what {
            let target = Subject::person(self.connection, target.0)?;
            meta = meta.text("expulse", &target.to_string());
        }
        meta = meta
            .text("msgid", &event.msgid.0)
            .text("nature", event.what.kind().verb());
        if let What::Renamed { nick } = &event.what {
            meta = meta.text("pseudo", nick.as_str());
        }
        if let Some(session) = record.session {
            meta = meta.text("session", &session.0.to_string());
        }
        if rooms.is_empty() {
            let draft = Draft {
                time: record.time,
                word,
                actor: Some(actor),
                target: None,
                meta: meta.finish(),
                content: Content::Kept {
                    text: &text,
                    tags: &tags,
                },
            };
            self.memory.register.append(self.connection, &draft)?;
            return Ok(());
        }
        for room in rooms {
            let (id, target) = match *room {
                Room::Channel(id) => (id.0.cast_signed(), Subject::Room(id.0.cast_signed())),
                Room::Direct(low, high) => {
                    let conversation =
                        self.memory
                            .conversations
                            .open(self.connection, low, high, event.time)?;
                    conversation.heard(self.connection, event)?;
                    (conversation.room, conversation.peer(event.author))
                }
            };
            let head = self.head(id)?;
            head.last_seq += 1;
            head.last_time = head.last_time.max(event.time.0);
            head.acl_version += i64::from(event.what.changes_access());
            let seq = head.last_seq;
            let draft = Draft {
                time: record.time,
                word,
                actor: Some(actor),
                target: Some(target),
                meta: meta.clone().finish(),
                content: Content::Message {
                    room: id,
                    seq,
                    text: &text,
                    tags: &tags,
                },
            };
            let entry = self.memory.register.append(self.connection, &draft)?;
            self.connection
                .prepare_cached(
                    "INSERT INTO message (room, seq, time, msgid, kind, spoken, author, source, account, text, tags, entry)
                     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                )?
                .execute(params![
                    id,
                    seq,
                    event.time.0,
                    event.msgid.0.as_str(),
                    event.what.kind() as i64,
                    event.what.kind().is_message(),
                    event.author.0.cast_signed(),
                    event.source.as_str(),
                    event.account.as_ref().map(|name| name.as_str()),
                    text.as_str(),
                    tags,
                    entry,
                ])?;
            consequence::in_room(self.connection, id, event)?;
        }
        Ok(())
    }

    fn head(&mut self, room: i64) -> Result<&mut Head, Fault> {
        use std::collections::hash_map::Entry;
        match self.heads.entry(room) {
            Entry::Occupied(head) => Ok(head.into_mut()),
            Entry::Vacant(vacant) => {
                let head = self
                    .connection
                    .prepare_cached(
                        "SELECT last_seq, last_time, acl_version FROM room WHERE id = ?",
                    )?
                    .query_row([room], |row| {
                        Ok(Head {
                            last_seq: row.get(0)?,
                            last_time: row.get(1)?,
                            acl_version: row.get(2)?,
                        })
                    })
                    .optional()?
                    .ok_or_else(|| {
                        Fault::Contradiction(format!(
                            "an event in room {room}, which was never opened"
                        ))
                    })?;
                Ok(vacant.insert(head))
            }
        }
    }

    fn finish(self, batch: BatchId) -> Result<(), Fault> {
        let mut update = self.connection.prepare_cached(
            "UPDATE room SET last_seq = ?, last_time = ?, acl_version = ? WHERE id = ?",
        )?;
        for (room, head) in &self.heads {
            update.execute([head.last_seq, head.last_time, head.acl_version, *room])?;
        }
        self.connection
            .prepare_cached(
                "UPDATE lane SET last_batch = ?, last_time = ?, last_id = ? WHERE lane = 0",
            )?
            .execute([
                batch.0.cast_signed(),
                self.last_time,
                self.last_id.cast_signed(),
            ])?;
        Ok(())
    }
}
