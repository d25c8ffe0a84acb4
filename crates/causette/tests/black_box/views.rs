//! The two tables of an older program, as their owner looked at them, while a server writes what they show.

use crate::own_database::{configuration, own};
use crate::programs::not_installed;
use crate::support::{Client, Folder, Server, connect, run};
use causette_testbed::{AdminUrl, Database, Engine, Options, PhpMyAdmin, Server as Place};
use rustix::process::Signal;
use std::process::Command;

/// What is said, by whom, and how it is shown: the message of a client, or an alert of the administration.
const SAID: [[&str; 2]; 5] = [
    ["client_alice", "Bonjour à toutes & à tous, « ça va ? » 🦉"],
    ["client_bob", "it's \"fine\" <b>here</b>"],
    ["serveur", "On ferme à 18 h"],
    // In the room of those who run the server, behind the name of who did it.
    ["serveur", " alerted everybody: On ferme à 18 h"],
    ["client_alice", "à demain"],
];

/// Somebody who has signed up, and the port from which they speak.
struct Person {
    client: Client,
    port: String,
}

impl Person {
    fn new(server: &Server, name: &str) -> Self {
        let stream = connect(server.address);
        let port = stream.local_addr().unwrap().port().to_string();
        let mut client = Client::new(stream);
        client.sign_up(name);
        client.expect(" JOIN #general");
        Self { client, port }
    }

    fn says(&mut self, line: &str) {
        let answer = self.client.ask(line);
        assert!(answer.is_empty(), "{answer:#?}");
    }
}

/// Somebody whom the database's administrator lets look at the views of a database, and at nothing else.
fn reader(place: &Place, database: &Database) -> AdminUrl {
    let (name, port) = (database.name(), database.server().port);
    let (user, scheme) = match database.server().is_postgres() {
        true => ("CREATE ROLE lecture LOGIN PASSWORD 'secret'; GRANT SELECT ON connexion, authentification TO lecture;".to_owned(), "postgres"),
        false => (
            format!(
                "CREATE USER lecture@'127.0.0.1' IDENTIFIED BY 'secret';
                 GRANT SELECT ON {name}.connexion TO lecture@'127.0.0.1';
                 GRANT SELECT ON {name}.authentification TO lecture@'127.0.0.1';"
            ),
            "mysql",
        ),
    };
    place.superuser().query(database.name(), &user).unwrap();
    AdminUrl::parse(&format!("{scheme}://lecture:secret@127.0.0.1:{port}/")).unwrap()
}

/// What is shown of the first messages, in the order of their ports.
fn by_port(people: &[&Person; 2], server: &Server, count: usize) -> Vec<Vec<String>> {
    let user = Command::new("id").arg("-un").output().unwrap();
    let user = String::from_utf8(user.stdout).unwrap();
    let row = |[kind, text]: [&str; 2]| -> Vec<String> {
        let by = if text.starts_with(' ') {
            user.trim()
        } else {
            ""
        };
        let text = &format!("{by}{text}");
        let (address, port) = match kind {
            "client_alice" => ("127.0.0.1", people[0].port.clone()),
            "client_bob" => ("127.0.0.1", people[1].port.clone()),
            _ => ("irc.test", server.address.port().to_string()),
        };
        [kind, address, &port, text].map(str::to_owned).into()
    };
    let mut rows: Vec<_> = SAID[..count].iter().copied().map(row).collect();
    rows.sort_by(|a, b| (&a[2], &a[3]).cmp(&(&b[2], &b[3])));
    rows
}

/// Rows without the time.
fn untimed(rows: impl IntoIterator<Item = Vec<String>>) -> Vec<Vec<String>> {
    let is_time =
        |text: &str| text.len() == "28/11/2026 21:02:31".len() && text[2..].starts_with('/');
    let row = |row: Vec<String>| {
        assert!(is_time(&row[0]), "{row:?}");
        row[1..].to_vec()
    };
    let mut rows: Vec<_> = rows.into_iter().map(row).collect();
    assert!(rows.is_sorted_by_key(|row| row[2].clone()), "{rows:#?}");
    // What has one port comes in any order.
    rows.sort_by(|a, b| (&a[2], &a[3]).cmp(&(&b[2], &b[3])));
    rows
}

