//! What a worker must show before it is believed: that it admits an honest change.
//!
//! A broken program, a full disk or an exhausted machine would otherwise look like a hostile change.

use super::link::Worker;
use super::message::{Ask, Ruled, Say};
use siaga_document::{Document, Header, NewEntry};
use siaga_domain::entry::{Body, Note, Stamp};
use siaga_domain::id::{ActorId, EntryId, RecordId};
use siaga_domain::kind::RecordKind;
use std::io;

/// An honest change that every worker must admit before it is believed.
pub struct Control {
    record: RecordId,
    change: Vec<u8>,
}

impl Control {
    /// # Errors
    /// When no change can be made, which is never.
    pub fn make() -> io::Result<Self> {
        let record = RecordId::from_bytes([0xC0; 16]);
        let header = Header { id: record, kind: RecordKind::Incident, schema: siaga_wire::SCHEMA };
        let note = Note { text: "uji".to_owned(), ..Note::default() };
        let entry = NewEntry { id: EntryId::from_bytes([0xC1; 16]), stamp: Stamp::default(), body: Body::Note(note) };
        let (_, changes) =
            Document::create(header, ActorId::from_bytes([0xC2; 16]), &[entry]).map_err(io::Error::other)?;
        let change = changes.into_iter().next().map(|change| change.bytes).ok_or(io::ErrorKind::InvalidData)?;
        Ok(Self { record, change })
    }

    /// # Errors
    /// The link's, or `InvalidData` when the change is not admitted.
    pub fn try_out(&self, worker: &mut Worker) -> io::Result<()> {
        let said = worker.ask(&Ask::Judge {
            record: self.record.as_bytes().to_vec().into(),
            heads: Vec::new(),
            kind: RecordKind::Incident.code().to_owned(),
            role: None,
            changes: vec![self.change.clone().into()],
        })?;
        match said {
            Say::Ruled { rulings, .. } if matches!(rulings.as_slice(), [Ruled::Admitted { .. }]) => Ok(()),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}
