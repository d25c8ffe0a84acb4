//! What is planned becomes facts of the record, in batches that are each kept whole or not at all: what an interruption leaves can be gone
//! on with, and nothing is there twice.
//!
//! A batch of lines is entered under their own times: the clock goes back to the first of them by an entry that says so, and comes forward
//! again behind the last. So nobody ever starts on a record that ends in the past.

use super::exchanged::NewFile;
use super::old::Login;
use super::plan::{Author, NewAccount, NewLine, ORIGIN, Person, Where, even};
use causette_core::event::{Event, Reach, Verb, What};
use causette_core::file::{File, FileKey, Visibility};
use causette_core::id::{IdSequence, Room, RoomId, SessionId, UserId};
use causette_core::imported::{Imported, NOBODY, TAG};
use causette_core::input::{Peer, Transport};
use causette_core::limits::USERNAME_BYTES;
use causette_core::login::{LoginPolicy, pin_of};
use causette_core::record::{AccountChange, Fact, Record, Who};
use causette_core::reserved::ADMINISTRATION;
use causette_core::secret::Verifier;
use causette_core::snapshot::Snapshot;
use causette_core::{BODY_BYTES, in_pieces, text_bytes};
use causette_proto::{ChannelName, CompactString, Tags, Timestamp, split};
use std::collections::HashMap;
use std::net::IpAddr;

/// The modes of a new room.
const MODES: &str = "+nt";

/// The user in the source of what no account and no administration has said. The views know it by that.
const USER: &str = "import";

/// Makes the records of an import.
pub(super) struct Clerk {
    records: Vec<Record>,
    /// The time of the last record, as people are shown it, and on the clock that never goes back.
    shown: Timestamp,
    steady: Timestamp,
    ids: IdSequence,
    by: Who,
    program: &'static str,
    /// From where one signs in to a new account, as the configuration says.
    login: LoginPolicy,
    server: CompactString,
    room: ChannelName,
    /// The room, once it is there.
    room_id: Option<RoomId>,
    archive: ChannelName,
    /// The archive, while it is open.
    archive_id: Option<RoomId>,
    sessions: HashMap<(UserId, IpAddr, u16), SessionId>,
}

/// For what a clerk works.
pub(super) struct Desk {
    /// The system's user.
    pub(super) by: CompactString,
    pub(super) program: &'static str,
    pub(super) login: LoginPolicy,
    pub(super) server: CompactString,
    pub(super) room: ChannelName,
    pub(super) archive: ChannelName,
    /// The greatest id that was given so far, by the plan too.
    pub(super) last_id: u64,
}

impl Clerk {
    pub(super) fn new(snapshot: &Snapshot, desk: Desk) -> Self {
        let room = snapshot.channels.iter().find(|row| row.name == desk.room);
        Self {
            records: Vec::new(),
            shown: snapshot.last_time,
            steady: snapshot.last_steady,
            ids: IdSequence::after(desk.last_id),
            by: Who::System(desk.by),
            program: desk.program,
            login: desk.login,
            server: desk.server,
            room_id: room.map(|row| row.id),
            room: desk.room,
            archive: desk.archive,
            archive_id: None,
            sessions: HashMap::new(),
        }
    }

    /// The records so far; the clerk begins anew behind them.
    pub(super) fn take(&mut self) -> Vec<Record> {
        std::mem::take(&mut self.records)
    }

    /// The time goes on to now.
    pub(super) fn now(&mut self, now: Timestamp) {
        let passed = now.0.saturating_sub(self.shown.0).max(0);
        self.shown = Timestamp(self.shown.0 + passed);
        self.steady = Timestamp(self.steady.0 + passed);
    }

    fn push(&mut self, session: Option<SessionId>, by: Who, fact: Fact) {
        self.records.push(Record {
            time: self.shown,
            steady: self.steady,
            session,
            by,
            fact,
        });
    }

    fn act(&mut self, fact: Fact) {
        let by = self.by.clone();
        self.push(None, by, fact);
    }

    /// Enters that the import begins or ends.
    pub(super) fn imported(&mut self, imported: Imported) {
        self.act(Fact::Imported(Box::new(imported)));
    }

    /// Makes an account.
    pub(super) fn account(&mut self, account: &NewAccount, verifier: Verifier) {
        let id = account.person.id;
        self.act(Fact::AccountCreated {
            account: id,
            name: account.person.name.clone(),
            verifier,
            by_administrator: true,
            waiting: false,
            invitation: None,
        });
        let mut settings = vec![(ORIGIN, account.origin.clone())];
        let policy = match account.login {
            Login::AsConfigured => self.login.setting(),
            Login::From(_) | Login::FromFirst => LoginPolicy::PinFirst.setting(),
        };
        if !policy.is_empty() {
            settings.push((LoginPolicy::SETTING, policy));
        }
        if let Login::From(address) = account.login {
            let pinned = pin_of(address).to_string();
            settings.push((LoginPolicy::ADDRESS_SETTING, pinned));
        }
        for (name, value) in settings {
            let change = AccountChange::Setting {
                name: name.into(),
                value: value.into(),
            };
            self.act(Fact::AccountChanged {
                account: id,
                change,
            });
        }
    }

    /// Makes a file of what people exchanged: everybody's who has an account, and nobody's own.
    pub(super) fn file(&mut self, file: &NewFile, key: FileKey, media_type: &'static str) {
        let added = File {
            id: file.id,
            key,
            owner: None,
            name: file.name.clone(),
            media_type: media_type.into(),
            size: file.old.bytes,
            sha256: file.old.sha256,
            says_beside: false,
            visibility: Visibility::Public,
            closed: None,
            granted: Vec::new(),
            path: None,
            aside: None,
            since: file.since,
            until: None,
        };
        self.act(Fact::FileAdded {
            file: Box::new(added),
            verdict: None,
            from: None,
        });
    }

