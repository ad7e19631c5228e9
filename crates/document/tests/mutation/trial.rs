//! What must hold of whatever the admission check let pass: everything one does with a document afterwards still works.
//!
//! Anything that does not is *poison*: a document that cannot be saved, loaded, read, merged or written on.

use super::chance::Chance;
use super::seed::{Story, entries};
use siaga_document::{Claim, Document, Refusal};
use siaga_domain::id::{ActorId, EntryId};
use siaga_domain::policy::Author;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What became of a mutant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    Refused(&'static str),
    Admitted,
    /// With what broke.
    Poison(String),
}

/// Where a mutant is tried.
pub struct Bed<'a> {
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
    pub fn try_out(&self, chance: &mut Chance, bytes: &[u8]) -> Outcome {
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
        self.goes_on(chance, document, bytes)
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
    fn goes_on(&self, chance: &mut Chance, mut document: Document, bytes: &[u8]) -> Result<(), Broken> {
        let mut seen = Vec::new();
        let mut center = Document::from_log(self.log().chain([bytes])).map_err(|error| broken(&format!("{error}")))?;
        let (author, written) = entries(chance, self.story.kind, 1, &mut seen);
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
pub fn code(ruling: &Result<siaga_document::Admitted, Refusal>) -> &'static str {
    match ruling {
        Ok(_) => "admitted",
        Err(refusal) => refusal.code(),
    }
}
