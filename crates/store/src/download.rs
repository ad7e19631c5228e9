//! Downloads: files the center has whole and this phone may fetch.
//!
//! A piece counts once it is committed here; a cut costs what was under way. Thumbnails are fetched by themselves;
//! of the rest the caller says what the link is good for. A map pack replaces the one of its name only when it is
//! whole; one file under several names is fetched once and stays until the last of them lets it go.

use crate::cached::Cached as _;
use crate::failure::{Step, StoreError};
use crate::room::Need;
use crate::{Lease, Store, file, lease, row};
use rusqlite::{OptionalExtension, Row, Transaction, params};
use siaga_domain::id::{ChangeHash, RecordId};
use siaga_domain::time::UtcMs;

/// What an offered file is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OfferKind {
    Thumbnail,
    Photograph,
    Pack,
    /// Of a kind this version does not know: that it was offered is kept, or it would be offered for ever.
    Unknown,
}

impl OfferKind {
    const fn code(self) -> &'static str {
        match self {
            Self::Thumbnail => "thumbnail",
            Self::Photograph => "photograph",
            Self::Pack => "pack",
            Self::Unknown => "unknown",
        }
    }
}

/// A file the center has whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    pub number: u64,
    pub hash: ChangeHash,
    pub size_bytes: u64,
    pub kind: OfferKind,
    pub media: String,
    /// The record that names it; none for a map pack.
    pub record: Option<RecordId>,
    /// The name of a map pack; empty for a picture. A pack of no bytes means that the center withdrew the name.
    pub pack: String,
    /// Center UTC.
    pub made_ms: UtcMs,
}

/// How much of an offered file is here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Download {
    pub hash: ChangeHash,
    pub kind: OfferKind,
    pub media: String,
    pub record: Option<RecordId>,
    pub pack: String,
    pub size_bytes: u64,
    pub held_bytes: u64,
    pub whole: bool,
    /// A person asked for it.
    pub wanted: bool,
    pub made_ms: UtcMs,
    /// Device UTC when bytes of it last came; none before the first.
    pub moved_ms: Option<UtcMs>,
}

/// What a link is good for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fetching {
    /// Thumbnails, and what a person asked for.
    Needed,
    /// Everything that was offered.
    All,
}

/// What a piece came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PieceKept {
    pub held_bytes: u64,
    pub whole: bool,
}

/// A map pack in use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredPack {
    pub name: String,
    pub hash: ChangeHash,
    /// `application/geo+json`, `application/vnd.pmtiles`.
    pub media: String,
    pub size_bytes: u64,
    /// When the center got it, center UTC.
    pub made_ms: UtcMs,
}

