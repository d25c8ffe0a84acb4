//! What the administrator does in the simulation.

use super::{PEOPLE, ROOMS, Simulation};
use crate::entering;
use causette_core::id::SanctionId;
use causette_core::order::Order;
use causette_core::right::Role;
use causette_core::sanction::SanctionKind;
use causette_core::secret::Secret;
use causette_core::settings::Registration;
use causette_proto::CompactString;

impl Simulation {
    /// What the administrator does with an account.
    pub(super) fn administer(&mut self) {
        let name = CompactString::from(self.random.one_of(&PEOPLE));
        let password = Secret::new(format!("password-of-{name}"));
        let room = CompactString::from(self.random.one_of(&ROOMS));
        self.said += 1;
        let text = CompactString::from(format!("m{}", self.said));
        let (account, reason) = (name.clone(), CompactString::const_new("why"));
        let order = match self.random.below(28) {
            0..3 => Order::CreateAccount { name, password },
            3..5 => Order::ResetPassword {
                password: self.random.chance(50).then_some(password),
                name,
            },
            5..8 => Order::GiveRole {
                account,
                role: Role::ALL[self.random.below(Role::ALL.len())],
                reason,
            },
            8 => Order::EndSessions { account, reason },
            9 => Order::DropAccount { account, reason },
            10 => Order::Approve { account },
            11 => Order::Refuse { account, reason },
            12 => Order::Alert {
                text,
                kept: self.random.below(2) == 0,
            },
            13 => Order::Write { to: name, text },
            14 => Order::CloseRoom { room, reason: text },
            15 => Order::TakeOverRoom {
                room,
                to: name,
                reason: text,
            },
            16 => entering::order(&mut self.random, account),
            17 => return entering::visit(&mut self.world, &mut self.random, account),
            18..24 => self.keep_order(name),
            26 => Order::Unlock { account, reason },
            27 => Order::SetLogin {
                account,
                login: self
                    .random
                    .one_of(&["any", "pin-first", "192.0.2.0/30", "2001:db8::/32"])
                    .into(),
                reason,
            },
            // In other letters, so that whoever has it still finds the way in.
            24 => Order::RenameAccount {
                name: match self.random.chance(50) {
                    true => name.to_uppercase(),
                    false => name,
                },
                account,
                reason,
            },
            25 => Order::RenameRoom {
                room,
                name: self.random.one_of(&["#a", "#b", "#B", "#c"]).into(),
                reason,
            },
            _ => Order::SetRegistration {
                registration: match self.random.below(5) {
                    0 => None,
                    1 => Some(Registration::Closed),
                    2 => Some(Registration::Open),
                    3 => Some(Registration::Invite),
                    _ => Some(Registration::Approve),
                },
            },
        };
        self.world.order(1, order);
    }

    /// What the administrator does to keep order.
    fn keep_order(&mut self, name: CompactString) -> Order {
        let room = self.random.chance(50);
        let room = room.then(|| self.random.one_of(&ROOMS).into());
        let reason = "order must be".into();
        match self.random.below(8) {
            6 => Order::Suspend {
                account: name,
                seconds: Some(1 + self.random.below(5) as u64),
                reason,
            },
            7 => Order::Resume {
                account: name,
                reason,
            },
            0 => Order::Kick {
                nick: name,
                room,
                reason,
            },
            1 => Order::Lift {
                sanction: SanctionId(1 + self.random.below(6) as u64),
                reason,
            },
            2 => Order::LiftFrom {
                kind: SanctionKind::ALL[self.random.below(2)],
                whom: name,
                room,
                reason,
            },
            _ => Order::Sanction {
                kind: SanctionKind::ALL[self.random.below(2)],
                whom: match self.random.below(3) {
                    0 => format!("{name}!*@*").into(),
                    _ => name,
                },
                room,
                seconds: self
                    .random
                    .chance(80)
                    .then_some(1 + self.random.below(5) as u64),
                reason,
            },
        }
    }
}
