//! The center's own count of time, for whatever must last so long and no longer, restarts included.
//!
//! Within one start of the machine it follows the boot-time clock, so nobody moves it by setting the wall clock. Across a
//! restart of the machine the wall clock bridges the gap, by 0 to 24 hours. Nothing that people read is taken from here.

use crate::clock::{Clock, SinceBoot};
use crate::db::tick::{self, Mark};
use crate::db::{Db, DbError};

/// A machine that was off for longer counts as off for this long: a wrong wall clock does no more harm than that.
const LONGEST_OFF_MS: i64 = 24 * 3_600_000;

/// The count of one opened center.
pub struct Tick {
    /// What the count and the machine read when the center was opened.
    base_ms: i64,
    opened: SinceBoot,
}

impl Tick {
    /// Goes on counting from what is written down.
    ///
    /// # Errors
    /// [`DbError`] naming the step.
    pub fn open(db: &Db, clock: &dyn Clock, life: &str) -> Result<Self, DbError> {
        let opened = clock.since_boot().unwrap_or_else(|| SinceBoot { boot: life.to_owned(), ms: 0 });
        let wall_ms = clock.now().0;
        let base_ms = match db.read(|tx| tick::load(tx))? {
            Some(mark) if mark.boot == opened.boot && mark.boot_ms <= opened.ms => {
                let since_ms = opened.ms.saturating_sub(mark.boot_ms);
                return Ok(Self { base_ms: mark.elapsed_ms.saturating_add(since_ms), opened });
            }
            Some(mark) => mark.elapsed_ms.saturating_add(wall_ms.saturating_sub(mark.wall_ms).clamp(0, LONGEST_OFF_MS)),
            None => 0,
        };
        // Other processes that open this center must count from the same moment.
        db.write(|tx| {
            tick::save(tx, &Mark { elapsed_ms: base_ms, boot: opened.boot.clone(), boot_ms: opened.ms, wall_ms })
        })?;
        Ok(Self { base_ms, opened })
    }

    /// `running_ms`: since the center was opened, where the clock cannot read the machine's own time.
    pub fn elapsed_ms(&self, clock: &dyn Clock, running_ms: i64) -> i64 {
        self.base_ms.saturating_add(self.since_open_ms(clock, running_ms))
    }

    /// Writes the count down: a restart of the machine goes on from here.
    ///
    /// # Errors
    /// [`DbError`] naming the step.
    pub fn save(&self, db: &Db, clock: &dyn Clock, running_ms: i64) -> Result<(), DbError> {
        let since_ms = self.since_open_ms(clock, running_ms);
        let mark = Mark {
            elapsed_ms: self.base_ms.saturating_add(since_ms),
            boot: self.opened.boot.clone(),
            boot_ms: self.opened.ms.saturating_add(since_ms),
            wall_ms: clock.now().0,
        };
        db.write(|tx| tick::save(tx, &mark))
    }

    fn since_open_ms(&self, clock: &dyn Clock, running_ms: i64) -> i64 {
        let read = clock.since_boot().filter(|now| now.boot == self.opened.boot);
        read.map_or(running_ms, |now| now.ms.saturating_sub(self.opened.ms)).max(0)
    }
}
