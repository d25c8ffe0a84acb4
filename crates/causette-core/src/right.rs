//! Who may do what on the server: one table, act by role. What somebody may do in a channel by their rank there is in
//! [`modes`](crate::modes) and judged where it is done.

use crate::limits;
use causette_text::{Language, text};

/// What somebody is on this server. Kept with the account, but for that of a guest; whoever has an account is a user until they are
/// given another role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Role {
    /// Whose server it is.
    Owner,
    /// Runs it.
    Admin,
    /// Keeps order among the people.
    Moderator,
    /// Reads the register.
    Auditor,
    /// Has an account.
    #[default]
    User,
    /// Has none.
    Guest,
    /// A program with an account.
    Bot,
}

impl Role {
    /// Every role, in the order of the columns of [`RIGHTS`].
    pub const ALL: [Self; 7] = [
        Self::Owner,
        Self::Admin,
        Self::Moderator,
        Self::Auditor,
        Self::User,
        Self::Guest,
        Self::Bot,
    ];

    /// The word by which it is kept and asked for.
    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Moderator => "moderator",
            Self::Auditor => "auditor",
            Self::User => "user",
            Self::Guest => "guest",
            Self::Bot => "bot",
        }
    }

    /// The role of a word.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// What people call it.
    pub fn word(self, language: Language) -> String {
        let key = match self {
            Self::Owner => "admin-role-owner",
            Self::Admin => "admin-role-admin",
            Self::Moderator => "admin-role-moderator",
            Self::Auditor => "admin-role-auditor",
            Self::User => "admin-role-user",
            Self::Guest => "admin-role-guest",
            Self::Bot => "admin-role-bot",
        };
        text(language, key)
    }

    /// The role of a word by which it is asked for, or people of a language call it; capitals or not.
    pub fn read(word: &str, language: Language) -> Option<Self> {
        let word = word.to_lowercase();
        let is_called = |role: &Self| role.name() == word || role.word(language) == word;
        Self::ALL.into_iter().find(is_called)
    }

    /// Whether who has it may act on somebody who has the other: nobody acts on their like, but for the owners.
    pub fn reaches(self, other: Self) -> bool {
        let rank = |role| match role {
            Self::Owner => 3,
            Self::Admin => 2,
            Self::Moderator | Self::Auditor => 1,
            Self::User | Self::Guest | Self::Bot => 0,
        };
        self == Self::Owner || rank(self) > rank(other)
    }

    /// Whether who has it may give another role, or take it: an administrator makes neither owners nor administrators.
    pub fn gives(self, other: Self) -> bool {
        match self {
            Self::Owner => other != Self::Guest,
            Self::Admin => !matches!(other, Self::Owner | Self::Admin | Self::Guest),
            _ => false,
        }
    }

    /// For how many seconds at most who has it may keep somebody out or silent; `None` for ever.
    pub fn sanction_seconds(self) -> Option<u64> {
        match self {
            Self::Owner | Self::Admin => None,
            _ => Some(limits::MODERATOR_SECONDS),
        }
    }
}

/// What a token may be good for: groups of acts, within what the account's role allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// See people, rooms, accounts and sanctions.
    Read,
    /// Tell people something, and put them out.
    People,
    /// Keep people out or silent, decide about held messages, and what words are looked for.
    Moderation,
    /// Make, change and give up accounts, invite people.
    Accounts,
    /// Close, rename and hand on rooms.
    Rooms,
    /// See how the server is, have it read its configuration again, stop it.
    Server,
    /// Upload, fetch and send files, and decide about everybody's.
    Files,
    /// Read the register.
    Register,
}

impl Scope {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Read,
        Self::People,
        Self::Moderation,
        Self::Accounts,
        Self::Rooms,
        Self::Server,
        Self::Files,
        Self::Register,
    ];

    /// The word by which it is kept and asked for.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::People => "people",
            Self::Moderation => "moderation",
            Self::Accounts => "accounts",
            Self::Rooms => "rooms",
            Self::Server => "server",
            Self::Files => "files",
            Self::Register => "register",
        }
    }

    /// The one of a word.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// What a token is good for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scopes(u8);

impl Scopes {
    /// Those of a list of words with commas between them; `None` where one is none, or there is none.
    pub fn read(list: &str) -> Option<Self> {
        let mut scopes = Self::default();
        for word in list.split(',') {
            scopes.0 |= 1 << Scope::of(word.trim())? as u8;
        }
        Some(scopes)
    }

