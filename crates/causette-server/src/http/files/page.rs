//! The page of an upload by a link: a form, and what came of it. It needs no script, and may do nothing but send the form.

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use causette_text::{Language, text, text_with};
use std::fmt::Write as _;
use std::sync::LazyLock;

/// How it looks.
const STYLE: &str = "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}input,button{font:inherit;margin:.5rem 0}button{padding:.4rem 1.2rem}p.refused{border-left:.3rem solid #b00020;padding-left:.8rem}a{overflow-wrap:anywhere}@media(prefers-color-scheme:dark){body{color:#eee;background:#1a1a1a}a{color:#9cf}}";

/// What it may do.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let style = BASE64_STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// What a page tells.
pub(super) struct Page<'a> {
    pub(super) status: StatusCode,
    pub(super) language: Language,
    /// What to say first, where something was refused.
    pub(super) refused: Option<&'a str>,
    pub(super) told: Told<'a>,
}

/// What stands on it.
pub(super) enum Told<'a> {
    /// The form of an upload under this name, of at most so many bytes.
    Form { name: &'a str, bytes_max: u64 },
    /// The file is there, at this address.
    Made { name: &'a str, address: &'a str },
    /// The link has ended without a file.
    Over,
    /// There is nothing to be done.
    Nothing,
}

/// The page.
pub(super) fn page(page: &Page<'_>) -> Response {
    let language = page.language;
    let title = text(language, "upload-title");
    let mut body = format!("<h1>{}</h1>", escaped(&title));
    if let Some(refused) = page.refused {
        paragraph(
            &mut body,
            " class=\"refused\" role=\"alert\"",
            &escaped(refused),
        );
    }
    match page.told {
        Told::Form { name, bytes_max } => {
            let mebibytes = bytes_max.div_ceil(1 << 20).to_string();
            let variables = [("name", name), ("mebibytes", &mebibytes)];
            let about = text_with(language, "upload-about", &variables);
            paragraph(&mut body, "", &escaped(&about));
            let (label, send) = (text(language, "upload-file"), text(language, "upload-send"));
            // A string takes whatever is written to it.
            let _ = write!(
                body,
                "<form method=\"post\" enctype=\"multipart/form-data\"><p><label>{}<br><input type=\"file\" name=\"file\" required></label></p><p><button>{}</button></p></form>",
                escaped(&label),
                escaped(&send)
            );
        }
        Told::Made { name, address } => {
            let made = text_with(language, "upload-made", &[("name", name)]);
            paragraph(&mut body, " role=\"status\"", &escaped(&made));
            let address = escaped(address);
            paragraph(
                &mut body,
                "",
                &format!("<a href=\"{address}\">{address}</a>"),
            );
        }
        Told::Over => {
            let over = text(language, "upload-over");
            paragraph(&mut body, "", &escaped(&over));
        }
        Told::Nothing => {}
    }
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><meta name=\"robots\" content=\"noindex\"><title>{}</title><style>{STYLE}</style></head><body>{body}</body></html>\n",
        language.tag(),
        escaped(&title)
    );
    let head = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        // Its address is a secret.
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ];
    let mut response = (page.status, head, html).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY.clone());
    response
}

fn paragraph(body: &mut String, attributes: &str, html: &str) {
    let _ = write!(body, "<p{attributes}>{html}</p>");
}

/// A text as it stands in HTML, also between quotation marks.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            char => escaped.push(char),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn nothing_that_somebody_wrote_is_html() {
        let written = "<a href=\"x\" title='y'>&amp;</a>";
        assert_eq!(
            escaped(written),
            "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;"
        );
    }
}
