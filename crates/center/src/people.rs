//! Who may use the console and the API: people with passwords, their sessions, and bearer tokens of systems.

pub mod password;
pub mod session;
pub mod throttle;
pub mod token;

use crate::Center;
use crate::db::DbError;
use crate::db::person::{self, PersonRow};

/// A person was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddPersonError {
    #[error("a password must have at least {} characters", password::SHORTEST)]
    TooShort,
    #[error("could not hash the password")]
    Hash(#[from] password::HashPasswordError),
    #[error("could not write the person")]
    Write(#[from] DbError),
}

/// Adds somebody who signs in as `user`; whether they are new. An existing person keeps name, role and password.
///
/// # Errors
/// [`AddPersonError`] naming the step.
pub fn add(center: &Center, user: &str, name: &str, role: &str, password: &str) -> Result<bool, AddPersonError> {
    if password.chars().count() < password::SHORTEST {
        return Err(AddPersonError::TooShort);
    }
    let row = PersonRow {
        user: user.to_owned(),
        name: name.to_owned(),
        role: role.to_owned(),
        password: password::hash(password)?,
        disabled: false,
    };
    let now = center.now();
    let added = center.db().write(|tx| person::insert(tx, &row, now))?;
    if added {
        center.audit("center", "person.add", user, role)?;
    }
    Ok(added)
}
