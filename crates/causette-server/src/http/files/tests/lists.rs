//! Lists of files, and what their owners do with them.

use super::bench::{Answered, Bench, of};
use serde_json::{Value, json};

async fn ask(bench: &Bench, name: &str, line: &str, body: &str) -> Answered {
    let who = of(name);
    bench
        .ask(line, &[("Authorization", &who)], body.as_bytes())
        .await
}

/// A file of alice's.
async fn upload(bench: &Bench, name: &str) -> Value {
    let (who, named) = (of("alice"), format!("attachment; filename=\"{name}\""));
    let lines = [
        ("Authorization", who.as_str()),
        ("Content-Disposition", &named),
    ];
    let made = bench.ask("POST /upload", &lines, name.as_bytes()).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.json()
}

fn names(answered: &Answered) -> Vec<String> {
    let files = answered.json()["files"].as_array().unwrap().clone();
    let names = files.iter().map(|file| file["name"].as_str().unwrap());
    names.map(str::to_owned).collect()
}

#[tokio::test]
async fn what_somebody_may_see_is_listed() {
    let bench = Bench::new();
    let first = upload(&bench, "a.txt").await;
    upload(&bench, "b.txt").await;
    let id = &first["id"];
    let own = ask(&bench, "alice", "GET /api/v1/files?which=own&count=1", "").await;
    assert_eq!(names(&own), ["b.txt"]);
    assert_eq!(own.json()["more"], true);
    let before = own.json()["files"][0]["id"].clone();
    let line = format!("GET /api/v1/files?which=own&before={before}");
    assert_eq!(names(&ask(&bench, "alice", &line, "").await), ["a.txt"]);
    assert!(names(&ask(&bench, "bob", "GET /api/v1/files", "").await).is_empty());

    let line = format!("PUT /api/v1/files/{id}/visibility");
    let shared = ask(
        &bench,
        "alice",
        &line,
        r##"{"visibility":"room","room":"#tea"}"##,
    )
    .await;
    assert_eq!(
        (shared.status, &shared.json()["room"]),
        (200, &json!("#tea"))
    );
    let room = "GET /api/v1/files?which=room&room=%23tea";
    assert_eq!(names(&ask(&bench, "bob", room, "").await), ["a.txt"]);
    assert_eq!(ask(&bench, "carol", room, "").await.status, 404);
    let named = "GET /api/v1/files/named/a.txt";
    assert_eq!(&ask(&bench, "bob", named, "").await.json()["id"], id);
    assert_eq!(ask(&bench, "carol", named, "").await.status, 404);
    let usage = ask(&bench, "alice", "GET /api/v1/files/usage", "")
        .await
        .json();
    assert_eq!((&usage["files"], &usage["bytes"]), (&json!(2), &json!(10)));
}

#[tokio::test]
async fn a_file_is_sent_taken_back_and_removed() {
    let bench = Bench::new();
    let file = upload(&bench, "a.txt").await;
    let key = file["key"].as_str().unwrap();
    let line = format!("PUT /api/v1/files/{key}/visibility");
    let private = ask(&bench, "alice", &line, r#"{"visibility":"private"}"#).await;
    assert_eq!(private.status, 200);
    let show = format!("GET /api/v1/files/{key}");
    assert_eq!(ask(&bench, "carol", &show, "").await.status, 404);
    let grant = format!("/api/v1/files/{key}/grants/carol");
    let sent = ask(&bench, "alice", &format!("PUT {grant}"), "").await;
    assert_eq!(
        (sent.status, &sent.json()["sent_to"]),
        (200, &json!(["carol"]))
    );
    let shown = ask(&bench, "carol", &show, "").await;
    assert_eq!((shown.status, &shown.json()["sent_to"]), (200, &json!([])));
    assert_eq!(
        names(&ask(&bench, "carol", "GET /api/v1/files?which=sent", "").await),
        ["a.txt"]
    );
    let taken_back = ask(&bench, "alice", &format!("DELETE {grant}"), "").await;
    assert_eq!(taken_back.status, 200);
    assert_eq!(ask(&bench, "carol", &show, "").await.status, 404);
    let remove = format!("DELETE /api/v1/files/{key}");
    assert_eq!(ask(&bench, "carol", &remove, "").await.status, 404);
    assert_eq!(ask(&bench, "alice", &remove, "").await.status, 204);
    assert_eq!(ask(&bench, "alice", &show, "").await.status, 404);
}

#[tokio::test]
async fn what_cannot_be_understood_is_named() {
    let bench = Bench::new();
    let file = upload(&bench, "a.txt").await;
    let share = format!("PUT /api/v1/files/{}/visibility", file["id"]);
    for (line, body, status) in [
        ("GET /api/v1/files?which=x", "", 422),
        ("GET /api/v1/files?which=room", "", 422),
        ("GET /api/v1/files?before=x", "", 422),
        ("GET /api/v1/files?other=x", "", 422),
        ("GET /api/v1/files?room=%2", "", 422),
        ("GET /api/v1/files?which=all", "", 403),
        ("GET /api/v1/files/99", "", 404),
        ("GET /api/v1/files/x", "", 404),
        (&share, "", 422),
        (&share, r#"{"visibility":"all"}"#, 422),
        (&share, r#"{"visibility":"room"}"#, 422),
    ] {
        let answered = ask(&bench, "alice", line, body).await;
        assert_eq!(answered.status, status, "{line} {body}");
        answered.code();
    }
    let unsigned = bench.ask("GET /api/v1/files", &[], b"").await;
    assert_eq!(
        (unsigned.status, unsigned.code()),
        (401, "ACCOUNT_REQUIRED".to_owned())
    );
}
