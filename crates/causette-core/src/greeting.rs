//! The first lines that a client gets: 001 to 005, the counts, the message of the day, and what to do next.

use crate::commands;
use crate::limits;
use crate::reply::Ctx;
use crate::settings::Settings;
use causette_proto::isupport;
use causette_proto::numeric::{RPL_CREATED, RPL_ISUPPORT, RPL_MYINFO, RPL_WELCOME, RPL_YOURHOST};

/// The channel modes by their kind, CHANMODES in 005: lists; always with an argument; with one when set; never.
pub(crate) const CHANMODES: &str = "b,k,l,imnst";

/// The prefixes and their modes, PREFIX in 005.
pub(crate) const PREFIX: &str = "(ov)@+";

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
    ctx.numeric_bare(RPL_MYINFO, &[&server, &version, "i", "biklmnostv", "bklov"]);
    isupport(ctx);
    commands::lusers::show(ctx);
    commands::motd::show(ctx);
}

fn isupport(ctx: &mut Ctx<'_>) {
    let text = ctx.text("isupport");
    let tokens = tokens(ctx.turn.settings);
    for line in isupport::lines(&tokens) {
        ctx.numeric(RPL_ISUPPORT, &line, &text);
    }
}

/// The tokens of 005. <https://modern.ircdocs.horse/#rplisupport-parameters>
pub(crate) fn tokens(settings: &Settings) -> Vec<String> {
    let bounds = &settings.limits;
    vec![
        "CASEMAPPING=ascii".to_owned(),
        format!("CHANLIMIT=#:{}", limits::CHANNELS_PER_USER),
        format!("CHANMODES={CHANMODES}"),
        format!("CHANNELLEN={}", bounds.channel),
        "CHANTYPES=#".to_owned(),
        format!("CHATHISTORY={}", settings.history_max),
        format!("draft/CHATHISTORY={}", settings.history_max),
        format!("KEYLEN={}", limits::KEY_BYTES),
        format!("KICKLEN={}", bounds.kick),
        format!("MAXLIST=b:{}", bounds.list_modes),
        format!("MODES={}", limits::MODES),
        "MSGREFTYPES=msgid,timestamp".to_owned(),
        isupport::token("NETWORK", &settings.network),
        format!("NICKLEN={}", bounds.nick),
        format!("PREFIX={PREFIX}"),
        format!(
            "TARGMAX=JOIN:{0},KICK:{0},NAMES:{0},NOTICE:{0},PART:{0},PRIVMSG:{0},TAGMSG:{0},WHOIS:1",
            limits::TARGETS
        ),
        format!("TOPICLEN={}", bounds.topic),
        format!("USERLEN={}", limits::USERNAME_BYTES),
        "UTF8ONLY".to_owned(),
    ]
}

/// Tells a newcomer in the lobby how to sign up or in, from NickServ, whom any client can answer. Both, whether the name
/// has an account or not: that is not for strangers to learn.
pub(crate) fn explain_sign_in(ctx: &mut Ctx<'_>) {
    let nick = ctx.nick();
    let minutes = (limits::ACCOUNTLESS_SECONDS / 60).to_string();
    for key in ["lobby-account-required", "lobby-sign-up", "lobby-sign-in"] {
        let text = ctx.text_with(key, &[("nick", &nick), ("minutes", &minutes)]);
        ctx.notice(Some("NickServ"), &text);
    }
}
