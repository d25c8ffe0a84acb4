//! `causette serve` and the verbs that speak to it.

use crate::support::{Folder, QUICK, Server, causette, run, run_command};
use rustix::process::Signal;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;

/// The whole answer to one HTTP request.
pub(crate) fn fetch(mut stream: impl Read + Write, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // The other end may leave without the last word of TLS; what came before is judged.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).unwrap()
}

#[test]
fn one_port_speaks_irc_and_http_in_clear_and_over_tls() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    server.plain().register("alice");
    server.tls().register("bob");
    for answer in [
        fetch(server.connect(), "/healthz"),
        fetch(server.tls_stream(&server.fingerprint), "/healthz"),
    ] {
        assert!(
            answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\nok\n"),
            "{answer}"
        );
    }
    assert!(fetch(server.connect(), "/").contains("TLS"));
    assert!(fetch(server.connect(), "/nothing").starts_with("HTTP/1.1 404 "));
}

#[test]
fn another_fingerprint_is_another_server() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let mut stream = server.tls_stream(&"0".repeat(64));
    assert!(
        stream
            .write_all(b"NICK alice\r\n")
            .and_then(|()| stream.read(&mut [0; 1]))
            .is_err()
    );
}

#[test]
fn everything_that_a_command_causes_comes_before_the_pong() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let mut alice = server.tls();
    alice.register("alice");
    alice.ask("LUSERS");
    for _ in 0..50 {
        let answer = alice.ask("NOSUCH");
        assert!(
            answer.len() == 1 && answer[0].contains("NOSUCH"),
            "{answer:#?}"
        );
    }
}

#[test]
fn what_is_kept_is_closed_to_others_and_to_a_second_server() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let data_dir = folder.path().join("causette-data");
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data_dir), 0o700);
    for entry in std::fs::read_dir(&data_dir).unwrap() {
        let path = entry.unwrap().path();
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&path), expected, "{}", path.display());
    }
    let second = run(folder.path(), &["serve", "--listen", "127.0.0.1:0"], "");
    assert_eq!(second.status.code(), Some(1));
    let error = String::from_utf8(second.stderr).unwrap();
    assert!(
        error.contains("server.data_dir") && error.contains("process"),
        "{error}"
    );
    server.plain().register("alice");
}

#[test]
fn a_wrong_configuration_names_its_key() {
    let folder = Folder::new();
    for (configuration, expected) in [
        (
            "[server]\nnmae = \"a.b\"\n",
            ["server.nmae", "line 2", "\"name\""],
        ),
        ("[limits]\nnick = 0\n", ["limits.nick", "line 2", "1"]),
        (
            "[limits]\nsendq_bytes = 65536\n",
            ["limits.sendq_bytes", "line 2", "524288"],
        ),
        (
            "[channels]\nauto_join = [\"#a\", \"#A\"]\n",
            ["channels.auto_join", "line 2", "twice"],
        ),
        ("[limits]\nline = 4096\n", ["limits.line", "line 2", "0.2"]),
        (
            "[tls]\ncertificate = \"none.pem\"\nkey = \"none.pem\"\n",
            ["tls.certificate", "none.pem", ""],
        ),
        (
            "[log]\nfile = \"none/a.log\"\n",
            ["log.file", "none/a.log", "no such"],
        ),
        ("[log]\nfile = \"/tmp\"\n", ["log.file", "/tmp", "folder"]),
        (
            "[database]\nurl = \"sqlite:/none/x.db\"\n",
            ["database.url", "/none/x.db", "no such"],
        ),
        (
            "[database]\nurl = \"sqlite:/tmp\"\n",
            ["database.url", "/tmp", "folder"],
        ),
        (
            "[server]\ndata_dir = \"/tmp\"\n",
            ["server.data_dir", "/tmp", "another folder"],
        ),
        (
            "[server]\ndata_dir = \"causette.toml/data\"\n",
            ["server.data_dir", "causette.toml/data", "no folder"],
        ),
    ] {
        std::fs::write(folder.path().join("causette.toml"), configuration).unwrap();
        let serve = run(folder.path(), &["serve", "--listen", "127.0.0.1:0"], "");
        let check = run(folder.path(), &["check"], "");
        for output in [serve, check] {
            assert_eq!(output.status.code(), Some(78));
            let error = String::from_utf8(output.stderr).unwrap();
            for part in expected {
                assert!(error.contains(part), "{part} is not in {error}");
            }
        }
    }
}

