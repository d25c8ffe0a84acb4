//! `/api/v1/admin/`: what the console, the socket and the command line ask for, for programs. One table says which request is
//! which verb; the fields, the doing and the answers are theirs. Who asks has a program's token, and the core judges it.

mod answer;
mod asked;
mod desk;
mod openapi;
mod problem;
mod routes;
mod schemas;

use super::api::{self, Visitor};
use super::{Asker, Site};
use answer::Answered;
pub(super) use asked::decoded;
use asked::is_json;
use axum::Extension;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use causette_core::limits::ADMIN_REQUEST_BYTES;
use causette_text::{Language, text, text_with};
use problem::Problem;
use routes::{Found, Method, find};
use std::time::Duration;
use tokio::time::timeout;
use zeroize::Zeroizing;

pub(super) use openapi::description;

/// Before the path of each route.
const BASE: &str = "/api/v1/admin";

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// Answers a request.
pub(super) async fn handle(
    State(site): State<Site>,
    Extension(asker): Extension<Asker>,
    request: Request,
) -> Response {
    let language = api::language(request.headers()).unwrap_or_else(|| site.live.language());
    let answered = answer(&site, &asker, request, language).await;
    let mut response = match answered {
        Ok(answered) => answered.response(),
        Err(response) => response,
    };
    problem::in_language(&mut response, language);
    response
}

async fn answer(
    site: &Site,
    asker: &Asker,
    request: Request,
    language: Language,
) -> Result<Answered, Response> {
    let refuse = |problem: Problem| problem.response();
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().strip_prefix(BASE).unwrap_or_default();
    let (route, places) = match find(parts.method.as_str(), path) {
        Found::Route(route, places) => (route, places),
        Found::Nothing => return Err(refuse(Problem::not_found(language))),
        Found::OtherMethods(methods) => return Err(other_methods(&methods, language)),
    };
    let Some(credential) = api::credential(&parts.headers) else {
        let detail = text(language, "http-admin-sign-in");
        let problem = Problem::new(StatusCode::UNAUTHORIZED, "ACCOUNT_REQUIRED", detail);
        return Err(refuse(problem));
    };
    let body = match route.method {
        Method::Get => Zeroizing::default(),
        _ => {
            let kind = parts.headers.get(header::CONTENT_TYPE);
            let kind = kind.and_then(|kind| kind.to_str().ok());
            read(body, kind, language).await.map_err(refuse)?
        }
    };
    let query = parts.uri.query();
    let mut asked = asked::read(route, &places, query, &body, language).map_err(refuse)?;
    let place = answer::place(route, &asked.request);
    let wanted = asked.request.understand(language);
    let wanted = wanted.map_err(|text| refuse(Problem::unprocessable(text)))?;
    let visitor = Visitor {
        asker,
        language,
        credential,
    };
    let outcome = desk::obey(site, visitor, asked.verb.name, wanted)
        .await
        .map_err(|refusal| refusal.response())?;
    Ok(Answered {
        route,
        outcome,
        path: parts.uri.path().to_owned(),
        part: asked.part,
        place,
    })
}

/// The whole of a body, which may be none.
async fn read(
    body: Body,
    kind: Option<&str>,
    language: Language,
) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let too_long = || {
        let max = ADMIN_REQUEST_BYTES.to_string();
        let detail = text_with(language, "http-admin-too-long", &[("max", &max)]);
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "TOO_LONG", detail)
    };
    let bytes = match timeout(PATIENCE, to_bytes(body, ADMIN_REQUEST_BYTES)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => return Err(too_long()),
        Err(_) => {
            let detail = text(language, "http-admin-too-slow");
            let status = StatusCode::REQUEST_TIMEOUT;
            return Err(Problem::new(status, "TOO_SLOW", detail));
        }
    };
    let body = Zeroizing::new(bytes.to_vec());
    if let Ok(mut bytes) = bytes.try_into_mut() {
        // There may be a password in it.
        zeroize::Zeroize::zeroize(bytes.as_mut());
    }
    if !body.is_empty() && !is_json(kind) {
        let detail = text(language, "http-admin-media-type");
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Problem::new(status, "JSON_NEEDED", detail));
    }
    Ok(body)
}

fn other_methods(methods: &[&str], language: Language) -> Response {
    let methods = methods.join(", ");
    let detail = text_with(language, "http-admin-method", &[("methods", &methods)]);
    let status = StatusCode::METHOD_NOT_ALLOWED;
    let mut response = Problem::new(status, "METHOD_NOT_ALLOWED", detail).response();
    if let Ok(methods) = HeaderValue::from_str(&methods) {
        response.headers_mut().insert(header::ALLOW, methods);
    }
    response
}

#[cfg(test)]
mod tests;
