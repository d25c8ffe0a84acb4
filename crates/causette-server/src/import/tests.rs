//! Imports into a record of their own, without the command line.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::config::Argon2Cost;
use crate::data_dir::tests::Folder;
use causette_core::history::{PageQuery, Readable, Selector};
use causette_core::id::{BatchId, Room, UserId};
use causette_core::record::Record;
use causette_core::settings::Settings;
use causette_store::Database;
use causette_store::register::Kind;
use causette_text::Language;
use std::path::{Path, PathBuf};

const DUMP: &str = "CREATE TABLE `authentification` (`id` blob, `mdp` blob, `ip` blob);
INSERT INTO `authentification` VALUES ('mimi','c29sZWls','192.168.56.1'),('Jean Paul','c29sZWls','?'),('léa','c29sZWls','2001:DB8:1:2:0:0:0:7');
INSERT INTO `connexion` (`date_time`, `type`, `ip`, `port`, `donnée`) VALUES
('10/11/2021 19:05:24', 'serveur', 'DESKTOP-X', '25', 'hey'),
('18/09/2022 13:39:20', 'client_mimi', '192.168.56.1', '64677', 'Q291Y291'),
('18/09/2022 13:39:25', 'client_mimi', '192.168.56.1', '64677', 'soleil'),
('18/09/2022 13:39:30', 'client_zoe', '192.168.56.9', '64700', 'x');
";

pub(super) fn config(folder: &Path) -> Config {
    Config {
        data_dir: folder.join("data"),
        argon2: Argon2Cost {
            memory_kib: 8,
            iterations: 1,
            parallelism: 1,
        },
        settings: Settings {
            language: Language::En,
            ..Settings::default()
        },
        ..Config::default()
    }
}

fn of_b(folder: &Path, dump: &str, room: Option<&str>) -> Wanted {
    let path: PathBuf = folder.join("dump.sql");
    std::fs::write(&path, dump).unwrap();
    Wanted {
        program: Program::B(OfB {
            dumps: vec![path],
            tables: None,
        }),
        room: room.map(str::to_owned),
        dry_run: false,
        house: Language::En,
    }
}

pub(super) fn made(config: &Config, wanted: &Wanted) -> Report {
    run(config, wanted, |_| {}).unwrap()
}

pub(super) fn store(config: &Config) -> Store {
    Store::open(config.database()).unwrap()
}

/// What is said in a room, and by whom.
fn page(config: &Config, room: Room) -> Vec<(String, String, String)> {
    let query = PageQuery {
        room,
        target: "x".into(),
        name: "x".into(),
        selector: Selector::Latest(None),
        limit: 100,
        events: false,
        readable: Readable::default(),
        restricted: true,
        acl_version: None,
    };
    let page = store(config).reader().unwrap().page(&query).unwrap();
    let past = page.events.into_iter();
    past.map(|past| {
        let nick = past.source.split('!').next().unwrap_or_default().to_owned();
        (past.time.to_string(), nick, past.text.to_string())
    })
    .collect()
}

#[track_caller]
pub(super) fn is_whole(config: &Config) {
    let verified = store(config).reader().unwrap().verify(|_| {}).unwrap();
    let found: Vec<(Kind, &str)> = verified
        .findings
        .iter()
        .map(|one| (one.kind, one.table))
        .collect();
    assert_eq!(found, []);
}

