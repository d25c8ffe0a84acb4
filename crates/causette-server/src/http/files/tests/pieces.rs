//! Uploads in pieces: what the text of tus 1.0.0 says that a server must. <https://tus.io/protocols/resumable-upload>

use super::bench::{Answered, Bench, answer, head, of};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use causette_core::record::Fact;
use tokio::io::AsyncWriteExt as _;

pub(super) const TUS: (&str, &str) = ("Tus-Resumable", "1.0.0");
pub(super) const PIECE: (&str, &str) = ("Content-Type", "application/offset+octet-stream");
const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

fn metadata(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs.iter();
    let pairs = pairs.map(|(word, value)| format!("{word} {}", BASE64_STANDARD.encode(value)));
    pairs.collect::<Vec<_>>().join(",")
}

pub(super) async fn create(bench: &Bench, length: &str, pairs: &[(&str, &str)]) -> Answered {
    let (who, said) = (of("alice"), metadata(pairs));
    let lines = [
        TUS,
        ("Authorization", &who),
        ("Upload-Length", length),
        ("Upload-Metadata", &said),
    ];
    bench.ask("POST /api/v1/uploads", &lines, b"").await
}

/// The path of a new upload.
pub(super) async fn begun(bench: &Bench, length: &str) -> String {
    let created = create(
        bench,
        length,
        &[("filename", "a.txt"), ("visibility", "public")],
    )
    .await;
    assert_eq!(created.status, 201, "{created:?}");
    created.header("location").unwrap().to_owned()
}

pub(super) async fn patch(bench: &Bench, path: &str, offset: &str, bytes: &[u8]) -> Answered {
    let lines = [TUS, PIECE, ("Upload-Offset", offset)];
    bench.ask(&format!("PATCH {path}"), &lines, bytes).await
}

pub(super) async fn offset(bench: &Bench, path: &str) -> String {
    let looked = bench.ask(&format!("HEAD {path}"), &[TUS], b"").await;
    assert_eq!(looked.status, 200, "{looked:?}");
    assert_eq!(looked.header("cache-control"), Some("no-store"));
    looked.header("upload-offset").unwrap().to_owned()
}

#[tokio::test]
async fn what_is_possible_is_told_to_who_asks() {
    let bench = Bench::with("max_size = \"2MiB\"");
    // Whatever version the client speaks.
    for lines in [&[][..], &[("Tus-Resumable", "0.2.2")]] {
        let told = bench.ask("OPTIONS /api/v1/uploads", lines, b"").await;
        assert_eq!(told.status, 204);
        for (name, value) in [
            ("tus-resumable", "1.0.0"),
            ("tus-version", "1.0.0"),
            ("tus-max-size", "2097152"),
            ("tus-checksum-algorithm", "sha1,sha256"),
            (
                "tus-extension",
                "creation,creation-with-upload,expiration,checksum,termination",
            ),
        ] {
            assert_eq!(told.header(name), Some(value), "{told:?}");
        }
    }
}

#[tokio::test]
async fn another_version_is_refused_and_nothing_is_done() {
    let bench = Bench::new();
    let path = begun(&bench, "5").await;
    for version in ["", "0.2.2", "1.0.1"] {
        for (line, body) in [
            ("POST /api/v1/uploads".to_owned(), &b""[..]),
            (format!("HEAD {path}"), b""),
            (format!("PATCH {path}"), b"hello"),
            (format!("DELETE {path}"), b""),
        ] {
            let mut lines = vec![PIECE, ("Upload-Offset", "0")];
            if !version.is_empty() {
                lines.push(("Tus-Resumable", version));
            }
            let answered = bench.ask(&line, &lines, body).await;
            assert_eq!(answered.status, 412, "{line}");
            assert_eq!(answered.header("tus-version"), Some("1.0.0"));
            assert_eq!(answered.header("tus-resumable"), Some("1.0.0"));
        }
    }
    assert_eq!(offset(&bench, &path).await, "0");
}

