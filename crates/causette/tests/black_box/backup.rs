//! `causette backup` and `causette restore`: beside a server under load, of damaged files, of folders that do not fit, and by the
//! server's own pace.

use crate::load::{TALKERS, configuration, sign_in, sign_up};
use crate::support::{Client, Folder, QUICK, Server, causette, run};
use rustix::process::{Pid, Signal, kill_process};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// How long a backup that is due may take.
const WAIT: Duration = Duration::from_secs(60);

/// Runs the program in a folder; gives its exit code and what it said.
fn told(folder: &Folder, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = run(folder.path(), arguments, "");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[track_caller]
fn refused(folder: &Folder, arguments: &[&str], code: i32, part: &str) {
    let (found, out, error) = told(folder, arguments);
    assert_eq!((found, &*out), (Some(code), ""), "{error}");
    assert!(error.contains(part), "{error}");
}

#[track_caller]
pub(crate) fn done(folder: &Folder, arguments: &[&str]) -> String {
    let (code, out, error) = told(folder, arguments);
    assert_eq!((code, &*error), (Some(0), ""), "{out}");
    out
}

/// Waits until something is there.
#[track_caller]
fn wait_for<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = attempt() {
            return found;
        }
        assert!(begun.elapsed() < WAIT, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Everything that was said in the room, with ids and times.
fn history(client: &mut Client) -> Vec<String> {
    let answer = client.ask("CHATHISTORY LATEST #general * 1000");
    let said = answer.into_iter().filter(|line| line.contains(" PRIVMSG "));
    // What differs is only in which batch it comes.
    said.map(|line| {
        let (tags, rest) = line.split_once(' ').unwrap();
        let tags = tags
            .split(';')
            .filter(|tag| !tag.trim_start_matches('@').starts_with("batch"));
        format!("{} {rest}", tags.collect::<Vec<_>>().join(";"))
    })
    .collect()
}

fn entries(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_backup_under_load_is_whole_and_what_is_restored_is_the_same_server() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), &configuration());
    sign_up(&server);
    let fingerprint = server.fingerprint.clone();
    let mut talkers = TALKERS.map(|name| sign_in(&server, name));
    for number in 0..50 {
        for talker in &mut talkers {
            talker.ask(&format!("PRIVMSG #general :before {number}"));
        }
    }
    let (stop, stopped) = std::sync::mpsc::sync_channel::<()>(1);
    let mut speaker = talkers.into_iter().next().unwrap();
    let talking = std::thread::spawn(move || {
        let mut number = 0;
        while stopped.try_recv().is_err() {
            speaker.ask(&format!("PRIVMSG #general :meanwhile {number}"));
            number += 1;
        }
        speaker
    });
    let out = done(&folder, &["backup", "backup.tar"]);
    assert!(
        out.contains("SHA-256") && out.contains("It is entry "),
        "{out}"
    );
    stop.send(()).unwrap();
    let mut speaker = talking.join().unwrap();
    let before = history(&mut speaker);

    let mode = std::fs::metadata(folder.path().join("backup.tar")).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::mode(&mode.permissions());
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(
        entries(folder.path()),
        ["backup.tar", "causette-data", "causette.toml"]
    );
    let verified = done(&folder, &["backup", "--verify", "backup.tar"]);
    assert!(verified.contains("is whole"), "{verified}");
    refused(&folder, &["backup", "backup.tar"], 1, "is there already");
    done(&folder, &["backup", "--force", "backup.tar"]);
    refused(&folder, &["restore", "backup.tar"], 1, "A server runs");
    server.signal(Signal::TERM);
    assert_eq!(server.wait().0.code(), Some(0));
    refused(&folder, &["restore", "backup.tar"], 1, "is not empty");

    let aside = folder.path().join("aside");
    std::fs::rename(folder.path().join("causette-data"), aside).unwrap();
    let restored = done(&folder, &["restore", "backup.tar"]);
    assert!(restored.contains("The backup is in "), "{restored}");
    let data = entries(&folder.path().join("causette-data"));
    assert_eq!(
        data,
        ["causette.db", "certificate.pem", "cloak.key", "key.pem"]
    );
    let server = Server::start(folder.path(), &configuration());
    assert_eq!(server.fingerprint, fingerprint);
    let mut alice = sign_in(&server, "alice");
    let after = history(&mut alice);
    assert!(after.len() > 200, "{}", after.len());
    assert_eq!(before[..after.len().min(before.len())], after[..]);
}

