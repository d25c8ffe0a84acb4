//! A naive memory of the record: lists searched from end to end. What the store must do fast is here done plainly.

mod account;
mod event;
mod file;
mod room;

use causette_core::event::{Reach, What};
use causette_core::file::File;
use causette_core::filter::{Filter, HeldMessage};
use causette_core::history::Past;
use causette_core::id::{AccountId, InvitationId, Marked, Room, RoomId, SessionId, TokenId};
use causette_core::invitation::Invitation;
use causette_core::limits::ALERTS_KEPT;
use causette_core::metadata::{Metadatum, Whose};
use causette_core::record::{Fact, Record, Who};
use causette_core::right::Role;
use causette_core::sanction::{Sanction, Whom};
use causette_core::secret::Verifier;
use causette_core::settings::Registration;
use causette_core::snapshot::{
    AccountRow, AlertRow, ChannelRow, ClockStepRow, DeviceRow, MarkerRow, Numbered, Snapshot,
};
use causette_proto::{CompactString, Nick, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Everything that was committed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    pub(crate) rooms: BTreeMap<Room, Vec<Past>>,
    pub(crate) verifiers: BTreeMap<u64, Verifier>,
    /// The names of all events, each with its steady time.
    pub(crate) msgids: BTreeMap<CompactString, Timestamp>,
    pub(crate) accounts: BTreeMap<u64, AccountRow>,
    /// What the accounts were called that were dropped.
    pub(crate) former: BTreeMap<u64, CompactString>,
    markers: BTreeMap<(u64, Marked), Timestamp>,
    metadata: BTreeSet<Metadatum>,
    /// What was taken back: no page shows it.
    pub(crate) redacted: BTreeSet<CompactString>,
    pub(crate) channels: BTreeMap<RoomId, ChannelRow>,
    pub(crate) open_sessions: BTreeMap<u64, Option<AccountId>>,
    /// The open sessions at which nobody is.
    unattended: BTreeSet<u64>,
    sanctions: BTreeMap<u64, Sanction>,
    last_sanction: u64,
    invitations: Numbered<Invitation>,
    filters: Numbered<Filter>,
    held: Numbered<HeldMessage>,
    pub(crate) files: Numbered<File>,
    alerts: Vec<AlertRow>,
    registration: Option<Registration>,
    last_time: Timestamp,
    last_steady: Timestamp,
    steps: Vec<ClockStepRow>,
    last_id: u64,
    /// Whose each token is.
    pub(crate) tokens: BTreeMap<String, (AccountId, TokenId)>,
    /// How many tokens were ever kept.
    pub(crate) tokens_made: u64,
    /// How many connections were entered.
    pub(crate) sessions_opened: u64,
    /// The connections that were counted.
    pub(crate) silent: Vec<(IpAddr, u32)>,
    /// How many refused sign-ins were ever noted.
    pub(crate) refused_sign_ins: u64,
}

impl Memory {
    /// Commits records, in order.
    pub(crate) fn append(&mut self, records: &[&Record]) {
        for record in records {
            let steps = matches!(record.fact, Fact::ClockStepped { .. });
            let goes_on = steps || record.time >= self.last_time;
            assert!(goes_on, "the record's time went back");
            let goes_on = record.steady >= self.last_steady;
            assert!(goes_on, "the record's steady time went back");
            self.last_time = record.time;
            self.last_steady = record.steady;
            self.check_who(record);
            self.append_one(record);
        }
    }

    /// Who acts through a session is the account it is signed in to, else its guest.
    fn check_who(&self, record: &Record) {
        let opened = matches!(record.fact, Fact::SessionOpened { .. });
        let happened = matches!(record.fact, Fact::Event { .. });
        let held = record.session.map(|id| (id, self.open_sessions.get(&id.0)));
        if let Some((session, Some(account))) = held
            && !opened
            && !happened
        {
            let who = account.map_or(Who::Guest(session.into()), Who::Account);
            assert_eq!(record.by, who, "who acts by {record:?}");
        }
    }

