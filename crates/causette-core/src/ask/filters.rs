//! What those who run the server ask for about words that are looked for, and messages that wait.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::discipline::filter::{self, Wanted};
use crate::discipline::held;
use crate::order::Order;
use crate::report::Report;
use crate::turn::{Mark, Turn};
use causette_text::text_with;

/// Does what is asked for; says what came of it, and by which fact, where there is one.
pub(super) fn obey(
    turn: &mut Turn<'_>,
    actor: &Actor,
    order: Order,
) -> Result<(Report, Option<Mark>), Denied> {
    let (text, mark) = match order {
        Order::ListFilters => {
            let filters = filter::list(turn.state, actor)?;
            return Ok((Report::Filters(filters), None));
        }
        Order::ListHeld => {
            let held = held::list(turn.state, actor)?;
            return Ok((Report::Held(held), None));
        }
        Order::SetFilter {
            pattern,
            action,
            room,
            reason,
        } => {
            let wanted = Wanted {
                pattern: &pattern,
                action,
                room: room.as_deref(),
                reason: &reason,
            };
            let set = filter::set(turn, actor, wanted)?;
            let number = set.filter.0.to_string();
            let variables = [("number", number.as_str()), ("pattern", &set.pattern)];
            let report = Report::Made {
                text: words(turn, "filter-set", &variables),
                number: set.filter.0,
            };
            return Ok((report, Some(set.mark)));
        }
        Order::RemoveFilter { filter, reason } => {
            let removed = filter::remove(turn, actor, filter, &reason)?;
            let number = filter.0.to_string();
            let variables = [("number", number.as_str()), ("pattern", &removed.pattern)];
            (words(turn, "filter-removed", &variables), removed.mark)
        }
        Order::DecideHeld { held, release } => {
            let decided = held::decide(turn, actor, held, release)?;
            let number = held.0.to_string();
            let variables = [
                ("number", number.as_str()),
                ("nick", &decided.nick),
                ("channel", &decided.channel),
            ];
            (words(turn, decided.key(release), &variables), decided.mark)
        }
        _ => return Err(Denied::new(Why::Unavailable, "unavailable", &[])),
    };
    Ok((Report::Done(text), Some(mark)))
}

fn words(turn: &Turn<'_>, key: &str, variables: &[(&str, &str)]) -> String {
    text_with(turn.language, key, variables)
}
