-- Terms: what the center has on file of this phone and what it understands; the letters of its patients; what is kept
-- until the center understands it; and which unit the phone was moved from.

-- Stamp of the newest terms; 0 while none came.
ALTER TABLE peer ADD COLUMN terms_stamp INTEGER NOT NULL DEFAULT 0;
-- The stamp the center was last told of; -1 for none.
ALTER TABLE peer ADD COLUMN terms_told INTEGER NOT NULL DEFAULT -1;
-- Kinds of entries the center knows beyond those of 0.2.0, separated by spaces.
ALTER TABLE peer ADD COLUMN kinds TEXT NOT NULL DEFAULT '';

CREATE TABLE letters (
    -- The letters this phone numbers its patients with, and how many it numbered. One row; none while it has no letters,
    -- or does not know any more how far it counted.
    id          INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    letters     TEXT    NOT NULL,
    counted     INTEGER NOT NULL
) STRICT;

CREATE TABLE kept (
    -- Entries of a kind the center does not know yet. A row leaves in the transaction that writes its entry into the record.
    number      INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    entry       BLOB    NOT NULL UNIQUE CHECK (length(entry) = 16),
    record      BLOB    NOT NULL,
    -- The record's kind, and the entry's.
    kind        TEXT    NOT NULL,
    entry_kind  TEXT    NOT NULL,
    -- JSON: the entry's fields, its clock reading and the entries it replaces.
    body        TEXT    NOT NULL,
    person      TEXT    NOT NULL,
    -- Device UTC in milliseconds.
    saved_ms    INTEGER NOT NULL
) STRICT;

CREATE INDEX kept_of_record ON kept (record);

CREATE TABLE moved (
    -- The newest move of this phone to another unit or role, until somebody has seen it. One row.
    id          INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    from_unit   TEXT    NOT NULL,
    from_role   TEXT    NOT NULL,
    -- Device UTC in milliseconds.
    at_ms       INTEGER NOT NULL
) STRICT;

-- 'kept' is a state of its own: on this phone, and not in its record yet.
CREATE TABLE delivery_new (
    -- How far what was written here got, per record: the least of its changes. No row: nothing of it was
    -- written here.
    record      BLOB    NOT NULL PRIMARY KEY,
    state       TEXT    NOT NULL CHECK (state IN ('refused', 'kept', 'saved', 'sent', 'parked', 'received')),
    at_ms       INTEGER NOT NULL,
    reason      TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO delivery_new (record, state, at_ms, reason) SELECT record, state, at_ms, reason FROM delivery;
DROP TABLE delivery;
ALTER TABLE delivery_new RENAME TO delivery;
