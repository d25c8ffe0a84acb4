//! A file from the server: what has arrived stays beside its place as `NAME.part`, and only the rest is fetched when it goes on. It gets
//! its name when its SHA-256 is the one that the server has told.

use super::carrier::{Carried, Carrier, READ_BYTES, hex, unhex};
use super::fault::{Halt, of_folder, of_io};
use super::job::{Down, Target};
use super::listing::find;
use super::place::{new_part, open_part, put, settle};
use super::site::Site;
use super::wire::{Answer, ask_soon, bare};
use crate::core::transfer::{Fault, FileRow, Outcome, Stage};
use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use causette_proto::{FileName, percent_encoded};
use hyper::header::{ETAG, IF_RANGE, RANGE};
use hyper::{Request, StatusCode};
use std::fs::File;
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

impl Carried for Down {
    async fn once(carrier: &mut Carrier<Self>, site: &Site) -> Result<Outcome, Halt> {
        once(carrier, site).await
    }

    /// What has arrived stays where it may be wanted: when the disk has room again. Of what is refused for good nothing does.
    async fn abandon(carrier: &mut Carrier<Self>, _: &Site, halt: &Halt) {
        let may_go_on = matches!(halt, Halt::Staying(setback) if setback.kind.may_go_on());
        let has_arrived = |part: &Path| part.metadata().is_ok_and(|metadata| metadata.len() > 0);
        let part = &mut carrier.load.part;
        if let Some(part) = part.take_if(|part| !(may_go_on && has_arrived(part))) {
            let _ = std::fs::remove_file(part);
            // Another may have a part of that name now.
            let _ = carrier.save();
        }
    }
}

/// One try: goes on behind what has arrived.
async fn once(carrier: &mut Carrier<Down>, site: &Site) -> Result<Outcome, Halt> {
    let row = known(carrier, site).await?;
    if carrier.load.target == Target::Output {
        pour(carrier, site, &row).await?;
        return Ok(outcome(row, None));
    }
    let (part, file) = part_of(carrier, site, &row)?;
    let mut arriving = Arriving::resume(file, part, row.size, site).await?;
    carrier.gauge.set_done(arriving.count);
    carrier.confirmed = arriving.count;
    carrier.gauge.set_stage(Stage::Moving);
    // Whether one may have it is told with its bytes, also where there are none.
    if arriving.count < row.size || row.size == 0 {
        let fetched = fetch(carrier, site, &row, &mut arriving).await;
        carrier.confirmed = arriving.count;
        fetched?;
    }
    finish(carrier, site, row, arriving)
}

/// What the server says of the file, asked once.
async fn known(carrier: &mut Carrier<Down>, site: &Site) -> Result<Box<FileRow>, Halt> {
    let row = match &carrier.load.row {
        Some(row) => row.clone(),
        None => {
            let row = Box::new(find(site, &carrier.load.wanted).await?);
            carrier.load.row = Some(row.clone());
            carrier.save()?;
            row
        }
    };
    carrier.gauge.set_size(row.size);
    carrier
        .gauge
        .set_name(FileName::nearest(&row.name).as_str());
    Ok(row)
}

/// The folder and the name that a file gets here.
fn place_of(down: &Down, row: &FileRow) -> (PathBuf, String) {
    match &down.target {
        Target::Folder(folder) => (
            folder.clone(),
            FileName::nearest(&row.name).as_str().to_owned(),
        ),
        Target::File(path) => {
            let folder = path
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty());
            let name = path.file_name().unwrap_or_default();
            (
                folder.unwrap_or_else(|| Path::new(".")).to_owned(),
                name.to_string_lossy().into_owned(),
            )
        }
        Target::Output => (PathBuf::new(), String::new()),
    }
}

/// The file of what has arrived; a new one where there is none.
fn part_of(
    carrier: &mut Carrier<Down>,
    site: &Site,
    row: &FileRow,
) -> Result<(PathBuf, File), Halt> {
    let down = &mut carrier.load;
    if let Some(part) = &down.part {
        let opened = open_part(part).map_err(|error| of_io(&error, part, &site.locale))?;
        if let Some(file) = opened {
            return Ok((part.clone(), file));
        }
    }
    let (folder, name) = place_of(down, row);
    if let Target::File(path) = &down.target
        && path.symlink_metadata().is_ok()
    {
        return Err(is_there(path, site));
    }
    let (part, file) =
        new_part(&folder, &name).map_err(|error| of_folder(&error, &folder, &site.locale))?;
    down.part = Some(part.clone());
    carrier.save()?;
    Ok((part, file))
}

