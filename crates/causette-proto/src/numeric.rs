//! The numerics: replies and errors by number, under the names of the specifications.
//! Their parameters and texts are chosen in `causette-core`.
//!
//! <https://modern.ircdocs.horse/#numerics>, <https://defs.ircdocs.horse/defs/numerics>,
//! <https://ircv3.net/specs/extensions/monitor>, <https://ircv3.net/specs/extensions/sasl-3.1>

use std::fmt;

/// The number of a reply, three digits on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Numeric(u16);

impl Numeric {
    /// The number.
    pub const fn code(self) -> u16 {
        self.0
    }

    /// The name in the specifications.
    pub fn name(self) -> &'static str {
        // Every value comes from the table, whose constants are the only way to make one.
        ALL.iter()
            .find(|(_, numeric, _)| *numeric == self)
            .map_or("", |(name, _, _)| name)
    }

    /// Where the numeric is specified: at its own place in the living specification, unless the table says otherwise.
    pub fn spec_url(self) -> String {
        let name = self.name().to_ascii_lowercase();
        match self.elsewhere() {
            None => format!("{MODERN}#{}-{self}", name.replace('_', "")),
            Some(DEFS) => format!("{DEFS}#{}-{self}", name.replace('_', "-")),
            Some(url) => url.to_owned(),
        }
    }
}

const MODERN: &str = "https://modern.ircdocs.horse/";
/// The collection of what servers send without a specification, or under a conflicting one.
const DEFS: &str = "https://defs.ircdocs.horse/defs/numerics";
const BOT_MODE: &str = "https://ircv3.net/specs/extensions/bot-mode";
const CALLERID: &str = "https://docs.inspircd.org/4/modules/callerid/";
const CAP: &str = "https://ircv3.net/specs/extensions/capability-negotiation";
const LANGUAGES: &str = "https://gist.github.com/DanielOaks/8126122f74b26012a3de37db80e4e0c6";
const METADATA: &str = "https://ircv3.net/specs/extensions/metadata";
const MONITOR: &str = "https://ircv3.net/specs/extensions/monitor";
const SASL: &str = "https://ircv3.net/specs/extensions/sasl-3.1";
const WHOX: &str = "https://ircv3.net/specs/extensions/whox";

impl fmt::Display for Numeric {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:03}", self.0)
    }
}

/// Generates the constants and [`ALL`] from the table below: one line for each numeric, with its specification where that is
/// not the living one.
macro_rules! numerics {
    ($($code:literal $name:ident $doc:literal $(in $spec:ident)?;)+) => {
        $(#[doc = concat!("`", $code, "`: ", $doc)] pub const $name: Numeric = Numeric($code);)+

        /// Every numeric by name, with what it says, in the order of the numbers.
        pub const ALL: &[(&str, Numeric, &str)] = &[$((stringify!($name), $name, $doc),)+];

        impl Numeric {
            /// The specification, where it is another than the living one.
            fn elsewhere(self) -> Option<&'static str> {
                match self {
                    $($($name => Some($spec),)?)+
                    _ => None,
                }
            }
        }
    };
}

