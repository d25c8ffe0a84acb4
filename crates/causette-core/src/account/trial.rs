//! How a secret is tried, whoever tries it and by whichever door: who must wait, what waits for its turn, and what the register
//! learns of those who were refused.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::id::{AccountId, SessionId, TokenId};
use crate::input::Asker;
use crate::output::Ask;
use crate::record::{Fact, Factor, Mechanism};
use crate::report::Watched;
use crate::state::State;
use crate::state::attempts::{Aim, Caller, Work};
use crate::turn::Turn;
use causette_proto::CompactString;

/// Who tries: who waits for the answer, from where they come, and how they try.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claimant {
    pub(crate) asker: Asker,
    pub(crate) caller: Caller,
    pub(crate) mechanism: Mechanism,
    /// Whether they give an order to the server by HTTP: that takes the token of a program, which is good for nothing else.
    pub(crate) orders: bool,
    /// Whether they ask for files by HTTP, for which the token of a program will do as well.
    pub(crate) files: bool,
}

impl Claimant {
    /// The one at a connection.
    pub(crate) fn session(state: &State, id: SessionId, mechanism: Mechanism) -> Self {
        Self {
            asker: Asker::Session(id),
            caller: Caller::from(&state.sessions[&id].peer),
            mechanism,
            orders: false,
            files: false,
        }
    }

    /// Who acts before anything is proven: who asks by HTTP is nobody until then.
    pub(crate) fn actor(&self) -> Actor {
        match self.asker {
            Asker::Session(session) => Actor::Session(session),
            Asker::Admin(_) | Asker::Visit(_) => Actor::Server,
        }
    }

    /// Who acts once it is known who they are.
    pub(crate) fn proven(&self, account: AccountId, token: Option<TokenId>) -> Actor {
        match self.asker {
            Asker::Session(session) => Actor::Session(session),
            Asker::Admin(_) | Asker::Visit(_) => Actor::Account {
                account,
                token,
                address: self.caller.address,
            },
        }
    }
}

/// Refuses who may not try a secret now: their address or what they aim at has failed too often.
pub(crate) fn may_try<'a>(
    turn: &mut Turn<'_>,
    claimant: &Claimant,
    aim: impl Into<Aim<'a>>,
    name: &str,
) -> Result<(), Denied> {
    let (caller, uptime) = (claimant.caller, turn.state.uptime());
    let wait = turn.state.attempts.wait(caller, aim, uptime);
    if wait == 0 {
        return Ok(());
    }
    note_refusal(turn, claimant, name, Factor::Throttled);
    let seconds = wait.to_string();
    let variables = [("seconds", seconds.as_str())];
    Err(Denied::new(Why::MustWait, "sign-in-wait", &variables))
}

/// Asks whether a secret is right, as soon as it is its turn: where it may be tried, and not too much waits.
pub(crate) fn try_one<'a>(
    turn: &mut Turn<'_>,
    claimant: &Claimant,
    (aim, name): (impl Into<Aim<'a>>, &str),
    work: Work,
    ask: Ask,
) -> Result<(), Denied> {
    let aim = aim.into();
    may_try(turn, claimant, aim, name)?;
    enqueue(turn, claimant, aim, work, ask)
}

/// Lets a question wait for its turn, where there is room for it.
pub(crate) fn enqueue<'a>(
    turn: &mut Turn<'_>,
    claimant: &Claimant,
    aim: impl Into<Aim<'a>>,
    work: Work,
    ask: Ask,
) -> Result<(), Denied> {
    has_place(turn, claimant.asker)?;
    let Claimant { asker, caller, .. } = *claimant;
    let uptime = turn.state.uptime();
    let attempts = &mut turn.state.attempts;
    if attempts.enqueue(asker, caller, aim, work, ask, uptime) {
        return Ok(());
    }
    Err(busy())
}

/// Asks for something that nobody can guess. It waits for nothing.
pub(crate) fn look_up(turn: &mut Turn<'_>, claimant: &Claimant, ask: Ask) -> Result<(), Denied> {
    has_place(turn, claimant.asker)?;
    let Claimant { asker, caller, .. } = *claimant;
    let name = caller.nameless();
    turn.state.attempts.begin(asker, caller, &name);
    turn.ask(asker, ask);
    Ok(())
}

/// Asks for something of the administrator's, who guesses at nothing and waits for nobody.
pub(crate) fn ask_at_once(turn: &mut Turn<'_>, asker: Asker, ask: Ask) -> Result<(), Denied> {
    has_place(turn, asker)?;
    turn.ask(asker, ask);
    Ok(())
}

fn has_place(turn: &mut Turn<'_>, asker: Asker) -> Result<(), Denied> {
    *turn.mutated = true;
    if !turn.state.waiting.is_full(asker) {
        return Ok(());
    }
    turn.state.attempts.turn_away();
    Err(busy())
}

/// Too many ask at once, or nothing can be found out: nothing was checked.
pub(crate) fn busy() -> Denied {
    Denied::new(Why::Busy, "sign-in-busy", &[])
}

/// Counts a failure where nothing can be guessed, for the address alone: each is written down, and must not fill the disk.
pub(crate) fn failed(turn: &mut Turn<'_>, claimant: &Claimant) {
    let (caller, uptime) = (claimant.caller, turn.state.uptime());
    let attempts = &mut turn.state.attempts;
    attempts.failed(caller, &caller.nameless(), uptime);
}

/// Notes in the register that somebody was refused who gave the name of an account, or none.
pub(crate) fn note_refusal(turn: &mut Turn<'_>, claimant: &Claimant, name: &str, factor: Factor) {
    let account = turn.state.account_named(name).map(|account| account.id);
    note_refusal_of(turn, claimant, (account, name), factor);
}

/// The same of an account that is known. Of those who should wait and do not only some are noted, as at the door: they must not
/// fill the disk.
pub(crate) fn note_refusal_of(
    turn: &mut Turn<'_>,
    claimant: &Claimant,
    (account, name): (Option<AccountId>, &str),
    factor: Factor,
) {
    let (caller, uptime) = (claimant.caller, turn.state.uptime());
    *turn.mutated = true;
    let attempts = &mut turn.state.attempts;
    let waits = match factor {
        // Who is kept out may ask again and again with what is right.
        Factor::Throttled | Factor::Banned => true,
        Factor::Token | Factor::Certificate | Factor::Waiting | Factor::Address => {
            attempts.wait(caller, caller.nameless().as_str(), uptime) > 0
        }
        Factor::Name | Factor::Password | Factor::Code => false,
    };
    if waits && !attempts.refusal(caller.address, uptime) {
        return;
    }
    let fact = Fact::SignInRefused {
        name: CompactString::new(name),
        account,
        factor,
        mechanism: claimant.mechanism,
        address: caller.address,
    };
    turn.commit(&claimant.actor(), fact);
    turn.watch(Watched::SignInRefused {
        name: name.into(),
        factor,
        mechanism: claimant.mechanism,
        address: caller.address,
    });
}
