//! A file to a server of ours, by tus 1.0.0: what has arrived stays there when the connection is cut, and only the rest is sent
//! again. <https://tus.io/protocols/resumable-upload>

use super::carrier::{Carried, Carrier, Gauge, READ_BYTES, hex};
use super::fault::{Halt, of_io};
use super::filehost;
use super::job::{Look, Up};
use super::site::{Kind, Site};
use super::wire::{Payload, SILENCE, ask, ask_soon, bare};
use crate::core::locale::Locale;
use crate::core::measure::size;
use crate::core::transfer::{Audience, Fault, FileRow, Outcome, Stage};
use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use hyper::http::request::Builder;
use hyper::{Request, StatusCode};
use rustix::fs::OFlags;
use rustix::io::Errno;
use serde::Deserialize;
use std::fs::File;
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

/// How long a server may look at a file that has arrived whole.
const LOOKING: Duration = Duration::from_secs(10 * 60);

/// What is shorter is counted before the server could answer whether it takes it.
const SOON_COUNTED: u64 = 64 * 1_024 * 1_024;

/// How often an upload begins anew that the server no longer knows.
const BEGINNINGS_MAX: u32 = 3;

/// What a server says of an upload.
#[derive(Deserialize)]
struct Standing {
    #[serde(default)]
    offset: u64,
    #[serde(default)]
    file: Option<FileRow>,
}

impl Carried for Up {
    async fn once(carrier: &mut Carrier<Self>, site: &Site) -> Result<Outcome, Halt> {
        once(carrier, site).await
    }

    async fn abandon(carrier: &mut Carrier<Self>, site: &Site, halt: &Halt) {
        abandon(carrier, site, halt).await;
    }
}

/// One try: goes on with the upload where the server says that it is.
async fn once(carrier: &mut Carrier<Up>, site: &Site) -> Result<Outcome, Halt> {
    let (file, length) = prepare(carrier, site).await?;
    if site.kind == Kind::FileHost {
        return filehost::post(carrier, site, file, length).await;
    }
    let (permit, offset) = match carrier.load.permit.clone() {
        None => (begin(carrier, site, length).await?, 0),
        Some(permit) => {
            let Some(standing) = standing(site, &permit).await? else {
                return Err(forget(carrier, site)?);
            };
            if let Some(row) = standing.file {
                return Ok(outcome(site, row));
            }
            (permit, standing.offset)
        }
    };
    if offset > length {
        return Err(forget(carrier, site)?);
    }
    carrier.confirmed = offset;
    send(carrier, site, file, &permit, offset..length).await?;
    carrier.confirmed = length;
    match standing(site, &permit).await? {
        Some(Standing {
            file: Some(row), ..
        }) => Ok(outcome(site, row)),
        // It is still being looked at, or the server has lost it again.
        _ => Err(Halt::lost(site.locale.text("client-file-not-made"))),
    }
}

/// What goes with a failure that stays: on the server nothing is left of what will not be finished.
async fn abandon(carrier: &mut Carrier<Up>, site: &Site, halt: &Halt) {
    // Who signs in again, or trusts another key, may go on.
    let may_go_on = matches!(
        halt,
        Halt::Staying(setback) if matches!(setback.kind, Fault::Credentials | Fault::Trust)
    );
    if may_go_on {
        return;
    }
    let Some(permit) = carrier.load.permit.take() else {
        return;
    };
    // What cannot be removed now, the server removes after a day.
    let _ = remove(site, &permit).await;
    let _ = carrier.save();
}

/// Removes from the server what has arrived.
pub(crate) async fn remove(site: &Site, permit: &str) -> Result<(), Halt> {
    let answer = ask_soon(site, bare(tus("DELETE", permit))).await?;
    match answer.status {
        StatusCode::NOT_FOUND | StatusCode::GONE => Ok(()),
        _ => answer.accepted(site).await.map(drop),
    }
}

/// The file, which is the one that it was, and its length.
async fn prepare(carrier: &mut Carrier<Up>, site: &Site) -> Result<(File, u64), Halt> {
    let gauge = carrier.gauge.clone();
    let up = &mut carrier.load;
    let in_words = |error: &std::io::Error, path: &Path| of_io(error, path, &site.locale);
    let mut file = open(&up.path, &site.locale)?;
    let look = look_at(&file).map_err(|error| in_words(&error, &up.path))?;
    gauge.set_size(look.length);
    if up.permit.is_some() && up.look != Some(look) {
        return Err(changed(up, site));
    }
    if up.look != Some(look) || up.sha256.is_none() {
        if look.length >= SOON_COUNTED {
            must_fit(up, site, look.length).await?;
        }
        gauge.set_stage(Stage::Counting);
        let counted = count(&mut file).await;
        let (sha256, counted) = counted.map_err(|error| in_words(&error, &up.path))?;
        if counted != look.length {
            return Err(changed(up, site));
        }
        (up.look, up.sha256) = (Some(look), Some(sha256));
        carrier.save()?;
    }
    Ok((file, look.length))
}

