//! The views, as the tools of each database show them.

use crate::scribe::*;
use causette_core::event::{Event, Reach, Verb, What};
use causette_core::id::{AccountId, BatchId, Room, SessionId, UserId};
use causette_core::input::Peer;
use causette_core::record::{AccountChange, Fact, Record, Who};
use causette_proto::Timestamp;
use causette_store::Store;
use causette_testbed::{AdminUrl, Database};

/// What the tables of the two views are made of: two people who came by connections, a guest, and those who run the server.
struct Told<'a> {
    scribe: Scribe,
    place: &'a Place,
    rows: Vec<[String; 5]>,
}

const ALICE_CAME: SessionId = SessionId(21);
const ZOE_CAME: SessionId = SessionId(13);

impl<'a> Told<'a> {
    fn new(place: &'a Place) -> Self {
        let mut scribe = Scribe::new(place);
        scribe.write(Fact::ServerStarted {
            version: "1".into(),
            name: "irc.test".into(),
        });
        for (session, address, port) in [
            (ZOE_CAME, "192.0.2.7", 40_000),
            (ALICE_CAME, "2001:db8::1", 9_999),
        ] {
            let peer = Peer {
                address: address.parse().unwrap(),
                port,
                ..peer()
            };
            let since = scribe.now();
            scribe.write(Fact::SessionOpened {
                session,
                peer,
                since,
            });
        }
        Self {
            scribe,
            place,
            rows: Vec::new(),
        }
    }

    fn says(
        &mut self,
        session: Option<SessionId>,
        author: &Author,
        room: Room,
        what: What,
    ) -> Event {
        let event = self.scribe.event(author, what);
        let rooms = vec![room];
        let fact = Fact::Event {
            rooms,
            event: event.clone(),
        };
        self.scribe.write_from(session, fact);
        event
    }

    /// Opens a connection as an import does, which knows no port of the server.
    fn opens_imported(&mut self, session: SessionId, address: &str, port: u16) {
        let peer = Peer {
            address: address.parse().unwrap(),
            port,
            local_port: 0,
            ..peer()
        };
        let since = self.scribe.now();
        self.scribe.write(Fact::SessionOpened {
            session,
            peer,
            since,
        });
    }

    /// Enters a line as an import does.
    fn imports(&mut self, session: Option<SessionId>, author: &Author) -> Timestamp {
        let mut what = said(Verb::Privmsg, "was said there");
        if let What::Said { tags, .. } = &mut what {
            tags.push(causette_core::imported::TAG, "b");
        }
        let event = self.scribe.event(author, what);
        let time = event.time;
        let rooms = vec![Room::Channel(TEA)];
        let record = Record {
            by: Who::System("root".into()),
            ..self.scribe.record(session, Fact::Event { rooms, event })
        };
        self.scribe.batch += 1;
        let batch = BatchId(self.scribe.batch);
        self.scribe.writer.append(batch, &[record]).unwrap();
        time
    }

    /// What the view has to have of it.
    fn expect(&mut self, time: Timestamp, [kind, ip, port, text]: [&str; 4]) {
        let time = self.place.shown(time);
        let row = [&time, kind, ip, port, text];
        self.rows.push(row.map(str::to_owned));
    }

    fn check(&self) {
        let mut rows = self.place.ask("SELECT * FROM connexion");
        // No order is promised; each was said at a second of its own, and all on one day.
        rows.sort();
        assert_eq!(rows, self.rows, "{:?}", self.place.database());
    }
}

fn alert(text: &str, kept: bool) -> Fact {
    Fact::Alerted {
        text: text.into(),
        kept,
    }
}

