//! An upload that is under way: how far it is, and its next piece.

use super::{
    UPLOAD_CHECKSUM, UPLOAD_LENGTH, UPLOAD_METADATA, UPLOAD_OFFSET, is_piece, key_of, malformed,
    no_content, number, set_end,
};
use crate::files::{Sending, Upload};
use crate::http::api;
use crate::http::files::arriving::{self, Content, Ended};
use crate::http::files::call::{Call, Refused, set};
use crate::http::files::checksum::Checksum;
use crate::http::files::report;
use axum::body::{Body, HttpBody as _};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use causette_core::file::FileReport;
use serde_json::json;
use std::sync::Arc;

/// The status of a checksum that is wrong. <https://tus.io/protocols/resumable-upload#checksum>
const CHECKSUM_MISMATCH: u16 = 460;

/// An upload, or what has become of it.
enum Found {
    UnderWay(Arc<Upload>),
    Made(Box<FileReport>),
}

/// What there is by a permit. What is whole is made a file first: whoever has sent all bytes sends nothing more.
async fn find(call: &Call, permit: &str) -> Result<Found, Refused> {
    let unknown = || call.refuse(StatusCode::NOT_FOUND, "NOT_FOUND", "file-no-upload");
    let key = key_of(permit).ok_or_else(unknown)?;
    let Some(upload) = call.site.files.upload(key) else {
        let made = arriving::arrived(call, key).await.map(Box::new);
        return made.map(Found::Made).ok_or_else(unknown);
    };
    if !upload.declared.is_exact {
        return Err(unknown());
    }
    if upload.is_over() {
        return Err(call.refuse(StatusCode::GONE, "UPLOAD_EXPIRED", "file-upload-expired"));
    }
    if !upload.is_whole() {
        return Ok(Found::UnderWay(upload));
    }
    let made = finish(call, &upload).await?;
    Ok(Found::Made(Box::new(made)))
}

async fn finish(call: &Call, upload: &Arc<Upload>) -> Result<FileReport, Refused> {
    let (working, upload) = (call.clone(), upload.clone());
    call.whole(async move {
        match arriving::open(&working, &upload).await {
            Ok(sending) => arriving::finish(&working, sending).await,
            // Somebody else may have done it while it was waited for.
            Err(refused) => {
                let made = arriving::arrived(&working, upload.permit.key).await;
                made.ok_or(refused)
            }
        }
    })
    .await
}

/// `HEAD`: how far it is.
pub(super) async fn head(call: &Call, permit: &str) -> Response {
    let mut response = StatusCode::OK.into_response();
    match find(call, permit).await {
        Ok(Found::UnderWay(upload)) => {
            // Whoever comes back waits until what came before has ended; and what is on the disk since the last start is counted.
            drop(arriving::open(call, &upload).await);
            let offset = upload.announced().to_string();
            set(&mut response, UPLOAD_OFFSET, &offset);
            set(
                &mut response,
                UPLOAD_LENGTH,
                &upload.permit.bytes.to_string(),
            );
            if !upload.declared.metadata.is_empty() {
                set(&mut response, UPLOAD_METADATA, &upload.declared.metadata);
            }
            set_end(&mut response, &upload);
        }
        Ok(Found::Made(report)) => {
            let size = report.file.size.to_string();
            set(&mut response, UPLOAD_OFFSET, &size);
            set(&mut response, UPLOAD_LENGTH, &size);
        }
        Err(refused) => response = *refused,
    }
    set(&mut response, header::CACHE_CONTROL, "no-store");
    response
}

/// `GET`: the same with the file, once it is there.
pub(super) async fn show(call: &Call, permit: &str) -> Response {
    match find(call, permit).await {
        Ok(Found::UnderWay(upload)) => {
            let shown = json!({
                "offset": upload.announced(),
                "length": upload.permit.bytes,
                "file": null,
            });
            api::json(StatusCode::OK, &shown)
        }
        Ok(Found::Made(report)) => {
            let shown = json!({
                "offset": report.file.size,
                "length": report.file.size,
                "file": report::file(&report, &call.site.live.config()),
            });
            api::json(StatusCode::OK, &shown)
        }
        Err(refused) => *refused,
    }
}

/// `DELETE`: nothing is left of it.
pub(super) async fn delete(call: &Call, permit: &str) -> Response {
    let upload = match find(call, permit).await {
        Ok(Found::UnderWay(upload)) => upload,
        // It is over, and the file is another thing.
        Ok(Found::Made(_)) => {
            return *call.refuse(StatusCode::GONE, "UPLOAD_OVER", "file-upload-over");
        }
        Err(refused) => return *refused,
    };
    let working = call.clone();
    let removed = call.whole(async move {
        let _sending = arriving::open(&working, &upload).await?;
        arriving::give_up(&working, upload.permit.key).await;
        Ok(())
    });
    match removed.await {
        Ok(()) => no_content(),
        Err(refused) => *refused,
    }
}