fn is_there(path: &Path, site: &Site) -> Halt {
    let path = path.display().to_string();
    let text = site
        .locale
        .text_with("client-file-there", &[("path", &path)]);
    Halt::staying(Fault::Here, text)
}

/// What has arrived of a file.
struct Arriving {
    part: PathBuf,
    file: File,
    count: u64,
    digest: Context,
}

impl Arriving {
    /// Counts again what has arrived. What is longer than the file is none of it.
    async fn resume(mut file: File, part: PathBuf, size: u64, site: &Site) -> Result<Self, Halt> {
        let mut digest = Context::new(&SHA256);
        let mut count = 0;
        let mut bytes = vec![0; READ_BYTES];
        let mut read = || -> std::io::Result<usize> {
            loop {
                match file.read(&mut bytes) {
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Ok(read) => {
                        digest.update(&bytes[..read]);
                        return Ok(read);
                    }
                    Err(error) => return Err(error),
                }
            }
        };
        loop {
            match read().map_err(|error| of_io(&error, &part, &site.locale))? {
                0 => break,
                read => count += read as u64,
            }
            tokio::task::yield_now().await;
        }
        let mut arriving = Self {
            part,
            file,
            count,
            digest,
        };
        if count > size {
            arriving.begin_anew(site)?;
        }
        Ok(arriving)
    }

    fn begin_anew(&mut self, site: &Site) -> Result<(), Halt> {
        let begun = self
            .file
            .set_len(0)
            .and_then(|()| self.file.seek(SeekFrom::Start(0)));
        begun.map_err(|error| of_io(&error, &self.part, &site.locale))?;
        self.count = 0;
        self.digest = Context::new(&SHA256);
        Ok(())
    }

    fn take(&mut self, bytes: &[u8], site: &Site) -> Result<(), Halt> {
        let written = self.file.write_all(bytes);
        written.map_err(|error| of_io(&error, &self.part, &site.locale))?;
        self.digest.update(bytes);
        self.count += bytes.len() as u64;
        Ok(())
    }
}

/// The tag that the server gives to these bytes.
fn tag_of(row: &FileRow) -> Option<String> {
    let digest = unhex(&row.sha256)?;
    Some(format!("\"sha256-{}\"", BASE64_STANDARD.encode(digest)))
}

/// Asks for a file from so many bytes on, and where what comes begins: at its beginning, where the server gives no parts.
async fn request(site: &Site, row: &FileRow, from: u64) -> Result<(Answer, u64), Halt> {
    let path = match &row.path {
        Some(path) => path.clone(),
        None => format!("/files/{}/{}", row.key, percent_encoded(&row.name, "")),
    };
    let tag = tag_of(row);
    let mut request = Request::builder().method("GET").uri(site.beside(&path));
    if from > 0 {
        request = request.header(RANGE, format!("bytes={from}-"));
        if let Some(tag) = &tag {
            request = request.header(IF_RANGE, tag);
        }
    }
    let answer = ask_soon(site, bare(request)).await?.accepted(site).await?;
    let other = |name: &str, known: &str| answer.header(name).is_some_and(|told| told != known);
    let digest = tag.as_deref().map(|tag| {
        let digest = tag.trim_matches('"').trim_start_matches("sha256-");
        format!("sha-256=:{digest}:")
    });
    let is_other = tag.is_some_and(|tag| other(ETAG.as_str(), &tag))
        || digest.is_some_and(|digest| other("repr-digest", &digest));
    if is_other {
        return Err(mismatch(row, site));
    }
    let begins = match answer.status {
        StatusCode::PARTIAL_CONTENT => begin_of(answer.header("content-range")),
        _ => Some(0),
    };
    match begins.filter(|&begins| begins == 0 || begins == from) {
        Some(begins) => Ok((answer, begins)),
        None => Err(Halt::lost(site.locale.text("client-file-strange"))),
    }
}

/// Where a part begins: `bytes 7-99/100`.
fn begin_of(range: Option<&str>) -> Option<u64> {
    let (first, _) = range?.strip_prefix("bytes ")?.split_once('-')?;
    first.trim().parse().ok()
}

