//! `GET` and `HEAD /files/<key>/<name>`: the bytes of a file, for whoever may have them.

use super::body::{self, Segment};
use super::call::{Call, Named, Refused, set};
use super::precondition::{self, Conditions};
use super::range::{self, Wanted};
use super::serving;
use crate::files;
use crate::http::api;
use axum::body::Body;
use axum::extract::RawQuery;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use causette_core::file::{File, FileKey, FileReport};
use causette_core::input::{Credential, FileWish};
use causette_core::output::Done;
use std::io::ErrorKind;
use std::ops::Range;

/// How a browser is asked for a name and a password.
const BASIC: &str = "Basic realm=\"causette\", charset=\"UTF-8\"";

/// Gives a file, or parts of it.
pub(super) async fn get(
    call: Call,
    Named((key, _)): Named<(String, String)>,
    RawQuery(query): RawQuery,
    method: Method,
) -> Response {
    match give(&call, &key, signed(query.as_deref()), &method).await {
        Ok(response) => response,
        Err(refused) => *refused,
    }
}

/// What an address is signed with: `?t=…`.
fn signed(query: Option<&str>) -> Option<&str> {
    query?.split('&').find_map(|pair| pair.strip_prefix("t="))
}

async fn give(
    call: &Call,
    key: &str,
    signed: Option<&str>,
    method: &Method,
) -> Result<Response, Refused> {
    let looks = method == Method::HEAD;
    let FileReport { file, since, .. } = find(call, key, signed, looks).await?;
    let (kept, sha256, of) = (call.site.files.clone(), file.sha256, file.clone());
    let opened = tokio::task::spawn_blocking(move || kept.bytes_of(&of)).await;
    let content = match opened {
        Ok(Ok(content)) => content,
        Ok(Err(error)) if error.kind() == ErrorKind::InvalidData => {
            // It is counted again, and is another file then.
            call.site.files.offered.look_again();
            return Err(call.refuse(
                StatusCode::SERVICE_UNAVAILABLE,
                "FILE_CHANGED",
                "file-changed",
            ));
        }
        Ok(Err(error)) => {
            tracing::error!(event = "files.content_missing", sha256 = %sha256, error = %error, "the bytes of a file cannot be opened");
            return Err(call.refuse(
                StatusCode::SERVICE_UNAVAILABLE,
                "CONTENT_MISSING",
                "file-bytes-missing",
            ));
        }
        Err(_) => return Err(call.unavailable()),
    };
    let etag = serving::etag(sha256);
    let size = file.size;
    let since = since.0.div_euclid(1_000_000).min(files::now_seconds());
    let mut headers = serving::headers(&file, since);
    let conditions = precondition::judge(&call.headers, &etag, since);
    if conditions == Conditions::Failed {
        let status = StatusCode::PRECONDITION_FAILED;
        let mut refused = call.refuse(status, "PRECONDITION_FAILED", "file-other-wanted");
        set(&mut refused, header::ETAG, &etag);
        return Err(refused);
    }
    let mut response = if conditions == Conditions::Known {
        // Of what has not changed only what it is kept by is told.
        headers.remove(header::CONTENT_TYPE);
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        match wanted(&call.headers, &etag, size) {
            Wanted::Nothing => {
                let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
                set(
                    &mut response,
                    header::CONTENT_RANGE,
                    &format!("bytes */{size}"),
                );
                response
            }
            Wanted::Parts(parts) => {
                let (segments, shown) = segments(&file, &headers, parts);
                let status = StatusCode::PARTIAL_CONTENT;
                let mut response = answer(status, content, segments, looks);
                match shown {
                    Shown::Range(range) => set(&mut response, header::CONTENT_RANGE, &range),
                    Shown::Type(kind) => {
                        headers.remove(header::CONTENT_TYPE);
                        set(&mut response, header::CONTENT_TYPE, &kind);
                    }
                }
                response
            }
            Wanted::Whole => {
                let whole = vec![Segment::Part(0..size)];
                answer(StatusCode::OK, content, whole, looks)
            }
        }
    };
    response.headers_mut().extend(headers);
    Ok(response)
}

