//! `POST /upload`: one request brings a file, as IRC clients send it that know `soju.im/FILEHOST`.
//! <https://codeberg.org/emersion/soju/src/branch/master/doc/ext/filehost.md>

use super::{arriving, report};
use crate::files;
use crate::http::api::{self, Visitor};
use crate::http::{Asker, Site};
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use causette_core::file::Audience;
use causette_core::input::{FileWish, Wish};
use causette_core::output::{Done, Fault, Undone};
use causette_core::record::Origin;
use causette_proto::FileName;
use causette_text::text;

/// Takes a file, which whoever gets its address may fetch.
pub(in crate::http) async fn post(
    State(site): State<Site>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let language = api::language(&headers).unwrap_or_else(|| site.live.language());
    let unavailable = || {
        api::refused(&Undone {
            fault: Fault::Unavailable,
            text: text(language, "unavailable"),
        })
    };
    let Some(credential) = api::credential(&headers) else {
        let told = text(language, "http-sign-in");
        return api::refusal(StatusCode::UNAUTHORIZED, "ACCOUNT_REQUIRED", &told);
    };
    let Ok(permit) = files::permit_key() else {
        return unavailable();
    };
    let from = Origin {
        address: asker.address,
        // Not yet known here.
        port: 0,
    };
    let of = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    let name = of(header::CONTENT_DISPOSITION)
        .and_then(super::name::of)
        .unwrap_or_default();
    let wish = FileWish::Upload {
        permit,
        name: FileName::nearest(&name),
        bytes: of(header::CONTENT_LENGTH).and_then(|length| length.parse().ok()),
        audience: Audience::Link,
        from,
    };
    let visitor = Visitor {
        asker: &asker,
        language,
        credential,
    };
    let permit = match api::visit(&site, visitor, Wish::File(Box::new(wish))).await {
        Ok(Done::Permitted(permit)) => permit,
        Ok(_) => return unavailable(),
        Err(undone) => return api::refused(&undone),
    };
    match arriving::whole(&site, &permit, body, from, language).await {
        Ok(file) => {
            let mut response = api::json(StatusCode::CREATED, &report::file(&file));
            let place = report::path(&file.file);
            if let Ok(place) = HeaderValue::try_from(place) {
                response.headers_mut().insert(header::LOCATION, place);
            }
            response
        }
        Err(undone) => api::refused(&undone),
    }
}
