//! Reading a damaged database row by row, and putting back what is whole.
//!
//! SQLite gives up a query at the first page it cannot read; here each table is gone on with behind it. A change counts where
//! its bytes are what its hash names; a file where its hash is its name; what says who this phone is where its row reads. The
//! rest is fetched from the center, which is asked how far this phone's chains got before anything new is signed.

use crate::compare::Comparing;
use crate::failure::{Step, StoreError};
use crate::key::StoreKey;
use crate::{NewAttachment, PictureKind, Store, attachment, author, life, log, mend, open, row};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, Transaction, params, params_from_iter};
use siaga_document::{Document, is_intact};
use siaga_domain::id::{ChangeHash, RecordId};
use siaga_domain::time::UtcMs;
use std::collections::BTreeSet;
use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

/// Rows that are looked for one by one behind a page that cannot be read, at most.
const MOST_STEPS: i64 = 2_000_000;

/// What came of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Salvaged {
    /// Changes no receipt had named, and that are here again.
    pub saved: u32,
    /// Such changes that are known to be gone, and at least one where something could not be read.
    pub lost: u32,
    /// Every row of every table that matters was read.
    pub is_all: bool,
}

/// Reads a folder that was set aside and puts what is whole into the new home, in one transaction.
pub(crate) fn salvage(folder: &Path, key: &StoreKey, store: &Store, at: UtcMs) -> Result<Salvaged, StoreError> {
    read_and(folder, key, |old| put_back(store, old, at, Why::Damage))
}

/// As [`salvage`], of records that were set aside while this phone belonged to another center: nothing was damaged.
pub(crate) fn bring_back(folder: &Path, key: &StoreKey, store: &Store, at: UtcMs) -> Result<Salvaged, StoreError> {
    read_and(folder, key, |old| put_back(store, old, at, Why::Return))
}

fn read_and(
    folder: &Path,
    key: &StoreKey,
    put: impl FnOnce(Old) -> Result<Salvaged, StoreError>,
) -> Result<Salvaged, StoreError> {
    let work = folder.join("work.db");
    let old = copy(folder, &work).step("copy a damaged home").map(|()| read(folder, &work, key));
    let salvaged = old.and_then(put);
    for name in ["work.db", "work.db-wal", "work.db-shm"] {
        // What is left of a copy is no harm, and copied over the next time.
        let _ = fs::remove_file(folder.join(name));
    }
    salvaged
}

/// Why a home is read row by row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    Damage,
    Return,
}

/// What stays in the folder stays as it was found.
fn copy(folder: &Path, work: &Path) -> std::io::Result<()> {
    for (from, to) in [("siaga.db", work.to_owned()), ("siaga.db-wal", folder.join("work.db-wal"))] {
        match fs::copy(folder.join(from), to) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            copied => {
                copied?;
            }
        }
    }
    // An empty database takes its log with it at the first look. Under a first page the log is read.
    if fs::metadata(work).map_or(true, |found| found.len() == 0) {
        put_head(folder, open::HEAD, work)?;
        put_head(folder, open::HEAD_AT_CLOSING, work)?;
    }
    Ok(())
}

/// Puts the copy of the pages that say where everything is in their places.
fn put_head(folder: &Path, name: &str, work: &Path) -> std::io::Result<()> {
    let head = fs::read(folder.join(name)).unwrap_or_default();
    let mut file = fs::File::options().create(true).truncate(false).write(true).open(work)?;
    for (at, page) in open::pages_of_head(&head) {
        file.seek(SeekFrom::Start(at))?;
        file.write_all(page)?;
    }
    Ok(())
}

/// A change as it was logged.
struct OldChange {
    hash: ChangeHash,
    record: RecordId,
    values: Vec<Value>,
    bytes: Vec<u8>,
    is_local: bool,
    is_pending: bool,
}

