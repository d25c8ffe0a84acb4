//! What a fact changes of an account.

use crate::id::TokenId;
use crate::right::Scopes;
use crate::secret::Verifier;
use causette_proto::{AccountName, CompactString, Timestamp};

/// What changes of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountChange {
    /// Who waited to be approved may sign in from now on.
    Approved,
    /// It has another name; the one that it had is free.
    Renamed {
        /// Its name from now on.
        name: AccountName,
        /// Why.
        reason: CompactString,
    },
    /// Its password.
    Password(Verifier),
    /// What is kept of its password, which is the same: it was verified anew.
    VerifiedAnew(Verifier),
    /// The administrator has given it another, or a code that works once.
    Reset {
        /// What is kept of it.
        verifier: Verifier,
        /// Whether it is a code.
        code: bool,
    },
    /// The code has been used; what is kept of it opens the account no more.
    CodeUsed(Verifier),
    /// One of its settings, kept as text by the name that NickServ SET gives it. An empty value takes it away.
    Setting {
        /// Which.
        name: CompactString,
        /// The new value, or empty.
        value: CompactString,
    },
    /// The same, imposed by somebody who runs the server.
    SettingImposed {
        /// Which.
        name: CompactString,
        /// The new value, or empty.
        value: CompactString,
        /// Why.
        reason: CompactString,
    },
    /// A certificate opens it from now on; the SHA-256 in hexadecimal. One certificate opens one account.
    CertificateAdded(CompactString),
    /// A certificate opens it no more.
    CertificateRemoved(CompactString),
    /// A device has a token to sign in with from now on.
    TokenAdded {
        /// The device's number in its account, never given before.
        token: TokenId,
        /// What its owner calls it.
        name: CompactString,
        /// What is kept of the token.
        verifier: Verifier,
        /// What a program may do with it that runs the server in the account's name; `None` for a device, which signs in with it.
        scopes: Option<Scopes>,
        /// Until when it is good, by [`Record::steady`](crate::record::Record::steady); `None` for as long as nobody takes it away.
        until: Option<Timestamp>,
    },
    /// A device's token opens it no more.
    TokenRemoved(TokenId),
}
