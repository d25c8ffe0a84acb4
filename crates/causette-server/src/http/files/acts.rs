//! `/api/v1/files`: which files there are, and what their owners do with them.

use super::call::{Call, Named, Refused};
use super::report;
use crate::http::admin::decoded;
use crate::http::api;
use axum::body::{Body, to_bytes};
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use causette_core::file::{Audience, ComingRef, FileKey, FileRef, Listed, Listing};
use causette_core::id::FileId;
use causette_core::input::FileWish;
use causette_core::limits::FILES_PER_PAGE;
use causette_core::output::Done;
use serde_json::{Value, json};
use std::collections::HashMap;

/// Bytes of a body: a word and the name of a room.
const BODY_BYTES: usize = 4096;

/// What a query says.
type Query = HashMap<String, String>;

/// `GET /api/v1/files`: the newest first.
pub(super) async fn list(call: Call, RawQuery(query): RawQuery) -> Response {
    let listing = match query_of(&call, query).and_then(|query| listing(&call, &query)) {
        Ok(listing) => listing,
        Err(refused) => return *refused,
    };
    ask(&call, FileWish::List(listing)).await
}

/// `GET /api/v1/files/usage`: how much one keeps, and may.
pub(super) async fn usage(call: Call) -> Response {
    ask(&call, FileWish::Usage).await
}

/// `GET /api/v1/files/uploads`: what one has under way, the newest first.
pub(super) async fn coming(call: Call) -> Response {
    ask(&call, FileWish::Coming).await
}

/// `DELETE /api/v1/files/uploads`: gives up all of it, and tells what that was.
pub(super) async fn cancel_all(call: Call) -> Response {
    ask(&call, FileWish::Cancel(ComingRef::All)).await
}

/// `DELETE /api/v1/files/uploads/<number>`: gives up one.
pub(super) async fn cancel(call: Call, Named(number): Named<String>) -> Response {
    match number.parse() {
        Ok(number) => ask(&call, FileWish::Cancel(ComingRef::Number(number))).await,
        Err(_) => *call.refuse(StatusCode::NOT_FOUND, "NOT_FOUND", "file-not-coming"),
    }
}

/// `GET /api/v1/files/<file>`.
pub(super) async fn show(call: Call, Named(file): Named<String>) -> Response {
    with(&call, &file, FileWish::Show).await
}

/// `GET /api/v1/files/named/<name>`: the newest of that name, one's own first.
pub(super) async fn named(call: Call, Named(name): Named<String>) -> Response {
    ask(&call, FileWish::Show(FileRef::Name(name.into()))).await
}

/// `DELETE /api/v1/files/<file>`.
pub(super) async fn remove(
    call: Call,
    Named(file): Named<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let reason = match query_of(&call, query) {
        Ok(mut query) => query.remove("reason").unwrap_or_default().into(),
        Err(refused) => return *refused,
    };
    with(&call, &file, |file| FileWish::Remove { file, reason }).await
}

/// `PUT /api/v1/files/<file>/visibility`.
pub(super) async fn share(call: Call, Named(file): Named<String>, body: Body) -> Response {
    let audience = match audience(&call, body).await {
        Ok(audience) => audience,
        Err(refused) => return *refused,
    };
    with(&call, &file, |file| FileWish::Share { file, audience }).await
}

/// `PUT /api/v1/files/<file>/grants/<name>`.
pub(super) async fn send(call: Call, Named((file, to)): Named<(String, String)>) -> Response {
    with(&call, &file, |file| FileWish::Send {
        file,
        to: to.into(),
    })
    .await
}

/// `DELETE /api/v1/files/<file>/grants/<name>`.
pub(super) async fn take_back(
    call: Call,
    Named((file, from)): Named<(String, String)>,
) -> Response {
    with(&call, &file, |file| FileWish::TakeBack {
        file,
        from: from.into(),
    })
    .await
}

async fn with(call: &Call, file: &str, wish: impl FnOnce(FileRef) -> FileWish) -> Response {
    match file_ref(file) {
        Some(file) => ask(call, wish(file)).await,
        None => {
            let variables = [("file", file)];
            let status = StatusCode::NOT_FOUND;
            *call.refuse_with(status, "NOT_FOUND", "file-unknown", &variables)
        }
    }
}

