//! What can run out. Who is turned away is counted, and the log is told once when it begins and once when it is over: a
//! line for each would be a shortage of its own.

use crate::metrics::Counter;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// An episode is over when nobody was turned away for so long.
const QUIET: Duration = Duration::from_secs(30);

/// What can run out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    /// Places for connections.
    Connections,
    /// Files that may be open.
    Files,
    /// Connections that may come in a second.
    Arrivals,
    /// TLS handshakes that are computed at a time.
    Handshakes,
    /// Passwords that wait to be checked or hashed.
    Checks,
    /// Tokens and messages that wait to be looked up.
    LookUps,
    /// Pages of history that wait to be read.
    Reads,
    /// Connections to the admin socket.
    Admin,
}

/// All of them, in the order in which they are counted.
pub(crate) const RESOURCES: [Resource; 8] = [
    Resource::Connections,
    Resource::Files,
    Resource::Arrivals,
    Resource::Handshakes,
    Resource::Checks,
    Resource::LookUps,
    Resource::Reads,
    Resource::Admin,
];

impl Resource {
    /// Its name, for the log and the metrics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::Files => "files",
            Self::Arrivals => "arrivals",
            Self::Handshakes => "handshakes",
            Self::Checks => "checks",
            Self::LookUps => "look-ups",
            Self::Reads => "reads",
            Self::Admin => "admin",
        }
    }

    /// What helps.
    fn advice(self) -> &'static str {
        match self {
            Self::Connections | Self::Files => {
                "raise the limit of open files (systemd: LimitNOFILE, shell: ulimit -n)"
            }
            Self::Arrivals => {
                "raise flood.connection_rate or flood.connection_rate_total, or name the network in flood.exempt"
            }
            Self::Handshakes | Self::Checks => "more cores, or a lower accounts.argon2",
            Self::LookUps | Self::Reads => "a faster disk, or more cores",
            Self::Admin => "end the programs that hold the admin socket open",
        }
    }
}

/// Who was turned away, and since when.
#[derive(Debug, Default)]
pub(crate) struct Shortages {
    turned_away: [Counter; RESOURCES.len()],
    episodes: Mutex<[Option<Episode>; RESOURCES.len()]>,
}

/// What is seen, once a second, of the engine's inbox. It turns nobody away: who writes into a full one waits, and their socket
/// with them.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    full: Counter,
    episode: Mutex<Option<Episode>>,
}

#[derive(Clone, Copy, Debug)]
struct Episode {
    begun: Instant,
    last: Instant,
    count: usize,
}

impl Episode {
    /// Counts in the episode that goes on, or begins one, and says whether it has begun.
    fn go_on(place: &mut Option<Self>, count: usize, now: Instant) -> bool {
        let begins = place.is_none();
        let episode = place.get_or_insert(Self {
            begun: now,
            last: now,
            count: 0,
        });
        episode.last = now;
        episode.count += count;
        begins
    }

    /// Ends it where nothing was counted for a while.
    fn end(place: &mut Option<Self>, now: Instant) -> Option<Self> {
        place.take_if(|episode| now.duration_since(episode.last) >= QUIET)
    }

    fn seconds(&self) -> u64 {
        self.last.duration_since(self.begun).as_secs()
    }
}

impl Inbox {
    /// Looks at it: full or not.
    pub(crate) fn look(&self, full: bool, now: Instant) {
        let mut episode = self.episode.lock().unwrap_or_else(PoisonError::into_inner);
        let begins = full && Episode::go_on(&mut episode, 1, now);
        let over = Episode::end(&mut episode, now);
        drop(episode);
        if full {
            self.full.increment();
        }
        if begins {
            tracing::warn!(
                event = "inbox.full",
                advice = "a faster core, or a lower flood.rate",
                "the engine does not keep up: connections are read more slowly"
            );
        }
        if let Some(episode) = over {
            tracing::info!(
                event = "inbox.over",
                full = episode.count,
                seconds = episode.seconds(),
                "the engine keeps up again"
            );
        }
    }

    /// How often it was full when it was looked at.
    pub(crate) fn full(&self) -> &Counter {
        &self.full
    }
}

impl Shortages {
    /// Somebody found nothing left.
    pub(crate) fn turn_away(&self, resource: Resource) {
        self.turn_away_all(resource, 1, Instant::now());
    }

    /// So many did, up to now.
    pub(crate) fn turn_away_all(&self, resource: Resource, count: usize, now: Instant) {
        if count == 0 {
            return;
        }
        self.turned_away[resource as usize].add(count);
        let mut episodes = self.episodes.lock().unwrap_or_else(PoisonError::into_inner);
        let begins = Episode::go_on(&mut episodes[resource as usize], count, now);
        drop(episodes);
        if begins {
            tracing::warn!(
                event = "full.begun",
                resource = resource.name(),
                advice = resource.advice(),
                "nothing is left: who comes now is turned away"
            );
        }
    }

    /// Ends the episodes in which nobody was turned away for a while. To be called now and then.
    pub(crate) fn look(&self, now: Instant) {
        for resource in RESOURCES {
            let mut episodes = self.episodes.lock().unwrap_or_else(PoisonError::into_inner);
            let episode = &mut episodes[resource as usize];
            let over = Episode::end(episode, now);
            drop(episodes);
            if let Some(episode) = over {
                tracing::info!(
                    event = "full.over",
                    resource = resource.name(),
                    turned_away = episode.count,
                    seconds = episode.seconds(),
                    "nobody is turned away any more"
                );
            }
        }
    }

    /// How many found nothing left of something since the start.
    pub(crate) fn turned_away(&self, resource: Resource) -> u64 {
        self.turned_away[resource as usize].value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_episode_begins_once_and_is_over_after_a_while() {
        let shortages = Shortages::default();
        let start = Instant::now();
        let goes_on = |shortages: &Shortages| {
            let episodes = shortages
                .episodes
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            episodes[Resource::Reads as usize].map(|episode| episode.count)
        };
        shortages.turn_away_all(Resource::Reads, 0, start);
        assert_eq!(goes_on(&shortages), None);
        for seconds in [0, 20, 40] {
            let now = start + Duration::from_secs(seconds);
            shortages.turn_away_all(Resource::Reads, 2, now);
            shortages.look(now + Duration::from_secs(1));
        }
        assert_eq!(goes_on(&shortages), Some(6));
        shortages.look(start + Duration::from_secs(70));
        assert_eq!(goes_on(&shortages), None);
        assert_eq!(shortages.turned_away(Resource::Reads), 6);
        assert_eq!(shortages.turned_away(Resource::Admin), 0);
    }

    #[test]
    fn an_inbox_that_is_full_turns_nobody_away() {
        let inbox = Inbox::default();
        let start = Instant::now();
        let goes_on = || inbox.episode.lock().is_ok_and(|episode| episode.is_some());
        for (seconds, full, expected) in [
            (0, false, false),
            (1, true, true),
            (2, true, true),
            (3, false, true),
            (31, false, true),
            (32, false, false),
        ] {
            inbox.look(full, start + Duration::from_secs(seconds));
            assert_eq!(goes_on(), expected, "{seconds}");
        }
        assert_eq!(inbox.full().value(), 2);
    }

    #[test]
    fn each_resource_has_its_place() {
        for (place, resource) in RESOURCES.into_iter().enumerate() {
            assert_eq!(resource as usize, place);
        }
    }
}
