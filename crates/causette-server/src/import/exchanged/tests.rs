//! A folder of files becomes files that everybody may fetch, once, whatever else lies in it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::config::Config;
use crate::data_dir::tests::Folder;
use crate::files::FILES;
use crate::files::depot::Depot;
use crate::import::tests::{config, is_whole, made, store};
use crate::import::{OfA, Program, Report, Wanted};
use causette_core::Core;
use causette_core::file::{FileChange, Visibility};
use causette_core::id::BatchId;
use causette_core::record::{Fact, Record, Who};
use causette_text::Language;
use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::time::{Duration, UNIX_EPOCH};

/// Seconds at which the oldest file was written.
const WRITTEN: u64 = 1_663_500_000;

fn of_a(folder: &Folder) -> Wanted {
    Wanted {
        program: Program::A(OfA {
            folders: vec![folder.0.join("Files")],
            ..OfA::default()
        }),
        room: None,
        dry_run: false,
        house: Language::En,
    }
}

/// Writes a file, so many days after the oldest.
fn write(folder: &Folder, name: &str, bytes: &[u8], days: u64) {
    let path = folder.0.join("Files").join(name);
    fs::write(&path, bytes).unwrap();
    let time = UNIX_EPOCH + Duration::from_secs(WRITTEN + days * 86_400);
    File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_modified(time)
        .unwrap();
}

fn folder() -> (Folder, Config) {
    let folder = Folder::new();
    fs::create_dir(folder.0.join("Files")).unwrap();
    let config = config(&folder.0);
    (folder, config)
}

fn kinds(report: &Report) -> Vec<(&str, &str)> {
    let problems = report.problems.iter();
    problems
        .map(|problem| (problem.file.as_str(), problem.kind()))
        .collect()
}

#[test]
fn a_folder_becomes_files_of_their_dates_once() {
    let (folder, config) = folder();
    write(&folder, "b plan.txt", b"a plan", 1);
    write(&folder, "a list.png", b"\x89PNG\r\n\x1a\n....", 3);
    write(&folder, "same.txt", b"a plan", 2);
    write(&folder, "empty", b"", 0);
    let look = Wanted {
        dry_run: true,
        ..of_a(&folder)
    };
    let looked = made(&config, &look);
    assert!(!config.data_dir.exists());
    let listed: Vec<_> = looked.files.iter().map(|file| &*file.name).collect();
    assert_eq!(listed, ["empty", "b plan.txt", "same.txt", "a list.png"]);
    for language in Language::ALL {
        let words = looked.words(language);
        assert!(
            words.contains("b plan.txt") && words.contains(" 4 "),
            "{words}"
        );
    }
    let report = made(&config, &of_a(&folder));
    assert_eq!((report.totals, kinds(&report)), (looked.totals, vec![]));
    assert_eq!(report.totals.files, 4);

    let store = store(&config);
    let snapshot = store.snapshot().unwrap();
    let files = snapshot.files.rows.clone();
    let names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, listed);
    assert!(files.iter().all(|file| file.owner.is_none()
        && file.visibility == Visibility::Public
        && file.path.is_none()));
    let kinds: Vec<_> = files.iter().map(|file| &*file.media_type).collect();
    assert_eq!(kinds[1..], ["text/plain", "text/plain", "image/png"]);
    // People are shown when they were written.
    let since = i64::try_from(WRITTEN * 1_000_000).unwrap();
    assert_eq!(files[0].since.0, since);
    let depot = Depot::open(&config.data_dir.join(FILES)).unwrap();
    let mut text = String::new();
    let mut content = depot.open_content(files[1].sha256).unwrap();
    content.read_to_string(&mut text).unwrap();
    assert_eq!(text, "a plan");
    assert_eq!(fs::read_dir(depot.arrivals()).unwrap().count(), 0);
    let entered = store.reader().unwrap().entries(0, 100).unwrap();
    let entered = entered.iter().filter(|entry| entry.kind == "fichier.depot");
    assert_eq!(entered.count(), 4);
    let core = Core::new(config.settings.clone(), snapshot, 1);
    assert_eq!(core.snapshot().files.rows, files);
    drop(store);
    is_whole(&config);

    let again = made(&config, &of_a(&folder));
    assert!(again.is_nothing_new() && again.totals.files_known == 4);
    write(&folder, "c.txt", b"new", 4);
    let more = made(&config, &of_a(&folder));
    assert_eq!((more.totals.files, more.totals.files_known), (1, 4));
    is_whole(&config);
}

#[test]
fn what_cannot_be_taken_is_told_file_by_file_and_the_rest_is() {
    let (folder, mut config) = folder();
    config.settings.files.file_bytes = 10;
    let files = folder.0.join("Files");
    write(&folder, "a.txt", b"whole", 0);
    write(&folder, "large.bin", b"eleven bytes", 0);
    write(&folder, "con?.txt", b"name", 0);
    write(&folder, ".hidden", b"dot", 0);
    let latin = std::ffi::OsStr::from_bytes(b"caf\xe9.txt");
    fs::write(files.join(latin), "latin").unwrap();
    fs::create_dir(files.join("private")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", files.join("link.txt")).unwrap();
    std::os::unix::net::UnixListener::bind(files.join("socket")).unwrap();
    let report = made(&config, &of_a(&folder));
    let mut told = kinds(&report);
    told.sort_unstable();
    let left_out: Vec<_> = told
        .iter()
        .filter(|(_, kind)| *kind != "file-name")
        .collect();
    assert_eq!(
        left_out,
        [
            &("large.bin", "file-too-large"),
            &("link.txt", "file-link"),
            &("private", "file-folder"),
            &("socket", "file-special"),
        ]
    );
    assert_eq!((report.left_out(), report.totals.files), (4, 4));
    assert!(told.contains(&("con?.txt", "file-name")), "{told:?}");
    for language in Language::ALL {
        let words = report.words(language);
        assert!(
            words.contains("link.txt") && !words.contains("import-"),
            "{words}"
        );
    }
    is_whole(&config);
}

#[test]
fn a_folder_that_is_not_there_is_told_and_nothing_is_made() {
    let (folder, config) = folder();
    fs::remove_dir(folder.0.join("Files")).unwrap();
    let refused = crate::import::run(&config, &of_a(&folder), |_| {});
    let told = refused.unwrap_err().to_string();
    assert!(told.contains("Files cannot be read"), "{told}");
    assert!(!config.data_dir.exists());
}

#[test]
fn a_file_that_was_removed_since_is_not_brought_back() {
    let (folder, config) = folder();
    write(&folder, "a.txt", b"a plan", 0);
    made(&config, &of_a(&folder));
    let store = store(&config);
    let snapshot = store.snapshot().unwrap();
    let change = FileChange::Removed {
        reason: "not ours".into(),
    };
    let removed = Record {
        time: snapshot.last_time,
        steady: snapshot.last_steady,
        session: None,
        by: Who::System("root".into()),
        fact: Fact::FileChanged {
            file: snapshot.files.rows[0].id,
            change,
        },
    };
    let mut writer = store.writer().unwrap();
    writer.append(BatchId(1), &[removed]).unwrap();
    writer.close().unwrap();
    drop(store);
    let again = made(&config, &of_a(&folder));
    assert!(again.is_nothing_new() && again.totals.files_gone == 1);
    is_whole(&config);
}
