//! What a start finds again of what was true, and what it would find.

use crate::id::{AccountId, IdSequence, MsgidSequence, UserId};
use crate::limits;
use crate::metadata::Whose;
use crate::settings::Settings;
use crate::snapshot::{AccountRow, ChannelRow, MarkerRow, MaskRow, MemberRow, Snapshot};
use crate::state::State;
use crate::state::account::Account;
use crate::state::administration::is_own;
use crate::state::attempts::Attempts;
use crate::state::census::Census;
use crate::state::channel::{Channel, ChannelModes, ListEntry, Membership};
use crate::state::clock::Clock;
use crate::state::fetches::Fetches;
use crate::state::file::Files;
use crate::state::likeness::Likenesses;
use crate::state::list_mask::ListMask;
use crate::state::metadata::Metadata;
use crate::state::monitor::Monitors;
use crate::state::numbered::Numbered;
use crate::state::permit::Permits;
use crate::state::refusals::Refusals;
use crate::state::sanction::Sanctions;
use crate::state::silence::Silences;
use crate::state::waiting::Waiting;
use crate::state::whowas::Whowas;
use crate::state::words::Patterns;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

impl State {
    /// The state that the store remembers. Accounts that are in channels are users again, each in theirs.
    pub(crate) fn restore(snapshot: Snapshot, settings: &Settings, random: u64) -> Self {
        let day = snapshot.last_steady.plus_seconds(-limits::FILE_DAY_SECONDS);
        let files = Files::restored(snapshot.files);
        let mut state = Self {
            casemap: settings.casemap,
            sessions: FxHashMap::default(),
            users: FxHashMap::default(),
            nicks: FxHashMap::default(),
            accounts: FxHashMap::default(),
            account_names: BTreeMap::new(),
            officers: BTreeSet::new(),
            opered: BTreeSet::new(),
            unapproved: BTreeSet::new(),
            token_ends: BTreeSet::new(),
            refusals: Refusals::default(),
            owner_code: None,
            channels: FxHashMap::default(),
            channel_names: FxHashMap::default(),
            administration: None,
            likenesses: Likenesses::new(settings.casemap),
            attempts: Attempts::new(settings.casemap),
            monitors: Monitors::default(),
            whowas: Whowas::default(),
            certificates: FxHashMap::default(),
            sanctions: Sanctions::restored(
                snapshot.sanctions,
                snapshot.last_sanction,
                settings.casemap,
            ),
            invitations: Numbered::restored(snapshot.invitations),
            patterns: Patterns::of(snapshot.filters.rows.iter()),
            filters: Numbered::restored(snapshot.filters),
            held: Numbered::restored(snapshot.held),
            permits: Permits::after(&files, day),
            files,
            metadata: Metadata::default(),
            fetches: Fetches::default(),
            alerts: snapshot.alerts.into(),
            registration: snapshot.registration,
            waiting: Waiting::default(),
            clock: Clock::restored(snapshot.last_time, snapshot.last_steady, snapshot.steps),
            silences: Silences::default(),
            cost: 0,
            uptime: 0,
            started: snapshot.last_time,
            census: Census::default(),
            people: 0,
            fading: BTreeSet::new(),
            ids: IdSequence::after(snapshot.last_id),
            msgids: MsgidSequence::new(random),
        };
        let mut present = Vec::new();
        for row in snapshot.accounts {
            let account = Account::restored(row);
            if account.stays(settings) && !account.is_fresh() {
                present.push(account.id);
            }
            state.add_account(account);
        }
        // Once all names are known: nobody goes by what is another's.
        for account in present {
            state.restore_user(account, settings);
        }
        for row in snapshot.channels {
            state.restore_channel(row, settings);
        }
        for row in snapshot.markers {
            state.restore_marker(row);
        }
        for said in &snapshot.metadata {
            state.metadata.set(said);
        }
        state
    }

    /// The user of an account, present if they were when all this was recorded.
    fn restore_user(&mut self, account: AccountId, settings: &Settings) {
        let user = self.add_account_user(account, settings);
        self.show_who_stays(user);
    }

