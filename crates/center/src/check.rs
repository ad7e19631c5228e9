//! Proves the store: every envelope's signature and place in its chain, every change's hash, every document
//! rebuilt from its log and compared with what people are shown, every attachment, and the audit chain.
//!
//! Nothing is repaired here, and nothing is believed because it is in the database.

use crate::Center;
use crate::db::chain::{self, StoredEnvelope};
use crate::db::{DbError, archive, attachment, audit, claimed, device, log, projection};
use crate::journal::parts;
use rusqlite::Connection;
use serde::Serialize;
use sha2::{Digest, Sha256};
use siaga_document::Document;
use siaga_domain::id::{ChangeHash, DeviceId, RecordId};
use siaga_wire::codec;
use siaga_wire::envelope::{Envelope, change_hash, verify};
use siaga_wire::key::DevicePublicKey;
use std::collections::{BTreeMap, BTreeSet};

/// One thing that does not hold.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Problem {
    /// `envelope`, `change`, `record`, `snapshot`, `attachment`, `archive`, `audit`, `database`.
    pub what: &'static str,
    /// Which one: an id, a hash, a number.
    pub id: String,
    /// What does not hold, as a code: `hash`, `signature`, `chain`, `missing`, `rebuild`, `projection`, `heads`.
    pub fault: &'static str,
}

/// What was looked at, and what does not hold.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct CheckReport {
    pub records: usize,
    pub changes: usize,
    pub envelopes: usize,
    pub attachments: usize,
    pub archives: usize,
    pub audit_rows: i64,
    pub problems: Vec<Problem>,
}

impl CheckReport {
    fn add(&mut self, what: &'static str, id: impl ToString, fault: &'static str) {
        self.problems.push(Problem { what, id: id.to_string(), fault });
    }
}

impl Center {
    /// Checks everything there is, in one consistent view.
    ///
    /// # Errors
    /// [`DbError`] when the database cannot even be read.
    pub fn check(&self) -> Result<CheckReport, DbError> {
        let mut report = CheckReport::default();
        self.db().read(|tx| {
            for damage in crate::db::integrity(tx)? {
                report.add("database", damage, "damaged");
            }
            check_envelopes(tx, self, &mut report)?;
            for (record, _) in projection::all_ids(tx)? {
                check_record(tx, &record, &mut report)?;
                report.records = report.records.saturating_add(1);
            }
            for record in log::records_without_projection(tx)? {
                report.add("record", record, "missing");
            }
            let (rows, broken) = audit::verify(tx)?;
            report.audit_rows = rows;
            if let Some(number) = broken {
                report.add("audit", number, "chain");
            }
            self.check_archives(tx, &mut report)?;
            self.check_attachments(tx, &mut report)
        })?;
        Ok(report)
    }

    fn check_archives(&self, tx: &Connection, report: &mut CheckReport) -> Result<(), DbError> {
        for row in archive::all(tx)? {
            report.archives = report.archives.saturating_add(1);
            if let Some(fault) = self.archive_fault(&row) {
                report.add("archive", &row.path, fault);
            }
        }
        Ok(())
    }

    fn check_attachments(&self, tx: &Connection, report: &mut CheckReport) -> Result<(), DbError> {
        for hash in attachment::whole(tx)? {
            report.attachments = report.attachments.saturating_add(1);
            let path = self.dir().join(crate::center::ATTACHMENTS).join(hex::encode(hash));
            match std::fs::read(&path) {
                Ok(bytes) if <[u8; 32]>::from(Sha256::digest(&bytes)) == hash => {}
                Ok(_) => report.add("attachment", hex::encode(hash), "hash"),
                Err(_) => report.add("attachment", hex::encode(hash), "missing"),
            }
        }
        Ok(())
    }
}

