//! `/api/v1/`: what programs ask in the name of an account. Who asks signs in with each request: `Authorization: Bearer` and a
//! device's token, or `Basic` and the account's name with its password or a token. The core judges both.

use super::page::problem_with;
use super::{Asker, Site};
use crate::engine::Arrival;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use causette_core::input::{Credential, Input, Visit, Wish};
use causette_core::output::{Done, Fault, Undone};
use causette_core::secret::Secret;
use causette_text::{Language, text};
use std::time::Duration;
use tokio::time::timeout;
use zeroize::Zeroizing;

/// How long an answer may take: as long as the disk is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is answered is one person's.
const PRIVATE: &str = "no-store";

/// Seconds after which to ask again where too many have asked at once, and where nothing can be recorded.
const BUSY_SECONDS: i64 = 5;
const UNAVAILABLE_SECONDS: i64 = 60;

/// `GET /api/v1/account`: whose the credential is.
pub(super) async fn account(
    State(site): State<Site>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
) -> Response {
    ask(&site, &asker, &headers, Wish::Account).await
}

/// `DELETE /api/v1/devices/<id>`: a device's token opens the account no more.
pub(super) async fn remove_device(
    State(site): State<Site>,
    Extension(asker): Extension<Asker>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    ask(&site, &asker, &headers, Wish::RemoveDevice(id.into())).await
}

async fn ask(site: &Site, asker: &Asker, headers: &HeaderMap, wish: Wish) -> Response {
    let language = language(headers).unwrap_or_else(|| site.live.language());
    let Some(credential) = credential(headers) else {
        let text = text(language, "http-sign-in");
        return refusal(StatusCode::UNAUTHORIZED, "ACCOUNT_REQUIRED", &text);
    };
    let visitor = Visitor {
        asker,
        language,
        credential,
    };
    match visit(site, visitor, wish).await {
        Ok(done) => answered(done),
        Err(undone) => refused(&undone),
    }
}

/// Who asks for something, as they say.
#[derive(Debug)]
pub(super) struct Visitor<'a> {
    pub(super) asker: &'a Asker,
    /// In which language they are answered.
    pub(super) language: Language,
    pub(super) credential: Credential,
}

/// What the core says of what somebody asks for.
pub(super) async fn visit(site: &Site, visitor: Visitor<'_>, wish: Wish) -> Result<Done, Undone> {
    let Visitor {
        asker,
        language,
        credential,
    } = visitor;
    let config = site.live.config();
    let visit = Visit {
        address: asker.address,
        // A proxy of this machine that we do not know may ask for anybody.
        exempt: config.flood.exempts(asker.address) && !asker.unknown,
        language,
        credential,
        wish,
    };
    let (ticket, answer) = site.visits.draw();
    let arrival = Arrival::Input(Input::Visit { ticket, visit });
    // Where the engine does not come to it, nobody waits for ever.
    let asked = async {
        site.inbox.send(arrival).await.ok()?;
        answer.await.ok()
    };
    match timeout(PATIENCE, asked).await {
        Ok(Some(result)) => result,
        _ => Err(Undone {
            fault: Fault::Unavailable,
            text: text(language, "unavailable"),
        }),
    }
}

fn answered(done: Done) -> Response {
    match done {
        Done::Account { name, device } => {
            let device =
                device.map(|(id, name)| serde_json::json!({ "id": id.0, "name": name.as_str() }));
            let body = serde_json::json!({ "account": name.as_str(), "device": device });
            json(StatusCode::OK, &body)
        }
        // Of all else nobody asks here.
        Done::Removed
        | Done::Permitted(_)
        | Done::File(_)
        | Done::Files { .. }
        | Done::FileRemoved
        | Done::Usage(_)
        | Done::Coming(_)
        | Done::Unused(_)
        | Done::Told(_) => StatusCode::NO_CONTENT.into_response(),
    }
}

/// How large a file may be, as a header tells it: by the name of the draft, and by the one that some clients know.
/// <https://datatracker.ietf.org/doc/draft-ietf-httpbis-resumable-upload/>
pub(super) const UPLOAD_LIMIT: HeaderName = HeaderName::from_static("upload-limit");

/// What that header says.
pub(super) fn upload_limit(bytes_max: u64) -> String {
    format!("max-size={bytes_max}, maxsize={bytes_max}")
}

