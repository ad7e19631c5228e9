//! The history of the trail: packed where the center understands it, plain where it does not.

use super::SyncError;
use siaga_domain::time::UtcMs;
use siaga_store::{Store, StoredFix};
use siaga_wire::exchange::{Fix, TrailBlock};
use siaga_wire::trail::{self, MAX_FIXES, MAX_RUNS, PackedTrail};

/// A plain fix with its frame, encoded, at most.
const PLAIN_BYTES: usize = 32;
/// A packed fix on a bad road.
const PACKED_BYTES: usize = 3;
const MOST_PLAIN: usize = 2_000;
/// A center that took no packed run is asked again after a day: it may have been updated.
const PLAIN_FOR_MS: i64 = 86_400_000;
/// Setting: when a center took no packed run, device UTC milliseconds.
const PLAIN_SINCE: &str = "trail_plain_since";

/// Fixes of the past, one way or the other.
#[derive(Default)]
pub(super) struct History {
    pub plain: Vec<TrailBlock>,
    pub packed: Vec<PackedTrail>,
}

/// What waits, oldest first, in about `bytes`.
pub(super) fn gather(store: &Store, bytes: usize, now: UtcMs) -> Result<History, SyncError> {
    if !goes_plain(store, now)? {
        let waiting = waiting(store, (bytes / PACKED_BYTES).min(MAX_FIXES))?;
        // What is not smaller packed, or would not come back as measured, goes as it is.
        if let Some(packed) = pack(&waiting) {
            return Ok(History { plain: Vec::new(), packed });
        }
    }
    Ok(History { plain: blocks(&waiting(store, (bytes / PLAIN_BYTES).min(MOST_PLAIN))?), packed: Vec::new() })
}

/// Packed fixes rode, and the center confirmed none at all: it does not know the packing.
pub(super) fn go_plain(store: &Store, now: UtcMs) -> Result<(), SyncError> {
    Ok(store.set_setting(PLAIN_SINCE, &now.0.to_string())?)
}

fn goes_plain(store: &Store, now: UtcMs) -> Result<bool, SyncError> {
    let since = store.setting(PLAIN_SINCE)?.and_then(|text| text.parse::<i64>().ok());
    Ok(since.is_some_and(|since| (0..PLAIN_FOR_MS).contains(&now.0.saturating_sub(since))))
}

fn waiting(store: &Store, most: usize) -> Result<Vec<StoredFix>, SyncError> {
    Ok(store.fixes_waiting(u32::try_from(most.max(1)).unwrap_or(1))?)
}

fn pack(fixes: &[StoredFix]) -> Option<Vec<PackedTrail>> {
    let blocks = blocks(fixes);
    if blocks.is_empty() || blocks.len() > MAX_RUNS {
        return None;
    }
    blocks
        .iter()
        .map(|block| trail::pack(block.first, &block.fixes).filter(|packed| packed.bytes.len() < plain_bytes(block)))
        .collect()
}

fn plain_bytes(block: &TrailBlock) -> usize {
    siaga_wire::codec::encode(block).map_or(0, |bytes| bytes.len())
}

/// Consecutive numbers become one block.
fn blocks(fixes: &[StoredFix]) -> Vec<TrailBlock> {
    let mut blocks: Vec<TrailBlock> = Vec::new();
    let mut next = None;
    for fix in fixes {
        match blocks.last_mut().filter(|_| next == Some(fix.number)) {
            Some(block) => block.fixes.push(wire_fix(fix)),
            None => blocks.push(TrailBlock { first: fix.number, fixes: vec![wire_fix(fix)] }),
        }
        next = Some(fix.number.saturating_add(1));
    }
    blocks
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked positions; casts saturate")]
pub(super) fn wire_fix(fix: &StoredFix) -> Fix {
    Fix {
        at_ms: fix.at_ms.0,
        lat_e6: (fix.position.lat() * 1e6).round() as i32,
        lon_e6: (fix.position.lon() * 1e6).round() as i32,
        accuracy_m: fix.position.accuracy_m().map(|metres| metres.round() as u32),
        speed_cms: fix.speed_mps.map(|speed| (speed * 100.0).round() as u32),
        offset_ms: fix.offset_ms,
        mock: fix.is_mock,
    }
}
