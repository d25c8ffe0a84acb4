//! The bytes of an upload that is under way, and a note of what it is for, so that it goes on behind a restart.

use super::declared::{self, Declared};
use super::depot::{self, Depot};
use super::removed::shorten;
use aws_lc_rs::digest::{Context, SHA256};
use causette_core::file::{Digest, Permit, PermitKey};
use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Bytes that are read at a time to be counted again.
const PIECE: usize = 1 << 18;

/// What stands behind the name of a note, and of one that is being written.
const NOTE: &str = "json";
const NEW_NOTE: &str = "new";

/// What stands behind the name of a picture that was cleaned.
const CLEAN: &str = "clean";

/// What has come by a permit.
pub(crate) struct Incoming {
    path: PathBuf,
    /// Open while somebody sends.
    file: Option<File>,
    /// How many bytes have come.
    bytes: u64,
    /// Of them; `None` where they came before the last start and were not looked at since.
    digest: Option<Context>,
    /// Whether there are file and note.
    is_begun: bool,
}

/// How far an upload had come.
pub(crate) struct Mark {
    bytes: u64,
    digest: Option<Context>,
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither where it is: its name is a secret.
        f.debug_struct("Incoming")
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}

impl Incoming {
    /// One of which nothing is on the disk yet.
    pub(super) fn awaited(depot: &Depot, permit: PermitKey) -> Self {
        Self {
            path: depot.incoming(permit),
            file: None,
            bytes: 0,
            digest: Some(Context::new(&SHA256)),
            is_begun: false,
        }
    }

    /// One that was under way before the last start.
    fn left(path: PathBuf) -> io::Result<Self> {
        let bytes = fs::metadata(&path)?.len();
        Ok(Self {
            path,
            file: None,
            bytes,
            digest: None,
            is_begun: true,
        })
    }

    /// Lets bytes come. Where nothing was there, what it is for is noted, and survives a power cut when this returns; where it was
    /// under way before the last start, what is there is counted from the beginning.
    ///
    /// # Errors
    /// What the system of files refuses.
    pub(super) fn open(
        &mut self,
        depot: &Depot,
        permit: &Permit,
        declared: &Declared,
    ) -> io::Result<()> {
        if self.file.is_some() {
            return Ok(());
        }
        if !self.is_begun {
            write(
                &note_path(&self.path),
                &declared::noted(permit, declared).to_string(),
            )?;
        }
        let mut file = OpenOptions::new()
            .create(!self.is_begun)
            .append(true)
            .read(true)
            .mode(0o600)
            .open(&self.path)?;
        if !self.is_begun {
            depot::sync(&depot.arrivals())?;
            self.is_begun = true;
        }
        if self.digest.is_none() {
            // What a program that was killed has written need not be on the disk.
            file.sync_data()?;
            let (bytes, digest) = count(&mut file)?;
            self.bytes = bytes;
            self.digest = Some(digest);
        }
        self.file = Some(file);
        Ok(())
    }

    /// Nobody sends any more, for now.
    pub(super) fn close(&mut self) {
        self.file = None;
    }

    /// How many bytes have come.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// What the system of files refuses; what was written of them is taken back.
    pub(crate) fn append(&mut self, piece: &[u8]) -> io::Result<()> {
        let file = self.file.as_mut().ok_or_else(closed)?;
        if let Err(error) = file.write_all(piece) {
            // What is announced as received is what was counted.
            file.set_len(self.bytes)?;
            return Err(error);
        }
        if let Some(digest) = &mut self.digest {
            digest.update(piece);
        }
        self.bytes += piece.len() as u64;
        Ok(())
    }