    /// Enters lines under their own times. What is earlier than the line before has that one's time.
    pub(super) fn lines(&mut self, lines: &[NewLine], now: Timestamp) {
        self.now(now);
        for line in lines {
            match line.place {
                Where::Room => self.open_room(),
                Where::Archive => self.open_archive(),
                Where::With(_) => {}
            }
            if let Some(from) = line.from {
                self.open_session(line.author.user(), from, line.time);
            }
        }
        let (present, first) = (self.shown, lines.first().map(|line| line.time));
        let first = first.unwrap_or(present).min(present);
        // What decides by time is not to think that years have passed: so much lies between the two steps, and no more.
        let begun = Timestamp(self.steady.0 + 1);
        let ended = Timestamp(begun.0 + 2);
        self.steady = begun;
        self.step(first);
        for line in lines {
            self.shown = self.shown.max(line.time).min(present);
            self.steady = Timestamp(begun.0 + (self.shown.0 - first.0)).min(ended);
            self.line(line);
        }
        self.steady = ended;
        self.step(present);
        self.close_sessions();
        if let Some(room) = self.archive_id.take() {
            self.act(Fact::RoomClosed { room });
        }
    }

    /// Sets the clock.
    fn step(&mut self, to: Timestamp) {
        let from = std::mem::replace(&mut self.shown, to);
        self.push(None, Who::Server, Fact::ClockStepped { from, to });
    }

    fn open(&mut self, name: ChannelName, permanent: bool) -> RoomId {
        let room = RoomId(even(&mut self.ids, self.shown));
        self.act(Fact::RoomOpened {
            room,
            name,
            permanent,
            modes: MODES.into(),
        });
        room
    }

    fn open_room(&mut self) {
        if self.room_id.is_none() {
            self.room_id = Some(self.open(self.room.clone(), true));
        }
    }

    fn open_archive(&mut self) {
        if self.archive_id.is_none() {
            self.archive_id = Some(self.open(self.archive.clone(), false));
        }
    }

    fn line(&mut self, line: &NewLine) {
        let author = line.author.user();
        let (source, account) = match &line.author {
            Author::Person(person) => (source(person), Some(person.name.clone())),
            Author::Administration => {
                let source = format!("{ADMINISTRATION}!administration@{}", self.server);
                (source.into(), None)
            }
            Author::Stranger(nick) => (self.no_account(nick), None),
            Author::Nobody => (self.no_account(NOBODY), None),
        };
        let room = match line.place {
            Where::Room => self.room_id.map(Room::Channel),
            Where::Archive => self.archive_id.map(Room::Channel),
            Where::With(other) => Some(Room::direct(author, other)),
        };
        let Some(room) = room else { return };
        let session = line.from;
        let session =
            session.and_then(|(address, port)| self.sessions.get(&(author, address, port)));
        let session = session.copied();
        let target = self.room.as_str();
        let max = text_bytes(&source, "PRIVMSG", &[target], BODY_BYTES);
        let mut tags = Tags::new();
        tags.insert(TAG, self.program);
        let event = Event {
            msgid: line.msgid.clone(),
            time: self.shown,
            author,
            source,
            account,
            hidden: false,
            closed: false,
            what: What::Said {
                verb: Verb::Privmsg,
                text: in_pieces(&line.text, max).into(),
                tags,
                reach: Reach::Room,
            },
        };
        let by = self.by.clone();
        let rooms = vec![room];
        self.push(session, by, Fact::Event { rooms, event });
    }

    /// How somebody without account is shown.
    fn no_account(&self, nick: &str) -> CompactString {
        format!("{nick}!{USER}@{}", self.server).into()
    }

    /// Opens the connection through which something came, as far as its address and port tell. It is entered now, as it is numbered by
    /// now, and says since when it was.
    fn open_session(&mut self, author: UserId, (address, port): (IpAddr, u16), since: Timestamp) {
        let key = (author, address, port);
        if self.sessions.contains_key(&key) {
            return;
        }
        // Connections have odd numbers.
        let session = SessionId(even(&mut self.ids, self.shown) + 1);
        self.ids = IdSequence::after(session.0);
        self.sessions.insert(key, session);
        let peer = Peer {
            address,
            port,
            local_port: 0,
            transport: Transport::Irc,
            tls: None,
            certificate: None,
            cloak: CompactString::default(),
            exempt: false,
        };
        let opened = Fact::SessionOpened {
            session,
            peer,
            since,
        };
        self.push(None, Who::Address(address), opened);
    }

    fn close_sessions(&mut self) {
        let mut open: Vec<_> = self.sessions.drain().collect();
        open.sort_unstable_by_key(|(_, session)| *session);
        for ((_, address, _), session) in open {
            let closed = Fact::SessionClosed {
                session,
                address,
                account: None,
                last_seen: None,
                reason: ORIGIN.into(),
            };
            self.push(Some(session), Who::Server, closed);
        }
    }
}

impl Author {
    fn user(&self) -> UserId {
        match self {
            Self::Person(person) => person.id.into(),
            Self::Administration => UserId::ADMINISTRATION,
            Self::Stranger(_) | Self::Nobody => UserId::SERVER,
        }
    }
}

/// How somebody with an account is shown: `nick!user@host`.
fn source(person: &Person) -> CompactString {
    let (name, user) = (&person.name, split::cut(person.name.key(), USERNAME_BYTES));
    format!("{name}!{user}@account/{name}").into()
}
