//! The connection as the client sees it: opened, kept alive, lost and tried again.

use crate::core::client::Client;
use crate::core::features::Features;
use crate::core::limits::{IDLE, PATIENCE, PATIENCE_PER_LINE, RETRY_FIRST, RETRY_LAST, STEADY};
use crate::core::output::Output;
use crate::core::profile::Profiles;
use crate::core::registration::{Entering, Step};
use causette_proto::{CompactString, Message, Timestamp};
use std::time::Duration;

/// The state of the connection.
#[derive(Clone, Debug, Default)]
pub struct Link {
    /// How far it has come.
    pub phase: Phase,
    /// When it is tried again, when it was lost.
    pub retry_at: Option<Timestamp>,
    /// Why it was lost.
    pub reason: String,
    /// How long the last question took to come back.
    pub lag: Option<Duration>,
    pub(crate) step: Step,
    pub(crate) entering: Entering,
    pub(crate) failures: u32,
    /// Since when the person is in.
    pub(crate) since: Timestamp,
    /// Whether a lost connection was tried again at once, and none has held since.
    pub(crate) has_hurried: bool,
    /// When the server said something last, or the connection was opened.
    pub heard: Timestamp,
    pub(crate) asked: Option<Timestamp>,
    /// The name by which the server has greeted.
    pub(crate) server: CompactString,
    /// In which words the server has ended the last connection on which the person was in, if it did.
    pub(crate) farewell: String,
    /// Whether it has done so on this connection.
    pub(crate) has_said_why: bool,
    /// Whether somebody who runs the server has ended the connection, and the person has not wanted to come back since.
    pub is_put_out: bool,
    /// Whether it may be tried again by itself: not after a refused sign-in, which would only be refused again.
    pub(crate) may_retry: bool,
}

/// How far the connection has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// There is none.
    #[default]
    Offline,
    /// It is being opened.
    Connecting,
    /// It is open, and the server does not know who comes.
    Arriving,
    /// The person is in.
    Online,
}

impl Link {
    /// Whether the person is in.
    pub fn is_online(&self) -> bool {
        self.phase == Phase::Online
    }

    pub(crate) fn deadline(&self, patience: Duration) -> Option<Timestamp> {
        match self.phase {
            Phase::Offline => self.retry_at,
            Phase::Connecting => None,
            Phase::Arriving | Phase::Online => Some(match self.asked {
                Some(asked) => later(asked, patience),
                None => later(self.heard, IDLE),
            }),
        }
    }
}

pub(crate) fn later(time: Timestamp, by: Duration) -> Timestamp {
    time.plus_millis(i64::try_from(by.as_millis()).unwrap_or(i64::MAX))
}

impl Client {
    /// How long the server may be silent: longer when much is on its way to it.
    pub fn patience(&self) -> Duration {
        let lines = u32::try_from(self.outbox.lines_in_flight()).unwrap_or(u32::MAX);
        PATIENCE + PATIENCE_PER_LINE.saturating_mul(lines)
    }

    /// The person does not want to wait, or the program starts.
    pub(crate) fn connect_now(&mut self, out: &mut Vec<Output>) {
        if self.link.phase == Phase::Offline {
            self.link.phase = Phase::Connecting;
            self.link.retry_at = None;
            self.link.may_retry = true;
            self.link.is_put_out = false;
            out.push(Output::Connect);
            out.push(Output::Changed);
        }
    }

    pub(crate) fn opened(&mut self, out: &mut Vec<Output>) {
        self.link.phase = Phase::Arriving;
        self.link.heard = self.now;
        self.link.asked = None;
        self.features = Features {
            // Names are compared before the server has said how: as it said the last time.
            fold: self.features.fold,
            ..Features::default()
        };
        self.batches.clear();
        self.requests.clear();
        self.pages.clear();
        self.asks_active = false;
        self.profiles = Profiles::default();
        self.begin_registration(out);
        out.push(Output::Changed);
    }

    pub(crate) fn closed(&mut self, reason: String, out: &mut Vec<Output>) {
        let was_online = self.link.is_online();
        self.link.phase = Phase::Offline;
        self.link.step = Step::default();
        self.link.lag = None;
        self.link.asked = None;
        self.orders_lost(out);
        self.outbox.doubt();
        self.batches.clear();
        self.requests.clear();
        self.profiles.lost();
        self.pages.clear();
        self.asks_active = false;
        for buffer in &mut self.buffers {
            buffer.past.is_reading = false;
            buffer.past.catching_up = None;
            buffer.past.is_fresh = false;
            buffer.past.has_presence = false;
            buffer.typing.clear();
            buffer.named = None;
        }
        if self.leaving.take().is_some() {
            out.push(Output::Ended);
            return;
        }
        if was_online {
            self.tell_ended(&reason, out);
            if later(self.link.since, STEADY) <= self.now {
                self.link.failures = 0;
                self.link.has_hurried = false;
            }
        }
        self.link.reason = reason;
        self.link.retry_at =
            (self.link.may_retry && self.way.is_some()).then(|| self.next_try(was_online));
        out.push(Output::Changed);
    }

    /// At once the first time that a connection is lost which has held, then after 1, 2, 4 … 60 seconds, each a quarter shorter or longer so that not all clients of
    /// a server that was away come back in the same second.
    fn next_try(&mut self, was_online: bool) -> Timestamp {
        if was_online && !std::mem::replace(&mut self.link.has_hurried, true) {
            return self.now;
        }
        let exponent = self.link.failures.min(6);
        self.link.failures += 1;
        let wait = (RETRY_FIRST * 2_u32.pow(exponent)).min(RETRY_LAST);
        let millis = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        let quarter = millis / 4;
        let shift = (self.draw.number() % (2 * quarter.unsigned_abs() + 1)).cast_signed() - quarter;
        self.now.plus_millis(millis + shift)
    }

    /// Time has passed.
    pub(crate) fn tick(&mut self, out: &mut Vec<Output>) {
        let now = self.now;
        if self.link.phase == Phase::Offline && self.link.retry_at.is_some_and(|at| at <= now) {
            self.connect_now(out);
        }
        if self.link.phase >= Phase::Arriving {
            match self.link.asked {
                Some(asked) if later(asked, self.patience()) <= now => {
                    let reason = self.settings.locale.text("client-no-answer");
                    out.push(Output::Hangup);
                    self.closed(reason, out);
                }
                None if later(self.link.heard, IDLE) <= now => self.ask_whether_there(out),
                _ => {}
            }
        }
        self.expire_typing(out);
        self.ask_profiles(out);
        self.tell_marks(out);
        if self.leaving.is_some_and(|until| until <= now) {
            self.leave(out);
        }
    }

    fn ask_whether_there(&mut self, out: &mut Vec<Output>) {
        self.link.asked = Some(self.now);
        out.push(Output::Send(Message::new("PING").param("causette")));
    }

    /// The server answered a question.
    pub(crate) fn ponged(&mut self, out: &mut Vec<Output>) {
        if let Some(asked) = self.link.asked.take() {
            self.link.lag = Some(self.now.since(asked));
            out.push(Output::Changed);
        }
    }
}
