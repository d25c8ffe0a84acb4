//! Files that come in one request.

use super::bench::{Bench, answer, head, of};
use causette_core::record::Fact;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

#[tokio::test]
async fn a_file_that_is_posted_gets_an_address() {
    let bench = Bench::new();
    let named = "attachment; filename=\"_t_.txt\"; filename*=UTF-8''%C3%A9t%C3%A9.txt";
    for name in ["alice", "alice/libera", "alice@phone"] {
        let who = of(name);
        let lines = [
            ("Authorization", who.as_str()),
            ("Content-Disposition", named),
            ("Content-Type", "text/plain"),
        ];
        let made = bench.ask("POST /upload", &lines, b"hello").await;
        assert_eq!(made.status, 201, "{made:?}");
        let place = made.header("location").unwrap();
        assert!(place.ends_with("/%C3%A9t%C3%A9.txt"), "{place}");
        assert_eq!(made.json()["path"], place);
        // Where the administrator says that files are.
        let address = format!("https://files.example.org{place}");
        assert_eq!(made.json()["address"], address);
        assert_eq!(made.json()["visibility"], "link");
        let got = bench.ask(&format!("GET {place}"), &[], b"").await;
        assert_eq!((got.status, got.text()), (200, "hello"));
    }
    // The same bytes, once.
    assert_eq!(bench.names("blobs").len(), 1);
    assert_eq!(
        bench.count(|fact| matches!(fact, Fact::FileAdded { .. })),
        3
    );
}

#[tokio::test]
async fn what_may_be_posted_is_told() {
    let bench = Bench::with("max_size = \"1KiB\"");
    let told = bench.ask("OPTIONS /upload", &[], b"").await;
    assert_eq!(told.status, 204);
    assert_eq!(told.header("allow"), Some("POST, OPTIONS"));
    assert_eq!(told.header("accept-post"), Some("*/*"));
    assert_eq!(
        told.header("upload-limit"),
        Some("max-size=1024, maxsize=1024")
    );
}

#[tokio::test]
async fn who_is_refused_need_not_send() {
    let bench = Bench::with("max_size = \"1KiB\"");
    let who = of("alice");
    for (authorization, status) in [(who.as_str(), 413), ("Bearer", 401)] {
        let lines = [("Authorization", authorization), ("Expect", "100-continue")];
        let mut client = bench.connect();
        let head = head("POST /upload", &lines, Some(1 << 20));
        client.write_all(head.as_bytes()).await.unwrap();
        let refused = answer(&mut client).await;
        assert_eq!(refused.status, status);
        assert_eq!(refused.header("connection"), Some("close"));
        // Whoever sends all the same reads the answer too.
        let lines = [("Authorization", authorization)];
        let refused = bench.ask("POST /upload", &lines, &vec![0; 1 << 20]).await;
        assert_eq!(refused.status, status);
    }
    assert_eq!(bench.names("incoming"), Vec::<String>::new());
    assert_eq!(bench.names("blobs"), Vec::<String>::new());
}

#[tokio::test]
async fn who_is_not_refused_is_told_to_send() {
    let bench = Bench::new();
    let who = of("alice");
    let lines = [("Authorization", who.as_str()), ("Expect", "100-continue")];
    let mut client = bench.connect();
    let head = head("POST /upload", &lines, Some(5));
    client.write_all(head.as_bytes()).await.unwrap();
    let mut told = [0; 25];
    client.read_exact(&mut told).await.unwrap();
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    client.write_all(b"hello").await.unwrap();
    assert_eq!(answer(&mut client).await.status, 201);
}

#[tokio::test]
async fn of_what_breaks_off_nothing_is_kept() {
    let bench = Bench::new();
    let who = of("alice");
    for lines in [
        vec![("Authorization", who.as_str())],
        vec![
            ("Authorization", who.as_str()),
            ("Transfer-Encoding", "chunked"),
        ],
    ] {
        let length = (lines.len() == 1).then_some(10);
        let mut client = bench.connect();
        let head = head("POST /upload", &lines, length);
        client.write_all(head.as_bytes()).await.unwrap();
        client.write_all(b"5\r\nhello\r\n").await.unwrap();
        client.shutdown().await.unwrap();
        let mut rest = Vec::new();
        let _ = client.read_to_end(&mut rest).await;
    }
    while !bench.names("incoming").is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(bench.names("blobs"), Vec::<String>::new());
    assert_eq!(
        bench.count(|fact| matches!(fact, Fact::FileAdded { .. })),
        0
    );
}

