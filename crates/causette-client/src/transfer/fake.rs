//! A server that speaks the contract of files, and breaks off where a test wants it to.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// An upload as the server knows it.
#[derive(Clone, Debug, Default)]
pub(super) struct Arrived {
    pub(super) length: usize,
    pub(super) bytes: Vec<u8>,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) is_made: bool,
}

/// What the server knows, and what it will do wrong.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) uploads: BTreeMap<String, Arrived>,
    /// Files by their number.
    pub(super) files: BTreeMap<u64, (String, Vec<u8>)>,
    /// After how many bytes of a body the connection is cut, one for each request that has one or gets one.
    pub(super) cuts: Vec<usize>,
    /// Requests that are done, and whose answer is lost: by method.
    pub(super) lost: Vec<&'static str>,
    /// What is answered instead: for a method, a status and a body.
    pub(super) refusals: Vec<(&'static str, u16, &'static str)>,
    /// Whether parts of a file are given.
    pub(super) gives_no_parts: bool,
    /// Whether what one may see can be asked at once.
    pub(super) knows_seen: bool,
    /// Whether the bytes of no file are given, though it is told of: those who run the server have put it aside.
    pub(super) withholds: bool,
    /// Whether that is so from the next cut on.
    pub(super) withholds_after_cut: bool,
    /// Whether the last byte of what is given is another one.
    pub(super) corrupts: bool,
    /// What came: method, path and the range that was asked for.
    pub(super) asked: Vec<String>,
    next: u64,
}

pub(super) struct Fake {
    pub(super) port: u16,
    pub(super) state: Arc<Mutex<State>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Fake {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State::default()));
        let own = state.clone();
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, own.clone()));
            }
        });
        Self { port, state, task }
    }

    pub(super) fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().unwrap())
    }

    /// The requests of a method that came.
    pub(super) fn count(&self, method: &str) -> usize {
        self.with(|state| {
            state
                .asked
                .iter()
                .filter(|asked| asked.starts_with(method))
                .count()
        })
    }
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    let digest = digest(&SHA256, bytes);
    digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn tag(bytes: &[u8]) -> String {
    format!(
        "\"sha256-{}\"",
        BASE64_STANDARD.encode(digest(&SHA256, bytes))
    )
}

fn row(id: u64, name: &str, bytes: &[u8]) -> String {
    serde_json::json!({
        "id": id, "key": format!("{id:032x}"), "name": name, "owner": "alice", "type": "text/plain",
        "size": bytes.len(), "sha256": sha256(bytes), "visibility": "public", "room": null, "sent_to": [],
        "quarantined": false, "since": "2026-01-01T12:00:00.000Z", "until": null,
        "path": format!("/files/{id:032x}/{}", causette_proto::percent_encoded(name, "")),
    })
    .to_string()
}

struct Asked {
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
}

impl Asked {
    fn number(&self, name: &str) -> Option<usize> {
        self.headers.get(name)?.parse().ok()
    }
}

async fn read_head(stream: &mut TcpStream) -> Option<Asked> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.lines();
    let mut words = lines.next()?.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    Some(Asked {
        method,
        path,
        headers: headers.collect(),
    })
}

