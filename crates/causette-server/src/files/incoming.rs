//! An upload that is under way: its bytes so far, and a note of what it is for, so that it goes on behind a restart.

use super::depot::{self, Depot};
use aws_lc_rs::digest::{Context, SHA256};
use causette_core::file::{Digest, Permit, PermitKey, Visibility};
use causette_core::id::{AccountId, RoomId};
use causette_proto::{FileName, Timestamp};
use serde_json::{Value, json};
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Bytes that are read at a time to be counted again.
const PIECE: usize = 1 << 18;

/// An upload that is open.
pub(crate) struct Incoming {
    pub(crate) permit: Permit,
    path: PathBuf,
    file: File,
    /// How many bytes have come.
    bytes: u64,
    digest: Context,
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
    /// Begins an upload, and notes what it is for. When it returns, that survives a power cut.
    ///
    /// # Errors
    /// What the system of files refuses.
    pub(crate) fn begin(depot: &Depot, permit: Permit) -> io::Result<Self> {
        let path = depot.incoming(permit.key);
        write(&note_path(&path), &noted(&permit).to_string())?;
        let file = OpenOptions::new()
            .create_new(true)
            .append(true)
            .read(true)
            .mode(0o600)
            .open(&path)?;
        depot::sync(&depot.arrivals())?;
        Ok(Self {
            permit,
            path,
            file,
            bytes: 0,
            digest: Context::new(&SHA256),
        })
    }

    /// Takes up an upload again: its bytes are counted from the beginning.
    ///
    /// # Errors
    /// What the system of files refuses.
    pub(crate) fn resume(depot: &Depot, permit: Permit) -> io::Result<Self> {
        let path = depot.incoming(permit.key);
        let mut file = OpenOptions::new().append(true).read(true).open(&path)?;
        let (digest, bytes) = count(&mut file)?;
        Ok(Self {
            permit,
            path,
            file,
            bytes,
            digest,
        })
    }

    /// How many bytes have come.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How many may still come.
    pub(crate) fn left(&self) -> u64 {
        self.permit.bytes.saturating_sub(self.bytes)
    }

    /// Appends bytes, of which there are no more than may still come.
    ///
    /// # Errors
    /// What the system of files refuses; what was written of them is taken back.
    pub(crate) fn append(&mut self, piece: &[u8]) -> io::Result<()> {
        if let Err(error) = self.file.write_all(piece) {
            // What is announced as received is what was counted.
            self.file.set_len(self.bytes)?;
            return Err(error);
        }
        self.digest.update(piece);
        self.bytes += piece.len() as u64;
        Ok(())
    }

    /// Makes what has come survive a power cut: only then is it announced.
    ///
    /// # Errors
    /// What the disk refuses.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// Where the bytes are.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The SHA-256 of what has come so far.
    pub(crate) fn sha256(&self) -> Digest {
        finished(self.digest.clone())
    }
}

fn finished(digest: Context) -> Digest {
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(digest.finish().as_ref());
    Digest(sha256)
}

/// Removes what has come by a permit, and what it was for.
///
/// # Errors
/// What the system of files refuses.
pub(crate) fn forget(depot: &Depot, permit: PermitKey) -> io::Result<()> {
    let path = depot.incoming(permit);
    for path in [note_path(&path), path] {
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// The uploads that were under way when the server stopped. What has no readable note is removed: nobody can go on with it.
///
/// # Errors
/// What the system of files refuses.
pub(crate) fn left_over(depot: &Depot) -> io::Result<Vec<Permit>> {
    let mut permits = Vec::new();
    for entry in fs::read_dir(depot.arrivals())? {
        let path = entry?.path();
        if path.extension().is_some() {
            continue;
        }
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(key) = name.and_then(PermitKey::parse) else {
            continue;
        };
        let note = fs::read_to_string(note_path(&path)).unwrap_or_default();
        match read(key, &note) {
            Some(permit) => permits.push(permit),
            None => forget(depot, key)?,
        }
    }
    Ok(permits)
}

fn note_path(path: &Path) -> PathBuf {
    path.with_extension("json")
}

/// Counts the bytes of a file from where it stands to its end.
fn count(file: &mut File) -> io::Result<(Context, u64)> {
    let mut digest = Context::new(&SHA256);
    let (mut bytes, mut piece) = (0, vec![0; PIECE]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok((digest, bytes)),
            read => {
                digest.update(&piece[..read]);
                bytes += read as u64;
            }
        }
    }
}

/// The SHA-256 of a file, and its length.
///
/// # Errors
/// It cannot be read.
pub(super) fn counted(file: &mut File) -> io::Result<(Digest, u64)> {
    let (digest, bytes) = count(file)?;
    Ok((finished(digest), bytes))
}

/// Writes a small file whole or not at all.
pub(super) fn write(path: &Path, text: &str) -> io::Result<()> {
    let beside = path.with_extension("new");
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

fn noted(permit: &Permit) -> Value {
    json!({
        "owner": permit.owner.0,
        "name": permit.name.as_str(),
        "bytes": permit.bytes,
        "visibility": permit.visibility.name(),
        "room": permit.visibility.room().map(|room| room.0),
        "to": permit.to.map(|to| to.0),
        "since": permit.since.0,
    })
}

fn read(key: PermitKey, note: &str) -> Option<Permit> {
    let note: Value = serde_json::from_str(note).ok()?;
    let room = note["room"].as_u64().map(RoomId);
    Some(Permit {
        key,
        owner: AccountId(note["owner"].as_u64()?),
        name: FileName::parse(note["name"].as_str()?)?,
        bytes: note["bytes"].as_u64()?,
        visibility: Visibility::of(note["visibility"].as_str()?, room)?,
        to: note["to"].as_u64().map(AccountId),
        since: Timestamp(note["since"].as_i64()?),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

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

    #[test]
    fn an_upload_goes_on_behind_a_restart_with_the_same_digest() {
        let folder = crate::data_dir::tests::Folder::new();
        let depot = Depot::open(&folder.0).unwrap();
        let permit = permit(1, Visibility::Room(RoomId(4)));
        let mut incoming = Incoming::begin(&depot, permit.clone()).unwrap();
        incoming.append(b"hello").unwrap();
        incoming.sync().unwrap();
        let so_far = incoming.sha256();
        drop(incoming);
        assert_eq!(left_over(&depot).unwrap(), [permit.clone()]);
        let mut incoming = Incoming::resume(&depot, permit.clone()).unwrap();
        assert_eq!((incoming.bytes(), incoming.left()), (5, 5));
        assert_eq!(incoming.sha256(), so_far);
        incoming.append(b"world").unwrap();
        let sha256 = "936a185caaa266bb9cbe981e9e05cb78cd732b0b3280eb944412bb6f8f8f07af";
        assert_eq!(incoming.sha256().to_string(), sha256);
        forget(&depot, permit.key).unwrap();
        assert_eq!(left_over(&depot).unwrap(), []);
    }

    #[test]
    fn what_has_no_note_is_removed() {
        let folder = crate::data_dir::tests::Folder::new();
        let depot = Depot::open(&folder.0).unwrap();
        let permit = permit(1, Visibility::Public);
        drop(Incoming::begin(&depot, permit.clone()).unwrap());
        let path = depot.incoming(permit.key);
        fs::write(note_path(&path), "{").unwrap();
        assert_eq!(left_over(&depot).unwrap(), []);
        assert!(!path.exists());
    }
}