#[test]
fn a_dump_becomes_people_and_conversations_once() {
    let folder = Folder::new();
    let config = config(&folder.0);
    let wanted = of_b(&folder.0, DUMP, None);
    let look = Wanted {
        dry_run: true,
        ..wanted.clone()
    };
    let looked = made(&config, &look);
    assert!(looked.dry_run && !config.data_dir.exists());
    let report = made(&config, &wanted);
    assert_eq!(report.totals, looked.totals);
    assert_eq!((report.totals.accounts, report.totals.messages), (3, 4));
    let kinds: Vec<_> = report.problems.iter().map(Problem::kind).collect();
    assert_eq!(
        kinds,
        [
            "address",
            "password-weak",
            "password-shared",
            "name-form",
            "password-weak",
            "password-shared",
            "name-form",
            "password-weak",
            "password-shared",
            "password-said",
            "person-unknown",
        ]
    );
    is_whole(&config);

    let snapshot = store(&config).snapshot().unwrap();
    let [mimi, jean, lea] = &snapshot.accounts[..] else {
        panic!("{:?}", snapshot.accounts);
    };
    assert_eq!(
        (mimi.name.as_str(), jean.name.as_str()),
        ("mimi", "Jean-Paul")
    );
    let setting = |name: &str, value: &str| (name.into(), value.into());
    assert_eq!(
        mimi.settings,
        [
            setting("import", "b:mimi"),
            setting("login", "pin-first"),
            setting("login-address", "192.168.56.1"),
        ]
    );
    assert_eq!(
        jean.settings,
        [
            setting("import", "b:Jean Paul"),
            setting("login", "pin-first")
        ]
    );
    assert_eq!(
        lea.settings,
        [
            setting("import", "b:léa"),
            setting("login", "pin-first"),
            setting("login-address", "2001:db8:1:2::/64"),
        ]
    );
    let said = page(
        &config,
        Room::direct(mimi.id.into(), UserId::ADMINISTRATION),
    );
    let said: Vec<_> = said
        .iter()
        .map(|(_, nick, text)| (&**nick, &**text))
        .collect();
    assert_eq!(
        said,
        [
            ("Administration", "hey"),
            ("mimi", "Coucou"),
            ("mimi", "(a password, which is not kept)"),
        ]
    );
    let now = now();
    assert!(snapshot.last_time <= now && now.0 - snapshot.last_time.0 < 60_000_000);
    assert_eq!(snapshot.steps.len(), 2);
    assert!(snapshot.channels.is_empty(), "the archive is closed again");

    let again = made(&config, &wanted);
    assert!(again.is_nothing_new());
    assert_eq!(
        (again.totals.accounts_known, again.totals.messages_known),
        (3, 4)
    );
    assert_eq!(store(&config).snapshot().unwrap(), snapshot);

    // It has grown, and was sorted meanwhile.
    let grown = DUMP.replace(
        "('10/11/2021 19:05:24', 'serveur'",
        "('19/09/2022 10:00:00', 'client_mimi', '192.168.56.1', '64678', 'encore'),
('10/11/2021 19:05:24', 'serveur'",
    );
    let report = made(&config, &of_b(&folder.0, &grown, None));
    assert_eq!(
        (report.totals.messages, report.totals.messages_known),
        (1, 4)
    );
    is_whole(&config);
    let said = page(
        &config,
        Room::direct(mimi.id.into(), UserId::ADMINISTRATION),
    );
    assert_eq!(said.last().map(|said| &*said.2), Some("encore"));
}

#[test]
fn a_person_who_has_left_is_not_brought_back() {
    let folder = Folder::new();
    let config = config(&folder.0);
    let wanted = of_b(&folder.0, DUMP, Some("#general"));
    made(&config, &wanted);
    let mut store = store(&config);
    store.start(now()).unwrap();
    let snapshot = store.snapshot().unwrap();
    let account = snapshot.accounts[0].id;
    let gone = Record {
        time: snapshot.last_time,
        steady: snapshot.last_steady,
        session: None,
        by: causette_core::record::Who::Account(account),
        fact: causette_core::record::Fact::AccountDropped {
            account,
            reason: "".into(),
        },
    };
    let mut writer = store.writer().unwrap();
    writer.append(BatchId(0), &[gone]).unwrap();
    writer.close().unwrap();
    let report = made(&config, &wanted);
    assert!(report.is_nothing_new());
    assert_eq!(
        (report.totals.accounts_known, report.totals.accounts_gone),
        (2, 1)
    );
    let general = snapshot
        .channels
        .iter()
        .find(|row| row.name.as_str() == "#general");
    let said = page(&config, Room::Channel(general.unwrap().id));
    assert_eq!(said.len(), 3, "what zoe said is in the archive: {said:?}");
}

#[test]
fn what_is_longer_than_a_message_becomes_several_and_nothing_is_lost() {
    let folder = Folder::new();
    let config = config(&folder.0);
    let (words, short) = ("des mots ".repeat(30_000), "z\\n".repeat(500));
    let dump = format!(
        "INSERT INTO authentification VALUES ('mimi','c29sZWls','::1');
INSERT INTO connexion VALUES ('18/09/2022 13:39:20','client_mimi','::1','1','{words}'),
('18/09/2022 13:39:21','client_mimi','::1','1','{short}'),('18/09/2022 13:39:22','client_mimi','::1','1','fin');"
    );
    let wanted = of_b(&folder.0, &dump, None);
    let report = made(&config, &wanted);
    let long = report.problems.iter().filter(|one| one.kind() == "long");
    assert_eq!(long.map(|one| one.line).collect::<Vec<_>>(), [2, 3]);
    assert_eq!((report.totals.messages, report.left_out()), (17 + 3 + 1, 0));
    let mimi = store(&config).snapshot().unwrap().accounts[0].id;
    let said = page(&config, Room::direct(mimi.into(), UserId::ADMINISTRATION));
    let texts: Vec<&str> = said.iter().map(|said| &*said.2).collect();
    let all = |from: usize, to: usize| texts[from..to].concat().replace(['\r', '\n', ' '], "");
    assert_eq!(all(0, 17), "desmots".repeat(30_000));
    assert_eq!((all(17, 20), texts[20]), ("z".repeat(500), "fin"));
    assert!(made(&config, &wanted).is_nothing_new());
    is_whole(&config);
}

#[test]
fn accounts_are_kept_as_they_are_made() {
    let folder = Folder::new();
    let config = config(&folder.0);
    let rows: Vec<String> = (0..20)
        .map(|number| format!("('person{number}','c29sZWls','::1')"))
        .collect();
    let dump = format!("INSERT INTO authentification VALUES {};", rows.join(","));
    let mut kept = Vec::new();
    run(&config, &of_b(&folder.0, &dump, None), |progress| {
        let store = Store::look(config.database()).unwrap();
        kept.push((progress, store.snapshot().unwrap().accounts.len()));
    })
    .unwrap();
    let expected = [8, 16, 20].map(|made| (Progress::Accounts(made, 20), made));
    assert_eq!(kept, expected);
}

#[test]
fn a_database_that_another_server_has_is_refused_also_where_there_is_nothing_to_do() {
    let folder = Folder::new();
    let mut config = config(&folder.0);
    let file = folder.0.join("shared.db");
    config.database = Database::File(file.clone());
    let wanted = of_b(&folder.0, DUMP, None);
    made(&config, &wanted);
    let mut other = DataDir::claim(&folder.0.join("other"), Language::En).unwrap();
    other.hold_database(&file, Language::En).unwrap();
    for dump in [DUMP.replace("hey", "heyho"), DUMP.to_owned()] {
        let refused = run(&config, &of_b(&folder.0, &dump, None), |_| {}).unwrap_err();
        assert!(
            refused.to_string().contains("another Causette"),
            "{refused}"
        );
    }
    drop(other);
    assert!(made(&config, &wanted).is_nothing_new());
}

#[test]
fn what_cannot_be_is_refused_and_nothing_is_made() {
    let folder = Folder::new();
    let config = config(&folder.0);
    let refused = |wanted: &Wanted, part: &str| {
        let told = run(&config, wanted, |_| {}).unwrap_err().to_string();
        assert!(told.contains(part), "{told}");
        assert!(!config.data_dir.exists());
    };
    refused(
        &of_b(&folder.0, "SELECT 1;", None),
        "no dump of the older program",
    );
    refused(&of_b(&folder.0, DUMP, Some("general")), "begins with #");
    refused(&of_b(&folder.0, DUMP, Some("#nowhere")), "auto_join");
    let of_a = |database: PathBuf| Wanted {
        program: Program::A(OfA {
            database: Some(database),
            ..OfA::default()
        }),
        ..of_b(&folder.0, DUMP, None)
    };
    refused(&of_a(folder.0.join("users.db")), "cannot be read");
    refused(&of_a(folder.0.join("dump.sql")), "no SQLite database");
    let other = folder.0.join("other.db");
    let connection = rusqlite::Connection::open(&other).unwrap();
    connection
        .execute_batch("CREATE TABLE people (id)")
        .unwrap();
    refused(&of_a(other.clone()), "no table users");
    connection
        .execute_batch("CREATE TABLE users (id, username)")
        .unwrap();
    refused(&of_a(other.clone()), "no column password");
    connection
        .execute_batch(
            "DROP TABLE users; CREATE TABLE users (username TEXT UNIQUE, password TEXT);
             WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 200)
             INSERT INTO users SELECT 'user' || n, 'a password' FROM number;",
        )
        .unwrap();
    drop(connection);
    let whole = std::fs::read(&other).unwrap();
    std::fs::write(&other, &whole[..5000]).unwrap();
    refused(&of_a(other), "is damaged, and what can be read of it");
}

