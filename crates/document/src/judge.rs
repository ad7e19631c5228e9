//! Many changes of one document, judged together: the trial, which costs most, is made once for all of them.
//!
//! The outcome is that of [`admit`](Document::admit) and [`apply`](Document::apply) one after the other. Where the
//! shared trial fails, each change gets a trial of its own, so that one bad change never costs a good one.

use crate::admit::trial;
use crate::{Admitted, Claim, Document, Refusal};

/// Bytes to be judged, and what their sender says they are.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    pub bytes: &'a [u8],
    pub claim: Claim,
}

/// Whether what a change would unfold to is counted before it is decoded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Counting {
    First,
    /// For tests of the walls around whoever judges: no change that is counted first is known to reach them.
    Never,
}

impl Document {
    /// Judges changes in order, each against this document and those before it that were admitted. The document
    /// has taken in the admitted ones when this returns.
    pub fn judge(&mut self, questions: &[Question<'_>]) -> Vec<Result<Admitted, Refusal>> {
        self.judge_counting(questions, Counting::First)
    }

    /// As [`judge`](Self::judge).
    pub fn judge_counting(&mut self, questions: &[Question<'_>], counting: Counting) -> Vec<Result<Admitted, Refusal>> {
        let mut together = self.clone();
        let rulings: Vec<_> = questions.iter().map(|question| together.check_and_take(question, counting)).collect();
        let admitted = rulings.iter().filter(|ruling| ruling.is_ok()).count();
        if admitted == 0 || together.save_verified().is_ok() {
            *self = together;
            return rulings;
        }
        questions.iter().map(|question| self.admit_and_take(question)).collect()
    }

    fn check_and_take(&mut self, question: &Question<'_>, counting: Counting) -> Result<Admitted, Refusal> {
        let admitted = self.check(question.bytes, &question.claim, counting)?;
        self.take(admitted)
    }

    fn admit_and_take(&mut self, question: &Question<'_>) -> Result<Admitted, Refusal> {
        let admitted = self.admit(question.bytes, &question.claim)?;
        self.take(admitted)
    }

    /// Takes an admitted change in, or leaves the document as it was.
    fn take(&mut self, admitted: Admitted) -> Result<Admitted, Refusal> {
        let mut next = self.clone();
        next.apply_parsed(vec![admitted.parsed.clone()]).map_err(|_| trial())?;
        if !next.contains(&admitted.change.hash) {
            return Err(trial());
        }
        *self = next;
        Ok(admitted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Header, NewEntry, Rules};
    use siaga_domain::entry::{Body, Note, Stamp};
    use siaga_domain::id::{ActorId, EntryId, RecordId};
    use siaga_domain::kind::{RecordKind, Role};
    use siaga_domain::policy::Author;
    use siaga_domain::record::incident::{Opened, Source};

    const ID: RecordId = RecordId::from_bytes([7; 16]);
    const CLAIM: Claim =
        Claim { record: ID, kind: RecordKind::Incident, author: Author::Device(Role::Medic), rules: Rules::Entering };

    fn note(number: u8) -> NewEntry {
        let note = Note { text: format!("catatan {number}"), ..Note::default() };
        NewEntry { id: EntryId::from_bytes([number; 16]), stamp: Stamp::default(), body: Body::Note(note) }
    }

    fn written() -> Vec<Vec<u8>> {
        let opened = Opened {
            source: Source::Field,
            narrative: "air naik".to_owned(),
            caller_name: None,
            caller_phone: None,
            unit: None,
        };
        let first = NewEntry {
            id: EntryId::from_bytes([200; 16]),
            stamp: Stamp::default(),
            body: Body::IncidentOpened(opened),
        };
        let header = Header { id: ID, kind: RecordKind::Incident, schema: 1 };
        let (mut document, mut changes) =
            Document::create(header, ActorId::from_bytes([1; 16]), &[first]).expect("a document");
        for number in 1..6 {
            changes.extend(document.append(ActorId::from_bytes([1; 16]), &[note(number)]).expect("a change"));
        }
        changes.into_iter().map(|change| change.bytes).collect()
    }

    fn asked(bytes: &[Vec<u8>]) -> Vec<Question<'_>> {
        bytes.iter().map(|bytes| Question { bytes, claim: CLAIM }).collect()
    }

    #[test]
    fn changes_judged_together_are_judged_as_they_are_one_by_one() {
        let mut bytes = written();
        let damaged = bytes.get_mut(3).expect("a change");
        *damaged.last_mut().expect("bytes") ^= 1;
        bytes.push(bytes.first().expect("a change").clone());
        let mut single = Document::empty();
        let alone: Vec<_> = bytes
            .iter()
            .map(|bytes| single.admit(bytes, &CLAIM).and_then(|admitted| single.take(admitted)))
            .map(|ruling| ruling.map(|admitted| admitted.change))
            .collect();

        let mut document = Document::empty();
        let together: Vec<_> =
            document.judge(&asked(&bytes)).into_iter().map(|ruling| ruling.map(|admitted| admitted.change)).collect();

        assert_eq!(together, alone);
        assert_eq!(together.iter().filter(|ruling| ruling.is_ok()).count(), 3);
        assert_eq!(together.last(), Some(&Err(Refusal::Duplicate)));
        assert_eq!(document.heads(), single.heads());
    }

    #[test]
    fn an_admitted_change_names_the_entries_it_brings() {
        let bytes = written();

        let rulings = Document::empty().judge(&asked(&bytes));

        let named: Vec<_> = rulings
            .into_iter()
            .flat_map(|ruling| {
                let admitted = ruling.expect("admitted");
                admitted.entry_ids.into_iter().zip(admitted.entry_kinds).collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(named.first(), Some(&(EntryId::from_bytes([200; 16]), "opened".to_owned())));
        assert_eq!(named.last(), Some(&(EntryId::from_bytes([5; 16]), "note".to_owned())));
        assert_eq!(named.len(), 6);
    }
}
