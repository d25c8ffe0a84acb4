//! What somebody asks by HTTP in the name of an account: each request signs in for itself, by the same rules as a session.

use super::{administration, fault, files};
use crate::account::device;
use crate::account::sign_in::{self, SignedIn};
use crate::account::trial::Claimant;
use crate::denied::{Denied, Why};
use crate::file::{Arrived, Digest, PermitKey};
use crate::files::keep;
use crate::input::{Answer, Asker, Credential, Visit, Wish};
use crate::output::{Done, Output, Undone};
use crate::record::{Mechanism, Origin};
use crate::secret::is_token;
use crate::state::attempts::Caller;
use crate::state::waiting::{AwaitedVisit, Orderer, Program, Then};
use crate::turn::Turn;
use causette_proto::CompactString;
use causette_text::Language;

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
    let orders = matches!(wish, Wish::Order { .. });
    if orders
        && let Credential::Password { password, .. } = &credential
        && !is_token(password.expose())
    {
        // Not even looked at: nothing is learned of it.
        let denied = Denied::new(Why::ProgramTokenNeeded, "program-token-needed", &[]);
        return tell(turn, ticket, Err(fault::told(language, &denied)));
    }
    if let (Credential::None | Credential::Address(_), Wish::File(wish)) = (&credential, &wish) {
        let result = files::open(turn, &credential, wish);
        return tell(
            turn,
            ticket,
            result.map_err(|denied| fault::told(language, &denied)),
        );
    }
    let claimant = claimant(ticket, caller, &wish);
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
        Credential::None | Credential::Address(_) => {
            Err(Denied::new(Why::SignInFailed, "http-sign-in-failed", &[]))
        }
    };
    if let Err(denied) = begun {
        tell(turn, ticket, Err(undone(language, &denied)));
    }
}

/// Who asks by a request whose secret is being checked.
pub(crate) fn claimant_of(ticket: u64, visit: &AwaitedVisit) -> Claimant {
    claimant(ticket, visit.caller, &visit.wish)
}

fn claimant(ticket: u64, caller: Caller, wish: &Wish) -> Claimant {
    Claimant {
        asker: Asker::Visit(ticket),
        caller,
        mechanism: Mechanism::Http,
        orders: matches!(wish, Wish::Order { .. }),
        files: matches!(wish, Wish::File(_)),
    }
}

/// Does what is asked, where who asks is who they say; or goes on with what they gave orders for.
pub(crate) fn answered(turn: &mut Turn<'_>, ticket: u64, then: Then, answer: Answer) {
    let Then::Visit(visit) = then else {
        return administration::answered(turn, Asker::Visit(ticket), then, answer);
    };
    let AwaitedVisit {
        caller,
        language,
        wish,
        claim,
    } = *visit;
    let claimant = claimant(ticket, caller, &wish);
    let done = sign_in::settle(turn, &claimant, claim, answer)
        .and_then(|signed_in| grant(turn, ticket, &claimant, language, signed_in, wish));
    match done {
        Ok(Some(done)) => tell(turn, ticket, Ok(done)),
        Ok(None) => {}
        Err(denied) => tell(turn, ticket, Err(undone(language, &denied))),
    }
}

/// Does what is asked; an order tells itself what came of it.
fn grant(
    turn: &mut Turn<'_>,
    ticket: u64,
    claimant: &Claimant,
    language: Language,
    SignedIn { account, token }: SignedIn,
    wish: Wish,
) -> Result<Option<Done>, Denied> {
    match wish {
        Wish::Account => {
            let found = &turn.state.accounts()[&account];
            let held = token.and_then(|token| found.token(token));
            Ok(Some(Done::Account {
                name: CompactString::new(found.name.as_str()),
                device: held.map(|held| (held.id, held.name.clone())),
            }))
        }
        Wish::RemoveDevice(device) => {
            let actor = claimant.proven(account, token);
            let removed = device::remove(turn, &actor, account, &device);
            removed.map(|_| Some(Done::Removed))
        }
        Wish::File(wish) => {
            let actor = claimant.proven(account, token);
            match files::grant(turn, &actor, claimant.caller.exempt, *wish) {
                Ok(done) => Ok(Some(done)),
                // Whoever has signed in may know why.
                Err(denied) => {
                    tell(turn, ticket, Err(fault::told(language, &denied)));
                    Ok(None)
                }
            }
        }
        Wish::Order { act, order } => {
            let Some(token) = token else {
                let key = "program-token-needed";
                return Err(Denied::new(Why::ProgramTokenNeeded, key, &[]));
            };
            let by = Orderer::Program(Box::new(Program {
                account,
                token,
                address: claimant.caller.address,
                language,
                act,
            }));
            administration::begin(turn, claimant.asker, by, *order);
            Ok(None)
        }
    }
}

/// Why something was not done, as programs and people are told.
fn undone(language: Language, denied: &Denied) -> Undone {
    let key = match denied.why {
        Why::MustWait
        | Why::Busy
        // What they gave was right: they may know why it does not help.
        | Why::KeptOut
        | Why::ProgramTokenNeeded
        | Why::UnknownDevice
        // Only who has proven that it is theirs comes so far.
        | Why::WaitsForApproval => denied.key,
        // The same whatever was wrong: that a code waits is nobody else's to know.
        _ => "http-sign-in-failed",
    };
    fault::under(language, denied, key)
}

fn tell(turn: &mut Turn<'_>, ticket: u64, result: Result<Done, Undone>) {
    turn.out.push(Output::Visited { ticket, result });
}

/// Tells the server which contents no file has.
pub(crate) fn contents(turn: &mut Turn<'_>, ticket: u64, mut contents: Vec<Digest>) {
    contents.retain(|content| !turn.state.files().has_content(*content));
    tell(turn, ticket, Ok(Done::Unused(contents)));
}

/// Settles an upload, and tells whoever waits for it.
pub(crate) fn arrived(
    turn: &mut Turn<'_>,
    ticket: Option<u64>,
    language: Language,
    (permit, arrived, from): (PermitKey, Arrived, Option<Origin>),
) {
    let settled = keep::settle(turn, permit, arrived, from);
    let Some(ticket) = ticket else { return };
    let result = match settled {
        Ok(Some(report)) => Ok(Done::File(Box::new(report))),
        Ok(None) => Ok(Done::FileRemoved),
        Err(denied) => Err(fault::told(language, &denied)),
    };
    tell(turn, ticket, result);
}
