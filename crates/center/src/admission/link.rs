//! One worker process as the center holds it: started, asked, and known by how it died.
//!
//! A thread of its own moves the frames, so that whoever asks can stop waiting; a worker that is let go is killed.

use super::message::{Ask, MAX_ANSWER_BYTES, Say, decode, encode, read_frame, write_frame};
use std::io::{self, BufReader};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// How long a question may take on the wall. The kernel ends a worker after 2 seconds of processor time; this is for
/// one that gets none, and is not held against what it judged.
const PATIENCE: Duration = Duration::from_secs(20);

/// Which program a worker is.
#[derive(Clone, Debug)]
pub struct Program {
    pub path: PathBuf,
    pub arguments: Vec<String>,
}

impl Program {
    /// This program, as `siaga-center admit-worker`: the very build that runs, also after its file was replaced.
    ///
    /// # Errors
    /// The system's, when it does not say which file it runs.
    pub fn this() -> io::Result<Self> {
        let running = PathBuf::from("/proc/self/exe");
        let path = if running.exists() { running } else { std::env::current_exe()? };
        Ok(Self { path, arguments: vec!["admit-worker".to_owned()] })
    }
}

/// How a worker came to its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Death {
    /// It used up its processor time or its memory, or fell over what it read.
    OfItsWork,
    /// Somebody else ended it, or it was not given the time to answer.
    OfOthers,
}

/// A running worker.
pub struct Worker {
    child: Child,
    asks: Option<Sender<Vec<u8>>>,
    answers: Receiver<io::Result<Vec<u8>>>,
    /// Questions answered since it was started, but for those that tried it out.
    pub answered: u32,
    pub confined: bool,
}

impl Worker {
    /// Starts a worker and waits until it is ready.
    ///
    /// # Errors
    /// The system's, or `UnexpectedEof` when it ended before it was ready.
    pub fn start(program: &Program) -> io::Result<Self> {
        let mut child = Command::new(&program.path)
            .args(&program.arguments)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // An interrupt typed at the center's terminal is for the center, which lets its requests finish.
            .process_group(0)
            .spawn()?;
        let (Some(mut to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        let (asks, asked) = channel::<Vec<u8>>();
        let (answer, answers) = channel();
        let moving = std::thread::Builder::new().name("admission link".to_owned()).spawn(move || {
            let mut from = BufReader::new(from);
            let mut read = move || {
                read_frame(&mut from, MAX_ANSWER_BYTES)
                    .and_then(|frame| frame.ok_or_else(|| io::ErrorKind::UnexpectedEof.into()))
            };
            if answer.send(read()).is_err() {
                return;
            }
            for frame in asked {
                let said = write_frame(&mut to, &frame).and_then(|()| read());
                if answer.send(said).is_err() {
                    return;
                }
            }
        });
        let mut worker = Self { child, asks: Some(asks), answers, answered: 0, confined: false };
        moving?;
        match worker.wait()? {
            Say::Ready { confined } => worker.confined = confined,
            _ => return Err(io::ErrorKind::InvalidData.into()),
        }
        Ok(worker)
    }

    /// Asks, and waits for the answer. After an error the worker is of no more use: ask [`death`](Self::death).
    ///
    /// # Errors
    /// The pipe's, `TimedOut`, or `InvalidData` when the answer is none.
    pub fn ask(&mut self, ask: &Ask) -> io::Result<Say> {
        let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
        self.asks.as_ref().ok_or_else(gone)?.send(encode(ask)?).map_err(|_| gone())?;
        self.wait()
    }

    fn wait(&mut self) -> io::Result<Say> {
        match self.answers.recv_timeout(PATIENCE) {
            Ok(frame) => decode(&frame?),
            Err(RecvTimeoutError::Timeout) => Err(io::ErrorKind::TimedOut.into()),
            Err(RecvTimeoutError::Disconnected) => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// Ends the worker and says how it died.
    #[must_use]
    pub fn death(mut self, error: &io::Error) -> Death {
        match error.kind() {
            // It lives and has not answered, or nobody could have.
            io::ErrorKind::TimedOut => Death::OfOthers,
            // It lives and talks nonsense.
            io::ErrorKind::InvalidData => Death::OfItsWork,
            _ => {
                self.asks = None;
                self.child.wait().map_or(Death::OfOthers, how)
            }
        }
    }

    /// The process, for a test that ends it.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.asks = None;
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait()) {
            tracing::warn!(%error, "a worker could not be ended");
        }
    }
}

fn how(status: ExitStatus) -> Death {
    const KILL: i32 = 9;
    const TERMINATE: i32 = 15;
    const INTERRUPT: i32 = 2;
    const HANG_UP: i32 = 1;
    match status.signal() {
        Some(KILL | TERMINATE | INTERRUPT | HANG_UP) => Death::OfOthers,
        _ => Death::OfItsWork,
    }
}
