//! An answer in its short form.
//!
//! The question says the epoch, the cursors, the phone's clock and the manifests that a receipt names, so an answer
//! tells only what differs. What is signed is rebuilt to the byte before it is believed.
//!
//! Long because writing and reading stand side by side: each is checked against the other.

use super::frame::{self, Unreadable};
use super::request::{Records, read_kind, read_plain, write_kind, write_plain};
use super::runs::{Reading, Runs};
use super::{Asked, Block, spare};
use crate::codec;
use crate::exchange::{ExchangeAnswer, Exchanged, Hash32, News, Outcome, WireChange};
use crate::receipt::{Exception, Receipt, SignedReceipt, Verdict};
use siaga_domain::id::{ChangeHash, Epoch, RecordId};

/// Receipts in one answer, at most: one for each lane.
const MAX_RECEIPTS: usize = 64;
const MAX_EXCEPTIONS: usize = 10_000;
const MAX_NEWS: usize = 20_000;

struct Is;

impl Is {
    const EXCHANGED: u8 = 0;
    const CHALLENGE: u8 = 1;
    const OTHER_EPOCH: u8 = 2;
    const REVOKED: u8 = 3;
    const UPDATE_NEEDED: u8 = 4;
    const BUSY: u8 = 5;
    const UNREAD: u8 = 6;
    /// Beside these: the epoch is told in full.
    const EPOCH: u8 = 128;
}

struct Has;

impl Has {
    const TOKEN: u8 = 1;
    const RECEIPTS: u8 = 2;
    const NEWS: u8 = 4;
    const CURSORS: u8 = 8;
    const MORE: u8 = 16;
    const TRAIL: u8 = 32;
    const BLOCK: u8 = 64;
    const SPARE: u8 = 128;
}

/// Writes an answer to what was asked, the changes of its news in a block or plain. `None` where it has no short form.
#[must_use]
pub fn write_answer(answer: &ExchangeAnswer, asked: &Asked, block: Option<&Block>) -> Option<Vec<u8>> {
    let mut runs = Runs::default();
    let told = answer.epoch != asked.epoch;
    let is = match &answer.outcome {
        Outcome::Exchanged(_) => Is::EXCHANGED,
        Outcome::Challenge { .. } => Is::CHALLENGE,
        Outcome::OtherEpoch { .. } => Is::OTHER_EPOCH,
        Outcome::Revoked => Is::REVOKED,
        Outcome::UpdateNeeded { .. } => Is::UPDATE_NEEDED,
        Outcome::Busy { .. } => Is::BUSY,
        Outcome::Unread { .. } => Is::UNREAD,
    };
    runs.byte(is | if told { Is::EPOCH } else { 0 });
    if told {
        runs.chance(&answer.epoch.0);
    }
    runs.signed(answer.received_ms.wrapping_sub(asked.device_ms));
    runs.signed(answer.answered_ms.wrapping_sub(answer.received_ms));
    match &answer.outcome {
        Outcome::Exchanged(exchanged) => write_exchanged(&mut runs, exchanged, answer, asked, block)?,
        Outcome::Challenge { nonce } => runs.sized_chance(nonce),
        Outcome::OtherEpoch { testimony } => {
            runs.bytes(&testimony.as_ref().map_or(Ok(Vec::new()), codec::encode).ok()?);
        }
        Outcome::Revoked => {}
        Outcome::UpdateNeeded { least_version } => runs.byte(*least_version),
        Outcome::Busy { retry_after_s } => runs.number((*retry_after_s).into()),
        Outcome::Unread { dictionary } => runs.byte(*dictionary),
    }
    if let Some(block) = block {
        runs.raw.extend_from_slice(&block.raw);
        runs.rest.extend_from_slice(&block.rest);
    }
    Some(frame::close(&runs, asked.dictionary))
}

