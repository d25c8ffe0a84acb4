//! `GET` and `HEAD /files/<key>/<name>`: the bytes of a file, for whoever may have them.

use super::range::{self, Wanted};
use super::{body, serving};
use crate::http::api::{self, Visitor};
use crate::http::{Asker, Site};
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use causette_core::file::FileKey;
use causette_core::input::{Credential, FileWish, Wish};
use causette_core::output::{Done, Fault, Undone};
use causette_core::record::Origin;
use causette_text::text;

/// Gives a file, or a part of it.
pub(in crate::http) async fn get(
    State(site): State<Site>,
    Extension(asker): Extension<Asker>,
    Path((key, _)): Path<(String, String)>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let language = api::language(&headers).unwrap_or_else(|| site.live.language());
    let unknown = || {
        api::refused(&Undone {
            fault: Fault::NotFound,
            text: text(language, "http-not-found"),
        })
    };
    let Some(file) = FileKey::parse(&key) else {
        return unknown();
    };
    let visitor = Visitor {
        asker: &asker,
        language,
        credential: api::credential(&headers).unwrap_or(Credential::None),
    };
    let from = Origin {
        address: asker.address,
        // Not yet known here.
        port: 0,
    };
    let looks = method == Method::HEAD;
    let wish = FileWish::Fetch { file, from, looks };
    let file = match api::visit(&site, visitor, Wish::File(Box::new(wish))).await {
        Ok(Done::File(report)) => report.file,
        Ok(_) => return unknown(),
        Err(undone) => return api::refused(&undone),
    };
    let files = site.files.clone();
    let sha256 = file.sha256;
    let opened = tokio::task::spawn_blocking(move || files.content(sha256)).await;
    let Ok(Ok(content)) = opened else {
        return api::refused(&Undone {
            fault: Fault::Unavailable,
            text: text(language, "unavailable"),
        });
    };
    let etag = serving::etag(sha256);
    let mut response = match wanted(&headers, &etag, file.size) {
        Wanted::Nothing => {
            let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
            set(
                &mut response,
                header::CONTENT_RANGE,
                &format!("bytes */{}", file.size),
            );
            response
        }
        // Several parts would be a message of several: who asks for one has it, who asks for more has the whole.
        Wanted::Parts(parts) if parts.len() == 1 => {
            let part = parts[0].clone();
            let shown = format!("bytes {}-{}/{}", part.start, part.end - 1, file.size);
            let body = match method {
                Method::HEAD => Body::empty(),
                _ => body::part(content, part),
            };
            let mut response = (StatusCode::PARTIAL_CONTENT, body).into_response();
            set(&mut response, header::CONTENT_RANGE, &shown);
            response
        }
        Wanted::Whole | Wanted::Parts(_) => match is_known(&headers, &etag) {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false if method == Method::HEAD => {
                let mut response = StatusCode::OK.into_response();
                set(
                    &mut response,
                    header::CONTENT_LENGTH,
                    &file.size.to_string(),
                );
                response
            }
            false => body::part(content, 0..file.size).into_response(),
        },
    };
    response.headers_mut().extend(serving::headers(&file));
    response
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

/// Whether who asks has the same bytes. <https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2>
fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let known = headers.get(header::IF_NONE_MATCH);
    let known = known
        .and_then(|known| known.to_str().ok())
        .unwrap_or_default();
    known.split(',').any(|known| {
        let known = known.trim();
        known == "*" || known.trim_start_matches("W/") == etag
    })
}

fn set(response: &mut Response, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
