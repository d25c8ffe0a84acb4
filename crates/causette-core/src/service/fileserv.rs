//! FileServ: the files that people keep here and send each other, for clients that know no other way.

use super::{typed, upload};
use crate::commands::{Command, Needs};
use crate::file::{
    Audience, FileRef, FileReport, Listed, Listing, Signer, Visibility, address, size,
};
use crate::files::{aside, list, remove, share};
use crate::id::FileId;
use crate::reply::{Ctx, Outcome, Refusal};
use crate::reserved::Service;
use crate::right::Act;
use crate::service;
use crate::turn::words::minute;
use causette_proto::{CompactString, Message};

pub(crate) const FS: Command = Command {
    verb: "FS",
    params: 0,
    needs: Needs::Online,
    syntax: "FS <LIST | INFO | GET | SEND | REVOKE | SHARE | DELETE | QUARANTINE | RELEASE | QUOTA | UPLOAD | CANCEL | HELP> …",
    summary: "command-fs",
    spec: "https://modern.ircdocs.horse/#services",
    run,
};

pub(crate) const FILESERV: Command = Command {
    verb: "FILESERV",
    syntax: "FILESERV <LIST | INFO | GET | SEND | REVOKE | SHARE | DELETE | QUARANTINE | RELEASE | QUOTA | UPLOAD | CANCEL | HELP> …",
    ..FS
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let words: Vec<&str> = message.params.iter().map(CompactString::as_str).collect();
    answer(ctx, &words.join(" "))
}

/// Does what it is told.
pub(crate) fn answer(ctx: &mut Ctx<'_>, text: &str) -> Outcome {
    if ctx.session().user.is_none() {
        return Err(crate::commands::account_required(ctx, "FILESERV"));
    }
    told(ctx, text).or_else(|refusal| match refusal {
        Refusal::Denied(denied) => {
            let text = ctx.denied_text(&denied);
            service::say_lines(ctx, Service::Files, &text);
            Ok(())
        }
        other => Err(other),
    })
}

fn told(ctx: &mut Ctx<'_>, text: &str) -> Outcome {
    let (command, rest) = typed::word(text.trim_ascii());
    let rest = rest.trim_ascii();
    let (first, last) = typed::word(rest);
    let last = last.trim_ascii();
    let actor = ctx.actor();
    match (command.to_ascii_uppercase().as_str(), first, last) {
        ("LIST", ..) => tell_list(ctx, rest),
        ("INFO" | "GET", file, "") if !file.is_empty() => {
            let report = list::show(&ctx.turn, &actor, &named(file))?;
            let account = ctx.session().account;
            // Who wants to fetch it gets an address for themselves, which needs no password.
            let gets = command.eq_ignore_ascii_case("GET") && report.file.aside.is_none();
            let signer = account.filter(|_| gets);
            let signer = signer.map(|account| ctx.turn.signer(account));
            tell_file(ctx, &report, signer.as_ref());
            Ok(())
        }
        ("SEND", to, file) if !file.is_empty() => {
            let report = share::send(&mut ctx.turn, &actor, &named(file), to)?;
            say(ctx, "fileserv-sent", &report, &[("nick", to)])
        }
        ("REVOKE", file, from) if !from.is_empty() => {
            let report = share::take_back(&mut ctx.turn, &actor, &named(file), from)?;
            say(ctx, "fileserv-revoked", &report, &[("nick", from)])
        }
        ("SHARE", file, with) if !with.is_empty() => {
            let Some(audience) = audience(with) else {
                return help(ctx, "fileserv-share-syntax");
            };
            let report = share::share(&mut ctx.turn, &actor, &named(file), &audience)?;
            tell_file(ctx, &report, None);
            Ok(())
        }
        ("DELETE", file, reason) if !file.is_empty() => {
            let (file, _) = remove::remove(&mut ctx.turn, &actor, &named(file), reason)?;
            let id = file.id.0.to_string();
            let variables = [("id", id.as_str()), ("name", file.name.as_str())];
            service::say(ctx, Service::Files, "fileserv-deleted", &variables);
            Ok(())
        }
        (command @ ("QUARANTINE" | "RELEASE"), file, reason) if !reason.is_empty() => {
            let put = command == "QUARANTINE";
            let (file, _) = aside::put(&mut ctx.turn, &actor, &named(file), put, reason)?;
            let key = if put {
                "fileserv-put-aside"
            } else {
                "fileserv-released"
            };
            let id = file.id.0.to_string();
            let variables = [("id", id.as_str()), ("name", file.name.as_str())];
            service::say(ctx, Service::Files, key, &variables);
            Ok(())
        }
        ("QUOTA", ..) => upload::tell_usage(ctx),
        ("UPLOAD", ..) if !rest.is_empty() => upload::begin(ctx, rest),
        ("UPLOAD", ..) => help(ctx, "fileserv-upload-syntax"),
        ("CANCEL", ..) if !rest.is_empty() => upload::cancel(ctx, rest),
        ("CANCEL", ..) => {
            help(ctx, "fileserv-cancel-syntax")?;
            upload::tell_coming(ctx, "").map(drop)
        }
        ("HELP" | "", ..) => {
            if actor.may(ctx.turn.state, Act::RuleFiles) {
                help(ctx, "fileserv-help")?;
                return help(ctx, "fileserv-help-ruling");
            }
            help(ctx, "fileserv-help")
        }
        _ => help(ctx, "fileserv-unknown"),
    }
}

