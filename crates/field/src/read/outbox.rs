//! What waits for the center, and why; and how things stand with it.

use crate::desk::Look;
use crate::engine::Field;
use crate::failure::Failure;
use crate::view::{Outbox, OutboxItem, Reach, SyncState};
use siaga_domain::delivery::Delivery;

impl Field {
    /// # Errors
    /// `Storage` when the store does not answer.
    pub fn outbox(&self) -> Result<Outbox, Failure> {
        let look = self.look()?;
        let items = look
            .store
            .outbox()?
            .into_iter()
            .map(|row| OutboxItem {
                record: row.record.to_string(),
                kind: row.kind,
                entries: row.entries,
                lane: row.lane.number(),
                delivery: row.delivery,
                size_bytes: row.size_bytes,
            })
            .chain(look.store.kept()?.into_iter().map(|kept| OutboxItem {
                record: kept.record.to_string(),
                kind: kept.kind,
                entries: vec![kept.entry_kind],
                lane: kept.kind.lane().number(),
                delivery: Delivery::Kept { at_ms: kept.saved_ms },
                size_bytes: kept.size_bytes,
            }))
            .collect();
        Ok(Outbox { sync: sync_state(&look)?, items })
    }
}

pub(crate) fn sync_state(look: &Look<'_>) -> Result<SyncState, Failure> {
    let counts = look.store.sync_counts()?;
    let peer = look.peer.as_ref();
    Ok(SyncState {
        saved: counts.saved,
        sent: counts.sent,
        kept: counts.kept,
        parked: counts.parked,
        refused: counts.refused,
        attachments_waiting: counts.attachments_waiting,
        fixes_waiting: counts.fixes_waiting,
        last_receipt_ms: peer.and_then(|peer| peer.last_receipt_ms),
        last_exchange_ms: peer.and_then(|peer| peer.last_exchange_ms),
        reach: peer.map_or(Reach::Unknown, |peer| peer.reach.into()),
        clock_offset_ms: look.clock.offset_ms,
        clock: look.clock.standing(),
    })
}

impl From<siaga_store::Reach> for Reach {
    fn from(reach: siaga_store::Reach) -> Self {
        match reach {
            siaga_store::Reach::Unknown => Self::Unknown,
            siaga_store::Reach::Reached => Self::Reached,
            siaga_store::Reach::NoSignal => Self::NoSignal,
            siaga_store::Reach::NotOurCenter => Self::NotOurCenter,
            siaga_store::Reach::Revoked => Self::Revoked,
            siaga_store::Reach::UpdateNeeded => Self::UpdateNeeded,
            siaga_store::Reach::ClockWrong => Self::ClockWrong,
        }
    }
}
