//! What the server says of itself: what everybody reads is in its own language, what it tells one is in theirs.

use crate::actor::Actor;
use crate::fitting::fit;
use crate::id::{AccountId, SessionId, UserId};
use crate::line::Line;
use crate::output::Output;
use crate::report::Watched;
use crate::state::account::Setting;
use crate::turn::Turn;
use causette_proto::{Capabilities, CompactString, Timestamp};
use causette_text::{Language, text, text_with};
use rustc_hash::FxHashSet;
use std::sync::Arc;

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

    /// Says something to one session, in its language and in the name of a service, whoever's input is being handled.
    pub(crate) fn tell_session(
        &mut self,
        session: SessionId,
        service: &str,
        key: &str,
        variables: &[(&str, &str)],
    ) {
        let source = format!("{service}!services@{}", self.settings.server);
        self.say_to(session, &source, key, variables);
    }

    /// The same in the name of the server.
    pub(crate) fn tell_session_itself(
        &mut self,
        session: SessionId,
        key: &str,
        variables: &[(&str, &str)],
    ) {
        let source = self.settings.server.clone();
        self.say_to(session, &source, key, variables);
    }

    /// A text for somebody, whether they are there or not.
    pub(crate) fn words_to(&self, user: UserId, key: &str, variables: &[(&str, &str)]) -> String {
        text_with(self.language_of(user), key, variables)
    }

    /// The language in which the server speaks to somebody.
    fn language_of(&self, user: UserId) -> Language {
        let sessions = self.state.users.get(&user).map(|user| &user.sessions);
        let mut sessions = sessions.into_iter().flatten();
        let spoken = sessions.find_map(|session| self.state.sessions.get(session)?.language);
        let account = self.state.accounts().get(&AccountId(user.0));
        let kept = account.and_then(|account| account.setting(Setting::Language));
        spoken
            .or_else(|| kept.and_then(Language::from_tag))
            .unwrap_or(self.settings.language)
    }

    /// Tells somebody something on each of their connections, in its language.
    pub(crate) fn tell_person(&mut self, user: UserId, key: &str, variables: &[(&str, &str)]) {
        let sessions = self.state.users.get(&user).map(|user| &user.sessions);
        let source = self.settings.server.clone();
        for session in sessions.cloned().into_iter().flatten() {
            self.say_to(session, &source, key, variables);
        }
    }

    /// Tells somebody whom those who run the server have touched where to object, where that is said.
    pub(crate) fn tell_how_to_object(&mut self, user: UserId) {
        let sessions = self.state.users.get(&user).map(|user| &user.sessions);
        for session in sessions.cloned().into_iter().flatten() {
            self.tell_session_how_to_object(session);
        }
    }

    /// The same by one of their connections.
    pub(crate) fn tell_session_how_to_object(&mut self, session: SessionId) {
        let settings = self.settings;
        if !settings.contact.is_empty() {
            let variables = [("contact", settings.contact.as_str())];
            self.tell_session_itself(session, "how-to-object", &variables);
        }
    }

    /// Says something to one session, in its language.
    fn say_to(&mut self, session: SessionId, source: &str, key: &str, variables: &[(&str, &str)]) {
        let Some(found) = self.state.sessions.get(&session) else {
            return;
        };
        let user = found.user.map(|user| self.state.nick_of(user));
        let wanted = || found.nick.as_ref();
        let nick = user.or_else(|| Some(CompactString::new(wanted()?.as_str())));
        let nick = nick.unwrap_or_else(|| CompactString::const_new("*"));
        let text = self.words_for(session, key, variables);
        let body = fit(format!(":{source} NOTICE {nick} :{text}"));
        let line = self.line(body);
        self.give(session, line);
    }

    /// Gives one session a line: in its bundle where it is the one whose input this is.
    pub(crate) fn give(&mut self, session: SessionId, line: Arc<Line>) {
        if self.own.is_of(session) {
            self.own.shared(line);
        } else {
            self.deliver(line, vec![session], Capabilities::EMPTY);
        }
    }

    /// Tells those who run the server what one of them has done: the operators, in their channel
    /// or where they are, and who watches at a console.
    pub(crate) fn tell_acted(&mut self, actor: &Actor, key: &str, variables: &[(&str, &str)]) {
        let text = self.words_with(key, variables);
        self.keep_act(actor, &text);
        let there = self.state.administration();
        let there = there.map(|channel| channel.members.keys().copied().collect());
        self.tell_operators_but(actor.session(), &there.unwrap_or_default(), key, variables);
        self.watch(Watched::Acted(text));
    }

    /// Shows something to who watches at a console.
    pub(crate) fn watch(&mut self, watched: Watched) {
        self.out.push(Output::Watched(watched));
    }

    /// Tells the operators of the server who want to hear it (user mode `s`) what another one has done, each in their
    /// language.
    pub(crate) fn tell_operators(
        &mut self,
        but: Option<SessionId>,
        key: &str,
        variables: &[(&str, &str)],
    ) {
        self.tell_operators_but(but, &FxHashSet::default(), key, variables);
    }

    /// The same, but to those people.
    fn tell_operators_but(
        &mut self,
        but: Option<SessionId>,
        people: &FxHashSet<UserId>,
        key: &str,
        variables: &[(&str, &str)],
    ) {
        let sessions = self.state.hearing().into_iter();
        let told: Vec<(SessionId, Language, CompactString)> = sessions
            .filter(|session| Some(*session) != but)
            .filter_map(|id| {
                let session = self.state.sessions.get(&id)?;
                let user = self.state.users.get(&session.user?)?;
                let reads = people.contains(&user.id);
                let language = session.language.unwrap_or(self.settings.language);
                let nick = CompactString::new(user.nick.as_str());
                (user.modes.has('s') && !reads).then_some((id, language, nick))
            })
            .collect();
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

/// A second for people, `2026-11-22 14:05:09 UTC`.
pub(crate) fn second(time: Timestamp) -> String {
    let time = time.to_string();
    format!("{} {} UTC", &time[..10], &time[11..19])
}
