//! The rows that follow from a fact that is no event.

use super::Planning;
use super::register::Draft;
use super::row::{
    AdministrationChange, Change, DeviceChange, FileRowChange, HeadRow, InsideChange, PersonChange,
    RoomChange, VisitChange,
};
use super::subject::subjects;
use crate::error::Fault;
use crate::register::binding::Kept;
use crate::register::{meta, words};
use crate::snapshot::REGISTRATION;
use causette_core::id::AccountId;
use causette_core::record::{AccountChange, Fact, Record, Who};
use causette_core::right::Scopes;
use causette_core::settings::Registration;
use causette_core::snapshot::ClockStepRow;
use causette_proto::Timestamp;

impl Planning<'_> {
    pub(super) fn fact(&mut self, record: &Record) -> Result<(), Fault> {
        self.changes_of(record);
        let Some(word) = words::of(&record.fact) else {
            return Ok(());
        };
        let subjects = subjects(record);
        let entry = self.enter(Draft {
            time: record.time,
            word,
            meta: meta::of_fact(record, &subjects),
            subjects,
            content: None,
            kept: Kept::Nowhere,
        })?;
        if let Some(change) = change_by_entry(record, entry) {
            self.change(change);
        }
        Ok(())
    }

    fn changes_of(&mut self, record: &Record) {
        match &record.fact {
            Fact::RoomOpened { .. }
            | Fact::RoomClosed { .. }
            | Fact::RoomRegistered { .. }
            | Fact::RoomUnregistered { .. }
            | Fact::PastOpened { .. }
            | Fact::AccessChanged { .. } => self.room_changes(record),
            Fact::PlaceKept {
                room,
                account,
                prefixes,
                joined,
                ..
            } => self.change(InsideChange::Entered {
                room: room.0.cast_signed(),
                account: (*account).into(),
                letters: prefixes.letters(),
                joined: *joined,
                invited: true,
            }),
            Fact::Invited { .. } => self.invited(record),
            Fact::AccountCreated { .. }
            | Fact::AccountChanged { .. }
            | Fact::AccountDropped { .. }
            | Fact::RoleGiven { .. }
            | Fact::MarkerSet { .. } => self.account_changes(record),
            Fact::SanctionLifted { .. }
            | Fact::RegistrationSet { .. }
            | Fact::InvitationEnded { .. }
            | Fact::FilterRemoved { .. }
            | Fact::HeldDecided { .. } => self.administration_changes(record),
            Fact::MetadataSet(said) => self.change(Change::Metadata(said.clone())),
            Fact::SignedIn { .. }
            | Fact::SessionOpened { .. }
            | Fact::SessionClosed { .. }
            | Fact::SessionAttended { .. } => self.session_changes(record),
            Fact::BecameOperator { .. }
            | Fact::Killed { .. }
            | Fact::Sanctioned(_)
            | Fact::Alerted { .. }
            | Fact::Announced { .. }
            | Fact::Reloaded
            | Fact::FingerprintsShown
            | Fact::InvitationMade { .. }
            | Fact::FileAdded { .. }
            | Fact::FileChanged { .. }
            | Fact::FileFetched { .. }
            | Fact::FileRefused { .. }
            | Fact::FilterSet(_)
            | Fact::FilterStruck { .. }
            | Fact::MessageHeld(_)
            | Fact::OwnerCodeMade
            | Fact::RegisterRead { .. }
            | Fact::ActRefused { .. }
            | Fact::RoomRenamed { .. }
            | Fact::BackupMade { .. }
            | Fact::Imported(_)
            | Fact::Event { .. }
            | Fact::SignInRefused { .. }
            | Fact::SessionRefused { .. }
            | Fact::ConnectionsSilent { .. }
            | Fact::ClockStepped { .. }
            | Fact::StopAsked { .. }
            | Fact::ServerStarted { .. }
            | Fact::ServerStopped { .. } => {}
        }
    }

    fn administration_changes(&mut self, record: &Record) {
        let time = record.time;
        self.change(match &record.fact {
            Fact::SanctionLifted { sanction, .. } => AdministrationChange::SanctionLifted {
                sanction: *sanction,
                lifted: time,
            },
            Fact::RegistrationSet { registration } => AdministrationChange::ServerSetting {
                name: REGISTRATION,
                value: registration.map(Registration::name),
            },
            Fact::InvitationEnded { invitation, .. } => AdministrationChange::InvitationEnded {
                invitation: *invitation,
                ended: time,
            },
            Fact::FilterRemoved { filter, .. } => AdministrationChange::FilterRemoved {
                filter: *filter,
                removed: time,
            },
            Fact::HeldDecided { held, .. } => AdministrationChange::HeldDecided {
                held: *held,
                decided: time,
            },
            _ => return,
        });
    }

    fn room_changes(&mut self, record: &Record) {
        let change = match &record.fact {
            Fact::RoomOpened {
                room,
                name,
                permanent,
                modes,
            } => {
                self.given(room.0);
                let room = room.0.cast_signed();
                let head = HeadRow {
                    room,
                    last_seq: 0,
                    last_time: record.steady.0,
                    acl_version: 0,
                };
                self.known.room_read(head, false);
                RoomChange::RoomOpened {
                    room,
                    key: name.key().into(),
                    name: name.as_str().into(),
                    permanent: *permanent,
                    modes: modes.clone(),
                    created: record.steady,
                }
            }
            Fact::RoomClosed { room } => RoomChange::RoomClosed {
                room: room.0.cast_signed(),
                closed: record.time,
            },
            Fact::RoomRegistered { room, founder } => RoomChange::Founder {
                room: room.0.cast_signed(),
                founder: *founder,
            },
            Fact::RoomUnregistered { room } => RoomChange::Unregistered {
                room: room.0.cast_signed(),
            },
            Fact::PastOpened { room } => RoomChange::PastOpened {
                room: room.0.cast_signed(),
                opened: record.steady,
            },
            Fact::AccessChanged {
                room,
                account,
                prefixes,
            } => RoomChange::Access {
                room: room.0.cast_signed(),
                account: *account,
                letters: prefixes.letters(),
            },
            _ => return,
        };
        self.change(change);
    }

    /// Of those who may enter once the accounts are kept: a guest does not come back.
    fn invited(&mut self, record: &Record) {
        let Fact::Invited {
            room,
            target,
            admits: true,
            instead_of,
        } = &record.fact
        else {
            return;
        };
        let room = room.0.cast_signed();
        if let Some(other) = instead_of {
            let (account, at) = (AccountId(other.0), None);
            self.change(RoomChange::Invited { room, account, at });
        }
        if let Who::Account(account) = *target {
            let at = Some(record.steady);
            self.change(RoomChange::Invited { room, account, at });
        }
    }

    fn account_changes(&mut self, record: &Record) {
        let change: Change = match &record.fact {
            Fact::AccountCreated {
                account,
                name,
                verifier,
                waiting,
                invitation,
                ..
            } => {
                self.given(account.0);
                self.accounts.insert(account.0);
                if let Some(invitation) = *invitation {
                    self.change(AdministrationChange::InvitationUsed { invitation });
                }
                PersonChange::AccountCreated {
                    account: *account,
                    name: name.as_str().into(),
                    folded: name.key().into(),
                    verifier: verifier.0.clone(),
                    created: record.steady,
                    waiting: *waiting,
                }
                .into()
            }
            Fact::RoleGiven { account, role, .. } => PersonChange::Role {
                account: *account,
                role: *role,
            }
            .into(),
            Fact::AccountChanged { account, change } => {
                match account_change(record, *account, change) {
                    Some(change) => change,
                    None => return,
                }
            }
            Fact::AccountDropped { account, .. } => PersonChange::AccountDropped {
                account: *account,
                dropped: record.time,
            }
            .into(),
            Fact::MarkerSet { account, of, time } => InsideChange::Marker {
                account: *account,
                of: of.clone(),
                time: *time,
            }
            .into(),
            _ => return,
        };
        self.change(change);
    }

    fn session_changes(&mut self, record: &Record) {
        match &record.fact {
            Fact::SignedIn {
                account,
                device,
                token,
                address,
                ..
            } => {
                let (account, used) = (*account, record.steady);
                if let Some(session) = record.session {
                    self.change(VisitChange::SignedIn { session, account });
                }
                if let Some(name) = device.clone() {
                    self.change(DeviceChange::DeviceUsed {
                        account,
                        name,
                        used,
                    });
                }
                if let Some(token) = *token {
                    self.change(DeviceChange::TokenUsed {
                        account,
                        token,
                        used,
                        address: *address,
                    });
                }
            }
            Fact::SessionOpened { session, peer, .. } => {
                self.given(session.0);
                self.change(VisitChange::Opened {
                    session: *session,
                    address: peer.address,
                    opened: record.time,
                });
            }
            Fact::SessionClosed {
                session,
                account,
                last_seen,
                ..
            } => {
                self.change(VisitChange::Closed { session: *session });
                self.seen(*account, *last_seen);
            }
            Fact::SessionAttended {
                account, last_seen, ..
            } => self.seen(Some(*account), *last_seen),
            _ => {}
        }
    }

    fn seen(&mut self, account: Option<AccountId>, last_seen: Option<Timestamp>) {
        if let Some((account, seen)) = account.zip(last_seen) {
            self.change(VisitChange::LastSeen { account, seen });
        }
    }
}

