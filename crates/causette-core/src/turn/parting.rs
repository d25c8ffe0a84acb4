//! Why somebody goes, or is away, as the server says it: each who sees it reads it in their own language. The record has the server's.

use crate::actor::Actor;
use crate::event::What;
use crate::id::{Room, SessionId, UserId};
use crate::line::Line;
use crate::record::{Fact, Who};
use crate::report::Away;
use crate::state::effect::Shown;
use crate::turn::Turn;
use causette_proto::{Capabilities, CompactString};
use causette_text::{Language, text_with};
use std::sync::Arc;

/// A reason in words of the server's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parting {
    key: &'static str,
    variables: Vec<(CompactString, CompactString)>,
}

impl Parting {
    /// The reason of a key of the texts, with its variables.
    pub(crate) fn new(key: &'static str, variables: &[(&str, &str)]) -> Self {
        let variables = variables.iter();
        Self {
            key,
            variables: variables
                .map(|(name, value)| ((*name).into(), (*value).into()))
                .collect(),
        }
    }

    /// It in a language.
    pub(crate) fn told(&self, language: Language) -> String {
        let variables = self.variables.iter();
        let variables: Vec<(&str, &str)> = variables
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        text_with(language, self.key, &variables)
    }
}

/// What is told of somebody, each time with the language in which it is said; with none where it is the same to everybody.
pub(crate) struct Told(Vec<(Option<Language>, String)>);

impl Told {
    /// What is the same to everybody.
    pub(crate) fn same(words: &str) -> Self {
        Self(vec![(None, words.to_owned())])
    }

    /// Why somebody is away, or that they are no more.
    pub(crate) fn away(away: Option<&Away>) -> Self {
        match away {
            Some(Away::Said(reason)) => Self::same(&format!("AWAY :{reason}")),
            Some(found @ Away::Found(_)) => {
                let told = |language| {
                    let words = format!("AWAY :{}", found.told(language));
                    (Some(language), words)
                };
                Self(Language::ALL.map(told).into())
            }
            None => Self::same("AWAY"),
        }
    }
}

impl Turn<'_> {
    /// Lets somebody leave rooms, as one of the events tells it that have a reason: by themselves, or by who makes them.
    pub(crate) fn part_with(
        &mut self,
        actor: &Actor,
        by: Option<Who>,
        (rooms, author): (Vec<Room>, UserId),
        parting: &Parting,
        leaving: fn(CompactString) -> What,
    ) {
        self.state.told_in(rooms.len());
        let target = self.state.shown_name(rooms.first().copied(), author);
        let left = |language| leaving(parting.told(language).into());
        let own = self.settings.language;
        let mut event = self.event(author, left(own));
        event.hidden = self.state.is_hidden(&rooms, &event);
        event.closed = self.state.is_closed(&rooms, &event);
        // Most reasons are what somebody has said, and the same to everybody.
        let mut others: Vec<(Language, Arc<Line>)> = Vec::new();
        for language in Language::ALL {
            let what = left(language);
            if what.text() != event.what.text() {
                let mut other = event.clone();
                other.what = what;
                others.push((language, Arc::new(Line::of_event(&other, &target))));
            }
        }
        let rooms_left = rooms.clone();
        let mut shown = self
            .apply(actor, by, Fact::Event { rooms, event }, None)
            .expect("an event is shown, if only to nobody");
        for (language, line) in others {
            let to = shown.to.iter().copied();
            let (theirs, rest): (Vec<SessionId>, Vec<SessionId>) =
                to.partition(|session| self.spoken_in(*session) == language);
            let (to, needs) = (theirs.into(), shown.needs);
            self.show_leaving(actor, &Shown { line, to, needs });
            shown.to = rest.into();
        }
        self.show_leaving(actor, &shown);
        self.close_empty(&rooms_left);
    }

    /// Shows it to those who read it so; the session through which it came, in its own bundle.
    fn show_leaving(&mut self, actor: &Actor, shown: &Shown) {
        self.show(actor.session(), shown);
        if let Some(session) = actor.session().filter(|id| shown.to.contains(id)) {
            self.own_copy(session, shown, false);
        }
    }

    /// Delivers what is told of somebody to those of these sessions that know what it needs, each in its language.
    pub(crate) fn deliver_told(
        &mut self,
        user: UserId,
        source: &str,
        told: &Told,
        to: &[SessionId],
        needs: Capabilities,
    ) {
        for (language, words) in &told.0 {
            let to = to.iter().copied();
            let to = to.filter(|session| {
                language.is_none_or(|language| self.spoken_in(*session) == language)
            });
            let to = to.collect();
            let line = self.line_of(user, format!(":{source} {words}"));
            self.deliver(line, to, needs);
        }
    }

    /// In which language a session is spoken to.
    fn spoken_in(&self, session: SessionId) -> Language {
        let session = self.state.sessions.get(&session);
        let chosen = session.and_then(|session| session.language);
        chosen.unwrap_or(self.settings.language)
    }
}