    fn restore_channel(&mut self, row: ChannelRow, settings: &Settings) {
        let own = is_own(settings, row.id, &row.name, row.permanent);
        self.administration = self.administration.or(own);
        let mut channel = Channel::new(
            row.id,
            row.name.clone(),
            own.is_some() || settings.auto_join.contains(&row.name),
            ChannelModes::read(&row.modes),
            row.created,
        );
        channel.opened_to_stay = row.permanent;
        channel.of_administration = own.is_some();
        channel.topic = row.topic;
        channel.acl_version = row.acl_version;
        channel.opened = row.opened;
        channel.founder = row.founder;
        channel.access = row.access.into_iter().collect();
        let invited = row.invited.into_iter();
        channel.invited = invited
            .map(|(account, at)| (UserId::from(account), at))
            .collect();
        channel.masks = row
            .masks
            .into_iter()
            .filter_map(|row| {
                // What was set before there was that account meant another one of its name.
                let find = |name: &str| {
                    let account = self.accounts.get(self.account_names.get(name)?)?;
                    (account.created <= self.clock.last_shown(row.at)).then_some(account.id)
                };
                ListMask::parse(&row.mask, settings.casemap, find).map(|mask| ListEntry {
                    mode: row.mode,
                    mask,
                    by: row.by,
                    at: row.at,
                })
            })
            .collect();
        for member in row.members {
            let user = UserId::from(member.account);
            if !self.users.contains_key(&user) && self.accounts.contains_key(&member.account) {
                self.restore_user(member.account, settings);
            }
            if let Some(user) = self.users.get_mut(&user) {
                user.channels.insert(row.id);
                let membership = Membership {
                    prefixes: member.prefixes,
                    joined: member.joined,
                };
                channel.add_member(user.id, user.present, membership);
            }
        }
        self.add_channel(channel);
    }

    /// What a start would find if everything were recorded now, in the order of ids. What is not in it passes: connections,
    /// guests, who is away or monitored, how often somebody guessed.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let mut accounts: Vec<AccountRow> = self.accounts.values().map(account_row).collect();
        accounts.sort_unstable_by_key(|row| row.id);
        let mut channels: Vec<ChannelRow> = self.channels.values().map(channel_row).collect();
        channels.sort_unstable_by_key(|row| row.id);
        let mut markers: Vec<MarkerRow> = Vec::new();
        for account in self.accounts.values() {
            markers.extend(account.markers.iter().map(|(of, time)| MarkerRow {
                account: account.id,
                of: of.clone(),
                time: *time,
            }));
        }
        // Those of one account are sorted.
        markers.sort_by_key(|row| row.account);
        // Guests are in no record.
        let mut metadata = self.metadata.rows();
        metadata.retain(|said| !matches!(said.whose, Whose::Guest(_)));
        metadata.sort_unstable();
        Snapshot {
            accounts,
            channels,
            markers,
            metadata,
            sanctions: self.sanctions.iter().cloned().collect(),
            last_sanction: self.sanctions.last(),
            invitations: self.invitations.rows(),
            filters: self.filters.rows(),
            held: self.held.rows(),
            files: self.files.rows(),
            alerts: self.alerts.iter().cloned().collect(),
            registration: self.registration,
            last_time: self.clock.shown(),
            last_steady: self.clock.steady(),
            steps: self.clock.steps().to_vec(),
            last_id: self.ids.last(),
        }
    }
}

fn account_row(account: &Account) -> AccountRow {
    let mut certificates = account.certificates.clone();
    certificates.sort_unstable();
    AccountRow {
        id: account.id,
        name: account.name.clone(),
        nick: account.nick.clone(),
        created: account.created,
        last_seen: account.last_seen,
        role: account.role,
        waiting: account.waiting,
        by_code: account.by_code,
        settings: account.settings.clone().into_iter().collect(),
        certificates,
        devices: account.devices.clone(),
        tokens: account.tokens.clone(),
        last_token: account.last_token,
    }
}

fn channel_row(channel: &Channel) -> ChannelRow {
    // Guests are in no record.
    let members = channel
        .members
        .iter()
        .filter(|(user, _)| user.0.is_multiple_of(2));
    let mut members: Vec<MemberRow> = members
        .map(|(user, membership)| MemberRow {
            account: AccountId(user.0),
            prefixes: membership.prefixes,
            joined: membership.joined,
        })
        .collect();
    members.sort_unstable_by_key(|member| member.account);
    let mut access: Vec<_> = channel
        .access
        .iter()
        .map(|(id, held)| (*id, *held))
        .collect();
    access.sort_unstable_by_key(|(account, _)| *account);
    let invited = channel
        .invited
        .iter()
        .filter(|(user, _)| user.0.is_multiple_of(2));
    let mut invited: Vec<_> = invited.map(|(user, at)| (AccountId(user.0), *at)).collect();
    invited.sort_unstable();
    let masks = channel.masks.iter().map(|entry| MaskRow {
        mode: entry.mode,
        mask: entry.mask.as_str().into(),
        by: entry.by.clone(),
        at: entry.at,
    });
    ChannelRow {
        id: channel.id,
        name: channel.name.clone(),
        created: channel.created,
        permanent: channel.opened_to_stay,
        modes: channel.modes.text(true),
        topic: channel.topic.clone(),
        acl_version: channel.acl_version,
        opened: channel.opened,
        members,
        masks: masks.collect(),
        founder: channel.founder,
        access,
        invited,
    }
}
