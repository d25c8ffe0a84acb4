//! The e-mail address of an account: kept where one is asked for, and nothing is sent to it.

use crate::account::own;
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::id::AccountId;
use crate::limits;
use crate::settings::Settings;
use crate::state::account::Setting;
use crate::turn::Turn;
use causette_proto::CompactString;

/// The address that somebody gives who signs up, where it is to be kept; nothing where none is asked for. `*` stands for none.
pub(crate) fn given(
    settings: &Settings,
    account: &str,
    text: &str,
) -> Result<Option<CompactString>, Denied> {
    let refused = |key| {
        let variables = [("account", account)];
        Err(Denied::new(Why::BadEmail, key, &variables))
    };
    match (settings.email_required, text) {
        (true, "*" | "") => refused("email-needed"),
        (true, _) if !is_address(text) => refused("email-needed-invalid"),
        (false, "*" | "") => Ok(None),
        (false, _) if !is_address(text) => refused("email-invalid"),
        (true, _) => Ok(Some(text.into())),
        (false, _) => Ok(None),
    }
}

/// Whether something has the form of an address. That somebody reads there what is sent is proved by sending something.
pub(crate) fn is_address(text: &str) -> bool {
    let Some((person, host)) = text.rsplit_once('@') else {
        return false;
    };
    let is_written = |char: char| !char.is_whitespace() && !char.is_control();
    let is_label = |label: &str| {
        let is_of_name = |char: char| char.is_alphanumeric() || char == '-';
        (1..=63).contains(&label.len()) && label.chars().all(is_of_name)
    };
    text.len() <= limits::EMAIL_BYTES
        && (1..=64).contains(&person.len())
        && person
            .chars()
            .all(|char| is_written(char) && !"@,;:<>()".contains(char))
        && host.split('.').all(is_label)
}

/// Keeps another address of an account; an empty one takes it away.
pub(crate) fn change(
    turn: &mut Turn<'_>,
    actor: &Actor,
    account: AccountId,
    address: &str,
) -> Result<(), Denied> {
    let name = turn.state.accounts()[&account].name.clone();
    if !turn.settings.email_required && !address.is_empty() {
        return Err(Denied::new(Why::BadEmail, "email-not-kept", &[]));
    }
    given(turn.settings, name.as_str(), address)?;
    keep(turn, actor, account, address);
    Ok(())
}

/// Keeps the address of an account.
pub(crate) fn keep(turn: &mut Turn<'_>, actor: &Actor, account: AccountId, address: &str) {
    let name = CompactString::const_new(Setting::Email.name());
    own::keep(turn, actor, account, name, address.into());
}

#[cfg(test)]
mod tests {
    use super::is_address;

    #[test]
    fn an_address_is_known_by_its_form() {
        for text in [
            "a@b",
            "alice@example.org",
            "élise.o'hara+chat@école.example",
            "a_b-c.d@sub.example-1.org",
        ] {
            assert!(is_address(text), "{text}");
        }
        let long = format!("{}@example.org", "a".repeat(65));
        let longer = format!("a@{}org", "example.".repeat(40));
        for text in [
            "",
            "*",
            "alice",
            "@example.org",
            "alice@",
            "a@b@c",
            "a b@c",
            "a@b c",
            "a@b..c",
            "a@.b",
            "a@b_c",
            "a,b@c",
            "<a@b>",
            "a@b>",
            "a\u{7}@b",
            &long,
            &longer,
        ] {
            assert!(!is_address(text), "{text}");
        }
    }
}
