//! Why something was not done, as programs and people are told. <https://www.rfc-editor.org/rfc/rfc9457>

use crate::http::api::refusal;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use causette_text::{Language, text};

/// What is wrong with a request, before anybody is asked.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) status: StatusCode,
    /// In a word for programs.
    pub(super) error: &'static str,
    /// In a sentence for people.
    pub(super) detail: String,
}

impl Problem {
    pub(super) fn new(status: StatusCode, error: &'static str, detail: String) -> Self {
        Self {
            status,
            error,
            detail,
        }
    }

    /// There is nothing at that path.
    pub(super) fn not_found(language: Language) -> Self {
        let detail = text(language, "http-admin-not-found");
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", detail)
    }

    pub(super) fn response(&self) -> Response {
        refusal(self.status, self.error, &self.detail)
    }
}

/// Says in which language an answer is. <https://www.rfc-editor.org/rfc/rfc9110#section-8.5>
pub(super) fn in_language(response: &mut Response, language: Language) {
    let tag = HeaderValue::from_static(language.tag());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LANGUAGE, tag);
}
