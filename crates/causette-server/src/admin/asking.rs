//! The other end of the socket: how a command asks the server, and why it may get no answer.

use super::{PATIENCE, Reply, Request, SOCKET};
use crate::data_dir::is_held;
use crate::trouble;
use causette_core::limits::ADMIN_ANSWER_BYTES;
use causette_text::{Language, text_with};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::io::{self, BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// How often a server that starts or stops is asked again.
const PAUSE: Duration = Duration::from_millis(20);

/// Why there is no answer.
#[derive(Debug)]
pub enum Unanswered {
    /// No server runs there.
    Absent,
    /// One that starts or stops: it holds the folder, and hears nothing.
    Deaf,
    /// The connection ended before the answer had.
    Closed,
    /// It has taken too long.
    Late,
    /// It is none that we know.
    Unreadable,
    /// The server is not this user's.
    Forbidden,
    /// The system refuses.
    System(io::Error),
}

impl From<io::Error> for Unanswered {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound | ErrorKind::ConnectionRefused => Self::Absent,
            ErrorKind::BrokenPipe | ErrorKind::ConnectionReset => Self::Closed,
            ErrorKind::WouldBlock | ErrorKind::TimedOut => Self::Late,
            ErrorKind::InvalidData => Self::Unreadable,
            ErrorKind::PermissionDenied => Self::Forbidden,
            _ => Self::System(error),
        }
    }
}

impl Unanswered {
    /// A sentence for the person.
    pub fn message(&self, data_dir: &Path, language: Language) -> String {
        let key = match self {
            Self::Absent => "cli-no-server",
            Self::Deaf => "cli-server-deaf",
            Self::Closed => "cli-server-closed",
            Self::Late => "cli-server-late",
            Self::Unreadable => "cli-server-unreadable",
            Self::Forbidden => "cli-server-forbidden",
            Self::System(_) => "cli-server-unreachable",
        };
        let folder = data_dir.display().to_string();
        let seconds = PATIENCE.as_secs().to_string();
        let error = match self {
            Self::System(error) => trouble::of_io(error, language),
            _ => String::new(),
        };
        let variables = [
            ("folder", folder.as_str()),
            ("seconds", &seconds),
            ("error", &error),
        ];
        text_with(language, key, &variables)
    }
}

/// Asks the server that runs on a data folder. Blocks.
///
/// # Errors
/// When no server runs there, or it does not answer.
pub fn ask(data_dir: &Path, request: &Request) -> Result<Reply, Unanswered> {
    connect(data_dir, request)?.answer()
}

/// What comes of telling a server to stop.
pub enum Stop {
    /// It has answered. What came of the stop is heard when it has ended.
    Answered(Reply, Farewell),
    /// It was stopping already and heard nothing any more; now it has ended. Whether its stop is recorded, it tells others.
    Ended,
}

/// Tells a server to stop. One that hears nothing starts or stops: for so long at most it is waited until it has ended or
/// hears. Blocks.
///
/// # Errors
/// When no server runs there, or it does not answer.
pub fn stop(data_dir: &Path, request: &Request, patience: Duration) -> Result<Stop, Unanswered> {
    let until = Instant::now() + patience;
    let mut met = false;
    loop {
        let told = connect(data_dir, request)
            .and_then(|mut asked| Ok(Stop::Answered(asked.answer()?, Farewell(asked))));
        match told {
            Err(Unanswered::Absent) if met => return Ok(Stop::Ended),
            // It has let go of a connection that it had not yet looked at.
            Err(Unanswered::Deaf | Unanswered::Closed) if Instant::now() < until => met = true,
            told => return told,
        }
        thread::sleep(PAUSE);
    }
}

/// The connection to a server that stops.
pub struct Farewell(Asked);

impl Farewell {
    /// Has patience for so long, where the stop is to come later.
    pub fn wait_for(&self, patience: Duration) {
        // The system refuses no time that is not nothing.
        let _ = self.0.reader.get_ref().set_read_timeout(Some(patience));
    }

