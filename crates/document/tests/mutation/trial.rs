//! What must hold of whatever the admission check let pass: everything one does with a document afterwards still works.
//!
//! Anything that does not is *poison*: a document that cannot be saved, loaded, read, merged or written on.

use super::chance::Chance;
use super::seed::{Story, entries_by};
use siaga_document::{Claim, DeniedEntry, Document, NewEntry, Refusal};
use siaga_domain::entry::{Body, Entries, Entry, Overruled, Stamp, Writer, writer};
use siaga_domain::id::{ActorId, EntryId};
use siaga_domain::kind::Role;
use siaga_domain::policy::Author;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Operations that fields nobody reads may add, at most: those of one change.
const SLACK: u64 = 256;

/// What only the center says, and still counts.
fn of_center(document: &Document) -> Vec<Entry> {
    let all = document.entries();
    let live = Entries::of(&all).live.into_iter().filter(|entry| !matches!(entry.body, Body::Overruled(_))).cloned();
    live.filter(|entry| writer(entry.body.kind()) == Some(Writer::Center)).collect()
}

/// What became of a mutant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    Refused(&'static str),
    Admitted,
    /// With what broke.
    Poison(String),
}

/// Where a mutant is tried.
pub(crate) struct Bed<'a> {
    pub story: &'a Story,
    /// How many changes of the story the document has.
    pub at: usize,
    pub author: Author,
}

