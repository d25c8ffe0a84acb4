//! Signing up, whichever command someone uses for it.

use crate::account::Account;
use crate::id::{AccountId, SessionId};
use crate::identity::{arrive, is_service, signed_in};
use crate::input::{Answer, Asker};
use crate::limits;
use crate::output::{Ask, Output};
use crate::record::{Fact, Mechanism};
use crate::reply::{Ctx, Outcome};
use crate::secret::{Secret, Verifier};
use crate::session::{Door, Then};
use crate::settings::{Registration, Settings};
use crate::state::State;
use crate::turn::Turn;
use causette_proto::{AccountName, Casemap, Nick};

/// Why a name or a password is refused: the code of the specification, the key of the text.
pub(crate) type Fault = (&'static str, &'static str);

/// The name to sign up under, where name and password are good for it.
pub(crate) fn acceptable(
    settings: &Settings,
    name: &str,
    password: &Secret,
) -> Result<AccountName, Fault> {
    let parsed = AccountName::parse(name, settings.limits.nick, settings.casemap);
    let name = parsed.map_err(|_| {
        let key = match settings.casemap {
            Casemap::Ascii => "account-name-invalid",
            Casemap::Precis => "account-name-invalid-unicode",
        };
        ("BAD_ACCOUNT_NAME", key)
    })?;
    acceptable_password(settings, &name, password)?;
    Ok(name)
}

/// Whether a password is good for an account.
pub(crate) fn acceptable_password(
    settings: &Settings,
    name: &AccountName,
    password: &Secret,
) -> Result<(), Fault> {
    let password = password.expose();
    if password.len() > limits::PASSWORD_BYTES {
        return Err(("UNACCEPTABLE_PASSWORD", "password-too-long"));
    }
    let weak = password.chars().count() < settings.password_min
        || settings.casemap.fold(password) == name.key();
    if weak || password.chars().all(|char| password.starts_with(char)) {
        return Err(("WEAK_PASSWORD", "password-weak"));
    }
    Ok(())
}

/// Whether a name is an account's, or a service's.
pub(crate) fn is_taken(state: &State, name: &AccountName) -> bool {
    is_service(state.casemap, name.as_str()) || state.account_names.contains_key(name.key())
}

/// Starts to make an account; the session waits for the answer.
/// <https://ircv3.net/specs/extensions/account-registration>
pub(crate) fn begin(ctx: &mut Ctx<'_>, name: &str, password: Secret, door: Door) -> Outcome {
    let (settings, session) = (ctx.turn.settings, ctx.session());
    let minimum = settings.password_min.to_string();
    let variables = [("account", name), ("min", minimum.as_str())];
    let operator = door == Door::Operator;
    if session.account.is_some() && !operator {
        return Err(ctx.failure(
            "REGISTER",
            "ALREADY_AUTHENTICATED",
            &[name],
            "already-signed-in",
            &variables,
        ));
    }
    if settings.registration == Registration::Closed && !operator {
        return Err(ctx.failure(
            "REGISTER",
            "TEMPORARILY_UNAVAILABLE",
            &[name],
            "sign-up-closed",
            &variables,
        ));
    }
    if !session.admitted {
        return Err(ctx.failure(
            "REGISTER",
            "COMPLETE_CONNECTION_REQUIRED",
            &[name],
            "server-password-first",
            &variables,
        ));
    }
    let name = match acceptable(settings, name, &password) {
        Ok(name) => name,
        Err((code, key)) => return Err(ctx.failure("REGISTER", code, &[name], key, &variables)),
    };
    let (address, exempt) = (session.peer.address, session.peer.exempt);
    let uptime = ctx.turn.state.uptime();
    *ctx.turn.mutated = true;
    // Charged before it tells whether the name is taken, so that nobody can ask for many names.
    if !exempt && !operator && !ctx.turn.state.attempts.sign_up(address, uptime) {
        let context = [name.as_str()];
        return Err(ctx.failure(
            "REGISTER",
            "TEMPORARILY_UNAVAILABLE",
            &context,
            "sign-up-wait",
            &[],
        ));
    }
    if is_taken(ctx.turn.state, &name) {
        let context = [name.as_str()];
        return Err(ctx.failure(
            "REGISTER",
            "ACCOUNT_EXISTS",
            &context,
            "account-exists",
            &variables,
        ));
    }
    let asker = Asker::Session(ctx.id);
    ctx.after(Output::Ask {
        asker,
        ask: Ask::HashPassword {
            name: name.clone(),
            password,
        },
    });
    ctx.hold(Then::SignUp { name, door });
    Ok(())
}

pub(crate) fn answered(ctx: &mut Ctx<'_>, name: AccountName, door: Door, answer: Answer) {
    // Somebody may have taken the name while the password was being hashed.
    let taken = is_taken(ctx.turn.state, &name);
    let verifier = match answer {
        Answer::Hashed(verifier) if !taken => verifier,
        Answer::Hashed(_) => {
            return not_signed_up(ctx, &name, door, "ACCOUNT_EXISTS", "account-exists");
        }
        _ => return not_signed_up(ctx, &name, door, "TEMPORARILY_UNAVAILABLE", "unavailable"),
    };
    let id = ctx.id;
    let by_administrator = door == Door::Operator;
    let account = create(
        &mut ctx.turn,
        Some(id),
        name.clone(),
        verifier,
        by_administrator,
    );
    let text = ctx.text_with("account-created", &[("account", name.as_str())]);
    match door {
        Door::Register => ctx.line(&format!("REGISTER SUCCESS {name} :{text}")),
        Door::NickServ | Door::Operator => ctx.notice(Some("NickServ"), &text),
    }
    if door == Door::Operator {
        return;
    }
    signed_in(ctx, account, Mechanism::Register, None);
    arrive(ctx, account);
}

fn not_signed_up(ctx: &mut Ctx<'_>, name: &AccountName, door: Door, code: &str, key: &str) {
    let text = ctx.text_with(key, &[("account", name.as_str())]);
    match door {
        Door::Register => ctx.standard("FAIL", "REGISTER", code, &[name.as_str()], &text),
        Door::NickServ | Door::Operator => ctx.notice(Some("NickServ"), &text),
    }
}

/// Makes an account, all checks done.
pub(crate) fn create(
    turn: &mut Turn<'_>,
    session: Option<SessionId>,
    name: AccountName,
    verifier: Verifier,
    by_administrator: bool,
) -> AccountId {
    let account = AccountId(turn.state.next_id());
    let nick = Nick::from(&name);
    let now = turn.now();
    turn.record(
        session,
        Fact::AccountCreated {
            account,
            name: name.clone(),
            verifier,
            by_administrator,
        },
    );
    turn.state
        .add_account(Account::new(account, name, nick, now));
    account
}
