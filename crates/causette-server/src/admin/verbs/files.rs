//! What is asked about everybody's files, and how much of them an account may keep.

use super::super::verb::{FieldKind, Nature, Spelling, Verb};
use super::super::wanted::Wanted;
use super::parts::{ACCOUNT, IN_ROOM, LIKE, REASON, argument, number, option};
use causette_core::file::FileRef;
use causette_core::id::FileId;
use causette_core::limits::FILES_PER_PAGE;
use causette_core::order::{FileSearch, Order};

/// Which files there are.
pub(super) const LIST: Verb = Verb {
    name: "files",
    about: "cli-admin-files",
    nature: Nature::Tells,
    fields: &[
        LIKE,
        option(
            "owner",
            FieldKind::Word,
            "cli-value-name",
            "admin-field-owner",
        ),
        IN_ROOM,
        option(
            "sha256",
            FieldKind::Digest,
            "cli-value-sha256",
            "admin-field-sha256",
        ),
        option(
            "after",
            FieldKind::Number,
            "cli-value-count",
            "admin-field-older",
        ),
        option(
            "limit",
            FieldKind::Number,
            "cli-value-count",
            "admin-field-limit",
        ),
    ],
    spellings: &[Spelling::plain("ListF")],
    wanted: |fields| {
        Wanted::Order(Order::ListFiles(FileSearch {
            pattern: fields.word("like"),
            owner: fields.text("owner").map(Into::into),
            room: fields.text("room").map(Into::into),
            sha256: fields.digest("sha256"),
            before: fields.number("after").map(FileId),
            count: fields.number("limit").map_or(FILES_PER_PAGE, |limit| {
                usize::try_from(limit).unwrap_or(usize::MAX)
            }),
        }))
    },
};

/// All about one.
pub(super) const SHOW: Verb = Verb {
    name: "file.show",
    about: "cli-admin-file-show",
    nature: Nature::Tells,
    fields: &[number("admin-field-file")],
    spellings: &[Spelling::plain("File")],
    wanted: |fields| {
        Wanted::Order(Order::ShowFile {
            file: file(fields.number("number")),
        })
    },
};

/// One is no more.
pub(super) const REMOVE: Verb = Verb {
    name: "file.remove",
    about: "cli-admin-file-remove",
    nature: Nature::Harms,
    fields: &[number("admin-field-file"), REASON],
    spellings: &[Spelling::plain("RemoveFile")],
    wanted: |fields| {
        Wanted::Order(Order::RemoveFile {
            file: file(fields.number("number")),
            reason: fields.word("reason"),
        })
    },
};

/// Nobody fetches one.
pub(super) const PUT_ASIDE: Verb = Verb {
    name: "file.quarantine",
    about: "cli-admin-file-quarantine",
    nature: Nature::Acts,
    fields: &[number("admin-field-file"), REASON],
    spellings: &[Spelling::plain("Quarantine")],
    wanted: |fields| {
        Wanted::Order(Order::PutFileAside {
            file: file(fields.number("number")),
            aside: true,
            reason: fields.word("reason"),
        })
    },
};

/// One is fetched again.
pub(super) const GIVE_BACK: Verb = Verb {
    name: "file.release",
    about: "cli-admin-file-release",
    nature: Nature::Acts,
    fields: &[number("admin-field-file"), REASON],
    spellings: &[Spelling::plain("ReleaseFile")],
    wanted: |fields| {
        Wanted::Order(Order::PutFileAside {
            file: file(fields.number("number")),
            aside: false,
            reason: fields.word("reason"),
        })
    },
};

/// How much somebody keeps.
pub(super) const QUOTA: Verb = Verb {
    name: "quota.show",
    about: "cli-admin-quota-show",
    nature: Nature::Tells,
    fields: &[ACCOUNT],
    spellings: &[Spelling::plain("Quota")],
    wanted: |fields| {
        Wanted::Order(Order::ShowQuota {
            account: fields.word("account"),
        })
    },
};

/// How much somebody may keep.
pub(super) const SET_QUOTA: Verb = Verb {
    name: "quota.set",
    about: "cli-admin-quota-set",
    nature: Nature::Acts,
    fields: &[
        ACCOUNT,
        // Never left out: a slip of the pen would be part of the reason, and the quota another than was meant.
        argument(
            "size",
            FieldKind::Size,
            "cli-value-size",
            "admin-field-quota",
        ),
        REASON,
    ],
    spellings: &[Spelling::plain("SetQuota")],
    wanted: |fields| {
        Wanted::Order(Order::SetQuota {
            account: fields.word("account"),
            bytes: fields.size("size"),
            reason: fields.word("reason"),
        })
    },
};

/// Somebody may keep as much as everybody.
pub(super) const UNSET_QUOTA: Verb = Verb {
    name: "quota.unset",
    about: "cli-admin-quota-unset",
    nature: Nature::Acts,
    fields: &[ACCOUNT, REASON],
    spellings: &[Spelling::plain("UnsetQuota")],
    wanted: |fields| {
        Wanted::Order(Order::SetQuota {
            account: fields.word("account"),
            bytes: None,
            reason: fields.word("reason"),
        })
    },
};

fn file(number: Option<u64>) -> FileRef {
    FileRef::Id(FileId(number.unwrap_or_default()))
}
