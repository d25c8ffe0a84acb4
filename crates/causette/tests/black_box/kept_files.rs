//! Files that a server keeps: taken over from program A, found again behind a backup, and missed where their folder is.

use crate::backup::done;
use crate::devices::http;
use crate::import::told;
use crate::other_program::open;
use crate::support::{Folder, QUICK, Server};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rustix::process::Signal;
use std::fs;
use std::path::PathBuf;

/// Where each file is, by its name.
fn address(folder: &Folder, name: &str) -> String {
    let database = open(&folder.path().join("causette-data/causette.db")).unwrap();
    let select = "SELECT '/files/' || file_key || '/' || name FROM file WHERE name = ?";
    database
        .query_row(select, [name], |row| row.get(0))
        .unwrap()
}

/// What alice is answered who fetches a file.
fn fetch(server: &Server, path: &str) -> String {
    let pair = BASE64_STANDARD.encode("alice:correct horse battery staple");
    http(server, &format!("GET {path}"), &format!("Basic {pair}"))
}

#[track_caller]
fn is_served(server: &Server, path: &str, text: &str) {
    let answer = fetch(server, path);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.ends_with(text), "{answer}");
}

fn stop(server: Server) {
    server.signal(Signal::TERM);
    assert_eq!(server.wait().0.code(), Some(0));
}

/// A folder with a configuration and with the files that people exchanged through program A.
fn exchanged() -> Folder {
    let folder = Folder::new();
    fs::write(folder.path().join("causette.toml"), QUICK).unwrap();
    let files = folder.path().join("Files");
    fs::create_dir(&files).unwrap();
    for (name, text) in [("plan.txt", "a plan"), ("list.txt", "a list")] {
        fs::write(files.join(name), text).unwrap();
    }
    std::os::unix::fs::symlink("plan.txt", files.join("link.txt")).unwrap();
    folder
}

const IMPORT: [&str; 4] = ["import", "a", "--files", "Files"];

#[test]
fn files_of_program_a_are_fetched_and_come_back_with_a_backup() {
    let folder = exchanged();
    let (code, out, error) = told(&folder, &[&IMPORT[..], &["--dry-run"]].concat());
    assert_eq!((code, &*error), (Some(8), ""), "{out}");
    assert!(
        out.contains("plan.txt: 6 bytes") && out.contains("link.txt: this is a link"),
        "{out}"
    );
    assert!(out.contains("would make 2 files"), "{out}");
    assert!(!folder.path().join("causette-data").exists());
    let (code, out, error) = told(&folder, &IMPORT);
    assert_eq!((code, &*error), (Some(8), ""), "{out}");
    assert!(out.contains("And made 2 files"), "{out}");
    let (_, out, _) = told(&folder, &IMPORT);
    assert!(
        out.contains("Nothing new") && out.contains("Files taken over before: 2"),
        "{out}"
    );

    let server = Server::start(folder.path(), QUICK);
    server.tls().sign_up("alice");
    let (plan, list) = (address(&folder, "plan.txt"), address(&folder, "list.txt"));
    is_served(&server, &plan, "a plan");
    let out = done(&folder, &["backup", "backup.tar"]);
    assert!(out.contains("With 2 contents of files"), "{out}");
    let doctor = told(&folder, &["admin", "doctor"]).1;
    assert!(doctor.contains("The 2 contents of files"), "{doctor}");
    stop(server);
    let verified = done(&folder, &["audit", "verify"]);
    assert!(!verified.contains("altered"), "{verified}");

    let data = folder.path().join("causette-data");
    fs::rename(&data, folder.path().join("aside")).unwrap();
    let restored = done(&folder, &["restore", "backup.tar"]);
    assert!(restored.contains("With 2 contents of files"), "{restored}");
    let server = Server::start(folder.path(), QUICK);
    is_served(&server, &plan, "a plan");
    is_served(&server, &list, "a list");
    stop(server);
}

#[test]
fn a_content_that_is_lost_is_told_by_backup_and_doctor() {
    let folder = exchanged();
    told(&folder, &IMPORT);
    let blobs = folder.path().join("causette-data/files/blobs");
    let contents: Vec<PathBuf> = fs::read_dir(blobs)
        .unwrap()
        .flat_map(|folder| fs::read_dir(folder.unwrap().path()).unwrap())
        .map(|file| file.unwrap().path())
        .collect();
    let lost = contents
        .iter()
        .find(|path| fs::read(path).unwrap() == b"a plan");
    fs::remove_file(lost.unwrap()).unwrap();
    let (code, out, error) = told(&folder, &["backup", "backup.tar"]);
    assert_eq!((code, &*error), (Some(8), ""), "{out}");
    assert!(
        out.contains("its content is not there: file ") && out.contains("plan.txt"),
        "{out}"
    );
    let doctor = told(&folder, &["--lang", "fr", "admin", "doctor"]).1;
    assert!(
        doctor.contains("plan.txt") && doctor.contains("sauvegarde"),
        "{doctor}"
    );
    let (code, out, _) = told(
        &folder,
        &["migrate", "--to", "sqlite:other.db", "--no-verify"],
    );
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains("causette-data/files"), "{out}");
}
