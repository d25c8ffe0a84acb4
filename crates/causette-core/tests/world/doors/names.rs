//! The rows of who gives accounts and channels another name.

use super::acts::{Act, Acts, Door, door};
use causette_core::order::Order;
use causette_core::record::{AccountChange, Fact};

pub(super) const NAMES: &[Act] = &[
    Act {
        name: "rename an account",
        people: &[("boss", false)],
        facts: |fact| {
            let changed = |change: &AccountChange| matches!(change, AccountChange::Renamed { .. });
            matches!(fact, Fact::AccountChanged { change, .. } if changed(change))
        },
        cases: &[
            ("robert", false),
            ("BOB", false),
            ("alice", true),
            ("bob", true),
            ("root", true),
            ("ChanServ", true),
            ("no reason", true),
            ("nobody", true),
        ],
        doors: &[
            door("NS RENAME", |world, who, case| {
                let (account, name, reason) = renamed(case);
                world.say_all(who, &format!("NS RENAME {account} {name} {reason}"))
            }),
            Door {
                acts_as: |_| Some(Acts::System),
                ..door("order RenameAccount", |world, _, case| {
                    let (account, name, reason) = renamed(case);
                    world.obey(Order::RenameAccount {
                        account: account.into(),
                        name: name.into(),
                        reason: reason.into(),
                    })
                })
            },
        ],
    },
    Act {
        name: "rename a channel",
        people: &[("boss", false)],
        facts: |fact| matches!(fact, Fact::RoomRenamed { .. }),
        cases: &[
            ("#other", false),
            ("#ROOM", false),
            ("#room", true),
            ("#administration", true),
            ("room", true),
            ("no reason", true),
            ("nowhere", true),
        ],
        doors: &[
            door("RENAME", |world, who, case| {
                let (room, name, reason) = renamed_room(case);
                world.say_all(who, &format!("RENAME {room} {name} :{reason}"))
            }),
            Door {
                acts_as: |_| Some(Acts::System),
                ..door("order RenameRoom", |world, _, case| {
                    let (room, name, reason) = renamed_room(case);
                    world.obey(Order::RenameRoom {
                        room: room.into(),
                        name: name.into(),
                        reason: reason.into(),
                    })
                })
            },
        ],
    },
];

fn renamed(case: &str) -> (&'static str, &str, &'static str) {
    match case {
        "no reason" => ("bob", "robert", ""),
        "nobody" => ("nobody", "robert", "because"),
        name => ("bob", name, "because"),
    }
}

fn renamed_room(case: &str) -> (&'static str, &str, &'static str) {
    match case {
        "no reason" => ("#room", "#other", " "),
        "nowhere" => ("#nowhere", "#other", "because"),
        name => ("#room", name, "because"),
    }
}
