//! What is new for one device: the feed after its cursors, urgent lane first, as much as its link will bear.

use crate::db::device::Device;
use crate::db::feed::{self, FeedKind, FeedRow, Own};
use crate::db::{DbError, archive, log, part, projection};
use rusqlite::Connection;
use siaga_domain::id::{DeviceId, RecordId};
use siaga_domain::kind::{Lane, RecordKind};
use siaga_wire::archive::SignedArchive;
use siaga_wire::exchange::{News, WireChange};
use siaga_wire::{MAX_MESSAGE_BYTES, codec};
use std::collections::BTreeSet;

/// Rows looked at in one lane for one answer.
const ROWS: usize = 512;

/// Rows beyond these that are looked at so that a correction is told with what it corrects: a change has at most this many.
const CORRECTIONS: usize = 16;

/// Archives of one incident in one answer.
const ARCHIVES: usize = 4;

/// What an archive takes in an answer beside its statement.
const ARCHIVE_BYTES: usize = 72;

/// Room kept in a message for receipts and everything else that is no news.
const RESERVE_BYTES: usize = 48 * 1024;

/// What is told, and up to where.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Slice {
    pub news: Vec<News>,
    pub cursors: [u64; 2],
    pub more: bool,
    /// How many of the news carry patient data.
    pub clinical: usize,
    /// The archives of incidents whose records leave.
    pub archives: Vec<SignedArchive>,
}

impl Slice {
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.news.is_empty() && !self.more
    }
}

/// The slice of the feed after `cursors` for a device. The first thing new is told whatever the budget.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn slice(tx: &Connection, device: &Device, cursors: [u64; 2], budget_bytes: u32) -> Result<Slice, DbError> {
    let largest = MAX_MESSAGE_BYTES.saturating_sub(RESERVE_BYTES);
    let budget = usize::try_from(budget_bytes).unwrap_or(largest).min(largest);
    let head = feed::head(tx)?;
    let own = if device.copied_ms.is_some() { Own::Told } else { Own::LeftOut };
    let mut slice = Slice { cursors, ..Slice::default() };
    let mut used = 0_usize;
    let mut archived: BTreeSet<RecordId> = BTreeSet::new();
    for (lane, cursor) in Lane::DOCUMENTS.into_iter().zip(slice.cursors.iter_mut()) {
        let rows = feed::news(tx, &device.id, own, lane, *cursor, head, ROWS + CORRECTIONS)?;
        let mut whole = rows.len() < ROWS + CORRECTIONS;
        // The record whose corrected change was just told: nobody sees it without its correction.
        let mut uncorrected = None;
        for (number, row) in rows.into_iter().enumerate() {
            let Some(Item { news: item, kind, corrected, of_center }) = item(tx, &device.id, own, &row)? else {
                *cursor = row.position;
                continue;
            };
            let correcting = uncorrected == Some(row.record) && of_center;
            uncorrected = (corrected || correcting).then_some(row.record);
            if number >= ROWS && !correcting {
                whole = false;
                break;
            }
            let told = match &item {
                News::Left { record, .. } => archives_behind(tx, record, &mut archived)?,
                _ => Vec::new(),
            };
            let weight = |one: &SignedArchive| one.statement.len().saturating_add(ARCHIVE_BYTES);
            let size = codec::encode(&item).map_or(usize::MAX, |bytes| bytes.len());
            let size = told.iter().map(weight).fold(size, usize::saturating_add);
            if size > largest {
                // It could never be told; waiting for it would stop everything behind it.
                tracing::error!(record = %row.record, size, "a record is too large for one answer");
                *cursor = row.position;
                continue;
            }
            if !slice.news.is_empty() && !correcting && used.saturating_add(size) > budget {
                whole = false;
                break;
            }
            used = used.saturating_add(size);
            if matches!(kind, RecordKind::Patient | RecordKind::Identity) {
                slice.clinical = slice.clinical.saturating_add(1);
            }
            slice.news.push(item);
            slice.archives.extend(told);
            *cursor = row.position;
        }
        if whole {
            *cursor = head;
        } else {
            slice.more = true;
        }
    }
    Ok(slice)
}

/// The newest archives of the incident a record belongs to, once an answer: the phone compares them with what it holds before
/// it forgets it. It may hold what an earlier one of them says.
fn archives_behind(
    tx: &Connection,
    record: &RecordId,
    told: &mut BTreeSet<RecordId>,
) -> Result<Vec<SignedArchive>, DbError> {
    let Some(routing) = projection::routing(tx, record)? else { return Ok(Vec::new()) };
    let of_patient = match routing.parent {
        Some(patient) => projection::routing(tx, &patient)?.and_then(|routing| routing.incident),
        None => None,
    };
    let Some(incident) = routing.incident.or(of_patient).or(part::incident_of(tx, record)?) else {
        return Ok(Vec::new());
    };
    if !told.insert(incident) {
        return Ok(Vec::new());
    }
    let mut archives = archive::of(tx, &incident)?;
    archives.drain(..archives.len().saturating_sub(ARCHIVES));
    Ok(archives.into_iter().map(|one| SignedArchive { statement: one.statement, signature: one.signature }).collect())
}

/// One row as it is told.
struct Item {
    news: News,
    kind: RecordKind,
    corrected: bool,
    of_center: bool,
}

fn item(tx: &Connection, device: &DeviceId, own: Own, row: &FeedRow) -> Result<Option<Item>, DbError> {
    let Some(kind) = projection::kind(tx, &row.record)? else { return Ok(None) };
    let told = if row.kind == FeedKind::Change { log::at(tx, row.position)? } else { None };
    let (corrected, of_center) = told.as_ref().map_or((false, false), |told| (told.corrected, told.of_center));
    let news = match row.kind {
        FeedKind::Change => {
            let Some(log::Told { bytes, .. }) = told else { return Ok(None) };
            News::Changed { record: row.record, position: row.position, change: WireChange::plain(bytes) }
        }
        FeedKind::Entered { generation } => {
            // What was left again in the meantime is not shown any more.
            let left = feed::membership(tx, device, &row.record)?
                .is_some_and(|membership| membership.generation != generation || membership.left > 0);
            if left {
                return Ok(None);
            }
            let changes = if own == Own::Told || log::others_wrote_in(tx, device, &row.record, row.position)? {
                log::bytes_between(tx, &row.record, 0, row.position)?
            } else {
                Vec::new()
            };
            News::Entered {
                record: row.record,
                kind: kind.code().to_owned(),
                generation,
                position: row.position,
                changes: changes.into_iter().map(WireChange::plain).collect(),
            }
        }
        FeedKind::Left { generation } => News::Left { record: row.record, generation, position: row.position },
    };
    Ok(Some(Item { news, kind, corrected, of_center }))
}