#[test]
fn a_table_that_no_dump_has_is_told() {
    let folder = Folder::new();
    let config = config(&folder.0);
    let (accounts, _) = DUMP.split_once("INSERT INTO `connexion`").unwrap();
    let told = |wanted: &Wanted| -> Vec<&'static str> {
        let report = made(&config, wanted);
        let left_out = report.problems.iter().filter(|one| one.left_out);
        let kinds: Vec<_> = left_out.map(Problem::kind).collect();
        assert_eq!(kinds.len(), report.left_out());
        kinds
    };
    let look = Wanted {
        dry_run: true,
        ..of_b(&folder.0, accounts, None)
    };
    assert_eq!(told(&look), ["no-such-table"]);
    // The other table may be in a file of its own.
    let other = folder.0.join("other.sql");
    let lines = DUMP.split_once("INSERT INTO `connexion`").unwrap().1;
    std::fs::write(&other, format!("INSERT INTO `connexion`{lines}")).unwrap();
    let Program::B(mut of) = look.program.clone() else {
        unreachable!("it is of B");
    };
    of.dumps.push(other);
    let both = Wanted {
        program: Program::B(of),
        ..look
    };
    assert_eq!(told(&both), [""; 0]);
}

#[test]
fn an_empty_name_is_said_to_be_empty_in_the_language_of_who_imports() {
    let folder = Folder::new();
    let mut config = config(&folder.0);
    let dump = "INSERT INTO authentification VALUES ('  ','c29sZWls','::1');";
    let wanted = Wanted {
        dry_run: true,
        ..of_b(&folder.0, dump, None)
    };
    for (language, told) in [
        (Language::En, "the name is empty: the account is member"),
        (Language::Fr, "le nom est vide : le compte est membre"),
    ] {
        config.settings.language = language;
        let report = made(&config, &wanted);
        let words = report.words(language);
        assert!(words.contains(told), "{words}");
    }
}

