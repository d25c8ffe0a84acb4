//! The pages: what the server is, how it is, and what is counted.

use super::{Asker, Site, api, files};
use crate::metrics::MEDIA_TYPE;
use crate::net::refusal::{Reckoning, Refusal};
use crate::status::Trouble;
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use causette_text::Language;
use causette_text::{text, text_with};

/// `/`: what this is and how to connect.
pub(super) async fn welcome(State(site): State<Site>) -> String {
    let config = site.live.config();
    let settings = &config.settings;
    let variables = [
        ("server", settings.server.as_str()),
        ("network", settings.network.as_str()),
    ];
    let in_language = |language| {
        let mut page = text_with(language, "http-welcome", &variables);
        for (key, word) in [
            ("house-rules", &settings.rules),
            ("house-privacy", &settings.privacy),
            ("house-contact", &settings.contact),
        ] {
            if !word.is_empty() {
                page.push('\n');
                page.push_str(&text_with(language, key, &[("word", word)]));
            }
        }
        page
    };
    format!(
        "{}\n\n{}\n",
        in_language(Language::En),
        in_language(Language::Fr)
    )
}

/// `/icon.svg`: what clients may show beside the server's name. A day is long enough to keep it, and short enough for
/// another one to be seen.
pub(super) async fn icon() -> impl IntoResponse {
    let head = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CACHE_CONTROL, "public, max-age=86400"),
        // It is a picture and nothing else, wherever it is opened.
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'"),
    ];
    (head, include_str!("icon.svg"))
}

/// `/healthz`: whether what people say can be recorded.
pub(super) async fn health(State(site): State<Site>) -> (StatusCode, &'static str) {
    match site.status.trouble() {
        Some(trouble) => unwell(trouble),
        None => (StatusCode::OK, "ok\n"),
    }
}

fn unwell(trouble: Trouble) -> (StatusCode, &'static str) {
    let why = match trouble {
        Trouble::RecorderFails => "recorder failing\n",
        Trouble::Stuck => "stuck\n",
    };
    (StatusCode::SERVICE_UNAVAILABLE, why)
}

/// `/readyz`: whether it makes sense to send people here.
pub(super) async fn readiness(State(site): State<Site>) -> (StatusCode, &'static str) {
    if !site.status.accepting() {
        (StatusCode::SERVICE_UNAVAILABLE, "not accepting\n")
    } else if let Some(trouble) = site.status.trouble() {
        unwell(trouble)
    } else {
        (StatusCode::OK, "ready\n")
    }
}

/// `/metrics`: what is counted. How busy a server is, and how often somebody guesses, is its administrator's business.
pub(super) async fn metrics(
    State(site): State<Site>,
    Extension(asker): Extension<Asker>,
) -> Response {
    let config = site.live.config();
    let near = asker.address.is_loopback() || config.flood.exempts(asker.address);
    // A proxy of this machine that we do not know may ask for anybody.
    if asker.unknown || !near {
        let detail = text(config.settings.language, "http-metrics-forbidden");
        return problem(StatusCode::FORBIDDEN, Some(&detail));
    }
    (
        [(header::CONTENT_TYPE, MEDIA_TYPE)],
        site.status.render(&config).await,
    )
        .into_response()
}

/// Everything else.
pub(super) async fn not_found(State(site): State<Site>, request: Request) -> Response {
    if files::are_at(request.uri().path()) {
        let language = api::language(request.headers());
        return files::nothing(language.unwrap_or_else(|| site.live.language()));
    }
    problem(StatusCode::NOT_FOUND, None)
}

/// How the server is, where there is no place: who may know it has not been turned away.
pub(super) async fn answer_all_the_same(
    Extension(reckoning): Extension<Reckoning>,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    if response.status() != StatusCode::FORBIDDEN {
        reckoning.answered();
    }
    response
}

/// Everything else where there is no place: that there is none. Programs are told when to come back.
pub(super) async fn turned_away(
    State(site): State<Site>,
    Extension(reckoning): Extension<Reckoning>,
) -> Response {
    reckoning.turned_away();
    let refusal = reckoning.refusal();
    let detail = text(site.live.language(), refusal.key());
    let status = if refusal == Refusal::Full {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::TOO_MANY_REQUESTS
    };
    let mut response = problem(status, Some(&detail));
    let seconds = HeaderValue::from_static("30");
    response.headers_mut().insert(header::RETRY_AFTER, seconds);
    response
}

/// Says that no further request is answered on this connection.
pub(super) async fn last(mut response: Response) -> Response {
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}

/// A refusal that programs can read too. <https://www.rfc-editor.org/rfc/rfc9457>
pub(super) fn problem(status: StatusCode, detail: Option<&str>) -> Response {
    problem_with(status, detail, &[])
}

/// The same with members of our own.
pub(super) fn problem_with(
    status: StatusCode,
    detail: Option<&str>,
    more: &[(&str, &str)],
) -> Response {
    let mut problem = serde_json::json!({
        "type": "about:blank",
        "title": status.canonical_reason(),
        "status": status.as_u16(),
    });
    if let Some(detail) = detail {
        problem["detail"] = detail.into();
    }
    for (name, value) in more {
        problem[*name] = (*value).into();
    }
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    (status, kind, problem.to_string()).into_response()
}
