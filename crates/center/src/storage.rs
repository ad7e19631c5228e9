//! The center's disk: how much room it has, and a reserve that is given up step by step so that calls, SOS and presses are
//! still written when another program has filled the disk.
//!
//! Background writes (photographs, the trail, archives, packs, backups) stop while the room is low, long before the reserve
//! is touched. The reserve is a file whose blocks are allocated; it is made and restored by a served center only.

use crate::keys::create_owner_only;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, Ordering};

/// The reserve's name in the center's folder.
pub const RESERVE: &str = "reserve";

/// The whole reserve: thousands of calls with their presses. A quarter of what is free, on a smaller disk.
const RESERVE_BYTES: u64 = 64 * 1024 * 1024;

/// The room is low below this, or below an eighth of a smaller disk.
const LOW_BYTES: u64 = 256 * 1024 * 1024;

/// A writing finds at least this much, as long as the reserve lasts: SQLite's log and one large exchange.
const WRITING_BYTES: u64 = 4 * 1024 * 1024;

/// So much of the reserve is given up at a time: what else fills the disk takes a step, not all of it.
const STEP_BYTES: u64 = 8 * 1024 * 1024;

/// How much room the disk has.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Room {
    Enough,
    /// Background writes stop.
    Low,
    /// What is written comes from the reserve.
    Reserve,
}

/// A background write was not begun.
#[derive(Debug, thiserror::Error)]
#[error("the center's disk is nearly full")]
pub struct NoRoom;

/// The disk of one center's folder.
#[derive(Debug)]
pub struct Storage {
    folder: PathBuf,
    reserve: PathBuf,
    told: AtomicU8,
}

impl Storage {
    /// Looks at the disk of `folder`, and makes room for opening a database where there is none left.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        let storage = Self { folder: folder.to_owned(), reserve: folder.join(RESERVE), told: AtomicU8::new(0) };
        storage.make_room();
        storage
    }

    /// How much room there is now. A disk that cannot be asked counts as one with enough: its writes say what is wrong.
    #[must_use]
    pub fn room(&self) -> Room {
        let Ok(disk) = Disk::of(&self.folder) else { return Room::Enough };
        if disk.free < WRITING_BYTES.saturating_mul(2) && disk.free < disk.low() {
            Room::Reserve
        } else if disk.free < disk.low() {
            Room::Low
        } else {
            Room::Enough
        }
    }

    /// Whether a background write may begin.
    ///
    /// # Errors
    /// [`NoRoom`] while the room is low.
    pub fn spare(&self) -> Result<(), NoRoom> {
        if self.room() == Room::Enough { Ok(()) } else { Err(NoRoom) }
    }

    /// Gives up steps of the reserve until the next writing has room. Called before each writing; cheap when there is room.
    pub fn make_room(&self) {
        while let Ok(disk) = Disk::of(&self.folder)
            && disk.free < WRITING_BYTES
        {
            let Ok(reserve) = OpenOptions::new().write(true).open(&self.reserve) else { return };
            let Ok(held) = reserve.metadata().map(|metadata| metadata.len()) else { return };
            if held == 0 || reserve.set_len(held.saturating_sub(STEP_BYTES)).is_err() {
                return;
            }
            tracing::error!("the disk is full: a part of the reserve was given up; free space on it");
        }
    }

    /// Makes the reserve whole while there is more room than it takes, and logs when the room changes.
    pub fn tend(&self) {
        let room = self.room();
        let told = self.told.swap(room as u8, Ordering::AcqRel);
        match room {
            Room::Enough if told != Room::Enough as u8 => tracing::info!("the disk has room again"),
            Room::Low if told < Room::Low as u8 => {
                tracing::error!("the disk is nearly full: photographs, archives and backups wait; free space on it");
            }
            _ => {}
        }
        if room == Room::Enough
            && let Err(error) = self.fill()
        {
            tracing::warn!(%error, "the reserve for calls could not be made");
        }
    }

    fn fill(&self) -> io::Result<()> {
        let held = self.reserve.metadata().map_or(0, |metadata| metadata.len());
        let disk = Disk::of(&self.folder)?;
        let whole = RESERVE_BYTES.min(disk.free.saturating_add(held) / 4);
        // A disk that fills slowly must not see its reserve shrink and grow.
        if held.saturating_add(whole / 8) >= whole || disk.free.saturating_sub(whole) < disk.low() {
            return Ok(());
        }
        let file = if self.reserve.exists() {
            OpenOptions::new().write(true).open(&self.reserve)?
        } else {
            create_owner_only(&self.reserve)?
        };
        allocate(&file, held, whole)
    }
}

/// Blocks for the bytes from `held` to `whole`: a hole in a file reserves nothing.
fn allocate(mut file: &File, held: u64, whole: u64) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    if rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), 0, whole).is_ok() {
        return Ok(());
    }
    use std::io::Seek as _;
    file.seek(io::SeekFrom::Start(held))?;
    let step = vec![0; 1 << 20];
    let mut left = whole.saturating_sub(held);
    while left > 0 {
        let now = step.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        file.write_all(step.get(..now).unwrap_or_default())?;
        left = left.saturating_sub(now as u64);
    }
    file.sync_all()
}

struct Disk {
    free: u64,
    total: u64,
}

impl Disk {
    fn of(folder: &Path) -> io::Result<Self> {
        let stat = rustix::fs::statvfs(folder)?;
        Ok(Self {
            free: stat.f_bavail.saturating_mul(stat.f_frsize),
            total: stat.f_blocks.saturating_mul(stat.f_frsize),
        })
    }

    const fn low(&self) -> u64 {
        let eighth = self.total / 8;
        if eighth < LOW_BYTES { eighth } else { LOW_BYTES }
    }
}

/// Whether an error, or what caused it, says that the disk is full.
#[must_use]
pub fn is_full(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let by_system = error
            .downcast_ref::<io::Error>()
            .is_some_and(|error| matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded));
        let by_database = error
            .downcast_ref::<rusqlite::Error>()
            .and_then(rusqlite::Error::sqlite_error_code)
            .is_some_and(|code| code == rusqlite::ErrorCode::DiskFull);
        if by_system || by_database {
            return true;
        }
        cause = error.source();
    }
    false
}
