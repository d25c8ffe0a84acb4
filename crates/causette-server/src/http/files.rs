//! Files by HTTP.

mod acts;
mod arriving;
mod body;
mod call;
mod checksum;
mod cors;
mod download;
mod judging;
mod link;
mod multipart;
mod name;
mod page;
mod precondition;
mod range;
mod report;
mod serving;
#[cfg(test)]
mod tests;
mod tus;
mod upload;

use super::Site;
use axum::Router;
use axum::http::StatusCode;
use axum::middleware;
use axum::response::Response;
use axum::routing::{any, delete, get, post, put};
use causette_text::Language;

/// The addresses of files.
pub(super) fn routes(site: &Site) -> Router<Site> {
    Router::new()
        .route("/upload", post(upload::post).options(upload::options))
        .route(
            "/upload/{permit}",
            get(link::show)
                .put(link::put)
                .post(link::post)
                .options(cors::preflight),
        )
        .route("/api/v1/uploads", any(tus::all))
        .route("/api/v1/uploads/{permit}", any(tus::one))
        .route("/api/v1/files", get(acts::list).options(cors::preflight))
        .route(
            "/api/v1/files/usage",
            get(acts::usage).options(cors::preflight),
        )
        .route(
            "/api/v1/files/uploads",
            get(acts::coming)
                .delete(acts::cancel_all)
                .options(cors::preflight),
        )
        .route(
            "/api/v1/files/uploads/{number}",
            delete(acts::cancel).options(cors::preflight),
        )
        .route(
            "/api/v1/files/named/{name}",
            get(acts::named).options(cors::preflight),
        )
        .route(
            "/api/v1/files/{file}",
            get(acts::show)
                .delete(acts::remove)
                .options(cors::preflight),
        )
        .route(
            "/api/v1/files/{file}/visibility",
            put(acts::share).options(cors::preflight),
        )
        .route(
            "/api/v1/files/{file}/grants/{name}",
            put(acts::send)
                .delete(acts::take_back)
                .options(cors::preflight),
        )
        .route(
            "/files/{key}/{name}",
            get(download::get).options(cors::preflight),
        )
        .method_not_allowed_fallback(other_method)
        .layer(middleware::from_fn_with_state(site.clone(), cors::allow))
}

/// Whether a path is where files are, or would be.
pub(super) fn are_at(path: &str) -> bool {
    ["/files", "/upload", "/api/v1/files", "/api/v1/uploads"]
        .iter()
        .filter_map(|place| path.strip_prefix(place))
        .any(|behind| behind.is_empty() || behind.starts_with('/'))
}

/// There is nothing where files would be.
pub(super) fn nothing(language: Language) -> Response {
    call::nothing(language)
}

/// What is there does not take a method; what it takes stands in `Allow`.
async fn other_method(call: call::Call) -> Response {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    *call.refuse(status, "METHOD_NOT_ALLOWED", "http-other-method")
}
