//! `/upload/<permit>`: the bytes of one file, from whoever was given the link: by a form in a browser, or by `PUT`. The link is the right:
//! nobody is asked for more.

use super::arriving::{self, Content, Source};
use super::call::{Call, Named, Refused, set};
use super::multipart::{self, FormFile, Unfound};
use super::page::{self, Page, Told};
use super::report;
use crate::files::Upload;
use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use causette_core::file::{FileReport, PermitKey};
use causette_text::text;
use std::sync::Arc;

/// `GET`: a form, as long as the file is not there; then where it is.
pub(super) async fn show(call: Call, Named(permit): Named<String>) -> Response {
    if let Some(upload) = found(&call, &permit) {
        return form(&call, &upload, StatusCode::OK, None);
    }
    match arrived(&call, &permit).await {
        Some(file) => made(&call, StatusCode::OK, &file),
        None => nothing(&call),
    }
}

/// `PUT`: the bytes as they are; what is broken off begins anew.
pub(super) async fn put(call: Call, Named(permit): Named<String>, body: Body) -> Response {
    let Some(upload) = found(&call, &permit) else {
        return call.without(body, unknown(&call));
    };
    let content = Content::new(&call, body);
    let (working, bytes) = (call.clone(), call.length());
    let taken = call.whole(async move { take(&working, &upload, bytes, content).await });
    match taken.await {
        Ok(file) => {
            // For people who look at a terminal.
            let told = format!("{}\n", address(&call, &file));
            let head = [
                (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
                (header::CACHE_CONTROL, "no-store"),
            ];
            let mut response = (StatusCode::CREATED, head, told).into_response();
            set(&mut response, header::LOCATION, &report::path(&file.file));
            response
        }
        Err(refused) => *refused,
    }
}

/// `POST`: what the form sends.
pub(super) async fn post(call: Call, Named(permit): Named<String>, body: Body) -> Response {
    let Some(upload) = found(&call, &permit) else {
        return nothing(&call);
    };
    let boundary = call
        .header(header::CONTENT_TYPE)
        .and_then(multipart::boundary);
    let Some(boundary) = boundary.map(str::to_owned) else {
        let (status, told) = (StatusCode::UNSUPPORTED_MEDIA_TYPE, "upload-no-form");
        return form(&call, &upload, status, Some(&text(call.language, told)));
    };
    let content = Content::new(&call, body);
    let (working, sent) = (call.clone(), upload.clone());
    let taken = call.whole(async move {
        let call = working;
        match FormFile::find(content, &boundary).await {
            // Its name is the one that the link was given for.
            Ok((_, file)) => take(&call, &sent, None, file).await,
            Err(Unfound::BrokenOff) => Err(broken_off(&call)),
            Err(Unfound::Malformed) => {
                let status = StatusCode::BAD_REQUEST;
                Err(call.refuse(status, "NO_FILE", "upload-no-file"))
            }
        }
    });
    match taken.await {
        Ok(file) => made(&call, StatusCode::CREATED, &file),
        Err(refused) => {
            let status = refused.status();
            let told = told(*refused).await;
            match found(&call, &permit) {
                Some(upload) => form(&call, &upload, status, Some(&told)),
                // Nothing can be sent by it any more.
                None => over(&call, status, &told),
            }
        }
    }
}

fn broken_off(call: &Call) -> Refused {
    call.refuse(StatusCode::BAD_REQUEST, "BROKEN_OFF", "file-broken-off")
}

async fn take(
    call: &Call,
    upload: &Arc<Upload>,
    bytes: Option<u64>,
    mut source: impl Source,
) -> Result<FileReport, Refused> {
    let sending = arriving::open(call, upload).await?;
    arriving::whole(call, sending, bytes, &mut source).await
}

/// The upload of a link, where bytes may come by it.
fn found(call: &Call, permit: &str) -> Option<Arc<Upload>> {
    let upload = call.site.files.upload(PermitKey::parse(permit)?)?;
    // Those that are sent in pieces have their own address.
    (!upload.declared.is_exact && !upload.is_over()).then_some(upload)
}

/// The file that has become of an upload.
async fn arrived(call: &Call, permit: &str) -> Option<FileReport> {
    arriving::arrived(call, PermitKey::parse(permit)?).await
}

fn unknown(call: &Call) -> Refused {
    call.refuse(StatusCode::NOT_FOUND, "NOT_FOUND", "file-no-upload")
}

fn form(call: &Call, upload: &Upload, status: StatusCode, refused: Option<&str>) -> Response {
    page::page(&Page {
        status,
        language: call.language,
        refused,
        told: Told::Form {
            name: upload.permit.name.as_str(),
            bytes_max: upload.permit.bytes,
        },
    })
}

fn made(call: &Call, status: StatusCode, file: &FileReport) -> Response {
    page::page(&Page {
        status,
        language: call.language,
        refused: None,
        told: Told::Made {
            name: file.file.name.as_str(),
            address: &address(call, file),
        },
    })
}

/// What came was not taken, and the link has ended with it.
fn over(call: &Call, status: StatusCode, told: &str) -> Response {
    page::page(&Page {
        status,
        language: call.language,
        refused: Some(told),
        told: Told::Over,
    })
}

fn nothing(call: &Call) -> Response {
    page::page(&Page {
        status: StatusCode::NOT_FOUND,
        language: call.language,
        refused: Some(&text(call.language, "file-no-upload")),
        told: Told::Nothing,
    })
}

/// Where a file is, as people open it: at `files.url`, or where who asks has come to.
fn address(call: &Call, file: &FileReport) -> String {
    let path = report::path(&file.file);
    let url = &call.site.live.config().settings.files.url;
    match url.is_empty() {
        true => path,
        false => format!("{url}{path}"),
    }
}

/// The sentence of a refusal.
async fn told(refused: Response) -> String {
    let body = axum::body::to_bytes(refused.into_body(), 1 << 16).await;
    let problem = body.ok().and_then(|body| {
        let problem: serde_json::Value = serde_json::from_slice(&body).ok()?;
        Some(problem["detail"].as_str()?.to_owned())
    });
    problem.unwrap_or_default()
}
