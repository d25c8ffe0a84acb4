//! What may be asked: one table, of which the socket, the command line and the console are made.

mod register;

use super::fields::Fields;
use super::verb::{Field, FieldKind, Nature, Spelling, Verb};
use super::wanted::Wanted;
use causette_core::id::SanctionId;
use causette_core::order::{Maker, Order, Portion};
use causette_core::right::Role;
use causette_core::sanction::SanctionKind;
use causette_core::secret::Secret;
use causette_core::settings::Registration;

/// What must be said, in its place.
const fn argument(
    name: &'static str,
    kind: FieldKind,
    value: &'static str,
    about: &'static str,
) -> Field {
    Field {
        name,
        kind,
        is_required: true,
        is_option: false,
        value,
        about,
    }
}

/// What may be said, behind its name.
const fn option(
    name: &'static str,
    kind: FieldKind,
    value: &'static str,
    about: &'static str,
) -> Field {
    Field {
        name,
        kind,
        is_required: false,
        is_option: true,
        value,
        about,
    }
}

const ACCOUNT: Field = argument(
    "account",
    FieldKind::Word,
    "cli-value-name",
    "cli-account-name",
);
const NAME: Field = argument(
    "name",
    FieldKind::Word,
    "cli-value-name",
    "cli-account-name",
);
const NICK: Field = argument(
    "nick",
    FieldKind::Word,
    "cli-value-nick",
    "admin-field-nick",
);
const ROOM: Field = argument(
    "room",
    FieldKind::Room,
    "cli-value-room",
    "admin-field-room",
);
const IN_ROOM: Field = option(
    "room",
    FieldKind::Room,
    "cli-value-room",
    "admin-field-in-room",
);
const FOR: Field = option("for", FieldKind::Span, "cli-value-span", "admin-field-for");
const WHOM: Field = argument(
    "whom",
    FieldKind::Word,
    "cli-value-whom",
    "admin-field-whom",
);
const TEXT: Field = argument(
    "text",
    FieldKind::Text,
    "cli-value-text",
    "admin-field-text",
);
const REASON: Field = Field {
    is_option: true,
    ..argument("reason", FieldKind::Text, "cli-value-text", "cli-reason")
};

/// What part of a list is wanted.
const PORTION: &[Field] = &[
    Field {
        is_required: false,
        ..argument(
            "like",
            FieldKind::Word,
            "cli-value-words",
            "admin-field-like",
        )
    },
    option(
        "after",
        FieldKind::Word,
        "cli-value-name",
        "admin-field-after",
    ),
    option(
        "limit",
        FieldKind::Number,
        "cli-value-count",
        "admin-field-limit",
    ),
];

