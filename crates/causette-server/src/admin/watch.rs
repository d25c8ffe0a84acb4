//! What happens, told to whoever watches: one JSON object a line, for as long as the connection lasts.

use super::plain::clean;
use causette_core::limits::WATCHED_WAITING;
use causette_core::record::Factor;
use causette_core::report::Watched;
use causette_proto::Timestamp;
use causette_text::{Language, text, text_with};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::broadcast::{self, error::RecvError};

/// Those who watch. Nothing is kept for them while there are none.
#[derive(Debug)]
pub(crate) struct Watchers(broadcast::Sender<Arc<Watched>>);

/// One of them.
pub(super) struct Watcher(broadcast::Receiver<Arc<Watched>>);

impl Default for Watchers {
    fn default() -> Self {
        Self(broadcast::Sender::new(WATCHED_WAITING))
    }
}

impl Watchers {
    /// Tells them. Who reads too slowly loses what is oldest.
    pub(crate) fn tell(&self, watched: Watched) {
        if self.0.receiver_count() > 0 {
            // Who has left meanwhile is not told.
            let _ = self.0.send(Arc::new(watched));
        }
    }

    /// One more, who is told of what happens from now on.
    pub(super) fn join(&self) -> Watcher {
        Watcher(self.0.subscribe())
    }
}

impl Watcher {
    /// What happens next, as an object; `None` when nothing more can. May be dropped while it waits.
    pub(super) async fn next(
        &mut self,
        now: fn() -> Timestamp,
        language: Language,
    ) -> Option<Value> {
        match self.0.recv().await {
            Ok(watched) => Some(event(&watched, now(), language)),
            Err(RecvError::Lagged(lost)) => {
                let text = text_with(language, "watch-lost", &[("lost", &lost.to_string())]);
                Some(
                    json!({ "event": "lost", "time": now().to_string(), "lost": lost, "text": text }),
                )
            }
            Err(RecvError::Closed) => None,
        }
    }
}

/// An event for programs, with a sentence for people.
fn event(watched: &Watched, now: Timestamp, language: Language) -> Value {
    let mut event = match watched {
        Watched::SignedIn {
            account,
            mechanism,
            address,
            device,
        } => json!({
            "event": "signed-in",
            "account": account.as_str(),
            "mechanism": mechanism.name(),
            "address": address.to_string(),
            "device": device.as_deref(),
        }),
        Watched::SignInRefused {
            name,
            factor,
            mechanism,
            address,
        } => json!({
            "event": "sign-in-refused",
            "name": name.as_str(),
            "factor": factor.name(),
            "mechanism": mechanism.name(),
            "address": address.to_string(),
        }),
        Watched::Came { nick, address } => {
            json!({ "event": "came", "nick": nick.as_str(), "address": address.to_string() })
        }
        Watched::Left { nick, reason } => {
            json!({ "event": "left", "nick": nick.as_str(), "reason": reason.as_str() })
        }
        Watched::Wrote { from, with, text } => json!({
            "event": "wrote",
            "from": from.as_deref(),
            "with": with.as_str(),
            "message": text.as_str(),
        }),
        Watched::Acted(_) => json!({ "event": "acted" }),
    };
    event["time"] = now.to_string().into();
    event["text"] = sentence(watched, language).into();
    event
}

fn sentence(watched: &Watched, language: Language) -> String {
    let tell = |key: &str, variables: &[(&str, &str)]| {
        let cleaned: Vec<(&str, String)> = variables
            .iter()
            .map(|(name, value)| (*name, clean(value)))
            .collect();
        let variables: Vec<(&str, &str)> = cleaned
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        text_with(language, key, &variables)
    };
    match watched {
        Watched::SignedIn {
            account,
            mechanism,
            address,
            device,
        } => {
            let (address, mechanism) = (address.to_string(), mechanism.name());
            let variables = [
                ("account", account.as_str()),
                ("address", &address),
                ("mechanism", mechanism),
            ];
            match device {
                Some(device) => tell(
                    "watch-signed-in-device",
                    &[&variables[..], &[("device", device)]].concat(),
                ),
                None => tell("watch-signed-in", &variables),
            }
        }
        Watched::SignInRefused {
            name,
            factor,
            mechanism,
            address,
        } => {
            let (address, factor) = (address.to_string(), text(language, factor_key(*factor)));
            let variables = [
                ("name", name.as_str()),
                ("factor", &factor),
                ("mechanism", mechanism.name()),
                ("address", &address),
            ];
            tell("watch-sign-in-refused", &variables)
        }
        Watched::Came { nick, address } => tell(
            "watch-came",
            &[("nick", nick), ("address", &address.to_string())],
        ),
        Watched::Left { nick, reason } if reason.is_empty() => {
            tell("watch-left", &[("nick", nick)])
        }
        Watched::Left { nick, reason } => {
            tell("watch-left-reason", &[("nick", nick), ("reason", reason)])
        }
        Watched::Wrote {
            from: Some(from),
            text,
            ..
        } => tell("watch-wrote", &[("nick", from), ("message", text)]),
        Watched::Wrote {
            from: None,
            with,
            text,
        } => tell("watch-wrote-to", &[("nick", with), ("message", text)]),
        Watched::Acted(text) => clean(text),
    }
}

fn factor_key(factor: Factor) -> &'static str {
    match factor {
        Factor::Name => "watch-factor-name",
        Factor::Password => "watch-factor-password",
        Factor::Token => "watch-factor-token",
        Factor::Certificate => "watch-factor-certificate",
        Factor::Code => "watch-factor-code",
        Factor::Throttled => "watch-factor-throttled",
        Factor::Waiting => "watch-factor-waiting",
        Factor::Banned => "watch-factor-banned",
        Factor::Address => "watch-factor-address",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use causette_core::record::Mechanism;
    use std::net::{IpAddr, Ipv4Addr};

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn the_console_says_which_factor_failed_and_disarms_what_others_wrote() {
        let refused = Watched::SignInRefused {
            name: "alice\u{1b}[2J".into(),
            factor: Factor::Password,
            mechanism: Mechanism::Plain,
            address: HERE,
        };
        let told = Language::ALL.map(|language| event(&refused, Timestamp(0), language));
        assert_eq!(told[0]["factor"], "password");
        assert_eq!(told[0]["time"], "1970-01-01T00:00:00.000Z");
        let texts = told.map(|told| told["text"].as_str().unwrap().to_owned());
        assert!(
            texts[0].contains("password") && texts[1].contains("mot de passe"),
            "{texts:?}"
        );
        assert!(
            texts.iter().all(|text| !text.contains('\u{1b}')),
            "{texts:?}"
        );
    }

    #[tokio::test]
    async fn who_reads_slowly_is_told_how_much_they_have_lost() {
        let watchers = Watchers::default();
        let came = |nick: String| Watched::Came {
            nick: nick.into(),
            address: HERE,
        };
        // Nobody watches.
        watchers.tell(came("early".to_owned()));
        let mut watcher = watchers.join();
        for number in 0..WATCHED_WAITING + 3 {
            watchers.tell(came(number.to_string()));
        }
        let lost = watcher.next(|| Timestamp(0), Language::En).await.unwrap();
        assert_eq!((&lost["event"], &lost["lost"]), (&"lost".into(), &3.into()));
        let next = watcher.next(|| Timestamp(0), Language::En).await.unwrap();
        assert_eq!(next["nick"], "3");
        drop(watchers);
    }
}
