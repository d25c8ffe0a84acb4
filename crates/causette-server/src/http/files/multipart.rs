//! The file that a form sends: `multipart/form-data`, read piece by piece, so that nothing of it is held.
//! <https://www.rfc-editor.org/rfc/rfc7578>

use super::arriving::{BrokenOff, Source};
use bytes::{Buf as _, Bytes, BytesMut};

/// Bytes of the head of one part.
const HEAD_BYTES: usize = 8192;

/// Bytes before the file: other fields of the form, which nobody asked for.
const BEFORE_BYTES: usize = 64 * 1024;

/// Bytes of a boundary. <https://www.rfc-editor.org/rfc/rfc2046#section-5.1.1>
const BOUNDARY_BYTES: usize = 70;

/// Why there is no file in a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfound {
    /// It broke off before there was one.
    BrokenOff,
    /// It is no form with a file.
    Malformed,
}

/// The bytes of the first file of a form.
pub(super) struct FormFile<S> {
    source: S,
    /// What stands behind the bytes: a line's end and the boundary.
    end: Vec<u8>,
    buffer: BytesMut,
    is_over: bool,
}

/// The boundary that a media type names.
pub(super) fn boundary(media_type: &str) -> Option<&str> {
    let (essence, parameters) = media_type.split_once(';')?;
    if !essence.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("boundary")
            .then(|| value.trim().trim_matches('"'))
    })?;
    let is_boundary = (1..=BOUNDARY_BYTES).contains(&boundary.len()) && boundary.is_ascii();
    is_boundary.then_some(boundary)
}

impl<S: Source> FormFile<S> {
    /// Reads on to the first file; gives its name too.
    ///
    /// # Errors
    /// There is none.
    pub(super) async fn find(source: S, boundary: &str) -> Result<(String, Self), Unfound> {
        let mut this = Self {
            source,
            end: format!("\r\n--{boundary}").into_bytes(),
            // As if a line had ended before the first boundary.
            buffer: BytesMut::from(&b"\r\n"[..]),
            is_over: false,
        };
        let mut before = 0;
        loop {
            before += this.skip_to_boundary(BEFORE_BYTES - before).await?;
            let head = this.head().await?;
            if let Some(name) = file_name(&head) {
                return Ok((name, this));
            }
            before += head.len();
            if before >= BEFORE_BYTES {
                return Err(Unfound::Malformed);
            }
        }
    }

    async fn more(&mut self) -> Result<(), Unfound> {
        match self.source.next().await {
            Ok(Some(piece)) => {
                self.buffer.extend_from_slice(&piece);
                Ok(())
            }
            Ok(None) | Err(BrokenOff) => Err(Unfound::BrokenOff),
        }
    }

    /// Drops what stands before the next boundary, and the boundary; says how much that was.
    async fn skip_to_boundary(&mut self, most: usize) -> Result<usize, Unfound> {
        loop {
            if let Some(at) = find(&self.buffer, &self.end) {
                let behind = at + self.end.len();
                while self.buffer.len() < behind + 2 {
                    self.more().await?;
                }
                let is_last = &self.buffer[behind..behind + 2] == b"--";
                // Blanks may stand behind a boundary.
                self.buffer.advance(behind);
                return match is_last {
                    true => Err(Unfound::Malformed),
                    false => Ok(behind),
                };
            }
            if self.buffer.len() > most {
                return Err(Unfound::Malformed);
            }
            self.more().await?;
        }
    }

    /// The lines before the bytes of a part.
    async fn head(&mut self) -> Result<Vec<u8>, Unfound> {
        loop {
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                let head = self.buffer.split_to(at).to_vec();
                self.buffer.advance(4);
                return Ok(head);
            }
            if self.buffer.len() > HEAD_BYTES {
                return Err(Unfound::Malformed);
            }
            self.more().await?;
        }
    }
}