async fn ask(call: &Call, wish: FileWish) -> Response {
    let asked = async { call.wish(call.credential()?, wish).await };
    match asked.await {
        Ok(Done::File(file)) => {
            let told = report::file(&file, &call.site.live.config());
            api::json(StatusCode::OK, &told)
        }
        Ok(Done::Files { files, more }) => {
            let config = call.site.live.config();
            let told = files.iter().map(|file| report::file(file, &config));
            let files: Vec<_> = told.collect();
            api::json(StatusCode::OK, &json!({ "files": files, "more": more }))
        }
        Ok(Done::Usage(usage)) => api::json(StatusCode::OK, &report::usage(&usage)),
        Ok(Done::Coming(coming)) => {
            let uploads: Vec<_> = coming.iter().map(report::coming).collect();
            api::json(StatusCode::OK, &json!({ "uploads": uploads }))
        }
        Ok(Done::FileRemoved) => StatusCode::NO_CONTENT.into_response(),
        Ok(_) => *call.unavailable(),
        Err(refused) => *refused,
    }
}

/// A file by its number or its address.
fn file_ref(text: &str) -> Option<FileRef> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // Some addresses have only digits: no number is so long.
    match FileKey::parse(text) {
        Some(key) => Some(FileRef::Key(key)),
        None if is_number => Some(FileRef::Id(FileId(text.parse().ok()?))),
        None => None,
    }
}

fn query_of(call: &Call, query: Option<String>) -> Result<Query, Refused> {
    let query = query.unwrap_or_default();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let read = pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((decoded(name, true)?, decoded(value, true)?))
    });
    let read: Option<Query> = read.collect();
    read.ok_or_else(|| wrong(call, &query))
}

/// Something that a query or a body says cannot be.
fn wrong(call: &Call, what: &str) -> Refused {
    let variables = [("what", what)];
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    call.refuse_with(status, "UNPROCESSABLE", "http-files-unclear", &variables)
}

fn listing(call: &Call, query: &Query) -> Result<Listing, Refused> {
    let of = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    let number = |name: &str| match of(name) {
        "" => Ok(None),
        text => text.parse::<u64>().map(Some).map_err(|_| wrong(call, name)),
    };
    let known = ["which", "room", "pattern", "before", "count"];
    if let Some(unknown) = query.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(wrong(call, unknown));
    }
    let which = match (of("which"), of("room")) {
        ("" | "seen", "") => Listed::Seen,
        ("public", "") => Listed::Public,
        ("own", "") => Listed::Own,
        ("sent", "") => Listed::Sent,
        ("all", "") => Listed::All,
        ("" | "room", room) if !room.is_empty() => Listed::Room(room.into()),
        ("room", _) => return Err(wrong(call, "room")),
        _ => return Err(wrong(call, "which")),
    };
    let count = number("count")?.map_or(FILES_PER_PAGE, |count| {
        usize::try_from(count).unwrap_or(usize::MAX)
    });
    Ok(Listing {
        which,
        pattern: of("pattern").into(),
        before: number("before")?.map(FileId),
        count: count.min(FILES_PER_PAGE),
    })
}

/// Who may see a file, as a body says.
async fn audience(call: &Call, body: Body) -> Result<Audience, Refused> {
    let too_large = |_| call.too_large(0, BODY_BYTES as u64);
    let bytes = to_bytes(body, BODY_BYTES).await.map_err(too_large)?;
    let body: Value = serde_json::from_slice(&bytes).map_err(|_| wrong(call, "visibility"))?;
    let room = body["room"].as_str().filter(|room| !room.is_empty());
    match (body["visibility"].as_str().unwrap_or_default(), room) {
        ("public", None) => Ok(Audience::Public),
        ("link", None) => Ok(Audience::Link),
        ("private", None) => Ok(Audience::Private),
        ("room", Some(room)) => Ok(Audience::Room(room.into())),
        ("room", None) => Err(wrong(call, "room")),
        _ => Err(wrong(call, "visibility")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_number_or_address() {
        let key = "12345678901234567890123456789012";
        let of_key = FileKey::parse(key).map(FileRef::Key);
        assert_eq!(file_ref(key), of_key);
        assert_eq!(file_ref("12"), Some(FileRef::Id(FileId(12))));
        for wrong in ["", "a", "+1", "99999999999999999999999"] {
            assert_eq!(file_ref(wrong), None, "{wrong}");
        }
    }
}
