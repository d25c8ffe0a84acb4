//! `send`: something said, and told to be stored or not.

use super::Form;
use super::ground::Ground;
use super::json::{MessageLine, print_entry, print_json};
use super::tell_alert;
use crate::core::entry::{Entry, Manner};
use crate::core::hush::is_service;
use crate::core::input::{Intent, Since};
use crate::core::limits::{INPUT_BYTES_MAX, LOSSES_MAX, PATIENCE};
use crate::core::output::{Arrival, Output};
use crate::core::packing::Packer;
use crate::core::wording::text_of;
use crate::driver::Driver;
use crate::exit::{Exit, Trouble};
use crate::lines::print;
use causette_proto::{CompactString, Timestamp};
use std::collections::VecDeque;
use std::io::{BufRead, Read as _};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::time::{sleep, timeout};

/// Lines that were read and wait to be put into messages.
const LINES_READ: usize = 256;

/// Messages that are full and wait to be sent.
const MESSAGES_READY: usize = 2;

/// What comes in to be said.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// A line, without its end.
    Line(String),
    /// More than is taken: what is behind is not read.
    TooMuch,
    /// It cannot be read any more.
    Broken(String),
}

/// Where something is said, and how.
#[derive(Clone, Debug)]
pub struct Saying {
    /// To whom.
    pub target: CompactString,
    /// How.
    pub manner: Manner,
    /// The msgid of what it answers.
    pub reply_to: Option<CompactString>,
}

/// A message that is stored.
#[derive(Clone, Debug)]
pub struct Stored {
    /// What the server calls it, where it says.
    pub msgid: Option<CompactString>,
    /// When.
    pub time: Timestamp,
    /// What it says.
    pub text: String,
    /// What it answers.
    pub reply_to: Option<CompactString>,
}

