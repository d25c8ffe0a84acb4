//! Databases as earlier versions left them, with something of each kind that they kept: entries commit to their metadata and
//! to text and tags, by the rules of then.

use aws_lc_rs::hmac;
use causette_testbed::Database;
use rusqlite::types::{ToSqlOutput, Value as Sqlite, ValueRef};
use rusqlite::{Connection, ToSql, params};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::fmt::Write as _;
use std::path::Path;

/// The steps that made the tables.
const STEPS: [&str; 4] = [
    include_str!("../../src/engine/migrations/0001_record.sql"),
    include_str!("../../src/engine/migrations/0002_session.sql"),
    include_str!("../../src/engine/migrations/0003_base.sql"),
    include_str!("../../src/engine/migrations/0004_device.sql"),
];

/// In November 2026, by whose key all tags are made.
pub(crate) const START: i64 = 1_795_316_400_000_000;
const KEY: [u8; 32] = [7; 32];

/// The channel of the story and its message that was taken back, where the version can take back.
pub(crate) const TEA: i64 = 4;

/// Writes a database of an earlier version.
pub(crate) struct Earlier<'a> {
    writes: Writes<'a>,
    version: usize,
    next: i64,
    time: i64,
    places: i64,
}

/// Where it writes to.
enum Writes<'a> {
    File(Connection),
    /// All statements go there at once.
    Server(&'a Database, RefCell<String>),
}

/// What the tokens of the tables stand for.
const TOKENS: [(&str, [&str; 4]); 6] = [
    ("{int}", ["INTEGER", "BIGINT", "BIGINT", "BIGINT"]),
    (
        "{key}",
        [
            "TEXT",
            "TEXT COLLATE \"C\"",
            "VARCHAR(320) COLLATE utf8mb4_nopad_bin",
            "VARCHAR(320) COLLATE utf8mb4_0900_bin",
        ],
    ),
    (
        "{text}",
        [
            "TEXT",
            "TEXT COLLATE \"C\"",
            "LONGTEXT COLLATE utf8mb4_nopad_bin",
            "LONGTEXT COLLATE utf8mb4_0900_bin",
        ],
    ),
    ("{blob}", ["BLOB", "BYTEA", "LONGBLOB", "LONGBLOB"]),
    (
        "{table}",
        [
            "STRICT",
            "",
            "CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
            "CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin",
        ],
    ),
    (
        "{clustered}",
        [
            "STRICT, WITHOUT ROWID",
            "",
            "CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
            "CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin",
        ],
    ),
];

/// A message, as all versions know it.
struct Message<'a> {
    room: i64,
    seq: i64,
    verb: &'a str,
    kind: i64,
    text: &'a str,
}

impl Earlier<'static> {
    /// Makes the file with a story of everything that the version keeps.
    pub(crate) fn make(location: &Path, version: usize) -> Self {
        let connection = Connection::open(location).unwrap();
        connection
            .execute_batch("PRAGMA journal_mode = WAL; PRAGMA foreign_keys = OFF;")
            .unwrap();
        Self::begin(Writes::File(connection), 0, version)
    }
}

impl<'a> Earlier<'a> {
    /// The same in a database on a server.
    pub(crate) fn make_on(database: &'a Database, version: usize) -> Self {
        let engine = if database.server().is_postgres() {
            1
        } else if database
            .query("SELECT version()")
            .unwrap()
            .contains("MariaDB")
        {
            2
        } else {
            3
        };
        Self::begin(
            Writes::Server(database, RefCell::default()),
            engine,
            version,
        )
    }

    fn begin(writes: Writes<'a>, engine: usize, version: usize) -> Self {
        let mut earlier = Self {
            writes,
            version,
            next: 0,
            time: START,
            places: 0,
        };
        let versions = "CREATE TABLE schema_version (version {int} NOT NULL PRIMARY KEY) {table};";
        earlier.batch(&spelled(versions, engine));
        for (number, step) in STEPS[..version].iter().enumerate() {
            earlier.batch(&spelled(step, engine));
            let number = number as i64 + 1;
            earlier.run("INSERT INTO schema_version VALUES (?)", &[&number]);
        }
        earlier.run(
            "INSERT INTO register_key VALUES ('2026-11', ?)",
            params![KEY],
        );
        earlier.tell();
        earlier
    }