#[derive(Default)]
struct Old {
    changes: Vec<OldChange>,
    /// What waited, whether or not its change could be read.
    outbox: BTreeSet<ChangeHash>,
    enrolment: Option<Vec<Value>>,
    peer: Option<Vec<Value>>,
    settings: Vec<Vec<Value>>,
    drafts: Vec<Vec<Value>>,
    fixes: Vec<Vec<Value>>,
    gaps: Vec<Vec<Value>>,
    pictures: Vec<NewAttachment>,
    kept: Vec<Vec<Value>>,
    /// Something could not be read.
    has_holes: bool,
}

const CHANGE: [&str; 11] =
    ["hash", "record", "kind", "actor", "seq", "bytes", "origin", "verdict", "reason", "saved_ms", "received_ms"];
const ENROLMENT: [&str; 9] =
    ["device", "unit", "role", "name", "center", "center_name", "urls", "root_der", "center_key"];
const PEER: [&str; 11] = [
    "epoch",
    "token",
    "offset_ms",
    "uncertainty_ms",
    "reach",
    "trail_received",
    "signed_ms",
    "testimony",
    "epoch_number",
    "learned_device_ms",
    "learned_monotonic_ms",
];
const GAP: [&str; 5] = ["from_ms", "until_ms", "cause", "offset_ms", "told"];
const KEPT: [&str; 7] = ["entry", "record", "kind", "entry_kind", "body", "person", "saved_ms"];
const FIX: [&str; 7] = ["number", "at_ms", "lat_e6", "lon_e6", "accuracy_m", "speed_cms", "offset_ms"];

fn read(folder: &Path, work: &Path, key: &StoreKey) -> Old {
    let mut old = Old::default();
    let is_read = connect(folder, work, key).is_some() && read_tables(work, key, &mut old).is_some();
    old.has_holes |= !is_read;
    if old.enrolment.is_none() {
        old.enrolment = who_we_were(folder, work, key);
    }
    old
}

/// `None` where the copy opens no more.
fn read_tables(work: &Path, key: &StoreKey, old: &mut Old) -> Option<()> {
    // One connection for each table: behind a page that cannot be read, one may find nothing any more.
    let conn = || open_damaged(work, key);
    old.enrolment = who_we_are(&conn, &mut old.has_holes);
    old.peer = rows(&conn, "peer", "id", &PEER, &mut old.has_holes).pop();
    old.settings = rows(&conn, "setting", "key", &["key", "value"], &mut old.has_holes);
    old.drafts = rows(&conn, "draft", "key", &["key", "text"], &mut old.has_holes);
    let fixes = conn()?;
    let mock = if has_column(&fixes, "fix", "mock") { "mock" } else { "0" };
    by_number(&conn, "fix", "number", &[&FIX[..], &[mock]].concat(), &mut old.has_holes, |values| {
        old.fixes.push(values)
    });
    let gaps = conn()?;
    if has_column(&gaps, "gap", "told") {
        by_number(&conn, "gap", "id", &GAP, &mut old.has_holes, |values| old.gaps.push(values));
    }
    let kept = conn()?;
    if has_column(&kept, "kept", "entry_kind") {
        by_number(&conn, "kept", "number", &KEPT, &mut old.has_holes, |values| old.kept.push(values));
    }
    old.pictures = pictures(&conn, &mut old.has_holes);
    by_number(&conn, "outbox", "position", &["change"], &mut old.has_holes, |values| {
        if let [Value::Blob(hash)] = values.as_slice() {
            old.outbox.extend(ChangeHash::try_from(hash.as_slice()).ok());
        }
    });
    // The last one: its way of looking for what is lost leaves a schema that is of no use.
    old.changes = changes(work, key, &mut old.has_holes)?;
    Some(())
}

/// A home that an older build wrote last has fewer of them.
fn has_column(conn: &Connection, table: &str, column: &str) -> bool {
    conn.prepare(&format!("SELECT {column} FROM {table}")).is_ok()
}

fn who_we_are(open: Open<'_>, has_holes: &mut bool) -> Option<Vec<Value>> {
    rows(open, "enrolment", "id", &ENROLMENT, has_holes).pop()
}

/// Out of the copies of the pages that hold it, the newer one first.
fn who_we_were(folder: &Path, work: &Path, key: &StoreKey) -> Option<Vec<Value>> {
    [open::HEAD_AT_CLOSING, open::HEAD].into_iter().find_map(|name| {
        put_head(folder, name, work).ok()?;
        who_we_are(&|| open_damaged(work, key), &mut false)
    })
}