/// What there is to tell of what is said.
#[derive(Clone, Copy, Debug)]
pub enum Told<'a> {
    /// It is stored, or a service has it.
    Stored(&'a Stored),
    /// What the service answers.
    Answer(&'a Entry),
}

/// The lines of a text.
pub fn lines_of_text(text: &str) -> mpsc::Receiver<Piece> {
    read(std::io::Cursor::new(text.to_owned()))
}

/// The lines of standard input, which are read while the first of them are being sent.
pub fn lines_of_input() -> mpsc::Receiver<Piece> {
    read(std::io::BufReader::new(std::io::stdin()))
}

/// Reads on a thread of its own: such a read cannot be given up.
fn read(mut input: impl BufRead + Send + 'static) -> mpsc::Receiver<Piece> {
    let (tell, pieces) = mpsc::channel(LINES_READ);
    std::thread::spawn(move || {
        let mut left = INPUT_BYTES_MAX;
        loop {
            let mut line = Vec::new();
            // One byte more than may be tells whether there is more.
            let read = (&mut input).take(left + 1).read_until(b'\n', &mut line);
            let count = match read {
                Ok(0) => return,
                Ok(count) => u64::try_from(count).unwrap_or(u64::MAX),
                Err(error) => {
                    // Nobody listens any more when all is over.
                    let _ = tell.blocking_send(Piece::Broken(error.to_string()));
                    return;
                }
            };
            if count > left {
                let _ = tell.blocking_send(Piece::TooMuch);
                return;
            }
            left -= count;
            let text = String::from_utf8_lossy(&line);
            let text = text.strip_suffix('\n').unwrap_or(&text);
            let text = text.strip_suffix('\r').unwrap_or(text);
            if tell.blocking_send(Piece::Line(text.to_owned())).is_err() {
                return;
            }
        }
    });
    pieces
}

/// Says something, and prints what the server calls it as it is stored, or what the service answers.
///
/// # Errors
/// It was not stored, or only a part of it.
pub async fn send(
    mut driver: Driver,
    mut input: mpsc::Receiver<Piece>,
    saying: Saying,
    form: Form,
) -> Result<Exit, Trouble> {
    let server = driver.address().host.clone();
    let from = driver.client().nick().to_owned();
    let account = driver.client().account().map(ToOwned::to_owned);
    let target = saying.target.clone();
    let kind = match saying.manner {
        Manner::Notice => "notice",
        _ => "message",
    };
    let locale = driver.locale().clone();
    let mut broken: Option<Trouble> = None;
    let result = say_all(&mut driver, &mut input, saying, |told| {
        let printed = match (form, told) {
            _ if broken.is_some() => Ok(()),
            (Form::Text, Told::Stored(stored)) => stored.msgid.iter().try_for_each(|id| print(id)),
            (Form::Text, Told::Answer(answer)) => {
                let said = answer.said().into_iter();
                said.map(|said| text_of(said, &locale))
                    .try_for_each(|text| print(&text))
            }
            (Form::Json, Told::Answer(answer)) => print_entry(&server, &locale, &from, answer),
            (Form::Json, Told::Stored(stored)) => print_json(&MessageLine {
                v: 1,
                r#type: kind,
                id: stored.msgid.as_deref(),
                time: stored.time.to_string(),
                server: &server,
                target: &target,
                from: Some(&from),
                account: account.as_deref(),
                text: &stored.text,
                reply_to: stored.reply_to.as_deref(),
                file: None,
            }),
        };
        // Who does not read the ids any more wants the rest to be said all the same.
        broken = broken.take().or_else(|| printed.err());
    })
    .await;
    driver.leave().await;
    match (result?, broken) {
        (exit, None) => Ok(exit),
        (_, Some(trouble)) => Err(trouble),
    }
}

/// Says what comes in, in as few messages as the server takes, one after the other: each is stored before the next is sent,
/// and nothing is sent behind one that was refused. A connection that is lost comes back, and what is not stored is sent again.
///
/// # Errors
/// Something was not stored.
pub async fn say_all<G: Ground>(
    ground: &mut G,
    input: &mut mpsc::Receiver<Piece>,
    saying: Saying,
    tell: impl FnMut(Told<'_>),
) -> Result<Exit, Trouble> {
    let packer = ground.client().packer(&saying.target, saying.manner);
    let now = ground.now();
    let mut sending = Sending {
        ground,
        saying,
        tell,
        packer,
        ready: VecDeque::new(),
        has_ended: false,
        end: None,
        out: Vec::new(),
        stored: 0,
        moved: now,
        losses: 0,
        was_online: true,
    };
    let result = sending.run(input).await;
    let stored = sending.stored;
    let locale = &sending.ground.client().settings().locale;
    match result {
        Ok(()) if stored > 0 => Ok(Exit::Done),
        Ok(()) => Err(Trouble::new(
            Exit::Usage,
            locale.text("client-nothing-to-send"),
        )),
        Err(trouble) if stored > 0 => {
            let count = stored.to_string();
            let variables = [("count", count.as_str()), ("reason", trouble.text.as_str())];
            let text = locale.text_with("client-sent-partly", &variables);
            Err(Trouble::new(Exit::Partly, text))
        }
        Err(trouble) => Err(trouble),
    }
}

struct Sending<'a, G, T> {
    ground: &'a mut G,
    saying: Saying,
    tell: T,
    packer: Packer,
    ready: VecDeque<String>,
    /// Whether nothing more comes in.
    has_ended: bool,
    /// Why not all of it came in.
    end: Option<Trouble>,
    /// Messages that were sent and are not known to be stored.
    out: Vec<u64>,
    stored: usize,
    /// When the last message was sent or stored.
    moved: Timestamp,
    /// How often the connection was lost since then.
    losses: usize,
    was_online: bool,
}

impl<G: Ground, T: FnMut(Told<'_>)> Sending<'_, G, T> {
    async fn run(&mut self, input: &mut mpsc::Receiver<Piece>) -> Result<(), Trouble> {
        // What is sent first has its place behind what is the newest now: if the connection is lost, it is looked for there.
        let mut behind = self.newest().await?;
        loop {
            self.fetch(input);
            if self.out.is_empty() {
                if let Some(text) = self.ready.pop_front() {
                    self.post(text, behind.take())?;
                    continue;
                }
                if self.has_ended {
                    return self.end.take().map_or(Ok(()), Err);
                }
            }
            let wants = !self.has_ended && self.ready.len() < MESSAGES_READY;
            let waits = !self.out.is_empty();
            let patience = self.patience();
            if waits && patience.is_zero() {
                return Err(self.silence());
            }
            tokio::select! {
                outputs = self.ground.next() => self.take(outputs)?,
                piece = input.recv(), if wants => self.came_in(piece),
                () = sleep(patience), if waits => {}
            }
        }
    }

    /// The msgid of the newest message in the conversation, if that can be known.
    async fn newest(&mut self) -> Result<Option<CompactString>, Trouble> {
        let since = || Intent::Read(self.saying.target.clone(), Since::Newest(1));
        let mut outputs = self.ground.intend(since());
        loop {
            for output in &outputs {
                match output {
                    Output::Read(stretch) => {
                        return Ok(stretch.marks.last().map(|(msgid, _)| msgid.clone()));
                    }
                    Output::NotRead(..) => return Ok(None),
                    _ => {}
                }
            }
            let is_back =
                |output: &Output| matches!(output, Output::Arrival(Arrival::Welcome { .. }));
            let came_back = outputs.iter().any(is_back);
            self.take(outputs)?;
            if self.losses > LOSSES_MAX {
                return Err(self.silence());
            }
            outputs = if came_back {
                self.ground
                    .intend(Intent::Read(self.saying.target.clone(), Since::Newest(1)))
            } else {
                match timeout(PATIENCE, self.ground.next()).await {
                    Ok(outputs) => outputs,
                    Err(_) => return Err(self.silence()),
                }
            };
        }
    }

    /// Takes what has come in already.
    fn fetch(&mut self, input: &mut mpsc::Receiver<Piece>) {
        while !self.has_ended && self.ready.len() < MESSAGES_READY {
            match input.try_recv() {
                Ok(piece) => self.came_in(Some(piece)),
                Err(TryRecvError::Empty) => return,
                Err(TryRecvError::Disconnected) => self.came_in(None),
            }
        }
    }

    fn came_in(&mut self, piece: Option<Piece>) {
        let mut full = Vec::new();
        let locale = &self.ground.client().settings().locale;
        match piece {
            Some(Piece::Line(line)) => self.packer.push(&line, &mut full),
            Some(Piece::TooMuch) => {
                let most = (INPUT_BYTES_MAX / 1_024 / 1_024).to_string();
                let text = locale.text_with("client-input-too-long", &[("max", &most)]);
                self.end = Some(Trouble::new(Exit::Usage, text));
                self.has_ended = true;
            }
            Some(Piece::Broken(error)) => {
                self.end = Some(Trouble::new(Exit::Failed, error));
                self.has_ended = true;
            }
            None => self.has_ended = true,
        }
        if self.has_ended {
            full.extend(self.packer.finish());
        }
        self.ready.extend(full);
    }

    fn post(&mut self, text: String, behind: Option<CompactString>) -> Result<(), Trouble> {
        self.moved = self.ground.now();
        self.losses = 0;
        let outputs = self.ground.intend(Intent::Post {
            target: self.saying.target.clone(),
            text,
            manner: self.saying.manner,
            reply_to: self.saying.reply_to.clone().filter(|_| self.stored == 0),
            behind,
        });
        let waiting = self.ground.client().outbox().iter();
        self.out = waiting.map(|message| message.id).collect();
        self.take(outputs)
    }

    fn take(&mut self, outputs: Vec<Output>) -> Result<(), Trouble> {
        for output in outputs {
            tell_alert(self.ground.client(), &output);
            match output {
                Output::Stored {
                    id,
                    msgid,
                    time,
                    text,
                    ..
                } => {
                    let is_first = self.stored == 0;
                    self.out.retain(|&out| out != id);
                    self.stored += 1;
                    self.moved = self.ground.now();
                    self.losses = 0;
                    (self.tell)(Told::Stored(&Stored {
                        msgid,
                        time,
                        text,
                        reply_to: self.saying.reply_to.clone().filter(|_| is_first),
                    }));
                }
                Output::Added(buffer, entry) if is_service(&self.saying.target) => {
                    let place = self.ground.client().buffer(buffer);
                    let entry = place.and_then(|place| place.timeline.get(entry));
                    let is_answer = |entry: &&Entry| {
                        entry
                            .said()
                            .is_some_and(|said| !said.is_mine && is_service(&said.from))
                    };
                    if let Some(answer) = entry.filter(is_answer) {
                        (self.tell)(Told::Answer(answer));
                    }
                }
                Output::Failed { code, reason, .. } => {
                    let exit = match code.as_str() {
                        "401" | "403" => Exit::NotFound,
                        "" => Exit::Network,
                        _ => Exit::Refused,
                    };
                    return Err(Trouble::new(exit, reason));
                }
                Output::Arrival(Arrival::Refused(refused)) => {
                    return Err(self.ground.refused(&refused));
                }
                _ => {}
            }
        }
        self.ground.check()?;
        let is_online = self.ground.client().link().is_online();
        self.losses += usize::from(self.was_online && !is_online);
        self.was_online = is_online;
        Ok(())
    }

    /// How long there may be no sign of life from now on. A server that lets the connection end again and again is none.
    fn patience(&self) -> std::time::Duration {
        if self.losses > LOSSES_MAX {
            return std::time::Duration::ZERO;
        }
        let client = self.ground.client();
        let heard = self.moved.max(client.link().heard);
        client
            .patience()
            .saturating_sub(self.ground.now().since(heard))
    }

    /// There was none: what became of what was sent is not known.
    fn silence(&self) -> Trouble {
        let client = self.ground.client();
        let locale = &client.settings().locale;
        let reason = match client.link().is_online() {
            true => String::new(),
            false => client.link().reason.clone(),
        };
        let reason = if reason.is_empty() {
            locale.text("client-no-answer")
        } else {
            reason
        };
        if self.out.is_empty() {
            return Trouble::new(Exit::Network, reason);
        }
        let text = locale.text_with("client-sent-perhaps", &[("reason", &reason)]);
        Trouble::new(Exit::Network, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(input: impl BufRead + Send + 'static) -> Vec<Piece> {
        let mut pieces = read(input);
        std::iter::from_fn(|| pieces.blocking_recv()).collect()
    }

    #[test]
    fn what_comes_in_has_an_end_of_which_is_told() {
        let line = |text: &str| Piece::Line(text.to_owned());
        assert_eq!(
            pieces(&b"one\r\n\ntwo\xff"[..]),
            [line("one"), line(""), line("two\u{fffd}")]
        );
        let bytes = usize::try_from(INPUT_BYTES_MAX).unwrap_or_default();
        let full = std::io::Cursor::new("x\n".repeat(bytes / 2));
        let last = pieces(full).pop();
        assert_eq!(last, Some(line("x")));
        let more = std::io::Cursor::new("x\n".repeat(bytes / 2 + 1));
        assert_eq!(pieces(more).pop(), Some(Piece::TooMuch));
    }
}
