//! What the doctor says of a full disk, an old certificate, a low limit, and of a server that is well.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
use super::*;
use crate::data_dir::DataDir;
use crate::data_dir::tests::Folder;
use crate::identity::certificate::tests::ours;
use causette_core::file::Digest;
use causette_core::id::FileId;
use causette_core::limits::{WAL_BYTES_MAX, WAL_BYTES_TOLD};
use causette_core::settings::Registration;
use causette_store::{Content, Health, Keeps, Pages, Setting, Store};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

const NOW: Timestamp = Timestamp(1_800_000_000_000_000);
const DAY: i64 = 24 * 3600;

fn shown(days: i64) -> Shown {
    Shown {
        end: NOW.plus_seconds(days * DAY),
        self_signed: false,
        trusted: true,
    }
}

/// Everything that can be found.
fn every() -> Vec<Finding> {
    let config = Config::default();
    let here = Path::new("/srv/chat");
    let hour = Some(Duration::from_secs(3600));
    let ago = |hours: i64| Some(NOW.plus_seconds(-hours * 3600));
    let mut all = vec![
        house::configuration(&[], Some(here)),
        house::configuration(&[], None),
        house::configuration(&["a.b: wrong".to_owned()], None),
        folder::owner(here, (0o40_700, 5), 5),
        folder::owner(here, (0o40_755, 5), 5),
        folder::owner(here, (0o40_700, 5), 6),
        folder::space(0),
        folder::space(500 << 20),
        folder::space(5 << 30),
        folder::files(0),
        folder::files(1000),
        folder::files(1 << 20),
        folder::socket(0o600),
        folder::socket(0o666),
        machine::files(None, None),
        machine::files(Some(1 << 16), Some(10)),
        machine::files(Some(512), Some(10)),
        machine::files(Some(1 << 16), Some(60_000)),
        machine::memory(0),
        machine::memory(100 << 20),
        machine::memory(1 << 30),
        certificate::end(shown(90), NOW),
        certificate::end(shown(10), NOW),
        certificate::end(shown(0), NOW),
        certificate::trusted(shown(1), "chat.example.org"),
        certificate::trusted(
            Shown {
                trusted: false,
                ..shown(1)
            },
            "chat.example.org",
        ),
        certificate::trusted(
            Shown {
                self_signed: true,
                ..shown(1)
            },
            "chat.example.org",
        ),
        certificate::key(0o600),
        certificate::key(0o640),
        certificate::key(0o644),
        database::pages(&Pages::Whole),
        database::pages(&Pages::Unfinished),
        database::pages(&Pages::Damaged("page 7".to_owned())),
        database::log(0),
        database::log(WAL_BYTES_TOLD),
        database::log(WAL_BYTES_MAX),
        database::recording(false, false),
        database::recording(true, false),
        database::recording(true, true),
        house::backups(None, None, None, NOW),
        house::backups(hour, None, None, NOW),
        house::backups(hour, ago(1), None, NOW),
        house::backups(hour, ago(3), None, NOW),
        house::backups(hour, ago(1), Some("full"), NOW),
        house::owners(0),
        house::owners(2),
        doors::door(([127, 0, 0, 1], 52_020).into(), true),
        doors::door(([127, 0, 0, 1], 52_020).into(), false),
        doors::public(None, false),
        doors::public(Some(6697), true),
        doors::public(Some(6697), false),
    ];
    let lost = Content {
        sha256: Digest([7; 32]),
        file: FileId(12),
        name: "plan.pdf".to_owned(),
    };
    all.extend(folder::kept(3, &[]));
    all.extend(folder::kept(3, &[lost]));
    assert_eq!(folder::kept(0, &[]), None);
    let keeps = [
        Keeps::Words,
        Keeps::Commits,
        Keeps::Pages,
        Keeps::Damage,
        Keeps::Copies,
        Keeps::Characters,
        Keeps::Moments,
        Keeps::Batches,
        Keeps::Writing,
    ];
    let unmet = keeps.map(|keeps| setting(keeps, false, true));
    assert_eq!(database::settings(&unmet).len(), unmet.len());
    all.extend(database::settings(&unmet));
    all.extend(database::settings(&[setting(Keeps::Words, true, true)]));
    all.extend(machine::clock(NOW, None, Some(2), Some(false)));
    all.extend(machine::clock(NOW, ago(-5), Some(0), Some(true)));
    all.extend(machine::clock(Timestamp(0), None, None, None));
    let mut told = config.clone();
    told.settings.rules = "Be kind".into();
    told.settings.contact = "root@example.org".into();
    for config in [&config, &told] {
        all.extend(house::sign_ups(Registration::Open, config));
    }
    assert_eq!(house::sign_ups(Registration::Closed, &config), None);
    all
}

