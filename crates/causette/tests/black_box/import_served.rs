//! `causette import b --url`: program B's tables read where they are, on MariaDB or MySQL.

use crate::import::{B, folder, history, rows, sign_in, told};
use crate::support::{Folder, QUICK, Server, causette, run_command};
use causette_testbed::{Database, urls_from_environment};
use rustix::process::Signal;
use std::os::unix::fs::PermissionsExt as _;

/// The two tables and their rows, by B's own statements: the dump's, without the row that is damaged there.
const TABLES: &str = "CREATE TABLE authentification (id BLOB NOT NULL, mdp BLOB NOT NULL, ip BLOB NOT NULL) ENGINE=MyISAM DEFAULT CHARSET=utf8;
INSERT INTO authentification (id, mdp, ip) VALUES ('mimi', 'bWVsdWZlLWJsZXVz', '127.0.0.1'), ('zoe', 'd2F0ZXIgY2FzdGxh', '192.168.56.11');
CREATE TABLE connexion (date_time TEXT NOT NULL, type TEXT NOT NULL, ip BLOB NOT NULL, port INT NOT NULL, donnée BLOB NOT NULL) DEFAULT CHARSET=latin1;
INSERT INTO connexion VALUES
('10/11/2021 19:05:24', 'serveur', 'DESKTOP-X', '25', 'hey'),
('18/09/2022 13:39:20', 'client_mimi', '192.168.56.1', '64677', 'Q291Y291'),
('18/09/2022 13:39:31', 'serveur', 'DESKTOP-X', '25', 'w6dhIHZhID8='),
('18/09/2022 13:39:40', 'client_mimi', '192.168.56.1', '64677', 'b3Vp, l\\'école'),
('18/09/2022 13:40:02', 'client_zoe', '192.168.56.11', '64702', 'Ym9uam91cg=='),
('le 18 septembre', 'client_zoe', '192.168.56.11', '64702', 'bye');";

/// Databases with B's tables, on each server that speaks what MySQL speaks.
fn databases() -> Vec<Database> {
    let servers = urls_from_environment().unwrap();
    let servers = servers.iter().filter(|server| !server.is_postgres());
    let made = servers.map(|server| {
        let database = server.create_database("older").unwrap();
        database
            .query(&format!("SET NAMES utf8mb4;\n{TABLES}"))
            .unwrap();
        database
    });
    let databases: Vec<Database> = made.collect();
    if databases.is_empty() {
        crate::programs::skip(
            "tables of the older program on MariaDB",
            "none is named: cargo xtask engines",
        );
    }
    databases
}

/// The URL without its password, and the password.
fn without_password(url: &str) -> (String, String) {
    let (scheme, rest) = url.split_once("://").unwrap();
    let (account, host) = rest.rsplit_once('@').unwrap();
    let (user, password) = account.split_once(':').unwrap();
    (format!("{scheme}://{user}@{host}"), password.to_owned())
}

/// What mimi finds, and what the register has of the imports.
fn found(folder: &Folder) -> (Vec<String>, Vec<String>, String) {
    let server = Server::start(folder.path(), QUICK);
    let mut mimi = sign_in(&server, "mimi", "melufe-bleus");
    let administration = history(&mut mimi, "Administration");
    let general = history(&mut mimi, "#general");
    let search = [
        "audit",
        "search",
        "--format",
        "jsonl",
        "--kind",
        "import.fin",
    ];
    let (_, entries, error) = told(folder, &search);
    assert!(!entries.is_empty(), "{error}");
    server.signal(Signal::TERM);
    server.wait();
    (administration, general, entries)
}

#[test]
fn tables_on_their_server_give_what_a_dump_of_them_gives() {
    for database in databases() {
        let (by_url, by_dump) = (folder(), folder());
        let url = database.url();
        let live = ["import", "b", "--url", &url];
        let (code, out, error) = told(&by_url, &[&live[..], &["--dry-run"]].concat());
        assert_eq!((code, &*error), (Some(0), ""), "{out}");
        assert!(!by_url.path().join("causette-data").exists());
        let (code, out, error) = told(&by_url, &live);
        assert_eq!((code, &*error), (Some(0), ""), "{out}");
        let connexion = format!("{}.connexion, line 6: le 18 septembre", database.name());
        for part in ["Made 2 accounts, took over 6 messages", &connexion] {
            assert!(out.contains(part), "{part}: {out}");
        }
        let (code, ..) = told(&by_dump, &B);
        assert_eq!(code, Some(8));

        // Either behind the other, and each again.
        for (folder, arguments) in [(&by_url, &B[..]), (&by_dump, &live), (&by_url, &live)] {
            let before = rows(folder);
            let (_, out, error) = told(folder, arguments);
            assert!(out.contains("Nothing new"), "{out}{error}");
            assert_eq!(rows(folder), before);
        }
        let (administration, general, entries) = found(&by_url);
        let by_other = found(&by_dump);
        assert_eq!((administration, general), (by_other.0, by_other.1));
        // What the register has of the tables, anybody computes who has them, in whatever encoding and of whatever type the columns are.
        for select in [
            "SELECT HEX(id), HEX(mdp), HEX(ip) FROM authentification",
            "SELECT HEX(date_time), HEX(type), HEX(ip), HEX(port), HEX(donnée) FROM connexion",
        ] {
            let printed = database
                .query(&format!("SET NAMES utf8mb4; {select}"))
                .unwrap();
            let printed = format!("{}\n", printed.trim_end());
            assert!(entries.contains(&sha256(printed.as_bytes())), "{entries}");
        }
        assert!(!entries.contains("melufe"), "{entries}");
        // It has grown.
        database
            .query("INSERT INTO connexion VALUES ('19/09/2022 08:00:00', 'client_mimi', '192.168.56.1', '64801', 'encore')")
            .unwrap();
        let (code, out, error) = told(&by_dump, &live);
        assert_eq!((code, &*error), (Some(0), ""), "{out}");
        assert!(out.contains("took over 1 message"), "{out}");
        let (code, out, error) = told(&by_dump, &["audit", "verify"]);
        assert_eq!((code, &*error), (Some(0), ""), "{out}");
    }
}

#[test]
fn the_register_has_the_digest_of_the_rows_as_the_server_keeps_them() {
    const LATIN: &str = "SET NAMES utf8mb4;
CREATE TABLE authentification (id VARCHAR(40), mdp TEXT, ip TEXT) DEFAULT CHARSET=latin1;
INSERT INTO authentification VALUES ('élodie', 'bWVsdWZlLWJsZXVz', NULL);
CREATE TABLE connexion (date_time TEXT, type TEXT, ip TEXT, port INT, donnée TEXT) DEFAULT CHARSET=latin1;
INSERT INTO connexion VALUES ('10/11/2021 19:05:24', 'client_élodie', '127.0.0.1', 64677, 'à demain');";
    for database in databases() {
        let latin = database.server().create_database("latin").unwrap();
        latin.query(LATIN).unwrap();
        let folder = folder();
        let (code, out, error) = told(&folder, &["import", "b", "--url", &latin.url()]);
        assert_eq!((code, &*error), (Some(0), ""), "{out}");
        assert!(out.contains("Made 1 account, took over 1 message"), "{out}");
        let _server = Server::start(folder.path(), QUICK);
        let search = ["audit", "search", "--format", "jsonl", "--kind"];
        let (_, entries, _) = told(&folder, &[&search[..], &["import.fin"]].concat());
        for (select, written) in [
            (
                "SELECT HEX(id), HEX(mdp), HEX(ip) FROM authentification",
                "E96C6F646965\t6257567364575A6C4C574A735A58567A\tNULL\n",
            ),
            (
                "SELECT HEX(date_time), HEX(type), HEX(ip), HEX(port), HEX(donnée) FROM connexion",
                "31302F31312F323032312031393A30353A3234\t636C69656E745FE96C6F646965\t3132372E302E302E31\tFCA5\tE02064656D61696E\n",
            ),
        ] {
            let printed = latin
                .query(&format!("SET NAMES utf8mb4; {select}"))
                .unwrap();
            assert_eq!(format!("{}\n", printed.trim_end()), written);
            assert!(entries.contains(&sha256(written.as_bytes())), "{entries}");
        }
    }
}

fn sha256(bytes: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    let hex = digest.as_ref().iter().map(|byte| format!("{byte:02x}"));
    hex.collect()
}

#[test]
fn what_is_wrong_with_the_url_is_told_with_what_to_do_and_without_the_password() {
    for database in databases() {
        let folder = folder();
        let (bare, password) = without_password(&database.url());
        let nowhere = database.url().replace(database.name(), "causette_nowhere");
        let empty = database.server().create_database("empty").unwrap();
        let wrong = database.url().replace(&password, "s3cret");
        let host = bare.split('@').nth(1).unwrap();
        let deaf = format!("mysql://mimi:s3cret@127.0.0.1:1/{}", database.name());
        let old = database.server().create_database("changed").unwrap();
        old.query("CREATE TABLE authentification (id BLOB, mot BLOB, ip BLOB)")
            .unwrap();
        for (url, part) in [
            (nowhere.as_str(), "There is no database at"),
            (&empty.url(), "has no table authentification"),
            (&old.url(), "has no column mdp"),
            (&wrong, "refuses the name or the password"),
            (&bare, "CAUSETTE_IMPORT_PASSWORD"),
            (&deaf, "cannot be reached"),
            (
                &format!("mysql://a:s3cret@{}", host.split('/').next().unwrap()),
                "name the database",
            ),
            ("postgres://a:s3cret@localhost/chat", "MySQL or MariaDB"),
            ("sqlite:chat.db", "MySQL or MariaDB"),
            (
                "mysql://a:s3cret@localhost/chat?pasword=x",
                "pasword is no parameter",
            ),
        ] {
            let (code, out, error) = told(&folder, &["import", "b", "--url", url]);
            assert_eq!((code, &*out), (Some(1), ""), "{url}: {error}");
            assert!(error.contains(part), "{part}: {error}");
            assert!(
                !error.contains("s3cret") && !error.contains(&password),
                "{error}"
            );
        }
        assert!(!folder.path().join("causette-data").exists());

        let in_file = folder.path().join("password");
        let by_file = [
            "import",
            "b",
            "--dry-run",
            "--url",
            &bare,
            "--password-file",
            "password",
        ];
        std::fs::write(&in_file, format!("{password}\n")).unwrap();
        let set = |mode| std::fs::set_permissions(&in_file, std::fs::Permissions::from_mode(mode));
        set(0o644).unwrap();
        let (code, _, error) = told(&folder, &by_file);
        assert_eq!(code, Some(1), "{error}");
        assert!(
            error.contains("--password-file: ") && error.contains("chmod 600"),
            "{error}"
        );
        set(0o600).unwrap();
        let (code, out, error) = told(&folder, &by_file);
        assert_eq!((code, &*error), (Some(0), ""), "{out}");
        let mut command = causette(folder.path(), &["import", "b", "--dry-run", "--url", &bare]);
        command.env("CAUSETTE_IMPORT_PASSWORD", &password);
        let output = run_command(command, "");
        assert_eq!(output.status.code(), Some(0), "{output:?}");

        // Causette's own tables are not the older program's, whatever the views in them are called.
        let own = database.server().create_database("own").unwrap();
        let configuration = format!("[database]\nurl = \"{}\"\n{QUICK}", own.url());
        let second = Folder::new();
        drop(Server::start(second.path(), &configuration));
        let (code, _, error) = told(&folder, &["import", "b", "--url", &own.url()]);
        assert_eq!(code, Some(1), "{error}");
        assert!(error.contains("is a database of Causette"), "{error}");
    }
}
