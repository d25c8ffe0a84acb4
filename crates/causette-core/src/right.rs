//! Who may do what on the server: one table, act by role. What somebody may do in a channel by their rank there is in
//! [`modes`](crate::modes) and judged where it is done.

use crate::limits;

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

/// Declares [`Act`] and the table of [`RIGHTS`] from one list, so that no act can be without its row.
macro_rules! rights {
    ($($(#[$doc:meta])* $act:ident: $owner:literal $admin:literal $moderator:literal $auditor:literal $user:literal $guest:literal $bot:literal,)*) => {
        /// What not everybody may do on the server.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Act {
            $($(#[$doc])* $act,)*
        }

        /// The rights: each act, and who has the right to it in the order of [`Role::ALL`].
        pub const RIGHTS: &[(Act, [bool; 7])] = &[
            $((Act::$act, [$owner == 1, $admin == 1, $moderator == 1, $auditor == 1, $user == 1, $guest == 1, $bot == 1]),)*
        ];
    };
}

rights! {
    //                            owner admin moderator auditor user guest bot
    /// Make an account for somebody else, whatever sign-ups are open.
    MakeAccount:                  1     1     0         0       0    0     0,
    /// Give somebody another password, or a code.
    ResetPassword:                1     1     0         0       0    0     0,
    /// See when an account was last there, and what it has.
    InspectAccount:               1     1     1         0       0    0     0,
    /// See from where somebody comes, and rooms and people that others do not see.
    InspectPerson:                1     1     1         0       0    0     0,
    /// Be told what those who run the server do.
    HearOfActs:                   1     1     1         0       0    0     0,
    /// See who may run the server.
    ListOperators:                1     1     0         0       0    0     0,
    /// End all connections of somebody, or put them out of a room.
    EndConnections:               1     1     1         0       0    0     0,
    /// Keep somebody out or silent, for as long as the role may.
    Sanction:                     1     1     1         0       0    0     0,
    /// Give an account a role, as far as one's own reaches.
    GiveRole:                     1     1     0         0       0    0     0,
    /// Take away whatever an account's devices sign in with.
    EndSessions:                  1     1     0         0       0    0     0,
    /// Give up an account that is not one's own.
    DropAccount:                  1     1     0         0       0    0     0,
    /// Let accounts in that wait to be approved, or not.
    Approve:                      1     1     1         0       0    0     0,
    /// Open and close the sign-up.
    SetRegistration:              1     1     0         0       0    0     0,
    /// Write to people in the name of the administration.
    WriteAsAdministration:        1     1     1         0       0    0     0,
    /// Own every registered channel, beside its owner.
    RuleChannels:                 1     1     0         0       0    0     0,
    /// Take back what anybody said, wherever it was.
    RedactAnywhere:               1     1     1         0       0    0     0,
    /// Tell all people something.
    Announce:                     1     1     0         0       0    0     0,
    /// Make a link that invites people.
    Invite:                       1     1     0         0       0    0     0,
    /// See the fingerprints by which clients know the server.
    ShowFingerprints:             1     1     0         0       0    0     0,
    /// Have a backup entered: whoever has one has everything.
    Backup:                       1     1     0         0       0    0     0,
    /// Have the configuration read again.
    Reload:                       1     1     0         0       0    0     0,
    /// Stop the server.
    Stop:                         1     1     0         0       0    0     0,
}

/// Whether a role has the right to an act.
pub fn may(role: Role, act: Act) -> bool {
    let (_, row) = RIGHTS[act as usize];
    Role::ALL
        .iter()
        .zip(row)
        .any(|(column, has)| *column == role && has)
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn each_act_finds_its_own_row() {
        for (place, (act, row)) in RIGHTS.iter().enumerate() {
            assert_eq!(*act as usize, place);
            for (role, has) in Role::ALL.into_iter().zip(row) {
                assert_eq!(may(role, *act), *has, "{role:?} {act:?}");
            }
            assert!(may(Role::Owner, *act), "the owner may do everything");
            assert!(!may(Role::Guest, *act), "{act:?} is open to everybody");
        }
    }
}