#[test]
fn what_stays_wrong_until_it_is_changed_is_not_tried_again() {
    let folder = Folder::new();
    let data_dir = folder.path().join("causette-data");
    let refused = |arguments: &[&str]| {
        let serve = ["serve", "--listen", "127.0.0.1:0"];
        let output = run(folder.path(), &[&serve[..], arguments].concat(), "");
        assert_eq!(output.status.code(), Some(78), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let told = refused(&["--data", "/proc/none"]);
    assert!(
        told.contains("/proc/none is not there and cannot be made") && !told.contains("os error"),
        "{told}"
    );
    let server = Server::start(folder.path(), QUICK);
    server.signal(Signal::TERM);
    server.wait();
    let database = data_dir.join("causette.db");
    let mut file = std::fs::OpenOptions::new();
    let mut file = file.write(true).open(&database).unwrap();
    file.write_all(&[0xff; 8192]).unwrap();
    let told = refused(&[]);
    assert!(told.contains("is damaged"), "{told}");
}

#[test]
fn a_check_names_all_mistakes_and_starts_nothing() {
    let folder = Folder::new();
    let check = |arguments: &[&str]| {
        let output = run(folder.path(), arguments, "");
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    };
    let (code, text) = check(&["check"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("by default"), "{text}");
    let file = folder.path().join("other.toml");
    std::fs::write(&file, "[server]\nnmae = \"a.b\"\n[limits]\nnick = 0\n").unwrap();
    let named = ["check", "--config", "other.toml"];
    let (code, text) = check(&named);
    assert_eq!(code, Some(78), "{text}");
    for part in [
        "other.toml: line 2: ",
        "server.nmae",
        "other.toml: line 4: ",
        "limits.nick",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let (_, french) = check(&["--lang", "fr", "check", "--config", "other.toml"]);
    assert!(
        french.contains("ligne 2") && french.contains("ligne 4"),
        "{french}"
    );
    // What is asked for goes before what the configuration says of the server.
    std::fs::write(&file, "[server]\nlanguage = \"en\"\nmotd = \"none.txt\"\n").unwrap();
    let (code, french) = check(&["--lang", "fr", "check", "--config", "other.toml"]);
    assert_eq!(code, Some(78), "{french}");
    assert!(french.contains("n'existe pas"), "{french}");
    let missing = "[database]\nurl = \"postgres://a@127.0.0.1:1/b\"\nca_file = \"none.pem\"\n";
    std::fs::write(&file, missing).unwrap();
    for verb in ["check", "serve"] {
        let (code, french) = check(&["--lang", "fr", verb, "--config", "other.toml"]);
        assert_eq!(code, Some(78), "{french}");
        let told = "database.ca_file : impossible de lire none.pem : ";
        assert!(french.contains(told), "{french}");
    }
    std::fs::write(&file, QUICK).unwrap();
    let (code, text) = check(&named);
    assert_eq!(
        (code, text.contains("other.toml")),
        (Some(0), true),
        "{text}"
    );
    std::fs::remove_file(&file).unwrap();
    assert_eq!(check(&named).0, Some(78));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_check_by_hand_leaves_out_what_only_the_service_is_handed() {
    let folder = Folder::new();
    let check = |configuration: &str| {
        std::fs::write(folder.path().join("causette.toml"), configuration).unwrap();
        let mut check = causette(folder.path(), &["check"]);
        check.env_remove("CREDENTIALS_DIRECTORY");
        let output = run_command(check, "");
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    };
    let tls =
        "[tls]\ncertificate = \"credential:fullchain.pem\"\nkey = \"credential:privkey.pem\"\n";
    let (code, text) = check(tls);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("credential:fullchain.pem") && text.contains("is right"),
        "{text}"
    );
    // What can be looked at is, and is told in the configuration's language.
    let (code, text) = check(&format!(
        "[server]\nmotd = \"none.txt\"\nlanguage = \"fr\"\n{tls}"
    ));
    assert_eq!(code, Some(78), "{text}");
    assert!(text.contains("n'existe pas"), "{text}");
}

#[test]
fn what_may_pass_by_itself_is_no_mistake_in_the_configuration() {
    let folder = Folder::new();
    // A file that opens and cannot be read, as one on a disk that fails.
    let failing = "/proc/self/mem";
    for configuration in [
        format!("[server]\nmotd = {failing:?}\n"),
        format!("[tls]\ncertificate = {failing:?}\nkey = {failing:?}\n"),
    ] {
        std::fs::write(folder.path().join("causette.toml"), configuration).unwrap();
        for verb in [&["serve", "--listen", "127.0.0.1:0"][..], &["check"]] {
            let refused = run(folder.path(), verb, "");
            assert_eq!(refused.status.code(), Some(1), "{refused:?}");
            let told = String::from_utf8_lossy(&refused.stderr);
            assert!(told.contains(failing), "{told}");
        }
    }
}

#[test]
fn a_wrong_command_line_is_another_failure() {
    let folder = Folder::new();
    assert_eq!(run(folder.path(), &["srve"], "").status.code(), Some(2));
    assert_eq!(
        run(folder.path(), &["serve", "--listen", "nowhere"], "")
            .status
            .code(),
        Some(2)
    );
    assert_eq!(
        run(folder.path(), &["admin", "status"], "").status.code(),
        Some(3)
    );
}

#[test]
fn the_help_speaks_both_languages() {
    let folder = Folder::new();
    let help = |language: &str| {
        String::from_utf8(run(folder.path(), &["--lang", language, "--help"], "").stdout).unwrap()
    };
    assert!(help("en").contains("Run the server"));
    assert!(help("fr").contains("Fait tourner le serveur"));
}

#[test]
fn sigterm_tells_everybody_and_ends_cleanly() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let mut alice = server.tls();
    alice.register("alice");
    server.signal(Signal::TERM);
    alice.expect("ERROR :");
    let (status, log) = server.wait();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("\"server.stopped\""), "{log}");
    let data_dir = folder.path().join("causette-data");
    assert!(!data_dir.join("address").exists());
    assert!(!data_dir.join("admin.sock").exists());
    // What was kept is taken up again.
    let again = Server::start(folder.path(), QUICK);
    again.tls().register("alice");
}

#[test]
fn the_administrator_makes_accounts_asks_and_stops() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let create = ["account", "create", "--password-stdin", "alice"];
    let made = run(folder.path(), &create, "correct horse battery\n");
    assert_eq!(made.status.code(), Some(0), "{made:?}");
    let again = run(folder.path(), &create, "correct horse battery\n");
    assert_eq!(again.status.code(), Some(5), "{again:?}");
    assert!(String::from_utf8(again.stderr).unwrap().contains("alice"));
    assert_eq!(run(folder.path(), &create, "").status.code(), Some(1));
    let status = run(folder.path(), &["admin", "status"], "");
    assert!(
        String::from_utf8(status.stdout)
            .unwrap()
            .contains("connections: 0")
    );

    let mut alice = server.tls();
    alice.send("PASS :alice:correct horse battery");
    alice.register("alice");
    let stop = run(
        folder.path(),
        &["admin", "stop", "--reason", "a new disk"],
        "",
    );
    assert_eq!(stop.status.code(), Some(0), "{stop:?}");
    // The server has ended: its files may be moved, and another may start.
    let log = folder.path().join("causette-data/causette.db-wal");
    assert!(!log.exists(), "the database is still open");
    assert!(alice.expect("ERROR :").contains("a new disk"));
    let (status, log) = server.wait();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(!log.contains("correct horse"));
}

#[test]
fn a_forgotten_password_is_replaced_by_a_code_that_works_once() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let mut alice = server.tls();
    alice.sign_up("alice");
    let reset = run(folder.path(), &["account", "password", "alice"], "");
    assert_eq!(reset.status.code(), Some(0), "{reset:?}");
    let told = String::from_utf8(reset.stdout).unwrap();
    let code = told.lines().last().unwrap().to_owned();
    assert_eq!((code.len(), code.matches('-').count()), (19, 3), "{told}");
    alice.expect("ERROR :");

    let sign_in = |name: &str, password: &str| {
        let mut client = server.tls();
        client.register(name);
        client.send(&format!("NS IDENTIFY alice {password}"));
        client
    };
    sign_in("a", "correct-horse-battery-staple").expect("wrong");
    let mut alice = sign_in("b", &code.to_lowercase());
    alice.expect("SET PASSWORD");
    sign_in("c", &code).expect("has been used");
    alice.send("NS SET PASSWORD another-long-password");
    alice.expect("The password is changed");
    sign_in("d", "another-long-password").expect(" 900 ");

    let given = ["account", "password", "--password-stdin", "alice"];
    let weak = run(folder.path(), &given, "short\n");
    assert_eq!(weak.status.code(), Some(5), "{weak:?}");
    let reset = run(folder.path(), &given, "from-the-administrator\n");
    assert_eq!(reset.status.code(), Some(0), "{reset:?}");
    sign_in("e", "another-long-password").expect("wrong");
    sign_in("f", "from-the-administrator").expect(" 900 ");
    let nobody = run(folder.path(), &["account", "password", "nobody"], "");
    assert_eq!(nobody.status.code(), Some(5));
    assert!(String::from_utf8(nobody.stderr).unwrap().contains("nobody"));
    server.signal(Signal::TERM);
    let (_, log) = server.wait();
    assert!(
        !log.contains(&code) && !log.contains("from-the-administrator"),
        "{log}"
    );
}

