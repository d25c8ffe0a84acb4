//! Why something was not done, as programs and people are told. <https://www.rfc-editor.org/rfc/rfc9457>

use crate::http::api::{refusal, refused};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use causette_core::output::Undone;
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

/// Why nothing came of a request.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The door says so.
    Problem(Problem),
    /// The core says so.
    Undone(Undone),
}

impl Refusal {
    pub(super) fn response(&self) -> Response {
        match self {
            Self::Problem(problem) => problem.response(),
            Self::Undone(undone) => refused(undone),
        }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Undone> for Refusal {
    fn from(undone: Undone) -> Self {
        Self::Undone(undone)
    }
}

/// Says in which language an answer is. <https://www.rfc-editor.org/rfc/rfc9110#section-8.5>
pub(super) fn in_language(response: &mut Response, language: Language) {
    let tag = HeaderValue::from_static(language.tag());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LANGUAGE, tag);
}
