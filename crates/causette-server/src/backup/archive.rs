//! The container of a backup: a tar archive that any tar unpacks, in one strict form of it, so that each byte is either what it
//! must be or covered by a SHA-256. <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06>
//!
//! The first file bears the number of the format in its name and says what is in the others; the last, `SHA256SUMS`, has the
//! SHA-256 of all before it, as `sha256sum -c` reads them. Two empty blocks end it: where they are missing, it was cut off.

use super::Broken;
use aws_lc_rs::digest::{Context, SHA256};
use causette_core::limits::{BACKUP_FILE_BYTES, BACKUP_FILES, FILES};
use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::path::{Component, Path};

/// What tar counts in.
const BLOCK: usize = 512;

/// Bytes that are read and written at a time.
const CHUNK: usize = 1 << 18;

/// The file with the SHA-256 of all others.
pub(super) const SUMS: &str = "SHA256SUMS";

/// The longest name of a file.
pub(super) const NAME_BYTES: usize = 100;

/// The largest size that tar writes in octal digits; GNU's form, which every tar reads, has larger ones.
const OCTAL_MAX: u64 = 0o777_7777_7777;

type Header = [u8; BLOCK];

/// Writes one file after another, and knows the SHA-256 of each and of all.
pub(super) struct Packer<W> {
    to: W,
    whole: Context,
    bytes: u64,
    sums: String,
    /// When the backup was made, in seconds since 1970: the time of each file in it.
    time: u64,
}

impl<W: Write> Packer<W> {
    pub(super) fn new(to: W, time: u64) -> Self {
        Self {
            to,
            whole: Context::new(&SHA256),
            bytes: 0,
            sums: String::new(),
            time,
        }
    }

    /// Adds a file of which `size` bytes are read. Gives its SHA-256.
    ///
    /// # Errors
    /// When it cannot be read to that size, or the archive not be written.
    pub(super) fn add(
        &mut self,
        name: &str,
        size: u64,
        from: &mut impl Read,
    ) -> io::Result<String> {
        let mut own = Context::new(&SHA256);
        self.member(name, size, from, &mut own)?;
        let own = hex(own);
        // Writing to a String cannot fail.
        let _ = writeln!(self.sums, "{own}  {name}");
        Ok(own)
    }

    /// Ends the archive. Gives its length, its SHA-256 and what it was written to.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn finish(mut self) -> io::Result<(u64, String, W)> {
        let sums = std::mem::take(&mut self.sums);
        let mut own = Context::new(&SHA256);
        self.member(SUMS, sums.len() as u64, &mut sums.as_bytes(), &mut own)?;
        self.write(&[0; 2 * BLOCK])?;
        Ok((self.bytes, hex(self.whole), self.to))
    }

    fn member(
        &mut self,
        name: &str,
        size: u64,
        from: &mut impl Read,
        own: &mut Context,
    ) -> io::Result<()> {
        self.write(&header(name, size, self.time))?;
        let mut chunk = vec![0; CHUNK];
        let mut left = size;
        while left > 0 {
            let part = &mut chunk[..fitting(left)];
            from.read_exact(part)?;
            own.update(part);
            self.write(part)?;
            left -= part.len() as u64;
        }
        self.write(&[0; BLOCK][..padding(size)])
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.whole.update(bytes);
        self.bytes += bytes.len() as u64;
        self.to.write_all(bytes)
    }
}

/// A file of an archive that is being read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) size: u64,
}

/// Reads one file after another, and finds whatever is not as it was written. What it gives is not known to be whole before the
/// archive has come to its end.
pub(super) struct Unpacker<R> {
    from: R,
    /// The time that all files have, once the first is known.
    time: Option<u64>,
    sums: String,
    count: usize,
}

impl<R: Read> Unpacker<R> {
    pub(super) fn new(from: R) -> Self {
        Self {
            from,
            time: None,
            sums: String::new(),
            count: 0,
        }
    }

    /// The next file; `None` where the archive has ended as it must. After each the caller takes [`Self::body`].
    ///
    /// # Errors
    /// [`Broken`] says what is wrong.
    pub(super) fn next(&mut self) -> Result<Option<Member>, Broken> {
        let mut block: Header = [0; BLOCK];
        self.read(&mut block)?;
        let member = read_header(&block).ok_or_else(|| self.no_header())?;
        let (member, time) = member;
        if self.time.is_some_and(|known| known != time) {
            return Err(self.no_header());
        }
        self.time = Some(time);
        self.count += 1;
        if self.count > BACKUP_FILES + FILES {
            return Err(Broken::Header);
        }
        if member.name == SUMS {
            self.end(member.size)?;
            return Ok(None);
        }
        Ok(Some(member))
    }

