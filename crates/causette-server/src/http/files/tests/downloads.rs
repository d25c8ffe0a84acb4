//! Files on their way out.

use super::bench::{Bench, of};
use std::fmt::Write as _;
use std::path::Path;

/// A file of alice's with this text, for whom it is said; its path.
async fn file(bench: &Bench, name: &str, bytes: &[u8], visibility: &str) -> String {
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

/// Each header that is served, for each visibility and some kinds, as a text that people can read.
#[tokio::test]
async fn the_table_of_headers_is_as_it_was() {
    let bench = Bench::new();
    let alice = of("alice");
    let mut table = String::new();
    for (name, bytes) in [
        ("a.txt", &b"hello"[..]),
        ("a.gif", b"GIF89a\x01\0\x01\0\0\0\0;"),
        (
            "a.svg",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>",
        ),
        ("a.html", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("a.pdf", b"%PDF-1.7\n"),
    ] {
        for visibility in ["link", "public", "room", "private"] {
            let path = file(&bench, name, bytes, visibility).await;
            let key = path.split('/').nth(2).unwrap();
            for method in ["GET", "HEAD"] {
                let lines = [("Authorization", alice.as_str())];
                let got = bench.ask(&format!("{method} {path}"), &lines, b"").await;
                assert_eq!(got.status, 200);
                let mut headers: Vec<&str> = got.head.lines().skip(1).collect();
                headers.retain(|line| !line.starts_with("date: "));
                headers.sort_unstable();
                writeln!(table, "{method} {name} {visibility}").unwrap();
                for header in headers {
                    writeln!(table, "  {}", header.replace(key, "KEY")).unwrap();
                }
            }
        }
    }
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/files/tests/headers.txt");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&place, &table).unwrap();
    }
    let expected = std::fs::read_to_string(&place).unwrap_or_default();
    assert!(
        table == expected,
        "the headers are others: UPDATE_EXPECT=1 cargo test -p causette-server headers\n{table}"
    );
}
