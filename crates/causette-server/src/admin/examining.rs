//! What the doctor finds of the server that runs here.

use super::office::Office;
use super::request::{Kind, Reply};
use crate::config::{Config, check};
use crate::doctor::{self, Patient, Running, Shown};
use crate::identity::trust;
use causette_text::text;
use std::net::SocketAddr;
use tokio::task::spawn_blocking;

impl Office {
    /// Looks at everything, and tells what to do. One at a time: it keeps the disk busy for a while.
    pub(crate) async fn examine(&self) -> Reply {
        let language = self.language();
        let Ok(place) = self.examination.clone().try_acquire_owned() else {
            return Reply::refusal_of(Kind::Unavailable, text(language, "doctor-busy"));
        };
        let patient = self.patient();
        let examined = spawn_blocking(move || {
            // Whoever asked may leave: it is busy until it has ended.
            let _place = place;
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
        let mut config = (*self.live.config()).clone();
        // Who asks reads the answer, whatever language the server has.
        config.settings.language = self.language();
        config.told_in = None;
        Patient {
            config,
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
            Ok(written) => match Config::parse(&written) {
                Err(mistakes) => Some(crate::config::Unusable::in_file(file, &mistakes, language)),
                Ok(mut read) => {
                    // Where it is may be said on the command line.
                    read.data_dir.clone_from(&config.data_dir);
                    read.settings.language = language;
                    check(read).err()
                }
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
