//! What is said with a question to the register.

use super::option;
use crate::admin::fields::Fields;
use crate::admin::register::{Form, Raw};
use crate::admin::verb::{Field, FieldKind};

/// The fields. The first may stand alone: `#Log 50`.
pub(super) const FIELDS: &[Field] = &[
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
pub(super) fn raw(fields: &mut Fields<'_>) -> Raw {
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
