//! The client without terminal and network: what is known of one server, and the one entrance through which it changes.

use crate::core::approval::Pending;
use crate::core::batch::Batches;
use crate::core::buffer::{Aside, Buffer, BufferId, BufferKind};
use crate::core::carrying::Carrying;
use crate::core::command::{Spelling, Typed};
use crate::core::connection::Link;
use crate::core::draw::Draw;
use crate::core::entry::{Entry, EntryId, What};
use crate::core::features::Features;
use crate::core::input::{Input, Intent, Way};
use crate::core::keepsake::Keepsake;
use crate::core::limits::{BUFFERS_MAX, REQUESTS_MAX};
use crate::core::locale::Locale;
use crate::core::outbox::Outbox;
use crate::core::output::Output;
use crate::core::people::Roll;
use crate::core::profile::Profiles;
use crate::core::request::{PageOf, Request};
use crate::core::saying::Asked;
use causette_proto::{CompactString, Message, Timestamp};
use rustc_hash::FxHashMap;

/// What the client is told once.
#[derive(Clone, Debug)]
pub struct Settings {
    /// In which language and time zone it speaks.
    pub locale: Locale,
    /// Which spellings are commands.
    pub spelling: Spelling,
    /// Channels to enter, besides those that the server opens by itself.
    pub channels: Vec<CompactString>,
    /// The channel that `#Private` alone leads back to.
    pub home: CompactString,
    /// What this device is called in the list of devices.
    pub device: String,
    /// Whether the server is asked for a token after a sign-in with a password.
    pub wants_token: bool,
    /// Whether somebody is at it. A verb of a script says that nobody is: it uses up nothing that waits for the person.
    pub attended: bool,
    /// Whether others are told when the person is typing.
    pub tells_typing: bool,
    /// Whether everything that was missed is read after an absence, and the other conversations are looked for. A verb that
    /// says one thing does not need it.
    pub follows: bool,
    /// Whether drafts and messages that are not stored outlive this run. Who only listens leaves them to those who talk.
    pub keeps: bool,
    /// Random bits, from which the client draws what must not repeat.
    pub seed: u64,
}

/// One server, as one person sees it.
#[derive(Debug)]
pub struct Client {
    pub(crate) settings: Settings,
    pub(crate) now: Timestamp,
    pub(crate) link: Link,
    pub(crate) features: Features,
    pub(crate) way: Option<Way>,
    /// The account that was made and waits to be approved.
    pub(crate) pending: Option<Pending>,
    pub(crate) nick: CompactString,
    pub(crate) account: Option<CompactString>,
    /// Why the person has said that they are away, if they have.
    pub(crate) away: Option<String>,
    pub(crate) buffers: Vec<Buffer>,
    pub(crate) current: BufferId,
    pub(crate) outbox: Outbox,
    pub(crate) batches: Batches,
    pub(crate) requests: FxHashMap<CompactString, Request>,
    pub(crate) draw: Draw,
    pub(crate) marks: Vec<(BufferId, Timestamp)>,
    pub(crate) typing_told: Option<(BufferId, Timestamp)>,
    pub(crate) leaving: Option<Timestamp>,
    /// The msgids that `/last` has numbered, in their order.
    pub(crate) numbered: Vec<CompactString>,
    /// What the person has asked by WHO, and the rows so far.
    pub(crate) roll: Option<Roll>,
    /// The channel that the person asked to enter, to be looked at once they are in.
    pub(crate) wanted: Option<CompactString>,
    /// Where the person gave their last command, for answers that bear no label.
    pub(crate) answered: Option<BufferId>,
    /// The pages that were asked for without a label, in order.
    pub(crate) pages: Vec<(BufferId, PageOf)>,
    /// Whether it was asked without a label with whom something was said.
    pub(crate) asks_active: bool,
    /// The moment by the server's clock at which it said something last, where it tells.
    pub(crate) server_time: Option<Timestamp>,
    /// What was kept of conversations that are not open yet.
    pub(crate) kept: Keepsake,
    /// The person's last words.
    pub(crate) farewell: String,
    /// The conversations in which something was sent, the latest last, while something waits.
    pub(crate) turns: Vec<CompactString>,
    /// Bytes of what stands behind one's own nickname before what one says: `!user@host`.
    pub(crate) source_rest_bytes: Option<usize>,
    /// Files on their way, and what is known of others.
    pub(crate) carrying: Carrying,
    /// What people and channels say of themselves.
    pub(crate) profiles: Profiles,
    next_buffer: u32,
    next_entry: u64,
    pub(crate) next_outgoing: u64,
}

