//! What is asked about accounts.

use super::super::verb::{FieldKind, Nature, Spelling, Verb};
use super::super::wanted::Wanted;
use super::parts::{ACCOUNT, FOR, NAME, PORTION, REASON, argument, option, portion};
use causette_core::order::Order;
use causette_core::right::Role;
use causette_core::secret::Secret;
use causette_core::settings::Registration;

/// Which accounts there are.
pub(super) const LIST: Verb = Verb {
    name: "accounts",
    about: "cli-admin-accounts",
    nature: Nature::Tells,
    fields: PORTION,
    spellings: &[Spelling::plain("Accounts")],
    wanted: |fields| Wanted::Order(Order::ListAccounts(portion(fields))),
};

/// All about one.
pub(super) const SHOW: Verb = Verb {
    name: "account.show",
    about: "cli-admin-account-show",
    nature: Nature::Tells,
    fields: &[NAME],
    spellings: &[Spelling::plain("Account")],
    wanted: |fields| {
        Wanted::Order(Order::ShowAccount {
            name: fields.word("name"),
        })
    },
};

/// What somebody is on the server.
pub(super) const ROLE: Verb = Verb {
    name: "role",
    about: "cli-admin-role",
    nature: Nature::Harms,
    fields: &[
        ACCOUNT,
        argument(
            "role",
            FieldKind::OneOf(ROLES),
            "cli-value-role",
            "admin-field-role",
        ),
        REASON,
    ],
    spellings: &[
        Spelling {
            word: "AddAdmin",
            fills: &[("role", "admin")],
        },
        Spelling::plain("Role"),
    ],
    wanted: |fields| {
        Wanted::Order(Order::GiveRole {
            account: fields.word("account"),
            role: Role::of(&fields.word("role")).unwrap_or_default(),
            reason: fields.word("reason"),
        })
    },
};

/// Whoever has an account signs in anew.
pub(super) const END_SESSIONS: Verb = Verb {
    name: "sessions.end",
    about: "cli-admin-sessions-end",
    nature: Nature::Harms,
    fields: &[ACCOUNT, REASON],
    spellings: &[Spelling::plain("EndSessions")],
    wanted: |fields| {
        Wanted::Order(Order::EndSessions {
            account: fields.word("account"),
            reason: fields.word("reason"),
        })
    },
};

/// A new account.
pub(super) const CREATE: Verb = Verb {
    name: "account.create",
    about: "cli-account-create",
    nature: Nature::Acts,
    fields: &[
        NAME,
        argument(
            "password",
            FieldKind::Secret,
            "cli-value-text",
            "cli-password-stdin",
        ),
    ],
    spellings: &[],
    wanted: |fields| {
        Wanted::Order(Order::CreateAccount {
            name: fields.word("name"),
            password: fields.secret("password").unwrap_or_else(|| Secret::new("")),
        })
    },
};

/// Another password.
pub(super) const PASSWORD: Verb = Verb {
    name: "account.password",
    about: "cli-account-password",
    nature: Nature::Harms,
    fields: &[
        NAME,
        option(
            "password",
            FieldKind::Secret,
            "cli-value-text",
            "cli-account-password-stdin",
        ),
    ],
    spellings: &[Spelling::plain("ResetPassword")],
    wanted: |fields| {
        Wanted::Order(Order::ResetPassword {
            name: fields.word("name"),
            password: fields.secret("password"),
        })
    },
};

/// An account is given up.
pub(super) const DROP: Verb = Verb {
    name: "account.drop",
    about: "cli-admin-account-drop",
    nature: Nature::Harms,
    fields: &[ACCOUNT, REASON],
    spellings: &[Spelling::plain("DropAccount")],
    wanted: |fields| {
        Wanted::Order(Order::DropAccount {
            account: fields.word("account"),
            reason: fields.word("reason"),
        })
    },
};

/// An account that waits is let in.
pub(super) const APPROVE: Verb = Verb {
    name: "account.approve",
    about: "cli-admin-account-approve",
    nature: Nature::Acts,
    fields: &[ACCOUNT],
    spellings: &[Spelling::plain("Approve")],
    wanted: |fields| {
        Wanted::Order(Order::Approve {
            account: fields.word("account"),
        })
    },
};