fn mismatch(row: &FileRow, site: &Site) -> Halt {
    let variables = [("name", row.name.as_str())];
    Halt::staying(
        Fault::Refused,
        site.locale.text_with("client-file-mismatch", &variables),
    )
}

async fn fetch(
    carrier: &mut Carrier<Down>,
    site: &Site,
    row: &FileRow,
    arriving: &mut Arriving,
) -> Result<(), Halt> {
    let asked = request(site, row, arriving.count).await;
    let (mut answer, begins) = match asked {
        Err(Halt::Answer {
            status: StatusCode::RANGE_NOT_SATISFIABLE,
            ..
        }) => {
            arriving.begin_anew(site)?;
            return Err(Halt::lost(site.locale.text("client-file-strange")));
        }
        other => other?,
    };
    if begins != arriving.count {
        arriving.begin_anew(site)?;
        carrier.gauge.set_done(0);
    }
    while let Some(bytes) = answer.piece(site).await? {
        if arriving.count + bytes.len() as u64 > row.size {
            return Err(mismatch(row, site));
        }
        arriving.take(&bytes, site)?;
        carrier.gauge.add(bytes.len());
    }
    if arriving.count < row.size {
        return Err(Halt::lost(site.locale.text("client-closed")));
    }
    Ok(())
}

/// Gives what has arrived its name, if it is what it should be.
fn finish(
    carrier: &mut Carrier<Down>,
    site: &Site,
    row: Box<FileRow>,
    arriving: Arriving,
) -> Result<Outcome, Halt> {
    let Arriving {
        part, file, digest, ..
    } = arriving;
    if hex(digest) != row.sha256.to_lowercase() {
        // What is wrong somewhere in it is of no use.
        let _ = std::fs::remove_file(&part);
        return Err(mismatch(&row, site));
    }
    let down = &carrier.load;
    let (folder, name) = place_of(down, &row);
    let path = match &down.target {
        Target::File(path) => put(&part, path).map(|()| path.clone()),
        _ => settle(&part, &folder, &name),
    };
    let path = file
        .sync_all()
        .and(path)
        .map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => is_there(&folder.join(&name), site),
            _ => of_io(&error, &part, &site.locale),
        })?;
    Ok(outcome(row, Some(path.display().to_string())))
}

fn outcome(row: Box<FileRow>, path: Option<String>) -> Outcome {
    Outcome {
        file: Some(row),
        path,
        address: None,
    }
}

/// Writes a file to standard output. What was written already is not written again, whatever the server gives.
async fn pour(carrier: &mut Carrier<Down>, site: &Site, row: &FileRow) -> Result<(), Halt> {
    carrier.gauge.set_stage(Stage::Moving);
    // Whether one may have it is told with its bytes, also where there are none.
    while carrier.poured.count < row.size || row.size == 0 {
        let (mut answer, begins) = request(site, row, carrier.poured.count).await?;
        let mut skipped = carrier.poured.count - begins;
        while let Some(bytes) = answer.piece(site).await? {
            let skips = usize::try_from(skipped)
                .unwrap_or(usize::MAX)
                .min(bytes.len());
            skipped -= skips as u64;
            let bytes = &bytes[skips..];
            if carrier.poured.count + bytes.len() as u64 > row.size {
                return Err(mismatch(row, site));
            }
            let mut out = std::io::stdout().lock();
            out.write_all(bytes)
                .and_then(|()| out.flush())
                .map_err(|error| of_io(&error, Path::new("-"), &site.locale))?;
            carrier.poured.digest.update(bytes);
            carrier.poured.count += bytes.len() as u64;
            carrier.confirmed = carrier.poured.count;
            carrier.gauge.add(bytes.len());
        }
        if carrier.poured.count < row.size {
            return Err(Halt::lost(site.locale.text("client-closed")));
        }
        if row.size == 0 {
            break;
        }
    }
    if hex(carrier.poured.digest.clone()) != row.sha256.to_lowercase() {
        return Err(mismatch(row, site));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_part_begins_is_read() {
        assert_eq!(begin_of(Some("bytes 7-99/100")), Some(7));
        for range in [None, Some("bytes */100"), Some("items 1-2/3"), Some("")] {
            assert_eq!(begin_of(range), None);
        }
    }
}