/// A connection that reads what it can; `None` where not even the list of tables can be read.
fn connect(folder: &Path, work: &Path, key: &StoreKey) -> Option<Connection> {
    // The first pages say where everything is; their copies say where everything was at the last closing, or opening.
    let with = |name| {
        put_head(folder, name, work).ok()?;
        open_damaged(work, key)
    };
    open_damaged(work, key).or_else(|| with(open::HEAD_AT_CLOSING)).or_else(|| with(open::HEAD))
}

fn open_damaged(work: &Path, key: &StoreKey) -> Option<Connection> {
    let conn = Connection::open(work).ok()?;
    conn.execute_batch("PRAGMA cipher_log_level = NONE").ok()?;
    conn.execute_batch(&key.pragma()).ok()?;
    // A file that was cut is read as far as it goes.
    conn.execute_batch("PRAGMA writable_schema = ON").ok()?;
    let tables: i64 =
        conn.query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'change'", [], |row| row.get(0)).ok()?;
    (tables > 0).then_some(conn)
}

/// What a page of the table itself no longer leads to is looked for in the pages that nothing leads to.
fn changes(work: &Path, key: &StoreKey, has_holes: &mut bool) -> Option<Vec<OldChange>> {
    let mut changes: Vec<OldChange> = Vec::new();
    let mut has_lost_pages = false;
    by_number(&|| open_damaged(work, key), "change", "position", &CHANGE, &mut has_lost_pages, |values| {
        changes.extend(change(values))
    });
    if has_lost_pages {
        *has_holes = true;
        let pages = lost_pages(work, key).unwrap_or_else(|error| {
            tracing::error!(%error, "which pages of a damaged home nothing leads to is not known");
            Vec::new()
        });
        let mut known: BTreeSet<ChangeHash> = changes.iter().map(|one| one.hash).collect();
        let found = out_of_lost_pages(work, key, pages);
        changes.extend(found.into_iter().filter(|one| known.insert(one.hash)));
    }
    Some(changes)
}

/// Every page that no table and no index leads to is read as if it were the table of changes: whole rows of it count by their
/// hash, and whatever else stands there is no row of it. Only ever on the copy.
fn out_of_lost_pages(work: &Path, key: &StoreKey, pages: impl IntoIterator<Item = i64>) -> Vec<OldChange> {
    let sql = format!("SELECT {} FROM change NOT INDEXED ORDER BY position", CHANGE.join(", "));
    let mut found = Vec::new();
    for page in pages {
        // One connection for each: after a page it cannot read, one writes no more.
        let Some(conn) = open_damaged(work, key) else { break };
        let read = lead_changes_to(&conn, page).and_then(|()| {
            let mut statement = conn.prepare(&sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                found.extend(values(row, 0, CHANGE.len()).ok().and_then(change));
            }
            Ok(())
        });
        if let Err(error) = read {
            tracing::trace!(page, %error, "no page of changes");
        }
    }
    found
}

fn lead_changes_to(conn: &Connection, page: i64) -> Result<(), rusqlite::Error> {
    conn.execute_batch("PRAGMA synchronous = OFF")?;
    conn.execute("UPDATE sqlite_schema SET rootpage = ?1 WHERE name = 'change'", [page])?;
    conn.execute_batch("PRAGMA writable_schema = RESET")
}

/// Pages that neither a table nor an index leads to, as far as these can be followed.
fn lost_pages(work: &Path, key: &StoreKey) -> Result<Vec<i64>, rusqlite::Error> {
    let conn = || open_damaged(work, key).ok_or(rusqlite::Error::InvalidQuery);
    let count: i64 = conn()?.query_row("PRAGMA page_count", [], |row| row.get(0))?;
    let trees: Vec<String> = conn()?
        .prepare("SELECT name FROM sqlite_schema WHERE rootpage > 1")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut pages: BTreeSet<i64> = (2..=count).collect();
    for tree in trees {
        let conn = conn()?;
        let mut statement = conn.prepare("SELECT pageno FROM dbstat WHERE name = ?1")?;
        let mut rows = statement.query([tree])?;
        while let Ok(Some(row)) = rows.next() {
            pages.remove(&row.get(0)?);
        }
    }
    Ok(pages.into_iter().collect())
}

