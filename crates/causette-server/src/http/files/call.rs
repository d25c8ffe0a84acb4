//! A request that concerns files: who asks, in which language, and how they are refused.

use crate::http::api::{self, Visitor};
use crate::http::motion::Motion;
use crate::http::{Asker, Site};
use axum::body::{Body, HttpBody};
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use causette_core::input::{Credential, FileWish, Wish};
use causette_core::output::{Done, Fault, Undone};
use causette_core::record::Origin;
use causette_text::{Language, text, text_with};
use serde::de::DeserializeOwned;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Bytes of a body that nobody wants, which are read all the same so that who sends it reads the answer.
const UNWANTED_BYTES: u64 = 4 << 20;

/// How long that may take.
const UNWANTED: Duration = Duration::from_secs(5);

/// The answer in the place of what was asked for.
pub(super) type Refused = Box<Response>;

/// A request.
#[derive(Clone)]
pub(super) struct Call {
    pub(super) site: Site,
    pub(super) asker: Asker,
    pub(super) language: Language,
    /// What moves on its connection.
    pub(super) motion: Arc<Motion>,
    pub(super) headers: Arc<HeaderMap>,
}

impl FromRequestParts<Site> for Call {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Response> {
        let language = api::language(&parts.headers).unwrap_or_else(|| site.live.language());
        let asker = parts.extensions.get::<Asker>().cloned();
        let motion = parts.extensions.get::<Arc<Motion>>().cloned();
        let asker = asker.ok_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response())?;
        Ok(Self {
            site: site.clone(),
            asker,
            language,
            motion: motion.unwrap_or_else(Motion::new),
            headers: Arc::new(parts.headers.clone()),
        })
    }
}

/// What the path of a request names. One that cannot be read names nothing.
pub(super) struct Named<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Site> for Named<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Response> {
        if let Ok(Path(named)) = Path::from_request_parts(parts, site).await {
            return Ok(Self(named));
        }
        let language = api::language(&parts.headers).unwrap_or_else(|| site.live.language());
        Err(nothing(language))
    }
}

/// There is nothing at a path.
pub(super) fn nothing(language: Language) -> Response {
    let told = text(language, "http-files-not-found");
    api::refusal(StatusCode::NOT_FOUND, "NOT_FOUND", &told)
}

impl Call {
    /// What a header says, where it is text.
    pub(super) fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// From where it comes.
    pub(super) fn from(&self) -> Origin {
        Origin {
            address: self.asker.address,
            port: self.asker.port,
        }
    }

    /// Who asks, as they say; refused where they say nothing.
    pub(super) fn credential(&self) -> Result<Credential, Refused> {
        api::credential(&self.headers).ok_or_else(|| {
            self.refuse(StatusCode::UNAUTHORIZED, "ACCOUNT_REQUIRED", "http-sign-in")
        })
    }

    /// What the core says of a wish.
    pub(super) async fn wish(
        &self,
        credential: Credential,
        wish: FileWish,
    ) -> Result<Done, Refused> {
        let visitor = Visitor {
            asker: &self.asker,
            language: self.language,
            credential,
        };
        let done = api::visit(&self.site, visitor, Wish::File(Box::new(wish))).await;
        done.map_err(|undone| self.undone(&undone))
    }

    /// Why something was not done, as the core says.
    pub(super) fn undone(&self, undone: &Undone) -> Refused {
        Box::new(api::refused(undone))
    }

    /// A refusal with a code, and a sentence of this key.
    pub(super) fn refuse(&self, status: StatusCode, code: &str, key: &str) -> Refused {
        self.refuse_with(status, code, key, &[])
    }

    /// The same with variables in the sentence.
    pub(super) fn refuse_with(
        &self,
        status: StatusCode,
        code: &str,
        key: &str,
        variables: &[(&str, &str)],
    ) -> Refused {
        let told = text_with(self.language, key, variables);
        Box::new(api::refusal(status, code, &told))
    }

    /// Nothing can be done at the moment.
    pub(super) fn unavailable(&self) -> Refused {
        self.undone(&Undone {
            fault: Fault::Unavailable,
            text: text(self.language, "unavailable"),
        })
    }

    /// There is no room on the disk.
    pub(super) fn disk_full(&self) -> Refused {
        self.refuse(
            StatusCode::INSUFFICIENT_STORAGE,
            "DISK_FULL",
            "file-disk-full",
        )
    }

    /// So many bytes are too many.
    pub(super) fn too_large(&self, bytes: u64, bytes_max: u64) -> Refused {
        let (bytes, max) = (bytes.to_string(), bytes_max.to_string());
        let variables = [("bytes", bytes.as_str()), ("max", &max)];
        self.undone(&Undone {
            fault: Fault::TooLarge { bytes_max },
            text: text_with(self.language, "file-too-large", &variables),
        })
    }

    /// The length that the body has, as it says.
    pub(super) fn length(&self) -> Option<u64> {
        self.header(header::CONTENT_LENGTH)?.parse().ok()
    }

    /// An answer that is given before the body was read. The connection ends with it; who is sending reads it all the same, since for a
    /// moment what they send is taken and dropped. Who waits for a word before they send is spared that.
    #[expect(clippy::boxed_local, reason = "refusals come so")]
    pub(super) fn without(&self, body: Body, refused: Refused) -> Response {
        let mut response = *refused;
        if body.is_end_stream() {
            return response;
        }
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
        if self.header(header::EXPECT).is_none() {
            tokio::spawn(timeout(UNWANTED, discard(body)));
        }
        response
    }

    /// Waits for something that goes on also where who asked for it has gone: what was begun is ended, and what was kept is told of.
    pub(super) async fn whole<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Refused>> + Send + 'static,
    ) -> Result<T, Refused> {
        match tokio::spawn(work).await {
            Ok(done) => done,
            Err(_) => Err(self.unavailable()),
        }
    }
}

/// Takes and drops what a body brings, up to a bound.
async fn discard(mut body: Body) {
    let mut left = UNWANTED_BYTES;
    while let Some(Ok(frame)) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
        if bytes >= left {
            return;
        }
        left -= bytes;
    }
}

/// Sets a header, where its value can be one.
pub(super) fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
