//! The archive: a closed incident with all its work done is signed and put into a file of its own.
//!
//! The file has, for the incident and for each assignment, patient and assessment of it: every change as it was admitted,
//! the document, and plain JSON that anybody can read in forty years. Identities are not in it: they lie in the database
//! only, where they can be erased. The file is opened again and everything in it compared with the signed statement before
//! the archive counts as made. A file that is there is never changed: what comes after goes into an addendum, the next file.
//!
//! Phones are told, and forget what they need no longer. Nothing is removed from the database here.

use crate::Center;
use crate::db::archive::{self, Archived};
use crate::db::projection::{self, Stored};
use crate::db::{DbError, audit, feed, log, part, scope, verdict};
use crate::keys::{create_owner_only, make_owner_only, sync_folder_of};
use rusqlite::Connection;
use sha2::{Digest, Sha256};
use siaga_document::Document;
use siaga_domain::id::{ChangeHash, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::record::Record;
use siaga_domain::time::UtcMs;
use siaga_wire::archive::{Ended, Statement, sign, verify};
use siaga_wire::codec::CodecError;
use siaga_wire::exchange::Hash32;
use siaga_wire::key::CenterPublicKey;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Where archives are, by year.
pub const ARCHIVE: &str = "archive";

/// Hours after its closing, when nothing else is set: long enough for phones that were out of coverage.
const GRACE_H: i64 = 72;

/// The setting that says otherwise.
pub const GRACE_SETTING: &str = "archive_after_h";

const HOUR_MS: i64 = 3_600_000;
const STATEMENT: &str = "statement.cbor";
const SIGNATURE: &str = "statement.sig";

/// An incident was not archived; it stays where it was, and is tried again.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("could not read what is to be archived")]
    Read(#[from] DbError),
    #[error("a document could not be made from its log")]
    Document,
    #[error("could not say a record as JSON")]
    Json(#[source] serde_json::Error),
    #[error("could not sign the statement")]
    Sign(#[source] CodecError),
    #[error("could not write an archive")]
    Write(#[source] io::Error),
    #[error("an archive that was just written does not say what was to be written")]
    Compare,
}

/// A record on its way into the archive.
struct Packed {
    stored: Stored,
    log: Vec<Vec<u8>>,
    document: Vec<u8>,
    json: Vec<u8>,
}

impl Center {
    /// Archives every closed incident whose time has come, and adds what came after the last archive; gives their ids.
    ///
    /// # Errors
    /// [`ArchiveError`]; what was archived before it stays archived.
    pub fn archive_due(&self, by: &str) -> Result<Vec<RecordId>, ArchiveError> {
        if self.storage().spare().is_err() {
            // Nothing is lost by waiting: what is closed stays where it is.
            tracing::warn!("the disk is nearly full: archives wait");
            return Ok(Vec::new());
        }
        let grace_h = self.setting(GRACE_SETTING)?.and_then(|hours| hours.parse().ok()).unwrap_or(GRACE_H);
        self.archive_closed_for(grace_h, by)
    }

    /// As [`archive_due`](Self::archive_due), for incidents that were closed so many hours ago or earlier.
    ///
    /// # Errors
    /// [`ArchiveError`]; what was archived before it stays archived.
    pub fn archive_closed_for(&self, grace_h: i64, by: &str) -> Result<Vec<RecordId>, ArchiveError> {
        let closed_before = UtcMs(self.now().0.saturating_sub(grace_h.saturating_mul(HOUR_MS)));
        let mut done = Vec::new();
        for incident in self.records(RecordKind::Incident)? {
            let closed = match &incident.record {
                Some(Record::Incident(incident)) => incident.closed.as_ref().map(|closed| closed.author.at_ms),
                _ => None,
            };
            if closed.is_some_and(|at| at <= closed_before) && self.archive_one(&incident.id, by)? {
                done.push(incident.id);
            }
        }
        Ok(done)
    }

    fn archive_one(&self, incident: &RecordId, by: &str) -> Result<bool, ArchiveError> {
        let now = self.now();
        let Some((packed, digest, number)) = self.db().read(|tx| pack(tx, incident))? else { return Ok(false) };
        let statement = Statement {
            center: self.id(),
            incident: *incident,
            number,
            archived_ms: now.0,
            records: packed.iter().map(|one| ended(&one.stored)).collect(),
        };
        let (payload, signature) = sign(&statement, self.key()).map_err(ArchiveError::Sign)?;
        let path = format!("{}/{incident}-{number}.tar", year_of(now));
        let file = self.dir().join(ARCHIVE).join(&path);
        let sha256 = write_file(&file, &payload, &signature, &packed).map_err(ArchiveError::Write)?;
        if read_file(&file, &self.key().public_key()) != Some((statement, sha256)) {
            return Err(ArchiveError::Compare);
        }
        let row = Archived {
            incident: *incident,
            number,
            path,
            sha256,
            statement: payload,
            signature,
            digest,
            archived_ms: now,
        };
        self.db().write(|tx| {
            archive::put(tx, &row)?;
            let detail = format!("number={number} sha256={}", hex::encode(sha256));
            let act = if number == 1 { "incident.archived" } else { "incident.addendum" };
            audit::append(tx, now.0, &audit::Act { by, act, subject: &incident.to_string(), detail: &detail })?;
            packed.iter().try_for_each(|one| release(tx, &one.stored))
        })?;
        self.announce()?;
        Ok(true)
    }

    /// What is wrong with an archive: `missing`, `hash`, `signature`; `None` when it is as it was made.
    #[must_use]
    pub fn archive_fault(&self, row: &Archived) -> Option<&'static str> {
        let key = self.key().public_key();
        if verify(&row.statement, &row.signature, &key).is_none() {
            return Some("signature");
        }
        let path = self.dir().join(ARCHIVE).join(&row.path);
        let Ok(found) = hash_of(&path) else { return Some("missing") };
        if found != row.sha256 {
            return Some("hash");
        }
        let inside = read_file(&path, &key).map(|(statement, _)| statement);
        if inside == verify(&row.statement, &row.signature, &key) { None } else { Some("rebuild") }
    }
}

/// Everything an archive of this incident takes, the digest of it, and its number; `None` when there is nothing to do, or
/// something is not done.
#[allow(clippy::type_complexity, reason = "a triple used once")]
fn pack(tx: &Connection, incident: &RecordId) -> Result<Option<(Vec<Packed>, [u8; 32], u32)>, ArchiveError> {
    let Some(stored) = projection::get(tx, incident)? else { return Ok(None) };
    let mut all = vec![stored];
    for part in part::of(tx, incident)? {
        all.extend(projection::get(tx, &part.record)?);
    }
    for kind in [RecordKind::Assignment, RecordKind::Patient, RecordKind::Assessment] {
        all.extend(projection::of_incident(tx, incident, kind)?);
    }
    for stored in &all {
        let works = matches!(&stored.record, Some(Record::Assignment(assignment)) if assignment.is_open());
        if works || verdict::waits_in(tx, &stored.id)? {
            return Ok(None);
        }
    }
    let digest = siaga_document::digest(all.iter().map(|stored| (stored.id, stored.heads.clone())));
    let before = archive::newest(tx, incident)?;
    if before.as_ref().is_some_and(|before| before.digest == digest) {
        return Ok(None);
    }
    let number = before.map_or(1, |before| before.number.saturating_add(1));
    let packed = all.into_iter().map(|stored| pack_one(tx, stored)).collect::<Result<Vec<_>, _>>()?;
    Ok(Some((packed, digest, number)))
}

fn pack_one(tx: &Connection, stored: Stored) -> Result<Packed, ArchiveError> {
    let log = log::bytes_between(tx, &stored.id, 0, stored.position)?;
    let document = Document::from_log(log.iter().map(Vec::as_slice)).map_err(|_| ArchiveError::Document)?;
    let entries: Vec<serde_json::Value> = document
        .entries()
        .iter()
        .map(|entry| {
            serde_json::json!({
                "id": entry.id.to_string(),
                "kind": entry.body.kind(),
                "by": entry.stamp.by,
                // The device's own clock, its time since boot, and the center's clock as the device knew it.
                "clock": entry.stamp.clock,
                "center_ms": entry.stamp.clock.center_estimate(),
                "replaces": entry.stamp.replaces.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "fields": entry.body.fields().unwrap_or_default(),
            })
        })
        .collect();
    let json = serde_json::json!({
        "id": stored.id.to_string(),
        "kind": stored.kind.code(),
        "record": stored.record,
        "entries": entries,
    });
    let json = serde_json::to_vec_pretty(&json).map_err(ArchiveError::Json)?;
    let document = document.save_verified().map_err(|_| ArchiveError::Document)?;
    Ok(Packed { stored, log, document, json })
}

/// The record leaves every phone it is told to, and with a patient its identity, which no archive holds: the work is done.
fn release(tx: &Connection, stored: &Stored) -> Result<(), DbError> {
    for device in scope::holders(tx, &stored.id)? {
        feed::leave(tx, &device, &stored.id, stored.kind)?;
    }
    if stored.kind == RecordKind::Patient {
        projection::of_parent(tx, &stored.id)?.iter().try_for_each(|identity| release(tx, identity))?;
    }
    Ok(())
}

fn ended(stored: &Stored) -> Ended {
    Ended {
        record: stored.id,
        kind: stored.kind.code().to_owned(),
        heads: stored.heads.iter().copied().map(Hash32).collect(),
        changes: stored.change_count,
    }
}

/// Writes the whole file beside and moves it to its place; gives its hash.
fn write_file(file: &Path, payload: &[u8], signature: &[u8], packed: &[Packed]) -> io::Result<[u8; 32]> {
    let folder = file.parent().ok_or_else(|| io::Error::other("an archive has a folder"))?;
    if let Some(archives) = folder.parent() {
        make_owner_only(archives)?;
    }
    make_owner_only(folder)?;
    let part = file.with_extension("part");
    let _ = fs::remove_file(&part);
    let mut tar = tar::Builder::new(create_owner_only(&part)?);
    add(&mut tar, STATEMENT, payload)?;
    add(&mut tar, SIGNATURE, signature)?;
    for one in packed {
        let id = one.stored.id;
        add(&mut tar, &format!("{id}/record.json"), &one.json)?;
        add(&mut tar, &format!("{id}/document.automerge"), &one.document)?;
        for (number, change) in one.log.iter().enumerate() {
            add(&mut tar, &format!("{id}/changes/{number:06}"), change)?;
        }
    }
    tar.into_inner().and_then(|file| file.sync_all())?;
    let sha256 = hash_of(&part)?;
    // A file under this name that no row names is what a power cut left.
    fs::rename(&part, file).and_then(|()| sync_folder_of(file))?;
    Ok(sha256)
}

fn add(tar: &mut tar::Builder<File>, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o600);
    tar.append_data(&mut header, name, bytes)
}

fn hash_of(path: &Path) -> io::Result<[u8; 32]> {
    let mut hasher = Sha256::new();
    let mut file = File::open(path)?;
    let mut piece = vec![0_u8; 64 * 1024];
    loop {
        let count = file.read(&mut piece)?;
        match piece.get(..count) {
            Some([]) | None => break,
            Some(read) => hasher.update(read),
        }
    }
    Ok(hasher.finalize().into())
}

/// What an archive says and its hash, when the signature holds and the changes in it lead to exactly the heads it names.
fn read_file(path: &Path, key: &CenterPublicKey) -> Option<(Statement, [u8; 32])> {
    let (mut payload, mut signature) = (Vec::new(), Vec::new());
    let mut logs: BTreeMap<String, BTreeMap<PathBuf, Vec<u8>>> = BTreeMap::new();
    for entry in tar::Archive::new(File::open(path).ok()?).entries().ok()? {
        let mut entry = entry.ok()?;
        let name = entry.path().ok()?.into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).ok()?;
        let parts: Vec<&str> = name.iter().filter_map(|part| part.to_str()).collect();
        match parts.as_slice() {
            [STATEMENT] => payload = bytes,
            [SIGNATURE] => signature = bytes,
            [record, "changes", _] => {
                logs.entry((*record).to_owned()).or_default().insert(name.clone(), bytes);
            }
            _ => {}
        }
    }
    let statement = verify(&payload, &signature, key)?;
    for ended in &statement.records {
        let log = logs.get(&ended.record.to_string())?;
        let document = Document::from_log(log.values().map(Vec::as_slice)).ok()?;
        let mut heads: Vec<ChangeHash> = document.heads();
        heads.sort_unstable();
        let named: Vec<ChangeHash> = ended.heads.iter().map(|head| head.0).collect();
        if heads != named || document.header()?.id != ended.record {
            return None;
        }
    }
    Some((statement, hash_of(path).ok()?))
}

/// The calendar year in UTC: archives of one year lie together.
fn year_of(at: UtcMs) -> i32 {
    jiff::Timestamp::from_millisecond(at.0).map_or(1970, |at| jiff::tz::Offset::UTC.to_datetime(at).year().into())
}
