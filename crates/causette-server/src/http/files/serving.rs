//! With what a file is served, so that nothing of it runs in a browser and nobody keeps it who should not.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use causette_core::file::{Digest, File, Visibility};
use causette_proto::percent_encoded;

/// What a browser shows by itself. Everything else is saved: neither SVG nor HTML, XML or PDF is among them, which may hold programs.
const SHOWN: [&str; 16] = [
    "image/png",
    "image/apng",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
    "video/mp4",
    "video/webm",
    "video/ogg",
    "audio/mpeg",
    "audio/mp4",
    "audio/ogg",
    "audio/webm",
    "audio/flac",
    "audio/wav",
    "text/plain",
];

/// What such a page may do: show itself, and nothing else. <https://www.w3.org/TR/CSP3/>
const POLICY: &str =
    "sandbox; default-src 'none'; script-src 'none'; media-src 'self'; frame-ancestors 'none'";

/// Seconds for which what everybody may have is kept by who has fetched it: the bytes of an address never change.
const KEPT_SECONDS: u32 = 365 * 24 * 3600;

/// The header of a digest of the whole. <https://www.rfc-editor.org/rfc/rfc9530#section-3>
const REPR_DIGEST: HeaderName = HeaderName::from_static("repr-digest");

/// The headers of a file that is there since a moment, in seconds since 1970, whichever part of it is served.
pub(super) fn headers(file: &File, since: i64) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut set = |name: HeaderName, value: String| {
        // Made of what a header may hold; what could not be is left out.
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    };
    let is_shown = SHOWN.contains(&file.media_type.as_str());
    let kind = match file.media_type.as_str() {
        "text/plain" => "text/plain; charset=utf-8",
        shown if is_shown => shown,
        // Nobody is to guess what it might be besides.
        _ => "application/octet-stream",
    };
    let is_open = file.visibility == Visibility::Link;
    set(header::CONTENT_TYPE, kind.to_owned());
    set(header::CONTENT_DISPOSITION, disposition(file, is_shown));
    set(header::ACCEPT_RANGES, "bytes".to_owned());
    set(header::ETAG, etag(file.sha256));
    if let Some(since) = http_date(since) {
        set(header::LAST_MODIFIED, since);
    }
    set(
        REPR_DIGEST,
        format!("sha-256=:{}:", BASE64_STANDARD.encode(file.sha256.0)),
    );
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned());
    set(header::CONTENT_SECURITY_POLICY, POLICY.to_owned());
    set(header::REFERRER_POLICY, "no-referrer".to_owned());
    set(header::X_FRAME_OPTIONS, "DENY".to_owned());
    set(
        HeaderName::from_static("x-robots-tag"),
        "noindex".to_owned(),
    );
    let (sharing, keeping) = match is_open {
        true => (
            "cross-origin",
            format!("public, max-age={KEPT_SECONDS}, immutable"),
        ),
        false => ("same-site", "private, no-store".to_owned()),
    };
    set(
        HeaderName::from_static("cross-origin-resource-policy"),
        sharing.to_owned(),
    );
    set(header::CACHE_CONTROL, keeping);
    headers
}

/// A moment in seconds since 1970, as HTTP says it. <https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7>
pub(super) fn http_date(seconds: i64) -> Option<String> {
    let moment = jiff::Timestamp::from_second(seconds).ok()?;
    Some(moment.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
}

/// The strong validator of a content.
pub(super) fn etag(sha256: Digest) -> String {
    format!("\"sha256-{}\"", BASE64_STANDARD.encode(sha256.0))
}

/// How it is called where it is saved: for programs that know only ASCII, and for the others.
/// <https://www.rfc-editor.org/rfc/rfc6266#section-4>
fn disposition(file: &File, is_shown: bool) -> String {
    let name = file.name.as_str();
    let plain: String = name
        .chars()
        .map(|char| match char {
            '"' | '\\' => '_',
            char if char == ' ' || char.is_ascii_graphic() => char,
            _ => '_',
        })
        .collect();
    let how = if is_shown { "inline" } else { "attachment" };
    let encoded = percent_encoded(name, "");
    format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use causette_core::file::FileKey;
    use causette_core::id::{AccountId, FileId, RoomId};
    use causette_proto::{FileName, Timestamp};

    fn file(name: &str, media_type: &str, visibility: Visibility) -> File {
        File {
            id: FileId(1),
            key: FileKey([1; 16]),
            owner: Some(AccountId(2)),
            name: FileName::nearest(name),
            media_type: media_type.into(),
            size: 3,
            sha256: Digest([0; 32]),
            says_beside: false,
            visibility,
            closed: None,
            granted: Vec::new(),
            path: None,
            aside: None,
            since: Timestamp(0),
            until: None,
        }
    }

    #[test]
    fn only_what_cannot_run_is_shown_and_everything_else_saved() {
        for (media_type, served, how) in [
            ("image/png", "image/png", "inline"),
            ("text/plain", "text/plain; charset=utf-8", "inline"),
            ("image/svg+xml", "application/octet-stream", "attachment"),
            ("text/html", "application/octet-stream", "attachment"),
            ("application/pdf", "application/octet-stream", "attachment"),
            (
                "application/xhtml+xml",
                "application/octet-stream",
                "attachment",
            ),
        ] {
            for visibility in [Visibility::Link, Visibility::Public] {
                let headers = headers(&file("a", media_type, visibility), 784_111_777);
                assert_eq!(headers[header::CONTENT_TYPE], served);
                let disposition = headers[header::CONTENT_DISPOSITION].to_str().unwrap();
                assert!(disposition.starts_with(how), "{media_type}: {disposition}");
                assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
                let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
                assert!(policy.contains("sandbox") && policy.contains("script-src 'none'"));
            }
        }
    }

    #[test]
    fn only_what_an_address_opens_is_kept_by_others() {
        for (visibility, keeping, sharing) in [
            (
                Visibility::Link,
                "public, max-age=31536000, immutable",
                "cross-origin",
            ),
            (Visibility::Public, "private, no-store", "same-site"),
            (
                Visibility::Room(RoomId(4)),
                "private, no-store",
                "same-site",
            ),
            (Visibility::Private, "private, no-store", "same-site"),
        ] {
            let headers = headers(&file("a", "image/png", visibility), 784_111_777);
            assert_eq!(headers[header::CACHE_CONTROL], keeping);
            assert_eq!(headers["cross-origin-resource-policy"], sharing);
            assert_eq!(headers["referrer-policy"], "no-referrer");
            assert_eq!(headers["x-robots-tag"], "noindex");
        }
    }

    #[test]
    fn a_date_is_told_as_http_does() {
        let headers = headers(&file("a", "image/png", Visibility::Link), 784_111_777);
        assert_eq!(
            headers[header::LAST_MODIFIED],
            "Sun, 06 Nov 1994 08:49:37 GMT"
        );
    }

    #[test]
    fn a_name_is_told_in_both_forms() {
        let headers = headers(
            &file("l'été \"100 %\".txt", "text/plain", Visibility::Link),
            784_111_777,
        );
        assert_eq!(
            headers[header::CONTENT_DISPOSITION],
            "inline; filename=\"l'_t_ _100 %_.txt\"; filename*=UTF-8''l%27%C3%A9t%C3%A9%20_100%20%25_.txt"
        );
        let etag = &headers[header::ETAG];
        assert_eq!(
            etag,
            "\"sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\""
        );
    }
}
