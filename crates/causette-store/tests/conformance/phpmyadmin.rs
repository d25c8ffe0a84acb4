//! The views in Debian's phpMyAdmin, by php-fpm and nginx, for somebody who may read them and nothing else.
//!
//! Where it is not installed the test is left out, and says so; where `CI` is `true` it fails instead.

use crate::scribe::*;
use causette_core::event::Verb;
use causette_core::id::{AccountId, Room, SessionId, UserId};
use causette_core::input::Peer;
use causette_core::record::Fact;
use causette_core::secret::Verifier;
use causette_store::{Access, Store};
use causette_testbed::phpmyadmin::rows;
use causette_testbed::{AdminUrl, Database, Engine, Options, PhpMyAdmin, Server, StartError};
use std::io::Write as _;

/// What the views show of the messages that [`write`] leaves, in their order.
const SAID: [[&str; 4]; 3] = [
    [
        "client_Alice",
        "192.168.56.1",
        "64677",
        "Bonjour à toutes & à tous, « ça va ? »",
    ],
    ["serveur", "irc.test", "52020", "it's \"closing\" <soon>"],
    ["client_bob", "192.0.2.7", "40000", "Salut"],
];

/// Two people, who say something each, and those who run the server.
fn write(store: &Store) {
    let mut scribe = Scribe::new(store);
    scribe.write(Fact::ServerStarted {
        version: "1".into(),
        name: "irc.test".into(),
    });
    scribe.opens(TEA, "#tea");
    for (author, session, (address, port), text) in [
        (&ALICE, 21, ("192.168.56.1", 64_677), SAID[0][3]),
        (&BOB, 23, ("192.0.2.7", 40_000), SAID[2][3]),
    ] {
        let session = SessionId(session);
        let since = scribe.now();
        scribe.write(Fact::SessionOpened {
            session,
            peer: Peer {
                address: address.parse().unwrap(),
                port,
                ..peer()
            },
            since,
        });
        let fact = Fact::AccountCreated {
            account: AccountId(author.id.0),
            name: account_name(author.account.unwrap()),
            verifier: Verifier("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".into()),
            by_administrator: false,
            invitation: None,
            waiting: false,
        };
        scribe.write_from(Some(session), fact);
        let event = scribe.event(author, said(Verb::Privmsg, text));
        let rooms = vec![Room::Channel(TEA)];
        scribe.write_from(Some(session), Fact::Event { rooms, event });
        if author.id == ALICE.id {
            let room = Room::direct(UserId::ADMINISTRATION, ALICE.id);
            scribe.says(&ADMINISTRATION, room, SAID[1][3]);
        }
    }
}

