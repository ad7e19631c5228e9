//! Setting a center up from the command line: people who sign in, posts, units, facilities and bearer tokens.
//!
//! Each act is checked, written and audited; an error names the field, its limit and what to do. Directory entries go
//! through the ordinary journal: something that ends gets an `ended` entry, which replaces what stood in its slot.

use crate::Center;
use crate::api::view::StaffRole;
use crate::db::audit::Act;
use crate::db::device::DeviceState;
use crate::db::person::{self, PersonRow};
use crate::db::{DbError, audit, projection};
use crate::journal::documents::LoadError;
use crate::journal::{RecordWrite, Start, WriteError};
use crate::people::password;
use siaga_domain::entry::Body;
use siaga_domain::kind::RecordKind;
use siaga_domain::place::Position;
use siaga_domain::record::Record;
use siaga_domain::record::directory::{Directory, Ended};

/// Letters of a name.
const LONGEST_NAME: usize = 80;
/// Letters of what somebody signs in with.
const LONGEST_USER: usize = 64;

/// An act was not done.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    #[error("{field}: {what}")]
    BadInput { field: &'static str, what: String, remedy: String },
    #[error("could not hash a password")]
    Hash(#[from] password::HashPasswordError),
    #[error("the system has no randomness")]
    Random,
    #[error("could not read the directory")]
    Load(#[from] LoadError),
    #[error("could not write the directory")]
    Write(#[from] WriteError),
    #[error("could not read or write the database")]
    Database(#[from] DbError),
}

fn bad(field: &'static str, what: impl Into<String>, remedy: impl Into<String>) -> AdminError {
    AdminError::BadInput { field, what: what.into(), remedy: remedy.into() }
}

/// A name as people read it, without spaces around it.
///
/// # Errors
/// [`AdminError::BadInput`] naming the field.
pub fn name(field: &'static str, text: &str) -> Result<String, AdminError> {
    let text = text.trim();
    let count = text.chars().count();
    if count == 0 || count > LONGEST_NAME || text.chars().any(char::is_control) {
        let what = format!("it has {count} characters, or one that cannot be printed");
        return Err(bad(field, what, format!("give 1 to {LONGEST_NAME} printable characters")));
    }
    Ok(text.to_owned())
}

/// What somebody signs in with: signing in compares small letters.
///
/// # Errors
/// [`AdminError::BadInput`].
pub fn user(text: &str) -> Result<String, AdminError> {
    let text = text.trim().to_lowercase();
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_' | '@');
    if text.is_empty() || text.len() > LONGEST_USER || !text.chars().all(allowed) {
        return Err(bad(
            "user",
            "it is empty, too long, or holds other characters than letters, digits, . - _ and @",
            format!("give 1 to {LONGEST_USER} of these characters, such as sari.dewi"),
        ));
    }
    Ok(text)
}

/// A place on the earth that somebody meant.
///
/// # Errors
/// [`AdminError::BadInput`] naming the field.
pub fn place(lat: f64, lon: f64) -> Result<(f64, f64), AdminError> {
    let position = Position::new(lat, lon, None).map_err(|error| {
        let field = if (-90.0..=90.0).contains(&lat) { "lon" } else { "lat" };
        bad(field, error.to_string(), "give degrees: --lat -90 to 90 (south is negative), --lon -180 to 180")
    })?;
    if lat.abs() < 0.01 && lon.abs() < 0.01 {
        return Err(bad("lat", "0,0 lies in the sea off Africa", "give the place of the post in degrees"));
    }
    Ok((position.lat(), position.lon()))
}

/// A password that opens one sign-in, which replaces it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OneTime {
    pub user: String,
    pub password: String,
}

impl Center {
    /// Adds somebody who signs in, or takes back somebody who ended, with a one-time password.
    ///
    /// # Errors
    /// [`AdminError`]; nothing was written.
    pub fn add_person(&self, login: &str, full: &str, role: StaffRole, by: &str) -> Result<OneTime, AdminError> {
        let (user, name) = (user(login)?, name("name", full)?);
        if role == StaffRole::System {
            return Err(bad("role", "a system has a token, not a password", "use `siaga-center token`"));
        }
        let password = password::random().map_err(|_| AdminError::Random)?;
        let row = PersonRow {
            user: user.clone(),
            name,
            role: role.code().to_owned(),
            password: password::hash(&password)?,
            disabled: false,
            one_time: true,
        };
        let now = self.now();
        self.db().write(|tx| {
            if !person::insert(tx, &row, now)? {
                if person::find(tx, &user)?.is_some_and(|known| !known.disabled) {
                    let remedy = "choose another --user, or `siaga-center admin person password` for a new password";
                    return Err(bad("user", format!("{user} signs in here already"), remedy));
                }
                person::update(tx, &row)?;
            }
            audit::append(tx, now.0, &Act { by, act: "person.add", subject: &user, detail: role.code() })?;
            Ok(())
        })?;
        Ok(OneTime { user, password })
    }

    /// Ends somebody's access and sessions. The name stays in what was written.
    ///
    /// # Errors
    /// [`AdminError`]; nothing was written.
    pub fn end_person(&self, login: &str, by: &str) -> Result<(), AdminError> {
        let user = user(login)?;
        let now = self.now();
        self.db().write(|tx| {
            let row = known_person(tx, &user)?;
            person::update(tx, &PersonRow { disabled: true, ..row })?;
            person::close_sessions(tx, &user)?;
            audit::append(tx, now.0, &Act { by, act: "person.end", subject: &user, detail: "" })?;
            Ok(())
        })
    }

    /// Gives somebody a new one-time password and ends their sessions.
    ///
    /// # Errors
    /// [`AdminError`]; nothing was written.
    pub fn renew_password(&self, login: &str, by: &str) -> Result<OneTime, AdminError> {
        let user = user(login)?;
        let password = password::random().map_err(|_| AdminError::Random)?;
        let hash = password::hash(&password)?;
        let now = self.now();
        self.db().write(|tx| {
            let row = known_person(tx, &user)?;
            person::update(tx, &PersonRow { password: hash, one_time: true, ..row })?;
            person::close_sessions(tx, &user)?;
            audit::append(tx, now.0, &Act { by, act: "person.password", subject: &user, detail: "one_time" })?;
            Ok::<_, AdminError>(())
        })?;
        Ok(OneTime { user, password })
    }

    /// Everybody who was ever added, by user.
    ///
    /// # Errors
    /// [`DbError`] naming the step.
    pub fn people(&self) -> Result<Vec<PersonRow>, DbError> {
        self.db().read(|tx| person::all(tx))
    }

    /// Withdraws every token of a system; gives how many.
    ///
    /// # Errors
    /// [`AdminError`]; nothing was written.
    pub fn withdraw_token(&self, system: &str, by: &str) -> Result<usize, AdminError> {
        let now = self.now();
        self.db().write(|tx| {
            let count = person::revoke_tokens(tx, system, now)?;
            if count == 0 {
                return Err(bad("name", "no token of this name is valid", "see `siaga-center admin token list`"));
            }
            audit::append(tx, now.0, &Act { by, act: "token.withdraw", subject: system, detail: "" })?;
            Ok(count)
        })
    }

    /// The directory, empty where there is none yet.
    ///
    /// # Errors
    /// [`DbError`] naming the step.
    pub fn directory(&self) -> Result<Option<Directory>, DbError> {
        let known = self.db().read(|tx| projection::of_kind(tx, RecordKind::Directory))?;
        Ok(known.into_iter().find_map(|stored| match stored.record {
            Some(Record::Directory(directory)) => Some(directory),
            _ => None,
        }))
    }

    /// Writes a post, unit or facility; one that is there already only when `replace` says so.
    ///
    /// # Errors
    /// [`AdminError`]; nothing was written.
    pub fn add_to_directory(&self, body: Body, replace: Replace, by: &str) -> Result<(), AdminError> {
        let directory = self.directory()?;
        let slot = body.slot().unwrap_or_default();
        let is_there = directory.as_ref().is_some_and(|directory| holds(directory, &slot));
        if replace == Replace::No && is_there {
            let remedy = "choose another --code, or add --replace";
            return Err(bad("code", format!("there is one already: {slot}"), remedy));
        }
        names_what_is_there(directory.as_ref(), &body)?;
        self.write_directory(directory.as_ref(), body, by, "directory.add", &slot)
    }

    /// Ends a post, unit or facility that nothing depends on any more.
    ///
    /// # Errors
    /// [`AdminError`]; nothing was written.
    pub fn end_in_directory(&self, kind: &'static str, code: &str, by: &str) -> Result<(), AdminError> {
        let slot = format!("{kind}.{code}");
        let directory = self.directory()?;
        let Some(directory) = directory.filter(|directory| holds(directory, &slot)) else {
            return Err(bad(
                "code",
                format!("there is no {kind} {code}"),
                format!("see `siaga-center admin {kind} list`"),
            ));
        };
        match kind {
            "post" => {
                let here: Vec<&str> = directory
                    .units
                    .iter()
                    .filter(|unit| unit.post.as_str() == code)
                    .map(|unit| unit.code.as_str())
                    .collect();
                if !here.is_empty() {
                    let remedy = "end these units, or move them with `admin unit add --replace --post`";
                    return Err(bad("code", format!("units are stationed there: {}", here.join(", ")), remedy));
                }
            }
            "unit" => self.unit_is_free(code)?,
            _ => {}
        }
        let ended = Body::Ended(Ended { slot: slot.clone() });
        self.write_directory(Some(&directory), ended, by, "directory.end", &slot)
    }

    /// Whether no phone and no open order belongs to a unit.
    fn unit_is_free(&self, code: &str) -> Result<(), AdminError> {
        let phones = self.devices()?.into_iter().filter(|device| device.unit == code);
        let phones: Vec<String> =
            phones.filter(|device| device.state != DeviceState::Revoked).map(|device| device.id.to_string()).collect();
        if !phones.is_empty() {
            let what = format!("phones are enrolled for it: {}", phones.join(", "));
            return Err(bad("code", what, "revoke them first with `siaga-center revoke`"));
        }
        let open = self.records(RecordKind::Assignment)?.into_iter().any(|stored| match &stored.record {
            Some(Record::Assignment(one)) => one.is_open() && one.unit.as_str() == code,
            _ => false,
        });
        if open {
            return Err(bad("code", "it has an order that is not done", "finish or cancel the order at the console"));
        }
        Ok(())
    }

    fn write_directory(
        &self,
        directory: Option<&Directory>,
        body: Body,
        by: &str,
        act: &str,
        subject: &str,
    ) -> Result<(), AdminError> {
        let (record, start) =
            directory.map_or_else(|| (self.new_record(), Start::Create), |directory| (directory.id, Start::Append));
        self.write(RecordWrite { record, kind: RecordKind::Directory, start, entries: vec![body] }, by)?;
        self.audit(by, act, subject, "")?;
        Ok(())
    }
}

/// What happens to an entry of the same code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Replace {
    No,
    Yes,
}

fn known_person(tx: &rusqlite::Connection, user: &str) -> Result<PersonRow, AdminError> {
    person::find(tx, user)?
        .filter(|known| !known.disabled)
        .ok_or_else(|| bad("user", format!("nobody signs in as {user}"), "see `siaga-center admin person list`"))
}

fn holds(directory: &Directory, slot: &str) -> bool {
    let posts = directory.posts.iter().map(|one| format!("post.{}", one.code));
    let units = directory.units.iter().map(|one| format!("unit.{}", one.code));
    let facilities = directory.facilities.iter().map(|one| format!("facility.{}", one.code));
    posts.chain(units).chain(facilities).any(|known| known == slot)
}

/// The agency and post that an entry names must be there.
fn names_what_is_there(directory: Option<&Directory>, body: &Body) -> Result<(), AdminError> {
    let (agency, post) = match body {
        Body::Post(post) => (Some(&post.agency), None),
        Body::Unit(unit) => (Some(&unit.agency), Some(&unit.post)),
        _ => (None, None),
    };
    let agencies = directory.map(|directory| directory.agencies.as_slice()).unwrap_or_default();
    if let Some(agency) = agency.filter(|agency| !agencies.iter().any(|known| known.code == **agency)) {
        let known: Vec<&str> = agencies.iter().map(|known| known.code.as_str()).collect();
        let remedy = if known.is_empty() {
            "seed the center first: `siaga-center seed --regency CODE`".to_owned()
        } else {
            format!("give one of {}", known.join(", "))
        };
        return Err(bad("agency", format!("there is no agency {agency}"), remedy));
    }
    let posts = directory.map(|directory| directory.posts.as_slice()).unwrap_or_default();
    if let Some(post) = post.filter(|post| !posts.iter().any(|known| known.code == **post)) {
        return Err(bad("post", format!("there is no post {post}"), "add it first with `siaga-center admin post add`"));
    }
    Ok(())
}
