//! Backups that are whole as files, and are not what they should be.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::backup::archive::Packer;
use crate::backup::{Lacking, Made, Overwrite, Why, make};
use crate::data_dir::tests::Folder;
use crate::files::FILES;
use crate::files::depot::{self, Depot};
use causette_core::file::{FileChange, FileKey, PermitKey, Visibility};
use causette_core::id::{BatchId, FileId};
use causette_core::record::{Fact, Record, Who};
use causette_proto::{FileName, Timestamp};
use causette_store::Writer;

fn record(fact: Fact) -> Record {
    Record {
        time: Timestamp(1),
        steady: Timestamp(1),
        session: None,
        by: Who::Server,
        fact,
    }
}

/// A folder with the data of a server and a backup of it.
fn backed_up() -> (Folder, Config) {
    let folder = Folder::new();
    let config = Config {
        data_dir: folder.0.join("data"),
        ..Config::default()
    };
    fs::create_dir(&config.data_dir).unwrap();
    let store = Store::open(config.database()).unwrap();
    let stopped = record(Fact::ServerStopped {
        reason: "for the night".into(),
    });
    let mut writer = store.writer().unwrap();
    writer.append(BatchId(1), &[stopped]).unwrap();
    writer.close().unwrap();
    let file = folder.0.join("backup.tar");
    make(&config, &file, Overwrite::Refused, |_| true).unwrap();
    (folder, config)
}

/// Packs a backup anew, with another manifest or another database in it.
fn repacked(
    folder: &Folder,
    change: impl FnOnce(&mut Manifest),
    sql: &str,
) -> Result<Held, Undone> {
    let file = folder.0.join("backup.tar");
    let mut unpacker = Unpacker::new(File::open(&file).unwrap());
    let mut files = Vec::new();
    while let Some(member) = unpacker.next().unwrap() {
        let mut bytes = Vec::new();
        unpacker.body(&member, &mut bytes).unwrap();
        files.push((member.name, bytes));
    }
    let mut manifest = serde_json::from_slice(&files[0].1).unwrap();
    change(&mut manifest);
    files[0].1 = serde_json::to_vec(&manifest).unwrap();
    if !sql.is_empty() {
        let unpacked = folder.0.join(DATABASE);
        fs::write(&unpacked, &files[1].1).unwrap();
        let connection = rusqlite::Connection::open(&unpacked).unwrap();
        assert_eq!(connection.execute(sql, []).unwrap(), 1);
        drop(connection);
        files[1].1 = fs::read(&unpacked).unwrap();
        fs::remove_file(&unpacked).unwrap();
    }
    let mut packer = Packer::new(Vec::new(), 1);
    for (name, bytes) in &files {
        packer
            .add(name, bytes.len() as u64, &mut bytes.as_slice())
            .unwrap();
    }
    let changed = folder.0.join("changed.tar");
    fs::write(&changed, packer.finish().unwrap().2).unwrap();
    verify(&changed, Language::En, |_| {})
}

