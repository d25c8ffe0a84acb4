//! Who may sign up, from where one signs in, what clients may send beside messages, and where those who run the server meet.

use super::*;
use causette_core::limits::LOGIN_RANGES;
use causette_core::login::LoginPolicy;
use causette_core::settings::Registration;

#[test]
fn sign_ups_may_be_by_invitation_and_the_room_of_those_who_run_the_server_another_or_none() {
    let read = |text: &str| Config::parse(text).unwrap().settings;
    for one in Registration::ALL {
        let text = format!("[accounts]\nregistration = \"{}\"", one.name());
        assert_eq!(read(&text).registration, one);
    }
    let room = |name: &str| format!("[server]\nadministration_room = \"{name}\"");
    let named = read(&room("#Régie")).administration_room;
    assert_eq!(named.unwrap().as_str(), "#Régie");
    assert_eq!(read(&room("")).administration_room, None);
    let wrong = mistakes(&room("regie"));
    assert_eq!(wrong[0].key, "server.administration_room");
}

#[test]
fn new_accounts_are_signed_in_to_from_anywhere_from_some_addresses_or_from_where_they_were_made() {
    let accounts = |login: &str| format!("[accounts]\nlogin = {login}");
    let read = |login: &str| Config::parse(&accounts(login)).unwrap().settings.login;
    assert_eq!(Config::default().settings.login, LoginPolicy::Any);
    for (login, policy) in [
        ("\"any\"", "any"),
        ("\"pin-first\"", "pin-first"),
        (
            "[\"192.0.2.7\", \"2001:db8::/32\"]",
            "192.0.2.7,2001:db8::/32",
        ),
    ] {
        assert_eq!(read(login), LoginPolicy::read(policy).unwrap());
    }
    let many = (0..=LOGIN_RANGES).map(|last| format!("\"192.0.2.{last}\", "));
    let many = format!("[{}]", many.collect::<String>());
    for wrong in [
        "\"pinned\"",
        "\"192.0.2.7\"",
        "[\"any\"]",
        "[\"192.0.2.0/33\"]",
        "[]",
        "[1]",
        "true",
        &many,
    ] {
        let (key, line, problem) = mistake(&accounts(wrong));
        assert_eq!((key.as_str(), line), ("accounts.login", 2), "{wrong}");
        let Problem::Expected(rule) = problem else {
            panic!("{problem:?}")
        };
        for language in Language::ALL {
            let said = rule.message(language);
            assert!(said.contains("pin-first") && said.contains("16"), "{said}");
        }
    }
    // The nearest key is named.
    let (key, _, problem) = mistake("[accounts]\nlogins = \"any\"");
    assert_eq!(
        (key.as_str(), problem),
        ("accounts.logins", Problem::Unknown("login"))
    );
}

#[test]
fn tags_of_clients_are_denied_by_name_or_but_these() {
    let denied = |list: &str| Config::parse(&format!("[server]\nclient_tags_denied = {list}"));
    for list in [r"[]", r#"["typing"]"#, r#"["*", "-reply", "-draft/react"]"#] {
        let denied = denied(list).unwrap().settings.client_tags_denied;
        assert_eq!(denied.is_empty(), list == "[]", "{list}");
    }
    for list in [
        r#"["+typing"]"#,
        r#"["typing", "typing"]"#,
        r#"["*", "reply"]"#,
    ] {
        let mistakes = denied(list).unwrap_err();
        let keys = mistakes.iter().map(|mistake| mistake.key.as_str());
        assert!(keys.eq(["server.client_tags_denied"]), "{list}");
    }
}
