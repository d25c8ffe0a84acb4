//! Several servers that want the same data folder, or the same database: one serves, and the others are told why they do not.

use crate::load::{ROOM, TALKERS, history_after, sign_in, sign_up};
use crate::outage::on_servers;
use crate::own_database::{configuration, database};
use crate::support::{Folder, Server};
use rustix::process::Signal;
use std::path::Path;
use std::process::ExitStatus;

/// What is said of a folder.
const IN_USE: &str = "is in use by another server";

/// How many start at once.
const NODES: usize = 4;

type Refused = (ExitStatus, String);

/// Starts one in each of these folders at the same moment.
fn start(folders: &[&Path]) -> (Server, Vec<Refused>) {
    let attempts: Vec<Result<Server, Refused>> = std::thread::scope(|scope| {
        let starting: Vec<_> = folders
            .iter()
            .map(|folder| scope.spawn(|| Server::attempt(folder)))
            .collect();
        let attempt = |thread: std::thread::ScopedJoinHandle<'_, _>| thread.join().unwrap();
        starting.into_iter().map(attempt).collect()
    });
    let (mut serving, mut refused) = (Vec::new(), Vec::new());
    for attempt in attempts {
        match attempt {
            Ok(server) => serving.push(server),
            Err(ended) => refused.push(ended),
        }
    }
    assert_eq!(serving.len(), 1, "{refused:#?}");
    (serving.pop().unwrap(), refused)
}

/// One of those that start at once serves, the others say `words`; and again where somebody serves already, and when that one has
/// ended, however it has.
fn one_serves(folders: &[&Path], words: &str) {
    let tell = |refused: Vec<Refused>| {
        for (status, said) in refused {
            // What a supervisor may try again: the other may end.
            assert_eq!(status.code(), Some(1), "{said}");
            assert!(said.contains(words), "{said}");
        }
    };
    let (server, refused) = start(folders);
    tell(refused);
    sign_up(&server);
    let mut client = sign_in(&server, TALKERS[0]);
    client.send(&format!("PRIVMSG {ROOM} :mine"));
    client.expect("mine");
    for folder in folders {
        let (status, said) = Server::attempt(folder).err().expect("one serves already");
        assert_eq!(status.code(), Some(1), "{said}");
        // One of the folders is that of the one that serves.
        assert!(said.contains(words) || said.contains(IN_USE), "{said}");
    }
    client.send(&format!("PRIVMSG {ROOM} :still mine"));
    client.expect("still mine");
    let mut server = server;
    for signal in [Signal::KILL, Signal::TERM] {
        server.signal(signal);
        server.wait();
        let refused;
        (server, refused) = start(folders);
        tell(refused);
        let kept = history_after(&mut sign_in(&server, TALKERS[0]), None);
        assert_eq!(kept.len(), 2, "{kept:?}");
    }
}

fn folders(count: usize, configuration: &str) -> Vec<Folder> {
    let folder = |_| {
        let folder = Folder::new();
        std::fs::write(folder.path().join("causette.toml"), configuration).unwrap();
        folder
    };
    (0..count).map(folder).collect()
}

#[test]
fn one_of_four_serves_a_folder_with_a_database_in_it() {
    let folder = &folders(1, &configuration(None))[0];
    one_serves(&[folder.path(); NODES], IN_USE);
}

#[test]
fn one_of_four_serves_a_file_that_four_are_given() {
    let shared = Folder::new();
    let file = shared.path().join("shared.db");
    let url = format!("sqlite:{}", file.display());
    let folders = folders(NODES, &configuration(Some(&url)));
    let paths: Vec<&Path> = folders.iter().map(Folder::path).collect();
    one_serves(&paths, "in use by another Causette");
}

#[test]
fn one_of_four_serves_a_database_on_a_server() {
    on_servers(|engine| {
        let Some(database) = database(engine, "nodes") else {
            return;
        };
        let folders = folders(NODES, &configuration(Some(&database.url())));
        let paths: Vec<&Path> = folders.iter().map(Folder::path).collect();
        one_serves(&paths, "in use by another Causette");
        drop(folders);
    });
}

#[test]
fn one_of_four_serves_a_folder_whose_database_is_on_a_server() {
    on_servers(|engine| {
        let Some(database) = database(engine, "folder") else {
            return;
        };
        let folder = &folders(1, &configuration(Some(&database.url())))[0];
        one_serves(&[folder.path(); NODES], IN_USE);
    });
}
