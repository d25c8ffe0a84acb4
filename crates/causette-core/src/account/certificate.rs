//! The certificates that open an account.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::id::{AccountId, UserId};
use crate::limits;
use crate::record::{AccountChange, Fact};
use crate::state::State;
use crate::turn::Turn;
use causette_proto::CompactString;

/// Lets a certificate open the account from now on.
pub(crate) fn add(
    turn: &mut Turn<'_>,
    actor: &Actor,
    account: AccountId,
    fingerprint: &str,
) -> Result<(), Denied> {
    let denied = |key, variables: &[(&'static str, &str)]| {
        Err(Denied::new(Why::UnacceptableCertificate, key, variables))
    };
    // Whoever has the certificate would otherwise sign in to the account of whoever said so first.
    if !is_shown(turn.state, account, fingerprint) {
        return denied("nickserv-cert-not-shown", &[]);
    }
    if turn.state.certificates().contains_key(fingerprint) {
        return denied("nickserv-cert-taken", &[]);
    }
    if turn.state.accounts()[&account].certificates.len() >= limits::CERTIFICATES {
        let max = limits::CERTIFICATES.to_string();
        return denied("nickserv-cert-full", &[("max", &max)]);
    }
    let change = AccountChange::CertificateAdded(CompactString::new(fingerprint));
    turn.commit(actor, Fact::AccountChanged { account, change });
    Ok(())
}

/// Whether one of the account's own sessions has shown this certificate, and so has its key.
fn is_shown(state: &State, account: AccountId, fingerprint: &str) -> bool {
    let user = state.users.get(&UserId::from(account));
    let sessions = user.map_or(&[][..], |user| &user.sessions);
    let mut own = sessions.iter().filter_map(|id| state.sessions.get(id));
    own.any(|session| session.peer.certificate.as_deref() == Some(fingerprint))
}

/// Lets a certificate open the account no more.
pub(crate) fn remove(
    turn: &mut Turn<'_>,
    actor: &Actor,
    account: AccountId,
    fingerprint: &str,
) -> Result<(), Denied> {
    if turn.state.certificates().get(fingerprint) != Some(&account) {
        let key = "nickserv-cert-unknown";
        return Err(Denied::new(Why::UnknownCertificate, key, &[]));
    }
    let change = AccountChange::CertificateRemoved(CompactString::new(fingerprint));
    turn.commit(actor, Fact::AccountChanged { account, change });
    Ok(())
}