impl Store {
    /// Offers up to this number were taken in.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn files_after(&self) -> Result<u64, StoreError> {
        let number: Option<i64> = self
            .conn
            .ask("SELECT files_after FROM peer WHERE id = 1", [], |row| row.get(0))
            .optional()
            .step("read which offers were taken in")?;
        Ok(row::unsigned(number.unwrap_or(0)))
    }

    /// The file to fetch now: thumbnails, then what a person asked for, then what the link is good for; of each the
    /// newest first.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn next_download(&self, fetching: Fetching) -> Result<Option<Download>, StoreError> {
        let sql = format!(
            "{SELECT} WHERE {OPEN} AND {} ORDER BY o.kind <> 'thumbnail', o.wanted = 0, o.number DESC LIMIT 1",
            condition(fetching)
        );
        self.conn
            .prepare_cached(&sql)
            .and_then(|mut statement| statement.query_row([], raw).optional())
            .step("find what is to be fetched")?
            .map(TryInto::try_into)
            .transpose()
    }

    /// How many files are to be fetched: thumbnails, and the rest the link is good for.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn downloads_waiting(&self, fetching: Fetching) -> Result<(u32, u32), StoreError> {
        let sql = format!(
            "SELECT count(DISTINCT o.hash) FILTER (WHERE o.kind = 'thumbnail'),
                    count(DISTINCT o.hash) FILTER (WHERE o.kind <> 'thumbnail')
             FROM offer o LEFT JOIN file f ON f.hash = o.hash WHERE {OPEN} AND {}",
            condition(fetching)
        );
        self.conn
            .prepare_cached(&sql)
            .and_then(|mut statement| statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?))))
            .step("count what is to be fetched")
    }

    /// Of a map pack under several names, one of them.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn download(&self, hash: &ChangeHash) -> Result<Option<Download>, StoreError> {
        self.conn
            .ask(&format!("{SELECT} WHERE o.hash = ?1 LIMIT 1"), [hash.0.as_slice()], raw)
            .optional()
            .step("find the offered file")?
            .map(TryInto::try_into)
            .transpose()
    }

    /// Everything that was offered of a record.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn downloads_of(&self, record: RecordId) -> Result<Vec<Download>, StoreError> {
        self.downloads("WHERE o.record = ?1", [record.as_bytes().as_slice()])
    }

    /// Every map pack that was offered, whole or not, by name.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn offered_packs(&self) -> Result<Vec<Download>, StoreError> {
        self.downloads("WHERE o.kind = 'pack' ORDER BY o.pack", [])
    }

    fn downloads(&self, which: &str, of: impl rusqlite::Params) -> Result<Vec<Download>, StoreError> {
        let raws: Vec<RawDownload> = self
            .conn
            .prepare_cached(&format!("{SELECT} {which}"))
            .and_then(|mut statement| statement.query_map(of, raw)?.collect())
            .step("list the offered files")?;
        raws.into_iter().map(TryInto::try_into).collect()
    }

    /// A person asks for a file. Gives false when it was not offered and cannot be.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn want(&self, hash: &ChangeHash) -> Result<bool, StoreError> {
        let tx = self.writing()?;
        // A photograph of this phone whose time was over is at the center still.
        tx.run(
            "INSERT INTO offer (hash, number, size_bytes, kind, media, record, pack, made_ms)
             SELECT hash, 0, size_bytes, kind, media, record, '', saved_ms FROM attachment
             WHERE hash = ?1 AND state = 'received' AND hash NOT IN (SELECT hash FROM file WHERE whole = 1)
             ON CONFLICT (hash, pack) DO NOTHING",
            [hash.0.as_slice()],
        )
        .step("ask for the file")?;
        let known = tx
            .run("UPDATE offer SET wanted = 1, aside = '' WHERE hash = ?1", [hash.0.as_slice()])
            .step("ask for the file")?;
        tx.commit().step("ask for the file")?;
        Ok(known > 0)
    }

    /// Writes bytes of an offered file from `start` on. When this returns they survive a power cut.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] when another process syncs now; nothing was written.
    pub fn keep_downloaded(
        &self,
        lease: &Lease,
        hash: &ChangeHash,
        start: u64,
        bytes: &[u8],
        at: UtcMs,
    ) -> Result<PieceKept, StoreError> {
        self.must_have_room(Need::Rest)?;
        let tx = self.writing()?;
        lease::check(&tx, lease)?;
        let offers = offers_of(&tx, hash)?;
        let offer = offers.first().ok_or(StoreError::NoSuchAttachment(*hash))?;
        let before = file::here(&tx, hash)?.map_or(0, |here| here.held_bytes);
        let here = file::append(&tx, hash, offer.size_bytes, start, bytes, at)?;
        if here.whole {
            for offer in &offers {
                enter_use(&tx, offer)?;
            }
        } else if here.held_bytes == 0 && before > 0 {
            // All of it came and it was not the file. Once more right away would most likely be the same.
            set_aside(&tx, hash, "spoiled")?;
        }
        tx.commit().step("keep the piece")?;
        Ok(PieceKept { held_bytes: here.held_bytes, whole: here.whole })
    }

    /// The center does not give it now.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] when another process syncs now.
    pub fn set_download_aside(&self, lease: &Lease, hash: &ChangeHash, why: &str) -> Result<(), StoreError> {
        let tx = self.writing()?;
        lease::check(&tx, lease)?;
        set_aside(&tx, hash, why)?;
        tx.commit().step("set the file aside")
    }

    /// What was set aside, in either direction, may be tried again.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn try_files_again(&self) -> Result<(), StoreError> {
        let tx = self.writing()?;
        tx.run("UPDATE attachment SET aside = '' WHERE aside <> ''", [])
            .and_then(|_| tx.run("UPDATE offer SET aside = '' WHERE aside <> ''", []))
            .step("try the files again")?;
        tx.commit().step("try the files again")
    }

    /// Map packs that are here whole, by name.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn packs(&self) -> Result<Vec<StoredPack>, StoreError> {
        let raws: Vec<(String, Vec<u8>, String, i64, i64)> = self
            .conn
            .prepare_cached("SELECT name, hash, media, size_bytes, made_ms FROM pack ORDER BY name")
            .and_then(|mut statement| {
                statement
                    .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))?
                    .collect()
            })
            .step("list the map packs")?;
        raws.into_iter()
            .map(|(name, hash, media, size, made)| {
                Ok(StoredPack {
                    name,
                    hash: row::change_hash(&hash)?,
                    media,
                    size_bytes: row::unsigned(size),
                    made_ms: UtcMs(made),
                })
            })
            .collect()
    }

    /// Bytes of a map pack in use, at most `most` from `start` on.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAttachment`] when no pack in use has this name.
    pub fn pack_bytes(&self, hash: &ChangeHash, start: u64, most: usize) -> Result<Vec<u8>, StoreError> {
        let tx = self.reading()?;
        let used = tx
            .prepare_cached("SELECT 1 FROM pack WHERE hash = ?1")
            .and_then(|mut statement| statement.exists([hash.0.as_slice()]))
            .step("find the map pack")?;
        if used { file::read(&tx, hash, start, most) } else { Err(StoreError::NoSuchAttachment(*hash)) }
    }
}

