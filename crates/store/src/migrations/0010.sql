-- Damage: what does not read back as it was written, kept aside and fetched again; and what became of this home.

CREATE TABLE damaged (
    -- A row of the log whose bytes are not what its hash names. The row keeps its place in `change`; nothing reads its
    -- bytes before they are found again.
    hash        BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    record      BLOB    NOT NULL,
    -- As they were found.
    bytes       BLOB    NOT NULL,
    -- Device UTC in milliseconds.
    found_ms    INTEGER NOT NULL,
    -- 'open': asked of the center. 'mended': the bytes are whole again. 'lost': written here, never sent, nobody has it.
    state       TEXT    NOT NULL CHECK (state IN ('open', 'mended', 'lost')),
    -- Answers that did not bring it.
    tries       INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE INDEX damaged_of_record ON damaged (record) WHERE state = 'open';

CREATE TABLE wanted (
    -- Changes of this log that the center lost and asked for; gone once they were given.
    hash        BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32)
) STRICT, WITHOUT ROWID;

CREATE TABLE fault (
    -- What befell this home, for the person who carries it and for the center.
    id          INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    -- A code: 'cache', 'row', 'row_lost', 'home', 'safe_start'.
    code        TEXT    NOT NULL,
    -- Device UTC in milliseconds; of several alike the newest.
    at_ms       INTEGER NOT NULL,
    -- How many: documents, changes, starts.
    count       INTEGER NOT NULL,
    -- Of a lost home: changes that were saved out of it.
    saved       INTEGER NOT NULL DEFAULT 0,
    -- 1 once the center answered a request that named it.
    told        INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1))
) STRICT;