#[tokio::test]
async fn an_upload_in_pieces_becomes_a_file() {
    let bench = Bench::new();
    let created = create(
        &bench,
        "10",
        &[
            ("filename", "été.txt"),
            ("visibility", "public"),
            ("x", "y"),
        ],
    )
    .await;
    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!(created.header("upload-offset"), None);
    let end = created.header("upload-expires").unwrap();
    assert!(end.ends_with(" GMT") && end.len() == 29, "{end}");
    let path = created.header("location").unwrap();
    assert_eq!(offset(&bench, path).await, "0");
    let looked = bench.ask(&format!("HEAD {path}"), &[TUS], b"").await;
    assert_eq!(looked.header("upload-length"), Some("10"));
    let said = metadata(&[
        ("filename", "été.txt"),
        ("visibility", "public"),
        ("x", "y"),
    ]);
    assert_eq!(looked.header("upload-metadata"), Some(said.as_str()));
    assert_eq!(looked.header("upload-expires"), Some(end));

    let first = patch(&bench, path, "0", b"hello").await;
    assert_eq!(
        (first.status, first.header("upload-offset")),
        (204, Some("5"))
    );
    assert!(first.header("upload-expires").is_some());
    assert_eq!(offset(&bench, path).await, "5");
    let shown = bench.ask(&format!("GET {path}"), &[], b"").await.json();
    assert_eq!(
        shown,
        serde_json::json!({"offset": 5, "length": 10, "file": null})
    );
    let second = patch(&bench, path, "5", b"world").await;
    assert_eq!(
        (second.status, second.header("upload-offset")),
        (204, Some("10"))
    );
    assert_eq!(
        bench.count(|fact| matches!(fact, Fact::FileAdded { .. })),
        1
    );
    assert_eq!(bench.names("incoming"), Vec::<String>::new());
    let sha256 = "936a185caaa266bb9cbe981e9e05cb78cd732b0b3280eb944412bb6f8f8f07af";
    assert_eq!(bench.names("blobs"), [sha256]);
}

#[tokio::test]
async fn whose_last_answer_was_lost_finds_the_same_file() {
    let bench = Bench::new();
    let path = begun(&bench, "5").await;
    assert_eq!(patch(&bench, &path, "0", b"hello").await.status, 204);
    // Asked again by whoever did not read that.
    assert_eq!(offset(&bench, &path).await, "5");
    let again = patch(&bench, &path, "5", b"").await;
    assert_eq!(
        (again.status, again.header("upload-offset")),
        (204, Some("5"))
    );
    let shown = bench.ask(&format!("GET {path}"), &[], b"").await.json();
    assert_eq!(shown["offset"], 5);
    assert_eq!(shown["file"]["sha256"], HELLO);
    assert_eq!(shown["file"]["name"], "a.txt");
    let address = shown["file"]["path"].as_str().unwrap();
    assert!(address.starts_with("/files/") && address.ends_with("/a.txt"));
    assert_eq!(
        bench.count(|fact| matches!(fact, Fact::FileAdded { .. })),
        1
    );
}

#[tokio::test]
async fn an_empty_file_is_there_at_once() {
    let bench = Bench::new();
    let created = create(&bench, "0", &[("filename", "empty")]).await;
    assert_eq!(
        (created.status, created.header("upload-offset")),
        (201, Some("0"))
    );
    assert_eq!(
        bench.count(|fact| matches!(fact, Fact::FileAdded { .. })),
        1
    );
}