impl Client {
    /// A client that knows nothing yet.
    pub fn new(settings: Settings) -> Self {
        let draw = Draw::new(settings.seed);
        let mut client = Self {
            settings,
            now: Timestamp::MIN,
            link: Link::default(),
            features: Features::default(),
            way: None,
            pending: None,
            nick: CompactString::default(),
            account: None,
            away: None,
            buffers: Vec::new(),
            current: BufferId(0),
            outbox: Outbox::default(),
            batches: Batches::default(),
            requests: FxHashMap::default(),
            draw,
            marks: Vec::new(),
            typing_told: None,
            leaving: None,
            numbered: Vec::new(),
            roll: None,
            pages: Vec::new(),
            asks_active: false,
            server_time: None,
            kept: Keepsake::default(),
            farewell: String::new(),
            wanted: None,
            answered: None,
            turns: Vec::new(),
            source_rest_bytes: None,
            carrying: Carrying::default(),
            profiles: Profiles::default(),
            next_buffer: 0,
            next_entry: 0,
            next_outgoing: 1,
        };
        client.new_buffer(BufferKind::Server, CompactString::default());
        client
    }

    /// The one entrance: what happened, and what is to be done about it.
    pub fn handle(&mut self, now: Timestamp, input: Input, out: &mut Vec<Output>) {
        // The clock of a machine may be set back; what is timed here must not wait for it.
        self.now = self.now.max(now);
        match input {
            Input::Opened => self.opened(out),
            Input::Line(message) => self.received(message, out),
            Input::Closed(reason) => self.closed(reason, out),
            Input::Tick => self.tick(out),
            Input::Carried(transfer) => self.carried(transfer, out),
            Input::NotHeld(id) => self.not_held(&id, out),
            Input::Listed(which, result) => self.files_listed(&which, result, out),
            Input::Intent(intent) => self.intend(intent, out),
        }
    }

    fn intend(&mut self, intent: Intent, out: &mut Vec<Output>) {
        match intent {
            Intent::Connect => self.connect_now(out),
            Intent::Enter(way) => self.enter(way, out),
            Intent::Verify(code) => self.verify(&code, out),
            Intent::Submit(buffer, line) => self.submit(buffer, &line, Asked::No, out),
            Intent::Insist(buffer, line) => self.submit(buffer, &line, Asked::Yes, out),
            Intent::Say(buffer, text) => {
                let typed = Typed::Say(text.clone());
                self.perform(buffer, &text, typed, Asked::Yes, out);
            }
            Intent::Post {
                target,
                text,
                manner,
                reply_to,
                behind,
            } => self.post(&target, &text, manner, reply_to, behind, out),
            Intent::Command(buffer, command) => self.command(buffer, command, out),
            Intent::Open(buffer) => self.open(buffer, out),
            Intent::Seen(buffer) => self.seen(buffer, out),
            Intent::Older(buffer) => self.older(buffer, out),
            Intent::Read(target, since) => self.read(&target, since, out),
            Intent::Active(since) => self.ask_active(since, out),
            Intent::Draft(buffer, text) => self.drafted(buffer, text, out),
            Intent::Begin {
                buffer,
                aside,
                text,
            } => self.begin(buffer, aside, text, out),
            Intent::TakeBack(buffer) => self.take_back(buffer, out),
            Intent::ReplyTo(buffer, msgid) => {
                if let Some(buffer) = self.buffer_mut(buffer) {
                    buffer.reply_to = msgid;
                    out.push(Output::Keep { at_once: false });
                    out.push(Output::Changed);
                }
            }
            Intent::PointAt(buffer, number, msgid) => {
                if let Some(buffer) = self.buffer_mut(buffer) {
                    buffer.pointed = Some((number, msgid));
                }
            }
            Intent::Tell(text) => self.inform(self.current, text, out),
            Intent::Retry(id) => self.retry(id, out),
            Intent::GiveUp(id) => self.give_up(id, out),
            Intent::Stop(buffer) => self.stop(buffer, out),
            Intent::SendAsFile {
                buffer,
                text,
                is_typed,
            } => self.send_as_file(buffer, &text, is_typed, out),
            Intent::Transfer(id, act) => self.act_on_transfer(id, act, out),
            Intent::Quit(farewell) => self.quit(&farewell, out),
        }
    }

