//! The core: one input in, what must happen out.

mod answered;
mod frozen;
#[cfg(test)]
mod tests;

use crate::account::program;
use crate::actor::Actor;
use crate::ask::{administration, visit};
use crate::discipline::expire::expire;
use crate::discipline::{enforce, held};
use crate::files::keep;
use crate::id::SessionId;
use crate::input::{Answer, By, Ending, Input, LineFault, Moment, Peer};
use crate::output::{Output, Outputs};
use crate::person::{departure, presence, stranger};
use crate::record::Fact;
use crate::reply::Ctx;
use crate::room::auto_join;
use crate::server::invitation;
use crate::settings::Settings;
use crate::snapshot::Snapshot;
use crate::state::State;
use crate::state::invariant;
use crate::state::session::{Session, Trace};
use crate::turn::Turn;
use crate::turn::bundle::Bundle;
use crate::turn::parting::Parting;
use crate::{commands, isupport, limits};
use causette_proto::{CompactString, Message, split};
use std::collections::VecDeque;

/// The rules and all live state. One thread owns it.
#[derive(Debug)]
pub struct Core {
    settings: Settings,
    /// What 005 says of them.
    isupport: Vec<String>,
    state: State,
    /// Whether the last input changed anything, beside what is settled.
    mutated: bool,
    /// How many of the outputs are whole and stand, also where the rest of the input fails.
    settled: usize,
    /// While the recorder fails, what happened meanwhile and must not be lost: see [`Core::keep`].
    frozen: Option<VecDeque<Input>>,
}

/// How much there is at a moment, for the administrator's metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// People present.
    pub users: usize,
    /// Accounts.
    pub accounts: usize,
    /// Open channels.
    pub channels: usize,
    /// Sessions of operators of the server.
    pub operators: usize,
    /// Passwords that wait for their turn to be checked or hashed.
    pub checks_waiting: usize,
    /// Of those, how many were turned away since the start.
    pub checks_turned_away: u64,
}

impl Core {
    /// The core as the store remembers it. `random` names this start of the server in message ids.
    pub fn new(mut settings: Settings, snapshot: Snapshot, random: u64) -> Self {
        let state = State::restore(snapshot, &settings, random);
        settings.longest = state.longest();
        Self {
            isupport: isupport::lines(&settings),
            settings,
            state,
            mutated: false,
            settled: 0,
            frozen: None,
        }
    }

    /// Opens the channels that everyone lands in and records the start. To be called once, before the first connection.
    pub fn start(&mut self, now: Moment, out: &mut Outputs) {
        let stepped = self.advance(now, out);
        self.state.started = self.state.clock.shown();
        let mut turn = self.turn(out);
        turn.commit(
            &Actor::Server,
            Fact::ServerStarted {
                version: turn.settings.version.clone(),
                name: turn.settings.server.clone(),
            },
        );
        expire(&mut turn);
        invitation::expire(&mut turn);
        program::expire(&mut turn);
        departure::forget_the_gone(&mut turn);
        presence::review(&mut turn, stepped);
        auto_join::settle(&mut turn);
    }

    /// How much there is now.
    pub fn counts(&self) -> Counts {
        let (checks_waiting, checks_turned_away) = self.state.attempts.crowd();
        Counts {
            checks_waiting,
            checks_turned_away,
            users: self.state.people_present(),
            accounts: self.state.accounts().len(),
            channels: self.state.channels().len(),
            operators: self.state.operators(),
        }
    }

    /// The settings by which it rules now.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// How many lines of a session wait behind an answer.
    pub fn held(&self, session: SessionId) -> usize {
        self.state
            .sessions
            .get(&session)
            .map_or(0, |session| session.held.len())
    }

    /// Whether the last [`Core::handle`] changed anything before it returned or panicked, beside what is settled.
    pub fn mutated(&self) -> bool {
        self.mutated
    }

    /// How many lines the last [`Core::handle`] cost beyond the one of its input. To be charged to the session whose input it was, before
    /// its next line.
    pub fn cost(&self) -> u32 {
        self.state.cost
    }

    /// How many of the outputs stand after a panic in the last [`Core::handle`]: those before it, and what came before the
    /// handler, as that a connection has spoken.
    pub fn settled(&self) -> usize {
        self.settled
    }

    /// Whether sessions, users, channels and the ways to find them agree. For the simulator and after a panic.
    pub fn check(&self) -> Result<(), String> {
        invariant::check(&self.state)
    }

    /// What a start would find if everything that was decided were recorded now.
    pub fn snapshot(&self) -> Snapshot {
        self.state.snapshot()
    }

    /// Handles one input: appends to `out` what must happen, in order. The wall clock of `now` may go back and leap; that it did
    /// is a fact, which comes first.
    pub fn handle(&mut self, now: Moment, input: Input, out: &mut Outputs) {
        self.settle(out);
        self.state.cost = 0;
        if let Input::RecorderFailing(failing) = input {
            return self.recorder(now, failing, out);
        }
        let stepped = self.advance(now, out);
        if self.frozen.is_some() {
            return self.handle_frozen(input, out);
        }
        presence::review(&mut self.turn(out), stepped);
        self.settle(out);
        self.take(input, out);
        while let Some((asker, ask)) = self.state.attempts.next(self.state.uptime()) {
            self.mutated = true;
            out.push(Output::Ask { asker, ask });
        }
    }

