//! Who goes on with what somebody waited for: the one place where answers are brought to the doors that asked.

use super::Core;
use crate::account::trial::Claimant;
use crate::account::{forgotten, login};
use crate::actor::Actor;
use crate::ask::{administration, visit};
use crate::commands::{self, authenticate};
use crate::id::SessionId;
use crate::input::{Answer, Asker, By, ReadOutcome};
use crate::isupport;
use crate::output::Outputs;
use crate::record::Mechanism;
use crate::reply::{Ctx, Outcome};
use crate::room::redact::Asked;
use crate::service;
use crate::settings::Settings;
use crate::state::waiting::{Awaited, SignUpDoor, Then, TokenDoor};
use causette_proto::Timestamp;

impl Core {
    pub(super) fn answered(&mut self, asker: Asker, answer: Answer, out: &mut Outputs) {
        let mut awaited = self.state.waiting.take(asker);
        let answer = match &mut awaited {
            Some(awaited) => self.bar(asker, &mut awaited.then, answer),
            None => answer,
        };
        // The check has ended, whether or not who asked for it is still there to be told.
        let failed = match (&answer, &awaited) {
            (Answer::Verified(false), _) => true,
            (Answer::Code { until, .. }, Some(awaited)) => {
                !self.opens_by_code(&awaited.then, *until)
            }
            (Answer::Code { .. }, None) => true,
            (answer, None) => login::is_right(answer) && self.is_barred(asker),
            _ => false,
        };
        let uptime = self.state.uptime();
        self.state.attempts.end(asker, failed, uptime);
        let Some(Awaited { label, then }) = awaited else {
            return;
        };
        match asker {
            Asker::Session(session) => {
                let mut ctx = Ctx::new(self.turn(out), session, label);
                go_on(&mut ctx, then, answer);
                ctx.conclude();
                self.run_held(session, out);
            }
            Asker::Admin(_) => administration::answered(&mut self.turn(out), asker, then, answer),
            Asker::Visit(ticket) => visit::answered(&mut self.turn(out), ticket, then, answer),
        }
    }

    /// Whether a code that is right will open its account: not where it was used or is too old, and by HTTP never.
    fn opens_by_code(&self, then: &Then, until: Timestamp) -> bool {
        match then {
            Then::SignIn { claim, .. } => forgotten::may_redeem(&self.state, claim, until),
            _ => false,
        }
    }

    /// What an answer comes to: a sign-in from where nobody may is as wrong as one with a wrong password, from here on.
    fn bar(&self, asker: Asker, then: &mut Then, answer: Answer) -> Answer {
        let state = &self.state;
        let (mechanism, claim) = match (then, asker) {
            (Then::Visit(visit), Asker::Visit(ticket)) => {
                let claimant = visit::claimant_of(ticket, visit);
                return login::bar(state, &claimant, &mut visit.claim, answer);
            }
            (Then::SignIn { claim, mechanism }, _) => (*mechanism, claim),
            (Then::ScramFinish(claim), _) => (Mechanism::Scram, claim.as_mut()),
            _ => return answer,
        };
        match asker {
            Asker::Session(session) if state.sessions.contains_key(&session) => {
                let claimant = Claimant::session(state, session, mechanism);
                login::bar(state, &claimant, claim, answer)
            }
            _ => answer,
        }
    }

    /// The same of who has left before the answer came: nobody learns by leaving what staying would not have told them.
    fn is_barred(&self, asker: Asker) -> bool {
        let aim = self.state.attempts.aim_of(asker);
        let found = aim.and_then(|(id, address)| Some((self.state.accounts().get(&id)?, address)));
        found.is_some_and(|(account, address)| !login::may_come(account, address))
    }

    pub(super) fn read_done(
        &mut self,
        session: SessionId,
        outcome: ReadOutcome,
        out: &mut Outputs,
    ) {
        let Some(awaited) = self.state.waiting.take(Asker::Session(session)) else {
            return;
        };
        if let (ReadOutcome::Stale, Then::Page { command }) = (outcome, awaited.then) {
            self.run(session, Ok(command), out);
        }
        self.run_held(session, out);
    }