/// This machine's disk is the last to look at where the database is on another.
#[test]
fn what_is_not_recorded_on_a_server_is_not_told_of_the_disk() {
    for (language, word) in [(Language::En, "disk"), (Language::Fr, "disque")] {
        let told = |is_on_server| {
            let finding = database::recording(true, is_on_server);
            let advice = finding.advice(language).unwrap();
            format!("{} {advice}", finding.sentence(language))
        };
        assert!(told(false).contains(word), "{}", told(false));
        assert!(!told(true).contains(word), "{}", told(true));
    }
}

fn setting(keeps: Keeps, is_met: bool, is_needed: bool) -> Setting {
    Setting {
        name: "fsync",
        found: "off".to_owned(),
        needed: "on",
        is_met,
        keeps,
        is_needed,
    }
}

#[test]
fn what_a_database_server_is_set_to_is_wrong_or_could_be_better() {
    let told = |settings: &[Setting]| {
        let findings = database::settings(settings).into_iter();
        findings
            .map(|finding| (finding.key, finding.verdict))
            .collect::<Vec<_>>()
    };
    let version = setting(Keeps::Words, true, true);
    let commits = setting(Keeps::Commits, false, true);
    let copies = setting(Keeps::Copies, false, false);
    assert_eq!(told(&[]), [], "nothing is asked of a file");
    assert_eq!(
        told(std::slice::from_ref(&version)),
        [("doctor-settings", Verdict::Well)]
    );
    assert_eq!(
        told(&[version, commits, copies]),
        [
            ("doctor-settings-commits", Verdict::Wrong),
            ("doctor-settings-copies", Verdict::Hint)
        ]
    );
}

#[test]
fn each_finding_has_its_sentence_and_what_to_do_in_both_languages() {
    for finding in every() {
        let [en, fr] = Language::ALL.map(|language| finding.sentence(language));
        assert!(!en.contains(finding.key), "{en}");
        assert_ne!(en, fr, "{finding:?}");
        let [en, fr] = Language::ALL.map(|language| finding.advice(language));
        let is_ill = matches!(finding.verdict, Verdict::Hint | Verdict::Wrong);
        assert_eq!(
            (en.is_some(), fr.is_some()),
            (is_ill, is_ill),
            "{finding:?}"
        );
        if let Some((en, fr)) = en.zip(fr) {
            assert!(!en.contains(finding.key), "{en}");
            assert_ne!(en, fr, "{finding:?}");
        }
    }
}

#[test]
fn what_is_wrong_is_told_from_what_could_be_better() {
    let verdict = |finding: Finding| finding.verdict;
    assert_eq!(verdict(folder::space(10 << 20)), Verdict::Wrong);
    assert_eq!(verdict(folder::space(500 << 20)), Verdict::Hint);
    assert_eq!(verdict(certificate::end(shown(0), NOW)), Verdict::Wrong);
    assert_eq!(verdict(certificate::end(shown(13), NOW)), Verdict::Hint);
    assert_eq!(verdict(certificate::end(shown(15), NOW)), Verdict::Well);
    assert_eq!(verdict(machine::files(Some(256), None)), Verdict::Hint);
    let ahead = Some(NOW.plus_seconds(DAY));
    let clock = machine::clock(NOW, ahead, None, None);
    assert_eq!(verdict(clock[0].clone()), Verdict::Wrong);
    let hint = [folder::space(500 << 20)];
    assert!(is_well(&hint));
    assert!(lines(&hint, Language::En).contains("  ! "));
    let wrong = [folder::space(0)];
    assert!(!is_well(&wrong));
    assert!(lines(&wrong, Language::En).contains("  ✗ "));
    let data = data(&wrong, Language::En);
    assert_eq!(data["well"], false);
    assert_eq!(data["findings"][0]["check"], "disk");
    assert_eq!(data["findings"][0]["finding"], "disk-full");
    assert_eq!(data["findings"][0]["values"]["mebibytes"], "0");
}

