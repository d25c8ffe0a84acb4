//! Whom the register's entry of a fact is about.

use crate::register::{Subject, Subjects};
use causette_core::file::FileChange;
use causette_core::id::{AccountId, RoomId};
use causette_core::input::Peer;
use causette_core::metadata::Whose;
use causette_core::record::{Fact, Record};
use causette_core::sanction::Whom;

/// Who acts, and on what.
pub(super) fn subjects(record: &Record) -> Subjects {
    let account = |id: AccountId| Some(Subject::Account(id.0));
    let room = |id: RoomId| Some(Subject::Room(id.0.cast_signed()));
    let mut actor = Subject::of(&record.by);
    let (target, other) = match &record.fact {
        Fact::SessionOpened { session, peer, .. } => {
            actor = Some(Subject::Address(peer.address));
            (Some(Subject::Guest(session.0)), None)
        }
        Fact::SessionRefused {
            peer: Peer { address, .. },
            ..
        }
        | Fact::ConnectionsSilent { address, .. } => {
            actor = Some(Subject::Address(*address));
            (None, None)
        }
        Fact::SessionClosed {
            session,
            address,
            account: signed_in,
            ..
        } => {
            actor = signed_in
                .and_then(account)
                .or(Some(Subject::Guest(session.0)));
            (Some(Subject::Address(*address)), None)
        }
        Fact::RoomOpened { room: id, .. }
        | Fact::RoomRenamed { room: id, .. }
        | Fact::FilterStruck { room: id, .. }
        | Fact::RoomClosed { room: id }
        | Fact::PastOpened { room: id }
        | Fact::RoomUnregistered { room: id } => (room(*id), None),
        Fact::RoomRegistered {
            room: id,
            founder: of,
        }
        | Fact::AccessChanged {
            room: id,
            account: of,
            ..
        } => (room(*id), account(*of)),
        Fact::PlaceKept {
            room: id, guest, ..
        } => (room(*id), Some(Subject::Guest(guest.0))),
        Fact::Invited {
            room: id, target, ..
        } => (room(*id), Subject::of(target)),
        Fact::AccountCreated { account: id, .. }
        | Fact::AccountChanged { account: id, .. }
        | Fact::AccountDropped { account: id, .. }
        | Fact::RoleGiven { account: id, .. }
        | Fact::SessionAttended { account: id, .. }
        | Fact::SignedIn { account: id, .. } => (account(*id), None),
        Fact::SignInRefused { account: id, .. } => (id.and_then(account), None),
        Fact::MetadataSet(said) => {
            let whose = match said.whose {
                Whose::Account(id) => account(id),
                Whose::Room(id) => room(id),
                Whose::Guest(id) => Some(Subject::Guest(id.0)),
            };
            (whose, None)
        }
        Fact::Killed { target, .. } => (Subject::of(target), None),
        Fact::InvitationMade { room: id, .. } => (id.and_then(room), None),
        Fact::Sanctioned(sanction) => {
            let target = match &sanction.whom {
                Whom::Account(id) => account(*id),
                Whom::Network(network) => network.address().map(Subject::Address),
                Whom::Mask(_) => None,
            };
            (target, sanction.room.and_then(room))
        }
        Fact::SanctionLifted { account: id, .. } => (id.and_then(account), None),
        Fact::FilterSet(filter) => (filter.room.and_then(room), None),
        Fact::FileAdded { file, .. } => (file.visibility.room().and_then(room), None),
        Fact::FileChanged {
            change: FileChange::Granted(id) | FileChange::Revoked(id),
            ..
        } => (account(*id), None),
        Fact::FileChanged {
            change: FileChange::Shown { visibility, .. },
            ..
        } => (visibility.room().and_then(room), None),
        Fact::MessageHeld(held) => {
            let author = Subject::person(held.author, held.account.is_some());
            (room(held.room), Some(author))
        }
        Fact::Event { .. }
        | Fact::MarkerSet { .. }
        | Fact::BecameOperator { .. }
        | Fact::Alerted { .. }
        | Fact::RegistrationSet { .. }
        | Fact::Announced { .. }
        | Fact::Reloaded
        | Fact::FingerprintsShown
        | Fact::InvitationEnded { .. }
        | Fact::FilterRemoved { .. }
        | Fact::HeldDecided { .. }
        | Fact::FileChanged { .. }
        | Fact::FileFetched { .. }
        | Fact::FileRefused { .. }
        | Fact::OwnerCodeMade
        | Fact::RegisterRead { .. }
        | Fact::ActRefused { .. }
        | Fact::BackupMade { .. }
        | Fact::Imported(_)
        | Fact::StopAsked { .. }
        | Fact::ClockStepped { .. }
        | Fact::ServerStarted { .. }
        | Fact::ServerStopped { .. } => (None, None),
    };
    Subjects {
        actor,
        target,
        other,
    }
}