#[test]
fn an_import_that_was_interrupted_goes_on_behind_what_it_has() {
    let folder = Folder::new();
    let config = config(&folder.0);
    let rows: Vec<String> = (0..25)
        .map(|row| format!("('18/09/2022 13:39:20','client_mimi','::1','1','row {row}')"))
        .collect();
    let dump = |rows: &[String]| {
        format!(
            "INSERT INTO authentification VALUES ('mimi','c29sZWls','::1');
INSERT INTO connexion VALUES {};",
            rows.join(",")
        )
    };
    // What a first run has committed before it was killed is what it would have taken of a shorter dump, without the entry of its end.
    made(&config, &of_b(&folder.0, &dump(&rows[..10]), None));
    let report = made(&config, &of_b(&folder.0, &dump(&rows), None));
    assert_eq!(
        (report.totals.messages, report.totals.messages_known),
        (15, 10)
    );
    is_whole(&config);
    let mimi = store(&config).snapshot().unwrap().accounts[0].id;
    let said = page(&config, Room::direct(mimi.into(), UserId::ADMINISTRATION));
    let said: Vec<String> = said.into_iter().map(|said| said.2).collect();
    let expected: Vec<String> = (0..25).map(|row| format!("row {row}")).collect();
    assert_eq!(said, expected);
}
