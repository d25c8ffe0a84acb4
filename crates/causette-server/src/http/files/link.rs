//! `PUT /upload/<permit>`: the bytes of one file, from whoever was given the link. The link is the right: nobody is asked for more.

use super::{arriving, report};
use crate::files;
use crate::http::api;
use crate::http::{Asker, Site};
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use causette_core::file::PermitKey;
use causette_core::output::{Fault, Undone};
use causette_core::record::Origin;
use causette_text::text;

/// Takes the bytes, all of them: what is broken off begins anew.
pub(in crate::http) async fn put(
    State(site): State<Site>,
    Extension(asker): Extension<Asker>,
    Path(permit): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let language = api::language(&headers).unwrap_or_else(|| site.live.language());
    let unknown = || {
        api::refused(&Undone {
            fault: Fault::NotFound,
            text: text(language, "file-no-upload"),
        })
    };
    let Some(upload) = PermitKey::parse(&permit).and_then(|key| site.files.upload(key)) else {
        return unknown();
    };
    let Some(permit) = files::alone(&upload).map(|incoming| incoming.permit.clone()) else {
        return api::refusal(
            StatusCode::CONFLICT,
            "BUSY",
            &text(language, "file-uploads-full"),
        );
    };
    let from = Origin {
        address: asker.address,
        // Not yet known here.
        port: 0,
    };
    match arriving::whole(&site, &permit, body, from, language).await {
        Ok(file) => {
            let path = report::path(&file.file);
            // For people who look at a terminal.
            let told = format!("{}{path}\n", site.live.config().settings.files.url);
            let kind = (header::CONTENT_TYPE, "text/plain; charset=utf-8");
            let mut response = (StatusCode::CREATED, [kind], told).into_response();
            if let Ok(place) = HeaderValue::try_from(path) {
                response.headers_mut().insert(header::LOCATION, place);
            }
            response
        }
        Err(undone) => api::refused(&undone),
    }
}
