//! Each header that is served, for each route, by whom and for whom, as a text that people can read: `headers.txt`, which `UPDATE_EXPECT=1`
//! rewrites.

use super::bench::{Answered, Bench, of};
use super::downloads::file;
use super::pieces::{PIECE, TUS, begun};
use std::fmt::Write as _;
use std::path::Path;

/// The routes, as they stand in the source.
const SOURCE: &str = include_str!("../../files.rs");

/// What somebody sends beside the line of a request.
type Lines<'a> = [(&'a str, &'a str)];

/// The table, with each route that stands in it.
#[derive(Default)]
struct Table {
    text: String,
    routes: Vec<&'static str>,
}

impl Table {
    /// What was answered to a request to a route, in some case. What is another each time is not told.
    fn add(&mut self, method: &str, route: &'static str, case: &str, answered: &Answered) {
        self.routes.push(route);
        let status = answered.status;
        writeln!(self.text, "{method} {route} {case}: {status}").unwrap();
        let mut headers: Vec<String> = answered.head.lines().skip(1).map(told).collect();
        headers.sort_unstable();
        for header in headers {
            writeln!(self.text, "  {header}").unwrap();
        }
    }
}

/// A header without what is another each time, and without the length of what only people read.
fn told(line: &str) -> String {
    let (name, value) = line.split_once(": ").unwrap();
    match name {
        "date" | "last-modified" | "upload-expires" => format!("{name}: …"),
        "content-length" if value.len() > 2 => format!("{name}: …"),
        _ => format!("{name}: {}", without_keys(value)),
    }
}

fn without_keys(value: &str) -> String {
    let is_key = |word: &str| word.len() == 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let words = value.split('/');
    let words = words.map(|word| if is_key(word) { "KEY" } else { word });
    words.collect::<Vec<_>>().join("/")
}

/// Who asks, as they say it: alice whose all is, bob in the room, carol, and nobody.
fn people() -> [(&'static str, Option<String>); 4] {
    let known = ["alice", "bob", "carol"].map(|name| (name, Some(of(name))));
    let [alice, bob, carol] = known;
    [alice, bob, carol, ("nobody", None)]
}

struct Asker<'a> {
    bench: &'a Bench,
    table: Table,
}

