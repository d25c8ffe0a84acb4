//! What is asked about the server itself.

use super::super::verb::{FieldKind, Nature, Spelling, Verb};
use super::super::wanted::Wanted;
use super::parts::{argument, option};
use causette_core::order::{Maker, Order};

/// By what clients know the server.
pub(super) const FINGERPRINT: Verb = Verb {
    name: "fingerprint",
    about: "cli-admin-fingerprint",
    nature: Nature::Tells,
    fields: &[],
    spellings: &[Spelling::plain("Fingerprint")],
    wanted: |_| Wanted::Fingerprint,
};

/// How the server is.
pub(super) const STATUS: Verb = Verb {
    name: "status",
    about: "cli-admin-status",
    nature: Nature::Tells,
    fields: &[],
    spellings: &[Spelling::plain("Stats")],
    wanted: |_| Wanted::Status,
};

/// The configuration is read again.
pub(super) const RELOAD: Verb = Verb {
    name: "reload",
    about: "cli-admin-reload",
    nature: Nature::Acts,
    fields: &[],
    spellings: &[Spelling::plain("Reload")],
    wanted: |_| Wanted::Reload,
};

/// A backup was made.
pub(super) const BACKUP: Verb = Verb {
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
};

/// What happens is told.
pub(super) const WATCH: Verb = Verb {
    name: "watch",
    about: "cli-admin-watch",
    nature: Nature::Tells,
    fields: &[],
    // The console watches all the time.
    spellings: &[],
    wanted: |_| Wanted::Watch,
};

/// The end.
pub(super) const STOP: Verb = Verb {
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
};
