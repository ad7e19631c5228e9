-- Files move into this database: they are sealed with it, and a row never stands without its bytes.

CREATE TABLE file (
    -- A photograph, thumbnail or map pack, named by its SHA-256. `held_bytes` of it are in `file_piece`, from the
    -- start and without a gap. `whole` is 1 only after the hash of all of them was found to be the name.
    hash        BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    size_bytes  INTEGER NOT NULL,
    held_bytes  INTEGER NOT NULL,
    whole       INTEGER NOT NULL CHECK (whole IN (0, 1)),
    -- Device UTC in milliseconds when a piece last came in.
    kept_ms     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE file_piece (
    -- Bytes of a file from `start` on, as they were written. Never changed; erased with their file.
    file        BLOB    NOT NULL REFERENCES file (hash) ON DELETE CASCADE,
    start       INTEGER NOT NULL,
    bytes       BLOB    NOT NULL,
    UNIQUE (file, start)
) STRICT;

CREATE TABLE original (
    -- Pictures as the camera wrote them, kept by earlier versions beside the copy that travels; erased with it.
    attachment  BLOB    NOT NULL PRIMARY KEY CHECK (length(attachment) = 32),
    file        BLOB    NOT NULL CHECK (length(file) = 32)
) STRICT, WITHOUT ROWID;

-- Which lane a file of this phone takes.
ALTER TABLE attachment ADD COLUMN kind TEXT NOT NULL DEFAULT 'photograph' CHECK (kind IN ('thumbnail', 'photograph'));
-- 1 while a piece of it left and no answer was heard: the center may hold more than it could say.
ALTER TABLE attachment ADD COLUMN begun INTEGER NOT NULL DEFAULT 0 CHECK (begun IN (0, 1));
-- Why the center does not take it now; empty while it may be sent. Cleared to try again.
ALTER TABLE attachment ADD COLUMN aside TEXT NOT NULL DEFAULT '';
-- Device UTC in milliseconds when the center confirmed the whole file by its hash; null before.
ALTER TABLE attachment ADD COLUMN received_ms INTEGER;
UPDATE attachment SET received_ms = saved_ms WHERE state = 'received';

CREATE TABLE offer (
    -- A file the center has whole and this phone may fetch.
    hash        BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
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
    aside       TEXT    NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

CREATE INDEX offer_of_record ON offer (record);

CREATE TABLE pack (
    -- The map pack in use under a name: the newest that is here whole. A newer one replaces the row, and only then
    -- the bytes of the old one go.
    name        TEXT    NOT NULL PRIMARY KEY,
    hash        BLOB    NOT NULL CHECK (length(hash) = 32),
    media       TEXT    NOT NULL,
    size_bytes  INTEGER NOT NULL,
    made_ms     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Offers up to this number were taken in.
ALTER TABLE peer ADD COLUMN files_after INTEGER NOT NULL DEFAULT 0;
