//! Bytes on their way in: what a request brings is appended to an upload, and what is whole becomes a file.

use super::call::{Call, Refused};
use super::checksum::Checksum;
use super::judging::{Judged, judge};
use crate::aside;
use crate::engine::Arrival;
use crate::files::{self, Declared, Mark, Sending, Upload};
use crate::http::api;
use axum::body::{Body, HttpBody};
use axum::http::StatusCode;
use bytes::Bytes;
use causette_core::file::{Arrived, Audience, FileReport, PermitKey};
use causette_core::input::{Credential, FileWish, Input};
use causette_core::output::{Done, Fault, Undone};
use causette_proto::FileName;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::Arc;
use tokio::task::{JoinHandle, spawn_blocking};

/// Bytes that are written at a time, and the pieces of which they may be made.
const BATCH_BYTES: usize = 1 << 18;
const BATCH_PIECES: usize = 64;

/// Bytes that are brought to the disk while more come. So the end of a large file has not to wait for all of it; and what is said in the
/// meantime, which a disk brings to its end behind what it was given before, waits for little.
const SYNC_BYTES: u64 = 1 << 20;

/// Bytes between two looks at how much room the disk has.
const ROOM_BYTES: u64 = 16 << 20;

/// How a body ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// All of it was appended, and survives a power cut.
    Appended,
    /// Its sender broke off; what came is kept, unless it had a checksum.
    BrokenOff,
    /// It has more bytes than may come: none of them is kept.
    TooLong,
    /// It has not the checksum that it was said to have: none of it is kept.
    Mismatched,
    /// The disk is full; what came is kept.
    DiskFull,
}

/// Bytes that come, as they were announced.
pub(super) trait Source: Send {
    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// They broke off.
    fn next(&mut self) -> impl Future<Output = Result<Option<Bytes>, BrokenOff>> + Send;
}

/// Whoever sent has gone before the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BrokenOff;

/// The body of a request.
pub(super) struct Content {
    body: Body,
    call: Call,
    /// How many bytes it must still have, where that is known.
    left: Option<u64>,
}

impl Content {
    pub(super) fn new(call: &Call, body: Body) -> Self {
        Self {
            body,
            call: call.clone(),
            left: call.length(),
        }
    }
}

impl Source for Content {
    async fn next(&mut self) -> Result<Option<Bytes>, BrokenOff> {
        loop {
            let body = &mut self.body;
            let frame = poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await;
            match frame {
                Some(Ok(frame)) => {
                    let Ok(piece) = frame.into_data() else {
                        continue;
                    };
                    if let Some(left) = &mut self.left {
                        *left = left.saturating_sub(piece.len() as u64);
                    }
                    return Ok(Some(piece));
                }
                Some(Err(_)) => return Err(BrokenOff),
                // Where a connection is cut, its body only ends.
                None => match self.left {
                    Some(0) => return Ok(None),
                    None if !self.call.motion.is_over() => return Ok(None),
                    _ => return Err(BrokenOff),
                },
            }
        }
    }
}

/// Who writes what comes.
struct Pen {
    sending: Sending,
    checksum: Option<Checksum>,
    call: Call,
    /// Bytes since the last look at the disk, and since what has come was last brought to it.
    unlooked: u64,
    unsynced: u64,
    syncing: Option<JoinHandle<io::Result<()>>>,
}

impl Pen {
    /// Writes some pieces; says why it takes no more.
    fn write(&mut self, pieces: &[Bytes]) -> io::Result<Option<Ended>> {
        for piece in pieces {
            let bytes = piece.len() as u64;
            if bytes > self.sending.left() {
                return Ok(Some(Ended::TooLong));
            }
            if self.unlooked == 0 || self.unlooked + bytes > ROOM_BYTES {
                self.unlooked = 0;
                let site = &self.call.site;
                if !site
                    .files
                    .has_room(bytes, site.live.config().files.disk_floor)
                {
                    return Ok(Some(Ended::DiskFull));
                }
            }
            match self.sending.append(piece) {
                Err(error) if error.kind() == ErrorKind::StorageFull => {
                    return Ok(Some(Ended::DiskFull));
                }
                appended => appended?,
            }
            if let Some(checksum) = &mut self.checksum {
                checksum.update(piece);
            }
            self.unlooked += bytes;
            self.unsynced += bytes;
        }
        Ok(None)
    }