#[tokio::test]
async fn the_first_piece_may_come_with_the_creation() {
    let bench = Bench::new();
    let who = of("alice");
    let lines = |length| {
        [
            TUS,
            PIECE,
            ("Authorization", who.as_str()),
            ("Upload-Length", length),
        ]
    };
    let part = bench
        .ask("POST /api/v1/uploads", &lines("10"), b"hello")
        .await;
    assert_eq!(
        (part.status, part.header("upload-offset")),
        (201, Some("5"))
    );
    let path = part.header("location").unwrap();
    assert_eq!(patch(&bench, path, "5", b"world").await.status, 204);
    let whole = bench
        .ask("POST /api/v1/uploads", &lines("5"), b"hello")
        .await;
    assert_eq!(
        (whole.status, whole.header("upload-offset")),
        (201, Some("5"))
    );
    assert_eq!(
        bench.count(|fact| matches!(fact, Fact::FileAdded { .. })),
        2
    );
    let much = bench
        .ask("POST /api/v1/uploads", &lines("4"), b"hello")
        .await;
    assert_eq!(
        (much.status, much.code()),
        (413, "FILE_TOO_LARGE".to_owned())
    );
    let other = [
        TUS,
        ("Content-Type", "text/plain"),
        ("Authorization", &who),
        ("Upload-Length", "5"),
    ];
    let other = bench.ask("POST /api/v1/uploads", &other, b"hello").await;
    assert_eq!(
        (other.status, other.code()),
        (415, "PIECE_NEEDED".to_owned())
    );
    assert_eq!(bench.names("incoming"), Vec::<String>::new());
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_nothing_begins() {
    let bench = Bench::with("max_size = \"1KiB\"");
    let who = of("alice");
    let alice = ("Authorization", who.as_str());
    let five = ("Upload-Length", "5");
    for (lines, status, code) in [
        (vec![alice], 400, "MALFORMED"),
        (vec![alice, ("Upload-Length", "-1")], 400, "MALFORMED"),
        (vec![alice, ("Upload-Length", "1e3")], 400, "MALFORMED"),
        (
            vec![alice, ("Upload-Length", "1025")],
            413,
            "FILE_TOO_LARGE",
        ),
        (
            vec![alice, ("Upload-Defer-Length", "1")],
            400,
            "NOT_OFFERED",
        ),
        (
            vec![alice, five, ("Upload-Concat", "partial")],
            400,
            "NOT_OFFERED",
        ),
        (
            vec![alice, five, ("Upload-Metadata", "filename !")],
            400,
            "MALFORMED",
        ),
        (
            vec![alice, five, ("Upload-Checksum", "md5 AA==")],
            400,
            "MALFORMED",
        ),
        (vec![five], 401, "ACCOUNT_REQUIRED"),
        (
            vec![alice, five, ("Upload-Metadata", "to bm9ib2R5")],
            404,
            "NOT_FOUND",
        ),
        (
            vec![alice, five, ("Upload-Metadata", "room I25vbmU=")],
            404,
            "NOT_FOUND",
        ),
    ] {
        let lines: Vec<_> = [TUS].into_iter().chain(lines).collect();
        let answered = bench.ask("POST /api/v1/uploads", &lines, b"").await;
        assert_eq!(
            (answered.status, answered.code().as_str()),
            (status, code),
            "{lines:?}"
        );
        assert_eq!(answered.header("tus-resumable"), Some("1.0.0"));
        if status == 413 {
            let limit = answered.header("upload-limit");
            assert_eq!(limit, Some("max-size=1024, maxsize=1024"));
            assert_eq!(answered.header("connection"), Some("close"));
        }
    }
    assert_eq!(bench.names("incoming"), Vec::<String>::new());
}

#[tokio::test]
async fn a_piece_that_does_not_fit_changes_nothing() {
    let bench = Bench::new();
    let path = begun(&bench, "10").await;
    patch(&bench, &path, "0", b"hello").await;
    let line = format!("PATCH {path}");
    for (lines, body, status, code) in [
        (
            vec![PIECE, ("Upload-Offset", "4")],
            &b"x"[..],
            409,
            "OTHER_OFFSET",
        ),
        (
            vec![PIECE, ("Upload-Offset", "6")],
            b"x",
            409,
            "OTHER_OFFSET",
        ),
        (vec![PIECE, ("Upload-Offset", "-5")], b"x", 400, "MALFORMED"),
        (vec![PIECE], b"x", 400, "MALFORMED"),
        (vec![("Upload-Offset", "5")], b"x", 415, "PIECE_NEEDED"),
        (
            vec![("Content-Type", "text/plain"), ("Upload-Offset", "5")],
            b"x",
            415,
            "PIECE_NEEDED",
        ),
        (
            vec![PIECE, ("Upload-Offset", "5")],
            b"worlds",
            413,
            "FILE_TOO_LARGE",
        ),
    ] {
        let lines: Vec<_> = [TUS].into_iter().chain(lines).collect();
        let answered = bench.ask(&line, &lines, body).await;
        assert_eq!(
            (answered.status, answered.code().as_str()),
            (status, code),
            "{lines:?}"
        );
        assert_eq!(offset(&bench, &path).await, "5");
    }
    // The length is not always said before.
    let lines = [
        TUS,
        PIECE,
        ("Upload-Offset", "5"),
        ("Transfer-Encoding", "chunked"),
    ];
    let mut client = bench.connect();
    client
        .write_all(head(&line, &lines, None).as_bytes())
        .await
        .unwrap();
    client
        .write_all(b"3\r\nwor\r\n3\r\nlds\r\n0\r\n\r\n")
        .await
        .unwrap();
    assert_eq!(answer(&mut client).await.status, 413);
    assert_eq!(offset(&bench, &path).await, "5");
}

#[tokio::test]
async fn what_breaks_off_is_kept_and_goes_on() {
    let bench = Bench::new();
    let path = begun(&bench, "10").await;
    let lines = [TUS, PIECE, ("Upload-Offset", "0")];
    let mut client = bench.connect();
    let line = format!("PATCH {path}");
    client
        .write_all(head(&line, &lines, Some(10)).as_bytes())
        .await
        .unwrap();
    client.write_all(b"hell").await.unwrap();
    drop(client);
    // Whoever asks waits until what broke off has ended.
    let mut looked = offset(&bench, &path).await;
    while looked == "0" {
        tokio::task::yield_now().await;
        looked = offset(&bench, &path).await;
    }
    assert_eq!(looked, "4");
    assert_eq!(patch(&bench, &path, "4", b"oworld").await.status, 204);
    let sha256 = "936a185caaa266bb9cbe981e9e05cb78cd732b0b3280eb944412bb6f8f8f07af";
    assert_eq!(bench.names("blobs"), [sha256]);
}

#[tokio::test]
async fn of_two_who_send_at_one_offset_one_is_refused() {
    let bench = Bench::new();
    let path = begun(&bench, "10").await;
    let line = format!("PATCH {path}");
    let lines = [TUS, PIECE, ("Upload-Offset", "0")];
    let mut first = bench.connect();
    first
        .write_all(head(&line, &lines, Some(10)).as_bytes())
        .await
        .unwrap();
    first.write_all(b"hello").await.unwrap();
    let permit = path.rsplit('/').next().unwrap();
    let permit = causette_core::file::PermitKey::parse(permit).unwrap();
    let upload = bench.files.upload(permit).unwrap();
    while upload.take().is_some() {
        tokio::task::yield_now().await;
    }
    let second = patch(&bench, &path, "0", b"jolly").await;
    assert_eq!(
        (second.status, second.code()),
        (409, "UPLOAD_BUSY".to_owned())
    );
    first.write_all(b"world").await.unwrap();
    assert_eq!(answer(&mut first).await.status, 204);
    let sha256 = "936a185caaa266bb9cbe981e9e05cb78cd732b0b3280eb944412bb6f8f8f07af";
    assert_eq!(bench.names("blobs"), [sha256]);
}

#[tokio::test]
async fn a_client_that_can_only_post_says_what_it_means() {
    let bench = Bench::new();
    let path = begun(&bench, "5").await;
    let line = format!("POST {path}");
    let meant = |method| ("X-HTTP-Method-Override", method);
    let lines = [TUS, PIECE, ("Upload-Offset", "0"), meant("PATCH")];
    assert_eq!(bench.ask(&line, &lines, b"hel").await.status, 204);
    assert_eq!(
        bench.ask(&line, &[TUS, meant("DELETE")], b"").await.status,
        204
    );
    assert_eq!(bench.ask(&line, &[TUS], b"").await.status, 405);
}

#[tokio::test]
async fn nothing_is_left_of_what_is_given_up() {
    let bench = Bench::new();
    let path = begun(&bench, "10").await;
    patch(&bench, &path, "0", b"hello").await;
    let given_up = bench.ask(&format!("DELETE {path}"), &[TUS], b"").await;
    assert_eq!(given_up.status, 204);
    assert_eq!(bench.names("incoming"), Vec::<String>::new());
    for (line, lines) in [
        (format!("HEAD {path}"), vec![TUS]),
        (
            format!("PATCH {path}"),
            vec![TUS, PIECE, ("Upload-Offset", "5")],
        ),
        (format!("DELETE {path}"), vec![TUS]),
        ("HEAD /api/v1/uploads/nothing".to_owned(), vec![TUS]),
    ] {
        let answered = bench.ask(&line, &lines, b"").await;
        assert_eq!(answered.status, 404, "{line}");
        assert_eq!(answered.header("upload-offset"), None);
    }
}
