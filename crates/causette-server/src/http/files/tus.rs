//! `/api/v1/uploads`: uploads in pieces that go on where they broke off. <https://tus.io/protocols/resumable-upload>

mod created;
mod metadata;
mod pieces;

use super::call::{Call, Named, Refused, set};
use super::serving::http_date;
use super::{checksum, cors};
use crate::files::Upload;
use axum::body::Body;
use axum::http::{HeaderName, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use causette_core::file::PermitKey;

const VERSION: &str = "1.0.0";
const EXTENSIONS: &str = "creation,creation-with-upload,expiration,checksum,termination";
const PIECE_TYPE: &str = "application/offset+octet-stream";

const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
const TUS_EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
const TUS_MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
const TUS_CHECKSUM_ALGORITHM: HeaderName = HeaderName::from_static("tus-checksum-algorithm");
const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const UPLOAD_CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
const UPLOAD_DEFER_LENGTH: HeaderName = HeaderName::from_static("upload-defer-length");
const UPLOAD_CONCAT: HeaderName = HeaderName::from_static("upload-concat");
const METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");

/// The path of all uploads.
const PATH: &str = "/api/v1/uploads";

/// All uploads: what is possible, and a new one.
pub(super) async fn all(call: Call, method: Method, body: Body) -> Response {
    let response = match meant(&call, &method) {
        Method::OPTIONS => options(&call).await,
        _ if !is_spoken(&call) => call.without(body, other_version(&call)),
        Method::POST => created::post(&call, body).await,
        _ => other_method(&call, "POST, OPTIONS"),
    };
    spoken(response)
}

/// One upload.
pub(super) async fn one(
    call: Call,
    Named(permit): Named<String>,
    method: Method,
    body: Body,
) -> Response {
    let meant = meant(&call, &method);
    let response = match meant {
        Method::OPTIONS => options(&call).await,
        // Which no client of the protocol asks for.
        Method::GET => pieces::show(&call, &permit).await,
        _ if !is_spoken(&call) => call.without(body, other_version(&call)),
        Method::HEAD => pieces::head(&call, &permit).await,
        Method::PATCH => pieces::patch(&call, &permit, body).await,
        Method::DELETE => pieces::delete(&call, &permit).await,
        _ => other_method(&call, "HEAD, PATCH, DELETE, GET, OPTIONS"),
    };
    spoken(response)
}

/// The method that is meant, where a client can send only some.
fn meant(call: &Call, method: &Method) -> Method {
    let other = call.header(METHOD_OVERRIDE);
    let other = other.and_then(|method| Method::from_bytes(method.as_bytes()).ok());
    other.unwrap_or_else(|| method.clone())
}

fn is_spoken(call: &Call) -> bool {
    call.header(TUS_RESUMABLE) == Some(VERSION)
}

fn spoken(mut response: Response) -> Response {
    set(&mut response, TUS_RESUMABLE, VERSION);
    response
}

fn other_version(call: &Call) -> Refused {
    let status = StatusCode::PRECONDITION_FAILED;
    let mut refused = call.refuse(status, "OTHER_VERSION", "tus-version");
    set(&mut refused, TUS_VERSION, VERSION);
    refused
}

fn other_method(call: &Call, allowed: &str) -> Response {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    let mut refused = call.refuse(status, "METHOD_NOT_ALLOWED", "http-other-method");
    set(&mut refused, header::ALLOW, allowed);
    *refused
}

async fn options(call: &Call) -> Response {
    let mut response = cors::preflight().await;
    let max = call.site.live.config().settings.files.file_bytes;
    set(&mut response, TUS_VERSION, VERSION);
    set(&mut response, TUS_EXTENSION, EXTENSIONS);
    set(&mut response, TUS_MAX_SIZE, &max.to_string());
    set(&mut response, TUS_CHECKSUM_ALGORITHM, checksum::NAMES);
    response
}

/// What cannot be understood.
fn malformed(call: &Call, header: &HeaderName) -> Refused {
    let variables = [("header", header.as_str())];
    call.refuse_with(
        StatusCode::BAD_REQUEST,
        "MALFORMED",
        "tus-malformed",
        &variables,
    )
}

/// A number of bytes in a header.
///
/// # Errors
/// It is not there, or no such number.
fn number(call: &Call, header: &HeaderName) -> Result<u64, Refused> {
    let number = call.header(header);
    let digits = number.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let number = digits.and_then(|text| text.parse().ok());
    number.ok_or_else(|| malformed(call, header))
}

/// Whether a body is announced as a piece; `None` where there is none.
///
/// # Errors
/// It is announced as something else.
fn is_piece(call: &Call) -> Result<bool, Refused> {
    match call.header(header::CONTENT_TYPE) {
        Some(PIECE_TYPE) => Ok(true),
        None => Ok(false),
        Some(_) => Err(call.refuse(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "PIECE_NEEDED",
            "tus-media-type",
        )),
    }
}

/// Until when an upload may go on.
fn set_end(response: &mut Response, upload: &Upload) {
    if let Some(end) = http_date(upload.end()) {
        set(response, UPLOAD_EXPIRES, &end);
    }
}

fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

fn key_of(permit: &str) -> Option<PermitKey> {
    PermitKey::parse(permit)
}