/// Opens a file to be read; a folder is none, nor is what has no length that could be told.
pub(crate) fn open(path: &Path, locale: &Locale) -> Result<File, Halt> {
    let mut options = File::options();
    // A pipe at whose other end nobody is would be waited for, and everything else with it.
    let at_once = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or(0);
    let options = options.read(true).custom_flags(at_once);
    let opened = options.open(path).and_then(|file| {
        let metadata = file.metadata()?;
        match metadata.is_dir() {
            true => Err(ErrorKind::IsADirectory.into()),
            false => Ok(metadata.is_file().then_some(file)),
        }
    });
    match opened {
        Ok(Some(file)) => Ok(file),
        Err(error) if error.raw_os_error() != Some(Errno::NXIO.raw_os_error()) => {
            Err(of_io(&error, path, locale))
        }
        // So answers a socket.
        Ok(None) | Err(_) => {
            let path = path.display().to_string();
            let text = locale.text_with("client-file-device", &[("path", &path)]);
            Err(Halt::staying(Fault::Usage, text))
        }
    }
}

fn look_at(file: &File) -> std::io::Result<Look> {
    let metadata = file.metadata()?;
    Ok(Look {
        length: metadata.len(),
        seconds: metadata.mtime(),
        nanoseconds: metadata.mtime_nsec(),
        inode: metadata.ino(),
    })
}

/// The SHA-256 and the length of what is in a file.
pub(crate) async fn count(file: &mut File) -> std::io::Result<(String, u64)> {
    let mut digest = Context::new(&SHA256);
    let mut bytes = vec![0; READ_BYTES];
    let mut length = 0;
    file.seek(SeekFrom::Start(0))?;
    loop {
        let count = match file.read(&mut bytes) {
            Ok(0) => return Ok((hex(digest), length)),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        digest.update(&bytes[..count]);
        length += count as u64;
        // Others are carried meanwhile.
        tokio::task::yield_now().await;
    }
}

/// Whether the server takes files of that length. Who is wrong about it is told before a long file is read to its end.
async fn must_fit(up: &Up, site: &Site, length: u64) -> Result<(), Halt> {
    if site.kind == Kind::FileHost {
        return Ok(());
    }
    let request = tus("OPTIONS", &site.path("/uploads"));
    let answer = ask_soon(site, bare(request)).await?;
    let Some(max) = answer.number("tus-max-size").filter(|&max| max < length) else {
        return Ok(());
    };
    let (length, max) = (size(length, &site.locale), size(max, &site.locale));
    let variables = [("name", up.name.as_str()), ("size", &length), ("max", &max)];
    let text = site.locale.text_with("client-file-too-large", &variables);
    Err(Halt::staying(Fault::Refused, text))
}

fn changed(up: &Up, site: &Site) -> Halt {
    let variables = [("name", up.name.as_str())];
    Halt::staying(
        Fault::Here,
        site.locale.text_with("client-file-changed", &variables),
    )
}

/// The server does not know the upload any more: the next try begins anew.
fn forget(carrier: &mut Carrier<Up>, site: &Site) -> Result<Halt, Halt> {
    carrier.beginnings += 1;
    carrier.confirmed = 0;
    carrier.gauge.set_done(0);
    let lost = site.locale.text("client-file-forgotten");
    carrier.load.permit = None;
    carrier.save()?;
    Ok(if carrier.beginnings >= BEGINNINGS_MAX {
        Halt::staying(Fault::NotFound, lost)
    } else {
        Halt::lost(lost)
    })
}

fn tus(method: &str, path: &str) -> Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header("tus-resumable", "1.0.0")
}

/// Asks for a place for the file.
async fn begin(carrier: &mut Carrier<Up>, site: &Site, length: u64) -> Result<String, Halt> {
    let request = tus("POST", &site.path("/uploads"))
        .header("content-length", 0)
        .header("upload-length", length)
        .header("upload-metadata", metadata(&carrier.load));
    let answer = ask_soon(site, bare(request)).await?.accepted(site).await?;
    let permit = answer.header("location").and_then(path_of);
    let Some(permit) = permit else {
        return Err(Halt::lost(site.locale.text("client-file-strange")));
    };
    carrier.load.permit = Some(permit.clone());
    carrier.save()?;
    Ok(permit)
}

/// The path of an address, which may be one only.
fn path_of(address: &str) -> Option<String> {
    let uri: hyper::Uri = address.parse().ok()?;
    uri.path_and_query().map(ToString::to_string)
}

