//! Faults on purpose: a test decides at each commit whether it happens, and how large a database may grow.
//!
//! Only in builds with the feature `faults`, which no product has. What a power cut leaves of a transaction is all of it
//! or nothing, so a fault at a commit is a fault at any write.

use rusqlite::Connection;
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Sees every commit of every center this thread opens.
pub trait Witness {
    /// Whether the commit that is about to happen in this file does not.
    fn vetoes(&self, path: &Path) -> bool;

    /// The pages a database of this file may have, when its disk is nearly full.
    fn most_pages(&self, path: &Path) -> Option<u32>;
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

pub(crate) fn witnessed(mut connection: Connection, path: &Path) -> Result<Connection, rusqlite::Error> {
    if let Some(pages) = ask(|witness| witness.most_pages(path)).flatten() {
        connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
    }
    let path: PathBuf = path.to_owned();
    connection.commit_hook(Some(move || ask(|witness| witness.vetoes(&path)).unwrap_or(false)))?;
    Ok(connection)
}
