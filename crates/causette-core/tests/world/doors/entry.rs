//! The rows of letting in: invitations, and what a program does with its token.

use super::acts::{Act, Acts, Door, door, token, visit};
use crate::world::World;
use causette_core::id::{InvitationId, TokenId};
use causette_core::input::{Credential, Wish};
use causette_core::order::{InvitationTerms, Order};
use causette_core::record::{AccountChange, Fact};
use causette_core::right::{self, Role, Scopes};
use causette_core::secret::Secret;
use causette_core::settings::Registration;

pub(super) const ENTRY: &[Act] = &[
    Act {
        name: "sign up with an invitation",
        people: &[("guest", false), ("alice", true)],
        facts: |_| true,
        cases: &[
            ("invited", false),
            ("without a code", true),
            ("wrong code", true),
            ("used up", true),
            ("over", true),
            ("shut", true),
        ],
        doors: &[
            door("REGISTER", |world, who, case| {
                let code = code(case).unwrap_or("*");
                world.say_all(who, &format!("REGISTER * {code} :correct-horse-battery"))
            }),
            door("NS REGISTER", |world, who, case| {
                let code = code(case).unwrap_or_default();
                world.say_all(who, &format!("NS REGISTER correct-horse-battery {code}"))
            }),
        ],
    },
    Act {
        name: "end an invitation",
        people: &[("boss", false)],
        facts: |fact| matches!(fact, Fact::InvitationEnded { .. }),
        cases: &[("done", false), ("unknown", true), ("no reason", true)],
        doors: &[
            door("order EndInvitation", |world, _, case| {
                world.obey(end_invitation(case))
            }),
            Door {
                acts_as: |_| Some(Acts::Account),
                ..door("wish Order", |world, _, case| {
                    by_program(world, end_invitation(case))
                })
            },
        ],
    },
    Act {
        name: "take a token away",
        people: &[("boss", false)],
        facts: |fact| {
            let Fact::AccountChanged { change, .. } = fact else {
                return false;
            };
            matches!(change, AccountChange::TokenRemoved(_))
        },
        cases: &[("done", false), ("unknown", true), ("no reason", true)],
        doors: &[
            door("order TakeToken", |world, _, case| {
                world.obey(take_token(case))
            }),
            Door {
                acts_as: |_| Some(Acts::Account),
                ..door("wish Order", |world, _, case| {
                    by_program(world, take_token(case))
                })
            },
        ],
    },
];

/// The orders about who is let in, and about programs.
pub(super) fn orders() -> Vec<Order> {
    vec![
        Order::ListInvitations,
        Order::EndInvitation {
            invitation: InvitationId(1),
            reason: "".into(),
        },
        Order::ShowOwnerCode,
        Order::GiveToken {
            account: "".into(),
            name: "".into(),
            scopes: Scopes::default(),
            seconds: 1,
        },
        Order::TakeToken {
            account: "".into(),
            token: TokenId(1),
            reason: "".into(),
        },
        Order::Permit {
            act: right::Act::Inspect,
        },
        Order::EnterReading {
            question: "".into(),
        },
    ]
}

/// Prepares these rows; what is made before has the numbers 1 and 2.
pub(super) fn prepare(world: &mut World, act: &str, case: &str) {
    let invite = |world: &mut World, seconds| {
        let order = Order::Invite {
            address: "irc.test".into(),
            room: None,
            public_key: None,
            terms: Some(InvitationTerms { uses: 1, seconds }),
        };
        world.obey(order);
    };
    match act {
        "sign up with an invitation" => {
            let seconds = (case == "over").then_some(1);
            invite(world, seconds);
            let registration = Some(Registration::Invite);
            world.obey(Order::SetRegistration { registration });
            match case {
                "used up" => {
                    world.greet("first");
                    world.say_all(
                        "first",
                        "NS REGISTER correct-horse-battery 0000-0000-0000-0003",
                    );
                }
                "over" => world.pass(2_000_000),
                "shut" => {
                    let registration = Some(Registration::Closed);
                    world.obey(Order::SetRegistration { registration });
                }
                _ => {}
            }
        }
        "end an invitation" | "take a token away" => {
            let (name, password) = ("robot".into(), Secret::new("correct-horse-battery"));
            world.obey(Order::CreateAccount { name, password });
            let (account, reason) = ("robot".into(), "it helps".into());
            let role = Role::Bot;
            world.obey(Order::GiveRole {
                account,
                role,
                reason,
            });
            world.obey(Order::GiveToken {
                account: "robot".into(),
                name: "watch".into(),
                scopes: Scopes::read("accounts").unwrap(),
                seconds: 3600,
            });
            invite(world, None);
            // That it has asked is noted now, and not at once again.
            by_program(world, Order::ListInvitations);
        }
        _ => {}
    }
}

fn code(case: &str) -> Option<&'static str> {
    match case {
        "without a code" => None,
        "wrong code" => Some("K7QM-2XHD-9RTP-4WJC"),
        _ => Some("0000-0000-0000-0003"),
    }
}

fn reason(case: &str) -> &'static str {
    if case == "no reason" { " " } else { "enough" }
}

fn end_invitation(case: &str) -> Order {
    Order::EndInvitation {
        invitation: InvitationId(if case == "unknown" { 9 } else { 1 }),
        reason: reason(case).into(),
    }
}

fn take_token(case: &str) -> Order {
    Order::TakeToken {
        account: "alice".into(),
        token: TokenId(if case == "unknown" { 9 } else { 1 }),
        reason: reason(case).into(),
    }
}

fn by_program(world: &mut World, order: Order) -> String {
    let (act, order) = ("asked".into(), Box::new(order));
    let credential = Credential::Token(Secret::new(token(3)));
    visit(world, credential, Wish::Order { act, order })
}
