//! The tokens of 005, by which a client learns what the server does: the table from which 005 and the protocol page are made.

use crate::event::RANKS;
use crate::limits;
use crate::modes;
use crate::settings::Settings;
use crate::state::list_mask::{ACCOUNT_EXTBAN, EXTBAN};
use causette_proto::{Casemap, isupport};

/// What the conditions of LIST understand. <https://modern.ircdocs.horse/#elist-parameter>
pub(crate) const ELIST: &str = "CMNTU";

/// A token of 005.
#[derive(Debug)]
pub struct Token {
    /// Its name.
    pub name: &'static str,
    /// The key of what it says, in the locales.
    pub summary: &'static str,
    /// Where it is specified.
    pub spec: &'static str,
    is_sent: fn(&Settings) -> bool,
    value: fn(&Settings) -> Option<String>,
}

impl Token {
    /// Its value, not escaped; `None` where the name says it all.
    pub fn value(&self, settings: &Settings) -> Option<String> {
        (self.value)(settings)
    }
}

fn always(_: &Settings) -> bool {
    true
}

/// The address of a token that the living specification describes.
macro_rules! modern {
    ($token:literal) => {
        concat!("https://modern.ircdocs.horse/#", $token, "-parameter")
    };
}

const CHATHISTORY: &str = "https://ircv3.net/specs/extensions/chathistory";

