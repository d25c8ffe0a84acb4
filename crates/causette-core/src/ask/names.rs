//! What those who run the server ask for about names: those of accounts and of rooms.

use crate::account::rename as account;
use crate::actor::Actor;
use crate::commands::registration;
use crate::commands::rename::show;
use crate::denied::{Denied, Why};
use crate::order::Order;
use crate::report::Report;
use crate::room::rename as room;
use crate::turn::{Mark, Turn};
use causette_text::text_with;

/// Does what is asked for. Other orders are not for here.
pub(super) fn obey(
    turn: &mut Turn<'_>,
    actor: &Actor,
    order: Order,
) -> Result<(Report, Option<Mark>), Denied> {
    let (text, mark) = match order {
        Order::RenameAccount {
            account,
            name,
            reason,
        } => {
            let renamed = account::rename(turn, actor, &account, &name, &reason)?;
            registration::tell_renamed(turn, &renamed);
            let variables = [
                ("from", renamed.from.as_str()),
                ("account", renamed.name.as_str()),
            ];
            let key = "admin-account-renamed";
            (text_with(turn.language, key, &variables), renamed.mark)
        }
        Order::RenameRoom { room, name, reason } => {
            let renamed = room::rule(turn, actor, &room, &name, &reason)?;
            show(turn, &renamed);
            let variables = [
                ("channel", renamed.from.as_str()),
                ("to", renamed.to.as_str()),
            ];
            let key = "admin-channel-renamed";
            (text_with(turn.language, key, &variables), renamed.mark)
        }
        _ => return Err(Denied::new(Why::Unavailable, "unavailable", &[])),
    };
    Ok((Report::Done(text), Some(mark)))
}
