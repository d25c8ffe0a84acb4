//! How long until the stop: it may be asked for ahead, is announced, shortened and called off. Meanwhile everybody is served.

use crate::config::live::Live;
use crate::engine::Arrival;
use crate::shutdown::Halt;
use crate::status::Status;
use causette_core::input::{By, Input};
use causette_core::limits::{STOP_AHEAD_SECONDS_MAX, STOP_TOLD_SECONDS};
use causette_core::order::Order;
use causette_core::reserved::ADMINISTRATION;
use causette_core::settings::Settings;
use causette_proto::CompactString;
use causette_text::{text, text_with};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

/// The ticket of an order whose answer nobody waits for: none is drawn with that number.
const NOBODY: u64 = 0;

/// What whoever may stop the server wants.
#[derive(Debug)]
pub(crate) enum StopOrder {
    /// That it stops.
    Stop {
        /// Why, for the people and the register.
        reason: CompactString,
        /// Who wants it, as the register names them.
        by: By,
        /// In how long.
        after: Duration,
        /// Told whether another comes sooner, and in how long then.
        told: Option<oneshot::Sender<Option<Duration>>>,
    },
    /// That it does not.
    Cancel {
        /// Who wants it.
        by: By,
        /// Told whether there was a stop to call off.
        told: oneshot::Sender<bool>,
    },
}

impl StopOrder {
    /// A stop without delay.
    pub(crate) fn now(by: By, reason: CompactString) -> Self {
        Self::Stop {
            reason,
            by,
            after: Duration::ZERO,
            told: None,
        }
    }
}

/// A stop to come.
#[derive(Debug)]
struct Countdown {
    reason: CompactString,
    by: By,
    end: Instant,
    /// Seconds before the end at which it is announced, the last first.
    announced: Vec<u64>,
}

impl Countdown {
    fn new(reason: CompactString, by: By, end: Instant, now: Instant) -> Self {
        let left = end.saturating_duration_since(now);
        // What is announced at its beginning needs no telling right behind.
        let later = STOP_TOLD_SECONDS
            .iter()
            .filter(|&&before| Duration::from_secs(before + 1) < left);
        Self {
            reason,
            by,
            end,
            announced: later.copied().collect(),
        }
    }

    /// Whether it is over before another would be.
    fn ends_before(&self, other: Instant) -> bool {
        self.end <= other
    }

    /// When something is to be done next.
    fn next(&self) -> Instant {
        let before = self.announced.last().copied().unwrap_or(0);
        self.end
            .checked_sub(Duration::from_secs(before))
            .unwrap_or(self.end)
    }

    /// How many seconds are left, where that is to be told now; `None` for the end.
    fn pass(&mut self) -> Option<u64> {
        self.announced.pop()
    }
}

/// The stop that is to come, as whoever connects meanwhile is told of it.
#[derive(Debug, Default)]
pub(crate) struct Coming(Mutex<Option<(Instant, CompactString)>>);

impl Coming {
    /// What a new connection is told before anything else; `None` while no stop is to come.
    pub(crate) fn greeting(&self, settings: &Settings) -> Option<String> {
        let coming = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (end, reason) = coming.as_ref()?;
        let left = end.saturating_duration_since(Instant::now()).as_secs();
        let variables = [("seconds", &*left.to_string()), ("reason", reason)];
        let told = text_with(settings.language, "stop-announced", &variables);
        Some(format!(":{} NOTICE * :{told}\r\n", settings.server))
    }

    fn set(&self, coming: Option<&Countdown>) {
        let coming = coming.map(|countdown| (countdown.end, countdown.reason.clone()));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = coming;
    }
}

