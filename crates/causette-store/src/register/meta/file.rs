//! The metadata of what becomes of files: everything that the row has, and what a change changes.

use super::through;
use crate::register::Subject;
use crate::register::canonical::Object;
use causette_core::file::{File, FileChange};
use causette_core::record::{Fact, Origin, Record};

pub(super) fn of_fact(meta: Object, record: &Record) -> Object {
    match &record.fact {
        Fact::FileAdded {
            file,
            verdict,
            from,
        } => added(meta, record, file, verdict.as_deref(), from.as_ref()),
        Fact::FileChanged { file, change } => {
            let is_closed = matches!(change, FileChange::Shown { closed: true, .. });
            let meta = closed(meta, is_closed).number("fichier", file.0);
            changed(meta, record, change)
        }
        Fact::FileFetched {
            file,
            by_address_of,
            from,
        } => {
            let meta = meta.number("fichier", file.0);
            let meta = meta.text("ip", &from.address.to_string());
            let meta = match by_address_of {
                Some(account) => meta.text("lien_de", &Subject::Account(account.0).to_string()),
                None => meta,
            };
            through(meta.number("port", from.port.into()), record.session)
        }
        Fact::FileRefused {
            name,
            size,
            sha256,
            reason,
            from,
        } => {
            let meta = match sha256 {
                Some(sha256) => meta.text("empreinte", &sha256.to_string()),
                None => meta,
            };
            let meta = address(meta, from.as_ref());
            let meta = meta.text("motif", reason).text("nom", name.as_str());
            let meta = match size {
                Some(size) => meta.number("octets", *size),
                None => meta,
            };
            through(port(meta, from.as_ref()), record.session)
        }
        _ => meta,
    }
}

fn added(
    meta: Object,
    record: &Record,
    file: &File,
    verdict: Option<&str>,
    from: Option<&Origin>,
) -> Object {
    let mut meta = match verdict {
        Some(verdict) => meta.text("analyse", verdict),
        None => meta,
    };
    meta = meta.text("cle", &file.key.to_string());
    meta = meta.integer("depuis", file.since.0);
    if !file.granted.is_empty() {
        let to = file.granted.iter();
        let to: Vec<String> = to.map(|to| Subject::Account(to.0).to_string()).collect();
        meta = meta.text("destinataires", &to.join(","));
    }
    if file.says_beside {
        meta = meta.boolean("dit_plus", true);
    }
    meta = meta.text("empreinte", &file.sha256.to_string());
    if let Some(aside) = &file.aside {
        meta = meta.integer("en_quarantaine", aside.since.0);
    }
    meta = closed(meta, file.closed.is_some()).number("fichier", file.id.0);
    meta = address(meta, from);
    if let Some(until) = file.until {
        meta = meta.integer("jusqua", until.0);
    }
    meta = meta.text("media", &file.media_type);
    if let Some(aside) = &file.aside {
        meta = meta.text("motif", &aside.reason);
    }
    meta = meta
        .text("nom", file.name.as_str())
        .number("octets", file.size);
    if let Some(path) = &file.path {
        meta = meta.text("place", path);
    }
    meta = port(meta, from);
    let owner = file.owner.map(|owner| Subject::Account(owner.0));
    if owner != Subject::of(&record.by).filter(is_account) {
        let owner = owner.map_or_else(String::new, |owner| owner.to_string());
        meta = meta.text("proprietaire", &owner);
    }
    meta = through(meta, record.session);
    meta.text("visibilite", file.visibility.name())
}

/// That it is shown in a room which not everyone may enter.
fn closed(meta: Object, is_closed: bool) -> Object {
    match is_closed {
        true => meta.boolean("ferme", true),
        false => meta,
    }
}

fn is_account(subject: &Subject) -> bool {
    matches!(subject, Subject::Account(_))
}

fn changed(meta: Object, record: &Record, change: &FileChange) -> Object {
    match change {
        FileChange::Shown { visibility, .. } => {
            let meta = through(meta.text("geste", "visibilite"), record.session);
            meta.text("visibilite", visibility.name())
        }
        FileChange::Granted(_) | FileChange::Revoked(_) => {
            let given = matches!(change, FileChange::Granted(_));
            let act = if given { "envoi" } else { "retrait" };
            through(meta.text("geste", act), record.session)
        }
        FileChange::Quarantined { reason }
        | FileChange::Released { reason }
        | FileChange::Removed { reason } => {
            let act = match change {
                FileChange::Quarantined { .. } => "quarantaine",
                FileChange::Released { .. } => "fin de quarantaine",
                _ => "suppression",
            };
            let meta = meta.text("geste", act);
            let meta = match reason.is_empty() {
                true => meta,
                false => meta.text("motif", reason),
            };
            through(meta, record.session)
        }
    }
}

fn address(meta: Object, from: Option<&Origin>) -> Object {
    match from {
        Some(from) => meta.text("ip", &from.address.to_string()),
        None => meta,
    }
}

fn port(meta: Object, from: Option<&Origin>) -> Object {
    match from {
        Some(from) => meta.number("port", from.port.into()),
        None => meta,
    }
}
