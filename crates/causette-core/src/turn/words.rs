//! What the server says of itself: what everybody reads is in its own language, what it tells one is in theirs.

use crate::actor::Actor;
use crate::fitting::fit;
use crate::id::SessionId;
use crate::output::Output;
use crate::report::Watched;
use crate::right::Act;
use crate::turn::Turn;
use causette_proto::{Capabilities, CompactString, Timestamp};
use causette_text::{Language, text, text_with};

impl Turn<'_> {
    /// A text that everybody reads.
    pub(crate) fn words(&self, key: &str) -> String {
        text(self.settings.language, key)
    }

    /// A text with variables that everybody reads.
    pub(crate) fn words_with(&self, key: &str, variables: &[(&str, &str)]) -> String {
        text_with(self.settings.language, key, variables)
    }

    /// A text for one session.
    pub(crate) fn words_for(
        &self,
        session: SessionId,
        key: &str,
        variables: &[(&str, &str)],
    ) -> String {
        let session = self.state.sessions.get(&session);
        let chosen = session.and_then(|session| session.language);
        text_with(chosen.unwrap_or(self.settings.language), key, variables)
    }

    /// Tells something to one session, in its language.
    pub(crate) fn notify(&mut self, session: SessionId, key: &str, variables: &[(&str, &str)]) {
        let found = self.state.sessions.get(&session);
        let Some(user) = found.and_then(|session| session.user) else {
            return;
        };
        let nick = self.state.nick_of(user);
        let text = self.words_for(session, key, variables);
        let body = fit(format!(":{} NOTICE {nick} :{text}", self.settings.server));
        let line = self.line(body);
        self.deliver(line, vec![session], Capabilities::EMPTY);
    }

    /// Tells those who run the server what one of them has done: operators who want to hear it, and consoles.
    pub(crate) fn tell_of_act(&mut self, actor: &Actor, key: &str, variables: &[(&str, &str)]) {
        self.tell_operators(actor.session(), key, variables);
        let text = self.words_with(key, variables);
        self.out.push(Output::Watched(Watched::Acted(text)));
    }

    /// Tells the operators of the server who want to hear it (user mode `s`) what another one has done, each in their
    /// language.
    pub(crate) fn tell_operators(
        &mut self,
        but: Option<SessionId>,
        key: &str,
        variables: &[(&str, &str)],
    ) {
        let sessions = self.state.sessions.values();
        let mut told: Vec<(SessionId, Language, CompactString)> = sessions
            .filter(|session| Some(session.id) != but)
            .filter(|session| Actor::Session(session.id).may(self.state, Act::HearOfActs))
            .filter_map(|session| {
                let user = self.state.users.get(&session.user?)?;
                let language = session.language.unwrap_or(self.settings.language);
                let nick = CompactString::new(user.nick.as_str());
                user.modes.has('s').then_some((session.id, language, nick))
            })
            .collect();
        told.sort_unstable_by_key(|(session, ..)| *session);
        for (session, language, nick) in told {
            let text = text_with(language, key, variables);
            let body = format!(":{} NOTICE {nick} :*** {text}", self.settings.server);
            let line = self.line(body);
            self.deliver(line, vec![session], Capabilities::EMPTY);
        }
    }
}

/// A minute for people, `2026-11-22 14:05 UTC`.
pub(crate) fn minute(time: Timestamp) -> String {
    let time = time.to_string();
    format!("{} {} UTC", &time[..10], &time[11..16])
}
