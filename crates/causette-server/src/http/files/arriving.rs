//! Bytes on their way in: what a request brings is appended to an upload, and what is whole becomes a file.

use crate::engine::Arrival;
use crate::files::{self, Upload};
use crate::http::Site;
use axum::body::{Body, HttpBody};
use bytes::Bytes;
use causette_core::file::{Arrived, FileReport, Permit};
use causette_core::input::Input;
use causette_core::output::{Done, Fault, Undone};
use causette_core::record::Origin;
use causette_text::{Language, text};
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use tokio::sync::mpsc;

/// Pieces that wait for the disk.
const AHEAD: usize = 16;

/// How a body ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// All of it was appended, and survives a power cut.
    Appended,
    /// Its sender broke off; what came is kept.
    BrokenOff,
    /// It has more bytes than may come.
    TooLong,
    /// Somebody else sends.
    Busy,
}

/// Appends what a body brings.
///
/// # Errors
/// What the system of files refuses.
pub(super) async fn append(upload: Upload, mut body: Body) -> io::Result<Ended> {
    let (give, mut pieces) = mpsc::channel::<Bytes>(AHEAD);
    let writing = tokio::task::spawn_blocking(move || {
        let Some(mut incoming) = files::alone(&upload) else {
            return Ok(Ended::Busy);
        };
        while let Some(piece) = pieces.blocking_recv() {
            if piece.len() as u64 > incoming.left() {
                return Ok(Ended::TooLong);
            }
            incoming.append(&piece)?;
        }
        incoming.sync()?;
        Ok(Ended::Appended)
    });
    let mut broken = false;
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(frame) = frame else {
            broken = true;
            break;
        };
        // Whoever writes has said why it takes no more.
        if let Ok(piece) = frame.into_data()
            && give.send(piece).await.is_err()
        {
            break;
        }
    }
    drop(give);
    match writing.await {
        Ok(Ok(Ended::Appended)) if broken => Ok(Ended::BrokenOff),
        Ok(ended) => ended,
        Err(panicked) => Err(io::Error::other(panicked)),
    }
}

/// Takes a file of which all bytes come in one request.
///
/// # Errors
/// It is not there then, in a word and a sentence.
pub(super) async fn whole(
    site: &Site,
    permit: &Permit,
    body: Body,
    from: Origin,
    language: Language,
) -> Result<FileReport, Undone> {
    let unavailable = |error: &io::Error| {
        tracing::error!(event = "files.upload_failed", error = %error, "an upload cannot be kept; look at the folder of files");
        Undone {
            fault: Fault::Unavailable,
            text: text(language, "unavailable"),
        }
    };
    let (files, begun) = (site.files.clone(), permit.clone());
    let upload = tokio::task::spawn_blocking(move || files.begin(&begun)).await;
    let upload = upload.unwrap_or_else(|panicked| Err(io::Error::other(panicked)));
    let upload = upload.map_err(|error| unavailable(&error))?;
    let ended = append(upload.clone(), body)
        .await
        .map_err(|error| unavailable(&error))?;
    if ended != Ended::Appended {
        give_up(site, permit, from, language).await;
        return Err(Undone {
            fault: match ended {
                Ended::TooLong => Fault::TooLarge {
                    bytes_max: permit.bytes,
                },
                _ => Fault::Unavailable,
            },
            text: text(language, "file-no-upload"),
        });
    }
    finish(site, permit, upload, from, language).await
}

/// Makes a file of an upload that is whole.
///
/// # Errors
/// It is not there then, in a word and a sentence; its bytes are, and it may be tried again.
pub(super) async fn finish(
    site: &Site,
    permit: &Permit,
    upload: Upload,
    from: Origin,
    language: Language,
) -> Result<FileReport, Undone> {
    let unavailable = || Undone {
        fault: Fault::Unavailable,
        text: text(language, "unavailable"),
    };
    let files = site.files.clone();
    let kept = tokio::task::spawn_blocking(move || {
        let incoming = files::alone(&upload).ok_or_else(|| io::Error::other("somebody sends"))?;
        let sha256 = files.keep(&incoming)?;
        let media_type = files::kind::of(&files.content(sha256)?)?;
        Ok::<_, io::Error>((sha256, incoming.bytes(), media_type))
    });
    let Ok(Ok((sha256, size, media_type))) = kept.await else {
        return Err(unavailable());
    };
    let Ok(key) = files::file_key() else {
        return Err(unavailable());
    };
    let arrived = Arrived::Whole {
        key,
        media_type: media_type.into(),
        size,
        sha256,
        verdict: None,
    };
    let done = settle(site, permit, arrived, from, language).await;
    let (files, key) = (site.files.clone(), permit.key);
    match done {
        Some(Ok(Done::File(report))) => {
            let ended = tokio::task::spawn_blocking(move || files.end(key)).await;
            if let Ok(Err(error)) = ended {
                tracing::warn!(event = "files.upload_left", error = %error, "what is left of an upload cannot be removed");
            }
            Ok(*report)
        }
        Some(Err(undone)) => Err(undone),
        _ => Err(unavailable()),
    }
}

/// Gives up an upload: nothing is left of it.
pub(super) async fn give_up(site: &Site, permit: &Permit, from: Origin, language: Language) {
    settle(site, permit, Arrived::GivenUp, from, language).await;
    let (files, key) = (site.files.clone(), permit.key);
    // What is left is found by the clean-up.
    let _ = tokio::task::spawn_blocking(move || files.end(key)).await;
}

/// Tells the core what came of an upload; `None` where it does not answer.
async fn settle(
    site: &Site,
    permit: &Permit,
    arrived: Arrived,
    from: Origin,
    language: Language,
) -> Option<Result<Done, Undone>> {
    let (ticket, answer) = site.visits.draw();
    let input = Input::Arrived {
        ticket: Some(ticket),
        permit: permit.key,
        arrived,
        from: Some(from),
        language,
    };
    site.inbox.send(Arrival::Input(input)).await.ok()?;
    answer.await.ok()
}
