//! Records that phones refuse for ever, written anew: the same content under another id, without what they refuse.
//!
//! Until 0.2.0 the console took text that the admission check of phones does not: a control character, more bytes than
//! a field holds. Every phone then lacks that change and all that depend on it, so the crew has no task, or an old one.
//! And a device could give a change a time after which phones of 0.2.0 take no further change of its record.
//! Such a record is found once, when the center is opened, and replaced together with the records that name it. The old
//! one stays in the log as it was and leaves every scope. What phones still write into it is carried over.

use super::{Logging, Settling, WriteError, log_changes, parts, settle};
use crate::Center;
use crate::db::log::{Received, Writer};
use crate::db::projection::{self, Stored};
use crate::db::{DbError, archive, audit, feed, log, part, replaced, scope, setting};
use rusqlite::Connection;
use serde_json::Value;
use siaga_document::{Document, Header, NewEntry};
use siaga_domain::entry::{Body, Entry, Note, Stamp, belongs};
use siaga_domain::id::{EntryId, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::text;
use siaga_domain::time::UtcMs;
use siaga_wire::SCHEMA;
use std::collections::{BTreeMap, BTreeSet};

/// Setting: the center's own changes were checked up to this feed position.
const CHECKED_UP_TO: &str = "own_changes_checked_up_to";

/// Setting: changes of devices were checked up to this feed position. Those that came later were judged by newer rules.
const DEVICES_CHECKED_UP_TO: &str = "device_changes_checked_up_to";

/// Changes that are checked between two looks at the database.
const CHECKED_AT_ONCE: usize = 2_000;

/// UTF-8 bytes of one text in a replacement, at most: two of them fit into one change.
const PIECE_BYTES: usize = 4_000;

impl Center {
    /// Finds the records whose changes by this center are refused by phones, and replaces them. Cheap when there is
    /// nothing new to check.
    ///
    /// # Errors
    /// [`WriteError`] when the database fails; nothing was replaced then.
    pub fn replace_unfit(&self) -> Result<usize, WriteError> {
        let before: u64 = self.setting(CHECKED_UP_TO)?.and_then(|text| text.parse().ok()).unwrap_or(0);
        let mut unfit: BTreeSet<RecordId> = BTreeSet::new();
        let checked = self.find(Writer::Center, before, |bytes| Document::check_alone(bytes).is_err(), &mut unfit)?;
        let of_devices = self.setting(DEVICES_CHECKED_UP_TO)?.is_none();
        if of_devices {
            // Phones of 0.2.0 take no further change of such a record.
            self.find(Writer::Devices, 0, Document::ends_records_of_0_2_0, &mut unfit)?;
        }
        if checked == before && !of_devices {
            return Ok(0);
        }
        let now = self.now();
        let replaced = self.db().write(|tx| {
            let mut count = 0_usize;
            for record in &unfit {
                count = count.saturating_add(self.replace(tx, record, now)?);
            }
            // Its own replacements were judged before they were written.
            let head = feed::head(tx)?;
            setting::set(tx, CHECKED_UP_TO, &head.max(checked).to_string())?;
            setting::set(tx, DEVICES_CHECKED_UP_TO, &head.to_string())?;
            Ok::<_, WriteError>(count)
        })?;
        if replaced > 0 {
            tracing::warn!(records = replaced, "records that phones refuse were replaced");
            self.announce()?;
        }
        Ok(replaced)
    }

    /// Finds the records of changes that are unfit, from a position of the log on. Gives the last position.
    fn find(
        &self,
        by: Writer,
        after: u64,
        is_unfit: impl Fn(&[u8]) -> bool,
        unfit: &mut BTreeSet<RecordId>,
    ) -> Result<u64, WriteError> {
        let mut checked = after;
        loop {
            let rows = self.db().read(|tx| log::written_after(tx, by, checked, CHECKED_AT_ONCE))?;
            for (position, record, bytes) in &rows {
                checked = *position;
                if Document::is_whole_change(bytes) && is_unfit(bytes) {
                    unfit.insert(*record);
                }
            }
            if rows.len() < CHECKED_AT_ONCE {
                return Ok(checked);
            }
        }
    }

    /// Replaces one record and those that name it. Gives how many were replaced.
    fn replace(&self, tx: &Connection, record: &RecordId, now: UtcMs) -> Result<usize, WriteError> {
        let old = part::incident_of(tx, record)?.unwrap_or(*record);
        if replaced::of(tx, &old)?.is_some() || archive::newest(tx, &old)?.is_some() {
            return Ok(0);
        }
        let Some(known) = projection::get(tx, &old)? else { return Ok(0) };
        let document = super::documents::load(tx, &old, known.position)?;
        let entries = match parts::whole(tx, &old, known.kind, &document)? {
            Some(whole) => whole.entries,
            None => document.entries(),
        };
        let mut documents = vec![old];
        documents.extend(part::of(tx, &old)?.into_iter().map(|part| part.record));
        let new = self.new_record();
        let mut received = BTreeMap::new();
        for one in &documents {
            received.extend(log::received(tx, one)?);
            replaced::put(tx, one, &new, now)?;
        }
        self.carry_over(tx, (new, known.kind), Document::empty(), &entries, &received, now)?;
        for one in &documents {
            for device in scope::holders(tx, one)? {
                feed::enter(tx, &device, &new, known.kind)?;
                feed::leave(tx, &device, one, known.kind)?;
            }
            if let Some(stored) = projection::get(tx, one)? {
                projection::put(tx, &Stored { record: None, updated_ms: now, ..stored })?;
            }
        }
        let (subject, detail) = (old.to_string(), format!("new={new}"));
        audit::append(
            tx,
            now.0,
            &audit::Act { by: "center", act: "record.replaced", subject: &subject, detail: &detail },
        )?;
        let mut count = 1_usize;
        for kind in [RecordKind::Assignment, RecordKind::Patient, RecordKind::Assessment] {
            for hanging in projection::of_incident(tx, &old, kind)? {
                count = count.saturating_add(self.replace(tx, &hanging.id, now)?);
            }
        }
        for identity in projection::of_parent(tx, &old)? {
            count = count.saturating_add(self.replace(tx, &identity.id, now)?);
        }
        Ok(count)
    }

    /// What a device wrote into a record that was replaced, or into one that names such a record, appears where people
    /// look for it.
    pub(super) fn follow_replacement(
        &self,
        tx: &Connection,
        record: &RecordId,
        kind: RecordKind,
        document: &Document,
        now: UtcMs,
    ) -> Result<(), WriteError> {
        if !replaced::any(tx)? {
            return Ok(());
        }
        if let Some(new) = replaced::of(tx, record)? {
            let Some(known) = projection::get(tx, &new)? else { return Ok(()) };
            let target = super::documents::load(tx, &new, known.position)?;
            let received = log::received(tx, record)?;
            return self.carry_over(tx, (new, kind), target, &document.entries(), &received, now);
        }
        let Some(stored) = projection::get(tx, record)? else { return Ok(()) };
        // What is not placed hangs on nothing until it is.
        let routing = projection::routed(tx, &stored)?;
        for named in [routing.incident, routing.parent].into_iter().flatten() {
            if named != *record && replaced::of(tx, &named)?.is_some() {
                self.replace(tx, record, now)?;
                break;
            }
        }
        Ok(())
    }

    /// Writes the entries that `document` lacks into it, with their stamps, and each with the time it was received.
    fn carry_over(
        &self,
        tx: &Connection,
        (record, kind): (RecordId, RecordKind),
        mut document: Document,
        entries: &[Entry],
        received: &BTreeMap<EntryId, Received>,
        now: UtcMs,
    ) -> Result<(), WriteError> {
        let known = projection::get(tx, &record)?;
        let mut there: BTreeSet<EntryId> = document.entries().into_iter().map(|entry| entry.id).collect();
        let (mut position, mut added) = (0, 0_usize);
        for entry in entries {
            // Two entries under one id: readers count the first, and so does the replacement.
            if matches!(entry.body, Body::Unknown { .. } | Body::Continues(_) | Body::Joined(_))
                || !there.insert(entry.id)
            {
                continue;
            }
            let written = self.cleaned(tx, kind, entry)?;
            let changes = if document.header().is_none() {
                let header = Header { id: record, kind, schema: SCHEMA };
                let (made, changes) = Document::create(header, self.actor(), &written).map_err(WriteError::Author)?;
                document = made;
                changes
            } else {
                document.append(self.actor(), &written).map_err(WriteError::Author)?
            };
            if let Some(refusal) = changes.iter().find_map(|change| Document::check_alone(&change.bytes).err()) {
                return Err(WriteError::Unfit(refusal));
            }
            added = added.saturating_add(changes.len());
            let origin = received.get(&entry.id);
            let (author, at) = origin.map_or(("", now), |known| (known.author.as_str(), known.received_ms));
            let logged: Vec<Logging> = changes.into_iter().map(Logging::own).collect();
            position = log_changes(tx, &record, kind, &logged, author, at)?;
            if let Some(last) = logged.last() {
                for one in &written {
                    log::append_entry(tx, &record, &one.id, one.body.kind(), &last.change.hash)?;
                }
            }
        }
        if added == 0 {
            return Ok(());
        }
        settle(tx, &Settling { record, kind, document: &document, known, position, added, writer: None, now })
    }

    /// The entry without what phones refuse. What a field has no room for follows as notes.
    fn cleaned(&self, tx: &Connection, kind: RecordKind, entry: &Entry) -> Result<Vec<NewEntry>, WriteError> {
        let mut rest: Vec<String> = Vec::new();
        let Ok(mut fields) = entry.body.fields() else { return Ok(vec![as_it_is(entry)]) };
        for value in fields.values_mut() {
            let Value::String(written) = value else { continue };
            let mut pieces = text::cleaned(written, PIECE_BYTES).into_iter();
            *written = new_name(tx, &pieces.next().unwrap_or_default())?;
            rest.extend(pieces);
        }
        let Ok(body) = Body::parse(entry.body.kind(), fields) else { return Ok(vec![as_it_is(entry)]) };
        let by = text::cleaned(&entry.stamp.by, PIECE_BYTES).into_iter().next().unwrap_or_default();
        let stamp = Stamp { by, ..entry.stamp.clone() };
        let mut written = vec![NewEntry { id: entry.id, stamp: stamp.clone(), body }];
        if belongs("note", kind) == Some(true) {
            for text in rest {
                let stamp = Stamp { replaces: Vec::new(), ..stamp.clone() };
                let body = Body::Note(Note { text, ..Note::default() });
                written.push(NewEntry { id: self.new_entry(), stamp, body });
            }
        }
        Ok(written)
    }
}

fn as_it_is(entry: &Entry) -> NewEntry {
    NewEntry { id: entry.id, stamp: entry.stamp.clone(), body: entry.body.clone() }
}

/// The id of the record that stands in the place of the one `written` names; `written` itself otherwise.
fn new_name(tx: &Connection, written: &str) -> Result<String, DbError> {
    match written.parse::<RecordId>() {
        Ok(named) => Ok(replaced::of(tx, &named)?.map_or_else(|| written.to_owned(), |new| new.to_string())),
        Err(_) => Ok(written.to_owned()),
    }
}

/// Entries that the center is about to write, naming the records that stand now.
pub(super) fn renamed(tx: &Connection, bodies: &[Body]) -> Result<Vec<Body>, DbError> {
    if !replaced::any(tx)? {
        return Ok(bodies.to_vec());
    }
    let mut renamed = Vec::with_capacity(bodies.len());
    for body in bodies {
        let Ok(mut fields) = body.fields() else {
            renamed.push(body.clone());
            continue;
        };
        for value in fields.values_mut() {
            if let Value::String(written) = value {
                *written = new_name(tx, written)?;
            }
        }
        renamed.push(Body::parse(body.kind(), fields).unwrap_or_else(|_| body.clone()));
    }
    Ok(renamed)
}
