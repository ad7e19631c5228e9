//! A signed-in browser: a random cookie, and a second secret derived from it that a forged request cannot know.
//!
//! Only hashes are stored. A session ends after a shift, or when nobody used it for two hours.

use super::token::fingerprint;
use crate::Center;
use crate::db::DbError;
use crate::db::person::{self, PersonRow, SessionRow};
use sha2::{Digest, Sha256};
use siaga_domain::time::UtcMs;
use subtle::ConstantTimeEq;

/// A shift of ten hours, with handing over.
pub const LONGEST_MS: i64 = 13 * 3_600_000;
const IDLE_MS: i64 = 2 * 3_600_000;
/// Renewing is a write to disk: not more often than this.
const RENEW_MS: i64 = 60_000;

/// A session just opened, with the secrets to hand out.
pub struct Opened {
    pub cookie: String,
    pub csrf: String,
}

/// A session that holds.
pub struct Current {
    pub person: PersonRow,
    csrf: [u8; 32],
}

/// A session was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenSessionError {
    #[error("the system has no randomness")]
    Random,
    #[error("could not write the session")]
    Write(#[from] DbError),
}

/// # Errors
/// [`OpenSessionError`] naming the step.
pub fn open(center: &Center, user: &str) -> Result<Opened, OpenSessionError> {
    let mut secret = [0_u8; 32];
    getrandom::fill(&mut secret).map_err(|_| OpenSessionError::Random)?;
    let cookie = hex::encode(secret);
    let csrf = csrf_of(&cookie);
    let now = count(center);
    let row = SessionRow { user: user.to_owned(), csrf: fingerprint(&csrf), made: now, used: now };
    center.db().write(|tx| {
        person::open_session(tx, &fingerprint(&cookie), &row, now.plus(-LONGEST_MS), now.plus(-IDLE_MS))?;
        let act = crate::db::audit::Act { by: user, act: "session.open", subject: user, detail: "" };
        crate::db::audit::append(tx, center.now().0, &act)
    })?;
    Ok(Opened { cookie, csrf })
}

/// The session of a cookie, renewed; none when it ended or its person was disabled.
///
/// # Errors
/// [`DbError`] when it cannot be read or renewed.
pub fn current(center: &Center, cookie: &str) -> Result<Option<Current>, DbError> {
    let hash = fingerprint(cookie);
    let now = count(center);
    let found = center.db().read(|tx| {
        let Some(session) = person::session(tx, &hash)? else { return Ok(None) };
        Ok::<_, DbError>(person::find(tx, &session.user)?.map(|person| (session, person)))
    })?;
    let Some((session, person)) = found.filter(|(session, person)| holds(session, now) && !person.disabled) else {
        return Ok(None);
    };
    if session.used.until(now) > RENEW_MS {
        center.db().write(|tx| person::touch_session(tx, &hash, now))?;
    }
    Ok(Some(Current { person, csrf: session.csrf }))
}

/// # Errors
/// [`DbError`] when it cannot be removed.
pub fn close(center: &Center, cookie: &str) -> Result<(), DbError> {
    center.db().write(|tx| person::close_session(tx, &fingerprint(cookie)))
}

impl Current {
    /// Whether the header a request carries belongs to this session.
    #[must_use]
    pub fn csrf_fits(&self, header: &str) -> bool {
        fingerprint(header).ct_eq(&self.csrf).into()
    }
}

/// A page that was loaded anew asks for it again, so it is derived, not drawn.
#[must_use]
pub fn csrf_of(cookie: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(b"siaga console csrf\0");
    hasher.update(cookie.as_bytes());
    hex::encode(hasher.finalize())
}

/// The center's own count: a clock that is set neither ends a session nor lets it go on.
fn count(center: &Center) -> UtcMs {
    UtcMs(center.elapsed_ms())
}

const fn holds(session: &SessionRow, now: UtcMs) -> bool {
    session.made.until(now) < LONGEST_MS && session.used.until(now) < IDLE_MS
}