/// The checksum that a request says its bytes have.
///
/// # Errors
/// It says something that is not understood.
pub(super) fn checksum(call: &Call) -> Result<Option<Checksum>, Refused> {
    if !call.headers.contains_key(UPLOAD_CHECKSUM) {
        return Ok(None);
    }
    let checksum = call.header(UPLOAD_CHECKSUM).and_then(Checksum::read);
    let wrong = || malformed(call, &UPLOAD_CHECKSUM);
    checksum.map(Some).ok_or_else(wrong)
}

/// Why a piece was not taken whole; `None` where it was, or broke off and what came is kept.
pub(super) fn refusal(call: &Call, ended: Ended, length: u64) -> Option<Refused> {
    match ended {
        Ended::Appended | Ended::BrokenOff => None,
        Ended::TooLong => Some(call.too_large(length + 1, length)),
        Ended::DiskFull => Some(call.disk_full()),
        Ended::Mismatched => {
            let status = StatusCode::from_u16(CHECKSUM_MISMATCH);
            let status = status.unwrap_or(StatusCode::BAD_REQUEST);
            Some(call.refuse(status, "CHECKSUM_MISMATCH", "tus-checksum"))
        }
    }
}

/// `PATCH`: the next piece.
pub(super) async fn patch(call: &Call, permit: &str, body: Body) -> Response {
    let asked = async {
        if !is_piece(call)? {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(call.refuse(status, "PIECE_NEEDED", "tus-media-type"));
        }
        let offset = number(call, &UPLOAD_OFFSET)?;
        Ok((offset, checksum(call)?, find(call, permit).await?))
    };
    let (offset, checksum, upload) = match asked.await {
        Ok((offset, checksum, Found::UnderWay(upload))) => (offset, checksum, upload),
        Ok((offset, _, Found::Made(report))) => {
            let size = report.file.size;
            if offset != size || !body.is_end_stream() {
                return call.without(body, other_offset(call, size));
            }
            return at(size);
        }
        Err(refused) => return call.without(body, refused),
    };
    let working = call.clone();
    let taken = call.whole(async move {
        let call = &working;
        let sending = match expected(call, &upload, offset).await {
            Ok(sending) => sending,
            Err(refused) => return Ok(Err((refused, Some(body)))),
        };
        let taken = take(call, sending, checksum, body).await;
        Ok(taken.map_err(|refused| (refused, None)))
    });
    match taken.await {
        Ok(Ok(response)) => response,
        Ok(Err((refused, Some(body)))) => call.without(body, refused),
        Ok(Err((refused, None))) | Err(refused) => *refused,
    }
}

/// The sending, where a piece begins where the upload is and fits into what is left.
async fn expected(call: &Call, upload: &Arc<Upload>, offset: u64) -> Result<Sending, Refused> {
    let sending = arriving::open(call, upload).await?;
    if sending.bytes() != offset {
        return Err(other_offset(call, sending.bytes()));
    }
    match call.length().filter(|bytes| *bytes > sending.left()) {
        Some(bytes) => {
            let length = upload.permit.bytes;
            Err(call.too_large(offset.saturating_add(bytes), length))
        }
        None => Ok(sending),
    }
}

fn other_offset(call: &Call, offset: u64) -> Refused {
    let told = offset.to_string();
    let variables = [("offset", told.as_str())];
    let status = StatusCode::CONFLICT;
    let mut refused = call.refuse_with(status, "OTHER_OFFSET", "tus-offset", &variables);
    set(&mut refused, UPLOAD_OFFSET, &told);
    refused
}

async fn take(
    call: &Call,
    sending: Sending,
    checksum: Option<Checksum>,
    body: Body,
) -> Result<Response, Refused> {
    let upload = sending.upload.clone();
    let mut content = Content::new(call, body);
    let appended = arriving::append(call, sending, checksum, &mut content).await;
    let (sending, ended) = appended.map_err(|error| arriving::failed(call, &error))?;
    if let Some(refused) = refusal(call, ended, upload.permit.bytes) {
        return Err(refused);
    }
    let offset = sending.bytes();
    if upload.is_whole() {
        arriving::finish(call, sending).await?;
        return Ok(at(offset));
    }
    let mut response = at(offset);
    set_end(&mut response, &upload);
    Ok(response)
}

/// How far it is now.
fn at(offset: u64) -> Response {
    let mut response = no_content();
    set(&mut response, UPLOAD_OFFSET, &offset.to_string());
    response
}
