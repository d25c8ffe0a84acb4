//! What is carried between this machine and the server, beside what is said.

use super::Driver;
use crate::core::input::{Input, SecretKind, Way};
use crate::core::transfer::Order;
use crate::transfer::job::{Shelf, Target};
use crate::transfer::place::downloads;
use crate::transfer::porter::{Call, Habits, Porter, Told, Wanted};
use crate::transfer::site::{Authorization, Kind, Site, place};
use crate::trust;
use std::path::PathBuf;
use std::sync::Arc;

impl Driver {
    /// Where the server has its files; nothing where it takes none from whoever is here.
    pub(crate) fn site(&self) -> Option<Site> {
        let features = self.client.features();
        let (kind, named) = match (&features.files, &features.filehost) {
            (Some(files), _) => (Kind::Causette, files),
            (None, Some(host)) => (Kind::FileHost, host),
            (None, None) => return None,
        };
        let (address, base) = place(&self.address, named)?;
        let shown = features.filehost.as_deref();
        let shown = shown.and_then(|host| place(&self.address, host));
        let is_same = address.key() == self.address.key();
        let known = || trust::known(&self.folder, &address.key()).ok().flatten();
        Some(Site {
            trusted: self.once.filter(|_| is_same).or_else(known),
            authorization: self.authorization()?,
            locale: self.locale().clone(),
            shown: shown.map(|(address, _)| address),
            address,
            base,
            kind,
        })
    }

    /// As whom files are asked for: by the token of this device, else as the person has entered.
    fn authorization(&self) -> Option<Authorization> {
        if let Some((_, token)) = &self.token {
            return Some(Authorization::Token(token.clone()));
        }
        match &self.client.way {
            Some(
                Way::SignIn {
                    account,
                    secret,
                    kind: SecretKind::Password,
                }
                | Way::SignUp {
                    account,
                    password: secret,
                    ..
                },
            ) => Some(Authorization::Password(account.to_string(), secret.clone())),
            Some(Way::SignIn { secret, .. }) => Some(Authorization::Token(secret.clone())),
            Some(Way::Guest { .. }) | None => None,
        }
    }

    /// Where the jobs for this server are kept.
    pub(crate) fn shelf(&self) -> Shelf {
        Shelf::new(self.folder.clone(), &super::file_name(&self.address))
    }

    /// The porter of this run.
    fn porter(&mut self) -> std::io::Result<&Porter> {
        if self.porter.is_none() {
            let habits = Habits::new(self.locale().clone(), false);
            self.porter = Some(Porter::hire(self.shelf(), habits)?);
        }
        // It was put there just now.
        self.porter
            .as_ref()
            .ok_or_else(|| std::io::ErrorKind::NotFound.into())
    }

    /// The person is in: what was on its way when they left goes on.
    pub(super) fn take_up(&mut self) {
        let is_wanted = self.client.settings().keeps && self.shelf().has_any();
        if self.porter.is_none() && !is_wanted {
            return;
        }
        let Some(site) = self.site() else { return };
        let is_new = self.porter.is_none();
        if let Ok(porter) = self.porter() {
            let _heard = porter.call(Call::Site(Arc::new(site)));
            if is_new {
                let _heard = porter.call(Call::TakeUp);
            }
        }
    }

    /// Has something carried.
    pub(super) fn carry(&mut self, order: Order) {
        let site = self.site();
        let porter = match self.porter() {
            Ok(porter) => porter,
            Err(error) => {
                self.trouble = Some(error.to_string());
                return;
            }
        };
        if let Some(site) = site {
            let _heard = porter.call(Call::Site(Arc::new(site)));
        }
        let is_heard = porter.call(match order {
            Order::Upload {
                id,
                source,
                audience,
            } => {
                let wanted = Wanted::Up {
                    source,
                    is_ours: false,
                    name: None,
                    audience,
                };
                Call::Carry(id, wanted)
            }
            Order::Download { id, wanted } => {
                let folder = downloads().unwrap_or_else(|| PathBuf::from("."));
                let target = Target::Folder(folder);
                Call::Carry(id, Wanted::Down { wanted, target })
            }
            Order::List(which) => Call::List(which),
            Order::Act(id, act) => Call::Act(id, act),
        });
        if !is_heard {
            self.trouble = Some(self.locale().text("client-transfers-full"));
        }
    }
}

/// What the porter tells next, where there is one. May be dropped while it waits.
pub(super) async fn told(porter: &mut Option<Porter>) -> Input {
    match porter {
        Some(porter) => input_of(porter.told().await),
        None => std::future::pending().await,
    }
}

/// The same of what it has told already.
pub(super) fn told_already(porter: &mut Option<Porter>) -> Option<Input> {
    porter.as_mut()?.told_already().map(input_of)
}

fn input_of(told: Told) -> Input {
    match told {
        Told::Transfer(transfer) => Input::Carried(transfer),
        Told::NotHeld(id) => Input::NotHeld(id),
        Told::Listing(which, result) => Input::Listed(which, result),
    }
}
