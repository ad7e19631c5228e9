//! The worker's side: a process that only reads questions, judges, and answers.
//!
//! It is the center's own program started as `siaga-center admit-worker`. It has no secret, no database and no
//! socket, and after [`confine`](super::jail::confine) it can open none. Whatever a change makes it do costs this
//! process, which is there to be lost.

use super::jail;
use super::message::{Ask, MAX_FRAME_BYTES, Say, decode, encode, read_frame, write_frame};
use super::told::{hashes, ruled};
use siaga_document::{Claim, Counting, Document, Question, Rules};
use siaga_domain::id::{ChangeHash, RecordId};
use siaga_domain::policy::Author;
use std::collections::VecDeque;
use std::io::{self, BufReader, BufWriter};

/// The argument that makes a worker decode what it did not count, for tests of its walls.
pub const UNCOUNTED: &str = "--uncounted";

/// Documents kept, at most.
const KEPT: usize = 64;

/// Bytes of log behind the documents kept, at most.
const KEPT_BYTES: usize = 16 * 1024 * 1024;

/// Seconds of processor time to make a document from its log, which was admitted once.
const OPEN_S: u64 = 10;

/// Seconds of processor time to judge the changes of one question.
const JUDGE_S: u64 = 2;

/// Answers questions until there are no more.
///
/// # Errors
/// When the walls cannot be raised, or the center stops in the middle of a frame.
pub fn run(counting: Counting) -> io::Result<()> {
    // What unwinds in the library is caught, and its message may hold what somebody typed.
    std::panic::set_hook(Box::new(|_| {}));
    jail::confine()?;
    let mut from = BufReader::new(io::stdin().lock());
    let mut to = BufWriter::new(io::stdout().lock());
    write_frame(&mut to, &encode(&Say::Ready { confined: jail::is_confined() })?)?;
    let mut shelf = Shelf { kept: VecDeque::new(), counting };
    while let Some(frame) = read_frame(&mut from, MAX_FRAME_BYTES)? {
        let said = match decode(&frame) {
            Ok(ask) => shelf.answer(ask)?,
            Err(_) => Say::NotUnderstood,
        };
        write_frame(&mut to, &encode(&said)?)?;
    }
    Ok(())
}

/// Documents of late, the oldest first.
struct Shelf {
    kept: VecDeque<Kept>,
    counting: Counting,
}

struct Kept {
    record: RecordId,
    document: Document,
    bytes: usize,
}

impl Shelf {
    fn answer(&mut self, ask: Ask) -> io::Result<Say> {
        match ask {
            Ask::Open { record, history } => {
                jail::allow_cpu(OPEN_S)?;
                let Ok(record) = RecordId::try_from(record.as_slice()) else { return Ok(Say::NotUnderstood) };
                let bytes = history.iter().map(|change| change.len()).sum();
                match Document::from_log(history.iter().map(|change| change.as_slice())) {
                    Ok(document) => {
                        self.put(Kept { record, document, bytes });
                        Ok(Say::Opened)
                    }
                    Err(_) => Ok(Say::NoDocument),
                }
            }
            Ask::Judge { record, heads, kind, role, changes } => {
                jail::allow_cpu(JUDGE_S)?;
                let heads: Option<Vec<ChangeHash>> =
                    heads.iter().map(|head| ChangeHash::try_from(head.as_slice()).ok()).collect();
                let author = role.map_or(Some(Author::Center), |role| role.parse().ok().map(Author::Device));
                let (Ok(record), Some(heads), Ok(kind), Some(author)) =
                    (RecordId::try_from(record.as_slice()), heads, kind.parse(), author)
                else {
                    return Ok(Say::NotUnderstood);
                };
                let Some(mut kept) = self.at(record, &heads) else { return Ok(Say::NotHere) };
                let claim = Claim { record, kind, author, rules: Rules::Entering };
                let questions: Vec<Question<'_>> =
                    changes.iter().map(|bytes| Question { bytes: bytes.as_slice(), claim }).collect();
                let judged = kept.document.judge_counting(&questions, self.counting);
                let rulings = judged.into_iter().map(|one| ruled(one.into())).collect();
                kept.bytes = changes.iter().fold(kept.bytes, |sum, change| sum.saturating_add(change.len()));
                let heads = hashes(&kept.document.heads());
                self.put(kept);
                Ok(Say::Ruled { rulings, heads })
            }
        }
    }

    /// The record as of these heads; an older or newer state of it is dropped.
    fn at(&mut self, record: RecordId, heads: &[ChangeHash]) -> Option<Kept> {
        let found = self.kept.iter().position(|kept| kept.record == record).and_then(|index| self.kept.remove(index));
        match found {
            Some(kept) if kept.document.heads() == heads => Some(kept),
            _ if heads.is_empty() => Some(Kept { record, document: Document::empty(), bytes: 0 }),
            _ => None,
        }
    }

    fn put(&mut self, kept: Kept) {
        self.kept.retain(|other| other.record != kept.record);
        self.kept.push_back(kept);
        while self.kept.len() > KEPT || self.kept.iter().map(|kept| kept.bytes).sum::<usize>() > KEPT_BYTES {
            if self.kept.len() <= 1 {
                break;
            }
            self.kept.pop_front();
        }
    }
}
