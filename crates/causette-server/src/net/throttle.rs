//! How fast one session may speak: some lines at once, then a steady rate. Lines beyond it wait; none is dropped.
//!
//! What a line costs is told from the line where it can be; what it costs beyond that, in the rooms that the core knows, the core
//! says after the fact, and the next line waits for it. Both go by the same measure, [`PARTS_PER_LINE`].

use causette_core::limits::{LINES_OWED, PARTS_PER_LINE};
use causette_proto::Message;
use std::time::{Duration, Instant};

/// What a line costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Price {
    /// One token.
    Whole,
    /// One token, and as much more as the core says: what is told in all rooms that somebody is in.
    Told,
    /// Half of one: what clients say by themselves, and often.
    Half,
    /// Five of them: what makes the core look at all channels or all people.
    Search,
    /// As many as there are: a list, of which each four cost one.
    Fours(u32),
}

impl Price {
    /// That of a message: an answer to our own question is cheap, and so is the notice that somebody is typing, which
    /// clients send every few seconds meanwhile. <https://ircv3.net/specs/client-tags/typing>
    /// A search is dear, so that one session cannot keep the core from everybody else.
    pub(crate) fn of(message: &Message) -> Self {
        let types = || {
            let mut tags = message.tags.iter();
            tags.len() > 0
                && tags.all(|(key, _)| matches!(key, "+typing" | "+draft/typing" | "label"))
        };
        match message.command.as_str() {
            "PONG" => Self::Half,
            "TAGMSG" if types() && Self::of_list(message, 0) == Self::Whole => Self::Half,
            "LIST" => Self::Search,
            // A page of the past, of all rooms.
            "PRIVMSG" | "ZNC" if reads_again(message) => Self::Search,
            "AWAY" | "NICK" | "SETNAME" => Self::Told,
            // A list may be as long as the line, and is as much work as its parts, also where each of them is only refused.
            "JOIN" | "PART" | "NAMES" | "PRIVMSG" | "NOTICE" | "TAGMSG" => {
                Self::of_list(message, 0)
            }
            "KICK" => Self::of_list(message, 1),
            "WHOIS" => Self::of_list(message, message.params.len().saturating_sub(1)),
            "USERHOST" => Self::fours(
                message
                    .params
                    .iter()
                    .flat_map(|param| param.split(' '))
                    .count(),
            ),
            "WHO" if message.params.first().is_some_and(|mask| searches(mask)) => Self::Search,
            _ => Self::Whole,
        }
    }

    fn of_list(message: &Message, place: usize) -> Self {
        let list = message.params.get(place).map_or("", |list| list.as_str());
        Self::fours(list.split(',').count())
    }

    fn fours(parts: usize) -> Self {
        match parts.div_ceil(PARTS_PER_LINE) {
            0 | 1 => Self::Whole,
            fours => Self::Fours(u32::try_from(fours).unwrap_or(u32::MAX)),
        }
    }
}

/// Whether a message asks for what was said. <https://wiki.znc.in/Playback>
fn reads_again(message: &Message) -> bool {
    let target = message.params.first();
    target.is_some_and(|target| target.eq_ignore_ascii_case("*playback"))
}

/// Whether the argument of WHO fits more than one channel or nickname.
fn searches(mask: &str) -> bool {
    mask == "0" || (!mask.starts_with('#') && mask.contains(['*', '?']))
}

/// The bucket of one session, kept as the moment at which it would be full again.
#[derive(Debug)]
pub(crate) struct Throttle {
    full_at: Instant,
    interval: Duration,
    burst: u32,
}

impl Throttle {
    /// A full bucket of `burst` lines that refills by `rate` lines each second.
    pub(crate) fn new(now: Instant, rate: usize, burst: usize) -> Self {
        let rate = u32::try_from(rate.max(1)).unwrap_or(u32::MAX);
        let burst = u32::try_from(burst.max(1)).unwrap_or(u32::MAX);
        Self {
            full_at: now,
            interval: Duration::from_secs(1) / rate,
            burst,
        }
    }

    /// Takes what earlier lines have cost beyond their price. Of a debt that is larger than the bound the rest is let off.
    pub(crate) fn owe(&mut self, now: Instant, lines: u32) {
        if lines > 0 {
            let most = now + self.interval * self.burst.saturating_add(LINES_OWED);
            let owed = self.full_at.max(now) + self.interval * lines.min(LINES_OWED);
            self.full_at = owed.min(most.max(self.full_at));
        }
    }