#[test]
fn everything_that_was_said_is_shown_with_its_connection() {
    for place in stores() {
        let mut told = Told::new(&place);
        told.scribe.signs_up(&ALICE);
        told.scribe.signs_up(&BOB);
        told.scribe.opens(TEA, "#tea");
        let tea = Room::Channel(TEA);
        let alice = ["client_Alice", "2001:db8::1", "9999"];
        let with = |[kind, ip, port]: [&'static str; 3], text| [kind, ip, port, text];

        let text = "Ça va ? « 100 % », it's \"fine\" \\o/ 🙂";
        let said_now = said(Verb::Privmsg, text);
        let event = told.says(Some(ALICE_CAME), &ALICE, tea, said_now);
        told.expect(event.time, with(alice, text));
        // Of a message that did not fit on one line.
        let long = said(Verb::Privmsg, "half \rand half");
        let event = told.says(Some(ALICE_CAME), &ALICE, tea, long);
        told.expect(event.time, with(alice, "half and half"));
        let direct = Room::direct(GUEST.id, ALICE.id);
        let event = told.says(Some(ZOE_CAME), &GUEST, direct, said(Verb::Notice, "psst"));
        told.expect(event.time, ["client_zoe", "192.0.2.7", "40000", "psst"]);
        let to_some = said_to(Reach::Operators, Verb::Privmsg, "a question");
        let event = told.says(Some(ALICE_CAME), &ALICE, tea, to_some);
        told.expect(event.time, with(alice, "a question"));
        // That a file is there, as its owner tells it, with the address of it.
        let mut told_of = said(
            Verb::Privmsg,
            "📎 plan.pdf (1.2 MB) https://h/files/00/plan.pdf",
        );
        if let What::Said { tags, .. } = &mut told_of {
            tags.insert("+causette/file", "12");
        }
        let event = told.says(Some(ALICE_CAME), &ALICE, tea, told_of);
        let text = "📎 plan.pdf (1.2 MB) https://h/files/00/plan.pdf";
        told.expect(event.time, with(alice, text));
        // By no connection, as what was let pass by whoever sits at the server.
        let event = told.says(None, &BOB, tea, said(Verb::Privmsg, "imported"));
        told.expect(event.time, ["client_bob", "", "", "imported"]);

        let administration = Room::direct(UserId::ADMINISTRATION, ALICE.id);
        let event = told.says(
            None,
            &ADMINISTRATION,
            administration,
            said(Verb::Privmsg, "hey"),
        );
        told.expect(event.time, ["serveur", "irc.test", "52020", "hey"]);
        for (text, kept) in [("Closing soon", true), ("Closing now", false)] {
            let time = told.scribe.write(alert(text, kept));
            told.expect(time, ["serveur", "irc.test", "52020", text]);
        }

        // Neither what is no text, nor what was taken back.
        told.says(Some(ALICE_CAME), &ALICE, tea, said(Verb::Tagmsg, ""));
        told.scribe.happens(
            &BOB,
            &[tea],
            What::Topic {
                text: "green".into(),
            },
        );
        let event = told.says(Some(ALICE_CAME), &ALICE, tea, said(Verb::Privmsg, "slip"));
        told.scribe.happens(&ALICE, &[tea], taken_back(&event));
        told.check();
    }
}

/// Who lets pass what somebody else has said comes by a connection of their own, which is not shown as the other's.
#[test]
fn what_waited_is_shown_without_the_connection_of_who_let_it_pass() {
    for place in stores() {
        let mut told = Told::new(&place);
        told.scribe.signs_up(&BOB);
        told.scribe.opens(TEA, "#tea");
        let event = told.scribe.event(&BOB, said(Verb::Privmsg, "at last"));
        let time = event.time;
        let rooms = vec![Room::Channel(TEA)];
        let fact = Fact::Event { rooms, event };
        let record = Record {
            by: Who::Account(AccountId(ALICE.id.0)),
            ..told.scribe.record(Some(ALICE_CAME), fact)
        };
        told.scribe.batch += 1;
        let batch = BatchId(told.scribe.batch);
        told.scribe.writer.append(batch, &[record]).unwrap();
        told.expect(time, ["client_bob", "", "", "at last"]);
        told.check();
    }
}

/// What an import enters is the act of the system's user, by the connection that the line tells of, if any.
#[test]
fn what_was_imported_is_shown_as_its_authors_with_the_connection_of_the_line() {
    const OLD_CAME: SessionId = SessionId(31);
    let plain = |author: u64, source: &'static str| Author {
        id: UserId(author),
        source,
        account: None,
    };
    let eve = plain(0, "eve!import@irc.test");
    let nobody = plain(0, "*import!import@irc.test");
    let from = ["192.168.56.1", "64677"];
    let cases: [(&Author, _, [&str; 3]); 8] = [
        (&BOB, Some(OLD_CAME), ["client_bob", from[0], from[1]]),
        (&BOB, None, ["client_bob", "", ""]),
        (&eve, Some(OLD_CAME), ["client_eve", from[0], from[1]]),
        (&eve, None, ["client_eve", "", ""]),
        (&nobody, Some(OLD_CAME), ["*import", from[0], from[1]]),
        (&nobody, None, ["*import", "", ""]),
        (
            &ADMINISTRATION,
            Some(OLD_CAME),
            ["serveur", from[0], from[1]],
        ),
        (&ADMINISTRATION, None, ["serveur", "", ""]),
    ];
    for place in stores() {
        let mut told = Told::new(&place);
        told.scribe.signs_up(&BOB);
        told.scribe.opens(TEA, "#tea");
        told.opens_imported(OLD_CAME, from[0], 64_677);
        // Of a line whose port is none.
        told.opens_imported(SessionId(33), "10.0.0.1", 0);
        for (author, session, [kind, ip, port]) in &cases {
            let time = told.imports(*session, author);
            told.expect(time, [kind, ip, port, "was said there"]);
        }
        let time = told.imports(Some(SessionId(33)), &BOB);
        told.expect(time, ["client_bob", "10.0.0.1", "", "was said there"]);
        // By this server, whose port no imported connection tells.
        let time = told.scribe.write(alert("Closing soon", true));
        told.expect(time, ["serveur", "irc.test", "52020", "Closing soon"]);
        let administration = Room::direct(UserId::ADMINISTRATION, BOB.id);
        let what = said(Verb::Privmsg, "hey");
        let event = told.says(None, &ADMINISTRATION, administration, what);
        told.expect(event.time, ["serveur", "irc.test", "52020", "hey"]);
        told.check();
    }
}

