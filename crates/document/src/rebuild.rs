//! Documents from what is stored: the raw log is the truth, a saved document only a cache of it.
//!
//! Whatever unwinds inside Automerge is caught here, and the half-made document thrown away.

use crate::intact::chunk_at_start;
use crate::renamed::{Renamed, is_far};
use crate::{Change, Document, to_change};
use automerge::{Automerge, ReadDoc};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Where the type of a chunk stands, and the type of a plain change.
const TYPE_AT: usize = 8;
const CHANGE: u8 = 1;

/// The stored bytes did not make a document.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RebuildError {
    #[error("a stored change is not a change")]
    Parse,
    #[error("the cached document could not be loaded")]
    Cache,
    #[error("the stored changes do not fit together")]
    Apply,
    #[error("a change that others depend on is missing from the log")]
    MissingChange,
    #[error("the document library unwound")]
    Unwound,
}

/// A document could not be saved so that it loads again.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SaveError {
    #[error("the saved document does not load again")]
    Reload,
    #[error("the saved document loads to something else")]
    Differs,
    #[error("the document library unwound")]
    Unwound,
}

impl Document {
    /// Rebuilds a document from its log, in any causal order.
    ///
    /// # Errors
    /// [`RebuildError`] naming what the log lacks.
    pub fn from_log<'a>(changes: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, RebuildError> {
        let mut document = Self::empty();
        document.replay(changes)?;
        Ok(document)
    }

    /// Loads a cache made by [`save_verified`](Self::save_verified) and adds the changes after it.
    ///
    /// # Errors
    /// [`RebuildError`]; the caller falls back to the log.
    pub fn from_cache<'a>(save: &[u8], tail: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, RebuildError> {
        let mut document = Self::loaded(save)?;
        document.replay(tail)?;
        Ok(document)
    }

    fn loaded(save: &[u8]) -> Result<Self, RebuildError> {
        if save.get(TYPE_AT) == Some(&CHANGE) {
            return Self::from_log(chunks(save).ok_or(RebuildError::Cache)?);
        }
        let loaded = catch_unwind(|| Automerge::load(save)).map_err(|_| RebuildError::Unwound)?;
        let inner = loaded.map_err(|_| RebuildError::Cache)?;
        if inner.get_changes_meta(&[]).iter().all(|meta| !is_far(meta.timestamp)) {
            return Ok(Self { inner, renamed: Renamed::default() });
        }
        // A build up to 0.2.0 saved it: it loads once, and no further change could be applied to it as it is.
        let changes = catch_unwind(AssertUnwindSafe(|| inner.get_changes(&[]))).map_err(|_| RebuildError::Unwound)?;
        Self::from_log(changes.iter().map(automerge::Change::raw_bytes))
    }

    /// Adds changes of our own log. Changes already there are passed over.
    ///
    /// # Errors
    /// [`RebuildError`]; the document must not be used any more.
    pub fn replay<'a>(&mut self, changes: impl IntoIterator<Item = &'a [u8]>) -> Result<(), RebuildError> {
        let parsed = catch_unwind(AssertUnwindSafe(|| {
            changes
                .into_iter()
                .map(|bytes| automerge::Change::try_from(bytes).map_err(|_| RebuildError::Parse))
                .collect::<Result<Vec<_>, _>>()
        }))
        .map_err(|_| RebuildError::Unwound)??;
        if parsed.is_empty() {
            return Ok(());
        }
        self.apply_parsed(parsed)?;
        if self.inner.get_missing_deps(&[]).is_empty() { Ok(()) } else { Err(RebuildError::MissingChange) }
    }

    pub(crate) fn apply_parsed(&mut self, changes: Vec<automerge::Change>) -> Result<(), RebuildError> {
        let renamed = &mut self.renamed;
        let inner = &mut self.inner;
        catch_unwind(AssertUnwindSafe(|| {
            inner.apply_changes(changes.into_iter().map(|change| renamed.take(change)).collect::<Vec<_>>())
        }))
        .map_err(|_| RebuildError::Unwound)?
        .map_err(|_| RebuildError::Apply)
    }

    /// Saves the document, loads what was saved, and compares.
    ///
    /// # Errors
    /// [`SaveError`] when the bytes would not give the document back; a cache they replace must stay.
    pub fn save_verified(&self) -> Result<Vec<u8>, SaveError> {
        let save = if self.renamed.is_empty() {
            catch_unwind(AssertUnwindSafe(|| self.inner.save())).map_err(|_| SaveError::Unwound)?
        } else {
            // What is not held as it is cannot be saved as it is held: the log itself stands in the place of the cache.
            self.changes().into_iter().flat_map(|change| change.bytes).collect()
        };
        let again = Self::loaded(&save).map_err(|error| match error {
            RebuildError::Unwound => SaveError::Unwound,
            _ => SaveError::Reload,
        })?;
        if again.heads() == self.heads() && again.entries() == self.entries() {
            Ok(save)
        } else {
            Err(SaveError::Differs)
        }
    }

    /// Parses one stored change without applying it.
    #[must_use]
    pub fn describe(bytes: &[u8]) -> Option<Change> {
        let parsed = catch_unwind(|| automerge::Change::try_from(bytes)).ok()?.ok()?;
        to_change(&parsed)
    }
}

/// Change chunks that stand one behind another.
fn chunks(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut chunks = Vec::new();
    while !bytes.is_empty() {
        let chunk = chunk_at_start(bytes)?;
        bytes = bytes.get(chunk.len()..)?;
        chunks.push(chunk);
    }
    Some(chunks)
}