/// Why something was not done.
pub(super) fn refused(undone: &Undone) -> Response {
    let (status, code) = match undone.fault {
        Fault::Refused => (StatusCode::UNAUTHORIZED, "SIGN_IN_FAILED"),
        Fault::Wait { .. } => (StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_ATTEMPTS"),
        Fault::Unknown => (StatusCode::NOT_FOUND, "UNKNOWN_DEVICE"),
        Fault::Forbidden => (StatusCode::FORBIDDEN, "FORBIDDEN"),
        Fault::NotFound => (StatusCode::NOT_FOUND, "NOT_FOUND"),
        Fault::Conflict => (StatusCode::CONFLICT, "CONFLICT"),
        Fault::Unprocessable => (StatusCode::UNPROCESSABLE_ENTITY, "UNPROCESSABLE"),
        Fault::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "FILE_TOO_LARGE"),
        Fault::NoRoom => (StatusCode::INSUFFICIENT_STORAGE, "QUOTA_EXCEEDED"),
        Fault::Unavailable | Fault::Busy => {
            (StatusCode::SERVICE_UNAVAILABLE, "TEMPORARILY_UNAVAILABLE")
        }
    };
    let mut response = refusal(status, code, &undone.text);
    if let Fault::TooLarge { bytes_max } = undone.fault {
        let headers = response.headers_mut();
        if let Ok(limit) = HeaderValue::try_from(upload_limit(bytes_max)) {
            headers.insert(UPLOAD_LIMIT, limit);
        }
        // Whoever goes on sending sends for nothing.
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    let wait = match undone.fault {
        Fault::Wait { seconds } => Some(seconds),
        Fault::Busy => Some(BUSY_SECONDS),
        Fault::Unavailable => Some(UNAVAILABLE_SECONDS),
        _ => None,
    };
    if let Some(seconds) = wait {
        let seconds = HeaderValue::from(seconds);
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    response
}

/// A problem, with the code by which programs tell one from another and the sentence for people.
pub(super) fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    let more = [("code", code), ("error", code), ("message", message)];
    let mut response = problem_with(status, Some(message), &more);
    let private = HeaderValue::from_static(PRIVATE);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, private);
    if status == StatusCode::UNAUTHORIZED {
        // Of Basic nothing is said: a browser that is told of it asks its user in a window of its own.
        let way = HeaderValue::from_static("Bearer realm=\"causette\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, way);
    }
    response
}

pub(super) fn json(status: StatusCode, body: &serde_json::Value) -> Response {
    let head = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, PRIVATE),
    ];
    (status, head, body.to_string()).into_response()
}

/// Who asks, as they say. <https://www.rfc-editor.org/rfc/rfc6750#section-2.1>, <https://www.rfc-editor.org/rfc/rfc7617>
pub(super) fn credential(headers: &HeaderMap) -> Option<Credential> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = value.split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(Credential::Token(Secret::new(rest)));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = Zeroizing::new(BASE64_STANDARD.decode(rest).ok()?);
    let (name, password) = std::str::from_utf8(&pair).ok()?.split_once(':')?;
    // Some clients say which network and which device they mean behind it.
    let name = name.split(['/', '@']).next().unwrap_or_default();
    Some(Credential::Password {
        name: name.into(),
        password: Secret::new(password),
    })
}

/// The language that the client likes best of those that there are.
/// <https://www.rfc-editor.org/rfc/rfc9110#section-12.5.4>
pub(super) fn language(headers: &HeaderMap) -> Option<Language> {
    let list = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut best: Option<(Language, f32)> = None;
    for entry in list.split(',') {
        let (tag, quality) = entry.split_once(';').unwrap_or((entry, ""));
        let quality = quality.trim().strip_prefix("q=");
        let quality = quality.map_or(1.0, |quality| quality.parse().unwrap_or(0.0));
        if let Some(language) = Language::from_tag(tag.trim())
            && quality > best.map_or(0.0, |(_, quality)| quality)
        {
            best = Some((language, quality));
        }
    }
    best.map(|(language, _)| language)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn a_credential_is_a_token_or_a_name_and_a_password() {
        let of = |value: &str| credential(&headers(header::AUTHORIZATION, value));
        let token = Credential::Token(Secret::new("causette_x"));
        assert_eq!(of("Bearer causette_x"), Some(token.clone()));
        assert_eq!(of("bearer  causette_x"), Some(token));
        let password = Credential::Password {
            name: "alice".into(),
            password: Secret::new("open: sesame"),
        };
        for name in ["alice", "alice/libera", "alice@phone", "alice/libera@phone"] {
            let encoded = BASE64_STANDARD.encode(format!("{name}:open: sesame"));
            assert_eq!(of(&format!("Basic {encoded}")), Some(password.clone()));
        }
        for wrong in ["Basic !!!", "Basic YWxpY2U=", "Digest x", "Bearer", ""] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_language_is_the_one_that_is_liked_best() {
        let of = |value: &str| language(&headers(header::ACCEPT_LANGUAGE, value));
        assert_eq!(of("fr-CA, en;q=0.8"), Some(Language::Fr));
        assert_eq!(of("de, en;q=0.3, fr;q=0.7"), Some(Language::Fr));
        assert_eq!(of("fr;q=0, en;q=0.1"), Some(Language::En));
        assert_eq!(of("de"), None);
    }
}
