//! Writing: one use case, one transaction. Intent, changes, outbox rows, projections: all or none.
//!
//! There is no state in which a record exists and is not queued.

use crate::attachment;
use crate::cached::Cached as _;
use crate::failure::{Step, StoreError};
use crate::log::{self, Origin};
use crate::room::Need;
use crate::{NewAttachment, Store, kept, life, mend, part, row, terms};
use rusqlite::{Transaction, params};
use siaga_document::{Change, Document, Header, NewEntry};
use siaga_domain::entry::Body;
use siaga_domain::id::{ActorId, ChangeHash, RecordId};
use siaga_domain::kind::{Lane, RecordKind, Role};
use siaga_domain::policy::{Author, may_write};
use siaga_domain::record::Record;
use siaga_domain::time::{ClockReading, UtcMs};

/// The schema of the documents this build begins.
const SCHEMA: u32 = 1;

/// One use case's writing.
pub struct Authoring<'a> {
    /// The use case: `press`, `report`.
    pub intent: &'static str,
    /// Its command as JSON, kept in the intent log.
    pub intent_json: &'a str,
    /// The person checked in; empty when nobody is. The envelope speaks for one person.
    pub by: &'a str,
    pub at: ClockReading,
    /// Asked against the policy before anything is written.
    pub role: Role,
    pub records: Vec<RecordWrite>,
    pub attachments: Vec<NewAttachment>,
    pub settings: Vec<(String, String)>,
}

/// Entries for one record.
#[derive(Clone)]
pub struct RecordWrite {
    pub id: RecordId,
    pub kind: RecordKind,
    /// Begin the record; it must not exist yet.
    pub create: bool,
    pub entries: Vec<NewEntry>,
}

/// What came of one [`RecordWrite`].
#[derive(Clone, Debug)]
pub struct AuthoredRecord {
    pub id: RecordId,
    pub kind: RecordKind,
    pub changes: Vec<ChangeHash>,
    /// As people see it now.
    pub record: Option<Record>,
}

impl Store {
    /// Writes a use case to the disk. When this returns, a power cut takes nothing of it away.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing of it was written.
    pub fn author(&self, write: Authoring<'_>) -> Result<Vec<AuthoredRecord>, StoreError> {
        let author = Author::Device(write.role);
        for record in &write.records {
            for entry in &record.entries {
                may_write(author, record.kind, entry.body.kind()).map_err(StoreError::Denied)?;
            }
        }
        let is_urgent =
            write.attachments.is_empty() && write.records.iter().all(|record| record.kind.lane() == Lane::Urgent);
        self.must_have_room(if is_urgent { Need::Urgent } else { Need::Rest })?;
        match self.write(&write) {
            Err(error) if is_urgent && error.is_full() => {
                self.make_room();
                self.write(&write)
            }
            written => written,
        }
    }

    fn write(&self, write: &Authoring<'_>) -> Result<Vec<AuthoredRecord>, StoreError> {
        let tx = self.writing()?;
        let mut authored = Vec::with_capacity(write.records.len());
        for record in &write.records {
            let mut known = kept::take_out(&tx, record, write.at.device)?;
            for entry in &mut known.entries {
                terms::number_patient(&tx, &mut entry.body)?;
            }
            authored.push(match known.entries.is_empty() && !record.entries.is_empty() {
                true => AuthoredRecord { id: known.id, kind: known.kind, changes: Vec::new(), record: None },
                false => write_record(&tx, &known, &self.draw, (write.by, write.at.device))?,
            });
        }
        for new in &write.attachments {
            attachment::insert(&tx, new, write.at.device)?;
        }
        for (key, value) in &write.settings {
            crate::setting::put(&tx, key, value)?;
        }
        let changes: Vec<ChangeHash> = authored.iter().flat_map(|record| record.changes.iter().copied()).collect();
        tx.run(
            "INSERT INTO intent (name, command, person, device_ms, changes) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![write.intent, write.intent_json, write.by, write.at.device.0, row::join(&changes)],
        )
        .step("write the intent")?;
        tx.commit().step("commit the use case")?;
        Ok(authored)
    }
}