    fn append_one(&mut self, record: &Record) {
        match &record.fact {
            Fact::Event { rooms, event } => {
                assert!(
                    self.msgids
                        .insert(event.msgid.0.clone(), record.steady)
                        .is_none(),
                    "a message id came twice"
                );
                for room in rooms {
                    self.append_event(*room, event, record.steady);
                }
                if let (What::Renamed { nick }, true) = (&event.what, event.account.is_some()) {
                    self.accounts.get_mut(&event.author.0).unwrap().nick = nick.clone();
                }
            }
            Fact::RoomOpened {
                room,
                name,
                permanent,
                modes,
            } => {
                let row = ChannelRow {
                    id: *room,
                    name: name.clone(),
                    created: record.steady,
                    permanent: *permanent,
                    modes: modes.clone(),
                    topic: None,
                    acl_version: 0,
                    members: Vec::new(),
                    masks: Vec::new(),
                    founder: None,
                    access: Vec::new(),
                    invited: Vec::new(),
                    opened: None,
                };
                assert!(
                    self.channels.insert(*room, row).is_none(),
                    "a room id came twice"
                );
                self.last_id = self.last_id.max(room.0);
            }
            Fact::RoomRenamed { room, name, .. } => {
                let held = &mut self.channel(*room).name;
                let from = std::mem::replace(held, name.clone());
                let (from, to) = (from.key(), name.key());
                if from != to {
                    let is = |of: &Marked, name: &str| *of == Marked::Channel(name.into());
                    self.markers.retain(|(_, of), _| !is(of, to));
                    let of_all = std::mem::take(&mut self.markers).into_iter();
                    let moved = of_all.map(|((account, of), time)| {
                        let of = if is(&of, from) {
                            Marked::Channel(to.into())
                        } else {
                            of
                        };
                        ((account, of), time)
                    });
                    self.markers = moved.collect();
                }
            }
            Fact::RoomClosed { room } => {
                self.channels.remove(room).expect("an open room closes");
                self.sanctions.retain(|_, held| held.room != Some(*room));
                self.filters.rows.retain(|held| held.room != Some(*room));
                self.held.rows.retain(|held| held.room != *room);
                self.forget_files_of_room(*room);
                let whose = Whose::Room(*room);
                self.metadata.retain(|said| said.whose != whose);
            }
            Fact::AccountCreated {
                account,
                name,
                verifier,
                waiting,
                invitation,
                ..
            } => {
                self.use_invitation(*invitation);
                let nick = Nick::from(name);
                let mut members = self.channels.values().flat_map(|channel| &channel.members);
                assert!(
                    !members.any(|member| self.accounts[&member.account.0].nick == nick),
                    "somebody goes by the name {name}, of which an account was made"
                );
                let row = AccountRow {
                    id: *account,
                    name: name.clone(),
                    nick,
                    created: record.steady,
                    last_seen: record.steady,
                    role: Role::User,
                    waiting: *waiting,
                    by_code: false,
                    settings: Vec::new(),
                    certificates: Vec::new(),
                    devices: Vec::new(),
                    tokens: Vec::new(),
                    last_token: 0,
                };
                assert!(
                    self.accounts.insert(account.0, row).is_none(),
                    "an account id came twice"
                );
                self.verifiers.insert(account.0, verifier.clone());
                self.last_id = self.last_id.max(account.0);
            }
            Fact::AccountChanged { account, change } => {
                self.change(record.steady, *account, change);
            }
            Fact::AccountDropped { account, .. } => {
                self.sanctions.retain(
                    |_, held| !matches!(held.whom, Whom::Account(whose) if whose == *account),
                );
                let row = self.accounts.remove(&account.0);
                let row = row.expect("an account is dropped once");
                self.former.insert(account.0, row.name.as_str().into());
                self.verifiers.remove(&account.0);
                self.tokens.retain(|_, (owner, _)| owner != account);
                self.forget_files_of(*account);
                self.markers.retain(|(held, _), _| *held != account.0);
                let whose = Whose::Account(*account);
                self.metadata.retain(|said| said.whose != whose);
                for channel in self.channels.values_mut() {
                    channel.members.retain(|member| member.account != *account);
                    channel.access.retain(|(held, _)| held != account);
                    channel.invited.retain(|(held, _)| held != account);
                }
            }
            Fact::MarkerSet { account, of, time } => {
                let held = self.markers.insert((account.0, of.clone()), *time);
                // One from a time when the clock was ahead stands in nobody's way.
                let forward = held.is_none_or(|held| held < *time || held > record.time);
                assert!(forward, "a marker went back");
                assert!(*time <= record.time, "a marker lies ahead");
            }
            Fact::MetadataSet(said) => {
                let is_same = |held: &Metadatum| held.whose == said.whose && held.key == said.key;
                let kept = !matches!(said.whose, Whose::Guest(_));
                self.metadata.retain(|held| !is_same(held));
                if kept && !said.value.is_empty() {
                    self.metadata.insert((**said).clone());
                }
            }
            Fact::RoomRegistered { .. }
            | Fact::RoomUnregistered { .. }
            | Fact::AccessChanged { .. }
            | Fact::PastOpened { .. }
            | Fact::PlaceKept { .. }
            | Fact::Invited { admits: true, .. } => self.room_ruled(record),
            Fact::SignInRefused { .. } => self.refused_sign_ins += 1,
            Fact::SignedIn {
                account,
                device,
                token,
                address,
                ..
            } => {
                let row = self.accounts.get_mut(&account.0);
                let mut tokens = row.into_iter().flat_map(|row| &mut row.tokens);
                if let Some(used) = tokens.find(|held| Some(held.id) == *token) {
                    used.last_used = Some(record.steady);
                    used.last_address = Some(*address);
                }
                if let (Some(device), Some(row)) = (device, self.accounts.get_mut(&account.0)) {
                    row.devices.retain(|known| known.name != *device);
                    row.devices.push(DeviceRow {
                        name: device.clone(),
                        last_used: record.steady,
                    });
                }
                if let Some(session) = record.session {
                    self.open_sessions.insert(session.0, Some(*account));
                }
            }
            Fact::SessionOpened { session, .. } => {
                self.sessions_opened += 1;
                let held = self.open_sessions.insert(session.0, None);
                assert!(held.is_none(), "a connection was entered twice");
                self.last_id = self.last_id.max(session.0);
            }
            Fact::SessionClosed {
                session,
                account,
                last_seen,
                ..
            } => {
                self.unattended.remove(&session.0);
                self.open_sessions
                    .remove(&session.0)
                    .expect("an open session closes");
                if let (Some(account), Some(last_seen)) = (account, last_seen) {
                    // One that is being given up may be gone already.
                    if let Some(row) = self.accounts.get_mut(&account.0) {
                        row.last_seen = *last_seen;
                    }
                }
            }
            Fact::SessionAttended {
                session,
                account,
                attended,
                last_seen,
            } => {
                match attended {
                    true => self.unattended.remove(&session.0),
                    false => self.unattended.insert(session.0),
                };
                if let (Some(row), Some(last_seen)) = (self.accounts.get_mut(&account.0), last_seen)
                {
                    row.last_seen = *last_seen;
                }
            }
            Fact::ConnectionsSilent { address, count, .. } => {
                self.silent.push((*address, *count));
            }
            Fact::ClockStepped { from, to } => {
                assert_eq!(*to, record.time, "a step has the time that it leads to");
                let (from, to, steady) = (*from, *to, record.steady);
                ClockStepRow::note(&mut self.steps, ClockStepRow { from, to, steady });
            }
            Fact::Sanctioned(sanction) => {
                let held = self.sanctions.insert(sanction.id.0, (**sanction).clone());
                assert!(held.is_none() && sanction.id.0 > self.last_sanction);
                self.last_sanction = sanction.id.0;
            }
            Fact::SanctionLifted { sanction, .. } => {
                let held = self.sanctions.remove(&sanction.0);
                held.expect("a sanction ends once");
            }
            Fact::RoleGiven { account, role, .. } => {
                self.accounts.get_mut(&account.0).unwrap().role = *role;
            }
            Fact::RegistrationSet { registration } => self.registration = *registration,
            Fact::InvitationMade {
                invitation: Some(invitation),
                ..
            } => {
                assert!(invitation.id.0 > self.invitations.last);
                self.invitations.last = invitation.id.0;
                self.invitations.rows.push((**invitation).clone());
            }
            Fact::InvitationEnded { invitation, .. } => {
                let rows = &mut self.invitations.rows;
                let before = rows.len();
                rows.retain(|row| row.id != *invitation);
                assert_eq!(rows.len() + 1, before, "an invitation ends once");
            }
            Fact::FilterSet(filter) => {
                assert!(filter.id.0 > self.filters.last);
                self.filters.last = filter.id.0;
                self.filters.rows.push((**filter).clone());
            }
            Fact::FilterRemoved { filter, .. } => {
                let before = self.filters.rows.len();
                self.filters.rows.retain(|row| row.id != *filter);
                assert_eq!(self.filters.rows.len() + 1, before, "a filter ends once");
            }
            Fact::MessageHeld(held) => {
                assert!(held.id.0 > self.held.last);
                self.held.last = held.id.0;
                self.held.rows.push((**held).clone());
            }
            Fact::HeldDecided { held, .. } => {
                let before = self.held.rows.len();
                self.held.rows.retain(|row| row.id != *held);
                assert_eq!(self.held.rows.len() + 1, before, "it is decided once");
            }
            Fact::FileAdded { file, .. } => self.file_added(file),
            Fact::FileChanged { file, change } => self.file_changed(*file, change, record.steady),
            Fact::Alerted { text, kept: true } => {
                self.alerts.push(AlertRow {
                    text: text.clone(),
                    steady: record.steady,
                });
                if self.alerts.len() > ALERTS_KEPT {
                    self.alerts.remove(0);
                }
            }
            Fact::Alerted { kept: false, .. }
            | Fact::Invited { .. }
            | Fact::FileFetched { .. }
            | Fact::FileRefused { .. }
            | Fact::FilterStruck { .. }
            | Fact::OwnerCodeMade
            | Fact::RegisterRead { .. }
            | Fact::ActRefused { .. }
            | Fact::BecameOperator { .. }
            | Fact::Killed { .. }
            | Fact::Announced { .. }
            | Fact::Reloaded
            | Fact::FingerprintsShown
            | Fact::InvitationMade { .. }
            | Fact::BackupMade { .. }
            | Fact::Imported(_)
            | Fact::SessionRefused { .. }
            | Fact::StopAsked { .. }
            | Fact::ServerStarted { .. }
            | Fact::ServerStopped { .. } => {}
        }
    }

