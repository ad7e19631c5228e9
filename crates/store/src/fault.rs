//! Faults on purpose: a test decides at each commit whether it happens, and how large a database may grow.
//!
//! Only in builds with the feature `faults`, which no product has. What a power cut leaves of a transaction is all of it
//! or nothing, so a fault at a commit is a fault at any write.

use crate::Store;
use rusqlite::Connection;
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Sees every commit of every store this thread opens.
pub trait Witness {
    /// Whether the commit that is about to happen in this folder does not.
    fn vetoes(&self, folder: &Path) -> bool;

    /// The pages a database of this folder may have, when its disk is nearly full.
    fn most_pages(&self, folder: &Path) -> Option<u32>;

    /// What the disk calls the database of this folder, where a copy is to pass for the original; its own inode otherwise.
    fn inode(&self, folder: &Path) -> Option<i64>;
}

thread_local! {
    static WITNESS: RefCell<Option<Rc<dyn Witness>>> = const { RefCell::new(None) };
}

/// From now on, on this thread.
pub fn watch(witness: Option<Rc<dyn Witness>>) {
    WITNESS.with(|known| *known.borrow_mut() = witness);
}

fn ask<T>(question: impl FnOnce(&dyn Witness) -> T) -> Option<T> {
    WITNESS.with(|known| known.borrow().as_deref().map(question))
}

pub(crate) fn inode(database: &Path) -> Option<i64> {
    ask(|witness| witness.inode(database.parent()?)).flatten()
}

pub(crate) fn witnessed(mut connection: Connection, folder: &Path) -> Result<Connection, rusqlite::Error> {
    if let Some(pages) = ask(|witness| witness.most_pages(folder)).flatten() {
        connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
    }
    let folder: PathBuf = folder.to_owned();
    connection.commit_hook(Some(move || ask(|witness| witness.vetoes(&folder)).unwrap_or(false)))?;
    Ok(connection)
}

impl Store {
    /// The database itself, for a test that asks what no screen does, or breaks what nothing else can.
    #[must_use]
    pub const fn inspect(&self) -> &Connection {
        &self.conn
    }
}