fn left_out(missing: &str) {
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "not installed: {missing}"
    );
    // Not through `eprintln!`, which a test that passes keeps to itself.
    let line = format!("SKIPPED the test with phpMyAdmin, not installed: {missing}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

/// Two people whom the administrator lets look, one without the passwords.
fn make_readers(server: &Server, database: &Database) -> [AdminUrl; 2] {
    let (name, port) = (database.name(), database.server().port);
    let users = format!(
        "CREATE USER lecture@'127.0.0.1' IDENTIFIED BY 'secret';
         GRANT SELECT ON {name}.connexion TO lecture@'127.0.0.1';
         GRANT SELECT ON {name}.authentification TO lecture@'127.0.0.1';
         CREATE USER moderation@'127.0.0.1' IDENTIFIED BY 'secret';
         GRANT SELECT ON {name}.connexion TO moderation@'127.0.0.1';"
    );
    server.superuser().query("", &users).unwrap();
    ["lecture", "moderation"].map(|reader| {
        AdminUrl::parse(&format!("mysql://{reader}:secret@127.0.0.1:{port}/")).unwrap()
    })
}

/// Rows without their first column.
fn without_time(rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    rows.into_iter().map(|row| row[1..].to_vec()).collect()
}

/// What the client of the database shows, and that it shows nothing else.
fn check_by_client(database: &Database, [reader, moderator]: &[AdminUrl; 2]) {
    let ask = |reader: &AdminUrl, sql: &str| reader.query(database.name(), sql);
    assert_eq!(
        ask(reader, "SHOW TABLES").unwrap(),
        "authentification\nconnexion\n"
    );
    assert_eq!(ask(moderator, "SHOW TABLES").unwrap(), "connexion\n");
    let shown = ask(
        reader,
        "SELECT type, ip, port, `donnée` FROM connexion ORDER BY port",
    )
    .unwrap();
    let by_port = [SAID[2], SAID[1], SAID[0]].map(|row| row.join("\t") + "\n");
    assert_eq!(shown, by_port.concat());
    let shown = ask(reader, "SELECT * FROM authentification ORDER BY ip DESC").unwrap();
    let phc = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA";
    assert_eq!(
        shown,
        format!("Alice\t{phc}\t192.168.56.1\nbob\t{phc}\t192.0.2.7\n")
    );
    for refused in [
        "SELECT * FROM account",
        "SELECT text FROM message",
        "DELETE FROM connexion",
    ] {
        let said = ask(reader, refused).unwrap_err().to_string();
        assert!(said.contains("denied"), "{refused}: {said}");
    }
    let said = ask(moderator, "SELECT id FROM authentification")
        .unwrap_err()
        .to_string();
    assert!(said.contains("denied"), "{said}");
}

#[test]
fn phpmyadmin_shows_sorts_searches_and_exports_the_views() {
    if let Some(missing) = PhpMyAdmin::missing() {
        return left_out(&missing);
    }
    let server = match Server::start(Engine::MariaDb, &Options::default()) {
        Err(StartError::Missing(missing)) => return left_out(&missing.to_string()),
        server => server.unwrap(),
    };
    let database = server.create_database("phpmyadmin").unwrap();
    let place = causette_store::Database::parse(&database.url(), &Access::default()).unwrap();
    write(&Store::open(place).unwrap());
    let readers = make_readers(&server, &database);
    check_by_client(&database, &readers);

    let mut page = PhpMyAdmin::start(&database).unwrap();
    page.sign_in("lecture", "secret").unwrap();
    let name = database.name();
    let here = format!("db={name}&table=connexion");

    let shown = rows(
        &page
            .ask(&format!("index.php?route=/sql&{here}"), &[])
            .unwrap(),
    );
    assert_eq!(without_time(shown), SAID);
    let tables = page
        .ask(
            &format!("index.php?route=/database/structure&db={name}"),
            &[],
        )
        .unwrap();
    assert!(tables.contains("connexion") && tables.contains("authentification"));
    for table in ["register_payload", "account_setting", "schema_version"] {
        assert!(!tables.contains(table), "{table} is shown");
    }

    let sorted = "SELECT * FROM `connexion` ORDER BY `connexion`.`port` ASC";
    let fields = [("db", name), ("table", "connexion"), ("sql_query", sorted)];
    let shown = page.rows("index.php?route=/sql", &fields).unwrap();
    assert_eq!(without_time(shown), [SAID[2], SAID[1], SAID[0]]);

    check_search(&page, name);
    check_export(&page, name);
}

/// Looking in every column finds what has all of it, also in capitals.
fn check_search(page: &PhpMyAdmin, name: &str) {
    let mut fields: Vec<(String, String)> = Vec::new();
    for (number, (column, wanted)) in [
        ("date_time", "2026"),
        ("type", "CLIENT"),
        ("ip", "192"),
        ("port", "6"),
        ("donnée", "bonjour"),
    ]
    .into_iter()
    .enumerate()
    {
        for (what, value) in [
            ("ColumnNames", column),
            ("ColumnTypes", "varchar"),
            ("ColumnCollations", "utf8mb4_unicode_ci"),
            ("ColumnOperators", "LIKE %...%"),
            ("Values", wanted),
        ] {
            fields.push((format!("criteria{what}[{number}]"), value.to_owned()));
        }
    }
    let others = [
        ("db", name),
        ("table", "connexion"),
        ("displayAllColumns", "1"),
        ("session_max_rows", "25"),
        ("orderByColumn", "--nil--"),
        ("submit", "Go"),
    ];
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .chain(others)
        .collect();
    let shown = page.rows("index.php?route=/table/search", &fields).unwrap();
    assert_eq!(without_time(shown), [SAID[0]]);
}

fn check_export(page: &PhpMyAdmin, name: &str) {
    let export = |what: &str| {
        let fields = [
            ("db", name),
            ("table", "connexion"),
            ("export_type", "table"),
            ("export_method", "quick"),
            ("quick_or_custom", "custom"),
            ("what", what),
            ("allrows", "1"),
            ("output_format", "sendit"),
            ("charset", "utf-8"),
            ("compression", "none"),
            ("filename_template", "@TABLE@"),
            ("csv_separator", ","),
            ("csv_enclosed", "\""),
            ("csv_escaped", "\""),
            ("csv_terminated", "AUTO"),
            ("csv_columns", "1"),
            ("csv_structure_or_data", "data"),
            ("sql_structure_or_data", "structure_and_data"),
            ("sql_create_table", "something"),
            ("sql_views_as_tables", "something"),
            ("sql_type", "INSERT"),
            ("sql_insert_syntax", "both"),
            ("sql_max_query_size", "50000"),
            ("sql_backquotes", "1"),
        ];
        page.ask("index.php?route=/export", &fields).unwrap()
    };
    let csv = export("csv");
    assert!(
        csv.starts_with("\"date_time\",\"type\",\"ip\",\"port\",\"donnée\"\n"),
        "{csv}"
    );
    assert!(
        csv.contains("\"serveur\",\"irc.test\",\"52020\",\"it's \"\"closing\"\" <soon>\"\n"),
        "{csv}"
    );
    assert_eq!(csv.lines().count(), 4, "{csv}");
    let sql = export("sql");
    assert!(
        sql.contains(
            "INSERT INTO `connexion` (`date_time`, `type`, `ip`, `port`, `donnée`) VALUES"
        ),
        "{sql}"
    );
    assert!(
        sql.contains(
            "'client_Alice', '192.168.56.1', '64677', 'Bonjour à toutes & à tous, « ça va ? »'"
        ),
        "{sql}"
    );
}
