//! Files that the person sends and fetches: what is wanted, and what they are told of it.

use crate::core::buffer::{BufferId, BufferKind};
use crate::core::client::Client;
use crate::core::command::{Typed, understand};
use crate::core::entry::Manner;
use crate::core::output::{Output, Step};
use crate::core::transfer::{
    Act, Audience, FileRow, Listing, Order, Outcome, Setback, Source, Stage, Transfer, TransferId,
    Way, Which,
};
use causette_proto::CompactString;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// Transfers that are shown; those that are over go first.
const TRANSFERS_MAX: usize = 1_000;

/// What the client knows of files.
#[derive(Debug, Default)]
pub(crate) struct Carrying {
    /// In the order in which they were wanted.
    pub(crate) transfers: Vec<Transfer>,
    /// The number by which the person calls each. No other ever has it, so that what is said twice is not said of another.
    numbers: FxHashMap<TransferId, usize>,
    last_number: usize,
    /// Where something was wanted of one by a command, until it is known what came of it.
    asked_of: FxHashMap<TransferId, (BufferId, Act)>,
    /// Where each was wanted.
    wanted_in: FxHashMap<TransferId, BufferId>,
    /// Where a list was asked for, one for each.
    asked_in: VecDeque<BufferId>,
    /// The files that were listed last.
    listed: Vec<FileRow>,
}

impl Carrying {
    fn begin(&mut self, transfer: Transfer) {
        self.last_number += 1;
        self.numbers.insert(transfer.id.clone(), self.last_number);
        self.transfers.push(transfer);
    }

    /// Shows those no longer for which this holds.
    fn forget(&mut self, is_gone: impl Fn(&Transfer) -> bool) {
        for gone in self.transfers.extract_if(.., |known| is_gone(known)) {
            self.numbers.remove(&gone.id);
        }
    }

    fn numbered(&self, number: usize) -> Option<&Transfer> {
        let mut transfers = self.transfers.iter();
        transfers.find(|known| self.number_of(&known.id) == number)
    }

    /// The number of one that is shown; 0 where it is not.
    fn number_of(&self, id: &TransferId) -> usize {
        self.numbers.get(id).copied().unwrap_or_default()
    }
}

impl Client {
    /// The files on their way, in the order in which they were wanted.
    pub fn transfers(&self) -> &[Transfer] {
        &self.carrying.transfers
    }