#[test]
fn accounts_are_shown_with_the_address_from_which_they_signed_up() {
    for place in stores() {
        let mut told = Told::new(&place);
        let signs_up = |author: &Author| Fact::AccountCreated {
            account: AccountId(author.id.0),
            name: account_name(author.account.unwrap()),
            verifier: causette_core::secret::Verifier(format!("$argon2id${}", author.id.0)),
            by_administrator: false,
            invitation: None,
            waiting: false,
        };
        let scribe = &mut told.scribe;
        scribe.write_from(Some(ALICE_CAME), signs_up(&ALICE));
        // Taken over with an address to which it is pinned.
        scribe.write(signs_up(&BOB));
        scribe.write(Fact::AccountChanged {
            account: AccountId(BOB.id.0),
            change: AccountChange::Setting {
                name: "login-address".into(),
                value: "192.168.56.1".into(),
            },
        });
        let carol = Author {
            id: UserId(14),
            source: "carol!c@h",
            account: Some("carol"),
        };
        let dave = Author {
            id: UserId(16),
            source: "dave!d@h",
            account: Some("dave"),
        };
        scribe.write(signs_up(&carol));
        scribe.write_from(Some(ZOE_CAME), signs_up(&dave));
        scribe.write(Fact::AccountDropped {
            account: AccountId(dave.id.0),
            reason: "".into(),
        });
        let rows = place.ask("SELECT * FROM authentification ORDER BY ip DESC");
        let row = |id: &str, mdp: &str, ip: &str| [id, mdp, ip].map(str::to_owned);
        let expected = [
            row("Alice", "$argon2id$11", "2001:db8::1"),
            row("bob", "$argon2id$12", "192.168.56.1"),
            row("carol", "$argon2id$14", ""),
        ];
        assert_eq!(rows, expected, "{:?}", place.database());
    }
}

/// Somebody who may read the views in PostgreSQL, and is gone behind the test.
struct Reader<'a> {
    database: &'a Database,
    name: String,
    url: AdminUrl,
}

impl<'a> Reader<'a> {
    fn new(database: &'a Database) -> Self {
        let (admin, name) = (database.server(), format!("{}_reader", database.name()));
        let make = format!("CREATE ROLE {name} LOGIN PASSWORD 'secret'");
        admin.query("", &make).unwrap();
        let (host, port) = (&admin.host, admin.port);
        let url = format!("postgres://{name}:secret@{host}:{port}/");
        let url = AdminUrl::parse(&url).unwrap();
        Self {
            database,
            name,
            url,
        }
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        let name = &self.name;
        let forget = format!(
            "REVOKE ALL ON connexion FROM {name}; REVOKE SELECT (id, ip) ON authentification FROM {name}; DROP ROLE {name}"
        );
        let _ = self.database.query(&forget);
    }
}

/// In PostgreSQL a right goes with a view, and the views are made anew when their tables change.
#[test]
fn who_may_read_the_views_may_still_after_an_upgrade_and_reads_nothing_else() {
    for place in stores() {
        let Some((store, database)) = place
            .on_server()
            .filter(|(_, database)| database.server().is_postgres())
        else {
            continue;
        };
        drop(store);
        let reader = Reader::new(&database);
        let name = &reader.name;
        let allow = format!(
            "GRANT SELECT ON connexion TO {name}; GRANT SELECT (id, ip) ON authentification TO {name}"
        );
        database.query(&allow).unwrap();
        let ask = |sql: &str| reader.url.query(database.name(), sql);
        for upgraded in [false, true] {
            if upgraded {
                let before = crate::migration::before(1);
                database.query(&before).unwrap();
                let url = causette_store::Database::parse(&database.url(), &Default::default());
                Store::open(url.unwrap()).unwrap();
            }
            assert_eq!(ask("SELECT count(*) FROM connexion").unwrap(), "0\n");
            assert_eq!(
                ask("SELECT count(ip) FROM authentification").unwrap(),
                "0\n"
            );
            for refused in [
                "SELECT mdp FROM authentification",
                "SELECT name FROM account",
                "SELECT text FROM message",
                "SELECT meta FROM register_payload",
            ] {
                let said = ask(refused).unwrap_err().to_string();
                assert!(said.contains("permission denied"), "{refused}: {said}");
            }
        }
    }
}
