//! What patients are called: fixed once, in the transaction that takes their record in.
//!
//! A patient whose phone had letters brings its number. To every other the center gives the next of its incident, as an entry
//! of its own that phones of 0.2.0 keep without understanding it. Of a record in the archive nothing is written any more:
//! its number stands here alone.

use super::admit::Open;
use super::{Logging, RecordWrite, Start, WriteError, log_changes};
use crate::Center;
use crate::db::{DbError, letters, log, projection};
use rusqlite::Connection;
use siaga_document::Document;
use siaga_domain::entry::Body;
use siaga_domain::id::{DeviceId, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::patient_number::PatientNumber;
use siaga_domain::record::Record;
use siaga_domain::record::patient::{Numbered, Patient};
use siaga_domain::time::UtcMs;
use std::collections::BTreeMap;

/// Who numbers, as timelines show it.
const BY: &str = "112";

/// Patients numbered in one go.
const AT_ONCE: usize = 100;

fn patient_in(document: &Document) -> Option<Patient> {
    match document.record() {
        Some(Record::Patient(patient)) => Some(patient),
        _ => None,
    }
}

/// Fixes the number that a patient's own record says; whether there is one.
fn fix_own(tx: &Connection, patient: &Patient, writer: Option<&DeviceId>, now: UtcMs) -> Result<bool, DbError> {
    let Some(number) = &patient.number else { return Ok(false) };
    let is_foreign = match (number.letters(), writer) {
        (Some(of), Some(writer)) => !letters::are_of(tx, &of, writer, now)?,
        _ => false,
    };
    letters::fix(tx, &patient.id, &patient.incident, number, is_foreign)?;
    Ok(true)
}

impl Center {
    /// Numbers a patient that a device brought, where it has no number yet.
    pub(super) fn number_brought(
        &self,
        tx: &Connection,
        open: &mut Open,
        writer: &DeviceId,
        now: UtcMs,
    ) -> Result<(), WriteError> {
        if open.kind != RecordKind::Patient || letters::called(tx, &open.record)?.is_some() {
            return Ok(());
        }
        let Some(patient) = patient_in(&open.document) else { return Ok(()) };
        if fix_own(tx, &patient, Some(writer), now)? {
            return Ok(());
        }
        let number = letters::next_of_incident(tx, &patient.incident)?;
        let entries = self.stamped(&[], &[Body::Numbered(Numbered { number })], BY, now);
        let changes = open.document.append(self.actor(), &entries).map_err(WriteError::Author)?;
        let logged: Vec<Logging> = changes.into_iter().map(Logging::own).collect();
        open.position = log_changes(tx, &open.record, open.kind, &logged, BY, now)?;
        open.added = open.added.saturating_add(logged.len());
        if let Some(last) = logged.last() {
            for entry in &entries {
                log::append_entry(tx, &open.record, &entry.id, entry.body.kind(), &last.change.hash)?;
            }
        }
        letters::fix(tx, &patient.id, &patient.incident, &PatientNumber::of_the_center(number), false)?;
        Ok(())
    }

    /// Numbers patients that came without: before this center knew numbers, or given back after it was put back.
    ///
    /// # Errors
    /// [`WriteError`] naming the step; those before it are numbered.
    pub fn number_patients(&self) -> Result<(), WriteError> {
        loop {
            let waiting = self.db().read(|tx| letters::unnumbered(tx, AT_ONCE))?;
            if waiting.is_empty() {
                return self.announce().map_err(WriteError::Database);
            }
            for (record, may_be_written) in waiting {
                self.number_one(&record, may_be_written)?;
            }
        }
    }

    fn number_one(&self, record: &RecordId, may_be_written: bool) -> Result<(), WriteError> {
        let now = self.now();
        let committed = self.db().write(|tx| {
            let mut open = BTreeMap::new();
            let Some(Record::Patient(patient)) = projection::get(tx, record)?.and_then(|stored| stored.record) else {
                return Ok(open);
            };
            let writer = log::first_origin(tx, record)?;
            if letters::called(tx, record)?.is_some() || fix_own(tx, &patient, writer.as_ref(), now)? {
                return Ok(open);
            }
            let number = letters::next_of_incident(tx, &patient.incident)?;
            if may_be_written {
                let entries = vec![Body::Numbered(Numbered { number })];
                let write = RecordWrite { record: *record, kind: RecordKind::Patient, start: Start::Append, entries };
                match self.write_one(tx, &write, BY, now, &mut open) {
                    Ok(_) => {}
                    // Its number is fixed all the same; what cannot be read now is not written to.
                    Err(WriteError::Damaged(_) | WriteError::Load(_)) => {
                        tracing::warn!(%record, "a patient's number is not told to phones: the record cannot be read");
                    }
                    Err(error) => return Err(error),
                }
            }
            letters::fix(tx, record, &patient.incident, &PatientNumber::of_the_center(number), false)?;
            Ok::<_, WriteError>(open)
        })?;
        for (record, (position, document)) in committed {
            self.documents().keep(record, position, document);
        }
        Ok(())
    }
}
