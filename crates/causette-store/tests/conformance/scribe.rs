//! Who writes the record in the story, and the people it is about.

use causette_core::event::{Event, Held, ModeChange, Prefixes, Reach, Verb, What};
use causette_core::history::{PageQuery, Past, Readable, Selector};
use causette_core::id::{AccountId, BatchId, MsgidSequence, Room, RoomId, SessionId, UserId};
use causette_core::input::{Peer, Transport};
use causette_core::record::{AccountChange, Fact, Record, Who};
use causette_core::secret::Verifier;
use causette_proto::mode::Change;
use causette_proto::{AccountName, Casemap, ChannelName, Tags, Timestamp};
use causette_store::{Access, Database, Store, Writer};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::ops::{Deref, DerefMut};

/// A new store of every engine there is.
pub(crate) fn stores() -> impl Iterator<Item = Place> {
    let servers = causette_testbed::urls_from_environment().unwrap();
    let on_servers = servers.into_iter().map(|server| {
        let database = server.create_database("conformance").unwrap();
        let place = Database::parse(&database.url(), &Access::default()).unwrap();
        Place {
            store: Store::open(place).unwrap(),
            database: Some(database),
        }
    });
    let store = Store::temporary().unwrap();
    std::iter::once(Place {
        store,
        database: None,
    })
    .chain(on_servers)
}

/// A store, and the database that it has on a server, which is gone behind it.
pub(crate) struct Place {
    store: Store,
    database: Option<causette_testbed::Database>,
}

impl Place {
    /// The same with another mapping of names.
    pub(crate) fn with_casemap(self, casemap: Casemap) -> Self {
        Self {
            store: self.store.with_casemap(casemap),
            ..self
        }
    }

    /// Changes rows behind the back of the program.
    pub(crate) fn alter(&self, sql: &str) {
        self.try_alter(sql).unwrap();
    }

    /// The same, where the tables themselves may refuse it.
    pub(crate) fn try_alter(&self, sql: &str) -> Result<(), String> {
        match &self.database {
            Some(database) => match database.query(sql) {
                Ok(_) => Ok(()),
                Err(error) => Err(format!("{error:#}")),
            },
            None => rusqlite::Connection::open(self.file().unwrap())
                .unwrap()
                .execute_batch(sql)
                .map_err(|error| error.to_string()),
        }
    }

    /// What the database itself answers, each row with its columns.
    pub(crate) fn ask<const N: usize>(&self, sql: &str) -> Vec<[String; N]> {
        let Some(database) = &self.database else {
            let connection = rusqlite::Connection::open(self.file().unwrap()).unwrap();
            let mut select = connection.prepare(sql).unwrap();
            let row = |row: &rusqlite::Row<'_>| {
                let columns: [rusqlite::Result<String>; N] =
                    std::array::from_fn(|place| row.get(place));
                Ok(columns.map(Result::unwrap))
            };
            return select
                .query_map([], row)
                .unwrap()
                .map(Result::unwrap)
                .collect();
        };
        let session = match database.server().is_postgres() {
            true => "SET TIME ZONE 'UTC'",
            // By a client that is set to another character set than the tables, as some are by themselves.
            false => "SET time_zone = '+00:00', character_set_connection = latin1",
        };
        let answer = database.query(&format!("{session}; {sql}")).unwrap();
        let row = |line: &str| {
            let columns: Vec<String> = line.split('\t').map(str::to_owned).collect();
            columns.try_into().unwrap()
        };
        answer.lines().map(row).collect()
    }

    /// A time as the database shows it to people: what is on a server is asked in UTC, a file in the time zone of this process.
    pub(crate) fn shown(&self, time: Timestamp) -> String {
        if self.database.is_some() {
            let time = time.to_string();
            let (year, month, day, hour) = (&time[..4], &time[5..7], &time[8..10], &time[11..19]);
            return format!("{day}/{month}/{year} {hour}");
        }
        let seconds = time.0 / 1_000_000;
        let shown =
            format!("SELECT strftime('%d/%m/%Y %H:%M:%S', {seconds}, 'unixepoch', 'localtime')");
        self.ask::<1>(&shown).remove(0).concat()
    }

    /// The two apart, where it is on a server.
    pub(crate) fn on_server(self) -> Option<(Store, causette_testbed::Database)> {
        Some((self.store, self.database?))
    }
}

