//! Lists of files, and what their owners do with them.

use super::bench::{Answered, Bench, answer, head, of};
use super::pieces::{begun, patch};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

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

/// What alice has under way, by its numbers.
async fn under_way(bench: &Bench) -> Vec<u64> {
    let listed = ask(bench, "alice", "GET /api/v1/files/uploads", "").await;
    assert_eq!(listed.status, 200, "{listed:?}");
    let uploads = listed.json()["uploads"].as_array().unwrap().clone();
    let numbers = uploads.iter().map(|upload| &upload["number"]);
    numbers.map(|number| number.as_u64().unwrap()).collect()
}

#[tokio::test]
async fn what_is_under_way_is_listed_and_given_up() {
    let bench = Bench::new();
    let link = bench.link("a.txt", 100).await;
    let path = begun(&bench, "5").await;
    let listed = ask(&bench, "alice", "GET /api/v1/files/uploads", "").await;
    let first = &listed.json()["uploads"][1];
    assert_eq!(
        first,
        &json!({
            "number": 1,
            "name": "a.txt",
            "bytes_max": 100,
            "visibility": "public",
            "room": null,
            "to": null,
            "since": first["since"],
            "until": first["until"],
        })
    );
    // Nor is the right to send to be read anywhere.
    for permit in [&link, &path] {
        let secret = permit.rsplit('/').next().unwrap();
        assert!(!listed.text().contains(secret));
    }
    assert_eq!(under_way(&bench).await, [2, 1]);
    for (who, line) in [
        ("bob", "DELETE /api/v1/files/uploads/1"),
        ("alice", "DELETE /api/v1/files/uploads/9"),
        ("alice", "DELETE /api/v1/files/uploads/x"),
    ] {
        let refused = ask(&bench, who, line, "").await;
        assert_eq!((refused.status, &*refused.code()), (404, "NOT_FOUND"));
    }
    let nobody = bench.ask("GET /api/v1/files/uploads", &[], b"").await;
    assert_eq!((nobody.status, &*nobody.code()), (401, "ACCOUNT_REQUIRED"));
    let given_up = ask(&bench, "alice", "DELETE /api/v1/files/uploads/1", "").await;
    assert_eq!(given_up.status, 200);
    assert_eq!(given_up.json()["uploads"][0]["number"], 1);
    assert_eq!(under_way(&bench).await, [2]);
    assert_eq!(
        bench.ask(&format!("GET {link}"), &[], b"").await.status,
        404
    );
    let put = bench.ask(&format!("PUT {link}"), &[], b"hello").await;
    assert_eq!((put.status, &*put.code()), (404, "NOT_FOUND"));
    let all = ask(&bench, "alice", "DELETE /api/v1/files/uploads", "").await;
    assert_eq!(all.json()["uploads"][0]["number"], 2);
    assert_eq!(patch(&bench, &path, "0", b"hello").await.status, 404);
    let usage = ask(&bench, "alice", "GET /api/v1/files/usage", "").await;
    assert_eq!(usage.json()["awaited"], 0);
    let none = ask(&bench, "alice", "DELETE /api/v1/files/uploads", "").await;
    assert_eq!((none.status, none.json()), (200, json!({ "uploads": [] })));
}

#[tokio::test]
async fn who_sends_meanwhile_is_told_that_it_was_cancelled() {
    let bench = Bench::new();
    let link = bench.link("a.txt", 100).await;
    let mut client = bench.connect();
    let head = head(&format!("PUT {link}"), &[], Some(5));
    client.write_all(head.as_bytes()).await.unwrap();
    client.write_all(b"he").await.unwrap();
    while bench.names("incoming").is_empty() {
        tokio::task::yield_now().await;
    }
    let all = ask(&bench, "alice", "DELETE /api/v1/files/uploads", "").await;
    assert_eq!(all.status, 200);
    client.write_all(b"llo").await.unwrap();
    let told = answer(&mut client).await;
    assert_eq!((told.status, &*told.code()), (422, "UPLOAD_CANCELLED"));
    let left = [bench.names("incoming"), bench.names("blobs")];
    assert_eq!(left, [[""; 0], [""; 0]]);
}