/// Every token, in the order in which they are sent.
pub const TOKENS: &[Token] = &[
    Token {
        name: "ACCOUNTEXTBAN",
        summary: "token-accountextban",
        spec: "https://ircv3.net/specs/extensions/account-extban",
        is_sent: always,
        value: |_| Some(ACCOUNT_EXTBAN.to_owned()),
    },
    Token {
        name: "AWAYLEN",
        summary: "token-awaylen",
        spec: modern!("awaylen"),
        is_sent: always,
        value: |settings| Some(settings.away_bytes().to_string()),
    },
    Token {
        name: "BOT",
        summary: "token-bot",
        spec: "https://ircv3.net/specs/extensions/bot-mode",
        is_sent: always,
        value: |_| Some("B".to_owned()),
    },
    Token {
        name: "CASEMAPPING",
        summary: "token-casemapping",
        spec: modern!("casemapping"),
        is_sent: always,
        value: |_| Some("ascii".to_owned()),
    },
    Token {
        name: "CHANLIMIT",
        summary: "token-chanlimit",
        spec: modern!("chanlimit"),
        is_sent: always,
        value: |_| Some(format!("#:{}", limits::CHANNELS_PER_USER)),
    },
    Token {
        name: "CHANMODES",
        summary: "token-chanmodes",
        spec: modern!("chanmodes"),
        is_sent: always,
        value: |_| Some(modes::chanmodes()),
    },
    Token {
        name: "CHANNELLEN",
        summary: "token-channellen",
        spec: modern!("channellen"),
        is_sent: always,
        value: |settings| Some(settings.limits.channel.to_string()),
    },
    Token {
        name: "CHANTYPES",
        summary: "token-chantypes",
        spec: modern!("chantypes"),
        is_sent: always,
        value: |_| Some("#".to_owned()),
    },
    Token {
        name: "CHATHISTORY",
        summary: "token-chathistory",
        spec: CHATHISTORY,
        is_sent: always,
        value: |settings| Some(settings.history_max.to_string()),
    },
    Token {
        name: "draft/CHATHISTORY",
        summary: "token-draft-chathistory",
        spec: CHATHISTORY,
        is_sent: always,
        value: |settings| Some(settings.history_max.to_string()),
    },
    Token {
        name: "CLIENTTAGDENY",
        summary: "token-clienttagdeny",
        spec: "https://ircv3.net/specs/extensions/message-tags#rpl_isupport-tokens",
        is_sent: |settings| !settings.client_tags_denied.is_empty(),
        value: |settings| Some(settings.client_tags_denied.token()),
    },
    Token {
        name: "ELIST",
        summary: "token-elist",
        spec: modern!("elist"),
        is_sent: always,
        value: |_| Some(ELIST.to_owned()),
    },
    Token {
        name: "EXCEPTS",
        summary: "token-excepts",
        spec: modern!("excepts"),
        is_sent: always,
        value: |_| Some("e".to_owned()),
    },
    Token {
        name: "EXTBAN",
        summary: "token-extban",
        spec: modern!("extban"),
        is_sent: always,
        value: |_| Some(EXTBAN.to_owned()),
    },
    Token {
        name: "INVEX",
        summary: "token-invex",
        spec: modern!("invex"),
        is_sent: always,
        value: |_| Some("I".to_owned()),
    },
    Token {
        name: "KEYLEN",
        summary: "token-keylen",
        spec: "https://defs.ircdocs.horse/defs/isupport#keylen",
        is_sent: always,
        value: |_| Some(limits::KEY_BYTES.to_string()),
    },
    Token {
        name: "KICKLEN",
        summary: "token-kicklen",
        spec: modern!("kicklen"),
        is_sent: always,
        value: |settings| Some(settings.kick_bytes().to_string()),
    },
    Token {
        name: "MAXLIST",
        summary: "token-maxlist",
        spec: modern!("maxlist"),
        is_sent: always,
        value: |settings| Some(format!("beI:{}", settings.limits.list_modes)),
    },
    Token {
        name: "MAXTARGETS",
        summary: "token-maxtargets",
        spec: modern!("maxtargets"),
        is_sent: always,
        value: |_| Some(limits::TARGETS.to_string()),
    },
    Token {
        name: "MODES",
        summary: "token-modes",
        spec: modern!("modes"),
        is_sent: always,
        value: |_| Some(limits::MODES.to_string()),
    },
    Token {
        name: "MONITOR",
        summary: "token-monitor",
        spec: "https://ircv3.net/specs/extensions/monitor",
        is_sent: always,
        value: |settings| Some(settings.limits.monitor.to_string()),
    },
    Token {
        name: "MSGREFTYPES",
        summary: "token-msgreftypes",
        spec: CHATHISTORY,
        is_sent: always,
        value: |_| Some("msgid,timestamp".to_owned()),
    },
    Token {
        name: "NAMELEN",
        summary: "token-namelen",
        spec: "https://ircv3.net/specs/extensions/setname",
        is_sent: always,
        value: |_| Some(limits::REALNAME_BYTES.to_string()),
    },
    Token {
        name: "NETWORK",
        summary: "token-network",
        spec: modern!("network"),
        is_sent: always,
        value: |settings| Some(settings.network.to_string()),
    },
    Token {
        name: "NICKLEN",
        summary: "token-nicklen",
        spec: modern!("nicklen"),
        is_sent: always,
        value: |settings| Some(settings.limits.nick.to_string()),
    },
    Token {
        name: "PREFIX",
        summary: "token-prefix",
        spec: modern!("prefix"),
        is_sent: always,
        value: |_| {
            let letters: String = RANKS.iter().map(|(letter, _)| *letter).collect();
            Some(format!("({letters}){}", prefixes()))
        },
    },
    Token {
        name: "SAFELIST",
        summary: "token-safelist",
        spec: modern!("safelist"),
        is_sent: always,
        value: |_| None,
    },
    Token {
        name: "SAFERATE",
        summary: "token-saferate",
        spec: "https://github.com/ircv3/ircv3-specifications/pull/556",
        is_sent: always,
        value: |_| None,
    },
    Token {
        name: "soju.im/SAFERATE",
        summary: "token-soju-saferate",
        spec: "https://codeberg.org/emersion/soju/src/branch/master/doc/ext/saferate.md",
        is_sent: always,
        value: |_| None,
    },
    Token {
        name: "STATUSMSG",
        summary: "token-statusmsg",
        spec: modern!("statusmsg"),
        is_sent: always,
        value: |_| Some(prefixes()),
    },
    Token {
        name: "TARGMAX",
        summary: "token-targmax",
        spec: modern!("targmax"),
        is_sent: always,
        value: |_| {
            Some(format!(
                "JOIN:,KICK:{0},NAMES:{0},NOTICE:{0},PART:,PRIVMSG:{0},TAGMSG:{0},WHOIS:1",
                limits::TARGETS
            ))
        },
    },
    Token {
        name: "TOPICLEN",
        summary: "token-topiclen",
        spec: modern!("topiclen"),
        is_sent: always,
        value: |settings| Some(settings.topic_bytes().to_string()),
    },
    Token {
        name: "USERLEN",
        summary: "token-userlen",
        spec: modern!("userlen"),
        is_sent: always,
        value: |_| Some(limits::USERNAME_BYTES.to_string()),
    },
    // CASEMAPPING stays what older clients know; this one tells the others which names are the same beyond it.
    Token {
        name: "UTF8MAPPING",
        summary: "token-utf8mapping",
        spec: "https://www.rfc-editor.org/rfc/rfc8265#section-3.3",
        is_sent: |settings| settings.casemap == Casemap::Precis,
        value: |_| Some("rfc8265".to_owned()),
    },
    Token {
        name: "UTF8ONLY",
        summary: "token-utf8only",
        spec: "https://ircv3.net/specs/extensions/utf8-only",
        is_sent: always,
        value: |_| None,
    },
    Token {
        name: "WHOX",
        summary: "token-whox",
        spec: "https://ircv3.net/specs/extensions/whox",
        is_sent: always,
        value: |_| None,
    },
    Token {
        name: "causette/FILES",
        summary: "token-causette-files",
        spec: "https://tus.io/protocols/resumable-upload",
        is_sent: |settings| settings.files.file_bytes > 0,
        value: |settings| {
            let origin = settings.files.other_origin(&settings.server);
            Some(format!("{}/api/v1", origin.unwrap_or_default()))
        },
    },
    Token {
        name: "soju.im/FILEHOST",
        summary: "token-soju-filehost",
        spec: "https://codeberg.org/emersion/soju/src/branch/master/doc/ext/filehost.md",
        is_sent: |settings| {
            let files = &settings.files;
            files.file_bytes > 0 && files.url.starts_with("https://")
        },
        value: |settings| Some(format!("{}/upload", settings.files.url)),
    },
    Token {
        name: "draft/ACCOUNTREQUIRED",
        summary: "token-draft-accountrequired",
        spec: "https://ircv3.net/specs/extensions/account-registration",
        is_sent: |settings| settings.accounts_required,
        value: |_| None,
    },
    Token {
        name: "draft/ICON",
        summary: "token-draft-icon",
        spec: "https://ircv3.net/specs/extensions/network-icon",
        is_sent: |settings| settings.public_port.is_some(),
        value: |settings| {
            let port = settings.public_port?;
            Some(format!("https://{}:{port}/icon.svg", settings.server))
        },
    },
];

/// The tokens as the lines of 005 have them, for all who come under these settings.
/// <https://modern.ircdocs.horse/#rplisupport-parameters>
pub(crate) fn lines(settings: &Settings) -> Vec<String> {
    let sent = TOKENS.iter().filter(|token| (token.is_sent)(settings));
    let tokens = sent.map(|token| {
        let value = token.value(settings);
        isupport::token(token.name, &value.unwrap_or_default())
    });
    let tokens: Vec<String> = tokens.collect();
    let lines = isupport::lines(&tokens).into_iter();
    lines.map(|line| line.join(" ")).collect()
}

/// The prefixes of members, the highest first.
fn prefixes() -> String {
    RANKS.iter().map(|(_, prefix)| *prefix).collect()
}
