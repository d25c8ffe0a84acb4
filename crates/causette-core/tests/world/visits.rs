//! What is asked by HTTP in the name of an account: the same rules judge it as a session's sign-in.

use crate::settings::settings;
use crate::world::World;
use causette_core::id::{SessionId, TokenId};
use causette_core::input::{By, Credential, Input, Visit, Wish};
use causette_core::order::Order;
use causette_core::output::{Done, Fault, Undone};
use causette_core::secret::Secret;
use causette_text::Language;
use std::net::IpAddr;

const PASSWORD: &str = "correct-horse-battery";

fn password(name: &str, password: &str) -> Credential {
    Credential::Password {
        name: name.into(),
        password: Secret::new(password),
    }
}

fn token(text: &str) -> Credential {
    Credential::Token(Secret::new(text))
}

/// Asks for something from another address than the sessions', and gives the answer.
fn visit(world: &mut World, credential: Credential, wish: Wish) -> Result<Done, Fault> {
    visit_told(world, credential, wish).map_err(|Undone { fault, text }| {
        assert!(!text.is_empty());
        fault
    })
}

/// The same, with what is told where it is refused.
fn visit_told(world: &mut World, credential: Credential, wish: Wish) -> Result<Done, Undone> {
    let ticket = world.visited.len() as u64;
    let visit = Visit {
        address: IpAddr::from([192, 0, 2, 99]),
        exempt: false,
        language: Language::Fr,
        credential,
        wish,
    };
    world.input(Input::Visit { ticket, visit });
    world.settle();
    let (answered, result) = world.visited.last().unwrap().clone();
    assert_eq!(answered, ticket);
    result
}

fn account(name: &str, device: Option<(u64, &str)>) -> Result<Done, Fault> {
    Ok(Done::Account {
        name: name.into(),
        device: device.map(|(id, name)| (TokenId(id), name.into())),
    })
}

/// Gives a session's account a device, and its token back.
fn add(world: &mut World, session: SessionId, name: &str) -> String {
    world.clear();
    world.say(session, &format!("DEVICE ADD :{name}"));
    world.settle();
    let line = world.inboxes[&session].last().unwrap();
    let word = line.split(' ').find(|word| word.starts_with("causette_"));
    word.unwrap().to_owned()
}

#[test]
fn a_token_and_a_password_tell_whose_they_are() {
    let mut world = World::new(settings());
    let alice = world.arrive("alice", "");
    world.arrive("bob", "");
    let phone = add(&mut world, alice, "phone");
    let of_phone = account("alice", Some((1, "phone")));
    let mut ask = |credential| visit(&mut world, credential, Wish::Account);
    assert_eq!(ask(token(&phone)), of_phone);
    assert_eq!(ask(password("ALICE", &phone)), of_phone);
    let by_password = password("alice@web", PASSWORD);
    assert_eq!(ask(by_password), account("alice", None));
    for wrong in [
        password("alice", "wrong-horse-battery"),
        password("nobody", PASSWORD),
        password("bob", &phone),
    ] {
        assert_eq!(ask(wrong), Err(Fault::Refused));
    }
    assert_eq!(ask(token(PASSWORD)), Err(Fault::Refused));
    let row = world.memory.accounts.values().next().unwrap();
    let address = Some(IpAddr::from([192, 0, 2, 99]));
    assert_eq!(row.tokens[0].last_address, address);
    assert_eq!(row.devices[0].name, "web");
}

/// What was found right of a password opens nothing once it is another: neither right nor wrong, it is to be tried again.
#[test]
fn a_password_that_is_changed_while_it_is_checked_opens_nothing() {
    for scram in [false, true] {
        let mut world = World::new(settings());
        world.arrive("alice", "");
        let mut settings = world.core.settings().clone();
        settings.scram = scram;
        world.input(Input::Reloaded {
            by: By::Server,
            result: Ok(Box::new(settings)),
        });
        let first = Visit {
            address: IpAddr::from([192, 0, 2, 99]),
            exempt: false,
            language: Language::En,
            credential: password("alice", PASSWORD),
            wish: Wish::Account,
        };
        world.input(Input::Visit {
            ticket: 0,
            visit: first,
        });
        world.commit();
        let verdict = world.due.pop_front().unwrap();
        let order = Order::ResetPassword {
            name: "alice".into(),
            password: Some(Secret::new("given-by-the-administrator")),
        };
        world.order(1, order);
        world.settle();
        world.input(verdict);
        world.settle();
        let (_, result) = world.visited.pop().unwrap();
        assert_eq!(result.unwrap_err().fault, Fault::Busy);
        let asked = visit(&mut world, password("alice", PASSWORD), Wish::Account);
        assert_eq!(asked, Err(Fault::Refused));
        let given = password("alice", "given-by-the-administrator");
        let asked = visit(&mut world, given, Wish::Account);
        assert_eq!(asked, account("alice", None));
    }
}

