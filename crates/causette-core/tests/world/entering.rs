//! What the simulator does about who is let in: invitations, the first owner, programs with tokens.

use crate::random::Random;
use crate::world::World;
use causette_core::id::{InvitationId, TokenId};
use causette_core::input::{Credential, Input, Visit, Wish};
use causette_core::order::{InvitationTerms, Order};
use causette_core::right::{Scope, Scopes};
use causette_core::secret::Secret;
use causette_proto::CompactString;
use causette_text::Language;
use std::net::IpAddr;

/// Something about who is let in, of an account.
pub(crate) fn order(random: &mut Random, account: CompactString) -> Order {
    let reason = CompactString::const_new("enough");
    match random.below(8) {
        0..3 => Order::Invite {
            address: "irc.test".into(),
            room: random.chance(50).then(|| "#general".into()),
            public_key: None,
            terms: random.chance(90).then(|| InvitationTerms {
                uses: 1 + random.below(2) as u32,
                seconds: random.chance(50).then(|| 1 + random.below(4) as u64),
            }),
        },
        3 => Order::EndInvitation {
            invitation: InvitationId(1 + random.below(4) as u64),
            reason,
        },
        4 => Order::ShowOwnerCode,
        5 => Order::TakeToken {
            account,
            token: TokenId(1 + random.below(3) as u64),
            reason,
        },
        _ => Order::GiveToken {
            account,
            name: "program".into(),
            scopes: Scopes::read(Scope::ALL[random.below(Scope::ALL.len())].name()).unwrap(),
            seconds: 1 + random.below(9) as u64,
        },
    }
}

/// The number of something that was made lately: a code or a token.
fn made(world: &World, random: &mut Random) -> u64 {
    world.tokens.saturating_sub(random.below(4) as u64)
}

/// What stands in the place of the e-mail address where somebody signs up.
pub(crate) fn code(world: &World, random: &mut Random) -> String {
    if random.chance(60) {
        return "*".to_owned();
    }
    format!("{:0>16}", made(world, random))
}

/// A program gives an order, with a token that may be one.
pub(crate) fn visit(world: &mut World, random: &mut Random, account: CompactString) {
    let token = format!("causette_{:A>43}", made(world, random));
    let wish = if random.chance(80) {
        Wish::Order {
            act: "order".into(),
            order: Box::new(order(random, account)),
        }
    } else {
        Wish::Account
    };
    let visit = Visit {
        address: IpAddr::from([192, 0, 2, 9]),
        exempt: false,
        language: Language::En,
        credential: Credential::Token(Secret::new(token)),
        wish,
    };
    let ticket = world.visited.len() as u64 + 1;
    world.input(Input::Visit { ticket, visit });
}
