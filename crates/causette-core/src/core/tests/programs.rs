//! What programs may: each operation, by a token of each scope, of an account of each role.

use super::roles::{account, snapshot};
use super::*;
use crate::right::{Scope, may_by_token};
use crate::snapshot::TokenRow;

/// A server where an account of each role has a token for each scope; the tokens are numbered in the order of the scopes.
fn with_tokens() -> (Core, Vec<(Role, AccountId)>) {
    let roles = Role::ALL.into_iter().filter(|role| *role != Role::Guest);
    let roles: Vec<_> = (100..).step_by(2).map(AccountId).zip(roles).collect();
    let rows = roles.iter().map(|(id, role)| AccountRow {
        role: *role,
        tokens: (1..).zip(Scope::ALL).map(token).collect(),
        last_token: Scope::ALL.len() as u64,
        ..account(id.0, role.name())
    });
    let settings = Settings {
        accounts_required: false,
        ..Settings::default()
    };
    let mut core = Core::new(settings, snapshot(rows), 1);
    core.start(at(1), &mut Outputs::default());
    (
        core,
        roles.into_iter().map(|(id, role)| (role, id)).collect(),
    )
}

fn token((number, scope): (u64, Scope)) -> TokenRow {
    TokenRow {
        id: TokenId(number),
        name: scope.name().into(),
        created: Timestamp(1),
        last_used: None,
        last_address: None,
        scopes: Scopes::read(scope.name()),
        until: Some(Timestamp::MAX),
    }
}

#[test]
fn a_program_may_what_its_token_and_the_role_of_its_account_allow() {
    let (_, accounts) = with_tokens();
    let mut allowed = 0;
    for (act, operation) in OPERATIONS {
        if *act == Act::Reload {
            // It is begun by a connection, or a signal.
            continue;
        }
        for (role, account) in &accounts {
            for (number, scope) in (1..).zip(Scope::ALL) {
                let (mut core, _) = with_tokens();
                let actor = Actor::Account {
                    account: *account,
                    token: Some(TokenId(number)),
                    address: [192, 0, 2, 9].into(),
                };
                let scopes = Scopes::read(scope.name()).unwrap();
                let has = may_by_token(*role, scopes, *act);
                let mut out = Outputs::default();
                let done = operation(&mut core.turn(&mut out), &actor);
                let refused = done.is_err_and(|denied| denied.why == Why::NoRight);
                let place = format!("{act:?} by {role:?} for {scope:?}");
                assert_eq!(refused, !has, "{place}");
                assert!(has || out.records() == 0, "{place} left {out:?}");
                allowed += usize::from(has);
                // One that was taken away meanwhile is good for nothing, whatever the role.
                let gone = Actor::Account {
                    account: *account,
                    token: Some(TokenId(99)),
                    address: [192, 0, 2, 9].into(),
                };
                assert!(!gone.may(&core.state, *act), "{place}");
            }
        }
    }
    assert!(allowed > 50, "{allowed}");
}