    /// The sessions that hear a message of a channel, by the record alone.
    pub(crate) fn listeners(&self, record: &Record) -> Option<Vec<SessionId>> {
        let Fact::Event { rooms, event } = &record.fact else {
            return None;
        };
        let (
            [Room::Channel(room)],
            What::Said {
                reach: Reach::Room, ..
            },
        ) = (rooms.as_slice(), &event.what)
        else {
            return None;
        };
        let members = &self.channels.get(room)?.members;
        let hears = |account: &Option<AccountId>| {
            members
                .iter()
                .any(|member| Some(member.account) == *account)
        };
        Some(
            self.open_sessions
                .iter()
                .filter(|(_, account)| hears(account))
                .map(|(id, _)| SessionId(*id))
                .collect(),
        )
    }

    /// What a start after a crash finds: open sessions are closed by it.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let mut accounts: Vec<AccountRow> = self.accounts.values().cloned().collect();
        let open = self.open_sessions.iter();
        let attended = open.filter(|(session, _)| !self.unattended.contains(session));
        for account in attended.filter_map(|(_, account)| account.as_ref()) {
            if let Some(row) = accounts.iter_mut().find(|row| row.id == *account) {
                row.last_seen = self.last_steady.max(Timestamp(row.created.0 + 1));
            }
        }
        Snapshot {
            accounts,
            channels: self.channels.values().cloned().collect(),
            markers: self
                .markers
                .iter()
                .map(|((account, of), time)| MarkerRow {
                    account: AccountId(*account),
                    of: of.clone(),
                    time: *time,
                })
                .collect(),
            metadata: self.metadata.iter().cloned().collect(),
            sanctions: self.sanctions.values().cloned().collect(),
            last_sanction: self.last_sanction,
            invitations: self.invitations.clone(),
            filters: self.filters.clone(),
            held: self.held.clone(),
            files: self.files.clone(),
            alerts: self.alerts.clone(),
            registration: self.registration,
            last_time: self.last_time,
            last_steady: self.last_steady,
            steps: self.steps.clone(),
            last_id: self.last_id,
        }
    }

    /// Forgets which sessions were open, as the start after a crash does.
    pub(crate) fn close_sessions(&mut self) {
        let snapshot = self.snapshot();
        self.accounts = snapshot
            .accounts
            .into_iter()
            .map(|row| (row.id.0, row))
            .collect();
        self.open_sessions.clear();
        self.unattended.clear();
    }

    fn use_invitation(&mut self, invitation: Option<InvitationId>) {
        let Some(id) = invitation else { return };
        let rows = &mut self.invitations.rows;
        let row = rows.iter_mut().find(|row| row.id == id);
        row.expect("an invitation that holds").uses -= 1;
        rows.retain(|row| row.uses > 0);
    }

    fn channel(&mut self, room: RoomId) -> &mut ChannelRow {
        self.channels.get_mut(&room).expect("the channel is open")
    }
}
