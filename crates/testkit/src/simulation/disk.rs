//! The disks of a simulation: a commit that is the last one, and a database that may not grow.
//!
//! A power cut leaves all of a transaction or nothing of it; what SQLite does for that under a cut in the middle of a write is
//! SQLite's own affair and tested by itself. So a kill at any write is a kill at a commit: that commit and everything
//! after it does not happen, and whatever the dead process would have said is not heard.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

#[derive(Default)]
struct Disk {
    /// Commits that still happen.
    commits: Option<u32>,
    dead: bool,
    full: bool,
    /// What is here is a copy, and of which making: nothing calls it by the name of what it was copied from.
    copy: i64,
}

/// Every disk of one simulation, by the folder or file of its database.
#[derive(Default)]
pub(super) struct Disks {
    all: RefCell<BTreeMap<PathBuf, Disk>>,
}

impl Disks {
    /// From now on on this thread.
    pub(super) fn watched() -> Rc<Self> {
        let disks = Rc::new(Self::default());
        siaga_store::fault::watch(Some(Rc::clone(&disks) as Rc<dyn siaga_store::fault::Witness>));
        siaga_center::fault::watch(Some(Rc::clone(&disks) as Rc<dyn siaga_center::fault::Witness>));
        disks
    }

    pub(super) fn unwatch() {
        siaga_store::fault::watch(None);
        siaga_center::fault::watch(None);
    }

    fn of<T>(&self, path: &Path, act: impl FnOnce(&mut Disk) -> T) -> T {
        let mut all = self.all.borrow_mut();
        match all.get_mut(path) {
            Some(disk) => act(disk),
            None => act(all.entry(path.to_owned()).or_default()),
        }
    }

    /// After so many more commits the process dies.
    pub(super) fn arm(&self, path: &Path, commits: u32) {
        self.of(path, |disk| disk.commits = Some(commits));
    }

    /// A process died at a commit here.
    pub(super) fn is_dead(&self, path: &Path) -> bool {
        self.of(path, |disk| disk.dead)
    }

    /// Somebody new begins.
    pub(super) fn revive(&self, path: &Path) {
        self.of(path, |disk| (disk.dead, disk.commits) = (false, None));
    }

    pub(super) fn set_full(&self, path: &Path, full: bool) {
        self.of(path, |disk| disk.full = full);
    }

    pub(super) fn is_full(&self, path: &Path) -> bool {
        self.of(path, |disk| disk.full)
    }

    /// What is here now was copied to it.
    pub(super) fn note_copy(&self, path: &Path) {
        let newest = self.all.borrow().values().map(|disk| disk.copy).max().unwrap_or(0);
        self.of(path, |disk| disk.copy = newest + 1);
    }

    fn vetoes(&self, path: &Path) -> bool {
        self.of(path, |disk| {
            match &mut disk.commits {
                _ if disk.dead => {}
                Some(0) => disk.dead = true,
                Some(left) => *left -= 1,
                None => {}
            }
            disk.dead
        })
    }

    /// SQLite takes as few pages as are in use already.
    fn most_pages(&self, path: &Path) -> Option<u32> {
        self.is_full(path).then_some(1)
    }
}

impl siaga_store::fault::Witness for Disks {
    fn vetoes(&self, folder: &Path) -> bool {
        Self::vetoes(self, folder)
    }

    fn most_pages(&self, folder: &Path) -> Option<u32> {
        Self::most_pages(self, folder)
    }

    /// The copies of the template that a run begins with are the phones themselves.
    fn inode(&self, folder: &Path) -> Option<i64> {
        Some(self.of(folder, |disk| disk.copy))
    }
}

impl siaga_center::fault::Witness for Disks {
    fn vetoes(&self, path: &Path) -> bool {
        Self::vetoes(self, path)
    }

    fn most_pages(&self, path: &Path) -> Option<u32> {
        Self::most_pages(self, path)
    }
}
