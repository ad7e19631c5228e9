//! Alters a phone's home behind its back, as a disk, a thief or a restored backup does: for tests of what follows.
//!
//! `alter_home HOME SQL...` runs each statement on the database of a home whose key lies beside it. Nothing of the
//! product does this, and nobody needs it to use the product.

use rusqlite::Connection;
use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let home = arguments.next().ok_or("name the home and what to do: alter_home HOME SQL...")?;
    let home = Path::new(&home);
    let key = hex::encode(std::fs::read(home.join("store.key"))?);
    let conn = Connection::open(home.join("siaga.db"))?;
    conn.execute_batch(&format!("PRAGMA key = \"x'{key}'\"; PRAGMA busy_timeout = 10000;"))?;
    for sql in arguments {
        let altered = conn.execute(&sql, [])?;
        if altered == 0 {
            return Err(format!("nothing in this home was altered by: {sql}").into());
        }
    }
    Ok(())
}