    /// Brings to the disk what has come, once it is enough of it; gives what is still bringing what came before.
    fn sync(&mut self) -> io::Result<Option<JoinHandle<io::Result<()>>>> {
        if self.unsynced < SYNC_BYTES {
            return Ok(None);
        }
        self.unsynced = 0;
        let file = self.sending.again()?;
        Ok(self.syncing.replace(aside::run(move || file.sync_data())))
    }

    /// What is kept of what came survives a power cut when this returns.
    fn settle(self, ended: io::Result<Ended>, mark: Mark) -> io::Result<(Sending, Ended)> {
        let Self {
            mut sending,
            checksum,
            ..
        } = self;
        let ended = match ended {
            Ok(ended) => ended,
            Err(error) => {
                sending.back_to(mark)?;
                return Err(error);
            }
        };
        let has_checksum = checksum.is_some();
        let agrees = checksum.is_none_or(Checksum::agrees);
        let ended = match ended {
            Ended::Appended if !agrees => Ended::Mismatched,
            ended => ended,
        };
        match ended {
            Ended::Mismatched | Ended::TooLong => sending.back_to(mark)?,
            // Of what has a checksum nobody knows whether a part of it is right.
            Ended::BrokenOff | Ended::DiskFull if has_checksum => sending.back_to(mark)?,
            _ => sending.sync()?,
        }
        sending.announce();
        Ok((sending, ended))
    }
}

/// Appends what comes; says how it ended. What is kept of it survives a power cut then.
///
/// # Errors
/// What the system of files refuses.
pub(super) async fn append(
    call: &Call,
    sending: Sending,
    checksum: Option<Checksum>,
    source: &mut impl Source,
) -> io::Result<(Sending, Ended)> {
    let mark = sending.mark();
    let pen = Pen {
        sending,
        checksum,
        call: call.clone(),
        unlooked: 0,
        unsynced: 0,
        syncing: None,
    };
    // Nothing is to be written yet.
    let mut writing = aside::run(move || Ok::<_, io::Error>((pen, None)));
    let (mut pen, mut ended) = loop {
        // More comes while what came before is written.
        let (pieces, end) = gather(source).await;
        let (mut pen, full) = writing.await.map_err(io::Error::other)??;
        if let Some(full) = full {
            break (pen, Ok(full));
        }
        // At most one piece is on its way to the disk while the next one comes.
        if let Some(before) = pen.sync()? {
            // The system tells of a failure once, and would say the next time that all is well: what came is not relied upon.
            if let Err(error) = before.await.map_err(io::Error::other)? {
                break (pen, Err(error));
            }
        }
        writing = aside::run(move || {
            let full = pen.write(&pieces)?;
            Ok((pen, full))
        });
        if let Some(end) = end {
            let (pen, full) = writing.await.map_err(io::Error::other)??;
            break (pen, Ok(full.unwrap_or(end)));
        }
    };
    if let Some(syncing) = pen.syncing.take() {
        ended = syncing.await.map_err(io::Error::other)?.and(ended);
    }
    let _ours = call.motion.ours();
    let settled = aside::run(move || pen.settle(ended, mark));
    settled.await.map_err(io::Error::other)?
}

/// Some pieces, and how the body has ended where it has.
async fn gather(source: &mut impl Source) -> (Vec<Bytes>, Option<Ended>) {
    let (mut pieces, mut bytes) = (Vec::new(), 0);
    while bytes < BATCH_BYTES && pieces.len() < BATCH_PIECES {
        match source.next().await {
            Ok(Some(piece)) => {
                bytes += piece.len();
                pieces.push(piece);
            }
            Ok(None) => return (pieces, Some(Ended::Appended)),
            Err(BrokenOff) => return (pieces, Some(Ended::BrokenOff)),
        }
    }
    (pieces, None)
}

/// What somebody wants to upload.
pub(super) struct Wanted {
    pub(super) name: FileName,
    /// How many bytes it has, where that is known.
    pub(super) bytes: Option<u64>,
    pub(super) audience: Audience,
    pub(super) declared: Declared,
}

