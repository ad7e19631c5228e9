//! Statements that stay prepared: to parse one costs more than most of them do.

use rusqlite::{Connection, Params, Row};

/// As rusqlite's `execute` and `query_row`, with a statement that is prepared once for each connection. For what is asked
/// again and again; what an opening or a person asks once needs no place among them.
pub(crate) trait Cached {
    fn run(&self, sql: &str, params: impl Params) -> Result<usize, rusqlite::Error>;

    fn ask<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T, rusqlite::Error>,
    ) -> Result<T, rusqlite::Error>;
}

impl Cached for Connection {
    fn run(&self, sql: &str, params: impl Params) -> Result<usize, rusqlite::Error> {
        self.prepare_cached(sql)?.execute(params)
    }

    fn ask<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T, rusqlite::Error>,
    ) -> Result<T, rusqlite::Error> {
        self.prepare_cached(sql)?.query_row(params, read)
    }
}
