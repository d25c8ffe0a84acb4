//! What comes together from a terminal that does not say where a paste begins and ends: several lines at once were pasted,
//! since nobody types as fast.

use crate::core::limits::DRAFT_BYTES_MAX;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{read, retry_on_intr};
use std::os::fd::{AsFd, BorrowedFd};

/// Silence after which lines that came together are whole: long enough for what comes in parts over a network.
const SILENCE: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 100_000_000,
};

/// Bytes that are read at once: a terminal gives no more than these.
const READ_BYTES: usize = 4_096;

/// Bytes that are kept of what comes together; more than a line holds is refused as a whole.
const BYTES_MAX: usize = 2 * DRAFT_BYTES_MAX;

/// Reads from a terminal what comes together.
#[derive(Debug)]
pub(crate) struct Bursts<'fd> {
    input: BorrowedFd<'fd>,
    /// The beginning of a character of which the rest has not come.
    begun: Vec<u8>,
}

impl<'fd> Bursts<'fd> {
    pub(crate) fn of(input: &'fd impl AsFd) -> Self {
        Self {
            input: input.as_fd(),
            begun: Vec::new(),
        }
    }

    /// What comes next: keys, as they are pressed, or all of what was pasted; `None` at the end. The end of a line alone is
    /// Enter, and waits for nothing.
    pub(crate) fn next(&mut self) -> Option<String> {
        let mut bytes = std::mem::take(&mut self.begun);
        self.read(&mut bytes)?;
        let has_lines = |bytes: &[u8]| bytes.iter().any(|byte| matches!(byte, b'\r' | b'\n'));
        while bytes.len() > 1 && has_lines(&bytes) && self.has_more() {
            if self.read(&mut bytes).is_none() {
                break;
            }
            bytes.truncate(BYTES_MAX);
        }
        let end = bytes.utf8_chunks().last().map_or(0, |last| {
            let is_begun =
                std::str::from_utf8(last.invalid()).is_err_and(|error| error.error_len().is_none());
            if is_begun { last.invalid().len() } else { 0 }
        });
        self.begun = bytes.split_off(bytes.len() - end);
        let chunks = bytes.utf8_chunks().map(|chunk| chunk.valid());
        Some(chunks.collect())
    }

    fn read(&self, bytes: &mut Vec<u8>) -> Option<()> {
        let mut buffer = [0; READ_BYTES];
        let count = retry_on_intr(|| read(self.input, &mut buffer)).unwrap_or(0);
        bytes.extend(&buffer[..count]);
        (count > 0).then_some(())
    }

    fn has_more(&self) -> bool {
        let mut input = [PollFd::from_borrowed_fd(self.input, PollFlags::IN)];
        retry_on_intr(|| poll(&mut input, Some(&SILENCE))).is_ok_and(|ready| ready > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    /// What is read in one go of what was written in one go.
    fn next_of(bursts: &mut Bursts<'_>, mut to: &std::io::PipeWriter, bytes: &[u8]) -> String {
        to.write_all(bytes).unwrap();
        bursts.next().unwrap()
    }

    #[test]
    fn lines_that_come_together_are_one_burst() {
        let (from, to) = std::io::pipe().unwrap();
        let mut bursts = Bursts::of(&from);
        assert_eq!(next_of(&mut bursts, &to, b"a"), "a");
        assert_eq!(next_of(&mut bursts, &to, b"\r"), "\r");
        let long = "a line, and é\n".repeat(1_000);
        assert_eq!(next_of(&mut bursts, &to, long.as_bytes()), long);
        // A character of several bytes comes a byte at a time.
        assert_eq!(next_of(&mut bursts, &to, b"\xc3"), "");
        assert_eq!(next_of(&mut bursts, &to, b"\xa9"), "é");
        assert_eq!(next_of(&mut bursts, &to, b"\xff?"), "?");
        drop(to);
        assert_eq!(bursts.next(), None);
    }

    #[test]
    fn of_too_much_there_is_still_too_much() {
        let (from, mut to) = std::io::pipe().unwrap();
        let writing = std::thread::spawn(move || {
            to.write_all("line\n".repeat(DRAFT_BYTES_MAX).as_bytes())
                .unwrap();
        });
        let burst = Bursts::of(&from).next().unwrap();
        writing.join().unwrap();
        assert_eq!(burst.len(), BYTES_MAX);
    }
}
