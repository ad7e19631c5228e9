//! Where bytes of devices are judged before this process lets Automerge see them.
//!
//! A [`Gate`] is asked outside any transaction, about one document at a time, with everything one request brings
//! for it. What it admits may be applied here; what it does not admit is never parsed here. A gate that cannot
//! answer says so: nothing is taken then, and nothing is lost, because the device keeps what it sent.
//!
//! `pool` judges in worker processes: `link` is one of them as seen from here, `worker` what it does, `jail` the walls
//! around it, `message` and `told` what both say, `control` what a worker must show first. `inside` judges in this
//! process, for tests and tools.

pub mod control;
pub mod inside;
pub mod jail;
pub mod link;
pub mod message;
pub mod pool;
pub mod told;
pub mod worker;

use crate::journal::documents::LoadError;
use siaga_document::{Change, Document, Question, Refusal};
use siaga_domain::id::{ChangeHash, DeviceId, EntryId, RecordId};
use std::time::Duration;

/// The reason of a change that cost more than a change may.
pub const RESOURCE: &str = "resource";

/// Changes of one document, as one device sent them.
pub struct Case<'a> {
    pub device: DeviceId,
    pub record: RecordId,
    /// The document as it stands, made of admitted changes only.
    pub document: &'a Document,
    /// The log `document` was made of, for a gate that has to make it again elsewhere.
    pub history: &'a dyn Fn() -> Result<Vec<Vec<u8>>, LoadError>,
    /// In the order they are to be judged, each after those before it.
    pub questions: &'a [Question<'a>],
}

/// What became of one change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ruling {
    Admitted(Vetted),
    /// Already there: nothing to do, nothing wrong.
    Duplicate,
    /// To be asked for and waited for.
    Missing(Vec<ChangeHash>),
    /// With the reason as it travels in a receipt.
    Refused(String),
}

/// What a gate says about a change it admits. The bytes are those that were asked about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vetted {
    pub change: Change,
    /// Entries it adds, in their order.
    pub entries: Vec<(EntryId, String)>,
}

/// No ruling was made.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    #[error("changes cannot be judged now; ask again in {retry_after:?}")]
    Down { retry_after: Duration },
    #[error("could not read the log of a record to be judged")]
    History(#[source] LoadError),
}

/// Judges what devices send.
pub trait Gate: Send + Sync {
    /// One ruling for each question, in order.
    ///
    /// # Errors
    /// [`GateError`]; nothing is known about any of the changes then.
    fn judge(&self, case: &Case<'_>) -> Result<Vec<Ruling>, GateError>;
}

impl From<Result<siaga_document::Admitted, Refusal>> for Ruling {
    fn from(judged: Result<siaga_document::Admitted, Refusal>) -> Self {
        match judged {
            Ok(admitted) => Self::Admitted(Vetted {
                entries: admitted.entry_ids.into_iter().zip(admitted.entry_kinds).collect(),
                change: admitted.change,
            }),
            Err(Refusal::Duplicate) => Self::Duplicate,
            Err(Refusal::MissingDependency(missing)) => Self::Missing(missing),
            Err(Refusal::NotAccepted { code, .. }) => Self::Refused(code.to_owned()),
        }
    }
}

impl Ruling {
    /// The reason as it travels in a receipt; `None` for what is accepted.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Admitted(_) | Self::Duplicate => None,
            Self::Missing(_) => Some("missing_dependency"),
            Self::Refused(code) => Some(code),
        }
    }
}