#[test]
fn a_hash_from_the_command_line_guards_the_door() {
    let folder = Folder::new();
    let hashed = run(folder.path(), &["hash-password"], "open sesame\n");
    assert_eq!(hashed.status.code(), Some(0));
    let hash = String::from_utf8(hashed.stdout).unwrap();
    let configuration = format!("[server]\npassword_hash = '{}'\n{QUICK}", hash.trim());
    let server = Server::start(folder.path(), &configuration);
    let mut alice = server.plain();
    alice.send("PASS :open sesame");
    alice.register("alice");
    let mut eve = server.plain();
    eve.send("PASS :open barley");
    eve.send("NICK eve");
    eve.send("USER eve 0 * :Eve");
    eve.expect(" 464 ");
}

#[test]
fn too_many_connections_from_one_address_are_refused() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), "[limits]\nsessions_per_ip = 2\n");
    let (mut first, mut second) = (server.plain(), server.plain());
    first.register("first");
    second.register("second");
    assert!(
        server
            .plain()
            .expect("ERROR :")
            .contains("Too many connections")
    );
    first.ask("NOSUCH");
}

#[test]
fn a_crash_leaves_nothing_in_the_way() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    server.plain().register("alice");
    server.signal(Signal::KILL);
    assert_eq!(server.wait().0.code(), None);
    let again = Server::start(folder.path(), QUICK);
    again.plain().register("alice");
    assert!(
        causette(folder.path(), &["admin", "status"])
            .output()
            .unwrap()
            .status
            .success()
    );
}
