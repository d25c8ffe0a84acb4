//! The first lines that a client gets: 001 to 005, the counts, the message of the day, and what to do next.

use crate::commands;
use crate::commands::list::ELIST;
use crate::event::RANKS;
use crate::limits;
use crate::list_mask::{ACCOUNT_EXTBAN, EXTBAN};
use crate::modes::{self, CHANNEL_MODES, USER_MODES};
use crate::reply::Ctx;
use crate::settings::Settings;
use causette_proto::numeric::{RPL_CREATED, RPL_ISUPPORT, RPL_MYINFO, RPL_WELCOME, RPL_YOURHOST};
use causette_proto::{Casemap, isupport};

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
    commands::lusers::show(ctx);
    commands::motd::show(ctx);
}

/// 005, on as many lines as it needs.
pub(crate) fn isupport(ctx: &mut Ctx<'_>) {
    let text = ctx.text("isupport");
    let tokens = tokens(ctx.turn.settings);
    for line in isupport::lines(&tokens) {
        ctx.numeric(RPL_ISUPPORT, &line, &text);
    }
}

/// The tokens of 005. <https://modern.ircdocs.horse/#rplisupport-parameters>
pub(crate) fn tokens(settings: &Settings) -> Vec<String> {
    let bounds = &settings.limits;
    let letters: String = RANKS.iter().map(|(letter, _)| *letter).collect();
    let prefixes: String = RANKS.iter().map(|(_, prefix)| *prefix).collect();
    let mut tokens = vec![
        format!("ACCOUNTEXTBAN={ACCOUNT_EXTBAN}"),
        format!("AWAYLEN={}", bounds.away),
        "BOT=B".to_owned(),
        "CASEMAPPING=ascii".to_owned(),
        format!("CHANLIMIT=#:{}", limits::CHANNELS_PER_USER),
        format!("CHANMODES={}", modes::chanmodes()),
        format!("CHANNELLEN={}", bounds.channel),
        "CHANTYPES=#".to_owned(),
        format!("CHATHISTORY={}", settings.history_max),
        format!("draft/CHATHISTORY={}", settings.history_max),
        format!("ELIST={ELIST}"),
        "EXCEPTS=e".to_owned(),
        format!("EXTBAN={EXTBAN}"),
        "INVEX=I".to_owned(),
        format!("KEYLEN={}", limits::KEY_BYTES),
        format!("KICKLEN={}", bounds.kick),
        format!("MAXLIST=beI:{}", bounds.list_modes),
        format!("MAXTARGETS={}", limits::TARGETS),
        format!("MODES={}", limits::MODES),
        format!("MONITOR={}", bounds.monitor),
        "MSGREFTYPES=msgid,timestamp".to_owned(),
        isupport::token("NETWORK", &settings.network),
        format!("NICKLEN={}", bounds.nick),
        format!("PREFIX=({letters}){prefixes}"),
        "SAFELIST".to_owned(),
        "SAFERATE".to_owned(),
        "soju.im/SAFERATE".to_owned(),
        format!("STATUSMSG={prefixes}"),
        format!(
            "TARGMAX=JOIN:{0},KICK:{0},NAMES:{0},NOTICE:{0},PART:{0},PRIVMSG:{0},TAGMSG:{0},WHOIS:1",
            limits::TARGETS
        ),
        format!("TOPICLEN={}", bounds.topic),
        format!("USERLEN={}", limits::USERNAME_BYTES),
        "UTF8ONLY".to_owned(),
        "WHOX".to_owned(),
    ];
    // CASEMAPPING stays what older clients know; this one tells the others which names are the same beyond it.
    if settings.casemap == Casemap::Precis {
        tokens.push("UTF8MAPPING=rfc8265".to_owned());
    }
    tokens
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