    fn tell(&mut self) {
        let started = json!({"version": "0"});
        self.entry(7, "serveur.demarrage", started, None, None);
        for (id, name) in [(2, "Alice"), (6, "bob")] {
            let meta =
                json!({"cible": format!("account:{id}"), "nom": name, "par_administration": false});
            self.entry(1, "compte.creation", meta, None, None);
            self.run(
                "INSERT INTO account (id, name, folded, nick, verifier, created, last_seen)
                 VALUES (?, ?, lower(?), ?, 'phc', ?, ?)",
                params![id, name, name, name, self.time, self.time],
            );
        }
        let meta =
            json!({"acteur": "account:2", "cible": "room:4", "nom": "#tea", "permanent": false});
        self.entry(5, "salon.creation", meta, None, None);
        self.run(
            "INSERT INTO room (id, room_key, name, permanent, modes, acl_version, last_seq, last_time, created)
             VALUES (?, '#tea', '#tea', 0, '+nt', 0, 0, ?, ?)",
            params![TEA, self.time, self.time],
        );
        let message = |seq, verb, kind, text| Message {
            room: TEA,
            seq,
            verb,
            kind,
            text,
        };
        self.message(
            &message(1, "JOIN", 3, "A person"),
            "salon.entree",
            "room:4",
            json!({}),
        );
        self.run(
            "INSERT INTO membership VALUES (4, 2, 'o', ?)",
            params![self.time],
        );
        self.message(
            &message(2, "TOPIC", 7, "green"),
            "salon.sujet",
            "room:4",
            json!({}),
        );
        self.places = 2;
        self.says("first");
        self.says("a slip");
        if self.version >= 2 {
            let meta = json!({"acteur": "address:192.0.2.7", "cible": "guest:13", "session": "13"});
            self.entry(4, "session.ouverture", meta, None, None);
            self.run(
                "INSERT INTO session VALUES (13, 2, '192.0.2.7', ?)",
                params![self.time],
            );
            let meta = json!({"acteur": "guest:13", "cible": "account:2", "mecanisme": "pass", "session": "13"});
            self.entry(4, "authentification.succes", meta, None, None);
        }
        if self.version >= 3 {
            let meta = json!({"message": "earlier 4"});
            self.places += 1;
            let slip = Message {
                room: TEA,
                seq: self.places,
                verb: "REDACT",
                kind: 10,
                text: "earlier 4",
            };
            self.message(&slip, "message.suppression", "room:4", meta);
            self.run(
                "UPDATE message SET class = 3, redacted = ? WHERE msgid = 'earlier 4' AND seq = 4",
                params![self.time],
            );
            self.run(
                "INSERT INTO account_setting VALUES (2, 'language', 'fr')",
                params![],
            );
        }
        if self.version >= 4 {
            let meta =
                json!({"acteur": "account:2", "cible": "account:2", "jeton": 1, "nom": "phone"});
            self.entry(2, "compte.appareil.ajout", meta, None, None);
            self.run(
                "INSERT INTO device (account, id, name, token_hash, created) VALUES (2, 1, 'phone', 'hash', ?)",
                params![self.time],
            );
        }
        self.conversation();
        let meta =
            json!({"acteur": "account:2", "msgid": "m-nowhere", "nature": "NICK", "pseudo": "Al"});
        self.entry(2, "pseudo.change", meta, Some(("Al", "")), None);
        self.settle();
    }

    fn conversation(&mut self) {
        self.time += 1;
        self.run(
            "INSERT INTO room (id, room_key, permanent, modes, acl_version, last_seq, last_time, created)
             VALUES (-1, 'dm:2:6', 0, '', 0, 1, ?, ?)",
            params![self.time + 1, self.time + 1],
        );
        self.run(
            "INSERT INTO participant VALUES (2, -1, 6, NULL), (6, -1, 2, NULL)",
            params![],
        );
        let message = Message {
            room: -1,
            seq: 1,
            verb: "PRIVMSG",
            kind: 0,
            text: "to Bob",
        };
        self.message(&message, "message.creation", "account:6", json!({}));
    }

    /// Lets Alice say something in the channel.
    pub(crate) fn says(&mut self, text: &str) {
        self.places += 1;
        let message = Message {
            room: TEA,
            seq: self.places,
            verb: "PRIVMSG",
            kind: 0,
            text,
        };
        self.message(&message, "message.creation", "room:4", json!({}));
    }

    /// Lets many messages be said in one transaction.
    pub(crate) fn says_many(&mut self, count: usize) {
        self.batch("BEGIN;");
        for number in 0..count {
            self.says(&format!(
                "message {number} of many, as long as messages are"
            ));
        }
        self.settle();
        self.batch("COMMIT;");
    }

    /// Writes how far all has come.
    fn settle(&self) {
        self.run(
            "UPDATE room SET last_seq = ?, last_time = ? WHERE id = ?",
            params![self.places, self.time, TEA],
        );
        self.run(
            "UPDATE lane SET last_time = ?, last_id = 13",
            params![self.time],
        );
    }

    /// Closes the file, whole; to a server, all is sent.
    pub(crate) fn close(self) {
        match self.writes {
            Writes::File(connection) => {
                connection
                    .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
                    .unwrap();
                connection.close().unwrap();
            }
            Writes::Server(database, statements) => {
                drop(database.query(&statements.borrow()).unwrap())
            }
        }
    }