/// What changes a row that names the entry which tells of it.
fn change_by_entry(record: &Record, entry: i64) -> Option<Change> {
    Some(match &record.fact {
        Fact::ClockStepped { from, .. } => Change::ClockStep {
            entry,
            step: ClockStepRow {
                from: *from,
                to: record.time,
                steady: record.steady,
            },
        },
        Fact::Sanctioned(sanction) => {
            let sanction = sanction.clone();
            AdministrationChange::Sanctioned { sanction, entry }.into()
        }
        Fact::InvitationMade {
            invitation: Some(invitation),
            ..
        } => {
            let invitation = invitation.clone();
            AdministrationChange::InvitationMade { invitation, entry }.into()
        }
        Fact::FilterSet(filter) => {
            let filter = filter.clone();
            AdministrationChange::FilterSet { filter, entry }.into()
        }
        Fact::MessageHeld(held) => {
            let held = held.clone();
            AdministrationChange::MessageHeld { held, entry }.into()
        }
        Fact::Alerted { text, kept: true } => AdministrationChange::Alerted {
            text: text.clone(),
            steady: record.steady,
            entry,
        }
        .into(),
        Fact::FileAdded { file, .. } => {
            let file = file.clone();
            FileRowChange::Added { file, entry }.into()
        }
        Fact::FileChanged { file, change } => FileRowChange::Changed {
            file: *file,
            change: change.clone(),
            times: (record.time, record.steady),
            entry,
        }
        .into(),
        Fact::RoomRenamed { room, name, .. } => RoomChange::Renamed {
            room: room.0.cast_signed(),
            key: name.key().into(),
            name: name.as_str().into(),
            entry,
        }
        .into(),
        Fact::AccountChanged {
            account,
            change: AccountChange::Renamed { name, .. },
        } => PersonChange::Renamed {
            account: *account,
            name: name.as_str().into(),
            folded: name.key().into(),
            entry,
        }
        .into(),
        _ => return None,
    })
}