fn damaged(result: Result<Held, Undone>) -> String {
    match result {
        Err(Undone::Damaged(text)) => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_backup_whose_database_is_not_what_it_says_is_found() {
    let (folder, _) = backed_up();
    assert_eq!(repacked(&folder, |_| {}, "").unwrap().entries, 1);
    let more = |manifest: &mut Manifest| {
        manifest.tables.insert("message".to_owned(), 7);
    };
    let told = damaged(repacked(&folder, more, ""));
    assert!(
        told.contains("says of message") && told.contains(" 7"),
        "{told}"
    );
    let other = |manifest: &mut Manifest| manifest.last_commitment = Some("00".repeat(32));
    let told = damaged(repacked(&folder, other, ""));
    assert!(told.contains("register_entry"), "{told}");
    let told = damaged(repacked(
        &folder,
        |_| {},
        "UPDATE register_entry SET type = 'serveur.demarrage'",
    ));
    assert!(told.contains("not sound"), "{told}");
}

#[test]
fn a_backup_of_a_newer_version_is_refused_and_leaves_nothing() {
    let (folder, mut config) = backed_up();
    let refused = repacked(&folder, |manifest| manifest.schema = 99, "");
    let Err(Undone::Refused(told)) = refused else {
        panic!("{refused:?}");
    };
    assert!(told.contains("form 99") && told.contains("newer"), "{told}");
    config.data_dir = folder.0.join("restored");
    let refused = restore(&folder.0.join("changed.tar"), &config, |_| {});
    assert!(matches!(refused, Err(Undone::Refused(_))), "{refused:?}");
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 3);
    restore(&folder.0.join("backup.tar"), &config, |_| {}).unwrap();
    assert_eq!(fs::read_dir(&config.data_dir).unwrap().count(), 1);
}

/// A server with files, of which the third has the bytes of the second, and the fourth is offered out of a folder.
fn with_files() -> (Folder, Config, Writer, [Digest; 2]) {
    let folder = Folder::new();
    let config = Config {
        data_dir: folder.0.join("data"),
        ..Config::default()
    };
    fs::create_dir(&config.data_dir).unwrap();
    let depot = Depot::open(&config.data_dir.join(FILES)).unwrap();
    let contents = ["a plan", "a list"].map(|text| {
        let sha256 = Digest::parse(&crate::identity::fingerprint::sha256(text.as_bytes()));
        let sha256 = sha256.unwrap();
        let incoming = depot.incoming(PermitKey([7; 16]));
        fs::write(&incoming, text).unwrap();
        depot.keep(&incoming, sha256).unwrap();
        fs::remove_file(incoming).unwrap();
        sha256
    });
    let store = Store::open(config.database()).unwrap();
    let mut writer = store.writer().unwrap();
    let [plan, list] = contents;
    let of = [
        (plan, None),
        (list, None),
        (list, None),
        (Digest([9; 32]), Some("x")),
    ];
    let records: Vec<Record> = (1..)
        .zip(of)
        .map(|(number, (sha256, path))| {
            record(Fact::FileAdded {
                file: Box::new(causette_core::file::File {
                    id: FileId(number),
                    key: FileKey([u8::try_from(number).unwrap(); 16]),
                    owner: None,
                    name: FileName::nearest(&format!("{number}.txt")),
                    media_type: "text/plain".into(),
                    size: 6,
                    sha256,
                    says_beside: false,
                    visibility: Visibility::Public,
                    closed: None,
                    granted: Vec::new(),
                    path: path.map(Into::into),
                    aside: None,
                    since: Timestamp(1),
                    until: None,
                }),
                verdict: None,
                from: None,
            })
        })
        .collect();
    writer.append(BatchId(1), &records).unwrap();
    (folder, config, writer, contents)
}

fn made(folder: &Folder, config: &Config) -> Made {
    let file = folder.0.join("backup.tar");
    make(config, &file, Overwrite::Allowed, |_| true).unwrap()
}

#[test]
fn files_are_in_a_backup_and_come_back_with_it() {
    let (folder, mut config, _writer, [plan, list]) = with_files();
    let made = made(&folder, &config);
    assert_eq!(
        (made.contents.count, &made.contents.lacking[..]),
        (2, &[][..])
    );
    let verified = verify(&made.file, Language::En, |_| {}).unwrap();
    assert_eq!(verified.contents, made.contents);
    config.data_dir = folder.0.join("restored");
    let held = restore(&made.file, &config, |_| {}).unwrap();
    assert_eq!(held.contents, made.contents);
    for (content, text) in [(plan, "a plan"), (list, "a list")] {
        let place = config.data_dir.join(FILES).join(depot::name_of(content));
        assert_eq!(fs::read_to_string(place).unwrap(), text);
    }
    // What a server that begins there finds.
    let depot = Depot::open(&config.data_dir.join(FILES)).unwrap();
    assert!(depot.open_content(plan).is_ok());
}

#[test]
fn a_content_that_is_removed_meanwhile_is_told_and_the_others_are_there() {
    let (folder, config, mut writer, [plan, _]) = with_files();
    let depot = Depot::open(&config.data_dir.join(FILES)).unwrap();
    let file = folder.0.join("backup.tar");
    let mut is_removed = false;
    let made = make(&config, &file, Overwrite::Refused, |percent| {
        if percent >= 40 && !is_removed {
            is_removed = true;
            let change = FileChange::Removed { reason: "".into() };
            let file = FileId(1);
            let removed = record(Fact::FileChanged { file, change });
            writer.append(BatchId(2), &[removed]).unwrap();
            depot.forget(plan).unwrap();
        }
        true
    })
    .unwrap();
    let lacking = |why| Lacking {
        file: 1,
        name: "1.txt".to_owned(),
        why,
    };
    assert_eq!(made.contents.lacking, [lacking(Why::Removed)]);
    assert!(made.contents.count == 1 && made.contents.is_whole());
    // In the backup it is a file that has nothing.
    let held = verify(&file, Language::En, |_| {}).unwrap();
    assert_eq!(held.contents.lacking, [lacking(Why::Lost)]);
    for language in Language::ALL {
        let words = made.contents.words(language).concat();
        assert!(words.contains("1.txt"), "{words}");
    }
}

#[test]
fn a_content_that_is_lost_or_damaged_is_told_and_not_put_back() {
    let (folder, mut config, _writer, [plan, list]) = with_files();
    let place = |content| config.data_dir.join(FILES).join(depot::name_of(content));
    fs::remove_file(place(plan)).unwrap();
    fs::write(place(list), "a lost").unwrap();
    let made = made(&folder, &config);
    let lacking = |file, why| Lacking {
        file,
        name: format!("{file}.txt"),
        why,
    };
    let mut expected = vec![lacking(1, Why::Lost), lacking(2, Why::Damaged)];
    expected.sort_by_key(|lacking| if lacking.file == 1 { plan } else { list });
    assert_eq!(made.contents.lacking, expected);
    assert!(made.contents.count == 0 && !made.contents.is_whole());
    let damaged = place(list);
    config.data_dir = folder.0.join("restored");
    let held = restore(&made.file, &config, |_| {}).unwrap();
    assert_eq!(held.contents, made.contents);
    let restored = config.data_dir.join(FILES).join(depot::name_of(list));
    assert!(damaged.exists() && !restored.exists());
}

#[test]
fn a_backup_of_an_earlier_format_is_read() {
    let (folder, _) = backed_up();
    let file = folder.0.join("backup.tar");
    let mut unpacker = Unpacker::new(File::open(&file).unwrap());
    let mut packer = Packer::new(Vec::new(), 1);
    while let Some(member) = unpacker.next().unwrap() {
        let mut bytes = Vec::new();
        unpacker.body(&member, &mut bytes).unwrap();
        let name = match member.name == manifest::name() {
            true => "causette-backup-1.json",
            false => &member.name,
        };
        packer
            .add(name, bytes.len() as u64, &mut bytes.as_slice())
            .unwrap();
    }
    fs::write(&file, packer.finish().unwrap().2).unwrap();
    let held = verify(&file, Language::En, |_| {}).unwrap();
    assert_eq!(held.entries, 1);
}