/// Waits until the server must stop, and says why; `None` where nobody can ask any more. A stop that is asked for ahead is
/// announced; one that is asked for sooner takes its place. May be dropped while it waits.
pub(crate) async fn until_over(
    orders: &mut mpsc::Receiver<StopOrder>,
    announcer: &Announcer,
) -> Option<Halt> {
    let mut countdown: Option<Countdown> = None;
    loop {
        let next = countdown.as_ref().map(Countdown::next);
        let passing = async {
            match next {
                Some(next) => sleep_until(next).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            order = orders.recv() => match order? {
                StopOrder::Stop { reason, by, after, .. } if after.is_zero() => return Some(Halt { by, reason }),
                StopOrder::Stop { reason, by, after, told } => {
                    let now = Instant::now();
                    let end = now + after;
                    let sooner = countdown.as_ref().filter(|earlier| earlier.ends_before(end));
                    let sooner = sooner.map(|earlier| earlier.end.saturating_duration_since(now));
                    if sooner.is_none() {
                        let new = countdown.insert(Countdown::new(reason, by, end, now));
                        announcer.status.coming.set(Some(new));
                        announcer.tell(new, after.as_secs());
                    }
                    if let Some(told) = told {
                        // Who asked may have left.
                        let _ = told.send(sooner);
                    }
                }
                StopOrder::Cancel { by, told } => {
                    let cancelled = countdown.take();
                    announcer.status.coming.set(None);
                    // Who asked may have left.
                    let _ = told.send(cancelled.is_some());
                    if cancelled.is_some() {
                        announcer.call_off(&by);
                        let off = text(announcer.live.language(), "stop-cancelled");
                        announcer.status.witnesses.call_off(off);
                    }
                }
            },
            () = passing => {
                let mut over = countdown.take()?;
                let Some(seconds) = over.pass() else {
                    let Countdown { by, reason, .. } = over;
                    return Some(Halt { by, reason });
                };
                announcer.tell(&over, seconds);
                countdown = Some(over);
            }
        }
    }
}

/// Bytes of a reason that fits what is told of a stop to come, however long before.
pub(crate) fn reason_bytes(settings: &Settings) -> usize {
    let longest = STOP_AHEAD_SECONDS_MAX.to_string();
    let variables = [("seconds", &*longest), ("reason", "")];
    let words = text_with(settings.language, "stop-announced", &variables);
    settings.alert_bytes().saturating_sub(words.len())
}

/// Tells people of it: as whoever asked for the stop tells them something that they must not miss.
pub(crate) struct Announcer {
    pub(crate) inbox: mpsc::Sender<Arrival>,
    pub(crate) live: Arc<Live>,
    pub(crate) status: Arc<Status>,
}

impl Announcer {
    /// How many seconds are left.
    fn tell(&self, Countdown { reason, by, .. }: &Countdown, seconds: u64) {
        let variables = [
            ("seconds", &*seconds.to_string()),
            ("reason", reason.as_str()),
        ];
        let text = text_with(self.live.language(), "stop-announced", &variables);
        self.alert(by, text);
    }

    /// That nothing comes of it.
    fn call_off(&self, by: &By) {
        self.alert(by, text(self.live.language(), "stop-called-off"));
    }

    fn alert(&self, by: &By, text: String) {
        let by = match by {
            By::System(name) => name.clone(),
            // Who asked for it stands in the register, with the stop; to people it is whoever runs the server.
            By::Program { .. } => CompactString::const_new(ADMINISTRATION),
            By::Server | By::Session(_) => CompactString::const_new("*"),
        };
        let order = Order::Alert {
            text: text.into(),
            // Who comes later comes to a server that runs.
            kept: false,
        };
        let ticket = NOBODY;
        let inbox = self.inbox.clone();
        // The countdown goes on, however full the inbox is.
        tokio::spawn(async move {
            // Where the engine has ended there is nobody to tell.
            let _ = inbox
                .send(Arrival::Input(Input::Admin {
                    ticket,
                    by,
                    language: None,
                    order,
                }))
                .await;
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::config::Config;
    use causette_core::id::{AccountId, TokenId};

    #[test]
    fn what_may_be_said_of_a_stop_fits_an_alert() {
        for language in causette_text::Language::ALL {
            let settings = Settings {
                language,
                ..Settings::default()
            };
            let reason = "x".repeat(reason_bytes(&settings));
            let variables = [("seconds", "172800"), ("reason", &*reason)];
            let told = text_with(language, "stop-announced", &variables);
            assert_eq!(told.len(), settings.alert_bytes());
        }
    }

    #[test]
    fn a_stop_is_announced_less_and_less_long_before() {
        let now = Instant::now();
        let of = |seconds| {
            Countdown::new(
                "x".into(),
                By::System("root".into()),
                now + Duration::from_secs(seconds),
                now,
            )
        };
        let mut countdown = of(10);
        assert_eq!(countdown.next(), now + Duration::from_secs(7));
        assert_eq!(countdown.pass(), Some(3));
        assert_eq!(countdown.next(), now + Duration::from_secs(10));
        assert_eq!(countdown.pass(), None);
        let mut long = of(3_600);
        let mut told = Vec::new();
        while let Some(seconds) = long.pass() {
            told.push(seconds);
        }
        assert_eq!(told, [600, 60, 10, 3]);
        assert_eq!(of(2).pass(), None);
        assert!(of(2).ends_before(now + Duration::from_secs(3)));
    }

    #[tokio::test]
    async fn a_stop_that_a_program_asks_for_is_announced_by_the_administration() {
        let (inbox, mut alerts) = mpsc::channel(1);
        let announcer = Announcer {
            inbox,
            live: Arc::new(Live::new(Config::default())),
            status: Arc::new(Status::new(Arc::default())),
        };
        announcer.call_off(&By::Program {
            account: AccountId(1),
            token: TokenId(1),
            address: std::net::Ipv4Addr::LOCALHOST.into(),
        });
        let said = alerts.recv().await;
        let Some(Arrival::Input(Input::Admin { by, .. })) = said else {
            panic!("nothing is said");
        };
        assert_eq!(by, ADMINISTRATION);
    }

    #[tokio::test]
    async fn a_stop_is_shortened_called_off_and_over() {
        let (inbox, mut alerts) = mpsc::channel(8);
        let announcer = Announcer {
            inbox,
            live: Arc::new(Live::new(Config::default())),
            status: Arc::new(Status::new(Arc::default())),
        };
        let settings = Settings::default();
        assert_eq!(announcer.status.coming.greeting(&settings), None);
        let (ask, mut orders) = mpsc::channel(8);
        let stop = |reason: &str, after| StopOrder::Stop {
            reason: reason.into(),
            by: By::System("root".into()),
            after,
            told: None,
        };
        ask.send(stop("an update", Duration::from_secs(60)))
            .await
            .unwrap();
        let (cancelled, heard) = oneshot::channel();
        let by = By::System("root".into());
        ask.send(StopOrder::Cancel {
            by,
            told: cancelled,
        })
        .await
        .unwrap();
        ask.send(stop("another", Duration::from_secs(9)))
            .await
            .unwrap();
        ask.send(stop("a new disk", Duration::from_millis(1)))
            .await
            .unwrap();
        // Later than the one that is coming.
        let (told_sooner, sooner) = oneshot::channel();
        let StopOrder::Stop {
            reason, by, after, ..
        } = stop("the last", Duration::from_secs(60))
        else {
            unreachable!("it is a stop");
        };
        let told = Some(told_sooner);
        let last = StopOrder::Stop {
            reason,
            by,
            after,
            told,
        };
        ask.send(last).await.unwrap();
        let halt = until_over(&mut orders, &announcer).await.unwrap();
        // Whoever comes just now reads of it too.
        let told = announcer.status.coming.greeting(&settings).unwrap();
        let of = ":causette.local NOTICE * :The server stops in 0 s: a new disk\r\n";
        assert_eq!(told, of);
        assert_eq!(halt.reason, "a new disk");
        assert_eq!(heard.await, Ok(true));
        assert!(sooner.await.unwrap().is_some());
        for part in [
            "in 60 s: an update",
            "does not stop",
            "in 9 s: another",
            "in 0 s: a new disk",
        ] {
            let said = alerts.recv().await;
            let Some(Arrival::Input(Input::Admin {
                order: Order::Alert { text, kept: false },
                ..
            })) = said
            else {
                panic!("nothing is said of {part}");
            };
            assert!(text.contains(part), "{text}");
        }
    }
}
