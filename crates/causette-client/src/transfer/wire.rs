//! One question to a server by HTTP/1.1, over a connection of its own that is opened and trusted like the one on which people talk.

use super::fault::{Halt, of_answer, of_failure};
use super::site::Site;
use crate::core::transfer::Fault;
use crate::transport;
use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT_LANGUAGE, AUTHORIZATION, HOST, HeaderMap, HeaderValue, USER_AGENT};
use hyper::http::request::Builder;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How long opening a connection may take, with its encryption.
const OPENING: Duration = Duration::from_secs(20);

/// Silence after which a connection on which bytes should come is given up.
pub(crate) const SILENCE: Duration = Duration::from_secs(60);

/// Bytes of an answer that is read whole, at most: a list of files is far from it.
const ANSWER_BYTES_MAX: usize = 1_024 * 1_024;

/// What a request bears.
pub(crate) enum Payload<B> {
    /// These bytes.
    Whole(Option<Bytes>),
    /// What is read as it goes.
    Streamed(B),
}

impl<B> Payload<B> {
    pub(crate) fn none() -> Self {
        Self::Whole(None)
    }
}

type Trouble = Box<dyn std::error::Error + Send + Sync>;

impl<B> Body for Payload<B>
where
    B: Body<Data = Bytes, Error = std::io::Error> + Unpin,
{
    type Data = Bytes;
    type Error = Trouble;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Trouble>>> {
        match &mut *self {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Streamed(body) => Pin::new(body)
                .poll_frame(context)
                .map(|frame| frame.map(|frame| frame.map_err(Into::into))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_none(),
            Self::Streamed(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
            Self::Streamed(body) => body.size_hint(),
        }
    }
}

/// The body of a request without one.
pub(crate) struct Nothing(Infallible);

impl Body for Nothing {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        match self.0 {}
    }
}

/// A request without a body.
pub(crate) fn bare(builder: Builder) -> hyper::http::Result<Request<Payload<Nothing>>> {
    builder.body(Payload::none())
}

/// What serves a connection, for as long as somebody wants what comes over it.
#[derive(Debug)]
struct Served(JoinHandle<()>);

impl Drop for Served {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What a server answers.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    body: Incoming,
    _served: Served,
}

/// Sends a question. How long the answer may take is for `pace` to say, which ends when nothing moves any more.
pub(crate) async fn ask<B>(
    site: &Site,
    request: hyper::http::Result<Request<Payload<B>>>,
    patience: impl Future<Output = ()>,
) -> Result<Answer, Halt>
where
    B: Body<Data = Bytes, Error = std::io::Error> + Send + Unpin + 'static,
{
    let locale = &site.locale;
    // A server may name a place that is none.
    let strange = || Halt::staying(Fault::Refused, locale.text("client-file-strange"));
    let mut request = request.map_err(|_| strange())?;
    put_headers(site, request.headers_mut())?;
    let opening = transport::open(&site.address, locale, site.trusted);
    let (stream, _, _) = timeout(OPENING, opening)
        .await
        .map_err(|_| Halt::lost(locale.text("client-timed-out")))?
        .map_err(|failure| of_failure(failure, &site.address.name(), locale))?;
    let lost = |error: hyper::Error| Halt::lost(words_of(&error, site));
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(lost)?;
    let served = Served(tokio::spawn(async {
        // Whoever waits for the answer is told why there is none.
        let _ = connection.await;
    }));
    let answer = tokio::select! {
        answer = sender.send_request(request) => answer.map_err(lost)?,
        () = patience => return Err(Halt::lost(locale.text("client-timed-out"))),
    };
    let (head, body) = answer.into_parts();
    Ok(Answer {
        status: head.status,
        headers: head.headers,
        body,
        _served: served,
    })
}

/// The same for a question that is answered soon.
pub(crate) async fn ask_soon(
    site: &Site,
    request: hyper::http::Result<Request<Payload<Nothing>>>,
) -> Result<Answer, Halt> {
    ask(site, request, tokio::time::sleep(SILENCE)).await
}

/// Who asks, where, and in which language.
fn put_headers(site: &Site, headers: &mut HeaderMap) -> Result<(), Halt> {
    let value = |text: &str| {
        let value = HeaderValue::from_str(text);
        value.map_err(|error| Halt::staying(Fault::Credentials, error.to_string()))
    };
    headers.insert(HOST, value(&site.address.key())?);
    headers.insert(ACCEPT_LANGUAGE, value(site.locale.language.tag())?);
    let agent = concat!("causette/", env!("CARGO_PKG_VERSION"));
    headers.insert(USER_AGENT, HeaderValue::from_static(agent));
    let mut who = value(site.authorization.value().expose())?;
    who.set_sensitive(true);
    headers.insert(AUTHORIZATION, who);
    Ok(())
}

fn words_of(error: &hyper::Error, site: &Site) -> String {
    if error.is_timeout() {
        site.locale.text("client-timed-out")
    } else {
        site.locale.text("client-closed")
    }
}

impl Answer {
    /// The next piece of the body; nothing behind the last one.
    pub(crate) async fn piece(&mut self, site: &Site) -> Result<Option<Bytes>, Halt> {
        loop {
            let next = poll_fn(|context| Pin::new(&mut self.body).poll_frame(context));
            let frame = timeout(SILENCE, next)
                .await
                .map_err(|_| Halt::lost(site.locale.text("client-timed-out")))?;
            match frame {
                None => return Ok(None),
                Some(Err(error)) => return Err(Halt::lost(words_of(&error, site))),
                Some(Ok(frame)) => {
                    if let Ok(bytes) = frame.into_data() {
                        return Ok(Some(bytes));
                    }
                }
            }
        }
    }

    /// The body, which is short.
    pub(crate) async fn whole(mut self, site: &Site) -> Result<Vec<u8>, Halt> {
        let mut whole = Vec::new();
        while let Some(bytes) = self.piece(site).await? {
            if whole.len() + bytes.len() > ANSWER_BYTES_MAX {
                return Err(Halt::lost(site.locale.text("client-file-strange")));
            }
            whole.extend_from_slice(&bytes);
        }
        Ok(whole)
    }

    /// What the server says where it did not do what was asked.
    pub(crate) async fn refusal(self, site: &Site) -> Halt {
        let status = self.status;
        // A refusal without its words is one all the same.
        let body = self.whole(site).await.unwrap_or_default();
        of_answer(status, &body, &site.locale)
    }

    /// The answer, where the status tells that it was done.
    pub(crate) async fn accepted(self, site: &Site) -> Result<Self, Halt> {
        if self.status.is_success() {
            Ok(self)
        } else {
            Err(self.refusal(site).await)
        }
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The number that a header says.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.header(name)?.trim().parse().ok()
    }
}
