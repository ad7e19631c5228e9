//! Calls for help of one device are read as one while the first of them is open: a further one is never withheld, it says
//! where the person is by now and sounds again.

use super::WriteError;
use crate::db::{projection, sos};
use rusqlite::Connection;
use siaga_domain::id::{DeviceId, RecordId};
use siaga_domain::record::Record;
use siaga_domain::time::UtcMs;

/// Follows a call for help that its device wrote in. `is_new`: it was not there before. `now` is of the steady clock.
pub(super) fn follow(
    tx: &Connection,
    device: &DeviceId,
    record: &RecordId,
    is_new: bool,
    now: UtcMs,
) -> Result<(), WriteError> {
    let Some(Record::Sos(call)) = projection::get(tx, record)?.and_then(|stored| stored.record) else { return Ok(()) };
    if is_new && call.is_open() {
        match sos::open_group(tx, device)?.filter(|group| group.head != *record) {
            Some(group) => sos::join(tx, &group, record, now)?,
            None => sos::begin(tx, record, device, now)?,
        }
    } else if !call.is_open() && call.answers.is_empty() {
        // The crew took it back itself; a later call of it stands.
        if let Some(next) = sos::further(tx, record, 1)?.first() {
            sos::lead(tx, record, next)?;
        }
    }
    Ok(())
}
