//! `causette import`: what the two older programs kept, in the shapes in which they kept it, of people whom we made up.

use crate::in_front::connect_from;
use crate::other_program::open;
use crate::support::{Client, DEADLINE, Folder, QUICK, Server, causette, run};
use crate::terminal::Desk;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rustix::process::{Pid, Signal, kill_process};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/older_programs");

/// Program A's accounts, as its own statements made them.
const USERS: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, username TEXT UNIQUE, password TEXT);
INSERT INTO users (username, password) VALUES ('camille', 'la tour de pise'), ('Jean Paul', 'la tour de pise'), ('admin', 'toto'), ('vide', '');";

/// A folder with a configuration, and with what both programs left.
pub(crate) fn folder() -> Folder {
    let folder = Folder::new();
    std::fs::write(folder.path().join("causette.toml"), QUICK).unwrap();
    for file in ["LogFile.txt", "ChatFile.txt", "dump.sql"] {
        std::fs::copy(Path::new(SAMPLES).join(file), folder.path().join(file)).unwrap();
    }
    let users = rusqlite::Connection::open(folder.path().join("users.db")).unwrap();
    users.execute_batch(USERS).unwrap();
    folder
}

pub(crate) const A: [&str; 8] = [
    "import",
    "a",
    "--database",
    "users.db",
    "--chat",
    "ChatFile.txt",
    "--log",
    "LogFile.txt",
];
pub(crate) const B: [&str; 4] = ["import", "b", "--dump", "dump.sql"];

