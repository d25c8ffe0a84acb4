//! What those who run the server ask for about people and rooms: who and what there is, and telling them something.

use super::administration::Answered;
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::order::Order;
use crate::person::{self, alert::alert};
use crate::report::Report;
use crate::room::{self, administration, close, ownership};
use crate::turn::Turn;
use causette_text::text_with;

/// Does what is asked for; says what came of it, and by which fact, where there is one.
pub(super) fn obey(turn: &mut Turn<'_>, actor: &Actor, order: Order) -> Result<Answered, Denied> {
    let done = match order {
        Order::ListPeople(portion) => {
            return person::report::list(turn.state, actor, &portion).map(|report| (report, None));
        }
        Order::ListRooms(portion) => {
            return room::report::list(turn.state, actor, &portion).map(|report| (report, None));
        }
        Order::Alert { text, kept } => {
            let told = alert(turn, actor, &text, kept)?;
            let number = told.people.to_string();
            let variables = [("number", number.as_str())];
            (words(turn, "admin-alerted", &variables), told.mark)
        }
        Order::Write { to, text } => {
            let written = administration::write(turn, actor, &to, &text)?;
            let key = if written.later {
                "admin-written-later"
            } else {
                "admin-written"
            };
            let variables = [("nick", written.nick.as_str())];
            (words(turn, key, &variables), written.mark)
        }
        Order::CloseRoom { room, reason } => {
            let closed = close::close(turn, actor, &room, &reason)?;
            let number = closed.members.to_string();
            let variables = [("channel", closed.name.as_str()), ("number", &number)];
            (words(turn, "admin-channel-closed", &variables), closed.mark)
        }
        Order::TakeOverRoom { room, to, reason } => {
            let given = ownership::take_over(turn, actor, &room, &to, &reason)?;
            let channel = ("channel", given.channel.as_str());
            let variables = [channel, ("account", given.account.as_str())];
            (words(turn, "chanserv-transferred", &variables), given.mark)
        }
        _ => return Err(Denied::new(Why::Unavailable, "unavailable", &[])),
    };
    let (text, mark) = done;
    Ok((Report::Done(text), Some(mark)))
}

fn words(turn: &Turn<'_>, key: &str, variables: &[(&str, &str)]) -> String {
    text_with(turn.language, key, variables)
}