/// What a change of an account changes, where that does not name its entry.
fn account_change(record: &Record, account: AccountId, change: &AccountChange) -> Option<Change> {
    Some(match change {
        AccountChange::Renamed { .. } => return None,
        AccountChange::Approved => PersonChange::Approved { account }.into(),
        AccountChange::Password(verifier)
        | AccountChange::VerifiedAnew(verifier)
        | AccountChange::Reset { verifier, .. }
        | AccountChange::CodeUsed(verifier) => PersonChange::Verifier {
            account,
            verifier: verifier.0.clone(),
        }
        .into(),
        AccountChange::Setting { name, value }
        | AccountChange::SettingImposed { name, value, .. } => PersonChange::Setting {
            account,
            name: name.clone(),
            value: value.clone(),
        }
        .into(),
        AccountChange::CertificateAdded(fingerprint) => PersonChange::CertificateAdded {
            account,
            fingerprint: fingerprint.clone(),
        }
        .into(),
        AccountChange::CertificateRemoved(fingerprint) => PersonChange::CertificateRemoved {
            account,
            fingerprint: fingerprint.clone(),
        }
        .into(),
        AccountChange::TokenAdded {
            token,
            name,
            verifier,
            scopes,
            until,
        } => DeviceChange::TokenAdded {
            account,
            token: *token,
            name: name.clone(),
            hash: verifier.0.clone(),
            created: record.steady,
            scopes: scopes.map(Scopes::list),
            until: *until,
        }
        .into(),
        AccountChange::TokenRemoved(token) => DeviceChange::TokenRemoved {
            account,
            token: *token,
            revoked: record.time,
        }
        .into(),
    })
}
