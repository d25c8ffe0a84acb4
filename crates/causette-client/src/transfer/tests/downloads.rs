//! Files on their way here: on from where they broke off, checked, and never written over another.

use super::*;

#[tokio::test]
async fn a_download_goes_on_wherever_it_is_cut_and_nothing_is_written_over() {
    let mut stage = Bench::new(false).await;
    let content = bytes(700_000);
    stage.write("a.bin", b"mine");
    stage.fake.with(|state| {
        state.files.insert(7, ("a.bin".to_owned(), content.clone()));
        state.cuts = vec![0, 1, 262_144, 300_000, 0];
    });
    stage.download("a", "7");
    let outcome = stage.done("a").await;
    assert_eq!(
        outcome.path.unwrap(),
        stage.here("a (1).bin").display().to_string()
    );
    assert_eq!(std::fs::read(stage.here("a (1).bin")).unwrap(), content);
    assert_eq!(std::fs::read(stage.here("a.bin")).unwrap(), b"mine");
    let asked = stage.fake.with(|state| state.asked.clone());
    assert!(
        asked.last().unwrap().ends_with("bytes=562145-"),
        "{asked:?}"
    );
    let left = std::fs::read_dir(stage.folder.path("here"))
        .unwrap()
        .count();
    assert_eq!((left, stage.kept()), (2, 0));
}

#[tokio::test]
async fn a_download_goes_on_in_the_next_run_also_where_no_parts_are_given() {
    for gives_no_parts in [false, true] {
        let mut stage = Bench::new(false).await;
        let content = bytes(300_000);
        stage.fake.with(|state| {
            state
                .files
                .insert(7, ("a b.bin".to_owned(), content.clone()));
            state.cuts = vec![0; 10_000];
            state.cuts.push(200_000);
            state.gives_no_parts = gives_no_parts;
        });
        stage.download("a", "a b.bin");
        stage
            .until("a", |transfer| matches!(transfer.stage, Stage::Away(_)))
            .await;
        stage.restart().await;
        stage.fake.with(|state| state.cuts.clear());
        let _ = stage.porter.call(Call::TakeUp);
        stage.done("a").await;
        assert_eq!(std::fs::read(stage.here("a b.bin")).unwrap(), content);
    }
}

#[tokio::test]
async fn what_is_not_what_was_told_is_not_kept_and_no_name_leads_elsewhere() {
    let mut stage = Bench::new(false).await;
    let content = bytes(1_000);
    let name = "../../etc/pass\u{202e}wd";
    stage.fake.with(|state| {
        state.files.insert(7, (name.to_owned(), content.clone()));
        state.cuts = vec![500];
        state.corrupts = true;
    });
    stage.download("a", "7");
    let setback = stage.failed("a").await;
    assert!(setback.text.contains("SHA-256"), "{setback:?}");
    let here = || {
        std::fs::read_dir(stage.folder.path("here"))
            .unwrap()
            .count()
    };
    assert_eq!(here(), 0);
    stage.fake.with(|state| state.corrupts = false);
    stage.download("b", "7");
    let outcome = stage.done("b").await;
    assert_eq!(
        outcome.path.unwrap(),
        stage.here("passwd").display().to_string()
    );
}

#[tokio::test]
async fn a_file_that_nobody_may_see_is_not_there() {
    let mut stage = Bench::new(false).await;
    stage.download("a", "secret.txt");
    let setback = stage.failed("a").await;
    assert!(setback.kind == Fault::NotFound && setback.text.contains("secret.txt"));
    assert_eq!(stage.kept(), 0);
    stage
        .fake
        .with(|state| drop(state.files.insert(12, ("12".to_owned(), b"x".to_vec()))));
    let (which, ids) = stage.list(Which::Own).await;
    assert_eq!((which, ids), (Which::Own, vec![12]));
}

#[tokio::test]
async fn what_one_may_see_is_asked_at_once_or_in_parts_where_the_server_is_older() {
    for knows_seen in [true, false] {
        let mut stage = Bench::new(false).await;
        stage.fake.with(|state| {
            state.knows_seen = knows_seen;
            for id in [7, 12] {
                state.files.insert(id, (id.to_string(), b"x".to_vec()));
            }
        });
        let seen = Which::Seen(vec!["#a".into(), "#b".into()]);
        // Each file once, the newest first.
        assert_eq!(stage.list(seen.clone()).await, (seen, vec![12, 7]));
        let asked = stage.fake.with(|state| state.asked.clone());
        let parts = ["seen", "public", "own", "sent", "room", "room"];
        let parts = &parts[..if knows_seen { 1 } else { parts.len() }];
        assert_eq!(asked.len(), parts.len(), "{asked:?}");
        for (asked, part) in asked.iter().zip(parts) {
            let path = format!("GET /api/v1/files?which={part}&count=50");
            assert!(asked.starts_with(&path), "{asked}");
        }
    }
}

#[tokio::test]
async fn a_file_of_another_server_is_not_taken_for_one_of_this() {
    let mut stage = Bench::new(false).await;
    stage
        .fake
        .with(|state| drop(state.files.insert(7, ("x".to_owned(), b"x".to_vec()))));
    let path = format!("/files/{:032x}/x", 7);
    stage.download("a", &format!("https://evil.example{path}"));
    let setback = stage.failed("a").await;
    assert_eq!(setback.kind, Fault::Usage);
    assert!(
        setback.text.contains("https://evil.example "),
        "{setback:?}"
    );
    assert_eq!((stage.fake.count("GET"), stage.kept()), (0, 0));
    let port = stage.fake.port;
    for (id, wanted) in [
        ("b", path.clone()),
        ("c", format!("http://127.0.0.1:{port}{path}")),
    ] {
        stage.download(id, &wanted);
        stage.done(id).await;
    }
}

#[tokio::test]
async fn of_what_is_refused_nothing_is_left_also_where_it_is_empty() {
    let mut stage = Bench::new(false).await;
    let content = bytes(1_000);
    stage.fake.with(|state| {
        state.files.insert(7, ("empty".to_owned(), Vec::new()));
        state.files.insert(8, ("full".to_owned(), content.clone()));
        state.withholds = true;
    });
    let here = |stage: &Bench| {
        let entries = std::fs::read_dir(stage.folder.path("here"));
        entries.unwrap().count()
    };
    for (id, wanted) in [("a", "7"), ("b", "8")] {
        stage.download(id, wanted);
        let setback = stage.failed(id).await;
        assert_eq!(
            (setback.kind, setback.text.as_str()),
            (Fault::Refused, "It is put aside.")
        );
        assert_eq!((here(&stage), stage.kept()), (0, 0), "{wanted}");
    }
    // What was refused when half of it was there, too.
    stage.fake.with(|state| {
        state.withholds = false;
        state.cuts = vec![500];
        state.withholds_after_cut = true;
    });
    stage.download("c", "8");
    assert_eq!(stage.failed("c").await.kind, Fault::Refused);
    assert_eq!((here(&stage), stage.kept()), (0, 0));
    // And it is fetched when it may be.
    stage.fake.with(|state| state.withholds = false);
    for (id, wanted) in [("d", "7"), ("e", "8")] {
        stage.download(id, wanted);
        stage.done(id).await;
    }
    assert_eq!(std::fs::read(stage.here("empty")).unwrap(), b"");
    assert_eq!(std::fs::read(stage.here("full")).unwrap(), content);
}
