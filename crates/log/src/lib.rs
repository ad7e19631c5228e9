//! The log of a program: lines of `tracing` on standard error, written by a thread of their own.
//!
//! Logging never fails or delays what is being done. A line that cannot be written (a full disk, a closed pipe, an I/O
//! error) is dropped; while the reader of a pipe stands still, lines wait in a bounded queue and those beyond it are
//! dropped and counted. `eprintln!` and the subscriber's own report of a failed write panic in these states, so neither is
//! used.

use std::fmt::Display;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Lines that wait while the reader of standard error stands still.
const QUEUE: usize = 4096;

/// How long the end of a program waits for its last lines.
const LAST_LINES: Duration = Duration::from_millis(500);

enum Message {
    Line(Vec<u8>),
    /// Answered once every line before it is written or dropped.
    Flush(SyncSender<()>),
}

/// Held while the program runs; dropping it waits shortly for the lines that are not written yet.
#[must_use = "dropping it ends the log"]
pub struct Log(Option<SyncSender<Message>>);

/// Sends events at or above `SIAGA_LOG`, or the filter given, to standard error. Only the first call of a process counts.
pub fn begin(filter: &str) -> Log {
    let filter = EnvFilter::try_from_env("SIAGA_LOG").unwrap_or_else(|_| EnvFilter::new(filter));
    let lines = lines_to(io::stderr());
    let sender = lines.sender.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .log_internal_errors(false)
        .with_writer(lines)
        .finish();
    let begun = tracing_subscriber::util::SubscriberInitExt::try_init(subscriber).is_ok();
    Log(sender.filter(|_| begun))
}

impl Drop for Log {
    fn drop(&mut self) {
        let Some(lines) = self.0.take() else { return };
        let (done, written) = sync_channel(1);
        if lines.try_send(Message::Flush(done)).is_ok() {
            let _ = written.recv_timeout(LAST_LINES);
        }
    }
}

/// Writes one line for a person to standard error. A line that nobody can read is no failure.
pub fn say(line: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Makes the writers of single lines.
struct Lines {
    /// `None` where the system gave no thread: then lines are written where they are made.
    sender: Option<SyncSender<Message>>,
    lost: Arc<AtomicU64>,
}

fn lines_to(out: impl Write + Send + 'static) -> Lines {
    let (sender, receiver) = sync_channel(QUEUE);
    let lost = Arc::new(AtomicU64::new(0));
    let of_thread = Arc::clone(&lost);
    let thread = std::thread::Builder::new().name("log".to_owned());
    let sender = thread.spawn(move || write_out(&receiver, out, &of_thread)).ok().map(|_| sender);
    Lines { sender, lost }
}

fn write_out(lines: &Receiver<Message>, mut out: impl Write, lost: &AtomicU64) {
    while let Ok(message) = lines.recv() {
        match message {
            Message::Line(line) => {
                let gone = lost.swap(0, Ordering::Relaxed);
                if gone > 0 {
                    let _ = writeln!(out, "{gone} lines of the log were dropped: they could not be written in time");
                }
                let _ = out.write_all(&line).and_then(|()| out.flush());
            }
            Message::Flush(done) => {
                let _ = done.try_send(());
            }
        }
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { bytes: Vec::new(), lines: self }
    }
}

/// One line, sent when it is whole.
struct Line<'a> {
    bytes: Vec<u8>,
    lines: &'a Lines,
}

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        let line = std::mem::take(&mut self.bytes);
        match &self.lines.sender {
            Some(sender) => {
                if sender.try_send(Message::Line(line)).is_err() {
                    self.lines.lost.fetch_add(1, Ordering::Relaxed);
                }
            }
            None => {
                let _ = io::stderr().write_all(&line);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use std::sync::mpsc;

    /// A disk without room.
    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::from(io::ErrorKind::StorageFull))
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(io::Error::from(io::ErrorKind::StorageFull))
        }
    }

    /// A pipe whose reader stands still until the gate opens.
    struct Stuck {
        gate: mpsc::Receiver<()>,
        written: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.gate.recv();
            self.written.lock().expect("a lock").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn write(lines: &Lines, text: &str) {
        lines.make_writer().write_all(text.as_bytes()).expect("a line");
    }

    fn flushed(lines: &Lines) {
        let (done, written) = sync_channel(1);
        lines.sender.as_ref().expect("a thread").send(Message::Flush(done)).expect("a message");
        written.recv().expect("an answer");
    }

    #[test]
    fn a_line_that_cannot_be_written_is_dropped_and_the_next_is_tried() {
        let lines = lines_to(Full);

        write(&lines, "one\n");
        write(&lines, "two\n");
        flushed(&lines);

        assert_eq!(lines.lost.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_reader_that_stands_still_delays_nobody_and_what_was_dropped_is_counted() {
        let (open, gate) = mpsc::channel();
        let written = Arc::new(Mutex::new(Vec::new()));
        let lines = lines_to(Stuck { gate, written: Arc::clone(&written) });

        (0..QUEUE + 100).for_each(|_| write(&lines, "a line\n"));
        assert!(lines.lost.load(Ordering::Relaxed) >= 99);
        drop(open);
        flushed(&lines);

        let text = String::from_utf8(written.lock().expect("a lock").clone()).expect("text");
        assert!(text.contains("lines of the log were dropped"), "{}", text.len());
    }
}