impl<S: Source> Source for FormFile<S> {
    async fn next(&mut self) -> Result<Option<Bytes>, BrokenOff> {
        loop {
            if self.is_over {
                return Ok(None);
            }
            if let Some(at) = find(&self.buffer, &self.end) {
                self.is_over = true;
                let piece = self.buffer.split_to(at).freeze();
                // What a form sends behind the file is nobody's: it is read, so that the answer is.
                while self.source.next().await?.is_some() {}
                return Ok((!piece.is_empty()).then_some(piece));
            }
            // The boundary may have begun at the end of what is there.
            let sure = self.buffer.len().saturating_sub(self.end.len() - 1);
            if sure > 0 {
                return Ok(Some(self.buffer.split_to(sure).freeze()));
            }
            match self.source.next().await? {
                Some(piece) => self.buffer.extend_from_slice(&piece),
                // There is no end: it was cut.
                None => return Err(BrokenOff),
            }
        }
    }
}

/// Where bytes are found first.
fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let (first, mut from) = (*wanted.first()?, 0);
    while let Some(at) = bytes[from..].iter().position(|byte| *byte == first) {
        let at = from + at;
        if bytes[at..].starts_with(wanted) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

/// The name that the head of a part gives a file; `None` where it is of another field, or nobody has chosen a file.
fn file_name(head: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(head);
    let disposition = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim()
            .eq_ignore_ascii_case("content-disposition")
            .then(|| value.trim().to_owned())
    })?;
    super::name::of(&disposition).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use std::collections::VecDeque;

    struct Pieces(VecDeque<Bytes>);

    impl Source for Pieces {
        async fn next(&mut self) -> Result<Option<Bytes>, BrokenOff> {
            Ok(self.0.pop_front())
        }
    }

    /// The name and the bytes of the file of a body, whatever its pieces.
    async fn read(body: &str, piece: usize) -> Result<(String, Vec<u8>), Unfound> {
        let pieces = body.as_bytes().chunks(piece).map(Bytes::copy_from_slice);
        let (name, mut file) = FormFile::find(Pieces(pieces.collect()), "AaB03x").await?;
        let mut bytes = Vec::new();
        loop {
            match file.next().await {
                Ok(Some(piece)) => bytes.extend_from_slice(&piece),
                Ok(None) => return Ok((name, bytes)),
                Err(BrokenOff) => return Err(Unfound::BrokenOff),
            }
        }
    }

    fn form(bytes: &str) -> String {
        format!(
            "--AaB03x\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nLarry\r\n--AaB03x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"été.txt\"\r\nContent-Type: text/plain\r\n\r\n{bytes}\r\n--AaB03x--\r\n"
        )
    }

    #[tokio::test]
    async fn the_file_is_found_whatever_the_pieces() {
        for bytes in [
            "",
            "hello",
            "\r\n--AaB03",
            "a\r\n\r\n--AaB03y\r\n",
            "--AaB03x",
        ] {
            let body = form(bytes);
            for piece in [1, 2, 3, 7, 64, 4096] {
                let (name, found) = read(&body, piece).await.unwrap();
                assert_eq!(name, "été.txt");
                assert_eq!(String::from_utf8(found).unwrap(), bytes, "{piece}");
            }
        }
    }

    #[tokio::test]
    async fn what_is_cut_or_no_form_has_no_file() {
        let body = form("hello");
        for cut in [1, 20, 90, body.len() - 20] {
            let read = read(&body[..cut], 16).await;
            assert_eq!(read, Err(Unfound::BrokenOff), "{cut}");
        }
        let nothing = "--AaB03x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\n\r\n\r\n--AaB03x--\r\n";
        assert_eq!(read(nothing, 16).await, Err(Unfound::Malformed));
        let endless = "x".repeat(BEFORE_BYTES + 1);
        assert_eq!(read(&endless, 4096).await, Err(Unfound::Malformed));
        let head = format!("--AaB03x\r\n{endless}");
        assert_eq!(read(&head, 4096).await, Err(Unfound::Malformed));
    }

    #[test]
    fn the_boundary_is_read_from_the_media_type() {
        for (media_type, found) in [
            ("multipart/form-data; boundary=AaB03x", Some("AaB03x")),
            (
                "Multipart/Form-Data; charset=utf-8; Boundary=\"a b\"",
                Some("a b"),
            ),
            ("multipart/form-data", None),
            ("multipart/form-data; boundary=", None),
            ("multipart/mixed; boundary=x", None),
            ("text/plain; boundary=x", None),
        ] {
            assert_eq!(boundary(media_type), found, "{media_type}");
        }
    }
}
