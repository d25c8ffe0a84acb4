//! The first lines that a client gets: 001 to 005, the counts, the message of the day, and what to do next.

use super::{lusers, metadata, motd};
use crate::limits;
use crate::modes::{self, CHANNEL_MODES, USER_MODES};
use crate::reply::Ctx;
use crate::settings::Registration;
use crate::turn::words::second;
use causette_proto::AccountName;
use causette_proto::numeric::{RPL_CREATED, RPL_ISUPPORT, RPL_MYINFO, RPL_WELCOME, RPL_YOURHOST};

/// 001 to 005, LUSERS and MOTD. <https://modern.ircdocs.horse/#connection-registration>
pub(crate) fn greet(ctx: &mut Ctx<'_>) {
    let nick = ctx.nick();
    let settings = ctx.turn.settings;
    let (server, network, version) = (
        settings.server.clone(),
        settings.network.clone(),
        settings.version.clone(),
    );
    let text = ctx.text_with("welcome", &[("network", &network), ("nick", &nick)]);
    ctx.numeric(RPL_WELCOME, &[], &text);
    let text = ctx.text_with("your-host", &[("server", &server), ("version", &version)]);
    ctx.numeric(RPL_YOURHOST, &[], &text);
    // `2026-11-22 06:51 UTC`, for people.
    let started = ctx.turn.state.started.to_string();
    let started = format!("{} {} UTC", &started[..10], &started[11..16]);
    let text = ctx.text_with("created", &[("time", &started)]);
    ctx.numeric(RPL_CREATED, &[], &text);
    let user_modes = modes::letters(USER_MODES, false);
    let channel_modes = modes::letters(CHANNEL_MODES, false);
    let with_argument = modes::letters(CHANNEL_MODES, true);
    ctx.numeric_bare(
        RPL_MYINFO,
        &[
            &server,
            &version,
            &user_modes,
            &channel_modes,
            &with_argument,
        ],
    );
    isupport(ctx);
    lusers::show(ctx);
    metadata::show_own(ctx);
    motd::show(ctx);
}

/// 005, on as many lines as it needs.
pub(crate) fn isupport(ctx: &mut Ctx<'_>) {
    let text = ctx.text("isupport");
    for tokens in ctx.turn.isupport {
        ctx.numeric_with(RPL_ISUPPORT, tokens, &text);
    }
}

/// Tells a newcomer in the lobby how to sign up or in, from NickServ, whom any client can answer. Both, whether the name
/// has an account or not: that is not for strangers to learn.
pub(crate) fn explain_sign_in(ctx: &mut Ctx<'_>) {
    explain(ctx, "lobby-account-required");
}

/// Tells a guest the same from whom an account is asked from now on, and until when.
pub(crate) fn explain_required(ctx: &mut Ctx<'_>) {
    explain(ctx, "guest-account-required");
}

fn explain(ctx: &mut Ctx<'_>, why: &'static str) {
    let nick = ctx.nick();
    let until = limits::ACCOUNTLESS_SECONDS;
    let until = second(ctx.turn.now().plus_seconds(i64::from(until)));
    let minutes = (limits::ACCOUNTLESS_SECONDS / 60).to_string();
    let sign_up = match ctx.turn.state.registration(ctx.turn.settings) {
        Registration::Open => "lobby-sign-up",
        Registration::Invite => "lobby-sign-up-invite",
        Registration::Approve => "lobby-sign-up-approve",
        Registration::Closed => "sign-up-closed",
    };
    // Who waits to be approved knows how, and has all the time.
    let waits = ctx.session().applied;
    let waits = waits.and_then(|id| Some(ctx.turn.state.accounts().get(&id)?.name.clone()));
    let keys = match waits {
        Some(_) => &["account-waits"][..],
        None => &[why, sign_up, "lobby-sign-in"],
    };
    let account = waits.as_ref().map_or("", AccountName::as_str);
    let variables = [
        ("nick", nick.as_str()),
        ("minutes", &minutes),
        ("until", &until),
        ("account", account),
    ];
    for key in keys {
        let text = ctx.text_with(key, &variables);
        ctx.notice(Some("NickServ"), &text);
    }
    if ctx.turn.settings.email_required && keys.contains(&sign_up) && sign_up != "sign-up-closed" {
        let text = ctx.text("lobby-email");
        ctx.notice(Some("NickServ"), &text);
    }
    for text in motd::house_words(ctx) {
        ctx.notice(Some("NickServ"), &text);
    }
}

/// Tells who may be about to sign up while connecting what they agree to, before they are asked anything.
pub(crate) fn tell_at_the_door(ctx: &mut Ctx<'_>) {
    let settings = ctx.turn.settings;
    let registration = ctx.turn.state.registration(settings);
    let signs_up = settings.registration_before_connect && registration != Registration::Closed;
    if signs_up && ctx.session().account.is_none() {
        for text in motd::house_words(ctx) {
            ctx.notice(None, &text);
        }
    }
}
