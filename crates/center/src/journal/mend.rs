//! Damage in the log: found, kept as it was found, mended from the envelope or the snapshot, and asked of phones by hash.
//!
//! A row keeps its place, its verdict and its author; only its bytes are replaced, and only by bytes its hash names. So
//! whoever brings them need not be believed, and nothing is doubled.

use super::{Settling, WriteError, documents, settle};
use crate::Center;
use crate::db::{DbError, audit, damage, log, projection, setting};
use rusqlite::Connection;
use siaga_document::{changes_in, is_intact};
use siaga_domain::id::{ChangeHash, DeviceId, RecordId};
use siaga_domain::time::UtcMs;
use siaga_wire::exchange::{Hash32, WireChange};
use siaga_wire::repair::{Fault, MAX_FAULT_CODE, MAX_FAULTS, MAX_MENDED};
use std::collections::{BTreeMap, BTreeSet};

/// A device is asked for the same again after this long.
const ASK_AGAIN_MS: i64 = 6 * 3_600_000;
/// Setting: the log was looked over up to this position.
const LOOKED_UP_TO: &str = "looked_up_to";

impl Center {
    /// Looks at so many rows of the log, going on where the last look ended, and at records that did not load as they
    /// should. Called every minute.
    ///
    /// # Errors
    /// [`WriteError`] when the database fails; what was mended before stays.
    pub fn look_over(&self, at_most: usize) -> Result<(), WriteError> {
        let (from, next, mut found) = self.db().read(|tx| {
            let from: u64 = setting::get(tx, LOOKED_UP_TO)?.and_then(|text| text.parse().ok()).unwrap_or(0);
            let rows = log::rows_after(tx, from, at_most)?;
            let next = if rows.len() < at_most { 0 } else { rows.last().map_or(0, |row| row.position) };
            let mut found = BTreeSet::new();
            for row in rows.iter().filter(|row| !is_intact(&row.bytes, &row.hash)) {
                found.insert(row.record);
            }
            Ok::<_, DbError>((from, next, found))
        })?;
        found.extend(self.documents().suspects());
        for record in found {
            self.mend(record)?;
        }
        if next != from {
            self.db().write(|tx| setting::set(tx, LOOKED_UP_TO, &next.to_string()))?;
        }
        Ok(())
    }

    /// Writes anew the projections that could not be read as they are stored.
    ///
    /// # Errors
    /// [`DbError`] when the database fails.
    pub fn rebuild_spoilt(&self) -> Result<(), DbError> {
        for record in self.db().spoilt() {
            let is_whole = self.db().write(|tx| {
                let Some(stored) = projection::get(tx, &record)? else { return Ok(true) };
                let is_elsewhere = crate::db::spoilt::is_shown_elsewhere(tx, &record)?;
                if stored.record.is_some() || is_elsewhere {
                    projection::put(tx, &stored)?;
                    tracing::warn!(%record, "a projection could not be read and was made anew from the log");
                }
                Ok::<_, DbError>(stored.record.is_some() || is_elsewhere)
            })?;
            if is_whole {
                self.db().is_whole_again(&record);
            }
        }
        Ok(())
    }

    /// Looks at all of one record and sets right what can be set right here.
    ///
    /// # Errors
    /// [`WriteError`] when the database fails.
    pub fn mend(&self, record: RecordId) -> Result<(), WriteError> {
        let _turn = self.turns().take(BTreeSet::from([record]));
        let now = self.now();
        self.db().write(|tx| mend_one(tx, &record, now))?;
        self.documents().forget(&record);
        self.announce()?;
        Ok(())
    }

