//! Backups that are whole as files, and are not what they should be.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::backup::archive::Packer;
use crate::backup::{Overwrite, make};
use crate::data_dir::tests::Folder;
use causette_core::id::BatchId;
use causette_core::record::{Fact, Record, Who};
use causette_proto::Timestamp;

/// A folder with the data of a server and a backup of it.
fn backed_up() -> (Folder, Config) {
    let folder = Folder::new();
    let config = Config {
        data_dir: folder.0.join("data"),
        ..Config::default()
    };
    fs::create_dir(&config.data_dir).unwrap();
    let store = Store::open(config.database()).unwrap();
    let stopped = Record {
        time: Timestamp(1),
        steady: Timestamp(1),
        session: None,
        by: Who::Server,
        fact: Fact::ServerStopped {
            reason: "for the night".into(),
        },
    };
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
