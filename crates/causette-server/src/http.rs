//! HTTP on a connection: the pages, and over plain text from elsewhere only where to go instead.

mod admin;
mod api;
#[cfg(test)]
mod bench;
mod files;
mod forwarded;
mod motion;
mod page;
mod upgrade;

pub(crate) use forwarded::Asker;

use crate::admin::Office;
use crate::config::live::Live;
use crate::engine::Arrival;
use crate::engine::ticket::Tickets;
use crate::files::Files;
use crate::net::origin::Relay;
use crate::net::refusal::Reckoning;
use crate::net::sniff::Prefixed;
use crate::net::websocket::Carriage;
use crate::status::Status;
use axum::extract::{Request, State};
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, delete, get};
use axum::{Extension, Router, middleware};
use causette_core::output::{Done, Undone};
use hyper::body::Incoming;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use motion::{Motion, Moving};
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::time::timeout;
use upgrade::Doorway;

/// How long the head of a request may take.
const HEAD: Duration = Duration::from_secs(10);

/// Bytes of such a head.
const HEAD_BYTES: usize = 16 * 1024;

/// Bytes that one connection buffers at most: as many as come at a time where somebody sends a file. It begins with few.
const BUFFER_BYTES: usize = 256 * 1024;

/// What the pages know.
#[derive(Clone)]
pub(crate) struct Site {
    /// What the administrator decided.
    pub(crate) live: Arc<Live>,
    /// How the server is.
    pub(crate) status: Arc<Status>,
    /// The engine's inbox.
    pub(crate) inbox: mpsc::Sender<Arrival>,
    /// Those who wait for what it says.
    pub(crate) visits: Arc<Tickets<Result<Done, Undone>>>,
    /// What does for those who run the server what the core does not.
    pub(crate) office: Arc<Office>,
    /// The bytes of files.
    pub(crate) files: Arc<Files>,
}

/// Who has connected.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visitor {
    /// From where.
    pub(crate) address: IpAddr,
    /// From which port; 0 where who speaks for it does not say.
    pub(crate) port: u16,
    /// Whether it may ask for others.
    pub(crate) trusted: bool,
    /// Whether nobody can read along between it and us.
    pub(crate) is_private: bool,
    /// Whether people may speak in clear all the same.
    pub(crate) allow_plaintext: bool,
}

/// The pages, and what stands in their place over plain text from elsewhere.
#[derive(Clone)]
pub(crate) struct Http {
    pages: Router,
    sockets: Router,
    /// For who finds no place: how the server is, and for the rest why not.
    standing: Router,
    redirection: Router,
}

/// What may be asked for on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offer {
    /// Pages and WebSocket.
    Everything,
    /// WebSocket only.
    WebSocket,
}

/// A connection that speaks WebSocket from now on.
pub(crate) struct Entered<S> {
    /// The connection, with what came after the request.
    pub(crate) stream: Prefixed<S>,
    /// How lines are sent on it.
    pub(crate) carriage: Carriage,
    /// Who has asked for it.
    pub(crate) asker: Asker,
}

impl Http {
    /// Everything about a site.
    pub(crate) fn new(site: Site) -> Self {
        Self {
            pages: Router::new()
                .route("/", get(page::welcome))
                .route("/icon.svg", get(page::icon))
                .route("/healthz", get(page::health))
                .route("/readyz", get(page::readiness))
                .route("/metrics", get(page::metrics))
                .route("/api/v1/account", get(api::account))
                .route("/api/v1/devices/{id}", delete(api::remove_device))
                .route("/api/v1/openapi.json", get(admin::description))
                .route("/api/v1/admin", any(admin::handle))
                .route("/api/v1/admin/", any(admin::handle))
                .route("/api/v1/admin/{*path}", any(admin::handle))
                .merge(files::routes(&site))
                .route("/ws", get(async || upgrade::upgrade_required()))
                .fallback(page::not_found)
                .layer(middleware::from_fn(upgrade::or_page))
                .layer(middleware::from_fn_with_state(site.clone(), receive))
                .with_state(site.clone()),
            sockets: Router::new()
                .fallback(async || upgrade::upgrade_required())
                .layer(middleware::from_fn(upgrade::or_page))
                .layer(middleware::from_fn_with_state(site.clone(), receive)),
            standing: Router::new()
                .route("/healthz", get(page::health))
                .route("/readyz", get(page::readiness))
                .route("/metrics", get(page::metrics))
                .route_layer(middleware::from_fn(page::answer_all_the_same))
                .fallback(page::turned_away)
                .layer(middleware::map_response(page::last))
                .layer(middleware::from_fn_with_state(site.clone(), receive))
                .with_state(site.clone()),
            redirection: Router::new().fallback(redirect).with_state(site),
        }
    }

