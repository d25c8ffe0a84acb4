//! What a porter has in hand: what is carried, what waits, what the person has stopped.

use super::carrier::{Gauge, Means, carry};
use super::fault::Halt;
use super::job::{Claim, Down, JOBS_MAX, Job, Load, Shelf, Up};
use super::listing::list;
use super::pace::Pace;
use super::porter::{Call, Habits, Told, Wanted};
use super::site::Site;
use super::upload;
use crate::core::transfer::{
    Act, Fault, Outcome, Setback, Source, Stage, Transfer, TransferId, Way, Which,
};
use causette_proto::FileName;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// Files that are carried at once; the others wait.
const AT_ONCE: usize = 3;

/// How often it is tried to remove from the server what was given up.
const REMOVALS: u32 = 5;

type Ended = (TransferId, Result<Outcome, Setback>);

/// What a porter has in hand.
pub(super) struct Work {
    shelf: Shelf,
    habits: Habits,
    tell: mpsc::Sender<Told>,
    sites: watch::Sender<Option<Arc<Site>>>,
    room: Arc<Semaphore>,
    held: Vec<Held>,
    end: mpsc::Sender<Ended>,
    /// What was not even begun, until that is told.
    refused: VecDeque<Transfer>,
}

/// One job in hand.
struct Held {
    job: Job,
    /// Nobody else carries it.
    _claim: Claim,
    gauge: Arc<Gauge>,
    pace: Pace,
    task: Option<JoinHandle<()>>,
    told: Option<Transfer>,
}

impl Work {
    pub(super) fn new(
        shelf: Shelf,
        habits: Habits,
        tell: mpsc::Sender<Told>,
    ) -> (Self, mpsc::Receiver<Ended>) {
        let (end, ended) = mpsc::channel(AT_ONCE);
        let work = Self {
            shelf,
            habits,
            tell,
            sites: watch::Sender::new(None),
            room: Arc::new(Semaphore::new(AT_ONCE)),
            held: Vec::new(),
            end,
            refused: VecDeque::new(),
        };
        (work, ended)
    }

    pub(super) fn call(&mut self, call: Call) {
        match call {
            Call::Site(site) => drop(self.sites.send_replace(Some(site))),
            Call::Carry(id, wanted) => self.carry(id, wanted),
            Call::TakeUp => self.take_up(),
            Call::Act(id, Act::Pause) => self.pause(&id),
            Call::Act(id, Act::Resume) => self.resume(&id),
            Call::Act(id, Act::Cancel) => self.cancel(&id),
            Call::List(which) => self.list(which),
        }
    }

    /// Takes something into hand that was not there before, or that a verb before this one has left.
    fn carry(&mut self, id: TransferId, wanted: Wanted) {
        let load = match self.load_of(&id, wanted) {
            Ok(load) => load,
            Err((name, way, setback)) => return self.refuse(id, name, way, setback),
        };
        let (way, name) = (way_of(&load), name_of(&load));
        if self.held.len() >= JOBS_MAX {
            let text = self.habits.locale.text("client-transfers-full");
            let kind = Fault::Here;
            return self.refuse(id, name, way, Setback { kind, text });
        }
        let load = match self.habits.by_verb {
            true => self.left_behind(&load).unwrap_or(load),
            false => load,
        };
        let job = Job {
            id: id.clone(),
            by_verb: self.habits.by_verb,
            is_paused: false,
            load,
        };
        let claimed = self.shelf.write(&job).and_then(|()| self.shelf.claim(&id));
        match claimed {
            Ok(Some(claim)) => {
                self.hold(job, claim);
                self.start(&id);
            }
            // It is new: nobody else can have it.
            Ok(None) => {}
            Err(error) => {
                let (kind, text) = (Fault::Here, format!("{error:#}"));
                self.refuse(id, name, way, Setback { kind, text });
            }
        }
    }

    fn load_of(&self, id: &str, wanted: Wanted) -> Result<Load, (String, Way, Setback)> {
        match wanted {
            Wanted::Down { wanted, target } => Ok(Load::Down(Down {
                wanted,
                target,
                row: None,
                part: None,
            })),
            Wanted::Up {
                source,
                is_ours,
                name,
                audience,
            } => {
                let (path, own_name, is_ours) = match source {
                    Source::Path(path) => {
                        let path = absolute(&path);
                        let own_name = path.file_name().unwrap_or_default().to_string_lossy();
                        let own_name = own_name.into_owned();
                        (Ok(path), own_name, is_ours)
                    }
                    Source::Text { name, text } => (self.shelf.write_text(id, &text), name, true),
                };
                let name = FileName::nearest(&name.unwrap_or(own_name))
                    .as_str()
                    .to_owned();
                let refused = |halt: Halt| (name.clone(), Way::Up, halt.setback());
                let path = path
                    .map_err(|error| refused(Halt::staying(Fault::Here, format!("{error:#}"))))?;
                let locale = &self.habits.locale;
                // What is wrong with it now is told now, and not when its turn comes.
                upload::open(&path, locale).map_err(refused)?;
                Ok(Load::Up(Up {
                    path,
                    is_ours,
                    name,
                    audience,
                    look: None,
                    sha256: None,
                    permit: None,
                }))
            }
        }
    }