/// Everything that may be asked.
pub static VERBS: &[Verb] = &[
    Verb {
        name: "people",
        about: "cli-admin-people",
        nature: Nature::Tells,
        fields: PORTION,
        spellings: &[Spelling::plain("ListU")],
        wanted: |fields| Wanted::Order(Order::ListPeople(portion(fields))),
    },
    Verb {
        name: "rooms",
        about: "cli-admin-rooms",
        nature: Nature::Tells,
        fields: PORTION,
        spellings: &[Spelling::plain("Rooms")],
        wanted: |fields| Wanted::Order(Order::ListRooms(portion(fields))),
    },
    Verb {
        name: "accounts",
        about: "cli-admin-accounts",
        nature: Nature::Tells,
        fields: PORTION,
        spellings: &[Spelling::plain("Accounts")],
        wanted: |fields| Wanted::Order(Order::ListAccounts(portion(fields))),
    },
    Verb {
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
    },
    Verb {
        name: "sanctions",
        about: "cli-admin-sanctions",
        nature: Nature::Tells,
        fields: &[],
        spellings: &[Spelling::plain("Sanctions")],
        wanted: |_| Wanted::Order(Order::ListSanctions),
    },
    Verb {
        name: "alert",
        about: "cli-admin-alert",
        nature: Nature::Acts,
        fields: &[TEXT],
        spellings: &[Spelling::plain("Alert")],
        wanted: |fields| {
            Wanted::Order(Order::Alert {
                text: fields.word("text"),
            })
        },
    },
    Verb {
        name: "write",
        about: "cli-admin-write",
        nature: Nature::Acts,
        fields: &[
            argument("to", FieldKind::Word, "cli-value-nick", "admin-field-to"),
            TEXT,
        ],
        // The console opens a conversation, of which each line is one of these.
        spellings: &[],
        wanted: |fields| {
            Wanted::Order(Order::Write {
                to: fields.word("to"),
                text: fields.word("text"),
            })
        },
    },
    Verb {
        name: "kick",
        about: "cli-admin-kick",
        nature: Nature::Harms,
        fields: &[NICK, IN_ROOM, REASON],
        spellings: &[Spelling::plain("Kill")],
        wanted: |fields| {
            Wanted::Order(Order::Kick {
                nick: fields.word("nick"),
                room: fields.text("room").map(Into::into),
                reason: fields.word("reason"),
            })
        },
    },
    Verb {
        name: "ban",
        about: "cli-admin-ban",
        nature: Nature::Harms,
        fields: &[WHOM, IN_ROOM, FOR, REASON],
        spellings: &[Spelling::plain("Ban")],
        wanted: |fields| Wanted::Order(sanction(SanctionKind::Ban, fields)),
    },
    Verb {
        name: "unban",
        about: "cli-admin-unban",
        nature: Nature::Acts,
        fields: &[WHOM, IN_ROOM, REASON],
        spellings: &[Spelling::plain("Unban")],
        wanted: |fields| lift(SanctionKind::Ban, fields),
    },
    Verb {
        name: "mute",
        about: "cli-admin-mute",
        nature: Nature::Harms,
        fields: &[WHOM, IN_ROOM, FOR, REASON],
        spellings: &[Spelling::plain("Mute")],
        wanted: |fields| Wanted::Order(sanction(SanctionKind::Mute, fields)),
    },
    Verb {
        name: "unmute",
        about: "cli-admin-unmute",
        nature: Nature::Acts,
        fields: &[WHOM, IN_ROOM, REASON],
        spellings: &[Spelling::plain("Unmute")],
        wanted: |fields| lift(SanctionKind::Mute, fields),
    },
    Verb {
        name: "lift",
        about: "cli-admin-lift",
        nature: Nature::Acts,
        fields: &[
            argument(
                "number",
                FieldKind::Number,
                "cli-value-count",
                "admin-field-number",
            ),
            REASON,
        ],
        spellings: &[Spelling::plain("Lift")],
        wanted: |fields| {
            Wanted::Order(Order::Lift {
                sanction: SanctionId(fields.number("number").unwrap_or_default()),
                reason: fields.word("reason"),
            })
        },
    },
    Verb {
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
    },
    Verb {
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
    },
    Verb {
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
    },
    Verb {
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
    },
    Verb {
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
    },
    Verb {
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
    },
    Verb {
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
    },
    Verb {
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
    },
    Verb {
        name: "room.close",
        about: "cli-admin-room-close",
        nature: Nature::Harms,
        fields: &[ROOM, REASON],
        spellings: &[Spelling::plain("CloseRoom")],
        wanted: |fields| {
            Wanted::Order(Order::CloseRoom {
                room: fields.word("room"),
                reason: fields.word("reason"),
            })
        },
    },
    Verb {
        name: "room.take",
        about: "cli-admin-room-take",
        nature: Nature::Harms,
        fields: &[
            ROOM,
            argument(
                "to",
                FieldKind::Word,
                "cli-value-name",
                "admin-field-new-owner",
            ),
            REASON,
        ],
        spellings: &[Spelling::plain("TakeRoom")],
        wanted: |fields| {
            Wanted::Order(Order::TakeOverRoom {
                room: fields.word("room"),
                to: fields.word("to"),
                reason: fields.word("reason"),
            })
        },
    },
    Verb {
        name: "invite",
        about: "cli-admin-invite",
        nature: Nature::Acts,
        fields: &[
            option("room", FieldKind::Room, "cli-value-room", "cli-invite-room"),
            option(
                "address",
                FieldKind::Text,
                "cli-value-host",
                "cli-invite-address",
            ),
        ],
        spellings: &[Spelling::plain("Invite")],
        wanted: |fields| Wanted::Invite {
            address: fields.text("address"),
            room: fields.text("room"),
        },
    },
    Verb {
        name: "fingerprint",
        about: "cli-admin-fingerprint",
        nature: Nature::Tells,
        fields: &[],
        spellings: &[Spelling::plain("Fingerprint")],
        wanted: |_| Wanted::Fingerprint,
    },
    Verb {
        name: "status",
        about: "cli-admin-status",
        nature: Nature::Tells,
        fields: &[],
        spellings: &[Spelling::plain("Stats")],
        wanted: |_| Wanted::Status,
    },
    Verb {
        name: "reload",
        about: "cli-admin-reload",
        nature: Nature::Acts,
        fields: &[],
        spellings: &[Spelling::plain("Reload")],
        wanted: |_| Wanted::Reload,
    },
    Verb {
        name: "backup",
        about: "cli-backup",
        nature: Nature::Notes,
        fields: &[
            argument("file", FieldKind::Text, "cli-value-file", "cli-backup-file"),
            argument("bytes", FieldKind::Number, "cli-value-text", "cli-backup"),
            argument("sha256", FieldKind::Word, "cli-value-text", "cli-backup"),
        ],
        spellings: &[],
        wanted: |fields| {
            Wanted::Order(Order::EnterBackup {
                file: fields.word("file"),
                bytes: fields.number("bytes").unwrap_or_default(),
                sha256: fields.word("sha256"),
                maker: Maker::Administrator,
            })
        },
    },
    Verb {
        name: "watch",
        about: "cli-admin-watch",
        nature: Nature::Tells,
        fields: &[],
        // The console watches all the time.
        spellings: &[],
        wanted: |_| Wanted::Watch,
    },
    Verb {
        name: "stop",
        about: "cli-admin-stop",
        nature: Nature::Harms,
        fields: &[
            option("in", FieldKind::Span, "cli-value-span", "admin-field-in"),
            option("cancel", FieldKind::Flag, "", "admin-field-cancel"),
            option("reason", FieldKind::Text, "cli-value-text", "cli-reason"),
        ],
        // The console's countdown is its own.
        spellings: &[],
        wanted: |fields| match fields.flag("cancel") {
            true => Wanted::CancelStop,
            false => Wanted::Stop {
                reason: fields.text("reason"),
                seconds: fields.seconds("in").unwrap_or(0),
            },
        },
    },
    Verb {
        name: "audit.read",
        about: "cli-audit-read",
        nature: Nature::Tells,
        fields: register::FIELDS,
        spellings: &[Spelling::plain("Log")],
        wanted: |fields| Wanted::Register(Box::new(register::raw(fields))),
    },
    Verb {
        name: "doctor",
        about: "cli-admin-doctor",
        nature: Nature::Tells,
        fields: &[],
        spellings: &[Spelling::plain("Doctor")],
        wanted: |_| Wanted::Doctor,
    },
];

/// How many a list tells of where nobody says how many.
const LISTED: usize = 100;

fn portion(fields: &mut Fields<'_>) -> Portion {
    Portion {
        like: fields.word("like"),
        after: fields.text("after").map(Into::into),
        limit: fields
            .number("limit")
            .map_or(LISTED, |limit| usize::try_from(limit).unwrap_or(usize::MAX)),
    }
}

fn sanction(kind: SanctionKind, fields: &mut Fields<'_>) -> Order {
    Order::Sanction {
        kind,
        whom: fields.word("whom"),
        room: fields.text("room").map(Into::into),
        seconds: fields.seconds("for"),
        reason: fields.word("reason"),
    }
}

fn lift(kind: SanctionKind, fields: &mut Fields<'_>) -> Wanted {
    Wanted::LiftFrom {
        kind,
        whom: fields.word("whom"),
        room: fields.text("room"),
        reason: fields.word("reason"),
    }
}

/// The roles that an account can be given.
pub(super) const ROLES: &[&str] = &["owner", "admin", "moderator", "auditor", "user", "bot"];

/// How sign-ups can be set. The last is no mode of its own: what the configuration says rules again.
pub(super) const REGISTRATIONS: &[&str] = &["open", "approve", "closed", "configured"];
