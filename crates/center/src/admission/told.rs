//! Rulings as they travel between a worker and the center, there and back.

use super::message::{Ruled, RuledEntry};
use super::{Ruling, Vetted};
use minicbor::bytes::ByteVec;
use siaga_document::Change;
use siaga_domain::id::{ActorId, ChangeHash, EntryId};

#[must_use]
pub fn hashes(all: &[ChangeHash]) -> Vec<ByteVec> {
    all.iter().map(|hash| hash.0.to_vec().into()).collect()
}

/// `None` when one is no hash.
#[must_use]
pub fn read_hashes(all: &[ByteVec]) -> Option<Vec<ChangeHash>> {
    all.iter().map(|hash| ChangeHash::try_from(hash.as_slice()).ok()).collect()
}

/// `None` for a ruling that cannot be one; a worker is believed no more than that.
#[must_use]
pub fn ruling(ruled: Ruled) -> Option<Ruling> {
    Some(match ruled {
        Ruled::Admitted { hash, actor, seq, deps, entries } => Ruling::Admitted(Vetted {
            change: Change {
                hash: ChangeHash::try_from(hash.as_slice()).ok()?,
                actor: ActorId::try_from(actor.as_slice()).ok()?,
                seq,
                deps: read_hashes(&deps)?,
                bytes: Vec::new(),
            },
            entries: entries
                .into_iter()
                .map(|entry| Some((EntryId::try_from(entry.id.as_slice()).ok()?, entry.kind)))
                .collect::<Option<_>>()?,
        }),
        Ruled::Duplicate => Ruling::Duplicate,
        Ruled::Missing(missing) => Ruling::Missing(read_hashes(&missing)?),
        Ruled::Refused(code) => Ruling::Refused(code),
    })
}

/// As the worker says it.
#[must_use]
pub fn ruled(ruling: Ruling) -> Ruled {
    match ruling {
        Ruling::Admitted(vetted) => Ruled::Admitted {
            hash: vetted.change.hash.0.to_vec().into(),
            actor: vetted.change.actor.as_bytes().to_vec().into(),
            seq: vetted.change.seq,
            deps: hashes(&vetted.change.deps),
            entries: vetted
                .entries
                .into_iter()
                .map(|(id, kind)| RuledEntry { id: id.as_bytes().to_vec().into(), kind })
                .collect(),
        },
        Ruling::Duplicate => Ruled::Duplicate,
        Ruling::Missing(missing) => Ruled::Missing(hashes(&missing)),
        Ruling::Refused(code) => Ruled::Refused(code),
    }
}