/// Rows that one page holds, at most: where so many in a row cannot be read, a new connection finds no more than the old one.
const MOST_IN_VAIN: u32 = 200;

/// Opens the copy anew.
type Open<'a> = &'a dyn Fn() -> Option<Connection>;

/// Every row of a table that is numbered, behind whatever cannot be read.
///
/// A connection that met a page it cannot read may find nothing any more: behind one, a new connection reads on.
fn by_number(
    open: Open<'_>,
    table: &str,
    number: &str,
    columns: &[&str],
    has_holes: &mut bool,
    mut visit: impl FnMut(Vec<Value>),
) {
    let sql = format!(
        "SELECT {number}, {} FROM {table} NOT INDEXED WHERE {number} > ?1 ORDER BY {number}",
        columns.join(", ")
    );
    let Some(mut conn) = open() else { return };
    let last = last_number(&conn, table, number);
    let mut after = 0_i64;
    let mut steps = 0_i64;
    let mut in_vain = 0_u32;
    while after <= last && steps < MOST_STEPS {
        let before = after;
        match scan(&conn, &sql, &mut after, columns.len(), &mut visit) {
            Ok(()) => return,
            Err(_) => {
                *has_holes = true;
                steps = steps.saturating_add(1);
                if after == before {
                    after = after.saturating_add(1);
                    in_vain = in_vain.saturating_add(1);
                } else {
                    in_vain = 0;
                }
                if in_vain <= MOST_IN_VAIN {
                    let Some(next) = open() else { return };
                    conn = next;
                }
            }
        }
    }
}

fn scan(
    conn: &Connection,
    sql: &str,
    after: &mut i64,
    columns: usize,
    visit: &mut impl FnMut(Vec<Value>),
) -> Result<(), rusqlite::Error> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([*after])?;
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        if let Ok(values) = values(row, 1, columns) {
            visit(values);
        }
        *after = number;
    }
    Ok(())
}

/// How far the numbers of a table go, as far as anything says.
fn last_number(conn: &Connection, table: &str, number: &str) -> i64 {
    let ask = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, Option<i64>>(0)).ok().flatten();
    ask(&format!("SELECT seq FROM sqlite_sequence WHERE name = '{table}'"))
        .or_else(|| ask(&format!("SELECT max({number}) FROM {table}")))
        .unwrap_or(100_000)
}

/// Every row of a small table, from its beginning and, behind a page that cannot be read, from its end.
fn rows(open: Open<'_>, table: &str, key: &str, columns: &[&str], has_holes: &mut bool) -> Vec<Vec<Value>> {
    let mut found: Vec<Vec<Value>> = Vec::new();
    for order in ["ASC", "DESC"] {
        let sql = format!("SELECT {} FROM {table} ORDER BY {key} {order}", columns.join(", "));
        let Some(conn) = open() else { break };
        let mut read = || -> Result<(), rusqlite::Error> {
            let mut statement = conn.prepare(&sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let values = values(row, 0, columns.len())?;
                if !found.contains(&values) {
                    found.push(values);
                }
            }
            Ok(())
        };
        if read().is_ok() {
            break;
        }
        *has_holes = true;
    }
    found
}

fn values(row: &Row<'_>, from: usize, count: usize) -> Result<Vec<Value>, rusqlite::Error> {
    (from..from.saturating_add(count)).map(|column| row.get(column)).collect()
}

fn change(values: Vec<Value>) -> Option<OldChange> {
    let [
        Value::Blob(hash),
        Value::Blob(record),
        _,
        _,
        _,
        Value::Blob(bytes),
        Value::Text(origin),
        Value::Text(verdict),
        ..,
    ] = values.as_slice()
    else {
        return None;
    };
    let hash = ChangeHash::try_from(hash.as_slice()).ok()?;
    if !is_intact(bytes, &hash) {
        return None;
    }
    let record = RecordId::try_from(record.as_slice()).ok()?;
    let (bytes, is_local, is_pending) = (bytes.clone(), origin == "local", verdict == "pending");
    Some(OldChange { hash, record, bytes, is_local, is_pending, values })
}