    /// Whether one of them is a scope.
    pub fn has(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u8) != 0
    }

    /// Their words, with commas between them, as [`Scopes::read`] takes them.
    pub fn list(self) -> String {
        let held = Scope::ALL.into_iter().filter(|scope| self.has(*scope));
        let names: Vec<&str> = held.map(Scope::name).collect();
        names.join(",")
    }
}

/// Declares [`Act`] and the table of [`RIGHTS`] from one list, so that no act can be without its row.
macro_rules! rights {
    ($($(#[$doc:meta])* $act:ident: $scope:ident $owner:literal $admin:literal $moderator:literal $auditor:literal $user:literal $guest:literal $bot:literal,)*) => {
        /// What not everybody may do on the server.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Act {
            $($(#[$doc])* $act,)*
        }

        /// The rights: each act, the scope that a token needs for it, and who has the right to it in the order of [`Role::ALL`]. What a
        /// bot may do its token says.
        pub const RIGHTS: &[(Act, Scope, [bool; 7])] = &[
            $((Act::$act, Scope::$scope, [$owner == 1, $admin == 1, $moderator == 1, $auditor == 1, $user == 1, $guest == 1, $bot == 1]),)*
        ];
    };
}

rights! {
    //                     scope       owner admin moderator auditor user guest bot
    /// Make an account for somebody else, whatever sign-ups are open.
    MakeAccount:           Accounts    1     1     0         0       0    0     0,
    /// Give somebody another password, or a code.
    ResetPassword:         Accounts    1     1     0         0       0    0     0,
    /// Decide from where one may sign in to an account.
    SetLogin:              Accounts    1     1     0         0       0    0     0,
    /// See when an account was last there, and what it has.
    InspectAccount:        Read        1     1     1         0       0    0     0,
    /// See from where somebody comes, and rooms and people that others do not see.
    InspectPerson:         Read        1     1     1         0       0    0     0,
    /// Be told what those who run the server do.
    HearOfActs:            Read        1     1     1         0       0    0     0,
    /// See who may run the server.
    ListOperators:         Read        1     1     0         0       0    0     0,
    /// End all connections of somebody, or put them out of a room.
    EndConnections:        People      1     1     1         0       0    0     0,
    /// Keep somebody out or silent, for as long as the role may.
    Sanction:              Moderation  1     1     1         0       0    0     0,
    /// Give an account a role, as far as one's own reaches.
    GiveRole:              Accounts    1     1     0         0       0    0     0,
    /// Take away whatever an account's devices sign in with.
    EndSessions:           Accounts    1     1     0         0       0    0     0,
    /// Give up an account that is not one's own.
    DropAccount:           Accounts    1     1     0         0       0    0     0,
    /// Let accounts in that wait to be approved, or not.
    Approve:               Accounts    1     1     1         0       0    0     0,
    /// Open and close the sign-up.
    SetRegistration:       Accounts    1     1     0         0       0    0     0,
    /// Write to people in the name of the administration.
    WriteAsAdministration: People      1     1     1         0       0    0     0,
    /// Own every registered channel, beside its owner.
    RuleChannels:          Rooms       1     1     0         0       0    0     0,
    /// Take back what anybody said, wherever it was.
    RedactAnywhere:        Moderation  1     1     1         0       0    0     0,
    /// Tell all people something.
    Announce:              People      1     1     0         0       0    0     0,
    /// Make a link that invites people.
    Invite:                Accounts    1     1     0         0       0    0     0,
    /// See the fingerprints by which clients know the server.
    ShowFingerprints:      Server      1     1     0         0       0    0     0,
    /// Have a backup entered: whoever has one has everything.
    Backup:                Server      1     1     0         0       0    0     0,
    /// Decide what words are looked for in what is said, and about messages that wait.
    Filter:                Moderation  1     1     1         0       0    0     0,
    /// Give an account another name.
    RenameAccount:         Accounts    1     1     0         0       0    0     0,
    /// Make a token by which a program runs the server, and take one away.
    GiveToken:             Accounts    1     1     0         0       0    0     0,
    /// Upload files.
    Upload:                Files       1     1     1         1       1    0     1,
    /// See everybody's files, put them aside and remove them.
    RuleFiles:             Files       1     1     1         0       0    0     0,
    /// Decide how much somebody may keep here.
    SetQuota:              Files       1     1     0         0       0    0     0,
    /// Read what the register says.
    ReadRegister:          Register    1     0     0         1       0    0     0,
    /// See how the server is.
    Inspect:               Server      1     1     1         0       0    0     0,
    /// Have the configuration read again.
    Reload:                Server      1     1     0         0       0    0     0,
    /// Stop the server.
    Stop:                  Server      1     1     0         0       0    0     0,
}

/// The scope that a token needs for an act.
pub fn scope_of(act: Act) -> Scope {
    RIGHTS[act as usize].1
}

/// Whether a role has the right to an act.
pub fn may(role: Role, act: Act) -> bool {
    let (.., row) = RIGHTS[act as usize];
    Role::ALL
        .iter()
        .zip(row)
        .any(|(column, has)| *column == role && has)
}

/// Whether a program has the right to an act whose token has these scopes, in the name of an account with that role. Of a bot only the
/// token says what it may: as much as an administrator, and read the register.
pub fn may_by_token(role: Role, scopes: Scopes, act: Act) -> bool {
    let by_role = match role {
        Role::Bot => may(Role::Admin, act) || act == Act::ReadRegister,
        role => may(role, act),
    };
    by_role && scopes.has(scope_of(act))
}

/// The roles that have the right to an act, in the order of [`Role::ALL`] and with hyphens between them, as the texts take them.
pub(crate) fn roles_with(act: Act) -> String {
    let roles = Role::ALL.into_iter().filter(|role| may(*role, act));
    roles.map(Role::name).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use causette_text::text_with;

    #[test]
    fn who_lacks_a_right_reads_which_roles_have_it() {
        for (act, ..) in RIGHTS {
            for language in Language::ALL {
                let roles = roles_with(*act);
                let told = text_with(language, "right-needed", &[("roles", &roles)]);
                assert!(!told.contains(&roles) || !roles.contains('-'), "{told}");
            }
        }
    }

    #[test]
    fn roles_are_read_by_their_words_in_each_language() {
        for role in Role::ALL {
            for language in Language::ALL {
                assert_eq!(Role::read(role.name(), language), Some(role));
                assert_eq!(
                    Role::read(&role.word(language).to_uppercase(), language),
                    Some(role)
                );
            }
        }
        assert_eq!(Role::read("propriétaire", Language::Fr), Some(Role::Owner));
        assert_eq!(Role::read("propriétaire", Language::En), None);
        assert_eq!(Role::read("king", Language::Fr), None);
    }

    #[test]
    fn nobody_but_an_owner_acts_on_their_like() {
        for role in Role::ALL {
            assert_eq!(role.reaches(role), role == Role::Owner, "{role:?}");
            assert_eq!(Role::of(role.name()), Some(role));
            for other in Role::ALL {
                assert!(!(role.gives(other) && other == Role::Guest));
                assert!(role == Role::Owner || !role.gives(other) || role.reaches(other));
            }
        }
        assert!(!Role::Moderator.reaches(Role::Admin) && !Role::Moderator.reaches(Role::Auditor));
        assert!(Role::Moderator.reaches(Role::User) && !Role::User.reaches(Role::Guest));
    }

    #[test]
    fn scopes_are_read_as_they_are_written() {
        let scopes = Scopes::read("read, register").unwrap();
        assert!(scopes.has(Scope::Read) && scopes.has(Scope::Register));
        assert!(!scopes.has(Scope::Server));
        assert_eq!(scopes.list(), "read,register");
        for scope in Scope::ALL {
            assert_eq!(Scopes::read(scope.name()).unwrap().list(), scope.name());
        }
        for wrong in ["", "read,", "all", "Read"] {
            assert_eq!(Scopes::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn each_act_finds_its_own_row() {
        for (place, (act, _, row)) in RIGHTS.iter().enumerate() {
            assert_eq!(*act as usize, place);
            for (role, has) in Role::ALL.into_iter().zip(row) {
                assert_eq!(may(role, *act), *has, "{role:?} {act:?}");
            }
            assert!(may(Role::Owner, *act), "the owner may do everything");
            assert!(!may(Role::Guest, *act), "{act:?} is open to everybody");
        }
    }
}
