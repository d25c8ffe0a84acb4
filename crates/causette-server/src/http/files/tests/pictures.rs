//! Pictures that say more than they show: before many may see them, that is gone.

use super::bench::{Answered, Bench, of};
use super::pieces::{create, patch};
use crate::files::picture::tests::drawing;
use serde_json::{Value, json};

/// Uploads a picture for some people.
async fn upload(bench: &Bench, bytes: &[u8], visibility: &str) -> Answered {
    let mut pairs = vec![("filename", "a.png"), ("visibility", visibility)];
    if visibility == "room" {
        pairs.push(("room", "#tea"));
    }
    let created = create(bench, &bytes.len().to_string(), &pairs).await;
    assert_eq!(created.status, 201, "{created:?}");
    let path = created.header("location").unwrap().to_owned();
    let sent = patch(bench, &path, "0", bytes).await;
    match sent.status {
        204 => bench.ask(&format!("GET {path}"), &[], b"").await,
        _ => sent,
    }
}

async fn share(bench: &Bench, file: &Value, visibility: &str) -> Answered {
    let line = format!("PUT /api/v1/files/{}/visibility", file["id"]);
    let body = match visibility {
        "room" => json!({ "visibility": "room", "room": "#tea" }),
        other => json!({ "visibility": other }),
    };
    let who = [("Authorization", &*of("alice"))];
    bench.ask(&line, &who, body.to_string().as_bytes()).await
}

async fn bytes(bench: &Bench, file: &Value) -> Vec<u8> {
    let line = format!("GET {}", file["path"].as_str().unwrap());
    let who = [("Authorization", &*of("alice"))];
    bench.ask(&line, &who, b"").await.body
}

#[tokio::test]
async fn a_private_picture_is_as_it_was_and_shown_to_nobody_but_who_is_named() {
    let bench = Bench::new();
    let picture = drawing();
    let file = upload(&bench, &picture, "private").await.json()["file"].clone();
    assert_eq!(bytes(&bench, &file).await, picture);
    for visibility in ["public", "room", "link"] {
        let refused = share(&bench, &file, visibility).await;
        let code = refused.code();
        assert_eq!((refused.status, &*code), (422, "UNPROCESSABLE"));
        let told = refused.json()["detail"].as_str().unwrap().to_owned();
        assert!(told.contains("upload it again"), "{told}");
    }
    let line = format!("PUT /api/v1/files/{}/grants/bob", file["id"]);
    let who = [("Authorization", &*of("alice"))];
    let sent = bench.ask(&line, &who, b"").await;
    assert_eq!(
        (sent.status, &sent.json()["sent_to"]),
        (200, &json!(["bob"]))
    );
}

#[tokio::test]
async fn what_is_uploaded_for_many_says_nothing_more_and_goes_on_to_others() {
    let bench = Bench::new();
    let picture = drawing();
    for visibility in ["room", "link", "public"] {
        let file = upload(&bench, &picture, visibility).await.json()["file"].clone();
        let kept = bytes(&bench, &file).await;
        assert!(kept.len() < picture.len(), "{visibility}");
        for other in ["private", "public"] {
            let shared = share(&bench, &file, other).await;
            assert!([200, 409].contains(&shared.status), "{shared:?}");
        }
        // What is clean already is so wherever it comes.
        let again = upload(&bench, &kept, "private").await.json()["file"].clone();
        assert_eq!(again["sha256"], file["sha256"]);
        assert_eq!(share(&bench, &again, "public").await.status, 200);
    }
}

#[tokio::test]
async fn of_what_cannot_be_looked_into_the_worst_is_taken_to_be_true() {
    let bench = Bench::new();
    let damaged = &drawing()[..40];
    let file = upload(&bench, damaged, "private").await.json()["file"].clone();
    assert_eq!(share(&bench, &file, "link").await.status, 422);
    for visibility in ["room", "link", "public"] {
        let refused = upload(&bench, damaged, visibility).await;
        assert_eq!(refused.code(), "PICTURE_UNCLEAN");
    }
}

#[tokio::test]
async fn where_pictures_are_left_as_they_are_they_are_shown_so() {
    let bench = Bench::with("clean_pictures = false");
    let picture = drawing();
    let file = upload(&bench, &picture, "private").await.json()["file"].clone();
    assert_eq!(share(&bench, &file, "public").await.status, 200);
    assert_eq!(bytes(&bench, &file).await, picture);
}
