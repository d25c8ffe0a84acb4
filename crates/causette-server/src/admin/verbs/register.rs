//! What is asked of the register, and about what is wrong around the server.

use super::super::fields::Fields;
use super::super::register::{Form, Raw};
use super::super::verb::{Field, FieldKind, Nature, Spelling, Verb};
use super::super::wanted::Wanted;
use super::parts::option;

/// What the register says.
pub(super) const READ: Verb = Verb {
    name: "audit.read",
    about: "cli-audit-read",
    nature: Nature::Tells,
    fields: FIELDS,
    spellings: &[Spelling::plain("Log")],
    wanted: |fields| Wanted::Register(Box::new(raw(fields))),
};

/// How everything is around the server, and what to do.
pub(super) const DOCTOR: Verb = Verb {
    name: "doctor",
    about: "cli-admin-doctor",
    nature: Nature::Tells,
    fields: &[],
    spellings: &[Spelling::plain("Doctor")],
    wanted: |_| Wanted::Doctor,
};

/// The fields. The first may stand alone: `#Log 50`.
const FIELDS: &[Field] = &[
    Field {
        is_option: false,
        ..option(
            "last",
            FieldKind::Number,
            "cli-value-count",
            "register-field-last",
        )
    },
    option(
        "account",
        FieldKind::Word,
        "cli-value-name",
        "register-field-account",
    ),
    option(
        "address",
        FieldKind::Word,
        "cli-value-address",
        "register-field-address",
    ),
    option(
        "from",
        FieldKind::Text,
        "cli-value-time",
        "register-field-from",
    ),
    option("to", FieldKind::Text, "cli-value-time", "register-field-to"),
    option(
        "kind",
        FieldKind::Word,
        "cli-value-kind",
        "register-field-kind",
    ),
    option(
        "room",
        FieldKind::Word,
        "cli-value-room",
        "register-field-room",
    ),
    option(
        "text",
        FieldKind::Text,
        "cli-value-words",
        "register-field-text",
    ),
    option(
        "after",
        FieldKind::Number,
        "cli-value-count",
        "register-field-after",
    ),
    option(
        "limit",
        FieldKind::Number,
        "cli-value-count",
        "register-field-limit",
    ),
    option(
        "format",
        FieldKind::OneOf(Form::NAMES),
        "cli-value-format",
        "register-field-format",
    ),
    option("follow", FieldKind::Flag, "", "register-field-follow"),
    option("pages", FieldKind::Flag, "", "register-field-pages"),
];

/// The question as it was written.
fn raw(fields: &mut Fields<'_>) -> Raw {
    Raw {
        last: fields.number("last"),
        account: fields.text("account"),
        address: fields.text("address"),
        from: fields.text("from"),
        to: fields.text("to"),
        kind: fields.text("kind"),
        room: fields.text("room"),
        text: fields.text("text"),
        after: fields.number("after"),
        limit: fields.number("limit"),
        follow: fields.flag("follow"),
        pages: fields.flag("pages"),
        form: Form::named(&fields.word("format")),
    }
}
