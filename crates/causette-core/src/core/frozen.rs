//! While nothing can be recorded: the core changes nothing and says only what reveals nothing.

use super::Core;
use crate::ask::fault::unavailable;
use crate::id::SessionId;
use crate::input::{By, Ending, Input, LineFault, Moment};
use crate::output::{Output, Outputs};
use crate::reply::Ctx;
use crate::state::session::Trace;
use crate::{commands, limits};
use bytes::Bytes;
use causette_proto::Message;
use causette_text::text;
use std::collections::VecDeque;

impl Core {
    pub(super) fn recorder(&mut self, now: Moment, failing: bool, out: &mut Outputs) {
        match (failing, self.frozen.take()) {
            (true, None) => self.frozen = Some(VecDeque::new()),
            (true, kept) => self.frozen = kept,
            (false, Some(kept)) => {
                for input in kept {
                    let stops = matches!(input, Input::Stop { .. });
                    self.handle(now, input, out);
                    if stops {
                        // Nobody is left to whom anything could happen.
                        return;
                    }
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
        if found.trace == Trace::Silent {
            found.trace = Trace::Spoken;
        }
        if self.state.waiting.holds(session) {
            found.held.push_back(line);
            return;
        }
        let label = commands::label(&line);
        let mut ctx = Ctx::new(self.turn(out), session, label);
        let leaves = commands::frozen(&mut ctx, &line);
        ctx.conclude();
        if leaves {
            out.push(Output::Close { session });
            let reason = Ending::Left;
            self.keep(Input::Closed { session, reason });
        }
    }

    /// Keeps what happens meanwhile and must not be lost. A session has at most one closing and one answer, and of the reloads
    /// for which no session waits the last one of each who asked counts; refusals at the door come from anyone, and however many they like.
    fn keep(&mut self, input: Input) {
        let Some(kept) = &mut self.frozen else { return };
        match &input {
            Input::Refused { .. } if kept.len() >= limits::INBOX => return,
            // Nothing changes by it.
            Input::Reloaded {
                by: By::Server | By::System(_) | By::Program { .. },
                result: Err(_),
            } => return,
            Input::Reloaded {
                by: by @ (By::Server | By::System(_) | By::Program { .. }),
                ..
            } => {
                kept.retain(|kept| !matches!(kept, Input::Reloaded { by: of, .. } if of == by));
            }
            _ => {}
        }
        kept.push_back(input);
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
            | Input::Permits(_)
            | Input::Offered(_)
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
            Input::Admin {
                ticket,
                language: asked,
                ..
            } => {
                let result = Err(unavailable(asked.unwrap_or(language)));
                out.push(Output::Told { ticket, result });
            }
            Input::Arrived {
                ticket, language, ..
            } => {
                // The permit stays: whoever sends asks again.
                if let Some(ticket) = ticket {
                    let result = Err(unavailable(language));
                    out.push(Output::Visited { ticket, result });
                }
            }
            Input::Contents { ticket, .. } => {
                // A file that is removed here may be there again behind a start.
                let result = Err(unavailable(language));
                out.push(Output::Visited { ticket, result });
            }
            Input::Visit { ticket, visit } => {
                let result = Err(unavailable(visit.language));
                out.push(Output::Visited { ticket, result });
            }
            Input::Stop { .. } => {
                let mut sessions: Vec<SessionId> = self.state.sessions.keys().copied().collect();
                sessions.sort_unstable();
                for session in sessions {
                    let mut ctx = Ctx::new(self.turn(out), session, None);
                    let reason = ctx.text("unavailable");
                    ctx.line_from(format!("ERROR :{reason}"));
                    ctx.conclude();
                    out.push(Output::Close { session });
                }
                // A stop that is not recorded is none: whoever waits for it is told so, unless that can be done in time.
                self.keep(input);
            }
            Input::Tick | Input::Panicked { .. } | Input::RecorderFailing(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{Peer, Transport};
    use crate::record::{Fact, Who};
    use crate::settings::Settings;
    use crate::snapshot::Snapshot;
    use causette_proto::Timestamp;
    use std::time::Duration;

    fn at(micros: u64) -> Moment {
        Moment {
            wall: Timestamp(micros.cast_signed()),
            elapsed: Duration::from_micros(micros),
        }
    }

    fn core() -> (Core, Outputs) {
        let mut core = Core::new(Settings::default(), Snapshot::default(), 1);
        let mut out = Outputs::default();
        core.start(at(1), &mut out);
        core.handle(at(2), Input::RecorderFailing(true), &mut out);
        out.take();
        (core, out)
    }

    fn reloaded(result: Result<usize, String>) -> Input {
        let result = result.map(|replay_on_join| {
            Box::new(Settings {
                replay_on_join,
                ..Settings::default()
            })
        });
        let by = By::Server;
        Input::Reloaded { by, result }
    }

    #[test]
    fn however_many_are_refused_the_last_reload_is_done() {
        let (mut core, mut out) = core();
        let mut now = 3;
        let mut handle = |input: Input| {
            now += 1;
            core.handle(at(now), input, &mut out);
        };
        handle(reloaded(Ok(7)));
        for _ in 0..limits::INBOX + 1 {
            let peer = Peer {
                address: [192, 0, 2, 1].into(),
                port: 1,
                local_port: 2,
                transport: Transport::Irc,
                tls: None,
                certificate: None,
                cloak: "host.net.ip".into(),
                exempt: false,
            };
            let reason = "full".into();
            handle(Input::Refused { peer, reason });
        }
        handle(reloaded(Ok(8)));
        handle(reloaded(Err("unclear".to_owned())));
        let kept = core.frozen.as_ref().map(VecDeque::len);
        assert_eq!(kept, Some(limits::INBOX));
        core.handle(at(now), Input::RecorderFailing(false), &mut out);
        assert_eq!(core.settings().replay_on_join, 8);
    }

    #[test]
    fn a_stop_is_recorded_as_soon_as_anything_is() {
        let (mut core, mut out) = core();
        let (by, reason) = (By::System("root".into()), "for the night".into());
        core.handle(at(3), Input::Stop { by, reason }, &mut out);
        assert!(out.take().is_empty());
        core.handle(at(4), Input::RecorderFailing(false), &mut out);
        let done = out.take();
        let [Output::Record(record), Output::Stopped] = &done[..] else {
            panic!("{done:?}");
        };
        let reason = "for the night".into();
        assert_eq!(record.fact, Fact::ServerStopped { reason });
        assert_eq!(record.by, Who::System("root".into()));
    }
}
