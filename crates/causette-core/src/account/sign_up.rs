//! Signing up, whichever command someone uses for it.

use crate::account::identity::{arrive, signed_in};
use crate::account::trial::enqueue;
use crate::actor::Actor;
use crate::id::{AccountId, SessionId, UserId};
use crate::input::Answer;
use crate::limits;
use crate::output::Ask;
use crate::record::{Fact, Mechanism};
use crate::reply::{Ctx, Outcome};
use crate::secret::{Secret, Verifier, is_token, is_written_code};
use crate::settings::{Registration, Settings};
use crate::state::attempts::{Caller, Work};
use crate::state::naming::account_taken;
use crate::state::waiting::{SignUpDoor, Then};
use crate::turn::Turn;
use causette_proto::password::PasswordFault;
use causette_proto::{AccountName, Casemap};

/// Why a name or a password is refused: the code of the specification, the key of the text.
pub(crate) type Objection = (&'static str, &'static str);

/// The name to sign up under and the password in the form that is kept, where they are good for it.
pub(crate) fn acceptable(
    settings: &Settings,
    name: &str,
    password: &Secret,
) -> Result<(AccountName, Secret), Objection> {
    let parsed = AccountName::parse(name, settings.limits.nick, settings.casemap);
    let name = parsed.map_err(|_| {
        let key = match settings.casemap {
            Casemap::Ascii => "account-name-invalid",
            Casemap::Precis => "account-name-invalid-unicode",
        };
        ("BAD_ACCOUNT_NAME", key)
    })?;
    let password = acceptable_password(settings, &name, password)?;
    Ok((name, password))
}

/// The form of a password that is kept, where it is good for an account.
pub(crate) fn acceptable_password(
    settings: &Settings,
    name: &AccountName,
    password: &Secret,
) -> Result<Secret, Objection> {
    const CODE: &str = "UNACCEPTABLE_PASSWORD";
    if password.expose().len() > limits::PASSWORD_BYTES {
        return Err((CODE, "password-too-long"));
    }
    let enforced = password.enforced().map_err(|fault| match fault {
        PasswordFault::Empty => ("WEAK_PASSWORD", "password-weak"),
        PasswordFault::Forbidden => (CODE, "password-forbidden"),
    })?;
    let password = enforced.expose();
    if is_token(password) {
        return Err((CODE, "password-like-token"));
    }
    // Nobody would know afterwards whether it works once or always, nor may it be typed as a code may.
    if is_written_code(password) {
        return Err((CODE, "password-like-code"));
    }
    // Nobody sees such a blank, and where a line is typed it is lost.
    if password.trim() != password {
        return Err((CODE, "password-blank-edge"));
    }
    let weak = password.chars().count() < settings.password_min
        || settings.casemap.fold(password) == name.key();
    if weak || password.chars().all(|char| password.starts_with(char)) {
        return Err(("WEAK_PASSWORD", "password-weak"));
    }
    Ok(enforced)
}

/// Starts to make an account; the session waits for the answer.
/// <https://ircv3.net/specs/extensions/account-registration>
pub(crate) fn begin(ctx: &mut Ctx<'_>, name: &str, password: Secret, door: SignUpDoor) -> Outcome {
    let (settings, session) = (ctx.turn.settings, ctx.session());
    let minimum = settings.password_min.to_string();
    let variables = [("account", name), ("min", minimum.as_str())];
    let operator = door == SignUpDoor::Operator;
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
    let (name, password) = match acceptable(settings, name, &password) {
        Ok(acceptable) => acceptable,
        Err((code, key)) => return Err(ctx.failure("REGISTER", code, &[name], key, &variables)),
    };
    if !operator && settings.reserved_names.holds(name.as_str()) {
        let context = [name.as_str()];
        let key = "account-name-reserved";
        return Err(ctx.failure("REGISTER", "BAD_ACCOUNT_NAME", &context, key, &variables));
    }
    let (address, exempt) = (session.peer.address, session.peer.exempt);
    let (uptime, caller) = (ctx.turn.state.uptime(), Caller::from(&session.peer));
    *ctx.turn.mutated = true;
    // Before it is charged: who is put off has made no account.
    if !ctx.turn.state.attempts.has_room(caller) {
        let (code, context) = ("TEMPORARILY_UNAVAILABLE", [name.as_str()]);
        return Err(ctx.failure("REGISTER", code, &context, "sign-up-busy", &variables));
    }
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
    if let Some(key) = account_taken(ctx.turn.state, &name, wearer(ctx, door)) {
        let context = [name.as_str()];
        return Err(ctx.failure("REGISTER", "ACCOUNT_EXISTS", &context, key, &variables));
    }
    let ask = Ask::HashPassword {
        name: name.clone(),
        password,
    };
    enqueue(ctx, name.as_str(), Work::Hash, ask);
    ctx.hold(Then::SignUp { name, door });
    Ok(())
}

pub(crate) fn answered(ctx: &mut Ctx<'_>, name: AccountName, door: SignUpDoor, answer: Answer) {
    // Somebody may have taken the name while the password was being hashed.
    let taken = account_taken(ctx.turn.state, &name, wearer(ctx, door));
    let verifier = match (answer, taken) {
        (Answer::Hashed(verifier), None) => verifier,
        (Answer::Hashed(_), Some(key)) => {
            return not_signed_up(ctx, &name, door, "ACCOUNT_EXISTS", key);
        }
        _ => {
            let peer = &ctx.session().peer;
            if !peer.exempt && door != SignUpDoor::Operator {
                let address = peer.address;
                ctx.turn.state.attempts.not_signed_up(address);
            }
            return not_signed_up(ctx, &name, door, "TEMPORARILY_UNAVAILABLE", "sign-up-busy");
        }
    };
    let id = ctx.id;
    let by_administrator = door == SignUpDoor::Operator;
    let account_name = name.clone();
    let account = create(
        &mut ctx.turn,
        Some(id),
        name.clone(),
        verifier,
        by_administrator,
    );
    let key = if by_administrator {
        "account-made"
    } else {
        "account-created"
    };
    let text = ctx.text_with(key, &[("account", account_name.as_str())]);
    match door {
        SignUpDoor::Register => ctx.line(&format!("REGISTER SUCCESS {name} :{text}")),
        _ => ctx.notice(Some("NickServ"), &text),
    }
    if door == SignUpDoor::Operator {
        let by = ctx.nick();
        let variables = [("by", by.as_str()), ("account", account_name.as_str())];
        ctx.turn
            .tell_operators(Some(id), "notice-account-made", &variables);
        return;
    }
    signed_in(ctx, account, Mechanism::Register, None, None);
    arrive(ctx, account);
}

/// Who may go by the name already: whoever signs up. What an operator goes by is no name for another.
fn wearer(ctx: &Ctx<'_>, door: SignUpDoor) -> Option<UserId> {
    ctx.session().user.filter(|_| door != SignUpDoor::Operator)
}

fn not_signed_up(ctx: &mut Ctx<'_>, name: &AccountName, door: SignUpDoor, code: &str, key: &str) {
    let text = ctx.text_with(key, &[("account", name.as_str())]);
    match door {
        SignUpDoor::Register => ctx.standard("FAIL", "REGISTER", code, &[name.as_str()], &text),
        _ => ctx.notice(Some("NickServ"), &text),
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
    turn.commit(
        &Actor::from(session),
        Fact::AccountCreated {
            account,
            name,
            verifier,
            by_administrator,
        },
    );
    account
}
