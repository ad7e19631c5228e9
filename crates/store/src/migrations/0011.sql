-- One file may be a map pack under several names: each name is an offer of its own, and the file is fetched once.

CREATE TABLE offer_by_name (
    -- A file the center has whole and this phone may fetch.
    hash        BLOB    NOT NULL CHECK (length(hash) = 32),
    -- The center's number of the offer; the newest is fetched first.
    number      INTEGER NOT NULL,
    size_bytes  INTEGER NOT NULL,
    kind        TEXT    NOT NULL CHECK (kind IN ('thumbnail', 'photograph', 'pack')),
    media       TEXT    NOT NULL,
    -- The record whose note names it; empty for a map pack.
    record      BLOB    NOT NULL,
    -- The name of a map pack; empty for a picture.
    pack        TEXT    NOT NULL,
    -- When the center got it, center UTC in milliseconds.
    made_ms     INTEGER NOT NULL,
    -- 1 when a person asked for it.
    wanted      INTEGER NOT NULL DEFAULT 0 CHECK (wanted IN (0, 1)),
    -- Why it is not fetched now; empty while it may be. Cleared to try again.
    aside       TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (hash, pack)
) STRICT, WITHOUT ROWID;

INSERT INTO offer_by_name (hash, number, size_bytes, kind, media, record, pack, made_ms, wanted, aside)
SELECT hash, number, size_bytes, kind, media, record, pack, made_ms, wanted, aside FROM offer;

DROP TABLE offer;
ALTER TABLE offer_by_name RENAME TO offer;

CREATE INDEX offer_of_record ON offer (record);