impl Deref for Place {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

impl DerefMut for Place {
    fn deref_mut(&mut self) -> &mut Store {
        &mut self.store
    }
}

/// Writes batches as the recorder would: ids in order, times that grow.
pub(crate) struct Scribe {
    pub(crate) writer: Writer,
    pub(crate) batch: u64,
    pub(crate) time: i64,
    pub(crate) msgids: MsgidSequence,
    /// The accounts that sessions have signed in to.
    pub(crate) accounts: HashMap<SessionId, AccountId>,
}

impl Scribe {
    pub(crate) fn new(store: &Store) -> Self {
        Self {
            writer: store.writer().unwrap(),
            batch: 0,
            time: 1_795_316_400_000_000,
            msgids: MsgidSequence::new(1),
            accounts: HashMap::new(),
        }
    }

    pub(crate) fn now(&mut self) -> Timestamp {
        self.time += 1_000_000;
        Timestamp(self.time)
    }

    pub(crate) fn record(&mut self, session: Option<SessionId>, fact: Fact) -> Record {
        let time = match &fact {
            Fact::Event { event, .. } => event.time,
            _ => self.now(),
        };
        Record {
            time,
            steady: time,
            session,
            by: self.who(session, &fact),
            fact,
        }
    }

    /// Who acts, as the core says it.
    fn who(&mut self, session: Option<SessionId>, fact: &Fact) -> Who {
        let account = |id: &AccountId| Who::Account(*id);
        match (session, fact) {
            (_, Fact::Event { event, .. }) => match event.account {
                _ if event.author == UserId::SERVER => Who::Server,
                _ if event.author == UserId::ADMINISTRATION => Who::System("root".into()),
                Some(_) => Who::Account(AccountId(event.author.0)),
                None => Who::Guest(event.author),
            },
            (_, Fact::SessionOpened { peer, .. } | Fact::SessionRefused { peer, .. }) => {
                Who::Address(peer.address)
            }
            (Some(session), _) => {
                let held = self.accounts.get(&session).map(account);
                if let Fact::SignedIn { account, .. } = fact {
                    self.accounts.insert(session, *account);
                }
                held.unwrap_or(Who::Guest(session.into()))
            }
            (
                None,
                Fact::AccountChanged {
                    change: AccountChange::Reset { .. },
                    ..
                },
            ) => Who::System("root".into()),
            (
                None,
                Fact::SessionClosed {
                    account: Some(id), ..
                }
                | Fact::AccountChanged { account: id, .. },
            ) => account(id),
            (None, Fact::SessionClosed { session, .. }) => Who::Guest((*session).into()),
            (None, Fact::SignedIn { address, .. } | Fact::SignInRefused { address, .. }) => {
                Who::Address(*address)
            }
            (None, _) => Who::Server,
        }
    }

    /// Appends one fact in a batch of its own.
    pub(crate) fn write(&mut self, fact: Fact) -> Timestamp {
        self.write_from(None, fact)
    }

    pub(crate) fn write_from(&mut self, session: Option<SessionId>, fact: Fact) -> Timestamp {
        let record = self.record(session, fact);
        let time = record.time;
        self.batch += 1;
        self.writer.append(BatchId(self.batch), &[record]).unwrap();
        time
    }

    pub(crate) fn event(&mut self, author: &Author, what: What) -> Event {
        let time = self.now();
        Event {
            msgid: self.msgids.next(time),
            time,
            author: author.id,
            source: author.source.into(),
            account: author.account.map(account_name),
            hidden: false,
            closed: false,
            what,
        }
    }