    /// What a verb before this one has left of the same. What nobody can ask for again is removed.
    fn left_behind(&self, load: &Load) -> Option<Load> {
        let mut found = None;
        for (job, _claim) in self.shelf.left().unwrap_or_default() {
            let is_lost = job.by_verb && matches!(&job.load, Load::Up(up) if up.is_ours);
            if job.by_verb && found.is_none() && job.load.is_same(load) {
                found = Some(job.load.clone());
            } else if !is_lost {
                continue;
            }
            self.shelf.remove(&job.id);
        }
        found
    }

    /// Takes up what clients of ours have left that have ended.
    fn take_up(&mut self) {
        for (job, claim) in self.shelf.left().unwrap_or_default() {
            let is_mine = !job.by_verb && self.held.iter().all(|held| held.job.id != job.id);
            if !is_mine || self.held.len() >= JOBS_MAX {
                continue;
            }
            let (id, is_paused) = (job.id.clone(), job.is_paused);
            let has_here = job.load.bytes_here();
            self.hold(job, claim);
            if is_paused {
                if let Some(held) = self.held(&id) {
                    held.gauge.set_done(has_here.min(held.gauge.size()));
                }
                self.set_stage(&id, Stage::Paused);
            } else {
                self.start(&id);
            }
        }
        self.tell_all();
    }

    fn hold(&mut self, job: Job, claim: Claim) {
        let size = match &job.load {
            Load::Up(up) => up.look.map_or(0, |look| look.length),
            Load::Down(down) => down.row.as_ref().map_or(0, |row| row.size),
        };
        let gauge = Arc::new(Gauge::new(name_of(&job.load), size));
        self.held.push(Held {
            job,
            _claim: claim,
            gauge,
            pace: Pace::new(Instant::now(), 0),
            task: None,
            told: None,
        });
    }

    fn held(&mut self, id: &str) -> Option<&mut Held> {
        self.held.iter_mut().find(|held| held.job.id == id)
    }

    fn set_stage(&mut self, id: &str, stage: Stage) {
        if let Some(held) = self.held(id) {
            held.gauge.set_stage(stage);
        }
    }

    fn start(&mut self, id: &str) {
        let means = (self.shelf.clone(), self.sites.subscribe());
        let (room, end, wait_first) = (self.room.clone(), self.end.clone(), self.habits.wait_first);
        let Some(held) = self.held(id).filter(|held| held.task.is_none()) else {
            return;
        };
        held.gauge.set_stage(Stage::Waiting);
        held.pace = Pace::new(Instant::now(), held.gauge.done());
        let (job, gauge, id) = (held.job.clone(), held.gauge.clone(), held.job.id.clone());
        held.task = Some(tokio::spawn(async move {
            // It is closed when nobody is there any more.
            let Ok(_room) = room.acquire().await else {
                return;
            };
            let means = Means {
                shelf: means.0,
                gauge,
                sites: means.1,
                wait_first,
            };
            let result = carry(job, means).await;
            let _ = end.send((id, result)).await;
        }));
    }

    /// Stops carrying; what is on disk says how far it was.
    fn put_down(&mut self, id: &str) -> bool {
        let shelf = self.shelf.clone();
        let Some(held) = self.held(id) else {
            return false;
        };
        if let Some(task) = held.task.take() {
            task.abort();
        }
        if let Some(job) = shelf.read(id) {
            held.job = job;
        }
        true
    }

    fn pause(&mut self, id: &str) {
        if self.held(id).is_none_or(|held| held.task.is_none()) {
            return;
        }
        self.put_down(id);
        self.keep_paused(id);
        self.set_stage(id, Stage::Paused);
        self.tell_all();
    }

    fn keep_paused(&mut self, id: &str) {
        let shelf = self.shelf.clone();
        if let Some(held) = self.held(id) {
            held.job.is_paused = true;
            // Else it goes on by itself at the next start, which is no harm.
            let _ = shelf.write(&held.job);
        }
    }

    fn resume(&mut self, id: &str) {
        if self.held(id).is_none() {
            // Whoever waits for an answer gets one; a full queue means that many others are told.
            let _ = self.tell.try_send(Told::NotHeld(id.into()));
            return;
        }
        let shelf = self.shelf.clone();
        let Some(held) = self.held(id).filter(|held| held.task.is_none()) else {
            return;
        };
        held.job.is_paused = false;
        let _ = shelf.write(&held.job);
        self.start(id);
        self.tell_all();
    }

    /// Gives it up: nothing of it is left, here or there.
    fn cancel(&mut self, id: &str) {
        if !self.put_down(id) {
            return;
        }
        let Some(held) = self.held(id) else { return };
        held.gauge.set_stage(Stage::Cancelled);
        match held.job.load.clone() {
            Load::Down(down) => {
                if let Some(part) = down.part {
                    let _ = std::fs::remove_file(part);
                }
            }
            Load::Up(up) => {
                if let Some(permit) = up.permit {
                    self.remove_there(permit);
                }
            }
        }
        self.shelf.remove(id);
        self.tell_all();
    }