fn write_exchanged(
    runs: &mut Runs,
    exchanged: &Exchanged,
    answer: &ExchangeAnswer,
    asked: &Asked,
    block: Option<&Block>,
) -> Option<()> {
    let short = Exchanged {
        token: exchanged.token.clone(),
        receipts: exchanged.receipts.clone(),
        news: exchanged.news.clone(),
        cursors: exchanged.cursors,
        more: exchanged.more,
        trail_received: exchanged.trail_received,
        news_signature: exchanged.news_signature.clone(),
        ..Exchanged::default()
    };
    let mut has = if exchanged.token.is_some() { Has::TOKEN } else { 0 };
    has |= if exchanged.receipts.is_empty() { 0 } else { Has::RECEIPTS };
    has |= if exchanged.news.is_empty() { 0 } else { Has::NEWS };
    has |= if exchanged.cursors == asked.cursors { 0 } else { Has::CURSORS };
    has |= if exchanged.more { Has::MORE } else { 0 };
    has |= if exchanged.trail_received.is_some() { Has::TRAIL } else { 0 };
    has |= if block.is_some() { Has::BLOCK } else { 0 };
    has |= if short == *exchanged { 0 } else { Has::SPARE };
    runs.byte(has);
    if let Some(token) = &exchanged.token {
        runs.sized_chance(token);
    }
    if has & Has::CURSORS != 0 {
        for (cursor, before) in exchanged.cursors.iter().zip(&asked.cursors) {
            runs.signed(cursor.wrapping_sub(*before).cast_signed());
        }
    }
    if let Some(received) = exchanged.trail_received {
        runs.number(received);
    }
    if has & Has::RECEIPTS != 0 {
        runs.count(exchanged.receipts.len());
        exchanged.receipts.iter().for_each(|signed| write_receipt(runs, signed, answer, asked));
    }
    if has & Has::NEWS != 0 {
        write_news(runs, &exchanged.news, asked, block.is_some())?;
        let signature: [u8; 64] = exchanged.news_signature.as_slice().try_into().ok()?;
        runs.chance(&signature);
    } else if !exchanged.news_signature.is_empty() {
        return None;
    }
    if has & Has::SPARE != 0 {
        spare::write(runs, exchanged, &short).ok()?;
    }
    Some(())
}

/// A receipt begins with 0 when it goes as it is, and with its lane plus one when it is rebuilt.
fn write_receipt(runs: &mut Runs, signed: &SignedReceipt, answer: &ExchangeAnswer, asked: &Asked) {
    if let Some(receipt) = rebuildable(signed, answer, asked)
        && let Ok(signature) = <[u8; 64]>::try_from(signed.signature.as_slice())
    {
        runs.number(u64::from(receipt.lane).saturating_add(1));
        runs.number(receipt.up_to_seq);
        runs.signed(receipt.center_ms.wrapping_sub(answer.received_ms));
        runs.count(receipt.exceptions.len());
        for exception in &receipt.exceptions {
            runs.chance(&exception.change.0.0);
            runs.byte(exception.verdict.number());
            runs.bytes(exception.reason.as_bytes());
        }
        runs.chance(&signature);
        return;
    }
    runs.byte(0);
    runs.bytes(&signed.payload);
    runs.sized_chance(&signed.signature);
}

/// What a receipt says, if the other side comes to the same bytes.
fn rebuildable(signed: &SignedReceipt, answer: &ExchangeAnswer, asked: &Asked) -> Option<Receipt> {
    let receipt: Receipt = codec::decode(&signed.payload).ok()?;
    let implied = receipt.device == asked.device
        && receipt.epoch == answer.epoch
        && asked.manifests.get(&(receipt.lane, receipt.up_to_seq)) == Some(&receipt.head);
    (implied && codec::encode(&receipt).ok()? == signed.payload).then_some(receipt)
}

fn read_receipt(
    reading: &mut Reading<'_>,
    epoch: Epoch,
    received_ms: i64,
    asked: &Asked,
) -> Result<SignedReceipt, Unreadable> {
    let Some(lane) = reading.number()?.checked_sub(1) else {
        return Ok(SignedReceipt { payload: reading.bytes()?.to_vec(), signature: reading.sized_chance()? });
    };
    let lane = u8::try_from(lane).map_err(|_| Unreadable::Malformed)?;
    let up_to_seq = reading.number()?;
    let center_ms = received_ms.wrapping_add(reading.signed()?);
    let mut exceptions = Vec::new();
    for _ in 0..reading.size(MAX_EXCEPTIONS)? {
        exceptions.push(Exception {
            change: Hash32(ChangeHash(reading.chance()?)),
            verdict: Verdict::of(reading.byte()?),
            reason: reading.text()?,
        });
    }
    let head = *asked.manifests.get(&(lane, up_to_seq)).ok_or(Unreadable::LeftOut)?;
    let receipt = Receipt { device: asked.device, lane, up_to_seq, head, center_ms, epoch, exceptions };
    let payload = codec::encode(&receipt).map_err(|_| Unreadable::Malformed)?;
    Ok(SignedReceipt { payload, signature: reading.chance::<64>()?.to_vec() })
}

