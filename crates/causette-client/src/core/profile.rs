//! What people and channels are called beside their names, and their pictures: as they say of themselves.
//! <https://github.com/ircv3/ircv3-specifications/pull/613>

use crate::core::client::Client;
use crate::core::limits::{PROFILE_QUESTIONS_MAX, PROFILE_WAIT_MAX, PROFILES_MAX};
use crate::core::output::Output;
use crate::core::request::Request;
use causette_proto::{CompactString, Message, Timestamp};
use std::collections::BTreeMap;

/// The capability by which they come.
const CAPABILITY: &str = "draft/metadata-3";

/// The keys that are followed.
const DISPLAY_NAME: &str = "display-name";
const AVATAR: &str = "avatar";

/// What somebody, or a channel, says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// What they are called beside their name; empty where they do not say.
    pub display_name: CompactString,
    /// The address of their picture; empty where they do not say.
    pub avatar: CompactString,
}

/// What is known of people and channels over one connection.
#[derive(Debug, Default)]
pub(crate) struct Profiles {
    /// By the key of the name.
    known: BTreeMap<CompactString, Profile>,
    /// Of whom more is to be asked, and when.
    later: Vec<(CompactString, Timestamp)>,
    /// How often more was asked.
    asked: usize,
}

impl Profiles {
    /// When more is to be asked for.
    pub(crate) fn deadline(&self) -> Option<Timestamp> {
        self.later.iter().map(|&(_, at)| at).min()
    }

    /// The connection is lost: nothing is asked any more. What was known is shown until there is another.
    pub(crate) fn lost(&mut self) {
        self.later.clear();
    }
}

impl Client {
    /// What somebody, or a channel, says of itself.
    pub fn profile(&self, name: &str) -> Option<&Profile> {
        self.profiles.known.get(&self.features.fold.key(name))
    }

    /// A name with what they are called beside it: `alice (Alice Martin)`.
    pub fn called(&self, name: &str) -> String {
        let display_name = self.profile(name).map(|profile| &profile.display_name);
        match display_name.filter(|shown| !shown.is_empty() && *shown != name) {
            Some(shown) => format!("{name} ({shown})"),
            None => name.to_owned(),
        }
    }

    /// Asks to be told. Who only says something and leaves has nothing to show.
    pub(crate) fn follow_profiles(&mut self, out: &mut Vec<Output>) {
        let shows = self.settings.follows && self.settings.keeps;
        if shows && self.features.has(CAPABILITY) && self.features.has("batch") {
            let follow = Message::new("METADATA").param("*").param("SUB");
            let follow = follow.param(DISPLAY_NAME).param(AVATAR);
            self.request(follow, Request::Quiet, out);
        }
    }

    /// 761 and 766: what somebody says, or says no more.
    pub(crate) fn profile_said(&mut self, message: &Message, out: &mut Vec<Output>) {
        let (target, key, value) = match &message.params[..] {
            [_, target, key, _, value] if message.command == "761" => (target, key, value.clone()),
            [_, target, key, ..] if message.command == "766" => {
                (target, key, CompactString::default())
            }
            _ => return,
        };
        let name = self.features.fold.key(target);
        let known = &mut self.profiles.known;
        if known.len() >= PROFILES_MAX && !known.contains_key(&name) {
            return;
        }
        let mut profile = known.remove(&name).unwrap_or_default();
        match key.as_str() {
            DISPLAY_NAME => profile.display_name = value,
            AVATAR => profile.avatar = value,
            _ => {}
        }
        if profile != Profile::default() {
            known.insert(name, profile);
        }
        out.push(Output::Changed);
    }

    /// 774: there is more than was sent.
    pub(crate) fn said_later(&mut self, message: &Message) {
        let [_, target, seconds, ..] = &message.params[..] else {
            return;
        };
        let seconds = seconds.parse().unwrap_or(PROFILE_WAIT_MAX);
        let at = self.now.plus_seconds(seconds.clamp(1, PROFILE_WAIT_MAX));
        let later = &mut self.profiles.later;
        if self.profiles.asked + later.len() < PROFILE_QUESTIONS_MAX
            && !later.iter().any(|(waits, _)| waits == target)
        {
            later.push((target.clone(), at));
        }
    }

    /// Asks for what was to be asked for later.
    pub(crate) fn ask_profiles(&mut self, out: &mut Vec<Output>) {
        let now = self.now;
        let later = std::mem::take(&mut self.profiles.later);
        let (due, later): (Vec<_>, Vec<_>) = later.into_iter().partition(|(_, at)| *at <= now);
        self.profiles.later = later;
        for (target, _) in due {
            self.profiles.asked += 1;
            let sync = Message::new("METADATA").param(target).param("SYNC");
            self.request(sync, Request::Quiet, out);
        }
    }

    /// Somebody goes by another name.
    pub(crate) fn profile_renamed(&mut self, old: &str, new: CompactString) {
        if let Some(profile) = self.profiles.known.remove(old) {
            self.profiles.known.insert(new, profile);
        }
    }

    /// Nobody tells of them any more.
    pub(crate) fn forget_profile(&mut self, key: &str) {
        self.profiles.known.remove(key);
    }

    /// 760: what WHOIS shows of it.
    pub(crate) fn told_of(
        &mut self,
        message: &Message,
        request: Option<&Request>,
        out: &mut Vec<Output>,
    ) {
        let [_, nick, key, _, value] = &message.params[..] else {
            return;
        };
        let variables = [
            ("nick", nick.as_str()),
            ("key", key.as_str()),
            ("value", value.as_str()),
        ];
        let place = self.place(request);
        self.inform_key(place, "client-says-of-themselves", &variables, out);
    }
}
