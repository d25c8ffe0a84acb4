//! LIST: the channels, all or those that fit. <https://modern.ircdocs.horse/#list-message>

use super::{Command, Needs, leave_out, targets};
use crate::limits;
use crate::person::visibility::seen_members;
use crate::reply::{Ctx, Outcome};
use crate::state::channel::Channel;
use causette_proto::mask::glob;
use causette_proto::numeric::{RPL_LIST, RPL_LISTEND, RPL_LISTSTART};
use causette_proto::{Casemap, CompactString, Message, Timestamp};

pub(super) const LIST: Command = Command {
    verb: "LIST",
    params: 0,
    needs: Needs::Online,
    syntax: "LIST [<channel | mask | !mask | >members | <members | C>minutes | C<minutes | T>minutes | T<minutes>{,…} …]",
    summary: "command-list",
    spec: "https://modern.ircdocs.horse/#list-message",
    run,
};

/// What a channel must fulfil.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    /// Its folded name fits a mask that is folded too (M).
    Named(CompactString),
    /// Its name does not fit a mask (N).
    NotNamed(CompactString),
    /// It has more members (U).
    MoreThan(usize),
    /// It has fewer members (U).
    FewerThan(usize),
    /// It was made before, or after (C).
    Made { before: bool, time: Timestamp },
    /// Its topic was set before, or after (T).
    TopicSet { before: bool, time: Timestamp },
}

impl Condition {
    /// Reads a word; `None` where it can only be a condition and is none.
    ///
    /// Channels are kept with the steady time at which they were made, topics with the one that people are shown.
    fn parse(word: &str, steady: Timestamp, now: Timestamp, casemap: Casemap) -> Option<Self> {
        let minutes = |text: &str, now: Timestamp| -> Option<Timestamp> {
            let minutes = text.parse::<u32>().ok()?;
            Some(now.plus_seconds(-60 * i64::from(minutes)))
        };
        // `C>60`: made more than sixty minutes ago, so before then.
        let age = |rest: &str, now: Timestamp| -> Option<(bool, Timestamp)> {
            let (sign, count) = rest.split_at_checked(1)?;
            Some((sign == ">", minutes(count, now)?))
        };
        let is_age = |rest: &str| rest.starts_with(['>', '<']);
        match word.split_at_checked(1)? {
            (">", count) => count.parse().ok().map(Self::MoreThan),
            ("<", count) => count.parse().ok().map(Self::FewerThan),
            ("!", "") => None,
            ("!", mask) => Some(Self::NotNamed(casemap.fold_channel(mask))),
            ("C" | "c", rest) if is_age(rest) => {
                age(rest, steady).map(|(before, time)| Self::Made { before, time })
            }
            ("T" | "t", rest) if is_age(rest) => {
                age(rest, now).map(|(before, time)| Self::TopicSet { before, time })
            }
            _ => Some(Self::Named(casemap.fold_channel(word))),
        }
    }

    fn holds(&self, channel: &Channel, members: usize) -> bool {
        match self {
            Self::Named(mask) => glob(mask, channel.name.key()),
            Self::NotNamed(mask) => !glob(mask, channel.name.key()),
            Self::MoreThan(count) => members > *count,
            Self::FewerThan(count) => members < *count,
            Self::Made { before, time } => (channel.created < *time) == *before,
            Self::TopicSet { before, time } => channel
                .topic
                .as_ref()
                .is_some_and(|topic| (topic.at < *time) == *before),
        }
    }
}

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let (me, now, casemap) = (ctx.user().id, ctx.turn.now(), ctx.turn.state.casemap);
    let steady = ctx.turn.steady();
    // Channels come first and conditions second, or all in one: either is known by its form.
    let list = message.params.join(",");
    let (words, left_out) = targets(ctx.turn.state, &list, limits::CONDITIONS);
    leave_out(ctx, &left_out, limits::CONDITIONS);
    let mut conditions = Vec::with_capacity(words.len());
    let mut is_read = true;
    for word in words {
        match Condition::parse(word, steady, now, casemap) {
            Some(condition) => conditions.push(condition),
            None => {
                is_read = false;
                let (code, key) = ("INVALID_CONDITION", "list-condition");
                let refusal = ctx.failure("LIST", code, &[word], key, &[("condition", word)]);
                ctx.refuse(refusal);
            }
        }
    }
    // Several names are alternatives, everything else must hold together.
    let (names, others): (Vec<_>, Vec<_>) = conditions
        .into_iter()
        .partition(|condition| matches!(condition, Condition::Named(_)));
    // What needs no count is judged first.
    let (counts, others): (Vec<_>, Vec<_>) = others.into_iter().partition(|condition| {
        matches!(condition, Condition::MoreThan(_) | Condition::FewerThan(_))
    });
    let state = &ctx.turn.state;
    let mut found: Vec<(usize, &Channel)> = Vec::new();
    for channel in state
        .channels()
        .values()
        // Without what could not be read more would be listed than was asked for.
        .filter(|channel| is_read && channel.is_visible_to(me))
    {
        let named = names.is_empty() || names.iter().any(|name| name.holds(channel, 0));
        if !named || !others.iter().all(|condition| condition.holds(channel, 0)) {
            continue;
        }
        let members = seen_members(state, channel, me);
        if counts
            .iter()
            .all(|condition| condition.holds(channel, members))
        {
            found.push((members, channel));
        }
    }
    found.sort_unstable_by(|one, other| {
        (other.0, one.1.name.key()).cmp(&(one.0, other.1.name.key()))
    });
    let rows: Vec<[CompactString; 3]> = found
        .into_iter()
        .take(limits::LISTED)
        .map(|(members, channel)| {
            let topic = channel.topic.as_ref().map(|topic| topic.text.clone());
            [
                channel.name.as_str().into(),
                members.to_string().into(),
                topic.unwrap_or_default(),
            ]
        })
        .collect();
    let heading = ctx.text("list-heading");
    ctx.numeric(RPL_LISTSTART, &["Channel"], &heading);
    for [name, members, topic] in rows {
        ctx.numeric(RPL_LIST, &[&name, &members], &topic);
    }
    let end = ctx.text("end-of-list");
    ctx.numeric(RPL_LISTEND, &[], &end);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_conditions() {
        let now = Timestamp(7_200_000_000);
        let parse = |word| Condition::parse(word, now, now, Casemap::Precis);
        assert_eq!(parse(">3"), Some(Condition::MoreThan(3)));
        assert_eq!(parse("<3"), Some(Condition::FewerThan(3)));
        assert_eq!(parse("!#a*"), Some(Condition::NotNamed("#a*".into())));
        let (before, time) = (true, Timestamp(3_600_000_000));
        assert_eq!(parse("C>60"), Some(Condition::Made { before, time }));
        let before = false;
        assert_eq!(parse("T<60"), Some(Condition::TopicSet { before, time }));
        assert_eq!(parse("#THÉ"), Some(Condition::Named("#thé".into())));
        for word in [">many", "<", "C>", "T<soon", "!"] {
            assert_eq!(parse(word), None, "{word}");
        }
    }
}