    /// Takes other settings, where the configuration could be read.
    pub(super) fn reloaded(
        &mut self,
        by: By,
        result: Result<Box<Settings>, String>,
        out: &mut Outputs,
    ) {
        let actor = Actor::from(by);
        let result = result.map(|settings| {
            let old = std::mem::replace(&mut self.settings, *settings);
            self.settings.longest = self.state.longest();
            self.isupport = isupport::lines(&self.settings);
            commands::rehash::settle(&mut self.turn(out), &actor, &old);
        });
        let Some(session) = actor.session() else {
            return;
        };
        let Some(awaited) = self.state.waiting.take(Asker::Session(session)) else {
            return;
        };
        let mut ctx = Ctx::new(self.turn(out), session, awaited.label);
        commands::rehash::answered(&mut ctx, result);
        ctx.conclude();
        self.run_held(session, out);
    }
}

/// Acts upon the answer to an Ask of a session.
fn go_on(ctx: &mut Ctx<'_>, then: Then, answer: Answer) {
    match then {
        Then::SignIn { claim, mechanism } => match mechanism {
            Mechanism::Identify => service::identity::identified(ctx, claim, answer),
            Mechanism::Pass => commands::pass::signed_in(ctx, claim, answer),
            _ => authenticate::answered(ctx, claim, mechanism, answer),
        },
        Then::ScramBegin(opening) => authenticate::scram::challenged(ctx, *opening, answer),
        Then::ScramFinish(claim) => authenticate::scram::proved(ctx, claim, answer),
        Then::Oper { name } => {
            ctx.verb = "OPER";
            let outcome = commands::oper::answered(ctx, &name, &answer);
            settle(ctx, outcome);
        }
        Then::Redact {
            target,
            msgid,
            reason,
        } => {
            ctx.verb = "REDACT";
            let target = target.as_str();
            let asked = Asked {
                target,
                msgid,
                reason,
            };
            let outcome = commands::redact::answered(ctx, asked, &answer);
            settle(ctx, outcome);
        }
        Then::CheckPassword { claim, new } => {
            service::identity::password_checked(ctx, claim, new, &answer);
        }
        Then::Password { claim } => service::identity::password_changed(ctx, &claim, answer),
        Then::AddDevice {
            account,
            name,
            door,
        } => match door {
            TokenDoor::Command => commands::device::added(ctx, account, &name, answer),
            TokenDoor::NickServ => service::device::added(ctx, account, &name, answer),
        },
        Then::Upload(wanted) => service::upload::permitted(ctx, &wanted, answer),
        Then::Admit { pass } => commands::pass::admitted(ctx, &pass, &answer),
        Then::Invited {
            name,
            password,
            door,
        } => match door {
            door @ SignUpDoor::Register { .. } => {
                commands::register::invited(ctx, (name, password, door), answer);
            }
            door => service::identity::invited(ctx, (name, password, door), answer),
        },
        Then::SignUp { name, door, code } => match door {
            SignUpDoor::Register { .. } => {
                let door = (&door, code.as_ref());
                commands::register::answered(ctx, &name, door, answer);
            }
            door => service::identity::signed_up(ctx, &name, (&door, code.as_ref()), answer),
        },
        Then::ClaimServer { account } => service::owner::claimed(ctx, account, answer),
        // The first three have no such answer; the others are no session's.
        Then::Page { .. }
        | Then::Replay
        | Then::Reload
        | Then::Reset { .. }
        | Then::Invite { .. }
        | Then::OwnerCode { .. }
        | Then::GiveToken { .. }
        | Then::Visit(_) => {}
    }
}

fn settle(ctx: &mut Ctx<'_>, outcome: Outcome) {
    if let Err(refusal) = outcome {
        ctx.refuse(refusal);
    }
}