/// Asks for the permit of an upload.
///
/// # Errors
/// There is none.
pub(super) async fn permit(
    call: &Call,
    credential: Credential,
    wanted: Wanted,
) -> Result<Arc<Upload>, Refused> {
    let Ok(key) = files::permit_key() else {
        return Err(call.unavailable());
    };
    let site = &call.site;
    let (files, floor) = (site.files.clone(), site.live.config().files.disk_floor);
    let bytes = wanted.bytes.unwrap_or(0);
    let config = site.live.config();
    // What nobody would look at is not sent in vain.
    let looked_at = config.files.guards.bytes_max();
    if bytes > looked_at {
        return Err(call.too_large(bytes, looked_at));
    }
    // Of what is too large in any case the core says so, and not the disk.
    let bytes = if bytes > config.settings.files.file_bytes {
        0
    } else {
        bytes
    };
    let has_room = spawn_blocking(move || files.has_room(bytes, floor)).await;
    if !has_room.unwrap_or(true) {
        return Err(call.disk_full());
    }
    // Before the core has said so: whoever is told of the permit by it finds what was declared.
    site.files.declare(key, wanted.declared);
    let wish = FileWish::Upload {
        permit: key,
        name: wanted.name,
        bytes: wanted.bytes,
        audience: wanted.audience,
        from: call.from(),
    };
    let done = call.wish(credential, wish).await;
    let admitted = match done {
        Ok(Done::Permitted(permit)) => Ok(site.files.admit(*permit)),
        Ok(_) => Err(call.unavailable()),
        Err(refused) => Err(refused),
    };
    site.files.retract(key);
    admitted
}

/// Takes up the sending of an upload.
///
/// # Errors
/// Somebody else sends, or the disk refuses.
pub(super) async fn open(call: &Call, upload: &Arc<Upload>) -> Result<Sending, Refused> {
    let Some(mut sending) = upload.take_soon().await else {
        return Err(call.refuse(StatusCode::CONFLICT, "UPLOAD_BUSY", "file-upload-busy"));
    };
    let files = call.site.files.clone();
    let is_there = files.upload(upload.permit.key);
    if is_there.is_none_or(|there| !Arc::ptr_eq(&there, upload)) {
        // It ended while it was waited for.
        return Err(call.refuse(StatusCode::NOT_FOUND, "NOT_FOUND", "file-no-upload"));
    }
    let _ours = call.motion.ours();
    let opened = aside::run(move || files.open(&mut sending).map(|()| sending)).await;
    match opened {
        Ok(Ok(sending)) => Ok(sending),
        Ok(Err(error)) => Err(failed(call, &error)),
        Err(_) => Err(call.unavailable()),
    }
}

/// What the disk has refused.
pub(super) fn failed(call: &Call, error: &io::Error) -> Refused {
    if error.kind() == ErrorKind::StorageFull {
        return call.disk_full();
    }
    tracing::error!(event = "files.upload_failed", error = %error, "an upload cannot be kept; look at the folder of files");
    call.unavailable()
}

/// Takes a file of which all bytes come in one request, so many where that is known: of what breaks off nothing is kept.
///
/// # Errors
/// It is not there then.
pub(super) async fn whole(
    call: &Call,
    sending: Sending,
    bytes: Option<u64>,
    source: &mut impl Source,
) -> Result<FileReport, Refused> {
    let max = sending.upload.permit.bytes;
    if let Some(bytes) = bytes.filter(|bytes| *bytes > max) {
        return Err(call.too_large(bytes, max));
    }
    // What came by an earlier attempt is not gone on with.
    let emptied = aside::run(move || {
        let mut sending = sending;
        sending.empty().map(|()| sending)
    });
    let sending = match emptied.await {
        Ok(Ok(sending)) => sending,
        Ok(Err(error)) => return Err(failed(call, &error)),
        Err(_) => return Err(call.unavailable()),
    };
    let appended = append(call, sending, None, source).await;
    let (sending, ended) = appended.map_err(|error| failed(call, &error))?;
    match ended {
        Ended::Appended => finish(call, sending).await,
        Ended::TooLong => Err(call.too_large(bytes.unwrap_or(max + 1), max)),
        Ended::DiskFull => Err(call.disk_full()),
        Ended::BrokenOff | Ended::Mismatched => {
            Err(call.refuse(StatusCode::BAD_REQUEST, "BROKEN_OFF", "file-broken-off"))
        }
    }
}