    /// The names of files that were listed or shown where the person looks, the newest first.
    pub fn file_names(&self) -> Vec<String> {
        let shown = self.current().timeline.messages().rev();
        let shown = shown.filter_map(|entry| Some(entry.said()?.file.as_ref()?.name.clone()));
        let listed = self.carrying.listed.iter().map(|row| row.name.clone());
        let mut names: Vec<String> = Vec::new();
        for name in shown.chain(listed) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Whether files can be sent from here.
    pub fn takes_files(&self) -> bool {
        self.account.is_some()
            && (self.features.files.is_some() || self.features.filehost.is_some())
    }

    /// Whether something is on its way that comes to an end by itself.
    pub fn is_carrying(&self) -> bool {
        let transfers = &self.carrying.transfers;
        let goes_on = |transfer: &Transfer| !transfer.is_over() && transfer.stage != Stage::Paused;
        let is_unknown = |id: &&TransferId| transfers.iter().all(|known| known.id != **id);
        transfers.iter().any(goes_on)
            || !self.carrying.asked_in.is_empty()
            || !self.carrying.asked_of.is_empty()
            || self.carrying.wanted_in.keys().any(|id| is_unknown(&id))
    }

    /// Whether files can be asked for now; if not, the person is told why.
    fn may_carry(&mut self, here: BufferId, way: Way, out: &mut Vec<Output>) -> bool {
        let takes = match way {
            Way::Up => self.features.files.is_some() || self.features.filehost.is_some(),
            Way::Down => self.features.files.is_some(),
        };
        let key = if !takes && !self.link.is_online() {
            "client-not-connected"
        } else if !takes {
            "client-no-files"
        } else if self.account.is_none() {
            "client-files-sign-in"
        } else {
            return true;
        };
        self.inform_key(here, key, &[], out);
        false
    }

    /// The rooms in which the person is.
    pub(crate) fn rooms(&self) -> Vec<CompactString> {
        let rooms = self
            .buffers
            .iter()
            .filter(|buffer| buffer.kind == BufferKind::Channel && buffer.is_joined);
        rooms.map(|buffer| buffer.name.clone()).collect()
    }

    /// For whom a file is that is sent from a conversation; nobody where that must be said.
    pub fn audience_in(&self, here: BufferId) -> Option<Audience> {
        let buffer = self.buffer(here)?;
        match buffer.kind {
            BufferKind::Channel => Some(Audience::Room(buffer.name.clone())),
            BufferKind::Query => Some(Audience::To(buffer.name.clone())),
            BufferKind::Server => None,
        }
    }

    pub(crate) fn upload(
        &mut self,
        here: BufferId,
        audience: Option<Audience>,
        source: Source,
        out: &mut Vec<Output>,
    ) {
        if !self.may_carry(here, Way::Up, out) {
            return;
        }
        let Some(audience) = audience.or_else(|| self.audience_in(here)) else {
            return self.inform_key(here, "client-file-for-whom", &[], out);
        };
        let id = self.draw.nonce();
        self.carrying.wanted_in.insert(id.clone(), here);
        out.push(Output::Carry(Order::Upload {
            id,
            source,
            audience,
        }));
    }

    /// A long text goes as a file, to whom it was to be said.
    pub(crate) fn send_as_file(
        &mut self,
        here: BufferId,
        line: &str,
        is_typed: bool,
        out: &mut Vec<Output>,
    ) {
        let typed = if is_typed {
            understand(line, self.settings.spelling)
        } else {
            Typed::Say(line.to_owned())
        };
        let Some((target, text, _)) = self.words_of(here, &typed) else {
            return;
        };
        let audience = if self.features.is_channel(&target) {
            Audience::Room(target)
        } else {
            Audience::To(target)
        };
        let locale = &self.settings.locale;
        let (year, month, day) = locale.day(self.now);
        let hour = locale.hour(self.now).replace(':', "");
        let word = locale.text("client-text-file");
        let name = format!("{word}-{year:04}-{month:02}-{day:02}-{hour}.txt");
        let mut text = text.to_owned();
        if !text.ends_with('\n') {
            text.push('\n');
        }
        if self.takes_files() {
            self.clear_draft(here, line, out);
        }
        self.upload(here, Some(audience), Source::Text { name, text }, out);
    }

    pub(crate) fn download(&mut self, here: BufferId, wanted: &str, out: &mut Vec<Output>) {
        if self.may_carry(here, Way::Down, out) {
            let id = self.draw.nonce();
            self.carrying.wanted_in.insert(id.clone(), here);
            let wanted = wanted.to_owned();
            out.push(Output::Carry(Order::Download { id, wanted }));
        }
    }

    pub(crate) fn list_files(
        &mut self,
        here: BufferId,
        which: Option<Which>,
        out: &mut Vec<Output>,
    ) {
        if self.may_carry(here, Way::Down, out) {
            let which = which.unwrap_or_else(|| Which::Seen(self.rooms()));
            self.carrying.asked_in.push_back(here);
            out.push(Output::Carry(Order::List(which)));
        }
    }

    /// What is on its way, or something about one of it by its number.
    pub(crate) fn transfer_command(
        &mut self,
        here: BufferId,
        act: Option<(Act, usize)>,
        out: &mut Vec<Output>,
    ) {
        let Some((act, number)) = act else {
            return self.list_transfers(here, out);
        };
        let Some(transfer) = self.carrying.numbered(number) else {
            let number = number.to_string();
            return self.inform_key(here, "client-no-transfer", &[("number", &number)], out);
        };
        let (id, name) = (transfer.id.clone(), transfer.name.clone());
        let how = transfer.stage_in_words(&self.settings.locale);
        let number = number.to_string();
        let has_failed = matches!(transfer.stage, Stage::Failed(_));
        let answer = match (&transfer.stage, act) {
            (Stage::Done(_), _) => Some("client-transfer-arrived"),
            (Stage::Cancelled, _) => Some("client-transfer-over"),
            (Stage::Failed(_), Act::Pause) => Some("client-transfer-has-failed"),
            (Stage::Paused, Act::Pause) => Some("client-transfer-stopped"),
            // What has failed may be tried again, or be given up.
            (Stage::Failed(_) | Stage::Paused, _) | (_, Act::Pause | Act::Cancel) => None,
            (_, Act::Resume) => Some("client-transfer-going"),
        };
        if let Some(key) = answer {
            let variables = [("name", &*name), ("number", &*number), ("how", &*how)];
            return self.inform_key(here, key, &variables, out);
        }
        if act != Act::Cancel {
            self.carrying.asked_of.insert(id.clone(), (here, act));
        }
        self.act_on_transfer(id, act, out);
        if has_failed && act == Act::Cancel {
            self.inform_key(here, "client-transfer-cancelled", &[("name", &name)], out);
        }
    }

    pub(crate) fn act_on_transfer(&mut self, id: TransferId, act: Act, out: &mut Vec<Output>) {
        if act == Act::Cancel {
            self.carrying.asked_of.remove(&id);
            // What is over is only shown, and shown no longer.
            self.carrying
                .forget(|transfer| transfer.id == id && transfer.is_over());
            out.push(Output::Changed);
        }
        out.push(Output::Carry(Order::Act(id, act)));
    }

    fn list_transfers(&mut self, here: BufferId, out: &mut Vec<Output>) {
        if self.carrying.transfers.is_empty() {
            return self.inform_key(here, "client-transfers-none", &[], out);
        }
        let locale = self.settings.locale.clone();
        let transfers = self.carrying.transfers.iter();
        let lines: Vec<String> = transfers
            .map(|transfer| {
                let number = self.carrying.number_of(&transfer.id);
                format!("{number:>3}  {}", transfer.in_words(&locale))
            })
            .collect();
        for line in lines {
            self.inform(here, line, out);
        }
        self.inform_key(here, "client-transfers-how", &[], out);
    }

    /// How far a transfer is now.
    pub(crate) fn carried(&mut self, transfer: Transfer, out: &mut Vec<Output>) {
        let known = &mut self.carrying.transfers;
        let before = match known.iter_mut().find(|known| known.id == transfer.id) {
            Some(known) => Some(std::mem::replace(known, transfer.clone())),
            None if transfer.stage == Stage::Cancelled => return,
            None => {
                if known.len() >= TRANSFERS_MAX
                    && let Some(over) = known.iter().find(|known| known.is_over())
                {
                    let over = over.id.clone();
                    self.carrying.forget(|known| known.id == over);
                }
                self.carrying.begin(transfer.clone());
                None
            }
        };
        out.push(Output::Changed);
        let was_over = before.as_ref().is_some_and(Transfer::is_over);
        if transfer.is_over() {
            if !was_over {
                self.carrying.asked_of.remove(&transfer.id);
                self.tell_end(&transfer, out);
            }
        } else if self.answer_act(&transfer, out) {
            // That says it.
        } else if let Some(step) = step_between(before.as_ref(), &transfer) {
            out.push(Output::Carried(transfer.id, step));
        }
    }

    /// Tells who has asked for it that a transfer stands still or goes on now.
    fn answer_act(&mut self, transfer: &Transfer, out: &mut Vec<Output>) -> bool {
        let is_paused = transfer.stage == Stage::Paused;
        let key = match self.carrying.asked_of.get(&transfer.id) {
            Some((_, Act::Pause)) if is_paused => "client-transfer-stopped",
            Some((_, Act::Resume)) if !is_paused => "client-transfer-goes-on",
            _ => return false,
        };
        self.answer_asked(&transfer.id, key, out)
    }

    /// The porter has nothing of it, so that it cannot go on: it was not even begun.
    pub(crate) fn not_held(&mut self, id: &TransferId, out: &mut Vec<Output>) {
        let here = self.current;
        self.carrying
            .asked_of
            .entry(id.clone())
            .or_insert((here, Act::Resume));
        self.answer_asked(id, "client-transfer-not-begun", out);
    }

    fn answer_asked(&mut self, id: &TransferId, key: &str, out: &mut Vec<Output>) -> bool {
        let Some((here, _)) = self.carrying.asked_of.remove(id) else {
            return false;
        };
        let mut transfers = self.carrying.transfers.iter();
        let Some(known) = transfers.find(|known| known.id == *id) else {
            return false;
        };
        let name = known.name.clone();
        let number = self.carrying.number_of(id).to_string();
        let here = self.buffer(here).map_or(self.current, |buffer| buffer.id);
        let variables = [("name", name.as_str()), ("number", number.as_str())];
        self.inform_key(here, key, &variables, out);
        true
    }

    fn tell_end(&mut self, transfer: &Transfer, out: &mut Vec<Output>) {
        let wanted_in = self.carrying.wanted_in.remove(&transfer.id);
        let here = wanted_in.filter(|&id| self.buffer(id).is_some());
        let here = here.unwrap_or(self.current);
        let name = transfer.name.as_str();
        match &transfer.stage {
            Stage::Done(outcome) if transfer.way == Way::Up => {
                self.tell_sent(here, transfer, outcome, out);
            }
            Stage::Done(outcome) => {
                let path = outcome.path.clone().unwrap_or_default();
                let variables = [("name", name), ("path", path.as_str())];
                self.inform_key(here, "client-download-done", &variables, out);
            }
            Stage::Failed(setback) => {
                let words = setback.about(name, &self.settings.locale);
                self.inform(here, words, out);
            }
            Stage::Cancelled => {
                self.inform_key(here, "client-transfer-cancelled", &[("name", name)], out);
            }
            _ => {}
        }
    }

    fn tell_sent(
        &mut self,
        here: BufferId,
        transfer: &Transfer,
        outcome: &Outcome,
        out: &mut Vec<Output>,
    ) {
        let address = outcome.address.clone().unwrap_or_default();
        let name = transfer.name.as_str();
        let target = match &transfer.audience {
            Some(Audience::Room(name) | Audience::To(name)) => Some(name.clone()),
            _ => None,
        };
        match (&outcome.file, target) {
            // A server of ours tells those for whom it is.
            (Some(_), Some(place)) => {
                let variables = [("name", name), ("place", place.as_str())];
                let is_room = matches!(transfer.audience, Some(Audience::Room(_)));
                // Nobody speaks in a room where they are not: the file is there, and no word of it.
                let key = if is_room && self.link.is_online() && !self.rooms().contains(&place) {
                    "client-upload-done-unsaid"
                } else {
                    "client-upload-done"
                };
                self.inform_key(here, key, &variables, out);
            }
            (None, Some(target)) => {
                self.say(here, &target, &address, Manner::Message, None, out);
            }
            (_, None) => {
                let variables = [("name", name), ("address", address.as_str())];
                self.inform_key(here, "client-upload-done-at", &variables, out);
            }
        }
    }

    /// The files that there are.
    pub(crate) fn files_listed(
        &mut self,
        which: &Which,
        result: Result<Listing, Setback>,
        out: &mut Vec<Output>,
    ) {
        let asked_in = self.carrying.asked_in.pop_front();
        let here = asked_in.filter(|&id| self.buffer(id).is_some());
        let here = here.unwrap_or(self.current);
        let listing = match result {
            Ok(listing) => listing,
            Err(setback) => return self.inform(here, setback.text, out),
        };
        if listing.files.is_empty() {
            return self.inform_key(here, "client-files-none", &[], out);
        }
        let locale = self.settings.locale.clone();
        for row in &listing.files {
            let words = row.in_words(&locale, self.account.as_deref());
            self.inform(here, words, out);
        }
        let key = if listing.more {
            "client-files-more"
        } else {
            "client-files-how"
        };
        self.inform_key(here, key, &[], out);
        if matches!(which, Which::Seen(_)) || self.carrying.listed.is_empty() {
            self.carrying.listed = listing.files;
        }
    }
}

/// What is worth telling in lines: that it begins, and each quarter.
fn step_between(before: Option<&Transfer>, now: &Transfer) -> Option<Step> {
    match (&now.stage, before.map(|before| &before.stage)) {
        (Stage::Away(_), Some(Stage::Away(_))) => None,
        (Stage::Away(reason), _) => Some(Step::Away(reason.clone())),
        (Stage::Paused, Some(Stage::Paused)) => None,
        (Stage::Paused, _) => Some(Step::Paused),
        (Stage::Moving, before_stage) => {
            let percent = now.percent() / 25 * 25;
            let was = before.map_or(0, Transfer::percent) / 25 * 25;
            if !matches!(before_stage, Some(Stage::Moving | Stage::Away(_))) {
                Some(Step::Begun)
            } else if percent > was && percent < 100 {
                Some(Step::Quarter(percent))
            } else {
                None
            }
        }
        _ => None,
    }
}