fn check_envelopes(tx: &Connection, center: &Center, report: &mut CheckReport) -> Result<(), DbError> {
    let keys: BTreeMap<DeviceId, DevicePublicKey> =
        device::all(tx)?.into_iter().map(|device| (device.id, device.public_key)).collect();
    let mut last: Option<(DeviceId, u8, u64, ChangeHash)> = None;
    chain::each(tx, |stored| {
        report.envelopes = report.envelopes.saturating_add(1);
        let expected = match last {
            Some((device, lane, seq, manifest)) if device == stored.device && lane == stored.lane => {
                (seq.saturating_add(1), manifest)
            }
            _ => (1, ChangeHash([0; 32])),
        };
        last = Some((stored.device, stored.lane, stored.seq, stored.manifest));
        if (stored.seq, stored.prev) != expected {
            report.add("envelope", stored.number, "chain");
        }
        check_envelope(tx, center, &keys, &stored, report)
    })
}

fn check_envelope(
    tx: &Connection,
    center: &Center,
    keys: &BTreeMap<DeviceId, DevicePublicKey>,
    stored: &StoredEnvelope,
    report: &mut CheckReport,
) -> Result<(), DbError> {
    let Ok(envelope) = codec::decode::<Envelope>(&stored.bytes) else {
        report.add("envelope", stored.number, "bytes");
        return Ok(());
    };
    let header = &envelope.header;
    let said = (header.center, header.device, header.lane, header.seq, header.prev);
    if said != (center.id(), stored.device, stored.lane, stored.seq, stored.prev) {
        report.add("envelope", stored.number, "header");
    }
    let manifest = keys.get(&stored.device).and_then(|key| verify(&envelope, key).ok());
    if manifest != Some(stored.manifest) {
        report.add("envelope", stored.number, "signature");
    }
    for sent in envelope.documents.iter().flat_map(|document| &document.changes) {
        let hash = change_hash(&sent.bytes);
        if !log::has_verdict(tx, &hash, &sent.bytes)? {
            report.add("change", hash, "missing");
        }
    }
    Ok(())
}

fn check_record(tx: &Connection, record: &RecordId, report: &mut CheckReport) -> Result<(), DbError> {
    let changes = log::of_record(tx, record)?;
    report.changes = report.changes.saturating_add(changes.len());
    for change in &changes {
        if change_hash(&change.bytes) != change.hash {
            report.add("change", change.hash, "hash");
        }
    }
    let Ok(document) = Document::from_log(changes.iter().map(|change| change.bytes.as_slice())) else {
        report.add("record", record, "rebuild");
        return Ok(());
    };
    let logged: BTreeSet<_> = changes.iter().map(|change| (change.hash, change.actor, change.seq)).collect();
    let rebuilt: BTreeSet<_> =
        document.changes().into_iter().map(|change| (change.hash, change.actor, change.seq)).collect();
    for (hash, ..) in logged.symmetric_difference(&rebuilt) {
        report.add("change", hash, "log");
    }
    let stored = match projection::get(tx, record) {
        Ok(Some(stored)) => stored,
        // A row that cannot be read is a finding, not the end of the check.
        Ok(None) | Err(_) => {
            report.add("record", record, "projection");
            return Ok(());
        }
    };
    if stored.heads != document.heads() || usize::try_from(stored.change_count).ok() != Some(document.change_count()) {
        report.add("record", record, "heads");
    }
    let shown = match parts::whole(tx, record, stored.kind, &document) {
        Ok(None) => document.record(),
        Ok(Some(whole)) if whole.incident == *record => whole.record(),
        Ok(Some(_)) => None,
        // Another part of the incident is named where it is looked at.
        Err(_) => stored.record.clone(),
    };
    let claims = claimed::of(tx, record)?;
    let shown = shown.map(|shown| claims.correct(shown, stored.made_ms));
    if stored.record != shown
        || document.header().is_none_or(|header| header.id != *record || header.kind != stored.kind)
    {
        report.add("record", record, "projection");
    }
    if let Some((position, save)) = log::snapshot(tx, record)? {
        let tail = log::bytes_between(tx, record, position, u64::MAX)?;
        let from_cache = Document::from_cache(&save, tail.iter().map(Vec::as_slice));
        if from_cache.map(|cached| cached.heads()) != Ok(document.heads()) {
            report.add("snapshot", record, "heads");
        }
    }
    Ok(())
}