    /// Moves the time forward. While nothing can be recorded it goes by the monotonic clock: a step is told again by the first input
    /// that can be recorded. Says whether there was one that is told.
    fn advance(&mut self, now: Moment, out: &mut Outputs) -> bool {
        if let Some(to) = self.state.advance(now)
            && self.frozen.is_none()
        {
            let from = self.state.clock.shown();
            let fact = Fact::ClockStepped { from, to };
            self.turn(out).commit(&Actor::Server, fact);
            self.state.clock.tick();
            self.settle(out);
            return true;
        }
        false
    }

    /// What was done so far stands, whatever becomes of the rest of the input.
    fn settle(&mut self, out: &Outputs) {
        self.mutated = false;
        self.settled = out.len();
    }

    fn take(&mut self, input: Input, out: &mut Outputs) {
        match input {
            Input::Opened { session, peer } => self.opened(session, peer),
            Input::Refused { peer, reason } => {
                let uptime = self.state.uptime();
                if self.state.attempts.refusal(peer.address, uptime) {
                    let fact = Fact::SessionRefused { peer, reason };
                    self.turn(out).commit(&Actor::Server, fact);
                }
            }
            Input::Line { session, message } => self.line(session, Ok(message), out),
            Input::BadLine { session, fault } => self.line(session, Err(fault), out),
            Input::Closed { session, reason } => self.closed(session, &reason, out),
            Input::Answer { asker, answer } => self.answered(asker, answer, out),
            Input::ReadDone { session, outcome } => self.read_done(session, outcome, out),
            Input::Visit { ticket, visit } => visit::begin(&mut self.turn(out), ticket, visit),
            Input::Arrived {
                ticket,
                permit,
                arrived,
                from,
                language,
            } => visit::arrived(
                &mut self.turn(out),
                ticket,
                language,
                (permit, arrived, from),
            ),
            Input::Contents { ticket, contents } => {
                visit::contents(&mut self.turn(out), ticket, contents)
            }
            Input::Permits(permits) => keep::resume(&mut self.turn(out), permits),
            Input::Offered(offered) => keep::offer(&mut self.turn(out), offered),
            Input::Tick => self.tick(out),
            Input::Admin {
                ticket,
                by,
                language,
                order,
            } => administration::obey(&mut self.turn(out), ticket, (by, language), order),
            Input::Panicked { session } => {
                departure::end_with(&mut self.turn(out), session, "closing-fault", &[]);
            }
            Input::Reloaded { by, result } => self.reloaded(by, result, out),
            Input::Trusted {
                public_port,
                withdrawn,
            } => {
                self.settings.public_port = public_port;
                self.settings.sts_withdrawn = withdrawn;
                self.isupport = isupport::lines(&self.settings);
                commands::cap::announce_sts(&mut self.turn(out));
            }
            Input::Stop { by, reason } => self.stop(by, &reason, out),
            Input::RecorderFailing(_) => {}
        }
    }

    fn turn<'a>(&'a mut self, out: &'a mut Outputs) -> Turn<'a> {
        Turn {
            state: &mut self.state,
            settings: &self.settings,
            isupport: &self.isupport,
            out,
            mutated: &mut self.mutated,
            own: Bundle::default(),
            language: self.settings.language,
        }
    }

    fn opened(&mut self, session: SessionId, peer: Peer) {
        self.mutated = true;
        let mut session = Session::new(session, peer, self.state.clock.shown());
        session.admitted = !self.settings.server_password;
        self.state.add_session(session);
    }

    fn line(&mut self, session: SessionId, line: Result<Message, LineFault>, out: &mut Outputs) {
        let Some(found) = self.state.sessions.get_mut(&session) else {
            return;
        };
        found.silence = 0;
        let first = found.trace != Trace::Recorded;
        stranger::enter(&mut self.turn(out), session);
        self.settle(out);
        if first && !self.admit(session, out) {
            return;
        }
        let Some(found) = self.state.sessions.get_mut(&session) else {
            return;
        };
        if self.state.waiting.holds(session) {
            found.held.push_back(line);
            return;
        }
        self.run(session, line, out);
    }

    /// Whether a connection may go on that says its first line. Else it is told why not, and ends.
    fn admit(&mut self, session: SessionId, out: &mut Outputs) -> bool {
        let turn = self.turn(out);
        let Err(denied) = enforce::may_knock(&turn, session) else {
            return true;
        };
        let mut ctx = Ctx::new(turn, session, None);
        commands::registration::turn_away(&mut ctx, &denied);
        ctx.conclude();
        false
    }

