//! Terms: the unit and role the center has on file for this phone, the kinds of entries it understands, and the letters
//! this phone numbers its patients with.
//!
//! A center that opens a session without terms is older than they are: what it understood before counts no more. A role this
//! build does not know changes nothing here; the center judges by its own.

use crate::cached::Cached as _;
use crate::failure::{Step, StoreError};
use crate::{News, Store, kept};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use siaga_domain::entry::Body;
use siaga_domain::id::UnitCode;
use siaga_domain::kind::Role;
use siaga_domain::patient_number::{PatientLetters, PatientNumber};
use siaga_domain::time::UtcMs;
use siaga_domain::vocabulary::is_known_to_every_center;

/// Terms as the center gave them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Terms {
    pub stamp: u16,
    pub unit: String,
    /// `Role`'s code.
    pub role: String,
    pub kinds: Vec<String>,
    pub letters: Option<String>,
}

/// What this phone is to say of its terms.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TermsToTell {
    /// Stamp of the terms on this disk; 0 for none.
    pub known: u16,
    pub wants_letters: bool,
}

/// The newest move of this phone that nobody confirmed having seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Moved {
    pub from_unit: String,
    pub from_role: String,
    /// Device UTC.
    pub at_ms: UtcMs,
}

impl Store {
    /// Whether an entry of this kind may be written into a record now. What may not is kept until the center knows it;
    /// [`author`](Self::author) does so by itself.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn may_write_kind(&self, kind: &str) -> Result<bool, StoreError> {
        may_write_kind(&self.conn, kind)
    }

    /// `None` while there is nothing to say.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn terms_to_tell(&self) -> Result<Option<TermsToTell>, StoreError> {
        let found: Option<(u16, i64, bool)> = self
            .conn
            .prepare_cached("SELECT terms_stamp, terms_told, NOT EXISTS (SELECT 1 FROM letters) FROM peer WHERE id = 1")
            .and_then(|mut statement| {
                statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()
            })
            .step("read the terms")?;
        Ok(found.and_then(|(known, told, without_letters)| {
            // A center without terms has no letters to give.
            let wants_letters = without_letters && known != 0;
            (i64::from(known) != told || wants_letters).then_some(TermsToTell { known, wants_letters })
        }))
    }

    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn moved(&self) -> Result<Option<Moved>, StoreError> {
        self.conn
            .prepare_cached("SELECT from_unit, from_role, at_ms FROM moved WHERE id = 1")
            .and_then(|mut statement| {
                let read = |row: &rusqlite::Row<'_>| {
                    Ok(Moved { from_unit: row.get(0)?, from_role: row.get(1)?, at_ms: UtcMs(row.get(2)?) })
                };
                statement.query_row([], read).optional()
            })
            .step("read whether this phone was moved")
    }

    /// Somebody saw that the phone was moved.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn moved_was_seen(&self) -> Result<(), StoreError> {
        self.conn.run("DELETE FROM moved WHERE id = 1", []).step("note that the move was seen")?;
        Ok(())
    }
}

pub(crate) fn may_write_kind(conn: &Connection, kind: &str) -> Result<bool, StoreError> {
    if is_known_to_every_center(kind) {
        return Ok(true);
    }
    let kinds: Option<String> = conn
        .prepare_cached("SELECT kinds FROM peer WHERE id = 1")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)).optional())
        .step("read what the center knows")?;
    Ok(kinds.is_some_and(|kinds| kinds.split(' ').any(|known| known == kind)))
}

