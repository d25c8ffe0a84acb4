//! Where everybody is before an act.

use super::acts::token;
use super::entry::prepare;
use super::files::{self, WITH_FILE};
use crate::settings::settings;
use crate::world::World;
use causette_core::input::{By, Input};
use causette_core::limits::{SIGN_IN_FAILURES_FREE, TOKENS};
use causette_core::order::Order;
use causette_core::reserved::ReservedNames;
use causette_core::settings::Registration;
use causette_text::Language;

/// Who has a device.
const OWNERS: [&str; 2] = ["alice", "boss"];

/// Everybody at their place, before an act in a circumstance.
pub(super) fn stage(act: &str, case: &str) -> World {
    let mut settings = settings();
    settings.auto_join.clear();
    settings.language = Language::En;
    let mut world = World::new(settings.clone());
    for name in ["alice", "bob", "boss"] {
        // One address may not sign up so many.
        world.place += 1;
        world.arrive(name, "");
    }
    world.place = 99;
    world.greet("guest");
    world.greet("stranger");
    let all = |world: &mut World, line: &str| {
        for name in OWNERS {
            world.say_all(name, line);
        }
    };
    all(&mut world, "DEVICE ADD :telephone");
    world.say_all("alice", "JOIN #room");
    world.say_all("alice", "CS REGISTER #room");
    world.say_all("bob", "JOIN #room");
    world.say_all("boss", "OPER boss :operator's secret");
    match (act, case) {
        ("sign in", "taken back") => drop(world.say_all("alice", "DEVICE DEL 1")),
        ("sign in", "elsewhere" | "token elsewhere") => {
            world.say_all("alice", "NS SET login here");
        }
        ("sign in", "throttled") => {
            for _ in 0..SIGN_IN_FAILURES_FREE + 1 {
                world.say_all("stranger", "NS IDENTIFY alice wrong");
            }
        }
        ("sign up", "often") => {
            for name in ["one", "two", "three", "four", "five", "six"] {
                world.greet(name);
                world.say_all(name, "NS REGISTER correct-horse-battery");
            }
        }
        ("give a device a token", "too many") => {
            for _ in 1..TOKENS {
                all(&mut world, "DEVICE ADD :another");
            }
        }
        ("approve an account" | "refuse an account", _) => let_carol_wait(&mut world),
        ("sign in", "waits") => {
            let_carol_wait(&mut world);
            world.drop_session(world.names["carol"]);
            world.settle();
        }
        ("make an account", "worn") => drop(world.say_all("alice", "NICK ally")),
        ("choose a language", "default") => all(&mut world, "LANGUAGE fr"),
        ("take a token back", "in use") => {
            for (index, name) in OWNERS.into_iter().enumerate() {
                let telephone = format!("{name}'s telephone");
                world.connect(&telephone);
                let pass = format!("PASS :{name}:{}", token(index + 1));
                for line in [&*pass, &format!("NICK {name}"), "USER telephone 0 * :T"] {
                    world.say_all(&telephone, line);
                }
            }
        }
        ("ban somebody", "there already") => {
            world.say_all("boss", "UBAN ADD bob 1h :before");
        }
        ("mute somebody", "there already") => {
            world.say_all("boss", "MUTE bob 1h :before");
        }
        ("set a filter", "there already") => {
            world.say_all("boss", "CS FILTER ADD warn spam before");
        }
        ("remove a filter", _) => drop(world.say_all("boss", "CS FILTER ADD warn spam before")),
        ("decide about a message", _) => {
            world.say_all("boss", "CS FILTER ADD hold spam before");
            world.say_all("bob", "PRIVMSG #room :spam");
        }
        ("lift a mute" | "lift a mute by name", _) => {
            drop(world.say_all("boss", "MUTE bob 1h :before"))
        }
        ("lift a ban" | "lift a ban by name", _) => {
            drop(world.say_all("boss", "UBAN ADD bob 1h :before"))
        }
        ("take a token back", "set for it") => all(&mut world, "NS SET REPLAY 9 1"),
        (act, case) if WITH_FILE.contains(&act) => files::prepare(&mut world, act, case),
        _ => prepare(&mut world, act, case),
    }
    match case {
        "right anew" => settings.scram = true,
        "closed" => settings.registration = Registration::Closed,
        "reserved" => settings.reserved_names = ReservedNames::of(["guest"]),
        _ => return world,
    }
    let (by, result) = (By::Server, Ok(Box::new(settings)));
    world.input(Input::Reloaded { by, result });
    world.settle();
    world
}

/// Somebody has signed up and waits to be approved.
fn let_carol_wait(world: &mut World) {
    let registration = Some(Registration::Approve);
    world.obey(Order::SetRegistration { registration });
    world.greet("carol");
    world.say_all("carol", "REGISTER * * correct-horse-battery");
}