    /// Handles one line of a session that waits for nothing.
    fn run(&mut self, session: SessionId, line: Result<Message, LineFault>, out: &mut Outputs) {
        let label = commands::label(&line);
        let mut ctx = Ctx::new(self.turn(out), session, label);
        match line {
            Ok(message) => commands::dispatch(&mut ctx, &message),
            Err(fault) => commands::bad_line(&mut ctx, &fault),
        }
        ctx.conclude();
    }

    /// Handles the lines that waited, until one of them waits again.
    fn run_held(&mut self, session: SessionId, out: &mut Outputs) {
        while let Some(found) = self.state.sessions.get_mut(&session) {
            if self.state.waiting.holds(session) {
                return;
            }
            let leaving = found.leaving;
            match found.held.pop_front() {
                Some(line) => self.run(session, line, out),
                None if leaving => return self.closed(session, &Ending::Left, out),
                None => return,
            }
        }
    }

    fn closed(&mut self, session: SessionId, reason: &Ending, out: &mut Outputs) {
        let key = match reason {
            Ending::Left => "closing-left",
            Ending::Failed(_) => "closing-failed",
            Ending::SlowReader => "closing-slow-reader",
            Ending::Flood => "closing-flood",
        };
        if let Some(found) = self.state.sessions.get_mut(&session) {
            if *reason == Ending::Left && self.state.waiting.holds(session) {
                // It has said all it wants to say and may still read: what it said is answered first.
                found.leaving = true;
                return;
            }
            if *reason == Ending::Flood && found.trace == Trace::Silent {
                // It has said a lot, if no line.
                found.trace = Trace::Spoken;
            }
            if *reason == Ending::SlowReader {
                // Nothing shows how much of what it was sent it has read.
                found.silence = found.age;
            }
            let reason = Parting::new(key, &[]);
            departure::leave(&mut self.turn(out), session, &reason);
        }
    }

    fn tick(&mut self, out: &mut Outputs) {
        self.state.uptime += 1;
        stranger::tell_due(&mut self.turn(out));
        expire(&mut self.turn(out));
        invitation::expire(&mut self.turn(out));
        keep::expire(&mut self.turn(out));
        program::expire(&mut self.turn(out));
        held::expire(&mut self.turn(out));
        commands::oper::expire(&mut self.turn(out));
        self.turn(out).clear_administration_room();
        for asker in self.state.attempts.expired(self.state.uptime()) {
            self.answered(asker, Answer::Unavailable, out);
        }
        let (mut due, mut unfinished) = (Vec::new(), Vec::new());
        for session in self.state.sessions.values_mut() {
            session.age += 1;
            session.silence += 1;
            let accountless = session.accountless_seconds() >= limits::ACCOUNTLESS_SECONDS;
            let late = (!session.welcomed && session.age >= limits::REGISTRATION_SECONDS)
                || (self.settings.accounts_required && accountless)
                || session.silence >= limits::PING_AFTER_SECONDS + limits::PONG_WITHIN_SECONDS;
            if late || (session.welcomed && session.silence == limits::PING_AFTER_SECONDS) {
                due.push((session.id, late));
            }
            if let Some(batch) = &session.multiline
                && session.age - batch.touched >= limits::BATCH_SECONDS
            {
                unfinished.push(session.id);
            }
        }
        // The order of the table is that of its hashes; people see the same order on every run.
        due.sort_unstable();
        unfinished.sort_unstable();
        for session in unfinished {
            commands::batch::time_out(&mut self.turn(out), session);
        }
        for (session, late) in due {
            if late {
                self.time_out(session, out);
            } else {
                let mut ctx = Ctx::new(self.turn(out), session, None);
                let server = ctx.turn.settings.server.clone();
                ctx.line_from(format!("PING :{server}"));
                ctx.conclude();
            }
        }
    }

    fn time_out(&mut self, session: SessionId, out: &mut Outputs) {
        let Some(found) = self.state.sessions.get(&session) else {
            return;
        };
        let (key, seconds) = if !found.welcomed {
            ("closing-registration-timeout", limits::REGISTRATION_SECONDS)
        } else if found.accountless_seconds() >= limits::ACCOUNTLESS_SECONDS {
            ("closing-account-required", limits::ACCOUNTLESS_SECONDS)
        } else {
            ("closing-ping-timeout", found.silence)
        };
        let seconds = seconds.to_string();
        let variables = [("seconds", seconds.as_str())];
        departure::end_with(&mut self.turn(out), session, key, &variables);
    }

    fn stop(&mut self, by: By, reason: &CompactString, out: &mut Outputs) {
        let reason = &CompactString::new(split::cut(reason, self.settings.stop_bytes()));
        let variables = [("reason", reason.as_str())];
        let mut sessions: Vec<SessionId> = self.state.sessions.keys().copied().collect();
        sessions.sort_unstable();
        for session in sessions {
            departure::end_with(&mut self.turn(out), session, "closing-stop", &variables);
        }
        stranger::tell_all(&mut self.turn(out));
        self.turn(out).commit(
            &Actor::from(by),
            Fact::ServerStopped {
                reason: reason.clone(),
            },
        );
        out.push(Output::Stopped);
    }
}
