//! The one way records change at the center: log, projection, feed row and scope in one transaction, then a call.
//!
//! The center writes through [`Center::write`]; what devices send comes through `admit`. Neither has another door.

pub mod admit;
pub mod documents;
pub mod fold;
pub mod mend;
mod number;
pub mod overrule;
pub mod park;
pub mod parts;
pub mod placing;
pub mod quota;
pub mod replace;
mod reread;
mod sos;
mod standing;
pub mod times;
pub mod turns;
mod twin;

use crate::Center;
use crate::admission::GateError;
use crate::db::attachment::Picture;
use crate::db::feed;
use crate::db::log::{self, LoggedChange};
use crate::db::projection::{self, Stored};
use crate::db::replaced;
use crate::db::{self, DbError};
use crate::scope::{self, ScopeError};
use documents::LoadError;
use rusqlite::Connection;
use siaga_document::{AuthorError, Change, Claim, Document, Header, NewEntry, Question, Refusal, Rules};
use siaga_domain::entry::{Body, Entries, Entry, Stamp};
use siaga_domain::id::{ChangeHash, DeviceId, EntryId, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::policy::{Author, Denial, may_write};
use siaga_domain::register;
use siaga_domain::time::{ClockReading, UtcMs};
use siaga_domain::verdict::ADDENDUM;
use siaga_wire::SCHEMA;
use std::collections::BTreeMap;

/// Whether a record begins or goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Start {
    Create,
    Append,
}

/// What the center writes into one record.
#[derive(Clone, PartialEq, Debug)]
pub struct RecordWrite {
    pub record: RecordId,
    pub kind: RecordKind,
    pub start: Start,
    /// In order. A slot's entry replaces every entry of that slot that stands now.
    pub entries: Vec<Body>,
}

/// What was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    pub record: RecordId,
    /// Ids of the entries, in the order they were given.
    pub entries: Vec<EntryId>,
    pub heads: Vec<ChangeHash>,
}

/// Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("the record {0} exists already")]
    Exists(RecordId),
    #[error("there is no record {0}")]
    Missing(RecordId),
    #[error("the record {0} is of another kind")]
    OtherKind(RecordId),
    #[error("an entry may not stand in this record")]
    Denied(#[source] Denial),
    #[error("could not load the record")]
    Load(#[from] LoadError),
    #[error("could not write the entries into the document")]
    Author(#[source] AuthorError),
    #[error("phones would refuse the change")]
    Unfit(#[source] Refusal),
    #[error("could not work out who is told")]
    Scope(#[from] ScopeError),
    #[error("could not write the record to the database")]
    Database(#[from] DbError),
    #[error("could not judge what a device sent")]
    Judge(#[from] GateError),
    #[error("the record moved each time it was judged")]
    Contended,
    #[error("a part of record {0} is damaged on the disk and asked of the phones that have it")]
    Damaged(RecordId),
}

/// Writes within one transaction, beside what was read in it.
pub struct Pen<'a> {
    center: &'a Center,
    /// The transaction, to read in.
    pub tx: &'a Connection,
    by: &'a str,
    now: UtcMs,
    /// Later writes of one transaction see earlier ones, which the cache does not know yet.
    open: BTreeMap<RecordId, (u64, Document)>,
}

impl Pen<'_> {
    /// # Errors
    /// [`WriteError`]; the transaction must be given up.
    pub fn write(&mut self, write: RecordWrite) -> Result<Written, WriteError> {
        let written = self.center.write_one(self.tx, &write, self.by, self.now, &mut self.open)?;
        db::waiting::settle(self.tx, &write.record, self.center.elapsed_ms())?;
        Ok(written)
    }
}

impl Center {
    /// Writes entries into one record as the center, on behalf of `by` (a person at the console, a system's name).
    ///
    /// # Errors
    /// [`WriteError`]; nothing was written.
    pub fn write(&self, write: RecordWrite, by: &str) -> Result<Written, WriteError> {
        let record = write.record;
        self.write_all(vec![write], by)?.pop().ok_or(WriteError::Missing(record))
    }

    /// Writes several records, all or none.
    ///
    /// # Errors
    /// [`WriteError`]; nothing was written.
    pub fn write_all(&self, writes: Vec<RecordWrite>, by: &str) -> Result<Vec<Written>, WriteError> {
        self.checked(by, |pen| writes.into_iter().map(|write| pen.write(write)).collect())
    }

    /// Looks and writes in one transaction: what `act` read is still so when it writes, whatever others do meanwhile.
    ///
    /// # Errors
    /// Whatever `act` gives, or the transaction around it; nothing was written.
    pub fn checked<T, E: From<DbError> + From<WriteError>>(
        &self,
        by: &str,
        act: impl FnOnce(&mut Pen<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let now = self.now();
        let (done, committed) = self.db().write(|tx| {
            let mut pen = Pen { center: self, tx, by, now, open: BTreeMap::new() };
            let done = act(&mut pen)?;
            Ok::<_, E>((done, pen.open))
        })?;
        for (record, (position, document)) in committed {
            self.documents().keep(record, position, document);
        }
        self.announce()?;
        Ok(done)
    }

    fn write_one(
        &self,
        tx: &Connection,
        write: &RecordWrite,
        by: &str,
        now: UtcMs,
        open: &mut BTreeMap<RecordId, (u64, Document)>,
    ) -> Result<Written, WriteError> {
        for body in &write.entries {
            may_write(Author::Center, write.kind, body.kind()).map_err(WriteError::Denied)?;
        }
        // A long incident goes on in its newest part, whichever name it is called by.
        let record = match write.start {
            Start::Create => write.record,
            Start::Append => parts::goes_on_in(tx, &replaced::latest(tx, &write.record)?, write.kind)?,
        };
        if db::damage::is_open(tx, &record)? {
            // Changes of the center may stand in the part that cannot be read: their numbers are taken.
            return Err(WriteError::Damaged(record));
        }
        let known = projection::get(tx, &record)?;
        let mut document = match (write.start, &known) {
            (Start::Create, Some(_)) => return Err(WriteError::Exists(write.record)),
            (Start::Append, None) => return Err(WriteError::Missing(write.record)),
            (Start::Append, Some(known)) if known.kind != write.kind => {
                return Err(WriteError::OtherKind(write.record));
            }
            (Start::Create, None) => Document::empty(),
            (Start::Append, Some(known)) => match open.remove(&record) {
                Some((_, document)) => document,
                None => self.documents().load(tx, &record, known.position)?,
            },
        };
        let before = match parts::whole(tx, &record, write.kind, &document)? {
            Some(whole) => whole.entries,
            None => document.entries(),
        };
        let entries = self.stamped(&before, &replace::renamed(tx, &write.entries)?, by, now);
        let unwritten = document.clone();
        let changes = match write.start {
            Start::Create => {
                let header = Header { id: write.record, kind: write.kind, schema: SCHEMA };
                let (made, changes) = Document::create(header, self.actor(), &entries).map_err(WriteError::Author)?;
                document = made;
                changes
            }
            Start::Append => document.append(self.actor(), &entries).map_err(WriteError::Author)?,
        };
        let claim = Claim { record, kind: write.kind, author: Author::Center, rules: Rules::Entering };
        judge_own(unwritten, claim, &changes)?;
        let logged: Vec<Logging> = changes.into_iter().map(Logging::own).collect();
        let by_entry: Vec<(EntryId, &str)> = entries.iter().map(|entry| (entry.id, entry.body.kind())).collect();
        let last = logged.last().map(|logging| logging.change.hash);
        let mut position = log_changes(tx, &record, write.kind, &logged, by, now)?;
        let mut added = logged.len();
        if let Some(last) = last {
            // Which of several changes of one writing carries an entry makes no difference to when it came.
            for (entry, kind) in by_entry {
                log::append_entry(tx, &record, &entry, kind, &last)?;
            }
        }
        if let Some(folded) = self.fold(tx, (&record, write.kind), &mut document, now)? {
            position = folded.position;
            added = added.saturating_add(folded.added);
        }
        settle(
            tx,
            &Settling { record, kind: write.kind, document: &document, known, position, added, writer: None, now },
        )?;
        if write.kind == RecordKind::Incident {
            self.roll_over_if_due(tx, &record, now)?;
        }
        let written = Written {
            record: write.record,
            entries: entries.iter().map(|entry| entry.id).collect(),
            heads: document.heads(),
        };
        open.insert(record, (position, document));
        Ok(written)
    }

    fn stamped(&self, before: &[Entry], bodies: &[Body], by: &str, now: UtcMs) -> Vec<NewEntry> {
        let standing = Entries::of(before);
        let mut new: Vec<NewEntry> = Vec::with_capacity(bodies.len());
        for body in bodies {
            let mut replaces = Vec::new();
            if let Some(slot) = body.slot() {
                replaces.extend(register::standing(&standing, &slot).into_iter().map(|entry| entry.id));
                replaces
                    .extend(new.iter().filter(|entry| entry.body.slot().as_ref() == Some(&slot)).map(|entry| entry.id));
            }
            let clock = ClockReading {
                device: now,
                monotonic_ms: self.monotonic_ms(),
                boot: 0,
                offset_ms: Some(0),
                uncertainty_ms: Some(0),
            };
            new.push(NewEntry {
                id: self.new_entry(),
                stamp: Stamp { by: by.to_owned(), clock, replaces },
                body: body.clone(),
            });
        }
        new
    }

    /// The document itself, for export and history.
    ///
    /// # Errors
    /// [`LoadError`] when the log does not make a document.
    pub fn document(&self, record: &RecordId) -> Result<Option<Document>, LoadError> {
        self.db().read(|tx| match projection::get(tx, record)? {
            None => Ok(None),
            Some(known) => self.documents().load(tx, record, known.position).map(Some),
        })
    }

    /// Every entry of a record, in causal order.
    ///
    /// # Errors
    /// [`LoadError`] when the log does not make a document.
    pub fn entries(&self, record: &RecordId) -> Result<Vec<Entry>, LoadError> {
        Ok(self.document(record)?.map(|document| document.entries()).unwrap_or_default())
    }

    /// Every change of a record as logged, in causal order.
    ///
    /// # Errors
    /// [`DbError`] naming the step.
    pub fn history(&self, record: &RecordId) -> Result<Vec<LoggedChange>, DbError> {
        self.db().read(|tx| log::of_record(tx, record))
    }

    /// When and from whom the center learned of each entry of a record.
    ///
    /// # Errors
    /// [`DbError`] naming the step.
    pub fn received(&self, record: &RecordId) -> Result<BTreeMap<EntryId, log::Received>, DbError> {
        self.db().read(|tx| log::received(tx, record))
    }
}

/// Checks what the center is about to write as it checks what devices bring: a phone refuses for ever what fails here.
fn judge_own(mut before: Document, claim: Claim, changes: &[Change]) -> Result<(), WriteError> {
    let questions: Vec<Question<'_>> = changes.iter().map(|change| Question { bytes: &change.bytes, claim }).collect();
    match before.judge(&questions).into_iter().find_map(Result::err) {
        Some(refusal) => Err(WriteError::Unfit(refusal)),
        None => Ok(()),
    }
}

/// A change on its way into the log.
pub(crate) struct Logging {
    pub change: Change,
    pub origin: Option<DeviceId>,
    pub envelope: i64,
    /// Why the center corrects it right behind it: it is denied, or an addendum. `None` when it stands as it is.
    pub corrected: Option<&'static str>,
}

impl Logging {
    pub(crate) const fn own(change: Change) -> Self {
        Self { change, origin: None, envelope: 0, corrected: None }
    }
}

/// Logs changes in order and gives the feed position of the last.
pub(crate) fn log_changes(
    tx: &Connection,
    record: &RecordId,
    kind: RecordKind,
    changes: &[Logging],
    author: &str,
    now: UtcMs,
) -> Result<u64, DbError> {
    let mut position = 0;
    for Logging { change, origin, envelope, corrected } in changes {
        let is_denied = corrected.is_some_and(|reason| reason != ADDENDUM);
        position = feed::append_change(tx, record, kind.lane())?;
        log::append(
            tx,
            &LoggedChange {
                position,
                hash: change.hash,
                record: *record,
                actor: change.actor,
                seq: change.seq,
                bytes: change.bytes.clone(),
                origin: *origin,
                envelope: *envelope,
                author: author.to_owned(),
                verdict: if is_denied { "overrule" } else { "accept" }.to_owned(),
                reason: corrected.unwrap_or_default().to_owned(),
                received_ms: now,
            },
        )?;
        db::claimed::note(tx, record, &change.bytes, now)?;
    }
    Ok(position)
}

/// What follows from changes that were logged.
pub(crate) struct Settling<'a> {
    pub record: RecordId,
    pub kind: RecordKind,
    pub document: &'a Document,
    /// The projection before them.
    pub known: Option<Stored>,
    pub position: u64,
    pub added: usize,
    /// The device that wrote them.
    pub writer: Option<&'a DeviceId>,
    pub now: UtcMs,
}

/// Projects the record anew and tells those who are to be told.
pub(crate) fn settle(tx: &Connection, settling: &Settling<'_>) -> Result<(), WriteError> {
    let Settling { record, kind, document, known, position, added, writer, now } = settling;
    // The incident as a whole is shown under its own id; its later parts are not shown by themselves.
    let whole = parts::whole(tx, record, *kind, document)?;
    let shown = match &whole {
        // People see the record that stands in its place.
        _ if replaced::of(tx, record)?.is_some() => None,
        None => document.record(),
        Some(whole) if whole.incident == *record => whole.record(),
        Some(_) => None,
    };
    let made_ms = known.as_ref().map_or(*now, |known| known.made_ms);
    let claims = db::claimed::of(tx, whole.as_ref().map_or(record, |whole| &whole.incident))?;
    let stored = Stored {
        id: *record,
        kind: *kind,
        record: shown.map(|shown| claims.correct(shown, made_ms)),
        heads: document.heads(),
        change_count: u32::try_from(document.change_count()).unwrap_or(u32::MAX),
        position: *position,
        made_ms,
        updated_ms: *now,
    };
    let routed_before = if known.is_some() { projection::routing(tx, record)? } else { None };
    if let Some(writer) = writer {
        placing::judge(tx, writer, known.as_ref(), &stored, *now)?;
    }
    projection::put(tx, &stored)?;
    if let Some(whole) = whole.filter(|whole| whole.incident != *record)
        && let Some(first) = projection::get(tx, &whole.incident)?
    {
        let shown = whole.record().map(|shown| claims.correct(shown, first.made_ms));
        projection::put(tx, &Stored { record: shown, updated_ms: *now, ..first })?;
    }
    documents::snapshot_if_due(tx, record, *position, document, *added)?;
    name_attachments(tx, record, document)?;
    if let Some(writer) = writer {
        enter_writer(tx, writer, record, *kind)?;
    }
    if routed_before != Some(projection::routed(tx, &stored)?) || *kind == RecordKind::Directory {
        scope::settle(tx, &stored, *now)?;
    }
    Ok(())
}

/// Who wrote in a record is told of it.
fn enter_writer(tx: &Connection, writer: &DeviceId, record: &RecordId, kind: RecordKind) -> Result<(), DbError> {
    match kind {
        RecordKind::Incident => parts::enter_all(tx, writer, record),
        _ => feed::enter(tx, writer, record, kind),
    }
}

/// Files that the notes of a record name, except those their device may not name: through this record nobody gets them.
fn name_attachments(tx: &Connection, record: &RecordId, document: &Document) -> Result<(), WriteError> {
    let mut named: BTreeMap<[u8; 32], (Picture, EntryId)> = BTreeMap::new();
    for entry in document.entries() {
        let Body::Note(note) = entry.body else { continue };
        for (name, kind) in [(note.attachment, Picture::Photograph), (note.thumbnail, Picture::Thumbnail)] {
            if let Some(hash) = name.and_then(|name| hex::decode(name).ok()?.try_into().ok()) {
                named.insert(hash, (kind, entry.id));
            }
        }
    }
    for (hash, (kind, entry)) in named {
        if db::attachment::is_named_by(tx, &hash, record)? {
            continue;
        }
        let is_allowed = match log::origin_of_entry(tx, record, &entry)? {
            Some(device) => standing::may_name_file(tx, &device, &hash)?,
            None => true,
        };
        if is_allowed {
            db::attachment::name(tx, &hash, record, kind)?;
        }
    }
    Ok(())
}
