//! All that is true now: sessions, users, accounts, channels, and the ways to find them.

pub(crate) mod account;
mod accounts;
mod administration;
mod approval;
pub(crate) mod attempts;
mod census;
pub(crate) mod channel;
pub(crate) mod clock;
pub(crate) mod effect;
mod fair_queue;
mod fetches;
pub(crate) mod file;
pub(crate) mod invariant;
pub(crate) mod lately;
pub(crate) mod likeness;
pub(crate) mod list_mask;
mod lookup;
pub(crate) mod marker;
pub(crate) mod monitor;
pub(crate) mod naming;
pub(crate) mod numbered;
pub(crate) mod permit;
mod presence;
pub(crate) mod refusals;
mod restart;
pub(crate) mod role;
pub(crate) mod sanction;
pub(crate) mod session;
pub(crate) mod silence;
mod tokens;
pub(crate) mod user;
pub(crate) mod waiting;
pub(crate) mod whowas;
pub(crate) mod words;

use crate::filter::{Filter, HeldMessage};
use crate::id::{AccountId, IdSequence, Msgid, MsgidSequence, RoomId, SessionId, TokenId, UserId};
use crate::input::Moment;
use crate::invitation::Invitation;
use crate::limits;
use crate::record::Who;
use crate::settings::{Longest, Registration};
use crate::snapshot::AlertRow;
use crate::state::account::Account;
use crate::state::attempts::Attempts;
use crate::state::census::Census;
use crate::state::channel::Channel;
use crate::state::clock::Clock;
use crate::state::fetches::Fetches;
use crate::state::file::Files;
use crate::state::likeness::Likenesses;
use crate::state::monitor::Monitors;
use crate::state::numbered::Numbered;
use crate::state::permit::Permits;
use crate::state::refusals::Refusals;
use crate::state::role::OwnerCode;
use crate::state::sanction::Sanctions;
use crate::state::session::Session;
use crate::state::silence::Silences;
use crate::state::user::User;
use crate::state::waiting::Waiting;
use crate::state::whowas::Whowas;
use crate::state::words::Patterns;
use causette_proto::{Casemap, ChannelName, CompactString, Nick, Timestamp};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The live state. Owned by one thread.
#[derive(Debug)]
pub(crate) struct State {
    /// Which spellings are the same name.
    pub(crate) casemap: Casemap,
    // Boxed, because a table may have twice as many places as entries.
    pub(crate) sessions: FxHashMap<SessionId, Box<Session>>,
    pub(crate) users: FxHashMap<UserId, Box<User>>,
    nicks: FxHashMap<CompactString, UserId>,
    accounts: FxHashMap<AccountId, Account>,
    // In order, so that a list of them can go on behind any name.
    account_names: BTreeMap<CompactString, AccountId>,
    /// The accounts that are something else on the server than its users.
    officers: BTreeSet<AccountId>,
    /// The connections that are an operator's, or were.
    opered: BTreeSet<SessionId>,
    /// The accounts that wait to be approved.
    unapproved: BTreeSet<AccountId>,
    /// Until when tokens are good that are not for ever, the soonest over first.
    token_ends: BTreeSet<(Timestamp, AccountId, TokenId)>,
    /// What tokens were refused lately.
    pub(crate) refusals: Refusals,
    /// What is kept of the code that makes the first owner. It passes with the program.
    pub(crate) owner_code: Option<OwnerCode>,
    channels: FxHashMap<RoomId, Channel>,
    channel_names: FxHashMap<CompactString, RoomId>,
    /// The channel of those who run the server, once there is one.
    administration: Option<RoomId>,
    /// What names look like.
    likenesses: Likenesses,
    pub(crate) attempts: Attempts,
    /// Who wants to know when a nickname is online.
    pub(crate) monitors: Monitors,
    /// Who was online lately.
    pub(crate) whowas: Whowas,
    /// The accounts that certificates open.
    certificates: FxHashMap<CompactString, AccountId>,
    sanctions: Sanctions,
    invitations: Numbered<Invitation>,
    filters: Numbered<Filter>,
    /// The words of the filters, as they are compared.
    patterns: Patterns,
    held: Numbered<HeldMessage>,
    files: Files,
    /// What is being uploaded.
    pub(crate) permits: Permits,
    /// Who fetches which file.
    pub(crate) fetches: Fetches,
    /// The last alerts, the oldest first.
    alerts: VecDeque<AlertRow>,
    /// Who may sign up, where that was set otherwise than the configuration says.
    registration: Option<Registration>,
    /// What waits for an answer.
    pub(crate) waiting: Waiting,
    /// The time of the input.
    pub(crate) clock: Clock,
    /// The connections that have ended without a word and are not yet recorded.
    pub(crate) silences: Silences,
    /// How many lines the input has cost beyond itself: what is told in many rooms is work in each of them.
    pub(crate) cost: u32,
    /// Seconds since the start, as counted by ticks.
    pub(crate) uptime: i64,
    /// When the server started, as people are shown it.
    pub(crate) started: Timestamp,
    /// How many there are, for LUSERS.
    pub(crate) census: Census,
    /// How many people are present.
    people: usize,
    /// Until when each user is present who stays without a connection, in seconds of the steady time, the soonest first.
    fading: BTreeSet<(i64, UserId)>,
    ids: IdSequence,
    msgids: MsgidSequence,
}

