//! One conversation with the center: a session, and what must be remembered between its requests.
//!
//! Turns what the session wants into requests, and what came of them into events. It does nothing itself, so the
//! driver and a simulation run the same code.

use crate::exchange::piece::Sent;
use crate::exchange::{Ask, Asked, SyncError, SyncReport};
use crate::session::{Effect, Event, Finish, Line, Mode, Session, Waiting};
use siaga_domain::id::Epoch;
use siaga_store::{Backlog, Store};

/// What is to be done now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Act {
    Ask(Line, Ask),
    SendPiece {
        up_bytes: u32,
    },
    /// The center lives another life: the feed is read from its beginning.
    EnterEpoch(Epoch),
    /// Replaces an earlier wait.
    Wait {
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
    /// To be signed by the next request that proves who we are.
    nonce: Option<Vec<u8>>,
    /// The center's epoch, when it is another than ours.
    epoch: Option<Epoch>,
}

impl Talk {
    #[must_use]
    pub fn new(mode: Mode) -> Self {
        Self { session: Session::new(mode), report: SyncReport::default(), nonce: None, epoch: None }
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
            Effect::Push { up_bytes, down_bytes, with_trail, proof } => {
                Act::Ask(Line::Push, Ask::Push { up_bytes, down_bytes, with_trail, proof: self.proof(proof) })
            }
            Effect::Hold { hold_ms, down_bytes, proof } => {
                Act::Ask(Line::Hold, Ask::Hold { hold_ms, down_bytes, proof: self.proof(proof) })
            }
            Effect::SendPiece { up_bytes } => Act::SendPiece { up_bytes },
            Effect::ResetCursors => return self.epoch.take().map(Act::EnterEpoch),
            Effect::Wait { ms } => Act::Wait { ms },
            Effect::Finish(finish) => Act::Finish(finish),
        })
    }

    fn proof(&mut self, wanted: bool) -> Option<Vec<u8>> {
        if wanted { self.nonce.take() } else { None }
    }

    /// `waiting` is what waits since the answer was taken in; `jitter` is 0 to 999, used after a failure.
    pub fn asked(&mut self, line: Line, asked: Asked, waiting: Waiting, jitter: u16) -> CameBack {
        let report = asked.report;
        self.report.add(&report);
        if asked.nonce.is_some() {
            self.nonce = asked.nonce;
        }
        if asked.epoch.is_some() {
            self.epoch = asked.epoch;
        }
        let event = match asked.outcome {
            Ok(answer) => Event::Answered { line, answer, waiting },
            Err(trouble) => Event::Failed { line, trouble, jitter },
        };
        let moved = report.received_changes + report.receipted_changes + report.refused_changes;
        CameBack { event, wrote: moved > 0 || report.sent_fixes > 0 }
    }

    /// As [`asked`](Self::asked), for a piece of an attachment.
    pub fn sent(&mut self, sent: Sent, waiting: Waiting, jitter: u16) -> CameBack {
        match sent {
            Sent::Confirmed(report) => {
                self.report.add(&report);
                CameBack { event: Event::PieceConfirmed { waiting }, wrote: true }
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
    let Backlog { changes: [urgent, records], fixes, attachments } = store.backlog()?;
    Ok(Waiting { urgent, records, fixes, attachments })
}

/// 0 to 999, from the home's own source of chance.
#[must_use]
pub fn jitter(store: &Store) -> u16 {
    store.draw().iter().fold(0_u16, |sum, byte| sum.wrapping_mul(31).wrapping_add(u16::from(*byte))) % 1000
}
