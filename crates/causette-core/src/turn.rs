//! One input being handled: the state, the settings and where the outputs go.

mod administration;
pub(crate) mod bundle;
pub(crate) mod metadata;
pub(crate) mod parting;
pub(crate) mod words;

use crate::actor::Actor;
use crate::event::{Event, What};
use crate::file::Signer;
use crate::id::{AccountId, Room, RoomId, SessionId, UserId};
use crate::limits;
use crate::line::{Line, Meta};
use crate::output::{Deliver, Entry, Output, Outputs};
use crate::record::{Fact, Record, Who};
use crate::reserved;
use crate::settings::Settings;
use crate::state::State;
use crate::state::effect::Shown;
use crate::turn::bundle::Bundle;
use causette_proto::numeric::{RPL_MONOFFLINE, RPL_MONONLINE};
use causette_proto::{AccountName, Capabilities, Capability, CompactString, Nick, Timestamp};
use causette_text::Language;
use compact_str::format_compact;
use std::sync::Arc;

/// What every handler works on.
pub(crate) struct Turn<'a> {
    pub(crate) state: &'a mut State,
    pub(crate) settings: &'a Settings,
    /// The lines of 005 under these settings.
    pub(crate) isupport: &'a [String],
    pub(crate) out: &'a mut Outputs,
    /// Set at the first change, so that the engine knows whether a panic left things half done.
    pub(crate) mutated: &'a mut bool,
    /// What it causes for its own session.
    pub(crate) own: Bundle,
    /// In which language who asks is answered, where they have no session that says so.
    pub(crate) language: Language,
}

/// A fact that was committed by this input, among the records that its outputs hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark(usize);