    /// Answers the requests of one connection, until it ends or goes over to WebSocket.
    pub(crate) async fn serve<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
        &self,
        stream: S,
        visitor: Visitor,
        offer: Offer,
    ) -> Option<Entered<S>> {
        let router = match offer {
            Offer::Everything => self.pages.clone(),
            Offer::WebSocket => self.sockets.clone(),
        };
        let doorway = Doorway::default();
        let mut known = Extensions::new();
        known.insert(visitor);
        known.insert(doorway.clone());
        converse(stream, router, known).await;
        let upgrade = doorway.take()?;
        // The answer is written, or the connection is gone.
        let upgraded = timeout(HEAD, upgrade.on).await.ok()?.ok()?;
        let parts = upgraded.downcast::<TokioIo<Moving<S>>>().ok()?;
        let stream = parts.io.into_inner().into_inner();
        Some(Entered {
            stream: Prefixed::new(parts.read_buf.into(), stream),
            carriage: upgrade.carriage,
            asker: upgrade.asker,
        })
    }

    /// Answers one request of who finds no place.
    pub(crate) async fn turn_away<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
        &self,
        stream: S,
        visitor: Visitor,
        reckoning: &Reckoning,
    ) {
        let mut known = Extensions::new();
        known.insert(visitor);
        known.insert(reckoning.clone());
        converse(stream, self.standing.clone(), known).await;
    }

    /// Answers them with where TLS is spoken: on the same port.
    pub(crate) async fn redirect<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
        &self,
        stream: S,
    ) {
        converse(stream, self.redirection.clone(), Extensions::new()).await;
    }
}

/// Answers requests, each with what is known of the connection. That travels by request and not by a layer, because a layer
/// makes every route anew, for each connection.
async fn converse<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    router: Router,
    known: Extensions,
) {
    let motion = Motion::new();
    let router = TowerToHyperService::new(router);
    let moved = motion.clone();
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        moved.begin();
        request.extensions_mut().extend(known.clone());
        request.extensions_mut().insert(moved.clone());
        router.call(request)
    });
    let stream = Moving::new(stream, motion.clone());
    let mut connection = pin!(
        hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .max_header_size(HEAD_BYTES)
            .max_buf_size(BUFFER_BYTES)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades()
    );
    let _over = motion.over();
    // A client that breaks off or dawdles concerns nobody else.
    tokio::select! {
        _ = &mut connection => {}
        () = motion.ended() => {}
    }
}

/// Finds out who asks. Whoever speaks in clear from elsewhere is sent to TLS, with a proxy between us as without one.
async fn receive(
    State(site): State<Site>,
    Extension(visitor): Extension<Visitor>,
    mut request: Request,
    next: Next,
) -> Response {
    let head = forwarded::Head {
        version: request.version(),
        headers: request.headers(),
    };
    let asker = forwarded::asker(&head, visitor, &site.live.config());
    let is_private = match asker.relay {
        None => visitor.is_private,
        Some(Relay::Tls(_)) => true,
        Some(Relay::Plain) => asker.address.is_loopback(),
    };
    if !is_private && !visitor.allow_plaintext {
        let (headers, uri) = (request.headers().clone(), request.uri().clone());
        return redirect(State(site), headers, uri).await;
    }
    request.extensions_mut().insert(asker);
    next.run(request).await
}

async fn redirect(State(site): State<Site>, headers: HeaderMap, uri: Uri) -> Response {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .filter(|host| is_host(host));
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let config = site.live.config();
    let target = format!("https://{}{path}", host.unwrap_or(&config.settings.server));
    match HeaderValue::from_str(&target) {
        Ok(target) => {
            (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, target)]).into_response()
        }
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// Whether the text can only be a host with or without a port.
fn is_host(text: &str) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
    !text.is_empty() && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests;
