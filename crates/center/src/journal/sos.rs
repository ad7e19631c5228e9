//! Calls for help of one device are read as one while the first of them is open: a further one is never withheld, it says
//! where the person is by now and sounds again.

use super::WriteError;
use crate::db::{desk, projection, sos};
use rusqlite::Connection;
use siaga_domain::id::{DeviceId, RecordId};
use siaga_domain::record::Record;
use siaga_domain::time::UtcMs;

/// Follows a call for help that its device wrote in. `before`: as it was read until now; `now` is of the steady clock.
pub(super) fn follow(
    tx: &Connection,
    device: &DeviceId,
    record: &RecordId,
    before: Option<&Record>,
    now: UtcMs,
) -> Result<(), WriteError> {
    let Some(Record::Sos(call)) = projection::get(tx, record)?.and_then(|stored| stored.record) else { return Ok(()) };
    let held_before = before.map(|before| match before {
        Record::Sos(before) => before.holds(),
        _ => 0,
    });
    if held_before.is_some_and(|before| call.holds() > before) {
        return held_again(tx, device, record, now);
    }
    if held_before.is_none() && call.is_open() {
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

/// The button of a call that is here was held again: it sounds again, and stands again where it had ended.
fn held_again(tx: &Connection, device: &DeviceId, record: &RecordId, now: UtcMs) -> Result<(), WriteError> {
    let head = sos::head_of(tx, record)?.unwrap_or(*record);
    if head != *record && !desk::is_open(tx, &head)? {
        sos::lead(tx, &head, record)?;
    }
    let head = sos::head_of(tx, record)?.unwrap_or(*record);
    sos::begin(tx, &head, device, now)?;
    if let Some(group) = sos::group(tx, &head)? {
        sos::sound(tx, &group, record, now)?;
    }
    Ok(())
}