/// An account that waits is given up.
pub(super) const REFUSE: Verb = Verb {
    name: "account.refuse",
    about: "cli-admin-account-refuse",
    nature: Nature::Harms,
    fields: &[ACCOUNT, REASON],
    spellings: &[Spelling::plain("Refuse")],
    wanted: |fields| {
        Wanted::Order(Order::Refuse {
            account: fields.word("account"),
            reason: fields.word("reason"),
        })
    },
};

/// Who may sign up.
pub(super) const REGISTRATION: Verb = Verb {
    name: "registration",
    about: "cli-admin-registration",
    nature: Nature::Acts,
    fields: &[argument(
        "mode",
        FieldKind::OneOf(REGISTRATIONS),
        "cli-value-registration",
        "admin-field-registration",
    )],
    spellings: &[Spelling::plain("Registration")],
    wanted: |fields| {
        Wanted::Order(Order::SetRegistration {
            registration: Registration::of(&fields.word("mode")),
        })
    },
};

/// An account has another name.
pub(super) const RENAME: Verb = Verb {
    name: "account.rename",
    about: "cli-admin-account-rename",
    nature: Nature::Harms,
    fields: &[
        ACCOUNT,
        argument(
            "name",
            FieldKind::Word,
            "cli-value-name",
            "admin-field-new-name",
        ),
        REASON,
    ],
    spellings: &[Spelling::plain("RenameAccount")],
    wanted: |fields| {
        Wanted::Order(Order::RenameAccount {
            account: fields.word("account"),
            name: fields.word("name"),
            reason: fields.word("reason"),
        })
    },
};

/// From where one may sign in to an account.
pub(super) const LOGIN: Verb = Verb {
    name: "account.login",
    about: "cli-admin-account-login",
    nature: Nature::Harms,
    fields: &[
        ACCOUNT,
        argument(
            "login",
            FieldKind::Words,
            "cli-value-login",
            "admin-field-login",
        ),
        REASON,
    ],
    spellings: &[Spelling::plain("Login")],
    wanted: |fields| {
        Wanted::Order(Order::SetLogin {
            account: fields.word("account"),
            login: fields.word("login"),
            reason: fields.word("reason"),
        })
    },
};

/// The address to which an account is pinned is forgotten.
pub(super) const UNLOCK: Verb = Verb {
    name: "account.unlock",
    about: "cli-admin-account-unlock",
    nature: Nature::Acts,
    fields: &[ACCOUNT, REASON],
    spellings: &[Spelling::plain("Unlock")],
    wanted: |fields| {
        Wanted::Order(Order::Unlock {
            account: fields.word("account"),
            reason: fields.word("reason"),
        })
    },
};

/// Nobody comes in with an account for a while.
pub(super) const SUSPEND: Verb = Verb {
    name: "account.suspend",
    about: "cli-admin-account-suspend",
    nature: Nature::Harms,
    fields: &[ACCOUNT, FOR, REASON],
    spellings: &[Spelling::plain("Suspend")],
    wanted: |fields| {
        Wanted::Order(Order::Suspend {
            account: fields.word("account"),
            seconds: fields.seconds("for"),
            reason: fields.word("reason"),
        })
    },
};

/// Whoever has a suspended account may come again.
pub(super) const RESUME: Verb = Verb {
    name: "account.resume",
    about: "cli-admin-account-resume",
    nature: Nature::Acts,
    fields: &[ACCOUNT, REASON],
    spellings: &[Spelling::plain("Resume")],
    wanted: |fields| {
        Wanted::Order(Order::Resume {
            account: fields.word("account"),
            reason: fields.word("reason"),
        })
    },
};

/// The roles that an account can be given.
pub(in super::super) const ROLES: &[&str] =
    &["owner", "admin", "moderator", "auditor", "user", "bot"];

/// How sign-ups can be set. The last is no mode of its own: what the configuration says rules again.
pub(in super::super) const REGISTRATIONS: &[&str] =
    &["open", "invite", "approve", "closed", "configured"];
