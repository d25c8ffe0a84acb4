//! `causette audit verify`: on a running and on a stopped server, of a whole record and of one that somebody has changed.

use crate::other_program::open;
use crate::support::{Folder, QUICK, Server, run};
use rustix::process::Signal;
use std::path::PathBuf;
use std::process::Output;

fn database(folder: &Folder) -> PathBuf {
    folder.path().join("causette-data/causette.db")
}

fn verify(folder: &Folder, more: &[&str]) -> (Option<i32>, String, String) {
    let arguments = [&["audit", "verify", "--data", "causette-data"], more].concat();
    let Output {
        status,
        stdout,
        stderr,
    } = run(folder.path(), &arguments, "");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn a_record_is_verified_and_one_that_was_changed_is_found() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let mut alice = server.tls();
    alice.sign_up("alice");
    alice.ask("PRIVMSG #general :the minutes are adopted");
    // Beside the running server.
    let (code, out, error) = verify(&folder, &[]);
    assert_eq!((code, error.as_str()), (Some(0), ""), "{out}");
    assert!(
        out.starts_with("The record is what was recorded: "),
        "{out}"
    );
    alice.ask("PRIVMSG #general :said while it was read");
    server.signal(Signal::TERM);
    assert_eq!(server.wait().0.code(), Some(0));

    let (code, out, _) = verify(&folder, &["--json"]);
    let agrees: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (code, &agrees["agrees"], &agrees["bound_from"]),
        (Some(0), &true.into(), &0.into())
    );
    assert!(agrees["entries"].as_u64().unwrap() > 5, "{out}");

    // Somebody lets another say it.
    let changed = open(&database(&folder))
        .unwrap()
        .execute(
            "UPDATE message SET source = 'mallory!m@h' WHERE text = 'the minutes are adopted'",
            [],
        )
        .unwrap();
    assert_eq!(changed, 1);
    let (code, out, error) = verify(&folder, &["--lang", "fr"]);
    assert_eq!((code, out.as_str()), (Some(9), ""), "{error}");
    assert!(
        error.contains("n'est pas ce qui fut enregistré") && error.contains("l'inscription "),
        "{error}"
    );
    let (code, out, _) = verify(&folder, &["--json"]);
    let altered: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &altered["agrees"]), (Some(9), &false.into()));
    assert!(altered["mismatch"].is_string());
    assert_eq!(altered["ok"], false);
    let finding = &altered["findings"][0];
    assert_eq!(finding["kind"], "content-altered");
    assert_eq!(finding["table"], "message");
    assert_eq!(finding["text"], altered["mismatch"]);
    assert_eq!(altered["found"], 1);
}

#[test]
fn a_database_that_cannot_be_verified_is_left_as_it_is() {
    let folder = Folder::new();
    let (code, _, error) = verify(&folder, &[]);
    assert_eq!(code, Some(1), "{error}");
    assert!(error.contains("there is no database at "), "{error}");
    let (code, out, _) = verify(&folder, &["--json"]);
    let unread: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &unread["ok"]), (Some(1), &false.into()));
    assert!(unread["error"].as_str().unwrap().contains("no database"));
    assert!(!folder.path().join("causette-data").exists());
}