    /// The conversations, in the order in which they were opened; the first is the server's.
    pub fn buffers(&self) -> &[Buffer] {
        &self.buffers
    }

    /// A conversation.
    pub fn buffer(&self, id: BufferId) -> Option<&Buffer> {
        self.buffers.iter().find(|buffer| buffer.id == id)
    }

    /// The conversation that the person looks at.
    pub fn current(&self) -> &Buffer {
        // The conversation with the server is never closed.
        self.buffer(self.current).unwrap_or(&self.buffers[0])
    }

    /// What a conversation is called in lists.
    pub fn title<'a>(&'a self, buffer: &'a Buffer) -> &'a str {
        match buffer.kind {
            BufferKind::Server => self.features.network.as_deref().unwrap_or("Causette"),
            BufferKind::Channel | BufferKind::Query => &buffer.name,
        }
    }

    /// The conversation of that name.
    pub fn find(&self, name: &str) -> Option<BufferId> {
        let key = self.features.fold.key(name);
        let mut others = self.buffers.iter().skip(1);
        others
            .find(|buffer| buffer.key == key)
            .map(|buffer| buffer.id)
    }

    /// The person's nickname; empty before the server has greeted.
    pub fn nick(&self) -> &str {
        &self.nick
    }

    /// The person's account, if they are signed in.
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// What the server can do.
    pub fn features(&self) -> &Features {
        &self.features
    }

    /// The state of the connection.
    pub fn link(&self) -> &Link {
        &self.link
    }

    /// What is not known to be stored.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// How the client was set up.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// When [`Input::Tick`] is wanted next, if nothing else happens before.
    pub fn deadline(&self) -> Option<Timestamp> {
        let typing = self
            .buffers
            .iter()
            .flat_map(|buffer| buffer.typing.iter().map(|&(_, until)| until));
        let marks = self.marks.iter().map(|&(_, due)| due);
        let link = self.link.deadline(self.patience());
        let profiles = self.profiles.deadline();
        let dues = typing.chain(marks).chain(link).chain(profiles);
        dues.chain(self.leaving).min()
    }

    /// Unread messages, and those of them that call for the person.
    pub fn unread(&self) -> (usize, usize) {
        let wanted = self.buffers.iter().filter(|buffer| !buffer.is_muted);
        wanted.fold((0, 0), |(unread, mentions), buffer| {
            (unread + buffer.unread, mentions + buffer.mentions)
        })
    }

    /// Whether there is more unread than is known.
    pub fn has_more_unread(&self) -> bool {
        let mut wanted = self.buffers.iter().filter(|buffer| !buffer.is_muted);
        wanted.any(|buffer| buffer.has_more_unread)
    }

    /// Whether what is typed next may depend on what is still on its way: a channel that the person asked to enter has neither
    /// let them in nor refused, the past of where they look is being read, or a command has no answer yet.
    pub fn is_entering(&self) -> bool {
        let is_command = |request: &Request| matches!(request, Request::Command(_));
        let is_asking = || self.requests.values().any(is_command);
        let is_reading = self.current().past.catching_up.is_some();
        self.link.is_online() && (self.wanted.is_some() || is_reading || is_asking())
    }

    /// Whether a nickname is the person's own.
    pub fn is_me(&self, nick: &str) -> bool {
        self.features.fold.key(nick) == self.features.fold.key(&self.nick)
    }

    /// The moment by the server's clock at which it said something last, where it tells.
    pub fn server_time(&self) -> Option<Timestamp> {
        self.server_time
    }

