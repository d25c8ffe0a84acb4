//! What the doctor finds of the server that runs here.

use super::office::Office;
use super::request::Reply;
use crate::config::{Config, check};
use crate::doctor::{self, Patient, Running, Shown};
use crate::identity::trust;
use std::net::SocketAddr;
use tokio::task::spawn_blocking;

impl Office {
    /// Looks at everything, and tells what to do.
    pub(crate) async fn examine(&self) -> Reply {
        let language = self.language();
        let patient = self.patient();
        let examined = spawn_blocking(move || {
            // What is in the file now, which may be another than what is in force.
            let mistakes = mistakes(&patient.config);
            let addresses = addresses(&patient.config);
            let running = patient.running.map(|running| Running {
                public_port: trust::public_port(&patient.config.listeners, &addresses),
                ..running
            });
            doctor::examine(&Patient {
                mistakes,
                addresses,
                running,
                ..patient
            })
        });
        let Ok(findings) = examined.await else {
            return self.unavailable();
        };
        Reply {
            data: Some(doctor::data(&findings, language)),
            ..Ok::<_, String>(doctor::lines(&findings, language)).into()
        }
    }

    fn patient(&self) -> Patient {
        let certificate = self.tls.certificate();
        let (backup, backup_failed) = self.status.backups.state();
        Patient {
            config: (*self.live.config()).clone(),
            mistakes: Vec::new(),
            addresses: Vec::new(),
            running: Some(Running {
                recorder_fails: self.status.recorder_failing(),
                accepts: self.status.accepting(),
                clock_steps: self.status.metrics.clock_steps.value(),
                certificate: Shown {
                    end: certificate.end,
                    self_signed: certificate.self_signed,
                    trusted: certificate.trusted(),
                },
                backup,
                backup_failed,
                public_port: None,
            }),
        }
    }
}

/// What would be in the way of reading the configuration again.
fn mistakes(config: &Config) -> Vec<String> {
    let language = config.settings.language;
    let unusable = match &config.file {
        None => check(config.clone()).err(),
        Some(file) => match std::fs::read_to_string(file) {
            Err(error) => {
                let told = crate::trouble::of_io(&error, language);
                return vec![format!("{}: {told}", file.display())];
            }
            Ok(text) => match Config::parse(&text) {
                Err(mistakes) => Some(crate::config::Unusable::in_file(file, &mistakes, language)),
                Ok(read) => check(Config {
                    // Where it is may be said on the command line.
                    data_dir: config.data_dir.clone(),
                    ..read
                })
                .err(),
            },
        },
    };
    unusable.map_or_else(Vec::new, |unusable| unusable.reasons().to_vec())
}

/// Where the server listens, as it has told in its folder.
fn addresses(config: &Config) -> Vec<SocketAddr> {
    let told = std::fs::read_to_string(config.data_dir.join(crate::data_dir::ADDRESS));
    let told = told.unwrap_or_default();
    told.lines().filter_map(|line| line.parse().ok()).collect()
}
