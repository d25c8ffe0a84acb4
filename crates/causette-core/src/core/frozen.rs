//! While nothing can be recorded: the core changes nothing and says only what reveals nothing.

use super::Core;
use crate::id::SessionId;
use crate::input::{Ending, Input, LineFault};
use crate::output::{Output, Outputs};
use crate::reply::Ctx;
use crate::{commands, limits, visit};
use bytes::Bytes;
use causette_proto::{Message, Timestamp};
use causette_text::text;
use std::collections::VecDeque;

impl Core {
    pub(super) fn recorder(&mut self, now: Timestamp, failing: bool, out: &mut Outputs) {
        match (failing, self.frozen.take()) {
            (true, None) => self.frozen = Some(VecDeque::new()),
            (true, kept) => self.frozen = kept,
            (false, Some(kept)) => {
                for input in kept {
                    self.handle(now, input, out);
                }
            }
            (false, None) => {}
        }
    }

    fn frozen_line(
        &mut self,
        session: SessionId,
        line: Result<Message, LineFault>,
        out: &mut Outputs,
    ) {
        let Some(found) = self.state.sessions.get_mut(&session) else {
            return;
        };
        found.silence = 0;
        if found.hold.is_some() {
            found.held.push_back(line);
            return;
        }
        let label = commands::label(&line);
        let mut ctx = Ctx::new(self.turn(out), session, label);
        commands::frozen(&mut ctx, &line);
        ctx.conclude();
        if line.is_ok_and(|message| message.command == "QUIT") {
            out.push(Output::Close { session });
            let reason = Ending::Left;
            self.keep(Input::Closed { session, reason });
        }
    }

    /// Keeps what happens meanwhile and must not be lost.
    fn keep(&mut self, input: Input) {
        // A session has at most one closing and one answer; refusals at the door and signals come from anyone.
        let refusal = matches!(
            input,
            Input::Refused { .. } | Input::Reloaded { session: None, .. }
        );
        if let Some(kept) = &mut self.frozen
            && (!refusal || kept.len() < limits::INBOX)
        {
            kept.push_back(input);
        }
    }

    /// While a batch cannot be committed: changes nothing, and says only what reveals nothing. These outputs may pass the
    /// batch that waits.
    pub(super) fn handle_frozen(&mut self, input: Input, out: &mut Outputs) {
        let language = self.settings.language;
        match input {
            Input::Line { session, message } => self.frozen_line(session, Ok(message), out),
            Input::BadLine { session, fault } => self.frozen_line(session, Err(fault), out),
            Input::Closed { .. }
            | Input::Answer { .. }
            | Input::ReadDone { .. }
            | Input::Reloaded { .. }
            | Input::Trusted { .. }
            | Input::Refused { .. } => {
                self.keep(input);
            }
            Input::Opened { session, .. } => {
                let reason = text(language, "unavailable-door");
                out.push(Output::Send {
                    session,
                    bytes: Bytes::from(format!("ERROR :{reason}\r\n")),
                });
                out.push(Output::Close { session });
            }
            Input::Admin { ticket, .. } => {
                out.push(Output::Told {
                    ticket,
                    result: Err(text(language, "unavailable")),
                });
            }
            Input::Visit { ticket, visit } => {
                let result = Err(visit::unavailable(visit.language));
                out.push(Output::Visited { ticket, result });
            }
            Input::Stop { .. } => {
                let reason = text(language, "unavailable");
                let mut sessions: Vec<SessionId> = self.state.sessions.keys().copied().collect();
                sessions.sort_unstable();
                for session in sessions {
                    out.push(Output::Send {
                        session,
                        bytes: Bytes::from(format!("ERROR :{reason}\r\n")),
                    });
                    out.push(Output::Close { session });
                }
                out.push(Output::Stopped);
            }
            Input::Tick | Input::Panicked { .. } | Input::RecorderFailing(_) => {}
        }
    }
}