/// Takes in what an answer says of the terms; then what was kept for it is written.
pub(crate) fn take(tx: &Transaction<'_>, news: &News) -> Result<(), StoreError> {
    let step = "keep the terms";
    if let Some(told) = news.told_terms {
        tx.run("UPDATE peer SET terms_told = ?1 WHERE id = 1", [told]).step(step)?;
    }
    let Some(terms) = &news.terms else {
        if news.token.is_some() {
            tx.run("UPDATE peer SET terms_stamp = 0, kinds = '' WHERE id = 1 AND terms_stamp <> 0", []).step(step)?;
        }
        return Ok(());
    };
    tx.run("UPDATE peer SET terms_stamp = ?1, kinds = ?2 WHERE id = 1", params![terms.stamp, terms.kinds.join(" ")])
        .step(step)?;
    if let Some(letters) = terms.letters.as_deref().and_then(|letters| letters.parse::<PatientLetters>().ok()) {
        give(tx, &letters)?;
    }
    take_place(tx, terms, news.at_ms)
}

/// Another unit or role on file: this phone works there from now on, and says so until somebody saw it.
fn take_place(tx: &Transaction<'_>, terms: &Terms, at: UtcMs) -> Result<(), StoreError> {
    let step = "keep unit and role";
    let known: Option<(String, String)> = tx
        .ask("SELECT unit, role FROM enrolment WHERE id = 1", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
        .step(step)?;
    let Some((unit, role)) = known else { return Ok(()) };
    let next_unit = if UnitCode::new(terms.unit.clone()).is_ok() { terms.unit.as_str() } else { unit.as_str() };
    let next_role = if terms.role.parse::<Role>().is_ok() { terms.role.as_str() } else { role.as_str() };
    if (next_unit, next_role) == (unit.as_str(), role.as_str()) {
        return Ok(());
    }
    tx.run("UPDATE enrolment SET unit = ?1, role = ?2 WHERE id = 1", [next_unit, next_role]).step(step)?;
    note_move(tx, &unit, &role, at)
}

pub(crate) fn note_move(tx: &Transaction<'_>, unit: &str, role: &str, at: UtcMs) -> Result<(), StoreError> {
    // Of several moves nobody saw, the first place is the one people remember.
    tx.run(
        "INSERT INTO moved (id, from_unit, from_role, at_ms) VALUES (1, ?1, ?2, ?3)
         ON CONFLICT (id) DO UPDATE SET at_ms = ?3",
        params![unit, role, at.0],
    )
    .step("note that this phone was moved")?;
    Ok(())
}

fn give(tx: &Transaction<'_>, letters: &PatientLetters) -> Result<(), StoreError> {
    // Two requests may have asked at once: the first letters that came are in use.
    tx.run(
        "INSERT INTO letters (id, letters, counted) VALUES (1, ?1, 0) ON CONFLICT (id) DO NOTHING",
        [letters.as_str()],
    )
    .step("keep the letters")?;
    Ok(())
}

/// Nobody knows any more how far this phone counted: it asks for other letters before it numbers again.
pub(crate) fn forget_letters(conn: &Connection) -> Result<(), rusqlite::Error> {
    conn.execute("DELETE FROM letters", []).map(|_| ())
}

/// The next number of this phone, counted in the transaction that writes its patient; `None` while it has no letters.
fn next_number(tx: &Transaction<'_>) -> Result<Option<PatientNumber>, StoreError> {
    let step = "number a patient";
    let found: Option<(String, u32)> = tx
        .ask("UPDATE letters SET counted = counted + 1 WHERE id = 1 RETURNING letters, counted", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()
        .step(step)?;
    Ok(found.and_then(|(letters, count)| Some(PatientNumber::of_a_phone(&letters.parse().ok()?, count))))
}

/// Numbers the patient that an opening begins, where it has no number.
pub(crate) fn number_patient(tx: &Transaction<'_>, body: &mut Body) -> Result<(), StoreError> {
    if let Body::PatientOpened(opened) = body
        && opened.number.is_none()
    {
        opened.number = next_number(tx)?;
    }
    Ok(())
}

/// Writes what was kept for a center that knows it now.
pub(crate) fn write_kept(tx: &Transaction<'_>, store: &Store, at: UtcMs) -> Result<(), StoreError> {
    kept::write_what_is_known(tx, &store.draw, at)
}
