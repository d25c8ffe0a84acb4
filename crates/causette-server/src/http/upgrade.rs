//! From HTTP to WebSocket. <https://www.rfc-editor.org/rfc/rfc6455#section-4.2>

use super::Asker;
use super::page::problem;
use crate::net::websocket::Carriage;
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use axum::Extension;
use axum::extract::Request;
use axum::http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hyper::upgrade::OnUpgrade;
use std::sync::{Arc, Mutex, PoisonError};

/// What a key is hashed with. <https://www.rfc-editor.org/rfc/rfc6455#section-1.3>
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Bytes of a key.
const KEY_BYTES: usize = 16;

/// A connection that will speak WebSocket once its answer is written.
#[derive(Debug)]
pub(super) struct Upgrade {
    /// Gives the connection.
    pub(super) on: OnUpgrade,
    /// How lines are sent on it.
    pub(super) carriage: Carriage,
    /// Who has asked for it.
    pub(super) asker: Asker,
}

/// Where the pages leave an upgrade for the one who serves the connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Doorway(Arc<Mutex<Option<Upgrade>>>);

impl Doorway {
    pub(super) fn take(&self) -> Option<Upgrade> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn leave(&self, upgrade: Upgrade) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(upgrade);
    }
}

/// Stands before the pages: who asks for WebSocket gets it, whatever the path.
///
/// From any origin: what a page of somebody else's could abuse is a browser's cookies, and nothing here looks at those. Who
/// connects says a password or nothing, as on TCP.
pub(super) async fn or_page(
    Extension(doorway): Extension<Doorway>,
    Extension(asker): Extension<Asker>,
    mut request: Request,
    next: Next,
) -> Response {
    if !lists(request.headers(), &UPGRADE, "websocket") {
        return next.run(request).await;
    }
    let headers = request.headers();
    let is_version = |version: &HeaderValue| version == "13";
    if !headers.get(SEC_WEBSOCKET_VERSION).is_some_and(is_version) {
        return upgrade_required();
    }
    let (Some(accept), true, &Method::GET) = (
        accept(headers),
        lists(headers, &CONNECTION, "upgrade"),
        request.method(),
    ) else {
        return problem(StatusCode::BAD_REQUEST, None);
    };
    let subprotocol = subprotocol(headers);
    let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
    let answer = response.headers_mut();
    answer.insert(UPGRADE, HeaderValue::from_static("websocket"));
    answer.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    answer.insert(SEC_WEBSOCKET_ACCEPT, accept);
    if let Some((name, _)) = subprotocol {
        answer.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(name));
    }
    doorway.leave(Upgrade {
        on: hyper::upgrade::on(&mut request),
        carriage: subprotocol.map_or(Carriage::Text, |(_, carriage)| carriage),
        asker,
    });
    response
}

/// Where only WebSocket is spoken, and what it must be.
pub(super) fn upgrade_required() -> Response {
    let mut response = problem(StatusCode::UPGRADE_REQUIRED, None);
    let answer = response.headers_mut();
    answer.insert(UPGRADE, HeaderValue::from_static("websocket"));
    answer.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    answer.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    response
}

/// Whether a header that is a list holds a word.
fn lists(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    items(headers, name).any(|item| item.eq_ignore_ascii_case(word))
}

fn items<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(',').map(str::trim))
}

/// What proves that we have read the key; `None` for what is no key.
fn accept(headers: &HeaderMap) -> Option<HeaderValue> {
    let key = headers.get(SEC_WEBSOCKET_KEY)?.to_str().ok()?;
    let bytes = BASE64_STANDARD.decode(key).ok()?;
    if bytes.len() != KEY_BYTES {
        return None;
    }
    let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, format!("{key}{GUID}").as_bytes());
    HeaderValue::from_str(&BASE64_STANDARD.encode(hash)).ok()
}

/// The first that we speak, in the client's order; none is no obstacle.
fn subprotocol(headers: &HeaderMap) -> Option<(&'static str, Carriage)> {
    items(headers, &SEC_WEBSOCKET_PROTOCOL).find_map(|name| match name {
        "text.ircv3.net" => Some(("text.ircv3.net", Carriage::Text)),
        "binary.ircv3.net" => Some(("binary.ircv3.net", Carriage::Binary)),
        _ => None,
    })
}