/// Takes in what the center offers. What was offered before keeps its pieces and wishes.
pub(crate) fn take_offers(tx: &Transaction<'_>, offers: &[Offer]) -> Result<(), StoreError> {
    for offer in offers.iter().filter(|offer| offer.kind != OfferKind::Unknown) {
        if offer.kind == OfferKind::Pack {
            supersede(tx, offer)?;
            if offer.size_bytes == 0 {
                withdraw(tx, &offer.pack)?;
                continue;
            }
        }
        tx.prepare_cached(
            "INSERT INTO offer (hash, number, size_bytes, kind, media, record, pack, made_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (hash, pack) DO UPDATE SET number = ?2, made_ms = ?8, aside = ''",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                offer.hash.0.as_slice(),
                row::signed(offer.number),
                row::signed(offer.size_bytes),
                offer.kind.code(),
                offer.media,
                offer.record.as_ref().map_or(&[][..], |record| record.as_bytes().as_slice()),
                offer.pack,
                offer.made_ms.0
            ])
        })
        .step("keep an offer")?;
        if file::here(tx, &offer.hash)?.is_some_and(|here| here.whole) {
            enter_use(tx, offer)?;
        }
    }
    let newest = offers.iter().map(|offer| row::signed(offer.number)).max();
    if let Some(newest) = newest {
        tx.run("UPDATE peer SET files_after = max(files_after, ?1) WHERE id = 1", [newest])
            .step("keep which offers were taken in")?;
    }
    Ok(())
}

/// What is offered for records that are not here any more goes, with its bytes.
pub(crate) fn forget_of(tx: &Transaction<'_>, record: RecordId) -> Result<(), StoreError> {
    let record = record.as_bytes().as_slice();
    tx.run(
        "DELETE FROM file WHERE hash IN (SELECT hash FROM offer WHERE record = ?1)
           AND hash NOT IN (SELECT hash FROM attachment)",
        [record],
    )
    .and_then(|_| tx.run("DELETE FROM offer WHERE record = ?1", [record]))
    .step("forget the files of the record")?;
    Ok(())
}

/// An older offer of the same pack is not fetched any further. The pack in use stays, and what another name needs.
fn supersede(tx: &Transaction<'_>, by: &Offer) -> Result<(), StoreError> {
    let older = params![by.pack, by.hash.0.as_slice()];
    tx.run(
        "DELETE FROM file WHERE hash IN (SELECT hash FROM offer WHERE kind = 'pack' AND pack = ?1 AND hash <> ?2)
           AND hash NOT IN (SELECT hash FROM pack) AND hash NOT IN (SELECT hash FROM offer WHERE pack <> ?1)",
        older,
    )
    .and_then(|_| tx.run("DELETE FROM offer WHERE kind = 'pack' AND pack = ?1 AND hash <> ?2", older))
    .step("let go of an older map pack")?;
    Ok(())
}