async fn serve(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    let Some(asked) = read_head(&mut stream).await else {
        return;
    };
    let (refusal, is_lost) = {
        let mut state = state.lock().unwrap();
        let range = asked.headers.get("range").cloned().unwrap_or_default();
        state
            .asked
            .push(format!("{} {} {range}", asked.method, asked.path));
        assert_eq!(asked.headers["authorization"], "Bearer token");
        let refusal = state
            .refusals
            .iter()
            .position(|(method, ..)| *method == asked.method);
        let lost = state.lost.iter().position(|method| *method == asked.method);
        let refusal = refusal.map(|at| state.refusals.remove(at));
        (refusal, lost.map(|at| state.lost.remove(at)).is_some())
    };
    if let Some((_, status, body)) = refusal {
        return answer(&mut stream, &format!("{status} No"), "", body.as_bytes()).await;
    }
    let (status, headers, body) = match asked.method.as_str() {
        "POST" if asked.path == "/upload" => match host(&mut stream, &asked, &state).await {
            Some(answer) => answer,
            None => return,
        },
        "POST" => begin(&asked, &state),
        "PATCH" => match patch(&mut stream, &asked, &state).await {
            Some(answer) => answer,
            None => return,
        },
        "DELETE" => {
            let id = asked.path.rsplit('/').next().unwrap();
            state.lock().unwrap().uploads.remove(id);
            ("204 No Content", String::new(), Vec::new())
        }
        _ => get(&asked, &state),
    };
    if is_lost {
        return;
    }
    let cut = (asked.method == "GET" && asked.path.starts_with("/files/"))
        .then(|| {
            let mut state = state.lock().unwrap();
            let cut = state.cuts.pop()?;
            state.withholds |= std::mem::take(&mut state.withholds_after_cut);
            Some(cut)
        })
        .flatten();
    match cut {
        Some(cut) if cut < body.len() => {
            let length = body.len();
            let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n");
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(&body[..cut]).await.unwrap();
        }
        _ => answer(&mut stream, status, &headers, &body).await,
    }
}

async fn answer(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8]) {
    let length = match status {
        "204 No Content" => String::new(),
        _ => format!("content-length: {}\r\n", body.len()),
    };
    let head = format!("HTTP/1.1 {status}\r\n{headers}{length}connection: close\r\n\r\n");
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(body).await;
    let _ = stream.shutdown().await;
}