/// A position usually is the one after the position before.
fn write_news(runs: &mut Runs, news: &[News], asked: &Asked, packed: bool) -> Option<()> {
    let mut records = Records::default();
    let mut expected = asked.cursors.into_iter().min().unwrap_or(0).wrapping_add(1);
    runs.count(news.len());
    for one in news {
        let (number, record, position) = match one {
            News::Entered { record, position, .. } => (0, record, position),
            News::Left { record, position, .. } => (1, record, position),
            News::Changed { record, position, .. } => (2, record, position),
        };
        runs.byte(number);
        records.write(runs, record);
        runs.signed(position.wrapping_sub(expected).cast_signed());
        expected = position.wrapping_add(1);
        match one {
            News::Entered { kind, generation, changes, .. } => {
                write_kind(runs, kind);
                runs.number((*generation).into());
                if !packed {
                    write_plain(runs, changes)?;
                }
            }
            News::Left { generation, .. } => runs.number((*generation).into()),
            News::Changed { change, .. } if !packed => write_plain(runs, std::slice::from_ref(change))?,
            News::Changed { .. } => {}
        }
    }
    Some(())
}

fn read_news(reading: &mut Reading<'_>, asked: &Asked, packed: bool) -> Result<Vec<News>, Unreadable> {
    let mut records = Records::default();
    let mut expected = asked.cursors.into_iter().min().unwrap_or(0).wrapping_add(1);
    let mut news = Vec::new();
    for _ in 0..reading.size(MAX_NEWS)? {
        let number = reading.byte()?;
        let record = records.read(reading)?;
        let position = expected.wrapping_add_signed(reading.signed()?);
        expected = position.wrapping_add(1);
        news.push(match number {
            0 => News::Entered {
                record,
                kind: read_kind(reading)?,
                generation: reading.small()?,
                position,
                changes: if packed { Vec::new() } else { read_plain(reading)? },
            },
            1 => News::Left { record, generation: reading.small()?, position },
            2 => {
                let change = if packed {
                    WireChange::plain(Vec::new())
                } else {
                    let changes: [WireChange; 1] =
                        read_plain(reading)?.try_into().map_err(|_| Unreadable::Malformed)?;
                    let [change] = changes;
                    change
                };
                News::Changed { record, position, change }
            }
            _ => return Err(Unreadable::Malformed),
        });
    }
    Ok(news)
}

/// An answer that was read but for its packed changes.
#[derive(Clone, PartialEq, Debug)]
pub struct AnswerDraft {
    answer: ExchangeAnswer,
    block: Option<Block>,
}

/// Reads an answer to what was asked; nothing of its changes is made.
///
/// # Errors
/// [`Unreadable`]; nothing larger than a message was allocated.
pub fn read_answer(body: &[u8], asked: &Asked) -> Result<AnswerDraft, Unreadable> {
    let runs = frame::open(body)?;
    let mut reading = Reading::of(&runs);
    let is = reading.byte()?;
    let epoch = if is & Is::EPOCH != 0 { Epoch(reading.chance()?) } else { asked.epoch };
    let received_ms = asked.device_ms.wrapping_add(reading.signed()?);
    let answered_ms = received_ms.wrapping_add(reading.signed()?);
    let mut packed = false;
    let outcome = match is & !Is::EPOCH {
        Is::EXCHANGED => {
            let has = reading.byte()?;
            packed = has & Has::BLOCK != 0;
            Outcome::Exchanged(read_exchanged(&mut reading, has, epoch, received_ms, asked)?)
        }
        Is::CHALLENGE => Outcome::Challenge { nonce: reading.sized_chance()? },
        Is::OTHER_EPOCH => {
            let testimony = match reading.bytes()? {
                [] => None,
                bytes => Some(codec::decode(bytes).map_err(|_| Unreadable::Malformed)?),
            };
            Outcome::OtherEpoch { testimony }
        }
        Is::REVOKED => Outcome::Revoked,
        Is::UPDATE_NEEDED => Outcome::UpdateNeeded { least_version: reading.byte()? },
        Is::BUSY => Outcome::Busy { retry_after_s: reading.small()? },
        Is::UNREAD => Outcome::Unread { dictionary: reading.byte()? },
        newer => return Err(Unreadable::Outcome(newer)),
    };
    let answer = ExchangeAnswer { version: crate::VERSION, epoch, received_ms, answered_ms, outcome };
    let block = if packed {
        let (raw, rest) = reading.remainder();
        Some(Block { raw, rest })
    } else if reading.is_empty() {
        None
    } else {
        return Err(Unreadable::Malformed);
    };
    Ok(AnswerDraft { answer, block })
}

