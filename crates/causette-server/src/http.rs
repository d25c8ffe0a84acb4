//! HTTP on a connection: the pages, and over plain text from elsewhere only where to go instead.

mod admin;
mod api;
mod files;
mod forwarded;
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
use axum::routing::{any, delete, get, post, put};
use axum::{Extension, Router, middleware};
use causette_core::output::{Done, Undone};
use hyper::body::Incoming;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::time::timeout;
use upgrade::Doorway;

/// How long the head of a request may take.
const HEAD: Duration = Duration::from_secs(10);

/// How long one connection may last: nothing here takes long.
const CONNECTION: Duration = Duration::from_secs(60);

/// Bytes that one connection buffers at most.
const BUFFER_BYTES: usize = 16 * 1024;

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
                .route("/upload", post(self::files::upload::post))
                .route("/upload/{permit}", put(self::files::link::put))
                .route("/files/{key}/{name}", get(self::files::download::get))
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
        let parts = upgraded.downcast::<TokioIo<S>>().ok()?;
        Some(Entered {
            stream: Prefixed::new(parts.read_buf.into(), parts.io.into_inner()),
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
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().extend(known.clone());
        router.call(request)
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(BUFFER_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    // A client that breaks off or dawdles concerns nobody else.
    let _ = timeout(CONNECTION, connection).await;
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
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::config::Config;
    use crate::engine::pipe::Pipe;
    use causette_core::input::Input;
    use causette_core::output::Fault;
    use causette_store::Store;
    use causette_text::Language;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    const CONFIGURATION: &str =
        "[server]\nname = \"chat.example.org\"\n[flood]\nexempt = [\"192.0.2.0/24\"]";

    struct Bench {
        pipe: Arc<Pipe>,
        site: Site,
        /// What comes to the engine.
        arrivals: mpsc::Receiver<Arrival>,
    }

    fn bench() -> Bench {
        let pipe = Arc::new(Pipe::default());
        let live = Live::new(Config::parse(CONFIGURATION).unwrap());
        let (inbox, arrivals) = mpsc::channel(1);
        let (office, ..) = Office::idle(inbox.clone(), Arc::new(Store::temporary().unwrap()));
        let site = Site {
            live: Arc::new(live),
            status: Arc::new(Status::new(pipe.clone())),
            office: Arc::new(office),
            inbox,
            visits: Arc::default(),
        };
        Bench {
            pipe,
            site,
            arrivals,
        }
    }

    impl Bench {
        async fn get(&self, path: &str) -> String {
            self.get_from("127.0.0.1", path, "").await
        }

        async fn get_from(&self, address: &str, path: &str, headers: &str) -> String {
            let visitor = Visitor {
                address: address.parse().unwrap(),
                trusted: address == "127.0.0.2" || address == "10.0.0.1",
                is_private: address != "10.0.0.1",
                allow_plaintext: false,
            };
            // A header of the caller's takes the place of this one.
            let host = if headers.starts_with("Host:") {
                ""
            } else {
                "Host: localhost\r\n"
            };
            let request =
                format!("GET {path} HTTP/1.1\r\n{host}{headers}Connection: close\r\n\r\n");
            fetch(self.site.clone(), Some(visitor), &request).await
        }
    }

    /// The answer to one request, as the pages give it, or without a visitor where only TLS is spoken.
    async fn fetch(site: Site, visitor: Option<Visitor>, request: &str) -> String {
        let http = Http::new(site);
        let (mut client, server) = tokio::io::duplex(4096);
        let serving = tokio::spawn(async move {
            match visitor {
                Some(visitor) => drop(http.serve(server, visitor, Offer::Everything).await),
                None => http.redirect(server).await,
            }
        });
        client.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        serving.await.unwrap();
        answer
    }

    #[tokio::test]
    async fn health_follows_the_recorder_and_readiness_the_listeners_too() {
        let bench = bench();
        assert!(bench.get("/healthz").await.starts_with("HTTP/1.1 200 "));
        assert!(bench.get("/readyz").await.starts_with("HTTP/1.1 503 "));
        bench.site.status.set_accepting(true);
        assert!(bench.get("/readyz").await.starts_with("HTTP/1.1 200 "));
        bench.pipe.set_failing(true);
        for path in ["/healthz", "/readyz"] {
            assert!(bench.get(path).await.starts_with("HTTP/1.1 503 "), "{path}");
        }
    }

    #[tokio::test]
    async fn what_is_not_there_is_a_problem() {
        let answer = bench().get("/x").await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
        assert!(answer.contains("application/problem+json"), "{answer}");
    }

    #[tokio::test]
    async fn what_is_asked_in_the_name_of_an_account_is_for_the_core_to_answer() {
        let mut bench = bench();
        let unknown = bench.get("/api/v1/account").await;
        assert!(unknown.starts_with("HTTP/1.1 401 "), "{unknown}");
        assert!(unknown.contains("www-authenticate: Bearer "), "{unknown}");
        let visits = bench.site.visits.clone();
        let mut arrivals = std::mem::replace(&mut bench.arrivals, mpsc::channel(1).1);
        let answering = tokio::spawn(async move {
            let faults = [
                Fault::Refused,
                Fault::Wait { seconds: 7 },
                Fault::Unknown,
                Fault::Busy,
            ];
            for fault in faults {
                let arrival = arrivals.recv().await;
                let Some(Arrival::Input(Input::Visit { ticket, visit })) = arrival else {
                    panic!("{arrival:?}");
                };
                assert_eq!(visit.language, Language::Fr);
                let text = "phrase".to_owned();
                visits.tell(ticket, Err(Undone { fault, text }));
            }
        });
        let headers = "Authorization: Bearer x\r\nAccept-Language: fr\r\n";
        for (status, line) in [
            ("401", "www-authenticate: Bearer realm="),
            ("429", "retry-after: 7"),
            (
                "404",
                r#""error":"UNKNOWN_DEVICE","message":"phrase","status":404,"#,
            ),
            ("503", "retry-after: 5"),
        ] {
            let answer = bench.get_from("::1", "/api/v1/account", headers).await;
            let head = format!("HTTP/1.1 {status} ");
            assert!(answer.starts_with(&head), "{answer}");
            assert!(answer.contains(line), "{answer}");
            let kind = "content-type: application/problem+json\r\n";
            assert!(answer.contains(kind), "{answer}");
        }
        answering.await.unwrap();
    }

    #[tokio::test]
    async fn metrics_are_shown_to_this_machine_and_to_exempt_networks_only() {
        let bench = bench();
        for (address, headers, expected) in [
            ("127.0.0.1", "", "200"),
            ("::1", "", "200"),
            ("192.0.2.7", "", "200"),
            ("198.51.100.1", "", "403"),
            // A proxy of this machine that speaks for somebody else.
            ("127.0.0.1", "X-Forwarded-For: 198.51.100.1\r\n", "403"),
            ("127.0.0.1", "Forwarded: for=198.51.100.1\r\n", "403"),
            ("127.0.0.1", "Host: chat.example.org\r\n", "403"),
            ("192.0.2.7", "Host: chat.example.org\r\n", "200"),
            // One that may.
            (
                "127.0.0.2",
                "X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-Proto: https\r\n",
                "403",
            ),
            ("127.0.0.2", "X-Forwarded-For: 198.51.100.1\r\n", "308"),
            (
                "127.0.0.2",
                "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\n",
                "200",
            ),
            ("127.0.0.2", "", "200"),
            // One on another machine, which must say that its client speaks TLS.
            (
                "10.0.0.1",
                "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\n",
                "200",
            ),
            ("10.0.0.1", "X-Forwarded-For: 192.0.2.7\r\n", "308"),
            ("10.0.0.1", "", "308"),
        ] {
            let answer = bench.get_from(address, "/metrics", headers).await;
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {expected} ")),
                "{address}: {answer}"
            );
            if expected == "200" {
                assert!(answer.contains("text/plain; version=0.0.4"), "{answer}");
                assert!(answer.contains("\ncausette_connections{transport=\"irc\"} 0\n"));
            } else if expected == "403" {
                assert!(answer.contains("application/problem+json"), "{answer}");
                assert!(answer.contains("flood.exempt"), "{answer}");
            }
        }
    }

    #[tokio::test]
    async fn plain_text_is_sent_to_tls_on_the_same_port() {
        let location = async |host: &str| {
            let request = format!("GET /a?b HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
            let answer = fetch(bench().site, None, &request).await;
            assert!(answer.starts_with("HTTP/1.1 308 "), "{answer}");
            answer
                .lines()
                .find_map(|line| line.strip_prefix("location: "))
                .unwrap()
                .trim()
                .to_owned()
        };
        assert_eq!(
            location("other.example.org:52020").await,
            "https://other.example.org:52020/a?b"
        );
        assert_eq!(location("evil@host").await, "https://chat.example.org/a?b");
    }
}
