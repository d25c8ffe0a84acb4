//! The signals that reach a program which has changed its terminal: to end, to be suspended, to die of. Whatever comes, the
//! terminal is given back first.

use crate::exit::{Exit, Trouble};
use rustix::process::{
    Signal as Number, getpgrp, getpid, getppid, getsid, kill_current_process_group, kill_process,
};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use std::task::Poll;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a signal wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// That the program ends in good order.
    End,
    /// That it stops until it is continued.
    Suspend,
    /// It was continued.
    Resume,
    /// The terminal has another size.
    Resize,
    /// That it dies: with this status, as a shell tells it of who died of that signal.
    Die(u8),
}

/// Those that end a program in good order. SIGINT is the one of Ctrl+C, where the terminal makes a signal of that.
const ENDING: [Number; 3] = [Number::TERM, Number::HUP, Number::INT];

/// Those of which a program dies that does not know them, and that can be caught. What the processor sends for a mistake of
/// the program's own (SIGSEGV, SIGBUS, SIGILL, SIGFPE) is not among them: nothing can go on behind it.
const DEADLY: [Number; 9] = [
    Number::QUIT,
    Number::ABORT,
    Number::USR1,
    Number::USR2,
    Number::ALARM,
    Number::VTALARM,
    Number::PROF,
    Number::XCPU,
    Number::XFSZ,
];

/// The signals, from when it is made on.
#[derive(Debug)]
pub struct Ending(Vec<(Call, Signal)>);

impl Ending {
    /// Listens from now on.
    ///
    /// # Errors
    /// The system does not allow it.
    pub fn new() -> std::io::Result<Self> {
        let deadly = DEADLY.iter().map(|&number| {
            let status = u8::try_from(128 + number.as_raw()).unwrap_or(u8::MAX);
            (Call::Die(status), number)
        });
        let calls = ENDING.iter().map(|&number| (Call::End, number));
        let calls = calls.chain(deadly).chain([
            (Call::Suspend, Number::TSTP),
            (Call::Resume, Number::CONT),
            (Call::Resize, Number::WINCH),
        ]);
        let listen = |(call, number): (Call, Number)| {
            let kind = SignalKind::from_raw(number.as_raw());
            signal(kind).map(|signal| (call, signal))
        };
        calls.map(listen).collect::<std::io::Result<_>>().map(Self)
    }

    /// Waits for the next one. May be dropped while it waits.
    pub async fn next(&mut self) -> Call {
        std::future::poll_fn(|context| {
            for (call, signal) in &mut self.0 {
                if signal.poll_recv(context).is_ready() {
                    return Poll::Ready(*call);
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// Asks everything that the shell has started with this program to stop, as Ctrl+Z does where the terminal makes a signal of it.
pub fn suspend() {
    // It comes back as [`Call::Suspend`].
    let _ = kill_current_process_group(Number::TSTP);
}

/// Stops the program until somebody continues it: not where nobody would, as the system does it by itself for who does not
/// catch the signal.
pub fn stop() {
    if is_watched() {
        // Who may not stop oneself goes on.
        let _ = kill_process(getpid(), Number::STOP);
    }
}

/// Whether a shell with jobs, which puts each into a group of its own, may continue the program: not where it is what the
/// terminal was opened for, nor where who started it has gone.
fn is_watched() -> bool {
    let Ok(session) = getsid(None) else {
        return false;
    };
    getpgrp() != session && getppid().is_some_and(|parent| getsid(Some(parent)) == Ok(session))
}

/// The modes of the terminal as they were when the program began.
#[derive(Debug)]
pub struct Modes(Option<Termios>);

impl Modes {
    /// As they are now.
    pub fn now() -> Self {
        Self(tcgetattr(rustix::stdio::stdin()).ok())
    }

    /// Puts them back.
    pub fn put_back(&self) {
        if let Some(before) = &self.0 {
            // A terminal that is gone needs nothing.
            let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, before);
        }
    }

    /// Puts them back while the program is stopped, and then those of now.
    pub fn stop(&self) {
        let now = Self::now();
        self.put_back();
        stop();
        now.put_back();
    }
}

/// Does something before there is a face that has taken the terminal: questions at the door, of which some hide what is typed.
///
/// # Errors
/// It fails, or the program was asked to end.
pub async fn heed<T>(
    work: impl Future<Output = Result<T, Trouble>>,
    ending: &mut Ending,
    modes: &Modes,
) -> Result<T, Trouble> {
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            result = &mut work => return result,
            call = ending.next() => match call {
                Call::End => return Err(Trouble::new(Exit::Interrupted, "")),
                Call::Die(status) => {
                    modes.put_back();
                    std::process::exit(status.into());
                }
                Call::Suspend => modes.stop(),
                Call::Resume | Call::Resize => {}
            },
        }
    }
}