pub(super) fn help(ctx: &mut Ctx<'_>, key: &str) -> Outcome {
    service::say(ctx, Service::Files, key, &[]);
    Ok(())
}

/// A file as people name it: by its number, with or without `#`, or by what it is called.
fn named(text: &str) -> FileRef {
    let number = text.strip_prefix('#').unwrap_or(text).parse();
    match number {
        Ok(number) => FileRef::Id(FileId(number)),
        Err(_) => FileRef::Name(text.into()),
    }
}

/// For whom something is to be, as people say it.
pub(super) fn audience(text: &str) -> Option<Audience> {
    Some(match text {
        room if room.starts_with('#') => Audience::Room(room.into()),
        word if word.eq_ignore_ascii_case("public") => Audience::Public,
        word if word.eq_ignore_ascii_case("link") => Audience::Link,
        word if word.eq_ignore_ascii_case("private") => Audience::Private,
        _ => return None,
    })
}

/// `LIST [public | mine | tome | all | #room] [pattern] [before number]`.
fn tell_list(ctx: &mut Ctx<'_>, text: &str) -> Outcome {
    let mut words: Vec<&str> = text.split_ascii_whitespace().collect();
    let which = match words.first().map(|word| word.to_ascii_lowercase()) {
        Some(word) if word.starts_with('#') => Some(Listed::Room(words[0].into())),
        Some(word) => match word.as_str() {
            "public" => Some(Listed::Public),
            "mine" => Some(Listed::Own),
            "tome" => Some(Listed::Sent),
            "all" => Some(Listed::All),
            _ => None,
        },
        None => None,
    };
    if which.is_some() {
        words.remove(0);
    }
    let before = match words.as_slice() {
        [.., word, number] if word.eq_ignore_ascii_case("before") => number.parse().ok(),
        _ => None,
    };
    if before.is_some() {
        words.truncate(words.len() - 2);
    }
    let listing = Listing {
        which: which.unwrap_or(Listed::Seen),
        pattern: words.join(" ").into(),
        before: before.map(FileId),
        count: LINES,
    };
    let actor = ctx.actor();
    let page = list::list(&ctx.turn, &actor, &listing)?;
    // What is under way is the newest of one's own.
    let shows_coming = matches!(listing.which, Listed::Seen | Listed::Own) && before.is_none();
    let told = shows_coming && upload::tell_coming(ctx, &listing.pattern)?;
    if page.files.is_empty() && !told {
        return help(ctx, "fileserv-none");
    }
    for report in &page.files {
        say(ctx, "fileserv-line", report, &[])?;
    }
    if page.more
        && let Some(last) = page.files.last()
    {
        let id = last.file.id.0.to_string();
        service::say(ctx, Service::Files, "fileserv-more", &[("id", &id)]);
    }
    Ok(())
}

/// Files in one answer: each is a line.
pub(super) const LINES: usize = 20;

fn tell_file(ctx: &mut Ctx<'_>, report: &FileReport, signer: Option<&Signer>) {
    let address = match signer {
        Some(signer) => signer.address(&report.file),
        None => address(&ctx.turn.settings.files.url, &report.file),
    };
    let sha256 = report.file.sha256.to_string();
    let variables = [("address", address.as_str()), ("sha256", &sha256)];
    // What a line says of a file cannot be refused.
    let _ = say(ctx, "fileserv-line", report, &[]);
    let _ = say(ctx, "fileserv-address", report, &variables);
    if report.file.aside.is_some() {
        service::say(ctx, Service::Files, "file-put-aside", &[]);
    }
    if !report.granted.is_empty() {
        let people = report.granted.join(", ");
        service::say(
            ctx,
            Service::Files,
            "fileserv-sent-to",
            &[("people", &people)],
        );
    }
}

/// Says something of a file.
fn say(ctx: &mut Ctx<'_>, key: &str, report: &FileReport, more: &[(&str, &str)]) -> Outcome {
    let file = &report.file;
    let (id, size) = (file.id.0.to_string(), size(file.size));
    let time = minute(report.since);
    let shown = match file.visibility {
        Visibility::Room(_) => report.room.as_deref().unwrap_or("*").to_owned(),
        other => ctx.text(match other {
            Visibility::Public => "file-shown-public",
            Visibility::Link => "file-shown-link",
            Visibility::Private | Visibility::Room(_) => "file-shown-private",
        }),
    };
    let shown = match file.aside {
        Some(_) => format!("{shown}, {}", ctx.text("file-shown-aside")),
        None => shown,
    };
    let owner = report
        .owner
        .as_deref()
        .unwrap_or_else(|| Service::Files.nick());
    let mut variables = vec![
        ("id", id.as_str()),
        ("name", file.name.as_str()),
        ("size", &size),
        ("owner", owner),
        ("time", &time),
        ("shown", &shown),
    ];
    variables.extend_from_slice(more);
    service::say(ctx, Service::Files, key, &variables);
    Ok(())
}
