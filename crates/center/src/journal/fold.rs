//! Joining heads: no change of a record ever needs more dependencies than a phone takes.
//!
//! Many phones that write into one record without coverage leave as many heads. The center joins them in the transaction
//! that takes the change after which there are too many, so that everybody gets both in one batch of the feed. Phones do
//! not join anything. Records that an older build left with too many heads are joined when the center is opened.

use super::{Logging, Settling, WriteError, documents, judge_own, log_changes, settle};
use crate::Center;
use crate::db::projection;
use crate::db::{self, log};
use rusqlite::Connection;
use siaga_document::{Claim, Document, MAX_OWN_DEPENDENCIES, NewEntry, Rules};
use siaga_domain::entry::{Body, Joined};
use siaga_domain::id::RecordId;
use siaga_domain::kind::RecordKind;
use siaga_domain::policy::Author;
use siaga_domain::time::UtcMs;

/// Who joins, as the log names it.
const BY: &str = "112";

/// What was logged: the position of the last change, and how many there are.
pub(crate) struct Folded {
    pub position: u64,
    pub added: usize,
}

impl Center {
    /// Joins heads of a document where there are too many, in the document and in the log; `None` where there are few.
    pub(crate) fn fold(
        &self,
        tx: &Connection,
        (record, kind): (&RecordId, RecordKind),
        document: &mut Document,
        now: UtcMs,
    ) -> Result<Option<Folded>, WriteError> {
        if document.heads().len() <= MAX_OWN_DEPENDENCIES {
            return Ok(None);
        }
        let unwritten = document.clone();
        let mut entries = Vec::new();
        let make = |heads: usize| -> Option<NewEntry> {
            let body = Body::Joined(Joined { heads: u32::try_from(heads).unwrap_or(u32::MAX) });
            self.stamped(&[], &[body], BY, now).pop()
        };
        let changes = document
            .fold(self.actor(), |heads| {
                let entry = make(heads).expect("one entry for one body");
                entries.push((entry.id, entry.body.kind().to_owned()));
                entry
            })
            .map_err(WriteError::Author)?;
        let claim = Claim { record: *record, kind, author: Author::Center, rules: Rules::Entering };
        judge_own(unwritten, claim, &changes)?;
        let hashes: Vec<_> = changes.iter().map(|change| change.hash).collect();
        let logged: Vec<Logging> = changes.into_iter().map(Logging::own).collect();
        let position = log_changes(tx, record, kind, &logged, BY, now)?;
        for ((entry, kind), hash) in entries.iter().zip(&hashes) {
            log::append_entry(tx, record, entry, kind, hash)?;
        }
        Ok(Some(Folded { position, added: logged.len() }))
    }

    /// Joins the heads of every record that has too many. A record that cannot be loaded is left as it is.
    ///
    /// # Errors
    /// [`WriteError`] when the database fails.
    pub fn fold_all(&self) -> Result<usize, WriteError> {
        let many = self.db().read(|tx| projection::with_more_heads(tx, MAX_OWN_DEPENDENCIES))?;
        let now = self.now();
        for record in &many {
            self.db().write(|tx| self.fold_stored(tx, record, now))?;
        }
        if !many.is_empty() {
            tracing::warn!(records = many.len(), "heads of records were joined");
            self.announce()?;
        }
        Ok(many.len())
    }

    fn fold_stored(&self, tx: &Connection, record: &RecordId, now: UtcMs) -> Result<(), WriteError> {
        let Some(known) = projection::get(tx, record)? else { return Ok(()) };
        if db::damage::is_open(tx, record)? {
            return Ok(());
        }
        let kind = known.kind;
        let mut document = match documents::load(tx, record, known.position) {
            Ok(document) => document,
            Err(cause) => {
                tracing::error!(%record, %cause, "heads could not be joined");
                return Ok(());
            }
        };
        let Some(Folded { position, added }) = self.fold(tx, (record, kind), &mut document, now)? else {
            return Ok(());
        };
        let known = Some(known);
        settle(tx, &Settling { record: *record, kind, document: &document, known, position, added, writer: None, now })
    }
}
