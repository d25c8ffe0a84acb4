//! The part of FileServ about what is not there yet: links by which to upload, what is under way, and how much room there is.

use super::fileserv::{LINES, audience, help};
use crate::account::trial;
use crate::file::{Audience, Coming, ComingRef, Visibility, size};
use crate::files::{coming, permit};
use crate::input::{Answer, Asker};
use crate::limits;
use crate::output::Ask;
use crate::reply::{Ctx, Outcome, Refusal};
use crate::reserved::Service;
use crate::service;
use crate::state::waiting::{Then, WantedUpload};
use crate::turn::words::minute;
use causette_proto::FileName;

/// How much of files somebody keeps, and may, and what they have under way.
pub(super) fn tell_usage(ctx: &mut Ctx<'_>) -> Outcome {
    let Some(account) = ctx.session().account else {
        return help(ctx, "file-account-needed");
    };
    let usage = permit::usage(&ctx.turn, account);
    let (files, bytes, max) = (
        usage.files.to_string(),
        size(usage.bytes),
        size(usage.bytes_max),
    );
    let (one, today) = (size(usage.file_bytes_max), size(usage.today));
    let variables = [
        ("files", files.as_str()),
        ("bytes", &bytes),
        ("max", &max),
        ("one", &one),
        ("today", &today),
    ];
    service::say(ctx, Service::Files, "fileserv-quota", &variables);
    if usage.awaited > 0 {
        let held = size(usage.awaited);
        service::say(
            ctx,
            Service::Files,
            "fileserv-quota-held",
            &[("held", &held)],
        );
    }
    tell_coming(ctx, "").map(drop)
}

/// Tells what somebody has under way whose name has this in it, the newest first; says whether there was anything.
pub(super) fn tell_coming(ctx: &mut Ctx<'_>, pattern: &str) -> Result<bool, Refusal> {
    let actor = ctx.actor();
    if actor.account(ctx.turn.state).is_none() {
        return Ok(false);
    }
    let pattern = pattern.to_lowercase();
    let mut coming = coming::list(&ctx.turn, &actor)?;
    coming.retain(|upload| upload.name.as_str().to_lowercase().contains(&pattern));
    for upload in coming.iter().take(LINES) {
        say(ctx, "fileserv-coming", upload);
    }
    if coming.len() > LINES {
        let more = (coming.len() - LINES).to_string();
        let variables = [("count", more.as_str())];
        service::say(ctx, Service::Files, "fileserv-coming-more", &variables);
    }
    Ok(!coming.is_empty())
}

/// `CANCEL number | name | ALL`: gives up what is under way.
pub(super) fn cancel(ctx: &mut Ctx<'_>, text: &str) -> Outcome {
    let number = text.strip_prefix('#').unwrap_or(text).parse();
    let wanted = match number {
        Ok(number) => ComingRef::Number(number),
        Err(_) if text.eq_ignore_ascii_case("all") => ComingRef::All,
        Err(_) => ComingRef::Name(text.into()),
    };
    let actor = ctx.actor();
    let cancelled = coming::cancel(&mut ctx.turn, &actor, &wanted)?;
    match &cancelled[..] {
        [] => return help(ctx, "fileserv-none-coming"),
        [upload] => say(ctx, "fileserv-cancelled", upload),
        several => {
            let count = several.len().to_string();
            let variables = [("count", count.as_str())];
            service::say(ctx, Service::Files, "fileserv-cancelled-all", &variables);
        }
    }
    Ok(())
}

/// Says something of an upload that is under way.
fn say(ctx: &mut Ctx<'_>, key: &str, upload: &Coming) {
    let (number, size) = (upload.number.to_string(), size(upload.bytes));
    let time = minute(upload.until);
    let shown = match (&upload.to, upload.visibility) {
        (Some(to), _) => to.to_string(),
        (None, Visibility::Room(_)) => upload.room.as_deref().unwrap_or("*").to_owned(),
        (None, Visibility::Public) => ctx.text("file-shown-public"),
        (None, Visibility::Link) => ctx.text("file-shown-link"),
        (None, Visibility::Private) => ctx.text("file-shown-private"),
    };
    let variables = [
        ("number", number.as_str()),
        ("name", upload.name.as_str()),
        ("size", &size),
        ("shown", &shown),
        ("time", &time),
    ];
    service::say(ctx, Service::Files, key, &variables);
}

/// `UPLOAD name [for public | link | private | #room | nickname]`: a link by which one file can be uploaded.
pub(super) fn begin(ctx: &mut Ctx<'_>, text: &str) -> Outcome {
    let (name, audience) = match text.rsplit_once(" for ") {
        Some((name, with)) => {
            let with = with.trim_ascii();
            (name, audience(with).unwrap_or(Audience::To(with.into())))
        }
        None => (text, Audience::Public),
    };
    let wanted = WantedUpload {
        name: FileName::nearest(name),
        bytes: None,
        audience,
    };
    let asker = Asker::Session(ctx.id);
    trial::ask_at_once(&mut ctx.turn, asker, Ask::MakePermit)?;
    ctx.turn.wait(asker, Then::Upload(Box::new(wanted)));
    Ok(())
}

/// For whom an upload is, as people read it.
fn shown(ctx: &Ctx<'_>, wanted: &WantedUpload) -> String {
    let key = match &wanted.audience {
        Audience::Public => "file-shown-public",
        Audience::Link => "file-shown-link",
        Audience::Private => "file-shown-private",
        Audience::Room(name) | Audience::To(name) => return name.to_string(),
    };
    ctx.turn.words_for(ctx.id, key, &[])
}

/// Gives the link, now that its name is made.
pub(crate) fn permitted(ctx: &mut Ctx<'_>, wanted: &WantedUpload, answer: Answer) {
    let Answer::PermitKey(key) = answer else {
        service::say(ctx, Service::Files, "unavailable", &[]);
        return;
    };
    let actor = ctx.actor();
    match permit::give(&mut ctx.turn, &actor, key, wanted, (None, false)) {
        Ok(permit) => {
            let url = &ctx.turn.settings.files.url;
            let address = format!("{url}/upload/{}", permit.key.expose());
            let (name, max) = (permit.name.as_str(), size(permit.bytes));
            let shown = shown(ctx, wanted);
            let hours = (limits::PERMIT_SECONDS / 3600).to_string();
            let variables = [
                ("address", address.as_str()),
                ("name", name),
                ("max", &max),
                ("hours", &hours),
                ("shown", &shown),
            ];
            service::say(ctx, Service::Files, "fileserv-upload", &variables);
        }
        Err(denied) => {
            let text = ctx.denied_text(&denied);
            service::say_lines(ctx, Service::Files, &text);
        }
    }
}
