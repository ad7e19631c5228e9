//! The life of a home: which Automerge actor writes here, and when it must be another one.
//!
//! Two changes with one (actor, seq) and different content can never be merged again. So an actor belongs to one
//! life of one home: it is drawn anew at each boot, after a refusal, and whenever the mark beside the database
//! (open counter, inode, boot id) disagrees with what the database says. A copied home or one put back from a
//! backup shows before it writes: by its counter, by its inode, or, where the disk gave the number of the old file to the
//! new one, by the time since when a file that nobody ever writes has been as it is.

use crate::failure::OpenError;
use crate::open::GUESTS;
use crate::room;
use rusqlite::{OptionalExtension, Transaction, params};
use siaga_domain::id::ActorId;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Draws 16 random bytes. The store itself has no source of randomness.
pub type Draw = Arc<dyn Fn() -> [u8; 16] + Send + Sync>;

/// What the platform says of the boot this process lives in, and where new actors come from.
#[derive(Clone)]
pub struct LifeSigns {
    /// Differs from boot to boot: `/proc/sys/kernel/random/boot_id`.
    pub boot_id: String,
    /// The platform's own boot counter where it has one; without, the store counts the boots it sees.
    pub boot_count: Option<u32>,
    pub draw: Draw,
}

/// What one opening found.
pub(crate) struct Life {
    /// Counts boots, for `ClockReading::boot`.
    pub boot: u32,
    /// A new actor was drawn.
    pub new_actor: bool,
    /// The database is not the one the mark was written for: it was copied or put back.
    pub put_back: bool,
    /// No opening of this boot came before.
    pub first_of_boot: bool,
}

#[derive(PartialEq, Eq)]
struct Mark {
    counter: i64,
    inode: i64,
    boot_id: String,
}

impl Mark {
    fn text(&self) -> String {
        format!("{} {} {}\n", self.counter, self.inode, self.boot_id)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim_end().splitn(3, ' ');
        Some(Self {
            counter: parts.next()?.parse().ok()?,
            inode: parts.next()?.parse().ok()?,
            boot_id: parts.next()?.to_owned(),
        })
    }
}

/// Compares mark, database and boot; raises the counter in both; draws an actor where they disagree.
pub(crate) fn begin(tx: &Transaction<'_>, database: &Path, signs: &LifeSigns) -> Result<Life, OpenError> {
    let inode = inode(database).map_err(OpenError::Home)?;
    let mark = fs::read_to_string(mark_path(database)).ok().and_then(|text| Mark::parse(&text));
    let known = tx
        .query_row("SELECT boot_id, boot, counter, inode, unchanged_since_ns FROM life WHERE id = 1", [], |row| {
            let mark = Mark { boot_id: row.get(0)?, counter: row.get(2)?, inode: row.get(3)? };
            Ok((mark, row.get::<_, u32>(1)?, row.get::<_, Option<i64>>(4)?))
        })
        .optional()
        .map_err(OpenError::Life)?;
    let (seen_boot, counter) = known.as_ref().map_or((0, 0), |(known, boot, _)| (*boot, known.counter));
    let same_boot = known.as_ref().is_some_and(|(known, ..)| known.boot_id == signs.boot_id);
    let boot = signs.boot_count.unwrap_or(if same_boot { seen_boot } else { seen_boot.saturating_add(1) });
    let since = unchanged_since_ns(database);
    let put_back = known.as_ref().is_some_and(|(known, _, known_since)| {
        let is_younger = known_since.is_some() && since.is_some() && *known_since != since;
        known.inode != inode || is_younger || mark.as_ref().is_none_or(|mark| mark != known)
    });
    let goes_on = same_boot && known.is_some() && !put_back;
    let next = Mark { counter: counter.saturating_add(1), inode, boot_id: signs.boot_id.clone() };
    // The mark goes first: dying between the two costs a fresh actor, never a reused one.
    write_mark(database, &next).map_err(OpenError::Mark)?;
    tx.execute(
        "INSERT INTO life (id, actor, boot_id, boot, counter, inode, unchanged_since_ns) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (id) DO UPDATE SET boot_id = ?2, boot = ?3, counter = ?4, inode = ?5, unchanged_since_ns = ?6",
        params![(signs.draw)().as_slice(), next.boot_id, boot, next.counter, next.inode, since],
    )
    .map_err(OpenError::Life)?;
    if !goes_on {
        draw_actor(tx, &signs.draw).map_err(OpenError::Life)?;
    }
    Ok(Life { boot, new_actor: !goes_on, put_back, first_of_boot: !same_boot })
}

/// Whoever writes from now on is somebody new.
pub(crate) fn draw_actor(tx: &Transaction<'_>, draw: &Draw) -> Result<ActorId, rusqlite::Error> {
    let actor = draw();
    tx.execute("UPDATE life SET actor = ?1 WHERE id = 1", params![actor.as_slice()])?;
    Ok(ActorId::from_bytes(actor))
}

/// Read inside each write transaction, because another guest may have drawn a new one.
pub(crate) fn actor(tx: &Transaction<'_>) -> Result<ActorId, rusqlite::Error> {
    tx.query_row("SELECT actor FROM life WHERE id = 1", [], |row| row.get::<_, [u8; 16]>(0)).map(ActorId::from_bytes)
}

pub(crate) fn mark_path(database: &Path) -> PathBuf {
    database.with_extension("mark")
}

fn write_mark(database: &Path, mark: &Mark) -> std::io::Result<()> {
    let path = mark_path(database);
    let temporary = path.with_extension("mark.part");
    let written = fs::File::create(&temporary).and_then(|mut file| {
        file.write_all(mark.text().as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, &path)
    });
    match written {
        // In its own place it needs no room. One that is half written makes a new actor of this home, as a lost one does.
        Err(error) if room::is_lack_of_room(&error) => {
            let _ = fs::remove_file(&temporary);
            let mut file = fs::File::options().write(true).open(&path)?;
            file.write_all(mark.text().as_bytes())?;
            file.set_len(mark.text().len() as u64)?;
            file.sync_all()
        }
        written => written,
    }
}

#[cfg(unix)]
fn inode(path: &Path) -> std::io::Result<i64> {
    use std::os::unix::fs::MetadataExt;
    #[cfg(feature = "faults")]
    if let Some(inode) = crate::fault::inode(path) {
        return Ok(inode);
    }
    // Only equality matters: the bits may well read as a negative number.
    fs::metadata(path).map(|found| i64::from_ne_bytes(found.ino().to_ne_bytes()))
}

/// Since when the file of the guests, made with the home and never written, has been as it is. A copy may keep the time of
/// a file's content, but not this one. `None` where the platform does not say.
#[cfg(unix)]
fn unchanged_since_ns(database: &Path) -> Option<i64> {
    use std::os::unix::fs::MetadataExt;
    #[cfg(feature = "faults")]
    if crate::fault::inode(database).is_some() {
        return None;
    }
    let found = fs::metadata(database.with_file_name(GUESTS)).ok()?;
    found.ctime().checked_mul(1_000_000_000)?.checked_add(found.ctime_nsec())
}

#[cfg(not(unix))]
fn unchanged_since_ns(_: &Path) -> Option<i64> {
    None
}

#[cfg(not(unix))]
fn inode(path: &Path) -> std::io::Result<i64> {
    fs::metadata(path).map(|_| 0)
}
