//! What is carried arrives, whatever breaks off where.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod downloads;

use super::fake::{Fake, sha256};
use super::job::{Shelf, Target};
use super::porter::{Call, Habits, Porter, Told, Wanted};
use super::site::{Authorization, Kind, Site};
use crate::address::Address;
use crate::core::locale::Locale;
use crate::core::transfer::{
    Act, Audience, Fault, Outcome, Setback, Source, Stage, Transfer, Which,
};
use crate::folder::Folder;
use causette_proto::Secret;
use causette_text::Language;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// A test that waits longer than this waits for ever.
const PATIENCE: Duration = Duration::from_secs(30);

struct Bench {
    fake: Fake,
    folder: Folder,
    porter: Porter,
    by_verb: bool,
}

fn site(port: u16) -> Site {
    Site {
        address: Address::parse(&format!("127.0.0.1:{port}")).unwrap(),
        trusted: None,
        base: "/api/v1".to_owned(),
        kind: Kind::Causette,
        shown: None,
        authorization: Authorization::Token(Secret::new("token")),
        locale: Locale::utc(Language::En),
    }
}

fn hire(folder: &Folder, by_verb: bool) -> Porter {
    let shelf = Shelf::new(folder.clone(), "server");
    let habits = Habits {
        by_verb,
        locale: Locale::utc(Language::En),
        wait_first: Duration::from_millis(1),
    };
    Porter::hire(shelf, habits).unwrap()
}

impl Bench {
    async fn new(by_verb: bool) -> Self {
        let fake = Fake::start().await;
        let folder = Folder::for_test();
        std::fs::create_dir_all(folder.path("here")).unwrap();
        let porter = hire(&folder, by_verb);
        let _ = porter.call(Call::Site(Arc::new(site(fake.port))));
        Self {
            fake,
            folder,
            porter,
            by_verb,
        }
    }

    /// The program ends, and another one begins.
    async fn restart(&mut self) {
        let porter = hire(&self.folder, self.by_verb);
        std::mem::replace(&mut self.porter, porter).dismiss().await;
        let _ = self.porter.call(Call::Site(Arc::new(site(self.fake.port))));
    }

    fn here(&self, name: &str) -> PathBuf {
        self.folder.path("here").join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        std::fs::write(self.here(name), bytes).unwrap();
        self.here(name)
    }

    fn upload(&self, id: &str, path: &Path, audience: Audience) {
        let wanted = Wanted::Up {
            source: Source::Path(path.display().to_string()),
            is_ours: false,
            name: None,
            audience,
        };
        let _ = self.porter.call(Call::Carry(id.into(), wanted));
    }

    fn download(&self, id: &str, wanted: &str) {
        let wanted = Wanted::Down {
            wanted: wanted.to_owned(),
            target: Target::Folder(self.folder.path("here")),
        };
        let _ = self.porter.call(Call::Carry(id.into(), wanted));
    }

    /// Waits until a transfer is as it is wanted.
    async fn until(&mut self, id: &str, is_so: impl Fn(&Transfer) -> bool) -> Transfer {
        let wait = async {
            loop {
                if let Told::Transfer(transfer) = self.porter.told().await
                    && transfer.id == id
                    && is_so(&transfer)
                {
                    return transfer;
                }
            }
        };
        timeout(PATIENCE, wait).await.unwrap()
    }

    async fn done(&mut self, id: &str) -> Outcome {
        match self.until(id, Transfer::is_over).await.stage {
            Stage::Done(outcome) => outcome,
            other => panic!("{other:?}"),
        }
    }

    async fn failed(&mut self, id: &str) -> Setback {
        match self.until(id, Transfer::is_over).await.stage {
            Stage::Failed(setback) => setback,
            other => panic!("{other:?}"),
        }
    }