impl Turn<'_> {
    /// The same, for something that is done on the way, for another session.
    pub(crate) fn reborrow(&mut self) -> Turn<'_> {
        Turn {
            state: self.state,
            settings: self.settings,
            isupport: self.isupport,
            out: self.out,
            mutated: self.mutated,
            own: Bundle::default(),
            language: self.language,
        }
    }

    /// The time of this input, as people are shown it.
    pub(crate) fn now(&self) -> Timestamp {
        self.state.clock.shown()
    }

    /// The time of this input, by which everything is ordered and measured.
    pub(crate) fn steady(&self) -> Timestamp {
        self.state.clock.steady()
    }

    /// Commits a fact: it is stamped, takes effect, is recorded, and is delivered to those who see it. The mark finds its entry.
    pub(crate) fn commit(&mut self, actor: &Actor, fact: Fact) -> Mark {
        let mark = self.mark();
        if let Some(shown) = self.apply(actor, None, fact, None) {
            self.show(actor.session(), &shown);
        }
        mark
    }

    /// The mark of what is committed next.
    pub(crate) fn mark(&self) -> Mark {
        Mark(self.out.records())
    }

    /// The entry of what was committed by this input, for an answer that is the next output.
    pub(crate) fn entry(&self, Mark(mark): Mark) -> Entry {
        Entry::Before(self.out.records() - mark)
    }

    /// The same without delivering it, entered as the act of somebody where that is not who acts by itself. What happens in a room is
    /// shown under the room's name, or under another.
    fn apply(
        &mut self,
        actor: &Actor,
        by: Option<Who>,
        fact: Fact,
        shown_as: Option<&str>,
    ) -> Option<Shown> {
        *self.mutated = true;
        let record = Record {
            time: match fact {
                // It is entered with the time that it leads to.
                Fact::ClockStepped { to, .. } => to,
                _ => self.now(),
            },
            steady: self.steady(),
            session: actor.session(),
            by: by.unwrap_or_else(|| self.who_acts(actor, &fact)),
            fact,
        };
        let shown = self.state.take_effect(&record, shown_as);
        self.out.push(Output::Record(record));
        shown
    }

    /// Who acts by a fact. What happens in a room, its author does; whoever knocks is an address until they have said who they
    /// are.
    fn who_acts(&self, actor: &Actor, fact: &Fact) -> Who {
        match (actor, fact) {
            (_, Fact::Event { event, .. }) => match event.account {
                // Whoever sits there.
                _ if event.author == UserId::ADMINISTRATION => actor.who(self.state),
                // What those who run the server do in a room, the server shows there as its own act.
                _ if event.author == UserId::SERVER => actor.who(self.state),
                Some(_) => Who::Account(AccountId(event.author.0)),
                None => Who::Guest(event.author),
            },
            (_, Fact::SessionOpened { peer, .. } | Fact::SessionRefused { peer, .. }) => {
                Who::Address(peer.address)
            }
            // Nothing is known of them but that.
            (Actor::Server, Fact::FileFetched { from, .. }) => Who::Address(from.address),
            (_, Fact::ConnectionsSilent { address, .. })
            | (
                Actor::Server | Actor::Account { .. },
                Fact::SignedIn { address, .. } | Fact::SignInRefused { address, .. },
            ) => Who::Address(*address),
            _ => actor.who(self.state),
        }
    }

    /// Lets something happen in rooms: it takes effect, is recorded, and is delivered to all who see it. The session through
    /// which it came gets its copy in its own bundle.
    pub(crate) fn happen(&mut self, actor: &Actor, rooms: Vec<Room>, author: UserId, what: What) {
        self.occur(actor, None, rooms, None, author, what);
    }

    /// Lets something happen in rooms that its author was made to do: people see the author do it, the record names who made them.
    pub(crate) fn impose(&mut self, actor: &Actor, rooms: Vec<Room>, author: UserId, what: What) {
        let by = actor.who(self.state);
        self.occur(actor, Some(by), rooms, None, author, what);
    }

    /// Lets the server do something in a channel that follows from what somebody does there: entered as its own act.
    pub(crate) fn follow(&mut self, actor: &Actor, room: RoomId, what: What) {
        let rooms = vec![Room::Channel(room)];
        self.occur(actor, Some(Who::Server), rooms, None, UserId::SERVER, what);
    }

    /// The same, in a room that is shown under a name: a conversation with one who is gone has none of its own.
    pub(crate) fn happen_at(
        &mut self,
        actor: &Actor,
        rooms: Vec<Room>,
        name: Option<&str>,
        author: UserId,
        what: What,
    ) {
        self.occur(actor, None, rooms, name, author, what);
    }

    /// Lets somebody say something in a room for somebody else, whom people see say it; the record names who has said it here.
    pub(crate) fn happen_as(
        &mut self,
        actor: &Actor,
        room: Room,
        (author, source): (UserId, &CompactString),
        what: What,
    ) {
        let by = actor.who(self.state);
        let mut event = self.event(author, what);
        event.source = source.clone();
        event.account = None;
        self.take_place(actor, Some(by), vec![room], None, event);
    }

    fn occur(
        &mut self,
        actor: &Actor,
        by: Option<Who>,
        rooms: Vec<Room>,
        name: Option<&str>,
        author: UserId,
        what: What,
    ) {
        let event = self.event(author, what);
        self.take_place(actor, by, rooms, name, event);
    }

    fn take_place(
        &mut self,
        actor: &Actor,
        by: Option<Who>,
        rooms: Vec<Room>,
        name: Option<&str>,
        mut event: Event,
    ) {
        let said = matches!(event.what, What::Said { .. });
        let joined = matches!(event.what, What::Joined { .. });
        let first = rooms.first().copied();
        self.state.told_in(rooms.len());
        let to_self = matches!(rooms.as_slice(), [room] if room.is_of_one());
        event.hidden = self.state.is_hidden(&rooms, &event);
        event.closed = self.state.is_closed(&rooms, &event);
        let closable = matches!(
            event.what,
            What::Parted { .. } | What::Kicked { .. } | What::Quit { .. }
        );
        let rooms_left = if closable { rooms.clone() } else { Vec::new() };
        let author = event.author;
        let shown = self
            .apply(actor, by, Fact::Event { rooms, event }, name)
            .expect("an event is shown, if only to nobody");
        self.show(actor.session(), &shown);
        if let (true, Some(Room::Channel(room))) = (joined, first) {
            self.tell_metadata_inside(author, room);
        }
        if let Some(session) = actor.session() {
            // What one says comes back to who asked for echoes; what is said in another's name does not.
            let found = self.state.sessions.get(&session);
            let own = found.and_then(|session| session.user) == Some(author);
            let echoes = said && own;
            if echoes || shown.to.contains(&session) {
                self.own_copy(session, &shown, echoes);
            }
            if echoes && to_self {
                self.reach_oneself(session, &shown);
            }
        }
        self.close_empty(&rooms_left);
    }

    /// Lets something be said to somebody that they read in other words than its author: the author's are those that are kept.
    pub(crate) fn happen_apart(
        &mut self,
        actor: &Actor,
        author: UserId,
        (to, theirs): (UserId, CompactString),
        what: What,
    ) {
        let rooms = vec![Room::direct(author, to)];
        let name = self.state.nick_of(to);
        let event = self.event(author, what);
        let mut other = event.clone();
        if let What::Said { text, .. } = &mut other.what {
            *text = theirs;
        }
        let shown = self
            .apply(actor, None, Fact::Event { rooms, event }, Some(&name))
            .expect("an event is shown, if only to nobody");
        let sessions = self.state.users.get(&to).map(|user| user.sessions.clone());
        let sessions = sessions.unwrap_or_default();
        let is_theirs = |session: &&SessionId| sessions.contains(session);
        let own = shown.to.iter().filter(|session| !is_theirs(session));
        let own = Shown {
            line: Arc::clone(&shown.line),
            to: own.copied().collect(),
            needs: shown.needs,
        };
        self.show(actor.session(), &own);
        if let Some(session) = actor.session().filter(|id| own.to.contains(id)) {
            self.own_copy(session, &own, true);
        }
        let line = Arc::new(Line::of_event(&other, &name));
        self.deliver(line, sessions.to_vec(), Capabilities::EMPTY);
    }

    /// By what addresses of files are signed for an account now.
    pub(crate) fn signer(&self, account: AccountId) -> Signer {
        let files = &self.settings.files;
        Signer {
            key: files.key,
            url: files.url.clone(),
            account,
            until: self.steady().plus_seconds(limits::FILE_ADDRESS_SECONDS),
        }
    }

    /// Lets something be said in a channel that was kept back: as its author was then, by who lets it pass.
    pub(crate) fn say_late(
        &mut self,
        actor: &Actor,
        room: RoomId,
        author: (UserId, CompactString, Option<AccountName>),
        what: What,
    ) {
        let (author, source, account) = author;
        let rooms = vec![Room::Channel(room)];
        let mut event = Event {
            source,
            account,
            ..self.event(author, what)
        };
        event.closed = self.state.is_closed(&rooms, &event);
        let by = actor.who(self.state);
        let shown = self
            .apply(actor, Some(by), Fact::Event { rooms, event }, None)
            .expect("an event is shown, if only to nobody");
        self.show(actor.session(), &shown);
        if let Some(session) = actor.session()
            && shown.to.contains(&session)
        {
            self.own_copy(session, &shown, false);
        }
    }

    /// Shows what someone says without recording it: it is worth nothing a moment later, and nothing at all where nobody
    /// gets it. Says whether anybody did.
    pub(crate) fn pass(&mut self, actor: &Actor, room: Room, author: UserId, what: What) -> bool {
        let session = actor.session();
        *self.mutated = true;
        let event = self.event(author, what);
        let shown = self.state.pass(room, &event);
        if !self.state.is_heard(room, author, &shown) {
            return false;
        }
        self.show(session, &shown);
        if let Some(session) = session {
            self.own_copy(session, &shown, true);
            if room.is_of_one() {
                self.reach_oneself(session, &shown);
            }
        }
        true
    }

    /// Lets what one says to oneself arrive too, behind the echo and without its label: by that a client tells one from the
    /// other. <https://ircv3.net/specs/extensions/labeled-response>
    fn reach_oneself(&mut self, session: SessionId, shown: &Shown) {
        let delivery = Output::Deliver(Deliver {
            line: Arc::clone(&shown.line),
            to: [session].into(),
            except: None,
            needs: shown.needs,
        });
        self.after(delivery);
    }

    /// The copy of the session whose input this is, where its client understands it.
    fn own_copy(&mut self, session: SessionId, shown: &Shown, is_echo: bool) {
        let found = self.state.sessions.get(&session);
        let enabled = found.map_or(Capabilities::EMPTY, |found| found.enabled);
        let wanted = !is_echo || enabled.contains(Capability::EchoMessage);
        if wanted && enabled.contains_all(shown.needs) && self.own.is_of(session) {
            self.own.shared(Arc::clone(&shown.line));
        }
    }

    /// Records that an account goes by a nickname from now on which nobody sees it take.
    pub(crate) fn note_nick(&mut self, actor: &Actor, id: AccountId, nick: Nick) {
        let Some(account) = self.state.accounts().get(&id) else {
            return;
        };
        let name = account.name.clone();
        let mut event = self.event(UserId::from(id), What::Renamed { nick });
        event.account = Some(name);
        let rooms = Vec::new();
        self.apply(actor, None, Fact::Event { rooms, event }, None);
    }

    fn event(&mut self, author: UserId, what: What) -> Event {
        let (source, account) = match self.state.users.get(&author) {
            Some(user) => (user.source.clone(), self.state.account_name(user).cloned()),
            None if author == UserId::ADMINISTRATION => {
                (reserved::administration(&self.settings.server), None)
            }
            None => match self.state.accounts().get(&AccountId(author.0)) {
                // Whoever asks by HTTP need not be here.
                Some(account) => {
                    let name = account.name.as_str();
                    let source = format_compact!("{}!{name}@account/{name}", account.nick);
                    (source, Some(account.name.clone()))
                }
                None => (self.settings.server.clone(), None),
            },
        };
        Event {
            msgid: self.state.next_msgid(),
            time: self.state.clock.shown(),
            author,
            source,
            account,
            hidden: false,
            closed: false,
            what,
        }
    }

    fn show(&mut self, except: Option<SessionId>, shown: &Shown) {
        if !shown.to.is_empty() {
            self.out.push(Output::Deliver(Deliver {
                line: Arc::clone(&shown.line),
                to: Arc::clone(&shown.to),
                except,
                needs: shown.needs,
            }));
        }
    }

    /// A line that is no event of a room.
    pub(crate) fn line(&self, body: String) -> Arc<Line> {
        self.line_of(UserId::SERVER, body)
    }

    /// The same whose source is somebody, who may have an account.
    pub(crate) fn line_of(&self, source: UserId, body: String) -> Arc<Line> {
        let user = self.state.users.get(&source);
        let account = user.and_then(|user| self.state.account_name(user));
        let meta = Meta {
            time: self.now(),
            account: account.map(|name| name.as_str().into()),
            ..Meta::default()
        };
        Arc::new(Line::new(meta, body))
    }

    /// Delivers a line that is no event of a room.
    pub(crate) fn deliver(&mut self, line: Arc<Line>, to: Vec<SessionId>, needs: Capabilities) {
        if !to.is_empty() {
            self.out.push(Output::Deliver(Deliver {
                line,
                to: to.into(),
                except: None,
                needs,
            }));
        }
    }

    /// Tells those who monitor a nickname that it is online (730) or has left (731).
    pub(crate) fn tell_monitors(&mut self, nick: &Nick, online: Option<&str>) {
        let to = self.state.monitors.of(nick).to_vec();
        if to.is_empty() {
            return;
        }
        let server = &self.settings.server;
        let body = match online {
            Some(source) => format!(":{server} {RPL_MONONLINE} * :{source}"),
            None => format!(":{server} {RPL_MONOFFLINE} * :{nick}"),
        };
        self.deliver(self.line(body), to.clone(), Capabilities::EMPTY);
        if let Some(source) = online {
            self.show_metadata_of(nick, source, &to);
        }
    }

    /// Tells the authors of messages that wait in a channel that nobody will read them any more.
    fn tell_held_are_gone(&mut self, room: RoomId) {
        let held = self.state.held().iter().filter(|held| held.room == room);
        let authors: Vec<UserId> = held.map(|held| held.author).collect();
        if authors.is_empty() {
            return;
        }
        let channel = self.state.channels().get(&room);
        let Some(name) = channel.map(|channel| channel.name.clone()) else {
            return;
        };
        for author in authors {
            self.tell_person(author, "held-room-closed", &[("channel", name.as_str())]);
        }
    }

    /// Closes the channels among these that nobody is in any more, except those that stay.
    pub(crate) fn close_empty(&mut self, rooms: &[Room]) {
        for room in rooms {
            if let Room::Channel(room) = *room
                && self
                    .state
                    .channels()
                    .get(&room)
                    .is_some_and(|channel| channel.members.is_empty() && !channel.stays())
            {
                self.tell_held_are_gone(room);
                self.commit(&Actor::Server, Fact::RoomClosed { room });
            }
        }
    }
}
