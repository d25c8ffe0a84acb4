//! The rows of keeping order: who is put out, kept out or silenced.

use super::acts::{Act, Acts, Door, door};
use crate::world::World;
use causette_core::id::SanctionId;
use causette_core::order::Order;
use causette_core::record::Fact;
use causette_core::sanction::SanctionKind;
use causette_proto::CompactString;

pub(super) const SANCTIONS: &[Act] = &[
    Act {
        name: "end somebody's connections",
        people: &[("boss", false)],
        facts: |fact| matches!(fact, Fact::Killed { .. }),
        cases: &[("done", false), ("no reason", true), ("nobody", true)],
        doors: &[
            door("KILL", |world, who, case| {
                let (nick, reason) = (touched(case), why(case));
                world.say_all(who, &format!("KILL {nick}{reason}"))
            }),
            Door {
                own_words: &["no reason"],
                acts_as: |_| Some(Acts::System),
                ..door("order Kick", |world, _, case| {
                    let (nick, room) = (touched(case).into(), None);
                    let reason = reason(case);
                    world.obey(Order::Kick { nick, room, reason })
                })
            },
        ],
    },
    Act {
        name: "ban somebody",
        people: &[("boss", false)],
        facts: is_sanction,
        cases: SANCTION_CASES,
        doors: &[
            door("UBAN ADD", |world, who, case| {
                let (whom, reason) = (touched(case), why(case));
                let duration = duration(case);
                world.say_all(who, &format!("UBAN ADD {whom} {duration}{reason}"))
            }),
            Door {
                own_words: &["no reason"],
                ..door("KLINE", |world, who, case| {
                    let (whom, reason) = (touched(case), why(case));
                    let duration = duration(case);
                    world.say_all(who, &format!("KLINE {duration} {whom}{reason}"))
                })
            },
            Door {
                own_words: &["no reason"],
                ..door("DLINE", |world, who, case| {
                    let (whom, reason) = (touched(case), why(case));
                    let duration = duration(case);
                    world.say_all(who, &format!("DLINE {whom} {duration}{reason}"))
                })
            },
            Door {
                own_words: &["no reason", "everybody"],
                acts_as: |_| Some(Acts::System),
                ..door("order Sanction", |world, _, case| {
                    sanction(world, SanctionKind::Ban, case)
                })
            },
        ],
    },
    Act {
        name: "mute somebody",
        people: &[("boss", false)],
        facts: is_sanction,
        cases: SANCTION_CASES,
        doors: &[
            door("MUTE", |world, who, case| {
                let (whom, reason) = (touched(case), why(case));
                let duration = duration(case);
                world.say_all(who, &format!("MUTE {whom} {duration}{reason}"))
            }),
            Door {
                own_words: &["no reason", "everybody"],
                acts_as: |_| Some(Acts::System),
                ..door("order Sanction", |world, _, case| {
                    sanction(world, SanctionKind::Mute, case)
                })
            },
        ],
    },
    Act {
        name: "lift a ban",
        people: &[("boss", false)],
        facts: is_sanction,
        cases: &[("done", false), ("no reason", true), ("no such", true)],
        doors: &[
            door("UBAN DEL", |world, who, case| {
                let (number, reason) = (sanction_number(case), why(case));
                world.say_all(who, &format!("UBAN DEL {number}{reason}"))
            }),
            Door {
                own_words: &["no reason"],
                ..door("UNKLINE", |world, who, case| {
                    let (number, reason) = (sanction_number(case), why(case));
                    world.say_all(who, &format!("UNKLINE {number}{reason}"))
                })
            },
            Door {
                own_words: &["no reason"],
                ..door("UNDLINE", |world, who, case| {
                    let (number, reason) = (sanction_number(case), why(case));
                    world.say_all(who, &format!("UNDLINE {number}{reason}"))
                })
            },
            Door {
                own_words: &["no reason"],
                acts_as: |_| Some(Acts::System),
                ..door("order Lift", |world, _, case| {
                    let (number, reason) = (sanction_number(case), reason(case));
                    let sanction = SanctionId(number);
                    world.obey(Order::Lift { sanction, reason })
                })
            },
        ],
    },
    Act {
        name: "lift a mute",
        people: &[("boss", false)],
        facts: is_sanction,
        cases: &[("done", false), ("no reason", true), ("no such", true)],
        doors: &[
            door("UNMUTE", |world, who, case| {
                let (number, reason) = (sanction_number(case), why(case));
                world.say_all(who, &format!("UNMUTE {number}{reason}"))
            }),
            Door {
                own_words: &["no reason"],
                acts_as: |_| Some(Acts::System),
                ..door("order Lift", |world, _, case| {
                    let (number, reason) = (sanction_number(case), reason(case));
                    let sanction = SanctionId(number);
                    world.obey(Order::Lift { sanction, reason })
                })
            },
        ],
    },
    Act {
        name: "lift a ban by name",
        people: &[("boss", false)],
        facts: is_sanction,
        cases: &[("done", false), ("no reason", true), ("nobody", true)],
        doors: &[
            door("UBAN DEL", |world, who, case| {
                let (whom, reason) = (touched(case), why(case));
                world.say_all(who, &format!("UBAN DEL {whom}{reason}"))
            }),
            Door {
                own_words: &["no reason"],
                acts_as: |_| Some(Acts::System),
                ..door("order LiftFrom", |world, _, case| {
                    lift_from(world, SanctionKind::Ban, case)
                })
            },
        ],
    },
    Act {
        name: "lift a mute by name",
        people: &[("boss", false)],
        facts: is_sanction,
        cases: &[("done", false), ("no reason", true), ("nobody", true)],
        doors: &[
            door("UNMUTE", |world, who, case| {
                let (whom, reason) = (touched(case), why(case));
                world.say_all(who, &format!("UNMUTE {whom}{reason}"))
            }),
            Door {
                own_words: &["no reason"],
                acts_as: |_| Some(Acts::System),
                ..door("order LiftFrom", |world, _, case| {
                    lift_from(world, SanctionKind::Mute, case)
                })
            },
        ],
    },
];