#[test]
fn memory_is_read_as_the_kernel_tells_it() {
    let told = "MemTotal:        8000 kB\nMemAvailable:    4000 kB\n";
    assert_eq!(machine::available(told), Some(4_096_000));
    assert_eq!(machine::available("MemTotal: 1 kB\n"), None);
    assert_eq!(machine::available("MemAvailable: many kB\n"), None);
}

fn found(findings: &[Finding], check: &str) -> Verdict {
    let finding = findings.iter().find(|finding| finding.check == check);
    finding
        .unwrap_or_else(|| panic!("{check}: {findings:?}"))
        .verdict
}

#[test]
fn a_server_that_does_not_run_is_looked_at_all_the_same() {
    let folder = Folder::new();
    let config = Config {
        data_dir: folder.0.join("data"),
        ..Config::default()
    };
    let before = examine_stopped(&config);
    assert_eq!(found(&before, "folder"), Verdict::Hint);
    assert_eq!(found(&before, "database"), Verdict::Hint);
    assert_eq!(found(&before, "server"), Verdict::Unseen);
    assert!(is_well(&before), "{before:?}");
    assert!(!config.data_dir.exists(), "nothing is made");

    drop(DataDir::claim(&config.data_dir, Language::En).unwrap());
    drop(Store::open(config.database()).unwrap());
    let after = examine_stopped(&config);
    for check in ["folder", "write", "database", "database-log"] {
        assert_eq!(found(&after, check), Verdict::Well, "{check}");
    }
    assert_eq!(found(&after, "owner"), Verdict::Hint);
    assert_eq!(found(&after, "sign-ups"), Verdict::Hint);
    let left: Vec<_> = std::fs::read_dir(&config.data_dir)
        .unwrap()
        .map(|file| file.unwrap().file_name())
        .filter(|name| name.to_string_lossy().contains("doctor"))
        .collect();
    assert!(left.is_empty(), "{left:?}");

    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&config.data_dir, open).unwrap();
    assert_eq!(found(&examine_stopped(&config), "folder"), Verdict::Wrong);
    let foreign = Config {
        database: folder.0.join("letters").into(),
        ..config
    };
    std::fs::write(folder.0.join("letters"), "no database at all").unwrap();
    assert_eq!(
        found(&examine_stopped(&foreign), "database"),
        Verdict::Wrong
    );
}

#[test]
fn the_certificate_of_a_server_that_does_not_run_is_read_and_left_alone() {
    let folder = Folder::new();
    let config = Config {
        data_dir: folder.0.clone(),
        ..Config::default()
    };
    let none = examine_stopped(&config);
    assert_eq!(found(&none, "certificate"), Verdict::Hint);
    ours(&folder);
    let made = examine_stopped(&config);
    assert_eq!(found(&made, "certificate"), Verdict::Well);
    assert_eq!(found(&made, "trust"), Verdict::Hint);
    assert_eq!(found(&made, "key"), Verdict::Well);
    let key = folder.0.join("key.pem");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(found(&examine_stopped(&config), "key"), Verdict::Wrong);
    std::fs::remove_file(&key).unwrap();
    assert_eq!(found(&examine_stopped(&config), "key"), Verdict::Wrong);
    std::fs::write(folder.0.join("certificate.pem"), "-----BEGIN").unwrap();
    let damaged = examine_stopped(&config);
    assert_eq!(found(&damaged, "certificate"), Verdict::Wrong);
    // A start refuses to make a database beside keys.
    assert_eq!(found(&damaged, "database"), Verdict::Wrong);
    drop(Store::open(config.database()).unwrap());
    assert_eq!(found(&examine_stopped(&config), "cloak"), Verdict::Wrong);
}

#[test]
fn what_the_database_tells_is_passed_on() {
    let health = Health {
        pages: Pages::Whole,
        last_time: None,
        owners: 1,
        registration: Some("closed".to_owned()),
    };
    let patient = Patient {
        config: Config::default(),
        mistakes: Vec::new(),
        running: None,
        addresses: Vec::new(),
    };
    let findings = house::examine(&patient, &Ok(health), NOW);
    assert_eq!(found(&findings, "owner"), Verdict::Well);
    assert!(findings.iter().all(|finding| finding.check != "sign-ups"));
}