    /// Where it is now, to come back to.
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            bytes: self.bytes,
            digest: self.digest.clone(),
        }
    }

    /// Drops what has come since.
    ///
    /// # Errors
    /// What the system of files refuses: then nothing more may come, until it is counted again.
    pub(crate) fn back_to(&mut self, mark: Mark) -> io::Result<()> {
        self.digest = None;
        let file = self.file.as_mut().ok_or_else(closed)?;
        shorten(file, mark.bytes)?;
        file.sync_data()?;
        self.bytes = mark.bytes;
        self.digest = mark.digest;
        Ok(())
    }

    /// Drops all that has come.
    ///
    /// # Errors
    /// What the system of files refuses.
    pub(crate) fn empty(&mut self) -> io::Result<()> {
        if self.bytes == 0 {
            return Ok(());
        }
        self.back_to(Mark {
            bytes: 0,
            digest: Some(Context::new(&SHA256)),
        })
    }

    /// Makes what has come survive a power cut: only then is it announced.
    ///
    /// # Errors
    /// What the disk refuses.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.as_ref().ok_or_else(closed)?.sync_data()
    }

    /// The open file once more, for who brings to the disk what has come while more comes.
    ///
    /// # Errors
    /// What the system refuses.
    pub(crate) fn again(&self) -> io::Result<File> {
        self.file.as_ref().ok_or_else(closed)?.try_clone()
    }

    /// Writes what is kept in the place of what came. What came stays as it is, so that it can be done again.
    ///
    /// # Errors
    /// What the system of files refuses.
    pub(super) fn write_clean(&self, bytes: &[u8]) -> io::Result<PathBuf> {
        let path = self.path.with_extension(CLEAN);
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&path)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        Ok(path)
    }

    /// Where the bytes are.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The SHA-256 of what has come so far.
    ///
    /// # Errors
    /// It was not counted.
    pub(crate) fn sha256(&self) -> io::Result<Digest> {
        self.digest.clone().ok_or_else(closed).map(finished)
    }
}

fn finished(digest: Context) -> Digest {
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(digest.finish().as_ref());
    Digest(sha256)
}

/// The SHA-256 of a file, and its length.
///
/// # Errors
/// It cannot be read.
pub(super) fn counted(file: &mut File) -> io::Result<(Digest, u64)> {
    let (bytes, digest) = count(file)?;
    Ok((finished(digest), bytes))
}

fn closed() -> io::Error {
    io::Error::other("the upload is not open")
}

/// How many bytes there are, and what is counted of them.
fn count(file: &mut File) -> io::Result<(u64, Context)> {
    let mut digest = Context::new(&SHA256);
    let (mut bytes, mut piece) = (0, vec![0; PIECE]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok((bytes, digest)),
            read => {
                digest.update(&piece[..read]);
                bytes += read as u64;
            }
        }
    }
}

/// Removes what has come by a permit, and what it was for.
///
/// # Errors
/// What the system of files refuses.
pub(super) fn forget(depot: &Depot, permit: PermitKey) -> io::Result<()> {
    let path = depot.incoming(permit);
    // The note last: bytes without one belong to nobody.
    let clean = path.with_extension(CLEAN);
    for path in [
        &path,
        &clean,
        &path.with_extension(NEW_NOTE),
        &note_path(&path),
    ] {
        depot.removed().take(path)?;
    }
    Ok(())
}

/// The uploads that were under way when the server stopped. What has no readable note, what notes have no bytes beside them, and what
/// came in one request is removed: nobody can go on with it.
///
/// # Errors
/// What the system of files refuses.
pub(super) fn left_over(depot: &Depot) -> io::Result<Vec<(Permit, Declared, Incoming)>> {
    let mut uploads = Vec::new();
    for key in permits(depot)? {
        let path = depot.incoming(key);
        let note = fs::read_to_string(note_path(&path)).unwrap_or_default();
        match (declared::read(key, &note), Incoming::left(path)) {
            (Some((permit, declared)), Ok(incoming)) if !declared.is_at_once => {
                uploads.push((permit, declared, incoming));
            }
            _ => forget(depot, key)?,
        }
    }
    Ok(uploads)
}

/// The permits of which anything is in the folder. What is called otherwise is somebody else's.
///
/// # Errors
/// What the system of files refuses.
pub(super) fn permits(depot: &Depot) -> io::Result<Vec<PermitKey>> {
    let mut keys = Vec::new();
    for entry in fs::read_dir(depot.arrivals())? {
        let path = PathBuf::from(entry?.file_name());
        let is_ours = match path.extension().map(OsStr::as_encoded_bytes) {
            None => true,
            Some(ending) => [NOTE, NEW_NOTE, CLEAN]
                .iter()
                .any(|ours| ending == ours.as_bytes()),
        };
        let stem = path.file_stem().and_then(OsStr::to_str);
        keys.extend(stem.filter(|_| is_ours).and_then(PermitKey::parse));
    }
    keys.sort_unstable();
    keys.dedup();
    Ok(keys)
}

fn note_path(path: &Path) -> PathBuf {
    path.with_extension(NOTE)
}