#[test]
fn a_backup_of_a_stopped_server_is_made_and_tells_that_it_is_not_entered() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    server.plain().sign_up("alice");
    server.signal(Signal::TERM);
    server.wait();
    let out = done(&folder, &["backup", "backup.tar"]);
    assert!(out.contains("not entered"), "{out}");
    let out = done(
        &folder,
        &["--lang", "fr", "backup", "--verify", "backup.tar"],
    );
    assert!(out.contains("est entière"), "{out}");
    done(&folder, &["restore", "backup.tar", "--data-dir", "other"]);
    assert!(folder.path().join("other/key.pem").exists());
}

#[test]
fn what_is_in_the_way_of_a_backup_is_told() {
    let folder = Folder::new();
    refused(
        &folder,
        &["backup", "backup.tar"],
        1,
        "there is no database",
    );
    let server = Server::start(folder.path(), QUICK);
    server.signal(Signal::TERM);
    server.wait();
    for (file, part) in [
        ("causette-data/backup.tar", "in the data folder"),
        ("nowhere/backup.tar", "no such"),
        ("causette-data", "folder"),
    ] {
        let (code, out, error) = told(&folder, &["backup", file]);
        assert_eq!((code, &*out), (Some(1), ""), "{file}: {error}");
        assert!(error.to_lowercase().contains(part), "{file}: {error}");
    }
    // Nothing is ever written there, whoever asks.
    refused(
        &folder,
        &["backup", "/proc/backup.tar"],
        1,
        "/proc/backup.tar",
    );
    refused(&folder, &["backup", "/dev/full/backup.tar"], 1, "/dev/full");
    assert_eq!(entries(folder.path()), ["causette-data", "causette.toml"]);
}

#[test]
fn a_damaged_backup_is_found_whatever_is_wrong_with_it() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    server.plain().sign_up("alice");
    done(&folder, &["backup", "backup.tar"]);
    drop(server);
    let whole = std::fs::read(folder.path().join("backup.tar")).unwrap();
    let damaged = |bytes: &[u8]| {
        std::fs::write(folder.path().join("damaged.tar"), bytes).unwrap();
        let (code, out, error) = told(&folder, &["backup", "--verify", "damaged.tar"]);
        assert_eq!((code, &*out), (Some(9), ""), "{error}");
        error
    };
    for part in 0..24 {
        let mut changed = whole.clone();
        changed[whole.len() * part / 24] ^= 1 << (part % 8);
        damaged(&changed);
        damaged(&whole[..whole.len() * part / 24]);
    }
    assert!(damaged(&whole[..whole.len() - 1]).contains("too early"));
    assert!(
        damaged(b"nothing of ours, but long enough".repeat(64).as_slice()).contains("no backup")
    );
    let mut newer = whole.clone();
    let digit = b"causette-backup-".len();
    newer[digit] += 1;
    // With the sum of its header, as another version writes it.
    let sum: u32 = newer[..148]
        .iter()
        .chain(&newer[156..512])
        .map(|byte| u32::from(*byte))
        .sum();
    newer[148..156].copy_from_slice(format!("{:06o}\0 ", sum + 8 * 32).as_bytes());
    std::fs::write(folder.path().join("newer.tar"), newer).unwrap();
    refused(&folder, &["backup", "--verify", "newer.tar"], 1, "format 3");
    refused(
        &folder,
        &["restore", "damaged.tar", "--data", "other"],
        9,
        "no backup",
    );
    assert!(!folder.path().join("other").exists());
    let left = [
        "backup.tar",
        "causette-data",
        "causette.toml",
        "damaged.tar",
        "newer.tar",
    ];
    assert_eq!(entries(folder.path()), left);
}

