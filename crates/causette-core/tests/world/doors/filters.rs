//! The rows of words that are looked for, and of messages that wait.

use super::acts::{Act, Acts, Door, door};
use causette_core::filter::FilterAction;
use causette_core::id::{FilterId, HeldId};
use causette_core::order::Order;
use causette_core::record::Fact;

pub(super) const FILTERS: &[Act] = &[
    Act {
        name: "set a filter",
        people: &[("boss", false)],
        facts: |fact| matches!(fact, Fact::FilterSet(_)),
        cases: &[
            ("done", false),
            ("in a room", false),
            ("no reason", true),
            ("no room", true),
            ("everything", true),
            ("too long", true),
            ("there already", true),
        ],
        doors: &[
            door("CS FILTER ADD", |world, who, case| {
                let room = room(case).map_or(String::new(), |room| format!("{room} "));
                let (words, reason) = (words(case), reason(case));
                let line = format!("CS FILTER ADD mute {room}\"{words}\" {reason}");
                world.say_all(who, &line)
            }),
            Door {
                acts_as: |_| Some(Acts::System),
                ..door("order SetFilter", |world, _, case| {
                    world.obey(Order::SetFilter {
                        pattern: words(case).into(),
                        action: FilterAction::Mute,
                        room: room(case).map(Into::into),
                        reason: reason(case).into(),
                    })
                })
            },
        ],
    },
    Act {
        name: "remove a filter",
        people: &[("boss", false)],
        facts: |fact| matches!(fact, Fact::FilterRemoved { .. }),
        cases: &[("done", false), ("no reason", true), ("no such", true)],
        doors: &[
            door("CS FILTER DEL", |world, who, case| {
                let (number, reason) = (number(case), reason(case));
                world.say_all(who, &format!("CS FILTER DEL {number} {reason}"))
            }),
            Door {
                acts_as: |_| Some(Acts::System),
                ..door("order RemoveFilter", |world, _, case| {
                    world.obey(Order::RemoveFilter {
                        filter: FilterId(number(case)),
                        reason: reason(case).into(),
                    })
                })
            },
        ],
    },
    Act {
        name: "decide about a message",
        people: &[("boss", false)],
        facts: |fact| matches!(fact, Fact::HeldDecided { .. } | Fact::Event { .. }),
        cases: &[("release", false), ("discard", false), ("no such", true)],
        doors: &[
            door("CS FILTER RELEASE", |world, who, case| {
                let (number, word) = (number(case), word(case));
                world.say_all(who, &format!("CS FILTER {word} {number}"))
            }),
            Door {
                acts_as: |_| Some(Acts::System),
                ..door("order DecideHeld", |world, _, case| {
                    world.obey(Order::DecideHeld {
                        held: HeldId(number(case)),
                        release: word(case) == "RELEASE",
                    })
                })
            },
        ],
    },
];

fn words(case: &str) -> String {
    match case {
        "everything" => "* ?".to_owned(),
        "too long" => "a".repeat(101),
        _ => "spam".to_owned(),
    }
}

fn room(case: &str) -> Option<&'static str> {
    match case {
        "in a room" => Some("#room"),
        "no room" => Some("#nowhere"),
        _ => None,
    }
}

fn reason(case: &str) -> &'static str {
    if case == "no reason" { "" } else { "enough" }
}

fn number(case: &str) -> u64 {
    if case == "no such" { 9 } else { 1 }
}

fn word(case: &str) -> &'static str {
    if case == "discard" {
        "DISCARD"
    } else {
        "RELEASE"
    }
}