/// In which circumstances somebody is banned or muted.
const SANCTION_CASES: &[(&str, bool)] = &[
    ("done", false),
    ("a range", false),
    ("a mask", false),
    ("no reason", true),
    ("nobody", true),
    ("everybody", true),
    ("there already", true),
    ("no time", true),
];

fn is_sanction(fact: &Fact) -> bool {
    matches!(fact, Fact::Sanctioned(_) | Fact::SanctionLifted { .. })
}

/// Who is touched.
fn touched(case: &str) -> &'static str {
    match case {
        "nobody" => "nobody",
        "a range" => "203.0.113.0/24",
        "a mask" => "bob!*@*",
        "everybody" => "*!*@*",
        _ => "bob",
    }
}

fn duration(case: &str) -> &'static str {
    if case == "no time" { "0s" } else { "1h" }
}

fn reason(case: &str) -> CompactString {
    let reason = if case == "no reason" { "" } else { "enough" };
    reason.into()
}

/// The reason as it stands behind the rest of a line.
fn why(case: &str) -> String {
    match reason(case).as_str() {
        "" => String::new(),
        reason => format!(" :{reason}"),
    }
}

fn sanction(world: &mut World, kind: SanctionKind, case: &str) -> String {
    world.obey(Order::Sanction {
        kind,
        whom: touched(case).into(),
        room: None,
        seconds: Some(if case == "no time" { 0 } else { 3600 }),
        reason: reason(case),
    })
}

fn lift_from(world: &mut World, kind: SanctionKind, case: &str) -> String {
    world.obey(Order::LiftFrom {
        kind,
        whom: touched(case).into(),
        room: None,
        reason: reason(case),
    })
}

fn sanction_number(case: &str) -> u64 {
    if case == "no such" { 9 } else { 1 }
}