/// A one-time code opens nothing, and what is told gives away neither that there is one nor whose it is.
#[test]
fn a_code_opens_nothing_and_is_not_told_from_what_is_wrong() {
    let mut world = World::new(settings());
    world.arrive("alice", "");
    let order = Order::ResetPassword {
        name: "alice".into(),
        password: None,
    };
    world.order(1, order);
    world.settle();
    let mut ask = |name, secret| {
        let told = visit_told(&mut world, password(name, secret), Wish::Account);
        let Undone { fault, text } = told.unwrap_err();
        assert_eq!(fault, Fault::Refused);
        text
    };
    let by_code = ask("alice", "0000-0000-0000-0001");
    assert!(by_code.contains("code à usage unique"), "{by_code}");
    assert_eq!(ask("alice", "wrong-horse-battery"), by_code);
    assert_eq!(ask("nobody", "0000-0000-0000-0001"), by_code);
    // It still opens the account to a client.
    let client = world.connect("client");
    for line in ["PASS alice:0000-0000-0000-0001", "NICK a", "USER a 0 * :a"] {
        world.say(client, line);
    }
    world.settle();
    let seen = &world.inboxes[&client];
    assert!(seen.iter().any(|line| line.contains(" 900 ")), "{seen:#?}");
    // Each time counts as a failure.
    let by_code = || password("alice", "0000-0000-0000-0001");
    let mut asked = (0..9).map(|_| visit(&mut world, by_code(), Wish::Account));
    assert!(asked.any(|told| matches!(told, Err(Fault::Wait { .. }))));
}

#[test]
fn who_guesses_must_wait() {
    let mut world = World::new(settings());
    world.arrive("alice", "");
    let mut ask = |credential| visit(&mut world, credential, Wish::Account);
    for _ in 0..5 {
        let guess = password("alice", "wrong-horse-battery");
        assert_eq!(ask(guess), Err(Fault::Refused));
    }
    let waits = Err(Fault::Wait { seconds: 2 });
    assert_eq!(ask(password("alice", PASSWORD)), waits);
    // Nobody guesses a token, so nobody waits with one.
    let forged = token("causette_forged");
    assert_eq!(ask(forged), Err(Fault::Refused));
}

#[test]
fn a_device_is_removed_by_its_owner_and_its_sessions_end() {
    let mut world = World::new(settings());
    let (alice, bob) = (world.arrive("alice", ""), world.arrive("bob", ""));
    let phone = add(&mut world, alice, "phone");
    let desk = add(&mut world, alice, "desk");
    let bobs = add(&mut world, bob, "phone");
    let on_phone = world.connect("on phone");
    for line in [&format!("PASS alice:{phone}"), "NICK a", "USER a 0 * :a"] {
        world.say(on_phone, line);
    }
    world.settle();
    let remove = |id: u64| Wish::RemoveDevice(id.to_string().into());
    assert_eq!(
        visit(&mut world, token(&bobs), remove(2)),
        Err(Fault::Unknown)
    );
    // What was asked for is named, whatever it is.
    for id in ["abc", "0", "-1", "99999999999999999999"] {
        let told = visit_told(&mut world, token(&desk), Wish::RemoveDevice(id.into()));
        let Undone { fault, text } = told.unwrap_err();
        assert_eq!(fault, Fault::Unknown);
        assert!(text.contains(&format!(" {id} ")), "{text}");
    }
    assert_eq!(
        visit(&mut world, token(&desk), remove(1)),
        Ok(Done::Removed)
    );
    let seen = &world.inboxes[&on_phone];
    assert!(
        seen.iter().any(|line| line.starts_with("ERROR :")),
        "{seen:#?}"
    );
    assert_eq!(
        visit(&mut world, token(&phone), Wish::Account),
        Err(Fault::Refused)
    );
    // And its own, as who signs out does.
    assert_eq!(
        visit(&mut world, token(&desk), remove(2)),
        Ok(Done::Removed)
    );
    assert_eq!(
        visit(&mut world, token(&desk), remove(2)),
        Err(Fault::Refused)
    );
}

#[test]
fn nothing_is_answered_while_nothing_can_be_recorded() {
    let mut world = World::new(settings());
    let alice = world.arrive("alice", "");
    let phone = add(&mut world, alice, "phone");
    world.recorder_works = false;
    world.say(alice, "PRIVMSG #general :is the disk full?");
    world.settle();
    let unavailable = Err(Fault::Unavailable);
    assert_eq!(visit(&mut world, token(&phone), Wish::Account), unavailable);
    world.recorder_works = true;
    world.settle();
    let of_phone = account("alice", Some((1, "phone")));
    assert_eq!(visit(&mut world, token(&phone), Wish::Account), of_phone);
}