#[tokio::test]
async fn a_page_of_another_site_changes_nothing() {
    let bench = Bench::new();
    let who = of("alice");
    for (origin, status, allowed) in [
        ("https://evil.example", 403, None),
        ("https://localhost.evil.example", 403, None),
        ("null", 403, None),
        ("http://localhost", 201, Some("http://localhost")),
        (
            "https://files.example.org",
            201,
            Some("https://files.example.org"),
        ),
        (
            "https://chat.example.org",
            201,
            Some("https://chat.example.org"),
        ),
    ] {
        let lines = [("Authorization", who.as_str()), ("Origin", origin)];
        let answered = bench.ask("POST /upload", &lines, b"hello").await;
        assert_eq!(answered.status, status, "{origin}");
        let told = answered.header("access-control-allow-origin");
        assert_eq!(told, allowed, "{origin}");
        for path in ["/upload", "/api/v1/uploads", "/api/v1/files", "/files/x/y"] {
            let lines = [
                ("Origin", origin),
                ("Access-Control-Request-Method", "POST"),
            ];
            let asked = bench.ask(&format!("OPTIONS {path}"), &lines, b"").await;
            assert_eq!(asked.status, 204, "{path}");
            let told = asked.header("access-control-allow-origin");
            assert_eq!(told, allowed, "{path} {origin}");
            if allowed.is_some() {
                let headers = asked.header("access-control-allow-headers").unwrap();
                for name in ["Authorization", "Content-Disposition", "Upload-Offset"] {
                    assert!(headers.contains(name), "{headers}");
                }
                let exposed = asked.header("access-control-expose-headers").unwrap();
                assert!(exposed.contains("Location"), "{exposed}");
            }
        }
    }
}

#[tokio::test]
async fn a_link_shows_a_form_that_needs_no_script() {
    let bench = Bench::new();
    let path = bench.link("a <b>.txt", 1000).await;
    for (language, title) in [("en", "Upload a file"), ("fr", "Déposer un fichier")] {
        let lines = [("Accept-Language", language)];
        let page = bench.ask(&format!("GET {path}"), &lines, b"").await;
        assert_eq!(page.status, 200);
        let html = page.text();
        assert!(html.contains(title) && html.contains("a _b_.txt"), "{html}");
        assert!(html.contains("enctype=\"multipart/form-data\""), "{html}");
        assert!(!html.contains("<script"), "{html}");
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"));
        assert!(policy.contains("form-action 'self'; base-uri 'none'; frame-ancestors 'none'"));
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
    }
    let unknown = bench.ask("GET /upload/00", &[], b"").await;
    assert_eq!(unknown.status, 404);
    assert!(!unknown.text().contains("<form"));
}

#[tokio::test]
async fn what_a_link_is_not_for_is_refused_and_the_form_comes_again() {
    let bench = Bench::new();
    let path = bench.link("a.txt", 4).await;
    let form = ("Content-Type", "multipart/form-data; boundary=B");
    let body = |bytes: &str| {
        format!(
            "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n{bytes}\r\n--B--\r\n"
        )
    };
    let line = format!("POST {path}");
    for (kind, body, status) in [
        (form, body("hello"), 413),
        (form, "--B--\r\n".to_owned(), 400),
        (("Content-Type", "text/plain"), "x".to_owned(), 415),
    ] {
        let page = bench.ask(&line, &[kind], body.as_bytes()).await;
        assert_eq!(page.status, status);
        let html = page.text();
        assert!(
            html.contains("role=\"alert\"") && html.contains("<form"),
            "{html}"
        );
    }
    let put = bench.ask(&format!("PUT {path}"), &[], b"hello").await;
    assert_eq!((put.status, put.code()), (413, "FILE_TOO_LARGE".to_owned()));
    assert_eq!(bench.names("blobs"), Vec::<String>::new());
}

#[tokio::test]
async fn a_refusal_that_ends_a_link_shows_no_form() {
    let bench = Bench::with(
        "[files.scan]\ncommand = [\"/bin/sh\", \"-c\", \"echo worm; exit 1\", \"{path}\"]",
    );
    let path = bench.link("a.txt", 100).await;
    let form = ("Content-Type", "multipart/form-data; boundary=B");
    let body = b"--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nhello\r\n--B--\r\n";
    let refused = bench.ask(&format!("POST {path}"), &[form], body).await;
    assert_eq!(refused.status, 422);
    let html = refused.text();
    assert!(
        html.contains("role=\"alert\">This file does harm"),
        "{html}"
    );
    assert!(html.contains("This link is over"), "{html}");
    assert!(!html.contains("<form"), "{html}");
    let again = bench.ask(&format!("GET {path}"), &[], b"").await;
    assert_eq!(again.status, 404);
}

#[tokio::test]
async fn what_a_form_or_put_sends_is_there_and_the_page_says_where() {
    let bench = Bench::new();
    let path = bench.link("a & b.txt", 100).await;
    let form = ("Content-Type", "multipart/form-data; boundary=B");
    let body = b"--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nhello\r\n--B--\r\n";
    // A browser says of such a page that it comes from nowhere.
    let lines = [form, ("Origin", "null")];
    let made = bench.ask(&format!("POST {path}"), &lines, body).await;
    assert_eq!(made.status, 201, "{made:?}");
    let html = made.text();
    assert!(html.contains("a &amp; b.txt"), "{html}");
    assert!(
        html.contains("<a href=\"https://files.example.org/files/"),
        "{html}"
    );
    assert!(!html.contains("<form"), "{html}");
    let path = bench.link("b.txt", 100).await;
    let put = bench.ask(&format!("PUT {path}"), &[], b"hello").await;
    assert_eq!(put.status, 201, "{put:?}");
    assert!(put.text().starts_with("https://files.example.org/files/"));
    assert!(put.text().ends_with("/b.txt\n"));
    assert_eq!(bench.names("blobs").len(), 1);
    assert_eq!(bench.names("incoming"), Vec::<String>::new());
}
