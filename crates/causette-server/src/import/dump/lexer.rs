//! The words, names and values of SQL as MySQL writes it, and the line on which each stands.

/// Why values cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Torn {
    /// The text ends.
    End,
    /// Something else stands there.
    Value,
}

/// What begins a statement that is looked into.
const BEGINNINGS: [&[u8]; 3] = [b"insert ", b"replace ", b"create "];

pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The line of `counted`.
    line: u64,
    counted: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        Self {
            bytes,
            at: 0,
            line: 1,
            counted: 0,
        }
    }

    /// Whether `mysqldump` began to write this and did not come to its last line. Without its comments nobody can tell.
    pub(super) fn lacks_its_end(&self) -> bool {
        let mut lines = self.bytes.split(|byte| *byte == b'\n');
        let is_comment = |line: &&[u8]| line.is_empty() || line.starts_with(b"/*");
        let Some(first) = lines.find(|line| !is_comment(line)) else {
            return false;
        };
        let is_of_mysqldump = [&b"-- MySQL dump"[..], b"-- MariaDB dump"]
            .iter()
            .any(|head| first.starts_with(head));
        let written = self.bytes.trim_ascii_end();
        let begin = written.iter().rposition(|byte| *byte == b'\n');
        let last = &written[begin.map_or(0, |place| place + 1)..];
        is_of_mysqldump && !last.starts_with(b"-- Dump completed")
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// Whether the end of a statement was passed just now.
    pub(super) fn is_behind_statement(&self) -> bool {
        self.bytes[..self.at].ends_with(b";")
    }

    /// Whether a word follows.
    pub(super) fn is_at_word(&self) -> bool {
        self.peek().is_some_and(|byte| byte.is_ascii_alphabetic())
    }

    pub(super) fn place(&self) -> usize {
        self.at
    }

    /// The line of the present place, counted from 1.
    pub(super) fn line(&mut self) -> u64 {
        if self.at < self.counted {
            (self.line, self.counted) = (1, 0);
        }
        let passed = &self.bytes[self.counted..self.at];
        self.line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.counted = self.at;
        self.line
    }

    fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at.min(self.bytes.len())..]
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Goes behind the next place of some bytes, or to the end.
    fn skip_behind(&mut self, end: &[u8]) {
        let found = self.rest().windows(end.len()).position(|part| part == end);
        self.at = found.map_or(self.bytes.len(), |place| self.at + place + end.len());
    }

    /// Passes blanks and comments.
    pub(super) fn skip_blank(&mut self) {
        loop {
            let rest = self.rest();
            match rest {
                [b' ' | b'\t' | b'\r' | b'\n', ..] => self.at += 1,
                [b'#', ..] | [b'-', b'-', b' ' | b'\t' | b'\r' | b'\n', ..] => {
                    self.skip_behind(b"\n");
                }
                [b'/', b'*', ..] => self.skip_behind(b"*/"),
                _ => return,
            }
        }
    }

    /// The next byte, where it is this one.
    pub(super) fn takes(&mut self, byte: u8) -> bool {
        self.skip_blank();
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// The next word in small letters.
    pub(super) fn word(&mut self) -> Option<String> {
        self.skip_blank();
        let length = word_length(self.rest());
        let word = &self.rest()[..length];
        self.at += length;
        (length > 0).then(|| String::from_utf8_lossy(word).to_ascii_lowercase())
    }

    /// The next word, where it is this one.
    pub(super) fn takes_word(&mut self, wanted: &str) -> bool {
        self.skip_blank();
        let before = self.at;
        let is_next = self.word().as_deref() == Some(wanted);
        if !is_next {
            self.at = before;
        }
        is_next
    }

    /// The next name, in quotes of any kind or bare.
    pub(super) fn name(&mut self) -> Option<Vec<u8>> {
        self.skip_blank();
        match self.peek()? {
            quote @ (b'`' | b'"' | b'\'') => self.quoted(quote).ok(),
            _ => {
                let bare = |byte: &u8| {
                    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..)
                };
                let length = self.rest().iter().take_while(|byte| bare(byte)).count();
                let name = self.rest()[..length].to_vec();
                self.at += length;
                (length > 0).then_some(name)
            }
        }
    }

    /// The names of a list, up to its closing bracket.
    pub(super) fn names(&mut self) -> Vec<Vec<u8>> {
        let mut names = Vec::new();
        while let Some(name) = self.name() {
            names.push(name);
            if !self.takes(b',') {
                break;
            }
        }
        self.takes(b')');
        names
    }

    /// The names of the columns that the definitions of a table begin with.
    pub(super) fn column_definitions(&mut self) -> Vec<Vec<u8>> {
        const OTHERS: [&[u8]; 8] = [
            b"primary",
            b"key",
            b"unique",
            b"index",
            b"constraint",
            b"fulltext",
            b"spatial",
            b"foreign",
        ];
        let mut names = Vec::new();
        loop {
            self.skip_blank();
            let is_quoted = self.peek() == Some(b'`');
            let Some(name) = self.name() else { break };
            if is_quoted || !OTHERS.contains(&name.to_ascii_lowercase().as_slice()) {
                names.push(name);
            }
            if !self.skip_definition() {
                break;
            }
        }
        names
    }

    /// Goes behind the comma that ends a definition; false where the list ends.
    fn skip_definition(&mut self) -> bool {
        let mut depth = 0_usize;
        loop {
            self.skip_blank();
            match self.peek() {
                None | Some(b';') => return false,
                Some(b'(') => depth += 1,
                Some(b')') if depth == 0 => return false,
                Some(b')') => depth -= 1,
                Some(b',') if depth == 0 => {
                    self.at += 1;
                    return true;
                }
                Some(quote @ (b'`' | b'"' | b'\'')) => {
                    if self.quoted(quote).is_err() {
                        return false;
                    }
                    continue;
                }
                Some(_) => {}
            }
            self.at += 1;
        }
    }

    /// The next sign, where it is one that stands between rows or behind them.
    pub(super) fn separator(&mut self) -> Option<u8> {
        self.skip_blank();
        let sign = self.peek().filter(|byte| matches!(byte, b',' | b';'))?;
        self.at += 1;
        Some(sign)
    }

    /// Passes everything up to the end of the statement.
    pub(super) fn skip_statement(&mut self) {
        loop {
            self.skip_blank();
            match self.peek() {
                None => return,
                Some(b';') => {
                    self.at += 1;
                    return;
                }
                Some(quote @ (b'`' | b'"' | b'\'')) => {
                    let start = self.at;
                    if self.quoted(quote).is_err() {
                        // A quote that nothing closes: what follows is looked at line by line.
                        self.at = start;
                        self.skip_behind(b"\n");
                        return;
                    }
                }
                Some(_) => self.at += 1,
            }
        }
    }

    /// After something damaged that began at a place: goes to the next row of the same statement, or lets the statement end. False where no
    /// row follows.
    pub(super) fn resume(&mut self, start: usize) -> bool {
        let damaged = &self.bytes[start.min(self.bytes.len())..];
        for (offset, byte) in damaged.iter().enumerate().skip(1) {
            let behind = &damaged[offset..];
            let place = match byte {
                b')' => match behind {
                    [b')', b',', b'(', ..] => offset + 2,
                    _ => continue,
                },
                b'\n' => {
                    let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
                    let skipped = behind.iter().take_while(blank).count();
                    let line = &behind[skipped..];
                    let begins = |word: &&[u8]| {
                        line.len() >= word.len() && line[..word.len()].eq_ignore_ascii_case(word)
                    };
                    if BEGINNINGS.iter().any(begins) {
                        self.at = start + offset + skipped;
                        return false;
                    }
                    match line.first() {
                        Some(b'(') => offset + skipped,
                        _ => continue,
                    }
                }
                _ => continue,
            };
            self.at = start + place;
            return true;
        }
        self.at = self.bytes.len();
        false
    }

    /// The values of a row, in brackets.
    pub(super) fn values(&mut self) -> Result<Vec<Vec<u8>>, Torn> {
        if !self.takes(b'(') {
            return Err(self.torn());
        }
        let mut values = Vec::new();
        loop {
            values.push(self.value()?);
            if self.takes(b')') {
                return Ok(values);
            }
            if !self.takes(b',') {
                return Err(self.torn());
            }
        }
    }

    fn torn(&self) -> Torn {
        match self.is_at_end() {
            true => Torn::End,
            false => Torn::Value,
        }
    }

    fn value(&mut self) -> Result<Vec<u8>, Torn> {
        self.skip_blank();
        match self.rest() {
            [] => Err(Torn::End),
            [quote @ (b'\'' | b'"'), ..] => self.quoted(*quote),
            [b'0', b'x' | b'X', ..] => {
                self.at += 2;
                self.hexadecimal()
            }
            [b'x' | b'X', b'\'', ..] => {
                self.at += 2;
                let bytes = self.hexadecimal()?;
                if self.takes(b'\'') {
                    Ok(bytes)
                } else {
                    Err(self.torn())
                }
            }
            [b'0'..=b'9' | b'-' | b'+' | b'.', ..] => {
                let of_number =
                    |byte: &&u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
                let length = self.rest().iter().take_while(of_number).count();
                let number = self.rest()[..length].to_vec();
                self.at += length;
                Ok(number)
            }
            _ => self.worded(),
        }
    }

    /// NULL, TRUE and FALSE, and the words before a text that say in which encoding it is.
    fn worded(&mut self) -> Result<Vec<u8>, Torn> {
        let length = word_length(self.rest());
        let word = &self.rest()[..length];
        match word.to_ascii_lowercase().as_slice() {
            b"null" => {
                self.at += length;
                Ok(Vec::new())
            }
            b"true" | b"false" => {
                self.at += length;
                Ok(word.to_vec())
            }
            lower if lower == b"n" || lower.starts_with(b"_") => {
                self.at += length;
                self.value()
            }
            _ => Err(self.torn()),
        }
    }

    fn hexadecimal(&mut self) -> Result<Vec<u8>, Torn> {
        let length = self
            .rest()
            .iter()
            .take_while(|byte| byte.is_ascii_hexdigit())
            .count();
        let digits = &self.rest()[..length];
        self.at += length;
        if length % 2 == 1 {
            return Err(self.torn());
        }
        let of_digit = |digit: u8| char::from(digit).to_digit(16).unwrap_or_default() as u8;
        let pair = |pair: &[u8]| of_digit(pair[0]) << 4 | of_digit(pair[1]);
        Ok(digits.chunks_exact(2).map(pair).collect())
    }

    /// A text in quotes, without them. In names a backslash is one.
    fn quoted(&mut self, quote: u8) -> Result<Vec<u8>, Torn> {
        let mut text = Vec::new();
        let mut at = self.at + 1;
        loop {
            let byte = *self.bytes.get(at).ok_or(Torn::End)?;
            at += 1;
            match byte {
                b'\\' if quote != b'`' => {
                    let escaped = *self.bytes.get(at).ok_or(Torn::End)?;
                    at += 1;
                    text.push(match escaped {
                        b'0' => 0,
                        b'b' => 8,
                        b'n' => b'\n',
                        b'r' => b'\r',
                        b't' => b'\t',
                        b'Z' => 26,
                        other => other,
                    });
                }
                byte if byte == quote => {
                    if self.bytes.get(at) != Some(&quote) {
                        self.at = at;
                        return Ok(text);
                    }
                    text.push(quote);
                    at += 1;
                }
                byte => text.push(byte),
            }
        }
    }
}

fn word_length(bytes: &[u8]) -> usize {
    let of_word = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
    bytes.iter().take_while(of_word).count()
}