    pub(crate) fn happens(&mut self, author: &Author, rooms: &[Room], what: What) -> Event {
        let event = self.event(author, what);
        self.write(Fact::Event {
            rooms: rooms.to_vec(),
            event: event.clone(),
        });
        event
    }

    pub(crate) fn says(&mut self, author: &Author, room: Room, text: &str) -> Event {
        self.happens(author, &[room], said(Verb::Privmsg, text))
    }

    pub(crate) fn opens(&mut self, room: RoomId, name: &str) -> Timestamp {
        let name = ChannelName::parse(name, 64, Casemap::Ascii).unwrap();
        self.write(Fact::RoomOpened {
            room,
            name,
            permanent: false,
            modes: "+nt".into(),
        })
    }

    pub(crate) fn signs_up(&mut self, author: &Author) -> Timestamp {
        self.write(Fact::AccountCreated {
            account: AccountId(author.id.0),
            name: account_name(author.account.unwrap()),
            verifier: Verifier(format!("verifier of {}", author.account.unwrap())),
            by_administrator: false,
            invitation: None,
            waiting: false,
        })
    }
}

pub(crate) struct Author {
    pub(crate) id: UserId,
    pub(crate) source: &'static str,
    pub(crate) account: Option<&'static str>,
}

pub(crate) const ALICE: Author = Author {
    id: UserId(11),
    source: "Alice!a@h",
    account: Some("Alice"),
};
pub(crate) const BOB: Author = Author {
    id: UserId(12),
    source: "bob!b@h",
    account: Some("bob"),
};
pub(crate) const GUEST: Author = Author {
    id: UserId(13),
    source: "zoe!z@h",
    account: None,
};
pub(crate) const ADMINISTRATION: Author = Author {
    id: UserId::ADMINISTRATION,
    source: "Administration!administration@irc.test",
    account: None,
};
pub(crate) const TEA: RoomId = RoomId(101);
pub(crate) const CHESS: RoomId = RoomId(102);

pub(crate) fn account_name(name: &str) -> AccountName {
    AccountName::parse(name, 32, Casemap::Ascii).unwrap()
}

pub(crate) fn said(verb: Verb, text: &str) -> What {
    said_to(Reach::Room, verb, text)
}

pub(crate) fn said_to(reach: Reach, verb: Verb, text: &str) -> What {
    What::Said {
        verb,
        text: text.into(),
        tags: Tags::new(),
        reach,
    }
}

pub(crate) fn taken_back(event: &Event) -> What {
    What::Redacted {
        msgid: event.msgid.clone(),
        reason: "slip".into(),
        said_by: event.author,
        reach: event.what.reach(),
    }
}

pub(crate) fn joined(grant: Prefixes) -> What {
    What::Joined {
        realname: "A person".into(),
        grant,
        invited: false,
    }
}

pub(crate) fn mode(add: bool, mode: char, arg: &str, member: Option<(UserId, &str)>) -> ModeChange {
    let member = member.map(|(user, held)| Held {
        user,
        prefixes: Prefixes::from_letters(held),
    });
    ModeChange {
        change: Change {
            add,
            mode,
            arg: Some(arg.into()),
        },
        member,
    }
}

pub(crate) fn peer() -> Peer {
    Peer {
        address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)),
        port: 40_000,
        local_port: 52_020,
        transport: Transport::Ircs,
        tls: Some("TLSv1.3 TLS13_AES_256_GCM_SHA384".into()),
        certificate: None,
        cloak: "h".into(),
        exempt: false,
    }
}

pub(crate) fn page_query(room: Room, selector: Selector, limit: usize, events: bool) -> PageQuery {
    PageQuery {
        room,
        target: "x".into(),
        name: "x".into(),
        selector,
        limit,
        events,
        readable: Readable::default(),
        restricted: false,
        acl_version: None,
    }
}

pub(crate) fn texts(events: &[Past]) -> Vec<&str> {
    events.iter().map(|past| past.text.as_str()).collect()
}