pub(crate) fn told(folder: &Folder, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = run(folder.path(), arguments, "");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// Signs in by SASL, and is welcomed.
#[track_caller]
pub(crate) fn sign_in(server: &Server, name: &str, password: &str) -> Client {
    let mut client = server.plain();
    client.send("CAP REQ :sasl batch draft/chathistory message-tags server-time echo-message");
    client.send("AUTHENTICATE PLAIN");
    client.expect("AUTHENTICATE +");
    let payload = BASE64_STANDARD.encode(format!("\0{name}\0{password}"));
    client.send(&format!("AUTHENTICATE {payload}"));
    client.expect(" 903 ");
    client.send("CAP END");
    client.register(name);
    client.ask("NAMES");
    client
}

/// What a sign-in by SASL from an address is answered, behind the server's name.
fn answer_from(server: &Server, from: Ipv4Addr, name: &str, password: &str) -> String {
    let stream = connect_from(from, server.address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    let mut client = Client::new(stream);
    client.send("CAP REQ :sasl");
    client.send("AUTHENTICATE PLAIN");
    let payload = BASE64_STANDARD.encode(format!("\0{name}\0{password}"));
    client.send(&format!("AUTHENTICATE {payload}"));
    let answer = client.expect(" 90");
    answer.split_once(' ').unwrap().1.to_owned()
}

/// The messages of a target, without what differs each time.
pub(crate) fn history(client: &mut Client, target: &str) -> Vec<String> {
    let answer = client.ask(&format!("CHATHISTORY LATEST {target} * 100"));
    let said = answer.into_iter().filter(|line| line.contains(" PRIVMSG "));
    said.map(|line| {
        let (tags, rest) = line.split_once(' ').unwrap();
        let tags = tags.trim_start_matches('@').split(';');
        let kept = tags.filter(|tag| tag.starts_with("time=") || tag.starts_with("+causette"));
        format!("{} {rest}", kept.collect::<Vec<_>>().join(";"))
    })
    .collect()
}

/// How many rows tables of the record have.
pub(crate) fn rows(folder: &Folder) -> Vec<i64> {
    let database = open(&folder.path().join("causette-data/causette.db")).unwrap();
    let count = |table: &str| {
        let select = format!("SELECT count(*) FROM {table}");
        database.query_row(&select, [], |row| row.get(0)).unwrap()
    };
    ["register_entry", "message", "account", "room", "clock_step"]
        .iter()
        .map(|table| count(table))
        .collect()
}

#[test]
fn people_of_both_programs_sign_in_with_their_old_passwords_and_find_what_they_said() {
    let folder = folder();
    let (code, out, error) = told(&folder, &[&A[..], &["--dry-run"]].concat());
    assert_eq!((code, &*error), (Some(0), ""), "{out}");
    assert!(
        out.contains("It would make 4 accounts and take over 13 messages")
            && out.contains("Nothing was changed"),
        "{out}"
    );
    assert!(!folder.path().join("causette-data").exists());

    let (code, out, error) = told(&folder, &A);
    assert_eq!((code, &*error), (Some(0), ""), "{out}");
    for part in [
        "Made 4 accounts, took over 13 messages",
        "users.db, line 2: nobody can be called Jean Paul here: the account is Jean-Paul",
        "users.db, line 3: admin is kept for those who run the server: the account is admin-2",
        "users.db, line 3: the password of admin-2 is shorter than 12 characters",
        "users.db, line 1: 2 accounts have the password of camille",
        "users.db, line 4: vide had no password",
        "ChatFile.txt, line 4: 2021-11-12T",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    assert!(!out.contains("toto") && !out.contains("pise"), "{out}");

    let (code, out, error) = told(&folder, &B);
    assert_eq!((code, &*error), (Some(8), ""), "{out}");
    for part in [
        "Made 2 accounts, took over 6 messages",
        "dump.sql, line 65: the row has 4 values where there are 5 columns; it is left out",
        "dump.sql, line 67: le 18 septembre is no date of the past",
        "Left out: 1",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }

    let before = rows(&folder);
    let (code, out, _) = told(&folder, &A);
    assert!(code == Some(0) && out.contains("Nothing new"), "{out}");
    let (_, out, _) = told(&folder, &[&B[..], &["--json"]].concat());
    let out: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&out["ok"], &out["nothing_new"], &out["messages_known"]),
        (&true.into(), &true.into(), &6.into())
    );
    assert_eq!(out["problems"][0]["kind"], "damaged-width");
    assert_eq!(rows(&folder), before);

    let server = Server::start(folder.path(), QUICK);
    let mut camille = sign_in(&server, "camille", "la tour de pise");
    let general = history(&mut camille, "#general");
    let expected = [
        ":camille!camille@account/camille PRIVMSG #general :Bonjour tout le monde",
        ":Jean-Paul!jean-paul@account/Jean-Paul PRIVMSG #general :salut camille",
        ":camille!camille@account/camille PRIVMSG #general :à demain à 18h ?",
        ":Jean-Paul!jean-paul@account/Jean-Paul PRIVMSG #general :oui",
    ];
    assert_eq!(general.len(), 5, "{general:#?}");
    for (said, expected) in general.iter().zip(expected) {
        assert!(
            said.starts_with("+causette/imported=a;time=2021-11-12T")
                || said.starts_with("time=2021-11-12T") && said.contains("+causette/imported=a"),
            "{said}"
        );
        assert!(said.ends_with(expected), "{said}");
    }
    assert!(
        general[4].ends_with("bob a rejoint le chat"),
        "{general:#?}"
    );
    let private = history(&mut camille, "Jean-Paul");
    assert!(private[0].ends_with(":le code est 4521"), "{private:#?}");
    sign_in(&server, "Jean-Paul", "la tour de pise");
    sign_in(&server, "admin-2", "toto");

    let mut mimi = sign_in(&server, "mimi", "melufe-bleus");
    let said = history(&mut mimi, "Administration");
    let texts: Vec<&str> = said
        .iter()
        .map(|line| line.rsplit_once(" :").unwrap().1)
        .collect();
    assert_eq!(texts, ["hey", "Coucou", "ça va ?", "b3Vp, l'école"]);
    mimi.ask("PRIVMSG #general :me revoilà");
    assert!(camille.expect("me revoil").contains("#general"));

    // What nobody is to read in the chat is evidence all the same.
    let search = ["audit", "search", "--format", "jsonl", "--text"];
    for words in ["recette.pdf", "Arret du serveur"] {
        let (_, lines, _) = told(&folder, &[&search[..], &[words]].concat());
        assert_eq!(lines.lines().count(), 1, "{words}: {lines}");
    }
    let search = ["audit", "search", "--format", "jsonl", "--kind", "message"];
    let (_, lines, _) = told(
        &folder,
        &[&search[..], &["--address", "192.168.56.0/24"]].concat(),
    );
    assert_eq!(lines.lines().count(), 4, "{lines}");
    let (_, lines, _) = told(&folder, &[&search[..], &["--account", "camille"]].concat());
    assert_eq!(lines.lines().count(), 3, "{lines}");
    let (code, out, error) = told(&folder, &B);
    assert_eq!((code, &*out), (Some(1), ""), "{error}");
    assert!(error.contains("stop it first"), "{error}");
    server.signal(Signal::TERM);
    server.wait();
    let (code, out, error) = told(&folder, &["audit", "verify"]);
    assert_eq!((code, &*error), (Some(0), ""), "{out}");
    let (_, out, _) = told(&folder, &A);
    assert!(out.contains("Nothing new"), "{out}");
}

#[test]
fn an_import_that_is_killed_goes_on_and_loses_and_doubles_nothing() {
    const ROWS: usize = 35_000;
    let folder = folder();
    let rows: Vec<String> = (0..ROWS)
        .map(|row| {
            let (minute, second) = (row / 60 % 60, row % 60);
            let hour = row / 3600;
            format!("('18/09/2022 {hour:02}:{minute:02}:{second:02}','client_mimi','127.0.0.1','64677','{row}')")
        })
        .collect();
    let dump = format!(
        "INSERT INTO authentification VALUES ('mimi','bWVsdWZlLWJsZXVz','127.0.0.1');\nINSERT INTO connexion VALUES\n{};\n",
        rows.join(",\n")
    );
    std::fs::write(folder.path().join("dump.sql"), dump).unwrap();
    let mut importing = causette(folder.path(), &B)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let database: PathBuf = folder.path().join("causette-data/causette.db");
    let begun = Instant::now();
    let mut taken = 0;
    // Killed when the first batch of conversations is there.
    while taken == 0 && importing.try_wait().unwrap().is_none() {
        assert!(begun.elapsed() < Duration::from_secs(120));
        std::thread::sleep(Duration::from_millis(5));
        let Ok(record) = open(&database) else {
            continue;
        };
        let select = "SELECT count(*) FROM message";
        taken = record.query_row(select, [], |row| row.get(0)).unwrap_or(0);
    }
    let pid = Pid::from_raw(i32::try_from(importing.id()).unwrap()).unwrap();
    let _ = kill_process(pid, Signal::KILL);
    importing.wait().unwrap();
    let (code, out, error) = told(&folder, &B);
    assert_eq!((code, &*error), (Some(0), ""), "{out}");
    assert!(
        out.contains("Taken over before: accounts 1, messages "),
        "{out}"
    );
    let record = open(&database).unwrap();
    let found = |select: &str| -> i64 { record.query_row(select, [], |row| row.get(0)).unwrap() };
    assert_eq!(found("SELECT count(*) FROM message"), ROWS as i64);
    assert_eq!(
        found("SELECT count(DISTINCT text) FROM message"),
        ROWS as i64
    );
    drop(record);
    let (code, out, error) = told(&folder, &["audit", "verify"]);
    assert_eq!((code, &*error), (Some(0), ""), "{out}");
}

/// The text of each message of a history.
fn texts(said: &[String]) -> Vec<&str> {
    let texts = said.iter().map(|line| line.rsplit_once(" :"));
    texts.map(|parts| parts.unwrap().1).collect()
}

#[test]
fn who_comes_from_another_address_is_let_in_by_the_administrator_and_each_step_is_seen() {
    const HOME: Ipv4Addr = Ipv4Addr::LOCALHOST;
    const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
    const PASSWORD: &str = "melufe-bleus";
    let folder = folder();
    assert_eq!(told(&folder, &A).0, Some(0));
    assert_eq!(told(&folder, &B).0, Some(8));
    let server = Server::start(folder.path(), QUICK);
    let desk = Desk::new(folder.path());
    let program = env!("CARGO_BIN_EXE_causette");
    let mut console = desk.open(&format!("'{program}' --lang en admin"), (120, 50));
    console.see("Your action on the server:");

    // A's people come from anywhere, B's from where they signed up.
    let mut camille = sign_in(&server, "camille", "la tour de pise");
    assert_eq!(history(&mut camille, "#general").len(), 5);
    let elsewhere = answer_from(&server, ELSEWHERE, "camille", "la tour de pise");
    assert!(elsewhere.starts_with("900 "), "{elsewhere}");
    let mut mimi = sign_in(&server, "mimi", PASSWORD);
    let said = history(&mut mimi, "Administration");
    assert_eq!(texts(&said), ["hey", "Coucou", "ça va ?", "b3Vp, l'école"]);

    let refused = answer_from(&server, ELSEWHERE, "mimi", PASSWORD);
    assert!(refused.starts_with("904 "), "{refused}");
    assert_eq!(refused, answer_from(&server, ELSEWHERE, "mimi", "wrong"));
    mimi.expect("from 127.0.0.2, and was refused");
    console.see("right, but nobody may sign in to it from there");
    console.enter("#Unlock mimi moved house");
    let seen = console.see("is forgotten");
    assert!(seen.contains("mimi"), "{seen}");
    assert!(answer_from(&server, ELSEWHERE, "mimi", PASSWORD).starts_with("900 "));
    assert!(answer_from(&server, HOME, "mimi", PASSWORD).starts_with("904 "));

    // zoe was never here: her address was of another network.
    let refused = answer_from(&server, HOME, "zoe", "water castla");
    assert!(refused.starts_with("904 "), "{refused}");
    let unlock = [
        "admin",
        "account",
        "unlock",
        "zoe",
        "--reason",
        "new network",
    ];
    let (code, out, error) = told(&folder, &unlock);
    assert_eq!(code, Some(0), "{out}{error}");

    let (code, tail, error) = told(&folder, &["audit", "tail", "-n", "60"]);
    assert_eq!(code, Some(0), "{error}");
    for part in [
        "import begun",
        "import ended",
        "address",
        "127.0.0.2",
        "moved house",
        "new network",
    ] {
        assert!(tail.contains(part), "{part}: {tail}");
    }
    server.signal(Signal::TERM);
    assert!(server.wait().0.success());
    console.see_the_end();
    let (code, out, error) = told(&folder, &["audit", "verify"]);
    assert_eq!((code, &*error), (Some(0), ""), "{out}");
}
