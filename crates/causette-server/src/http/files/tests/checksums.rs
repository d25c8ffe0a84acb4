//! Uploads whose bytes are checked: a piece by its checksum, the whole by its SHA-256.
//! <https://tus.io/protocols/resumable-upload#checksum>

use super::bench::Bench;
use super::pieces::{PIECE, TUS, begun, create, offset, patch};
use causette_core::record::Fact;

const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

#[tokio::test]
async fn a_checksum_is_checked_and_what_has_another_is_dropped() {
    let bench = Bench::new();
    let path = begun(&bench, "10").await;
    let line = format!("PATCH {path}");
    let lines = |offset, checksum| {
        [
            TUS,
            PIECE,
            ("Upload-Offset", offset),
            ("Upload-Checksum", checksum),
        ]
    };
    let right = "sha1 qvTGHdzF6KLavt4PO0gs2a6pQ00=";
    assert_eq!(
        bench.ask(&line, &lines("0", right), b"hello").await.status,
        204
    );
    let wrong = bench.ask(&line, &lines("5", right), b"world").await;
    assert_eq!(
        (wrong.status, wrong.code()),
        (460, "CHECKSUM_MISMATCH".to_owned())
    );
    assert_eq!(offset(&bench, &path).await, "5");
    let unknown = bench
        .ask(&line, &lines("5", "crc32 AAAAAA=="), b"world")
        .await;
    assert_eq!(unknown.status, 400);
    // What was dropped is not in the digest of the whole.
    assert_eq!(patch(&bench, &path, "5", b"world").await.status, 204);
    let sha256 = "936a185caaa266bb9cbe981e9e05cb78cd732b0b3280eb944412bb6f8f8f07af";
    assert_eq!(bench.names("blobs"), [sha256]);
}

#[tokio::test]
async fn a_file_that_is_not_what_was_announced_is_not_kept() {
    let bench = Bench::new();
    let right = create(&bench, "5", &[("sha256", HELLO)]).await;
    let path = right.header("location").unwrap();
    assert_eq!(patch(&bench, path, "0", b"hello").await.status, 204);
    let wrong = create(&bench, "5", &[("sha256", HELLO)]).await;
    let path = wrong.header("location").unwrap();
    let answered = patch(&bench, path, "0", b"world").await;
    assert_eq!(
        (answered.status, answered.code()),
        (422, "DIGEST_MISMATCH".to_owned())
    );
    assert_eq!(bench.names("blobs"), [HELLO]);
    assert_eq!(bench.names("incoming"), Vec::<String>::new());
    assert_eq!(
        bench.count(|fact| matches!(fact, Fact::FileRefused { .. })),
        1
    );
}
