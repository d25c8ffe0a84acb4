//! Files on their way out.

use super::bench::{Bench, of};
use std::fmt::Write as _;

/// A file of alice's with this text, for whom it is said; its path.
pub(super) async fn file(bench: &Bench, name: &str, bytes: &[u8], visibility: &str) -> String {
    let (who, named) = (of("alice"), format!("attachment; filename=\"{name}\""));
    let alice = ("Authorization", who.as_str());
    let lines = [alice, ("Content-Disposition", &named)];
    let made = bench.ask("POST /upload", &lines, bytes).await.json();
    if visibility != "link" {
        let line = format!("PUT /api/v1/files/{}/visibility", made["id"]);
        let body = match visibility {
            "room" => r##"{"visibility":"room","room":"#tea"}"##.to_owned(),
            visibility => format!("{{\"visibility\":\"{visibility}\"}}"),
        };
        let shared = bench.ask(&line, &[alice], body.as_bytes()).await;
        assert_eq!(shared.status, 200, "{shared:?}");
    }
    made["path"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn parts_are_given_as_they_are_asked_for() {
    let bench = Bench::new();
    let path = file(&bench, "a.txt", b"0123456789", "link").await;
    let line = format!("GET {path}");
    let whole = bench.ask(&line, &[], b"").await;
    assert_eq!((whole.status, whole.text()), (200, "0123456789"));
    assert_eq!(whole.header("content-length"), Some("10"));
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    let etag = whole.header("etag").unwrap();
    for (lines, status, text, range) in [
        (
            vec![("Range", "bytes=2-4")],
            206,
            "234",
            Some("bytes 2-4/10"),
        ),
        (
            vec![("Range", "bytes=-3")],
            206,
            "789",
            Some("bytes 7-9/10"),
        ),
        (vec![("Range", "bytes=10-")], 416, "", Some("bytes */10")),
        (vec![("Range", "lines=1")], 200, "0123456789", None),
        (
            vec![("Range", "bytes=2-"), ("If-Range", etag)],
            206,
            "23456789",
            Some("bytes 2-9/10"),
        ),
        (
            vec![("Range", "bytes=2-"), ("If-Range", "\"other\"")],
            200,
            "0123456789",
            None,
        ),
        (vec![("If-None-Match", etag)], 304, "", None),
        (
            vec![("If-None-Match", "*"), ("Range", "bytes=1-")],
            304,
            "",
            None,
        ),
        (
            vec![("If-None-Match", "\"other\"")],
            200,
            "0123456789",
            None,
        ),
    ] {
        let got = bench.ask(&line, &lines, b"").await;
        assert_eq!((got.status, got.text()), (status, text), "{lines:?}");
        assert_eq!(got.header("content-range"), range, "{lines:?}");
        assert_eq!(got.header("etag"), Some(etag));
        let looked = bench.ask(&format!("HEAD {path}"), &lines, b"").await;
        assert_eq!((looked.status, looked.text()), (status, ""), "{lines:?}");
        if matches!(status, 200 | 206) {
            let length = text.len().to_string();
            assert_eq!(looked.header("content-length"), Some(length.as_str()));
        }
    }
}

#[tokio::test]
async fn several_parts_are_one_message() {
    let bench = Bench::new();
    let path = file(&bench, "a.txt", b"0123456789", "link").await;
    let lines = [("Range", "bytes=0-1, 4-5, -2")];
    let got = bench.ask(&format!("GET {path}"), &lines, b"").await;
    assert_eq!(got.status, 206);
    assert_eq!(got.header("content-range"), None);
    let kind = got.header("content-type").unwrap();
    let boundary = kind
        .strip_prefix("multipart/byteranges; boundary=")
        .unwrap();
    let mut expected = String::new();
    for (range, text) in [("0-1", "01"), ("4-5", "45"), ("8-9", "89")] {
        write!(
            expected,
            "\r\n--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes {range}/10\r\n\r\n{text}"
        )
        .unwrap();
    }
    write!(expected, "\r\n--{boundary}--\r\n").unwrap();
    assert_eq!(got.text(), expected);
    let length = expected.len().to_string();
    assert_eq!(got.header("content-length"), Some(length.as_str()));
}

#[tokio::test]
async fn a_large_file_arrives_whole() {
    let bench = Bench::new();
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|at| (at % 251) as u8).collect();
    let path = file(&bench, "large", &bytes, "link").await;
    let got = bench.ask(&format!("GET {path}"), &[], b"").await;
    assert!(got.status == 200 && got.body == bytes);
    let lines = [("Range", "bytes=262143-2000000")];
    let got = bench.ask(&format!("GET {path}"), &lines, b"").await;
    assert!(got.status == 206 && got.body == bytes[262_143..=2_000_000]);
}

#[tokio::test]
async fn what_one_may_not_see_is_as_what_is_not_there() {
    let bench = Bench::new();
    let there = file(&bench, "a.txt", b"hello", "private").await;
    let nowhere = format!("/files/{}/a.txt", "0".repeat(32));
    let (mut told, carol) = (Vec::new(), of("carol"));
    for path in [&there, &nowhere] {
        let unsigned = bench.ask(&format!("GET {path}"), &[], b"").await;
        assert_eq!(unsigned.status, 401);
        let way = unsigned.header("www-authenticate").unwrap();
        assert!(way.starts_with("Basic "), "{way}");
        let lines = [("Authorization", carol.as_str())];
        let stranger = bench.ask(&format!("GET {path}"), &lines, b"").await;
        assert_eq!(
            (stranger.status, stranger.code()),
            (404, "NOT_FOUND".to_owned())
        );
        told.push(
            stranger
                .text()
                .replace(path.split('/').nth(2).unwrap(), "KEY"),
        );
    }
    assert_eq!(told[0], told[1]);
    let wrong = "Basic YWxpY2U6d3Jvbmc=";
    let wrong = bench
        .ask(&format!("GET {there}"), &[("Authorization", wrong)], b"")
        .await;
    assert_eq!(wrong.status, 401);
    assert!(
        wrong
            .header("www-authenticate")
            .unwrap()
            .starts_with("Basic ")
    );
}

#[tokio::test]
async fn an_address_that_was_signed_opens_the_file_and_no_other_does() {
    let bench = Bench::new();
    let path = file(&bench, "a.txt", b"hello", "private").await;
    let other = file(&bench, "b.txt", b"world", "private").await;
    let alice = of("alice");
    let grant = format!(
        "PUT /api/v1/files/{}/grants/carol",
        path.split('/').nth(2).unwrap()
    );
    let sent = bench.ask(&grant, &[("Authorization", &alice)], b"").await;
    assert_eq!(sent.status, 200, "{sent:?}");
    let key = causette_core::file::FileKey::parse(path.split('/').nth(2).unwrap()).unwrap();
    let until = causette_proto::Timestamp((super::bench::BEGINNING + 3600) * 1_000_000);
    let carol = causette_core::id::AccountId(3);
    let token = super::bench::key().sign(key, carol, until).unwrap();
    let got = bench.ask(&format!("GET {path}?t={token}"), &[], b"").await;
    assert_eq!((got.status, got.text()), (200, "hello"));
    for wrong in [
        format!("{other}?t={token}"),
        format!("{path}?t={}", &token[1..]),
        format!("{path}?t="),
    ] {
        let got = bench.ask(&format!("GET {wrong}"), &[], b"").await;
        assert_eq!(got.status, 404, "{wrong}");
    }
}

#[tokio::test]
async fn who_wants_another_file_than_there_is_is_told_so() {
    let bench = Bench::new();
    let path = file(&bench, "a.txt", b"hello", "link").await;
    let got = bench.ask(&format!("GET {path}"), &[], b"").await;
    let etag = got.header("etag").unwrap();
    let since = got.header("last-modified").unwrap();
    let before = "Sun, 06 Nov 1994 08:49:37 GMT";
    for method in ["GET", "HEAD"] {
        let line = format!("{method} {path}");
        for (name, value, status) in [
            ("If-Match", etag, 200),
            ("If-Match", "*", 200),
            ("If-Match", "\"other\"", 412),
            ("If-Unmodified-Since", since, 200),
            ("If-Unmodified-Since", before, 412),
            ("If-Modified-Since", since, 304),
            ("If-Modified-Since", before, 200),
            ("If-None-Match", etag, 304),
        ] {
            let lines = [(name, value), ("Range", "bytes=0-0")];
            let answered = bench.ask(&line, &lines[..1], b"").await;
            assert_eq!(answered.status, status, "{method} {name}: {value}");
            assert_eq!(answered.header("etag"), Some(etag));
            if status == 412 && method == "GET" {
                assert_eq!(answered.code(), "PRECONDITION_FAILED");
            }
            // What is judged first decides, also where only a part is wanted.
            let part = bench.ask(&line, &lines, b"").await;
            let expected = if status == 200 { 206 } else { status };
            assert_eq!(part.status, expected, "{method} {name}: {value}");
        }
    }
    // Of what one may not see no condition tells anything.
    let private = file(&bench, "b.txt", b"world", "private").await;
    let lines = [("If-Match", "\"other\"")];
    let stranger = bench.ask(&format!("GET {private}"), &lines, b"").await;
    assert_eq!(stranger.status, 401);
}

#[tokio::test]
async fn where_there_is_nothing_one_is_told_so_as_everywhere() {
    let bench = Bench::new();
    let key = "0".repeat(32);
    for path in [
        "/files",
        "/files/",
        "/files/x",
        "/files/x/y/z",
        "/files/x/%ff",
        "/files/%ff/x",
        "/upload/",
        "/upload/%ff",
        "/upload/x/y",
        "/api/v1/files/",
        "/api/v1/files/%ff",
        "/api/v1/files/1/nothing",
        "/api/v1/files/named/%ff",
        "/api/v1/uploads/",
        "/api/v1/uploads/%ff",
        "/api/v1/uploads/x/y",
    ] {
        let lines = [("Accept-Language", "fr"), ("Authorization", &*of("alice"))];
        let answered = bench.ask(&format!("GET {path}"), &lines, b"").await;
        assert_eq!(
            (answered.status, &*answered.code()),
            (404, "NOT_FOUND"),
            "{path}"
        );
        let told = answered.json()["detail"].as_str().unwrap().to_owned();
        assert!(told.starts_with("Il n'y a "), "{path}: {told}");
    }
    for (line, allow) in [
        ("DELETE /upload", "POST"),
        ("PATCH /api/v1/files", "GET"),
        ("POST /api/v1/files/1/visibility", "PUT"),
        (&*format!("PUT /files/{key}/a.txt"), "GET"),
    ] {
        let answered = bench.ask(line, &[], b"").await;
        let code = answered.code();
        assert_eq!((answered.status, &*code), (405, "METHOD_NOT_ALLOWED"));
        let allowed = answered.header("allow").unwrap();
        assert!(allowed.contains(allow), "{line}: {allowed}");
    }
}