    /// Removes from the server what has arrived there. Where it cannot be reached for long, it removes that itself after a day.
    fn remove_there(&self, permit: String) {
        let site = self.sites.borrow().clone();
        let mut wait = self.habits.wait_first;
        let Some(site) = site else { return };
        tokio::spawn(async move {
            for _ in 0..REMOVALS {
                match upload::remove(&site, &permit).await {
                    Err(Halt::Passing(_)) => tokio::time::sleep(wait).await,
                    _ => return,
                }
                wait *= 2;
            }
        });
    }

    /// One has come to its end.
    pub(super) fn over(&mut self, id: &str, result: Result<Outcome, Setback>) {
        // What was stopped meanwhile has not come to its end.
        let Some(held) = self.held(id).filter(|held| held.task.is_some()) else {
            return;
        };
        held.task = None;
        match result {
            Ok(outcome) => {
                held.gauge.set_done(held.gauge.size());
                held.gauge.set_stage(Stage::Done(outcome));
                // Whoever is told that it is over finds nothing of it left.
                self.shelf.remove(id);
                self.tell_all();
            }
            Err(setback) => {
                let may_go_on = setback.kind.may_go_on();
                held.gauge.set_stage(Stage::Failed(setback));
                self.put_down(id);
                let is_begun = self.held(id).is_some_and(|held| held.job.load.is_begun());
                // Of what a verb has not begun there is nothing to go on with.
                if may_go_on && (is_begun || !self.habits.by_verb) {
                    self.keep_paused(id);
                } else {
                    self.shelf.remove_job(id);
                }
                self.tell_all();
            }
        }
    }

    /// It is not even begun.
    fn refuse(&mut self, id: TransferId, name: String, way: Way, setback: Setback) {
        let transfer = Transfer {
            id,
            way,
            name,
            audience: None,
            size: 0,
            done: 0,
            pace: 0,
            stage: Stage::Failed(setback),
        };
        self.refused.push_back(transfer);
        self.tell_all();
    }

    /// Tells of each what is new.
    pub(super) fn tell_all(&mut self) {
        while let Some(transfer) = self.refused.front() {
            // What is not heard now is told again at the next beat.
            if self
                .tell
                .try_send(Told::Transfer(transfer.clone()))
                .is_err()
            {
                return;
            }
            self.refused.pop_front();
        }
        let now = Instant::now();
        for held in &mut self.held {
            let done = held.gauge.done();
            let stage = held.gauge.stage();
            let pace = match stage {
                Stage::Moving => held.pace.note(now, done),
                _ => {
                    held.pace = Pace::new(now, done);
                    0
                }
            };
            let transfer = Transfer {
                id: held.job.id.clone(),
                way: way_of(&held.job.load),
                name: held.gauge.name(),
                audience: match &held.job.load {
                    Load::Up(up) => Some(up.audience.clone()),
                    Load::Down(_) => None,
                },
                size: held.gauge.size(),
                done,
                pace,
                stage,
            };
            if held.told.as_ref() != Some(&transfer) {
                let told = self.tell.try_send(Told::Transfer(transfer.clone()));
                if told.is_ok() {
                    held.told = Some(transfer);
                }
            }
        }
        // What is over is known to be, and not to be taken up again. What has failed may be.
        self.held.retain(|held| {
            let told = held.told.as_ref().map(|told| &told.stage);
            !matches!(told, Some(Stage::Done(_) | Stage::Cancelled))
        });
    }

    /// Asks which files there are.
    fn list(&self, which: Which) {
        let (tell, site) = (self.tell.clone(), self.sites.borrow().clone());
        let Some(site) = site else { return };
        tokio::spawn(async move {
            let listed = list(&site, &which, None).await.map_err(Halt::setback);
            let _ = tell.send(Told::Listing(which, listed)).await;
        });
    }
}

/// A path as a person writes it, from the root on.
fn absolute(path: &str) -> PathBuf {
    let home = || std::env::var_os("HOME").map(PathBuf::from);
    let named = match (path.strip_prefix("~/"), home()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    };
    std::path::absolute(&named).unwrap_or(named)
}

fn way_of(load: &Load) -> Way {
    match load {
        Load::Up(_) => Way::Up,
        Load::Down(_) => Way::Down,
    }
}

fn name_of(load: &Load) -> String {
    match load {
        Load::Up(up) => up.name.clone(),
        Load::Down(down) => {
            let told = down.row.as_ref().map(|row| row.name.as_str());
            let wanted = Path::new(&down.wanted).file_name().unwrap_or_default();
            let wanted = wanted.to_string_lossy();
            FileName::nearest(told.unwrap_or(&wanted))
                .as_str()
                .to_owned()
        }
    }
}