impl Asker<'_> {
    /// Asks as somebody at a path of a route, and tells what came of it.
    async fn ask(
        &mut self,
        (method, route, path): (&str, &'static str, &str),
        (case, who): (&str, &Option<String>),
        more: &Lines<'_>,
        body: &[u8],
    ) -> Answered {
        let mut lines = more.to_vec();
        if let Some(who) = who {
            lines.push(("Authorization", who));
        }
        let answered = self
            .bench
            .ask(&format!("{method} {path}"), &lines, body)
            .await;
        self.table.add(method, route, case, &answered);
        answered
    }

    async fn downloads(&mut self) {
        const ROUTE: &str = "/files/{key}/{name}";
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
                let path = file(self.bench, name, bytes, visibility).await;
                for method in ["GET", "HEAD"] {
                    for (who, credential) in people() {
                        // Of the others it is the same, whatever the file is.
                        if who == "alice" || name == "a.txt" {
                            let case = format!("({name}, {visibility}) by {who}");
                            let place = (method, ROUTE, &*path);
                            self.ask(place, (&case, &credential), &[], b"").await;
                        }
                    }
                }
            }
        }
        let path = file(self.bench, "a.txt", b"hello", "link").await;
        let etag = self.bench.ask(&format!("HEAD {path}"), &[], b"").await;
        let etag = etag.header("etag").unwrap().to_owned();
        for (case, line) in [
            ("one part", ("Range", "bytes=1-2")),
            ("two parts", ("Range", "bytes=0-0,2-2")),
            ("no part", ("Range", "bytes=9-")),
            ("known", ("If-None-Match", &*etag)),
            ("another", ("If-Match", "\"other\"")),
        ] {
            for method in ["GET", "HEAD"] {
                self.ask((method, ROUTE, &path), (case, &None), &[line], b"")
                    .await;
            }
        }
        for method in ["OPTIONS", "PUT"] {
            self.ask((method, ROUTE, &path), ("by nobody", &None), &[], b"")
                .await;
        }
        let unread = ("GET", ROUTE, "/files/x/%ff");
        self.ask(unread, ("unreadable", &None), &[], b"").await;
    }

    async fn whole(&mut self) {
        const ROUTE: &str = "/upload";
        let origin = [("Origin", "https://files.example.org")];
        for more in [&[][..], &origin] {
            let case = if more.is_empty() { "" } else { "from our page" };
            self.ask(("OPTIONS", ROUTE, ROUTE), (case, &None), more, b"")
                .await;
        }
        for (who, credential) in people() {
            let who = (who, &credential);
            self.ask(("POST", ROUTE, ROUTE), who, &[], b"hello").await;
        }
        self.ask(("GET", ROUTE, ROUTE), ("", &None), &[], b"").await;
    }

    async fn link(&mut self) {
        const ROUTE: &str = "/upload/{permit}";
        let form = ("Content-Type", "multipart/form-data; boundary=B");
        let body = b"--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nhello\r\n--B--\r\n";
        let path = self.bench.link("a.txt", 100).await;
        let mut ask = async |case, method, path: &str, more: &Lines<'_>, body: &[u8]| {
            self.ask((method, ROUTE, path), (case, &None), more, body)
                .await;
        };
        ask("under way", "GET", &path, &[], b"").await;
        ask("under way", "HEAD", &path, &[], b"").await;
        ask("under way", "OPTIONS", &path, &[], b"").await;
        ask("under way", "DELETE", &path, &[], b"").await;
        ask("no form", "POST", &path, &[], b"hello").await;
        ask("a form", "POST", &path, &[form], body).await;
        ask("made", "GET", &path, &[], b"").await;
        for method in ["GET", "PUT", "POST"] {
            ask("unknown", method, "/upload/x", &[], b"").await;
        }
        let path = self.bench.link("a.txt", 100).await;
        let mut ask = async |case, method, path: &str, body: &[u8]| {
            self.ask((method, ROUTE, path), (case, &None), &[], body)
                .await;
        };
        ask("too long", "PUT", &path, &[b'x'; 101]).await;
        ask("bytes", "PUT", &path, b"hello").await;
    }

    async fn pieces(&mut self) {
        const ALL: &str = "/api/v1/uploads";
        const ONE: &str = "/api/v1/uploads/{permit}";
        let length = ("Upload-Length", "5");
        for (who, credential) in people() {
            let who = (who, &credential);
            self.ask(("POST", ALL, ALL), who, &[TUS, length], b"").await;
        }
        let alice = Some(of("alice"));
        let whole = [TUS, length, PIECE];
        self.ask(("POST", ALL, ALL), ("whole", &alice), &whole, b"hello")
            .await;
        self.ask(
            ("POST", ALL, ALL),
            ("other version", &alice),
            &[length],
            b"",
        )
        .await;
        for method in ["OPTIONS", "GET", "DELETE"] {
            self.ask((method, ALL, ALL), ("", &None), &[TUS], b"").await;
        }
        let path = begun(self.bench, "5").await;
        for method in ["OPTIONS", "HEAD", "GET", "POST"] {
            let place = (method, ONE, &*path);
            self.ask(place, ("under way", &None), &[TUS], b"").await;
        }
        for (case, offset, body) in [
            ("a piece", "0", &b"he"[..]),
            ("elsewhere", "0", b"he"),
            ("the last piece", "2", b"llo"),
        ] {
            let more = [TUS, PIECE, ("Upload-Offset", offset)];
            self.ask(("PATCH", ONE, &path), (case, &None), &more, body)
                .await;
        }
        for method in ["HEAD", "GET", "DELETE"] {
            self.ask((method, ONE, &path), ("made", &None), &[TUS], b"")
                .await;
        }
        let path = begun(self.bench, "5").await;
        let place = ("DELETE", ONE, &*path);
        self.ask(place, ("under way", &None), &[TUS], b"").await;
        for method in ["HEAD", "GET", "PATCH", "DELETE"] {
            let more = [TUS, PIECE, ("Upload-Offset", "0")];
            self.ask((method, ONE, &path), ("unknown", &None), &more, b"")
                .await;
        }
    }

    async fn lists(&mut self) {
        for (route, path) in [
            ("/api/v1/files", "/api/v1/files"),
            ("/api/v1/files", "/api/v1/files?which=nothing"),
            ("/api/v1/files/usage", "/api/v1/files/usage"),
            ("/api/v1/files/uploads", "/api/v1/files/uploads"),
        ] {
            for (who, credential) in people() {
                let case = format!("({path}) by {who}");
                self.ask(("GET", route, path), (&case, &credential), &[], b"")
                    .await;
            }
            for method in ["OPTIONS", "PATCH"] {
                self.ask((method, route, path), ("", &None), &[], b"").await;
            }
        }
        begun(self.bench, "5").await;
        for (route, path) in [
            ("/api/v1/files/uploads", "/api/v1/files/uploads"),
            ("/api/v1/files/uploads/{number}", "/api/v1/files/uploads/1"),
        ] {
            for (who, credential) in people() {
                self.ask(("DELETE", route, path), (who, &credential), &[], b"")
                    .await;
            }
            self.ask(("OPTIONS", route, path), ("", &None), &[], b"")
                .await;
        }
    }

    async fn one(&mut self) {
        for visibility in ["link", "public", "room", "private"] {
            let name = format!("{visibility}.txt");
            let path = file(self.bench, &name, b"hello", visibility).await;
            let key = path.split('/').nth(2).unwrap();
            let of_one = format!("/api/v1/files/{key}");
            let named = format!("/api/v1/files/named/{name}");
            let shown = format!("{of_one}/visibility");
            let sent = format!("{of_one}/grants/carol");
            let same = format!("{{\"visibility\":\"{visibility}\",\"room\":\"#tea\"}}");
            for (method, route, path, body) in [
                ("GET", "/api/v1/files/{file}", &of_one, ""),
                ("GET", "/api/v1/files/named/{name}", &named, ""),
                ("PUT", "/api/v1/files/{file}/visibility", &shown, &*same),
                ("PUT", "/api/v1/files/{file}/grants/{name}", &sent, ""),
                ("DELETE", "/api/v1/files/{file}/grants/{name}", &sent, ""),
                ("DELETE", "/api/v1/files/{file}", &of_one, ""),
            ] {
                // Who owns it last: then it is no more as it was.
                for (who, credential) in people().iter().rev() {
                    let case = format!("({visibility}) by {who}");
                    let place = (method, route, &**path);
                    self.ask(place, (&case, credential), &[], body.as_bytes())
                        .await;
                }
                if visibility == "link" {
                    for other in ["OPTIONS", "PATCH"] {
                        self.ask((other, route, path), ("", &None), &[], b"").await;
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn the_table_of_headers_is_as_it_was() {
    let bench = Bench::new();
    let mut asker = Asker {
        bench: &bench,
        table: Table::default(),
    };
    asker.downloads().await;
    asker.whole().await;
    asker.link().await;
    asker.pieces().await;
    asker.lists().await;
    asker.one().await;
    let Table { text, routes } = asker.table;
    let source = SOURCE.split(".route(").skip(1);
    let all: Vec<&str> = source.map(|rest| rest.split('"').nth(1).unwrap()).collect();
    assert!(all.len() > 10, "{all:?}");
    for route in &all {
        assert!(routes.contains(route), "{route} is not in the table");
    }
    for route in &routes {
        assert!(all.contains(route), "{route} is no route");
    }
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/files/tests/headers.txt");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&place, &text).unwrap();
    }
    let expected = std::fs::read_to_string(&place).unwrap_or_default();
    assert!(
        text == expected,
        "the headers are others: UPDATE_EXPECT=1 cargo test -p causette-server headers\n{text}"
    );
}
