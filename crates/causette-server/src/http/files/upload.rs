//! `POST /upload`: one request brings a file, as IRC clients send it that know `soju.im/FILEHOST`.
//! <https://codeberg.org/emersion/soju/src/branch/master/doc/ext/filehost.md>

use super::arriving::{self, Content, Wanted};
use super::call::{Call, Refused, set};
use super::{cors, report};
use crate::files::{self, Declared, Upload};
use crate::http::api;
use axum::body::Body;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::Response;
use causette_core::file::{Audience, FileReport};
use causette_proto::FileName;
use std::sync::Arc;

/// What is taken, of any kind.
const ACCEPT_POST: HeaderName = HeaderName::from_static("accept-post");

/// `OPTIONS /upload`: what may be sent here.
pub(super) async fn options(call: Call) -> Response {
    let mut response = cors::preflight().await;
    set(&mut response, header::ALLOW, "POST, OPTIONS");
    set(&mut response, ACCEPT_POST, "*/*");
    let max = call.site.live.config().settings.files.file_bytes;
    set(&mut response, api::UPLOAD_LIMIT, &api::upload_limit(max));
    response
}

/// Takes a file, which whoever gets its address may fetch.
pub(super) async fn post(call: Call, body: Body) -> Response {
    let working = call.clone();
    let taken = call.whole(async move { Ok(take(&working, body).await) });
    match taken.await {
        Ok(Ok(file)) => made(&call, &file),
        // Before the body is read: whoever is refused need not send it.
        Ok(Err((refused, Some(body)))) => call.without(body, refused),
        Ok(Err((refused, None))) | Err(refused) => *refused,
    }
}

/// Takes it; where it is not taken the body comes back, if nothing of it was read.
async fn take(call: &Call, body: Body) -> Result<FileReport, (Refused, Option<Body>)> {
    let upload = match begin(call).await {
        Ok(upload) => upload,
        Err(refused) => return Err((refused, Some(body))),
    };
    let mut content = Content::new(call, body);
    let taken = match arriving::open(call, &upload).await {
        Ok(sending) => arriving::whole(call, sending, call.length(), &mut content).await,
        Err(refused) => Err(refused),
    };
    if taken.is_err() {
        // Nobody knows its permit: it cannot be gone on with.
        arriving::give_up(call, upload.permit.key).await;
    }
    taken.map_err(|refused| (refused, None))
}

async fn begin(call: &Call) -> Result<Arc<Upload>, Refused> {
    let credential = call.credential()?;
    let name = call.header(header::CONTENT_DISPOSITION);
    let name = name.and_then(super::name::of).unwrap_or_default();
    let wanted = Wanted {
        name: FileName::nearest(&name),
        bytes: call.length(),
        audience: Audience::Link,
        declared: Declared {
            is_at_once: true,
            since: files::now_seconds(),
            ..Declared::default()
        },
    };
    arriving::permit(call, credential, wanted).await
}

/// A file is there.
pub(super) fn made(call: &Call, file: &FileReport) -> Response {
    let told = report::file(file, &call.site.live.config());
    let mut response = api::json(StatusCode::CREATED, &told);
    set(&mut response, header::LOCATION, &report::path(&file.file));
    response
}
