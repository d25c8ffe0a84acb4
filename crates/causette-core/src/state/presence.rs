//! Who is present: connected, or staying without a connection for not too long; one at which nobody is counts as none. That is kept with
//! each person, changes by the functions
//! of this file alone, and is what every view asks (`person/visibility.rs`). Who sees it change is told by `person/presence.rs`.

use super::State;
use super::session::Session;
use super::user::User;
use crate::id::{AccountId, SessionId, UserId};
use crate::limits;

impl State {
    /// From now on a person is present, in each of their channels.
    pub(crate) fn show(&mut self, id: UserId) {
        self.set_present(id, true);
    }

    /// A person is present no more, and in their channels all the same.
    pub(crate) fn hide(&mut self, id: UserId) {
        self.set_present(id, false);
    }

    fn set_present(&mut self, id: UserId, present: bool) {
        let Some(user) = self.users.get_mut(&id) else {
            return;
        };
        if user.present == present {
            return;
        }
        user.present = present;
        let invisible = usize::from(user.modes.has('i'));
        if present {
            self.people += 1;
            self.census.invisible += invisible;
        } else {
            self.people -= 1;
            self.census.invisible -= invisible;
        }
        for room in &user.channels {
            if let Some(channel) = self.channels.get_mut(room) {
                if present {
                    channel.present += 1;
                } else {
                    channel.present -= 1;
                }
            }
        }
        self.note_fading(id);
    }

    /// A connection speaks for a person from now on.
    pub(crate) fn speak_for(&mut self, session: SessionId, user: UserId) {
        if let Some(found) = self.sessions.get_mut(&session)
            && let Some(person) = self.users.get_mut(&user)
        {
            found.user = Some(user);
            person.sessions.push(session);
            person.unattended += usize::from(!found.attended);
        }
        self.forget_audiences(user);
        self.note_fading(user);
    }

    /// A connection is there no more, and speaks for nobody.
    pub(super) fn speak_no_more(&mut self, session: &Session) {
        let Some(user) = session.user else {
            return;
        };
        self.forget_audiences(user);
        if let Some(user) = self.users.get_mut(&user) {
            user.sessions.retain(|held| *held != session.id);
            user.unattended -= usize::from(!session.attended);
        }
        self.note_fading(user);
    }

    /// Somebody is at a connection from now on, or nobody is.
    pub(crate) fn attend(&mut self, session: SessionId, attended: bool) {
        let Some(found) = self.sessions.get_mut(&session) else {
            return;
        };
        let before = std::mem::replace(&mut found.attended, attended);
        let Some(user) = found.user.filter(|_| before != attended) else {
            return;
        };
        if let Some(user) = self.users.get_mut(&user) {
            user.unattended = match attended {
                true => user.unattended - 1,
                false => user.unattended + 1,
            };
        }
        self.note_fading(user);
    }

    /// Whether a connection is the last one of its person that counts.
    pub(crate) fn is_last(&self, session: SessionId) -> bool {
        let session = self.sessions.get(&session);
        session.is_some_and(|session| {
            let user = session.user.and_then(|user| self.users.get(&user));
            user.is_some_and(|user| {
                user.attending() == 1 && (session.attended || user.account.is_none())
            })
        })
    }

    /// Whether nobody is there who has an account.
    pub(crate) fn is_absent(&self, account: AccountId) -> bool {
        let user = self.users.get(&UserId::from(account));
        user.is_none_or(|user| user.is_absent())
    }

    /// Notes until when a person is present who has no connection. To be called wherever their first one comes or their last one goes.
    pub(crate) fn note_fading(&mut self, id: UserId) {
        let Some(user) = self.users.get(&id) else {
            return;
        };
        let Some(until) = self.present_until(user) else {
            return;
        };
        if user.is_absent() && user.present {
            self.fading.insert((until, id));
        } else {
            self.fading.remove(&(until, id));
        }
    }

    /// Forgets that somebody is present who is no more.
    pub(super) fn forget_presence(&mut self, user: &User) {
        self.people -= usize::from(user.present);
        self.census.invisible -= usize::from(user.present && user.modes.has('i'));
        if let Some(until) = self.present_until(user) {
            self.fading.remove(&(until, user.id));
        }
    }

    /// Until when a person is present without a connection, in seconds of the steady time.
    fn present_until(&self, user: &User) -> Option<i64> {
        let account = self.accounts.get(&user.account?)?;
        let last_seen = self.clock.counted_from(account.last_seen);
        Some(last_seen.seconds() + limits::PRESENT_DAYS * 24 * 3600)
    }

    /// Whether somebody without a connection was here lately enough to be present.
    fn was_here_lately(&self, user: &User) -> bool {
        let now = self.clock.steady().seconds();
        self.present_until(user).is_some_and(|until| now < until)
    }

    /// Lets a person be present who stays without a connection, where that is not for too long, as it was when everything was recorded
    /// that a start finds.
    pub(super) fn show_who_stays(&mut self, id: UserId) {
        if let Some(user) = self.users.get(&id)
            && self.was_here_lately(user)
        {
            self.show(id);
        }
    }

    /// The next of those who have stayed without a connection for too long.
    pub(crate) fn next_gone(&self) -> Option<UserId> {
        let (until, user) = self.fading.first().copied()?;
        (until <= self.clock.steady().seconds()).then_some(user)
    }

    /// Counts anew for how long people have been without a connection: a step of the clock may have shown that it was for another time than it
    /// seemed.
    pub(super) fn recount_absent(&mut self) {
        self.fading.clear();
        let absent = self.users.values().filter(|user| user.is_absent());
        let absent: Vec<UserId> = absent.map(|user| user.id).collect();
        for user in absent {
            self.note_fading(user);
        }
    }

    /// Those who are not present, and have not been without a connection for as long as it seemed. In the order of their ids.
    pub(crate) fn not_gone(&self) -> Vec<UserId> {
        let users = self.users.values();
        let found =
            users.filter(|user| user.is_absent() && !user.present && self.was_here_lately(user));
        let mut found: Vec<UserId> = found.map(|user| user.id).collect();
        found.sort_unstable();
        found
    }

    /// How many people are present.
    pub(crate) fn people_present(&self) -> usize {
        self.people
    }

    /// Whether what is kept of who is present agrees. For the simulator and after a panic.
    pub(super) fn check_presence(&self) -> Result<(), String> {
        for user in self.users.values() {
            let sessions = user.sessions.iter();
            let sessions = sessions.filter_map(|session| self.sessions.get(session));
            let unattended = sessions.filter(|session| !session.attended).count();
            if user.unattended != unattended {
                return Err(format!(
                    "nobody is at {unattended} clients of {}",
                    user.nick
                ));
            }
            if !user.is_absent() && !user.present {
                return Err(format!("{} is connected and not present", user.nick));
            }
            let noted = self.fading.iter().filter(|(_, id)| *id == user.id);
            if noted.count() != usize::from(user.is_absent() && user.present) {
                return Err(format!("{} fades where they are not absent", user.nick));
            }
        }
        let people = self.users.values().filter(|user| user.present).count();
        if self.people != people {
            return Err(format!(
                "{} are counted where {people} are present",
                self.people
            ));
        }
        for channel in self.channels.values() {
            let members = channel.members.keys();
            let members = members.filter_map(|id| self.users.get(id));
            let present = members.filter(|user| user.present).count();
            if channel.present != present {
                let (name, kept) = (&channel.name, channel.present);
                return Err(format!("{name} counts {kept} present where {present} are"));
            }
        }
        Ok(())
    }
}
