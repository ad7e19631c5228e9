//! A disk that can be full to the last block: a folder of its own in memory, which only root may mount.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A disk of eight megabytes.
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Puts a home on a disk of its own, with everything in it. `None` where none can be mounted.
    ///
    /// # Panics
    /// When the home cannot be read or written.
    #[must_use]
    pub fn under(home: &Path) -> Option<Self> {
        let files: Vec<(PathBuf, Vec<u8>)> = std::fs::read_dir(home)
            .expect("a folder")
            .flatten()
            .filter(|entry| entry.path().is_file())
            .map(|entry| (entry.path(), std::fs::read(entry.path()).expect("reads")))
            .collect();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"]).arg(home).status();
        let disk = mounted.is_ok_and(|status| status.success()).then(|| Self(home.to_owned()))?;
        files.iter().for_each(|(path, bytes)| std::fs::write(path, bytes).expect("writes"));
        Some(disk)
    }

    /// Something else takes every block that is left.
    ///
    /// # Panics
    /// When not even an empty file can be made.
    pub fn fill(&self) {
        let mut file = File::options().create(true).append(true).open(self.0.join("video.mp4")).expect("a file");
        for size in [64 * 1024, 4096, 1] {
            while file.write_all(&vec![7; size]).is_ok() {}
        }
    }

    /// # Panics
    /// When it was not filled.
    pub fn empty(&self) {
        std::fs::remove_file(self.0.join("video.mp4")).expect("is removed");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