    /// The numbers of the files that are listed.
    async fn list(&mut self, which: Which) -> (Which, Vec<u64>) {
        let _ = self.porter.call(Call::List(which));
        let listed = async {
            loop {
                if let Told::Listing(which, listing) = self.porter.told().await {
                    let rows = listing.unwrap().files;
                    return (which, rows.iter().map(|row| row.id).collect());
                }
            }
        };
        timeout(PATIENCE, listed).await.unwrap()
    }

    /// What is kept of jobs.
    fn kept(&self) -> usize {
        let entries = std::fs::read_dir(self.folder.path("transfers/server"));
        let names = entries.unwrap().map(|entry| entry.unwrap().file_name());
        names
            .filter(|name| !name.to_string_lossy().ends_with(".lock"))
            .count()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(self.folder.path(""));
    }
}

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 31 % 251) as u8).collect()
}

#[tokio::test]
async fn a_file_arrives_whole_and_what_it_is_for_is_told() {
    let mut stage = Bench::new(false).await;
    for (id, content, audience, told) in [
        (
            "a",
            bytes(1_000_000),
            Audience::Room("#café".into()),
            "#café",
        ),
        ("b", Vec::new(), Audience::To("bob".into()), "bob"),
    ] {
        let path = stage.write(&format!("{id}.txt"), &content);
        stage.upload(id, &path, audience);
        let outcome = stage.done(id).await;
        assert_eq!(outcome.file.as_ref().unwrap().sha256, sha256(&content));
        let address = outcome.address.unwrap();
        assert!(address.starts_with(&format!("http://127.0.0.1:{}/files/", stage.fake.port)));
        let upload = stage
            .fake
            .with(|state| state.uploads.values().last().cloned())
            .unwrap();
        assert_eq!(upload.bytes, content);
        assert_eq!(upload.metadata["filename"], format!("{id}.txt"));
        let of = |key: &str| upload.metadata.get(key).map(String::as_str);
        assert!(of("room") == Some(told) || of("to") == Some(told));
    }
    assert_eq!(stage.kept(), 0);
}

#[tokio::test]
async fn an_upload_goes_on_wherever_it_is_cut() {
    let mut stage = Bench::new(false).await;
    let content = bytes(700_000);
    let path = stage.write("a.bin", &content);
    stage
        .fake
        .with(|state| state.cuts = vec![0, 1, 262_144, 300_000, 0]);
    stage.upload("a", &path, Audience::Public);
    stage.done("a").await;
    stage
        .fake
        .with(|state| assert_eq!(state.uploads["permit1"].bytes, content));
    assert_eq!(
        (stage.fake.count("POST"), stage.fake.count("PATCH")),
        (1, 6)
    );
}

#[tokio::test]
async fn an_answer_that_is_lost_makes_no_second_file() {
    let mut stage = Bench::new(false).await;
    let path = stage.write("a.txt", b"hello");
    stage
        .fake
        .with(|state| state.lost = vec!["PATCH", "GET", "GET"]);
    stage.upload("a", &path, Audience::Public);
    let outcome = stage.done("a").await;
    assert_eq!(outcome.file.unwrap().id, 1);
    assert_eq!(stage.fake.count("PATCH"), 1);
    // Of a place whose answer is lost nothing is known here.
    let path = stage.write("b.txt", b"other");
    stage.fake.with(|state| state.lost = vec!["POST"]);
    stage.upload("b", &path, Audience::Public);
    stage.done("b").await;
    stage.fake.with(|state| assert_eq!(state.files.len(), 2));
}

#[tokio::test]
async fn an_upload_goes_on_in_the_next_run() {
    let mut stage = Bench::new(false).await;
    let content = bytes(600_000);
    let path = stage.write("a.bin", &content);
    // Behind the cut the server is busy for as long as this run lasts.
    stage.fake.with(|state| {
        state.cuts = vec![400_000];
        state.refusals = vec![("GET", 503, "{}"); 10_000];
    });
    stage.upload("a", &path, Audience::Public);
    stage
        .until("a", |transfer| matches!(transfer.stage, Stage::Away(_)))
        .await;
    stage.restart().await;
    stage.fake.with(|state| state.refusals.clear());
    let _ = stage.porter.call(Call::TakeUp);
    stage.done("a").await;
    assert_eq!(stage.fake.count("POST"), 1);
    stage
        .fake
        .with(|state| assert_eq!(state.uploads["permit1"].bytes, content));
    assert_eq!(stage.kept(), 0);
}