    /// Writes the bytes of the file that was given last. Gives its SHA-256.
    ///
    /// # Errors
    /// [`Broken`] says what is wrong; [`Broken::Refused`] where `to` refuses.
    pub(super) fn body(&mut self, member: &Member, to: &mut impl Write) -> Result<String, Broken> {
        let mut own = Context::new(&SHA256);
        let mut chunk = vec![0; CHUNK];
        let mut left = member.size;
        while left > 0 {
            let part = &mut chunk[..fitting(left)];
            self.read(part)?;
            own.update(part);
            to.write_all(part).map_err(Broken::Refused)?;
            left -= part.len() as u64;
        }
        self.read_padding(member.size)?;
        let own = hex(own);
        // Writing to a String cannot fail.
        let _ = writeln!(self.sums, "{own}  {}", member.name);
        Ok(own)
    }

    /// Compares what was read with the list at the end, behind which there is nothing.
    fn end(&mut self, size: u64) -> Result<(), Broken> {
        // It has a line for each file, and is as long as what was read of them tells.
        if size > BACKUP_FILE_BYTES.max(self.sums.len() as u64) {
            return Err(Broken::Header);
        }
        let mut told = vec![0; usize::try_from(size).unwrap_or(0)];
        self.read(&mut told)?;
        if told != self.sums.as_bytes() {
            let told = String::from_utf8_lossy(&told);
            let differs = |(read, told): &(&str, &str)| read != told;
            let mut lines = self.sums.lines().zip(told.lines());
            let (line, _) = lines.find(differs).unwrap_or((SUMS, SUMS));
            let name = line.rsplit(' ').next().unwrap_or(SUMS);
            return Err(Broken::Digest(name.to_owned()));
        }
        self.read_padding(size)?;
        let mut empty = [0; 2 * BLOCK];
        self.read(&mut empty)?;
        if empty.iter().any(|byte| *byte != 0) {
            return Err(Broken::Trailer);
        }
        match self.from.read(&mut [0]) {
            Ok(0) => Ok(()),
            Ok(_) => Err(Broken::Trailer),
            Err(error) => Err(Broken::Unread(error)),
        }
    }

    /// In place of the first header there may be anything; behind it something was changed.
    fn no_header(&self) -> Broken {
        match self.time {
            None => Broken::Foreign,
            Some(_) => Broken::Header,
        }
    }

    fn read_padding(&mut self, size: u64) -> Result<(), Broken> {
        let mut bytes = [0; BLOCK];
        let bytes = &mut bytes[..padding(size)];
        self.read(bytes)?;
        match bytes.iter().all(|byte| *byte == 0) {
            true => Ok(()),
            false => Err(Broken::Header),
        }
    }

    fn read(&mut self, bytes: &mut [u8]) -> Result<(), Broken> {
        self.from
            .read_exact(bytes)
            .map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => Broken::Cut,
                _ => Broken::Unread(error),
            })
    }
}

/// As many bytes of those that are left as are read at a time.
fn fitting(left: u64) -> usize {
    usize::try_from(left).unwrap_or(CHUNK).min(CHUNK)
}

/// Bytes between the end of a file and the next block.
fn padding(size: u64) -> usize {
    // Below the size of a block.
    (BLOCK - (size % BLOCK as u64) as usize) % BLOCK
}

