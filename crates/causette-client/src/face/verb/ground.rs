//! What a verb stands on: a driver, or in tests a model of one.

use super::check_failure;
use crate::core::client::Client;
use crate::core::connection::Phase;
use crate::core::input::Intent;
use crate::core::output::{Output, Refused};
use crate::driver::Driver;
use crate::exit::{Exit, Trouble};
use causette_proto::Timestamp;

/// A client with a connection that comes back by itself.
pub trait Ground {
    /// What is known of the server.
    fn client(&self) -> &Client;

    /// The present.
    fn now(&self) -> Timestamp;

    /// Does what is wanted; gives what there is to know of it.
    fn intend(&mut self, intent: Intent) -> Vec<Output>;

    /// Waits until something happens. May be dropped while it waits.
    fn next(&mut self) -> impl Future<Output = Vec<Output>>;

    /// # Errors
    /// The connection cannot come back by itself.
    fn check(&self) -> Result<(), Trouble>;

    /// Why the server does not let this device in any more, for the person.
    fn refused(&mut self, refused: &Refused) -> Trouble;
}

impl Ground for Driver {
    fn client(&self) -> &Client {
        Self::client(self)
    }

    fn now(&self) -> Timestamp {
        crate::driver::now()
    }

    fn intend(&mut self, intent: Intent) -> Vec<Output> {
        Self::intend(self, intent)
    }

    fn next(&mut self) -> impl Future<Output = Vec<Output>> {
        Self::next(self)
    }

    fn check(&self) -> Result<(), Trouble> {
        check_failure(self)?;
        let link = Self::client(self).link();
        if link.is_put_out && link.phase == Phase::Offline {
            return Err(Trouble::new(Exit::Refused, link.reason.clone()));
        }
        Ok(())
    }

    fn refused(&mut self, refused: &Refused) -> Trouble {
        super::sign_out(self, refused)
    }
}
