//! A new upload. <https://tus.io/protocols/resumable-upload#creation>

use super::metadata::{self, Metadata, Wrong};
use super::{
    PATH, UPLOAD_CONCAT, UPLOAD_DEFER_LENGTH, UPLOAD_LENGTH, UPLOAD_METADATA, UPLOAD_OFFSET,
    is_piece, malformed, number, set_end,
};
use crate::files::{self, Declared};
use crate::http::files::arriving::{self, Content, Wanted};
use crate::http::files::call::{Call, Refused, set};
use crate::http::files::checksum::Checksum;
use crate::http::files::tus::pieces;
use axum::body::{Body, HttpBody as _};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use causette_core::input::Credential;

/// What is asked for.
struct Asked {
    credential: Credential,
    wanted: Wanted,
    length: u64,
    /// Whether the first piece comes with it, and the checksum that it has.
    has_piece: bool,
    checksum: Option<Checksum>,
}

/// Creates an upload, also with its first piece.
pub(super) async fn post(call: &Call, body: Body) -> Response {
    let has_body = !body.is_end_stream();
    let asked = match read(call, has_body) {
        Ok(asked) => asked,
        Err(refused) => return call.without(body, refused),
    };
    let working = call.clone();
    let created = call.whole(async move { Ok(create(&working, asked, body).await) });
    match created.await {
        Ok(Ok(response)) => response,
        Ok(Err((refused, Some(body)))) => call.without(body, refused),
        Ok(Err((refused, None))) | Err(refused) => *refused,
    }
}

fn read(call: &Call, has_body: bool) -> Result<Asked, Refused> {
    let credential = call.credential()?;
    for (header, key) in [
        (UPLOAD_DEFER_LENGTH, "tus-defer-length"),
        (UPLOAD_CONCAT, "tus-concatenation"),
    ] {
        if call.headers.contains_key(&header) {
            return Err(call.refuse(StatusCode::BAD_REQUEST, "NOT_OFFERED", key));
        }
    }
    let length = number(call, &UPLOAD_LENGTH)?;
    let header = match call.headers.get(UPLOAD_METADATA) {
        None => "",
        Some(_) => call
            .header(UPLOAD_METADATA)
            .ok_or_else(|| malformed(call, &UPLOAD_METADATA))?,
    };
    let Metadata {
        name,
        audience,
        sha256,
    } = metadata::read(header).map_err(|Wrong(word)| {
        let variables = [("word", word.as_str())];
        call.refuse_with(
            StatusCode::BAD_REQUEST,
            "MALFORMED",
            "tus-metadata",
            &variables,
        )
    })?;
    let has_piece = has_body && {
        if !is_piece(call)? {
            return Err(call.refuse(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "PIECE_NEEDED",
                "tus-media-type",
            ));
        }
        true
    };
    if has_piece && let Some(bytes) = call.length().filter(|bytes| *bytes > length) {
        return Err(call.too_large(bytes, length));
    }
    Ok(Asked {
        credential,
        length,
        has_piece,
        checksum: pieces::checksum(call)?,
        wanted: Wanted {
            name,
            bytes: Some(length),
            audience,
            declared: Declared {
                sha256,
                is_exact: true,
                is_at_once: false,
                since: files::now_seconds(),
                metadata: header.to_owned(),
            },
        },
    })
}

async fn create(
    call: &Call,
    asked: Asked,
    body: Body,
) -> Result<Response, (Refused, Option<Body>)> {
    let upload = match arriving::permit(call, asked.credential, asked.wanted).await {
        Ok(upload) => upload,
        Err(refused) => return Err((refused, Some(body))),
    };
    let key = upload.permit.key;
    let begun = arriving::open(call, &upload).await;
    let sending = begun.map_err(|refused| (refused, None));
    let mut sending = match sending {
        Ok(sending) => sending,
        Err(refused) => {
            arriving::give_up(call, key).await;
            return Err(refused);
        }
    };
    if asked.has_piece {
        let mut content = Content::new(call, body);
        let appended = arriving::append(call, sending, asked.checksum, &mut content).await;
        let kept = match appended {
            Ok((sending, ended)) => {
                pieces::refusal(call, ended, asked.length).map_or(Ok(sending), Err)
            }
            Err(error) => Err(arriving::failed(call, &error)),
        };
        sending = match kept {
            Ok(sending) => sending,
            Err(refused) => {
                // Whoever asked for it does not know where it is.
                arriving::give_up(call, key).await;
                return Err((refused, None));
            }
        };
    }
    let offset = sending.bytes();
    if offset == asked.length {
        let finished = arriving::finish(call, sending).await;
        finished.map_err(|refused| (refused, None))?;
    }
    let mut response = StatusCode::CREATED.into_response();
    let place = format!("{PATH}/{}", key.expose());
    set(&mut response, header::LOCATION, &place);
    set(&mut response, header::CACHE_CONTROL, "no-store");
    if asked.has_piece || offset == asked.length {
        set(&mut response, UPLOAD_OFFSET, &offset.to_string());
    }
    if offset < asked.length {
        set_end(&mut response, &upload);
    }
    Ok(response)
}