numerics! {
    1 RPL_WELCOME "The client is registered.";
    2 RPL_YOURHOST "The server's name and version.";
    3 RPL_CREATED "When the server was started.";
    4 RPL_MYINFO "The server's name, version and mode letters.";
    5 RPL_ISUPPORT "What the server supports, as tokens.";
    10 RPL_BOUNCE "Another server to connect to.";
    212 RPL_STATSCOMMANDS "How often a command was used.";
    219 RPL_ENDOFSTATS "Ends the answer to STATS.";
    221 RPL_UMODEIS "The modes of the user who asks.";
    242 RPL_STATSUPTIME "How long the server has been running.";
    243 RPL_STATSOLINE "One who may become an operator." in DEFS;
    251 RPL_LUSERCLIENT "How many users there are.";
    252 RPL_LUSEROP "How many operators there are.";
    253 RPL_LUSERUNKNOWN "How many connections are not registered yet.";
    254 RPL_LUSERCHANNELS "How many channels there are.";
    255 RPL_LUSERME "How many clients and servers are connected here.";
    256 RPL_ADMINME "Begins the answer to ADMIN.";
    257 RPL_ADMINLOC1 "Where the server is.";
    258 RPL_ADMINLOC2 "Who runs the server.";
    259 RPL_ADMINEMAIL "How to reach the administrators.";
    263 RPL_TRYAGAIN "The command must wait.";
    265 RPL_LOCALUSERS "How many users there are here, and were at most.";
    266 RPL_GLOBALUSERS "How many users there are in the network, and were at most.";
    276 RPL_WHOISCERTFP "The fingerprint of the user's certificate.";
    281 RPL_ACCEPTLIST "Whose messages pass." in CALLERID;
    282 RPL_ENDOFACCEPT "Ends the list of those whose messages pass." in CALLERID;
    300 RPL_NONE "Says nothing.";
    301 RPL_AWAY "The user is away.";
    302 RPL_USERHOST "The answer to USERHOST.";
    303 RPL_ISON "The answer to ISON." in DEFS;
    305 RPL_UNAWAY "The client is no longer away.";
    306 RPL_NOWAWAY "The client is away now.";
    307 RPL_WHOISREGNICK "The user is signed in to the account of this nick.";
    311 RPL_WHOISUSER "The user's name, host and real name.";
    312 RPL_WHOISSERVER "The server of the user.";
    313 RPL_WHOISOPERATOR "The user is an operator.";
    314 RPL_WHOWASUSER "The name, host and real name that a user had.";
    315 RPL_ENDOFWHO "Ends the answer to WHO.";
    317 RPL_WHOISIDLE "How long the user has been silent, and since when connected.";
    318 RPL_ENDOFWHOIS "Ends the answer to WHOIS.";
    319 RPL_WHOISCHANNELS "The channels of the user.";
    320 RPL_WHOISSPECIAL "Something else about the user.";
    321 RPL_LISTSTART "Begins the answer to LIST.";
    322 RPL_LIST "One channel, its size and topic.";
    323 RPL_LISTEND "Ends the answer to LIST.";
    324 RPL_CHANNELMODEIS "The modes of the channel.";
    329 RPL_CREATIONTIME "When the channel was created.";
    330 RPL_WHOISACCOUNT "The account of the user.";
    331 RPL_NOTOPIC "The channel has no topic.";
    332 RPL_TOPIC "The channel's topic.";
    333 RPL_TOPICWHOTIME "Who set the topic, and when.";
    335 RPL_WHOISBOT "The user is a bot." in BOT_MODE;
    336 RPL_INVITELIST "A channel to which the client is invited.";
    337 RPL_ENDOFINVITELIST "Ends the list of invitations.";
    338 RPL_WHOISACTUALLY "The user name, host and address behind what others see.";
    341 RPL_INVITING "The invitation was sent.";
    346 RPL_INVEXLIST "A mask of the channel's invite exceptions.";
    347 RPL_ENDOFINVEXLIST "Ends the list of invite exceptions.";
    348 RPL_EXCEPTLIST "A mask of the channel's ban exceptions.";
    349 RPL_ENDOFEXCEPTLIST "Ends the list of ban exceptions.";
    351 RPL_VERSION "The version of the server.";
    352 RPL_WHOREPLY "One user of the answer to WHO.";
    353 RPL_NAMREPLY "Members of the channel.";
    354 RPL_WHOSPCRPL "One user of the answer to WHO with chosen fields." in WHOX;
    364 RPL_LINKS "One server of the network.";
    365 RPL_ENDOFLINKS "Ends the answer to LINKS.";
    366 RPL_ENDOFNAMES "Ends the answer to NAMES.";
    367 RPL_BANLIST "A mask of the channel's bans.";
    368 RPL_ENDOFBANLIST "Ends the list of bans.";
    369 RPL_ENDOFWHOWAS "Ends the answer to WHOWAS.";
    371 RPL_INFO "A line about the server.";
    372 RPL_MOTD "A line of the message of the day.";
    374 RPL_ENDOFINFO "Ends the answer to INFO.";
    375 RPL_MOTDSTART "Begins the message of the day.";
    376 RPL_ENDOFMOTD "Ends the message of the day.";
    378 RPL_WHOISHOST "Where the user connects from.";
    379 RPL_WHOISMODES "The modes of the user.";
    381 RPL_YOUREOPER "The client is an operator now.";
    382 RPL_REHASHING "The configuration was read again.";
    391 RPL_TIME "The time of the server.";
    396 RPL_VISIBLEHOST "The host that others see." in DEFS;
    400 ERR_UNKNOWNERROR "The command failed for a reason that has no numeric.";
    401 ERR_NOSUCHNICK "There is no such nick or channel.";
    402 ERR_NOSUCHSERVER "There is no such server.";
    403 ERR_NOSUCHCHANNEL "There is no such channel.";
    404 ERR_CANNOTSENDTOCHAN "The message was not sent to the channel.";
    405 ERR_TOOMANYCHANNELS "The client is in too many channels.";
    406 ERR_WASNOSUCHNICK "Nobody had this nick lately.";
    407 ERR_TOOMANYTARGETS "The command has too many targets." in DEFS;
    409 ERR_NOORIGIN "PING or PONG without a parameter.";
    410 ERR_INVALIDCAPCMD "There is no such CAP subcommand." in CAP;
    411 ERR_NORECIPIENT "The message has no target.";
    412 ERR_NOTEXTTOSEND "The message has no text.";
    413 ERR_NOTOPLEVEL "The server mask lacks a top-level domain." in DEFS;
    414 ERR_WILDTOPLEVEL "The server mask has a wildcard in its top-level domain." in DEFS;
    417 ERR_INPUTTOOLONG "The line was too long.";
    421 ERR_UNKNOWNCOMMAND "There is no such command.";
    422 ERR_NOMOTD "There is no message of the day.";
    431 ERR_NONICKNAMEGIVEN "The nick is missing.";
    432 ERR_ERRONEUSNICKNAME "The nick is not valid.";
    433 ERR_NICKNAMEINUSE "The nick is in use.";
    435 ERR_BANNICKCHANGE "A ban in a channel forbids the change of nick." in DEFS;
    436 ERR_NICKCOLLISION "Two users of the network have the same nick.";
    437 ERR_UNAVAILRESOURCE "The nick or channel is held back for now." in DEFS;
    441 ERR_USERNOTINCHANNEL "The user is not in the channel.";
    442 ERR_NOTONCHANNEL "The client is not in the channel.";
    443 ERR_USERONCHANNEL "The user is already in the channel.";
    445 ERR_SUMMONDISABLED "SUMMON is disabled." in DEFS;
    446 ERR_USERSDISABLED "USERS is disabled." in DEFS;
    447 ERR_NONICKCHANGE "The nick cannot be changed now." in DEFS;
    451 ERR_NOTREGISTERED "The client must register first.";
    456 ERR_ACCEPTFULL "The list of those whose messages pass is full." in CALLERID;
    457 ERR_ACCEPTEXIST "The user is already on the list of those whose messages pass." in CALLERID;
    458 ERR_ACCEPTNOT "The user is not on the list of those whose messages pass." in CALLERID;
    461 ERR_NEEDMOREPARAMS "Parameters are missing.";
    462 ERR_ALREADYREGISTERED "The client is already registered.";
    464 ERR_PASSWDMISMATCH "The password is wrong.";
    465 ERR_YOUREBANNEDCREEP "The client is banned from the server.";
    467 ERR_KEYSET "The channel already has a key." in DEFS;
    470 ERR_LINKCHANNEL "The client was sent to another channel." in DEFS;
    471 ERR_CHANNELISFULL "The channel is full.";
    472 ERR_UNKNOWNMODE "There is no such channel mode.";
    473 ERR_INVITEONLYCHAN "The channel is for invited users.";
    474 ERR_BANNEDFROMCHAN "The client is banned from the channel.";
    475 ERR_BADCHANNELKEY "The channel's key is missing or wrong.";
    476 ERR_BADCHANMASK "The channel's name is not valid.";
    477 ERR_NEEDREGGEDNICK "An account is needed to enter the channel, or to speak there or to the user." in DEFS;
    478 ERR_BANLISTFULL "The list of the channel is full." in DEFS;
    480 ERR_THROTTLE "Too many users join the channel at the moment." in DEFS;
    481 ERR_NOPRIVILEGES "The command is for operators of the server.";
    482 ERR_CHANOPRIVSNEEDED "The command is for operators of the channel.";
    483 ERR_CANTKILLSERVER "A server cannot be killed.";
    485 ERR_UNIQOPRIVSNEEDED "The command is for the creator of the channel." in DEFS;
    489 ERR_SECUREONLYCHAN "The channel is for users with an encrypted connection." in DEFS;
    491 ERR_NOOPERHOST "Nobody becomes an operator from this host.";
    501 ERR_UMODEUNKNOWNFLAG "There is no such user mode.";
    502 ERR_USERSDONTMATCH "Modes of other users cannot be seen or changed.";
    504 ERR_USERNOTONSERV "The user is not on this server." in DEFS;
    524 ERR_HELPNOTFOUND "There is no help on this subject.";
    525 ERR_INVALIDKEY "The channel's key is not valid.";
    531 ERR_CANTSENDTOUSER "The user does not take messages from the client." in DEFS;
    573 ERR_CANNOTSENDRP "The role-play message was not sent." in DEFS;
    670 RPL_STARTTLS "The client may start TLS.";
    671 RPL_WHOISSECURE "The user's connection is encrypted.";
    687 RPL_YOURLANGUAGESARE "The languages in which the server speaks to the client." in LANGUAGES;
    690 ERR_NOLANGUAGE "The server does not speak this language." in LANGUAGES;
    691 ERR_STARTTLS "TLS could not be started.";
    696 ERR_INVALIDMODEPARAM "The argument of the mode is not valid.";
    704 RPL_HELPSTART "Begins the help on a subject.";
    705 RPL_HELPTXT "A line of help.";
    706 RPL_ENDOFHELP "Ends the help on a subject.";
    710 RPL_KNOCK "A user asks to be let into the channel." in DEFS;
    711 RPL_KNOCKDLVR "The question was put to the channel." in DEFS;
    712 ERR_TOOMANYKNOCK "The client asks too often." in DEFS;
    713 ERR_CHANOPEN "Nobody needs to ask for this channel." in DEFS;
    714 ERR_KNOCKONCHAN "The client is already in the channel." in DEFS;
    723 ERR_NOPRIVS "The operator lacks a privilege.";
    728 RPL_QUIETLIST "A mask of the channel's muted users." in DEFS;
    729 RPL_ENDOFQUIETLIST "Ends the list of muted users." in DEFS;
    730 RPL_MONONLINE "Monitored users are online." in MONITOR;
    731 RPL_MONOFFLINE "Monitored users are offline." in MONITOR;
    732 RPL_MONLIST "Users whom the client monitors." in MONITOR;
    733 RPL_ENDOFMONLIST "Ends the list of monitored users." in MONITOR;
    734 ERR_MONLISTFULL "The client monitors as many users as it may." in MONITOR;
    760 RPL_WHOISKEYVALUE "A metadata key of the user." in METADATA;
    761 RPL_KEYVALUE "A metadata key and its value." in METADATA;
    766 RPL_KEYNOTSET "The metadata key has no value." in METADATA;
    770 RPL_METADATASUBOK "The client follows these metadata keys." in METADATA;
    771 RPL_METADATAUNSUBOK "The client no longer follows these metadata keys." in METADATA;
    772 RPL_METADATASUBS "Metadata keys that the client follows." in METADATA;
    774 RPL_METADATASYNCLATER "The metadata must be asked for later." in METADATA;
    900 RPL_LOGGEDIN "The client is signed in to an account." in SASL;
    901 RPL_LOGGEDOUT "The client is signed out." in SASL;
    902 ERR_NICKLOCKED "The account is locked." in SASL;
    903 RPL_SASLSUCCESS "SASL succeeded." in SASL;
    904 ERR_SASLFAIL "SASL failed." in SASL;
    905 ERR_SASLTOOLONG "The SASL payload was too long." in SASL;
    906 ERR_SASLABORTED "The client gave SASL up." in SASL;
    907 ERR_SASLALREADY "The client is already signed in." in SASL;
    908 RPL_SASLMECHS "The SASL mechanisms of the server." in SASL;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_ascend_so_that_none_is_there_twice() {
        for pair in ALL.windows(2) {
            assert!(pair[0].1 < pair[1].1, "{} before {}", pair[0].0, pair[1].0);
        }
    }

    #[test]
    fn names_are_unique_and_tell_replies_from_errors() {
        let mut names: Vec<_> = ALL.iter().map(|(name, ..)| *name).collect();
        assert!(
            names
                .iter()
                .all(|name| name.starts_with("RPL_") || name.starts_with("ERR_"))
        );
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }

    #[test]
    fn each_has_its_own_place_in_a_specification() {
        let places = [
            (RPL_WELCOME, "https://modern.ircdocs.horse/#rplwelcome-001"),
            (
                RPL_ISON,
                "https://defs.ircdocs.horse/defs/numerics#rpl-ison-303",
            ),
            (
                ERR_MONLISTFULL,
                "https://ircv3.net/specs/extensions/monitor",
            ),
        ];
        for (numeric, place) in places {
            assert_eq!(numeric.spec_url(), place);
        }
    }

    #[test]
    fn three_digits_are_written() {
        assert_eq!(RPL_WELCOME.to_string(), "001");
        assert_eq!(RPL_SASLMECHS.to_string(), "908");
        assert_eq!(
            (ERR_NOSUCHNICK.code(), ERR_NOSUCHNICK.name()),
            (401, "ERR_NOSUCHNICK")
        );
        assert!(
            ALL.iter()
                .all(|(_, numeric, _)| numeric.to_string().len() == 3)
        );
    }
}