    /// Takes damaged changes as phones have them; nothing but bytes that a damaged row is named by counts.
    ///
    /// # Errors
    /// [`WriteError`] when the database fails.
    pub(crate) fn take_mended(&self, device: &DeviceId, given: &[WireChange]) -> Result<(), WriteError> {
        let mut records: BTreeMap<RecordId, Vec<(ChangeHash, Vec<u8>)>> = BTreeMap::new();
        for change in given.iter().take(MAX_MENDED) {
            for (hash, bytes) in changes_in(&change.bytes) {
                if let Some(record) = self.db().read(|tx| damage::record_of_open(tx, &hash))? {
                    records.entry(record).or_default().push((hash, bytes));
                }
            }
        }
        for (record, changes) in records {
            let now = self.now();
            self.db().write(|tx| {
                for (hash, bytes) in &changes {
                    put_back(tx, hash, bytes, now)?;
                }
                let detail = format!("changes={}", changes.len());
                let (by, subject) = (device.to_string(), record.to_string());
                audit::append(
                    tx,
                    now.0,
                    &audit::Act { by: &by, act: "change.mended", subject: &subject, detail: &detail },
                )
            })?;
            self.mend(record)?;
            self.let_in_what_waited(&BTreeSet::from([record]))?;
        }
        Ok(())
    }

    /// What a device is asked for now of what is damaged here.
    pub(crate) fn ask_for_damaged(&self, device: &DeviceId) -> Result<Vec<Hash32>, DbError> {
        let now = self.now();
        let asked = self.db().read(|tx| damage::to_ask(tx, device, now.plus(-ASK_AGAIN_MS), MAX_MENDED))?;
        if !asked.is_empty() {
            self.db().write(|tx| damage::mark_asked(tx, device, &asked, now))?;
        }
        Ok(asked.into_iter().map(Hash32).collect())
    }

    /// Keeps what a phone says befell it.
    pub(crate) fn note_faults(&self, device: &DeviceId, faults: &[Fault]) -> Result<(), DbError> {
        let now = self.now();
        for fault in faults.iter().take(MAX_FAULTS).filter(|fault| is_code(&fault.code)) {
            self.db().write(|tx| {
                if damage::put_fault(tx, device, fault, now)? {
                    let (by, detail) = (device.to_string(), format!("count={} saved={}", fault.count, fault.saved));
                    let act = format!("phone.{}", fault.code);
                    audit::append(tx, now.0, &audit::Act { by: &by, act: &act, subject: &by, detail: &detail })?;
                }
                Ok::<_, DbError>(())
            })?;
        }
        Ok(())
    }
}

/// Whether a word of a phone's is a code, known here or not.
pub(crate) fn is_code(word: &str) -> bool {
    word.len() <= MAX_FAULT_CODE && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

fn mend_one(tx: &Connection, record: &RecordId, now: UtcMs) -> Result<(), WriteError> {
    let (mut found, mut open) = (0_usize, 0_usize);
    for row in log::of_record(tx, record)? {
        if is_intact(&row.bytes, &row.hash) {
            continue;
        }
        found = found.saturating_add(usize::from(damage::put(tx, &row.hash, record, &row.bytes, now)?));
        match log::copy_of(tx, record, &row.hash, row.envelope)? {
            Some(bytes) => put_back(tx, &row.hash, &bytes, now)?,
            None => open = open.saturating_add(1),
        }
    }
    let cached = log::drop_snapshot(tx, record)?;
    if found > 0 || cached {
        let act = if found > 0 { "change.damaged" } else { "snapshot.damaged" };
        tracing::error!(%record, found, open, "what is stored of a record is not what was written");
        let detail = format!("found={found} open={open}");
        audit::append(tx, now.0, &audit::Act { by: "center", act, subject: &record.to_string(), detail: &detail })?;
    }
    let Some(known) = projection::get(tx, record)? else { return Ok(()) };
    let document = documents::load(tx, record, known.position)?;
    // What people see of a record in part stays as it was, until somebody writes into it.
    if open == 0 {
        let (kind, position) = (known.kind, known.position);
        let known = Some(known);
        settle(
            tx,
            &Settling { record: *record, kind, document: &document, known, position, added: 0, writer: None, now },
        )?;
    }
    Ok(())
}

fn put_back(tx: &Connection, hash: &ChangeHash, bytes: &[u8], now: UtcMs) -> Result<(), DbError> {
    log::put_bytes(tx, hash, bytes)?;
    damage::mended(tx, hash, now)
}
