//! Which pages of other origins may ask for files in a browser: our own, and those of `files.url`. What needs no browser's credentials is
//! asked for by anybody. <https://fetch.spec.whatwg.org/#http-cors-protocol>

use crate::config::Config;
use crate::http::Site;
use crate::http::api;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use causette_text::text;

/// What such a page may send, read and do.
const ALLOWED: &str = "Authorization, Content-Type, Content-Disposition, Range, If-Range, If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since, Tus-Resumable, Upload-Length, Upload-Offset, Upload-Metadata, Upload-Checksum, X-HTTP-Method-Override, X-Requested-With";
const EXPOSED: &str = "Location, Content-Disposition, Content-Range, ETag, Last-Modified, Repr-Digest, Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, Tus-Checksum-Algorithm, Upload-Offset, Upload-Length, Upload-Metadata, Upload-Expires, Upload-Limit, Retry-After";
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/// Seconds for which a browser need not ask again.
const REMEMBERED: &str = "3600";

/// Tells browsers what a page may do here, and refuses what a page of another origin wants to change. Where an address is the right, nothing
/// is asked of who knows it.
pub(super) async fn allow(State(site): State<Site>, request: Request, next: Next) -> Response {
    let config = site.live.config();
    let headers = request.headers();
    let Some(origin) = headers.get(header::ORIGIN).cloned() else {
        return next.run(request).await;
    };
    let is_ours = is_ours(&origin, headers, &config);
    let changes = !matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if !is_ours && changes && !is_secret(request.uri().path()) {
        let language = api::language(headers).unwrap_or(config.settings.language);
        let told = text(language, "http-foreign-origin");
        return api::refusal(StatusCode::FORBIDDEN, "FOREIGN_ORIGIN", &told);
    }
    let mut response = next.run(request).await;
    let answer = response.headers_mut();
    answer.append(header::VARY, HeaderValue::from_static("Origin"));
    if is_ours {
        let say = |value| HeaderValue::from_static(value);
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        answer.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, say("true"));
        answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, say(ALLOWED));
        answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, say(METHODS));
        answer.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, say(EXPOSED));
        answer.insert(header::ACCESS_CONTROL_MAX_AGE, say(REMEMBERED));
    }
    response
}

/// What a browser asks before it asks.
pub(super) async fn preflight() -> Response {
    let allow: (HeaderName, &str) = (header::ALLOW, METHODS);
    (StatusCode::NO_CONTENT, [allow]).into_response()
}

/// Whether an origin is that of this request, of `files.url`, or of the server by its name.
fn is_ours(origin: &HeaderValue, headers: &HeaderMap, config: &Config) -> bool {
    let Some((_, host)) = origin
        .to_str()
        .ok()
        .and_then(|origin| origin.split_once("://"))
    else {
        return false;
    };
    let asked = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let url = config.settings.files.url.as_str();
    asked.is_some_and(|asked| asked.eq_ignore_ascii_case(host))
        || url.split_once("://").is_some_and(|(_, rest)| {
            let named = rest.split('/').next().unwrap_or_default();
            named.eq_ignore_ascii_case(host)
        })
        || host.eq_ignore_ascii_case(&config.settings.server)
}

/// Whether a path has the secret of an upload in it.
fn is_secret(path: &str) -> bool {
    ["/upload/", "/api/v1/uploads/"]
        .iter()
        .any(|secret| path.starts_with(secret))
}