    /// Takes the price of one line, and says how long the line must wait for it.
    pub(crate) fn take(&mut self, now: Instant, price: Price) -> Duration {
        let price = match price {
            Price::Whole | Price::Told => self.interval,
            Price::Half => self.interval / 2,
            Price::Search => self.interval * 5,
            Price::Fours(fours) => self.interval * fours,
        };
        self.full_at = self.full_at.max(now) + price;
        self.full_at
            .saturating_duration_since(now)
            .saturating_sub(self.interval * self.burst)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_burst_goes_through_and_the_rest_waits_its_turn() {
        let start = Instant::now();
        let mut throttle = Throttle::new(start, 4, 3);
        for _ in 0..3 {
            assert_eq!(throttle.take(start, Price::Whole), Duration::ZERO);
        }
        assert_eq!(
            throttle.take(start, Price::Whole),
            Duration::from_millis(250)
        );
        assert_eq!(
            throttle.take(start + Duration::from_millis(250), Price::Whole),
            Duration::from_millis(250)
        );
    }

    #[test]
    fn silence_refills_the_bucket_and_no_more() {
        let start = Instant::now();
        let mut throttle = Throttle::new(start, 4, 2);
        throttle.take(start, Price::Whole);
        throttle.take(start, Price::Whole);
        let later = start + Duration::from_secs(60);
        assert_eq!(throttle.take(later, Price::Whole), Duration::ZERO);
        assert_eq!(throttle.take(later, Price::Whole), Duration::ZERO);
        assert_eq!(
            throttle.take(later, Price::Whole),
            Duration::from_millis(250)
        );
    }

    #[test]
    fn what_was_told_in_many_rooms_is_paid_for_by_the_next_line() {
        let start = Instant::now();
        let mut throttle = Throttle::new(start, 4, 20);
        assert_eq!(throttle.take(start, Price::Told), Duration::ZERO);
        // In a hundred rooms it costs 25 lines, of which one was paid.
        throttle.owe(start, 24);
        assert_eq!(
            throttle.take(start, Price::Whole),
            Duration::from_millis(6 * 250)
        );
        // One who says nothing for as long pays too.
        let mut throttle = Throttle::new(start, 4, 20);
        throttle.owe(start, 24);
        let later = start + Duration::from_secs(6);
        assert_eq!(throttle.take(later, Price::Told), Duration::ZERO);
    }

    #[test]
    fn nobody_owes_more_than_the_dearest_line() {
        let start = Instant::now();
        let mut throttle = Throttle::new(start, 4, 20);
        for _ in 0..100 {
            throttle.owe(start, LINES_OWED);
        }
        let longest = Duration::from_millis(250) * (LINES_OWED + 1);
        assert_eq!(throttle.take(start, Price::Whole), longest);
        // Those who have more to wait for, for what they said themselves, are let off nothing.
        for _ in 0..50 {
            throttle.take(start, Price::Whole);
        }
        throttle.owe(start, 1);
        let waits = longest + Duration::from_millis(250) * 51;
        assert_eq!(throttle.take(start, Price::Whole), waits);
    }

    #[test]
    fn what_clients_say_by_themselves_costs_half() {
        let price = |line: &str| Price::of(&Message::parse(line.as_bytes()).unwrap());
        for line in [
            "PONG :server",
            "@+typing=active TAGMSG #a",
            "@label=1;+typing=done TAGMSG #a",
        ] {
            assert_eq!(price(line), Price::Half, "{line}");
        }
        for line in [
            "PING 1",
            "TAGMSG #a",
            "@+typing=active;+react=:) TAGMSG #a",
            "@+typing=active PRIVMSG #a :b",
        ] {
            assert_eq!(price(line), Price::Whole, "{line}");
        }
        for line in [
            "LIST",
            "LIST >3",
            "WHO *",
            "WHO 0",
            "WHO a?ice o",
            "PRIVMSG *playback :play *",
            "ZNC *playback PLAY *",
        ] {
            assert_eq!(price(line), Price::Search, "{line}");
        }
        for line in ["WHO #a", "WHO alice", "WHO"] {
            assert_eq!(price(line), Price::Whole, "{line}");
        }
        for line in ["NICK alice", "AWAY", "AWAY :tea", "SETNAME :Alice"] {
            assert_eq!(price(line), Price::Told, "{line}");
        }
        assert_eq!(price("JOIN #a,#b,#c,#d"), Price::Whole);
        assert_eq!(price("JOIN #a,#b,#c,#d,#e a,b,c"), Price::Fours(2));
        assert_eq!(price("PART #a,#b,#c,#d,#e,#f,#g,#h,#i"), Price::Fours(3));
        assert_eq!(price("PRIVMSG a,b,c,d,e :f,g"), Price::Fours(2));
        assert_eq!(price("PRIVMSG a :b,c,d,e,f"), Price::Whole);
        assert_eq!(price("KICK #a b,c,d,e,f"), Price::Fours(2));
        assert_eq!(price("@+typing=active TAGMSG a,b,c,d,e"), Price::Fours(2));
        assert_eq!(price("USERHOST a b c d :e f g h i"), Price::Fours(3));
        let start = Instant::now();
        let mut throttle = Throttle::new(start, 4, 1);
        for _ in 0..2 {
            assert_eq!(throttle.take(start, Price::Half), Duration::ZERO);
        }
        assert_eq!(
            throttle.take(start, Price::Half),
            Duration::from_millis(125)
        );
    }
}