#[test]
fn a_standard_tar_unpacks_a_backup_and_sha256sum_checks_it() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    server.plain().sign_up("alice");
    done(&folder, &["backup", "backup.tar"]);
    let script = "mkdir out && cd out && tar xf ../backup.tar && sha256sum -c --quiet SHA256SUMS";
    let status = std::process::Command::new("sh")
        .args(["-c", script])
        .current_dir(folder.path())
        .status()
        .unwrap();
    assert!(status.success());
    assert!(folder.path().join("out/causette.db").exists());
}

#[test]
fn an_interrupted_backup_leaves_nothing_and_one_that_was_killed_is_taken_over() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    server.plain().sign_up("alice");
    let part = folder.path().join("backup.tar.part");
    for (signal, left) in [(Signal::INT, false), (Signal::KILL, true)] {
        let mut backup = causette(folder.path(), &["backup", "backup.tar"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // It may have been quicker than the signal.
        wait_for("no backup begins", || {
            let ended = backup.try_wait().unwrap().is_some();
            (ended || part.exists()).then_some(())
        });
        if backup.try_wait().unwrap().is_some() {
            std::fs::remove_file(folder.path().join("backup.tar")).unwrap();
            continue;
        }
        kill_process(Pid::from_child(&backup), signal).unwrap();
        let ended = backup.wait().unwrap();
        // It may have been quicker than the signal.
        if !ended.success() {
            assert!(left || !part.exists(), "{ended}");
            assert!(!folder.path().join("backup.tar").exists());
        }
        let _ = std::fs::remove_file(folder.path().join("backup.tar"));
    }
    done(&folder, &["backup", "backup.tar"]);
    assert!(!part.exists());
}

#[test]
fn the_server_makes_one_soon_after_its_start_where_it_is_due_and_keeps_as_many_as_it_is_told() {
    let folder = Folder::new();
    let to = folder.path().join("backups");
    std::fs::create_dir(&to).unwrap();
    let foreign = to.join("causette-2020-01-01-000000.tar");
    std::fs::write(&foreign, "somebody else's").unwrap();
    let configuration =
        format!("{QUICK}[backup]\nevery = \"1m\"\nfolder = \"backups\"\nkeep = 1\n");
    let made = |known: &[PathBuf]| {
        wait_for("no backup is made", || {
            let mut files = entries(&to).into_iter().map(|name| to.join(name));
            files.find(|file| {
                let is_tar = file.extension().is_some_and(|end| end == "tar");
                is_tar && *file != foreign && !known.contains(file)
            })
        })
    };
    let status = |part: &str| {
        wait_for(part, || {
            let status = done(&folder, &["admin", "status"]);
            status.contains(part).then_some(status)
        })
    };
    let list = folder.path().join("causette-data/backups");
    // As if the server had been off for an hour.
    let age = || {
        let listed = std::fs::read_to_string(&list).unwrap();
        let (time, path) = listed.trim_end().split_once(' ').unwrap();
        let earlier = time.parse::<i64>().unwrap() - 3_600_000_000;
        std::fs::write(&list, format!("{earlier} {path}\n")).unwrap();
    };
    let server = Server::start(folder.path(), &configuration);
    server.plain().sign_up("alice");
    let first = made(&[]);
    let told = status("Last backup: ");
    assert!(told.contains(first.to_str().unwrap()), "{told}");
    done(&folder, &["backup", "--verify", first.to_str().unwrap()]);
    server.signal(Signal::TERM);
    let log = server.wait().1;
    assert!(
        log.contains("\"backup.made\"") && log.contains("\"entry\":"),
        "{log}"
    );

    age();
    let server = Server::start(folder.path(), &configuration);
    let second = made(std::slice::from_ref(&first));
    wait_for("the first stays", || (!first.exists()).then_some(()));
    assert!(second.exists() && foreign.exists());
    status(second.to_str().unwrap());
    server.signal(Signal::TERM);
    server.wait();

    // A failure is told, and the server goes on.
    age();
    std::fs::rename(&to, folder.path().join("moved")).unwrap();
    let server = Server::start(folder.path(), &configuration);
    status("The next one failed: ");
    server.plain().register("bob");
}