/// Pictures the center does not have, whole and under their name.
fn pictures(open: Open<'_>, has_holes: &mut bool) -> Vec<NewAttachment> {
    let columns = ["hash", "record", "media", "kind", "state"];
    let mut found = Vec::new();
    let Some(conn) = open() else { return found };
    for values in rows(open, "attachment", "hash", &columns, has_holes) {
        let [Value::Blob(hash), Value::Blob(record), Value::Text(media), Value::Text(kind), Value::Text(state)] =
            values.as_slice()
        else {
            continue;
        };
        if state != "waiting" {
            continue;
        }
        let (Ok(hash), Ok(record)) = (ChangeHash::try_from(hash.as_slice()), RecordId::try_from(record.as_slice()))
        else {
            continue;
        };
        match crate::file::read(&conn, &hash, 0, usize::MAX) {
            Ok(bytes) if crate::file::hash_of(&bytes) == hash => {
                let kind = if kind == "thumbnail" { PictureKind::Thumbnail } else { PictureKind::Photograph };
                found.push(NewAttachment { record, media: media.clone(), kind, bytes });
            }
            _ => *has_holes = true,
        }
    }
    found
}

fn put_back(store: &Store, old: Old, at: UtcMs, why: Why) -> Result<Salvaged, StoreError> {
    let tx = store.writing()?;
    match why {
        Why::Damage => put_who_we_are(&tx, &old, at)?,
        // Changes of the actor that writes now may be among them.
        Why::Return => life::draw_actor(&tx, &store.draw).map(|_| ()).step("draw an actor")?,
    }
    for values in old.settings.iter().filter(|_| why == Why::Damage) {
        if !matches!(values.first(), Some(Value::Text(key)) if key == mend::LOOKED_UP_TO) {
            tx.execute("INSERT OR IGNORE INTO setting (key, value) VALUES (?1, ?2)", params_from_iter(values))
                .step("put a setting back")?;
        }
    }
    for values in &old.drafts {
        tx.execute("INSERT OR IGNORE INTO draft (key, text) VALUES (?1, ?2)", params_from_iter(values))
            .step("put a draft back")?;
    }
    put_fixes(&tx, &old.fixes)?;
    for values in &old.gaps {
        tx.execute(
            &format!("INSERT INTO gap ({}) VALUES (?1, ?2, ?3, ?4, ?5)", GAP.join(", ")),
            params_from_iter(values),
        )
        .step("put a gap back")?;
    }
    let waiting: BTreeSet<ChangeHash> = old
        .outbox
        .iter()
        .copied()
        .chain(old.changes.iter().filter(|one| one.is_local && one.is_pending).map(|one| one.hash))
        .collect();
    let mut saved = 0_u32;
    let mut records: BTreeSet<RecordId> = BTreeSet::new();
    for one in &old.changes {
        saved = saved.saturating_add(u32::from(put_change(&tx, one, waiting.contains(&one.hash))?));
        records.insert(one.record);
    }
    for record in records {
        mend::ask_for_missing(&tx, record, at)?;
        let (document, _) = log::rebuild(&log::logged(&tx, record, 0)?);
        log::refresh(&tx, &document, at)?;
    }
    for picture in &old.pictures {
        attachment::insert(&tx, picture, at)?;
    }
    for values in &old.kept {
        tx.execute(
            &format!("INSERT OR IGNORE INTO kept ({}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", KEPT.join(", ")),
            params_from_iter(values),
        )
        .step("put a kept entry back")?;
    }
    let known = u32::try_from(waiting.len()).unwrap_or(u32::MAX);
    let lost = known.saturating_sub(saved).max(u32::from(old.has_holes));
    if why == Why::Damage {
        tx.execute(
            "INSERT INTO fault (code, at_ms, count, saved) VALUES ('home', ?1, ?2, ?3)",
            params![at.0, lost, saved],
        )
        .step("note what befell this home")?;
    }
    tx.commit().step("put back what was saved")?;
    Ok(Salvaged { saved, lost, is_all: !old.has_holes && lost == 0 })
}