impl State {
    /// A person, as facts name them.
    pub(crate) fn who(&self, user: &User) -> Who {
        user.account.map_or(Who::Guest(user.id), Who::Account)
    }

    /// The channels, by their ids. What changes of them changes by a fact.
    pub(crate) fn channels(&self) -> &FxHashMap<RoomId, Channel> {
        &self.channels
    }

    /// The sanctions that hold. What changes of them changes by a fact.
    pub(crate) fn sanctions(&self) -> &Sanctions {
        &self.sanctions
    }

    /// The invitations with which somebody can still sign up. What changes of them changes by a fact.
    pub(crate) fn invitations(&self) -> &Numbered<Invitation> {
        &self.invitations
    }

    /// The words that are looked for in what is said. What changes of them changes by a fact.
    pub(crate) fn filters(&self) -> &Numbered<Filter> {
        &self.filters
    }

    /// The messages that wait for somebody to decide about them. What changes of them changes by a fact.
    pub(crate) fn held(&self) -> &Numbered<HeldMessage> {
        &self.held
    }

    /// The files that there are. What changes of them changes by a fact.
    pub(crate) fn files(&self) -> &Files {
        &self.files
    }

    /// The last alerts, the oldest first.
    pub(crate) fn alerts(&self) -> &VecDeque<AlertRow> {
        &self.alerts
    }

    /// One thing is told in so many rooms. A single room is paid for by the line itself, or by its place in the line's list.
    pub(crate) fn told_in(&mut self, rooms: usize) {
        let lines = rooms.div_ceil(limits::PARTS_PER_LINE).saturating_sub(1);
        self.cost = self.cost.saturating_add(lines as u32);
    }

    /// Moves the time forward for the next input; says what the wall clock shows where it was set, as
    /// [`Clock::advance`] does.
    pub(crate) fn advance(&mut self, moment: Moment) -> Option<Timestamp> {
        self.clock.advance(moment)
    }

    /// The time since the start, which no clock sets back.
    pub(crate) fn uptime(&self) -> Timestamp {
        Timestamp(0).plus_seconds(self.uptime)
    }

    /// The next id, greater than all before. Even: the odd ones are for sessions, which the server names, so that a guest,
    /// who has the number of a session, never meets an account.
    pub(crate) fn next_id(&mut self) -> u64 {
        loop {
            let id = self.ids.next(self.clock.steady());
            if id.is_multiple_of(2) {
                return id;
            }
        }
    }

    /// The next message id.
    pub(crate) fn next_msgid(&mut self) -> Msgid {
        self.msgids.next(self.clock.steady())
    }

    /// Adds somebody whom nobody sees yet.
    pub(crate) fn add_user(&mut self, user: User) -> UserId {
        let id = user.id;
        self.note_nick(&user.nick, id);
        self.users.insert(id, Box::new(user));
        id
    }

    /// Lets a user go who is in no channel any more.
    pub(crate) fn remove_user(&mut self, id: UserId) {
        if let Some(user) = self.users.remove(&id) {
            self.forget_nick(&user.nick, id);
            self.forget_presence(&user);
        }
    }

    /// From now on a nickname leads to a user.
    fn note_nick(&mut self, nick: &Nick, user: UserId) {
        self.nicks.insert(nick.key().into(), user);
        self.likenesses.add_nick(nick, user);
    }

    /// A nickname leads to a user no more.
    fn forget_nick(&mut self, nick: &Nick, user: UserId) {
        self.nicks.remove(nick.key());
        self.likenesses.remove_nick(nick, user);
    }

    /// The sessions that are signed in to an account, the oldest first; also those that have not been welcomed yet.
    pub(crate) fn sessions_of(&self, account: AccountId) -> Vec<SessionId> {
        let sessions = self.sessions.values();
        let mut found: Vec<SessionId> = sessions
            .filter(|session| session.account == Some(account))
            .map(|session| session.id)
            .collect();
        found.sort_unstable();
        found
    }

    fn add_channel(&mut self, channel: Channel) {
        self.channel_names
            .insert(channel.name.key().into(), channel.id);
        self.channels.insert(channel.id, channel);
    }

    /// A channel has another name.
    fn rename_channel(&mut self, room: RoomId, name: &ChannelName, time: Timestamp) {
        if let Some(channel) = self.channels.get_mut(&room) {
            self.channel_names.remove(channel.name.key());
            channel.name = name.clone();
            channel.renamed = Some(time);
            self.channel_names.insert(name.key().into(), room);
        }
    }

    fn remove_channel(&mut self, room: RoomId) {
        if let Some(channel) = self.channels.remove(&room) {
            self.administration.take_if(|own| *own == room);
            self.channel_names.remove(channel.name.key());
        }
    }

    /// All members of a channel are about to be put out, which are the facts.
    pub(crate) fn close(&mut self, room: RoomId) {
        if let Some(channel) = self.channels.get_mut(&room) {
            channel.closing = true;
        }
    }

    /// How long the longest names are that there are.
    pub(crate) fn longest(&self) -> Longest {
        let users = self.users.values().map(|user| user.nick.as_str().len());
        let accounts = self.accounts.values();
        let accounts =
            accounts.map(|account| account.name.as_str().len().max(account.nick.as_str().len()));
        let channels = self.channels.values();
        Longest {
            nick: users.chain(accounts).max().unwrap_or_default(),
            channel: channels
                .map(|channel| channel.name.as_str().len())
                .max()
                .unwrap_or_default(),
        }
    }
}
