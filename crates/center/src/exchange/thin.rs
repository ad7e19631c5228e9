//! Thin state: open incidents outside a device's scope, as far as a list shows them.
//!
//! A phone asks for all of them once in an epoch, and then for those that moved between its cursor and the one it is
//! given: so telling them costs what happened, never how many records there are.

use crate::db::device::Device;
use crate::db::{DbError, feed, projection, thin};
use rusqlite::Connection;
use siaga_domain::kind::RecordKind;
use siaga_domain::record::Record;
use siaga_domain::record::brief::Brief;
use siaga_wire::exchange::Thin;

/// Told at once, at most: a list longer than this is not read.
const MOST: usize = 256;

/// What is new between two positions, or all that is open where the phone knows nothing yet.
///
/// # Errors
/// [`DbError`] naming the step.
pub(super) fn told(
    tx: &Connection,
    device: &Device,
    asked: Option<u8>,
    from: u64,
    to: u64,
) -> Result<Vec<Thin>, DbError> {
    let Some(asked) = asked else { return Ok(Vec::new()) };
    let all = asked == siaga_wire::exchange::THIN_ALL;
    let records = if all { thin::newest(tx, MOST)? } else { thin::moved(tx, from, to, MOST)? };
    let mut told = Vec::new();
    for record in records {
        let in_scope = feed::membership(tx, &device.id, &record)?.is_some_and(|membership| membership.left == 0);
        if in_scope {
            continue;
        }
        let Some(Record::Incident(incident)) = projection::get(tx, &record)?.and_then(|stored| stored.record) else {
            continue;
        };
        let brief = Brief::of(&incident);
        if all && !brief.open {
            continue;
        }
        let Ok(brief) = serde_json::to_string(&brief) else { continue };
        told.push(Thin { record, kind: RecordKind::Incident.code().to_owned(), brief });
    }
    Ok(told)
}