    /// Waits for what the server says last: whether its stop is recorded. Blocks.
    ///
    /// # Errors
    /// When it ends without a word: then it was killed, or could not go on.
    pub fn hear(mut self) -> Result<Reply, Unanswered> {
        self.0.answer()
    }
}

/// Watches what happens on a server, from now on, told in a language. Blocks until it has answered.
///
/// # Errors
/// When no server runs there, or it does not answer.
pub fn watch(data_dir: &Path, language: Language) -> Result<(Reply, Stream), Unanswered> {
    follow(data_dir, &Request::new("watch").answered_in(language))
}

/// Asks for what is answered by more than one line. Blocks until the first is there.
///
/// # Errors
/// When no server runs there, or it does not answer.
pub fn follow(data_dir: &Path, request: &Request) -> Result<(Reply, Stream), Unanswered> {
    let mut asked = connect(data_dir, request)?;
    let reply = asked.answer()?;
    // It may be long until something happens.
    asked.reader.get_ref().set_read_timeout(None)?;
    Ok((reply, Stream(asked)))
}

/// The connection to a server that says more than one thing.
pub struct Stream(Asked);

impl Stream {
    /// What happens next; `None` when the server has ended. Blocks.
    ///
    /// # Errors
    /// What it says is none that we know, or the system refuses.
    pub fn hear(&mut self) -> Result<Option<Value>, Unanswered> {
        match self.0.answer() {
            Ok(event) => Ok(Some(event)),
            Err(Unanswered::Closed) => Ok(None),
            Err(other) => Err(other),
        }
    }
}

/// A connection on which something was asked.
struct Asked {
    reader: BufReader<UnixStream>,
    written: io::Result<()>,
}

fn connect(data_dir: &Path, request: &Request) -> Result<Asked, Unanswered> {
    let stream = match UnixStream::connect(data_dir.join(SOCKET)).map_err(Unanswered::from) {
        Err(Unanswered::Absent) if is_held(data_dir) => return Err(Unanswered::Deaf),
        connected => connected?,
    };
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let line = serde_json::to_vec(request).map_err(io::Error::from)?;
    let mut line = Zeroizing::new(line);
    line.push(b'\n');
    // A server that has no time says so without listening.
    let written = (&stream).write_all(&line);
    let reader = BufReader::new(stream);
    Ok(Asked { reader, written })
}