/// The file, where who asks may have it. Whoever has not said who they are is asked; to everybody else there is none that they may not see.
async fn find(
    call: &Call,
    key: &str,
    signed: Option<&str>,
    looks: bool,
) -> Result<FileReport, Refused> {
    let by_address = || Some(Credential::Address(signed?.into()));
    let credential = api::credential(&call.headers).or_else(by_address);
    let is_asked = credential.is_none();
    let found = match FileKey::parse(key) {
        None => Err(unknown(call, key)),
        Some(file) => {
            let from = call.from();
            let wish = FileWish::Fetch { file, from, looks };
            call.wish(credential.unwrap_or(Credential::None), wish)
                .await
        }
    };
    let mut refused = match found {
        Ok(Done::File(report)) => return Ok(*report),
        Ok(_) => unknown(call, key),
        Err(refused) => refused,
    };
    if is_asked && refused.status() == StatusCode::NOT_FOUND {
        refused = call.refuse(StatusCode::UNAUTHORIZED, "ACCOUNT_REQUIRED", "http-sign-in");
    }
    if refused.status() == StatusCode::UNAUTHORIZED {
        set(&mut refused, header::WWW_AUTHENTICATE, BASIC);
    }
    Err(refused)
}

fn unknown(call: &Call, key: &str) -> Refused {
    let variables = [("file", key)];
    call.refuse_with(
        StatusCode::NOT_FOUND,
        "NOT_FOUND",
        "file-unknown",
        &variables,
    )
}

fn answer(
    status: StatusCode,
    content: std::fs::File,
    segments: Vec<Segment>,
    looks: bool,
) -> Response {
    let length: u64 = segments.iter().map(Segment::length).sum();
    let body = match looks {
        true => Body::empty(),
        false => body::of(content, segments),
    };
    let mut response = (status, body).into_response();
    set(&mut response, header::CONTENT_LENGTH, &length.to_string());
    response
}

/// What says which parts an answer has.
enum Shown {
    /// The one part.
    Range(String),
    /// That there are several, and what stands between them.
    Type(String),
}

/// The answer of these parts. <https://www.rfc-editor.org/rfc/rfc9110#section-15.3.7>
fn segments(file: &File, headers: &HeaderMap, parts: Vec<Range<u64>>) -> (Vec<Segment>, Shown) {
    let range = |part: &Range<u64>| format!("bytes {}-{}/{}", part.start, part.end - 1, file.size);
    if let [part] = &parts[..] {
        let shown = Shown::Range(range(part));
        return (vec![Segment::Part(part.clone())], shown);
    }
    // Nobody finds it in the bytes who has not made them to have their own hash in them.
    let boundary = format!("causette-{}", file.sha256);
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let mut segments = Vec::with_capacity(2 * parts.len() + 1);
    for part in parts {
        let head = format!(
            "\r\n--{boundary}\r\nContent-Type: {kind}\r\nContent-Range: {}\r\n\r\n",
            range(&part)
        );
        segments.push(Segment::Text(Bytes::from(head)));
        segments.push(Segment::Part(part));
    }
    let end = format!("\r\n--{boundary}--\r\n");
    segments.push(Segment::Text(Bytes::from(end)));
    let kind = format!("multipart/byteranges; boundary={boundary}");
    (segments, Shown::Type(kind))
}

/// Which part is wanted: the whole, where what the other has of it is of other bytes.
/// <https://www.rfc-editor.org/rfc/rfc9110#section-13.1.5>
fn wanted(headers: &HeaderMap, etag: &str, size: u64) -> Wanted {
    let of = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if of(header::IF_RANGE).is_some_and(|known| known.trim() != etag) {
        return Wanted::Whole;
    }
    of(header::RANGE).map_or(Wanted::Whole, |header| range::wanted(header, size))
}