    fn message(&mut self, message: &Message<'_>, kind: &str, target: &str, more: Value) {
        let &Message {
            room,
            seq,
            verb,
            kind: number,
            text,
        } = message;
        let msgid = if room == TEA {
            format!("earlier {seq}")
        } else {
            format!("direct {seq}")
        };
        let mut meta =
            json!({"acteur": "account:2", "cible": target, "msgid": msgid, "nature": verb});
        for (key, value) in more.as_object().unwrap() {
            meta[key] = value.clone();
        }
        let entry = self.entry(5, kind, meta, Some((text, "")), Some((room, seq)));
        let class = if self.version >= 3 { "class" } else { "spoken" };
        self.run(
            &format!(
                "INSERT INTO message (room, seq, time, msgid, kind, {class}, author, source, account, text, tags, entry)
                 VALUES (?, ?, ?, ?, ?, ?, 2, 'Alice!a@h', 'Alice', ?, '', ?)"
            ),
            params![room, seq, self.time, msgid, number, i64::from(number < 2), text, entry],
        );
    }

    fn entry(
        &mut self,
        category: i64,
        kind: &str,
        meta: Value,
        content: Option<(&str, &str)>,
        place: Option<(i64, i64)>,
    ) -> i64 {
        self.time += 1;
        let seq = self.next;
        self.next += 1;
        let tag = |member: &str| {
            let subject = meta.get(member)?.as_str()?;
            Some(sign(&KEY, subject)[..12].to_owned())
        };
        // serde_json sorts the members of an object, as the canonical form does.
        let text = meta.to_string();
        let salt = [(seq % 250) as u8 + 1; 32];
        let json = content.map(|(text, tags)| json!({"tags": tags, "texte": text}).to_string());
        let committed = json.as_deref().map(|json| sign(&salt, json));
        self.run(
            "INSERT INTO register_entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                seq,
                self.time,
                category,
                kind,
                tag("acteur"),
                tag("cible"),
                sign(&salt, &text),
                committed
            ],
        );
        self.run(
            "INSERT INTO register_payload VALUES (?, ?, ?, ?, ?, ?, ?)",
            params![
                seq,
                text,
                salt,
                json.as_ref().filter(|_| place.is_none()),
                place.map(|(room, _)| room),
                place.map(|(_, seq)| seq),
                json.as_ref().map(|_| salt)
            ],
        );
        seq
    }

    fn run(&self, sql: &str, values: &[&dyn ToSql]) {
        match &self.writes {
            Writes::File(connection) => {
                let mut statement = connection.prepare_cached(sql).unwrap();
                statement.execute(values).unwrap();
            }
            Writes::Server(database, statements) => {
                let is_postgres = database.server().is_postgres();
                let mut statements = statements.borrow_mut();
                let mut values = values.iter();
                for (place, part) in sql.split('?').enumerate() {
                    if place > 0 {
                        literal(*values.next().unwrap(), is_postgres, &mut statements);
                    }
                    statements.push_str(part);
                }
                statements.push_str(";\n");
            }
        }
    }

    fn batch(&self, sql: &str) {
        match &self.writes {
            Writes::File(connection) => connection.execute_batch(sql).unwrap(),
            Writes::Server(_, statements) => statements.borrow_mut().push_str(sql),
        }
    }
}

fn spelled(sql: &str, engine: usize) -> String {
    TOKENS.iter().fold(sql.to_owned(), |sql, (token, words)| {
        sql.replace(token, words[engine])
    })
}

/// A value as it stands in a statement.
fn literal(value: &dyn ToSql, is_postgres: bool, out: &mut String) {
    let value = value.to_sql().unwrap();
    let value = match &value {
        ToSqlOutput::Borrowed(value) => *value,
        ToSqlOutput::Owned(value) => ValueRef::from(value as &Sqlite),
        _ => unreachable!("there are no such values"),
    };
    match value {
        ValueRef::Null => out.push_str("NULL"),
        ValueRef::Integer(number) => write!(out, "{number}").unwrap(),
        ValueRef::Text(text) => {
            let text = std::str::from_utf8(text).unwrap();
            assert!(!text.contains('\\'), "{text}");
            write!(out, "'{}'", text.replace('\'', "''")).unwrap();
        }
        ValueRef::Blob(bytes) => {
            out.push_str(if is_postgres { "'\\x" } else { "x'" });
            for byte in bytes {
                write!(out, "{byte:02x}").unwrap();
            }
            out.push('\'');
        }
        ValueRef::Real(_) => unreachable!("there are no such values"),
    }
}

fn sign(key: &[u8], text: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, text.as_bytes()).as_ref().to_owned()
}