fn write_record(
    tx: &Transaction<'_>,
    write: &RecordWrite,
    draw: &life::Draw,
    (person, at): (&str, UtcMs),
) -> Result<AuthoredRecord, StoreError> {
    let called = write.id;
    let write = &match write.create {
        true => write.clone(),
        false => RecordWrite { id: part::goes_on_in(tx, write.id, write.kind)?, ..write.clone() },
    };
    let found = mend::open(tx, write.id, at, draw)?;
    // Read only now: mending may have drawn another one.
    let actor = match &found {
        // Changes of this actor may stand in the part that cannot be read: their numbers are taken.
        Some(found) if !found.is_whole => life::draw_actor(tx, draw),
        _ => life::actor(tx),
    }
    .step("read the actor")?;
    let begin = || {
        let header = Header { id: write.id, kind: write.kind, schema: SCHEMA };
        Document::create(header, actor, &write.entries).map_err(StoreError::Author)
    };
    let (document, changes) = match (found.map(|found| found.document), write.create) {
        (Some(_), true) => return Err(StoreError::RecordExists(write.id)),
        (None, false) => return Err(StoreError::NoSuchRecord(write.id)),
        (None, true) => begin()?,
        // Its beginning is damaged and will be fetched again; what is said now is saved all the same.
        (Some(document), false) if document.header().is_none() => begin()?,
        (Some(mut document), false) => {
            if document.header().is_none_or(|header| header.kind != write.kind) {
                return Err(StoreError::NoSuchRecord(write.id));
            }
            let changes = document.append(actor, &write.entries).map_err(StoreError::Author)?;
            (document, changes)
        }
    };
    let schema = document.header().map_or(SCHEMA, |header| header.schema);
    for change in &changes {
        log::append(tx, write.id, write.kind, change, Origin::Local, at)?;
        enqueue(tx, write, schema, change, person)?;
    }
    log::refresh(tx, &document, at)?;
    Ok(AuthoredRecord {
        id: called,
        kind: write.kind,
        changes: changes.iter().map(|change| change.hash).collect(),
        record: document.record(),
    })
}

fn enqueue(
    tx: &Transaction<'_>,
    write: &RecordWrite,
    schema: u32,
    change: &Change,
    person: &str,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO outbox (change, record, kind, schema, lane, person, size_bytes, attachments)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )
    .and_then(|mut statement| {
        statement.execute(params![
            change.hash.0.as_slice(),
            write.id.as_bytes().as_slice(),
            write.kind.code(),
            schema,
            write.kind.lane().number(),
            person,
            i64::try_from(change.bytes.len()).unwrap_or(i64::MAX),
            row::join(&attachments_of(&write.entries)),
        ])
    })
    .step("put the change into the outbox")?;
    for entry in &write.entries {
        tx.prepare_cached("INSERT INTO entry (entry, change, record, kind) VALUES (?1, ?2, ?3, ?4)")
            .and_then(|mut statement| {
                statement.execute(params![
                    entry.id.as_bytes().as_slice(),
                    change.hash.0.as_slice(),
                    write.id.as_bytes().as_slice(),
                    entry.body.kind(),
                ])
            })
            .step("note the entry's change")?;
    }
    Ok(())
}

/// Writes entries that were kept, in a transaction that is under way.
pub(crate) fn write_late(
    tx: &Transaction<'_>,
    write: &RecordWrite,
    draw: &life::Draw,
    person: &str,
    at: UtcMs,
) -> Result<(), StoreError> {
    write_record(tx, write, draw, (person, at)).map(|_| ())
}

/// Writes entries that were refused in bad company once more, under another actor, and queues them. A document that is
/// not here any more begins anew.
pub(crate) fn replay(
    tx: &Transaction<'_>,
    write: &RecordWrite,
    document: &mut Document,
    actor: ActorId,
    person: &str,
    at: UtcMs,
) -> Result<(), StoreError> {
    let (schema, changes) = match document.header() {
        Some(header) => (header.schema, document.append(actor, &write.entries).map_err(StoreError::Author)?),
        None => {
            let header = Header { id: write.id, kind: write.kind, schema: SCHEMA };
            let (made, changes) = Document::create(header, actor, &write.entries).map_err(StoreError::Author)?;
            *document = made;
            (SCHEMA, changes)
        }
    };
    for change in changes {
        log::append(tx, write.id, write.kind, &change, Origin::Local, at)?;
        enqueue(tx, write, schema, &change, person)?;
    }
    Ok(())
}

/// Puts a change of the log into the outbox once more, to travel in a new envelope.
pub(crate) fn enqueue_again(
    tx: &Transaction<'_>,
    hash: &ChangeHash,
    record: RecordId,
    kind: RecordKind,
    bytes: &[u8],
) -> Result<(), StoreError> {
    let entries = Document::entries_in(bytes);
    let person = entries.first().map(|entry| entry.stamp.by.clone()).unwrap_or_default();
    tx.prepare_cached(
        "INSERT INTO outbox (change, record, kind, schema, lane, person, size_bytes, attachments)
         SELECT ?1, ?2, ?3, coalesce((SELECT schema FROM record WHERE id = ?2), ?4), ?5, ?6, ?7, ?8
         WHERE NOT EXISTS (SELECT 1 FROM outbox WHERE change = ?1)",
    )
    .and_then(|mut statement| {
        statement.execute(params![
            hash.0.as_slice(),
            record.as_bytes().as_slice(),
            kind.code(),
            SCHEMA,
            kind.lane().number(),
            person,
            i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            row::join(&attachments_of(&entries)),
        ])
    })
    .step("put the change into the outbox again")?;
    Ok(())
}

fn attachments_of(entries: &[NewEntry]) -> Vec<ChangeHash> {
    entries
        .iter()
        .flat_map(|entry| match &entry.body {
            Body::Note(note) => [note.thumbnail.as_deref(), note.attachment.as_deref()],
            _ => [None, None],
        })
        .filter_map(|name| attachment::parse_hash(name?))
        .collect()
}