/// Writes a small file whole or not at all.
pub(super) fn write(path: &Path, text: &str) -> io::Result<()> {
    let beside = path.with_extension(NEW_NOTE);
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(beside, path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use causette_core::file::Visibility;
    use causette_core::id::{AccountId, RoomId};
    use causette_proto::{FileName, Timestamp};

    fn declared() -> Declared {
        Declared {
            sha256: Some(Digest([7; 32])),
            is_exact: true,
            is_at_once: false,
            since: 9,
            metadata: "filename YQ==".to_owned(),
        }
    }

    fn permit(number: u8, visibility: Visibility) -> Permit {
        Permit {
            key: PermitKey([number; 16]),
            owner: AccountId(2),
            name: FileName::nearest("été.txt"),
            bytes: 10,
            visibility,
            to: None,
            since: Timestamp(7),
        }
    }

    fn opened(depot: &Depot, permit: &Permit) -> Incoming {
        let mut incoming = Incoming::awaited(depot, permit.key);
        incoming.open(depot, permit, &declared()).unwrap();
        incoming
    }

    #[test]
    fn an_upload_goes_on_behind_a_restart_with_the_same_digest() {
        let folder = crate::data_dir::tests::Folder::new();
        let depot = Depot::open(&folder.0).unwrap();
        let permit = permit(1, Visibility::Room(RoomId(4)));
        let mut incoming = opened(&depot, &permit);
        incoming.append(b"hello").unwrap();
        incoming.sync().unwrap();
        let so_far = incoming.sha256().unwrap();
        drop(incoming);
        let mut left = left_over(&depot).unwrap();
        let (found, told, mut incoming) = left.pop().unwrap();
        assert_eq!((&found, told, left.len()), (&permit, declared(), 0));
        assert_eq!(incoming.bytes(), 5);
        incoming.open(&depot, &permit, &declared()).unwrap();
        assert_eq!(incoming.sha256().unwrap(), so_far);
        incoming.append(b"world").unwrap();
        let sha256 = "936a185caaa266bb9cbe981e9e05cb78cd732b0b3280eb944412bb6f8f8f07af";
        assert_eq!(incoming.sha256().unwrap().to_string(), sha256);
        forget(&depot, permit.key).unwrap();
        assert!(left_over(&depot).unwrap().is_empty());
    }

    #[test]
    fn what_is_taken_back_was_never_there() {
        let folder = crate::data_dir::tests::Folder::new();
        let depot = Depot::open(&folder.0).unwrap();
        let permit = permit(1, Visibility::Public);
        let mut incoming = opened(&depot, &permit);
        incoming.append(b"hello").unwrap();
        let (mark, so_far) = (incoming.mark(), incoming.sha256().unwrap());
        incoming.append(b"wrong").unwrap();
        incoming.back_to(mark).unwrap();
        assert_eq!(incoming.bytes(), 5);
        assert_eq!(incoming.sha256().unwrap(), so_far);
        assert_eq!(fs::read(incoming.path()).unwrap(), b"hello");
    }

    #[test]
    fn what_came_in_one_request_is_removed_as_nobody_can_go_on_with_it() {
        let folder = crate::data_dir::tests::Folder::new();
        let depot = Depot::open(&folder.0).unwrap();
        let permits = [1, 2].map(|number| permit(number, Visibility::Link));
        for permit in &permits {
            let declared = Declared {
                is_at_once: permit.key == permits[0].key,
                ..declared()
            };
            let mut incoming = Incoming::awaited(&depot, permit.key);
            incoming.open(&depot, permit, &declared).unwrap();
            incoming.append(b"hello").unwrap();
        }
        let left = left_over(&depot).unwrap();
        assert_eq!((&left[0].0, left.len()), (&permits[1], 1));
        assert_eq!(super::permits(&depot).unwrap(), [permits[1].key]);
    }

    #[test]
    fn what_has_no_note_or_no_bytes_is_removed() {
        let folder = crate::data_dir::tests::Folder::new();
        let depot = Depot::open(&folder.0).unwrap();
        for number in [1, 2, 3] {
            drop(opened(&depot, &permit(number, Visibility::Public)));
        }
        let path = |number| depot.incoming(PermitKey([number; 16]));
        fs::write(note_path(&path(1)), "{").unwrap();
        fs::remove_file(path(2)).unwrap();
        fs::write(depot.arrivals().join("somebody's"), "x").unwrap();
        let left = left_over(&depot).unwrap();
        assert_eq!(left[0].0.key, PermitKey([3; 16]));
        assert_eq!(left.len(), 1);
        assert_eq!(fs::read_dir(depot.arrivals()).unwrap().count(), 3);
    }
}