/// Who this phone is, and that its chains are asked about before anything is signed.
fn put_who_we_are(tx: &Transaction<'_>, old: &Old, at: UtcMs) -> Result<(), StoreError> {
    let Some(enrolment) = &old.enrolment else { return Ok(()) };
    let known =
        tx.query_row("SELECT EXISTS (SELECT 1 FROM enrolment)", [], |row| row.get(0)).step("read the enrolment")?;
    if known {
        return Ok(());
    }
    tx.execute(
        &format!("INSERT INTO enrolment (id, {}) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)", ENROLMENT.join(", ")),
        params_from_iter(enrolment),
    )
    .step("put the enrolment back")?;
    // Numbers of fixes go on where nobody was before, also where it is not known how far they got.
    let beyond = old.fixes.last().and_then(|values| values.first()).cloned().unwrap_or(Value::Integer(at.0 / 1000));
    let peer = old.peer.clone().unwrap_or_else(|| {
        let (none, zero) = (Value::Blob(Vec::new()), Value::Integer(0));
        let epoch = Value::Blob(vec![0; 8]);
        let reach = Value::Text("unknown".to_owned());
        vec![
            epoch,
            none.clone(),
            Value::Null,
            Value::Null,
            reach,
            beyond,
            zero.clone(),
            none,
            zero.clone(),
            zero.clone(),
            zero,
        ]
    });
    tx.execute(
        &format!(
            "INSERT INTO peer (id, cursor_urgent, cursor_records, comparing, {})
             VALUES (1, 0, 0, {}, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            PEER.join(", "),
            Comparing::ChainsFirst.number()
        ),
        params_from_iter(peer),
    )
    .step("put back how things stand with the center")?;
    Ok(())
}

/// As far as they follow one another: the center takes no holes.
fn put_fixes(tx: &Transaction<'_>, fixes: &[Vec<Value>]) -> Result<(), StoreError> {
    let received: i64 = tx
        .query_row("SELECT coalesce((SELECT trail_received FROM peer WHERE id = 1), 0)", [], |row| row.get(0))
        .step("read how far the trail got")?;
    let mut expected = None;
    for values in fixes {
        let Some(Value::Integer(number)) = values.first() else { continue };
        if *number < received {
            continue;
        }
        if expected.is_some_and(|expected| expected != *number) {
            break;
        }
        expected = Some(number.saturating_add(1));
        tx.execute(
            &format!("INSERT OR IGNORE INTO fix ({}, mock) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", FIX.join(", ")),
            params_from_iter(values),
        )
        .step("put a fix back")?;
    }
    Ok(())
}

/// Whether it is a change that waits, and is here again.
fn put_change(tx: &Transaction<'_>, one: &OldChange, waits: bool) -> Result<bool, StoreError> {
    let written = tx
        .execute(
            "INSERT OR IGNORE INTO change (hash, record, kind, actor, seq, bytes, origin, verdict, reason, saved_ms, received_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            params_from_iter(&one.values),
        )
        .step("put a change back")?;
    if written == 0 || !one.is_local {
        return Ok(false);
    }
    let kind = match one.values.get(2) {
        Some(Value::Text(kind)) => row::kind(kind)?,
        _ => return Ok(false),
    };
    for entry in Document::entries_in(&one.bytes) {
        tx.execute(
            "INSERT OR IGNORE INTO entry (entry, change, record, kind) VALUES (?1, ?2, ?3, ?4)",
            params![
                entry.id.as_bytes().as_slice(),
                one.hash.0.as_slice(),
                one.record.as_bytes().as_slice(),
                entry.body.kind()
            ],
        )
        .step("note the entry's change")?;
    }
    if waits {
        author::enqueue_again(tx, &one.hash, one.record, kind, &one.bytes)?;
    }
    Ok(waits)
}