/// A server that writes its database, two people who talk, and somebody who looks by the engine's own client.
fn look(engine: Engine, page: impl FnOnce(&Database, &mut dyn FnMut() -> Vec<Vec<String>>)) {
    let Some(place) = own(engine, &Options::default()) else {
        return;
    };
    let database = place.create_database("views").unwrap();
    let folder = Folder::new();
    let configuration = configuration(Some(&database.url()));
    let configuration = format!("[server]\nname = \"irc.test\"\n{configuration}");
    let server = Server::start(folder.path(), &configuration);
    let mut alice = Person::new(&server, "alice");
    let mut bob = Person::new(&server, "bob");
    alice.client.expect("bob");
    alice.says(&format!("PRIVMSG #general :{}", SAID[0][1]));
    bob.client.expect(SAID[0][1]);
    bob.says(&format!("PRIVMSG alice :{}", SAID[1][1]));
    alice.client.expect(SAID[1][1]);
    let alert = run(folder.path(), &["admin", "alert", SAID[2][1]], "");
    assert!(alert.status.success(), "{alert:?}");
    alice.client.expect(SAID[2][1]);

    let reader = reader(&place, &database);
    let ask = |sql: &str| -> Vec<Vec<String>> {
        let shown = reader.query(database.name(), sql).unwrap();
        let row = |line: &str| line.split('\t').map(str::to_owned).collect();
        shown.lines().map(row).collect()
    };
    let shown = ask("SELECT * FROM connexion ORDER BY port");
    assert_eq!(untimed(shown), by_port(&[&alice, &bob], &server, 4));
    let shown = ask("SELECT * FROM authentification ORDER BY ip DESC");
    let mut shown: Vec<_> = shown
        .iter()
        .map(|row| (&*row[0], &row[1][..9], &*row[2]))
        .collect();
    shown.sort_unstable();
    let argon = "$argon2id";
    assert_eq!(
        shown,
        [("alice", argon, "127.0.0.1"), ("bob", argon, "127.0.0.1")]
    );
    let mut more = || {
        alice.says(&format!("PRIVMSG #general :{}", SAID[4][1]));
        by_port(&[&alice, &bob], &server, 5)
    };
    page(&database, &mut more);
    server.signal(Signal::TERM);
    assert!(server.wait().0.success());
}

#[test]
fn the_owner_of_an_older_program_finds_both_tables_in_phpmyadmin() {
    if let Some(missing) = PhpMyAdmin::missing() {
        return not_installed("phpMyAdmin over a server", &missing);
    }
    look(Engine::MariaDb, |database, more| {
        let mut page = PhpMyAdmin::start(database).unwrap();
        page.sign_in("lecture", "secret").unwrap();
        let sorted = "SELECT * FROM `connexion` ORDER BY `connexion`.`port` ASC";
        let fields = [
            ("db", database.name()),
            ("table", "connexion"),
            ("sql_query", sorted),
        ];
        let before = untimed(page.rows("index.php?route=/sql", &fields).unwrap());
        let shown = more();
        assert!(
            before.len() == 4 && before.iter().all(|row| shown.contains(row)),
            "{before:#?}"
        );
        assert_eq!(
            untimed(page.rows("index.php?route=/sql", &fields).unwrap()),
            shown
        );
    });
}

#[test]
fn the_owner_of_an_older_program_finds_both_tables_in_postgresql() {
    look(Engine::Postgres, |database, more| {
        let shown = more();
        let count = database.query("SELECT count(*) FROM connexion").unwrap();
        assert_eq!(count.trim(), shown.len().to_string());
    });
}