fn read_exchanged(
    reading: &mut Reading<'_>,
    has: u8,
    epoch: Epoch,
    received_ms: i64,
    asked: &Asked,
) -> Result<Exchanged, Unreadable> {
    let mut exchanged = Exchanged { cursors: asked.cursors, more: has & Has::MORE != 0, ..Exchanged::default() };
    if has & Has::TOKEN != 0 {
        exchanged.token = Some(reading.sized_chance()?);
    }
    if has & Has::CURSORS != 0 {
        for cursor in &mut exchanged.cursors {
            *cursor = cursor.wrapping_add_signed(reading.signed()?);
        }
    }
    if has & Has::TRAIL != 0 {
        exchanged.trail_received = Some(reading.number()?);
    }
    if has & Has::RECEIPTS != 0 {
        for _ in 0..reading.size(MAX_RECEIPTS)? {
            exchanged.receipts.push(read_receipt(reading, epoch, received_ms, asked)?);
        }
    }
    if has & Has::NEWS != 0 {
        exchanged.news = read_news(reading, asked, has & Has::BLOCK != 0)?;
        exchanged.news_signature = reading.chance::<64>()?.to_vec();
    }
    if has & Has::SPARE != 0 { spare::read(reading, exchanged) } else { Ok(exchanged) }
}

/// The records of news that bring changes, with their kind where it is told and how many changes: one, or any number.
pub fn documents(news: &[News]) -> impl Iterator<Item = (RecordId, Option<&str>)> {
    news.iter().filter_map(|one| match one {
        News::Entered { record, kind, .. } => Some((*record, Some(kind.as_str()))),
        News::Changed { record, .. } => Some((*record, None)),
        News::Left { .. } => None,
    })
}

impl AnswerDraft {
    /// The packed changes, if they are.
    #[must_use]
    pub const fn block(&self) -> Option<&Block> {
        self.block.as_ref()
    }

    /// Record and kind of each of the news that bring changes, in the order they were packed in.
    pub fn documents(&self) -> impl Iterator<Item = (RecordId, Option<&str>)> {
        let news = match &self.answer.outcome {
            Outcome::Exchanged(exchanged) => exchanged.news.as_slice(),
            _ => &[],
        };
        documents(news)
    }

    /// The answer, given what was made of the packed changes, of each document in order.
    ///
    /// # Errors
    /// [`Unreadable::Malformed`] when there are fewer or more of them than the news say.
    pub fn complete(self, changes: Vec<Vec<Vec<u8>>>) -> Result<ExchangeAnswer, Unreadable> {
        let mut answer = self.answer;
        if self.block.is_none() {
            return Ok(answer);
        }
        let Outcome::Exchanged(exchanged) = &mut answer.outcome else { return Err(Unreadable::Malformed) };
        let mut all = changes.into_iter();
        for one in &mut exchanged.news {
            match one {
                News::Entered { changes, .. } => {
                    let made = all.next().ok_or(Unreadable::Malformed)?;
                    *changes = made.into_iter().map(WireChange::plain).collect();
                }
                News::Changed { change, .. } => {
                    let made: [Vec<u8>; 1] =
                        all.next().and_then(|made| made.try_into().ok()).ok_or(Unreadable::Malformed)?;
                    let [bytes] = made;
                    *change = WireChange::plain(bytes);
                }
                News::Left { .. } => {}
            }
        }
        if all.next().is_none() { Ok(answer) } else { Err(Unreadable::Malformed) }
    }
}
