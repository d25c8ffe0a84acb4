//! What is said to HTTP clients: how the server is, how to connect, and over plain text only where to go instead.

use crate::status::Status;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use causette_core::settings::Language;
use causette_core::text::text_with;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

/// How long the head of a request may take.
const HEAD: Duration = Duration::from_secs(10);

/// How long one connection may last: nothing here takes long.
const CONNECTION: Duration = Duration::from_secs(60);

/// Bytes that one connection buffers at most.
const BUFFER_BYTES: usize = 16 * 1024;

/// What the pages know.
#[derive(Clone)]
pub(crate) struct Site {
    /// The server's name.
    pub(crate) server: Arc<str>,
    /// The network's name.
    pub(crate) network: Arc<str>,
    /// How the server is.
    pub(crate) status: Arc<Status>,
}

/// The pages, and what stands in their place over plain text from elsewhere.
#[derive(Clone)]
pub(crate) struct Http {
    pages: Router,
    redirection: Router,
}

impl Http {
    /// Everything about a site.
    pub(crate) fn new(site: Site) -> Self {
        let server = site.server.clone();
        Self {
            pages: Router::new()
                .route("/", get(welcome))
                .route("/healthz", get(health))
                .fallback(not_found)
                .with_state(site),
            redirection: Router::new().fallback(redirect).with_state(server),
        }
    }

    /// Answers the requests of one connection with the pages.
    pub(crate) async fn serve<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
        &self,
        stream: S,
    ) {
        converse(stream, self.pages.clone()).await;
    }

    /// Answers them with where TLS is spoken: on the same port.
    pub(crate) async fn redirect<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
        &self,
        stream: S,
    ) {
        converse(stream, self.redirection.clone()).await;
    }
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S, router: Router) {
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(BUFFER_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    // A client that breaks off or dawdles concerns nobody else.
    let _ = timeout(CONNECTION, connection).await;
}

async fn welcome(State(site): State<Site>) -> String {
    let variables = [("server", &*site.server), ("network", &*site.network)];
    let english = text_with(Language::En, "http-welcome", &variables);
    let french = text_with(Language::Fr, "http-welcome", &variables);
    format!("{english}\n\n{french}\n")
}

async fn health(State(site): State<Site>) -> (StatusCode, &'static str) {
    if site.status.recorder_failing() {
        (StatusCode::SERVICE_UNAVAILABLE, "recorder failing\n")
    } else {
        (StatusCode::OK, "ok\n")
    }
}

/// <https://www.rfc-editor.org/rfc/rfc9457>
async fn not_found() -> impl IntoResponse {
    let problem = r#"{"type":"about:blank","title":"Not Found","status":404}"#;
    (
        StatusCode::NOT_FOUND,
        [(header::CONTENT_TYPE, "application/problem+json")],
        problem,
    )
}

async fn redirect(State(server): State<Arc<str>>, headers: HeaderMap, uri: Uri) -> Response {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .filter(|host| is_host(host));
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let target = format!("https://{}{path}", host.unwrap_or(&server));
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
    use crate::pipe::Pipe;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    async fn fetch(pipe: &Arc<Pipe>, redirects: bool, request: &str) -> String {
        let http = Http::new(Site {
            server: "chat.example.org".into(),
            network: "Example".into(),
            status: Arc::new(Status::new(pipe.clone())),
        });
        let (mut client, server) = tokio::io::duplex(4096);
        let serving = tokio::spawn(async move {
            if redirects {
                http.redirect(server).await
            } else {
                http.serve(server).await
            }
        });
        client.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        serving.await.unwrap();
        answer
    }

    #[tokio::test]
    async fn health_follows_the_recorder() {
        let pipe = Arc::new(Pipe::default());
        let request = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        assert!(
            fetch(&pipe, false, request)
                .await
                .starts_with("HTTP/1.1 200 ")
        );
        pipe.set_failing(true);
        assert!(
            fetch(&pipe, false, request)
                .await
                .starts_with("HTTP/1.1 503 ")
        );
    }

    #[tokio::test]
    async fn what_is_not_there_is_a_problem() {
        let answer = fetch(
            &Arc::default(),
            false,
            "GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        )
        .await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
        assert!(answer.contains("application/problem+json"), "{answer}");
    }

    #[tokio::test]
    async fn plain_text_is_sent_to_tls_on_the_same_port() {
        let location = async |host: &str| {
            let request = format!("GET /a?b HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
            let answer = fetch(&Arc::default(), true, &request).await;
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