/// What is told of a file before it is sent: keys, and values in base 64.
fn metadata(up: &Up) -> String {
    let mut pairs = vec![("filename", up.name.as_str())];
    pairs.extend(
        match &up.audience {
            Audience::Public => [Some(("visibility", "public")), None],
            Audience::Link => [Some(("visibility", "link")), None],
            Audience::Private => [Some(("visibility", "private")), None],
            Audience::Room(room) => [Some(("visibility", "room")), Some(("room", room.as_str()))],
            Audience::To(nick) => [Some(("visibility", "private")), Some(("to", nick.as_str()))],
        }
        .into_iter()
        .flatten(),
    );
    pairs.extend(up.sha256.as_deref().map(|sha256| ("sha256", sha256)));
    let written = pairs
        .into_iter()
        .map(|(key, value)| format!("{key} {}", BASE64_STANDARD.encode(value)));
    written.collect::<Vec<_>>().join(",")
}

/// How far the server says that an upload is; nothing where it does not know it.
async fn standing(site: &Site, permit: &str) -> Result<Option<Standing>, Halt> {
    let answer = ask_soon(site, bare(tus("GET", permit))).await?;
    if let StatusCode::NOT_FOUND | StatusCode::GONE = answer.status {
        return Ok(None);
    }
    let body = answer.accepted(site).await?.whole(site).await?;
    let standing = serde_json::from_slice(&body);
    standing
        .map(Some)
        .map_err(|_| Halt::lost(site.locale.text("client-file-strange")))
}

/// Sends what is missing, in one request.
async fn send(
    carrier: &mut Carrier<Up>,
    site: &Site,
    file: File,
    permit: &str,
    range: std::ops::Range<u64>,
) -> Result<(), Halt> {
    let gauge = carrier.gauge.clone();
    gauge.set_done(range.start);
    gauge.set_stage(Stage::Moving);
    let (body, trouble) = FileBody::new(file, range.clone(), gauge.clone())
        .map_err(|error| Halt::staying(Fault::Here, error.to_string()))?;
    let request = tus("PATCH", permit)
        .header("content-type", "application/offset+octet-stream")
        .header("content-length", range.end - range.start)
        .header("upload-offset", range.start)
        .body(Payload::Streamed(body));
    let answered = ask(site, request, patience(gauge, range.end)).await;
    // What is wrong with the file is why the request broke off.
    let broken = trouble
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    let up = &carrier.load;
    match broken {
        Some(error) if error.kind() == ErrorKind::UnexpectedEof => return Err(changed(up, site)),
        Some(error) => return Err(of_io(&error, &up.path, &site.locale)),
        None => {}
    }
    let answer = answered?;
    let offset = answer.number("upload-offset");
    match answer.status {
        StatusCode::NOT_FOUND | StatusCode::GONE => return Err(forget(carrier, site)?),
        StatusCode::UNPROCESSABLE_ENTITY => {
            let refusal = answer.refusal(site).await;
            return Err(match refusal {
                Halt::Answer { ref code, .. } if code == "DIGEST_MISMATCH" => {
                    changed(&carrier.load, site)
                }
                other => other,
            });
        }
        _ => {}
    }
    answer.accepted(site).await?;
    if offset.is_some_and(|offset| offset < range.end) {
        return Err(Halt::lost(site.locale.text("client-closed")));
    }
    Ok(())
}

/// Ends when nothing moves any more, or the server looks at what has arrived for too long.
pub(crate) async fn patience(gauge: Arc<Gauge>, length: u64) {
    let mut before = gauge.done();
    loop {
        let wait = if before >= length { LOOKING } else { SILENCE };
        tokio::time::sleep(wait).await;
        let now = gauge.done();
        if now == before {
            return;
        }
        before = now;
    }
}

pub(crate) fn outcome(site: &Site, row: FileRow) -> Outcome {
    Outcome {
        address: site.address_of_file(&row),
        file: Some(Box::new(row)),
        path: None,
    }
}

/// Why a file could not be read to its end.
type Broken = Arc<Mutex<Option<std::io::Error>>>;

/// A part of a file, read while it is sent.
pub(crate) struct FileBody {
    file: File,
    left: u64,
    gauge: Arc<Gauge>,
    broken: Broken,
}

impl FileBody {
    pub(crate) fn new(
        mut file: File,
        range: std::ops::Range<u64>,
        gauge: Arc<Gauge>,
    ) -> std::io::Result<(Self, Broken)> {
        file.seek(SeekFrom::Start(range.start))?;
        let broken = Broken::default();
        let body = Self {
            file,
            left: range.end - range.start,
            gauge,
            broken: broken.clone(),
        };
        Ok((body, broken))
    }

    fn read(&mut self) -> std::io::Result<Bytes> {
        let room = usize::try_from(self.left)
            .unwrap_or(usize::MAX)
            .min(READ_BYTES);
        let mut bytes = vec![0; room];
        loop {
            match self.file.read(&mut bytes) {
                // It has become shorter since it was looked at.
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => {
                    bytes.truncate(count);
                    self.left -= count as u64;
                    self.gauge.add(count);
                    return Ok(bytes.into());
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut TaskContext<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        Poll::Ready(Some(self.read().map(Frame::data).map_err(|error| {
            let told = std::io::Error::from(error.kind());
            *self.broken.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            told
        })))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