fn withdraw(tx: &Transaction<'_>, name: &str) -> Result<(), StoreError> {
    tx.run(
        "DELETE FROM file WHERE hash IN (SELECT hash FROM pack WHERE name = ?1)
           AND hash NOT IN (SELECT hash FROM pack WHERE name <> ?1)",
        [name],
    )
    .and_then(|_| tx.run("DELETE FROM pack WHERE name = ?1", [name]))
    .step("let go of a map pack")?;
    Ok(())
}

/// A map pack that is whole takes the place of the one before it.
fn enter_use(tx: &Transaction<'_>, offer: &Offer) -> Result<(), StoreError> {
    if offer.kind != OfferKind::Pack {
        return Ok(());
    }
    tx.run(
        "DELETE FROM file WHERE hash IN (SELECT hash FROM pack WHERE name = ?1 AND hash <> ?2)
           AND hash NOT IN (SELECT hash FROM pack WHERE name <> ?1)",
        params![offer.pack, offer.hash.0.as_slice()],
    )
    .step("let go of the map pack before")?;
    tx.run(
        "INSERT INTO pack (name, hash, media, size_bytes, made_ms) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (name) DO UPDATE SET hash = ?2, media = ?3, size_bytes = ?4, made_ms = ?5",
        params![offer.pack, offer.hash.0.as_slice(), offer.media, row::signed(offer.size_bytes), offer.made_ms.0],
    )
    .step("use the map pack")?;
    Ok(())
}

fn set_aside(tx: &Transaction<'_>, hash: &ChangeHash, why: &str) -> Result<(), StoreError> {
    tx.run("UPDATE offer SET aside = ?2 WHERE hash = ?1", params![hash.0.as_slice(), why])
        .step("set the file aside")?;
    Ok(())
}

/// What a file is offered as: once, or once for each name of a map pack.
fn offers_of(tx: &Transaction<'_>, hash: &ChangeHash) -> Result<Vec<Offer>, StoreError> {
    let raws: Vec<RawDownload> = tx
        .prepare_cached(&format!("{SELECT} WHERE o.hash = ?1 ORDER BY o.pack"))
        .and_then(|mut statement| statement.query_map([hash.0.as_slice()], raw)?.collect())
        .step("find the offered file")?;
    let as_offer = |raw: RawDownload| {
        let found = Download::try_from(raw)?;
        Ok(Offer {
            number: 0,
            hash: found.hash,
            size_bytes: found.size_bytes,
            kind: found.kind,
            media: found.media,
            record: found.record,
            pack: found.pack,
            made_ms: found.made_ms,
        })
    };
    raws.into_iter().map(as_offer).collect()
}

/// Not whole, and nothing speaks against fetching it.
const OPEN: &str = "o.aside = '' AND coalesce(f.whole, 0) = 0";

const fn condition(fetching: Fetching) -> &'static str {
    match fetching {
        Fetching::All => "1",
        Fetching::Needed => "(o.kind = 'thumbnail' OR o.wanted = 1)",
    }
}

const SELECT: &str = "SELECT o.hash, o.kind, o.media, o.record, o.pack, o.size_bytes, coalesce(f.held_bytes, 0),
    coalesce(f.whole, 0), o.wanted, o.made_ms, f.kept_ms FROM offer o LEFT JOIN file f ON f.hash = o.hash";

type RawDownload = (Vec<u8>, String, String, Vec<u8>, String, i64, i64, bool, bool, i64, Option<i64>);

fn raw(row: &Row<'_>) -> Result<RawDownload, rusqlite::Error> {
    row.try_into()
}

impl TryFrom<RawDownload> for Download {
    type Error = StoreError;
    fn try_from(raw: RawDownload) -> Result<Self, StoreError> {
        let (hash, kind, media, record, pack, size, held, whole, wanted, made, moved) = raw;
        Ok(Self {
            hash: row::change_hash(&hash)?,
            kind: match kind.as_str() {
                "thumbnail" => OfferKind::Thumbnail,
                "pack" => OfferKind::Pack,
                _ => OfferKind::Photograph,
            },
            media,
            record: if record.is_empty() { None } else { Some(row::record_id(&record)?) },
            pack,
            size_bytes: row::unsigned(size),
            held_bytes: row::unsigned(held),
            whole,
            wanted,
            made_ms: UtcMs(made),
            moved_ms: moved.map(UtcMs),
        })
    }
}
