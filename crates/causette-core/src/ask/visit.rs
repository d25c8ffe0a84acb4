//! What somebody asks by HTTP in the name of an account: each request signs in for itself, by the same rules as a session.

use crate::account::device;
use crate::account::sign_in::{self, SignedIn};
use crate::account::trial::Claimant;
use crate::denied::{Denied, Why};
use crate::input::{Answer, Asker, Credential, Visit, Wish};
use crate::output::{Done, Fault, Output, Undone};
use crate::record::Mechanism;
use crate::reply::denial;
use crate::state::attempts::Caller;
use crate::state::waiting::{AwaitedVisit, Then};
use crate::turn::Turn;
use causette_proto::CompactString;
use causette_text::{Language, text, text_with};

/// Starts to check who asks.
pub(crate) fn begin(turn: &mut Turn<'_>, ticket: u64, visit: Visit) {
    let Visit {
        address,
        exempt,
        language,
        credential,
        wish,
    } = visit;
    let caller = Caller { address, exempt };
    let claimant = claimant(ticket, caller);
    let then = |claim| {
        Then::Visit(Box::new(AwaitedVisit {
            caller,
            language,
            wish,
            claim,
        }))
    };
    let begun = match credential {
        Credential::Password { name, password } => {
            sign_in::begin(turn, &claimant, name.as_str(), password, then)
        }
        Credential::Token(token) => sign_in::begin_by_token(turn, &claimant, token, then),
    };
    if let Err(denied) = begun {
        tell(turn, ticket, Err(undone(language, &denied)));
    }
}

fn claimant(ticket: u64, caller: Caller) -> Claimant {
    Claimant {
        asker: Asker::Visit(ticket),
        caller,
        mechanism: Mechanism::Http,
    }
}

/// Does what is asked, where who asks is who they say.
pub(crate) fn answered(turn: &mut Turn<'_>, ticket: u64, then: Then, answer: Answer) {
    let Then::Visit(visit) = then else {
        // Nothing else is waited for, and nobody is left without an answer.
        let undone = unavailable(turn.settings.language);
        return tell(turn, ticket, Err(undone));
    };
    let AwaitedVisit {
        caller,
        language,
        wish,
        claim,
    } = *visit;
    let claimant = claimant(ticket, caller);
    let done = sign_in::settle(turn, &claimant, claim, answer)
        .and_then(|signed_in| grant(turn, &claimant, signed_in, wish));
    tell(
        turn,
        ticket,
        done.map_err(|denied| undone(language, &denied)),
    );
}

fn grant(
    turn: &mut Turn<'_>,
    claimant: &Claimant,
    SignedIn { account, token }: SignedIn,
    wish: Wish,
) -> Result<Done, Denied> {
    match wish {
        Wish::Account => {
            let found = &turn.state.accounts()[&account];
            let held = token.and_then(|token| found.token(token));
            Ok(Done::Account {
                name: CompactString::new(found.name.as_str()),
                device: held.map(|held| (held.id, held.name.clone())),
            })
        }
        Wish::RemoveDevice(device) => {
            let actor = claimant.proven(account, token);
            let removed = device::remove(turn, &actor, account, &device);
            removed.map(|_| Done::Removed)
        }
    }
}

/// Why something was not done, as programs and people are told.
fn undone(language: Language, denied: &Denied) -> Undone {
    denial::check(denied);
    let (fault, key) = match denied.why {
        Why::MustWait => {
            let seconds = denied.variable("seconds").parse().unwrap_or(1);
            (Fault::Wait { seconds }, denied.key)
        }
        Why::Busy => (Fault::Busy, denied.key),
        // What they gave was right: they may know why it does not help.
        Why::KeptOut => (Fault::Refused, denied.key),
        Why::UnknownDevice => (Fault::Unknown, denied.key),
        // Only who has proven that it is theirs comes so far.
        Why::WaitsForApproval => (Fault::Refused, denied.key),
        // The same whatever was wrong: that a code waits is nobody else's to know.
        _ => (Fault::Refused, "http-sign-in-failed"),
    };
    let text = text_with(language, key, &denied.variables());
    Undone { fault, text }
}

/// What is answered while nothing can be recorded.
pub(crate) fn unavailable(language: Language) -> Undone {
    Undone {
        fault: Fault::Unavailable,
        text: text(language, "unavailable"),
    }
}

fn tell(turn: &mut Turn<'_>, ticket: u64, result: Result<Done, Undone>) {
    turn.out.push(Output::Visited { ticket, result });
}
