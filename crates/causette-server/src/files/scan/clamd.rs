//! ClamAV's daemon. The file is sent to it, so that it needs no right to the folder.
//! <https://docs.clamav.net/manual/Usage/Scanning.html#clamd> (INSTREAM in clamd(8))

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// Bytes that are sent at a time.
const PIECE: usize = 1 << 16;

/// Bytes of the longest answer that is read.
const ANSWER_BYTES: u64 = 1024;

/// Asks the daemon behind a socket. The harm that it found.
///
/// # Errors
/// It does not answer, or could not look.
pub(super) fn look_at(socket: &Path, path: &Path, timeout: Duration) -> io::Result<Option<String>> {
    let stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(timeout))?;
    stream.set_write_timeout(Some(timeout))?;
    ask(stream, path)
}

/// Asks the daemon behind a port. The harm that it found.
///
/// # Errors
/// It does not answer, or could not look.
pub(super) fn look_on(address: &str, path: &Path, timeout: Duration) -> io::Result<Option<String>> {
    let address = address.to_socket_addrs()?.next();
    let address = address.ok_or_else(|| io::Error::other("no such address"))?;
    let stream = TcpStream::connect_timeout(&address, timeout)?;
    stream.set_read_timeout(Some(timeout))?;
    stream.set_write_timeout(Some(timeout))?;
    ask(stream, path)
}

fn ask(mut stream: impl Read + Write, path: &Path) -> io::Result<Option<String>> {
    let sent = send(&mut stream, path);
    // Whoever takes no more of it says why.
    let mut answer = Vec::new();
    let read = stream.take(ANSWER_BYTES).read_to_end(&mut answer);
    if answer.is_empty() {
        sent?;
        read?;
    }
    let answer = String::from_utf8_lossy(&answer);
    understood(answer.trim_end_matches(['\0', '\n']))
}

fn send(stream: &mut impl Write, path: &Path) -> io::Result<()> {
    let mut file = File::open(path)?;
    stream.write_all(b"zINSTREAM\0")?;
    let mut piece = vec![0; 4 + PIECE];
    loop {
        let read = file.read(&mut piece[4..])?;
        // A piece of no bytes is the end.
        piece[..4].copy_from_slice(&(read as u32).to_be_bytes());
        stream.write_all(&piece[..4 + read])?;
        if read == 0 {
            return stream.flush();
        }
    }
}

fn understood(answer: &str) -> io::Result<Option<String>> {
    let told = answer.strip_prefix("stream: ").unwrap_or(answer);
    match told.strip_suffix(" FOUND") {
        Some(harm) => Ok(Some(harm.to_owned())),
        None if told == "OK" => Ok(None),
        None => Err(io::Error::other(format!("clamd: {told}"))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use std::os::unix::net::UnixListener;
    use std::thread;

    /// A daemon that reads what is sent to it, and answers once.
    fn daemon(
        folder: &Path,
        answer: &'static [u8],
    ) -> (std::path::PathBuf, thread::JoinHandle<Vec<u8>>) {
        let socket = folder.join("clamd.ctl");
        let listener = UnixListener::bind(&socket).unwrap();
        let daemon = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut word = [0; 10];
            stream.read_exact(&mut word).unwrap();
            assert_eq!(&word, b"zINSTREAM\0");
            let mut received = Vec::new();
            loop {
                let mut length = [0; 4];
                stream.read_exact(&mut length).unwrap();
                let length = u32::from_be_bytes(length) as usize;
                if length == 0 {
                    break;
                }
                let mut piece = vec![0; length];
                stream.read_exact(&mut piece).unwrap();
                received.extend(piece);
            }
            stream.write_all(answer).unwrap();
            received
        });
        (socket, daemon)
    }

    #[test]
    fn the_daemon_is_sent_the_file_and_its_answer_is_understood() {
        let bytes: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
        for (answer, told) in [
            (&b"stream: OK\0"[..], Ok(None)),
            (
                b"stream: Eicar-Test-Signature FOUND\0",
                Ok(Some("Eicar-Test-Signature")),
            ),
            (
                b"INSTREAM size limit exceeded. ERROR\0",
                Err("clamd: INSTREAM size limit exceeded. ERROR"),
            ),
            (b"", Err("clamd: ")),
        ] {
            let folder = crate::data_dir::tests::Folder::new();
            let path = folder.0.join("file");
            std::fs::write(&path, &bytes).unwrap();
            let (socket, daemon) = daemon(&folder.0, answer);
            let looked = look_at(&socket, &path, Duration::from_secs(60));
            let looked = looked.map_err(|error| error.to_string());
            let looked = looked
                .as_ref()
                .map(Option::as_deref)
                .map_err(String::as_str);
            assert_eq!(looked, told);
            assert_eq!(daemon.join().unwrap(), bytes);
        }
    }

    #[test]
    fn nobody_who_looks_is_an_error() {
        let folder = crate::data_dir::tests::Folder::new();
        let nobody = folder.0.join("clamd.ctl");
        assert!(look_at(&nobody, &nobody, Duration::from_secs(60)).is_err());
    }
}