    /// The moment by the server's clock at which the newest message known anywhere was said.
    pub fn newest_time(&self) -> Option<Timestamp> {
        let newest = self
            .buffers
            .iter()
            .filter_map(|buffer| buffer.timeline.newest_known());
        newest.map(|entry| entry.time).max()
    }

    pub(crate) fn buffer_mut(&mut self, id: BufferId) -> Option<&mut Buffer> {
        self.buffers.iter_mut().find(|buffer| buffer.id == id)
    }

    /// The conversation of that name, which is opened if need be; beyond the bound it is the server's.
    pub(crate) fn buffer_for(&mut self, kind: BufferKind, name: &str) -> BufferId {
        match self.find(name) {
            Some(id) => id,
            None if self.buffers.len() >= BUFFERS_MAX => self.buffers[0].id,
            None => self.new_buffer(kind, name.into()),
        }
    }

    fn new_buffer(&mut self, kind: BufferKind, name: CompactString) -> BufferId {
        let id = BufferId(self.next_buffer);
        self.next_buffer += 1;
        let kept = self.take_kept(&name);
        let key = self.features.fold.key(&name);
        let mut buffer = Buffer::new(id, kind, name);
        buffer.key = key;
        buffer.draft = kept.draft;
        buffer.reply_to = kept.reply_to;
        let aside = kept.aside.into_iter().map(|text| Aside {
            text,
            pointed: None,
        });
        buffer.aside = aside.collect();
        buffer.is_muted = kept.is_muted;
        self.buffers.push(buffer);
        id
    }

    /// The server has said how names compare.
    pub(crate) fn fold_names(&mut self) {
        let fold = self.features.fold;
        for buffer in &mut self.buffers {
            buffer.key = fold.key(&buffer.name);
        }
    }

    pub(crate) fn server_buffer(&self) -> BufferId {
        self.buffers[0].id
    }

    pub(crate) fn entry(
        &mut self,
        time: Timestamp,
        msgid: Option<CompactString>,
        what: What,
    ) -> Entry {
        let id = EntryId(self.next_entry);
        self.next_entry += 1;
        Entry {
            id,
            time,
            msgid,
            size: what.size(),
            what,
            revision: 0,
        }
    }

    /// Appends what just happened to a conversation.
    pub(crate) fn add(&mut self, buffer: BufferId, entry: Entry, out: &mut Vec<Output>) -> bool {
        let id = entry.id;
        let Some(buffer) = self.buffer_mut(buffer) else {
            return false;
        };
        let said = entry.said().filter(|said| said.counts_as_unread());
        let counts = said.map(|said| said.is_mention || buffer.kind == BufferKind::Query);
        let calls = counts == Some(true) && !buffer.is_muted;
        if !buffer.timeline.push(entry) {
            return false;
        }
        if let Some(is_mention) = counts {
            buffer.unread += 1;
            buffer.mentions += usize::from(is_mention);
        }
        let buffer = buffer.id;
        out.push(Output::Added(buffer, id));
        if calls {
            out.push(Output::Attention(buffer, id));
        }
        true
    }

    /// Tells the person something in a conversation.
    pub(crate) fn inform(&mut self, buffer: BufferId, text: String, out: &mut Vec<Output>) {
        let now = self.now;
        let entry = self.entry(now, None, What::Info(text));
        self.add(buffer, entry, out);
    }

    pub(crate) fn inform_key(
        &mut self,
        buffer: BufferId,
        key: &str,
        variables: &[(&str, &str)],
        out: &mut Vec<Output>,
    ) {
        let text = self.settings.locale.text_with(key, variables);
        self.inform(buffer, text, out);
    }

    /// Sends a line, with a label where an answer is wanted and the server can give one.
    pub(crate) fn request(
        &mut self,
        message: Message,
        request: Request,
        out: &mut Vec<Output>,
    ) -> Option<CompactString> {
        if !self.features.has("labeled-response") || self.requests.len() >= REQUESTS_MAX {
            out.push(Output::Send(message));
            return None;
        }
        let label = self.draw.label();
        self.requests.insert(label.clone(), request);
        out.push(Output::Send(message.tag("label", label.clone())));
        Some(label)
    }
}