type Reply = (&'static str, String, Vec<u8>);

fn begin(asked: &Asked, state: &Mutex<State>) -> Reply {
    let mut state = state.lock().unwrap();
    state.next += 1;
    let id = format!("permit{}", state.next);
    let pairs = asked.headers["upload-metadata"].split(',');
    let metadata = pairs.map(|pair| {
        let (key, value) = pair.split_once(' ').unwrap();
        let value = BASE64_STANDARD.decode(value).unwrap();
        (key.to_owned(), String::from_utf8(value).unwrap())
    });
    let upload = Arrived {
        length: asked.number("upload-length").unwrap(),
        metadata: metadata.collect(),
        ..Arrived::default()
    };
    state.uploads.insert(id.clone(), upload);
    let location = format!("location: /api/v1/uploads/{id}\r\n");
    ("201 Created", location, Vec::new())
}

/// Takes a file in one request, as other servers do.
async fn host(stream: &mut TcpStream, asked: &Asked, state: &Mutex<State>) -> Option<Reply> {
    let length = asked.number("content-length").unwrap();
    let cut = state.lock().unwrap().cuts.pop().unwrap_or(usize::MAX);
    let mut bytes = vec![0; length.min(cut)];
    stream.read_exact(&mut bytes).await.ok()?;
    if cut < length {
        return None;
    }
    let name = asked.headers["content-disposition"].clone();
    state.lock().unwrap().files.insert(1, (name, bytes));
    Some((
        "201 Created",
        "location: /u/1.txt\r\n".to_owned(),
        Vec::new(),
    ))
}

/// Takes what comes; nothing where the connection is to be cut.
async fn patch(stream: &mut TcpStream, asked: &Asked, state: &Mutex<State>) -> Option<Reply> {
    let id = asked.path.rsplit('/').next().unwrap().to_owned();
    let length = asked.number("content-length").unwrap();
    let begins = asked.number("upload-offset").unwrap();
    let cut = {
        let mut state = state.lock().unwrap();
        let Some(upload) = state.uploads.get(&id) else {
            return Some(("404 Not Found", String::new(), b"{}".to_vec()));
        };
        if upload.bytes.len() != begins {
            return Some(("409 Conflict", String::new(), b"{}".to_vec()));
        }
        state.cuts.pop().unwrap_or(usize::MAX)
    };
    let mut bytes = vec![0; length.min(cut)];
    stream.read_exact(&mut bytes).await.ok()?;
    let mut state = state.lock().unwrap();
    let upload = state.uploads.get_mut(&id).unwrap();
    upload.bytes.extend(bytes);
    if cut < length {
        return None;
    }
    let offset = format!("upload-offset: {}\r\n", upload.bytes.len());
    if upload.metadata["sha256"] != sha256(&upload.bytes) {
        state.uploads.remove(&id);
        let problem = br#"{"code":"DIGEST_MISMATCH","detail":"other"}"#;
        return Some(("422 Unprocessable", String::new(), problem.to_vec()));
    }
    upload.is_made = true;
    let (name, bytes) = (upload.metadata["filename"].clone(), upload.bytes.clone());
    let number = state.files.len() as u64 + 1;
    state.files.insert(number, (name, bytes));
    Some(("204 No Content", offset, Vec::new()))
}

fn get(asked: &Asked, state: &Mutex<State>) -> Reply {
    let state = state.lock().unwrap();
    let none = || ("404 Not Found", String::new(), b"{}".to_vec());
    let told = |body: String| ("200 OK", String::new(), body.into_bytes());
    if let Some(id) = asked.path.strip_prefix("/api/v1/uploads/") {
        let Some(upload) = state.uploads.get(id) else {
            return none();
        };
        let file = upload.is_made.then(|| {
            let made = state
                .files
                .iter()
                .find(|(_, (_, bytes))| *bytes == upload.bytes);
            let (number, (name, bytes)) = made.unwrap();
            row(*number, name, bytes)
        });
        let file = file.unwrap_or_else(|| "null".to_owned());
        let (offset, length) = (upload.bytes.len(), upload.length);
        return told(format!(
            "{{\"offset\":{offset},\"length\":{length},\"file\":{file}}}"
        ));
    }
    if let Some(wanted) = asked.path.strip_prefix("/api/v1/files/") {
        let name = wanted.strip_prefix("named/");
        let found = state.files.iter().find(|(number, (called, _))| match name {
            Some(name) => causette_proto::percent_encoded(called, "") == name,
            None => number.to_string() == wanted || format!("{number:032x}") == wanted,
        });
        return found.map_or_else(none, |(number, (name, bytes))| {
            told(row(*number, name, bytes))
        });
    }
    if asked.path.starts_with("/api/v1/files?which=seen") && !state.knows_seen {
        let problem = br#"{"code":"INVALID","detail":"There is no such part."}"#;
        return ("422 Unprocessable", String::new(), problem.to_vec());
    }
    if asked.path.starts_with("/api/v1/files?") {
        let rows = state.files.iter().rev();
        let rows: Vec<_> = rows
            .map(|(number, (name, bytes))| row(*number, name, bytes))
            .collect();
        return told(format!("{{\"files\":[{}],\"more\":false}}", rows.join(",")));
    }
    let found = state
        .files
        .iter()
        .find(|(number, _)| asked.path.starts_with(&format!("/files/{number:032x}/")));
    let Some((_, (_, bytes))) = found else {
        return none();
    };
    if state.withholds {
        let problem = br#"{"code":"QUARANTINED","detail":"It is put aside."}"#;
        return ("403 Forbidden", String::new(), problem.to_vec());
    }
    let headers = format!("etag: {}\r\n", tag(bytes));
    let mut given = bytes.clone();
    if let (true, Some(last)) = (state.corrupts, given.last_mut()) {
        *last ^= 1;
    }
    let range = asked.headers.get("range").filter(|_| !state.gives_no_parts);
    let is_same = asked.headers.get("if-range") == Some(&tag(bytes));
    match range.filter(|_| is_same) {
        Some(range) => {
            let from = range.trim_start_matches("bytes=").trim_end_matches('-');
            let from: usize = from.parse().unwrap();
            let (last, length) = (bytes.len() - 1, bytes.len());
            let range = format!("{headers}content-range: bytes {from}-{last}/{length}\r\n");
            ("206 Partial Content", range, given[from..].to_vec())
        }
        None => ("200 OK", headers, given),
    }
}
