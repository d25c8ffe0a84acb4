//! The rows of what those who run the server do to everybody and to rooms.

use super::acts::{Act, Acts, Door, door};
use causette_core::id::Room;
use causette_core::order::Order;
use causette_core::record::Fact;

pub(super) const ROOMS: &[Act] = &[
    Act {
        name: "alert everybody",
        people: &[("boss", false)],
        facts: |_| true,
        cases: &[("done", false), ("nothing", true), ("too long", true)],
        doors: &[
            door("ALERT", |world, who, case| {
                world.say_all(who, &format!("ALERT :{}", alert_text(case)))
            }),
            Door {
                acts_as: |_| Some(Acts::System),
                ..door("order Alert", |world, _, case| {
                    let text = alert_text(case).into();
                    world.obey(Order::Alert { text, kept: true })
                })
            },
        ],
    },
    Act {
        name: "close a channel",
        people: &[("boss", false)],
        facts: |fact| is_of_room(fact),
        cases: &[("#room", false), ("#nowhere", true), ("no reason", true)],
        doors: &[
            door("CS CLOSE", |world, who, case| {
                let (room, reason) = closed(case);
                world.say_all(who, &format!("CS CLOSE {room} {reason}"))
            }),
            Door {
                acts_as: |fact| of_room_by_system(fact),
                ..door("order CloseRoom", |world, _, case| {
                    let (room, reason) = closed(case);
                    let (room, reason) = (room.into(), reason.into());
                    world.obey(Order::CloseRoom { room, reason })
                })
            },
        ],
    },
    Act {
        name: "take a channel over",
        people: &[("boss", false)],
        facts: |fact| is_of_room(fact),
        cases: &[
            ("bob", false),
            ("alice", true),
            ("nobody", true),
            ("no reason", true),
        ],
        doors: &[
            door("CS TAKEOVER", |world, who, case| {
                let (account, reason) = heir(case);
                world.say_all(who, &format!("CS TAKEOVER #room {account} {reason}"))
            }),
            Door {
                acts_as: |fact| of_room_by_system(fact),
                ..door("order TakeOverRoom", |world, _, case| {
                    let (to, reason) = heir(case);
                    let (room, to, reason) = ("#room".into(), to.into(), reason.into());
                    world.obey(Order::TakeOverRoom { room, to, reason })
                })
            },
        ],
    },
];

/// Whether a fact tells of a channel. What the administration writes to its owner bears the name of who asked for it.
fn is_of_room(fact: &Fact) -> bool {
    match fact {
        Fact::Event { rooms, .. } => rooms.iter().all(|room| matches!(room, Room::Channel(_))),
        Fact::RoomRegistered { .. } | Fact::RoomUnregistered { .. } | Fact::RoomClosed { .. } => {
            true
        }
        _ => false,
    }
}

/// That a channel closes when nobody is in it any more, the server sees to, whoever emptied it.
fn of_room_by_system(fact: &Fact) -> Option<Acts> {
    let closes = matches!(fact, Fact::RoomClosed { .. });
    (!closes).then_some(Acts::System)
}

fn alert_text(case: &str) -> String {
    match case {
        "nothing" => " ".to_owned(),
        "too long" => "x".repeat(490),
        _ => "The server moves tonight.".to_owned(),
    }
}

fn closed(case: &str) -> (&str, &'static str) {
    match case {
        "no reason" => ("#room", ""),
        room => (room, "spam and nothing else"),
    }
}

fn heir(case: &str) -> (&str, &'static str) {
    match case {
        "no reason" => ("bob", ""),
        account => (account, "its owner is gone"),
    }
}