/// Makes a file of an upload that is whole. Doing it twice makes one.
///
/// # Errors
/// It is not there then. Unless that will never be otherwise, its bytes are, and it may be tried again.
pub(super) async fn finish(call: &Call, sending: Sending) -> Result<FileReport, Refused> {
    let _ours = call.motion.ours();
    let permit = sending.upload.permit.key;
    let (files, config) = (call.site.files.clone(), call.site.live.config());
    let judged = aside::run(move || {
        let judged = judge(&files, &config.files.guards, &sending)?;
        Ok::<_, io::Error>((sending, judged))
    });
    let (sending, judged) = match judged.await {
        Ok(Ok(judged)) => judged,
        Ok(Err(error)) => return Err(failed(call, &error)),
        Err(_) => return Err(call.unavailable()),
    };
    let (_keeping, arrived) = match judged {
        Judged::Kept(keeping, arrived) => (keeping, arrived),
        // It may be tried again: whoever has to look may be there then.
        Judged::Unlooked(why) => {
            tracing::error!(event = "files.unlooked", reason = %why, "nobody could look for harm in an upload, which is not taken: see files.scan");
            let status = StatusCode::SERVICE_UNAVAILABLE;
            return Err(call.refuse(status, "SCAN_UNAVAILABLE", "file-unlooked"));
        }
        Judged::Refused(code, text) => {
            let arrived = Arrived::Refused {
                size: sending.bytes(),
                sha256: Some(sending.sha256().map_err(|error| failed(call, &error))?),
                reason: code.into(),
            };
            settle(call, permit, arrived).await;
            end(call, permit).await;
            return Err(call.refuse(StatusCode::UNPROCESSABLE_ENTITY, code, text));
        }
        Judged::Harmful(harm) => {
            let arrived = Arrived::Refused {
                size: sending.bytes(),
                sha256: Some(sending.sha256().map_err(|error| failed(call, &error))?),
                reason: format!("HARMFUL: {harm}").into(),
            };
            settle(call, permit, arrived).await;
            end(call, permit).await;
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return Err(call.refuse(status, "HARMFUL", "file-harmful"));
        }
    };
    match settle(call, permit, arrived).await {
        Some(Ok(Done::File(report))) => {
            end(call, permit).await;
            Ok(*report)
        }
        Some(Err(undone)) => {
            if !matches!(undone.fault, Fault::Unavailable | Fault::Busy) {
                // Nobody may finish it any more.
                end(call, permit).await;
            }
            Err(call.undone(&undone))
        }
        _ => Err(call.unavailable()),
    }
}

/// The file that has become of an upload; `None` where none has.
pub(super) async fn arrived(call: &Call, permit: PermitKey) -> Option<FileReport> {
    let credential = api::credential(&call.headers).unwrap_or(Credential::None);
    let wish = FileWish::Arrival(permit);
    match call.wish(credential, wish).await {
        Ok(Done::File(report)) => Some(*report),
        _ => None,
    }
}

/// Gives up an upload: nothing is left of it.
pub(super) async fn give_up(call: &Call, permit: PermitKey) {
    settle(call, permit, Arrived::GivenUp).await;
    end(call, permit).await;
}

/// Removes what is left of an upload that is over.
async fn end(call: &Call, permit: PermitKey) {
    let files = call.site.files.clone();
    let ended = spawn_blocking(move || files.end(permit)).await;
    if let Ok(Err(error)) = ended {
        tracing::warn!(event = "files.upload_left", error = %error, "what is left of an upload cannot be removed");
    }
}

/// Tells the core what came of an upload; `None` where it does not answer.
async fn settle(call: &Call, permit: PermitKey, arrived: Arrived) -> Option<Result<Done, Undone>> {
    let (ticket, answer) = call.site.visits.draw();
    let input = Input::Arrived {
        ticket: Some(ticket),
        permit,
        arrived,
        from: Some(call.from()),
        language: call.language,
    };
    call.site.inbox.send(Arrival::Input(input)).await.ok()?;
    answer.await.ok()
}