impl Bed<'_> {
    fn claim(&self) -> Claim {
        self.story.claim(self.author)
    }

    fn log(&self) -> impl Iterator<Item = &[u8]> {
        self.story.log.iter().take(self.at).map(|one| one.bytes.as_slice())
    }

    /// Puts a mutant to the check, and what passes to everything that comes after.
    pub(crate) fn try_out(&self, chance: &mut Chance, bytes: &[u8]) -> Outcome {
        let tried = catch_unwind(AssertUnwindSafe(|| self.after_the_check(chance, bytes)));
        match tried {
            Ok(Ok(())) => Outcome::Admitted,
            Ok(Err(Broken::Refused(code))) => Outcome::Refused(code),
            Ok(Err(Broken::After(what))) => Outcome::Poison(what),
            Err(_) => Outcome::Poison("unwound".to_owned()),
        }
    }

    fn after_the_check(&self, chance: &mut Chance, bytes: &[u8]) -> Result<(), Broken> {
        let base = self.story.states.get(self.at).ok_or_else(|| broken("no such state"))?;
        let admitted = base.admit(bytes, &self.claim()).map_err(|refusal| Broken::Refused(refusal.code()))?;
        if admitted.change.bytes != bytes {
            return Err(broken("the admitted bytes are others"));
        }
        let hash = admitted.change.hash;
        let named = admitted.entry_ids.clone();
        let denied = admitted.denied.clone();
        let mut document = base.clone();
        document.apply(admitted).map_err(|error| broken(&format!("does not apply: {error}")))?;
        if !document.contains(&hash) || base.contains(&hash) {
            return Err(broken("is not there after it was applied"));
        }
        if !document.changes().iter().any(|change| change.bytes == bytes) {
            return Err(broken("is encoded anew to other bytes"));
        }
        self.reads(base, &document)?;
        let saved = document.save_verified().map_err(|error| broken(&format!("does not save: {error}")))?;
        same(
            "loaded",
            &document,
            &Document::from_cache(&saved, []).map_err(|error| broken(&format!("load: {error}")))?,
        )?;
        let replayed = Document::from_log(self.log().chain([bytes]));
        same("replayed", &document, &replayed.map_err(|error| broken(&format!("replay: {error}")))?)?;
        self.beside_honest_ones(base, &document, bytes, &named)?;
        self.leaves_what_the_center_says(base, &document, denied)?;
        self.is_no_larger_than_it_says(&document)?;
        let (medic, center) = (Author::Device(Role::Supervisor), Author::Center);
        self.goes_on(chance, document.clone(), bytes, medic)?;
        self.goes_on(chance, document, bytes, center)
    }

    /// What only the center says is read as before, once the center has corrected what it denies.
    fn leaves_what_the_center_says(
        &self,
        base: &Document,
        document: &Document,
        denied: Vec<DeniedEntry>,
    ) -> Result<(), Broken> {
        if self.author == Author::Center {
            return Ok(());
        }
        let corrections: Vec<NewEntry> = denied
            .into_iter()
            .zip(1_u128..)
            .map(|(denied, number)| NewEntry {
                id: EntryId::from_bytes((u128::MAX - number).to_be_bytes()),
                stamp: Stamp::default(),
                body: Body::Overruled(Overruled { target: denied.entry, reason: denied.denial.code().to_owned() }),
            })
            .collect();
        let mut corrected = document.clone();
        if !corrections.is_empty() {
            corrected
                .append(ActorId::from_bytes([4; 16]), &corrections)
                .map_err(|error| broken(&format!("the center cannot correct it: {error}")))?;
        }
        if of_center(base) == of_center(&corrected) {
            Ok(())
        } else {
            Err(broken("what only the center says has changed"))
        }
    }

    /// A document takes at most three times the operations of one that honest authors wrote with the same entries.
    fn is_no_larger_than_it_says(&self, document: &Document) -> Result<(), Broken> {
        let entries: Vec<NewEntry> =
            document.changes().iter().flat_map(|change| Document::entries_in(&change.bytes)).collect();
        let header = document.header().ok_or_else(|| broken("the header is gone"))?;
        let equal = entries.chunks(8).try_fold(None, |equal: Option<Document>, some| match equal {
            None => Document::create(header, ActorId::from_bytes([3; 16]), some).map(|(document, _)| Some(document)),
            Some(mut equal) => equal.append(ActorId::from_bytes([3; 16]), some).map(|_| Some(equal)),
        });
        let Ok(Some(equal)) = equal else { return Ok(()) };
        let (takes, fair) = (document.operation_count(), equal.operation_count());
        if takes <= fair.saturating_mul(3).saturating_add(SLACK) {
            Ok(())
        } else {
            Err(broken(&format!("takes {takes} operations where {fair} say the same")))
        }
    }

    /// Nothing that was there has changed.
    fn reads(&self, before: &Document, after: &Document) -> Result<(), Broken> {
        let _ = after.record();
        let entries = after.entries();
        let kept =
            before.entries().into_iter().all(|old| entries.iter().any(|new| new.id == old.id && new.body == old.body));
        if !kept {
            return Err(broken("an entry that was there is gone or says something else"));
        }
        let header = |document: &Document| document.header().map(|header| (header.id, header.kind, header.schema));
        let as_claimed = header(after).is_some_and(|(id, kind, _)| id == self.story.record && kind == self.story.kind);
        if !as_claimed || (self.at > 0 && header(before) != header(after)) {
            return Err(broken("the header has changed"));
        }
        Ok(())
    }

    /// What others wrote without knowing of it is admitted before it as after it, with one outcome.
    fn beside_honest_ones(
        &self,
        base: &Document,
        with: &Document,
        bytes: &[u8],
        named: &[EntryId],
    ) -> Result<(), Broken> {
        let actor = Document::describe(bytes).map(|change| change.actor);
        let beside = self
            .story
            .log
            .iter()
            .skip(self.at)
            .find(|one| Some(one.actor) != actor && self.at > 0 && one.deps.iter().all(|dep| *dep < self.at));
        let Some(honest) = beside else { return Ok(()) };
        let claim = self.story.claim(honest.author);
        let alone = base.admit(&honest.bytes, &claim);
        // Whoever knows the id of an entry may say something else under it; then the second to come is refused by name.
        if alone.is_ok_and(|alone| alone.entry_ids.iter().any(|id| named.contains(id))) {
            return Ok(());
        }
        let admit = |document: &Document, bytes: &[u8], claim: &Claim| -> Result<Document, Broken> {
            let mut document = document.clone();
            match document.admit(bytes, claim) {
                Ok(admitted) => document.apply(admitted).map_err(|error| broken(&format!("beside: {error}")))?,
                Err(refusal) => return Err(broken(&format!("an honest change beside it is refused: {refusal}"))),
            };
            Ok(document)
        };
        let after = admit(with, &honest.bytes, &claim)?;
        let before = admit(&admit(base, &honest.bytes, &claim)?, bytes, &self.claim())?;
        same("in the other order", &after, &before)?;
        after.save_verified().map(|_| ()).map_err(|error| broken(&format!("does not save beside another: {error}")))
    }

    /// People write on, and a center that heard of everything agrees with them.
    fn goes_on(&self, chance: &mut Chance, mut document: Document, bytes: &[u8], author: Author) -> Result<(), Broken> {
        let mut seen = Vec::new();
        let mut center = Document::from_log(self.log().chain([bytes])).map_err(|error| broken(&format!("{error}")))?;
        let written = entries_by(chance, self.story.kind, author, &mut seen);
        if written.is_empty() {
            return Ok(());
        }
        let writer = ActorId::from_bytes(chance.bytes());
        let made =
            document.append(writer, &written).map_err(|error| broken(&format!("nobody can write on: {error}")))?;
        for change in made {
            let admitted = center
                .admit(&change.bytes, &self.story.claim(author))
                .map_err(|refusal| broken(&format!("what is written on is refused: {refusal}")))?;
            center.apply(admitted).map_err(|error| broken(&format!("what is written on does not apply: {error}")))?;
        }
        same("written on", &document, &center)?;
        document.save_verified().map(|_| ()).map_err(|error| broken(&format!("does not save after: {error}")))
    }
}

enum Broken {
    Refused(&'static str),
    After(String),
}

fn broken(what: &str) -> Broken {
    Broken::After(what.to_owned())
}

fn same(when: &str, one: &Document, other: &Document) -> Result<(), Broken> {
    let equal = one.heads() == other.heads()
        && one.entries() == other.entries()
        && one.header().map(|header| header.id) == other.header().map(|header| header.id)
        && one.change_count() == other.change_count();
    if equal { Ok(()) } else { Err(broken(&format!("differs when {when}"))) }
}

/// The code of a ruling as it is kept with a fixture.
pub(crate) fn code(ruling: &Result<siaga_document::Admitted, Refusal>) -> &'static str {
    match ruling {
        Ok(_) => "admitted",
        Err(refusal) => refusal.code(),
    }
}