/// The one header that a file has.
fn header(name: &str, size: u64, time: u64) -> Header {
    let time = time.min(OCTAL_MAX);
    let mut block: Header = [0; BLOCK];
    let mut put = |at: usize, text: &[u8]| block[at..at + text.len()].copy_from_slice(text);
    put(0, &name.as_bytes()[..name.len().min(NAME_BYTES)]);
    put(100, b"0000600");
    put(108, b"0000000");
    put(116, b"0000000");
    if size > OCTAL_MAX {
        put(124, &[0x80, 0, 0, 0]);
        put(128, &size.to_be_bytes());
    } else {
        put(124, format!("{size:011o}").as_bytes());
    }
    put(136, format!("{time:011o}").as_bytes());
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

/// Reads a header that is exactly as [`header`] makes it.
fn read_header(block: &Header) -> Option<(Member, u64)> {
    let name = block[..NAME_BYTES].split(|byte| *byte == 0).next()?;
    let name = std::str::from_utf8(name).ok()?.to_owned();
    let octal = |range: std::ops::Range<usize>| {
        u64::from_str_radix(std::str::from_utf8(&block[range]).ok()?, 8).ok()
    };
    let size = if block[124] == 0x80 {
        u64::from_be_bytes(block[128..136].try_into().ok()?)
    } else {
        octal(124..135)?
    };
    let time = octal(136..147)?;
    let same = is_inside(&name) && header(&name, size, time) == *block;
    same.then_some((Member { name, size }, time))
}

/// Whether a name is one of a file inside of a folder.
pub(super) fn is_inside(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    !name.is_empty()
        && name.len() <= NAME_BYTES
        && !name.ends_with('/')
        && parts.all(|part| matches!(part, Component::Normal(_)))
}

fn hex(context: Context) -> String {
    let mut text = String::with_capacity(64);
    for byte in context.finish().as_ref() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::identity::fingerprint::sha256;

    const FILES: [(&str, &[u8]); 3] = [
        ("causette-backup-1.json", b"{}"),
        ("causette.db", &[7; 1500]),
        ("tls/key.pem", b""),
    ];

    fn packed() -> Vec<u8> {
        let mut packer = Packer::new(Vec::new(), 1_795_000_000);
        for (name, bytes) in FILES {
            let mut from = bytes;
            packer.add(name, bytes.len() as u64, &mut from).unwrap();
        }
        let (bytes, digest, archive) = packer.finish().unwrap();
        assert_eq!(bytes, archive.len() as u64);
        assert_eq!(digest, sha256(&archive));
        archive
    }

    fn unpacked(archive: &[u8]) -> Result<Vec<(String, Vec<u8>)>, Broken> {
        let mut unpacker = Unpacker::new(archive);
        let mut files = Vec::new();
        while let Some(member) = unpacker.next()? {
            let mut bytes = Vec::new();
            unpacker.body(&member, &mut bytes)?;
            files.push((member.name, bytes));
        }
        Ok(files)
    }

    #[test]
    fn what_is_packed_is_unpacked() {
        let files = FILES.map(|(name, bytes)| (name.to_owned(), bytes.to_vec()));
        assert_eq!(unpacked(&packed()).unwrap(), files);
    }

    #[test]
    fn an_archive_has_as_many_files_as_there_are() {
        let count = 4000;
        let mut packer = Packer::new(Vec::new(), 1);
        for number in 0..count {
            let name = format!("files/blobs/00/{number:064x}");
            packer.add(&name, 1, &mut [7_u8].as_slice()).unwrap();
        }
        let archive = packer.finish().unwrap().2;
        assert_eq!(unpacked(&archive).unwrap().len(), count);
    }

    #[test]
    fn each_byte_that_is_changed_is_found() {
        let archive = packed();
        for at in 0..archive.len() {
            for flip in [0x01, 0x20, 0xff] {
                let mut changed = archive.clone();
                changed[at] ^= flip;
                assert!(unpacked(&changed).is_err(), "byte {at} by {flip:#x}");
            }
        }
    }

    #[test]
    fn an_archive_that_is_cut_or_goes_on_is_found() {
        let archive = packed();
        for length in 0..archive.len() {
            let cut = unpacked(&archive[..length]);
            assert!(matches!(cut, Err(Broken::Cut)), "{length}: {cut:?}");
        }
        let longer = [archive, vec![0]].concat();
        assert!(matches!(unpacked(&longer), Err(Broken::Trailer)));
        assert!(matches!(unpacked(&[b'x'; 2048]), Err(Broken::Foreign)));
    }

    #[test]
    fn a_size_that_has_no_octal_digits_is_read_as_it_was_written() {
        for size in [0, OCTAL_MAX, OCTAL_MAX + 1, 1 << 40] {
            let read = read_header(&header("causette.db", size, 1)).unwrap();
            assert_eq!((read.0.size, read.1), (size, 1));
        }
    }

    #[test]
    fn nothing_is_unpacked_outside_of_its_folder() {
        for name in ["/etc/passwd", "../x", "a/../../x", "", "x/", "./x"] {
            assert!(read_header(&header(name, 0, 1)).is_none(), "{name}");
        }
        assert!(read_header(&header(&"x".repeat(NAME_BYTES), 0, 1)).is_some());
    }
}