#[tokio::test]
async fn a_verb_goes_on_when_it_is_asked_for_the_same_again() {
    let mut stage = Bench::new(true).await;
    let content = bytes(600_000);
    let path = stage.write("a.bin", &content);
    stage.fake.with(|state| {
        state.cuts = vec![500_000];
        state.refusals = vec![("GET", 503, "{}"); 10_000];
    });
    stage.upload("a", &path, Audience::Public);
    stage
        .until("a", |transfer| matches!(transfer.stage, Stage::Away(_)))
        .await;
    stage.restart().await;
    stage.fake.with(|state| state.refusals.clear());
    // What a verb has begun is nothing to a client that talks.
    let _ = stage.porter.call(Call::TakeUp);
    stage.upload("b", &path, Audience::Public);
    stage.done("b").await;
    assert_eq!((stage.fake.count("POST"), stage.kept()), (1, 0));
}

#[tokio::test]
async fn what_is_given_up_is_gone_there_too() {
    let mut stage = Bench::new(false).await;
    let path = stage.write("a.bin", &bytes(600_000));
    stage.fake.with(|state| {
        state.cuts = vec![100_000];
        state.refusals = vec![("GET", 503, "{}"); 10_000];
    });
    stage.upload("a", &path, Audience::Public);
    stage
        .until("a", |transfer| matches!(transfer.stage, Stage::Away(_)))
        .await;
    let _ = stage.porter.call(Call::Act("a".into(), Act::Pause));
    stage
        .until("a", |transfer| transfer.stage == Stage::Paused)
        .await;
    assert_eq!(stage.kept(), 1);
    let _ = stage.porter.call(Call::Act("a".into(), Act::Cancel));
    stage
        .until("a", |transfer| transfer.stage == Stage::Cancelled)
        .await;
    let removed = async {
        while stage.fake.count("DELETE") == 0 || !stage.fake.with(|state| state.uploads.is_empty())
        {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, removed).await.unwrap();
    assert_eq!(stage.kept(), 0);
}

#[tokio::test]
async fn what_was_never_begun_does_not_go_on_in_silence() {
    let mut stage = Bench::new(false).await;
    let path = stage.here("none.txt");
    stage.upload("a", &path, Audience::Public);
    assert_eq!(stage.failed("a").await.kind, Fault::NotFound);
    let _ = stage.porter.call(Call::Act("a".into(), Act::Resume));
    let told = timeout(PATIENCE, stage.porter.told()).await.unwrap();
    assert!(matches!(told, Told::NotHeld(id) if id == "a"));
}

#[tokio::test]
async fn what_is_stopped_goes_on_when_it_is_wanted_again() {
    let mut stage = Bench::new(false).await;
    let content = bytes(300_000);
    let path = stage.write("a.bin", &content);
    stage.fake.with(|state| {
        state.cuts = vec![100_000];
        state.refusals = vec![("GET", 503, "{}"); 10_000];
    });
    stage.upload("a", &path, Audience::Public);
    stage
        .until("a", |transfer| matches!(transfer.stage, Stage::Away(_)))
        .await;
    let _ = stage.porter.call(Call::Act("a".into(), Act::Pause));
    stage
        .until("a", |transfer| transfer.stage == Stage::Paused)
        .await;
    // Over a restart, too.
    stage.restart().await;
    let _ = stage.porter.call(Call::TakeUp);
    stage
        .until("a", |transfer| transfer.stage == Stage::Paused)
        .await;
    stage.fake.with(|state| state.refusals.clear());
    let _ = stage.porter.call(Call::Act("a".into(), Act::Resume));
    stage.done("a").await;
    stage
        .fake
        .with(|state| assert_eq!(state.uploads["permit1"].bytes, content));
}

#[tokio::test]
async fn a_refusal_that_stays_ends_it_in_the_words_of_the_server() {
    let mut stage = Bench::new(false).await;
    let path = stage.write("a.txt", b"hello");
    for (method, status, kind) in [
        ("POST", 401, Fault::Credentials),
        ("POST", 413, Fault::Refused),
        ("PATCH", 507, Fault::Refused),
        ("POST", 403, Fault::Refused),
    ] {
        let problem = r#"{"code":"NO","detail":"No \u001b[31mroom."}"#;
        stage
            .fake
            .with(|state| state.refusals = vec![(method, status, problem)]);
        stage.upload(&status.to_string(), &path, Audience::Public);
        let setback = stage.failed(&status.to_string()).await;
        assert_eq!(setback.kind, kind, "{status}");
        assert!(setback.text.contains("room.") && !setback.text.contains('\u{1b}'));
    }
    // The one for which a place was there already has left none.
    stage.fake.with(|state| assert!(state.uploads.is_empty()));
}

#[tokio::test]
async fn a_file_that_is_none_or_changes_is_told_so() {
    let mut stage = Bench::new(false).await;
    let folder = stage.folder.path("here");
    for (path, kind, word) in [
        (folder.clone(), Fault::Usage, "folder"),
        (folder.join("none"), Fault::NotFound, "no such file"),
    ] {
        stage.upload(word, &path, Audience::Public);
        let setback = stage.failed(word).await;
        assert!(
            setback.kind == kind && setback.text.contains(word),
            "{setback:?}"
        );
    }
    let path = stage.write("a.bin", &bytes(600_000));
    stage.fake.with(|state| {
        state.cuts = vec![100_000];
        state.refusals = vec![("GET", 503, "{}"); 10_000];
    });
    stage.upload("a", &path, Audience::Public);
    stage
        .until("a", |transfer| matches!(transfer.stage, Stage::Away(_)))
        .await;
    stage.write("a.bin", b"short");
    stage.fake.with(|state| state.refusals.clear());
    let setback = stage.failed("a").await;
    assert!(setback.text.contains("changed"), "{setback:?}");
    stage
        .fake
        .with(|state| assert!(state.uploads.is_empty() && state.files.is_empty()));
    assert_eq!(stage.kept(), 1, "what failed here may go on");
}

#[tokio::test]
async fn another_kind_of_server_takes_a_file_in_one_request() {
    let mut stage = Bench::new(false).await;
    let mut other = site(stage.fake.port);
    (other.kind, other.base) = (Kind::FileHost, "/upload".to_owned());
    let _ = stage.porter.call(Call::Site(Arc::new(other)));
    let path = stage.write("a.txt", b"hello");
    stage
        .fake
        .with(|state| state.refusals = vec![("POST", 413, r#"{"title":"Too large"}"#)]);
    stage.upload("a", &path, Audience::Public);
    assert_eq!(stage.failed("a").await.text, "Too large");
    // What is cut begins anew, but not for ever.
    stage.fake.with(|state| state.cuts = vec![2]);
    stage.upload("b", &path, Audience::Public);
    let address = stage.done("b").await.address.unwrap();
    assert_eq!(
        address,
        format!("http://127.0.0.1:{}/u/1.txt", stage.fake.port)
    );
    stage.fake.with(|state| {
        let name = "attachment; filename*=UTF-8''a.txt".to_owned();
        assert_eq!(state.files[&1], (name, b"hello".to_vec()));
        state.cuts = vec![2; 10];
    });
    stage.upload("c", &path, Audience::Public);
    assert_eq!(stage.failed("c").await.kind, Fault::Network);
    assert_eq!(stage.fake.count("POST"), 6);
}
