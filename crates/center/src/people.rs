//! Who may use the console and the API: people with passwords, their sessions, and bearer tokens of systems.

pub mod browser;
pub mod password;
pub mod session;
pub mod throttle;
pub mod token;

use crate::Center;
use crate::db::DbError;
use crate::db::audit::{self, Act};
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
        one_time: false,
    };
    let now = center.now();
    let added = center.db().write(|tx| person::insert(tx, &row, now))?;
    if added {
        center.audit("center", "person.add", user, role)?;
    }
    Ok(added)
}

/// A password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    #[error("the new password has fewer than {} characters", password::SHORTEST)]
    TooShort,
    #[error("the new password is the old one, or one that everybody knows")]
    Known,
    #[error("could not hash the password")]
    Hash(#[from] password::HashPasswordError),
    #[error("could not write the password")]
    Write(#[from] DbError),
}

/// Replaces somebody's password, which `old` is, by one of their own, and ends their other sessions.
///
/// # Errors
/// [`ChangePasswordError`]; nothing was changed.
pub fn change_password(center: &Center, row: &PersonRow, old: &str, new: &str) -> Result<(), ChangePasswordError> {
    if new.chars().count() < password::SHORTEST {
        return Err(ChangePasswordError::TooShort);
    }
    if new == old || crate::seed::is_demo_password(&row.user, new) {
        return Err(ChangePasswordError::Known);
    }
    let changed = PersonRow { password: password::hash(new)?, one_time: false, ..row.clone() };
    let now = center.now();
    center.db().write(|tx| {
        person::update(tx, &changed)?;
        person::close_sessions(tx, &row.user)?;
        let act = Act { by: &row.user, act: "person.password", subject: &row.user, detail: "own" };
        audit::append(tx, now.0, &act)
    })?;
    Ok(())
}
