//! One conversation with the center: a session, and what must be remembered between its requests.
//!
//! Turns what the session wants into requests, and what came of them into events. It does nothing itself, so the
//! driver and a simulation run the same code.

use crate::exchange::piece::Sent;
use crate::exchange::{Ask, Asked, SyncError, SyncReport};
use crate::session::{Downloads, Effect, Event, Files, Finish, Line, Mode, Session, Waiting};
use siaga_domain::id::Epoch;
use siaga_store::{Backlog, Fetching, Store};

/// What is to be done now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Act {
    Ask(Line, Ask),
    SendPiece {
        files: Files,
        up_bytes: u32,
    },
    FetchPiece {
        downloads: Downloads,
        down_bytes: u32,
    },
    /// The request of this line is given up; whatever still comes of it is not heard.
    Abandon(Line),
    /// The center lives another life: the feed is read from its beginning.
    EnterEpoch(Epoch),
    /// Replaces an earlier wait.
    Wait {
        ms: i64,
    },
    /// Replaces an earlier pace.
    Pace {
        ms: i64,
    },
    Finish(Finish),
}

/// What came of a request, and whether it wrote something a person may see.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CameBack {
    pub event: Event,
    pub wrote: bool,
}

/// A conversation: a value without a clock.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Talk {
    session: Session,
    report: SyncReport,
    /// To be signed by the next request of its line that proves who we are: push, urgent, hold.
    nonces: [Option<Vec<u8>>; 3],
    /// The center's epoch, when it is another than ours.
    epoch: Option<Epoch>,
}

impl Talk {
    #[must_use]
    pub fn new(mode: Mode) -> Self {
        Self { session: Session::new(mode), report: SyncReport::default(), nonces: [None, None, None], epoch: None }
    }

    /// What it came to so far.
    #[must_use]
    pub const fn report(&self) -> SyncReport {
        self.report
    }

    pub fn step(&mut self, event: Event) -> Vec<Act> {
        self.session.step(event).into_iter().filter_map(|effect| self.act(effect)).collect()
    }

    fn act(&mut self, effect: Effect) -> Option<Act> {
        Some(match effect {
            Effect::Push { up_bytes, envelope_bytes, down_bytes, with_trail, proof } => {
                let proof = self.proof(Line::Push, proof);
                Act::Ask(Line::Push, Ask::Push { up_bytes, envelope_bytes, down_bytes, with_trail, proof })
            }
            Effect::Urgent { up_bytes, envelope_bytes, down_bytes, proof } => {
                let proof = self.proof(Line::Urgent, proof);
                Act::Ask(Line::Urgent, Ask::Urgent { up_bytes, envelope_bytes, down_bytes, proof })
            }
            Effect::Hold { hold_ms, down_bytes, proof } => {
                let proof = self.proof(Line::Hold, proof);
                Act::Ask(Line::Hold, Ask::Hold { hold_ms, down_bytes, proof })
            }
            Effect::SendPiece { files, up_bytes } => Act::SendPiece { files, up_bytes },
            Effect::FetchPiece { downloads, down_bytes } => Act::FetchPiece { downloads, down_bytes },
            Effect::Abandon(line) => Act::Abandon(line),
            Effect::ResetCursors => return self.epoch.take().map(Act::EnterEpoch),
            Effect::Wait { ms } => Act::Wait { ms },
            Effect::Pace { ms } => Act::Pace { ms },
            Effect::Finish(finish) => Act::Finish(finish),
        })
    }

    fn proof(&mut self, line: Line, wanted: bool) -> Option<Vec<u8>> {
        if wanted { self.nonce(line).take() } else { None }
    }

    fn nonce(&mut self, line: Line) -> &mut Option<Vec<u8>> {
        let [push, urgent, hold] = &mut self.nonces;
        match line {
            Line::Push => push,
            Line::Urgent => urgent,
            Line::Hold => hold,
        }
    }

    /// `waiting` is what waits since the answer was taken in; `jitter` is 0 to 999, used where one waits.
    pub fn asked(&mut self, line: Line, asked: Asked, waiting: Waiting, jitter: u16) -> CameBack {
        let report = asked.report;
        self.report.add(&report);
        if asked.nonce.is_some() {
            *self.nonce(line) = asked.nonce;
        }
        if asked.epoch.is_some() {
            self.epoch = asked.epoch;
        }
        let event = match asked.outcome {
            Ok(answer) => Event::Answered { line, answer, waiting, carried: asked.carried, jitter },
            Err(trouble) => Event::Failed { line, trouble, jitter },
        };
        let moved = report.received_changes + report.receipted_changes + report.refused_changes;
        CameBack { event, wrote: moved > 0 || report.sent_fixes > 0 }
    }

    /// As [`asked`](Self::asked), for a piece of an attachment.
    pub fn sent(&mut self, sent: Sent, waiting: Waiting, jitter: u16) -> CameBack {
        match sent {
            Sent::Confirmed(report, carried) => {
                self.report.add(&report);
                CameBack { event: Event::PieceConfirmed { waiting, carried }, wrote: true }
            }
            Sent::Asked(asked) => self.asked(Line::Push, asked, waiting, jitter),
        }
    }
}

/// What waits on this phone.
///
/// # Errors
/// [`SyncError::Store`].
pub fn what_waits(store: &Store) -> Result<Waiting, SyncError> {
    let Backlog { changes: [urgent, records], fixes, thumbnails, photographs } = store.backlog()?;
    if store.is_in_safe_mode() {
        return Ok(Waiting { urgent, records, fixes, repairs: store.repairs_waiting()?, ..Waiting::NOTHING });
    }
    let (previews, downloads) = store.downloads_waiting(Fetching::Needed)?;
    let all = if store.fetches_unasked()? { store.downloads_waiting(Fetching::All)?.1 } else { downloads };
    let offered = all.saturating_sub(downloads);
    let repairs = store.repairs_waiting()?;
    Ok(Waiting { urgent, records, fixes, thumbnails, bulk: photographs, previews, downloads, offered, repairs })
}

/// 0 to 999, from the home's own source of chance.
#[must_use]
pub fn jitter(store: &Store) -> u16 {
    store.draw().iter().fold(0_u16, |sum, byte| sum.wrapping_mul(31).wrapping_add(u16::from(*byte))) % 1000
}