impl Asked {
    fn answer<T: DeserializeOwned>(&mut self) -> Result<T, Unanswered> {
        let mut answer = Vec::new();
        let mut bounded = (&mut self.reader).take(ADMIN_ANSWER_BYTES as u64);
        let read = bounded.read_until(b'\n', &mut answer);
        if !answer.ends_with(b"\n") {
            std::mem::replace(&mut self.written, Ok(()))?;
            read?;
            return Err(if answer.len() < ADMIN_ANSWER_BYTES {
                Unanswered::Closed
            } else {
                Unanswered::Unreadable
            });
        }
        serde_json::from_slice(&answer).map_err(|_| Unanswered::Unreadable)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::data_dir::DataDir;
    use crate::data_dir::tests::Folder;
    use std::os::unix::net::UnixListener;

    /// What comes of a question that is answered by these bytes and the end.
    fn asked(answer: &'static [u8]) -> Result<Reply, Unanswered> {
        let folder = Folder::new();
        let listener = UnixListener::bind(folder.0.join(SOCKET)).unwrap();
        let answering = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut question = String::new();
            BufReader::new(&stream).read_line(&mut question).unwrap();
            stream.write_all(answer).unwrap();
            question
        });
        let asked = ask(&folder.0, &Request::new("status"));
        assert_eq!(answering.join().unwrap(), "{\"verb\":\"status\"}\n");
        asked
    }

    /// What is heard at the end of a stop, where the server says this and ends.
    fn heard(said: &'static [u8]) -> Result<Reply, Unanswered> {
        let folder = Folder::new();
        let listener = UnixListener::bind(folder.0.join(SOCKET)).unwrap();
        let stopping = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            BufReader::new(&stream)
                .read_line(&mut String::new())
                .unwrap();
            stream.write_all(said).unwrap();
        });
        let Ok(Stop::Answered(reply, farewell)) = stop(&folder.0, &Request::new("stop"), PATIENCE)
        else {
            panic!("it does not answer");
        };
        assert!(reply.ok);
        stopping.join().unwrap();
        farewell.hear()
    }

    #[test]
    fn a_server_that_dies_while_it_stops_has_not_stopped_well() {
        assert!(
            heard(b"{\"ok\":true,\"text\":\"\"}\n{\"ok\":true,\"text\":\"\"}\n")
                .unwrap()
                .ok
        );
        assert!(
            !heard(b"{\"ok\":true,\"text\":\"\"}\n{\"ok\":false,\"text\":\"\"}\n")
                .unwrap()
                .ok
        );
        for said in [
            &b"{\"ok\":true,\"text\":\"\"}\n"[..],
            b"{\"ok\":true,\"text\":\"\"}\n{\"ok\":tr",
        ] {
            let dead = heard(said);
            assert!(matches!(dead, Err(Unanswered::Closed)), "{dead:?}");
        }
    }

    /// What is told where a server holds the folder and hears nothing.
    fn held(folder: &Folder) -> Unanswered {
        let _server = DataDir::claim(&folder.0, Language::En).unwrap();
        ask(&folder.0, &Request::new("status")).unwrap_err()
    }

    #[test]
    fn a_second_stop_waits_for_the_end_too() {
        let folder = Folder::new();
        let server = DataDir::claim(&folder.0, Language::En).unwrap();
        let late = stop(&folder.0, &Request::new("stop"), Duration::ZERO);
        assert!(matches!(late, Err(Unanswered::Deaf)));
        // The end of a stop: what waits at the socket is let go of, then the folder is.
        let listener = UnixListener::bind(folder.0.join(SOCKET)).unwrap();
        let stopping = thread::spawn(move || {
            drop(listener.accept().unwrap());
            drop((listener, server));
        });
        let second = stop(&folder.0, &Request::new("stop"), PATIENCE);
        assert!(matches!(second, Ok(Stop::Ended)));
        stopping.join().unwrap();
        let none = stop(&folder.0, &Request::new("stop"), PATIENCE);
        assert!(matches!(none, Err(Unanswered::Absent)));
    }

    #[test]
    fn what_is_no_answer_is_told_in_a_sentence() {
        let whole = asked(b"{\"ok\":true,\"text\":\"well\"}\n").unwrap();
        assert!(whole.ok && whole.text == "well");
        let folder = Folder::new();
        let absent = ask(&folder.0, &Request::new("status")).unwrap_err();
        for (unanswered, part) in [
            (absent, "No server runs"),
            (asked(b"").unwrap_err(), "ended the connection"),
            (asked(b"{\"ok\":tr").unwrap_err(), "ended the connection"),
            (asked(b"\n").unwrap_err(), "does not understand"),
            (asked(b"{\"ok\":1}\n").unwrap_err(), "does not understand"),
            (asked(b"\xff\n").unwrap_err(), "does not understand"),
            (held(&folder), "starts or stops"),
            (Unanswered::Late, "within 30 seconds"),
            (io::Error::from_raw_os_error(13).into(), "another user's"),
            (io::Error::from_raw_os_error(28).into(), "does not answer"),
        ] {
            let told = Language::ALL.map(|language| unanswered.message(&folder.0, language));
            assert!(told[0].contains(part), "{told:?}");
            assert_ne!(told[0], told[1]);
            for told in told {
                assert!(
                    !told.contains("EOF") && !told.contains("os error"),
                    "{told}"
                );
            }
        }
    }
}
